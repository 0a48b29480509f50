"""The sections of a digest: a problem in full, problems in a line each, and those that ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.clusters import Overlap
from ailog.domain.notices import Notice
from ailog.domain.record_lines import record_facts
from ailog.domain.report_words import judged_whole, why
from ailog.domain.wording import (
    cause_line,
    clean,
    head,
    listing,
    local,
    number,
    one_line,
    points,
    ranked,
    short_key,
    spread_line,
    tail,
    utc,
)
from ailog.settings import SEVERITIES

Incident = Mapping[str, Any]
Pair = tuple[Incident, Notice]
KINDS: Final = ("opened", "escalated", "grown", "spread", "heartbeat")
"""Kinds of news about a problem that is not over, the most newsworthy first."""

_SAMPLE: Final = 400
_IN_A_LINE: Final = 5


def rank(incident: Incident) -> tuple[int, float, int, str, str]:
    """The order of incidents in a message: gravest first."""
    grave = -SEVERITIES.index(incident["severity"])
    return grave, -incident["score"], -int(incident["event_count"]), incident["problem_key"], incident["namespace"]


def newest(group: Sequence[Pair]) -> Notice:
    """The notice of a problem's group that says most."""
    return min((notice for _, notice in group), key=lambda notice: KINDS.index(notice.kind))


def problem(group: Sequence[Pair], others: Sequence[tuple[Sequence[Pair], Overlap]], zone: ZoneInfo) -> dict[str, Any]:
    """A problem in full, with its incidents in all namespaces; ``others`` are problems that share its traces."""
    worst, lead = group[0][0], newest(group)
    incidents = [incident for incident, _ in group]
    apps: Counter[str] = Counter()
    for incident in incidents:
        apps.update({name: int(value) for name, value in incident["apps"].items()})
    count, total = _count(group), sum(int(incident["event_count"]) for incident in incidents)
    about = "about " if any(incident.get("estimated") for incident in incidents) else ""
    first, last = min(incident["first_event"] for incident in incidents), max(incident["last_event"] for incident in incidents)
    facts = [
        ["Why", why(worst, 600)],
        ["News", _news(group)],
        ["Count", f"{about}{number(count)} in the newest window, {about}{number(total)} since it opened"],
        ["Compared", _compared(worst, alone=len(group) == 1)],
        ["Services", listing(ranked(apps), 5)],
        ["Namespaces", listing([(i["namespace"], int(i.get("original_value") or 0)) for i in incidents], 5)],
        ["Root cause", cause_line(worst["root_cause"])],
    ]
    if spread := spread_line(worst["root_cause"], list(apps)):
        facts.append(["Spread", spread])
    if others:
        said = [f"{short_key(g[0][0]['problem_key'], 60)} {number(_count(g))} ({o.share:.0%} of traces shared)" for g, o in others[:3]]
        facts.append(["Same traces", ", ".join(said) + (f" and {len(others) - 3} more" if len(others) > 3 else "")])
    if issue := known_issue_line(worst):
        facts.append(["Known issue", issue])
    facts += record_facts(worst)
    facts += [
        ["First / last", _between(first, last, zone)],
        ["Incident", listing([(short_id(incident), None) for incident in incidents], 3)],
    ]
    flags = ", ".join(sorted({flag for incident in incidents for flag in incident["flags"]})) or "no flag"
    return {
        "heading": f"{worst['severity'].upper()} {points(worst['score'])} · {short_key(worst['problem_key'], 120)} · {flags}",
        "severity": worst["severity"],
        "facts": facts,
        "sample": head(clean(worst["sample"]).strip(), _SAMPLE),
        "problem": {
            "problem_key": one_line(worst["problem_key"]),
            "notice": lead.kind,
            "severity": worst["severity"],
            "score": float(worst["score"]),
            "count": count,
            "total": total,
            "baseline": worst.get("baseline_mean"),
            "limit": worst.get("threshold"),
            "namespace_total": worst.get("namespace_total"),
            "first_event": utc(first),
            "last_event": utc(last),
            "namespaces": [one_line(incident["namespace"]) for incident in incidents],
            "incidents": [str(incident["incident_id"]) for incident in incidents],
            "same_traces": [one_line(g[0][0]["problem_key"]) for g, _ in others],
        },
    }


