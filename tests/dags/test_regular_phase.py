"""One whole ``regular_phase`` as Airflow runs it, on a real database and real files, and what it does when a part is dead."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.pipeline import checksums, event, moment, rows, write_ndjson

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import Uris

pytestmark = [pytest.mark.airflow, pytest.mark.postgres]

START = moment("2026-03-02 08:00")
BOUNDS = {"from": "2026-03-02T08:00:00Z", "to": "2026-03-02T08:30:00Z"}
STEPS = {"plan", "fetch", "classify", "detect", "propagate", "store", "report", "notify", "cleanup", "done"}

Run = Callable[..., tuple[str, dict[str, str]]]


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a configuration with these sources switched on."""

    def write(*sources: str) -> None:
        directory = tmp_path / "config"
        shutil.copytree(settings_module.PACKAGE_ROOT / "include" / "config", directory, dirs_exist_ok=True)
        given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
        for source in given["sources"]:
            source["enabled"] = source["name"] in sources
            if source["kind"] == "files":
                source["paths"] = [str(tmp_path / "*.ndjson.gz")]
        given["report"]["directory"] = str(tmp_path / "reports")
        given["notify"]["file"]["directory"] = str(tmp_path / "notifications")
        (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
        monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))

    return write


@pytest.fixture
def run(airflow_home: Path, database: Uris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the DAG; returns the state of the run and of its tasks (mapped ones as ``fetch[0]``)."""
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    monkeypatch.delenv("AIRFLOW_CONN_AILOG_ELASTICSEARCH", raising=False)
    documents = [event(START + timedelta(seconds=2 * number), f"no connection to ledger-db, attempt {number}") for number in range(600)]
    write_ndjson(tmp_path / "logs.ndjson.gz", documents)
    dag = DagBag(dag_folder=str(settings_module.PACKAGE_ROOT / "dags")).dags["regular_phase"]

    for task in dag.tasks:
        task.retries = 0  # what retries do is tested with their policy; here they would only be waited for

    def start(logical_date: datetime = START, **conf: Any) -> tuple[str, dict[str, str]]:
        finished = dag.test(logical_date=logical_date, run_conf=conf)
        states = {}
        for task in finished.get_task_instances():
            states[task.task_id if task.map_index < 0 else f"{task.task_id}[{task.map_index}]"] = str(task.state)
        return str(finished.state), states

    return start


def test_a_run_goes_from_files_to_message(run: Run, configure: Callable[..., None], store: PostgresStore, tmp_path: Path) -> None:
    configure("files")
    state, tasks = run(**BOUNDS)
    assert state == "success"
    assert {task.split("[")[0] for task in tasks} == STEPS
    assert set(tasks.values()) == {"success"}
    ledger = rows(store, "SELECT kind, status, windows, expected, fetched, stored, triggered_by FROM ailog_peak.analysis_runs")
    assert [row[:6] for row in ledger] == [("manual", "complete", 2, 600, 600, 600)]
    assert ledger[0][6].startswith("regular_phase/")
    assert rows(store, "SELECT DISTINCT namespace FROM ailog_peak.incidents") == [("pcb-sit-01-app",)]
    assert rows(store, "SELECT count(*) FROM ailog_staging.log_event") == [(0,)]
    assert list((tmp_path / "reports").glob("problem_report_*.txt"))
    assert rows(store, "SELECT status FROM ailog_peak.outbox WHERE kind <> 'alarm'") == [("sent",)]


def test_a_scheduled_run_reads_the_window_of_its_data_interval(run: Run, configure: Callable[..., None], store: PostgresStore) -> None:
    configure("files")
    state, _ = run(logical_date=START + timedelta(minutes=15))
    assert state == "success"
    [(first, end)] = rows(store, "SELECT window_from, window_to FROM ailog_peak.analysis_runs WHERE kind = 'regular'")
    assert end - first == timedelta(minutes=15)
    assert first in {START, START + timedelta(minutes=15)}


def test_one_dead_source_makes_the_run_partial_and_raises_an_alarm(run: Run, configure: Callable[..., None], store: PostgresStore) -> None:
    configure("files", "elasticsearch")
    state, tasks = run(**BOUNDS)
    assert state == "success"
    assert sorted(value for task, value in tasks.items() if task.startswith("fetch")) == ["failed", "success"]
    assert rows(store, "SELECT status, stored FROM ailog_peak.analysis_runs") == [("partial", 600)]
    [(subject,)] = rows(store, "SELECT subject FROM ailog_peak.outbox WHERE kind = 'alarm'")
    assert "regular_phase.fetch[elasticsearch] failed" in subject


def test_a_run_without_any_source_fails_and_says_so(run: Run, configure: Callable[..., None], store: PostgresStore) -> None:
    configure("elasticsearch")
    state, tasks = run(**BOUNDS)
    assert state == "failed"
    assert tasks["classify"] == "failed"
    assert tasks["done"] == "upstream_failed"
    assert tasks["notify"] == tasks["cleanup"] == "success"
    assert rows(store, "SELECT status FROM ailog_peak.analysis_runs") == [("failed",)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.namespace_error_counts WHERE complete") == [(0,)]
    assert {row[0] for row in rows(store, "SELECT status FROM ailog_peak.outbox WHERE kind = 'alarm'")} == {"sent"}


def test_a_dry_run_writes_nothing_and_sends_nothing(run: Run, configure: Callable[..., None], store: PostgresStore, tmp_path: Path) -> None:
    configure("files")
    before = checksums(store)
    state, tasks = run(**BOUNDS, dry_run=True)
    assert state == "success"
    assert set(tasks.values()) == {"success"}
    assert checksums(store) == before
    assert not list(tmp_path.glob("reports/**/*.json"))
    assert not list(tmp_path.glob("notifications/**/*"))


def test_a_mistake_in_the_bounds_fails_the_plan_and_nothing_else(run: Run, configure: Callable[..., None], store: PostgresStore) -> None:
    configure("files")
    state, tasks = run(**{**BOUNDS, "from": "2026-03-02T08:07:00Z"})
    assert state == "failed"
    assert tasks["plan"] == "failed"
    assert {value for task, value in tasks.items() if task.startswith(("fetch", "classify", "store", "report", "done"))} == {
        "upstream_failed"
    }
    assert rows(store, "SELECT count(*) FROM ailog_peak.analysis_runs") == [(0,)]
    assert [row[0] for row in rows(store, "SELECT subject FROM ailog_peak.outbox")] == [
        "[AI Log Analyzer] ALARM: regular_phase.plan failed"
    ]
