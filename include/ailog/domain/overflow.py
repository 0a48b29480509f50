"""Bounds the fingerprints of a namespace: what is past the bound is counted together, exactly, under one fingerprint.

Which fingerprints stay is a function of the set of events alone: those that were known before the run come first, then those with the
smallest number. So order, batches and repetition change nothing, and memory is bounded while the events pass.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
import pyarrow as pa

OVERFLOW_TEMPLATE: Final = "<overflow>"
OVERFLOW_TYPE: Final = "Overflow"
OVERFLOW_RULE: Final = "overflow"
MAX_COUNTED: Final = 200_000
"""Fingerprints past the bound of a namespace that are told apart to be counted; if there are more, the number is "more than"."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """What a namespace had too much of: ``kept`` fingerprints stay apart, ``templates`` more do not, or more than that (``at_least``)."""

    kept: int
    templates: int
    at_least: bool


def overflow_fingerprint(namespace: str) -> int:
    """The fingerprint of all that a namespace has too many kinds of; int64."""
    return int.from_bytes(blake2b(namespace.encode("utf-8", "replace"), digest_size=8, person=b"overflow").digest(), "big", signed=True)


class Budget:
    """At most ``limit`` fingerprints per namespace, the overflow not counted. ``known`` are kept before all others."""

    def __init__(self, limit: int, known: Collection[int] = ()) -> None:
        self._limit = limit
        self._known = np.unique(np.fromiter(known, np.int64, len(known)))
        self._kept: dict[str, np.ndarray] = {}
        self._seen: dict[str, np.ndarray] = {}
        self._over: set[str] = set()

    @property
    def over(self) -> dict[str, list[int]]:
        """The namespaces that had too many, with the fingerprints that they keep."""
        return {name: sorted(self._kept[name].tolist()) for name in sorted(self._over)}

    @property
    def overflows(self) -> dict[str, Overflow]:
        """The namespaces that had too many, with how many."""
        found = {}
        for name in sorted(self._over):
            seen, kept = len(self._seen[name]), len(self._kept[name])
            found[name] = Overflow(kept, min(seen - kept, MAX_COUNTED), seen - kept > MAX_COUNTED)
        return found

    def take(self, namespaces: pa.ChunkedArray, fingerprints: np.ndarray) -> tuple[np.ndarray, dict[str, list[int]]]:
        """A batch's fingerprints with those past the bound replaced; and by namespace those that were kept until now and are no more."""
        coded = namespaces.combine_chunks().dictionary_encode()
        coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
        codes = coded.indices.to_numpy(zero_copy_only=False)
        result, dropped = fingerprints, {}
        for code, name in enumerate(coded.dictionary.to_pylist()):
            rows = codes == code
            before = self._kept.get(name)
            mine = np.unique(fingerprints[rows])
            union = mine if before is None else np.union1d(before, mine)
            if len(union) > self._limit:
                self._over.add(name)
                self._count(name, union)
                kept = self._first(union)
                if before is not None and len(gone := np.setdiff1d(before, kept)):
                    dropped[name] = gone.tolist()
            else:
                kept = union
            self._kept[name] = kept
            if name in self._over:
                if result is fingerprints:
                    result = fingerprints.copy()
                result[rows & ~np.isin(fingerprints, kept)] = overflow_fingerprint(name)
        return result, dropped

    def _count(self, name: str, met: np.ndarray) -> None:
        seen = self._seen.get(name)
        most = self._limit + MAX_COUNTED + 1
        if seen is None or len(seen) < most:
            self._seen[name] = met[:most] if seen is None else np.union1d(seen, met)[:most]

    def _first(self, union: np.ndarray) -> np.ndarray:
        order = np.lexsort((union.view(np.uint64), ~np.isin(union, self._known)))
        return np.sort(union[order[: self._limit]])


__all__ = ["MAX_COUNTED", "OVERFLOW_RULE", "OVERFLOW_TEMPLATE", "OVERFLOW_TYPE", "Budget", "Overflow", "overflow_fingerprint"]
