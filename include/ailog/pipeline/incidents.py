"""What people say of incidents: seen, over, not over, useful or not; every word is put on record with who said it and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

from ailog.domain.known import version_problem
from ailog.domain.masking import mask_text
from ailog.domain.wording import clean, head, local, short_key
from ailog.errors import ConfigError
from ailog.pipeline import families
from ailog.ports import Store

ACTIONS: Final = ("ack", "resolve", "reopen", "note", "useful", "not-useful")
_BY_ITSELF: Final = ("quiet", "amended")
_PREFIX: Final = re.compile(r"[0-9a-f][0-9a-f-]{3,35}")
_MAX_NOTE: Final = 1000
_STATEMENTS: Final = {
    "ack": "acknowledge",
    "resolve": "resolve",
    "reopen": "reopen",
    "note": "note",
    "useful": "judge",
    "not-useful": "judge",
}


def say(store: Store, action: str, prefix: str, *, by: str, note: str | None, now: datetime, fixed_in: str | None = None) -> dict[str, Any]:
    """Does one of ``ACTIONS`` to the incident whose id begins with ``prefix``; returns it as it is afterwards.

    Acknowledging stops reminders until it escalates, grows past what it is now, or comes back. What comes after a person resolved an
    incident is a new one, and a regression in a version not older than ``fixed_in`` or after a quiet period. Reopening takes back a
    person's word; an incident that ended by itself opens again when it comes back.

    Raises:
        ConfigError: no incident, or several, have such an id; or the action cannot be meant of it. Nothing is written then.
    """
    if by in _BY_ITSELF or not by.strip():
        raise ConfigError(f"{by!r} is no name of a person: the product itself resolves incidents under it; give another with --by")
    if wrong := version_problem(fixed_in):
        raise ConfigError(wrong)
    if fixed_in and action != "resolve":
        raise ConfigError(f"a version that it is fixed in comes with resolve, not with {action}")
    text = head(clean(mask_text(note)).strip(), _MAX_NOTE) if note else None
    with store.connection(f"{action} an incident") as connection:
        before = _found(store, connection, prefix)
        _check(action, before, text)
        values = {
            "incident_id": before["incident_id"],
            "by": by,
            "note": text,
            "now": now,
            "useful": action == "useful",
            "fixed_in": fixed_in,
        }
        connection.execute(store.statement(f"incidents/{_STATEMENTS[action]}"), values)
        detail = {
            "note": text,
            "fixed_in": fixed_in,
            "status": before["status"],
            "problem_key": before["problem_key"],
            "namespace": before["namespace"],
        }
        families.audit(store, connection, actor=by, action=f"incident {action}", subject=before["incident_id"], detail=detail)
        return _found(store, connection, before["incident_id"])


def history(store: Store, prefix: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The incident whose id begins with ``prefix``, and what people did to it, oldest first. Raises ConfigError as ``say``."""
    with store.connection("show an incident") as connection:
        found = _found(store, connection, prefix)
        with connection.cursor(row_factory=dict_row) as cursor:
            return found, cursor.execute(store.statement("incidents/history"), {"incident_id": found["incident_id"]}).fetchall()


def _found(store: Store, connection: psycopg.Connection, prefix: str) -> dict[str, Any]:
    asked = prefix.strip().lower()
    if not _PREFIX.fullmatch(asked):
        raise ConfigError(f"{prefix!r} is no id of an incident: give it, or its first characters (at least 4), as in 1b4e28ba")
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(store.statement("incidents/find"), {"prefix": asked}).fetchall()
    if not rows:
        raise ConfigError(f"no incident has an id that begins with {prefix!r}: 'ailog incidents' lists them")
    if len(rows) > 1:
        named = ", ".join(f"{row['incident_id'][:13]} ({short_key(row['problem_key'], 60)} in {row['namespace']})" for row in rows[:3])
        raise ConfigError(f"several incidents have an id that begins with {prefix!r}: {named}{' and more' if len(rows) > 3 else ''}")
    return rows[0]


def _check(action: str, incident: Mapping[str, Any], note: str | None) -> None:
    name, status = incident["incident_id"][:8], incident["status"]
    if action == "note" and not note:
        raise ConfigError("a note without words: give them with --note")
    if action == "ack" and status == "resolved":
        raise ConfigError(f"the incident {name} is over: there is nothing to acknowledge; 'ailog incidents note' adds words to it")
    if action == "resolve" and status == "resolved":
        raise ConfigError(f"the incident {name} is over already: resolved by {incident['resolved_by']} at {_at(incident)}")
    if action == "reopen" and status == "open":
        raise ConfigError(f"the incident {name} is open")
    if action == "reopen" and incident["resolved_by"] in _BY_ITSELF:
        how = "it was quiet" if incident["resolved_by"] == "quiet" else "its windows were read again and held no incident"
        raise ConfigError(f"the incident {name} ended at {_at(incident)} because {how}: it opens again by itself when it comes back")


def _at(incident: Mapping[str, Any]) -> str:
    return local(incident["resolved_at"], ZoneInfo("UTC"))
