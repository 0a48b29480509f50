"""What must hold for every DAG file, found in the folder and not in a list kept by hand."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ailog.orchestration.pools import POOLS, as_json
from ailog.orchestration.timeouts import STEP_TIMEOUTS

DAGS = Path(__file__).resolve().parents[2] / "dags"
FILES = sorted(DAGS.glob("*.py"))
WINDOWED = {"regular_phase", "weekly_thresholds", "daily_backfill", "maintenance", "watch"}

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("airflow_home")]


@pytest.fixture(scope="module")
def bag(airflow_home: Path) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(DAGS), known_pools=set(POOLS))


@pytest.fixture(params=[path.stem for path in FILES])
def dag(request: pytest.FixtureRequest, bag: Any) -> Any:
    return bag.dags[request.param]


def callbacks(task: Any) -> list[str]:
    found = task.on_failure_callback
    return [one.__name__ for one in (found if isinstance(found, list | tuple) else [found])]


def upstream(dag: Any, task_id: str) -> set[str]:
    """Every task before this one, however far."""
    near = dag.task_dict[task_id].upstream_task_ids
    return set(near).union(*(upstream(dag, one) for one in near)) if near else set()


def test_every_file_is_imported_without_error_and_gives_the_dag_of_its_name(bag: Any) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == {path.stem for path in FILES}


def test_parsing_loads_nothing_heavy(bag: Any) -> None:
    code = (
        "import sys; from airflow.dag_processing.dagbag import DagBag; before = set(sys.modules);"
        f"DagBag(dag_folder={str(DAGS)!r}); print([m for m in ('pandas', 'pyarrow', 'psycopg', 'elasticsearch', 'ailog.settings')"
        " if m in sys.modules and m not in before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_schedule_catchup_and_parallel_runs_are_set_on_purpose(dag: Any) -> None:
    source = (DAGS / f"{dag.dag_id}.py").read_text(encoding="utf-8")
    for word in ("schedule=", "catchup=", "max_active_runs=", "start_date="):
        assert word in source, f"{dag.dag_id} leaves {word} to Airflow's default"
    assert dag.max_active_runs == 1
    assert dag.catchup is (dag.dag_id == "daily_backfill")
    assert type(dag.timetable).__name__ == ("CronDataIntervalTimetable" if dag.dag_id in WINDOWED else "NullTimetable")


def test_the_module_docstring_is_the_runbook(dag: Any) -> None:
    docstring = ast.get_docstring(ast.parse((DAGS / f"{dag.dag_id}.py").read_text(encoding="utf-8")), clean=False)
    assert dag.doc_md is not None
    assert dag.doc_md.strip() == (docstring or "").strip()
    for part in ("**When**", "**What**", "**Parameters**", "**When something fails**"):
        assert part in dag.doc_md


def test_owner_and_tags_are_there(dag: Any) -> None:
    assert dag.owner == "ai-log-analyzer"
    assert "ai-log-analyzer" in dag.tags


def test_every_dag_takes_dry_run_and_refuses_wrong_parameters(dag: Any) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    assert dag.params["dry_run"] is False
    for name, wrong in {
        "dry_run": "yes",
        "from": "yesterday",
        "to": "31.1.2026",
        "as_of": "now",
        "weeks": 0,
        "days": 0,
        "percentile": 93,
    }.items():
        if name in dag.params:
            with pytest.raises(ParamValidationError):
                dag.params[name] = wrong


def test_every_task_has_retries_a_limit_a_policy_and_an_alarm(dag: Any) -> None:
    for task in dag.tasks:
        assert task.retries >= 1, task.task_id
        assert task.execution_timeout is not None, task.task_id
        assert task.retry_policy is not None, task.task_id
        assert callbacks(task) == ["on_task_failure"], task.task_id
        assert task.owner == "ai-log-analyzer", task.task_id
        assert task.execution_timeout == STEP_TIMEOUTS.get(task.task_id, max(STEP_TIMEOUTS.values())), task.task_id


def test_every_pool_is_declared(dag: Any, bag: Any) -> None:
    assert {task.pool for task in dag.tasks} <= set(POOLS)
    assert set(json.loads(as_json())) == set(POOLS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_file_is_wiring_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name != path.stem]
    assert functions
    for function in functions:
        assert ast.get_docstring(function), f"{path.name}: {function.name} does not say what it does"
        body = [node for node in function.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
        lines = body[-1].end_lineno - body[0].lineno + 1
        assert lines <= 5, f"{path.name}: {function.name} has {lines} lines"
        assert not any(isinstance(node, ast.For | ast.While | ast.Try | ast.With) for node in ast.walk(function)), function.name
    assert not any(isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("Variable", "BaseHook")) for node in ast.walk(tree))


def test_store_comes_after_everything_that_decides(bag: Any) -> None:
    dag = bag.dags["regular_phase"]
    assert {"plan", "fetch", "classify", "detect", "propagate"} <= upstream(dag, "store")
    assert upstream(dag, "report") >= {"store"}
    assert upstream(dag, "notify") >= {"report"}


def test_cleanup_is_a_teardown_behind_every_other_task(bag: Any) -> None:
    dag = bag.dags["regular_phase"]
    assert dag.task_dict["cleanup"].is_teardown
    assert upstream(dag, "cleanup") == set(dag.task_dict) - {"cleanup"}


def test_one_dead_source_stops_neither_the_others_nor_the_analysis(bag: Any) -> None:
    dag = bag.dags["regular_phase"]
    assert dag.task_dict["fetch"].is_mapped
    assert dag.task_dict["classify"].trigger_rule == "all_done_min_one_success"
    assert dag.task_dict["classify"].upstream_task_ids == {"plan", "fetch"}


def test_messages_go_out_and_the_run_still_fails_when_the_analysis_failed(bag: Any) -> None:
    dag = bag.dags["regular_phase"]
    assert dag.task_dict["notify"].trigger_rule == "all_done"
    leaves = {task.task_id for task in dag.tasks if task.downstream_task_ids <= {"cleanup"} and task.task_id != "cleanup"}
    assert leaves == {"notify", "done"}
    assert dag.task_dict["done"].trigger_rule == "all_success"
