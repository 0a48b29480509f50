"""The command init: a baseline from sources or files, and the first thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ailog import cli_output as out
from ailog import settings
from ailog.adapters import count_files
from ailog.cli_parser import Arguments, UsageError
from ailog.cli_run import TRIGGERED_BY, bounds, steps
from ailog.cli_thresholds import summary
from ailog.connections import from_environment
from ailog.domain.events import Interval, floor_to_window
from ailog.domain.imported_counts import Correction, tidy
from ailog.orchestration.steps import Steps

_TOLD = 10
_BACKTEST = {
    "namespace": "namespace",
    "incidents": "incidents",
    "of": "of these",
    "messages": "messages",
    "messages_per_week": "a week",
    "alarms_per_week": "alarms a week",
}


def init(arguments: Arguments) -> int:
    """``{"days", "collected", "imported", "thresholds", "backtest", "dry_run"}``; ``imported`` is None without files of counts."""
    interval = bounds(arguments)
    if interval and arguments.days:
        raise UsageError("give either --days or --from and --to")
    if not arguments.from_files and (arguments.timezone or arguments.shift_hours is not None):
        raise UsageError("--timezone and --shift-hours correct counts of files: give --from-files")
    if arguments.from_files:
        return _from_files(arguments, interval)
    work = steps(arguments)
    work.preflight()
    days, collected = _collect(work, arguments, interval)
    now = work.clock()
    end = interval.end if interval else floor_to_window(now)
    trained = work.thresholds(end, None, None, dry_run=arguments.dry_run)
    result = {"days": days, "collected": collected, "imported": None, "thresholds": trained, "dry_run": arguments.dry_run}
    return _told(arguments, {**result, "backtest": None if arguments.dry_run else work.backtest(end, trained["snapshot_id"])})


def _from_files(arguments: Arguments, interval: Interval | None) -> int:
    if arguments.files or arguments.days:
        raise UsageError("--from-files brings its own files and days: leave --file and --days out")
    correction = _correction(arguments)
    counts, logs = count_files.sort_out(arguments.from_files)
    if not counts and (arguments.timezone or arguments.shift_hours is not None):
        raise UsageError("--timezone and --shift-hours correct counts; log records carry their own zone")
    loaded = settings.load()
    work = Steps(loaded, from_environment)
    work.preflight()
    result: dict[str, Any] = {
        "days": [],
        "collected": {},
        "imported": None,
        "thresholds": None,
        "backtest": None,
        "dry_run": arguments.dry_run,
    }
    if counts:
        now = work.clock()
        tables = {str(path): tidy(count_files.read(path), correction, now=now, scope=loaded.scope, name=str(path)) for path in counts}
        result["imported"] = imported = work.import_counts(tables, TRIGGERED_BY, dry_run=arguments.dry_run)
        _print_import(imported)
    if logs:
        source = settings.FilesSource(name="files", kind="files", paths=[str(path.resolve()) for path in logs])
        work = Steps(loaded.model_copy(update={"sources": [source]}), from_environment)
        interval = interval or work.extent(source.name)
        result["days"], result["collected"] = _collect(work, arguments, interval)
    if not arguments.dry_run:
        end = _end(result, interval, work)
        result["thresholds"] = work.thresholds(end, None, None, dry_run=False)
        result["backtest"] = work.backtest(end, result["thresholds"]["snapshot_id"])
    return _told(arguments, result)


def _collect(work: Steps, arguments: Arguments, interval: Interval | None) -> tuple[list[str], dict[str, Mapping[str, int]]]:
    now = work.clock()
    days = work.days(arguments.days, interval, now)
    out.progress(f"{len(days)} days are missing" + (f": {days[0]} to {days[-1]}" if days else ""))
    collected: dict[str, Mapping[str, int]] = {}
    for number, day in enumerate([] if arguments.dry_run else days, start=1):
        collected[day] = work.collect([day], now, TRIGGERED_BY)
        out.progress(f"  {number}/{len(days)} {day}: {out.counts(collected[day])}")
    return days, collected


def _end(result: Mapping[str, Any], interval: Interval | None, work: Steps) -> Any:
    """What training goes up to: the end of what was imported or read, so that old files teach too."""
    ends = [interval.end] if interval else []
    if result["imported"]:
        ends.append(result["imported"]["end"])
    return min(max(ends), floor_to_window(work.clock()))


def _correction(arguments: Arguments) -> Correction:
    if arguments.timezone:
        try:
            ZoneInfo(arguments.timezone)
        except (KeyError, ValueError, OSError) as error:
            raise UsageError(f"--timezone {arguments.timezone!r} is no time zone; give a name such as Europe/Prague") from error
    return Correction(arguments.timezone, arguments.shift_hours)


def _print_import(found: Mapping[str, Any]) -> None:
    did = "would import" if found["dry_run"] else "imported"
    out.progress(
        f"{did} {found['rows']} rows: {found['windows']} windows of {len(found['namespaces'])} namespaces on {len(found['days'])} days, "
        f"{out.shown(found['first_window'])} to {out.shown(found['last_window'])} UTC; "
        f"{found['kept_windows']} windows were read before and stay"
    )
    for name, file in found["files"].items():
        originals = f"; {file['originals']} original values in place of corrected ones" if file["originals"] else ""
        out.progress(f"  {name}: {file['rows']} rows, not taken: {out.counts(file['rejected']) if file['rejected'] else 'none'}{originals}")


def _print_backtest(found: Mapping[str, Any]) -> None:
    out.say(found["sentence"])
    rows = [row for row in found["namespaces"] if row["messages"] or row["over_budget"]]
    if rows:
        out.table("what these days would have brought, by namespace", [{**row, "of": row["severities"]} for row in rows[:_TOLD]], _BACKTEST)
    for line in (*found["warnings"], *found["notes"]):
        out.say(f"! {line}")


def _told(arguments: Arguments, result: dict[str, Any]) -> int:
    if arguments.json:
        out.as_json(result)
        return 0
    trained = result["thresholds"]
    taken = f"collected {len(result['collected'])} days"
    if result["imported"]:
        taken += f", imported {0 if arguments.dry_run else len(result['imported']['days'])}"
    out.say(taken + (f"; thresholds: {summary(trained)}" if trained else "; nothing was written"))
    for warning in trained["warnings"] if trained else ():
        out.say(f"! {warning}")
    if result["backtest"]:
        _print_backtest(result["backtest"])
    return 0
