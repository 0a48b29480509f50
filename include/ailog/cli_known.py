"""Commands for what people know: known issues, and families of fingerprints."""

from __future__ import annotations

import getpass
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
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
from ailog.files import replace_whole
from ailog.orchestration.composition import Composition
from ailog.pipeline import families as family_store
from ailog.pipeline import known as known_store
from ailog.pipeline import known_issues as issue_store
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
FIXES = {
    "resolved_at": "at (UTC)",
    "resolved_by": "by",
    "fixed_in": "version",
    "reopened_at": "reopened (UTC)",
    "reopened_by": "by",
}
MATCHED = {
    "last_window": "last window (UTC)",
    "namespace": "namespace",
    "confidence": "match",
    "severity": "severity",
    "status": "status",
    "flags": "flags",
    "event_count": "events",
    "problem_key": "problem",
    "incident_id": "incident",
}
_WATCHED = "what comes from now on in a version that has the fix, or after a quiet period, is a regression"
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
    """Prints ``issue_id`` and ``status`` (add, edit, resolve, reopen), ``issues``, an issue, ``audit``, counts (import), or near ones."""
    needed = {"suggest": "fingerprint", "import": "YAML file", "export": "YAML file, or - for the terminal"}
    if arguments.action not in {"list", "audit"} and not arguments.subject:
        raise UsageError(f"{arguments.action} what? give the {needed.get(arguments.action, 'id of the issue')}")
    handlers = {
        "add": _add, "edit": _edit, "resolve": _resolve, "reopen": _reopen, "list": _list, "show": _show_issue, "suggest": _suggest,
        "import": _import, "export": _export, "audit": audit,
    }  # fmt: skip
    return handlers[arguments.action](arguments)


def families(arguments: Arguments) -> int:
    """Prints ``families`` (show: a list of members; merge and split: family by fingerprint), ``audit`` or ``versions`` (migrate)."""
    needed = {"show": 0, "merge": 2, "split": 1, "audit": 0, "migrate": 0}[arguments.action]
    given = [f for f in (arguments.fingerprint, arguments.target) if f]
    if len(given) < needed or (arguments.action not in {"show", "audit"} and len(given) > needed):
        raise UsageError(
            f"{arguments.action} takes {counted(needed, 'fingerprint')}, {len(given)} given{_MERGE_HINT if needed == 2 else ''}"
        )
    arguments.fingerprint, arguments.target = (_checked(f) if f else None for f in (arguments.fingerprint, arguments.target))
    return {"show": _show, "merge": _decide, "split": _decide, "audit": audit, "migrate": _migrate}[arguments.action](arguments)


def _add(arguments: Arguments) -> int:
    if arguments.status == "resolved":
        raise UsageError(f"add it, then 'ailog known resolve {arguments.subject}': that keeps when it was fixed")
    fields = _fields(arguments)
    issue = Issue(
        arguments.subject,
        fields["title"] or "",
        fields["fingerprint"],
        tuple(fields["related"] or ()),
        fields["category"],
        tuple(fields["apps"] or ()),
        tuple(fields["namespaces"] or ()),
        fields["pattern"],
        arguments.status or "open",
    )
    with closing(store_of_people()) as store:
        issue_store.add(store, issue, {name: fields[name] for name in issue_store.TEXTS}, actor=actor_of(arguments))
    return said(arguments, {"issue_id": issue.issue_id, "status": issue.status}, f"{issue.issue_id} is known now")


def _edit(arguments: Arguments) -> int:
    changes = {**_fields(arguments), "status": arguments.status, "fixed_in": arguments.fixed_in}
    if all(value is None for value in changes.values()):
        raise UsageError("edit what? give the fields that change, as in --owner payments")
    with closing(store_of_people()) as store:
        row = issue_store.edit(store, arguments.subject, changes, actor=actor_of(arguments))
    return said(arguments, {"issue_id": arguments.subject, "status": row["status"]}, f"{arguments.subject} is changed")


def _resolve(arguments: Arguments) -> int:
    now = datetime.now(UTC)
    with closing(store_of_people()) as store:
        issue_store.resolve(store, arguments.subject, fixed_in=arguments.fixed_in, actor=actor_of(arguments), now=now, at=arguments.at)
    return said(arguments, {"issue_id": arguments.subject, "status": "resolved"}, f"{arguments.subject} is resolved; {_WATCHED}")


