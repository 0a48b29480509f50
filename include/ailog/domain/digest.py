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
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from ailog.domain import digest_sections as sections
from ailog.domain.clusters import Overlap, clusters
from ailog.domain.digest_sections import Incident, Pair
from ailog.domain.digest_sections import known_issue_line as known_issue_line  # noqa: PLC0414 - handed on to those who tell of incidents
from ailog.domain.message import Message
from ailog.domain.notices import Notice, Suppressed
from ailog.domain.wording import counted, head, listing, local_span, one_line
from ailog.settings import SEVERITIES, Settings

PRODUCT: Final = "AI Log Analyzer"
_MESSAGES: Final = UUID("6f0c5ab4-52e5-5f0e-9a6b-0d6c1a0f4c11")
KEPT_BACK: Final = {
    "score": "below the limit",
    "acknowledged": "acknowledged",
    "cool-down": "told recently",
    "no news": "without news",
    "older window": "told of a later window",
    "silence": "silenced",
    "maintenance": "in maintenance",
    "untold": "over before anybody was told",
}
"""Stages in words."""
_HIDDEN: Final = ("silence", "maintenance")

Group = list[Pair]


@dataclass(frozen=True, slots=True)
class Digest:
    """A message with the incidents that it holds: told in full (or as ended), or only counted."""

    message: Message
    in_full: frozenset[str]
    counted: frozenset[str]


def build_digests(
    run: Mapping[str, Any],
    incidents: Sequence[Incident],
    notices: Mapping[str, Notice | Suppressed],
    settings: Settings,
    overlaps: Sequence[Overlap] = (),
) -> list[Digest]:
    """One message per channel that has something to tell; none when every incident is suppressed.

    ``notices`` maps the incident id (as text) to its decision. The incidents of one problem are told together with all of their
    namespaces, and so are problems that share traces (``overlaps``). At most ``notify.top`` of these are told in full, gravest first; of
    the rest the gravest have a line each and all are counted. The id is made from run, channel and content, so that the same news is the
    same message.
    """
    told: dict[str, list[Pair]] = defaultdict(list)
    for incident in incidents:
        decision = notices.get(str(incident["incident_id"]))
        if isinstance(decision, Notice):
            for channel in channels_of(settings, incident["namespace"]):
                told[channel].append((incident, decision))
    notes = _kept_back(incidents, notices)
    return [_digest(run, channel, told[channel], notes, settings, overlaps) for channel in sorted(told)]


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
        "links": links(settings),
    }
    subject = f"[{PRODUCT}] ALARM: {head(one_line(title), 120)}"
    return [message(run_id or subject_key, channel, "alarm", subject, body) for channel in dict.fromkeys(settings.notify.channels)]


def _digest(
    run: Mapping[str, Any], channel: str, told: list[Pair], kept_back: list[str], settings: Settings, overlaps: Sequence[Overlap]
) -> Digest:
    zone = ZoneInfo(settings.timezone)
    span = local_span(run["window_from"], run["window_to"], zone)
    stories = _stories([pair for pair in told if pair[1].kind != "resolved"], overlaps)
    ended = sorted((pair for pair in told if pair[1].kind == "resolved"), key=lambda pair: sections.rank(pair[0]))
    top = settings.notify.top
    full, rest = stories[:top], [group for story in stories[top:] for group in story]
    problems = sum(len(story) for story in stories)
    worst = max((incident["severity"] for incident, notice in told if notice.kind != "resolved"), key=SEVERITIES.index, default="info")
    body = {
        "title": f"{PRODUCT}: {_headline(problems, len(ended))}",
        "subtitle": span,
        "severity": worst,
        "warnings": run_warnings({**run, "warnings": ()}),
        "sections": [
            *(sections.problem(story[0], _others(story, overlaps), zone) for story in full),
            *([sections.in_a_line(rest)] if rest else []),
            *([sections.resolved(ended, top)] if ended else []),
        ],
        "notes": [*_notes(rest, told), *kept_back, *_own_warnings(run)],
        "links": links(settings),
    }
    state = "" if run["status"] in {"complete", "running"} else f"{run['status'].upper()} RUN, "
    where = listing([(name, None) for name in sorted({incident["namespace"] for incident, _ in told})], 2, 40)
    grave = worst.upper() if problems else "RESOLVED"
    subject = f"[{PRODUCT}] {state}{grave}: {_headline(problems, len(ended))} in {where}, {span}"
    in_full = _ids([*(pair for story in full for group in story for pair in group), *ended])
    sent = message(str(run["run_id"]), channel, "digest", head(one_line(subject), 200), body)
    return Digest(sent, in_full, _ids([pair for group in rest for pair in group]))


