"""What a run has to tell, as one channel-neutral message per channel.

An incident comes as a mapping with the columns of ``ailog_peak.incidents`` and, of its newest window in the run (absent or None for
one that ended), ``original_value``, ``namespace_total``, ``baseline_mean`` and ``threshold`` of ``ailog_peak.peak_investigation``;
``known_issue`` may hold a mapping with ``title``, ``ticket`` and ``workaround``. A run has the columns of ``ailog_peak.analysis_runs`` and
may have ``sources``, rows of ``analysis_run_sources``.

A body is JSON: ``title``, ``subtitle``, ``severity``, ``warnings`` (texts, said first), ``sections`` (``heading``, ``severity``, ``facts``
as pairs of label and text, ``sample``, and ``problem`` with the bare figures for machines), ``notes`` (texts, said last), ``links`` (pairs
of text and URL). Texts are clean but not escaped: each channel escapes for its own medium.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from ailog.domain.message import Message
from ailog.domain.notices import Notice, Suppressed
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

PRODUCT: Final = "AI Log Analyzer"
_MESSAGES: Final = UUID("6f0c5ab4-52e5-5f0e-9a6b-0d6c1a0f4c11")
_KINDS: Final = ("opened", "escalated", "grown", "heartbeat")
_SAMPLE: Final = 400

Incident = Mapping[str, Any]


def build_digests(
    run: Mapping[str, Any], incidents: Sequence[Incident], notices: Mapping[str, Notice | Suppressed], settings: Settings
) -> list[Message]:
    """One message per channel that has something to tell; none when every incident is suppressed.

    ``notices`` maps the incident id (as text) to its decision. The incidents of one problem are told together with all of their
    namespaces. At most ``notify.top`` problems are told in full, gravest first, and the rest is counted. The id is made from run,
    channel and content, so that the same news is the same message.
    """
    told: dict[str, list[tuple[Incident, Notice]]] = defaultdict(list)
    for incident in incidents:
        decision = notices.get(str(incident["incident_id"]))
        if isinstance(decision, Notice):
            for channel in channels_of(settings, incident["namespace"]):
                told[channel].append((incident, decision))
    suppressed = sum(i["status"] != "resolved" and isinstance(notices.get(str(i["incident_id"])), Suppressed) for i in incidents)
    return [_digest(run, channel, told[channel], suppressed, settings) for channel in sorted(told)]


def channels_of(settings: Settings, namespace: str) -> list[str]:
    """The channels that a namespace's incidents are told on: its own, else those of ``notify.channels``."""
    return list(dict.fromkeys(settings.namespaces.of(namespace).alert.channels or settings.notify.channels))


def build_alarm(
    *,
    title: str,
    reason: str,
    remedy: str,
    facts: Mapping[str, object],
    settings: Settings,
    run_id: str | None = None,
    subject_key: str = "",
) -> list[Message]:
    """The alarm about the analysis itself (a failed run, no complete run for too long), for every channel of ``notify.channels``.

    ``subject_key`` keeps apart alarms with the same words, such as those of two days.
    """
    body = {
        "title": f"{PRODUCT}: {one_line(title)}",
        "subtitle": "An alarm about the analysis itself, not about an application.",
        "severity": "critical",
        "warnings": [one_line(reason)],
        "sections": [
            {
                "heading": "What to do",
                "severity": None,
                "facts": [["Remedy", one_line(remedy)], *([one_line(label), head(one_line(value), 500)] for label, value in facts.items())],
                "sample": None,
                "problem": None,
            }
        ],
        "notes": [],
        "links": _links(settings),
    }
    subject = f"[{PRODUCT}] ALARM: {head(one_line(title), 120)}"
    return [_message(run_id or subject_key, channel, "alarm", subject, body) for channel in dict.fromkeys(settings.notify.channels)]


