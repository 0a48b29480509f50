"""Commands that work: run and backfill. They call the same steps as the DAGs, one after the other."""

from __future__ import annotations

from typing import Any

from ailog import cli_output as out
from ailog import cli_read, settings
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain.events import Interval
from ailog.errors import AilogError, ConfigError
from ailog.orchestration.steps import Steps
from ailog.orchestration.windows import Request, bounds_of
from ailog.pipeline.backfill import last_days
from ailog.pipeline.plan import Plan

TRIGGERED_BY = "ailog"


def bounds(arguments: Arguments) -> Interval | None:
    """The bounds of the command line; a mistake in them is wrong use."""
    try:
        return bounds_of(arguments.start, arguments.end)
    except ConfigError as error:
        raise UsageError(str(error)) from error


def steps(arguments: Arguments) -> Steps:
    """The steps with connections from the environment, and files instead of the configured sources where they are given."""
    loaded = settings.load()
    files = getattr(arguments, "files", None)
    if files:
        gone = [str(path) for path in files if not path.is_file()]
        if gone:
            raise UsageError(f"there is no file {', '.join(gone)}")
        source = settings.FilesSource(name="files", kind="files", paths=[str(path.resolve()) for path in files])
        loaded = loaded.model_copy(update={"sources": [source]})
    return Steps(loaded, from_environment)


def run(arguments: Arguments) -> int:
    """Analyses windows, from the plan to the message."""
    asked = Request(target=None, bounds=bounds(arguments), dry_run=arguments.dry_run)
    work = steps(arguments)
    made = work.plan(asked, "manual" if asked.bounds else "regular", TRIGGERED_BY)
    out.progress(f"run {made.run_id}: {len(made.windows)} windows from {out.shown(made.windows[0])} UTC, sources {', '.join(made.sources)}")
    result = _analysed(work, made)
    if arguments.json:
        out.as_json(result)
    elif "store" in result["steps"] and not made.dry_run:
        title = f"incidents from {out.shown(made.span.start)} to {out.shown(made.span.end)} UTC"
        cli_read.print_incidents(cli_read.found_incidents(work.parts, made.span), title)
    for name, error in result["failures"].items():
        out.progress(f"ailog: {name} failed: {error}")
    return 1 if result["failures"] else 0


def backfill(arguments: Arguments) -> int:
    """Gives whole days their final word, one after the other; a day that fails does not stop the others."""
    span = bounds(arguments)
    if span and arguments.days:
        raise UsageError("give either --days or --from and --to")
    work = steps(arguments)
    found = work.backfill_days(span or last_days(arguments.days or 1, work.clock()), force=arguments.force)
    if found.final:
        out.progress(f"final already, left as they are: {', '.join(str(day) for day in found.final)}")
    results: dict[str, dict[str, Any]] = {}
    for number, day in enumerate(found.due, start=1):
        out.progress(f"{number}/{len(found.due)} {day}")
        try:
            results[str(day)] = _analysed(work, work.plan_backfill([day], TRIGGERED_BY, dry_run=arguments.dry_run))
        except AilogError as error:
            results[str(day)] = {"failures": {"plan": str(error)}}
    failed = [name for name, result in results.items() if result["failures"]]
    if arguments.json:
        out.as_json({"days": results, "final": [str(day) for day in found.final], "failed": failed, "dry_run": arguments.dry_run})
    else:
        told = f"{len(results) - len(failed)} days read" + (" (dry run)" if arguments.dry_run else "")
        out.say(f"{told}, {len(found.final)} final already, {len(failed)} failed")
    for name in failed:
        reasons = "; ".join(f"{step}: {error}" for step, error in results[name]["failures"].items())
        out.progress(f"ailog: {name} failed: {reasons}")
    return 1 if failed else 0


def _analysed(work: Steps, made: Plan) -> dict[str, Any]:
    """Every step of a planned run: what came of each, and which failed."""
    result: dict[str, Any] = {
        "run_id": made.run_id,
        "windows": len(made.windows),
        "window_from": made.span.start,
        "window_to": made.span.end,
        "dry_run": made.dry_run,
        "steps": {},
        "failures": {},
    }
    for name in made.sources:
        _try(result, f"fetch {name}", lambda name=name: work.fetch(name, made.run_id))
    for name in ("classify", "detect", "propagate", "store", *(() if made.dry_run else ("report",))):
        if not _try(result, name, lambda name=name: getattr(work, name)(made.run_id)):
            break
    if not made.dry_run:
        if made.kind == "backfill":
            _try(result, "summary", lambda: work.summary(made.run_id))
        _try(result, "notify", work.notify)
    _try(result, "cleanup", lambda: work.cleanup(made.run_id))
    return result


def _try(result: dict[str, Any], name: str, step: Any) -> bool:
    """Runs a step and notes what came of it: one dead source must not stop the others, nor a failed step the clearing up."""
    try:
        result["steps"][name] = step()
    except AilogError as error:
        result["failures"][name] = str(error)
        return False
    out.progress(f"  {name}: {out.counts(result['steps'][name])}")
    return True
