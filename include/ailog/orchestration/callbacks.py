"""What Airflow calls when a task has failed for good."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from airflow.sdk.exceptions import AirflowException

from ailog.errors import AilogError

log = logging.getLogger(__name__)

_CONTAINED: Final = (AilogError, AirflowException, ImportError, OSError, RuntimeError, LookupError, AttributeError, TypeError, ValueError)
"""A failing alarm is logged and nothing more: it must not hide the failure that it tells of."""


def on_task_failure(context: Mapping[str, Any]) -> None:
    """Raises an alarm about the failed task of this context; never raises an error. A dry run alarms nobody."""
    if (context.get("params") or {}).get("dry_run"):
        log.info("dry run: no alarm is raised")
        return
    try:
        log.info("%s", _alarm(context))
    except _CONTAINED:
        log.exception("the alarm about this failure could not be raised")


def _alarm(context: Mapping[str, Any]) -> str:
    # Heavy imports wait for a failure: every DAG file imports this module.
    from ailog import settings  # noqa: PLC0415
    from ailog.orchestration.alarms import Failure, raise_alarm  # noqa: PLC0415
    from ailog.orchestration.connections import connect  # noqa: PLC0415
    from ailog.orchestration.watch import file_memory  # noqa: PLC0415
    from ailog.orchestration.watch_memory import VariableMemory  # noqa: PLC0415

    task = context["ti"]
    number = task.map_index
    failure = Failure(
        dag_id=task.dag_id,
        dag_run_id=task.run_id,
        task_id=task.task_id,
        part="" if number is None or number < 0 else str(getattr(task, "rendered_map_index", None) or number),
        try_number=task.try_number,
        error=context.get("exception"),
        log_url=getattr(task, "log_url", ""),
    )
    loaded = settings.load()
    return raise_alarm(failure, loaded, connect, VariableMemory(file_memory(loaded)))
