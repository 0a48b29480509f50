"""Commands about what is kept: maintenance, retention, backup, restore."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from ailog import cli_output as out
from ailog import settings
from ailog.cli_words import Arguments
from ailog.connections import from_environment
from ailog.errors import AilogError
from ailog.orchestration import maintenance as steps
from ailog.orchestration.steps import Steps
from ailog.pipeline import retention as rules
from ailog.pipeline.backup_files import read_manifest


def maintenance(arguments: Arguments) -> int:
    """All steps of maintenance, one after the other; one that fails does not stop the next."""
    work = _work()
    now, dry = work.clock(), arguments.dry_run
    found: dict[str, Any] = {}
    failures: dict[str, str] = {}
    steps.with_raw_days(work.settings, arguments.retention_days)
    all_steps: dict[str, Callable[[], dict[str, Any]]] = {
        "roll_up": lambda: steps.roll_up(work, now, dry_run=dry),
        "retention": lambda: steps.retain(work, now, dry_run=dry, raw_days=arguments.retention_days),
        "leftovers": lambda: steps.clear_leftovers(work, now, dry_run=dry),
        "backup": lambda: steps.take_backup(work, now) if arguments.backup and not dry else {},
        "statistics": lambda: steps.statistics(work, dry_run=dry),
    }
    for name, step in all_steps.items():
        try:
            found[name] = step()
        except AilogError as error:
            failures[name] = str(error)
    if arguments.json:
        out.as_json({"dry_run": dry, "steps": found, "failures": failures})
    else:
        for name, result in found.items():
            out.say(f"{name}: {out.counts(result)}")
    for name, why in failures.items():
        out.progress(f"ailog: {name} failed: {why}")
    return 1 if failures else 0


def retention(arguments: Arguments) -> int:
    """How long what is kept, and what is due."""
    work = _work()
    with closing(work.parts.store("retention")) as database:
        due = rules.due(database, work.settings, work.clock())
    kept = work.settings.retention
    rows = [
        {
            "what": name,
            "setting": rule,
            "days": getattr(kept, rule),
            "goes": "months" if name in rules.MONTHLY else "rows",
            "before": due.cuts[name],
            "due": sum(month.table == name for month in due.months) if name in rules.MONTHLY else due.rows[name],
            "rows": sum(month.rows for month in due.months if month.table == name) if name in rules.MONTHLY else due.rows[name],
            "bytes": sum(month.bytes for month in due.months if month.table == name),
        }
        for name, rule in (rules.MONTHLY | rules.ROWS | rules.FORGOTTEN).items()
    ]
    if arguments.json:
        out.as_json({"rules": rows, "months": [month.name for month in due.months], "kept_for_ever": list(rules.KEPT)})
    else:
        headings = {
            "what": "what", "setting": "setting", "days": "days", "goes": "goes by", "before": "before (UTC)", "due": "due", "rows": "rows",
            "bytes": "bytes",
        }  # fmt: skip
        out.table("retention", rows, headings)
        out.say(f"kept for ever: {', '.join(rules.KEPT)}")
    return 0


def backup(arguments: Arguments) -> int:
    """Takes a backup."""
    work = _work()
    done = steps.take_backup(work, work.clock(), directory=arguments.output, form=arguments.format)
    if arguments.json:
        out.as_json(done)
    else:
        out.say(out.counts(done))
    return 0


def restore(arguments: Arguments) -> int:
    """Restores a backup, or says what it holds."""
    if not arguments.yes:
        manifest = read_manifest(arguments.directory)
        tables = [{"name": name, "rows": given["rows"], "bytes": given["bytes"]} for name, given in manifest["tables"].items()]
        if arguments.json:
            out.as_json({"created_at": manifest["created_at"], "format": manifest["format"], "tables": tables})
        else:
            out.table(f"backup of {manifest['created_at']}", tables, {"name": "table", "rows": "rows", "bytes": "bytes"})
            out.say("nothing was restored: give --yes to restore it into an empty schema")
        return 0
    done = steps.restore_backup(_work(), arguments.directory)
    if arguments.json:
        out.as_json(done)
    else:
        out.say(f"restored, with equal checksums: {out.counts(done)}")
    return 0


def _work() -> Steps:
    return Steps(settings.load(), from_environment)
