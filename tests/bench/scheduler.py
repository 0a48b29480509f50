"""One ``regular_phase`` under Airflow's scheduler: from the trigger at the end of a window to the message that went out."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import psycopg
from tests.bench.documents import WINDOW
from tests.bench.figures import Figure, say
from tests.bench.world import World

from ailog.domain.events import WINDOW as QUARTER
from ailog.local import airflow, demo_setup
from ailog.local.bulk import Naming, write
from ailog.local.demo_runs import DagRuns
from ailog.local.demo_setup import LOGS, OWNER, STORE, RunDir
from ailog.local.simulator import bench_documents

SECTION = "scheduler"
_ORDINARY = 30
"""Errors of a window like those of the baseline: the run for warm-up finds nothing, so that the measured one has news to tell."""
_SENT = "SELECT min(finished_at) - %s::timestamptz FROM ailog_peak.outbox WHERE status = 'sent' AND created_at >= %s"


def measure(world: World) -> list[Figure]:
    """Seconds from trigger to message and to the end of the run, after one run for warm-up; the window holds an incident."""
    naming = Naming("bench-scheduler")
    size = 5_000 if world.quick else 20_000
    starts = [WINDOW, WINDOW + QUARTER]
    for start, count in zip(starts, (_ORDINARY, size), strict=True):
        say(f"scheduler: writing {count:,} documents of the window {start:%H:%M}")
        write(world.client, bench_documents(count, wide=False, windows=[start]), Naming(f"{naming.prefix}-{start:%H%M}"))
    run_dir = RunDir(world.run_dir / "scheduler")
    demo_setup.write_config(run_dir, Naming(f"{naming.prefix}-*"))
    with world.database() as uris, ExitStack() as stack:
        metadata = world.postgres.create_database("bench_airflow").owner
        stack.callback(world.postgres.drop_database, "bench_airflow")
        stack.callback(airflow.stop_server, run_dir.airflow)
        variables = {
            STORE: uris.app,
            OWNER: uris.owner,
            LOGS: world.elasticsearch.connection_uri,
            "AILOG_CONFIG_DIR": str(run_dir.config),
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        }
        server = airflow.start(run_dir.airflow, metadata, environment=variables, say=say)
        runs = DagRuns.of(server)
        runs.switch_on(["regular_phase"])
        measured: dict[str, Any] = {}
        for name, start in zip(("warm-up", "measured"), starts, strict=True):
            say(f"scheduler: {name} run")
            measured = _one(runs, uris.app, {"from": start.isoformat(), "to": (start + QUARTER).isoformat()})
    figures = [Figure(SECTION, f"regular_phase of {size:,} events: trigger to end of the run", measured["run"], "s")]
    if measured["message"] is not None:
        figures.insert(0, Figure(SECTION, f"regular_phase of {size:,} events: trigger to message sent", measured["message"], "s"))
    else:
        say("scheduler: the run sent no message, so there is no time to it")
    return figures


def _one(runs: DagRuns, store: str, params: dict[str, str]) -> dict[str, float | None]:
    with psycopg.connect(store, autocommit=True) as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        begun = row[0]
        seconds = runs.run("regular_phase", params, lambda _text: None)
        row = connection.execute(_SENT, (begun, begun)).fetchone()
    sent: timedelta | None = row[0] if row else None
    return {"run": seconds, "message": sent.total_seconds() if sent is not None else None}
