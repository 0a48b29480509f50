"""Small hands for tests of detection: settings without files, frames of the judged shapes, seeded counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from ailog.domain.detectors.judged import Judged
from ailog.domain.environment import environment_of
from ailog.domain.fixes import Fix
from ailog.settings import Settings

WINDOW = timedelta(minutes=15)
TUESDAY = datetime(2026, 3, 10, 9, 15, tzinfo=UTC)


def settings(**changes: Any) -> Settings:
    """Settings with the defaults of the models; ``detectors={"spike": {...}}`` and the like change some."""
    base: dict[str, Any] = {
        "timezone": "Europe/Prague",
        "sources": [{"name": "files", "kind": "files", "paths": ["*.ndjson"]}],
        "fields": {},
        "classification": {"rules": "2026-01-01"},
    }
    return Settings.model_validate(base | changes)


def stamps(values: Any) -> pd.Series:
    return pd.Series(pd.to_datetime(list(values), utc=True)).astype("datetime64[us, UTC]")


def totals_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of window_start, namespace, count; documents unknown, complete and exact unless stated."""
    frame = pd.DataFrame(
        {
            "window_start": stamps(row["window_start"] for row in rows),
            "namespace": [row["namespace"] for row in rows],
            "count": pd.Series([row["count"] for row in rows], dtype="int64"),
            "documents": pd.array([row.get("documents", pd.NA) for row in rows], dtype="Int64"),
            "complete": pd.Series([row.get("complete", True) for row in rows], dtype=bool),
            "estimated": pd.Series([row.get("estimated", False) for row in rows], dtype=bool),
        }
    )
    return frame.sort_values(["window_start", "namespace"], ignore_index=True)


def kinds_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of window_start, namespace, fingerprint, problem_key, count; one application unless stated."""
    return pd.DataFrame(
        {
            "window_start": stamps(row["window_start"] for row in rows),
            "namespace": pd.Series([row["namespace"] for row in rows], dtype=object),
            "environment": pd.Series([environment_of(row["namespace"]) for row in rows], dtype=object),
            "app": pd.Series([row.get("app", "orders") for row in rows], dtype=object),
            "fingerprint": pd.Series([row["fingerprint"] for row in rows], dtype=object),
            "problem_key": pd.Series([row["problem_key"] for row in rows], dtype=object),
            "count": pd.Series([row["count"] for row in rows], dtype="int64"),
            "first_event": stamps(row["window_start"] + timedelta(seconds=1) for row in rows),
            "last_event": stamps(row.get("last_event") or row["window_start"] + timedelta(minutes=14) for row in rows),
            "versions": pd.Series([list(row.get("versions", ())) for row in rows], dtype=object),
            "sample": pd.Series([row.get("sample", "") for row in rows], dtype=object),
        }
    )


def thresholds_frame(rows: list[tuple[str, int | None, float, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["namespace", "weekday", "threshold", "samples"])
    return frame.astype({"namespace": object, "weekday": "Int64", "threshold": float, "samples": int})


def counts(
    rng: np.random.Generator,
    namespaces: dict[str, float],
    first: datetime,
    days: int,
    *,
    phi: float = 0.2,
    night: float = 0.25,
    weekend: float = 0.4,
) -> pd.DataFrame:
    """Negative binomial counts with the rhythm of a local day and week around a mean in office hours; documents ten times as many."""
    windows = pd.date_range(first, periods=days * 96, freq="15min", tz="UTC")
    local = windows.tz_convert("Europe/Prague")
    office = np.clip(np.sin((local.hour + local.minute / 60 - 7) / 12 * np.pi), 0, None)
    shape = (night + (1 - night) * office) * np.where(local.day_of_week >= 5, weekend, 1.0)
    rows = []
    for namespace, mean in namespaces.items():
        expected = np.maximum(mean * shape, 1e-9)
        drawn = rng.negative_binomial(1 / phi, 1 / (1 + phi * expected))
        documents = drawn + rng.poisson(10 * expected)
        rows.append(pd.DataFrame({"window_start": windows, "namespace": namespace, "count": drawn, "documents": documents}))
    frame = pd.concat(rows, ignore_index=True)
    frame["window_start"] = frame["window_start"].astype("datetime64[us, UTC]")
    frame["documents"] = frame["documents"].astype("Int64")
    return frame


def judged(
    windows: list[datetime],
    totals: pd.DataFrame | None = None,
    *,
    kinds: pd.DataFrame | None = None,
    history: pd.DataFrame | None = None,
    thresholds: pd.DataFrame | None = None,
    densest: pd.DataFrame | None = None,
    seen: pd.DataFrame | None = None,
    seen_problems: pd.DataFrame | None = None,
    lookback_windows: int = 2000,
    norms: pd.DataFrame | None = None,
    fixes: tuple[Fix, ...] = (),
    sightings: pd.DataFrame | None = None,
    changed: Settings | None = None,
) -> Judged:
    """A ``Judged`` whose parts are empty unless given; history is cut to before the first window."""
    if history is None:
        history = totals_frame([]).drop(columns=["complete", "estimated"])
    history = history[history["window_start"] < pd.Timestamp(windows[0])]
    fields = {} if norms is None else {"problem_norms": norms}
    fields |= {} if sightings is None else {"sightings": sightings}
    return Judged(
        windows=windows,
        totals=totals_frame([]) if totals is None else totals,
        kinds=kinds_frame([]) if kinds is None else kinds,
        history=history,
        thresholds=thresholds_frame([]) if thresholds is None else thresholds,
        snapshot_id="5e0c9b3e-0000-4000-8000-000000000001",
        densest=frame("window_start namespace fingerprint problem_key count densest") if densest is None else densest,
        seen=frame("fingerprint environment last_seen") if seen is None else seen,
        seen_problems=frame("problem_key environment last_seen") if seen_problems is None else seen_problems,
        lookback_windows=lookback_windows,
        settings=changed or settings(),
        fixes=fixes,
        **fields,
    )


def frame(columns: str, rows: list[tuple[Any, ...]] | None = None) -> pd.DataFrame:
    return pd.DataFrame(rows or [], columns=columns.split())
