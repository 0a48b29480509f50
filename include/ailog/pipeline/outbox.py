"""The outbox for people: the life of each message, and refused ones queued again."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from psycopg.rows import dict_row

from ailog.errors import ConfigError
from ailog.pipeline import families
from ailog.ports import Store

_PREFIX: Final = re.compile(r"[0-9a-f][0-9a-f-]{3,35}")


def listed(store: Store, *, prefix: str | None, channel: str | None, status: str | None, limit: int) -> list[dict[str, Any]]:
    """Messages, newest first; each with its ``deliveries`` when one is asked for by the beginning of its id.

    Raises ConfigError for what is no id, or when no message has it.
    """
    values = {"prefix": checked(prefix), "channel": channel, "status": status, "limit": limit}
    with store.connection("list messages") as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(store.statement("outbox/list"), values).fetchall()
        if prefix is not None:
            if not rows:
                raise ConfigError(f"no message has an id that begins with {prefix!r}: 'ailog notify --show' lists them")
            for row in rows:
                row["deliveries"] = cursor.execute(store.statement("outbox/deliveries"), {"message_id": row["message_id"]}).fetchall()
    return rows


def again(store: Store, *, prefix: str | None, channel: str | None, actor: str, now: datetime) -> list[dict[str, Any]]:
    """Queues failed messages again, all of them or those that are asked for; returns them. What was sent is never sent again.

    Raises:
        ConfigError: one message was asked for and there is none of that id, several, or one that did not fail.
    """
    asked = checked(prefix)
    with store.connection("queue messages again") as connection, connection.cursor(row_factory=dict_row) as cursor:
        if asked is not None:
            found = cursor.execute(
                store.statement("outbox/list"), {"prefix": asked, "channel": channel, "status": None, "limit": 2}
            ).fetchall()
            if len(found) != 1:
                raise ConfigError(f"{'several messages have' if found else 'no message has'} an id that begins with {prefix!r}")
            if found[0]["status"] != "failed":
                raise ConfigError(f"the message {found[0]['message_id'][:8]} is {found[0]['status']}: only one that failed is queued again")
        rows = cursor.execute(store.statement("outbox/queue_again"), {"prefix": asked, "channel": channel, "now": now}).fetchall()
        for row in rows:
            detail = {"channel": row["channel"], "last_error": row["last_error"]}
            families.audit(store, connection, actor=actor, action="message again", subject=row["message_id"], detail=detail)
    return rows


def checked(prefix: str | None) -> str | None:
    """The beginning of an id as it is stored. Raises ConfigError for what cannot be one."""
    if prefix is None:
        return None
    asked = prefix.strip().lower()
    if not _PREFIX.fullmatch(asked):
        raise ConfigError(f"{prefix!r} is no id of a message: give it, or its first characters (at least 4), as in 6f0c5ab4")
    return asked
