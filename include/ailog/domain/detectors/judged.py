"""What the detectors are given, and the one shape of what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pandas as pd

from ailog.settings import Settings

COLUMNS: Final = (
    "window_start", "namespace", "detector", "subject", "problem_key", "fingerprint", "value", "baseline", "threshold", "fired", "stage",
    "reason", "snapshot_id", "evidence",
)  # fmt: skip

NAMESPACE: Final = "namespace"
"""The subject of a verdict on a namespace as a whole."""


def _no_norms() -> pd.DataFrame:
    return pd.DataFrame({"namespace": pd.Series(dtype=str), "problem_key": pd.Series(dtype=str), "mean": pd.Series(dtype=float)})


@dataclass(frozen=True)
class Judged:
    """A run's counts, and what was known before its first window. All times are aware and in UTC.

    Frames are only read. A window that is absent from ``history`` was not read; a zero in it says that a complete window had none.
    """

    windows: list[datetime]
    """Starts of the judged windows, sorted; 1 to 96."""
    totals: pd.DataFrame
    """window_start, namespace, count, documents (Int64, NA unknown), complete, estimated: the dense grid of this run."""
    kinds: pd.DataFrame
    """window_start, namespace, environment, app, fingerprint (hexadecimal), problem_key, count, first_event, last_event. An optional column
    ``family`` names the family that the fingerprint is read through."""
    history: pd.DataFrame
    """window_start, namespace, count, documents: complete windows before the run, at slots within 90 minutes of the judged ones, and the
    last two hours."""
    thresholds: pd.DataFrame
    """namespace, weekday (Int64; NA holds the CAP), threshold, samples, of one snapshot."""
    snapshot_id: str | None
    densest: pd.DataFrame
    """window_start, namespace, fingerprint, problem_key, count, densest: the most events within any ``burst.seconds``."""
    seen: pd.DataFrame
    """fingerprint, environment, last_seen: the run's fingerprints that the look-back before the run knows. An optional column ``events``
    holds how many the look-back has: with fewer than ``new.min_count`` a fingerprint was never told and may still be."""
    seen_problems: pd.DataFrame
    """problem_key, environment, last_seen."""
    lookback_windows: int
    """Complete windows known in the look-back."""
    settings: Settings
    problem_norms: pd.DataFrame = field(default_factory=_no_norms)
    """namespace, problem_key, mean: events in a window of history. Empty: every problem is judged as if it had never occurred."""


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
