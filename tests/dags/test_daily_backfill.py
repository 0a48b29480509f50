"""A whole ``daily_backfill`` as Airflow runs it: a day becomes final, is skipped then, and mistakes in its parameters are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.pipeline import checksums, event, moment, rows, write_ndjson

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import Uris

pytestmark = [pytest.mark.airflow, pytest.mark.postgres]

DAY = moment("2026-03-02 00:00")
BOUNDS = {"from": "2026-03-02", "to": "2026-03-03"}
STEPS = {"plan", "fetch", "classify", "detect", "propagate", "store", "report", "pages", "summary", "notify", "cleanup", "done"}

Run = Callable[..., tuple[str, dict[str, str]]]
_numbers = count(1)
"""Every run has a date of its own: Airflow would take a second one for the same."""


@pytest.fixture
def run(airflow_home: Path, database: Uris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the DAG over a day of files; returns the state of the run and of its tasks."""
    from airflow.dag_processing.dagbag import DagBag

    directory = tmp_path / "config"
    shutil.copytree(settings_module.PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    for source in given["sources"]:
        source["enabled"] = source["name"] == "files"
        if source["kind"] == "files":
            source["paths"] = [str(tmp_path / "*.ndjson.gz")]
    given["report"]["directory"] = str(tmp_path / "reports")
    given["notify"]["file"]["directory"] = str(tmp_path / "notifications")
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    monkeypatch.setenv("AILOG_BACKFILL_START", "2026-01-01")
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    documents = [
        event(DAY + timedelta(hours=8, seconds=2 * number), f"no connection to ledger-db, attempt {number}") for number in range(600)
    ]
    write_ndjson(tmp_path / "logs.ndjson.gz", documents)
    dag = DagBag(dag_folder=str(settings_module.PACKAGE_ROOT / "dags")).dags["daily_backfill"]
    for task in dag.tasks:
        task.retries = 0

    def start(**conf: Any) -> tuple[str, dict[str, str]]:
        # Within one process a parameter keeps the value of the run before: each run states them all.
        stated = {"dry_run": False, "force": False, **conf}
        finished = dag.test(logical_date=DAY + timedelta(days=next(_numbers)), run_conf=stated)
        states = {}
        for task in finished.get_task_instances():
            states[task.task_id if task.map_index < 0 else f"{task.task_id}[{task.map_index}]"] = str(task.state)
        return str(finished.state), states

    return start


def test_a_day_becomes_final_and_is_skipped_until_it_is_forced(run: Run, store: PostgresStore, tmp_path: Path) -> None:
    before = checksums(store)
    state, tasks = run(**BOUNDS, dry_run=True)
    assert state == "success"
    assert checksums(store) == before, "a dry run writes nothing"
    state, tasks = run(**BOUNDS)
    assert state == "success"
    assert {task.split("[")[0] for task in tasks} == STEPS
    assert set(tasks.values()) == {"success"}
    ledger = "SELECT kind, status, verdict, windows, stored FROM ailog_peak.analysis_runs"
    assert rows(store, ledger) == [("backfill", "complete", "final", 96, 600)]
    assert rows(store, "SELECT count(*) > 0, min(verdict) FROM ailog_peak.incidents") == [(True, "final")]
    assert list((tmp_path / "reports").glob("**/problem_report_*.txt"))
    once = checksums(store, leave_out=("schema_migrations", "run_reports"))
    state, tasks = run(**BOUNDS)
    assert state == "success"
    assert tasks["plan"] == "skipped"
    assert {tasks[name] for name in ("classify", "detect", "propagate", "store", "report", "pages", "done")} == {"skipped"}
    assert checksums(store, leave_out=("schema_migrations", "run_reports")) == once
    state, tasks = run(**BOUNDS, force=True)
    assert (state, tasks["store"]) == ("success", "success")
    assert checksums(store, leave_out=("schema_migrations", "run_reports", "analysis_runs")) == {
        table: value for table, value in once.items() if table != "analysis_runs"
    }
    assert rows(store, ledger) == [("backfill", "complete", "final", 96, 600)]


@pytest.mark.parametrize("bounds", [{"from": "2026-03-02T08:00:00Z", "to": "2026-03-03"}, {"from": "2026-03-02", "to": "2999-01-01"}])
def test_mistakes_in_the_days_fail_the_plan_or_the_trigger(run: Run, store: PostgresStore, bounds: dict[str, str]) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    try:
        state, tasks = run(**bounds)
    except (ParamValidationError, ValueError):
        assert "T" in bounds["from"]
        return
    assert (state, tasks["plan"]) == ("failed", "failed")
    assert rows(store, "SELECT count(*) FROM ailog_peak.analysis_runs") == [(0,)]


def test_the_run_at_nine_handles_the_utc_day_before() -> None:
    from ailog.orchestration.windows import backfill_request

    nine = moment("2026-03-10 09:00")
    asked = backfill_request({}, (nine - timedelta(days=1), nine), due=nine, run_type="scheduled")
    assert asked.span == (moment("2026-03-09 00:00"), moment("2026-03-10 00:00"))
    assert not asked.asked


@pytest.mark.parametrize(("text", "wanted"), [("2026-03-01", "2026-03-01T00:00:00+00:00"), ("", "2026-11-01T00:00:00+00:00")])
def test_catchup_begins_with_the_configured_date(monkeypatch: pytest.MonkeyPatch, text: str, wanted: str) -> None:
    from ailog.orchestration.defaults import backfill_start

    monkeypatch.setenv("AILOG_BACKFILL_START", text)
    assert backfill_start().isoformat() == wanted
    monkeypatch.setenv("AILOG_BACKFILL_START", "yesterday")
    with pytest.raises(ValueError, match="AILOG_BACKFILL_START is 'yesterday'"):
        backfill_start()


def test_a_replayed_day_gives_its_slot_back_while_an_earlier_one_is_at_work(run: Run, store: PostgresStore) -> None:
    run(**BOUNDS, dry_run=True)  # brings the DAG into Airflow's database
    with _replay(DAY, DAY + timedelta(days=1)) as (plan, end):
        assert plan(1) == "up_for_reschedule"
        assert rows(store, "SELECT count(*) FROM ailog_peak.analysis_runs") == [(0,)]
        assert plan(0) == "success"
        assert plan(1) == "up_for_reschedule", "planned is not published"
        end(0)
        assert plan(1) == "success", "it waits for nobody who has failed"
    [(said,)] = rows(store, "SELECT warnings[1] FROM ailog_staging.run_plan ORDER BY windows DESC LIMIT 1")
    assert said.startswith("2026-03-02 was not read whole")


def test_a_scheduled_day_before_anything_was_read_is_skipped(run: Run, store: PostgresStore) -> None:
    run(**BOUNDS, dry_run=True)
    with _replay(DAY, kind="scheduled") as (plan, _):
        assert plan(0) == "skipped"
    with _replay(DAY) as (plan, _):
        assert plan(0) == "success", "a replay was asked for"
    assert rows(store, "SELECT count(*) FROM ailog_peak.analysis_runs") == [(1,)]


@contextmanager
def _replay(*days: datetime, kind: str = "backfill") -> Iterator[tuple[Callable[[int], str], Callable[[int], None]]]:
    """Runs at work as Airflow makes them: one function runs the plan of the n-th and returns its state, one lets it fail."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models.dagrun import DagRun  # noqa: TID251 - the scheduler's part is played here
    from airflow.sdk.definitions.dag import _run_task
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.timetables.base import DataInterval
    from airflow.utils.session import create_session  # noqa: TID251
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    dag = DagBag(dag_folder=str(settings_module.PACKAGE_ROOT / "dags")).dags["daily_backfill"]
    scheduled = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    ids = []
    for day in days:
        start = day + timedelta(hours=9)
        made = scheduled.create_dagrun(
            run_id=f"{kind}__{start.isoformat()}", logical_date=start, data_interval=DataInterval(start, start + timedelta(days=1)),
            run_after=start + timedelta(days=1), run_type=DagRunType(kind), state="running",
            triggered_by=DagRunTriggeredByType.BACKFILL, conf={},
        )  # fmt: skip
        ids.append(made.id)

    def plan(number: int) -> str:
        with create_session() as session:
            task = next(one for one in session.get(DagRun, ids[number]).get_task_instances(session=session) if one.task_id == "plan")
        task.refresh_from_task(dag.get_task("plan"))
        _run_task(ti=task, task=dag.get_task("plan"))
        return str(getattr(task.state, "value", task.state))

    def end(number: int) -> None:
        with create_session() as session:
            session.get(DagRun, ids[number]).state = "failed"

    yield plan, end
    with create_session() as session:
        for one in ids:
            session.delete(session.get(DagRun, one))
