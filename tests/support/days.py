"""A small world of days: documents with incidents of every kind and times of arrival, regular runs as they are scheduled, and what is
compared between two worlds."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import servers
from tests.support.pipeline import event, files_settings, moment, rows, write_ndjson

from ailog.adapters.sources import build
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import WINDOW, Interval
from ailog.pipeline import late
from ailog.pipeline.backfill import backfill_day
from ailog.pipeline.baseline import collect_day
from ailog.pipeline.classify import classify
from ailog.pipeline.cleanup import cleanup
from ailog.pipeline.detect import detect
from ailog.pipeline.fetch import fetch
from ailog.pipeline.plan import plan
from ailog.pipeline.propagate import propagate
from ailog.pipeline.store import publish
from ailog.settings import Settings

DAY = date(2026, 3, 10)
START = moment("2026-03-10 00:00")
BASELINE_DAYS = 3
NAMESPACES = ("pcb-sit-01-app", "pca-sit-01-app", "pcb-uat-01-app")
_ORDINARY = ("Order {} refused by stock", "Customer {} not found", "Invoice {} has no address", "Slow answer of partner {}")


class Arrival(NamedTuple):
    """A document and when the source has it."""

    at: datetime
    document: dict[str, Any]


def ordinary(first: datetime, windows: int, seed: int = 1) -> list[Arrival]:
    """A few errors in every window of every namespace."""
    drawn = random.Random(seed)
    found = []
    for number in range(windows):
        start = first + number * WINDOW
        for namespace in NAMESPACES:
            for _ in range(4 + drawn.randrange(4)):
                at = start + timedelta(seconds=drawn.randrange(900), microseconds=drawn.randrange(1_000_000))
                message = drawn.choice(_ORDINARY).format(drawn.randrange(10_000))
                found.append(Arrival(at, event(at, message, namespace=namespace, app=drawn.choice(("orders", "billing")))))
    return found


def incidents(start: datetime = START, seed: int = 2) -> list[Arrival]:
    """A spike with traces over an hour, a burst, a new kind, and one problem in two namespaces; no trace crosses the edge of a window."""
    drawn = random.Random(seed)
    found: list[Arrival] = []

    def add(at: datetime, message: str, **more: Any) -> None:
        found.append(Arrival(at, event(at, message, **more)))

    for quarter in range(4):
        for number in range(90):
            at = start + timedelta(hours=9, minutes=15 * quarter, seconds=drawn.randrange(880))
            trace = f"t{quarter}-{number}"
            add(
                at,
                f"no connection to ledger-db, attempt {number}",
                namespace=NAMESPACES[0],
                app="ledger",
                traceId=trace,
                spanId=f"{trace}a",
            )
            add(
                at + timedelta(milliseconds=80), f"Payment {number} failed: ledger unavailable", namespace=NAMESPACES[0], app="payments",
                traceId=trace, spanId=f"{trace}b", parentId=f"{trace}a",
            )  # fmt: skip
    for number in range(150):
        add(
            start + timedelta(hours=11, minutes=4, milliseconds=30 * number), f"Queue {number} is full", namespace=NAMESPACES[1], app="mail"
        )
    for number in range(12):
        add(start + timedelta(hours=10, minutes=2, seconds=number), f"License of module {number} expired", namespace=NAMESPACES[2])
    for namespace in NAMESPACES[:2]:
        for number in range(40):
            add(
                start + timedelta(hours=12, minutes=20, seconds=3 * number),
                f"DNS lookup {number} timed out",
                namespace=namespace,
                app="gate",
            )
    return found


def delayed(arrivals: Iterable[Arrival], share: float, by: timedelta, seed: int = 3) -> list[Arrival]:
    """The same documents, some of which arrive later."""
    drawn = random.Random(seed)
    return [Arrival(one.at + by, one.document) if drawn.random() < share else one for one in arrivals]


@contextmanager
def clone(template: str) -> Iterator[PostgresStore]:
    """A store on a copy of a database."""
    server, name = servers.shared_postgres(), servers.fresh_name()
    try:
        yield PostgresStore(server.create_database(name, template=template).app)
    finally:
        server.drop_database(name)


@contextmanager
def baselined(folder: Path) -> Iterator[str]:
    """The name of a database with the days before the day."""
    with servers.fresh_database() as uris:
        World(PostgresStore(uris.app), folder, ordinary(START - timedelta(days=BASELINE_DAYS), BASELINE_DAYS * 96)).baseline()
        yield uris.app.rsplit("/", 1)[-1]


def arrivals() -> list[Arrival]:
    """The days before the day, and the day with its incidents."""
    return [*ordinary(START - timedelta(days=BASELINE_DAYS), BASELINE_DAYS * 96), *ordinary(START, 96, seed=4), *incidents()]


class World:
    """A store and a log file that grows as time passes."""

    def __init__(self, store: PostgresStore, folder: Path, arrivals: list[Arrival]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store, self.log = store, folder / "log.ndjson"
        self.arrivals = sorted(arrivals, key=lambda one: one.at)
        self.settings: Settings = files_settings(self.log)

    def until(self, now: datetime) -> None:
        """Brings the log to what had arrived by then."""
        write_ndjson(self.log, [one.document for one in self.arrivals if one.at < now])

    def baseline(self) -> None:
        """Days before the day, collected without detection."""
        self.until(START)
        for number in range(BASELINE_DAYS, 0, -1):
            collect_day(self.store, self.settings, [self.source()], str(DAY - timedelta(days=number)), START, "test")

    def source(self) -> Any:
        return build(self.settings.active_sources[0], self.settings, None)

    def regular(self, end: datetime) -> str:
        """The regular run of the window that ends now, late events and missed windows included; returns its id."""
        now = end + timedelta(seconds=self.settings.limits.settle_seconds)
        self.until(now)
        target = Interval(end - WINDOW, end)
        found = late.look(self.store, self.settings, ["files"], lambda _: closing(self.source()), end=target.start, dry_run=False)
        made = plan(
            self.store, self.settings, kind="regular", target=target, bounds=None, now=now, dry_run=False, triggered_by="test",
            late=found.windows, warnings=found.warnings,
        )  # fmt: skip
        return self.steps(made.run_id, now)

    def whole(self, span: Interval, now: datetime) -> str:
        """One regular run over many windows."""
        self.until(now)
        made = plan(self.store, self.settings, kind="regular", target=None, bounds=span, now=now, dry_run=False, triggered_by="test")
        return self.steps(made.run_id, now)

    def steps(self, run_id: str, now: datetime) -> str:
        fetch(self.store, self.settings, self.source(), run_id)
        classify(self.store, self.settings, run_id)
        detect(self.store, self.settings, run_id)
        propagate(self.store, self.settings, run_id)
        publish(self.store, self.settings, run_id, now)
        cleanup(self.store, self.settings, run_id, now)
        return run_id

    def backfill(self, day: date = DAY, *, now: datetime | None = None, **options: Any) -> dict[str, int]:
        """The final word on a day, at nine on the day after."""
        now = now or datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=1)
        self.until(now)
        return backfill_day(self.store, self.settings, [self.source()], day, now, "test", **options)


_NEVER = ("run_id", "superseded_by")
_TABLES: dict[str, tuple[str, ...]] = {
    "error_kind_counts": (),
    "namespace_error_counts": (),
    "detection_events": (),
    "service_dependencies": (),
    "cascade_failures": (),
    "service_health": (),
    "error_signatures": (),
    "problems": ("problem_id",),
    "analysis_run_windows": (),
    "analysis_window_sources": (),
    "peak_investigation": ("incident_id",),
    "incidents": (
        "incident_id",
        "notified_window",
        "notified_severity",
        "notified_count",
        "notified_apps",
        "known_peak_id",
        "regression_of",
    ),
}
"""What two worlds have in common that heard the same, whatever they heard first. Left out of it are the ids of runs; the id of an incident,
which keeps the name under which people were told of it; the numbers of problems and known peaks, given in the order in which they became
known; and what they were told. A peak is compared with the opening of its incident."""


def word(store: PostgresStore, *, since: datetime = START, verdicts: bool = True) -> dict[str, str]:
    """A checksum by table of what the store says."""
    found = {}
    for table, left_out in _TABLES.items():
        gone = [*_NEVER, *left_out, *(() if verdicts else ("verdict",))]
        extra = (
            ", (SELECT i.opened_window FROM ailog_peak.incidents AS i WHERE i.incident_id = t.incident_id)"
            if table == "peak_investigation"
            else ""
        )
        where = {
            "incidents": "WHERE EXISTS (SELECT 1 FROM ailog_peak.peak_investigation AS p WHERE p.incident_id = t.incident_id)",
            "error_signatures": "",
            "problems": "",
        }.get(table, f"WHERE t.window_start >= '{since.isoformat()}'")
        lines = sorted(
            str(row) for row in rows(store, f"SELECT to_jsonb(t) - %s::text[]{extra} FROM ailog_peak.{table} AS t {where}", (gone,))
        )
        found[table] = f"{len(lines)}:{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"
    return found
