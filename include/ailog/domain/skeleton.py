"""From a message to its skeleton: the words that are the program's own, with every value replaced by one mark.

Two steps, both pure functions of the message. ``rough`` is one RE2 pass over a column that takes out whatever shows its nature
by its form (numbers, hex, addresses, paths, times) and keeps the few codes that say which fault it is; it leaves few distinct
strings. ``tokens`` works on one such string and decides word by word, by form, by vocabulary and by place in the sentence.
"""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.lexicon import (
    COMPOUNDS,
    ERROR_NAME,
    FAULT_KEYS,
    FILE_SUFFIXES,
    FUNCTION_WORDS,
    GOVERNORS,
    HOST_SUFFIXES,
    HTTP_METHODS,
    OBJECTS,
    OUTCOMES,
    PREDICATES,
    UNITS,
    is_prose,
)
from ailog.domain.template_words import VOCABULARY

VAR: Final = "\x01"
LIMIT: Final = 4_096
"""Characters of a text that are looked at (after frames are taken out)."""

_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY: Final = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_CODE_KEYS: Final = (
    "status(?:[ _-]?code)?|http[ _-]?status(?:[ _-]?code)?|http[ _-]?code|http(?: error)?|errno|win ?error|(?:os |sql |vendor |ora |error |err[ _-]?)error|"
    "(?:error|err)[ _-]?(?:code|number|no)?|code|exit(?:ed|s)?(?: with)?(?: status| code)?|return(?:ed)? code|rc|sql[ _-]?code|signal|msg|hresult"
)
ROUGH: Final = "|".join(
    [
        # Codes that tell the fault; kept as group 1, followed by the mark.
        rf'(\b(?i:{_CODE_KEYS})(?:["\']?[ ]?[=:(\[#]{{1,2}}[ ]?["\']?|[ ])(?:-?[0-9]{{1,5}}\b|0x8[0-9A-Fa-f]{{7}}\b)(?: \([0-9A-Z]{{5}}\))?'
        r'|\b(?i:sql[ _-]?state|state)["\']?[ ]?[=:(\[]{1,2}[ ]?["\']?[0-9A-Z]{5}\b'
        r"|\b(?:ORA|TNS|PLS|RMAN|DPI|DPY|AADSTS|MSB|NETSDK|WFLY\w{0,6}|JBAS|HHH|ISPN|AMQ|BEA|SQL|DB2|CPF|TS|KB|EJB|SRVE|CWW\w{2}|DSRA|SQLCODE)-?[0-9]{2,8}[A-Z]?\b"
        r'|File \\?"[^"\n\\]{1,300}\\?"|\((?:file:///?|node:|webpack:|/|[A-Z]:\\|\./)[^()\s]{1,300}?:)',
        # A status after the protocol; the version is a value. Group 2.
        r'HTTP/[0-9.]+\\?"?(?:( [1-5][0-9]{2})\b)?',
        r"\[[0-9A-Fa-f]*:[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*\](?::[0-9]+)?",
        r"[A-Za-z][A-Za-z0-9+.\-]{0,15}://[^\t\n\r \"'<>()\[\]{}|,;]+",
        r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
        r"\b(?:[0-9A-Fa-f]{2}[:\-]){5,}[0-9A-Fa-f]{2}\b",
        rf"\b(?:{_DAY},? )?{_MONTH} [0-9]{{1,2}},?(?: [0-9]{{4}})?,? [0-9:.]{{5,}}(?: ?[AP]M)?(?: [A-Z]{{3,5}})?(?: [0-9]{{4}})?",
        rf"\b(?:{_DAY},? )?[0-9]{{1,2}}[ /-]{_MONTH}[ /-][0-9]{{2,4}}(?:[ :T][0-9:.]{{5,}})?(?: ?[AP]M)?(?: [A-Z]{{3,5}}\b)?(?: [+-][0-9]{{4}})?",
        r"\b[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[T _]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?)?(?: ?(?:Z|UTC|GMT|CES?T|[+-][0-9]{2}:?[0-9]{2})\b)?Z?",
        r"(?:/+[A-Za-z0-9_.%~+\-@]+){2,}/*(?:\?[^\t\n\r \"'<>()\[\]{}|]*)?",
        r"\b(?:0[xX])?[A-Fa-f]{0,8}[0-9][0-9A-Fa-f]{3,}",
        r"[0-9]+(?:[.:,\-/][0-9]+)*",
    ]
)
_ROUGH_TO: Final = "\\1" + VAR + "\\2"


