"""A worker may die at any instant: the task is run again and the tables are as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.killable import STEPS
from tests.support.pipeline import NOW, checksums, event, files_settings, interval, moment, write_ndjson

from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import Uris
from ailog.pipeline.plan import plan
from ailog.settings import PACKAGE_ROOT

BOUNDS = interval("2026-03-10 08:00", 30)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    start = moment("2026-03-10 08:00")
    documents = [
        event(
            start + timedelta(seconds=i % 1790), f"Payment {i} refused by issuer", traceId=f"t{i % 50}", spanId=f"s{i}", app=f"svc-{i % 3}"
        )
        for i in range(600)
    ]
    documents.append(event("nonsense", "no time at all"))
    return write_ndjson(tmp_path / "log.ndjson", documents)


def _process(step: str, uri: str, path: Path, run_id: str, fatal: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.killable", step, uri, str(path), run_id, str(fatal)]
    environment = {**os.environ, "PYTHONPATH": f"{PACKAGE_ROOT / 'include'}{os.pathsep}{PACKAGE_ROOT}"}
    return subprocess.run(command, cwd=PACKAGE_ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def _planned(uri: str, path: Path) -> str:
    store = PostgresStore(uri)
    return plan(store, files_settings(path), kind="regular", target=None, bounds=BOUNDS, now=NOW, dry_run=False, triggered_by="test").run_id


@pytest.mark.parametrize("where", ["in the middle", "just before the end"])
@pytest.mark.parametrize("victim", STEPS)
def test_a_step_killed_and_repeated_leaves_the_same_tables(
    victim: str, where: str, log: Path, database: Uris, another_database: Callable[[], Uris]
) -> None:
    undisturbed = another_database()
    run_id = _planned(undisturbed.app, log)
    words = {}
    for step in STEPS:
        done = _process(step, undisturbed.app, log, run_id, 0)
        assert done.returncode == 0, done.stderr
        words[step] = int(done.stdout.split()[-1])

    assert _planned(database.app, log) == run_id
    for step in STEPS:
        if step == victim:
            fatal = words[step] if where == "just before the end" else max(words[step] // 2, 1)
            assert _process(step, database.app, log, run_id, fatal).returncode == -signal.SIGKILL
        done = _process(step, database.app, log, run_id, 0)
        assert done.returncode == 0, done.stderr

    assert checksums(PostgresStore(database.app)) == checksums(PostgresStore(undisturbed.app))
