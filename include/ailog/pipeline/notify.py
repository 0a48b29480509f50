"""Sends what is due in the outbox. A channel that fails costs nothing but time: the message stays until it is taken or given up.

A message is taken in a transaction of its own before it is sent, so a sender that is killed leaves a trace and its message falls due again
when the lease ends. Killed between the channel's answer and the record of it, a message is sent twice; never is one lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from psycopg.rows import dict_row

from ailog.domain.masking import mask_text
from ailog.domain.message import Message
from ailog.domain.wording import clean, head, lasting
from ailog.errors import PermanentError, TransientError
from ailog.ports import Clock, Notifier, Store
from ailog.settings import SendRetry, Settings

LEASE: Final = timedelta(minutes=5)
"""How long a sender may be silent before its message is due again."""

_MAX_DETAIL: Final = 500
# What a defect in one channel can raise; it must not keep the messages of the others back.
_DEFECTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


class _Outcome(NamedTuple):
    outcome: str
    detail: str
    retry_after: float | None = None
    channel_down: bool = False


def notify(store: Store, notifiers: Mapping[str, Notifier], settings: Settings, clock: Clock) -> dict[str, int]:
    """Sends every due message once, oldest first, and records what became of each.

    A channel that does not answer is left alone for the rest of the pass. A message is tried again after a pause that doubles
    (``notify.retry``), or after what the channel asked for if that is longer, until it is ``give_up_hours`` old. A channel's failure is
    never raised; errors of the store are.

    Returns:
        Counts under ``sent``, ``retry`` (due again later) and ``failed`` (given up, refused, unknown channel).
    """
    counts = Counter({"sent": 0, "retry": 0, "failed": 0})
    down: set[str] = set()
    while (row := _take(store, clock(), sorted(down))) is not None:
        outcome = _send(notifiers, row)
        if outcome.channel_down:
            down.add(row["channel"])
        counts[_record(store, row, outcome, settings.notify.retry, clock())] += 1
    return dict(counts)


def _take(store: Store, now: datetime, skipped: list[str]) -> dict[str, Any] | None:
    values = {"now": now, "lease_until": now + LEASE, "skipped_channels": skipped}
    with store.connection("take a message from the outbox") as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(store.statement("outbox/take_due"), values).fetchone()
        if row is not None and row["previous_status"] == "sending":
            detail = "the sender ended without a word: the message may have been sent, it is sent again"
            cursor.execute(store.statement("outbox/put_delivery"), _delivery(row, "retry", detail, now, attempt=row["attempts"] - 1))
        return row


def _send(notifiers: Mapping[str, Notifier], row: Mapping[str, Any]) -> _Outcome:
    channel = row["channel"]
    notifier = notifiers.get(channel)
    if notifier is None:
        known = ", ".join(sorted(notifiers)) or "none"
        return _Outcome("refused", f"no channel is called {channel!r}; switched on: {known}")
    message = Message(str(row["message_id"]), channel, row["kind"], row["subject"], row["body"])
    try:
        delivery = notifier.send(message)
    except TransientError as error:
        return _Outcome("retry", str(error), error.retry_after, channel_down=True)
    except PermanentError as error:
        return _Outcome("refused", f"{type(error).__name__}: {error}")
    except _DEFECTS as error:
        # Without the text: it is not known to be free of secrets.
        return _Outcome("retry", f"the channel {channel} failed unexpectedly ({type(error).__name__})", channel_down=True)
    return _Outcome(delivery.outcome, delivery.detail)


def _record(store: Store, row: Mapping[str, Any], outcome: _Outcome, retry: SendRetry, now: datetime) -> str:
    """Writes the outcome and the message's new state in one transaction; returns the name that it is counted under."""
    detail = head(clean(mask_text(outcome.detail)), _MAX_DETAIL)
    counted, statement, result = "sent", "outbox/mark_sent", outcome.outcome
    age = now - row["created_at"]
    if outcome.outcome == "refused":
        counted, statement = "failed", "outbox/mark_failed"
    elif outcome.outcome == "retry" and age >= timedelta(hours=retry.give_up_hours):
        counted, statement, result = "failed", "outbox/mark_failed", "refused"
        detail = head(f"given up after {lasting(age)} and {row['attempts']} tries: {detail}", _MAX_DETAIL)
    elif outcome.outcome == "retry":
        counted, statement = "retry", "outbox/mark_retry"
    values = {
        "message_id": row["message_id"],
        "attempt": row["attempts"],
        "now": now,
        "next_attempt": now + pause(row["attempts"], outcome.retry_after, retry),
        "detail": detail,
    }
    with store.connection("record a delivery") as connection:
        connection.execute(store.statement(statement), values)
        connection.execute(store.statement("outbox/put_delivery"), _delivery(row, result, detail, now, attempt=row["attempts"]))
    return counted


def pause(attempts: int, retry_after: float | None, retry: SendRetry) -> timedelta:
    """How long to wait after the given number of tries: doubling from ``first_seconds`` to ``max_seconds``, or longer when asked to."""
    doubled = min(retry.max_seconds, retry.first_seconds * 2.0 ** min(attempts - 1, 30))
    return timedelta(seconds=max(doubled, retry_after or 0.0))


def _delivery(row: Mapping[str, Any], outcome: str, detail: str, now: datetime, *, attempt: int) -> dict[str, Any]:
    return {
        "message_id": row["message_id"],
        "channel": row["channel"],
        "attempt": attempt,
        "now": now,
        "outcome": outcome,
        "detail": detail,
    }
