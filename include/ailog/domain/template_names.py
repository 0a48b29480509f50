"""Decides whether a word of the vocabulary is a name because of where it stands."""

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
    is_word,
)
from ailog.domain.template_rough import VAR

_FAULT_ENDINGS: Final = ("_code", "_status", "code", "status", "state", "reason", "error", "errors", "message")
_VOWEL: Final = re.compile("[aeiouyáéíóúäöü]")
"""A stem has one: ``spring`` and ``ring`` are no participles."""
_SIGNAL: Final = re.compile("SIG[A-Z]{3,6}\\Z")
_ENUM: Final = re.compile(r"[A-Z]{2,20}(?:_[A-Z]{1,20}){1,6}\Z")
_ADJECTIVES: Final = frozenset({"unknown", "undefined", "invalid", "missing", "duplicate", "unsupported", "no", "such"})
_COMPOUND: Final = re.compile(r"[A-Za-z][a-z]+(?:[A-Z][a-z]*)+\Z")
_WANTING: Final = frozenset("empty missing required unknown undefined invalid unsupported unrecognized unexpected".split())
"""What a list of names is introduced by: ``is missing: total``."""
_DIGIT: Final = re.compile("[0-9]")
"""In a word it shows a code: ``rough`` has taken all other digits out."""
_MEASURES: Final = frozenset("depth size lag length count usage latency backlog capacity".split())
_BEARERS: Final = frozenset({"transaction", "batch"})
_GRANTS: Final = frozenset({"privilege", "permission", "role"})
_PHRASE_ENDS: Final = frozenset({"", ",", ";", ")", "]", "(", ":", VAR})
_LOOSE: Final = frozenset({"to", "of", "in", "with", "as", "on"})
"""Prepositions that stand before things as often as before names."""


@lru_cache(maxsize=16_384)
def tells_fault(key: str) -> bool:
    """Whether the value of a key says which fault it is (``reason``, ``statusCode``, ``error``)."""
    lower = re.split(r"[.:]", key.lower().rstrip(":"))[-1]
    return lower in FAULT_KEYS or lower.endswith(_FAULT_ENDINGS)


def is_call(before: str, after: str, *, first: bool) -> bool:
    """Whether ``name()`` is a name of the program that is being talked of, and not the system call that failed."""
    if first:
        return after.lower() in ARGUED
    return before in {"function", "method", "func", "call"} or after.lower() not in CALLS_FAIL


def is_program_name(items: list[str], at: int) -> bool:
    """Whether ``is not defined``, ``is not a function`` and the like are said of a word."""
    return at + 3 < len(items) and items[at + 3] in PROGRAM_STATES and [i.lower() for i in items[at + 1 : at + 3]] == ["is", "not"]


def is_value(word: str, lower: str, before: str, earlier: str, after: str, beyond: str) -> bool:  # noqa: PLR0911 - one decision list
    """A word that is a value because of a sign beside it."""
    if word.upper() in HTTP_METHODS and (word in HTTP_METHODS or (word.istitle() and after == VAR and before in {"", ":"})):
        return True
    if _is_error(word):
        return False
    if after == "=" and before in {"{", ","} and not tells_fault(lower):
        return bool(_ENUM.match(beyond))
    if before == "=":
        return not tells_fault(earlier) and not _ENUM.match(word)
    if before == "<" and after == ">":
        return True
    if lower in NOTHING and before.endswith(":") and after in {"", ".", ",", ";", ")"} and not tells_fault(before):
        return True
    return lower in NOTHING and (after.rstrip(":").lower() in PREDICATES or before in {",", "[", "-", ":"} or after == "[")


@lru_cache(maxsize=65_536)
def _is_error(word: str) -> bool:
    return ERROR_NAME.match(word) is not None


@lru_cache(maxsize=65_536)
def is_firm_word(word: str) -> bool:
    """Whether a word is never the name of a thing, wherever it stands."""
    lower = word.lower()
    return lower in FUNCTION_WORDS or lower in OUTCOMES or lower in PREDICATES or _is_error(word) or _SIGNAL.match(word) is not None


