"""The DAG ``watch`` as Airflow runs it: it tells of a silent analyzer, and of a database that is gone, which it remembers in a variable."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.analyzer_life import put_run
from tests.support.pipeline import moment, rows

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import Uris
from ailog.orchestration.steps import utc_now

pytestmark = [pytest.mark.airflow, pytest.mark.postgres]

Run = Callable[..., str]


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file channel writes; everything else as shipped, and an outage is told at once."""
    directory = tmp_path / "config"
    shutil.copytree(settings_module.PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    given["notify"]["file"]["directory"] = str(tmp_path / "notifications")
    given["report"]["directory"] = str(tmp_path / "reports")
    given["watch"]["database_minutes"] = 0
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    return tmp_path / "notifications"


@pytest.fixture
def run(airflow_home: Path, messages: Path) -> Run:
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=str(settings_module.PACKAGE_ROOT / "dags")).dags["watch"]
    dag.task_dict["look"].retries = 0
    number = iter(range(100))

    def start(**conf: Any) -> str:
        return str(
            dag.test(
                logical_date=moment("2026-03-02 08:00") + timedelta(minutes=5 * next(number)), run_conf={"dry_run": False, **conf}
            ).state
        )

    return start


def written(messages: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(messages.glob("*.md"))]


def test_a_silent_analyzer_is_told_once_and_a_dry_run_tells_nobody(
    run: Run, messages: Path, database: Uris, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    put_run(store, utc_now() - timedelta(hours=2))
    assert run(dry_run=True) == "success"
    assert rows(store, "SELECT 1 FROM ailog_peak.watch_alarms") == []
    assert [run(), run()] == ["success", "success"]
    assert rows(store, "SELECT alarm_key, times_told FROM ailog_peak.watch_alarms") == [("no complete run", 1)]
    assert len(written(messages)) == 1


def test_a_database_that_is_gone_is_told_once_and_so_is_its_return(
    run: Run, messages: Path, database: Uris, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", "postgres://app:x@127.0.0.1:1/ailog")
    assert [run(), run()] == ["success", "success"]
    assert len(written(messages)) == 1
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    assert [run(), run()] == ["success", "success"]
    told = written(messages)
    assert len(told) == 2
    assert any("recovered: the database cannot be used" in text for text in told)
