"""Where a problem began, told from ordered events of the same traces and from nothing weaker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

UNKNOWN: dict[str, Any] = {
    "status": "unknown",
    "confidence": "none",
    "note": "no trace id on its events: where it began cannot be told",
}
_HIGH_SHARE, _MEDIUM_SHARE, _ENOUGH_TRACES = 0.7, 0.4, 3


def root_cause(origins: Sequence[Mapping[str, Any]], path: Sequence[Mapping[str, Any]], sample: str | None) -> dict[str, Any]:
    """The root cause of one problem in one namespace and window, as the evidence that is stored and shown.

    Args:
        origins: one row per place where examined traces began, the most frequent first: app, origin_namespace, fingerprint (hex),
            origin_problem, wrapper, examined, ordered, services, traces, example_trace, problem_key.
        path: the first error of each service in the example trace, in order: app, event_time, gap_ms, by_span; empty when unknown.
        sample: the message of the winning origin.

    Returns:
        ``status`` found (another service's error came first), self (its own errors come first) or unknown; with app, namespace, problem,
        message, confidence (high, medium, low, none), share of the examined traces, counts of traces (``traces``
        is None where only a part was looked at), and the path. Confidence asks for a
        majority of traces, for several of them, and for an order that clock differences cannot turn round.
    """
    if not origins:
        return dict(UNKNOWN)
    top = origins[0]
    examined, won = sum(int(row["examined"]) for row in origins), int(top["examined"])
    share = won / examined
    ordered = int(top["ordered"]) / won
    if share >= _HIGH_SHARE and won >= _ENOUGH_TRACES and ordered >= _HIGH_SHARE and not top["wrapper"]:
        confidence = "high"
    elif share >= _MEDIUM_SHARE and ordered >= _MEDIUM_SHARE:
        confidence = "medium"
    else:
        confidence = "low"
    itself = top["origin_problem"] == top["problem_key"]
    cause = {
        "status": "self" if itself else "found",
        "app": str(top["app"]),
        "namespace": str(top["origin_namespace"]),
        "fingerprint": str(top["fingerprint"]),
        "problem_key": str(top["origin_problem"]),
        "message": sample or "",
        "confidence": confidence,
        "share": round(share, 3),
        "traces": None if pd.isna(top["traces"]) else int(top["traces"]),
        "examined": examined,
        "services": int(top["services"]),
        "example_trace": str(top["example_trace"]),
        "path": [_step(row) for row in path],
    }
    cause["note"] = _note(cause, won)
    return cause


def _step(row: Mapping[str, Any]) -> dict[str, Any]:
    gap = row["gap_ms"]
    return {
        "app": str(row["app"]),
        "at": row["event_time"].isoformat(),
        "gap_ms": None if gap is None or pd.isna(gap) else round(float(gap), 3),
        "by_span": bool(row["by_span"]),
    }


def _note(cause: Mapping[str, Any], won: int) -> str:
    seen = f"{won} of {cause['examined']} traces"
    if cause["status"] == "self":
        alone = "no other service's error" if cause["services"] == 1 else "no earlier error of another service"
        return f"begins here: {alone} in {seen}"
    return f"an error of {cause['app']} came first in {seen}"