@lru_cache(maxsize=65_536)
def _is_compound(word: str) -> bool:
    return _COMPOUND.match(word) is not None


def is_name(word: str, lower: str, before: str, earlier: str, after: str, beyond: str, out: list[str]) -> bool:  # noqa: C901, PLR0911 - one decision list, read from the top
    """A word that could be prose, and is not firm, but stands where the name of a thing stands."""
    if _is_compound(word):
        return _is_identifier(word, before, after, out)
    if before == "[" and after == "]":
        named = earlier.rstrip(":") in OBJECTS or earlier == "type" or earlier in PREPOSITIONS or earlier.endswith(":")
        return (len(out) == 1 and not _DIGIT.search(word)) or (named and (word.upper() != word or earlier in OBJECTS))
    if before == "(" and after == ")":
        if lower in NAMELIKE:
            return True
        return earlier == VAR and len(out) > 2 and out[-3].lower() in OBJECTS and word.islower()
    follows = after.rstrip(":").lower()
    ends = after in {"", ".", ",", ";", ")", "]", "(", ":"}
    if before in PEOPLE and lower not in COMPOUNDS and not _acts(lower) and (follows in GOVERNORS or after == VAR):
        return True
    if _between_keys(out, after if after != ":" else beyond) or _in_slot(word, before, after, beyond, out) or _is_wanted(after, out):
        return True
    if before not in OBJECTS:
        return False
    capital = word[0].isupper() and word[1:].islower() and lower not in COMPOUNDS
    if _is_odd_name(word, lower, earlier, follows, capital=capital):
        return True
    if out[-1].endswith(":") and ends:
        return True
    if (lower in COMPOUNDS or lower in OBJECTS) and not capital:
        return False
    if follows in {"in", "on"} and beyond.rstrip(":").lower() in OBJECTS:
        return not _acts(lower)
    if ends:
        return (earlier in GOVERNORS and not (earlier in _ADJECTIVES and _acts(lower))) or earlier in {",", ";", "("}
    return (follows in PREDICATES or (follows in OUTCOMES and follows.endswith("ed"))) and not _acts(lower)


def _is_odd_name(word: str, lower: str, earlier: str, follows: str, *, capital: bool) -> bool:
    """A word behind a kind of thing whose form, or what is said of it, shows a name (``template reset_password``)."""
    said = follows in PREDICATES or follows in OUTCOMES or follows.endswith("ed") or follows in PREPOSITIONS
    if "_" in word or (word.isupper() and len(word) > 1 and said):
        return True
    if follows in _MEASURES:
        return not (lower in COMPOUNDS or lower in OBJECTS or lower in THINGS or _acts(lower))
    return follows.endswith("ed") and (capital or (earlier in _ADJECTIVES and lower not in COMPOUNDS and lower not in OBJECTS))


def _is_wanted(after: str, out: list[str]) -> bool:
    """Whether a word is all that is said behind ``missing:`` and the like."""
    return len(out) > 1 and out[-1][-1] == ":" and out[-1][:-1] in _WANTING and after in {"", ".", ")"}


def _in_slot(word: str, before: str, after: str, beyond: str, out: list[str]) -> bool:  # noqa: PLR0911 - one decision list
    """A bare noun where a sentence puts a name: between a preposition and the end of the phrase, or alone before a verb."""
    lower, follows = word.lower(), after.rstrip(":").lower()
    title = word[0].isupper() and word[1:].islower()
    if out and ERRNO.match(out[-1]):
        return after == ""
    if ((title or word.isupper()) and before == "type") or (word.isupper() and _is_capital_name(word, before, after, out)):
        return True
    if before in UNDERTAKINGS and _goes_on(follows):
        return lower not in COMPOUNDS
    if lower in NAMELIKE and _is_usual_name(lower, before, after, beyond, out):
        return True
    if (lower in THINGS and not title) or not word.replace("_", "").isalpha():
        return False
    if (not out or out[-1].endswith(":") or out[-1] == "<-") and follows in STATES:
        return not (lower in THINGS or lower in OBJECTS or _acts(lower)) or lower in NAMELIKE
    if before in TRANSFERS and follows in {"to", "from", "into"}:
        return True
    if after not in _PHRASE_ENDS and follows not in FOLLOWERS and follows not in PREDICATES:
        return False
    if before and out[-1].isalpha() and out[-1].islower() and _is_odd_capital(word, before, after):
        return True
    return before in PREPOSITIONS and _is_governed(lower, before, after, title=title)


