"""Commands for what people know: known issues, and families of fingerprints."""

from __future__ import annotations

import getpass
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ailog import cli_output as out
from ailog import settings
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain.fingerprint import ALGORITHM_VERSION, from_hex
from ailog.domain.known import Issue
from ailog.domain.template_family_decisions import Decision
from ailog.orchestration.composition import Composition
from ailog.pipeline import families as family_store
from ailog.pipeline import known as known_store
from ailog.pipeline import versions

STATEMENT_SECONDS = 600
ISSUES = {
    "issue_id": "id",
    "title": "title",
    "status": "status",
    "fingerprint": "fingerprint",
    "category": "category",
    "apps": "applications",
    "ticket": "ticket",
    "owner": "owner",
    "workaround": "workaround",
    "incidents": "incidents",
}
NEAR = {"fingerprint": "fingerprint", "likeness": "likeness", "issues": "known issues", "template": "template"}
MEMBERS = {
    "family": "family",
    "fingerprint": "fingerprint",
    "reason": "since it",
    "since": "(UTC)",
    "error_type": "type",
    "template": "template",
}


def known(arguments: Arguments) -> int:
    """Prints ``issue_id`` and ``status`` (add, resolve), ``issues`` (list), or ``fingerprint``, ``known`` and ``near`` (suggest)."""
    if arguments.action != "list" and not arguments.subject:
        raise UsageError(f"{arguments.action} what? give the {'fingerprint' if arguments.action == 'suggest' else 'id of the issue'}")
    return {"add": _add, "list": _list, "resolve": _resolve, "suggest": _suggest}[arguments.action](arguments)


def families(arguments: Arguments) -> int:
    """Prints ``families`` (show: a list of members; merge and split: family by fingerprint) or ``versions`` (migrate)."""
    needed = {"show": 0, "merge": 2, "split": 1, "migrate": 0}[arguments.action]
    given = [f for f in (arguments.fingerprint, arguments.target) if f]
    if len(given) < needed or (arguments.action != "show" and len(given) > needed):
        raise UsageError(f"{arguments.action} takes {needed} fingerprints, {len(given)} given")
    for one in given:
        _check(one)
    return {"show": _show, "merge": _decide, "split": _decide, "migrate": _migrate}[arguments.action](arguments)


def _add(arguments: Arguments) -> int:
    issue = Issue(
        arguments.subject,
        arguments.title,
        arguments.fingerprint,
        tuple(arguments.related),
        arguments.category,
        tuple(arguments.apps),
        tuple(arguments.namespaces),
        arguments.pattern,
    )
    more = {name: getattr(arguments, name) for name in ("ticket", "owner", "workaround", "permanent_fix", "fixed_in")}
    with closing(_store()) as store:
        known_store.add(store, issue, more, actor=_actor(arguments))
    return _said(arguments, {"issue_id": issue.issue_id, "status": issue.status}, f"{issue.issue_id} is known now")


def _resolve(arguments: Arguments) -> int:
    with closing(_store()) as store:
        known_store.resolve(store, arguments.subject, fixed_in=arguments.fixed_in, actor=_actor(arguments), now=datetime.now(UTC))
    return _said(arguments, {"issue_id": arguments.subject, "status": "resolved"}, f"{arguments.subject} is resolved")


def _list(arguments: Arguments) -> int:
    with closing(_store()) as store:
        found = known_store.listed(store)[: arguments.limit]
    if arguments.json:
        out.as_json({"issues": found})
    else:
        out.table("known issues", found, ISSUES)
    return 0


def _suggest(arguments: Arguments) -> int:
    _check(arguments.subject)
    with closing(_store()) as store:
        found = known_store.suggest(store, arguments.subject, arguments.limit)
    near = [asdict(one) for one in found["near"]]
    if arguments.json:
        out.as_json({**found, "near": near})
        return 0
    out.say(f"{found['fingerprint']}: {out.shown(found['template'])}")
    out.say(f"known as: {', '.join(found['known']) or 'nothing yet'}")
    out.table("near, for you to judge", near, NEAR)
    return 0


def _show(arguments: Arguments) -> int:
    with closing(_store()) as store:
        found = family_store.shown(store, arguments.fingerprint, arguments.limit)
    if arguments.json:
        out.as_json({"families": found})
    else:
        out.table("families", found, MEMBERS)
    return 0


def _decide(arguments: Arguments) -> int:
    decision = Decision(arguments.action, arguments.fingerprint, arguments.target)
    with closing(_store()) as store:
        found = family_store.decide(store, decision, actor=_actor(arguments), note=arguments.note, now=datetime.now(UTC))
    return _said(arguments, {"families": found}, "; ".join(f"{fingerprint} is of family {family}" for fingerprint, family in found.items()))


def _migrate(arguments: Arguments) -> int:
    with closing(_store()) as store:
        found = versions.bring_up_to_date(store, settings.load(), now=datetime.now(UTC), actor=_actor(arguments))
    lines = [f"version {old} to {ALGORITHM_VERSION}: {out.counts(counts)}" for old, counts in found.items()]
    return _said(
        arguments, {"versions": found}, "\n".join(lines) or f"every fingerprint is of version {ALGORITHM_VERSION} or carried over to it"
    )


def _said(arguments: Arguments, result: dict[str, Any], text: str) -> int:
    if arguments.json:
        out.as_json(result)
    else:
        out.say(text)
    return 0


def _check(fingerprint: str) -> None:
    try:
        from_hex(fingerprint)
    except ValueError as error:
        raise UsageError(f"{fingerprint!r} is no fingerprint: give 16 hexadecimal digits, as in 3f9a0c5512d0be77") from error


def _actor(arguments: Arguments) -> str:
    if arguments.actor:
        return str(arguments.actor)
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def _store() -> PostgresStore:
    return Composition(settings.load(), from_environment).store_within(STATEMENT_SECONDS, "ailog known")
