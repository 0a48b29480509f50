"""The steps as a task of Airflow runs them, and what they read from its context."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import get_current_context

from ailog import settings
from ailog.domain.events import floor_to_window
from ailog.orchestration import windows
from ailog.orchestration.connections import connect
from ailog.orchestration.steps import Steps


def steps() -> Steps:
    """The steps with the deployed settings and Airflow's connections."""
    return Steps(settings.load(), connect)


def request() -> windows.Request:
    """What this run is asked to read, from its parameters and its data interval."""
    context = get_current_context()
    return windows.request(context["params"], (context.get("data_interval_start"), context.get("data_interval_end")))


def plan() -> list[dict[str, str]]:
    """Plans this run: the arguments of one fetch a source; the run's id travels beside them under the key ``run``."""
    asked = request()
    made = steps().plan(asked, "regular" if asked.bounds is None else "manual", triggered_by())
    get_current_context()["ti"].xcom_push(key="run", value=made.run_id)
    return [{"source": name, "run": made.run_id} for name in made.sources]


def planned_run() -> str | None:
    """The id of the run that this DAG run planned; None when planning failed."""
    run: str | None = get_current_context()["ti"].xcom_pull(task_ids="plan", key="run")
    return run


def triggered_by() -> str:
    """Which DAG run this is, for the ledger."""
    run = get_current_context()["dag_run"]
    return f"{run.dag_id}/{run.run_id}"


def params() -> dict[str, Any]:
    """The parameters of this run."""
    return dict(get_current_context()["params"])


def is_dry() -> bool:
    """Whether this run may write nothing outside staging and send nothing."""
    return bool(get_current_context()["params"].get("dry_run"))


def started() -> datetime:
    """When this run was due or asked for: the same in every task and every try of it."""
    run = get_current_context()["dag_run"]
    return windows.plain(run.run_after)


def as_of() -> datetime:
    """Where training ends: the parameter ``as_of``, else the end of the scheduled interval, else the last quarter hour of a manual run."""
    context = get_current_context()
    given = context["params"].get("as_of") or context["params"].get("to")
    if given:
        return windows.moment(given, "as_of")
    end = context.get("data_interval_end")
    if end is not None and str(context["dag_run"].run_type) == "scheduled":
        return windows.plain(end)
    return floor_to_window(started())
