"""The problem report of a run: for people as text, for machines as JSON and CSV; the same facts give the same bytes.

No clock enters a report. Times are local with their zone in the text, UTC in JSON and CSV.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain import csvsafe
from ailog.domain.digest import known_issue_line, run_warnings
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
from ailog.settings import SEVERITIES, Settings

WIDTH: Final = 100
SUMMARY: Final = 5
CSV_COLUMNS: Final = (
    "incident_id", "problem_key", "namespace", "severity", "score", "status", "verdict", "flags", "count", "total", "estimated",
    "baseline", "limit", "namespace_total", "ratio", "first", "last", "opened_window", "last_window", "windows", "services", "why",
    "root_cause", "confidence", "behaviour", "known_issue", "sample",
)  # fmt: skip
_LABEL: Final = 12
_SAMPLE_LINES: Final = 12


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report tells of.

    ``run``: columns of ``analysis_runs`` and ``sources``; ``incidents``: rows of ``sql/reports/incidents``, gravest first, possibly
    fewer than ``incident_total``; ``namespaces``: rows of ``sql/reports/namespaces``; ``limits`` and ``gaps``: their one row each.
    """

    run: Mapping[str, Any]
    incidents: Sequence[Mapping[str, Any]]
    incident_total: int
    namespaces: Sequence[Mapping[str, Any]]
    limits: Mapping[str, Any]
    gaps: Mapping[str, Any]

    @property
    def errors(self) -> int:
        """Errors that the run counted in all namespaces."""
        return sum(int(row["errors"]) for row in self.namespaces)


def file_stem(run: Mapping[str, Any]) -> str:
    """``problem_report_20260131T0830Z``, from the end of the run's last window, so that a repeated run replaces its report.

    A backfill or baseline run, whose last window also ends a regular run, has its kind behind it.
    """
    stamp = run["window_to"].astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    kind = "" if run["kind"] in {"regular", "manual"} else f"_{run['kind']}"
    return f"problem_report_{stamp}{kind}"


def headline(facts: Facts) -> str:
    """The run in one sentence; never calls a namespace quiet that was not read."""
    about = "about " if any(row["estimated"] for row in facts.namespaces) else ""
    read = f"{counted(len(facts.namespaces), 'namespace')}, {about}{counted(facts.errors, 'error')}"
    if facts.run["status"] == "failed":
        return "the run failed: nothing is known about its windows"
    if not facts.incident_total:
        return f"no incidents; {read}, {_limits_said(facts)}"
    grades = Counter(incident["severity"] for incident in facts.incidents)
    graded = ", ".join(f"{grades[severity]} {severity}" for severity in reversed(SEVERITIES) if grades[severity])
    return f"{counted(facts.incident_total, 'incident')} ({graded}); {read}"


def _limits_said(facts: Facts) -> str:
    judged, passed = int(facts.limits["judged"] or 0), int(facts.limits["passed"] or 0)
    if not judged:
        return "not judged against limits"
    if not passed:
        return "all below their limits"
    return f"{passed:,} of {judged:,} window totals above their limit, none of them enough for an incident"


def ledger_line(facts: Facts) -> str:
    """``expected 57 = fetched 57 = stored 57, rejected 0, unknown 3.5 %, gaps none``; a broken balance is said."""
    run = facts.run
    figures = f"expected {number(run['expected'])} {_sign(run['expected'], run['fetched'])} fetched {number(run['fetched'])} "
    kept = None if run["stored"] is None else run["stored"] + (run["rejected"] or 0)
    figures += f"{_sign(run['fetched'], run['stored'])} stored {number(run['stored'])}, rejected {number(run['rejected'])}"
    unknown = "unknown" if run["unknown_share"] is None else f"{run['unknown_share']:.1%}"
    sampled = run.get("sampled")
    balanced = sampled or (None not in {run["expected"], run["fetched"], kept} and run["expected"] == run["fetched"] == kept)
    return f"{figures}, unclassified {unknown}" + ("" if balanced else " - NOT BALANCED")


