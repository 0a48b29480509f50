"""Which share of too many events is read: stratified by window and namespace, the counts staying exact.

Every cell (window, namespace) up to a common cap is read in full, the bigger ones are thinned to the cap, so that a flood in one
namespace never hides the others. The weights of what was read of a cell add up to its exact count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Cell = tuple[int, str]
"""Window start in microseconds since 1970, and namespace."""

LEAST_PER_CELL: Final = 100
"""Also over the limit of events: a smaller sample of a cell says nothing, and could be empty by chance."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Exact ``counts`` of errors by cell, and the ``cap`` that bigger cells are thinned to; no cap means that all is read."""

    counts: Mapping[Cell, int]
    cap: int | None

    @property
    def expected(self) -> int:
        """Events that the source holds."""
        return sum(self.counts.values())

    def target(self, cell: Cell) -> int:
        """How many events of a cell are to be read."""
        count = self.counts.get(cell, 0)
        return count if self.cap is None else min(count, self.cap)


def plan(counts: pa.Table, max_events: int) -> Plan:
    """The plan for a table of COUNT_SCHEMA: everything when it fits into ``max_events``, else the highest cap that does."""
    errors = counts.filter(pc.greater(counts.column("errors"), 0))
    windows = errors.column("window_start").cast(pa.int64()).to_pylist()
    cells = dict(zip(zip(windows, errors.column("namespace").to_pylist(), strict=True), errors.column("errors").to_pylist(), strict=True))
    if sum(cells.values()) <= max_events:
        return Plan(cells, None)
    return Plan(cells, max(_cap(np.sort(np.array(list(cells.values()), dtype=np.int64)), max_events), LEAST_PER_CELL))


def _cap(ascending: np.ndarray[tuple[int], np.dtype[np.int64]], limit: int) -> int:
    """The highest c with sum(min(count, c)) <= limit."""
    below = np.concatenate(([0], np.cumsum(ascending)[:-1]))
    left = np.arange(len(ascending), 0, -1)
    caps = (limit - below) // left
    return int(caps[np.argmax(caps <= ascending)])
