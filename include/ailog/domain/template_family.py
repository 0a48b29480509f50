"""Level 2: joins templates that differ only where the set of all templates shows that values stand.

Level 1 decides on one message. A few words it has to keep, because alone they could be the program's own: an ordinary word in capitals
that is somebody's name for a method, a word of a language that it does not know. Beside its siblings such a word is seen to be a value.

The decision is a function of the **set** of distinct templates, so order, pages, batches and workers cannot matter:

* Each template has one *base*: its tokens with every word that may be a name replaced by the mark. Templates of one error type and one
  base are compared, nobody else. Which words may be names is a pure function of the template; words that tell a fault (outcomes, codes,
  errors, verbs, what follows a copula or a key such as ``reason``) never are.
* Where such a word stands, the distinct values of all templates of the base are evidence. A position opens at ``KNOWN_VALUE`` values when
  the mark is one of them, at ``WORDS_ALONE`` otherwise. Evidence only grows with the set, so a position never closes and families only
  widen.
* A family is what agrees in base and in every position that is not open. The base is part of a family, so two families that look alike
  by accident never join and part again.

Changing a rule or a threshold changes families, not fingerprints: raise ``FAMILY_VERSION`` with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Final, Protocol

from ailog.domain.lexicon import ACTIONS, ERROR_NAME, FAULT_KEYS, FUNCTION_WORDS, HTTP_METHODS, NOTHING, OUTCOMES, PREDICATES, is_prose

FAMILY_VERSION: Final = "1"
KNOWN_VALUE: Final = 4
"""Distinct values, the mark among them, at which a position is open."""
WORDS_ALONE: Final = 8
"""Distinct words at which a position is open where no value was ever seen by its form."""
MIN_WORDS: Final = 3
"""Words that must be the same in the rest of the template, two of them words of content."""
MAX_TOKENS: Final = 120
MAX_TEMPLATES: Final = 20_000
"""Templates that take part; of a larger set those that were there first, then those with the smallest fingerprints. All others keep
their own family. Past it the result depends on what came first, which a caller has to say aloud."""

MARK: Final = "<*>"
_TOKEN: Final = re.compile(r"<\*>|<sql>|<-|[^\s()\[\]{}<>,;:=|!?\"'`]+(?:'[a-z]{1,2}\b)?|[()\[\]{}<>,;:=|!?\"'`]")
_FORMS: Final = re.compile(r"[A-Za-z]{2,}(?:ed|ing|ly|able|ible|less)\Z")
"""Endings of words that say what happened."""
_SERVICE: Final = re.compile(r"[a-z#0-9]+(?:-[a-z#0-9]+)*-(?:service|svc)\Z")
"""Names of services tell who failed: they stay apart."""
_COMPOUND: Final = re.compile(r"[a-z]+(?:[-_][a-z]+)+\Z")
_JOINT: Final = re.compile(r"[-_]")
"""``billing-queue`` may be a name; ``read-only`` and ``not_found`` hold a part that tells."""
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]+\Z|.*[0-9].*\Z", re.DOTALL)
_LAST_PART: Final = re.compile(r"[A-Z]?[a-z]+\Z|[A-Z]+\Z")
_STATES: Final = frozenset(
    "err errno error errors code reason status state result cause exception fault level severity signal sqlstate".split()
)
"""Keys that need no sign between them and what they say (``reason Evicted``); ``method`` or ``type`` need one."""
_COPULAS: Final = frozenset({"is", "are", "was", "were", "be", "been", "became", "becomes", "being", "seems", "too", "very", "not", "no"})
_STARTS: Final = frozenset({":", ".", "!", "?", ";", "-", "|", "<-", "[", "(", '"', "'", "`", "@"})
"""What a sentence begins after: a capital there says nothing."""
Slots = tuple[int, ...]


class Skeleton(Protocol):
    """What level 2 needs of a template: ``domain.fingerprint.Template`` has it."""

    @property
    def fingerprint(self) -> int: ...
    @property
    def error_type(self) -> str: ...
    @property
    def template(self) -> str: ...


@dataclass(slots=True)
class _Base:
    """The templates of one base: the values at each of its slots, and who has which."""

    slots: Slots
    members: dict[int, tuple[str, ...]] = field(default_factory=dict)


class Families:
    """The set of distinct templates seen, and the families that it gives. Two sets are joined by adding one's templates to the other."""

    def __init__(self, templates: Iterable[Skeleton] = (), *, limit: int = MAX_TEMPLATES) -> None:
        self.left_out: set[int] = set()
        self._limit = limit
        self._bases: dict[tuple[str, ...], _Base] = {}
        self._size = 0
        self._seen: set[int] = set()
        self.add(templates)

    def __len__(self) -> int:
        return self._size

    def add(self, templates: Iterable[Skeleton]) -> None:
        """Adds templates; those that are there already change nothing. Past the limit a template is remembered in ``left_out``."""
        for template in sorted(templates, key=lambda t: _unsigned(t.fingerprint)):
            if template.fingerprint in self._seen:
                continue
            if self._size >= self._limit:
                self.left_out.add(template.fingerprint)
                continue
            self._seen.add(template.fingerprint)
            self._size += 1
            key, slots, values = base_of(template.error_type, template.template)
            base = self._bases.setdefault(key, _Base(slots))
            base.slots = tuple(sorted({*base.slots, *slots}))
            base.members[template.fingerprint] = values

    def resolve(self, apart: AbstractSet[int] = frozenset()) -> dict[int, int]:
        """The family of each template: its own fingerprint unless it is joined with others.

        ``apart``: fingerprints that a person keeps on their own; what they say of where values stand still counts.
        """
        found = {fingerprint: fingerprint for fingerprint in sorted(self.left_out, key=_unsigned)}
        for key in sorted(self._bases):
            base = self._bases[key]
            if len(base.members) == 1:
                found |= {fingerprint: fingerprint for fingerprint in base.members}
                continue
            still = _open(base)
            groups: dict[tuple[str, ...], list[int]] = {}
            for fingerprint, values in base.members.items():
                node = tuple(MARK if at in still else value for at, value in enumerate(values))
                groups.setdefault(node, []).append(fingerprint)
            for node, members in groups.items():
                joined = [m for m in members if m not in apart]
                family = _identity(key, node, joined, base.members)
                found |= {m: m if m in apart else family for m in members}
        return found


