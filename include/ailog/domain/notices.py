"""Which incidents of a run are told, and why: pure decisions on window times, so that a repeated run decides alike.

An incident remembers what was last told of it in ``notified_window``, ``notified_severity``, ``notified_count`` and ``notified_apps``. The
caller passes the incident with the memory as it was **before** the run and stores ``Notice.memory`` in the transaction that also writes
the message. What people want hidden (silences, maintenance) comes after this decision, so that it can be said what they hide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from ailog.domain.events import WINDOW
from ailog.domain.wording import counted, lasting, listing, number
from ailog.settings import SEVERITIES, Settings

NoticeKind = Literal["opened", "escalated", "grown", "spread", "heartbeat", "resolved"]
Stage = Literal["score", "older window", "acknowledged", "cool-down", "no news", "untold", "ended", "silence", "maintenance"]
"""What keeps an incident back. ``untold``: it was over before anybody was told; ``ended``: its end was told already."""
RESOLVED: Final = "resolved"
"""What ``notified_severity`` holds once the end of an incident was told."""

NEW_LEVEL: Final = "the new level of its namespace is taken as usual from now on"
"""How an incident ends whose errors stay and are no news any more."""

_APP_EVENTS: Final = 3
_APP_SHARE: Final = 0.01
"""A further application is news from this many events and this share of the incident on: one stray event is none."""


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """When an incident is told: ``min_score`` 0 to 100, ``growth`` as a share (0.3 is 30 %) and at least ``growth_events``."""

    min_score: float
    cooldown: timedelta
    heartbeat: timedelta
    growth: float
    growth_events: int = 20

    @classmethod
    def of(cls, settings: Settings, namespace: str) -> NoticeRules:
        """The rules that hold for a namespace."""
        notify = settings.notify
        return cls(
            min_score=settings.namespaces.of(namespace).alert.min_score,
            cooldown=timedelta(minutes=notify.cooldown_minutes),
            heartbeat=timedelta(minutes=notify.heartbeat_minutes),
            growth=notify.growth,
            growth_events=notify.growth_events,
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """The incident is told. ``memory`` holds the new values of the incident's four ``notified_`` columns."""

    kind: NoticeKind
    reason: str
    memory: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The incident is not told now; ``stage`` is what kept it back, ``news`` what people hide of it."""

    reason: str
    stage: Stage = "no news"
    silence_id: int | None = None
    news: str = ""


def decide(  # noqa: PLR0911 - one decision list, read from the top
    incident: Mapping[str, Any],
    window_end: datetime,
    rules: NoticeRules,
    *,
    run_start: datetime | None = None,
    elsewhere: Sequence[str] = (),
) -> Notice | Suppressed:
    """Decides for one incident of a run whose newest window ends at ``window_end``.

    Told are: an incident never told before (*opened*), whatever was told of the same problem in other namespaces (``elsewhere``); one
    whose severity is higher than what was told (*escalated*), whose largest window (``peak_count``) grew by ``growth`` (*grown*), or which
    reached a further application (*spread*), these three whatever the cool-down; one that still has events and was last told
    ``heartbeat`` ago (*heartbeat*); and the end of one that was told (*resolved*). An acknowledged incident is told when it escalates,
    grows past what it was when it was acknowledged, or ends. One that began and ended inside the run (from ``run_start``) is told once,
    as opened.

    Keys read: ``status``, ``severity``, ``score``, ``event_count``, ``peak_count``, ``apps``, ``opened_window``, ``last_window``,
    ``resolved_by``, the four ``notified_`` columns, ``acknowledged_count`` and ``acknowledged_severity``; optionally ``level_accepted``:
    it ended because the new level of its namespace was taken as usual.
    """
    told_window: datetime | None = incident["notified_window"]
    told_before = told_window is not None and incident["notified_severity"] != RESOLVED
    if incident["status"] == "resolved":
        return _ended(incident, window_end, rules, told_before=told_before, run_start=run_start)
    if incident["score"] < rules.min_score:
        return Suppressed(f"score {number(incident['score'])} is below the namespace's limit of {number(rules.min_score)}", "score")
    if told_window is not None and told_window + WINDOW > window_end:
        return Suppressed("told of a later window already", "older window")
    if told_before and told_window is not None:
        return _ongoing(incident, window_end, rules, told_window)
    if incident["status"] == "acknowledged":
        return _acknowledged(incident, window_end, rules) or Suppressed("acknowledged before it was told", "acknowledged")
    if run_start is not None and incident["last_window"] < run_start:
        return Suppressed("not told while it went on, and quiet by now: it waits for its end", "no news")
    again = " again after it was resolved" if incident["notified_severity"] == RESOLVED else ""
    spread = f"; the same problem was told of {listing([(name, None) for name in elsewhere], 3)}" if elsewhere else ""
    return _notice(incident, window_end, "opened", f"{_began(incident, window_end)}{again}{spread}")


def _ongoing(incident: Mapping[str, Any], window_end: datetime, rules: NoticeRules, told_window: datetime) -> Notice | Suppressed:
    since = window_end - (told_window + WINDOW)
    severity, told_severity = incident["severity"], incident["notified_severity"]
    if SEVERITIES.index(severity) > SEVERITIES.index(told_severity):
        return _notice(incident, window_end, "escalated", f"severity rose from {told_severity} to {severity}")
    if incident["status"] == "acknowledged":
        why = "acknowledged: told again only when it escalates, grows or ends"
        return _acknowledged(incident, window_end, rules) or Suppressed(why, "acknowledged")
    news = _grown(incident, window_end, rules, incident["notified_count"] or 0) or _spread(incident, window_end)
    if news is not None:
        return news
    if since < rules.cooldown:
        return Suppressed(f"told {lasting(since)} ago, within the cool-down of {lasting(rules.cooldown)}", "cool-down")
    if since >= rules.heartbeat and incident["last_window"] + WINDOW >= window_end:
        opened = lasting(window_end - incident["opened_window"])
        return _notice(incident, window_end, "heartbeat", f"still going on after {opened}, last told {lasting(since)} ago")
    return Suppressed(f"nothing new since it was told {lasting(since)} ago", "no news")


def _acknowledged(incident: Mapping[str, Any], window_end: datetime, rules: NoticeRules) -> Notice | None:
    """What breaks an acknowledgement: growth past what the person saw, and a severity above it."""
    seen = incident.get("acknowledged_severity")
    if seen and SEVERITIES.index(incident["severity"]) > SEVERITIES.index(seen):
        return _notice(incident, window_end, "escalated", f"severity rose from {seen} to {incident['severity']} after it was acknowledged")
    if incident.get("acknowledged_count") is None:
        return None
    return _grown(incident, window_end, rules, max(incident["acknowledged_count"], incident["notified_count"] or 0))


def _grown(incident: Mapping[str, Any], window_end: datetime, rules: NoticeRules, told: int) -> Notice | None:
    count = incident["peak_count"]
    if count - told < rules.growth_events or count < told * (1 + rules.growth):
        return None
    share = f" (+{(count - told) / told:.0%})" if told else ""
    return _notice(incident, window_end, "grown", f"its largest window grew from {number(told)} to {counted(count, 'event')}{share}")


def _spread(incident: Mapping[str, Any], window_end: datetime) -> Notice | None:
    told = incident.get("notified_apps")
    if not told:
        return None
    least = max(_APP_EVENTS, _APP_SHARE * int(incident["event_count"]))
    further = sorted(app for app, count in incident["apps"].items() if app not in told and int(count) >= least)
    if not further:
        return None
    return _notice(incident, window_end, "spread", f"it reached {listing([(app, int(incident['apps'][app])) for app in further], 3)}")


def _ended(
    incident: Mapping[str, Any], window_end: datetime, rules: NoticeRules, *, told_before: bool, run_start: datetime | None
) -> Notice | Suppressed:
    if told_before:
        return _notice(incident, window_end, "resolved", ended(incident))
    if incident["notified_severity"] == RESOLVED:
        return Suppressed("its end was told already", "ended")
    if run_start is not None and incident["opened_window"] >= run_start and incident["score"] >= rules.min_score:
        if incident.get("resolved_by") == "amended":
            return Suppressed("read again, it is no incident any more, and nobody was told of it", "untold")
        return _notice(incident, window_end, "opened", f"{_began(incident, window_end)}, over by now")
    return Suppressed("it was over before it was ever told", "untold")


def ended(incident: Mapping[str, Any]) -> str:
    """How an incident ended: ``resolved after 1 h 15 min, 1,240 events``; by whom, or that it was taken back, where that is so."""
    lasted = lasting(incident["last_window"] + WINDOW - incident["opened_window"])
    much = f"{lasted}, {counted(int(incident['event_count']), 'event')}"
    by = incident.get("resolved_by")
    if by == "amended":
        return f"amended: read again, its windows hold no incident any more (it was told with {much})"
    if by not in {None, "quiet"}:
        return f"resolved by {by} after {much}"
    return f"resolved after {much}" + (f"; {NEW_LEVEL}" if incident.get("level_accepted") else "")


def _began(incident: Mapping[str, Any], window_end: datetime) -> str:
    age = window_end - incident["opened_window"]
    return "opened" if age <= WINDOW else f"opened {lasting(age)} before the end of this run"


def _notice(incident: Mapping[str, Any], window_end: datetime, kind: NoticeKind, reason: str) -> Notice:
    severity = RESOLVED if kind == "resolved" or incident["status"] == "resolved" else incident["severity"]
    memory = {
        "notified_window": window_end - WINDOW,
        "notified_severity": severity,
        "notified_count": int(incident["peak_count"]),
        "notified_apps": sorted(incident["apps"]),
    }
    return Notice(kind, reason, memory)
