"""Empties staging: of a run that is over, and of runs that never came to an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from ailog.ports import Store
from ailog.settings import Settings

STAGING = (
    "log_event", "source_count", "source_outcome", "rejected_event", "classified_event", "template", "kind_count", "namespace_count",
    "detection", "trace_edge", "root_cause", "cascade", "family", "moved_kind", "run_warning", "staging_mark",
)  # fmt: skip


def cleanup(store: Store, settings: Settings, run_id: str, now: datetime) -> dict[str, int]:
    """Drops the staged rows of ``run_id`` when it was published or is a dry run, and of any run older than ``staging.keep_hours``.

    A run that failed keeps its rows for that long, so that a task of it can be cleared and go on where it was.
    """
    values = {"run_id": run_id, "before": now - timedelta(hours=settings.staging.keep_hours)}
    with store.connection("clean up staging") as connection:
        # No other run may be planned between the look and the truncation: its events would go with it.
        connection.execute("LOCK TABLE ailog_staging.run_plan IN SHARE ROW EXCLUSIVE MODE")
        runs = [int(row[0]) for row in connection.execute(store.statement("staging/leftovers"), values).fetchall()]
        others = connection.execute("SELECT count(*) FROM ailog_staging.run_plan WHERE run_no <> ALL(%s)", (runs,)).fetchone()
        if not runs:
            return {"runs": 0}
        alone = others is not None and others[0] == 0
        for table in STAGING:
            if alone:
                connection.execute(f"TRUNCATE ailog_staging.{table}")
            else:
                connection.execute(f"DELETE FROM ailog_staging.{table} WHERE run_no = ANY(%s)", (runs,))
        connection.execute("DELETE FROM ailog_staging.run_plan WHERE run_no = ANY(%s)", (runs,))
    return {"runs": len(runs)}
