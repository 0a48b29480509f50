"""Incidents of a run: from fired verdicts to windows of peaks, from these to episodes.

Called inside the transaction that publishes the run.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg
from psycopg.rows import dict_row

from ailog.domain.continuation import LAG
from ailog.domain.environment import environment_of
from ailog.domain.incidents import INCIDENT_COLUMNS, episodes
from ailog.domain.peaks import PEAK_COLUMNS, peaks
from ailog.pipeline import frames
from ailog.pipeline.detect import norms
from ailog.ports import Store
from ailog.settings import Settings

_JSON = ("contributions", "apps", "root_cause")
_KEY = ["problem_key", "namespace"]


def judge(store: Store, settings: Settings, connection: psycopg.Connection, values: dict[str, Any]) -> pd.DataFrame:
    """The run's windows of incidents, as rows of ``peak_investigation`` without run and incident."""
    if not values["windows"] or values["kind"] == "init":
        return pd.DataFrame(columns=PEAK_COLUMNS)
    kinds = frames.read(store, connection, "detect/kinds", values)
    kinds["environment"] = kinds["namespace"].map(environment_of) if len(kinds) else pd.Series(dtype=object)
    return peaks(
        detections=frames.read(store, connection, "publish/detections", values),
        kinds=kinds,
        totals=frames.read(store, connection, "detect/totals", values),
        problem_history=norms(store, connection, values["run_no"], values["windows"]),
        root_causes=frames.read(store, connection, "publish/root_causes", values),
        open_incidents=frames.read(store, connection, "publish/going_on", values),
        settings=settings,
        declared_over=frames.read(store, connection, "publish/declared_over", values),
        accepted=frames.read(store, connection, "publish/accepted_levels", {**values, "days": LAG.days}),
    )


def touched(store: Store, connection: psycopg.Connection, values: dict[str, Any]) -> pd.DataFrame:
    """The incidents that the run may change, as they were before it."""
    return frames.read(store, connection, "publish/touched_incidents", values)


def extend(
    store: Store, settings: Settings, connection: psycopg.Connection, values: dict[str, Any], before: pd.DataFrame, new: pd.DataFrame
) -> list[dict[str, Any]]:
    """Writes the windows of incidents and brings the incidents up to date; returns those that exist now among the touched ones."""
    known = {**values, "incidents": list(before["incident_id"])}
    old = frames.read(store, connection, "publish/peak_rows", known)
    new = new.assign(run_id=values["run_id"], incident_id=None)
    rows = pd.concat([frame for frame in (old, new) if len(frame)], ignore_index=True) if len(old) or len(new) else old
    found = connection.execute(store.statement("publish/analysed_until"), values).fetchone()
    after, assigned = episodes(
        before, rows, quiet_minutes=settings.incidents.quiet_minutes, analysed_until=found[0] if found else values["end"]
    )
    if len(after):
        _upsert(connection, after)
    if len(rows):
        rows = rows.assign(incident_id=[str(i) for i in assigned])
        connection.execute(
            "DELETE FROM ailog_peak.peak_investigation WHERE (window_start, namespace, problem_key) IN "
            "(SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::text[]))",
            ([t.to_pydatetime() for t in rows["window_start"]], list(rows["namespace"]), list(rows["problem_key"])),
        )
        frames.write(connection, "ailog_peak.peak_investigation", rows, [*PEAK_COLUMNS, "run_id", "incident_id"])
    gone = [i for i in before["incident_id"] if str(i) not in set(map(str, assigned))] if len(before) else []
    for name in ("drop_incidents", "end_incidents"):
        connection.execute(store.statement(f"publish/{name}"), {"incidents": gone, "end": values["end"]})
    with connection.cursor(row_factory=dict_row) as cursor:
        ids = sorted({str(i) for i in assigned} | {str(i) for i in gone})
        return cursor.execute("SELECT * FROM ailog_peak.incidents WHERE incident_id = ANY(%s) ORDER BY incident_id", (ids,)).fetchall()


def _upsert(connection: psycopg.Connection, incidents: pd.DataFrame) -> None:
    """Writes incidents by way of a temporary table, so that a person's word on them and their messages stay."""
    connection.execute("CREATE TEMP TABLE next_incident (LIKE ailog_peak.incidents INCLUDING DEFAULTS) ON COMMIT DROP")
    frames.write(connection, "pg_temp.next_incident", incidents, INCIDENT_COLUMNS)
    columns = [column for column in INCIDENT_COLUMNS if column != "incident_id"]
    names = ", ".join(INCIDENT_COLUMNS)
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns)
    connection.execute(
        f"INSERT INTO ailog_peak.incidents ({names}) SELECT {names} FROM pg_temp.next_incident ORDER BY incident_id "
        f"ON CONFLICT (incident_id) DO UPDATE SET {updates}"
    )