def rough(column: pa.Array) -> pa.Array:
    """One pass over a string column: values that show by form become the mark. Same length, nulls kept."""
    return pc.replace_substring_regex(column, ROUGH, _ROUGH_TO)


_HEADER: Final = re.compile(
    r"\A[\[(<]?\x01[\sTZ,.\x01:+\])>-]*(?:UTC|GMT|CES?T)?\s*(?:[\[(]?(?i:trace|debug|info|notice|warn|warning|error|err|fatal|severe|critical|crit|alert|emerg|panic)[\])]?:?)?"
    r"\s*(?:[\x01#*:]+\s+)*"
)
_SQL: Final = re.compile(
    r"(?:\b(?:SELECT|select)\s[^\n]{0,2000}?[*,=.?][^\n]{0,2000}?\b(?:FROM|from)\s|\b(?:INSERT|insert)\s+(?:INTO|into)\s|\b(?:UPDATE|update)\s+\S+\s+(?:SET|set)\s|"
    r"\b(?:DELETE|delete)\s+(?:FROM|from)\s|\b(?:MERGE INTO|merge into|CREATE TABLE|create table|ALTER TABLE|alter table|DROP TABLE|drop table|EXEC|CALL)\s)"
    r"[^\n\]]*(?:\][^\n;\]]*(?=\]))?"
)
_SQL_MARK: Final = " \x02sql "
_JSON: Final = re.compile(r"[\[{]*\{\s*\\*\"[\w@.$-]{1,60}\\*\"\s*:")
_PAIR: Final = re.compile(r"\\*\"([\w@.$-]{1,60})\\*\"\s*:\s*(?:\\*\"((?:[^\"\\]|\\[^\"]){0,400}?)\\*\"|([^\s,{}\[\]\"]{1,80}))")
_QUOTED: Final = re.compile(
    r"\"([^\"\n]{0,600})\"|(?<![A-Za-z0-9\x01])'((?:[^'\n]|'(?=[a-z]{1,2}\b)){0,600}?)'(?![A-Za-z0-9])|`([^`\n]{0,600})[`']|[“„«]([^”“»\n]{0,600})[”“»]"
)
_SPACE: Final = re.compile(r"\s+")
_TOKEN: Final = re.compile(r"\x02\w+|[^\s()\[\]{}<>,;=|!?\"'`“”„«»]+(?:'(?:t|s|re|ve|ll|d|m)\b)?|[()\[\]{}<>,;=|!?]")
_DURATION: Final = re.compile(r"[\x01.:+/%_#~^*-]*\x01[\x01.:+/%_#~^*-]*(?:[A-Za-zµμ]{1,3}(?:[/.]?s)?)?(?:\x01[A-Za-zµμ]{0,3})*\Z")
_CODE: Final = re.compile(r"[^\x01]*[0-9][^\x01]*\x01?[^\x01]*\Z")
_IDENTITY: Final = re.compile(r"((?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*)@\x01\Z")
_ERRNO: Final = re.compile(r"E[A-Z]{3,}[0-9]?\Z")
_SERVICE: Final = re.compile(r"[a-z\x01]+(?:-[a-z\x01]+)*-(?:service|svc)\Z")
_MAX_TOKENS: Final = 400


def tokens(text: str, depth: int = 0) -> list[str]:
    """The skeleton of one text that ``rough`` has been over: words, punctuation and the mark; never more than 400 tokens."""
    text = text[:LIMIT].strip()
    if depth == 0:
        text = _HEADER.sub("", text, count=1)
    text = _SQL.sub(_SQL_MARK, text) if " " in text else text
    found: list[str] = []
    at = 0
    for match in _JSON.finditer(text):
        if match.start() < at:
            continue
        end = _closing(text, match.start())
        found += _sentence(text[at : match.start()]) + _payload(text[match.start() : end], depth)
        at = end
    found += _sentence(text[at:])
    return _fold(found)[:_MAX_TOKENS]


def _closing(text: str, start: int) -> int:
    """Where the bracket at ``start`` closes; the end of the text if it does not."""
    depth = 0
    for match in re.compile(r"[\[{\]}]").finditer(text, start):
        depth += 1 if match.group() in "[{" else -1
        if depth <= 0:
            return match.end()
    return len(text)


