"""What the HTML report shows, as plain values that the template escapes and lays out; nothing in here is markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain import report_charts as charts
from ailog.domain.digest import known_issue_line
from ailog.domain.record_lines import record_facts
from ailog.domain.report import SUMMARY, Facts, headline
from ailog.domain.report_coverage import coverage, unknown_share, warnings
from ailog.domain.report_trend import trend, trend_top, trend_words
from ailog.domain.report_words import about, compared, contributions, evidence, grade, judged_whole, state, why
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
    points,
    ranked,
    short_key,
    spread_line,
    tail,
    utc,
)
from ailog.settings import Settings

INCIDENTS: Final = 500
"""Rows of the table of incidents; the CSV of the report holds all."""

NAMESPACES: Final = 500
AMENDMENTS: Final = 50
_SAMPLE: Final = 4_000
_LINK: Final = re.compile(r"https?://[^\s<>\"']{1,500}")

Row = Mapping[str, Any]


def page(facts: Facts, settings: Settings) -> dict[str, Any]:
    """The values of ``templates/problem_report.html``: the same facts give the same values."""
    zone = ZoneInfo(settings.timezone)
    run = facts.run
    day = charts.Day(facts, zone)
    details = facts.incidents[: settings.report.top]
    detailed = {str(incident["incident_id"]) for incident in details}
    return {
        "title": f"Problem report, {period(run, zone)}",
        "zone": settings.timezone,
        "grade": _grade(facts),
        "read": facts.run["status"] not in {"failed", "unread"},
        "headline": headline(facts),
        "period": period(run, zone),
        "period_utc": f"{_in_utc(run['window_from'], zone=False)} to {_in_utc(run['window_to'])}",
        "windows": f"{counted(int(run['windows']), 'window')} of 15 minutes",
        "verdict": run["verdict"],
        "warnings": warnings(facts, settings),
        "summary": [_summary(incident, facts, zone) for incident in facts.incidents[:SUMMARY]],
        "summary_more": facts.incident_total - min(SUMMARY, len(facts.incidents)),
        "severities": list(facts.by_severity.items()),
        "flags": _flags(facts),
        "total": {"errors": facts.errors, "about": _bound(facts), "namespaces": len(facts.namespaces), "incidents": facts.incident_total},
        "chart": _chart(day, zone),
        "trend": {"rects": trend(facts), "top": trend_top(facts), "words": trend_words(facts), "days": _days(facts)},
        "problems": _problems(facts, zone),
        "problem_total": int(facts.problems[0]["problem_total"]) if facts.problems else 0,
        "categories": _categories(facts),
        "amendments": [
            {
                "change": row["change"],
                "problem": short_key(row["problem_key"], 110),
                "namespace": tail(one_line(row["namespace"]), 80),
                "words": head(one_line(row["words"]), 400),
            }
            for row in facts.amendments[:AMENDMENTS]
        ],
        "amendment_total": int(facts.amendments[0]["amendment_total"]) if facts.amendments else 0,
        "coverage": coverage(facts, settings),
        "incidents": [_listed(incident, zone, detailed) for incident in facts.incidents[:INCIDENTS]],
        "incidents_more": facts.incident_total - min(INCIDENTS, len(facts.incidents)),
        "details": [_details(incident, facts, zone) for incident in details],
        "namespaces": _namespaces(facts, zone),
        "namespaces_more": max(len(facts.namespaces) - NAMESPACES, 0),
        "links": [settings.report.base_url] if _LINK.fullmatch(settings.report.base_url) else [],
        "origin": _origin(run),
        "size": {"width": charts.WIDTH, "height": charts.HEIGHT},
    }


def period(run: Row, zone: ZoneInfo) -> str:
    """The local span of a report; a UTC day is named first, since it is none of the local calendar."""
    start, end = run["window_from"].astimezone(UTC), run["window_to"].astimezone(UTC)
    span = local_span(start, end, zone)
    whole = start.hour == start.minute == 0 and end - start == timedelta(days=1)
    return f"UTC day {start:%Y-%m-%d}, {span}" if whole else span


def link_of(text: object) -> str:
    """The address when a ticket is one of http or https, else empty: no other scheme becomes a link."""
    address = one_line(text)
    return address if _LINK.fullmatch(address) else ""


def _grade(facts: Facts) -> str:
    if facts.run["status"] in {"failed", "unread"}:
        return "unknown"
    worst = next((severity for severity, count in facts.by_severity.items() if count), "")
    return worst or ("quiet" if facts.run["status"] in {"complete", "running", "superseded"} else "unknown")


def _summary(incident: Row, facts: Facts, zone: ZoneInfo) -> dict[str, Any]:
    issue = incident.get("known_issue") or {}
    return {
        "anchor": f"i-{incident['incident_id']}",
        "severity": incident["severity"],
        "grade": grade(incident),
        "problem": short_key(incident["problem_key"], 120),
        "namespace": tail(one_line(incident["namespace"]), 80),
        "environment": tail(one_line(incident["environment"]), 20),
        "count": f"{about(incident)}{counted(int(incident['run_count']), 'event')}",
        "times": _times(incident),
        "since": local(incident["first_event"], zone),
        "since_utc": _in_utc(incident["first_event"]),
        "state": state(incident, facts.run, zone),
        "why": why(incident, 300),
        "began": head(cause_line(incident["root_cause"]), 400),
        "spread": head(spread_line(incident["root_cause"], list(incident["apps"])), 400),
        "services": listing(ranked(incident["apps"]), 5),
        "flags": list(incident["flags"]),
        "known": head(known_issue_line(incident), 400),
        "ticket": link_of(issue.get("ticket")),
    }


def _times(incident: Row) -> str:
    """How much the newest window is above the usual; of a spike it is the namespace as a whole that was compared."""
    if incident.get("ratio") is None:
        return ""
    whose = "namespace at" if judged_whole(incident) else "at"
    return f"{whose} {number(incident['ratio'])} times its usual in the newest window"


def _flags(facts: Facts) -> list[tuple[str, int]]:
    flags = Counter(flag for incident in facts.incidents for flag in incident["flags"])
    return sorted(flags.items(), key=lambda pair: (-pair[1], pair[0]))


def _chart(day: charts.Day, zone: ZoneInfo) -> dict[str, Any]:
    shown = charts.plots(day)
    return {
        "span": local_span(day.start, day.end, zone),
        "span_utc": f"{_in_utc(day.start, zone=False)} to {_in_utc(day.end)}",
        "plots": shown,
        "left_out": len([name for name in day.order if day.episodes.get(name) or day.errors.get(name)]) - len(shown),
        "ticks": day.ticks(),
        "strip": day.strip(),
        "hours": [
            (f"{hour.astimezone(zone):%H}" if not hour.astimezone(zone).minute else f"{hour.astimezone(zone):%H:%M}", f"{hour:%H}")
            for hour in charts.hours(day)
        ],
        "heat": charts.heat(day),
        "zones": _zones(day, zone),
    }


def _zones(day: charts.Day, zone: ZoneInfo) -> str:
    """The local zone's name, both where the clock changes within the day."""
    names = dict.fromkeys(str(moment.astimezone(zone).tzname()) for moment in (day.start, day.end))
    return " then ".join(names)


