"""Whether an incident goes on in a window in which nothing fired for it.

It does while its problem has, above its norm, the ``continue_share`` of what it opened with. Not so where the new level of its namespace
was accepted as what is usual: the norms of its problems are means of a week and lag behind, so for that week its incidents go on by firing
alone. A level that shifted is told once, not for ever.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Final

import pandas as pd

from ailog.settings import Settings

LAG: Final = timedelta(days=8)
"""How long the norms of problems do not know an accepted level: means of the seven days before a day."""

Key = tuple[pd.Timestamp, str, str]
"""Window, namespace, problem."""


def to_go_on(opening: float, norm: float, settings: Settings) -> float:
    """Events that keep an incident going: the share of what it opened with, both counted from the problem's norm; at least one."""
    share = settings.incidents.continue_share
    return max(1.0, norm + share * max(0.0, opening - norm))


class Accepted:
    """The windows after which a new level of a namespace, or of one of its problems, was taken as usual."""

    def __init__(self, accepted: pd.DataFrame | None) -> None:
        self._windows: dict[tuple[str, str], list[pd.Timestamp]] = {}
        if accepted is None:
            return
        for window, namespace, problem in zip(*(accepted[c] for c in ("window_start", "namespace", "problem_key")), strict=True):
            self._windows.setdefault((namespace, problem if isinstance(problem, str) else ""), []).append(pd.Timestamp(window))
        for windows in self._windows.values():
            windows.sort()

    def before(self, key: Key) -> bool:
        """Whether one was accepted in an earlier window that the norm of the problem does not know yet."""
        window, namespace, problem = key
        for subject in ("", problem):
            windows = self._windows.get((namespace, subject), [])
            place = bisect_left(windows, window)
            if place and window - windows[place - 1] <= LAG:
                return True
        return False


def continuations(
    fired: Collection[Key],
    counts: Mapping[Key, int],
    norm_of: Callable[[Key], float | None],
    open_incidents: pd.DataFrame,
    declared_over: pd.DataFrame | None,
    accepted: Accepted,
    silent: Callable[[str], str],
    settings: Settings,
) -> dict[Key, float]:
    """Windows in which an incident goes on though nothing fired for it, with what it opened with.

    Walks the windows in order, those that the run does not read included, so that a run over many windows decides as that many runs over
    one. What a person declared over goes on no further. Silence (``silent`` names its problem) goes on by firing alone: there are no events
    to count.
    """
    quiet = timedelta(minutes=settings.incidents.quiet_minutes)
    columns = ("last_window", "namespace", "problem_key", "opening_count")
    stored: dict[Key, float] = {
        (pd.Timestamp(w), str(n), str(p)): float(count) for w, n, p, count in zip(*(open_incidents[c] for c in columns), strict=True)
    }
    over: dict[tuple[str, str], list[pd.Timestamp]] = {}
    if declared_over is not None:
        for n, p, until in zip(*(declared_over[c] for c in ("namespace", "problem_key", "until")), strict=True):
            over.setdefault((n, p), []).append(pd.Timestamp(until))
    going: dict[tuple[str, str], tuple[float, pd.Timestamp]] = {}
    found: dict[Key, float] = {}
    for key in sorted({*fired, *counts, *stored}):
        window, namespace, problem = key
        if problem == silent(namespace):
            continue
        opening, last = going.get((namespace, problem), (math.nan, window))
        alive = not math.isnan(opening) and window - last <= quiet
        alive = alive and not any(last <= until < window for until in over.get((namespace, problem), ()))
        count = counts.get(key, 0)
        if key in fired or key in stored:
            going[namespace, problem] = (opening if alive else stored.get(key, float(count)), window)
        elif alive and count >= to_go_on(opening, norm_of(key) or 0.0, settings) and not accepted.before(key):
            found[key] = opening
            going[namespace, problem] = (opening, window)
    return found
