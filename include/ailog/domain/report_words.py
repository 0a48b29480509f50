"""One incident in words, the same in every format of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ailog.domain.wording import number, one_line, points


def grade(incident: Mapping[str, Any]) -> str:
    """Severity and score: ``HIGH 67.5``."""
    return f"{incident['severity'].upper()} {points(incident['score'])}"


def about(incident: Mapping[str, Any]) -> str:
    """``about `` before a count that a sample gave, else nothing."""
    return "about " if incident.get("estimated") else ""


def why(incident: Mapping[str, Any]) -> str:
    """The reason that the verdict recorded, on one line."""
    return one_line(incident["reason"]) or "no reason was recorded"


def contributions(incident: Mapping[str, Any]) -> str:
    """The points of the newest window's score; named as such where the episode's score comes from an earlier one."""
    parts = sorted((incident.get("contributions") or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    said = " + ".join(f"{one_line(name)} {points(value)}" for name, value in parts).replace("+ cap -", "- cap ")
    score = incident.get("window_score")
    if not said or score is None:
        return points(incident["score"])
    newest = "" if score == incident["score"] else " in the newest window"
    return f"{points(score)} = {said}{newest}"


def compared(incident: Mapping[str, Any]) -> str:
    """What was counted against baseline and limit, with whose figures they are."""
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


def sources(run: Mapping[str, Any]) -> str:
    """The sources of a run, their status and what they gave."""
    said = [
        f"{one_line(source['source'])} {source['status']}"
        + ("" if source["fetched"] is None else f" ({number(source['fetched'])} fetched, {number(source['rejected'])} rejected)")
        for source in run.get("sources") or []
    ]
    return "; ".join(said) or "none recorded"
