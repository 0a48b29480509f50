"""The budget of false alarms: which margin a snapshot of thresholds was solved for, and how it is solved from what was judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import psycopg

from ailog.domain.norms.budget import Solved, solve
from ailog.pipeline import norms
from ailog.ports import Store
from ailog.settings import Settings

_YOUNG_DAYS: Final = 3
"""Judged days of a series that the budget is not solved from: its norm was still made of little."""


def limit_of(store: Store, settings: Settings, connection: psycopg.Connection, snapshot_id: str | None) -> float:
    """The score that a window must pass; what is known before any history where the snapshot was not solved for the stated budget."""
    stated = settings.detectors.budget
    values = {"snapshot_id": snapshot_id, "budget": stated.false_alarms, "spend": stated.spend}
    row = connection.execute(store.statement("thresholds/alarm_limit"), values).fetchone()
    return float(row[0]) if row and row[0] is not None else solve_from(settings, np.empty((0, 0))).limit


def learn(
    store: Store, settings: Settings, connection: psycopg.Connection, made_of: norms.Ground, span: tuple[datetime, datetime]
) -> Solved:
    """Solves the margin from the days of a span. Those that were not are judged and remembered first, unless nothing may be saved."""
    zone = ZoneInfo(settings.timezone)
    first, last = (moment.astimezone(zone).date() for moment in span)
    rows = connection.execute(store.statement("thresholds/namespaces"), {"start": span[0], "as_of": span[1]}).fetchall()
    if made_of.save:
        norms.remember(store, settings, connection, made_of, last, [str(row[0]) for row in rows])
    return solve_from(settings, norms.scores(store, connection, first, last - timedelta(days=1)))


def solve_from(settings: Settings, scores: np.ndarray) -> Solved:
    """Solves the margin from scores (namespaces, windows), NaN where nothing was judged."""
    judged = np.isfinite(scores)
    judged &= np.cumsum(judged, axis=1) > _YOUNG_DAYS * 96
    stated = settings.detectors.budget
    return solve(np.nan_to_num(scores), judged, stated.false_alarms, spend=stated.spend)
