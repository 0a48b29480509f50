"""Records that last: problems (KP-) and known peaks (PK-). Counts are made from events when a run is published; people say the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ailog.domain.exports import scope
from ailog.domain.known import STATUSES
from ailog.domain.masking import mask_text
from ailog.errors import PermanentError
from ailog.pipeline import families, known_issues
from ailog.ports import Store

_CLOSED: Final = frozenset({"resolved"})


def refresh(
    store: Store, connection: psycopg.Connection, values: Mapping[str, Any], problems: Iterable[str], incidents: list[dict[str, Any]]
) -> None:
    """Brings known peaks up to date with the windows that a run changed, and tells its incidents what is known of them from before.

    Counts are made anew from all windows of a peak's category and flow, so that reading a window again changes nothing. ``problems`` are
    the keys of everything that the run may have changed; to the rows of ``incidents`` the columns of ``sql/regression/records`` are added.
    """
    bases = {":".join(key.split(":")[:2]) for key in problems}
    bases |= {str(row[0]) for row in connection.execute(store.statement("peaks/unmade")).fetchall()}
    wanted = {**values, "bases": sorted(bases), "incidents": [row["incident_id"] for row in incidents]}
    for name in ("peaks/new", "peaks/refresh", "peaks/put_incidents", "regression/link"):
        connection.execute(store.statement(name), wanted)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = {row["incident_id"]: row for row in cursor.execute(store.statement("regression/records"), wanted).fetchall()}
    for row in incidents:
        row.update(found.get(row["incident_id"], {}))


def problems(store: Store, *, status: str | None = None, namespace: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Problem records, newest first, each with its scope (SYSTEMIC, CROSS_NS, LOCAL)."""
    return _problems(store, status, namespace, None, limit)


def problem(store: Store, name: str) -> dict[str, Any]:
    """A problem by its id or key, with its fixes (``resolutions``). Raises PermanentError when there is none."""
    found = _problems(store, None, None, name, 1)
    if not found:
        raise _no_problem(name)
    with store.connection("show a problem") as connection, connection.cursor(row_factory=dict_row) as cursor:
        values = {"kind": "problem", "subject": found[0]["problem_key"]}
        return {**found[0], "resolutions": cursor.execute(store.statement("known/resolutions"), values).fetchall()}


def annotate_problem(store: Store, name: str, changes: Mapping[str, str | None], *, actor: str) -> dict[str, Any]:
    """Writes ticket, owner, notes and status of a problem; None leaves a field, an empty text clears it. Returns id, key and status.

    Raises:
        PermanentError: no such problem, nothing to write, or a status that is unknown or needs ``resolve_problem`` or ``reopen_problem``.
    """
    given = _given(changes)
    with store.connection("annotate a problem") as connection:
        row = _found(store, connection, name)
        status = given.get("status", row["status"])
        if status != row["status"] and _CLOSED & {status, row["status"]}:
            word = "resolve" if status == "resolved" else "reopen"
            raise PermanentError(f"'ailog problems {word} {name}' says so: it keeps when that was")
        values = {"ticket": None, "owner": None, "notes": None, "status": None, **given, "subject": row["problem_key"]}
        connection.execute(store.statement("problems/annotate"), values)
        families.audit(store, connection, actor=actor, action="problems annotate", subject=row["problem_key"], detail=given)
        return {"problem_id": row["problem_id"], "problem_key": row["problem_key"], "status": status}


def resolve_problem(
    store: Store, name: str, *, fixed_in: str | None, actor: str, now: datetime, at: datetime | None = None
) -> dict[str, Any]:
    """Declares a problem fixed from ``at`` on (default: now); what is seen after that is judged as coming back. Returns id, key, status.

    Raises:
        PermanentError: no such problem; it is resolved already and no other version is given; a version or time that cannot be.
    """
    with store.connection("resolve a problem") as connection:
        row = _found(store, connection, name)
        if row["status"] == "resolved" and fixed_in in {None, row["fixed_in"]}:
            raise PermanentError(f"the problem {name} is resolved already: give the version that it is fixed in now, or reopen it first")
        subject = row["problem_key"]
        known_issues.declare(store, connection, "problem", subject, fixed_in=fixed_in, by=actor, at=at or now, now=now)
        families.audit(store, connection, actor=actor, action="problems resolve", subject=subject, detail={"fixed_in": fixed_in})
        return {"problem_id": row["problem_id"], "problem_key": subject, "status": "resolved"}


