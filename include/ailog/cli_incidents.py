"""Commands about incidents and messages: people's word, silences, the outbox, the morning summary."""

from __future__ import annotations

import getpass
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from ailog import cli_output as out
from ailog import cli_read, settings
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain.fingerprint import from_hex
from ailog.domain.summary import build
from ailog.domain.wording import counted
from ailog.errors import ConfigError
from ailog.orchestration.composition import Composition
from ailog.orchestration.steps import Steps
from ailog.orchestration.windows import moment
from ailog.pipeline import incidents as people
from ailog.pipeline import outbox, silences

STATEMENT_SECONDS = 60
DID = {
    "ack": "acknowledged: told again only when it escalates, grows or ends",
    "resolve": "resolved: what comes from now on is a new incident",
    "reopen": "open again",
    "note": "noted",
    "useful": "marked as useful",
    "not-useful": "marked as a false alarm",
}
HISTORY = {"at": "at (UTC)", "actor": "who", "action": "did", "detail": "detail"}
SILENCES = {
    "silence_id": "number",
    "state": "state",
    "problem_key": "problem",
    "namespace": "namespace",
    "fingerprints": "fingerprints",
    "up_to": "up to",
    "expires_at": "until (UTC)",
    "owner": "owner",
    "reason": "reason",
    "hid_incidents": "incidents hidden",
}
MESSAGES = {
    "message_id": "message",
    "channel": "channel",
    "kind": "kind",
    "status": "status",
    "attempts": "tries",
    "created_at": "made (UTC)",
    "next_attempt": "due",
    "finished_at": "done",
    "subject": "subject",
    "last_error": "last error",
}
DELIVERIES = {"attempt": "try", "at": "at (UTC)", "outcome": "outcome", "detail": "detail"}


def incidents(arguments: Arguments) -> int:
    """``{"incidents": [...]}`` (list), ``{"incident": {...}}`` with ``history`` where it is asked for."""
    if arguments.action == "list":
        if arguments.subject:
            raise UsageError("list takes no id; to look at one: ailog incidents history ID")
        return cli_read.incidents(arguments)
    if not arguments.subject:
        raise UsageError(f"{arguments.action} which incident? give its id or the first characters of it")
    with closing(_store()) as store:
        if arguments.action == "history":
            found, history = people.history(store, arguments.subject)
        else:
            words = {"by": _by(arguments), "note": arguments.note, "fixed_in": arguments.fixed_in}
            found, history = people.say(store, arguments.action, arguments.subject, now=_now(), **words), []
    if arguments.json:
        out.as_json({"incident": found, **({"history": history} if arguments.action == "history" else {})})
    else:
        said = DID.get(arguments.action, f"{found['severity']}, {found['status']}")
        out.say(f"{found['incident_id'][:8]} {out.shown(found['problem_key'])} in {out.shown(found['namespace'])}: {said}")
        if arguments.action == "history":
            rows = [{**row, "detail": {key: value for key, value in row["detail"].items() if value}} for row in history]
            out.table("what people did", rows, HISTORY)
    return 0


def silence(arguments: Arguments) -> int:
    """``{"silence_id"}`` (add, remove) or ``{"silences": [...]}``."""
    if arguments.action == "list":
        with closing(_store()) as store:
            found = silences.listed(store, arguments.limit, _now())
        if arguments.json:
            out.as_json({"silences": found})
        else:
            out.table("silences", found, SILENCES)
        return 0
    if arguments.action == "remove":
        if arguments.number is None:
            raise UsageError("remove which silence? give its number; 'ailog silence list' shows them")
        with closing(_store()) as store:
            silences.remove(store, arguments.number, actor=_by(arguments), now=_now())
        return _said(arguments, {"silence_id": arguments.number}, f"silence {arguments.number} is over")
    now = _now()
    values = {
        "problem_key": arguments.problem,
        "namespace": arguments.namespace,
        "fingerprints": [_fingerprint(one) for one in arguments.fingerprints],
        "up_to": arguments.up_to,
        "owner": arguments.owner or _by(arguments),
        "reason": arguments.reason,
        "expires_at": _end(arguments, now),
    }
    with closing(_store()) as store:
        number = silences.add(store, settings.load(), values, actor=_by(arguments), now=now)
    until = out.shown(values["expires_at"])
    graver = "" if arguments.up_to == "critical" else f"; what is graver than {arguments.up_to} is told"
    return _said(arguments, {"silence_id": number}, f"silence {number} is in force until {until} UTC{graver}")


