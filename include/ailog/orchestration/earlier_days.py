"""Days of a replay are judged in their order, however many of them Airflow runs at once.

A day is judged by what the days before it left. ``airflow backfill create`` starts ten runs at once whatever ``max_active_runs`` of the DAG
says, and ``depends_on_past`` would stop the replay for ever at the first day that fails. So the first task of a replayed day gives its
slot back until the days before it are published. What decides is in the ledger and in Airflow's own list of runs: nothing is lost when
a scheduler or a worker dies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ailog.domain.events import Interval
from ailog.orchestration.steps import Steps

HORIZON: Final = timedelta(days=40)
"""How far back earlier days are looked for: longer than the history that a day is judged by."""
LONGEST_WAIT: Final = timedelta(hours=6)
"""After it a day is judged without the earlier ones, and says so: a run that hangs must not hold up a whole replay."""
_A_DAY: Final = timedelta(days=1)
_PAUSE: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(minutes=2)

Running = Callable[[Sequence[datetime]], int]
"""How many runs of the DAG with these logical dates are at work."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One day of a replay: its run's logical date, and since when it has been waiting, if it has."""

    span: Interval
    logical_date: datetime
    force: bool
    since: datetime | None


def pause(steps: Steps, day: Replayed, running: Running) -> timedelta | None:
    """How long the day has to wait before it asks again; None when it may be judged.

    It waits for the runs of earlier days that are at work and have not published yet, the longer the more there are. One that failed for
    good, or that nobody started, is not waited for: the plan of the day says that it is missing. With ``force`` the days are final
    from before, so that only the end of a run tells that it is done.
    """
    if day.since is not None and steps.clock() - day.since >= LONGEST_WAIT:
        return None
    before = Interval(day.span.start - HORIZON, day.span.start)
    open_days = steps.backfill_days(before, force=day.force).due
    dates = [day.logical_date - (day.span.start.date() - one) for one in open_days]
    at_work = running(dates) if dates else 0
    return min(at_work * _PAUSE, _LONGEST_PAUSE) if at_work else None