def _goes_on(follows: str) -> bool:
    return follows in OUTCOMES or follows in PREDICATES or follows.endswith("ed")


def _is_capital_name(word: str, before: str, after: str, out: list[str]) -> bool:  # noqa: PLR0911 - one decision list
    """A word in capitals: ``the SUPER privilege``, ``the DATABASE_URL variable``, ``currency CZK``, ``IEF450I PAYROLL``."""
    follows = after.rstrip(":").lower()
    unknown = not is_word(word.lower())
    if before == "the":
        return follows in _GRANTS or (follows.isalpha() and ("_" in word or unknown))
    if before == VAR and follows in PREDICATES and unknown:
        return True
    if len(word) < 3 or not unknown or ERRNO.match(word):
        return False
    if before in OBJECTS or before in _BEARERS:
        return True
    if after == "," and out and out[-1][-1] == ":" and not (before in FUNCTION_WORDS or before in OUTCOMES or tells_fault(before)):
        return True
    if len(out) == 1 and before[-1:].isalpha() and any(c.isdigit() for c in before):
        return True
    return before == VAR and (follows in STATES or follows in FOLLOWERS or follows in OUTCOMES or after in {VAR, ":"} or follows in OBJECTS)


def _is_odd_capital(word: str, before: str, after: str) -> bool:
    """A word in capitals, or with a capital, in the midst of small ones."""
    lower = word.lower()
    if word.isupper() and word.isalpha() and not tells_fault(before) and not is_word(lower) and not ERRNO.match(word):
        return True
    title = word[0].isupper() and word[1:].islower()
    return title and (after.rstrip(":").lower() in PREPOSITIONS or (after == VAR and lower not in OBJECTS))


def _is_usual_name(lower: str, before: str, after: str, beyond: str, out: list[str]) -> bool:
    """A word that is mostly a name, where one can stand."""
    follows = after.rstrip(":").lower()
    if before in OBJECTS:
        if after in {"", "."} or follows in STATES or (after == ":" and lower not in COMPOUNDS):
            return True
        if lower not in COMPOUNDS and lower not in ACTIONS and (follows in PREPOSITIONS or follows in PREDICATES or follows.endswith("ed")):
            return True
    if after == ":" and (not out or out[-1][-1] in ":,"):
        return beyond == VAR or beyond.lower() in PREDICATES or beyond.lower() == "size"
    if (before in PEOPLE and after == VAR) or (before in TRANSFERS and after in {"", "."}):
        return True
    if len(out) > 1 and out[-1][-1] == ":" and after in {"", ";", ","} and not tells_fault(before):
        return True
    return before in PREPOSITIONS and (before != "to" or lower not in ACTIONS) and (follows in OUTCOMES or follows.endswith("ed"))


def _is_governed(lower: str, before: str, after: str, *, title: bool) -> bool:
    """A noun between a preposition and the end of its phrase."""
    if title and after == VAR and lower in OBJECTS:
        return False
    if title or lower in NAMELIKE:
        return before != "to" or lower not in ACTIONS
    return before not in _LOOSE and not (lower in COMPOUNDS or lower in OBJECTS or _acts(lower))


def _between_keys(out: list[str], after: str) -> bool:
    """Whether a word stands between two keys (``host: web port: 80``) and its own key tells no fault."""
    if not out or out[-1][-1] != ":" or len(after) < 3 or after[-1] != ":":
        return False
    key = out[-1].rstrip(":").lower()
    return (
        bool(key)
        and key not in FUNCTION_WORDS
        and key not in OUTCOMES
        and not tells_fault(key)
        and not ERROR_NAME.match(out[-1].rstrip(":"))
    )


def _acts(lower: str) -> bool:
    return lower in ACTIONS or (lower.endswith(ACTION_ENDINGS) and _VOWEL.search(lower[:-3]) is not None)


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
