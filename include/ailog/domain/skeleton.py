"""From a message to its skeleton: the words that are the program's own, with every value replaced by one mark.

Two steps, both pure functions of the message. ``rough`` is one RE2 pass over a column that takes out whatever shows its nature
by its form (numbers, hex, addresses, paths, times) and keeps the few codes that say which fault it is; it leaves few distinct
strings. ``tokens`` works on one such string and decides word by word, by form, by vocabulary and by place in the sentence.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ailog.domain.lexicon import (
    DATA_KEYS,
    ERRNO,
    ERROR_NAME,
    FAULT_KEYS,
    NAMELIKE,
    OBJECTS,
    OUTCOMES,
    PREDICATES,
    PREPOSITIONS,
    is_prose,
    is_word,
)
from ailog.domain.template_access import access_record
from ailog.domain.template_context import FINE, fold, settle
from ailog.domain.template_names import tells_fault
from ailog.domain.template_print import closing, without_prints
from ailog.domain.template_rough import VAR
from ailog.domain.template_structure import SQL_MARK, keys_of, without_statement, without_structure

LIMIT: Final = 4_096
"""Characters of a text that are looked at (after frames are taken out)."""

_LEVEL: Final = (
    r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|SEVERE|CRITICAL|CRIT|ALERT|EMERG|PANIC"
    r"|(?<=[\[(|])(?:trace|debug|info|notice|warn|warning|error|err|fatal|crit|critical|alert|emerg))\b"
)
_HEADER: Final = re.compile(
    rf"\A[\[(<]?\x01[\sTZ,.\x01:+\])>-]*(?:UTC|GMT|CES?T)?\s*(?:\[[^\]\n]{{0,80}}\]\s*){{0,2}}[\[(|]?{_LEVEL}[\])"
    rf"|]?:?\s*(?:[\x01#*:]+\s+)*(?:-{{2,3}}\s+)?(?:\[[^\]\n]{{0,80}}\]\s+)?"
)
"""What a logging framework writes before the message: time, level, process, thread."""
_TAG: Final = re.compile(r"(?:\A|(?<=\s))[A-Za-z][\w./-]{0,60}\[\x01\]:")
_METHOD: Final = re.compile(r"\A[a-z]+(?:[A-Z][a-z]+)+(?![\w.$-])")
"""A method's name that a message begins with."""
_TAGS: Final = re.compile(r"\A(?:\[[a-z]+(?:[A-Z][a-z]*)+\])+")
_SETTING: Final = re.compile(r"\A[a-z][A-Za-z]*(?:\.[A-Za-z][\w-]*){0,8}(?= (?:set to|is deprecated)\b)")
"""A setting that a message begins with."""
_SQL: Final = re.compile(
    r"(?:\bSELECT\s[^\n]{0,2000}?\bFROM\s|\bselect\s(?=[^\n]{0,300}?(?:[*,=.?]| where ))[^\n]{0,2000}?\bfrom\s|\b(?:INSERT"
    r"|insert)\s+(?:INTO|into)\s|\b(?:UPDATE|update)\s+\S+\s+(?:SET|set)\s|"
    r"\b(?:DELETE|delete)\s+(?:FROM|from)\s|\b(?:MERGE INTO|merge into|CREATE TABLE|create table|ALTER TABLE|alter table"
    r"|DROP TABLE|drop table|EXEC|CALL)\s)"
    r"[^\n\]]*?(?=\]|;\s|\n|\Z| was | failed\b|: ERROR\b|: [A-Z][a-z]+ |: [a-z]+ [a-z]+ )"
)
"""A statement up to the end of its line or bracket, or to where the sentence around it goes on."""
_QUOTE: Final = "\x03"
_JSON: Final = re.compile(
    r"[\[{]*\{\s*(?:\\*[\"'][\w@.$-]{1,60}\\*[\"']\s*:|[A-Za-z_$][\w$]{0,60}:\s"
    r"|[A-Za-z_]\w{0,60}:[^\s{}]* [A-Za-z_]\w{0,60}:)|\bmap\[(?=[\w./-]+:)"
)
_PAIR: Final = re.compile(
    r"\\*[\"']?(?<![\w@.$-])([\w@.$-]{1,60})\\*[\"']?\s*:\s*"
    r"(?:\\*\"((?:[^\"\\]|\\[^\"]){0,400}?)\\*\"|'([^'\n]{0,400})'|([^\s,{}\[\]\"']{1,80}))"
)
"""Key and value of an embedded JSON, escaped or not."""
_CODE_WORD: Final = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)+|[A-Z]{2,30}")
_STATUS: Final = re.compile("[45][0-9]{2}")
_IDLE: Final = frozenset({"error", "errors", "failure", "failed", "fault", "exception", "an", "the", "occurred", "rejected"})
"""Words that say no more than that something is wrong."""
_RESTATED: Final = {
    "400": ("bad", "request", "invalid"),
    "401": ("unauthorized", "unauthenticated"),
    "403": ("forbidden", "denied", "access"),
    "404": ("not", "found", "missing"),
    "409": ("conflict",),
    "429": ("too", "many", "requests", "throttled"),
    "500": ("internal", "server"),
    "502": ("bad", "gateway"),
    "503": ("service", "unavailable"),
    "504": ("gateway", "timeout"),
}
"""A status of HTTP in words."""
_CODE_KEYS: Final = frozenset({"code", "error", "error_code", "errorcode"})
_QUOTED: Final = re.compile(
    r"\"([^\"\n]{0,600})\"|(?<![A-Za-z0-9\x01])'((?:[^'\n]|'(?=[a-z]{1,2}\b)|(?<=[A-Za-z])'(?=[A-Z][a-z])){0,600}?)'(?![A-Za-z0-9])|`([^`\n]{0,600})[`']"
    r"|[“„«]([^”“»\n]{0,600})[”“»]"
)
_XML: Final = re.compile(r"<\?xml[^>]*>|<!DOCTYPE[^>]*>|<([A-Za-z][\w:.-]*)(?:\s[^<>]*)?>(?=.*</\1>)", re.DOTALL)
_LEAF: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)(?:\s[^<>]*)?>([^<>]*)</")
_KIND_MARK: Final = "\x04"
_KIND: Final = re.compile(r"(?>[A-Z]|\w*?[a-z][A-Z])(?>\w*?[a-z])\w*(?:Error|Exception)\Z")
_TELLING_NOUNS: Final = frozenset({"result", "reason", "status", "state"})
_DENIALS: Final = frozenset({"not", "no", "be", "been", "unable", "could", "denied", "please", "without"})
_TOKEN: Final = re.compile(r"\x02\w+|\x03|[-=]>|[^\s\x03()\[\]{}<>,;=|!?\"'`“”„«»]+(?:'(?:t|s|re|ve|ll|d|m)\b)?|[()\[\]{}<>,;=|!?]")
_DURATION: Final = re.compile(r"[.:+/%_#~^*-]*\x01[\x01.:+/%_#~^*-]*+(?:[A-Za-zµμ]{1,3}(?:[/.]?s)?)?(?:\x01[A-Za-zµμ]{0,3})*\Z")
_CODE: Final = re.compile(r"[^\x01]*[0-9][^\x01]*\x01?[^\x01]*\Z")
_IDENTITY: Final = re.compile(r"((?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*)@\x01\Z")
_ENUM: Final = re.compile(r"[A-Z]{2,20}(?:_[A-Z]{1,20}){1,6}\Z")
_SERVICE: Final = re.compile(r"[a-z\x01]+(?:-[a-z\x01]+)*-(?:service|svc)\Z")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OF_ERRORS: Final = frozenset({"exceptions", "exception", "errors", "error", "err", "exc", "fault", "faults", "errorfactory"})
"""Modules that hold classes of errors, whatever their names end in (``google.api_core.exceptions.NotFound``)."""
_CLASS: Final = re.compile(r"[A-Z]\w*[a-z]\w*\Z")
_NAME: Final = re.compile(r"[A-Z][\w.'-]*\Z")
_MAX_SAID: Final = 60
_LONGEST: Final = 200
"""Characters of a word; what is longer is a value."""
_MAX_TOKENS: Final = 400


