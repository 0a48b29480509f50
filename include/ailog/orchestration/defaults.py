"""What every DAG and task of the product has in common."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.sdk import Param

from ailog.orchestration.callbacks import on_task_failure
from ailog.orchestration.patterns import DAY_PATTERN, MOMENT_PATTERN
from ailog.orchestration.pools import STORE
from ailog.orchestration.retries import retry_policy
from ailog.orchestration.timeouts import STEP_TIMEOUTS

OWNER: Final = "ai-log-analyzer"
TAGS: Final = ["ai-log-analyzer"]
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Before it no scheduled run exists. With catchup off only the newest interval is run anyway."""


BACKFILL_START: Final = "AILOG_BACKFILL_START"
"""Environment variable with the date that the catchup of the daily backfill begins with."""
_BACKFILL_START: Final = "2026-11-01"


def backfill_start() -> datetime:
    """When the daily backfill begins to catch up: midnight UTC of the date in ``AILOG_BACKFILL_START``.

    Raises:
        ValueError: the variable holds no date; Airflow shows it as an import error of the DAG.
    """
    text = os.environ.get(BACKFILL_START) or _BACKFILL_START
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{BACKFILL_START} is {text!r}: give a date such as 2026-01-31") from error


def default_args() -> dict[str, Any]:
    """For every task: owner, retries with growing delay, a time limit, the retry policy of the error families, an alarm on failure."""
    return {
        "owner": OWNER,
        "pool": STORE,
        "retries": 3,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=5),
        "retry_policy": retry_policy(),
        "execution_timeout": max(STEP_TIMEOUTS.values()),
        "on_failure_callback": on_task_failure,
    }


def moment_param(description: str) -> Param:
    """An optional date or RFC 3339 time, checked by JSON schema before the run starts."""
    return Param(None, type=["null", "string"], pattern=MOMENT_PATTERN, description=description)


def dry_run_param() -> Param:
    """Whether the run only reads and computes."""
    return Param(default=False, type="boolean", description="Read and compute only: write nothing outside staging, send nothing.")


def window_params() -> dict[str, Param]:
    """``from``, ``to`` and ``dry_run``: explicit bounds for a manual run."""
    return {
        "from": moment_param("First moment, on a quarter hour: 2026-01-31 (midnight UTC) or 2026-01-31T08:15:00Z. Empty: what is due."),
        "to": moment_param("End, on a quarter hour, itself not included. Give both bounds or neither."),
        "dry_run": dry_run_param(),
    }


def day_params() -> dict[str, Param]:
    """``from``, ``to``, ``force`` and ``dry_run``: explicit days for a manual backfill."""

    def day(description: str) -> Param:
        return Param(None, type=["null", "string"], pattern=DAY_PATTERN, description=description)

    return {
        "from": day("First UTC day, as in 2026-01-31. Empty: the day before the run."),
        "to": day("Day after the last one. Give both or neither; at most ten days, more by 'airflow backfill create'."),
        "force": Param(default=False, type="boolean", description="Read days again that have their final word."),
        "dry_run": dry_run_param(),
    }
