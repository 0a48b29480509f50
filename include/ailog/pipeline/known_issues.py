"""Known issues as people keep them: added, changed, resolved, opened again, read from files and written to them; all of it on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ailog.domain import issue_files
from ailog.domain.known import Issue, problems, version_problem
from ailog.domain.masking import mask_text
from ailog.errors import PermanentError
from ailog.pipeline import families
from ailog.ports import Store

TEXTS: Final = ("ticket", "owner", "workaround", "permanent_fix", "notes")
"""What people write about an issue, beside what matches it."""
_MASKED: Final = ("title", "workaround", "permanent_fix", "notes")
_LISTS: Final = ("related", "apps", "namespaces")
_MATCHERS: Final = ("title", "fingerprint", "related", "category", "apps", "namespaces", "pattern")


def add(store: Store, issue: Issue, more: Mapping[str, str | None], *, actor: str, now: datetime | None = None) -> None:
    """Stores a known issue; ``more``: ``TEXTS`` and ``fixed_in``. One that is resolved needs ``now``.

    Raises:
        PermanentError: with everything that is wrong with it, or when the id is taken; nothing is written.
    """
    with store.connection("store a known issue") as connection:
        _add(store, connection, _row(issue, more), actor=actor, now=now)


def edit(store: Store, issue_id: str, changes: Mapping[str, Any], *, actor: str) -> dict[str, Any]:
    """Changes fields of an issue (those of ``Issue``, ``TEXTS``, ``fixed_in`` of one that is resolved); returns it as it is afterwards.

    None leaves a field as it is; an empty text or list clears it.

    Raises:
        PermanentError: no such issue, or what it would be makes no sense; nothing is written then.
    """
    with store.connection("change a known issue") as connection:
        return _edit(store, connection, issue_id, changes, actor=actor)


def resolve(store: Store, issue_id: str, *, fixed_in: str | None, actor: str, now: datetime, at: datetime | None = None) -> None:
    """Declares an issue fixed, from ``at`` on (default: now): what is seen after that is judged as coming back.

    Raises:
        PermanentError: no such issue; it is resolved already and no other version is given; a version that is no X.Y.Z; a time to come.
    """
    with store.connection("resolve a known issue") as connection:
        row = _found(store, connection, issue_id)
        if row["status"] == "resolved" and fixed_in in {None, row["fixed_in"]}:
            raise PermanentError(
                f"the known issue {issue_id!r} is resolved already: give the version that it is fixed in now, or reopen it first"
            )
        declare(store, connection, "issue", issue_id, fixed_in=fixed_in, by=actor, at=at or now, now=now)
        families.audit(store, connection, actor=actor, action="known resolve", subject=issue_id, detail={"fixed_in": fixed_in})


def reopen(store: Store, issue_id: str, *, status: str = "open", actor: str, now: datetime) -> None:
    """Takes back that an issue is resolved or not to be fixed, from now on; windows before are still read as they were.

    Raises:
        PermanentError: no such issue, one that is open, or a status that is not open.
    """
    with store.connection("reopen a known issue") as connection:
        row = _found(store, connection, issue_id)
        if row["status"] not in {"resolved", "wont_fix"}:
            raise PermanentError(f"the known issue {issue_id!r} is {row['status'].replace('_', ' ')}: there is nothing to reopen")
        take_back(store, connection, "issue", issue_id, status=status, by=actor, now=now)
        families.audit(store, connection, actor=actor, action="known reopen", subject=issue_id, detail={"status": row["status"]})


def shown(store: Store, issue_id: str, limit: int) -> dict[str, Any]:
    """An issue with its fixes (``resolutions``) and its newest incidents with how sure each match is. Raises PermanentError as ``edit``."""
    with store.connection("show a known issue") as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = _found(store, connection, issue_id)
        values = {"kind": "issue", "subject": issue_id, "issue_id": issue_id, "limit": limit}
        resolutions = cursor.execute(store.statement("known/resolutions"), values).fetchall()
        return {**row, "resolutions": resolutions, "incidents": cursor.execute(store.statement("known/incidents"), values).fetchall()}


def imported(store: Store, text: str, *, actor: str, now: datetime) -> dict[str, int]:
    """Reads a file of issues into the store, all or nothing: new ids are added, known ones changed to what the file says.

    Returns:
        How many were ``added``, ``changed`` and ``unchanged``.

    Raises:
        PermanentError: with everything that is wrong with the file.
    """
    issues, mistakes = issue_files.read(text)
    rows = [_of_file(issue) for issue in issues]
    for place, row in enumerate(rows, 1):
        mistakes += [f"issue {place} ({row['issue_id']}): {wrong}" for wrong in _wrong(row)]
    if mistakes:
        more = f"\n  and {len(mistakes) - 20} more" if len(mistakes) > 20 else ""
        raise PermanentError("nothing was imported; the file has mistakes:\n" + "\n".join(f"  {one}" for one in mistakes[:20]) + more)
    done = {"added": 0, "changed": 0, "unchanged": 0}
    with store.connection("import known issues") as connection:
        for row in rows:
            known = connection.execute(store.statement("known/get_issue"), row).fetchone() is not None
            if not known:
                _add(store, connection, row, actor=actor, now=row["resolved_at"] or now)
                done["added"] += 1
            else:
                done["changed" if _settle(store, connection, row, actor=actor, now=now) else "unchanged"] += 1
    return done


def exported(store: Store) -> str:
    """All known issues as a file that ``imported`` reads back."""
    with store.connection("export known issues") as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(store.statement("known/list")).fetchall()
    ordered = sorted(rows, key=lambda row: row["issue_id"])
    return issue_files.written([{**row, "id": row["issue_id"]} for row in ordered])


def declare(
    store: Store, connection: psycopg.Connection, kind: str, subject: str, *, fixed_in: str | None, by: str, at: datetime, now: datetime
) -> None:
    """Writes down that an issue or a problem is fixed. Raises PermanentError for a version or time that cannot be."""
    if wrong := version_problem(fixed_in):
        raise PermanentError(wrong)
    if at > now:
        raise PermanentError(f"{at.isoformat()} is still to come: give the time when it was fixed, or leave it out")
    values = {"kind": kind, "subject": subject, "fixed_in": fixed_in, "by": by, "at": at}
    connection.execute(store.statement("known/put_resolution"), values)
    connection.execute(store.statement("known/resolve_issue" if kind == "issue" else "problems/resolve"), values)


def take_back(store: Store, connection: psycopg.Connection, kind: str, subject: str, *, status: str, by: str, now: datetime) -> None:
    """Writes down that what was declared fixed is not, from now on."""
    if status not in {"open", "in_progress", "workaround"}:
        raise PermanentError(f"the status {status!r} is not open, in_progress or workaround")
    values = {"kind": kind, "subject": subject, "status": status, "by": by, "at": now}
    connection.execute(store.statement("known/end_resolutions"), values)
    connection.execute(store.statement("known/reopen_issue" if kind == "issue" else "problems/reopen"), values)


def _add(store: Store, connection: psycopg.Connection, row: dict[str, Any], *, actor: str, now: datetime | None) -> None:
    if wrong := _wrong(row):
        raise PermanentError("; ".join(wrong))
    if row["status"] == "resolved" and now is None:
        raise PermanentError("an issue that is resolved needs the time of that: add it, then resolve it")
    if connection.execute(store.statement("known/put_issue"), row).rowcount == 0:
        raise PermanentError(
            f"there is a known issue {row['issue_id']!r} already: give another id, or change that one with 'ailog known edit'"
        )
    if row["status"] == "resolved" and now is not None:
        declare(store, connection, "issue", row["issue_id"], fixed_in=row["fixed_in"], by=actor, at=now, now=now)
    detail = {name: value for name, value in row.items() if value and name not in {"issue_id", "resolved_at"}}
    families.audit(store, connection, actor=actor, action="known add", subject=row["issue_id"], detail=detail)


def _edit(store: Store, connection: psycopg.Connection, issue_id: str, changes: Mapping[str, Any], *, actor: str) -> dict[str, Any]:
    before = _found(store, connection, issue_id)
    names = (*_MATCHERS, *TEXTS, "status", "fixed_in")
    after = {name: before[name] if changes.get(name) is None else _cleared(name, changes[name]) for name in names}
    row = _masked({**after, "issue_id": issue_id})
    if row["status"] != before["status"] and "resolved" in {row["status"], before["status"]}:
        word = "resolve" if row["status"] == "resolved" else "reopen"
        raise PermanentError(f"'ailog known {word} {issue_id}' says so: it keeps when that was")
    if row["fixed_in"] != before["fixed_in"] and row["status"] != "resolved":
        raise PermanentError(f"a version that it is fixed in comes with 'ailog known resolve {issue_id} --fixed-in VERSION'")
    if wrong := _wrong(row):
        raise PermanentError("; ".join(wrong))
    changed = {name: row[name] for name in names if row[name] != before[name]}
    if changed:
        connection.execute(store.statement("known/change_issue"), row)
        if "fixed_in" in changed:
            connection.execute(store.statement("known/correct_resolution"), row)
        families.audit(store, connection, actor=actor, action="known edit", subject=issue_id, detail=changed)
    return {**before, **row}


def _settle(store: Store, connection: psycopg.Connection, row: dict[str, Any], *, actor: str, now: datetime) -> bool:
    """Makes a stored issue what a file says of it; returns whether anything changed."""
    before = _found(store, connection, row["issue_id"])
    issue_id, status = row["issue_id"], row["status"]
    names = (*_MATCHERS, *TEXTS, "status", "fixed_in")
    if all(row[name] == before[name] for name in names):
        return False
    if before["status"] == "resolved" and status != "resolved":
        take_back(store, connection, "issue", issue_id, status="open", by=actor, now=now)
        families.audit(store, connection, actor=actor, action="known reopen", subject=issue_id, detail={"status": "resolved"})
    elif status == "resolved" and (before["status"] != "resolved" or row["fixed_in"] != before["fixed_in"]):
        declare(store, connection, "issue", issue_id, fixed_in=row["fixed_in"], by=actor, at=row["resolved_at"] or now, now=now)
        families.audit(store, connection, actor=actor, action="known resolve", subject=issue_id, detail={"fixed_in": row["fixed_in"]})
    changes = {name: row[name] if row[name] is not None else "" for name in (*_MATCHERS, *TEXTS, "status")}
    _edit(store, connection, issue_id, changes, actor=actor)
    return True


def _row(issue: Issue, more: Mapping[str, str | None]) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(issue, name) for name in ("issue_id", *_MATCHERS, "status")}
    row |= {name: list(row[name]) for name in _LISTS} | {name: more.get(name) or None for name in (*TEXTS, "fixed_in")}
    return _masked({**row, "resolved_at": None})


def _of_file(issue: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: issue[name] for name in (*_MATCHERS, *TEXTS, "status", "fixed_in", "resolved_at")}
    return _masked({**row, "issue_id": issue["id"], "fixed_in": issue["fixed_in"] if issue["status"] == "resolved" else None})


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return (
        row
        | {name: mask_text(row[name]).strip() or None for name in _MASKED if row[name]}
        | {"title": mask_text(row["title"] or "").strip()}
    )


def _wrong(row: Mapping[str, Any]) -> list[str]:
    lists = {name: tuple(row[name]) for name in _LISTS}
    issue = Issue(
        row["issue_id"], row["title"], row["fingerprint"], lists["related"], row["category"], lists["apps"], lists["namespaces"],
        row["pattern"], row["status"],
    )  # fmt: skip
    version = version_problem(row["fixed_in"]) if row["status"] == "resolved" else None
    return [*problems(issue), *([version] if version else [])]


def _cleared(name: str, value: Any) -> Any:
    if name in _LISTS:
        return [one for one in value if one]
    return value or None


def _found(store: Store, connection: psycopg.Connection, issue_id: str) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(store.statement("known/get_issue"), {"issue_id": issue_id}).fetchone()
    if row is None:
        raise PermanentError(f"there is no known issue {issue_id!r}: 'ailog known list' names them")
    return row


__all__ = ["TEXTS", "add", "declare", "edit", "exported", "imported", "reopen", "resolve", "shown", "take_back"]
