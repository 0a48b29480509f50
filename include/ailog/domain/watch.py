"""What is wrong with the analyzer itself, decided on rows that were stored: one rule an alarm, and when an alarm is told.

A rule gets the facts and gives the alarms that hold now; it knows nothing of those that were told before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from ailog.domain.digest import build_alarm
from ailog.domain.masking import mask_text
from ailog.domain.message import Message
from ailog.domain.wording import counted, head, lasting, one_line, utc
from ailog.settings import Settings, Severity

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong now. ``key`` is the same for as long as it lasts."""

    key: str
    title: str
    reason: str
    remedy: str
    severity: Severity = "critical"
    avoid: frozenset[str] = frozenset()
    """Channels that cannot carry it."""
    told: bool = False
    """Whether somebody else has told that it began."""
    once: bool = False
    """Whether it is told once: no reminder, and its end is no news."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stored of the analyzer's own life, newest rows first.

    ``runs``: regular runs that are over, with their ``sources``; ``begun``: the newest run of each kind; ``backfills``: backfills that are
    over; ``shares``: of the last hour and the week before; ``snapshot``: when the thresholds in use were learnt, None without any.
    """

    now: datetime
    first_run: datetime | None = None
    last_complete: datetime | None = None
    runs: Sequence[Row] = ()
    begun: Sequence[Row] = ()
    backfills: Sequence[Row] = ()
    shares: Row = field(default_factory=dict)
    snapshot: datetime | None = None
    pages: Sequence[Row] = ()
    channels: Sequence[Row] = ()
    missing_partitions: Sequence[str] = ()
    next_month: datetime | None = None
    calendar: Sequence[Row] = ()
    silences: Sequence[Row] = ()


def judge(facts: Facts, settings: Settings) -> list[Alarm]:
    """Every alarm that holds now, by key."""
    found = [alarm for rule in RULES for alarm in rule(facts, settings)]
    failing = frozenset(alarm.key.removeprefix("channel ") for alarm in found if alarm.key.startswith("channel "))
    masked = (replace(alarm, reason=mask_text(alarm.reason), avoid=alarm.avoid | failing) for alarm in found)
    return sorted(masked, key=lambda alarm: alarm.key)


def _no_complete_run(facts: Facts, settings: Settings) -> list[Alarm]:
    """Silent where nothing ever ran, and while dead sources explain it: they have alarms of their own."""
    since = facts.last_complete or facts.first_run
    limit = timedelta(minutes=settings.watch.complete_run_minutes)
    if since is None or facts.now - since <= limit or _dead_sources(facts, settings):
        return []
    last = "no regular run has ended yet"
    if facts.runs:
        newest = facts.runs[0]
        last = f"the newest run that ended is {newest['status']}" + (
            f" ({head(one_line(newest['error']), 300)})" if newest["error"] else ""
        )
    began = f"since {utc(facts.last_complete)}" if facts.last_complete else "at all"
    return [
        Alarm(
            "no complete run",
            f"no complete run for {lasting(limit)}",
            f"no regular run was complete {began}; {last}",
            "see in Airflow whether regular_phase is paused, waits or fails, and whether the scheduler runs; what is missing is caught up "
            "by the next run, or by 'ailog run'",
        )
    ]


def _stuck_runs(facts: Facts, settings: Settings) -> list[Alarm]:
    """A run past its deadline, unless a newer one of its kind has begun: then it is dead and its windows are the newer one's."""
    limits = {"regular": settings.watch.run_minutes, "backfill": settings.watch.backfill_minutes}
    return [
        Alarm(
            f"stuck {run['kind']}",
            f"the {run['kind']} run has been going on for more than {lasting(timedelta(minutes=limits[run['kind']]))}",
            f"run {run['run_id']} of {utc(run['window_from'])} to {utc(run['window_to'])} began {utc(run['started_at'])} and has not ended",
            f"see in Airflow which task of {run['triggered_by'] or 'it'} waits or repeats; 'ailog ledger --status running' shows the run",
            severity="high",
        )
        for run in facts.begun
        if run["status"] == "running" and facts.now - run["started_at"] > timedelta(minutes=limits.get(run["kind"], 10**6))
    ]


