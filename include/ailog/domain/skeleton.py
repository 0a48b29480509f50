"""From a message to its skeleton: the words that are the program's own, with every value replaced by one mark.

Two steps, both pure functions of the message. ``rough`` is one RE2 pass over a column that takes out whatever shows its nature
by its form (numbers, hex, addresses, paths, times) and keeps the few codes that say which fault it is; it leaves few distinct
strings. ``tokens`` works on one such string and decides word by word, by form, by vocabulary and by place in the sentence.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from ailog.domain.lexicon import (
    DATA_KEYS,
    ERRNO,
    ERROR_NAME,
    FAULT_KEYS,
    OBJECTS,
    OUTCOMES,
    PREDICATES,
    PREPOSITIONS,
    is_prose,
    is_word,
)
from ailog.domain.template_access import access_record
from ailog.domain.template_chunk import ENUM, FAMILIAR, FOREIGN, KIND_MARK, QUOTE, mark_code
from ailog.domain.template_context import FINE, fold, settle
from ailog.domain.template_judge import parted
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
_CLAUSES: Final = r"(?:FROM|WHERE|ORDER BY|GROUP BY|LEFT|INNER|VALUES|SET|LIMIT|OFFSET|OUTPUT)\b"
"""What the further lines of a statement begin with."""
_SQL: Final = re.compile(
    r"(?:\bSELECT\s[^\n]{0,2000}?(?:\n\s*)?\bFROM\s|\bselect\s(?=[^\n]{0,300}?(?:[*,=.?]| where ))[^\n]{0,2000}?\bfrom\s|\b(?:INSERT"
    r"|insert)\s+(?:INTO|into)\s|\b(?:UPDATE|update)\s+\S+\s+(?:SET|set)\s|"
    r"\b(?:DELETE|delete)\s+(?:FROM|from)\s|\b(?:MERGE INTO|merge into|CREATE TABLE|create table|ALTER TABLE|alter table"
    r"|DROP TABLE|drop table|EXEC|CALL)\s)"
    rf"(?:[^\n\[\]]|\[[^\[\]\n]{{0,80}}\]|\n\s{{0,40}}(?={_CLAUSES}))*?"
    rf"(?=\]|;\s|\n(?!\s{{0,40}}{_CLAUSES})|\Z| was | failed\b|: ERROR\b|: [A-Z][a-z]+ |: [a-z]+ [a-z]+ )"
)
"""A statement up to the end of its last line or its bracket, or to where the sentence around it goes on."""
_VERBS: Final = tuple("SELECT select INSERT insert UPDATE update DELETE delete MERGE merge TABLE table EXEC CALL".split())
"""One of these stands in every statement."""
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
_QUOTES: Final = "\"'`“„«"
_XML: Final = re.compile(r"<\?xml[^>]*>|<!DOCTYPE[^>]*>|<([A-Za-z][\w:.-]*)(?:\s[^<>]*)?>(?=.*</\1>)", re.DOTALL)
_LEAF: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)(?:\s[^<>]*)?>([^<>]*)</")
_KIND: Final = re.compile(r"(?>[A-Z]|\w*?[a-z][A-Z])(?>\w*?[a-z])\w*(?:Error|Exception)\Z")
_TELLING_NOUNS: Final = frozenset({"result", "reason", "status", "state"})
_DENIALS: Final = frozenset({"not", "no", "be", "been", "unable", "could", "denied", "please", "without"})
_TOKEN: Final = re.compile(r"\x02\w+|\x03|[-=]>|[^\s\x03()\[\]{}<>,;=|!?\"'`“”„«»]+(?:'(?:t|s|re|ve|ll|d|m)\b)?|[()\[\]{}<>,;=|!?]")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_NAME: Final = re.compile(r"[A-Z][\w.'-]*\Z")
_CODE_KEY: Final = re.compile("(?i)(?:code|reason|error)\\Z")
_DOTTED_CODE: Final = re.compile(r"[A-Z][A-Za-z]{1,40}(?:\.[A-Z][A-Za-z]{1,40}){0,3}\Z")
_KEPT: Final = re.compile("[0-9]{1,5}\x01?")
_MAX_SAID: Final = 60
_MAX_TOKENS: Final = 400


def tokens(text: str, depth: int = 0) -> list[str]:
    """The skeleton of one text that ``rough`` has been over: words, punctuation and the mark; never more than 400 tokens."""
    text = text[:LIMIT].strip()
    if depth == 0:
        header = _HEADER.match(text)
        text = text[header.end() :] if header else text
    text = without_prints(without_structure(text))
    if depth == 0:
        text = _TAG.sub(VAR + ":", text) if f"[{VAR}]:" in text else text
        setting = _SETTING.match(text) if " set to" in text or " is deprecated" in text else None
        if setting is not None:
            return [setting.group(), *settle(_body(text[setting.end() :], depth))][:_MAX_TOKENS]
        tags = _TAGS.match(text) or _METHOD.match(text)
        if tags and not tells_fault(tags.group()) and is_word(re.split("[A-Z]", tags.group().lstrip("["), maxsplit=1)[0]):
            return settle([*_TOKEN.findall(tags.group()), *_body(text[tags.end() :], depth)])[:_MAX_TOKENS]
        if record := access_record(text):
            before, method, rest = record
            return fold([*settle(_body(before, depth)), method, VAR, *settle(_body(rest, depth))])[:_MAX_TOKENS]
    found = settle(_body(text, depth))
    if depth == 0 and not any(t[0].isalpha() for t in found):
        # Not one word is known: better the words as they are than everything in one bucket.
        bare = fold([FOREIGN[t] for t in _TOKEN.findall(_QUOTED.sub(f" {QUOTE} ", text))])
        found = bare if sum(t[0].isalpha() for t in bare) > 1 else keys_of(text) or found
    return found[:_MAX_TOKENS]


def _body(text: str, depth: int) -> list[str]:
    if any(map(text.__contains__, _VERBS)):
        text = _SQL.sub(SQL_MARK, text) if " " in text else text
    text = without_statement(text) if " " in text else text
    if "</" in text and (tag := _XML.search(text)):
        end = text.rfind(">") + 1
        return _sentence(text[: tag.start()]) + _told(_LEAF.findall(text[tag.start() : end]), depth) + _sentence(text[end:])
    parts: list[list[str]] = []
    payloads: list[str] = []
    at = 0
    for match in _JSON.finditer(text) if "{" in text or "map[" in text else ():
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
    return ["{", *(FAMILIAR[t] for t in inner[:_MAX_SAID]), "}"] if inner else [VAR]


def _told(pairs: list[tuple[str, str]], depth: int) -> list[str]:
    told: dict[str, list[str]] = {}
    for name, value in pairs:
        key = name.lower()
        if value and key not in told and value != VAR and value.rstrip(VAR) not in FINE and _tells(key, value):
            if re.fullmatch(r"[0-9]{1,5}\x01?", value):
                words = [mark_code(value)]
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


def _sentence(text: str) -> list[str]:
    raw: list[str] = []
    at = 0
    text = text.replace('\\"', "'")
    for match in _QUOTED.finditer(text) if any(map(text.__contains__, _QUOTES)) else ():
        raw += _TOKEN.findall(text[at : match.start()])
        content = next((g for g in match.groups() if g is not None), "")
        if _is_sentence(content, after=raw[-1] if raw else "", key=raw[-2] if len(raw) > 1 else ""):
            raw += _sentence_tokens(content)
        else:
            if raw and " " not in content and len(raw[-1]) > 4 and raw[-1].isalpha() and raw[-1].islower():
                raw[-1] = KIND_MARK + raw[-1]  # the word before a quoted name says what it is the name of
            raw.append(QUOTE)
        at = match.end()
    raw += _TOKEN.findall(text[at:])
    raw = _coded(_fuse(raw[: 3 * _MAX_TOKENS]))
    plain = list(filter(None, map(_plainness, raw)))
    known = plain.count("known")
    foreign = (len(plain) >= 3 and 5 * known < 2 * len(plain)) or (len(plain) == 2 and known == 0)
    return parted(list(map(FOREIGN.__getitem__ if foreign else FAMILIAR.__getitem__, raw)))


@lru_cache(maxsize=16_384)
def _plainness(chunk: str) -> str:
    """``known`` or ``unknown`` for a plain word, '' for anything else."""
    if len(chunk) > 2 and chunk.isalpha() and chunk[1:].islower():
        return "known" if is_word(chunk.lower()) else "unknown"
    return ""


def _fuse(raw: list[str]) -> list[str]:
    """Two capitalised words or more where a name stands (``country United Kingdom``) are one value."""
    names = [at for at, item in enumerate(raw) if item[0].isupper()]
    if not any(two == one + 1 for one, two in pairwise(names)):
        return raw
    out: list[str] = []
    i = 0
    while i < len(raw):
        end = i
        while end < len(raw) and end - i < 5 and raw[end][0].isupper() and _NAME.match(raw[end]) and not _is_constant(raw[end]):
            end += 1
        before = out[-1].lower() if out else ""
        if end - i > 1 and (
            _is_assigned(out, raw[i])
            or before in OBJECTS
            or (before in PREPOSITIONS and not all(is_prose(w.rstrip(".")) for w in raw[i:end]))
        ):
            out.append(VAR)
            i = end
        else:
            out.append(raw[i])
            i += 1
    return out


def _is_assigned(out: list[str], first: str) -> bool:
    """Whether a name of several words stands behind a key: ``CN = Acme Root``, ``Product: Bank Client``."""
    if len(out) > 1 and out[-1] == "=":
        return not tells_fault(out[-2])
    return bool(out) and out[-1][-1] == ":" and out[-1][:-1].lower() in OBJECTS and not first.isupper()


def _coded(raw: list[str]) -> list[str]:
    """Names in the form of codes (``Client.Timeout``) stay where the key of a code has them."""
    if "=" not in raw:
        return raw
    return [
        KIND_MARK + item if i > 1 and raw[i - 1] == "=" and _CODE_KEY.search(raw[i - 2]) and _DOTTED_CODE.match(item) else item
        for i, item in enumerate(raw)
    ]


def _is_constant(word: str) -> bool:
    lower = word.lower()
    return lower in OUTCOMES or lower in PREPOSITIONS or lower in PREDICATES or ERROR_NAME.match(word) is not None


def _sentence_tokens(text: str) -> list[str]:
    return _TOKEN.findall(_QUOTED.sub(_told_or_quote, text))


def _told_or_quote(match: re.Match[str]) -> str:
    """A code in quotes stays: ``rough`` has left digits to codes alone."""
    content = match.group()[1:-1]
    return f" {content} " if _KEPT.fullmatch(content) else f" {QUOTE} "


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
            or (after.lower() == "to" and key.lower() == "due" and bool(ENUM.match(word)))
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


def render(items: list[str]) -> str:
    """The skeleton as a text for people: values are ``<*>``."""
    text = " ".join("<*>" if t == VAR else "<sql>" if t == "\x02sql" else t.replace(VAR, "<*>") for t in items)
    text = re.sub(r" ([,;:.)\]}!?])", r"\1", text)
    return re.sub(r"([(\[{]) ", r"\1", text)
