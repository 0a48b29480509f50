"""Judges by its neighbours whether a plain word of a message is the program's own or a value.

Programs' own sources say where they put values: in their format strings. The weights of a linear model over short runs of words were
learnt from the format strings of some hundreds of published packages, with values of all sorts put into the places
(``ailog.local.phrases`` builds them). A phrase that sources hold as constant text weighs for keeping a word, a neighbourhood in which
sources have a placeholder weighs for taking it out.
Weights are small whole numbers and the judgement is their sum, so it is the same on every machine.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from ailog.domain.lexicon import (
    ACTIONS,
    COMPOUNDS,
    ERRNO,
    ERROR_NAME,
    FUNCTION_WORDS,
    NAMELIKE,
    OUTCOMES,
    PREDICATES,
    THINGS,
    UNITS,
    is_prose,
)
from ailog.domain.template_names import tells_fault
from ailog.domain.template_rough import VAR

THRESHOLD: Final = -30
"""Sum above which a word is a value. It is below nought: a value that is kept splits a problem, and few words that go join two."""
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_CAMEL: Final = re.compile(r"[a-z]+(?:[A-Z][a-z]*)+:?\Z|[A-Z][a-z]+(?:[A-Z][a-z]*)+:?\Z")
_TELLING: Final = (OUTCOMES | PREDICATES | {"not", "no", "too", "un", "bad", "exceed", "timed", "mis", "many"}) - frozenset(
    "limit quota up ok open full error errors present is has".split()
)
"""Parts by which a compound says what happened (``user_not_found``)."""
_EMPTY: Final = frozenset({"null", "none", "nil"})
"""Stand for a missing value as often as they say that one is missing."""
GUARDED: Final = 0
"""The same for words that tell rather what an error is about."""
_FORMS: Final = (
    "ed",
    "ing",
    "ly",
    "able",
    "ible",
    "less",
    "ive",
    "ous",
    "al",
    "ful",
    "ness",
    "tion",
    "sion",
    "ity",
    "ment",
    "ence",
    "ance",
)
BITS: Final = 20
_WORDS: Final = 0xFFFF_FFFF
_MARKED: Final = VAR + ":"
_FILE: Final = Path(__file__).with_name("template_weights.bin")

Window = tuple[str, str, str, str, str, str, str]
"""Three tokens before, the word, three behind."""


def judged(items: list[str]) -> list[str]:
    """The tokens with the mark for each word that stands as a value does; the surest word first, because its mark tells of its neighbours.

    What an embedded payload says of a fault (between braces) has been judged before and stays.
    """
    open_ = candidates(items)
    if not open_:
        return items
    found = list(items)
    scores = _alike(found, {at: score(window(found, at)) for at in open_})
    while scores:
        at = max(scores, key=lambda i: (scores[i], -i))
        if scores[at] <= 0:
            break
        del scores[at]
        found[at] = VAR + ":" if found[at][-1] == ":" else VAR
        for near in range(at - 3, at + 4):
            if near in scores:
                scores[near] = score(window(found, near))
    if len(scores) == len(open_) or not _says_something(found):
        return items
    return parted(found)


def parted(items: list[str]) -> list[str]:
    """The tokens with each mark that carries a colon as two."""
    if _MARKED not in items:
        return items
    return [part for item in items for part in ((VAR, ":") if item == _MARKED else (item,))]


def _alike(items: list[str], scores: dict[int, int]) -> dict[int, int]:
    """The scores with the least of a word for each of its places: what a message says twice is the same thing twice."""
    least: dict[str, int] = {}
    for at, found in scores.items():
        word = items[at].rstrip(":")
        least[word] = min(found, least.get(word, found))
    return {at: least[items[at].rstrip(":")] for at in scores}


def _says_something(items: list[str]) -> bool:
    """Whether words of content are left: one alone is no sentence to go by."""
    return sum(item[0].isalpha() and len(item) > 2 and item.rstrip(":").lower() not in FUNCTION_WORDS for item in items) > 1


def candidates(items: list[str]) -> list[int]:
    """The places of the words that are judged."""
    depth, found = 0, []
    for at, item in enumerate(items):
        if item == "{":
            depth += 1
        elif item == "}":
            depth -= 1
        elif depth <= 0 and item[0].isalpha() and not (is_firm(item) or _is_told(items, at) or _opens(items, at)):
            found.append(at)
    return found


def _is_told(items: list[str], at: int) -> bool:
    """Whether a word is what a key that tells a fault says (``reason: Evicted``)."""
    if at == 0:
        return False
    before = items[at - 1]
    key = before[:-1] if before[-1] == ":" and len(before) > 1 else items[at - 2] if before in {":", "="} and at > 1 else ""
    return bool(key) and tells_fault(key)


def _opens(items: list[str], at: int) -> bool:
    """Whether a word is the method or component that the message comes from: first of all, bare or in brackets."""
    if at == 0:
        return _CAMEL.match(items[0]) is not None
    return items[at - 1] == "[" and (at == 1 or items[at - 2] == "]") and items[at + 1 : at + 2] == ["]"]


def window(items: list[str], at: int) -> Window:
    """What is looked at to judge one word; a colon behind a word counts as its neighbour."""
    word = items[at]
    behind = [":"] if word[-1] == ":" else []
    behind += items[at + 1 : at + 4]
    behind += ["", "", ""]
    before = items[at - 3 : at] if at >= 3 else ["", "", "", *items[:at]][-3:]
    return (before[0], before[1], before[2], word.rstrip(":"), behind[0], behind[1], behind[2])


@lru_cache(maxsize=65_536)
def is_telling(word: str) -> bool:
    """Whether a word tells rather what an error is about than what a thing is called: it takes more to make it a value."""
    lower = word.lower()
    if lower in NAMELIKE:
        return False
    return lower in _EMPTY or lower in THINGS or lower in COMPOUNDS or lower in ACTIONS or lower in UNITS or lower.endswith(_FORMS)


@lru_cache(maxsize=65_536)
def is_firm(item: str) -> bool:
    """Whether a word tells what happened whatever its neighbours are: verbs, outcomes, errors, codes, names of services."""
    word = item.rstrip(":")
    lower = word.lower()
    if lower in _EMPTY:
        return False
    return (
        lower in FUNCTION_WORDS
        or lower in OUTCOMES
        or lower in PREDICATES
        or ERROR_NAME.match(word) is not None
        or ERRNO.match(word) is not None
        or not word.replace("-", "").replace("_", "").replace("'", "").isalpha()
        or lower.endswith(("-service", "-svc"))
        or (word.isupper() and "_" in word)
        or not is_prose(word)
        or any(part.lower() in _TELLING for part in _parts(word))
    )


def _parts(word: str) -> list[str]:
    """The words of a compound; nothing for a single word."""
    found = _PART.findall(word)
    return found if len(found) > 1 else []


@lru_cache(maxsize=65_536)
def _number(token: str) -> int:
    return zlib.crc32(token.lower().encode("utf-8", "replace")) | 1


def _shape(word: str) -> int:
    if word.islower():
        kind = 1 if word.isalpha() else 2 if "_" in word else 3
    elif word.isupper():
        kind = 4 if word.isalpha() else 5
    elif word[1:].islower():
        kind = 6 if word.isalpha() else 7
    else:
        kind = 8 if word[0].islower() else 9
    return kind


def features(seen: Window) -> list[int]:
    """The numbers of the weights that a window adds up."""
    l3, l2, l1, word, r1, r2, r3 = seen
    a, b, c, w, x, y, z = _number(l3), _number(l2), _number(l1), _number(word), _number(r1), _number(r2), _number(r3)
    lower = word.lower()
    s = _shape(word)
    e = _number("~" + lower[-3:])
    lasts = _number("^" + lower[-2:])
    t = s * 0x9E3779B1
    found = [
        s,
        w * 3 + 11,
        (w ^ t) * 5,
        (e ^ t) * 7,
        (lasts ^ t) * 9,
        (c ^ t) * 13,
        (x ^ t) * 17,
        c * 19 + w * 23,
        w * 29 + x * 31,
        (c * 37 + x * 41) ^ t,
        (b * 43 + c * 47) ^ t,
        (x * 53 + y * 59) ^ t,
        b * 61 + c * 67 + w * 71,
        w * 73 + x * 79 + y * 83,
        c * 89 + w * 97 + x * 101,
        b * 103 + c * 107 + x * 109,
        c * 113 + x * 127 + y * 131,
        b * 137 + c * 139 + x * 149 + y * 151,
        a * 157 + b * 163 + c * 167,
        x * 173 + y * 179 + z * 181,
        a * 191 + b * 193 + c * 197 + w * 199,
        w * 211 + x * 223 + y * 227 + z * 229,
        (b ^ t) * 233,
        (y ^ t) * 239,
        b * 241 + w * 251,
        w * 257 + y * 263,
        a * 269 + b * 271 + c * 277 + x * 281 + y * 283 + z * 293,
    ]
    return [((n & _WORDS) * (2654435761 + 2 * i) & _WORDS) >> (32 - BITS) for i, n in enumerate(found)]


def _read() -> memoryview:
    return memoryview(zlib.decompress(_FILE.read_bytes())).cast("b")


_WEIGHTS: Final = _read()


@lru_cache(maxsize=131_072)
def score(seen: Window) -> int:
    """The more, the surer a value."""
    return sum([_WEIGHTS[n] for n in features(seen)]) - (GUARDED if is_telling(seen[3]) else THRESHOLD)
