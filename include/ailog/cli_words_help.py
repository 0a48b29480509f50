"""Words of the commands that lead to others: help, and names that operators know from before."""

from __future__ import annotations

import argparse
from typing import Final

from ailog.cli_words import Command, whole_number


def _topic(one: argparse.ArgumentParser) -> None:
    one.add_argument("topic", nargs="?", metavar="TOPIC", help="a command, or predecessor: which command does what its scripts did")


def _thresholds(one: argparse.ArgumentParser) -> None:
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("--show", action="store_true", help="show the thresholds in use")
    what.add_argument(
        "--check",
        nargs=3,
        metavar=("VALUE", "NAMESPACE", "WEEKDAY"),
        help="say whether a total of a window passes (mon to sun, 0 is Monday)",
    )
    one.add_argument("--snapshot", metavar="ID", help="this one instead of the one in use; its first digits suffice")
    one.set_defaults(compare=None, history=False, dry_run=False)


def _again(one: argparse.ArgumentParser) -> None:
    one.add_argument("--days", type=whole_number(1, 366), metavar="N", help="the last so many days that are over (default: 1)")
    one.set_defaults(force=True)


COMMANDS: Final = (
    Command(
        "detect",
        "cli_thresholds:thresholds",
        "Show the thresholds that windows are judged by, or check a value against them; the same as 'ailog thresholds' with these options.",
        ("ailog detect --show", "ailog detect --check 120 pcb-sit-01-app mon"),
        (_thresholds, "namespace", "limit", "json"),
    ),
    Command(
        "enrich",
        "cli_run:backfill",
        "Judge stored incidents anew (root cause, propagation, known issues): reads their days again as 'ailog backfill --force' does.",
        ("ailog enrich --days 1", "ailog enrich --from 2026-01-31 --to 2026-02-01"),
        ("bounds", _again, "dry_run", "files", "json"),
    ),
    Command(
        "help",
        "cli_help:help_",
        "Print the help of a command; 'ailog help predecessor' says which command does what a script of the predecessor did.",
        ("ailog help", "ailog help run", "ailog help predecessor"),
        (_topic, "json"),
    ),
)
