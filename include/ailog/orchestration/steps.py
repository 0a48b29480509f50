"""The steps of every run, in the order of the pipeline: each opens what it needs, calls one pipeline function and lets go again.

A DAG calls one step a task, the command line calls them one after the other.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ailog.adapters.store.postgres import PostgresStore
from ailog.adapters.store.preflight import preflight
from ailog.connections import Connect
from ailog.domain import threshold_changes
from ailog.domain.events import WINDOW, Interval, floor_to_window
from ailog.domain.imported_counts import Tidy
from ailog.domain.summary import DayWord
from ailog.errors import AilogError, ConfigError, PermanentError
from ailog.orchestration.composition import Composition
from ailog.orchestration.windows import Request
from ailog.pipeline import (
    backfill,
    baseline,
    baseline_import,
    classify,
    cleanup,
    detect,
    fetch,
    late,
    notify,
    plan,
    propagate,
    publish_pages,
    replay_backtest,
    report,
    store,
    summary,
    thresholds,
    want_pages,
)
from ailog.pipeline.plan import Plan
from ailog.pipeline.summary import Told
from ailog.ports import Clock
from ailog.settings import PACKAGE_ROOT, Settings

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Steps:
    """Everything that a run does, given settings and a way to look connections up."""

    settings: Settings
    connect: Connect
    clock: Clock = utc_now
    sleep: Callable[[float], None] = time.sleep

    @property
    def parts(self) -> Composition:
        """The composition root for these settings."""
        return Composition(self.settings, self.connect)

    def preflight(self) -> list[str]:
        """Checks the database; raises PermanentError that lists everything that is missing."""
        with closing(self.parts.store("preflight")) as database:
            problems = preflight(database)
        if problems:
            raise PermanentError("the database is not ready: " + "; ".join(problems))
        return problems

    def plan(self, asked: Request, kind: str, triggered_by: str) -> Plan:
        """Chooses the windows and opens the run.

        Unless bounds were given, it waits first until the target has settled, and adds earlier windows that hold more by now than was read.
        """
        if asked.bounds is None:
            self._settle(asked.target)
        with closing(self.parts.store("plan")) as database:
            found = self._late(database, asked) if asked.bounds is None else late.Late()
            return plan.plan(
                database,
                self.settings,
                kind=kind,
                target=asked.target,
                bounds=asked.bounds,
                now=self.clock(),
                dry_run=asked.dry_run,
                triggered_by=triggered_by,
                late=found.windows,
                warnings=found.warnings,
            )

    def _late(self, database: PostgresStore, asked: Request) -> late.Late:
        end = asked.target.start if asked.target else floor_to_window(self.clock()) - WINDOW
        names = [source.name for source in self.settings.active_sources]
        return late.look(database, self.settings, names, self.parts.source, end=end, dry_run=asked.dry_run)

    def backfill_days(self, span: Interval, *, force: bool) -> backfill.Days:
        """Which days of a span a backfill has to read, and which are final already."""
        with closing(self.parts.store("days")) as database:
            return backfill.days(database, span, now=self.clock(), force=force)

    def first_window(self) -> datetime | None:
        """The first window that was ever read."""
        with closing(self.parts.store("days")) as database:
            return backfill.first_window(database)

    def plan_backfill(self, due: Sequence[date], triggered_by: str, *, dry_run: bool) -> Plan:
        """Opens one final run over all windows of these days."""
        with closing(self.parts.store("plan")) as database:
            return backfill.plan_days(database, self.settings, due, now=self.clock(), dry_run=dry_run, triggered_by=triggered_by)

    @contextmanager
    def _staged(self, step: str, run_id: str) -> Iterator[PostgresStore]:
        """The database for a step that works on what earlier steps staged; what a crash of the server took is staged again first."""
        with closing(self.parts.store(step)) as database:
            if plan.staging_lost(database, run_id):
                self._stage_again(step, run_id)
                plan.staging_restored(database, run_id)
            yield database

    def _stage_again(self, step: str, run_id: str) -> None:
        """Every step before this one; a source that is dead by now stays unread, as it would have."""
        log.warning("what run %s had staged is gone with a crash of the database: it is read again", run_id)
        with closing(self.parts.store("fetch")) as database:
            for name in plan.load_plan(database, run_id).sources:
                with suppress(AilogError), self.parts.source(name) as source:
                    fetch.fetch(database, self.settings, source, run_id)
            for before, work in (("classify", classify.classify), ("detect", detect.detect), ("propagate", propagate.propagate)):
                if before == step:
                    return
                work(database, self.settings, run_id)

    def fetch(self, source_name: str, run_id: str) -> dict[str, int]:
        """Reads one source into staging."""
        with closing(self.parts.store("fetch")) as database, self.parts.source(source_name) as source:
            return fetch.fetch(database, self.settings, source, run_id)

    def classify(self, run_id: str) -> dict[str, int]:
        """Gives every staged event its fingerprint, category and problem."""
        with self._staged("classify", run_id) as database:
            return classify.classify(database, self.settings, run_id)

    def detect(self, run_id: str) -> dict[str, int]:
        """Judges counts against thresholds and history."""
        with self._staged("detect", run_id) as database:
            return detect.detect(database, self.settings, run_id, self.parts.public_holidays)

    def propagate(self, run_id: str) -> dict[str, int]:
        """Orders the errors of each trace: root causes, edges and cascades."""
        with self._staged("propagate", run_id) as database:
            return propagate.propagate(database, self.settings, run_id)

    def store(self, run_id: str) -> dict[str, int]:
        """Publishes the run in one transaction; a dry run publishes nothing."""
        with self._staged("store", run_id) as database:
            return store.publish(database, self.settings, run_id, self.clock())

    def report(self, run_id: str) -> dict[str, str]:
        """Writes the report files of the run."""
        with closing(self.parts.store("report")) as database:
            return report.report(database, run_id, self.settings, self.report_directory)

    def notify(self) -> dict[str, int]:
        """Sends every message that is due, whichever run it is of."""
        with closing(self.parts.store("notify")) as database:
            return notify.notify(database, self.parts.notifiers(), self.settings, self.clock)

    def cleanup(self, run_id: str) -> dict[str, int]:
        """Empties the staging of a run that is over, and what old runs left."""
        with closing(self.parts.store("cleanup")) as database:
            return cleanup.cleanup(database, self.settings, run_id, self.clock())

    def days(self, days: int | None, bounds: Interval | None, now: datetime) -> list[str]:
        """The days of the baseline that are not complete yet."""
        with closing(self.parts.store("days")) as database:
            return baseline.baseline_days(database, self.settings, days=days, bounds=bounds, now=now)

    def collect(self, days: Sequence[str], now: datetime, triggered_by: str) -> dict[str, int]:
        """Reads days of the baseline from all sources, one after the other, without detection; returns the sums of their counts."""
        sums: Counter[str] = Counter()
        with closing(self.parts.store("collect")) as database, self.parts.sources() as sources:
            for day in days:
                sums.update(baseline.collect_day(database, self.settings, sources, day, now, triggered_by))
        return dict(sums)

    def thresholds(self, as_of: datetime, weeks: int | None, percentile: float | None, *, dry_run: bool) -> dict[str, Any]:
        """Trains a threshold snapshot on complete windows before ``as_of``; raises ConfigError when that is not over yet."""
        if as_of > self.clock():
            raise ConfigError(f"as_of {as_of.isoformat()} is not over yet: thresholds are learnt from windows that are")
        with closing(self.parts.store("thresholds")) as database:
            trained = thresholds.train_thresholds(
                database, self.settings, as_of=as_of, weeks=weeks, percentile=percentile, dry_run=dry_run, public=self.parts.public_holidays
            )
        for line in threshold_changes.lines(trained["comparison"]) if trained["comparison"] else ():
            log.info("against the snapshot in use: %s", line)
        for warning in trained["warnings"]:
            log.warning("%s", warning)
        return trained

    def backtest(self, end: datetime, snapshot_id: str | None) -> dict[str, Any]:
        """What the settings would have told of the last weeks before ``end``; nothing is written or sent."""
        with closing(self.parts.store("backtest")) as database:
            found = replay_backtest.backtest(database, self.settings, end=end, snapshot_id=snapshot_id)
        log.info("%s", found["sentence"])
        for warning in found["warnings"]:
            log.warning("%s", warning)
        return found

    def extent(self, source_name: str) -> Interval:
        """The whole UTC days that a source holds errors of; raises ConfigError when there are none that are over."""
        with self.parts.source(source_name) as source:
            return baseline.extent(source, self.clock())

    def import_counts(self, tables: dict[str, Tidy], triggered_by: str, *, dry_run: bool) -> dict[str, Any]:
        """Stores counts of files as a baseline; windows that were read are left as they are."""
        with closing(self.parts.store("collect")) as database:
            return baseline_import.import_counts(
                database, self.settings, tables, now=self.clock(), triggered_by=triggered_by, dry_run=dry_run
            )

    def want_pages(self, run_id: str) -> dict[str, int]:
        """Renders the Confluence pages that a finished backfill changes, and puts them on record as wanted."""
        with closing(self.parts.store("pages")) as database:
            return want_pages.want_pages(database, self.settings, run_id, self.clock())

    def publish_pages(self, *, kinds: Collection[str] | None = None, at_once: bool = False) -> dict[str, int]:
        """Delivers every wanted page that is due, whichever run it is of; a wiki that fails is never raised."""
        if not self.settings.confluence.enabled:
            return {}
        with closing(self.parts.store("pages")) as database, closing(self.parts.publisher()) as wiki:
            return publish_pages.publish_pages(database, wiki, self.settings, self.clock, kinds=kinds, at_once=at_once, sleep=self.sleep)

    def summary(self, run_id: str) -> dict[str, int]:
        """Tells the day of a backfill run, finished or failed; nothing when it was told already."""
        with closing(self.parts.store("summary")) as database:
            return summary.summary(database, self.settings, run_id, self.clock(), links=self.summary_links)

    def tell_day(self, day: datetime, *, only_complete: bool = False) -> Told:
        """Tells a UTC day that is over, unless it was told as it is."""
        with closing(self.parts.store("summary")) as database:
            now = self.clock()
            return summary.tell_day(database, self.settings, day, now, links=self.summary_links, only_complete=only_complete)

    def read_day(self, day: datetime) -> DayWord:
        """What would be told of a UTC day."""
        with closing(self.parts.store("summary")) as database:
            return summary.read_day(database, self.settings, day, links=self.summary_links)

    @property
    def summary_links(self) -> list[tuple[str, str]]:
        """Where the morning summary leads to: the daily report in Confluence and Airflow, as far as they are configured."""
        found = (("Daily report", self.parts.daily_page()), ("Open Airflow", self.settings.report.base_url))
        return [(name, url) for name, url in found if url.startswith(("https://", "http://"))]

    @property
    def report_directory(self) -> Path:
        """Where reports go; a relative path is taken from the product's own folder, whatever the working directory."""
        return PACKAGE_ROOT / self.settings.report.directory

    def _settle(self, target: Interval | None) -> None:
        """Sleeps until the records of the target's last moments had time to arrive; at most ``limits.settle_seconds``."""
        now = self.clock()
        end = target.end if target else floor_to_window(now)
        wait = (end + timedelta(seconds=self.settings.limits.settle_seconds) - now).total_seconds()
        if wait > 0:
            self.sleep(min(wait, self.settings.limits.settle_seconds))
