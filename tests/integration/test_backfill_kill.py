"""A catchup of days may be killed at any instant, and the database server with it: run again, it ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from tests.support.days import START, incidents, ordinary
from tests.support.pipeline import checksums, rows, write_ndjson

from ailog import settings as settings_module
from ailog.adapters.store.migrations import migrate
from ailog.adapters.store.postgres import PostgresStore
from ailog.connections import from_environment
from ailog.local import postgres
from ailog.local.postgres import APP_ROLE, Uris
from ailog.orchestration.steps import Steps
from ailog.settings import PACKAGE_ROOT

MOMENTS = 10
FIRST = START - timedelta(days=2)
LEFT_OUT = ("schema_migrations", "analysis_runs", "run_reports")


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration over one log of three days with reports in the test's own folder; returns the log."""
    directory = tmp_path / "config"
    shutil.copytree(PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    given["report"]["directory"] = str(tmp_path / "reports")
    given["notify"]["file"]["directory"] = str(tmp_path / "notifications")
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    (directory / "namespaces.yaml").write_text("namespaces: {}\n", encoding="utf-8")  # fewer rows, and as many words to the database
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    found = [*ordinary(FIRST, 3 * 96)[::3], *(one for day in range(3) for one in incidents(FIRST + timedelta(days=day), seed=day)[::2])]
    return write_ndjson(tmp_path / "log.ndjson", [one.document for one in found])


def catchup(uris: Uris, log: Path, *, fatal: int = 0, victim: int = 0) -> subprocess.CompletedProcess[str]:
    span = ["--from", f"{FIRST:%Y-%m-%d}", "--to", f"{START + timedelta(days=1):%Y-%m-%d}"]
    command = [
        sys.executable,
        "-m",
        "tests.support.killable_command",
        str(fatal),
        str(victim),
        "backfill",
        *span,
        "--force",
        "--file",
        str(log),
    ]
    environment = {
        **os.environ,
        "AIRFLOW_CONN_AILOG_POSTGRES": uris.app,
        "PYTHONPATH": f"{PACKAGE_ROOT / 'include'}{os.pathsep}{PACKAGE_ROOT}",
    }
    return subprocess.run(command, cwd=PACKAGE_ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_a_catchup_killed_at_ten_moments_ends_as_the_undisturbed_one(tmp_path: Path, configured: Path) -> None:
    drawn = random.Random(20)
    ledger = "SELECT window_from, kind, status, verdict, windows, expected, stored, incidents FROM ailog_peak.analysis_runs ORDER BY 1"
    with postgres.running(tmp_path / "pg") as server:
        calm, rough = (server.create_database(name) for name in ("calm", "rough"))
        for uris in (calm, rough):
            migrate(uris.owner, APP_ROLE)
        done = catchup(calm, configured)
        assert done.returncode == 0, done.stderr[-2000:]
        words = int(done.stdout.split("words ")[-1])
        wanted, runs = checksums(PostgresStore(calm.app), leave_out=LEFT_OUT), rows(PostgresStore(calm.app), ledger)
        assert [row[1:4] for row in runs] == [("backfill", "complete", "final")] * 3
        for number in range(MOMENTS):
            fatal = drawn.randrange(1, words)
            if number % 3 == 2:
                running = postgres.find(tmp_path / "pg")
                assert running is not None
                assert catchup(rough, configured, fatal=fatal, victim=running.handle.pid).returncode == 1, "the server is gone"
                with suppress(ChildProcessError):  # a dead child that nobody waited for keeps its number, which the lock file names
                    os.waitpid(running.handle.pid, 0)
                postgres.start(tmp_path / "pg", port=server.port)
            else:
                assert catchup(rough, configured, fatal=fatal).returncode == -signal.SIGKILL
        done = catchup(rough, configured)
        assert done.returncode == 0, done.stderr[-2000:]
        assert checksums(PostgresStore(rough.app), leave_out=LEFT_OUT) == wanted
        assert rows(PostgresStore(rough.app), ledger) == runs
        assert rows(PostgresStore(rough.app), "SELECT count(*) FROM ailog_staging.run_plan") == [(0,)]


@pytest.mark.parametrize("step", ["classify", "detect", "propagate", "store"])
def test_a_step_stages_again_what_a_crash_of_the_server_took(
    step: str, database: Uris, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    loaded = settings_module.load()
    source = settings_module.FilesSource(name="files", kind="files", paths=[str(configured)])
    work = Steps(loaded.model_copy(update={"sources": [source]}), from_environment)
    found = {}
    for crashed in (False, True):
        made = work.plan_backfill([START.date()], "test", dry_run=False)
        work.fetch("files", made.run_id)
        for name in ("classify", "detect", "propagate", "store"):
            if crashed and name == step:
                with psycopg.connect(database.owner) as connection:
                    tables = connection.execute(
                        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                        "WHERE n.nspname = 'ailog_staging' AND c.relkind = 'r' AND c.relpersistence = 'u'"
                    ).fetchall()
                    connection.execute(f"TRUNCATE {', '.join(row[0] for row in tables)}")
            getattr(work, name)(made.run_id)
        work.cleanup(made.run_id)
        found[crashed] = checksums(PostgresStore(database.app), leave_out=("schema_migrations", "analysis_runs"))
    assert found[True] == found[False]
    assert rows(PostgresStore(database.app), "SELECT status, stored > 0 FROM ailog_peak.analysis_runs") == [("complete", True)]
