"""A new threshold snapshot from the windows that complete runs have read: P93 for each namespace and weekday, CAP for each namespace.

**When** Sunday 03:00 UTC, over the `thresholds.weeks` before it.

**What** One task reads the dense totals of complete windows before `as_of`, leaves out what is no norm (incidents, maintenance, holidays,
samples, outages that nobody flagged), and writes the snapshot whole, in one transaction. The old snapshot stays, and stays in use until the
new one is complete. How many windows were used, and how many left out for which reason, is stored with it. The log of the task compares it
with the one before, largest change first, and warns of limits that changed by more than a factor of three.

**Parameters** `as_of`: train on what is strictly before it (default: the scheduled moment; for a manual run the last quarter hour).
`weeks` and `percentile`: instead of those in `analyzer.yaml`. `dry_run`: compute and show, write nothing.

**When something fails** Detection goes on with the snapshot before. The task fails when there is too little to learn from everywhere:
read the missing days by `init_phase` or `daily_backfill`. Clear the task, or trigger the DAG with the same `as_of`.

**Look closer** `ailog thresholds --show`, `--history`, `--compare SNAPSHOT`, `--check VALUE NAMESPACE WEEKDAY`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronDataIntervalTimetable, Param, dag, task

from ailog.orchestration.defaults import START, TAGS, default_args, dry_run_param, moment_param
from ailog.orchestration.timeouts import STEP_TIMEOUTS


@dag(
    schedule=CronDataIntervalTimetable("0 3 * * 0", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    params={
        "as_of": moment_param("Train on what is strictly before: 2026-01-31 (midnight UTC) or 2026-01-31T08:15:00Z."),
        "weeks": Param(None, type=["null", "integer"], minimum=1, maximum=52, description="Weeks of history. Empty: thresholds.weeks."),
        "percentile": Param(
            None,
            type=["null", "number"],
            exclusiveMinimum=0,
            exclusiveMaximum=1,
            description="Level, for instance 0.93. Empty: thresholds.percentile.",
        ),
        "dry_run": dry_run_param(),
    },
    tags=TAGS,
    doc_md=__doc__,
)
def weekly_thresholds() -> None:
    @task(execution_timeout=STEP_TIMEOUTS["thresholds"])
    def thresholds() -> dict[str, Any]:
        """Trains a snapshot on complete windows before as_of."""
        from ailog.orchestration import runtime

        params = runtime.params()
        trained = runtime.steps().thresholds(runtime.as_of(), params["weeks"], params["percentile"], dry_run=params["dry_run"])
        return {name: value for name, value in trained.items() if name not in {"values", "comparison"}}

    thresholds()


weekly_thresholds()