def _days(facts: Facts) -> list[str]:
    names = [f"{row['day_start'].astimezone(UTC):%d %b}" for row in facts.days]
    return [names[0], names[len(names) // 2], names[-1]] if names else []


def _problems(facts: Facts, zone: ZoneInfo) -> list[dict[str, Any]]:
    total = sum(int(row["events"]) for row in facts.categories)
    most = max((int(row["events"]) for row in facts.problems), default=0)
    return [
        {
            "problem": short_key(row["problem_key"], 110),
            "events": ("about " if row["estimated"] else "") + f"{int(row['events']):,}",
            "share": f"{int(row['events']) / total:.1%}" if total else "",
            "width": round(int(row["events"]) / most * 100, 2),
            "where": f"{counted(row['namespaces'], 'namespace')}, {counted(row['services'], 'service')}",
            "first": local(row["first_event"], zone),
            "last": local(row["last_event"], zone),
        }
        for row in facts.problems
    ]


def _categories(facts: Facts) -> dict[str, Any]:
    """Each category with its share, its subcategories in words; and where its part of the common bar lies."""
    total = sum(int(row["events"]) for row in facts.categories)
    sums: Counter[str] = Counter()
    parts: dict[str, list[tuple[str, int]]] = {}
    for row in facts.categories:
        sums[row["category"]] += int(row["events"])
        parts.setdefault(row["category"], []).append((row["subcategory"], int(row["events"])))
    rows = []
    x = 0.0
    for place, (name, events) in enumerate(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))):
        share = events / total
        rows.append(
            {
                "name": one_line(name),
                "events": events,
                "share": f"{share:.1%}",
                "x": round(x, 2),
                "width": round(share * charts.WIDTH, 2),
                "tone": "unknown" if name == "unknown" else f"tone{place % 7}",
                "parts": listing(parts[name], 4),
            }
        )
        x += share * charts.WIDTH
    unknown = unknown_share(facts)
    return {"rows": rows, "total": total, "unknown": "unknown" if unknown is None else f"{unknown:.1%}"}


