"""Decides by place what a word in a skeleton is, and folds lists of values, so that their number does not count.

Works on tokens: a word may carry the colon behind it (``reason:``); the mark stands for a value; everything else is punctuation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ailog.domain.lexicon import (
    ACTION_ENDINGS,
    ACTIONS,
    ARGUED,
    CALLS_FAIL,
    COMPOUNDS,
    ERRNO,
    ERROR_NAME,
    FAULT_KEYS,
    FOLLOWERS,
    FUNCTION_WORDS,
    GOVERNORS,
    HTTP_METHODS,
    NAMELIKE,
    NOTHING,
    OBJECTS,
    OUTCOMES,
    PEOPLE,
    PREDICATES,
    PREPOSITIONS,
    PROGRAM_STATES,
    STATES,
    THINGS,
    TRANSFERS,
    UNDERTAKINGS,
    UNITS,
    is_word,
)
from ailog.domain.template_rough import VAR

_FAULT_ENDINGS: Final = ("_code", "_status", "code", "status", "state", "reason", "error", "errors", "message")
_ENUM: Final = re.compile(r"[A-Z]{2,20}(?:_[A-Z]{1,20}){1,6}\Z")
_ADJECTIVES: Final = frozenset({"unknown", "undefined", "invalid", "missing", "duplicate", "unsupported", "no", "such"})
_LISTED: Final = frozenset({"=", ",", ";", "&", "[", "("})
"""Without one of these there is neither a list nor a pair."""
FINE: Final = frozenset({"200", "201", "202", "204", "206", "301", "302", "304"})
"""Statuses that tell no fault."""
_ANSWERED: Final = frozenset({"returned", "responded", "answered", "replied", "with", "response"})
_COMPOUND: Final = re.compile(r"[A-Za-z][a-z]+(?:[A-Z][a-z]*)+\Z")
_GRANTS: Final = frozenset({"privilege", "permission", "role"})
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_BETWEEN: Final = frozenset({",", ";", "-", ":", "|", "/", ".", "=", "+", "->", "=>", "&", ">"})
_MAX_CLAUSE: Final = 24


@lru_cache(maxsize=16_384)
def tells_fault(key: str) -> bool:
    """Whether the value of a key says which fault it is (``reason``, ``statusCode``, ``error``)."""
    lower = re.split(r"[.:]", key.lower().rstrip(":"))[-1]
    return lower in FAULT_KEYS or lower.endswith(_FAULT_ENDINGS)


def settle(items: list[str]) -> list[str]:
    """The tokens with names, values of keys, units and lists settled."""
    found = fold(_lists(_places(items)))
    for _ in range(3 if not _LISTED.isdisjoint(found) else 0):
        known, found = found, fold(_lists(_pairs(found)))
        if found == known:
            break
    return _unrepeat(found)


def _places(items: list[str]) -> list[str]:
    out: list[str] = []
    count = len(items)
    for i, item in enumerate(items):
        before = out[-1] if out else ""
        after = ":" if item.endswith(":") and len(item) > 1 else items[i + 1] if i + 1 < count else ""
        if not item[0].isalpha():
            if before == VAR and item == "(" and after == ")":
                items[i + 1] = VAR
                out.append(VAR)
            elif item in FINE:
                out.append(VAR)
            elif (item == "]" and before == "[") or (item == "}" and before == "{"):
                out[-1] = VAR
            elif item[0].isdigit() and before.lower() in _ANSWERED and after.islower() and after not in GOVERNORS:
                out.append(VAR)
            else:
                out.append(VAR if item == "_" or (item == "-" and before in {":", "="}) else item)
            continue
        word = item.rstrip(":")
        lower = word.lower()
        earlier = out[-2] if len(out) > 1 else ""
        if before == VAR and lower in UNITS and item == word:
            if after == "(" and items[i + 2 : i + 4] == ["s", ")"]:
                items[i + 1 : i + 4] = [VAR, VAR, VAR]
            continue
        beyond = items[i + 1 if item != word else i + 2] if i + 2 < count + (item != word) else ""
        if after == "(" and beyond == ")" and _is_call(before.lower(), items[i + 3] if i + 3 < count else "", first=not out):
            out.append(VAR)
            continue
        if _is_program_name(items, i) and (not out or out[-1].endswith(":")):
            out.append(VAR)
            continue
        if _is_value(word, lower, before, earlier, after, beyond) or _is_name(
            word, lower, before.lower().rstrip(":"), earlier.lower(), after, beyond, out
        ):
            out.append(VAR)
            if item != word:
                out.append(":")
        else:
            out.append(item)
    return out


def _is_call(before: str, after: str, *, first: bool) -> bool:
    """Whether ``name()`` is a name of the program that is being talked of, and not the system call that failed."""
    if first:
        return after.lower() in ARGUED
    return before in {"function", "method", "func", "call"} or after.lower() not in CALLS_FAIL


def _is_program_name(items: list[str], at: int) -> bool:
    """Whether ``is not defined``, ``is not a function`` and the like are said of a word."""
    return [i.lower() for i in items[at + 1 : at + 3]] == ["is", "not"] and at + 3 < len(items) and items[at + 3] in PROGRAM_STATES


def _is_value(word: str, lower: str, before: str, earlier: str, after: str, beyond: str) -> bool:
    """A word that is a value because of a sign beside it."""
    if word in HTTP_METHODS or (word.upper() in HTTP_METHODS and word.istitle() and after == VAR and before in {"", ":"}):
        return True
    if ERROR_NAME.match(word):
        return False
    if after == "=" and before in {"{", ","} and not tells_fault(lower):
        return bool(_ENUM.match(beyond))
    if before == "=":
        return not tells_fault(earlier) and not _ENUM.match(word)
    if before == "<" and after == ">":
        return True
    return lower in NOTHING and (after.rstrip(":").lower() in PREDICATES or before in {",", "[", "-", ":"} or after == "[")


def _is_name(word: str, lower: str, before: str, earlier: str, after: str, beyond: str, out: list[str]) -> bool:  # noqa: PLR0911 - one decision list, read from the top
    """A word that could be prose but stands where the name of a thing stands."""
    if lower in FUNCTION_WORDS or lower in OUTCOMES or lower in PREDICATES or ERROR_NAME.match(word):
        return False
    if _COMPOUND.match(word):
        return _is_identifier(word, before, after, out)
    if before == "[" and after == "]":
        named = earlier.rstrip(":") in OBJECTS or earlier in PREPOSITIONS or earlier.endswith(":")
        return len(out) == 1 or (named and word.upper() != word)
    if before == "(" and after == ")":
        if lower in NAMELIKE:
            return True
        return earlier == VAR and len(out) > 2 and out[-3].lower() in OBJECTS and word.islower()
    follows = after.rstrip(":").lower()
    ends = after in {"", ".", ",", ";", ")", "]", "(", ":"}
    if before in PEOPLE and lower not in COMPOUNDS and not _acts(lower) and (follows in GOVERNORS or after == VAR):
        return True
    if _between_keys(out, after if after != ":" else beyond) or _in_slot(word, lower, before, after, beyond, out):
        return True
    if before not in OBJECTS:
        return False
    capital = word[0].isupper() and word[1:].islower() and lower not in COMPOUNDS
    if out[-1].endswith(":") and ends:
        return True
    if (lower in COMPOUNDS or lower in OBJECTS) and not capital:
        return False
    if follows in {"in", "on"} and beyond.rstrip(":").lower() in OBJECTS:
        return not _acts(lower)
    if ends:
        return (earlier in GOVERNORS and not (earlier in _ADJECTIVES and _acts(lower))) or earlier in {",", ";", "("}
    return (follows in PREDICATES or (follows in OUTCOMES and follows.endswith("ed"))) and not _acts(lower)


def _in_slot(word: str, lower: str, before: str, after: str, beyond: str, out: list[str]) -> bool:
    """A bare noun where a sentence puts a name: between a preposition and the end of the phrase, or alone before a verb."""
    follows = after.rstrip(":").lower()
    title = word[0].isupper() and word[1:].islower()
    if out and ERRNO.match(out[-1]):
        return after == ""
    if (word.isupper() and before == "the" and follows in _GRANTS) or ((title or word.isupper()) and before == "type"):
        return True
    if before in UNDERTAKINGS and (follows in OUTCOMES or follows in PREDICATES or follows.endswith("ed")):
        return lower not in COMPOUNDS
    if before in OBJECTS and lower in NAMELIKE and (after in {"", "."} or (after == ":" and lower not in COMPOUNDS)):
        return True
    if after == ":" and lower in NAMELIKE and (not out or out[-1][-1] in ":,"):
        return beyond == VAR or beyond.lower() in PREDICATES or beyond.lower() == "size"
    if word.isupper() and len(word) > 2 and (before in OBJECTS or before == VAR) and not is_word(lower) and not ERRNO.match(word):
        return follows in STATES or follows in FOLLOWERS or follows in OUTCOMES
    if (lower in THINGS and not title) or not word.replace("_", "").isalpha():
        return False
    if (not out or out[-1].endswith(":") or out[-1] == "<-") and follows in STATES:
        return not (lower in THINGS or lower in OBJECTS or _acts(lower)) or lower in NAMELIKE
    if lower in NAMELIKE and ((before in OBJECTS and follows in STATES) or (before in PEOPLE and after == VAR)):
        return True
    if before in OBJECTS and lower in NAMELIKE and lower not in COMPOUNDS and lower not in ACTIONS:
        return follows in PREPOSITIONS or follows in PREDICATES or follows.endswith("ed")
    if lower in NAMELIKE and out and out[-1][-1] == ":" and len(out) > 1 and after in {"", ";", ","} and not tells_fault(before):
        return True
    if before in TRANSFERS and (follows in {"to", "from", "into"} or (lower in NAMELIKE and after in {"", "."})):
        return True
    if before in PREPOSITIONS and lower in NAMELIKE and before != "to" and (follows in OUTCOMES or follows.endswith("ed")):
        return True
    if before == "to" and lower in NAMELIKE and lower not in ACTIONS and (follows in OUTCOMES or follows.endswith("ed")):
        return True
    if after not in {"", ",", ";", ")", "]", "(", ":", VAR} and follows not in FOLLOWERS and follows not in PREDICATES:
        return False
    if before and out[-1].isalpha() and out[-1].islower():
        if not tells_fault(before) and word.isupper() and word.isalpha() and not is_word(lower) and not ERRNO.match(word):
            return True
        if title and (follows in PREPOSITIONS or (after == VAR and lower not in OBJECTS)):
            return True
    if before not in PREPOSITIONS:
        return False
    if title and after == VAR and lower in OBJECTS:
        return False
    if title or lower in NAMELIKE:
        return before != "to" or lower not in ACTIONS
    if before in {"to", "of", "in", "with", "as", "on"} or lower in COMPOUNDS:
        return False
    return not (lower in OBJECTS or _acts(lower))


def _between_keys(out: list[str], after: str) -> bool:
    """Whether a word stands between two keys (``host: web port: 80``) and its own key tells no fault."""
    key = out[-1].rstrip(":").lower() if out and out[-1].endswith(":") and len(out[-1]) > 1 else ""
    return (
        bool(key)
        and len(after) > 2
        and after.endswith(":")
        and key not in FUNCTION_WORDS
        and key not in OUTCOMES
        and not tells_fault(key)
        and not ERROR_NAME.match(out[-1].rstrip(":"))
    )


def _acts(lower: str) -> bool:
    return lower in ACTIONS or lower.endswith(ACTION_ENDINGS)


def _is_identifier(word: str, before: str, after: str, out: list[str]) -> bool:
    """A compound in camel case: a field or function unless it comes first, bare or in brackets; a type unless it tells an outcome."""
    if word[0].islower():
        return bool(out) and not (before == "[" and (len(out) == 1 or out[-2] == "]"))
    parts = re.findall(r"[A-Z][a-z]+", word)
    if after == VAR and word.lower() in OBJECTS:
        return False
    if any(part.lower() in OUTCOMES for part in parts):
        return False
    prose = bool(out) and out[-1].isalpha() and out[-1].islower() and after.rstrip(":").lower() not in OBJECTS
    return prose or after.rstrip(":").lower() in PREDICATES


def _pairs(items: list[str]) -> list[str]:
    """Drops lists of ``key = value`` and ``, key: value`` whose keys tell nothing: one value stands for the list."""
    out: list[str] = []
    i = 0
    while i < len(items):
        end, pairs = i, 0
        while (step := _pair_at(items, end, first=pairs == 0)) > end:
            end, pairs = step, pairs + 1
        opened = bool(out) and (out[-1] in {"{", "[", "("} or out[-1].endswith(":"))
        if pairs > 1 or (pairs == 1 and opened):
            if items[i] in {",", ";"} and out and out[-1] == VAR:
                pass
            else:
                out.append(VAR)
            i = end
        else:
            out.append(items[i])
            i += 1
    return out


def _pair_at(items: list[str], at: int, *, first: bool) -> int:
    """Where the pair that begins at ``at`` ends; ``at`` itself when none does."""
    start = at
    if at < len(items) and items[at] in {",", ";", "&"}:
        at += 1
    elif not first and at < len(items) and not items[at][0].isalpha():
        return start
    if at + 1 >= len(items) or not (items[at][0].isalpha() or items[at] == VAR) or tells_fault(items[at]):
        return start
    if items[at].endswith(":") and items[at + 1] == VAR and start != at:
        return at + 2
    if items[at].endswith(":") and items[at + 1] in {",", ";"} and start != at:
        return at + 1
    if at + 2 < len(items) and items[at + 1] == "=" and items[at + 2] == VAR:
        return at + 3
    return start


def _lists(items: list[str]) -> list[str]:
    """An enumeration of names (``a, b, c`` after a colon or in brackets; ``= [a b]``) is one value, however long."""
    out: list[str] = []
    i = 0
    while i < len(items):
        out.append(items[i])
        i += 1
        opener = out[-1]
        if opener in {"[", "("} or opener == ":" or opener.endswith(":"):
            spaced = opener == "[" and len(out) > 1 and out[-2] == "="
            end = _list_end(items, i, spaced=spaced)
            if end > i and (spaced or _names(items[i:end])):
                out.append(VAR)
                i = end
    return out


def _list_end(items: list[str], at: int, *, spaced: bool) -> int:
    """Where the enumeration of single words that begins at ``at`` ends; ``at`` when there is none."""
    end, commas, expect = at, 0, True
    while end < len(items):
        item = items[end]
        if item in {",", ";"} and not expect:
            commas, expect = commas + 1, True
        elif (item == VAR or item[0].isalpha()) and not item.endswith(":") and (expect or spaced):
            lower = item.lower()
            if (lower in FUNCTION_WORDS and len(lower) > 1) or lower in OUTCOMES or ERROR_NAME.match(item):
                return at
            expect = False
        else:
            break
        end += 1
    closed = end == len(items) or items[end] in {"]", ")", "."}
    return end if closed and not expect and (commas or spaced) else at


def _names(part: list[str]) -> bool:
    words = [w for w in part if w not in {",", ";"}]
    return VAR in words or any(re.search(r"[a-z][A-Z]|[-_.]", w) for w in words)


def fold(items: list[str]) -> list[str]:
    """Brackets around values alone, and values joined by punctuation, are one value."""
    out: list[str] = []
    for item in items:
        out.append(item)
        while _shrink(out):
            pass
    return out


def _shrink(out: list[str]) -> bool:
    last = out[-1]
    if last in {")", "]", "}", ">"} and len(out) >= 3:
        inner = 2
        while inner < len(out) and (out[-inner] == VAR or out[-inner] in _BETWEEN):
            inner += 1
        if inner > 2 and inner <= len(out) and _CLOSERS.get(out[-inner]) == last and VAR in out[-inner:]:
            del out[-inner:]
            out.append(VAR)
            return True
    if last != VAR:
        return False
    back = 2
    while back <= len(out) and out[-back] in _BETWEEN and back < 5:
        back += 1
    if back <= len(out) and out[-back] == VAR:
        del out[-back + 1 :]
        return True
    return False


def _unrepeat(items: list[str]) -> list[str]:
    """Drops a clause that repeats the one before it word for word (``x was using N; y was using N``), once values are gone."""
    if len(set(items)) == len(items):
        return items
    out: list[str] = []
    for item in items:
        out.append(item)
        for size in range(1, min(_MAX_CLAUSE, len(out) // 2) + 1):
            if out[-size:] == out[-2 * size : -size] and _is_clause(out[-size:]):
                del out[-size:]
                break
    return out


def _is_clause(part: list[str]) -> bool:
    return part == [VAR] or (len(part) > 1 and any(t[0].isalpha() or t == VAR for t in part))
