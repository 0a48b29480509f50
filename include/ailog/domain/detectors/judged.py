"""What the detectors are given, and the one shape of what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ailog.domain.calendar import SLOT_SECONDS, Calendar, Kind
from ailog.domain.detectors.levels import COLUMNS as LEVELS
from ailog.domain.detectors.levels import levels_of
from ailog.domain.fixes import Fix
from ailog.domain.norms.budget import DEFAULT_LIMIT
from ailog.settings import Settings

COLUMNS: Final = (
    "window_start", "namespace", "detector", "subject", "problem_key", "fingerprint", "value", "baseline", "threshold", "fired", "stage",
    "reason", "snapshot_id", "evidence",
)  # fmt: skip

NAMESPACE: Final = "namespace"
"""The subject of a verdict on a namespace as a whole."""


def _no_norms() -> pd.DataFrame:
    return pd.DataFrame({"namespace": pd.Series(dtype=str), "problem_key": pd.Series(dtype=str), "mean": pd.Series(dtype=float)})


def _no_sightings() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in ("name", "namespace", "window_start")})


@dataclass(frozen=True)
class Judged:
    """The counts of some windows of one UTC day, and what was known before. All times are aware and in UTC.

    History ends with the day before, and what the day held before a judged window is told window by window: so a window is judged
    alike whether it comes alone or with others. Frames are only read. A window that is absent from ``history`` was not read; a zero in it
    says that a complete window had none.
    """

    windows: list[datetime]
    """Starts of the judged windows, sorted; 1 to 96."""
    totals: pd.DataFrame
    """window_start, namespace, count, documents (Int64, NA unknown), complete, estimated: the dense grid of this run."""
    kinds: pd.DataFrame
    """window_start, namespace, environment, app, fingerprint (hexadecimal), problem_key, count, first_event, last_event. An optional column
    ``family`` names the family that the fingerprint is read through, ``versions`` the versions of the application that had it."""
    history: pd.DataFrame
    """window_start, namespace, count, documents: complete windows before the day, at slots within 90 minutes of the judged ones."""
    thresholds: pd.DataFrame
    """namespace, weekday (Int64; NA holds the CAP), threshold, samples, of one snapshot."""
    snapshot_id: str | None
    densest: pd.DataFrame
    """window_start, namespace, fingerprint, problem_key, count, densest: the most events within any ``burst.seconds``."""
    seen: pd.DataFrame
    """fingerprint (or its family), environment, last_seen: those of the run that the look-back knows. An optional column ``events`` holds
    how many it has: with fewer than ``new.min_count`` a fingerprint was never told and may still be. An optional column
    ``window_start`` says of which window of the day the row is; none: of the time before the day."""
    seen_problems: pd.DataFrame
    """problem_key, environment, last_seen; ``window_start`` as in ``seen``: the first window of the day that has it."""
    lookback_windows: int
    """Complete windows known in the look-back before the day."""
    settings: Settings
    problem_norms: pd.DataFrame = field(default_factory=_no_norms)
    """namespace, problem_key, mean: events in a window of history. Empty: every problem is judged as if it had never occurred."""
    recent: pd.DataFrame | None = None
    """As ``history``: complete windows beside the judged ones, from 75 minutes before the first."""
    read_today: Sequence[datetime] = ()
    """Starts of complete windows of the day that are not judged here."""
    fixes: Sequence[Fix] = ()
    """What people declared fixed."""
    sightings: pd.DataFrame = field(default_factory=_no_sightings)
    """name (a family, or the key of a problem), namespace, window_start: windows with enough events of what was declared fixed, from the
    quiet period before the first judged window on; judged ones may be among them."""
    day: datetime | None = None
    """Start of the day; None: history alone says which days there are."""
    levels: pd.DataFrame | None = None
    """``levels.COLUMNS`` and ``subject`` (``NAMESPACE``, the key of a problem or a fingerprint), by the norms in the store; None: those of
    the namespaces are made here, from ``history``, and no part of them is followed."""
    alarm_limit: float = DEFAULT_LIMIT
    """The score above which a window is an alarm, solved for the budget by the snapshot of thresholds."""
    calendar: Calendar = field(default_factory=lambda: Calendar(()))
    """Batch slots and holidays that people named."""

    @property
    def season_days(self) -> tuple[datetime, datetime] | None:
        """First and last moment of the history that seasons are made from, whatever of it was read."""
        return None if self.day is None else (self.day - timedelta(days=self.settings.detectors.silence.history_days), self.day)

    def levels_of_namespaces(self) -> pd.DataFrame:
        """``levels.COLUMNS`` of the totals of the judged windows."""
        if self.levels is not None:
            return self.levels[self.levels["subject"] == NAMESPACE].drop(columns="subject")
        known = [part for part in (self.history, self.recent, self.totals) if part is not None]
        return levels_of(pd.concat([part[["window_start", "namespace", "count"]] for part in known]), self.windows, self.settings.timezone)

    def levels_of_problems(self) -> pd.DataFrame:
        """``levels.COLUMNS`` and ``subject`` of the followed problems in the judged windows."""
        if self.levels is None:
            return pd.DataFrame(columns=[*LEVELS, "subject"])
        return self.levels[self.levels["subject"] != NAMESPACE]

    def in_calendar(self, kind: Kind, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Which rows (window_start, namespace) lie in an entry of the calendar of this kind."""
        found = np.zeros(len(rows), bool)
        if any(entry.kind == kind for entry in self.calendar.entries):
            slots = (rows["window_start"].astype("int64") // (SLOT_SECONDS * 1_000_000)).to_numpy(np.int64)
            for name, places in rows.groupby("namespace").indices.items():
                ordered = np.asarray(places)[np.argsort(slots[places])]
                found[ordered] = self.calendar.covered(kind, str(name), slots[ordered].astype(np.int64))
        return found


Detector = Callable[[Judged], pd.DataFrame]
"""Judges a run; returns ``COLUMNS``, one row per judged candidate, fired or not."""


def verdicts(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Verdicts as a frame of ``COLUMNS``; a key that is absent is null. ``evidence`` holds plain JSON values."""
    data = list(rows)
    columns: dict[str, pd.Series] = {}
    for name in COLUMNS:
        values = [row.get(name) for row in data]
        if name in ("value", "baseline", "threshold"):
            columns[name] = pd.Series(values, dtype="float64")
        elif name == "fired":
            columns[name] = pd.Series(values, dtype="bool")
        elif name == "window_start":
            columns[name] = pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True)).astype("datetime64[us, UTC]")
        else:
            columns[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(columns)


def plain(value: float | None, digits: int = 4) -> float | None:
    """A figure for evidence: rounded to significant digits, None where it is unknown, so that it is valid JSON."""
    if value is None or value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is the one value unlike itself
        return None
    return float(f"{value:.{digits}g}")
