"""The problem report for machines: JSON with the details, CSV with every incident."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Final

from ailog.domain import csvsafe
from ailog.domain.digest import known_issue_line
from ailog.domain.report import SUMMARY, Facts, headline
from ailog.domain.report_coverage import read_windows, stretches, unknown_share, warnings
from ailog.domain.report_words import why
from ailog.domain.wording import cause_line, clean, listing, ranked, spread_line, utc
from ailog.settings import Settings

WINDOWS_A_DAY: Final = 96

CSV_COLUMNS: Final = (
    "incident_id", "problem_key", "namespace", "severity", "score", "status", "verdict", "flags", "count", "total", "estimated",
    "baseline", "limit", "namespace_total", "ratio", "first", "last", "opened_window", "last_window", "windows", "services", "why",
    "root_cause", "confidence", "behaviour", "known_issue", "sample",
)  # fmt: skip


def to_json(facts: Facts, settings: Settings) -> str:
    """The report for machines: run, ledger, totals, and the details of the gravest ``report.top`` incidents."""
    run = facts.run
    top = facts.incidents[: settings.report.top]
    document = {
        "run": {
            **{name: run[name] for name in ("kind", "status", "verdict", "windows", "sampled", "code_version", "config_hash")},
            "run_id": None if run["run_id"] is None else str(run["run_id"]),
            "window_from": utc(run["window_from"]),
            "window_to": utc(run["window_to"]),
            "warnings": warnings(facts, settings),
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
            "by_severity": facts.by_severity,
            "errors": facts.errors,
            "namespaces": len(facts.namespaces),
            "top": [str(incident["incident_id"]) for incident in facts.incidents[:SUMMARY]],
        },
        "coverage": _coverage(facts),
        "incidents": [_record(incident, facts) for incident in top],
        "incidents_left_out": facts.incident_total - len(top),
        "amendments": [
            {
                "incident_id": str(row["incident_id"]),
                **{name: row[name] for name in ("change", "late_events", "events_before", "events_after")},
                **{name: row[name] for name in ("severity_before", "severity_after", "score_before", "score_after")},
                **{name: clean(row[name]) for name in ("namespace", "problem_key", "words")},
                **{name: utc(row[name]) for name in ("window_from", "window_to")},
            }
            for row in facts.amendments
        ],
        "categories": [
            {"category": row["category"], "subcategory": row["subcategory"], "events": int(row["events"])} for row in facts.categories
        ],
        "problems": [
            {"problem_key": row["problem_key"], "events": int(row["events"]), "estimated": row["estimated"]} for row in facts.problems
        ],
        "days": [
            {
                "day": f"{row['day_start'].astimezone(UTC):%Y-%m-%d}",
                "complete_windows": row["complete"],
                "errors": int(row["errors"]) if row["complete"] == WINDOWS_A_DAY else None,
                "incidents": row["incidents"],
            }
            for row in facts.days
        ],
        "namespaces": [
            {"namespace": row["namespace"], "errors": int(row["errors"]), "complete": row["complete"], "estimated": row["estimated"]}
            for row in facts.namespaces
        ],
    }
    return json.dumps(document, indent=2, sort_keys=False, ensure_ascii=True, allow_nan=False) + "\n"


def _coverage(facts: Facts) -> dict[str, Any]:
    windows = read_windows(facts)
    counts = Counter(row["status"] for row in windows)
    return {
        "windows": {
            "due": len(windows),
            **{status: counts[status] for status in ("complete", "partial", "failed")},
            "missing": counts[None],
        },
        "not_complete": [
            {"from": utc(start), "to": utc(end), "status": status or "missing"}
            for start, end, status in stretches(windows)
            if status != "complete"
        ],
        "set_aside": [
            {**{name: clean(row[name]) for name in ("source", "reason", "action")}, "records": int(row["records"])}
            for row in facts.rejected
        ],
        "unknown_share": unknown_share(facts),
        "late_events": None if facts.stored_before is None or facts.run["stored"] is None else facts.run["stored"] - facts.stored_before,
        "sampled_windows": sum(bool(row["estimated"]) for row in windows),
    }


def _record(incident: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    return {
        "incident_id": str(incident["incident_id"]),
        **{name: incident[name] for name in ("problem_key", "namespace", "environment", "status", "verdict", "severity", "score")},
        "contributions": incident["contributions"],
        "why": why(incident),
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
        "known_since": utc(incident.get("known_since")),
        "versions": list(facts.versions.get((incident["problem_key"], incident["namespace"]), ())),
        "root_cause": incident["root_cause"],
        "behaviour": spread_line(incident["root_cause"], list(incident["apps"])),
        "known_issue": _known_issue(incident),
        "known_peak": _known_peak(incident),
        "regression_of": str(incident["regression_of"]) if incident.get("regression_of") else None,
        "trace_id": incident["trace_id"],
        "sample": clean(incident["sample"]),
    }


def _known_issue(incident: Mapping[str, Any]) -> dict[str, Any] | None:
    if not incident["known_issue_id"]:
        return None
    return {"id": incident["known_issue_id"], "match": incident.get("known_issue_match"), **(incident["known_issue"] or {})}


def _known_peak(incident: Mapping[str, Any]) -> dict[str, Any] | None:
    if not incident.get("known_peak_id"):
        return None
    return {"id": incident["known_peak_id"], "seen": incident["known_peak_seen"], **(incident.get("known_peak") or {})}


def to_csv(facts: Facts, settings: Settings) -> str:
    """Every incident of the run as a row; the last column holds what a reader must know of the run and of the row's namespace."""
    said, namespaces = warnings(facts, settings), {row["namespace"] for row in facts.namespaces}

    def concerns(warning: str, namespace: str) -> bool:
        about = warning.split(": ", 1)[0]
        return about == namespace or about not in namespaces

    rows = zip(incident_rows(facts.incidents), facts.incidents, strict=True)
    told = [[*row, "; ".join(one for one in said if concerns(one, incident["namespace"]))] for row, incident in rows]
    return csvsafe.table((*CSV_COLUMNS, "warnings"), told)


def incident_rows(incidents: Sequence[Mapping[str, Any]]) -> list[list[csvsafe.Cell]]:
    """Rows of ``sql/reports/incidents`` as cells, with the columns ``CSV_COLUMNS``."""
    return [_row(incident) for incident in incidents]


def _row(incident: Mapping[str, Any]) -> list[csvsafe.Cell]:
    cause = incident["root_cause"] or {}
    return [
        str(incident["incident_id"]), incident["problem_key"], incident["namespace"], incident["severity"], incident["score"],
        incident["status"], incident["verdict"], " ".join(incident["flags"]), incident["run_count"], incident["event_count"],
        incident["estimated"], incident["baseline_mean"], incident["threshold"], incident["namespace_total"], incident["ratio"],
        incident["first_event"], incident["last_event"], incident["opened_window"], incident["last_window"], incident["windows"],
        listing(ranked(incident["apps"]), 50), why(incident), cause_line(cause), cause.get("confidence"),
        spread_line(cause, list(incident["apps"])), known_issue_line(incident), incident["sample"],
    ]  # fmt: skip
