"""The problem report for machines: JSON with the details, CSV with every incident."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from ailog.domain import csvsafe
from ailog.domain.digest import known_issue_line, run_warnings
from ailog.domain.report import SUMMARY, Facts, headline
from ailog.domain.report_words import why
from ailog.domain.wording import cause_line, clean, listing, ranked, spread_line, utc
from ailog.settings import SEVERITIES, Settings

CSV_COLUMNS: Final = (
    "incident_id", "problem_key", "namespace", "severity", "score", "status", "verdict", "flags", "count", "total", "estimated",
    "baseline", "limit", "namespace_total", "ratio", "first", "last", "opened_window", "last_window", "windows", "services", "why",
    "root_cause", "confidence", "behaviour", "known_issue", "sample",
)  # fmt: skip


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
        listing(ranked(incident["apps"]), 50), why(incident), cause_line(cause), cause.get("confidence"),
        spread_line(cause, list(incident["apps"])), known_issue_line(incident), incident["sample"],
    ]  # fmt: skip
