"""The morning summary of a UTC day: read from stored rows, put into the outbox once, and again only when something material changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Json

from ailog.domain.message import Message
from ailog.domain.summary import WINDOWS_A_DAY, DayWord, build, differences, material
from ailog.errors import ConfigError
from ailog.pipeline import notices, report_facts
from ailog.ports import Store
from ailog.settings import Settings

Links = Sequence[tuple[str, str]]

_SPACE: Final = UUID("2d1c7a53-6b0e-5d5f-8f1e-0d2f5b8a9c11")
_DAY: Final = timedelta(days=1)
_AMENDMENTS: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """What was decided of a day: ``outcome`` is told, amended, same (as was told before) or older (than yesterday)."""

    day: datetime
    outcome: str
    messages: int = 0


def summary(store: Store, settings: Settings, run_id: str, now: datetime, *, links: Links = ()) -> dict[str, int]:
    """Tells the day of a finished or failed backfill run, once per UTC day; for a run over several days, yesterday alone.

    A complete day is told from ``notify.summary.hour`` of the next day on, one that is not at once and with the reason. A later run tells
    it again, as amended, when it was completed, its incidents or their severities differ, or its total moved by more than
    ``notify.summary.amend_share``. Days before yesterday are told of only when people had been told that they are not complete: history
    that is replayed tells nothing.

    Returns:
        Counts under ``told``, ``amended``, ``same`` and ``older`` (days) and ``messages``; empty for a run of another kind, for one that
        never was on record (a dry run), and where the summary is switched off.
    """
    if not settings.notify.summary.enabled:
        return {}
    with store.connection("look up the run") as connection:
        runs = _rows(store, connection, "publish/run_row", run_id=run_id)
    if not runs or runs[0]["kind"] != "backfill":
        return {}
    counts = dict.fromkeys(("told", "amended", "same", "older", "messages"), 0)
    for day in _days(runs[0]):
        told = tell_day(store, settings, day, now, run_id=run_id, links=links)
        counts[told.outcome] += 1
        counts["messages"] += told.messages
    return counts


def tell_day(
    store: Store,
    settings: Settings,
    day: datetime,
    now: datetime,
    *,
    run_id: str | None = None,
    links: Links = (),
    only_complete: bool = False,
) -> Told:
    """Puts the summary of one day into the outbox unless it was told before; see ``summary``.

    With ``only_complete`` a day without its final word is left alone (``same``). Raises ConfigError for a day that is not over.
    """
    if day + _DAY > now:
        raise ConfigError(f"{day:%Y-%m-%d} is not over yet: a summary tells of a whole UTC day")
    with store.connection("claim a day") as connection:
        yesterday = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - _DAY
        if day < yesterday and not _awaited(store, connection, day):
            return Told(day, "older")
        # Claimed before it is read: of two at once the later one reads what the earlier one told.
        connection.execute(store.statement("notify/claim_day"), {"day": day.date(), "now": now})
        before = _rows(store, connection, "notify/day_summary", day=day.date())[0]
        word = read_day(store, settings, day, run_id=run_id, links=links)
        if only_complete and not word.complete:
            connection.rollback()  # no claim remains
            return Told(day, "same")
        changed = differences(before["material"], material(word), settings.notify.summary.amend_share) if before["revision"] else []
        if before["revision"] and not changed:
            return Told(day, "same")
        return _put(store, settings, connection, word, before, changed, run_id, now)


def read_day(store: Store, settings: Settings, day: datetime, *, run_id: str | None = None, links: Links = ()) -> DayWord:
    """What there is to tell of a day, in one snapshot of the database; with the run that read it last, if it is given."""
    since, until = day, day + _DAY
    with report_facts.snapshot(store, "read a day") as connection:
        facts = report_facts.of_span(store, connection, since, until, settings)
        runs = _rows(store, connection, "publish/run_row", run_id=run_id) if run_id else []
        run = {**runs[0], "sources": _rows(store, connection, "publish/run_sources", run_id=run_id)} if runs else None
        span = {"run_id": run_id, "since": since, "until": until}
        late = None
        if run is not None and run["windows"] == WINDOWS_A_DAY and run["stored"] is not None:
            found = _rows(store, connection, "reports/late", **span, windows=WINDOWS_A_DAY)[0]["stored_before"]
            late = None if found is None else int(run["stored"]) - int(found)
        amendments = _rows(store, connection, "reports/amendments", **span, limit=_AMENDMENTS)
        kept_back = {row["stage"]: row["incidents"] for row in _rows(store, connection, "notify/kept_back", **span)}
        failed = int(_rows(store, connection, "notify/failed_runs", **span)[0]["failed"])
    return DayWord(day, facts, run, failed, late, [row for row in amendments if row["day"] == day.date()], kept_back, links)


def _put(
    store: Store,
    settings: Settings,
    connection: psycopg.Connection,
    word: DayWord,
    before: Mapping[str, Any],
    changed: Sequence[str],
    run_id: str | None,
    now: datetime,
) -> Told:
    day, revision = word.start, before["revision"] + 1
    subject, body = build(word, settings, amended=changed)
    fresh_subject, fresh_body = build(word, settings)
    not_before = day + _DAY + timedelta(hours=settings.notify.summary.hour) if word.complete else None
    for channel in dict.fromkeys(settings.notify.channels):
        waiting = {
            "message_ids": [_message_id(day, number, channel) for number in range(1, revision)],
            "subject": fresh_subject,
            "body": Json(fresh_body, dumps=lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True)),
            "run_id": run_id,
        }
        if connection.execute(store.statement("notify/replace_waiting"), waiting).rowcount == 0:
            message = Message(_message_id(day, revision, channel), channel, "summary", subject, body)
            notices.put(store, connection, message, run_id=run_id, now=now, not_before=not_before)
    values = {
        "day": day.date(),
        "revision": revision,
        "run_id": run_id,
        "complete": word.complete,
        "material": Json(material(word)),
        "now": now,
    }
    connection.execute(store.statement("notify/remember_day"), values)
    return Told(day, "amended" if changed else "told", len(dict.fromkeys(settings.notify.channels)))


def _message_id(day: datetime, revision: int, channel: str) -> str:
    return str(uuid5(_SPACE, f"{day.astimezone(UTC):%Y-%m-%d}|{revision}|{channel}"))


def _awaited(store: Store, connection: psycopg.Connection, day: datetime) -> bool:
    """Whether people know the day as not complete."""
    found = _rows(store, connection, "notify/day_summary", day=day.date())
    return bool(found) and not found[0]["complete"]


def _days(run: Mapping[str, Any]) -> list[datetime]:
    """The whole UTC days of a run, oldest first."""
    first = run["window_from"].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [first + number * _DAY for number in range(-(-(run["window_to"] - first) // _DAY))]
    return [day for day in days if day >= run["window_from"] and day + _DAY <= run["window_to"]]


def _rows(store: Store, connection: psycopg.Connection, name: str, **values: Any) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(name), values).fetchall()
