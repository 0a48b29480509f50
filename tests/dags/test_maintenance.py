"""A whole ``maintenance`` as Airflow runs it: dry, in earnest with a backup, and with a day that does not add up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.maintained import fill
from tests.support.pipeline import checksums, rows

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import Uris

pytestmark = [pytest.mark.airflow, pytest.mark.postgres]

START = datetime(2025, 1, 1, tzinfo=UTC)
STEPS = ("roll_up", "retention", "leftovers", "backup", "statistics", "done")

Run = Callable[..., tuple[str, dict[str, str]]]
_numbers = count(1)


@pytest.fixture
def run(airflow_home: Path, database: Uris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the DAG; returns the state of the run and of its tasks."""
    from airflow.dag_processing.dagbag import DagBag

    directory = tmp_path / "config"
    shutil.copytree(settings_module.PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    given["report"]["directory"] = str(tmp_path / "reports")
    given["notify"]["file"]["directory"] = str(tmp_path / "notifications")
    given["retention"]["backup_directory"] = str(tmp_path / "backups")
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    dag = DagBag(dag_folder=str(settings_module.PACKAGE_ROOT / "dags")).dags["maintenance"]
    for task in dag.tasks:
        task.retries = 0

    def start(**conf: Any) -> tuple[str, dict[str, str]]:
        finished = dag.test(logical_date=datetime(2026, 5, 1, 2, 30, tzinfo=UTC) + timedelta(days=next(_numbers)), run_conf=conf)
        return str(finished.state), {task.task_id: str(task.state) for task in finished.get_task_instances()}

    return start


def test_a_night_of_maintenance(run: Run, store: PostgresStore, tmp_path: Path) -> None:
    fill(store, START, 31, every=16)
    before = checksums(store)
    success = dict.fromkeys(STEPS, "success")
    assert run(dry_run=True, backup=True) == ("success", success)
    assert checksums(store) == before
    assert not (tmp_path / "backups").exists()
    assert run(dry_run=False, backup=True) == ("success", success)
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.error_kind_counts") == [(0,)]
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.daily_rollup_days") == [(31,)]
    assert len(list((tmp_path / "backups").glob("ailog-backup-*/manifest.json"))) == 1
    # Fewer raw days than training needs are refused; the rest is done, and the run fails.
    state, tasks = run(dry_run=False, backup=False, retention_days=28)
    assert state == "failed"
    assert tasks == success | {"retention": "failed", "done": "upstream_failed"}


def test_facts_that_cannot_be_let_go_fail_the_run_and_nothing_else(run: Run, store: PostgresStore) -> None:
    fill(store, START, 31, every=16)
    with store.connection() as connection:
        connection.execute("DELETE FROM ailog_peak.error_kind_counts WHERE window_start < %s", (START + timedelta(days=1),))
    state, tasks = run(dry_run=False)
    assert state == "failed"
    assert tasks == dict.fromkeys(STEPS, "success") | {"retention": "failed", "done": "upstream_failed"}
    assert rows(store, "SELECT count(*) > 0 FROM ailog_peak.error_kind_counts") == [(True,)]
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.detection_events") == [(0,)]
