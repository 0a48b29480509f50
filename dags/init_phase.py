"""Collects a baseline and trains the first thresholds, so that the regular phase has something to judge against.

**When** By hand, once per deployment, or again after a long outage.

**What** `preflight` checks schema and rights. `days` lists the days that are not complete yet. `collect` reads them, a few side by side,
without detection: counts and known kinds of errors, no incidents. `thresholds` trains a snapshot on them; its result carries a warning
when they are fewer than 12 days. `backtest` judges the last 14 of these days by that snapshot and the settings as they are: its result says
how many incidents and messages they would have brought, and warns of namespaces that would exceed their budget. It sends nothing. Counts of
another system are imported by `ailog init --from-files`.

**Parameters** `days`: so many days before now (default `thresholds.init_days`; at least 12 make useful thresholds), or `from` and `to`
(UTC, the end is not part of it). `dry_run`: list the days and compute thresholds, write nothing.

**When something fails** Clear the failed days, or trigger the DAG again: a day that is complete is not fetched twice. Preflight names
what is missing and the command that mends it.

**Look closer** `ailog ledger`, `ailog thresholds --show`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, TriggerRule, dag, task

from ailog.orchestration.defaults import START, TAGS, default_args, window_params
from ailog.orchestration.pools import SOURCES
from ailog.orchestration.timeouts import STEP_TIMEOUTS

DAYS_A_TASK = 4
"""Starting a task costs seconds: a few days share one, few enough that a retry repeats little."""


@dag(
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    params={
        "days": Param(None, type=["null", "integer"], minimum=1, maximum=366, description="Days before now. Empty: thresholds.init_days."),
        **window_params(),
    },
    tags=TAGS,
    doc_md=__doc__,
)
def init_phase() -> None:
    @task(execution_timeout=STEP_TIMEOUTS["preflight"])
    def preflight() -> None:
        """Checks that schema and rights are there."""
        from ailog.orchestration import runtime

        runtime.steps().preflight()

    @task(execution_timeout=STEP_TIMEOUTS["days"])
    def days() -> list[list[str]]:
        """Lists the days that are not complete yet, some to a task; none in a dry run."""
        from ailog.orchestration import runtime

        missing = runtime.steps().days(runtime.params()["days"], runtime.request().bounds, runtime.started())
        return [] if runtime.is_dry() else [missing[i : i + DAYS_A_TASK] for i in range(0, len(missing), DAYS_A_TASK)]

    @task(pool=SOURCES, max_active_tis_per_dagrun=2, execution_timeout=STEP_TIMEOUTS["collect"], map_index_template="{{ days[0] }}")
    def collect(days: list[str]) -> dict[str, int]:
        """Reads days from all sources, without detection; each is stored as soon as it is read."""
        from ailog.orchestration import runtime

        return runtime.steps().collect(days, runtime.started(), runtime.triggered_by())

    # Skipped days mean that there was none to read: the thresholds are trained all the same. A failed day stops them.
    @task(trigger_rule=TriggerRule.NONE_FAILED, execution_timeout=STEP_TIMEOUTS["thresholds"])
    def thresholds() -> dict[str, Any]:
        """Trains a snapshot on complete windows."""
        from ailog.orchestration import runtime

        trained = runtime.steps().thresholds(runtime.as_of(), None, None, dry_run=runtime.is_dry())
        return {name: value for name, value in trained.items() if name not in {"values", "comparison"}}

    @task(execution_timeout=STEP_TIMEOUTS["backtest"])
    def backtest(trained: dict[str, Any]) -> dict[str, Any]:
        """Judges the last weeks of the baseline, so that the first live day is no surprise; nothing in a dry run."""
        from ailog.orchestration import runtime

        return {} if runtime.is_dry() else runtime.steps().backtest(runtime.as_of(), trained["snapshot_id"])

    listed = days()
    preflight() >> listed
    trained = thresholds()
    collect.expand(days=listed) >> trained
    backtest(trained)


init_phase()