def _payload(text: str, depth: int) -> list[str]:
    """Of an embedded JSON only the keys that tell the fault count, in order of their names."""
    told = {}
    for match in _PAIR.finditer(text):
        key, quoted, bare = match.group(1).lower(), match.group(2), match.group(3)
        value = quoted if quoted is not None else bare
        if key in FAULT_KEYS and value and key not in told and value != VAR:
            words = [_mark_code(value)] if re.fullmatch(r"[0-9]{1,5}\x01?", value) else tokens(value, depth + 1) if depth < 2 else [VAR]
            if words != [VAR]:
                told[key] = words
    inner = [token for key in sorted(told) for token in (key, ":", *told[key])]
    return ["{", *inner, "}"] if inner else [VAR]


def _mark_code(text: str) -> str:
    return text.replace(VAR, "")


def _sentence(text: str) -> list[str]:
    raw: list[str] = []
    at = 0
    for match in _QUOTED.finditer(text):
        raw += _TOKEN.findall(text[at : match.start()])
        content = next((g for g in match.groups() if g is not None), "")
        if _is_sentence(content):
            raw += _TOKEN.findall(content)
        else:
            raw.append("\x03")
        at = match.end()
    raw += _TOKEN.findall(text[at:])
    raw = raw[: 3 * _MAX_TOKENS]
    plain = [t for t in raw if len(t) > 2 and t.isalpha() and t.islower()]
    foreign = len(plain) >= 3 and 2 * sum(t in VOCABULARY for t in plain) < len(plain)
    return _in_context([_classify(t, foreign=foreign) for t in raw])


def _is_sentence(text: str) -> bool:
    """Whether quoted text is prose that says something, not a name: four words or more, most of them of the vocabulary."""
    words = _TOKEN.findall(text)
    return len(words) >= 4 and 2 * sum(w.lower() in VOCABULARY for w in words) > len(words)


def _classify(chunk: str, *, foreign: bool) -> str:
    """One chunk by its form and the vocabulary: itself, shortened to its telling part, or the mark (a leading \\x04 says: quoted)."""
    if chunk == "\x03":
        return VAR
    if chunk[0] == "\x02" or (len(chunk) == 1 and not chunk.isalnum()):
        return chunk
    body = chunk.rstrip(".:*…")
    tail = chunk[len(body) :]
    if not body:
        return tail[0]
    if body.endswith("'s") and len(body) > 3:
        body = body[:-2]
    word = _word(body.lstrip("#*&$%~^:+-•").rstrip("-/\\") or body, foreign=foreign)
    return word + (":" if ":" in tail else "")


def _word(body: str, *, foreign: bool) -> str:  # noqa: C901, PLR0911, PLR0912 - one decision list, read from the top
    if "**" in body:
        return VAR
    if VAR in body:
        if any(c.isdigit() for c in body) and _CODE.match(body) and "/" not in body[:1]:
            return _mark_code(body)
        if identity := _IDENTITY.match(body):
            return identity.group(1).rsplit(".", 1)[-1] + "@" + VAR
        if ERROR_NAME.match(body.rsplit(".", 1)[-1]) and body[0] != VAR:
            return body.rsplit(".", 1)[-1].replace(VAR, "#")
        if _SERVICE.match(body):
            return body.replace(VAR, "#")
        return VAR
    if any(c.isdigit() for c in body):
        return body
    if "://" in body or "\\" in body or "@" in body or body[0] in "/~" or body.startswith("./") or body.count("/") >= 2:
        return VAR
    if "/" in body:
        return body if all(is_prose(p) for p in body.split("/") if p) else VAR
    if ":" in body:
        parts = [p for p in body.split(":") if p]
        words = [_word(p, foreign=foreign) for p in parts]
        return VAR if all(w == VAR for w in words) else ":".join(words)
    if "." in body:
        return _dotted(body)
    if not any(c.isalpha() for c in body):
        return body[0]
    return _plain(body, foreign=foreign)


def _dotted(body: str) -> str:
    labels = [p for p in body.split(".") if p]
    last = labels[-1]
    bare = re.split(r"[$+]", last)[-1] or last
    if ERROR_NAME.match(bare):
        return bare
    if last.lower() in HOST_SUFFIXES or last.lower() in FILE_SUFFIXES:
        return VAR
    if last[:1].isupper() and last[1:2].islower() and all(p.islower() for p in labels[:-1]):
        return bare
    return body if all(is_prose(p) for p in labels) else VAR