def tokens(text: str, depth: int = 0) -> list[str]:
    """The skeleton of one text that ``rough`` has been over: words, punctuation and the mark; never more than 400 tokens."""
    text = text[:LIMIT].strip()
    if depth == 0:
        text = _HEADER.sub("", text, count=1)
    text = without_prints(without_structure(text))
    if depth == 0:
        text = _TAG.sub(VAR + ":", text)
        if (setting := _SETTING.match(text)) is not None:
            return [setting.group(), *settle(_body(text[setting.end() :], depth))][:_MAX_TOKENS]
        tags = _TAGS.match(text) or _METHOD.match(text)
        if tags and is_word(re.split("[A-Z]", tags.group().lstrip("["), maxsplit=1)[0]):
            return settle([*_TOKEN.findall(tags.group()), *_body(text[tags.end() :], depth)])[:_MAX_TOKENS]
        if record := access_record(text):
            before, method, rest = record
            return fold([*settle(_body(before, depth)), method, VAR, *settle(_body(rest, depth))])[:_MAX_TOKENS]
    found = settle(_body(text, depth))
    if depth == 0 and not any(t[0].isalpha() for t in found):
        # Not one word is known: better the words as they are than everything in one bucket.
        bare = fold([_classify(t, foreign=True) for t in _TOKEN.findall(_QUOTED.sub(f" {_QUOTE} ", text))])
        found = bare if sum(t[0].isalpha() for t in bare) > 1 else keys_of(text) or found
    return found[:_MAX_TOKENS]