def _listed(incident: Row, zone: ZoneInfo, detailed: set[str]) -> dict[str, Any]:
    name = str(incident["incident_id"])
    return {
        "id": name,
        "anchor": f"i-{name}" if name in detailed else "",
        "severity": incident["severity"],
        "score": points(incident["score"]),
        "problem": short_key(incident["problem_key"], 110),
        "namespace": tail(one_line(incident["namespace"]), 80),
        "first": local(incident["first_event"], zone),
        "first_utc": _in_utc(incident["first_event"]),
        "last": local(incident["last_event"], zone),
        "count": f"{about(incident)}{int(incident['run_count']):,}",
        "status": incident["status"],
        "flags": ", ".join(incident["flags"]) or "none",
        "began": head(cause_line(incident["root_cause"]), 160),
        "known": tail(one_line(incident["known_issue_id"]), 40),
    }


def _details(incident: Row, facts: Facts, zone: ZoneInfo) -> dict[str, Any]:
    issue = incident.get("known_issue") or {}
    apps = incident["apps"]
    count = f"{about(incident)}{number(incident['run_count'])} in this report, {about(incident)}{number(incident['event_count'])} in all"
    versions = facts.versions.get((incident["problem_key"], incident["namespace"]), ())
    fields = [
        ("Why", why(incident)),
        ("Score", contributions(incident)),
        ("Count", f"{count} ({counted(int(incident['windows']), 'window')}, {incident['status']}, {incident['verdict']})"),
        ("Compared", compared(incident)),
        ("Root cause", cause_line(incident["root_cause"])),
        ("Evidence", evidence(incident["root_cause"])),
        ("Spread", spread_line(incident["root_cause"], list(apps))),
        ("Services", listing(ranked(apps), 12)),
        ("First event", _both(incident["first_event"], zone)),
        ("Last event", _both(incident["last_event"], zone)),
        ("Known since", _both(incident["known_since"], zone) if incident.get("known_since") else ""),
        ("Versions", ", ".join(one_line(version) for version in versions)),
        ("Flags", ", ".join(incident["flags"]) or "none"),
        ("Known issue", known_issue_line(incident) or "none"),
        *((label, said) for label, said in record_facts(incident)),
        ("Incident", str(incident["incident_id"])),
    ]
    return {
        "anchor": f"i-{incident['incident_id']}",
        "severity": incident["severity"],
        "grade": grade(incident),
        "problem": short_key(incident["problem_key"], 160),
        "namespace": tail(one_line(incident["namespace"]), 80),
        "environment": tail(one_line(incident["environment"]), 20),
        "fields": [(label, head(text, 1_200)) for label, text in fields if text],
        "ticket": link_of(issue.get("ticket")),
        "sample": head(clean(incident["sample"]).strip(), _SAMPLE),
    }


def _namespaces(facts: Facts, zone: ZoneInfo) -> list[dict[str, Any]]:
    rows = sorted(facts.namespaces, key=lambda row: (-int(row["errors"]), row["namespace"]))[:NAMESPACES]
    incidents = Counter(incident["namespace"] for incident in facts.incidents)
    total = facts.errors
    return [
        {
            "namespace": tail(one_line(row["namespace"]), 80),
            "errors": ("at least " if not row["complete"] else "about " if row["estimated"] else "") + f"{int(row['errors']):,}",
            "share": f"{int(row['errors']) / total:.1%}" if total else "",
            "incidents": incidents[row["namespace"]],
            "largest": f"{int(row['largest']):,} from {local(row['largest_window'], zone)}" if row.get("largest") else "none",
            "complete": "complete" if row["complete"] else "read in part",
        }
        for row in rows
    ]


def _both(moment: datetime, zone: ZoneInfo) -> str:
    return f"{local(moment, zone, seconds=True)} ({utc(moment)})"


def _bound(facts: Facts) -> str:
    return "at least " if facts.run["status"] == "partial" else "about " if facts.estimated else ""


def _in_utc(moment: datetime, *, zone: bool = True) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" + (" UTC" if zone else "")


def _origin(run: Row) -> list[tuple[str, str]]:
    kind = "day, from every run that read it" if run["kind"] == "day" else f"{run['kind']}, {run['status']}"
    named = [] if run["run_id"] is None else [("Run", str(run["run_id"]))]
    return [*named, ("Kind", kind), ("Code", one_line(run.get("code_version"))), ("Configuration", one_line(run.get("config_hash")))]