def _digest(run: Mapping[str, Any], channel: str, told: list[tuple[Incident, Notice]], suppressed: int, settings: Settings) -> Message:
    zone = ZoneInfo(settings.timezone)
    span = local_span(run["window_from"], run["window_to"], zone)
    problems = sorted((group for group in _grouped(told).values() if group[0][1].kind != "resolved"), key=_gravity)
    ended = sorted((pair for pair in told if pair[1].kind == "resolved"), key=lambda pair: _rank(pair[0]))
    top = settings.notify.top
    full, rest = problems[:top], problems[top:]
    worst = max((incident["severity"] for incident, notice in told if notice.kind != "resolved"), key=SEVERITIES.index, default="info")
    sections = [_problem(group, zone) for group in full]
    if ended:
        sections.append(_resolved(ended, top))
    body = {
        "title": f"{PRODUCT}: {_headline(len(problems), len(ended))}",
        "subtitle": span,
        "severity": worst,
        "warnings": run_warnings({**run, "warnings": ()}),
        "sections": sections,
        "notes": [*_notes(rest, suppressed, told), *_own_warnings(run)],
        "links": _links(settings),
    }
    state = "" if run["status"] in {"complete", "running"} else f"{run['status'].upper()} RUN, "
    where = listing([(name, None) for name in sorted({incident["namespace"] for incident, _ in told})], 2, 40)
    grave = worst.upper() if problems else "RESOLVED"
    subject = f"[{PRODUCT}] {state}{grave}: {_headline(len(problems), len(ended))} in {where}, {span}"
    return _message(str(run["run_id"]), channel, "digest", head(one_line(subject), 200), body)


def _headline(problems: int, ended: int) -> str:
    parts = ([counted(problems, "problem")] if problems else []) + ([f"{ended:,} resolved"] if ended else [])
    return ", ".join(parts)


def _grouped(told: list[tuple[Incident, Notice]]) -> dict[tuple[str, str], list[tuple[Incident, Notice]]]:
    groups: dict[tuple[str, str], list[tuple[Incident, Notice]]] = defaultdict(list)
    for incident, notice in sorted(told, key=lambda pair: _rank(pair[0])):
        groups[incident["problem_key"], notice.kind].append((incident, notice))
    return groups


def _rank(incident: Incident) -> tuple[int, float, int, str, str]:
    grave = -SEVERITIES.index(incident["severity"])
    return grave, -incident["score"], -int(incident["event_count"]), incident["problem_key"], incident["namespace"]


def _gravity(group: list[tuple[Incident, Notice]]) -> tuple[int, int, tuple[int, float, int, str, str]]:
    incident, notice = group[0]
    return _rank(incident)[0], _KINDS.index(notice.kind), _rank(incident)


def _problem(group: list[tuple[Incident, Notice]], zone: ZoneInfo) -> dict[str, Any]:
    worst, notice = group[0]
    incidents = [incident for incident, _ in group]
    apps: Counter[str] = Counter()
    for incident in incidents:
        apps.update({name: int(value) for name, value in incident["apps"].items()})
    count = sum(int(incident.get("original_value") or 0) for incident in incidents)
    total = sum(int(incident["event_count"]) for incident in incidents)
    about = "about " if any(incident.get("estimated") for incident in incidents) else ""
    first, last = min(incident["first_event"] for incident in incidents), max(incident["last_event"] for incident in incidents)
    facts = [
        ["Why", head(one_line(worst["reason"]), 600) or "no reason was recorded"],
        ["News", one_line(notice.reason) if notice.reason.startswith(notice.kind) else f"{notice.kind}: {one_line(notice.reason)}"],
        ["Count", f"{about}{number(count)} in the newest window, {about}{number(total)} since it opened"],
        ["Compared", _compared(worst, alone=len(group) == 1)],
        ["Services", listing(ranked(apps), 5)],
        ["Namespaces", listing([(i["namespace"], int(i.get("original_value") or 0)) for i in incidents], 5)],
        ["Root cause", cause_line(worst["root_cause"])],
    ]
    if spread := spread_line(worst["root_cause"], list(apps)):
        facts.append(["Spread", spread])
    if issue := known_issue_line(worst):
        facts.append(["Known issue", issue])
    facts += [
        ["First / last", f"{local(first, zone, seconds=True)} / {local(last, zone, seconds=True)}"],
        ["Incident", listing([(str(incident["incident_id"]), None) for incident in incidents], 3)],
    ]
    flags = ", ".join(sorted({flag for incident in incidents for flag in incident["flags"]})) or "no flag"
    return {
        "heading": f"{worst['severity'].upper()} {points(worst['score'])} · {short_key(worst['problem_key'], 120)} · {flags}",
        "severity": worst["severity"],
        "facts": facts,
        "sample": head(clean(worst["sample"]).strip(), _SAMPLE),
        "problem": {
            "problem_key": one_line(worst["problem_key"]),
            "notice": notice.kind,
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
        },
    }


