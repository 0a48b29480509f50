"""Known issues in the store: given to incidents when a run is published, and suggested. ``known_issues`` keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ailog.domain.known import Issue, Match, Subject, match, near
from ailog.errors import PermanentError
from ailog.pipeline import families
from ailog.ports import Store


def assign(store: Store, connection: psycopg.Connection, incidents: Iterable[dict[str, Any]]) -> int:
    """Gives known issues to those of the incidents that have none, in the store and in the rows given, with how sure it is; returns how
    many got one.
    """
    waiting = [incident for incident in incidents if incident["known_issue_id"] is None]
    issues = _issues(store, connection) if waiting else []
    if not issues:
        return 0
    mapping = family_map(store, connection)
    found: dict[str, Match] = {}
    for incident in waiting:
        won = match(issues, _subject(incident), mapping)
        if won is not None:
            incident |= {"known_issue_id": won.issue_id, "known_issue_match": won.confidence}
            found[str(incident["incident_id"])] = won
    if found:
        values = {"issues": [one.issue_id for one in found.values()], "confidences": [one.confidence for one in found.values()]}
        connection.execute(store.statement("known/assign"), {"incidents": list(found), **values})
    return len(found)


def family_map(store: Store, connection: psycopg.Connection) -> dict[str, str]:
    """The family of every fingerprint that has another than itself, as the alias table has it now."""
    return dict(connection.execute(store.statement("known/families")).fetchall())


def listed(store: Store) -> list[dict[str, Any]]:
    """All known issues, those that are open first, each with its incidents counted."""
    with store.connection("list known issues") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement("known/list")).fetchall()


def history(store: Store, subject: str | None, limit: int) -> list[dict[str, Any]]:
    """Who did what to known issues and families, newest first; of one issue or fingerprint when it is given."""
    with store.connection("show what people decided") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement("known/audit"), {"subject": subject, "limit": limit}).fetchall()


def suggest(store: Store, fingerprint: str, limit: int = 10) -> dict[str, Any]:
    """Fingerprints of other families whose templates are like that of one, with their known issues: for a person to judge.

    Raises:
        PermanentError: for a fingerprint that was never stored.
    """
    with store.connection("suggest known issues") as connection:
        rows = connection.execute(store.statement("known/templates")).fetchall()
        issues = _issues(store, connection)
        mapping = family_map(store, connection)
    templates = {str(f): str(text) for f, text in rows}
    if fingerprint not in templates:
        raise PermanentError(f"no event with the fingerprint {fingerprint} was ever stored: {families.WHERE_FROM}")
    own = mapping.get(fingerprint, fingerprint)
    others = {f: text for f, text in templates.items() if mapping.get(f, f) != own}
    known: dict[str, set[str]] = {}
    for issue in issues:
        for one in filter(None, (issue.fingerprint, *issue.related)):
            known.setdefault(mapping.get(one, one), set()).add(issue.issue_id)

    def of(one: str) -> list[str]:
        return sorted(known.get(mapping.get(one, one), ()))

    found = [replace(one, issues=tuple(of(one.fingerprint))) for one in near(templates[fingerprint], others, limit=limit)]
    return {"fingerprint": fingerprint, "family": own, "template": templates[fingerprint], "known": of(own), "near": found}


def _issues(store: Store, connection: psycopg.Connection) -> list[Issue]:
    rows = connection.execute(store.statement("known/issues")).fetchall()
    return [
        Issue(str(i), str(title), fingerprint, tuple(related), category, tuple(apps), tuple(namespaces), pattern, str(status))
        for i, title, fingerprint, related, category, apps, namespaces, pattern, status in rows
    ]


def _subject(incident: Mapping[str, Any]) -> Subject:
    return Subject(
        namespace=incident["namespace"],
        category=str(incident["problem_key"]).split(":", 1)[0].lower(),
        apps=frozenset(incident["apps"]),
        fingerprints=frozenset(incident["fingerprints"]),
        texts=(str(incident["sample"]),),
    )
