"""The problem report as text, for people at night."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.digest import known_issue_line, run_warnings
from ailog.domain.report import SUMMARY, Facts, gap_line, headline, ledger_line
from ailog.domain.report_words import about, compared, contributions, grade, sources, why
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
)
from ailog.settings import Settings

WIDTH: Final = 100
_LABEL: Final = 12
_SAMPLE_LINES: Final = 12


def to_txt(facts: Facts, settings: Settings) -> str:
    """The report for a person at night: at most 100 columns, the gravest first, warnings on top."""
    zone = ZoneInfo(settings.timezone)
    run = facts.run
    lines = ["=" * WIDTH, "AI Log Analyzer: problem report", "=" * WIDTH]
    for warning in run_warnings(run):
        lines += textwrap.wrap(f"!! {warning}", WIDTH, subsequent_indent="   ")
    span = f"{local_span(run['window_from'], run['window_to'], zone)} ({counted(run['windows'], 'window')})"
    lines += [
        *_field("Result", headline(facts)),
        *_field("Windows", span),
        *_field("Run", f"{run['run_id']} ({run['kind']}, {run['verdict']}, {run['status']})"),
        *_field("Ledger", ledger_line(facts)),
        *_field("Gaps", f"{gap_line(facts)} (in the last {settings.limits.lookback_hours} h)"),
        *_field("Sources", sources(run)),
        "",
    ]
    if facts.incidents:
        lines += _summary(facts)
        top = facts.incidents[: settings.report.top]
        lines += ["", f"DETAILS ({len(top)} of {facts.incident_total:,})", "-" * WIDTH]
        for place, incident in enumerate(top, 1):
            lines += [*_details(place, incident, zone), ""]
        if facts.incident_total > len(top):
            lines.append(f"{facts.incident_total - len(top):,} more are in the CSV of this report.\n")
    lines += _totals(facts)
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _summary(facts: Facts) -> list[str]:
    flags = Counter(flag for incident in facts.incidents for flag in incident["flags"])
    flagged = ", ".join(f"{flag} {count}" for flag, count in sorted(flags.items(), key=lambda pair: (-pair[1], pair[0]))) or "none"
    lines = ["EXECUTIVE SUMMARY", "-" * WIDTH]
    for place, incident in enumerate(facts.incidents[:SUMMARY], 1):
        count = f"{about(incident)}{counted(int(incident['run_count']), 'event')}"
        lines.append(f"{place:2}. {grade(incident):14} {short_key(incident['problem_key'], WIDTH - 19)}")
        lines += textwrap.wrap(f"{count} in {tail(one_line(incident['namespace']), 60)}", WIDTH, initial_indent=" " * 19)
        lines += textwrap.wrap(head(why(incident), 240), WIDTH, initial_indent=" " * 19, subsequent_indent=" " * 19)
    more = facts.incident_total - min(SUMMARY, len(facts.incidents))
    return [*lines, *([f"    and {more:,} more"] if more else []), "", *_field("Flags", flagged)]


def _details(place: int, incident: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    yield f"[{place}] {grade(incident)}  {short_key(incident['problem_key'], WIDTH - 22)}"
    yield from _field("Why", head(why(incident), 600), 4)
    yield from _field("Score", contributions(incident), 4)
    count = f"{about(incident)}{number(incident['run_count'])} in this run, {about(incident)}{number(incident['event_count'])} in all"
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
    yield from _field("Known issue", known_issue_line(incident) or "none", 4)
    yield from _field("Incident", str(incident["incident_id"]), 4)
    yield "    Sample"
    sample = [line for text in clean(incident["sample"]).split("\n") for line in (textwrap.wrap(text.expandtabs(4), WIDTH - 6) or [""])]
    yield from (f"    | {line}" for line in sample[:_SAMPLE_LINES])
    if len(sample) > _SAMPLE_LINES:
        yield f"    | … {counted(len(sample) - _SAMPLE_LINES, 'more line')}, see the JSON"


def _totals(facts: Facts) -> list[str]:
    lines = ["NAMESPACES", "-" * WIDTH]
    width = min(45, max((len(one_line(row["namespace"])) for row in facts.namespaces), default=0))
    for row in sorted(facts.namespaces, key=lambda row: (-int(row["errors"]), row["namespace"])):
        errors = ("about " if row["estimated"] else "") + f"{int(row['errors']):,}"
        note = "" if row["complete"] else "  (partial: a lower bound)"
        lines.append(f"{tail(one_line(row['namespace']), 45):{width}}  {errors:>18} errors{note}")
    return lines if facts.namespaces else [*lines, "none was read"]


def _field(label: str, text: str, indent: int = 0) -> list[str]:
    first = " " * indent + f"{label:{_LABEL}} "
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first]