def _failed_backfills(facts: Facts, settings: Settings) -> list[Alarm]:
    needed = settings.watch.failed_backfills
    failed = list(_leading(facts.backfills, lambda run: run["status"] in {"failed", "partial"}))
    if len(failed) < needed:
        return []
    days = sorted({f"{run['window_from']:%Y-%m-%d}" for run in failed})
    return [
        Alarm(
            "failed backfills",
            f"{counted(needed, 'backfill')} in a row failed",
            f"no final word on {', '.join(days[-5:])}; the last error: {head(one_line(failed[0]['error']), 300) or 'none on record'}",
            "mend what the error names, then clear the runs of daily_backfill or run 'ailog backfill --from DAY --to DAY'",
        )
    ]


def _dead_sources(facts: Facts, settings: Settings) -> list[Alarm]:
    needed = settings.watch.failed_reads
    recent = [{source["source"]: source for source in run["sources"]} for run in facts.runs]
    alarms = []
    for name in sorted(recent[0]) if recent else ():
        failed = _leading([sources.get(name) for sources in recent], lambda source: source is not None and source["status"] != "complete")
        if len(failed) >= needed:
            reason = head(one_line(failed[0]["error"]), 300) or "no reason on record"
            alarms.append(
                Alarm(
                    f"source {name}",
                    f"the source {name} cannot be read",
                    f"{counted(needed, 'run')} in a row or more went without it: {reason}",
                    "see whether it is up and its connection right ('ailog doctor'); its windows are read as soon as it answers",
                )
            )
    return alarms


def _jumps(facts: Facts, settings: Settings) -> list[Alarm]:
    watch, shares = settings.watch, facts.shares
    if not shares or min(shares["events"] or 0, shares["events_before"] or 0) < watch.least_events:
        return []
    told = {
        "unknown": (
            watch.unknown_jump,
            "of the events have no category",
            "'ailog stats' shows which problems are new among them; add rules to the bundle of classification.rules",
        ),
        "overflow": (
            watch.overflow_jump,
            "of the events are past the kinds that are kept apart",
            "'ailog families show' names the namespaces that do not categorise and why",
        ),
    }
    alarms = []
    for name, (jump, words, remedy) in told.items():
        now, before = float(shares[name] or 0), float(shares[f"{name}_before"] or 0)
        if now - before >= jump:
            reason = f"{now:.0%} in the last hour, {before:.0%} in the week before"
            alarms.append(Alarm(f"{name} share", f"{now:.0%} {words}", reason, remedy, severity="medium"))
    return alarms


def _old_thresholds(facts: Facts, settings: Settings) -> list[Alarm]:
    limit = timedelta(days=settings.watch.thresholds_days)
    if facts.first_run is None or (facts.snapshot is not None and facts.now - facts.snapshot <= limit):
        return []
    since = facts.snapshot or facts.first_run
    if facts.snapshot is None and facts.now - since <= timedelta(days=1):
        return []  # just installed: the first days collect what thresholds are learnt from
    known = f"the snapshot in use was learnt up to {utc(facts.snapshot)}" if facts.snapshot else "there is no snapshot at all"
    return [
        Alarm(
            "old thresholds",
            f"thresholds are older than {lasting(limit)}" if facts.snapshot else "there are no thresholds",
            f"{known}; every window is judged by it",
            "see why weekly_thresholds does not succeed, or train one now with 'ailog thresholds'",
            severity="medium",
        )
    ]


def _waiting_pages(facts: Facts, settings: Settings) -> list[Alarm]:
    """Whoever publishes has told of it after ``confluence.retry.alarm_after_minutes``; this one reminds of it and tells its end."""
    if not settings.confluence.enabled:
        return []
    late = [page for page in facts.pages if facts.now - page["wanted_at"] > timedelta(minutes=settings.watch.pages_minutes)]
    if not late:
        return []
    titles = ", ".join(repr(head(one_line(page["title"]), 60)) for page in late[:3])
    began = min(page["wanted_at"] for page in late)
    return [
        Alarm(
            "confluence",
            "Confluence takes no pages",
            f"{counted(len(late), 'page')} waiting since {utc(began)}: {titles}; {head(one_line(late[0]['last_error']), 300)}",
            "mend what the message names; the pages follow by themselves, or at once with 'ailog publish'",
            severity="high",
            told=settings.confluence.retry.alarm_after_minutes <= settings.watch.pages_minutes,
        )
    ]


def _failing_channels(facts: Facts, settings: Settings) -> list[Alarm]:
    limit = timedelta(minutes=settings.watch.channel_minutes)
    alarms = []
    for row in facts.channels:
        if facts.now - row["failing_since"] >= limit:
            waiting = counted(row["waiting"], "message")
            alarms.append(
                Alarm(
                    f"channel {row['channel']}",
                    f"the channel {row['channel']} takes no messages",
                    f"nothing was taken since {utc(row['failing_since'])}, {waiting} not sent: {head(one_line(row['detail']), 300)}",
                    "mend what the message names; what waits is sent by itself, what was refused with 'ailog notify --failed'",
                    avoid=frozenset({row["channel"]}),
                )
            )
    return alarms


