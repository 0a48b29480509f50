"""Level 2: joins templates that differ only where the set of all templates shows that values stand.

Level 1 decides on one message. Some words it has to keep, because alone they could be the program's own: an ordinary word that is
somebody's name for a queue, a word in capitals, a word of a language that it does not know. Beside its siblings such a word is seen
to be a value: two hundred different words in one place of otherwise equal templates are names.

The decision is a function of the **set** of distinct templates, so order, pages, batches and workers cannot matter:

* Each template has one *base*: its error type and its tokens with every word that may be a value replaced by the mark. Templates of one
  base are compared, nobody else. Which words may be values is a pure function of the template (``template_family_words``); words that
  tell a fault (outcomes, codes, errors, verbs) never are, whatever stands beside them.
* Templates that agree but for a few places are joined when at each of these places enough different values are seen
  (``template_family_patterns``), or when the words there are seen as values elsewhere in the set (``template_family_names``).
  Evidence only grows with the set, so families only widen.

Changing a rule or a threshold changes families, not fingerprints: raise ``FAMILY_VERSION`` with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from hashlib import blake2b
from typing import Final, Protocol

from ailog.domain.template_family_names import joined
from ailog.domain.template_family_patterns import Row
from ailog.domain.template_family_words import MARK, Slots, base_of, tokens_of

FAMILY_VERSION: Final = "2"
MAX_TEMPLATES: Final = 20_000
"""Templates that take part; of a larger set those that were there first, then those with the smallest fingerprints. All others keep
their own family. Past it the result depends on what came first, which a caller has to say aloud."""


class Skeleton(Protocol):
    """What level 2 needs of a template: ``domain.fingerprint.Template`` has it."""

    @property
    def fingerprint(self) -> int: ...
    @property
    def error_type(self) -> str: ...
    @property
    def template(self) -> str: ...


class Families:
    """The set of distinct templates seen, and the families that it gives. Two sets are joined by adding one's templates to the other."""

    def __init__(self, templates: Iterable[Skeleton] = (), *, limit: int = MAX_TEMPLATES) -> None:
        self.left_out: set[int] = set()
        self._limit = limit
        self._rows: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        self._bases: dict[tuple[str, ...], list[tuple[Slots, tuple[str, ...]]]] = {}
        self._seen: set[int] = set()
        self.add(templates)

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, templates: Iterable[Skeleton]) -> None:
        """Adds templates; those that are there already change nothing. Past the limit a template is remembered in ``left_out``."""
        for template in sorted(templates, key=lambda t: _unsigned(t.fingerprint)):
            if template.fingerprint in self._seen:
                continue
            if len(self._seen) >= self._limit:
                self.left_out.add(template.fingerprint)
                continue
            self._seen.add(template.fingerprint)
            key, slots, values = base_of(template.error_type, template.template)
            same = self._rows.setdefault((template.error_type, values), [])
            if not same:
                self._bases.setdefault(key, []).append((slots, values))
            same.append(template.fingerprint)

    def resolve(self, apart: AbstractSet[int] = frozenset()) -> dict[int, int]:
        """The family of each template: its own fingerprint unless it is joined with others.

        ``apart``: fingerprints that a person keeps on their own; what they say of where values stand still counts.
        """
        found = {fingerprint: fingerprint for fingerprint in sorted(self.left_out, key=_unsigned)}
        taken: set[tuple[str, ...]] = set()
        for rows in self._groups():
            error_type, pattern = rows[0].error_type, _common(rows)
            members = [fingerprint for row in rows for fingerprint in self._rows[error_type, row.values]]
            free = {m for m in members if m not in apart}
            namesakes = [m for m in self._rows.get((error_type, pattern), ()) if m in free]
            family = _identity((error_type, *pattern), free, namesakes, taken)
            found |= {m: m if m in apart else family for m in members}
        return found

    def _groups(self) -> list[list[Row]]:
        """The templates that belong together, in an order that depends on the set alone."""
        rows = [
            Row(number, key[0], slots, values)
            for number, key in enumerate(sorted(self._bases))
            for slots, values in sorted(self._bases[key], key=lambda member: member[1])
        ]
        groups: dict[int, list[Row]] = {}
        for row, group in zip(rows, joined(rows), strict=True):
            groups.setdefault(group, []).append(row)
        return list(groups.values())


def families(templates: Iterable[Skeleton]) -> dict[int, int]:
    """The family of each template of a set, by fingerprint: the same whatever the order of the set.

    A family is named by the member that is its pattern, where there is one, and else by a hash of the pattern.
    """
    return Families(templates).resolve()


def pattern_of(members: Iterable[str]) -> str:
    """One text for people for the templates of a family: the mark wherever the members differ."""
    rows = [tokens_of(text) for text in sorted(set(members))]
    if not rows:
        return ""
    if len({len(row) for row in rows}) > 1:
        return min((_plain(row) for row in rows), key=lambda text: (-text.count(MARK), text))
    return _plain([column[0] if len(set(column)) == 1 else MARK for column in zip(*rows, strict=True)])


def _common(rows: Sequence[Row]) -> tuple[str, ...]:
    """The pattern of a family: the mark wherever members of one base differ; of several bases the shortest pattern."""
    if len(rows) == 1:
        return rows[0].values
    bases: dict[int, list[tuple[str, ...]]] = {}
    for row in rows:
        bases.setdefault(row.base, []).append(row.values)
    patterns = [tuple(c[0] if len(set(c)) == 1 else MARK for c in zip(*values, strict=True)) for values in bases.values()]
    return min(patterns, key=lambda pattern: (len(pattern), -pattern.count(MARK), pattern))


def _identity(pattern: tuple[str, ...], members: AbstractSet[int], namesakes: Sequence[int], taken: set[tuple[str, ...]]) -> int:
    """The name of a family. ``taken``: patterns that other families have by accident, which this one's is added to."""
    again = pattern in taken
    taken.add(pattern)
    if len(members) == 1:
        return min(members)
    if namesakes:
        return min(namesakes, key=_unsigned)
    accident = [str(min(map(_unsigned, members), default=0))] if again else []
    text = "\x1f".join((FAMILY_VERSION, *pattern, *accident))
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8, person=b"family").digest(), "big", signed=True)


def _unsigned(fingerprint: int) -> int:
    return fingerprint & 0xFFFF_FFFF_FFFF_FFFF


def _plain(tokens: list[str]) -> str:
    text = re.sub(r" ([,;:)\]}!?])", r"\1", " ".join(tokens))
    return re.sub(r"([(\[{]) ", r"\1", text)


__all__ = ["FAMILY_VERSION", "MAX_TEMPLATES", "Families", "Skeleton", "families", "pattern_of", "tokens_of"]
