"""What each fingerprint was made from, so that a new version of the algorithm can be run over it: error type, message and stack trace.

The specimen is that of the earliest event (of several, the least in code point order), whatever the order of events and batches.
"""

from __future__ import annotations

import json
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CHARACTERS: Final = 8_000
"""Of a message or trace; what is past it hardly ever tells."""
_COLUMNS: Final = ("error_type", "message", "stack_trace")


class Specimens:
    """One specimen per fingerprint; memory grows with the distinct fingerprints."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[int, str]] = {}

    def add(self, events: pa.Table, fingerprints: np.ndarray) -> None:
        """Looks at a batch of events and the fingerprint of each."""
        if events.num_rows == 0:
            return
        times = np.asarray(events["event_time"].cast(pa.int64()).to_numpy())
        numbers, groups = np.unique(fingerprints, return_inverse=True)
        first = np.full(len(numbers), np.iinfo(np.int64).max)
        np.minimum.at(first, groups, times)
        before = np.fromiter((self._found.get(f, (np.iinfo(np.int64).max, ""))[0] for f in numbers.tolist()), np.int64, len(numbers))
        rows = np.flatnonzero((times == first[groups]) & (first <= before)[groups])
        if len(rows) == 0:
            return
        taken = events.select(list(_COLUMNS)).take(pa.array(rows))
        columns = [pc.utf8_slice_codeunits(pc.fill_null(taken[c].cast(pa.string()), ""), 0, CHARACTERS).to_pylist() for c in _COLUMNS]
        for row, *texts in zip(rows.tolist(), *columns, strict=True):
            fingerprint, time = int(fingerprints[row]), int(times[row])
            text = json.dumps(dict(zip(_COLUMNS, texts, strict=True)), ensure_ascii=False, sort_keys=True)
            if fingerprint not in self._found or (time, text) < self._found[fingerprint]:
                self._found[fingerprint] = (time, text)

    def of(self, fingerprint: int) -> str | None:
        """The specimen as JSON with the keys error_type, message and stack_trace; None for a fingerprint that was never seen."""
        found = self._found.get(fingerprint)
        return found[1] if found else None


__all__ = ["CHARACTERS", "Specimens"]
