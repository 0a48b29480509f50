"""The problem report as text, for people at night."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.digest import known_issue_line
from ailog.domain.record_lines import record_facts
from ailog.domain.report import SUMMARY, Facts, headline
from ailog.domain.report_coverage import coverage, warnings
from ailog.domain.report_words import about, compared, contributions, evidence, grade, since, why
from ailog.domain.wording import (
    cause_line,
    clean,
    counted,
    head,
    listing,
    local,
    local_span,
    number,
    one_line,
    ranked,
    short_key,
    spread_line,
    tail,
    utc,
)
from ailog.settings import Settings

WIDTH: Final = 100
_LABEL: Final = 12
_SAMPLE_LINES: Final = 12
_CATEGORIES, _PROBLEMS, _NAMESPACES, _AMENDMENTS = 20, 10, 60, 20


def to_txt(facts: Facts, settings: Settings) -> str:
    """The report for a person at night: at most 100 columns, the gravest first, warnings on top."""
    zone = ZoneInfo(settings.timezone)
    run = facts.run
    lines = ["=" * WIDTH, "AI Log Analyzer: problem report", "=" * WIDTH]
    for warning in warnings(facts, settings):
        lines += textwrap.wrap(f"!! {warning}", WIDTH, subsequent_indent="   ")
    span = f"{local_span(run['window_from'], run['window_to'], zone)} ({counted(run['windows'], 'window')} of 15 min)"
    lines += [
        *_field("Result", headline(facts)),
        *_field("Windows", span),
        *_field("In UTC", f"{utc(run['window_from'])} to {utc(run['window_to'])}, the end not included"),
        *_field(
            "Verdict", run["verdict"] if run["kind"] == "day" else f"{run['verdict']}; run {run['run_id']} ({run['kind']}, {run['status']})"
        ),
        "",
    ]
    if facts.incidents:
        lines += _summary(facts, zone)
    lines += ["", "COVERAGE", "-" * WIDTH]
    for label, said in coverage(facts, settings):
        lines += _field(label, said)
    if facts.amendments:
        lines += ["", *_amended(facts)]
    if facts.incidents:
        top = facts.incidents[: settings.report.top]
        lines += ["", f"DETAILS ({len(top)} of {facts.incident_total:,})", "-" * WIDTH]
        for place, incident in enumerate(top, 1):
            lines += [*_details(place, incident, facts, zone), ""]
        if facts.incident_total > len(top):
            lines.append(f"{facts.incident_total - len(top):,} more are in the CSV of this report.")
    lines += ["", *_statistics(facts), "", *_totals(facts)]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _summary(facts: Facts, zone: ZoneInfo) -> list[str]:
    flags = Counter(flag for incident in facts.incidents for flag in incident["flags"])
    flagged = ", ".join(f"{flag} {count}" for flag, count in sorted(flags.items(), key=lambda pair: (-pair[1], pair[0]))) or "none"
    lines = ["EXECUTIVE SUMMARY", "-" * WIDTH]
    for place, incident in enumerate(facts.incidents[:SUMMARY], 1):
        count = f"{about(incident)}{counted(int(incident['run_count']), 'event')}"
        lines.append(f"{place:2}. {grade(incident):14} {short_key(incident['problem_key'], WIDTH - 19)}")
        for said in (
            f"{count} in {tail(one_line(incident['namespace']), 60)}, {since(incident, facts.run, zone)}",
            why(incident, 300),
            f"Began: {head(cause_line(incident['root_cause']), 240)}",
            f"Known: {known}" if (known := known_issue_line(incident)) else "",
        ):
            lines += textwrap.wrap(said, WIDTH, initial_indent=" " * 19, subsequent_indent=" " * 19)
    more = facts.incident_total - min(SUMMARY, len(facts.incidents))
    return [*lines, *([f"    and {more:,} more"] if more else []), "", *_field("Flags", flagged)]


def _amended(facts: Facts) -> list[str]:
    """What reading the windows again changed."""
    total = int(facts.amendments[0]["amendment_total"])
    shown = facts.amendments[:_AMENDMENTS]
    lines = [f"CHANGED BY READING AGAIN ({len(shown)} of {total:,})", "-" * WIDTH]
    for row in shown:
        lines.append(f"{row['change']:8} {short_key(row['problem_key'], 50)} in {tail(one_line(row['namespace']), 34)}")
        lines += textwrap.wrap(head(one_line(row["words"]), 300), WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 9)
    return lines


def _statistics(facts: Facts) -> list[str]:
    """Severities, categories and the problems with most events."""
    lines = ["STATISTICS", "-" * WIDTH]
    graded = ", ".join(f"{severity} {count:,}" for severity, count in facts.by_severity.items() if count) or "none"
    lines += _field("Incidents", f"{facts.incident_total:,} ({graded})" if facts.incident_total else "none")
    total = sum(int(row["events"]) for row in facts.categories)
    for row in facts.categories[:_CATEGORIES]:
        name = f"{one_line(row['category'])}/{one_line(row['subcategory'])}"
        events = int(row["events"])
        lines.append(f"{tail(name, 45):45}  {events:>14,} {'event ' if events == 1 else 'events'} {events / total:>7.1%}")
    if len(facts.categories) > _CATEGORIES:
        lines.append(f"and {len(facts.categories) - _CATEGORIES} more categories")
    if facts.problems:
        lines += [
            "",
            f"MOST FREQUENT PROBLEMS ({min(_PROBLEMS, len(facts.problems))} of {int(facts.problems[0]['problem_total']):,})",
            "-" * WIDTH,
        ]
    for row in facts.problems[:_PROBLEMS]:
        lines.append(f"{int(row['events']):>14,}  {short_key(row['problem_key'], WIDTH - 16)}")
    return lines


def _details(place: int, incident: Mapping[str, Any], facts: Facts, zone: ZoneInfo) -> Iterator[str]:
    yield f"[{place}] {grade(incident)}  {short_key(incident['problem_key'], WIDTH - 22)}"
    yield from _field("Why", why(incident, 600), 4)
    yield from _field("Score", contributions(incident), 4)
    count = f"{about(incident)}{number(incident['run_count'])} in this report, {about(incident)}{number(incident['event_count'])} in all"
    lasting_for = f"{counted(int(incident['windows']), 'window')}, {incident['status']}, {incident['verdict']}"
    yield from _field("Count", f"{count} ({lasting_for})", 4)
    yield from _field("Compared", compared(incident), 4)
    yield from _field("First", local(incident["first_event"], zone, seconds=True), 4)
    yield from _field("Last", local(incident["last_event"], zone, seconds=True), 4)
    yield from _field("Flags", ", ".join(incident["flags"]) or "none", 4)
    yield from _field("Services", listing(ranked(incident["apps"]), 8), 4)
    yield from _field("Namespace", f"{tail(one_line(incident['namespace']), 60)} ({tail(one_line(incident['environment']), 20)})", 4)
    yield from _field("Root cause", cause_line(incident["root_cause"]), 4)
    if spread := spread_line(incident["root_cause"], list(incident["apps"])):
        yield from _field("Spread", spread, 4)
    if trace := evidence(incident["root_cause"]):
        yield from _field("Evidence", trace, 4)
    if incident.get("known_since"):
        yield from _field("Known since", local(incident["known_since"], zone), 4)
    if versions := facts.versions.get((incident["problem_key"], incident["namespace"])):
        yield from _field("Versions", ", ".join(one_line(version) for version in versions), 4)
    yield from _field("Known issue", known_issue_line(incident) or "none", 4)
    for label, said in record_facts(incident):
        yield from _field(label, said, 4)
    yield from _field("Incident", str(incident["incident_id"]), 4)
    yield "    Sample"
    sample = [line for text in clean(incident["sample"]).split("\n") for line in (textwrap.wrap(text.expandtabs(4), WIDTH - 6) or [""])]
    yield from (f"    | {line}" for line in sample[:_SAMPLE_LINES])
    if len(sample) > _SAMPLE_LINES:
        yield f"    | … {counted(len(sample) - _SAMPLE_LINES, 'more line')}, see the JSON"


def _totals(facts: Facts) -> list[str]:
    lines = ["NAMESPACES", "-" * WIDTH]
    width = min(45, max((len(one_line(row["namespace"])) for row in facts.namespaces), default=0))
    rows = sorted(facts.namespaces, key=lambda row: (-int(row["errors"]), row["namespace"]))
    for row in rows[:_NAMESPACES]:
        errors = ("about " if row["estimated"] else "") + f"{int(row['errors']):,}"
        note = "" if row["complete"] else "  (partial: a lower bound)"
        lines.append(f"{tail(one_line(row['namespace']), 45):{width}}  {errors:>18} errors{note}")
    if len(rows) > _NAMESPACES:
        rest = sum(int(row["errors"]) for row in rows[_NAMESPACES:])
        lines.append(f"and {len(rows) - _NAMESPACES} more with {counted(rest, 'error')} together")
    return lines if facts.namespaces else [*lines, "none was read"]


def _field(label: str, text: str, indent: int = 0) -> list[str]:
    first = " " * indent + f"{label:{_LABEL}} "
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first]
