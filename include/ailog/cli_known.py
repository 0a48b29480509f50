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
from ailog.domain.wording import counted
from ailog.orchestration.composition import Composition
from ailog.pipeline import families as family_store
from ailog.pipeline import known as known_store
from ailog.pipeline import versions

STATEMENT_SECONDS = 600
_MERGE_HINT = ": first the one that joins, then the family that it joins; 'ailog known suggest FINGERPRINT' shows what is near"
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
AUDIT = {"at": "at (UTC)", "actor": "who", "action": "did", "subject": "to", "detail": "detail"}
MEMBERS = {
    "family": "family",
    "fingerprint": "fingerprint",
    "reason": "because",
    "since": "since (UTC)",
    "error_type": "type",
    "template": "template",
}


def known(arguments: Arguments) -> int:
    """Prints ``issue_id`` and ``status`` (add, resolve), ``issues``, ``audit``, or ``fingerprint``, ``known`` and ``near``."""
    if arguments.action not in {"list", "audit"} and not arguments.subject:
        raise UsageError(f"{arguments.action} what? give the {'fingerprint' if arguments.action == 'suggest' else 'id of the issue'}")
    return {"add": _add, "list": _list, "resolve": _resolve, "suggest": _suggest, "audit": _audit}[arguments.action](arguments)


def families(arguments: Arguments) -> int:
    """Prints ``families`` (show: a list of members; merge and split: family by fingerprint), ``audit`` or ``versions`` (migrate)."""
    needed = {"show": 0, "merge": 2, "split": 1, "audit": 0, "migrate": 0}[arguments.action]
    given = [f for f in (arguments.fingerprint, arguments.target) if f]
    if len(given) < needed or (arguments.action not in {"show", "audit"} and len(given) > needed):
        raise UsageError(
            f"{arguments.action} takes {counted(needed, 'fingerprint')}, {len(given)} given{_MERGE_HINT if needed == 2 else ''}"
        )
    arguments.fingerprint, arguments.target = (_checked(f) if f else None for f in (arguments.fingerprint, arguments.target))
    return {"show": _show, "merge": _decide, "split": _decide, "audit": _audit, "migrate": _migrate}[arguments.action](arguments)


def _add(arguments: Arguments) -> int:
    issue = Issue(
        arguments.subject,
        arguments.title,
        _checked(arguments.fingerprint) if arguments.fingerprint else None,
        tuple(_checked(one) for one in arguments.related),
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
    with closing(_store()) as store:
        found = known_store.suggest(store, _checked(arguments.subject), arguments.limit)
    near = [asdict(one) for one in found["near"]]
    if arguments.json:
        out.as_json({**found, "near": near})
        return 0
    out.say(f"{found['fingerprint']}: {out.shown(found['template'])}")
    out.say(f"family:   {found['family']}")
    out.say(f"known as: {', '.join(found['known']) or 'nothing yet'}")
    out.table("near, for you to judge: nothing is merged by itself", near, NEAR)
    if near:
        out.say(f"The same problem? ailog families merge {found['fingerprint']} {near[0]['fingerprint']} --note WHY")
    return 0


def _show(arguments: Arguments) -> int:
    with closing(_store()) as store:
        found = family_store.shown(store, arguments.fingerprint, arguments.limit)
        overflows = family_store.overflows(store)
    if arguments.json:
        out.as_json({"families": found, "overflows": overflows})
        return 0
    out.table("families", found, MEMBERS)
    for one in overflows:
        out.say(_overflow_line(one))
    return 0


def _overflow_line(one: dict[str, Any]) -> str:
    window = f"{out.shown(one['window_from'])} to {out.shown(one['window_to'])} UTC"
    many = f"{'more than ' if one['at_least'] else ''}{out.shown(one['templates'])} templates past the first {out.shown(one['kept'])}"
    if one["kind"] == "families":
        return f"! {many} are not compared with others and stay families of their own ({window}): find what makes so many"
    return (
        f"! {out.shown(one['namespace'])} does not categorise: {out.shown(one['events'])} events of {many} are counted together "
        f"({window}).\n"
        "  Look for free text or ids in its messages (ailog classify --explain), or raise classification.max_fingerprints_per_namespace."
    )


def _decide(arguments: Arguments) -> int:
    decision = Decision(arguments.action, arguments.fingerprint, arguments.target)
    with closing(_store()) as store:
        found = family_store.decide(store, decision, actor=_actor(arguments), note=arguments.note, now=datetime.now(UTC))
    now = found[arguments.fingerprint]
    if arguments.action == "merge":
        undo = f"'ailog families split {arguments.fingerprint}' undoes it"
        text = f"{arguments.fingerprint} and {arguments.target} are one family now, {now}; {undo}"
    else:
        text = f"{arguments.fingerprint} is a family of its own now and stays one, whatever later messages look like"
    return _said(arguments, {"families": found}, text)


def _audit(arguments: Arguments) -> int:
    subject = arguments.subject if arguments.command == "known" else arguments.fingerprint
    with closing(_store()) as store:
        found = known_store.history(store, subject, arguments.limit)
    if arguments.json:
        out.as_json({"audit": found})
        return 0
    rows = [{**row, "detail": {key: value for key, value in row["detail"].items() if value}} for row in found]
    out.table("what people decided, newest first", rows, AUDIT)
    return 0


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


def _checked(fingerprint: str) -> str:
    """The fingerprint as it is stored, in small letters."""
    bare = fingerprint.strip().lower()
    try:
        from_hex(bare)
    except ValueError as error:
        raise UsageError(
            f"{fingerprint!r} is no fingerprint: give 16 hexadecimal digits, as in 3f9a0c5512d0be77; {family_store.WHERE_FROM}"
        ) from error
    return bare


def _actor(arguments: Arguments) -> str:
    if arguments.actor:
        return str(arguments.actor)
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def _store() -> PostgresStore:
    return Composition(settings.load(), from_environment).store_within(STATEMENT_SECONDS, "ailog known")