def notify(arguments: Arguments) -> int:
    """Sends what is due (``sent``, ``retry``, ``failed``, and ``again`` when messages were queued again), or shows ``messages``."""
    if arguments.show is not None and arguments.again:
        raise UsageError("--show sends nothing and --again sends: give one of them")
    if arguments.again and arguments.failed:
        raise UsageError("--again queues one message and --failed all that failed: give one of them")
    if arguments.channel and arguments.show is None and not (arguments.again or arguments.failed):
        raise UsageError("--channel goes with --show, --again or --failed")
    if arguments.show is not None:
        return _show(arguments)
    work = Steps(settings.load(), from_environment)
    queued: dict[str, Any] = {}
    if arguments.again or arguments.failed:
        with closing(_store()) as store:
            rows = outbox.again(store, prefix=arguments.again, channel=arguments.channel, actor=_by(arguments), now=work.clock())
        queued = {"again": len(rows)}
    sent = {**queued, **work.notify()}
    return _said(arguments, sent, out.counts(sent))


def summary(arguments: Arguments) -> int:
    """Tells a day (``day``, ``outcome``, ``messages``), or with --dry-run prints its ``subject`` and ``body`` and tells nobody."""
    work = Steps(settings.load(), from_environment)
    try:
        day = moment(arguments.day, "the day") if arguments.day else work.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    except ConfigError as error:
        raise UsageError(str(error)) from error
    day = day.astimezone(UTC) - (timedelta() if arguments.day else timedelta(days=1))
    if day != day.replace(hour=0, minute=0, second=0, microsecond=0):
        raise UsageError(f"{arguments.day} is no whole UTC day: give a date, as in 2026-01-31")
    if arguments.dry_run:
        from ailog.adapters.notifiers.render import to_text  # noqa: PLC0415

        subject, body = build(work.read_day(day), work.settings)
        return _said(arguments, {"subject": subject, "body": body}, to_text(body).rstrip("\n"))
    told = work.tell_day(day)
    words = {
        "told": f"in the outbox for {counted(told.messages, 'channel')}",
        "amended": f"amended for {counted(told.messages, 'channel')}",
        "same": "told already, nothing material changed",
        "older": "older than yesterday: not told ('--dry-run' prints it)",
    }
    return _said(
        arguments,
        {"day": f"{day:%Y-%m-%d}", "outcome": told.outcome, "messages": told.messages},
        f"{day:%Y-%m-%d}: {words[told.outcome]}",
    )


def _show(arguments: Arguments) -> int:
    status = "failed" if arguments.failed else None
    with closing(_store()) as store:
        found = outbox.listed(store, prefix=arguments.show or None, channel=arguments.channel, status=status, limit=arguments.limit)
    if arguments.json:
        out.as_json({"messages": found})
        return 0
    out.table("messages", found, MESSAGES)
    for row in found:
        if "deliveries" in row:
            out.table(f"deliveries of {row['message_id'][:8]}", row["deliveries"], DELIVERIES)
    return 0


def _end(arguments: Arguments, now: datetime) -> datetime:
    if (arguments.span is None) == (arguments.until is None):
        raise UsageError("a silence must end: give --for SPAN or --until TIME")
    if arguments.span is not None:
        end: datetime = now + arguments.span
        return end
    try:
        return moment(arguments.until, "--until")
    except ConfigError as error:
        raise UsageError(str(error)) from error


def _fingerprint(text: str) -> str:
    bare = text.strip().lower()
    try:
        from_hex(bare)
    except ValueError as error:
        raise UsageError(f"{text!r} is no fingerprint: give 16 hexadecimal digits, as in 3f9a0c5512d0be77") from error
    return bare


def _said(arguments: Arguments, result: dict[str, Any], text: str) -> int:
    if arguments.json:
        out.as_json(result)
    else:
        out.say(text)
    return 0


def _by(arguments: Arguments) -> str:
    if arguments.by:
        return str(arguments.by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def _now() -> datetime:
    return datetime.now(UTC)


def _store() -> PostgresStore:
    return Composition(settings.load(), from_environment).store_within(STATEMENT_SECONDS, "ailog incidents")
