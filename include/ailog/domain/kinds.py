"""Counts per kind of error, gathered batch by batch: a kind is (window, namespace, application, fingerprint).

The result depends on the set of events alone, not on their order or on where batches end: counts and times are sums and extremes, and the
sample is the message of the earliest event (of several, the least in code point order).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

SAMPLE_CHARACTERS = 2000
Key = tuple[int, str, str, int]


@dataclass(slots=True)
class Kind:
    """What is known of one kind; times in microseconds since the epoch, UTC. ``number`` names it within one counter, by first sight."""

    number: int
    weight: float
    rows: int
    first: int
    last: int
    sample: str
    versions: set[str] = field(default_factory=set)

    @property
    def estimated(self) -> bool:
        """Whether the count stands on a sample."""
        return self.weight != self.rows

    @property
    def count(self) -> int:
        """Events of the kind, at least one."""
        return max(round(self.weight), 1)


class KindCounter:
    """Adds up batches of events; memory grows with the distinct kinds, not with the events."""

    def __init__(self) -> None:
        self._kinds: dict[Key, Kind] = {}
        self._numbers = 0

    def add(self, events: pa.Table, fingerprints: np.ndarray) -> np.ndarray:
        """Counts a batch: columns of EVENT_SCHEMA, and the fingerprint of each row. Returns the number of each row's kind; int32."""
        if events.num_rows == 0:
            return np.empty(0, dtype=np.int32)
        windows = _micros(events["window_start"])
        times = _micros(events["event_time"])
        weights = events["weight"].to_numpy()
        groups, heads = _group([windows, fingerprints, *(_codes(events[c]) for c in ("namespace", "app", "app_version"))])
        size = len(heads)
        first = np.full(size, np.iinfo(np.int64).max)
        last = np.full(size, np.iinfo(np.int64).min)
        np.minimum.at(first, groups, times)
        np.maximum.at(last, groups, times)
        weight = np.bincount(groups, weights=weights, minlength=size)
        rows = np.bincount(groups, minlength=size)
        samples = _samples(events, np.flatnonzero(times == first[groups]), groups)
        taken = events.select(["namespace", "app", "app_version"]).take(pa.array(heads))
        numbers = np.empty(size, dtype=np.int32)
        columns = zip(
            windows[heads].tolist(), *(taken[c].to_pylist() for c in ("namespace", "app", "app_version")), fingerprints[heads].tolist(),
            weight.tolist(), rows.tolist(), first.tolist(), last.tolist(), range(size), strict=True,
        )  # fmt: skip
        for window, namespace, app, version, fingerprint, w, n, begin, end, group in columns:
            key = (window, namespace, app, fingerprint)
            kind = self._kinds.get(key)
            sample = samples[group]
            if kind is None:
                kind = self._kinds[key] = Kind(self._numbers, 0.0, 0, begin, end, sample)
                self._numbers += 1
            elif (begin, sample) < (kind.first, kind.sample):
                kind.sample = sample
            kind.weight += w
            kind.rows += n
            kind.first = min(kind.first, begin)
            kind.last = max(kind.last, end)
            if version is not None:
                kind.versions.add(version)
            numbers[group] = kind.number
        return np.asarray(numbers[groups])

    def fold(self, dropped: Mapping[str, tuple[Collection[int], int]]) -> dict[int, int]:
        """Counts fingerprints under one other; the sums stay exact. ``dropped``: by namespace the fingerprints, and the other.

        Returns the numbers that are no more, each with the number of the kind that took its events.
        """
        moved: dict[int, int] = {}
        gone = {name: (frozenset(fingerprints), instead) for name, (fingerprints, instead) in dropped.items()}
        for key in [k for k in self._kinds if k[1] in gone and k[3] in gone[k[1]][0]]:
            kind = self._kinds.pop(key)
            into = (key[0], key[1], key[2], gone[key[1]][1])
            other = self._kinds.setdefault(into, kind)
            if other is kind:
                continue
            if (kind.first, kind.sample) < (other.first, other.sample):
                other.sample = kind.sample
            other.weight += kind.weight
            other.rows += kind.rows
            other.first = min(other.first, kind.first)
            other.last = max(other.last, kind.last)
            other.versions |= kind.versions
            moved[kind.number] = other.number
        return moved

    def items(self) -> Iterator[tuple[Key, Kind]]:
        """All kinds in the order of their keys."""
        for key in sorted(self._kinds):
            yield key, self._kinds[key]

    def __len__(self) -> int:
        return len(self._kinds)


def _samples(events: pa.Table, earliest: np.ndarray, groups: np.ndarray) -> dict[int, str]:
    """The least message of the earliest events of each group."""
    found: dict[int, str] = {}
    chosen = events.select(["message", "stack_trace"]).take(pa.array(earliest))
    message = pc.if_else(pc.equal(chosen["message"], ""), pc.coalesce(chosen["stack_trace"], ""), chosen["message"])
    texts = pc.utf8_slice_codeunits(message, 0, SAMPLE_CHARACTERS).to_pylist()
    for group, text in zip(groups[earliest].tolist(), texts, strict=True):
        if group not in found or text < found[group]:
            found[group] = text
    return found


def _micros(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.cast(pa.int64()).to_numpy())


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    encoded = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    return np.asarray(encoded.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _group(columns: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Group number of each row, and the first row of each group."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(column)
        combined, _ = pd.factorize(combined * len(values) + codes)
    _, heads = np.unique(combined, return_index=True)
    return combined, heads
