"""Settles tokens whose number varies: enumerations with ``and`` and ``or``, counted nouns, brackets of names, clauses at the end."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ailog.domain.lexicon import COMPOUNDS, ERROR_NAME, FUNCTION_WORDS, OBJECTS, OUTCOMES, PREDICATES, THINGS, UNITS
from ailog.domain.template_rough import VAR
from ailog.domain.template_words import word_set

_JOINTS: Final = frozenset({"and", "or", "nor", "&"})
_SEPARATORS: Final = frozenset({",", ";", "and", "or"})
_COUNTED: Final = OBJECTS | THINGS | COMPOUNDS | word_set("warning retry attempt try match problem issue change element item test check")
_ENDS: Final = frozenset({VAR, "]", "}"})
"""What an enumeration or a bracket of names can end with."""
_CLOSER: Final = {"[": "]", "{": "}"}
_KINDS: Final = frozenset(
    [
        ("for", "user"),
        ("for", "client"),
        ("for", "tenant"),
        ("for", "customer"),
        ("in", "namespace"),
        ("on", "host"),
        ("on", "node"),
        ("on", "server"),
    ]
)
_BEGIN_ASIDE: Final = frozenset({"one", "after", *(word for word, _ in _KINDS)})
_TRIES: Final = frozenset({"attempt", "retry", "try"})
_MAX_NAMES: Final = 12
_REACH: Final = 3
_MAX_CLAUSE: Final = 24


def settle_runs(items: list[str]) -> list[str]:
    """The tokens with enumerations of values as one value, counted nouns in the singular and asides at the end dropped."""
    if VAR not in items:
        return items
    out: list[str] = []
    for item in items:
        out.append(item)
        while item in _ENDS and (_joined(out) or _named(out)):
            pass
    out = _without_asides(_singular(_once(out)))
    if len(out) > 3 and out[-1] == VAR and out[-2][0].isdigit() and out[-2][-1] == ":":
        out[-2:] = [out[-2][:-1]]  # what came with a code
    while len(out) > 1 and out[-1] == "." and out[-2] == VAR:
        del out[-1]
    return out


def _joined(out: list[str]) -> bool:
    """``<*> and <*>``, ``<*>, or <*>``: as many values as there are."""
    if len(out) < 3 or out[-1] != VAR or out[-2] not in _JOINTS:
        return False
    if len(out) > 4 and out[-4] == "," and out[-5] == VAR and out[-3].isalpha() and out[-3].islower() and not _says(out[-3]):
        del out[-4:]
        return True
    first = -4 if out[-3] == "," and len(out) > 3 else -3
    if out[first] != VAR or (len(out) > -first and out[first - 1] == "between"):
        return False
    del out[first + 1 :]
    return True


def _says(word: str) -> bool:
    lower = word.lower()
    return lower in FUNCTION_WORDS or lower in OUTCOMES or lower in PREDICATES


def _named(out: list[str]) -> bool:
    """A bracket that holds values and bare nouns alone."""
    last = out[-1]
    if last not in {"]", "}"}:
        return False
    at, marks = len(out) - 2, 0
    while at >= 0 and len(out) - at < _MAX_NAMES and out[at] not in _CLOSER:
        item = out[at]
        lower = item.lower()
        if item == VAR:
            marks += 1
        elif item not in {",", ";"} and (
            not item.isalpha()
            or not item.islower()
            or (lower in FUNCTION_WORDS and len(lower) > 1)
            or lower in OUTCOMES
            or lower in PREDICATES
            or ERROR_NAME.match(item)
        ):
            return False
        at -= 1
    if at < 0 or not marks or _CLOSER.get(out[at]) != last:
        return False
    del out[at:]
    out.append(VAR)
    return True


@lru_cache(maxsize=16_384)
def _one(word: str) -> str:
    """The singular of a noun that is counted; anything else as it is."""
    if len(word) < 4 or word[-1] != "s" or not word.islower() or word in PREDICATES or word in FUNCTION_WORDS:
        return word
    for one in (word[:-3] + "y" if word.endswith("ies") else word[:-1], word[:-2]):
        if one in _COUNTED and one not in UNITS:
            return one
    return word


def _singular(items: list[str]) -> list[str]:
    out = list(items)
    for at, item in enumerate(items):
        if item != VAR:
            continue
        for step in range(at + 1, min(at + 1 + _REACH, len(items))):
            word = out[step].rstrip(":")
            if not word.replace("-", "").isalpha() or not word.islower():
                break
            if word == "were" and step == at + 1:
                out[step] = "was"
                break
            if word in FUNCTION_WORDS or word in PREDICATES:
                break
            one = _one(word)
            if one != word:
                out[step] = one + out[step][len(word) :]
                for verb, other in (("are", "is"), ("were", "was"), ("have", "has")):
                    if out[step + 1 : step + 2] == [verb]:
                        out[step + 1] = other
                break
    return out


def _once(items: list[str]) -> list[str]:
    """A clause that an enumeration repeats word for word stands once."""
    if len(set(items)) == len(items) or _SEPARATORS.isdisjoint(items):
        return items
    out: list[str] = []
    for item in items:
        out.append(item)
        for size in range(2, min(_MAX_CLAUSE, (len(out) - 1) // 2) + 1):
            if (
                out[-size - 1] in _SEPARATORS
                and out[-2 - size] == item
                and out[-size:] == out[-2 * size - 1 : -size - 1]
                and any(t[0].isalpha() for t in out[-size:])
                and VAR in out[-size:]
            ):
                del out[-size - 1 :]
                break
    return out


def _without_asides(items: list[str]) -> list[str]:
    """Drops for whom and where it happened, at the end of a clause that says what happened."""
    out: list[str] = []
    at = 0
    while at < len(items):
        if items[at] not in _BEGIN_ASIDE:
            out.append(items[at])
            at += 1
            continue
        if items[at : at + 2] == ["one", "of"] and items[at + 2 : at + 3] == [VAR]:
            at += 2
            continue
        tried = items[at] == "after" and at + 2 < len(items) and items[at + 1] == VAR and items[at + 2].rstrip(":") in _TRIES
        if tried and len(out) > 1:
            if items[at + 2][-1] == ":":
                out.append(":")
            at += 3
            continue
        pair = (items[at], items[at + 1]) if at + 2 < len(items) else ("", "")
        ends = at + 3 >= len(items) or items[at + 3] in {":", ";", "(", "["}
        if pair in _KINDS and items[at + 2] == VAR and ends and sum(t[0].isalpha() for t in out) > 2:
            at += 3
            continue
        out.append(items[at])
        at += 1
    return out


__all__ = ["settle_runs"]