def _body(text: str, depth: int) -> list[str]:
    text = without_statement(_SQL.sub(SQL_MARK, text)) if " " in text else text
    if "</" in text and (tag := _XML.search(text)):
        end = text.rfind(">") + 1
        return _sentence(text[: tag.start()]) + _told(_LEAF.findall(text[tag.start() : end]), depth) + _sentence(text[end:])
    parts: list[list[str]] = []
    payloads: list[str] = []
    at = 0
    for match in _JSON.finditer(text):
        if match.start() < at:
            continue
        end = closing(text, match.start())
        parts.append(_sentence(text[at : match.start()]))
        payloads.append(text[match.start() : end])
        at = end
    parts.append(_sentence(text[at:]))
    words = {word.rstrip(":").lower() for part in parts for word in part} if payloads else set()
    statuses = [word for word in words if _STATUS.fullmatch(word)]
    said = bool(statuses) or not words.isdisjoint(OUTCOMES)
    idle = _IDLE.union(*(_RESTATED.get(status, ()) for status in statuses))
    found = parts[0]
    for payload, part in zip(payloads, parts[1:], strict=True):
        found = found + _payload(payload, depth, idle if said else None) + part
    return found


def _payload(text: str, depth: int, idle: frozenset[str] | None) -> list[str]:
    """Of an embedded JSON only the keys that tell the fault count, in order of their names.

    Where the sentence around it has said what is wrong (``idle`` is not None), the state or kind of a thing (``{"state": "closed"}``) is
    data, and a value all of whose words are ``idle`` says nothing more.
    """
    pairs = [(m.group(1), next((g for g in m.groups()[1:] if g is not None), "")) for m in _PAIR.finditer(text)]
    if idle is not None:
        pairs = [
            (key, value)
            for key, value in pairs
            if value[:1].isdigit()
            or not (key.lower().rsplit(".", 1)[-1] in DATA_KEYS or idle.issuperset(part.lower() for part in _WORDS.findall(value)))
        ]
    told = _told(pairs, depth)
    if told != [VAR]:
        return told
    said = {content for m in _QUOTED.finditer(text) if (content := next((g for g in m.groups() if g), "")).count(" ") > 2}
    inner = [token for content in sorted(said) if _is_sentence(content, after="", key="") for token in _sentence_tokens(content)]
    return ["{", *(_classify(t, foreign=False) for t in inner[:_MAX_SAID]), "}"] if inner else [VAR]


def _told(pairs: list[tuple[str, str]], depth: int) -> list[str]:
    told: dict[str, list[str]] = {}
    for name, value in pairs:
        key = name.lower()
        if value and key not in told and value != VAR and value.rstrip(VAR) not in FINE and _tells(key, value):
            if re.fullmatch(r"[0-9]{1,5}\x01?", value):
                words = [_mark_code(value)]
            elif key.rsplit(".", 1)[-1] in _CODE_KEYS and _CODE_WORD.fullmatch(value):
                words = [value]
            else:
                words = tokens(value, depth + 1) if depth < 2 else [VAR]
            if words != [VAR]:
                told[key] = words
    inner = [token for key in sorted(told) for token in (key, ":", *told[key])]
    return ["{", *inner, "}"] if inner else [VAR]


