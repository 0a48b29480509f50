"""Finds where the problems of a run began, which services they passed through, and which were cascades."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd
import psycopg

from ailog.domain.propagation import root_cause
from ailog.pipeline import frames
from ailog.pipeline.detect import DETECTION
from ailog.pipeline.plan import is_over, load_plan
from ailog.ports import Store
from ailog.settings import Settings

_TABLES = ("trace_edge", "root_cause", "cascade")
_STEPS = ("kind", "wanted", "picked", "chosen", "trace_event", "first_error", "origin", "found", "outbreak", "example")
"""Tables for the time of the transaction, each made from those before it."""


def propagate(store: Store, settings: Settings, run_id: str) -> dict[str, int]:
    """Stages root causes, edges between services and cascades of the problems that something fired for."""
    if is_over(store, run_id):
        return {}
    plan = load_plan(store, run_id)
    values = {
        "run_no": plan.run_no,
        "skew_ms": settings.propagation.skew_ms,
        "max_traces": settings.propagation.max_traces,
        "min_traces": settings.propagation.min_traces,
        "windows": list(plan.windows),
        "first": plan.windows[0],
        "last": plan.windows[-1],
        "quiet_minutes": settings.incidents.quiet_minutes,
    }
    with store.connection("follow the traces") as connection:
        connection.execute(store.statement("staging/expect_many_rows"))
        for table in _TABLES:
            connection.execute(f"DELETE FROM ailog_staging.{table} WHERE run_no = %s", (plan.run_no,))
        connection.execute("DELETE FROM ailog_staging.detection WHERE run_no = %s AND detector = 'cascade'", (plan.run_no,))
        for step in _STEPS:
            connection.execute(store.statement(f"propagate/{step}"), values)
            connection.execute(f"ANALYZE {step}")  # without it the planner sorts what it could hash
        for step in ("put_edges", "put_cascades"):
            connection.execute(store.statement(f"propagate/{step}"), values)
        causes = _causes(store, connection, plan.run_no)
        frames.write(connection, "ailog_staging.root_cause", causes, ["run_no", "window_start", "namespace", "problem_key", "cause"])
        cascades = _cascade_verdicts(store, settings, connection, plan.run_no)
        frames.write(connection, "ailog_staging.detection", cascades, DETECTION)
    return {"root_causes": len(causes), "cascades": int(cascades["fired"].sum())}


def _causes(store: Store, connection: psycopg.Connection, run_no: int) -> pd.DataFrame:
    origins = frames.read(store, connection, "propagate/causes", {})
    keys = ["window_start", "namespace", "problem_key"]
    winners = origins.drop_duplicates(keys)
    paths = frames.read(store, connection, "propagate/paths", {"traces": sorted(set(winners["example_trace"]))})
    by_trace: dict[str, list[dict[str, Any]]] = {}
    for step in _records(paths):
        by_trace.setdefault(step["trace_id"], []).append(step)
    wanted = {"run_no": run_no, "fingerprints": sorted({int(f) for f in winners["fingerprint"]})}
    # The message of the window itself: what others of the run hold must not show in it. A trace may begin in the window before.
    texts: dict[tuple[Any, ...], str] = {}
    for row in _records(frames.read(store, connection, "propagate/samples", wanted)):
        place = (row["namespace"], row["app"], row["fingerprint"])
        texts[row["window_start"], *place] = row["sample"]
        texts.setdefault(place, row["sample"])
    rows: list[dict[str, Any]] = []
    for (window, namespace, problem), found in groupby(_records(origins), key=itemgetter(*keys)):
        group = list(found)
        top = group[0]
        origin = (top["origin_namespace"], top["app"], top["fingerprint"])
        sample = texts.get((window, *origin)) or texts.get(origin)
        hexed = [{**one, "fingerprint": f"{int(one['fingerprint']) & 0xFFFFFFFFFFFFFFFF:016x}"} for one in group]
        cause = root_cause(hexed, by_trace.get(top["example_trace"], []), sample)
        rows.append({"run_no": run_no, "window_start": window, "namespace": namespace, "problem_key": problem, "cause": cause})
    return pd.DataFrame(rows, columns=["run_no", "window_start", "namespace", "problem_key", "cause"])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _cascade_verdicts(store: Store, settings: Settings, connection: psycopg.Connection, run_no: int) -> pd.DataFrame:
    """A cascade makes a problem graver that something else fired for; alone it is the background of every busy system."""
    found = frames.read(store, connection, "propagate/cascades", {"run_no": run_no})
    rows: list[dict[str, Any]] = []
    for row in found.to_dict("records"):
        fired = bool(row["otherwise_fired"])
        affected = ", ".join(row["affected_apps"][:5])
        rows.append(
            {
                "run_no": run_no,
                "window_start": row["window_start"],
                "namespace": row["namespace"],
                "detector": "cascade",
                "subject": row["problem_key"],
                "problem_key": row["problem_key"],
                "fingerprint": row["root_fingerprint"],
                "value": float(row["traces"]),
                "baseline": None,
                "threshold": float(settings.propagation.min_traces),
                "fired": fired,
                "stage": "fired" if fired else "background",
                "reason": f"errors of {row['root_app']} led to errors of {affected} in {row['traces']} traces",
                "snapshot_id": None,
                "evidence": {"affected_apps": row["affected_apps"], "example_trace": row["example_trace"]},
            }
        )
    return pd.DataFrame(rows, columns=DETECTION)
