"""The command thresholds: train a snapshot; show, check, compare and list those that are there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ailog import cli_output as out
from ailog import settings
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain import threshold_changes
from ailog.domain.calendar_forms import weekdays_of
from ailog.domain.events import floor_to_window
from ailog.orchestration.composition import Composition
from ailog.orchestration.steps import Steps
from ailog.pipeline import reading, snapshots

STATEMENT_SECONDS = 60
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LIMITS = {
    "namespace": "namespace",
    "weekday": "weekday (UTC)",
    "threshold": "threshold",
    "samples": "samples",
    "median": "median",
    "maximum": "maximum",
}
CHANGES = {
    "namespace": "namespace",
    "weekday": "weekday (UTC)",
    "old": "old",
    "old_rule": "by",
    "new": "new",
    "new_rule": "by ",
    "percent": "change %",
}
HISTORY = {
    "snapshot_id": "snapshot",
    "in_use": "in use",
    "trained_from": "from (UTC)",
    "trained_to": "to (UTC)",
    "percentile_level": "level",
    "windows_used": "windows",
    "dropped": "left out",
    "namespaces": "namespaces",
    "created_at": "made (UTC)",
}
WITHHELD = {"namespace": "namespace", "weekday": "weekday (UTC)", "kept": "kept", "dropped": "left out", "reasons": "because"}


def thresholds(arguments: Arguments) -> int:
    """The keys of ``--json`` are those of the functions called: ``train_thresholds``, ``reading.thresholds``, ``snapshots``."""
    if arguments.snapshot and not (arguments.show or arguments.check):
        raise UsageError("--snapshot belongs to --show and --check; to compare one, give its id after --compare")
    training = [name for name in ("as_of", "weeks", "percentile") if getattr(arguments, name)]
    looks = arguments.show or arguments.check or arguments.history or arguments.compare
    if looks and (training or arguments.dry_run):
        raise UsageError("--as-of, --weeks, --percentile and --dry-run are for training, not for looking at what is there")
    if arguments.show:
        return _show(arguments)
    if arguments.check:
        return _check(arguments)
    if arguments.history:
        return _history(arguments)
    if arguments.compare:
        return _compare(arguments)
    return _train(arguments)


def _train(arguments: Arguments) -> int:
    comparing = arguments.compare is not None
    work = Steps(settings.load(), from_environment)
    dry = arguments.dry_run or comparing
    as_of = arguments.as_of or floor_to_window(work.clock())
    trained = work.thresholds(as_of, arguments.weeks, arguments.percentile, dry_run=dry)
    if arguments.json:
        out.as_json(trained)
        return 0
    out.say(("computed" if dry else "trained") + f": {summary(trained)}")
    if arguments.verbose:
        print_limits("limits", trained["values"])
        out.table("weekdays without a limit of their own", [_named(row) for row in trained["withheld"]], WITHHELD)
    if trained["comparison"] is None:
        out.say("there is no snapshot in use to compare it with")
    elif comparing or arguments.verbose:
        print_comparison(trained["comparison"], arguments.limit)
    for warning in trained["warnings"]:
        out.say(f"! {warning}")
    return 0


def _show(arguments: Arguments) -> int:
    with closing(_store()) as store:
        chosen = snapshots.find(store, arguments.snapshot)["snapshot_id"] if arguments.snapshot else None
        found = reading.thresholds(store, arguments.namespace, chosen)
    if arguments.json:
        out.as_json(found)
        return 0
    if found["snapshot"] is None:
        out.say("there is no threshold snapshot yet: run 'ailog init' or 'ailog thresholds'")
        return 0
    rows = found["thresholds"] + [{**row, "weekday": None} for row in found["caps"]]
    rows.sort(key=lambda row: (row["namespace"], 7 if row["weekday"] is None else row["weekday"]))
    print_limits(f"thresholds of snapshot {found['snapshot']['snapshot_id']}", rows)
    for warning in found["snapshot"]["warnings"]:
        out.say(f"! {warning}")
    return 0


def _check(arguments: Arguments) -> int:
    text, namespace, day = arguments.check
    try:
        value = float(text)
        weekdays = weekdays_of(day)
    except ValueError as error:
        raise UsageError(f"--check {text} {namespace} {day}: {error}") from error
    if not 0 <= value < float("inf") or len(weekdays) != 1:
        raise UsageError(f"--check takes a count of errors, a namespace and one weekday, not {text} {namespace} {day}")
    with closing(_store()) as store:
        found = snapshots.check(store, settings.load(), value=value, namespace=namespace, weekday=weekdays[0], prefix=arguments.snapshot)
    if arguments.json:
        out.as_json(found)
        return 0
    verdict = "passes" if found["passed"] else "does not pass"
    rule = {"default": "the default: the snapshot knows no limit"}.get(found["rule"], f"{found['rule']}, {found['samples']:,} samples")
    out.say(
        f"{out.shown(value)} errors in a window of {namespace} on a {WEEKDAYS[weekdays[0]]}: {verdict} {out.shown(found['limit'])} ({rule})"
    )
    out.say(
        f"snapshot {found['snapshot_id']}, trained to {out.shown(found['trained_to'])} UTC; a spike has to be significant and large too"
    )
    return 0


def _history(arguments: Arguments) -> int:
    with closing(_store()) as store:
        found = snapshots.history(store, limit=arguments.limit)
    if arguments.json:
        out.as_json({"snapshots": found})
    else:
        out.table("threshold snapshots", [{**row, "dropped": sum(row["windows_dropped"].values())} for row in found], HISTORY)
    return 0


def _compare(arguments: Arguments) -> int:
    with closing(_store()) as store:
        found = snapshots.compare(store, settings.load(), arguments.compare)
    if arguments.json:
        out.as_json(found)
        return 0
    out.say(f"from {found['from']} (in use) to {found['to']}")
    print_comparison(found, arguments.limit)
    return 0


def print_limits(title: str, rows: list[dict[str, Any]]) -> None:
    """The table of limits; a row without weekday is a CAP."""
    out.table(title, [_named(row) for row in rows], LIMITS)


def print_comparison(found: Mapping[str, Any], limit: int) -> None:
    """The table of changes, largest first, and what was gained and lost."""
    out.say(threshold_changes.lines({**found, "changes": []})[0].replace("0 limits changed", f"{len(found['changes'])} limits changed"))
    for name in ("gained", "lost"):
        if found[name]:
            out.say(f"{name}: {out.shown(found[name])}")
    out.table("changes, largest first", [_named(row) for row in found["changes"][:limit]], CHANGES)


def summary(trained: Mapping[str, Any]) -> str:
    """What was trained in one line."""
    dropped = {reason: number for reason, number in trained["windows_dropped"].items() if number}
    said = {
        "snapshot": trained["snapshot_id"],
        "in use": trained["in_use"],
        "days": trained["days"],
        "windows used": trained["windows_used"],
        "namespaces": trained["namespaces"],
    }
    return out.counts(said) + f"; left out: {out.counts(dropped) if dropped else 'nothing'}"


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "weekday": "CAP" if row["weekday"] is None else WEEKDAYS[int(row["weekday"])]}


def _store() -> PostgresStore:
    return Composition(settings.load(), from_environment).store_within(STATEMENT_SECONDS, "ailog thresholds")
