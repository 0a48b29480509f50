"""What every DAG and task of the product has in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.sdk import Param

from ailog.orchestration.callbacks import on_task_failure
from ailog.orchestration.patterns import MOMENT_PATTERN
from ailog.orchestration.pools import STORE
from ailog.orchestration.retries import retry_policy
from ailog.orchestration.timeouts import STEP_TIMEOUTS

OWNER: Final = "ai-log-analyzer"
TAGS: Final = ["ai-log-analyzer"]
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Before it no scheduled run exists. With catchup off only the newest interval is run anyway."""


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
