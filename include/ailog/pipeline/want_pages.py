"""Renders pages from stored rows and puts them on record as wanted; delivery is somebody else's, and later.

The same rows give the same page, so that wanting a page again asks for nothing. Rendering reads one snapshot of the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.rows import dict_row

from ailog.domain import exports, pages_daily, pages_tables
from ailog.domain.pages import Page
from ailog.errors import ConfigError
from ailog.pipeline.report_facts import snapshot, tables
from ailog.ports import Store
from ailog.settings import Settings

KINDS: Final = ("daily", "errors", "peaks")
"""What can be asked for; ``daily`` is the page of the day and the one above it."""
MAX_INCIDENTS: Final = 10_000
_DAY: Final = timedelta(days=1)


class WantedPage(NamedTuple):
    """A rendered page under its key; ``as_of`` is the end of what it tells of."""

    key: str
    kind: str
    as_of: datetime
    page: Page


def want_pages(
    store: Store, settings: Settings, run_id: str | None, now: datetime, *, day: datetime | None = None, kinds: Collection[str] = KINDS
) -> dict[str, int]:
    """Wants the pages that a finished backfill run changes, or with ``day`` those of that UTC day.

    Nothing is wanted of a run of another kind, of one that did not finish (a dry run too), or while Confluence is switched off.

    Returns:
        Counts under ``wanted`` (to be delivered), ``same`` (there already) and ``older`` (a newer page is wanted already).
    """
    if not settings.confluence.enabled:
        return {}
    days = [day] if day is not None else _days_of(store, run_id)
    counts = {"wanted": 0, "same": 0, "older": 0}
    for one in days:
        # The standing tables are as of now, whichever day it is: once is enough.
        for page in render_pages(store, settings, one, kinds if one == days[-1] else set(kinds) & {"daily"}):
            counts[_put(store, page, run_id, now)] += 1
    return counts if days else {}


def newest_day(store: Store) -> datetime:
    """The day that a report is about when none is named. Raises ConfigError when nothing was ever analysed."""
    with store.connection("look for the newest day") as connection:
        found = connection.execute(store.statement("pages/newest_day")).fetchone()
    if found is None or found[0] is None:
        raise ConfigError("nothing has been analysed yet, so there is nothing to publish: run 'ailog init' and 'ailog backfill' first")
    moment: datetime = found[0]
    return moment.astimezone(UTC)


def render_pages(store: Store, settings: Settings, day: datetime, kinds: Collection[str] = KINDS) -> list[WantedPage]:
    """The pages as they should be now; reads only."""
    rendered = []
    with snapshot(store, "render the pages") as connection:
        if "daily" in kinds:
            facts = _day_facts(store, connection, settings, day)
            rendered.append(WantedPage("daily", "daily", day + _DAY, pages_daily.index_page(facts, settings)))
            rendered.append(WantedPage(f"daily/{facts.day}", "day", day + _DAY, pages_daily.day_page(facts, settings)))
        if {"errors", "peaks"} & set(kinds):
            rendered += _standing(store, connection, settings, kinds, day)
    return rendered


def _days_of(store: Store, run_id: str | None) -> list[datetime]:
    with store.connection("look up the run") as connection:
        runs = _rows(store, connection, "pages/run", {"run_id": run_id})
    if not runs or runs[0]["kind"] != "backfill" or runs[0]["status"] not in {"complete", "partial"}:
        return []
    first, end = runs[0]["window_from"].astimezone(UTC), runs[0]["window_to"]
    midnight = first.replace(hour=0, minute=0)
    days = [midnight + number * _DAY for number in range((end - midnight) // _DAY)]
    return [day for day in days if day >= first]


def _day_facts(store: Store, connection: psycopg.Connection, settings: Settings, day: datetime) -> pages_daily.DayFacts:
    span = {"start": day, "end": day + _DAY}
    return pages_daily.DayFacts(
        start=day,
        gaps=_rows(store, connection, "pages/day_windows", span),
        runs=_rows(store, connection, "pages/day_runs", span),
        namespaces=[row for row in _rows(store, connection, "pages/day_namespaces", span) if row["windows"] or row["errors"]],
        incidents=_rows(store, connection, "pages/day_incidents", {**span, "limit": MAX_INCIDENTS}),
        days=_rows(store, connection, "pages/days", {**span, "days": settings.confluence.rows.days}),
        amendments=_rows(store, connection, "pages/day_amendments", {"day": day.date(), "limit": MAX_INCIDENTS}),
    )


def _standing(store: Store, connection: psycopg.Connection, settings: Settings, kinds: Collection[str], day: datetime) -> list[WantedPage]:
    as_of = _rows(store, connection, "pages/as_of", {})[0]["as_of"]
    csv = {name: exports.written(columns, rows, "csv") for name, (columns, rows) in tables(store, connection, settings).items()}
    matches = {row["problem_key"]: row for row in _rows(store, connection, "pages/known_matches", {})}
    rendered = []
    if "errors" in kinds:
        issues = _rows(store, connection, "pages/known_issues", {})
        page = pages_tables.errors_page(csv["errors_table"], issues, matches, as_of, settings)
        rendered.append(WantedPage("errors", "errors", as_of or day, page))
    if "peaks" in kinds:
        page = pages_tables.peaks_page(csv["peaks_table"], csv["errors_table"], matches, as_of, settings)
        rendered.append(WantedPage("peaks", "peaks", as_of or day, page))
    return rendered


def _put(store: Store, wanted: WantedPage, run_id: str | None, now: datetime) -> str:
    """Puts one page on record with its files, in one transaction; returns the name that it is counted under."""
    page = wanted.page
    files = {file.name: file.sha256 for file in page.attachments}
    content = hashlib.sha256(repr((page.region_hash, sorted(files.items()))).encode()).hexdigest()[:16]
    values = {
        "page_key": wanted.key,
        "kind": wanted.kind,
        "run_id": run_id,
        "as_of": wanted.as_of,
        "title": page.title,
        "region": page.region,
        "region_hash": page.region_hash,
        "content_hash": content,
        "now": now,
    }
    with store.connection("want a page") as connection:
        found = connection.execute(store.statement("pages/put_page"), values).fetchone()
        if found is None:
            return "older"
        for file in page.attachments:
            given = {"page_key": wanted.key, "name": file.name, "media_type": file.media_type, "sha256": file.sha256, "content": file.data}
            connection.execute(store.statement("pages/put_file"), given)
        connection.execute(store.statement("pages/drop_files"), {"page_key": wanted.key, "names": list(files)})
    return "same" if found[0] == "written" else "wanted"


def _rows(store: Store, connection: psycopg.Connection, name: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(name), values).fetchall()
