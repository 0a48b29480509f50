"""``airflow backfill create`` over some days under a real scheduler, which is killed on the way and started again: seconds a day.

Airflow runs several days at once. Raises when the end is not what the same days give by direct steps, one after the other.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import yaml
from tests.bench.figures import Figure, child, say
from tests.bench.world import World
from tests.support.days import START, incidents, ordinary, word
from tests.support.pipeline import rows, write_ndjson

from ailog.adapters.store.migrations import migrate
from ailog.adapters.store.postgres import PostgresStore
from ailog.local import airflow
from ailog.local.postgres import APP_ROLE
from ailog.settings import PACKAGE_ROOT

SECTION = "catchup"
_DONE = "SELECT completed_at FROM ailog_peak.analysis_runs WHERE kind = 'backfill' AND status = 'complete' ORDER BY 1"


def measure(world: World) -> list[Figure]:
    """Days by Airflow; the scheduler dies with SIGKILL as soon as the first day is final."""
    days = 3 if world.quick else 7
    first = START - timedelta(days=days)
    found = [*ordinary(first, days * 96), *(one for n in range(days) for one in incidents(first + timedelta(days=n), seed=n))]
    log = write_ndjson(world.data / "catchup.ndjson", [one.document for one in found])
    config = _config(world.run_dir / "catchup", log)
    with ExitStack() as stack:
        uris = {}
        for name in ("catchup_direct", "catchup_airflow"):
            uris[name] = world.postgres.create_database(name)
            migrate(uris[name].owner, APP_ROLE)
        dates = [f"{first + timedelta(days=n):%Y-%m-%d}" for n in range(days)]
        # The settings decide verdicts, so both ways read the same file with the shipped ones.
        child("tests.bench.backfill_run", {"store": uris["catchup_direct"].app, "source": "files", "where": [str(log)], "days": dates})
        metadata = world.postgres.create_database("catchup_metadata").owner
        home = world.run_dir / "catchup" / "airflow"
        stack.callback(airflow.stop_server, home)
        variables = {
            "AIRFLOW_CONN_AILOG_POSTGRES": uris["catchup_airflow"].app,
            "AILOG_CONFIG_DIR": str(config),
            "AILOG_BACKFILL_START": dates[0],
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # a backfill needs a DAG that is not paused; its own schedule would add days
            # How long Airflow takes to notice that a scheduler is dead (30 s and 5 minutes by itself) is nothing of ours.
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
        }
        server = airflow.start(home, metadata, environment=variables, say=say)
        server.client().wait_for_dags({"daily_backfill"})
        port = int(server.url.rsplit(":", 1)[-1])
        environment = airflow.server_environment(
            home, metadata, port=port, dags=PACKAGE_ROOT / "dags", plugins=PACKAGE_ROOT / "plugins", parallelism=4, environment=variables
        )
        server.client().unpause("daily_backfill")
        begun = time.monotonic()
        span = ["--from-date", dates[0], "--to-date", f"{START:%Y-%m-%d}"]
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", "daily_backfill", *span],
            env=environment, cwd=home, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"airflow backfill create failed: {(done.stderr or done.stdout)[-800:]}")
        store = PostgresStore(uris["catchup_airflow"].app)
        _wait(store, 1)
        say("catchup: killing the scheduler")
        os.kill(server.handles["scheduler"].pid, signal.SIGKILL)
        os.waitpid(server.handles["scheduler"].pid, 0)  # one that is only about to die still looks alive
        airflow.start(home, metadata, environment=variables, port=port, say=say)
        before = len(_final(store))
        _wait(store, days)
        ended = time.monotonic()
        pace = _final(store)[before:]
        said, wanted = word(store, since=first), word(PostgresStore(uris["catchup_direct"].app), since=first)
        if unlike := sorted(table for table in wanted if said[table] != wanted[table]):
            raise RuntimeError(f"the days by Airflow are not the days by direct steps: {', '.join(unlike)} differ")
    return [
        Figure(SECTION, f"{days} days by airflow backfill, scheduler killed on the way", ended - begun, "s"),
        Figure(SECTION, "a quiet day by airflow backfill, from final word to final word", _seconds_a_day(pace), "s"),
    ]


def _seconds_a_day(moments: list[datetime]) -> float:
    return (moments[-1] - moments[0]).total_seconds() / max(len(moments) - 1, 1)


def _final(store: PostgresStore) -> list[datetime]:
    """When the final days became so."""
    return [row[0] for row in rows(store, _DONE)]


def _wait(store: PostgresStore, wanted: int, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while (final := len(_final(store))) < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{final} of {wanted} days are final after {seconds:.0f} s")
        time.sleep(0.5)


def _config(folder: Path, log: Path) -> Path:
    directory = folder / "config"
    shutil.copytree(PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    for source in given["sources"]:
        source["enabled"] = source["name"] == "files"
        if source["kind"] == "files":
            source["paths"] = [str(log)]
    given["report"]["directory"] = str(folder / "reports")
    given["notify"]["file"]["directory"] = str(folder / "notifications")
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    return directory
