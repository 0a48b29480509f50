"""Rows of incidents and runs as the store gives them, for tests of notices, digests and reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

OPENED = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
_IDS = UUID("00000000-0000-5000-8000-000000000001")

HOSTILE = {
    "html": '<script>alert(1)</script><img src=x onerror="alert(2)">&lt;b&gt;',
    "markdown": "[click](https://evil.example/x) **bold** _it_ `code` ```\n# heading\n- item\n1. one\n| a | b |",
    "formula": '=HYPERLINK("https://evil.example","x")',
    "class_name": "com.example." + "very.long." * 400 + "ReadTimeoutException",
    "rtl": "\u202eevil\u202c \u0633\u0644\u0627\u0645 \u2066x\u2069",
    "control": "a\x00b\x1b[31mred\r\nBcc: x@example.org\ud800",
    "card": "{{DATE(2026-01-31T08:15:00Z,SHORT)}} ${x} <at>everyone</at>",
    "quotes": '"\\' * 3000,
}


def incident(**changes: Any) -> dict[str, Any]:
    """An incident that is new in the window from 08:15."""
    row: dict[str, Any] = {
        "problem_key": "TIMEOUT:orders:read_timeout_exception",
        "namespace": "pcb-sit-01-app",
        "environment": "sit",
        "status": "open",
        "opened_window": OPENED,
        "last_window": OPENED,
        "resolved_at": None,
        "resolved_by": None,
        "first_event": OPENED + timedelta(seconds=3),
        "last_event": OPENED + timedelta(minutes=14, seconds=58),
        "windows": 1,
        "event_count": 251,
        "peak_count": 251,
        "estimated": False,
        "severity": "high",
        "score": 67.5,
        "flags": ["spike", "new"],
        "reason": "270 events in the namespace against a limit of 30 (P93 of Saturdays), usual 12.4",
        "apps": {"orders": 230, "billing": 21},
        "fingerprints": ["00112233aabbccdd"],
        "sample": "Read timed out after <num> ms calling payments",
        "root_cause": {
            "status": "found",
            "app": "payments",
            "namespace": "pcb-sit-01-app",
            "message": "connection pool exhausted",
            "confidence": "high",
            "note": "an error of payments came first in 9 of 10 traces",
            "path": [{"app": "payments", "at": "2026-01-31T08:15:03+00:00"}, {"app": "orders", "at": "2026-01-31T08:15:04+00:00"}],
        },
        "known_issue_id": None,
        "verdict": "provisional",
        "notified_window": None,
        "notified_severity": None,
        "notified_count": None,
        "notified_apps": None,
        "acknowledged_severity": None,
        "acknowledged_count": None,
        "original_value": 251,
        "namespace_total": 270,
        "baseline_mean": 12.4,
        "threshold": 30.0,
    }
    row |= changes
    row.setdefault("incident_id", uuid5(_IDS, ascii((row["problem_key"], row["namespace"]))))
    return row


def run(**changes: Any) -> dict[str, Any]:
    """A complete run of one window."""
    row: dict[str, Any] = {
        "run_id": UUID("11111111-2222-5333-8444-555555555555"),
        "kind": "regular",
        "window_from": OPENED,
        "window_to": OPENED + QUARTER,
        "windows": 1,
        "status": "complete",
        "verdict": "provisional",
        "sampled": False,
        "error": None,
        "sources": [],
    }
    return row | changes