def families(templates: Iterable[Skeleton]) -> dict[int, int]:
    """The family of each template of a set, by fingerprint: the same whatever the order of the set.

    A family is named by the member that is its pattern, where there is one, and else by a hash of the pattern.
    """
    return Families(templates).resolve()


def pattern_of(members: Iterable[str]) -> str:
    """One text for people for the templates of a family: the mark wherever the members differ."""
    rows = [_TOKEN.findall(text) for text in sorted(set(members))]
    if not rows:
        return ""
    if len({len(row) for row in rows}) > 1:
        return min((_plain(row) for row in rows), key=lambda text: (-text.count(MARK), text))
    return _plain([column[0] if len(set(column)) == 1 else MARK for column in zip(*rows, strict=True)])


@lru_cache(maxsize=65_536)
def base_of(error_type: str, template: str) -> tuple[tuple[str, ...], Slots, tuple[str, ...]]:
    """The base of a template, the positions of its slots (words that may be names, and marks), and the values at all positions.

    A template that begins with its own error type has the same base as one whose type came in a field of its own.
    """
    found = tokens_of(template)
    if found[:2] == [error_type, ":"]:
        found = found[2:]
    values = tuple(found)
    slots = tuple(at for at in range(len(values)) if _may_be_name(values, at)) if len(values) <= MAX_TOKENS else ()
    constant = [t for at, t in enumerate(values) if t[0].isalnum() and at not in slots]
    if len(constant) < MIN_WORDS or sum(t.lower() not in FUNCTION_WORDS for t in constant) < MIN_WORDS - 1:
        slots = ()
    base = tuple(MARK if at in slots else value for at, value in enumerate(values))
    return (error_type, *base), slots, values


def tokens_of(template: str) -> list[str]:
    """The tokens of a template as people read it: words, punctuation, the mark."""
    return _TOKEN.findall(template)


def _may_be_name(tokens: tuple[str, ...], at: int) -> bool:
    """Whether the word at a place may be a value that level 1 had to keep."""
    word = tokens[at]
    if len(word) < 3 or not word[0].isalpha() or _tells(word):
        return False
    before = tokens[at - 1] if at else ":"
    if before.lower() in _COPULAS or before.lower() in PREDICATES or _fault_key(tokens, at):
        return False
    if not is_prose(word):
        return True
    if _COMPOUND.match(word):
        return not any(_tells(part) for part in _JOINT.split(word))
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    title = word[0].isupper() and word[1:].islower() and word.isalpha()
    return title and before not in _STARTS and not before[:1].isupper() and not after[:1].isupper()


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


def _fault_key(tokens: tuple[str, ...], at: int) -> bool:
    """Whether the word is what a key such as ``reason`` or ``status`` says."""
    signed = at > 1 and tokens[at - 1] in {":", "=", "(", "["}
    if at == 0:
        return False
    key = tokens[at - 2 if signed else at - 1]
    last = _LAST_PART.search(key)
    names = {key.lower(), last.group().lower() if last else ""}
    return not names.isdisjoint(FAULT_KEYS if signed else _STATES) or bool(ERROR_NAME.match(key))


def _open(base: _Base) -> frozenset[int]:
    """The slots of a base at which values are seen to stand."""
    found = set()
    for at in base.slots:
        values = {values[at] for values in base.members.values()}
        if len(values) >= (KNOWN_VALUE if MARK in values else WORDS_ALONE):
            found.add(at)
    return frozenset(found)


def _identity(key: tuple[str, ...], node: tuple[str, ...], members: list[int], values: Mapping[int, tuple[str, ...]]) -> int:
    if len(members) == 1:
        return members[0]
    exact = [m for m in members if values[m] == node]
    if exact:
        return min(exact, key=_unsigned)
    text = "\x1f".join((FAMILY_VERSION, *key, "", *node))
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8, person=b"family").digest(), "big", signed=True)


def _unsigned(fingerprint: int) -> int:
    return fingerprint & 0xFFFF_FFFF_FFFF_FFFF


def _plain(tokens: list[str]) -> str:
    text = re.sub(r" ([,;:)\]}!?])", r"\1", " ".join(tokens))
    return re.sub(r"([(\[{]) ", r"\1", text)


__all__ = ["FAMILY_VERSION", "MAX_TEMPLATES", "Families", "Skeleton", "base_of", "families", "pattern_of", "tokens_of"]
