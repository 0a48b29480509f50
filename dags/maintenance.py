"""Keeps the database small and its word: rolls days up for ever, lets go of what is past its time, takes a backup on request.

**When** 02:30 UTC every day. Nothing is caught up: one run does what all missed ones would have done.

**What** `roll_up` sums complete days up from their facts and compares both sums; a day that was read again later is rolled up again, and
never replaced by a poorer one. `retention` drops whole months: raw counts after 30 days, once every day of theirs is rolled up; verdicts
and what traces showed after 90; signatures that nobody saw or named for 90 days, old messages and rejected records row by row. A month
goes when its last day is past the time, so the oldest rows are up to a month older. Roll-ups, patterns with their first sight, incidents,
peaks, amendments, known issues, calendars, decisions, audit and ledger are kept for ever. An error that the look-back covers never becomes
new by this. `leftovers` clears staging of dead runs, open runs in the ledger that never ended, and old files. `backup` writes a consistent
copy of every table. `statistics` refreshes what the planner knows of partitioned tables.

**Parameters** `dry_run`: say what would be rolled up and what would go, with rows and bytes; change nothing. `backup`: take a backup too,
into `retention.backup_directory`. `retention_days`: instead of `retention.raw_days`; a value that would starve training is refused.

**When something fails** Nothing is lost: a month of facts goes only when the schema itself finds every day of it rolled up. `retention`
gives way to a run that is being published, and leaves for the next day what stays busy. Days whose facts and ledger differ are named: read
them again by `ailog backfill --from DAY --to DAY --force`. Clear the failed task: each goes on where it was.

**Run it again** At any time. `ailog maintenance` does the same without Airflow, `ailog retention` says what is kept and what is due,
`ailog backup` and `ailog restore` take a copy and bring it back.

**Look closer** Tables `daily_rollup_days`, `dropped_months`, `audit_log`.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import CronDataIntervalTimetable, Param, TriggerRule, chain, dag, task

from ailog.orchestration.defaults import START, TAGS, default_args, dry_run_param
from ailog.orchestration.timeouts import STEP_TIMEOUTS


@dag(
    schedule=CronDataIntervalTimetable("30 2 * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    params={
        "dry_run": dry_run_param(),
        "backup": Param(default=False, type="boolean", description="Take a backup too, into retention.backup_directory."),
        "retention_days": Param(
            None, type=["null", "integer"], minimum=28, maximum=3660, description="Days of raw counts. Empty: retention.raw_days."
        ),
    },
    tags=TAGS,
    doc_md=__doc__,
)
def maintenance() -> None:
    @task(execution_timeout=STEP_TIMEOUTS["roll_up"])
    def roll_up() -> dict[str, Any]:
        """Sums complete days up, and days that changed since."""
        from ailog.orchestration import maintenance, runtime

        return maintenance.roll_up(runtime.steps(), runtime.started(), dry_run=runtime.is_dry())

    @task(execution_timeout=STEP_TIMEOUTS["retention"])
    def retention() -> dict[str, Any]:
        """Lets go of what is past its time."""
        from ailog.orchestration import maintenance, runtime

        days = runtime.params()["retention_days"]
        return maintenance.retain(runtime.steps(), runtime.started(), dry_run=runtime.is_dry(), raw_days=days)

    # What follows does not depend on it; the run fails in the end all the same.
    @task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=STEP_TIMEOUTS["leftovers"])
    def leftovers() -> dict[str, int]:
        """Clears what dead runs left, and old files."""
        from ailog.orchestration import maintenance, runtime

        return maintenance.clear_leftovers(runtime.steps(), runtime.started(), dry_run=runtime.is_dry())

    @task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=STEP_TIMEOUTS["backup"])
    def backup() -> dict[str, Any]:
        """Takes a backup when it is asked for; a dry run takes none."""
        from ailog.orchestration import maintenance, runtime

        wanted = runtime.params()["backup"] and not runtime.is_dry()
        return maintenance.take_backup(runtime.steps(), runtime.started()) if wanted else {}

    @task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=STEP_TIMEOUTS["statistics"])
    def statistics() -> dict[str, Any]:
        """Refreshes what the planner knows of partitioned tables."""
        from ailog.orchestration import maintenance, runtime

        return maintenance.statistics(runtime.steps(), dry_run=runtime.is_dry())

    done = EmptyOperator(task_id="done")
    steps = [roll_up(), retention(), leftovers(), backup(), statistics()]
    chain(*steps)
    steps >> done


maintenance()