def _compared(incident: Incident, *, alone: bool) -> str:
    usual, limit = number(incident.get("baseline_mean")), number(incident.get("threshold"))
    total = number(incident.get("namespace_total"))
    if "spike" in incident["flags"]:  # a spike is judged on the namespace as a whole: its figures belong to no single problem
        said = f"namespace total {total} against limit {limit}, baseline {usual}"
    else:
        said = f"baseline {usual}, limit {limit}, namespace total {total}"
    return said + ("" if alone else f" (in {incident['namespace']})")


def known_issue_line(incident: Incident) -> str:
    """The known issue in one line: id, title, ticket and workaround; empty when there is none."""
    issue = incident.get("known_issue") or {}
    if not incident.get("known_issue_id"):
        return ""
    parts = [one_line(incident["known_issue_id"]), one_line(issue.get("title")), one_line(issue.get("ticket"))]
    workaround = one_line(issue.get("workaround"))
    return ", ".join(part for part in parts if part) + (f"; workaround: {head(workaround, 200)}" if workaround else "")


def _resolved(ended: list[tuple[Incident, Notice]], top: int) -> dict[str, Any]:
    facts = [
        [
            f"{short_key(incident['problem_key'], 60)} in {tail(incident['namespace'], 40)}",
            f"{one_line(notice.reason)}, {number(incident['event_count'])} events; was: {head(one_line(incident['reason']), 120)}",
        ]
        for incident, notice in ended[:top]
    ]
    if len(ended) > top:
        facts.append(["And", f"{len(ended) - top:,} more resolved"])
    return {"heading": "Resolved", "severity": None, "facts": facts, "sample": None, "problem": None}


def _notes(rest: list[list[tuple[Incident, Notice]]], suppressed: int, told: list[tuple[Incident, Notice]]) -> list[str]:
    notes = []
    if rest:
        events = sum(int(incident.get("original_value") or 0) for group in rest for incident, _ in group)
        kinds = Counter(group[0][0]["severity"] for group in rest)
        grades = ", ".join(f"{kinds[severity]} {severity}" for severity in reversed(SEVERITIES) if kinds[severity])
        notes.append(f"{counted(len(rest), 'more problem')} ({grades}; {counted(events, 'event')}): see the problem report.")
    if suppressed:
        notes.append(f"{counted(suppressed, 'open incident')} not told here: below the limit, acknowledged or told recently.")
    if any(incident.get("estimated") for incident, _ in told):
        notes.append("Counts marked 'about' are estimated from a sample.")
    return notes


def run_warnings(run: Mapping[str, Any]) -> list[str]:
    """What a reader must know before believing the figures: a partial or failed run, dead sources, a sample, the run's own warnings."""
    warnings = []
    status = run["status"]
    if status == "failed":
        warnings.append(f"FAILED RUN: {head(one_line(run.get('error')), 300) or 'no reason was recorded'}. Figures below are not complete.")
    dead = [source for source in run.get("sources") or [] if source["status"] != "complete"]
    if status == "partial":
        names = ", ".join(one_line(source["source"]) for source in dead) or "a source"
        warnings.append(f"PARTIAL RUN: {names} could not be read; its records are missing below, they are not zero.")
    warnings += [f"{one_line(source['source'])}: {head(one_line(source['error']), 300)}" for source in dead if source.get("error")]
    if run.get("sampled"):
        warnings.append("SAMPLED: more events than the limit; counts are exact, words about messages and traces come from a sample.")
    return [*warnings, *(head(one_line(said), 400) for said in run.get("warnings") or ())]


def _own_warnings(run: Mapping[str, Any]) -> list[str]:
    """What the run says of its own figures (a namespace that does not categorise), as one line of a message that is sent anyway."""
    said = [head(one_line(one), 400) for one in run.get("warnings") or ()]
    more = f" ({counted(len(said) - 1, 'more warning')} of this kind: see the problem report.)" if len(said) > 1 else ""
    return [f"{said[0]}{more}"] if said else []


def _links(settings: Settings) -> list[list[str]]:
    url = settings.report.base_url
    return [["Open Airflow", url]] if url.startswith(("https://", "http://")) else []


def _message(origin: str, channel: str, kind: str, subject: str, body: Mapping[str, Any]) -> Message:
    content = json.dumps([subject, body], sort_keys=True, ensure_ascii=True)
    return Message(str(uuid5(_MESSAGES, f"{origin}|{channel}|{content}")), channel, kind, subject, body)
