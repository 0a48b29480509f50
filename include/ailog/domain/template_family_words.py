"""Which words of a template may be values, and how much each says for it: the reading that level 2 does of one template.

A pure function of the template. Words that tell a fault (outcomes, codes, errors, verbs) are never values. What else a word is worth as
evidence depends on its form and on where it stands: a name that no vocabulary holds says more than an ordinary word, and an ordinary
word after ``is`` or ``reason`` next to nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ailog.domain.lexicon import (
    ACTIONS,
    COMPOUNDS,
    ERROR_NAME,
    FAULT_KEYS,
    FUNCTION_WORDS,
    HTTP_METHODS,
    NAMELIKE,
    NOTHING,
    OBJECTS,
    OUTCOMES,
    PREDICATES,
    THINGS,
    is_prose,
)

MARK: Final = "<*>"
NAME: Final = 8
"""What a name is worth as evidence; the unit of ``WORD`` and ``STATE`` too."""
WORD: Final = 4
STATE: Final = 1
"""An ordinary word; a word where a sentence says how something is."""
MAX_TOKENS: Final = 120
Slots = tuple[int, ...]

_TOKEN: Final = re.compile(r"<\*>|<sql>|<-|[^\s()\[\]{}<>,;:=|!?\"'`]+(?:'[a-z]{1,2}\b)?|[()\[\]{}<>,;:=|!?\"'`]")
_FORMS: Final = re.compile(r"[A-Za-z]*[aeiouyAEIOUY][A-Za-z]*(?:ed|ing|ly|able|ible|less)\Z")
"""Endings of words that say what happened; ``spring`` has nothing before its ending that could be a verb."""
_SERVICE: Final = re.compile(r"[a-z#0-9]+(?:-[a-z#0-9]+)*-(?:service|svc)\Z")
"""Names of services tell who failed: they stay apart."""
_COMPOUND: Final = re.compile(r"[a-z]+(?:[-_][a-z]+)+\Z")
_JOINT: Final = re.compile(r"[-_]")
"""``billing-queue`` may be a name; ``read-only`` and ``not_found`` hold a part that tells."""
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]+\Z|.*[0-9].*\Z", re.DOTALL)
_LAST_PART: Final = re.compile(r"[A-Z]?[a-z]+\Z|[A-Z]+\Z")
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_STATES: Final = frozenset(
    "err errno error errors code reason status state result cause exception fault level severity signal sqlstate".split()
)
"""Keys that need no sign between them and what they say (``reason Evicted``); ``method`` or ``type`` need one."""
_COPULAS: Final = frozenset({"is", "are", "was", "were", "be", "been", "became", "becomes", "being", "seems", "too", "very", "not", "no"})
_STARTS: Final = frozenset({":", ".", "!", "?", ";", "-", "|", "<-", "[", "(", '"', "'", "`", "@"})
"""What a sentence begins after: a capital there says nothing."""
_SIGNS: Final = frozenset({":", "=", "(", "["})


def tokens_of(template: str) -> list[str]:
    """The tokens of a template as people read it: words, punctuation, the mark."""
    return _TOKEN.findall(template)


@lru_cache(maxsize=65_536)
def base_of(error_type: str, template: str) -> tuple[tuple[str, ...], Slots, tuple[str, ...]]:
    """The base of a template (its error type, then its tokens with all that may be values replaced by the mark), the positions of
    these slots, and all tokens.

    A template that begins with its own error type has the same base as one whose type came in a field of its own.
    """
    found = tokens_of(template)
    if found[:2] == [error_type, ":"]:
        found = found[2:]
    slots: Slots = ()
    if len(found) <= MAX_TOKENS:
        slots = tuple(at for at, token in enumerate(found) if token == MARK or may_be_value(token))
    base = list(found)
    for at in slots:
        base[at] = MARK
    return (error_type, *base), slots, tuple(found)


@lru_cache(maxsize=65_536)
def may_be_value(word: str) -> bool:
    """Whether a word could be a value at all: a word or name that tells no fault."""
    if len(word) < 3 or not word[0].isalpha() or _tells(word):
        return False
    return not any(_tells(part) for part in _JOINT.split(word)) if _COMPOUND.match(word) else not _outcome_inside(word)


@lru_cache(maxsize=65_536)
def is_content(word: str) -> bool:
    """Whether a word says what a message is about: neither a function word nor a mere outcome, no sign, no value."""
    lower = word.lower()
    return word[0].isalpha() and lower not in FUNCTION_WORDS and lower not in OUTCOMES


def weight(values: tuple[str, ...], at: int) -> int:
    """What the word at a slot is worth as evidence that values stand there; 0 for what errors are about, and for the mark."""
    word = values[at]
    if word == MARK:
        return 0
    before = values[at - 1] if at else ":"
    kind = _kind(word)
    if not kind:
        return 0
    if before.lower() in _COPULAS or before.lower() in PREDICATES or _fault_key(values, at):
        return STATE
    if kind < NAME and word[0].isupper() and word[1:].islower():
        after = values[at + 1] if at + 1 < len(values) else ""
        return NAME if before not in _STARTS and not before[:1].isupper() and not after[:1].isupper() else kind
    return kind


@lru_cache(maxsize=65_536)
def _kind(word: str) -> int:
    lower = word.lower()
    if lower in THINGS or ((lower in OBJECTS or lower in COMPOUNDS) and lower not in NAMELIKE):
        return 0
    return WORD if is_prose(word) and not _COMPOUND.match(word) else NAME


def _tells(word: str) -> bool:
    lower = word.lower()
    return (
        lower in OUTCOMES
        or lower in FUNCTION_WORDS
        or lower in ACTIONS
        or lower in NOTHING
        or lower in FAULT_KEYS
        or word in HTTP_METHODS
        or bool(ERROR_NAME.match(word) or _CODE.match(word) or _FORMS.match(word) or _SERVICE.match(word))
    )


def _outcome_inside(word: str) -> bool:
    """Whether a name in camel case holds an outcome (``BucketNotFound``): it may be a code."""
    parts = _PARTS.findall(word)
    return len(parts) > 1 and any(part.lower() in OUTCOMES or part.lower() == "not" for part in parts)


def _fault_key(values: tuple[str, ...], at: int) -> bool:
    """Whether the word is what a key such as ``reason`` or ``status`` says."""
    if at == 0:
        return False
    signed = at > 1 and values[at - 1] in _SIGNS
    key = values[at - 2 if signed else at - 1]
    last = _LAST_PART.search(key)
    names = {key.lower(), last.group().lower() if last else ""}
    return not names.isdisjoint(FAULT_KEYS if signed else _STATES) or bool(ERROR_NAME.match(key))


__all__ = ["MARK", "NAME", "STATE", "WORD", "Slots", "base_of", "is_content", "may_be_value", "tokens_of", "weight"]
