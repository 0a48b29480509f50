"""Every five minutes: is the analyzer itself all right? It says so in the channels when it is not, once, and when it is again.

**When** Every five minutes (UTC), in a pool of its own, apart from the regular phase: it notices when that is paused, stuck or failing.

**What** One light task reads what is stored: no complete run within 30 minutes, a run past its deadline, failed backfills in a row, a
source that cannot be read, channels or Confluence that take nothing, old thresholds, a jump in what has no category, missing partitions,
calendar entries and silences that end soon. The limits are under `watch` in `analyzer.yaml`. An alarm is told when it opens, again after
growing pauses, and once more when it is over. Then the messages that are due are sent, whoever wrote them.

When the database cannot be used there is no outbox: the alarm is sent directly, once per outage, which is remembered in the Airflow
variable `ailog_database_outage`.

**Parameters** `dry_run` looks and tells nobody.

**When something fails** A dead scheduler or worker cannot tell of itself: let cron or Kubernetes run `ailog watch --once` outside of
Airflow. It keeps the same account, so nothing is told twice, and ends with status 1 while an alarm is open. There is nothing to clear: the
next run looks again.

**Look closer** `ailog watch --once --dry-run`, `ailog doctor`, the table `watch_alarms`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronDataIntervalTimetable, dag, task

from ailog.orchestration.defaults import START, TAGS, default_args, dry_run_param
from ailog.orchestration.pools import WATCH
from ailog.orchestration.timeouts import STEP_TIMEOUTS


# A run that hangs, with a dead worker for instance, must not keep the next ones waiting.
@dag(
    schedule=CronDataIntervalTimetable("*/5 * * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=14),
    default_args=default_args() | {"retries": 1},
    params={"dry_run": dry_run_param()},
    tags=TAGS,
    doc_md=__doc__,
)
def watch() -> None:
    @task(pool=WATCH, execution_timeout=STEP_TIMEOUTS["look"])
    def look() -> dict[str, int | str]:
        """Looks at what is stored, tells what is new, sends what is due."""
        from ailog.orchestration import runtime

        return runtime.watch()

    look()


watch()