def _reopen(arguments: Arguments) -> int:
    status = arguments.status or "open"
    with closing(store_of_people()) as store:
        issue_store.reopen(store, arguments.subject, status=status, actor=actor_of(arguments), now=datetime.now(UTC))
    return said(arguments, {"issue_id": arguments.subject, "status": status}, f"{arguments.subject} is open again")


def _show_issue(arguments: Arguments) -> int:
    with closing(store_of_people()) as store:
        found = issue_store.shown(store, arguments.subject, arguments.limit)
    if arguments.json:
        out.as_json(found)
        return 0
    for name, value in found.items():
        if name not in {"resolutions", "incidents"} and value not in (None, []):
            out.say(f"{name.replace('_', ' '):15} {out.shown(value)}")
    out.table("declared fixed", found["resolutions"], FIXES)
    out.table("incidents, newest first", found["incidents"], MATCHED)
    return 0


def _import(arguments: Arguments) -> int:
    try:
        text = sys.stdin.read() if arguments.subject == "-" else Path(arguments.subject).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{arguments.subject} cannot be read: {error}") from error
    with closing(store_of_people()) as store:
        done = issue_store.imported(store, text, actor=actor_of(arguments), now=datetime.now(UTC))
    return said(arguments, dict(done), out.counts(done))


def _export(arguments: Arguments) -> int:
    with closing(store_of_people()) as store:
        text = issue_store.exported(store)
    if arguments.subject == "-":
        sys.stdout.write(text)
        return 0
    path = Path(arguments.subject)
    try:
        replace_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}; give a file in a folder that is there") from error
    return said(arguments, {"file": str(path)}, f"{path} holds the known issues now")


def _fields(arguments: Arguments) -> dict[str, Any]:
    """What the arguments say of an issue; None where they say nothing."""
    fields = {name: getattr(arguments, name) for name in ("title", "category", "apps", "namespaces", "pattern", *issue_store.TEXTS)}
    fields["fingerprint"] = _checked(arguments.fingerprint) if arguments.fingerprint else arguments.fingerprint
    fields["related"] = None if arguments.related is None else [_checked(one) for one in arguments.related if one]
    return fields


def _list(arguments: Arguments) -> int:
    with closing(store_of_people()) as store:
        found = [one for one in known_store.listed(store) if arguments.status in {None, one["status"]}][: arguments.limit]
    if arguments.json:
        out.as_json({"issues": found})
    else:
        out.table("known issues", found, ISSUES)
    return 0


def _suggest(arguments: Arguments) -> int:
    with closing(store_of_people()) as store:
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
    with closing(store_of_people()) as store:
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
    with closing(store_of_people()) as store:
        found = family_store.decide(store, decision, actor=actor_of(arguments), note=arguments.note, now=datetime.now(UTC))
    now = found[arguments.fingerprint]
    if arguments.action == "merge":
        undo = f"'ailog families split {arguments.fingerprint}' undoes it"
        text = f"{arguments.fingerprint} and {arguments.target} are one family now, {now}; {undo}"
    else:
        text = f"{arguments.fingerprint} is a family of its own now and stays one, whatever later messages look like"
    return said(arguments, {"families": found}, text)


def audit(arguments: Arguments) -> int:
    """Prints ``audit``: who did what to issues, families, problems and peaks."""
    subject = arguments.subject if arguments.command != "families" else arguments.fingerprint
    with closing(store_of_people()) as store:
        found = known_store.history(store, subject, arguments.limit)
    if arguments.json:
        out.as_json({"audit": found})
        return 0
    rows = [{**row, "detail": {key: value for key, value in row["detail"].items() if value}} for row in found]
    out.table("what people decided, newest first", rows, AUDIT)
    return 0


def _migrate(arguments: Arguments) -> int:
    with closing(store_of_people()) as store:
        found = versions.bring_up_to_date(store, settings.load(), now=datetime.now(UTC), actor=actor_of(arguments))
    lines = [f"version {old} to {ALGORITHM_VERSION}: {out.counts(counts)}" for old, counts in found.items()]
    return said(
        arguments, {"versions": found}, "\n".join(lines) or f"every fingerprint is of version {ALGORITHM_VERSION} or carried over to it"
    )


def said(arguments: Arguments, result: dict[str, Any], text: str) -> int:
    """Prints what was done: a line for people, or the result as JSON."""
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


def actor_of(arguments: Arguments) -> str:
    """Who decides, for the record."""
    if arguments.actor:
        return str(arguments.actor)
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def store_of_people() -> PostgresStore:
    """The store, with time for statements over all that is known."""
    return Composition(settings.load(), from_environment).store_within(STATEMENT_SECONDS, "ailog known")