def _ids(pairs: Sequence[Pair]) -> frozenset[str]:
    return frozenset(str(incident["incident_id"]) for incident, _ in pairs)


def _headline(problems: int, ended: int) -> str:
    parts = ([counted(problems, "problem")] if problems else []) + ([f"{ended:,} resolved"] if ended else [])
    return ", ".join(parts)


def _stories(told: list[Pair], overlaps: Sequence[Overlap]) -> list[list[Group]]:
    """The incidents by problem, and problems that share traces together: gravest first on every level."""
    groups: dict[str, Group] = defaultdict(list)
    for incident, notice in sorted(told, key=lambda pair: sections.rank(pair[0])):
        groups[incident["problem_key"]].append((incident, notice))
    ordered = sorted(groups, key=lambda key: _gravity(groups[key]))
    return [[groups[key] for key in cluster] for cluster in clusters(ordered, overlaps)]


def _gravity(group: Group) -> tuple[int, int, tuple[int, float, int, str, str]]:
    worst = sections.rank(group[0][0])
    return worst[0], sections.KINDS.index(sections.newest(group).kind), worst


def _others(story: list[Group], overlaps: Sequence[Overlap]) -> list[tuple[Group, Overlap]]:
    first = story[0][0][0]["problem_key"]
    shared = {frozenset((one.one, one.other)): one for one in overlaps if one.together}
    return [(group, shared[frozenset((first, group[0][0]["problem_key"]))]) for group in story[1:]]


def _kept_back(incidents: Sequence[Incident], notices: Mapping[str, Notice | Suppressed]) -> list[str]:
    """What was not told and why: first what people hide, with whose word it is, then what the rules hold back."""
    stages: Counter[str] = Counter()
    hidden: Counter[str] = Counter()
    for incident in incidents:
        decision = notices.get(str(incident["incident_id"]))
        if not isinstance(decision, Suppressed):
            continue
        if decision.stage in _HIDDEN:
            hidden[one_line(decision.reason)] += 1
        elif incident["status"] != "resolved":
            stages[KEPT_BACK.get(decision.stage, decision.stage)] += 1
    said = [f"{counted(number, 'incident')} not told here: {head(reason, 200)}." for reason, number in sorted(hidden.items())[:3]]
    if len(hidden) > 3:
        said.append(f"{counted(sum(hidden.values()), 'incident')} hidden by silences and maintenance in all: 'ailog silence list'.")
    if stages:
        parts = ", ".join(f"{number:,} {words}" for words, number in sorted(stages.items(), key=lambda item: (-item[1], item[0])))
        said.append(f"{counted(stages.total(), 'open incident')} not told here: {parts}.")
    return said


def _notes(rest: list[Group], told: list[Pair]) -> list[str]:
    notes = []
    if rest:
        events = sum(int(incident.get("original_value") or 0) for group in rest for incident, _ in group)
        kinds = Counter(group[0][0]["severity"] for group in rest)
        grades = ", ".join(f"{kinds[severity]} {severity}" for severity in reversed(SEVERITIES) if kinds[severity])
        notes.append(f"{counted(len(rest), 'more problem')} ({grades}; {counted(events, 'event')}): see the problem report.")
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


def links(settings: Settings) -> list[list[str]]:
    """What every message links to."""
    url = settings.report.base_url
    return [["Open Airflow", url]] if url.startswith(("https://", "http://")) else []


def message(origin: str, channel: str, kind: str, subject: str, body: Mapping[str, Any]) -> Message:
    """A message whose id is made from what it is about, its channel and its content."""
    content = json.dumps([subject, body], sort_keys=True, ensure_ascii=True)
    return Message(str(uuid5(_MESSAGES, f"{origin}|{channel}|{content}")), channel, kind, subject, body)
