"""Commands that read: incidents, ledger, stats."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from ailog import cli_output as out
from ailog import settings
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.orchestration.composition import Composition
from ailog.orchestration.windows import moment
from ailog.pipeline import reading
from ailog.pipeline.reading import Span

STATEMENT_SECONDS = 60

INCIDENTS = {
    "opened_window": "opened (UTC)",
    "namespace": "namespace",
    "severity": "severity",
    "score": "score",
    "status": "status",
    "event_count": "events",
    "flags": "flags",
    "problem_key": "problem",
    "services": "services",
}
RUNS = {
    "window_from": "from (UTC)",
    "windows": "windows",
    "kind": "kind",
    "status": "status",
    "expected": "expected",
    "fetched": "fetched",
    "rejected": "rejected",
    "stored": "stored",
    "incidents": "incidents",
    "warned": "warnings",
    "error": "error",
}
NAMESPACES = {
    "namespace": "namespace",
    "count": "events",
    "windows": "windows",
    "complete_windows": "complete",
    "max_count": "largest",
    "max_window": "in window (UTC)",
    "documents": "records",
}
CATEGORIES = {"category": "category", "subcategory": "subcategory", "count": "events", "fingerprints": "kinds", "namespaces": "namespaces"}
PROBLEMS = {
    "problem_key": "problem",
    "category": "category",
    "count": "events",
    "namespaces": "namespaces",
    "first_event": "first (UTC)",
    "last_event": "last (UTC)",
}
SEVERITIES = {"severity": "severity", "status": "status", "incidents": "incidents", "namespaces": "namespaces", "events": "events"}
VERDICTS = {"detector": "detector", "judged": "judged", "fired": "fired", "namespaces": "in namespaces"}


def incidents(arguments: Arguments) -> int:
    """``{"incidents": [...]}``, newest first."""
    span = _span(arguments)
    with closing(_store()) as store:
        found = reading.incidents(
            store,
            span,
            namespace=arguments.namespace,
            open_only=arguments.open_only,
            min_score=arguments.min_score,
            limit=arguments.limit,
        )
    if arguments.json:
        out.as_json({"incidents": found})
    else:
        print_incidents(found, "incidents")
    return 0


def ledger(arguments: Arguments) -> int:
    """``{"windows": {...}, "runs": [...]}``."""
    span = _span(arguments)
    with closing(_store()) as store:
        found = reading.ledger(store, span, status=arguments.status, limit=arguments.limit)
    if arguments.json:
        out.as_json(found)
    else:
        out.table("runs", [{**run, "warned": len(run["warnings"])} for run in found["runs"]], RUNS)
        for said in dict.fromkeys(f"{out.shown(run['window_from'])}: {warning}" for run in found["runs"] for warning in run["warnings"]):
            out.say(f"! {out.shown(said)}")
        out.say(f"windows: {out.counts(found['windows'])}")
    return 0


def stats(arguments: Arguments) -> int:
    """``{"totals", "windows", "namespaces", "categories", "problems", "incidents_by_severity", "verdicts"}``."""
    span = _span(arguments)
    with closing(_store()) as store:
        found = reading.stats(store, span)
    if arguments.json:
        out.as_json(found)
    else:
        _print_stats(found)
    return 0


def print_incidents(found: list[dict[str, Any]], title: str) -> None:
    """The table of incidents."""
    rows = [{**row, "services": sorted(row["apps"], key=lambda app: (-row["apps"][app], app))[:4]} for row in found]
    out.table(title, rows, INCIDENTS)


def found_incidents(parts: Composition, span: Interval) -> list[dict[str, Any]]:
    """The incidents that were going on in a span."""
    with closing(parts.store_within(STATEMENT_SECONDS, "ailog read")) as store:
        return reading.incidents(store, Span.of(span))


def _store() -> PostgresStore:
    return Composition(settings.load(), from_environment).store_within(STATEMENT_SECONDS, "ailog read")


def _span(arguments: Arguments) -> Span:
    """The bounds of the command line; here one may be given alone, and neither needs to be on a quarter hour."""
    try:
        since = moment(arguments.start, "--from") if arguments.start else None
        until = moment(arguments.end, "--to") if arguments.end else None
    except ConfigError as error:
        raise UsageError(str(error)) from error
    if since and until and since >= until:
        raise UsageError(f"--from {arguments.start} is not before --to {arguments.end}")
    return Span(since, until)


def _print_stats(found: dict[str, Any]) -> None:
    out.say(f"totals: {out.counts(found['totals'])}")
    out.table("namespaces", found["namespaces"], NAMESPACES)
    out.say(f"windows: {out.counts(found['windows'])}")
    out.table("categories", found["categories"], CATEGORIES)
    out.table("problems", found["problems"], PROBLEMS)
    out.table("incidents", found["incidents_by_severity"], SEVERITIES)
    out.table("verdicts", found["verdicts"], VERDICTS)
