"""The final word on yesterday: the whole UTC day is read again in one pass, late events included, and its verdicts become final.

**When** 09:00 UTC. The run at nine of a day handles the day before, 00:00 to 24:00 UTC. Catchup is on: days that were missed while the
scheduler stood still follow, oldest first. It begins with `AILOG_BACKFILL_START` (a date in the environment of every Airflow component;
without it 2026-11-01); days before the first window that was ever read are skipped unless they are asked for. Airflow makes no tasks for
days before that date: to replay earlier ones by `airflow backfill`, move the date back first.

**What** `plan` chooses the windows and opens the run ledger. `fetch` reads each source side by side, `classify`, `detect` and `propagate`
work in staging tables as in the regular phase, 96 windows in one pass. `store` publishes all of it in one transaction: facts are replaced,
incidents amended, what changed is put on record, the regular runs are superseded. `report` writes the files of the day, `pages` brings
Confluence up to date. Single incidents of yesterday are told to nobody.

**Parameters** `from` and `to` (days, the end is not part of it) read these days in one run. `force` reads days again that have their
final word. `dry_run` reads and computes, writes nothing outside staging and sends nothing.

**When something fails** The day keeps the word it had. Clear the failed task, or the whole run from `plan` on when its message says so. A
source that stays dead fails its own `fetch`: what the others hold is published where nothing complete stood before, the day does not
become final, and the run fails, so that it can be cleared once the source is back.

**Run it again** Clear the run, or replay history with `airflow backfill create --dag-id daily_backfill --from-date 2026-11-01 --to-date
2026-12-01`: the days of November, each a run of its own; the DAG must not be paused. Airflow runs ten of them at once; a day is judged by
what the days before it left, so `plan` gives its slot back until they are published. A day that failed is not waited for: the one after
it says in the ledger and in its report that it is missing. With `--max-active-runs 2` hardly a task is started only to wait. A day that
is final is skipped with the reason in the log of `plan`; the same day gives the same rows however often it is read. `ailog backfill`
does the same without Airflow.

**Look closer** `ailog ledger`, `ailog show DATE`, the table `incident_amendments`.
"""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import CronDataIntervalTimetable, TriggerRule, chain, dag, task

from ailog.orchestration.defaults import TAGS, backfill_start, day_params, default_args
from ailog.orchestration.pools import CHANNELS, SOURCES
from ailog.orchestration.timeouts import STEP_TIMEOUTS


@dag(
    schedule=CronDataIntervalTimetable("0 9 * * *", timezone="UTC"),
    start_date=backfill_start(),
    catchup=True,
    max_active_runs=1,
    default_args=default_args(),
    params=day_params(),
    tags=TAGS,
    doc_md=__doc__,
)
def daily_backfill() -> None:
    @task(execution_timeout=STEP_TIMEOUTS["plan"])
    def plan() -> list[dict[str, str]]:
        """Opens the final run of the day; skips it, with the reason, when there is nothing to do."""
        from ailog.orchestration import runtime

        return runtime.plan_backfill()

    @task(pool=SOURCES, execution_timeout=STEP_TIMEOUTS["fetch"], map_index_template="{{ source }}")
    def fetch(source: str, run: str) -> dict[str, int]:
        """Reads one source into staging and compares what arrived with what it holds."""
        from ailog.orchestration import runtime

        return runtime.steps().fetch(source, run)

    # One dead source does not stop the others; the run fails in the end all the same.
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
        """Publishes the day in one transaction and makes its verdicts final."""
        from ailog.orchestration import runtime

        return runtime.steps().store(run)

    @task(execution_timeout=STEP_TIMEOUTS["report"])
    def report(run: str) -> dict[str, str]:
        """Writes the report files of the day; a dry run has none."""
        from ailog.orchestration import runtime

        return {} if runtime.is_dry() else runtime.steps().report(run)

    @task(pool=CHANNELS, execution_timeout=STEP_TIMEOUTS["pages"])
    def pages(run: str) -> dict[str, int]:
        """Publishes the Confluence pages that the day changes; what the wiki does not take now follows later."""
        from ailog.orchestration import runtime

        return {} if runtime.is_dry() else runtime.publish_pages(run)

    # A day that failed is told at once, with the reason.
    @task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=STEP_TIMEOUTS["summary"])
    def summary() -> dict[str, int]:
        """Puts the morning summary of yesterday into the outbox, once a day; a dry run tells nothing."""
        from ailog.orchestration import runtime

        return {} if runtime.is_dry() else runtime.summary()

    # Whatever failed before: alarms and messages of other runs are due all the same.
    @task(trigger_rule=TriggerRule.ALL_DONE, pool=CHANNELS, execution_timeout=STEP_TIMEOUTS["notify"])
    def notify() -> dict[str, int]:
        """Sends the messages that are due; a dry run sends nothing."""
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
    published = pages(run)
    told = summary()
    notified = notify()
    cleaned = cleanup().as_teardown()

    chain(fetched, classify(run), detect(run), propagate(run), store(run), report(run), published)
    fetched >> done
    published >> [told, done]
    told >> notified
    [notified, done] >> cleaned


daily_backfill()