def reopen_problem(store: Store, name: str, *, status: str = "open", actor: str, now: datetime) -> dict[str, Any]:
    """Takes back that a problem is resolved or not to be fixed, from now on. Returns id, key and status; raises PermanentError as above."""
    with store.connection("reopen a problem") as connection:
        row = _found(store, connection, name)
        if row["status"] not in {"resolved", "wont_fix"}:
            raise PermanentError(f"the problem {name} is {row['status'].replace('_', ' ')}: there is nothing to reopen")
        subject = row["problem_key"]
        known_issues.take_back(store, connection, "problem", subject, status=status, by=actor, now=now)
        families.audit(store, connection, actor=actor, action="problems reopen", subject=subject, detail={"status": row["status"]})
        return {"problem_id": row["problem_id"], "problem_key": subject, "status": status}


def peaks(store: Store, *, status: str | None = None, namespace: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Known peaks, newest first."""
    return _peaks(store, status, namespace, None, limit)


def peak(store: Store, name: str, limit: int) -> dict[str, Any]:
    """A known peak by its id or key, with its newest incidents. Raises PermanentError when there is none."""
    found = _peaks(store, None, None, name, 1)
    if not found:
        raise PermanentError(f"there is no known peak {name!r}: 'ailog peaks list' names them, by id and key")
    values = {"base": f"{found[0]['category']}:{found[0]['flow']}", "peak_type": found[0]["peak_type"], "limit": limit}
    with store.connection("show a known peak") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return {**found[0], "incidents": cursor.execute(store.statement("peaks/incidents"), values).fetchall()}


def annotate_peak(store: Store, name: str, changes: Mapping[str, Any], *, actor: str) -> dict[str, Any]:
    """Writes ticket, owner, notes, status, mitigation and ``typical_minutes`` of a known peak; as ``annotate_problem``."""
    given = _given(changes)
    empty = dict.fromkeys(("ticket", "owner", "notes", "status", "mitigation", "typical_minutes"))
    with store.connection("annotate a known peak") as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(store.statement("peaks/annotate"), {**empty, **given, "name": name}).fetchone()
        if row is None:
            raise PermanentError(f"there is no known peak {name!r}: 'ailog peaks list' names them, by id and key")
        families.audit(store, connection, actor=actor, action="peaks annotate", subject=row["peak_id"], detail=given)
        return dict(row)


def _given(changes: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: mask_text(value).strip() if isinstance(value, str) else value for name, value in changes.items() if value is not None}
    if not given:
        raise PermanentError("nothing to write: give a ticket, an owner, notes or a status")
    if "status" in given and given["status"] not in STATUSES:
        raise PermanentError(f"the status {given['status']!r} is not one of {', '.join(STATUSES)}")
    return given


def _problems(store: Store, status: str | None, namespace: str | None, name: str | None, limit: int) -> list[dict[str, Any]]:
    values = {"status": status, "namespace": namespace, "name": name, "limit": limit}
    with store.connection("list problems") as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(store.statement("problems/list"), values).fetchall()
    return [{**row, "scope": scope(len(row["namespaces"]), len(row["apps"]))} for row in rows]


def _peaks(store: Store, status: str | None, namespace: str | None, name: str | None, limit: int) -> list[dict[str, Any]]:
    values = {"status": status, "namespace": namespace, "name": name, "limit": limit}
    with store.connection("list known peaks") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement("peaks/list"), values).fetchall()


def _found(store: Store, connection: psycopg.Connection, name: str) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(store.statement("problems/find"), {"name": name}).fetchone()
    if row is None:
        raise _no_problem(name)
    return row


def _no_problem(name: str) -> PermanentError:
    return PermanentError(f"there is no problem {name!r}: 'ailog problems list' names them, by id and key")
