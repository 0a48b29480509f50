"""The watch over the analyzer itself: looks at what is stored, and keeps account of which alarm was told when.

Looking writes nothing, so a liveness probe may do it. Telling puts messages into the outbox in the transaction that keeps the account: an
alarm opens once, is told again after growing pauses, and ends with one word, however many watch and whoever is killed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ailog.domain import watch as rules
from ailog.domain.message import Message
from ailog.domain.watch import Alarm, Facts
from ailog.pipeline import calendar
from ailog.ports import Store
from ailog.settings import Settings

_RUNS: Final = 100
"""Runs looked at: more than any setting asks to be in a row."""


def watch(store: Store, settings: Settings, now: datetime) -> list[Alarm]:
    """Every alarm that holds at ``now``, by key; reads stored rows alone and writes nothing."""
    return rules.judge(_facts(store, settings, now), settings)


def tell(store: Store, settings: Settings, alarms: Sequence[Alarm], now: datetime, known: Sequence[str] = ()) -> dict[str, int]:
    """Puts what is new about the alarms into the outbox, and on record; ``known`` are the channels that can be used at all.

    Returns:
        Counts under ``opened``, ``reminded``, ``recovered`` and ``open``; in all, how many are open now.
    """
    counts = Counter({"opened": 0, "reminded": 0, "recovered": 0, "open": 0})
    with store.connection("keep account of alarms") as connection:
        connection.execute(store.statement("watch/lock"))
        account = {row["alarm_key"]: row for row in _rows(store, connection, "watch/open_alarms", {})}
        for alarm in alarms:
            counts[_holds(store, settings, connection, alarm, account.pop(alarm.key, None), now, known)] += 1
            counts["open"] += 1
        for row in account.values():
            counts[_gone(store, settings, connection, row, now, known)] += 1
        connection.execute(store.statement("watch/beat"), {"now": now})
    return {name: counts[name] for name in ("opened", "reminded", "recovered", "open")}


def say(store: Store, connection: psycopg.Connection, messages: Sequence[Message], now: datetime) -> None:
    """Puts messages into the outbox; the same message again adds nothing."""
    for message in messages:
        values = {
            "message_id": message.message_id,
            "channel": message.channel,
            "kind": message.kind,
            "run_id": None,
            "subject": message.subject,
            "body": Jsonb(dict(message.body)),
            "now": now,
        }
        connection.execute(store.statement("publish/put_message"), values)


def open_alarms(store: Store) -> list[dict[str, Any]]:
    """The alarms on record that are open."""
    with store.connection("list alarms") as connection:
        return _rows(store, connection, "watch/open_alarms", {})


def _holds(
    store: Store,
    settings: Settings,
    connection: psycopg.Connection,
    alarm: Alarm,
    row: Mapping[str, Any] | None,
    now: datetime,
    known: Sequence[str],
) -> str:
    """Keeps account of an alarm that holds; returns what became of it."""
    opened_at, told_at, times = (row["opened_at"], row["told_at"], row["times_told"]) if row else (now, now, 0)
    due = row is None or (not alarm.once and now - told_at >= rules.pause(times, settings))
    if due:
        if row is not None or not alarm.told:
            say(store, connection, rules.messages(alarm, settings, known, opened_at=opened_at, now=now, times_told=times), now)
        told_at, times = now, times + 1
    _put(store, connection, alarm, opened_at=opened_at, told_at=told_at, times_told=times)
    return "opened" if row is None else "reminded" if due else "same"


def _gone(
    store: Store, settings: Settings, connection: psycopg.Connection, row: Mapping[str, Any], now: datetime, known: Sequence[str]
) -> str:
    """Keeps account of an open alarm whose cause is not there: it ends when that has lasted."""
    alarm = Alarm(row["alarm_key"], row["title"], row["reason"], row["remedy"], severity=row["severity"], once=row["once"])
    since = row["gone_since"] or now
    over = now - since >= timedelta(minutes=settings.watch.settle_minutes)
    times = {"opened_at": row["opened_at"], "told_at": row["told_at"], "times_told": row["times_told"]}
    _put(store, connection, alarm, **times, gone_since=since, closed_at=now if over else None)
    if not over:
        return "open"
    if not alarm.once:
        said = rules.messages(alarm, settings, known, opened_at=row["opened_at"], now=now, times_told=row["times_told"], ended=True)
        say(store, connection, said, now)
    return "recovered"


def _put(store: Store, connection: psycopg.Connection, alarm: Alarm, **account: Any) -> None:
    values = {
        "alarm_key": alarm.key,
        "title": alarm.title,
        "reason": alarm.reason,
        "remedy": alarm.remedy,
        "severity": alarm.severity,
        "once": alarm.once,
        "gone_since": None,
        "closed_at": None,
        **account,
    }
    connection.execute(store.statement("watch/put_alarm"), values)


def _facts(store: Store, settings: Settings, now: datetime) -> Facts:
    month = (now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
    values = {
        "now": now,
        "limit": _RUNS,
        "month": f"{month:%Y-%m-%d}",
        "until": now + timedelta(hours=settings.watch.silence_hours),
    }
    with store.connection("watch the analyzer") as connection:
        found = {
            name: _rows(store, connection, f"watch/{name}", values)
            for name in ("runs", "begun", "backfills", "times", "shares", "pages", "channels", "partitions", "silences")
        }
    times = found["times"][0]
    return Facts(
        now=now,
        first_run=times["first_run"],
        last_complete=times["last_complete"],
        snapshot=times["snapshot"],
        runs=found["runs"],
        begun=found["begun"],
        backfills=found["backfills"],
        shares=found["shares"][0],
        pages=found["pages"],
        channels=found["channels"],
        missing_partitions=[row["relname"] for row in found["partitions"]],
        next_month=month,
        calendar=calendar.expiring(store, now, within=timedelta(days=settings.calendar.warn_days)),
        silences=found["silences"],
    )


def _rows(store: Store, connection: psycopg.Connection, name: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(name), values).fetchall()
