"""One incident in words, the same in every format of the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.events import WINDOW
from ailog.domain.scoring import named
from ailog.domain.wording import head, lasting, local, number, one_line, points, tail

_STEPS: Final = 8


def grade(incident: Mapping[str, Any]) -> str:
    """Severity and score: ``HIGH 67.5``."""
    return f"{incident['severity'].upper()} {points(incident['score'])}"


def about(incident: Mapping[str, Any]) -> str:
    """``about `` before a count that a sample gave, else nothing."""
    return "about " if incident.get("estimated") else ""


def why(incident: Mapping[str, Any], limit: int = 0) -> str:
    """The reason that the verdict recorded and why it is that grave, on one line, within ``limit`` characters (0: any number).

    ``270 errors in 15 min; usual 12.4; high, 67.5: volume 20.25, spike 25, new 15, ratio 7.25``: what is too long is cut before the grade.
    """
    reason = one_line(incident["reason"]) or "no reason was recorded"
    grade_said = graded(incident)
    if not grade_said:
        return head(reason, limit) if limit else reason
    return f"{head(reason, max(40, limit - len(grade_said) - 2)) if limit else reason}; {grade_said}"


def graded(incident: Mapping[str, Any]) -> str:
    """Why it has its severity: ``high, 67: volume 21, spike 25, new 15, limit 6``; empty where that is not on record."""
    said = ", ".join(f"{one_line(name)} {points(value)}" for name, value in named(incident.get("contributions") or {}))
    return f"{incident['severity']}, {points(incident['score'])}: {said}" if said else ""


def contributions(incident: Mapping[str, Any]) -> str:
    """The points of the score of its worst window: ``67.5 = volume 20.25 + spike 25 + new 15 + ratio 7.25``."""
    said = " + ".join(f"{one_line(name)} {points(value)}" for name, value in named(incident.get("contributions") or {}))
    for name in ("few", "cap"):
        said = said.replace(f"+ {name} -", f"- {name} ")
    return f"{points(incident['score'])} = {said}" if said else points(incident["score"])


def compared(incident: Mapping[str, Any]) -> str:
    """What was counted against baseline and limit, with whose figures they are."""
    ratio = incident.get("ratio")
    times = "" if ratio is None else f" ({number(ratio)} times the baseline)"
    if judged_whole(incident):
        return (
            f"namespace total {number(incident.get('namespace_total'))}{times}, baseline {number(incident.get('baseline_mean'))}, "
            f"limit {number(incident.get('threshold'))}; {number(incident.get('original_value'))} of this problem in the newest window"
        )
    limit = "" if incident.get("threshold") is None else f"limit {number(incident['threshold'])}, "
    return (
        f"{number(incident.get('original_value'))} in the newest window{times}, baseline {number(incident.get('baseline_mean'))}, "
        f"{limit}namespace total {number(incident.get('namespace_total'))}"
    )


def judged_whole(incident: Mapping[str, Any]) -> bool:
    """Whether the figures are the namespace's: a spike of its total. A spike of one problem has a usual level and no limit of a weekday."""
    of_problem = incident.get("threshold") is None and incident.get("baseline_mean") is not None
    return "spike" in incident["flags"] and not of_problem


def sources(run: Mapping[str, Any]) -> str:
    """The sources of a run, their status and what they gave."""
    said = [
        f"{one_line(source['source'])} {source['status']}"
        + ("" if source["fetched"] is None else f" ({number(source['fetched'])} fetched, {number(source['rejected'])} rejected)")
        for source in run.get("sources") or []
    ]
    return "; ".join(said) or "none recorded"


def since(incident: Mapping[str, Any], run: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Since when, and whether it goes on: ``since 2026-01-31 09:15 CET, still going on after 45 min``."""
    return f"since {local(incident['first_event'], zone)}, {state(incident, run, zone)}"


def state(incident: Mapping[str, Any], run: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Whether an incident goes on at the end of the report, and how long it has lasted by its events."""
    last = incident["last_event"]
    spell = lasting(max(last - incident["first_event"], timedelta()))
    if incident["status"] == "resolved":
        return f"resolved; lasted {spell}"
    if incident["last_window"] + WINDOW >= run["window_to"]:
        return f"still going on after {spell}"
    return f"quiet since {local(last, zone)}; lasted {spell}"


def evidence(root_cause: Mapping[str, Any] | None) -> str:
    """The steps of the example trace with the time between them; empty when no trace was followed."""
    cause = root_cause or {}
    steps = cause.get("path") or []
    if not steps or not cause.get("example_trace"):
        return ""
    said: list[str] = []
    for step in steps[:_STEPS]:
        gap = step.get("gap_ms")
        later = "" if gap is None or not said else f" (+{number(gap)} ms{', by span' if step.get('by_span') else ''})"
        said.append(tail(one_line(step.get("app")), 60) + later)
    more = " → …" if len(steps) > _STEPS else ""
    return f"trace {head(one_line(cause['example_trace']), 64)}: {' → '.join(said)}{more}"
