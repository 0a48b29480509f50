"""Which incidents of a run are told, and why: pure decisions on window times, so that a repeated run decides alike.

An incident remembers what was last told of it in ``notified_window``, ``notified_severity`` and ``notified_count``. The caller passes the
incident with the memory as it was **before** the run and stores ``Notice.memory`` in the transaction that also writes the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from ailog.domain.events import WINDOW
from ailog.domain.wording import counted, lasting, number
from ailog.settings import SEVERITIES, Settings

NoticeKind = Literal["opened", "escalated", "grown", "heartbeat", "resolved"]
RESOLVED: Final = "resolved"
"""What ``notified_severity`` holds once the end of an incident was told."""


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """When an incident is told: ``min_score`` 0 to 100, ``growth`` as a share (0.3 is 30 %)."""

    min_score: float
    cooldown: timedelta
    heartbeat: timedelta
    growth: float

    @classmethod
    def of(cls, settings: Settings, namespace: str) -> NoticeRules:
        """The rules that hold for a namespace."""
        notify = settings.notify
        return cls(
            min_score=settings.namespaces.of(namespace).alert.min_score,
            cooldown=timedelta(minutes=notify.cooldown_minutes),
            heartbeat=timedelta(minutes=notify.heartbeat_minutes),
            growth=notify.growth,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """The incident is told. ``memory`` holds the new values of the incident's three ``notified_`` columns."""

    kind: NoticeKind
    reason: str
    memory: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The incident is not told now."""

    reason: str


def decide(
    incident: Mapping[str, Any], window_end: datetime, rules: NoticeRules, *, run_start: datetime | None = None
) -> Notice | Suppressed:
    """Decides for one incident of a run whose newest window ends at ``window_end``.

    Told are: an incident never told before (*opened*); one whose severity is higher than what was told (*escalated*, whatever the
    cooldown); one whose largest window (``peak_count``) grew by ``growth`` and is past the cooldown (*grown*); one that still has events
    and was last told ``heartbeat`` ago (*heartbeat*); and the end of one that was told (*resolved*). An acknowledged incident is only
    told when it escalates or ends. One that began and ended inside the run (from ``run_start``) is told once, as opened.

    Keys read: ``status``, ``severity``, ``score``, ``peak_count``, ``opened_window``, ``last_window``, ``resolved_by`` and the
    three ``notified_`` columns.
    """
    told_window: datetime | None = incident["notified_window"]
    told_before = told_window is not None and incident["notified_severity"] != RESOLVED
    if incident["status"] == "resolved":
        return _ended(incident, window_end, rules, told_before=told_before, run_start=run_start)
    if incident["score"] < rules.min_score:
        return Suppressed(f"score {number(incident['score'])} is below the namespace's limit of {number(rules.min_score)}")
    if told_window is not None and told_window + WINDOW > window_end:
        return Suppressed("told of a later window already")
    if not told_before or told_window is None:
        again = " again after it was resolved" if incident["notified_severity"] == RESOLVED else ""
        return _notice(incident, window_end, "opened", f"{_began(incident, window_end)}{again}")
    return _ongoing(incident, window_end, rules, told_window)


def _ongoing(incident: Mapping[str, Any], window_end: datetime, rules: NoticeRules, told_window: datetime) -> Notice | Suppressed:
    since = window_end - (told_window + WINDOW)
    severity, told_severity = incident["severity"], incident["notified_severity"]
    if SEVERITIES.index(severity) > SEVERITIES.index(told_severity):
        return _notice(incident, window_end, "escalated", f"severity rose from {told_severity} to {severity}")
    if incident["status"] == "acknowledged":
        return Suppressed("acknowledged: told again only when it escalates or ends")
    if since < rules.cooldown:
        return Suppressed(f"told {lasting(since)} ago, within the cooldown of {lasting(rules.cooldown)}")
    count, told = incident["peak_count"], incident["notified_count"] or 0
    if count > told and count >= told * (1 + rules.growth):
        share = f" (+{(count - told) / told:.0%})" if told else ""
        return _notice(incident, window_end, "grown", f"its largest window grew from {number(told)} to {counted(count, 'event')}{share}")
    if since >= rules.heartbeat and incident["last_window"] + WINDOW >= window_end:
        opened = lasting(window_end - incident["opened_window"])
        return _notice(incident, window_end, "heartbeat", f"still going on after {opened}, last told {lasting(since)} ago")
    return Suppressed(f"nothing new since it was told {lasting(since)} ago")


def _ended(
    incident: Mapping[str, Any], window_end: datetime, rules: NoticeRules, *, told_before: bool, run_start: datetime | None
) -> Notice | Suppressed:
    if told_before:
        by = incident.get("resolved_by")
        lasted = lasting(incident["last_window"] + WINDOW - incident["opened_window"])
        how = f"resolved by {by}" if by and by != "quiet" else "resolved by quiet time"
        return _notice(incident, window_end, "resolved", f"{how} after {lasted}")
    if incident["notified_severity"] == RESOLVED:
        return Suppressed("its end was told already")
    if run_start is not None and incident["opened_window"] >= run_start and incident["score"] >= rules.min_score:
        return _notice(incident, window_end, "opened", f"{_began(incident, window_end)}, over by now")
    return Suppressed("it was over before it was ever told")


def _began(incident: Mapping[str, Any], window_end: datetime) -> str:
    age = window_end - incident["opened_window"]
    return "opened" if age <= WINDOW else f"opened {lasting(age)} before the end of this run"


def _notice(incident: Mapping[str, Any], window_end: datetime, kind: NoticeKind, reason: str) -> Notice:
    severity = RESOLVED if kind == "resolved" or incident["status"] == "resolved" else incident["severity"]
    memory = {"notified_window": window_end - WINDOW, "notified_severity": severity, "notified_count": int(incident["peak_count"])}
    return Notice(kind, reason, memory)
