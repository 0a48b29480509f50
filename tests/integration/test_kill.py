"""A worker may die at any instant: the task is run again and the tables are as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.support import servers
from tests.support.killable import STEPS, Counter, step
from tests.support.pipeline import NOW, checksums, event, files_settings, interval, moment, write_ndjson

from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import Uris
from ailog.pipeline.plan import plan
from ailog.settings import PACKAGE_ROOT

BOUNDS = interval("2026-03-10 08:00", 30)


class Undisturbed(NamedTuple):
    """A run that nothing happened to: its log, its tables, and how many words each step has for the database."""

    log: Path
    tables: dict[str, str]
    words: dict[str, int]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    start = moment("2026-03-10 08:00")
    documents = [
        event(
            start + timedelta(seconds=i % 1790), f"Payment {i} refused by issuer", traceId=f"t{i % 50}", spanId=f"s{i}", app=f"svc-{i % 3}"
        )
        for i in range(600)
    ]
    documents.append(event("nonsense", "no time at all"))
    log = write_ndjson(tmp_path_factory.mktemp("kill") / "log.ndjson", documents)
    with servers.fresh_database() as uris:
        store = PostgresStore(uris.app)
        run_id = _planned(store, log)
        words = {}
        for name in STEPS:
            with Counter() as counter:
                step(name, store, log, run_id)
            words[name] = counter.seen
        yield Undisturbed(log, checksums(store), words)


def _planned(store: PostgresStore, log: Path) -> str:
    return plan(store, files_settings(log), kind="regular", target=None, bounds=BOUNDS, now=NOW, dry_run=False, triggered_by="test").run_id


def _killed(name: str, uri: str, log: Path, run_id: str, fatal: int) -> int:
    command = [sys.executable, "-m", "tests.support.killable", name, uri, str(log), run_id, str(fatal)]
    environment = {**os.environ, "PYTHONPATH": f"{PACKAGE_ROOT / 'include'}{os.pathsep}{PACKAGE_ROOT}"}
    return subprocess.run(command, cwd=PACKAGE_ROOT, env=environment, capture_output=True, timeout=240, check=False).returncode


@pytest.mark.parametrize("where", ["in the middle", "just before the end"])
@pytest.mark.parametrize("victim", STEPS)
def test_a_step_killed_and_repeated_leaves_the_same_tables(victim: str, where: str, undisturbed: Undisturbed, database: Uris) -> None:
    store, log = PostgresStore(database.app), undisturbed.log
    run_id = _planned(store, log)
    for name in STEPS:
        if name == victim:
            words = undisturbed.words[name]
            assert (
                _killed(name, database.app, log, run_id, words if where == "just before the end" else max(words // 2, 1)) == -signal.SIGKILL
            )
        step(name, store, log, run_id)
    assert checksums(store) == undisturbed.tables
