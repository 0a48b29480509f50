"""How unusual the counts of windows are by the norm of their day: what the detectors of levels decide from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from ailog.domain.norms.grid import WINDOW_SECONDS, Grid, Ints, to_grid
from ailog.domain.norms.history import FIRST_DAYS, Memory, lead
from ailog.domain.norms.packing import Today
from ailog.domain.norms.walk import State, walk

FIGURES: Final = ("score", "mean", "phi", "level", "single", "summed", "sum_count", "sum_mean", "batch", "accepted", "alarmed")
RISE: Final = ("rise_score", "rise_level", "rise_base")
"""Figures of a slow rise over the days before, in the first window of a local day; NaN in the others."""
COLUMNS: Final = ("window_start", "namespace", "judged", *FIGURES, *RISE)


def level_rows(grid: Grid, today: Today | None, state: State, wanted: Sequence[datetime]) -> pd.DataFrame:
    """The wanted windows of one day's grid, judged in time order from the state that the day began with; ``state`` is carried on.

    Returns ``COLUMNS``, one row per namespace and window: the figures are those of ``walk.Judgement``; ``judged`` is False where a
    namespace is too young for a norm or the window was not read.
    """
    place = _places(grid, wanted)
    rows = _keys(grid, wanted)
    if today is None:
        nothing = np.zeros((len(grid.names), len(wanted)))
        rows |= {"judged": nothing.astype(bool).ravel(), **{name: nothing.ravel() for name in FIGURES}}
        return pd.DataFrame(rows | dict.fromkeys(RISE, np.nan))
    seen = walk(state, grid.counts, grid.slot, 0, today.norm, today.usual, today.phi_sum)
    old = today.days >= FIRST_DAYS
    judged = old[:, None] & np.isfinite(grid.counts[:, place])
    rows |= {"judged": judged.ravel(), **{name: getattr(seen, name)[:, place].ravel() for name in FIGURES}}
    for name, value in zip(RISE, (today.rise.score, today.rise.level, today.rise.base), strict=True):
        rows[name] = np.where(judged & (place == 0), value[:, None], np.nan).ravel()
    return pd.DataFrame(rows)


def levels_of(counts: pd.DataFrame, wanted: Sequence[datetime], timezone: str) -> pd.DataFrame:
    """``COLUMNS`` of the wanted windows from plain counts (window_start, namespace, count) of many days: for those without a store."""
    if counts.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    grid = to_grid(counts, timezone)
    course = lead(grid, Memory.none(len(grid.names)), State.new(len(grid.names)))
    moments = [moment for moment, at in zip(wanted, _places(grid, wanted), strict=True) if 0 <= at < grid.counts.shape[1]]
    place = _places(grid, moments)
    rows = _keys(grid, moments) | {"judged": course.judged[:, place].ravel()} | dict.fromkeys(RISE, np.nan)
    return pd.DataFrame(rows | {name: getattr(course.seen, name)[:, place].ravel() for name in FIGURES})


def _places(grid: Grid, wanted: Sequence[datetime]) -> Ints:
    return np.array([int((moment - grid.start).total_seconds()) // WINDOW_SECONDS for moment in wanted], np.int64)


def _keys(grid: Grid, wanted: Sequence[datetime]) -> dict[str, object]:
    starts = pd.DatetimeIndex(list(wanted) * len(grid.names)).as_unit("us")
    return {"window_start": starts, "namespace": np.repeat(np.array(grid.names, object), len(wanted))}