def _plain(body: str, *, foreign: bool) -> str:
    if is_prose(body):
        return body
    if ERROR_NAME.match(body) or _ERRNO.match(body) or _SERVICE.match(body):
        return re.split(r"[$+]", body)[-1]
    if body.isupper() and body.isalpha() and len(body) <= 16:
        return body
    if foreign and (body.isalpha() or "'" in body):
        return body
    return VAR


def _in_context(items: list[str]) -> list[str]:
    """Decides by place: values of keys, names after their kind, tags in brackets, units and methods beside values."""
    out: list[str] = []
    count = len(items)
    for i, item in enumerate(items):
        before = out[-1] if out else ""
        after = items[i + 1] if i + 1 < count else ""
        if item[0] == VAR or not item[0].isalpha():
            out.append(item)
            continue
        word = item.rstrip(":")
        lower = word.lower()
        if before == VAR and lower in UNITS and item == word:
            continue
        if before == VAR and lower.endswith("(s") and lower[:-2] in UNITS:
            continue
        if word in HTTP_METHODS and after[:1] == VAR:
            out.append(VAR)
        elif before == "=" and len(out) > 1:
            out.append(item if _tells(out[-2]) or ERROR_NAME.match(word) else VAR)
        elif _is_name(lower, word, before.lower(), out[-2].lower() if len(out) > 1 else "", after):
            out.append(VAR + item[len(word) :] if item != word else VAR)
        else:
            out.append(item)
    return [part for item in out for part in ((VAR, ":") if item == VAR + ":" else (item,))]


def _tells(key: str) -> bool:
    lower = re.split(r"[.:]", key.lower().rstrip(":"))[-1]
    return lower in FAULT_KEYS or lower.endswith(("_code", "_status", "code", "status", "state", "reason", "error"))


def _is_name(lower: str, word: str, before: str, earlier: str, after: str) -> bool:
    """Whether a word that could be prose is a name because of where it stands."""
    if (
        before not in OBJECTS
        or lower in FUNCTION_WORDS
        or lower in OUTCOMES
        or lower in COMPOUNDS
        or lower in PREDICATES
        or ERROR_NAME.match(word)
    ):
        return False
    ends = after in {"", ".", ",", ";", ")", "]", "(", ":"} or after.rstrip(":") in PREDICATES
    return ends and (earlier in GOVERNORS or after in PREDICATES) and lower not in OBJECTS


_OPEN: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}


def _fold(items: list[str]) -> list[str]:
    """Joins lists of values and repeated clauses, so that the number of members does not count."""
    out: list[str] = []
    for item in items:
        out.append(item)
        while _shrink(out):
            pass
    return _unrepeat(out)


def _shrink(out: list[str]) -> bool:
    """One reduction at the end of ``out``: brackets around values only, and values joined by punctuation, are one value."""
    if len(out) >= 3 and out[-1] in ")]}>" and out[-2] == VAR and _OPEN.get(out[-3]) == out[-1]:
        del out[-3:]
        out.append(VAR)
        return True
    if len(out) >= 2 and out[-1] == VAR and out[-2] == VAR:
        out.pop()
        return True
    if len(out) >= 3 and out[-1] == VAR and out[-3] == VAR and out[-2] in {",", ";", "-", ":", "|", "/", ".", "=", "+"}:
        del out[-2:]
        return True
    return False


def _unrepeat(items: list[str]) -> list[str]:
    """Drops a clause that repeats the one before it word for word (``x was using N; y was using N``), once values are gone."""
    out: list[str] = []
    for item in items:
        out.append(item)
        for size in range(1, min(24, len(out) // 2) + 1):
            if (
                out[-size:] == out[-2 * size : -size]
                and (size > 1 or out[-1] == VAR)
                and any(t[0].isalpha() or t == VAR for t in out[-size:])
            ):
                del out[-size:]
                break
    return out


def render(items: list[str]) -> str:
    """The skeleton as a text for people: values are ``<*>``."""
    text = " ".join("<*>" if t == VAR else "<sql>" if t == "\x02sql" else t.replace(VAR, "<*>") for t in items)
    text = re.sub(r" ([,;:.)\]}!?])", r"\1", text)
    return re.sub(r"([(\[{]) ", r"\1", text)
