"""The steps as a task of Airflow runs them, and what they read from its context."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException

from ailog import settings
from ailog.domain.events import floor_to_window
from ailog.errors import ConfigError
from ailog.orchestration import earlier_days, windows
from ailog.orchestration import watch as watching
from ailog.orchestration.connections import connect
from ailog.orchestration.steps import Steps
from ailog.orchestration.watch_memory import VariableMemory

log = logging.getLogger(__name__)


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


def plan_backfill() -> list[dict[str, str]]:
    """Plans the final run of this run's days, as ``plan``; skips it with the reason when they are final or before anything was read.

    A day of a replay that runs earlier days at the same time gives its slot back until they are published.
    """
    context, asked = get_current_context(), backfill_request()
    work = steps()
    first = None if asked.asked else work.first_window()
    if not asked.asked and (first is None or asked.span.end <= first):
        raise AirflowSkipException(
            f"{asked.span.start.date()} lies before the first window that was ever read ({first or 'none yet'}): trigger the DAG with from "
            "and to, or 'airflow backfill create', to read it all the same"
        )
    found = work.backfill_days(asked.span, force=asked.force)
    if found.final:
        log.info("final already: %s", ", ".join(str(day) for day in found.final))
    if not found.due:
        raise AirflowSkipException(f"{', '.join(str(day) for day in found.final)} is final: trigger the DAG with force to read it again")
    if asked.replayed and (pause := earlier_days.pause(work, _replayed(asked), _running)):
        log.info("earlier days are at work: asked again in %.0f s", pause.total_seconds())
        raise AirflowRescheduleException(work.clock() + pause)  # type: ignore[no-untyped-call]
    made = work.plan_backfill(found.due, triggered_by(), dry_run=asked.dry_run)
    context["ti"].xcom_push(key="run", value=made.run_id)
    return [{"source": name, "run": made.run_id} for name in made.sources]


def publish_pages(run: str) -> dict[str, int]:
    """Renders the pages that a finished backfill changes and delivers every page that is due."""
    work = steps()
    return {**work.want_pages(run), **work.publish_pages()}


def notify() -> dict[str, int]:
    """Sends the messages that are due, then delivers the pages that are still waiting, counted as ``pages_…``."""
    work = steps()
    sent = work.notify()
    return {**sent, **{f"pages_{what}": count for what, count in work.publish_pages().items() if count}}


def backfill_request() -> windows.BackfillRequest:
    """The days that this run is asked to read, from its parameters and its data interval."""
    context = get_current_context()
    return windows.backfill_request(
        context["params"],
        (context.get("data_interval_start"), context.get("data_interval_end")),
        due=started(),
        run_type=_run_type(),
    )


def _run_type() -> str:
    """``scheduled``, ``backfill``, ``manual`` and so on; written out, the enumeration would name itself as well."""
    return str(get_current_context()["dag_run"].run_type.value)


def _replayed(asked: windows.BackfillRequest) -> earlier_days.Replayed:
    context = get_current_context()
    since = context["ti"].get_first_reschedule_date(context)
    return earlier_days.Replayed(asked.span, windows.plain(context["logical_date"]), asked.force, windows.plain(since) if since else None)


def _running(logical_dates: Sequence[datetime]) -> int:
    task = get_current_context()["ti"]
    return task.get_dr_count(task.dag_id, logical_dates=list(logical_dates), states=["running"])


def planned_run() -> str | None:
    """The id of the run that this DAG run planned; None when planning failed."""
    run: str | None = get_current_context()["ti"].xcom_pull(task_ids="plan", key="run")
    return run


def summary() -> dict[str, int]:
    """Tells the day of the planned run; of one that was final already, and so has no run here, what was never told of it."""
    work = steps()
    if run := planned_run():
        return work.summary(run)
    try:
        last = backfill_request().span.end - timedelta(days=1)
    except ConfigError:  # the plan failed of it and says so
        return {}
    told = work.tell_day(last, only_complete=True)
    return {told.outcome: 1, "messages": told.messages}


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
    if end is not None and _run_type() == "scheduled":
        return windows.plain(end)
    return floor_to_window(started())


def watch() -> dict[str, int | str]:
    """One look of the analyzer at itself; see ``orchestration.watch.look``."""
    work = steps()
    memory = VariableMemory(watching.file_memory(work.settings))
    return watching.look(work.parts, memory, dry_run=is_dry()).counts
