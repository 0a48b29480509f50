"""Every 15 minutes: what is failing, is it new, how bad, where did it start, who is hit.

**When** At the end of each quarter hour (UTC), after `limits.settle_seconds` for records that are still on their way.

**What** `plan` chooses the windows (the one that just closed and every earlier one that no complete run covers, oldest first) and opens
the run ledger. `fetch` reads each source side by side. `classify`, `detect` and `propagate` work in staging tables. `store` publishes all
of it in one transaction. `report` writes the files, `notify` sends what is due, `cleanup` empties staging.

**Parameters** `from` and `to` read exactly these windows (UTC, the end is not part of it), for instance `2026-01-31T08:00:00Z` and
`2026-01-31T09:00:00Z`. `dry_run` reads and computes, writes nothing outside staging and sends nothing.

**When something fails** Errors that may pass (a source or the database that is busy) are tried again with growing delay. Wrong settings,
credentials or mappings fail at once: the message names the value and the remedy. A source that stays dead fails its own `fetch` only:
the others are analysed, the run is *partial* in the ledger, and no window counts as quiet. Each task that failed for good raises an alarm.

**Run it again** Clear the failed task, or trigger the DAG with `from` and `to`. A run over the same windows replaces its rows; nothing is
counted twice. After an outage there is nothing to do: the next run catches up.

**Look closer** `ailog ledger`, `ailog incidents`, `ailog explain NAMESPACE TIME`.
"""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import CronDataIntervalTimetable, TriggerRule, chain, dag, task

from ailog.orchestration.defaults import START, TAGS, default_args, window_params
from ailog.orchestration.pools import CHANNELS, SOURCES
from ailog.orchestration.timeouts import STEP_TIMEOUTS


@dag(
    schedule=CronDataIntervalTimetable("*/15 * * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    params=window_params(),
    tags=TAGS,
    doc_md=__doc__,
)
def regular_phase() -> None:
    @task(execution_timeout=STEP_TIMEOUTS["plan"])
    def plan() -> list[dict[str, str]]:
        """Chooses the windows and opens the run; returns what to fetch, and the id of the run as ``run``."""
        from ailog.orchestration import runtime

        return runtime.plan()

    @task(pool=SOURCES, execution_timeout=STEP_TIMEOUTS["fetch"], map_index_template="{{ source }}")
    def fetch(source: str, run: str) -> dict[str, int]:
        """Reads one source into staging and compares what arrived with what it holds."""
        from ailog.orchestration import runtime

        return runtime.steps().fetch(source, run)

    # One dead source does not stop the others; when all are dead, the pipeline function says so.
    @task(trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS, execution_timeout=STEP_TIMEOUTS["classify"])
    def classify(run: str) -> dict[str, int]:
        """Gives every event its fingerprint, category and problem."""
        from ailog.orchestration import runtime

        return runtime.steps().classify(run)

    @task(execution_timeout=STEP_TIMEOUTS["detect"])
    def detect(run: str) -> dict[str, int]:
        """Judges counts against thresholds and history."""
        from ailog.orchestration import runtime

        return runtime.steps().detect(run)

    @task(execution_timeout=STEP_TIMEOUTS["propagate"])
    def propagate(run: str) -> dict[str, int]:
        """Finds root causes and cascades from ordered events of a trace."""
        from ailog.orchestration import runtime

        return runtime.steps().propagate(run)

    @task(execution_timeout=STEP_TIMEOUTS["store"])
    def store(run: str) -> dict[str, int]:
        """Publishes the run in one transaction."""
        from ailog.orchestration import runtime

        return runtime.steps().store(run)

    @task(execution_timeout=STEP_TIMEOUTS["report"])
    def report(run: str) -> dict[str, str]:
        """Writes the report files; a dry run has none."""
        from ailog.orchestration import runtime

        return {} if runtime.is_dry() else runtime.steps().report(run)

    # Whatever failed before: alarms and messages of other runs are due all the same.
    @task(trigger_rule=TriggerRule.ALL_DONE, pool=CHANNELS, execution_timeout=STEP_TIMEOUTS["notify"])
    def notify() -> dict[str, int]:
        """Sends the messages that are due, and the pages that the wiki did not take before; a dry run sends nothing."""
        from ailog.orchestration import runtime

        return {"dry_run": 1} if runtime.is_dry() else runtime.notify()

    @task(execution_timeout=STEP_TIMEOUTS["cleanup"])
    def cleanup() -> dict[str, int]:
        """Empties the staging of a run that is over."""
        from ailog.orchestration import runtime

        run = runtime.planned_run()
        return runtime.steps().cleanup(run) if run else {}

    # Notify succeeds when the analysis failed, and a run takes the state of its last tasks: this one makes the run fail with the analysis.
    done = EmptyOperator(task_id="done")

    planned = plan()
    run = planned["run"]
    fetched = fetch.expand_kwargs(planned)
    reported = report(run)
    notified = notify()
    cleaned = cleanup().as_teardown()

    chain(fetched, classify(run), detect(run), propagate(run), store(run), reported)
    reported >> [notified, done] >> cleaned


regular_phase()