def gap_line(facts: Facts) -> str:
    """Which windows of the look-back no complete run covers."""
    gaps = facts.gaps
    parts = [f"{int(gaps[kind])} {kind}" for kind in ("missing", "partial", "failed") if gaps[kind]]
    return f"{', '.join(parts)}, the oldest at {utc(gaps['oldest'])}" if parts else "none"


def _sign(left: int | None, right: int | None) -> str:
    return "=" if left is not None and left == right else "≠"


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
        *_field("Sources", _sources(run)),
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
        count = f"{_about(incident)}{counted(int(incident['run_count']), 'event')}"
        lines.append(f"{place:2}. {_grade(incident):14} {short_key(incident['problem_key'], WIDTH - 19)}")
        lines += textwrap.wrap(f"{count} in {tail(one_line(incident['namespace']), 60)}", WIDTH, initial_indent=" " * 19)
        lines += textwrap.wrap(head(_why(incident), 240), WIDTH, initial_indent=" " * 19, subsequent_indent=" " * 19)
    more = facts.incident_total - min(SUMMARY, len(facts.incidents))
    return [*lines, *([f"    and {more:,} more"] if more else []), "", *_field("Flags", flagged)]


def _details(place: int, incident: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    yield f"[{place}] {_grade(incident)}  {short_key(incident['problem_key'], WIDTH - 22)}"
    yield from _field("Why", head(_why(incident), 600), 4)
    yield from _field("Score", _contributions(incident), 4)
    count = f"{_about(incident)}{number(incident['run_count'])} in this run, {_about(incident)}{number(incident['event_count'])} in all"
    lasting_for = f"{counted(int(incident['windows']), 'window')}, {incident['status']}, {incident['verdict']}"
    yield from _field("Count", f"{count} ({lasting_for})", 4)
    yield from _field("Compared", _compared(incident), 4)
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


def _grade(incident: Mapping[str, Any]) -> str:
    return f"{incident['severity'].upper()} {points(incident['score'])}"


def _about(incident: Mapping[str, Any]) -> str:
    return "about " if incident.get("estimated") else ""


def _why(incident: Mapping[str, Any]) -> str:
    return one_line(incident["reason"]) or "no reason was recorded"


def _contributions(incident: Mapping[str, Any]) -> str:
    """The points of the newest window's score; named as such where the episode's score comes from an earlier one."""
    parts = sorted((incident.get("contributions") or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    said = " + ".join(f"{one_line(name)} {points(value)}" for name, value in parts).replace("+ cap -", "- cap ")
    score = incident.get("window_score")
    if not said or score is None:
        return points(incident["score"])
    newest = "" if score == incident["score"] else " in the newest window"
    return f"{points(score)} = {said}{newest}"


def _compared(incident: Mapping[str, Any]) -> str:
    ratio = incident.get("ratio")
    times = "" if ratio is None else f" ({number(ratio)} times the baseline)"
    if "spike" in incident["flags"]:  # judged on the namespace as a whole, so its figures are the namespace's
        return (
            f"namespace total {number(incident.get('namespace_total'))}{times}, baseline {number(incident.get('baseline_mean'))}, "
            f"limit {number(incident.get('threshold'))}; {number(incident.get('original_value'))} of this problem in the newest window"
        )
    return (
        f"{number(incident.get('original_value'))} in the newest window{times}, baseline {number(incident.get('baseline_mean'))}, "
        f"limit {number(incident.get('threshold'))}, namespace total {number(incident.get('namespace_total'))}"
    )


def _sources(run: Mapping[str, Any]) -> str:
    said = [
        f"{one_line(source['source'])} {source['status']}"
        + ("" if source["fetched"] is None else f" ({number(source['fetched'])} fetched, {number(source['rejected'])} rejected)")
        for source in run.get("sources") or []
    ]
    return "; ".join(said) or "none recorded"


def to_json(facts: Facts, settings: Settings) -> str:
    """The report for machines: run, ledger, totals, and the details of the gravest ``report.top`` incidents."""
    run = facts.run
    top = facts.incidents[: settings.report.top]
    grades = Counter(incident["severity"] for incident in facts.incidents)
    document = {
        "run": {
            **{name: run[name] for name in ("kind", "status", "verdict", "windows", "sampled", "code_version", "config_hash")},
            "run_id": str(run["run_id"]),
            "window_from": utc(run["window_from"]),
            "window_to": utc(run["window_to"]),
            "warnings": run_warnings(run),
        },
        "ledger": {
            **{name: run[name] for name in ("expected", "fetched", "rejected", "staged", "stored", "unknown_share")},
            "gaps": {**{kind: int(facts.gaps[kind]) for kind in ("missing", "partial", "failed")}, "oldest": utc(facts.gaps["oldest"])},
            "sources": [
                {name: source[name] for name in ("source", "status", "expected", "fetched", "rejected", "error")}
                for source in run.get("sources") or []
            ],
        },
        "summary": {
            "headline": headline(facts),
            "incidents": facts.incident_total,
            "by_severity": {severity: grades[severity] for severity in reversed(SEVERITIES)},
            "errors": facts.errors,
            "namespaces": len(facts.namespaces),
            "top": [str(incident["incident_id"]) for incident in facts.incidents[:SUMMARY]],
        },
        "incidents": [_record(incident) for incident in top],
        "incidents_left_out": facts.incident_total - len(top),
        "namespaces": [
            {"namespace": row["namespace"], "errors": int(row["errors"]), "complete": row["complete"], "estimated": row["estimated"]}
            for row in facts.namespaces
        ],
    }
    return json.dumps(document, indent=2, sort_keys=False, ensure_ascii=True, allow_nan=False) + "\n"


def _record(incident: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "incident_id": str(incident["incident_id"]),
        **{name: incident[name] for name in ("problem_key", "namespace", "environment", "status", "verdict", "severity", "score")},
        "contributions": incident["contributions"],
        "why": _why(incident),
        "flags": list(incident["flags"]),
        "count": int(incident["run_count"]),
        "total": int(incident["event_count"]),
        "estimated": incident["estimated"],
        "baseline": incident["baseline_mean"],
        "limit": incident["threshold"],
        "namespace_total": incident["namespace_total"],
        "ratio": incident["ratio"],
        **{name: utc(incident[name]) for name in ("first_event", "last_event", "opened_window", "last_window")},
        "windows": incident["windows"],
        "services": dict(sorted(incident["apps"].items())),
        "fingerprints": list(incident["fingerprints"]),
        "root_cause": incident["root_cause"],
        "behaviour": spread_line(incident["root_cause"], list(incident["apps"])),
        "known_issue": {"id": incident["known_issue_id"], **(incident["known_issue"] or {})} if incident["known_issue_id"] else None,
        "trace_id": incident["trace_id"],
        "sample": clean(incident["sample"]),
    }


def to_csv(facts: Facts) -> str:
    """Every incident of the run as a row."""
    return csvsafe.table(CSV_COLUMNS, (_row(incident) for incident in facts.incidents))


def _row(incident: Mapping[str, Any]) -> list[csvsafe.Cell]:
    cause = incident["root_cause"] or {}
    return [
        str(incident["incident_id"]), incident["problem_key"], incident["namespace"], incident["severity"], incident["score"],
        incident["status"], incident["verdict"], " ".join(incident["flags"]), incident["run_count"], incident["event_count"],
        incident["estimated"], incident["baseline_mean"], incident["threshold"], incident["namespace_total"], incident["ratio"],
        incident["first_event"], incident["last_event"], incident["opened_window"], incident["last_window"], incident["windows"],
        listing(ranked(incident["apps"]), 50), _why(incident), cause_line(cause), cause.get("confidence"),
        spread_line(cause, list(incident["apps"])), known_issue_line(incident), incident["sample"],
    ]  # fmt: skip
