"""Versions of applications, compared as section 11 of Semantic Versioning 2.0.0 says; a leading ``v`` and build metadata do not count."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

Key = tuple[tuple[int, int, int], int, tuple[tuple[int, int, str], ...]]
"""Versions sort as their keys do."""

_FORM: Final = re.compile(r"[vV]?([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?:-([0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?")


@lru_cache(maxsize=65_536)
def key(version: str) -> Key | None:
    """The key of ``X.Y.Z`` with optional pre-release and build; None for anything else: it cannot be compared.

    A pre-release comes before its release; its parts compare number by number, numbers before words, fewer before more.
    """
    found = _FORM.fullmatch(version.strip())
    if found is None:
        return None
    numbers = (int(found[1]), int(found[2]), int(found[3]))
    if found[4] is None:
        return numbers, 1, ()
    return numbers, 0, tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in found[4].split("."))


def ordered(versions: frozenset[str] | set[str]) -> list[str]:
    """Those that can be compared, oldest first; of equal ones in the order of their texts."""
    keyed = [(found, version) for version in versions if (found := key(version)) is not None]
    return [version for _, version in sorted(keyed)]
