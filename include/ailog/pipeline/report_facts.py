"""Reads what a report tells of: the facts of a run or of a span, all in one snapshot of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ailog.domain import exports
from ailog.domain.exports import Cells
from ailog.domain.report import Facts
from ailog.errors import ConfigError
from ailog.ports import Store
from ailog.settings import Settings

MAX_INCIDENTS: Final = 10_000
MAX_PROBLEMS: Final = 20_000
"""Rows of the two tables: the newest and largest come first, so that the stalest are left out."""

_TOP_PROBLEMS: Final = 10
_AMENDMENTS: Final = 200
_DAY: Final = timedelta(days=1)
_QUARTER: Final = timedelta(minutes=15)
_FORTNIGHT: Final = timedelta(days=14)

Row = dict[str, Any]


@contextmanager
def snapshot(store: Store, purpose: str) -> Iterator[psycopg.Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile."""
    with store.connection(purpose) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        yield connection


def of_run(store: Store, connection: psycopg.Connection, run_id: str, settings: Settings) -> Facts:
    """The facts of a run; raises ConfigError when no run has this id."""
    runs = _rows(store, connection, "publish/run_row", {"run_id": run_id})
    if not runs:
        raise ConfigError(f"no run has the id {run_id}: see 'ailog ledger' for those there are")
    run = {**runs[0], "sources": _rows(store, connection, "publish/run_sources", {"run_id": run_id})}
    return _facts(store, connection, run, settings)


def of_span(store: Store, connection: psycopg.Connection, since: datetime, until: datetime, settings: Settings) -> Facts:
    """The facts of a span of windows, such as a UTC day, whichever runs read them."""
    span = {"since": since, "until": until}
    run = _rows(store, connection, "reports/day", span)[0]
    return _facts(store, connection, {**run, "sources": _rows(store, connection, "reports/day_sources", span)}, settings)


def incidents_of(store: Store, connection: psycopg.Connection, since: datetime, until: datetime) -> list[Row]:
    """The incidents with a window in a span, gravest first, at most ``MAX_INCIDENTS``."""
    return _rows(store, connection, "reports/incidents", {"run_id": None, "since": since, "until": until, "limit": MAX_INCIDENTS})


def _facts(store: Store, connection: psycopg.Connection, run: Row, settings: Settings) -> Facts:
    since, until = run["window_from"], run["window_to"]
    span = {"run_id": None if run["run_id"] is None else str(run["run_id"]), "since": since, "until": until}
    shown = {"since": min(since, until - _DAY), "until": until}
    charted = {"since": until - _DAY, "until": until}
    incidents = _rows(store, connection, "reports/incidents", {**span, "limit": MAX_INCIDENTS})
    last_day = (until - _QUARTER).astimezone(UTC).replace(hour=0, minute=0)
    return Facts(
        run=run,
        incidents=incidents,
        incident_total=incidents[0]["incident_total"] if incidents else 0,
        namespaces=_rows(store, connection, "reports/namespaces", span),
        limits=_rows(store, connection, "reports/limits", span)[0],
        gaps=_rows(store, connection, "reports/gaps", {"window_to": until, "lookback_hours": settings.limits.lookback_hours})[0],
        problems=_rows(store, connection, "reports/problems", {**span, "limit": _TOP_PROBLEMS}),
        categories=_rows(store, connection, "reports/categories", span),
        rejected=_rows(store, connection, "reports/rejected", span),
        windows=_rows(store, connection, "reports/windows", shown),
        series=_rows(store, connection, "reports/series", charted),
        episodes=_rows(store, connection, "reports/episodes", {**charted, "limit": MAX_INCIDENTS}),
        days=_rows(store, connection, "reports/days", {"last_day": last_day}),
        amendments=_rows(store, connection, "reports/amendments", {**span, "limit": _AMENDMENTS}),
        stored_before=_stored_before(store, connection, run, span),
        versions=_versions(store, connection, incidents[: settings.report.top], span),
    )


def _stored_before(store: Store, connection: psycopg.Connection, run: Row, span: Row) -> int | None:
    if run["run_id"] is None:
        return None
    found: int | None = _rows(store, connection, "reports/late", {**span, "windows": run["windows"]})[0]["stored_before"]
    return found


def _versions(store: Store, connection: psycopg.Connection, incidents: list[Row], span: Row) -> dict[tuple[str, str], list[str]]:
    asked = sorted({(row["problem_key"], row["namespace"]) for row in incidents})
    values = {**span, "problem_keys": [key for key, _ in asked], "namespaces": [name for _, name in asked]}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in _rows(store, connection, "reports/versions", values) if asked else []:
        found[row["problem_key"], row["namespace"]].append(row["version"])
    return dict(found)


def tables(
    store: Store, connection: psycopg.Connection, settings: Settings, since: datetime | None = None, until: datetime | None = None
) -> dict[str, tuple[tuple[str, ...], list[Cells]]]:
    """The columns and rows of ``errors_table`` and ``peaks_table``, of the complete windows of a span; without one, of all."""
    spans = _rows(store, connection, "reports/spans", {"until": until})[0]
    as_of = spans["as_of"]
    slots = {name: spans[name] for name in ("slots_2h", "slots_24h")}
    values = {"as_of": as_of, "since": since, "limit": MAX_PROBLEMS, "timezone": settings.timezone, **slots}
    errors = _rows(store, connection, "reports/errors_table", values) if as_of else []
    peaks = _rows(store, connection, "reports/peaks_table", values) if as_of else []
    if as_of and since and since > as_of - _FORTNIGHT:
        spans["before_7d"] = 0  # the week before reaches out of the span: there is nothing whole to compare with
    return {
        "errors_table": (exports.ERRORS_COLUMNS, exports.errors_table(errors, spans)),
        "peaks_table": (exports.PEAKS_COLUMNS, exports.peaks_table(peaks, spans, as_of)),
    }


def is_newest(store: Store, connection: psycopg.Connection, run: Mapping[str, Any]) -> bool:
    """Whether no run of the same kind has reported later windows."""
    kind = "regular" if run["kind"] == "manual" else run["kind"]
    return not _rows(store, connection, "reports/newer", {"window_to": run["window_to"], "kind": kind})[0]["newer"]


def _rows(store: Store, connection: psycopg.Connection, name: str, values: Mapping[str, Any]) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(name), dict(values)).fetchall()