def in_a_line(rest: Sequence[Sequence[Pair]]) -> dict[str, Any]:
    """Problems that are only counted: the gravest of them in a line each."""
    facts = [
        [
            f"{group[0][0]['severity'].upper()} {points(group[0][0]['score'])}",
            f"{short_key(group[0][0]['problem_key'], 80)}: {number(_count(group))} in {_where(group)}",
        ]
        for group in rest[:_IN_A_LINE]
    ]
    if len(rest) > _IN_A_LINE:
        facts.append(["And", f"{len(rest) - _IN_A_LINE:,} more"])
    return {"heading": f"Also told ({len(rest):,})", "severity": None, "facts": facts, "sample": None, "problem": None}


def resolved(ended: Sequence[Pair], top: int) -> dict[str, Any]:
    """Incidents that ended, the gravest in a line each."""
    facts = [
        [
            f"{short_key(incident['problem_key'], 60)} in {tail(incident['namespace'], 40)}",
            f"{one_line(notice.reason)}; was: {head(one_line(incident['reason']), 120)}",
        ]
        for incident, notice in ended[:top]
    ]
    if len(ended) > top:
        facts.append(["And", f"{len(ended) - top:,} more resolved"])
    return {"heading": "Resolved", "severity": None, "facts": facts, "sample": None, "problem": None}


def known_issue_line(incident: Incident) -> str:
    """The known issue in one line: id, title, ticket, how sure the match is, and workaround; empty when there is none."""
    issue = incident.get("known_issue") or {}
    if not incident.get("known_issue_id"):
        return ""
    parts = [one_line(incident["known_issue_id"]), one_line(issue.get("title")), one_line(issue.get("ticket"))]
    workaround = one_line(issue.get("workaround"))
    sure = one_line(incident.get("known_issue_match"))
    said = ", ".join(part for part in parts if part) + (f" ({sure})" if sure else "")
    return said + (f"; workaround: {head(workaround, 200)}" if workaround else "")


def short_id(incident: Incident) -> str:
    """The beginning of an incident's id, by which ``ailog incidents`` finds it."""
    return str(incident["incident_id"])[:8]


def _between(first: datetime, last: datetime, zone: ZoneInfo) -> str:
    start, end = local(first, zone, seconds=True), local(last, zone, seconds=True)
    return f"{start} / {end[11:] if start[:10] == end[:10] else end}"


def _news(group: Sequence[Pair]) -> str:
    """What is new: one sentence, or one for each kind of news with the namespaces that it is about."""
    kinds = [kind for kind in KINDS if any(notice.kind == kind for _, notice in group)]
    said = []
    for kind in kinds:
        pairs = [pair for pair in group if pair[1].kind == kind]
        reason = one_line(pairs[0][1].reason)
        text = reason if reason.startswith(kind) else f"{kind}: {reason}"
        said.append(text + (f" ({_where(pairs)})" if len(kinds) > 1 else ""))
    return head("; ".join(said), 500)


def _where(group: Sequence[Pair]) -> str:
    return listing([(incident["namespace"], None) for incident, _ in group], 2, 40)


def _count(group: Sequence[Pair]) -> int:
    return sum(int(incident.get("original_value") or 0) for incident, _ in group)


def _compared(incident: Incident, *, alone: bool) -> str:
    usual, limit = number(incident.get("baseline_mean")), number(incident.get("threshold"))
    total = number(incident.get("namespace_total"))
    if judged_whole(incident):
        said = f"namespace total {total} against limit {limit}, baseline {usual}"
    else:
        against = "" if incident.get("threshold") is None and incident.get("baseline_mean") is not None else f"limit {limit}, "
        said = f"baseline {usual}, {against}namespace total {total}"
    return said + ("" if alone else f" (in {incident['namespace']})")
