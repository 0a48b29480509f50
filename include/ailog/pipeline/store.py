"""Publishes a run: facts, totals, verdicts, incidents, messages and the ledger in one transaction.

What a run says of a window replaces what was said before, so that repeating a run changes nothing and no counter can grow twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ailog.domain.environment import environment_of
from ailog.errors import IncompleteFetch
from ailog.pipeline import amend, episodes, families, known, notices, records
from ailog.pipeline.plan import Plan, is_over, load_plan
from ailog.ports import Store
from ailog.settings import Settings

_FACTS = (
    "error_kind_counts", "namespace_error_counts", "error_signatures", "problems", "detection_events", "service_dependencies",
    "cascade_failures",
)  # fmt: skip
_BY_WINDOW = (
    "error_kind_counts", "namespace_error_counts", "detection_events", "service_dependencies", "cascade_failures", "service_health",
    "peak_investigation",
)  # fmt: skip

_CLOSING = (
    "put_run_sources", "clear_rejected_event", "put_rejected_event", "take_windows", "clear_window_sources", "put_window_sources",
    "close_run", "supersede",
)  # fmt: skip


def publish(store: Store, settings: Settings, run_id: str, now: datetime) -> dict[str, int]:
    """Publishes the staged run, or for a dry run says what it would have published.

    Raises:
        IncompleteFetch: when the staged counts do not add up; nothing is published then.
    """
    if is_over(store, run_id):
        return {}
    plan = load_plan(store, run_id)
    with store.connection("publish the run") as connection:
        connection.execute(store.statement("publish/lock"))
        connection.execute(store.statement("staging/expect_many_rows"))
        balance = _balance(store, connection, plan)
        outcomes = connection.execute(store.statement("staging/outcomes"), {"run_no": plan.run_no}).fetchall()
        failed = {str(name): str(error) for name, status, error, _ in outcomes if status != "complete"}
        failed |= {name: "the fetch did not finish" for name in plan.sources if name not in {row[0] for row in outcomes}}
        status = "partial" if failed else "complete"
        values = _values(store, connection, plan, settings, partial=bool(failed))
        if plan.dry_run:
            peaks = episodes.judge(store, settings, connection, values)
            return {"dry_run": 1, "stored": 0, "events": int(balance["stored"]), "incident_windows": len(peaks)}
        error = "; ".join(f"{name}: {reason}" for name, reason in sorted(failed.items())) or None
        if not values["windows"]:
            error = error or "all of its windows have their final word"
            connection.execute(store.statement("ledger/fail_run"), {"run_id": run_id, "error": error, "windows": []})
            return {"stored": 0, "kept_windows": len(plan.windows)}
        before = amend.remember(store, connection, values)
        incidents = _publish_windows(store, settings, connection, values)
        amended = amend.record(store, connection, values, before)
        closing = {**values, **balance, "status": status, "error": error, "now": now, "incidents": len(incidents)}
        for name in _CLOSING:
            connection.execute(store.statement(f"publish/{name}"), closing)
        connection.execute(store.statement("publish/put_verdicts"), {"incidents": [i["incident_id"] for i in incidents]})
        for name in ("publish/clear_run_warnings", "publish/put_run_warnings", "families/put_warnings"):
            connection.execute(store.statement(name), values)
        connection.execute(store.statement("publish/add_plan_warnings"), values)
        told = notices.tell(store, settings, connection, values, incidents, now)
    counts = {"stored": int(balance["stored"]), "windows": len(values["windows"]), "incidents": len(incidents), "messages": told}
    return {**counts, "amended": amended} if amended else counts


def _balance(store: Store, connection: psycopg.Connection, plan: Plan) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(store.statement("publish/balance"), {"run_no": plan.run_no}).fetchone()
    assert found is not None  # noqa: S101 - a select of aggregates always gives a row
    exact = not found["sampled"]
    uneven = found["staged"] != found["classified"] or found["stored"] != found["totals"]
    if uneven or (exact and found["staged"] != found["stored"]):
        raise IncompleteFetch(
            f"the run does not add up: {found['staged']} events staged, {found['classified']} classified, {found['stored']} counted by "
            f"kind, {found['totals']} by namespace; clear the run from its fetch task on"
        )
    return found


def _values(store: Store, connection: psycopg.Connection, plan: Plan, settings: Settings, *, partial: bool) -> dict[str, Any]:
    """What the statements of the transaction bind.

    A partial run leaves out windows that a complete run has the last word on, and all but a backfill leave out those with a final word.
    """
    windows = list(plan.windows)
    if plan.kind != "backfill" and not plan.dry_run:
        final = {row[0] for row in connection.execute(store.statement("publish/final_windows"), {"windows": windows}).fetchall()}
        windows = [w for w in windows if w not in final]
    if partial:
        settled = {row[0] for row in connection.execute(store.statement("publish/settled_windows"), {"windows": windows}).fetchall()}
        windows = [w for w in windows if w not in settled]
    rows = connection.execute("SELECT DISTINCT namespace FROM ailog_staging.namespace_count WHERE run_no = %s", (plan.run_no,)).fetchall()
    namespaces = sorted(str(row[0]) for row in rows)
    snapshot = connection.execute(store.statement("detect/snapshot"), {"first": plan.windows[0]}).fetchone()
    return {
        "run_no": plan.run_no,
        "run_id": plan.run_id,
        "windows": windows,
        "first": windows[0] if windows else None,
        "last": windows[-1] if windows else None,
        "window_from": plan.span.start,
        "window_to": plan.span.end,
        "end": plan.span.end,
        "sources": list(plan.sources),
        "namespaces": namespaces,
        "environments": [environment_of(namespace) for namespace in namespaces],
        "quiet_minutes": settings.incidents.quiet_minutes,
        "snapshot_id": snapshot[0] if snapshot else None,
        "status": "partial" if partial else "complete",
        "kind": plan.kind,
    }


def _publish_windows(store: Store, settings: Settings, connection: psycopg.Connection, values: dict[str, Any]) -> list[dict[str, Any]]:
    connection.execute("SELECT ailog_peak.ensure_partitions(%(first)s, %(end)s)", values)
    before = episodes.touched(store, connection, values)
    for table in _BY_WINDOW:
        connection.execute(store.statement(f"publish/clear_{table}"), values)
    known_before = families.templates_known(store, connection)
    for table in _FACTS:
        connection.execute(store.statement(f"publish/put_{table}"), values)
    if families.templates_known(store, connection) > known_before:  # without a new template no family can widen
        families.widen(store, connection, values["end"])
    peaks = episodes.judge(store, settings, connection, values)
    incidents = episodes.extend(store, settings, connection, values, before, peaks)
    known.assign(store, connection, incidents)
    keys = {*before["problem_key"], *peaks["problem_key"], *(incident["problem_key"] for incident in incidents)}
    records.refresh(store, connection, values, keys, incidents)
    connection.execute(store.statement("publish/put_service_health"), values)
    return incidents
