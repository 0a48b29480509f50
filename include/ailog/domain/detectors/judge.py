"""Counts of many series in, verdicts out: the product's own judgement of levels as one plain function."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from ailog.domain.norms.budget import solve
from ailog.domain.norms.grid import Grid, epoch_seconds, to_grid
from ailog.domain.norms.history import FIRST_DAYS, Course, Memory, lead
from ailog.domain.norms.walk import State
from ailog.domain.wording import number

_CALIBRATED_AFTER: Final = FIRST_DAYS + 3
_ASKED: Final = ["namespace", "window_start", "count"]
COLUMNS: Final = ["namespace", "window_start", "flagged", "score", "reason"]


def judge(
    history: pd.DataFrame,
    live: pd.DataFrame,
    *,
    timezone: str = "Europe/Prague",
    budget: float = 1.0,
    spend: str = "worth",
    min_count: int = 3,
    holidays: Sequence[date] = (),
) -> pd.DataFrame:
    """Judges live counts against what the history and the live windows before each of them say is usual.

    Both frames have the columns namespace, window_start (aware, at quarter hours) and count; a missing row is a window that was not read.
    ``budget`` is the number of false alarms per namespace and week that may be made at most; ``spend="all"`` uses it in full. A window
    with fewer than ``min_count`` errors is never an alarm. The answer has one row for each row of ``live``, sorted by namespace and window:
    namespace, window_start, flagged, score (-ln of the probability by chance, 0 where a floor stopped it), reason.

    Raises:
        ValueError: times without a zone or off the quarter hour, counts that are no numbers or negative, a window of a namespace named
            twice, a budget that is not above 0.
    """
    if not budget > 0:
        raise ValueError(f"a budget of {budget:g} false alarms per namespace and week cannot be kept: give a number above 0")
    for name, frame in (("history", history), ("live", live)):
        missing = [column for column in _ASKED if column not in frame.columns]
        if missing:
            raise ValueError(f"{name} has no column {missing[0]}: give {', '.join(_ASKED)}")
        epoch_seconds(frame["window_start"])  # each for itself: joined, times with and without a zone would be told apart no more
    both = pd.concat([history[_ASKED], live[_ASKED]], ignore_index=True)
    grid = to_grid(both, timezone, holidays=[day.toordinal() for day in holidays])
    series = len(grid.names)
    course = lead(grid, Memory.none(series), State.new(series))
    windows = grid.counts.shape[1]
    starts = grid.start + pd.to_timedelta(np.arange(windows) * 900, unit="s")
    border = pd.DatetimeIndex(live["window_start"]).min() if len(live) else None
    past = np.asarray(starts < border) if border is not None else np.ones(windows, bool)
    known = course.judged & past & (np.cumsum(np.isfinite(grid.counts), axis=1) > _CALIBRATED_AFTER * 96)
    solved = solve(course.seen.score, known, budget, spend=spend)
    return _answer(live, grid, course, solved.limit, min_count)


def _answer(live: pd.DataFrame, grid: Grid, course: Course, limit: float, min_count: int) -> pd.DataFrame:
    found = live[["namespace", "window_start"]].sort_values(["namespace", "window_start"], kind="stable", ignore_index=True)
    row = pd.Index(grid.names).get_indexer(pd.Index(found["namespace"]))
    column = ((pd.DatetimeIndex(found["window_start"]) - grid.start) // pd.Timedelta(minutes=15)).to_numpy(int)
    score = course.seen.score[row, column]
    found["flagged"] = (score > limit) & course.judged[row, column] & (grid.counts[row, column] >= min_count)
    found["score"] = score
    mean = course.seen.mean[row, column]
    found["reason"] = ""
    flagged = found.index[found["flagged"]]
    found.loc[flagged, "reason"] = [
        f"usual at this time {number(float(mean[at]))}; score {score[at]:.1f} above {limit:.1f}" for at in flagged
    ]
    return found[COLUMNS]
