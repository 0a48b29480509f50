"""``init_phase`` as Airflow runs it: days, thresholds, and what they would have told."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from tests.support.pipeline import event, moment, rows, write_ndjson

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import Uris

pytestmark = [pytest.mark.airflow, pytest.mark.postgres]

START = moment("2026-03-02 00:00")


def test_the_last_task_says_what_the_baseline_would_have_told(
    airflow_home: Path, database: Uris, store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    directory = tmp_path / "config"
    shutil.copytree(settings_module.PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    for source in given["sources"]:
        source["enabled"] = source["name"] == "files"
        if source["kind"] == "files":
            source["paths"] = [str(tmp_path / "logs.ndjson")]
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    documents = [
        event(START + timedelta(minutes=15 * window, seconds=200 * n), "Order refused") for window in range(2 * 96) for n in range(2)
    ]
    documents += [event(START + timedelta(days=1, hours=9, seconds=n), "No connection to the ledger") for n in range(600)]
    write_ndjson(tmp_path / "logs.ndjson", documents)
    dag = DagBag(dag_folder=str(settings_module.PACKAGE_ROOT / "dags")).dags["init_phase"]
    assert dag.get_task("backtest").downstream_task_ids == set()
    for task in dag.tasks:
        task.retries = 0
    finished = dag.test(logical_date=START, run_conf={"from": "2026-03-02", "to": "2026-03-04"})
    assert str(finished.state) == "success"
    found = next(task for task in finished.get_task_instances() if task.task_id == "backtest").xcom_pull(task_ids="backtest")
    assert found["days"] == 2.0
    assert found["incidents"] >= 1
    assert "would have been told" in found["sentence"]
    for table in ("incidents", "detection_events", "outbox"):
        assert rows(store, f"SELECT count(*) FROM ailog_peak.{table}") == [(0,)]
