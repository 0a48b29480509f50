"""Words of the commands about what is normal: init, thresholds, calendar."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from ailog.cli_words import Command, share, whole_number, written_moment


def _baseline(one: argparse.ArgumentParser) -> None:
    one.add_argument("--days", type=whole_number(1, 366), metavar="N", help="so many days before now (default: thresholds.init_days)")
    one.add_argument(
        "--from-files",
        nargs="+",
        action="extend",
        type=Path,
        metavar="PATH",
        help="import from files or folders: counts (CSV or parquet with window_start, namespace, count) and log records (NDJSON)",
    )
    how = one.add_mutually_exclusive_group()
    how.add_argument("--timezone", metavar="NAME", help="of times in counts that have none: UTC, Europe/Prague")
    how.add_argument("--shift-hours", type=_hours, metavar="N", help="times in counts run N hours ahead of UTC, all year round")


def _training(one: argparse.ArgumentParser) -> None:
    what = one.add_mutually_exclusive_group()
    what.add_argument("--show", action="store_true", help="show the snapshot in use instead of training one")
    what.add_argument(
        "--check",
        nargs=3,
        metavar=("VALUE", "NAMESPACE", "WEEKDAY"),
        help="say whether a total of a window passes (mon to sun, 0 is Monday)",
    )
    what.add_argument(
        "--compare",
        nargs="?",
        const="",
        metavar="SNAPSHOT",
        help="compare a snapshot with the one in use; without a name: what would be trained now",
    )
    what.add_argument("--history", action="store_true", help="list the snapshots, newest first")
    one.add_argument(
        "--snapshot", metavar="ID", help="for --show and --check: this one instead of the one in use; its first digits suffice"
    )
    one.add_argument("--as-of", type=written_moment, metavar="TIME", help="train on what is strictly before (default: now)")
    one.add_argument("--weeks", type=whole_number(1, 52), metavar="N", help="weeks of history (default: thresholds.weeks)")
    one.add_argument("--percentile", type=share, metavar="P", help="level between 0 and 1 (default: thresholds.percentile)")
    one.add_argument("--verbose", action="store_true", help="print every limit that was trained, and everything that was left out")


def _calendar(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=["add", "list", "remove", "import"])
    one.add_argument(
        "subject", nargs="?", metavar="WHAT", help="add: maintenance, holiday or batch; remove: id; import: a CSV or YAML file"
    )
    one.add_argument("--id", metavar="ID", help="name of the entry (default: made from what it says)")
    one.add_argument("--namespace", dest="namespaces", nargs="+", metavar="NAME", help="names or patterns such as pcb-*-app (default: all)")
    one.add_argument("--from", dest="start", metavar="TIME", help="maintenance once: local time, or one with its offset")
    one.add_argument("--to", dest="end", metavar="TIME", help="its end")
    one.add_argument("--weekdays", metavar="DAYS", help="recurring: mon-fri, sat,sun or daily")
    one.add_argument("--time", metavar="HH:MM", help="recurring: local start")
    one.add_argument("--minutes", metavar="N", help="recurring: width")
    one.add_argument("--date", metavar="DATE", help="holiday: its day")
    one.add_argument("--calendar", metavar="NAME", help="holiday: whose, such as CZ or company")
    one.add_argument("--timezone", metavar="NAME", help="of local times (default: timezone of analyzer.yaml)")
    one.add_argument("--valid-from", metavar="TIME", help="windows before it are not concerned (default: all that were)")
    one.add_argument("--expires", metavar="TIME", help="until when it holds; recurring maintenance needs it")
    one.add_argument("--owner", metavar="NAME", help="who answers for it")
    one.add_argument("--reason", metavar="TEXT", help="why")
    one.add_argument("--kind", choices=["maintenance", "holiday", "batch"], help="list: only these")
    one.add_argument("--expiring", action="store_true", help="list: only recurring entries that have expired or will soon")


def _hours(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 99.0
    if not -14 <= value <= 14 or (value * 4) % 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours from -14 to 14, in quarters")
    return value


COMMANDS: Final = (
    Command(
        "init",
        "cli_init:init",
        "Collect a baseline without detection and train the first thresholds. Days that are complete are not read again.",
        (
            "ailog init --days 21",
            "ailog init --from 2026-01-01 --to 2026-01-22",
            "ailog init --from-files export/peak_raw_data.csv --timezone Europe/Prague --dry-run",
            "ailog init --from-files logs",
        ),
        ("bounds", _baseline, "dry_run", "files", "json"),
    ),
    Command(
        "thresholds",
        "cli_thresholds:thresholds",
        "Train a threshold snapshot; or show, check against or compare what is there.",
        (
            "ailog thresholds --weeks 4",
            "ailog thresholds --as-of 2026-02-01 --percentile 0.95 --dry-run --verbose",
            "ailog thresholds --show --namespace pcb-sit-01-app",
            "ailog thresholds --check 120 pcb-sit-01-app mon",
            "ailog thresholds --compare",
            "ailog thresholds --compare 3f9a0c55",
            "ailog thresholds --history --json",
        ),
        (_training, "dry_run", "namespace", "limit", "json"),
    ),
    Command(
        "calendar",
        "cli_calendar:calendar",
        "Keep maintenance windows, holidays and batch slots: add, list or remove one, import a file of them.",
        (
            "ailog calendar add maintenance --namespace pcb-*-app --from 2026-01-31T22:00 --to 2026-02-01T02:00 --owner ops --reason new",
            "ailog calendar add batch --namespace pcb-prd-01-app --weekdays mon-fri --time 02:30 --minutes 45 --owner ops --reason nightly",
            "ailog calendar add holiday --date 2026-12-24 --calendar company --owner hr --reason closed",
            "ailog calendar list --expiring --json",
            "ailog calendar remove upgrade-1",
            "ailog calendar import calendar.yaml",
        ),
        (_calendar, "actor", "json"),
    ),
)
