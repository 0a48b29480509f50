"""A catchup of days may be killed at any instant, and the database server with it: run again, it ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
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


class Commands:
    """Backfills of the three days in processes of their own, forked from one that has loaded everything."""

    def __init__(self, log: Path, folder: Path) -> None:
        paths = f"{PACKAGE_ROOT / 'include'}{os.pathsep}{PACKAGE_ROOT}"
        self._output, self._log = folder / "said.txt", log
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.killable_command"], cwd=PACKAGE_ROOT, env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def catchup(self, uris: Uris, *, fatal: int = 0, victim: int = 0) -> tuple[int, str]:
        """Status and words of one; it dies, or the victim does, at its n-th word to the database."""
        span = ["--from", f"{FIRST:%Y-%m-%d}", "--to", f"{START + timedelta(days=1):%Y-%m-%d}"]
        task = {
            "fatal": fatal,
            "victim": victim,
            "arguments": ["backfill", *span, "--force", "--file", str(self._log)],
            "environment": {"AIRFLOW_CONN_AILOG_POSTGRES": uris.app},
            "output": str(self._output),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(task) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline()), self._output.read_text(encoding="utf-8")

    def close(self) -> None:
        """Ends the process that they are forked from."""
        self._server.communicate(timeout=30)


@pytest.fixture
def commands(configured: Path, tmp_path: Path) -> Iterator[Commands]:
    with closing(Commands(configured, tmp_path)) as found:
        yield found


def test_a_catchup_killed_at_ten_moments_ends_as_the_undisturbed_one(tmp_path: Path, commands: Commands) -> None:
    drawn = random.Random(20)
    ledger = "SELECT window_from, kind, status, verdict, windows, expected, stored, incidents FROM ailog_peak.analysis_runs ORDER BY 1"
    with postgres.running(tmp_path / "pg") as server:
        calm, rough = (server.create_database(name) for name in ("calm", "rough"))
        for uris in (calm, rough):
            migrate(uris.owner, APP_ROLE)
        status, said = commands.catchup(calm)
        assert status == 0, said[-2000:]
        words = int(said.split("words ")[-1])
        wanted, runs = checksums(PostgresStore(calm.app), leave_out=LEFT_OUT), rows(PostgresStore(calm.app), ledger)
        assert [row[1:4] for row in runs] == [("backfill", "complete", "final")] * 3
        for number in range(MOMENTS):
            fatal = drawn.randrange(1, words)
            if number % 3 == 2:
                running = postgres.find(tmp_path / "pg")
                assert running is not None
                status, said = commands.catchup(rough, fatal=fatal, victim=running.handle.pid)
                assert status == 1, f"the server is gone: {said[-2000:]}"
                with suppress(ChildProcessError):  # a dead child that nobody waited for keeps its number, which the lock file names
                    os.waitpid(running.handle.pid, 0)
                postgres.start(tmp_path / "pg", port=server.port)
            else:
                assert commands.catchup(rough, fatal=fatal)[0] == -signal.SIGKILL
        status, said = commands.catchup(rough)
        assert status == 0, said[-2000:]
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