def _tells(key: str, value: str) -> bool:
    last = key.rsplit(".", 1)[-1]
    return tells_fault(last) and ((last in FAULT_KEYS and last not in DATA_KEYS) or _speaks(value))


def _speaks(value: str) -> bool:
    """Whether the value of a payload's key speaks of a fault: a code, an outcome, the name of an error."""
    if re.fullmatch(r"[0-9]{3,5}\x01?", value):
        return True
    return any(part.lower() in OUTCOMES or part.lower() in {"not", "no"} for part in _WORDS.findall(value))


def _mark_code(text: str) -> str:
    return text.replace(VAR, "")


def _sentence(text: str) -> list[str]:
    raw: list[str] = []
    at = 0
    for match in _QUOTED.finditer(text):
        raw += _TOKEN.findall(text[at : match.start()])
        content = next((g for g in match.groups() if g is not None), "")
        if _is_sentence(content, after=raw[-1] if raw else "", key=raw[-2] if len(raw) > 1 else ""):
            raw += _sentence_tokens(content)
        else:
            if raw and " " not in content and len(raw[-1]) > 4 and raw[-1].isalpha() and raw[-1].islower():
                raw[-1] = _KIND_MARK + raw[-1]  # the word before a quoted name says what it is the name of
            raw.append(_QUOTE)
        at = match.end()
    raw += _TOKEN.findall(text[at:])
    raw = _fuse(raw[: 3 * _MAX_TOKENS])
    plain = [t for t in raw if len(t) > 2 and t.isalpha() and t[1:].islower()]
    known = sum(is_word(t.lower()) for t in plain)
    foreign = (len(plain) >= 3 and 5 * known < 2 * len(plain)) or (len(plain) == 2 and known == 0)
    return [part for t in raw for part in _split_colon(_classify(t, foreign=foreign))]


def _fuse(raw: list[str]) -> list[str]:
    """Two capitalised words or more where a name stands (``country United Kingdom``) are one value."""
    out: list[str] = []
    i = 0
    while i < len(raw):
        end = i
        while end < len(raw) and end - i < 5 and _NAME.match(raw[end]) and not _is_constant(raw[end]):
            end += 1
        before = out[-1].lower() if out else ""
        if end - i > 1 and (before in OBJECTS or (before in PREPOSITIONS and not all(is_prose(w.rstrip(".")) for w in raw[i:end]))):
            out.append(VAR)
            i = end
        else:
            out.append(raw[i])
            i += 1
    return out


def _is_constant(word: str) -> bool:
    lower = word.lower()
    return lower in OUTCOMES or lower in PREPOSITIONS or lower in PREDICATES or ERROR_NAME.match(word) is not None


def _sentence_tokens(text: str) -> list[str]:
    return _TOKEN.findall(_QUOTED.sub(f" {_QUOTE} ", text))


def _is_sentence(text: str, *, after: str, key: str) -> bool:
    """Whether quoted text says something and is not a name: prose of four words or more, an outcome, the value of a telling key."""
    words = _TOKEN.findall(text)
    if not words or len(words) == 1:
        word = text.strip()
        name = key if after in {":", "="} else after.rstrip(":=")
        told = (after.endswith((":", "=")) and tells_fault(name) and not _KIND.match(name)) or after.lower() in _TELLING_NOUNS
        return bool(word) and (
            bool(re.fullmatch("[0-9]{1,5}\x01?", word))
            or bool(ERRNO.match(word))
            or bool(ERROR_NAME.match(word))
            or (told and is_prose(word))
            or (after.lower() == "to" and key.lower() == "due" and bool(_ENUM.match(word)))
        )
    words = [w for w in words if w[0].isalpha()]
    known = sum(is_prose(w) for w in words)
    if any(ERRNO.match(w) or ERROR_NAME.match(w) for w in words):
        return True
    if len(words) >= 4 or (len(words) == 3 and any(w.lower() in OUTCOMES for w in words)):
        return 2 * known > len(words) and any(w.lower() in OUTCOMES or w.lower() in PREDICATES or w.lower() in _DENIALS for w in words)
    if after.endswith((":", "=")) and tells_fault(key if after in {":", "="} else after):
        return known > 0
    return known == len(words) and any(w.lower() in OUTCOMES for w in words)


def _split_colon(item: str) -> tuple[str, ...]:
    return (VAR, ":") if item == VAR + ":" else (item,)


