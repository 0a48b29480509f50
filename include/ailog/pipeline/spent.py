"""The budget of false alarms as it is spent: what is stated, the margin in force, and what people were told and said of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from ailog.domain.budget_kept import total, worst_first
from ailog.pipeline import budget
from ailog.ports import Store
from ailog.settings import Settings

Row = dict[str, Any]


def spent(store: Store, settings: Settings, until: datetime, weeks: int, namespace: str | None = None) -> Row:
    """The budget against the weeks before ``until``.

    Returns:
        since, until; ``stated``: false_alarms, spend; ``margin``: alarm_limit in force, snapshot_id and trained_to (None before the first),
        solved (whether that snapshot was solved for the stated budget), expected_false and expected_incidents of a namespace and week at
        it (None unless solved), series_weeks behind them; ``total`` and ``namespaces``, the worst first: see ``domain.budget_kept.rated``.
    """
    stated = settings.detectors.budget
    values = {"since": until - timedelta(weeks=weeks), "until": until, "namespace": namespace}
    with store.connection("hold the budget against what was told") as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(store.statement("read/budget"), values).fetchall()
        snapshot: Row = cursor.execute(store.statement("read/snapshot")).fetchone() or {}
        limit = budget.limit_of(store, settings, connection, snapshot.get("snapshot_id"))
    solved = bool(snapshot) and (snapshot["budget"], snapshot["spend"]) == (stated.false_alarms, stated.spend)
    margin = {name: snapshot.get(name) for name in ("snapshot_id", "trained_to")} | {"alarm_limit": limit, "solved": solved}
    margin |= {name: snapshot[name] if solved else None for name in ("expected_false", "expected_incidents", "series_weeks")}
    return {
        "since": values["since"],
        "until": until,
        "stated": stated.model_dump(),
        "margin": margin,
        "total": total(rows, stated.false_alarms),
        "namespaces": worst_first(rows, stated.false_alarms),
    }