def _partitions(facts: Facts, settings: Settings) -> list[Alarm]:
    if not facts.missing_partitions or facts.next_month is None:
        return []
    if facts.next_month - facts.now > timedelta(days=settings.watch.partition_days):
        return []
    return [
        Alarm(
            "partitions",
            "partitions of the next month are missing",
            f"there is none for {facts.next_month:%Y-%m} of {', '.join(facts.missing_partitions)}",
            "run 'ailog migrate' with the owner's connection, which mends rights and functions; the next run makes what it needs",
            severity="high",
        )
    ]


def _expiring(facts: Facts, settings: Settings) -> list[Alarm]:
    soon = timedelta(hours=settings.watch.silence_hours)
    found = [
        Alarm(
            f"calendar {row['id']}",
            f"the calendar entry {row['id']} {'has expired' if row['state'] == 'expired' else 'expires soon'}",
            f"{row['kind']} of {head(one_line(row['owner']), 80)} ends {utc(row['ends'])}: {head(one_line(row['reason']), 200)}",
            "write it anew with a later end, or remove it ('ailog calendar')",
            severity="low",
            once=True,
        )
        for row in facts.calendar
    ]
    return found + [
        Alarm(
            f"silence {row['silence_id']}",
            f"the silence {row['silence_id']} ends soon",
            f"it ends {utc(row['expires_at'])}, of {head(one_line(row['owner']), 80)}: {head(one_line(row['reason']), 200)}",
            "let it end, or make a new one ('ailog silence')",
            severity="low",
            once=True,
        )
        for row in facts.silences
        if row["expires_at"] - row["created_at"] > soon >= row["expires_at"] - facts.now
    ]


RULES: Final[tuple[Callable[[Facts, Settings], list[Alarm]], ...]] = (
    _no_complete_run,
    _stuck_runs,
    _failed_backfills,
    _dead_sources,
    _jumps,
    _old_thresholds,
    _waiting_pages,
    _failing_channels,
    _partitions,
    _expiring,
)


def _leading(rows: Sequence[Any], holds: Callable[[Any], bool]) -> list[Any]:
    """The rows at the front for which it holds."""
    end = next((place for place, row in enumerate(rows) if not holds(row)), len(rows))
    return list(rows[:end])


def pause(times_told: int, settings: Settings) -> timedelta:
    """How long an alarm that was told so often is not told again."""
    watch = settings.watch
    return timedelta(minutes=min(watch.remind_most_minutes, watch.remind_minutes * 2.0 ** min(max(times_told, 1) - 1, 30)))


def channels(settings: Settings, avoid: Collection[str], known: Sequence[str]) -> list[str]:
    """The channels that carry an alarm: those of the alarms that work, else any other that works, else the alarms' own all the same."""
    own: list[str] = list(dict.fromkeys(settings.watch.channels or settings.notify.channels))
    return [name for name in own if name not in avoid] or [name for name in known if name not in avoid] or own


def messages(
    alarm: Alarm, settings: Settings, known: Sequence[str], *, opened_at: datetime, now: datetime, times_told: int, ended: bool = False
) -> list[Message]:
    """One message a channel: the alarm as it opens (never told before), a reminder, or its end. The same news has the same ids."""
    lasted = lasting(now - opened_at)
    title = f"recovered: {alarm.title}" if ended else f"still: {alarm.title}" if times_told else alarm.title
    facts = {
        "Open since": utc(opened_at),
        **({"Lasted": lasted} if ended else {"For": lasted, "Told": f"{times_told} times before"} if times_told else {}),
    }
    notify = settings.notify.model_copy(update={"channels": channels(settings, alarm.avoid, known)})
    found = build_alarm(
        title=title,
        reason=f"recovered after {lasted}; it was: {alarm.reason}" if ended else alarm.reason,
        remedy="nothing is left to do" if ended else alarm.remedy,
        facts=facts,
        settings=settings.model_copy(update={"notify": notify}),
        subject_key=f"watch|{alarm.key}|{utc(opened_at)}|{times_told}|{ended}",
    )
    severity = "info" if ended else alarm.severity
    return [replace(message, body={**message.body, "severity": severity}) for message in found]