@lru_cache(maxsize=65_536)
def _classify(chunk: str, *, foreign: bool) -> str:
    r"""One chunk by its form and the vocabulary: itself, shortened to its telling part, or the mark (a leading \\x04 says: quoted)."""
    if chunk == _QUOTE or len(chunk) > _LONGEST:
        return VAR
    if chunk[0] == _KIND_MARK:
        return chunk[1:] or VAR
    if chunk == "/" or (chunk[-1] == "/" and len(chunk) > 2):
        return VAR
    if chunk[0] == "\x02" or (len(chunk) == 1 and not chunk.isalnum()):
        return chunk
    body = chunk.rstrip(".:*…")
    tail = chunk[len(body) :]
    if not body:
        return tail[0]
    if body.endswith("'s") and len(body) > 3:
        body = body[:-2]
    word = _word(body.lstrip("#*&%~^:+-•").rstrip("-/\\") or body, foreign=foreign)
    return word + (":" if ":" in tail else "")


def _word(body: str, *, foreign: bool) -> str:  # noqa: C901, PLR0911, PLR0912 - one decision list, read from the top
    if "**" in body or (body[0] == "$" and len(body) > 1):
        return VAR
    if VAR in body:
        if any(c.isdigit() for c in body) and _CODE.match(body) and "/" not in body[:1]:
            return _mark_code(body)
        if _IDENTITY.match(body):
            return VAR
        if ERROR_NAME.match(body.rsplit(".", 1)[-1]) and body[0] != VAR:
            return body.rsplit(".", 1)[-1].replace(VAR, "#")
        if _SERVICE.match(body):
            return body.replace(VAR, "#")
        return VAR
    if any(c.isdigit() for c in body):
        return body
    if "://" in body or "\\" in body or "@" in body or (body[0] in "/~" and len(body) > 1) or body.startswith("./") or body.count("/") >= 2:
        return VAR
    if "/" in body:
        if body.lower() == "i/o":
            return body
        return body if all(is_prose(p) and p not in NAMELIKE for p in body.split("/") if p) else VAR
    if "::" in body:
        last = body.rsplit("::", 1)[-1]
        return last if ERROR_NAME.match(last) or is_prose(last) else VAR
    if ":" in body:
        parts = [p for p in body.split(":") if p]
        last = parts[-1].rsplit(".", 1)[-1]
        if len(parts) == 2 and _ENUM.match(last) and tells_fault(parts[0]):
            return f"{parts[0]}:{last}"
        words = [_word(p, foreign=foreign) for p in parts]
        lost = words[-1] == VAR or (VAR in words and words[-1].lower() not in OUTCOMES and not tells_fault(parts[0]))
        return VAR if lost else ":".join(words)
    if "." in body:
        return _dotted(body)
    if not any(c.isalpha() for c in body):
        return VAR if body == "/" else body[0]
    return _plain(body, foreign=foreign)


def _dotted(body: str) -> str:
    labels = [p for p in body.split(".") if p]
    last = labels[-1] if labels else ""
    outer, *inner = re.split(r"[$+]", last)
    bare = inner[-1] if inner and inner[-1] else last
    if ERROR_NAME.match(bare) or ERRNO.match(bare):
        return bare
    if len(labels) > 1 and bare.isupper() and tells_fault(labels[-2]):
        return bare
    if inner and ERROR_NAME.match(outer) and bare.isalpha():
        return last  # Spring and Feign keep one class a status inside their exception
    return bare if not _OF_ERRORS.isdisjoint(labels[:-1]) and _CLASS.match(bare) else VAR


def _plain(body: str, *, foreign: bool) -> str:
    if is_prose(body):
        return body
    if ERROR_NAME.match(body) or ERRNO.match(body) or _SERVICE.match(body):
        return re.split(r"[$+]", body)[-1]
    if (body.isupper() and body.isalpha() and len(body) <= 16) or _ENUM.match(body):
        return body
    if foreign and (body.isalpha() or "'" in body):
        return body
    return VAR


def render(items: list[str]) -> str:
    """The skeleton as a text for people: values are ``<*>``."""
    text = " ".join("<*>" if t == VAR else "<sql>" if t == "\x02sql" else t.replace(VAR, "<*>") for t in items)
    text = re.sub(r" ([,;:.)\]}!?])", r"\1", text)
    return re.sub(r"([(\[{]) ", r"\1", text)
