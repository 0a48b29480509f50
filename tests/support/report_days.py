"""Days for reports, made without a database: empty, ordinary, terrible, and one with hostile texts."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.incident_rows import QUARTER, incident

from ailog.domain.report import Facts

DAY = datetime(2026, 1, 31, tzinfo=UTC)
WINDOWS = [DAY + i * QUARTER for i in range(96)]


def day_run(status: str = "complete", **changes: Any) -> dict[str, Any]:
    """A day as if one run had read it."""
    row = {
        "run_id": None, "kind": "day", "window_from": DAY, "window_to": DAY + timedelta(days=1), "windows": 96, "status": status,
        "verdict": "final", "expected": 0, "fetched": 0, "rejected": 0, "staged": 0, "stored": 0, "sampled": False, "unknown_share": None,
        "error": None, "code_version": "0.1.0", "config_hash": "0" * 16, "warnings": [],
        "sources": [{"source": "elasticsearch", "status": "complete", "expected": 0, "fetched": 0, "rejected": 0, "error": None}],
    }  # fmt: skip
    return row | changes


def window_rows(missing: Iterable[int] = (), partial: Iterable[int] = ()) -> list[dict[str, Any]]:
    """The 96 windows, of which some were not read or read in part."""
    gone, part = set(missing), set(partial)
    return [
        {
            "window_start": start, "run_id": None, "status": None if i in gone else "partial" if i in part else "complete", "verdict": "final",
            "expected": 0, "stored": 0, "estimated": False,
        }
        for i, start in enumerate(WINDOWS)
    ]  # fmt: skip


def series_rows(
    counts: dict[str, Sequence[int]], limit: float | None = 60.0, missing: Iterable[int] = (), partial: Iterable[int] = ()
) -> list[dict[str, Any]]:
    """What namespaces counted by window; a window that is missing has no row."""
    gone, part = set(missing), set(partial)
    return [
        {
            "window_start": WINDOWS[i], "namespace": name, "count": count, "complete": i not in part, "estimated": False,
            "judged_limit": limit,
        }
        for name, row in sorted(counts.items())
        for i, count in enumerate(row)
        if i not in gone
    ]  # fmt: skip


def day_rows(errors: Sequence[int | None]) -> list[dict[str, Any]]:
    """The last days, ending with the day of the report; None was not read completely."""
    first = DAY - timedelta(days=len(errors) - 1)
    return [
        {"day_start": first + timedelta(days=i), "complete": 96 if value is not None else 71, "errors": value or 999, "incidents": i % 4}
        for i, value in enumerate(errors)
    ]


def told(**changes: Any) -> dict[str, Any]:
    """An incident as the report reads it."""
    newest = {
        "run_count": 251, "run_windows": 4, "contributions": {"spike": 25.0, "volume": 20.25, "new": 15.0, "ratio": 7.25},
        "window_score": 67.5, "ratio": 20.2, "trace_id": None, "known_issue": None, "known_since": DAY - timedelta(days=20),
        "window_reason": "", "window_start": DAY,
    }  # fmt: skip
    return incident(**{**newest, **changes})


def facts_of(
    counts: dict[str, Sequence[int]],
    incidents: Sequence[dict[str, Any]] = (),
    *,
    missing: Iterable[int] = (),
    partial: Iterable[int] = (),
    limit: float | None = 60.0,
    **changes: Any,
) -> Facts:
    """A day of these counts and incidents, with everything else made to fit."""
    gone, part = set(missing), set(partial)
    status = "unread" if len(gone) == 96 else "partial" if gone or part else "complete"
    series = series_rows(counts, limit, gone, part)
    total = sum(row["count"] for row in series)
    names = []
    for name in sorted(counts):
        rows = [row for row in series if row["namespace"] == name]
        if rows:
            most = max(rows, key=lambda row: row["count"])
            names.append(
                {
                    "namespace": name, "errors": sum(row["count"] for row in rows), "complete": not part, "estimated": False,
                    "windows": len(rows), "largest": most["count"], "largest_window": most["window_start"],
                }
            )  # fmt: skip
    ordered = sorted(incidents, key=lambda row: -row["score"])
    kinds = [("timeout", "read", 0.55), ("database", "connection", 0.25), ("unknown", "unclassified", 0.12), ("auth", "forbidden", 0.08)]
    values = {
        "run": day_run(status, expected=total, fetched=total, stored=total, staged=total),
        "incidents": ordered,
        "incident_total": len(ordered),
        "namespaces": names,
        "limits": {"judged": len(series), "passed": sum(limit is not None and row["count"] > limit for row in series)},
        "gaps": {"missing": len(gone), "partial": len(part), "failed": 0, "oldest": WINDOWS[min(gone | part)] if gone | part else None},
        "windows": window_rows(gone, part),
        "series": series,
        "episodes": [
            {key: row[key] for key in ("incident_id", "namespace", "problem_key", "severity", "score", "status", "opened_window", "last_window")}
            for row in ordered
        ],
        "days": day_rows([4_000 + 137 * i % 900 for i in range(27)] + [None if gone or part else total]),
        "categories": [
            {"category": c, "subcategory": s, "events": round(total * share), "problems": 3, "estimated": False} for c, s, share in kinds if total
        ],
        "problems": [
            {
                "problem_key": f"TIMEOUT:flow_{i}:read_timeout_exception", "category": "timeout", "events": max(total // (i + 2), 1),
                "estimated": False, "namespaces": 2, "services": 3, "first_event": DAY + i * QUARTER, "last_event": DAY + timedelta(hours=20),
                "problem_total": 37,
            }
            for i in range(10) if total
        ],
        "rejected": [],
    }  # fmt: skip
    return Facts(**(values | changes))


def _noise(seed: int, base: float) -> list[int]:
    chance = random.Random(seed)
    return [max(0, round(base * (1 + 0.8 * math.sin((i - 30) / 96 * 6.28)) + chance.gauss(0, base / 4))) for i in range(96)]


def empty_day() -> Facts:
    """Nobody read anything."""
    return facts_of({}, missing=range(96))


def quiet_day() -> Facts:
    """Everything was read, and nothing was wrong."""
    return facts_of({f"pcb-{stage}-01-app": _noise(i, 6) for i, stage in enumerate(("dev", "fat", "sit", "uat"))})


def ordinary_day() -> Facts:
    """Twelve namespaces, a gap of an hour, a window read in part, and two incidents."""
    names = [f"{family}-{stage}-01-app" for family in ("pcb", "pca", "pch") for stage in ("dev", "fat", "sit", "uat")]
    counts = {name: _noise(i, 4 + i) for i, name in enumerate(names)}
    for i in range(33, 41):
        counts["pcb-sit-01-app"][i] = 900 - 90 * abs(i - 35)
    for i in range(70, 74):
        counts["pca-uat-01-app"][i] = 130
    worst = told(
        problem_key="DATABASE:payments:connection_pool_exhausted", namespace="pcb-sit-01-app", severity="critical", score=88.0,
        opened_window=WINDOWS[33], last_window=WINDOWS[40], first_event=WINDOWS[33] + timedelta(seconds=41),
        last_event=WINDOWS[40] + timedelta(minutes=13), windows=8, run_count=5_120, event_count=5_120, status="resolved",
        flags=["spike", "new", "cascade"], namespace_total=912, threshold=60.0, ratio=41.0, reason=(
            "912 errors in 15 min; usual at this time 22, limit 60 (P93 of Saturday)"
        ), root_cause={
            "status": "found", "app": "payments", "message": "HikariPool-1 - Connection is not available, request timed out after <num>ms",
            "confidence": "high", "note": "an error of payments came first in 9 of 10 traces", "example_trace": "4bf92f3577b34da6a3ce929d0e0e4736",
            "path": [
                {"app": "payments", "gap_ms": None, "by_span": False}, {"app": "orders", "gap_ms": 30.2, "by_span": True},
                {"app": "api-gateway", "gap_ms": 4.0, "by_span": True},
            ],
        }, known_issue_id="KI-7", known_issue={"title": "pool too small", "ticket": "https://tickets.example/OPS-12", "workaround": "restart payments"},
    )  # fmt: skip
    second = told(
        namespace="pca-uat-01-app", severity="medium", score=47.5, opened_window=WINDOWS[70], last_window=WINDOWS[73], flags=["spike"],
        first_event=WINDOWS[70], last_event=WINDOWS[73] + timedelta(minutes=9), windows=4, ratio=6.2, root_cause={"status": "unknown", "note": "no trace id on its events: where it began cannot be told"},
        reason="130 errors in 15 min; usual at this time 21, limit 60 (P93 of Saturday)",
    )  # fmt: skip
    rejected = [{"source": "elasticsearch", "reason": "no timestamp", "action": "quarantined", "records": 7}]
    return facts_of(counts, [worst, second], missing=range(50, 54), partial=[60], rejected=rejected)


def terrible_day() -> Facts:
    """Two hundred namespaces and sixty incidents, one of which goes on."""
    counts = {f"team{i:03}-{('dev', 'fat', 'sit', 'uat')[i % 4]}-01-app": _noise(i, 2 + i % 9) for i in range(200)}
    names = sorted(counts)
    found = []
    for k in range(60):
        name, start = names[k * 3 % 200], 20 + k
        length = min(3 + k % 9, 96 - start) if k else 76
        for i in range(start, start + length):
            counts[name][i] += 200 + 3_000 // (k + 1)
        severity, score = ("critical", 95 - k) if k < 12 else ("high", 79 - k / 3) if k < 30 else ("medium", 55 - k / 6)
        found.append(
            told(
                problem_key=f"NETWORK:flow_{k:02}:connection_refused_exception", namespace=name, severity=severity, score=round(score, 1),
                opened_window=WINDOWS[start], last_window=WINDOWS[start + length - 1], first_event=WINDOWS[start],
                last_event=WINDOWS[start + length - 1] + timedelta(minutes=14), windows=length, run_count=9_000 // (k + 1), event_count=9_000,
                status="open" if k == 0 else "resolved", flags=["spike", "cross_namespace"] if k % 2 else ["spike"],
            )
        )  # fmt: skip
    return facts_of(counts, found)
