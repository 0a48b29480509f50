"""Commands for records that last: problems and known peaks."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from ailog import cli_output as out
from ailog.cli_known import FIXES, MATCHED, actor_of, audit, said, store_of_people
from ailog.cli_parser import Arguments, UsageError
from ailog.pipeline import records

PROBLEMS = {
    "problem_id": "id",
    "problem_key": "problem",
    "status": "status",
    "scope": "scope",
    "first_seen": "first seen (UTC)",
    "last_seen": "last seen (UTC)",
    "incidents": "incidents",
    "ticket": "ticket",
    "owner": "owner",
    "fixed_in": "fixed in",
}
PEAKS = {
    "peak_id": "id",
    "peak_key": "peak",
    "status": "status",
    "first_seen": "first seen (UTC)",
    "last_seen": "last seen (UTC)",
    "occurrences": "windows",
    "raw_errors": "errors",
    "max_value": "largest",
    "minutes": "minutes",
    "ticket": "ticket",
    "mitigation": "mitigation",
}
_INCIDENTS = {key: heading for key, heading in MATCHED.items() if key != "confidence"}


def problems(arguments: Arguments) -> int:
    """Prints ``problems``, a problem with its ``resolutions``, ``audit``, or ``problem_id``, ``problem_key`` and ``status``."""
    _check(arguments, "problem")
    with closing(store_of_people()) as store:
        name, now, actor = arguments.subject, datetime.now(UTC), actor_of(arguments)
        match arguments.action:
            case "list":
                found = records.problems(store, status=arguments.status, namespace=arguments.namespace, limit=arguments.limit)
                return _listed(arguments, "problems", found, PROBLEMS)
            case "show":
                one = records.problem(store, name)
                return _shown(arguments, one, "declared fixed", "resolutions", FIXES)
            case "annotate":
                changes = {key: getattr(arguments, key) for key in ("ticket", "owner", "notes", "status")}
                done = records.annotate_problem(store, name, changes, actor=actor)
            case "resolve":
                done = records.resolve_problem(store, name, fixed_in=arguments.fixed_in, actor=actor, now=now, at=arguments.at)
            case "reopen":
                done = records.reopen_problem(store, name, status=arguments.status or "open", actor=actor, now=now)
            case _:
                return audit(arguments)
    return said(arguments, done, f"{done['problem_id']} ({done['problem_key']}) is {done['status'].replace('_', ' ')}")


def peaks(arguments: Arguments) -> int:
    """Prints ``peaks``, a peak with its ``incidents``, ``audit``, or ``peak_id``, ``peak_key`` and ``status``."""
    _check(arguments, "peak")
    with closing(store_of_people()) as store:
        match arguments.action:
            case "list":
                found = records.peaks(store, status=arguments.status, namespace=arguments.namespace, limit=arguments.limit)
                rows = [{**one, "minutes": one["typical_minutes"] or one["usual_minutes"]} for one in found]
                return _listed(arguments, "peaks", rows, PEAKS)
            case "show":
                one = records.peak(store, arguments.subject, arguments.limit)
                return _shown(arguments, one, "incidents, newest first", "incidents", _INCIDENTS)
            case "annotate":
                names = ("ticket", "owner", "notes", "status", "mitigation", "typical_minutes")
                changes = {key: getattr(arguments, key) for key in names}
                done = records.annotate_peak(store, arguments.subject, changes, actor=actor_of(arguments))
            case _:
                return audit(arguments)
    return said(arguments, done, f"{done['peak_id']} ({done['peak_key']}) is noted")


def _check(arguments: Arguments, what: str) -> None:
    if arguments.action not in {"list", "audit"} and not arguments.subject:
        raise UsageError(f"{arguments.action} what? give the id or key of the {what}: 'ailog {what}s list' names them")


def _listed(arguments: Arguments, title: str, rows: list[dict[str, Any]], columns: dict[str, str]) -> int:
    if arguments.json:
        out.as_json({title: rows})
    else:
        out.table(title, rows, columns)
    return 0


def _shown(arguments: Arguments, one: dict[str, Any], title: str, part: str, columns: dict[str, str]) -> int:
    if arguments.json:
        out.as_json(one)
        return 0
    for name, value in one.items():
        if name != part and value not in (None, [], {}):
            out.say(f"{name.replace('_', ' '):15} {out.shown(value)}")
    out.table(title, one[part], columns)
    return 0
