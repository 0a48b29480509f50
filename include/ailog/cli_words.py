"""What a command of ``ailog`` is, and the options that several share. Loads nothing heavy: help must not wait for what commands need."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ailog.errors import AilogError, ConfigError

Arguments = argparse.Namespace
Options = Callable[[argparse.ArgumentParser], None]
"""Adds a group of options to a command's parser."""


class UsageError(AilogError):
    """The command was called with arguments that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its function as ``module:function``, what it does, examples, and its options: of ``SHARED`` by name, or its own."""

    name: str
    handler: str
    does: str
    examples: tuple[str, ...]
    options: tuple[str | Options, ...] = ()


def written_moment(text: str) -> datetime:
    """A moment of the command line: a date (midnight UTC) or RFC 3339 with an offset."""
    from ailog.orchestration.windows import moment  # noqa: PLC0415

    try:
        return moment(text, "it")
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def whole_number(least: int, most: int) -> Any:
    """A type for argparse: a whole number between two bounds, both of them allowed."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return value

    return number


def share(text: str) -> float:
    """A type for argparse: a number between 0 and 1, neither of them allowed."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 1, such as 0.93")
    return value


def _bounds(one: argparse.ArgumentParser) -> None:
    one.add_argument("--from", dest="start", metavar="TIME", help="first moment: 2026-01-31 (midnight UTC) or 2026-01-31T08:15:00Z")
    one.add_argument("--to", dest="end", metavar="TIME", help="end, itself not included")


def _dry_run(one: argparse.ArgumentParser) -> None:
    one.add_argument("--dry-run", action="store_true", help="read and compute only: write nothing outside staging, send nothing")


def _files(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--file",
        dest="files",
        nargs="+",
        action="extend",
        type=Path,
        metavar="PATH",
        help="read these NDJSON files (plain, .gz, .zst) instead of the configured sources; may be repeated",
    )


def _json(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", action="store_true", help="print JSON with stable keys instead of tables")


def _namespace(one: argparse.ArgumentParser) -> None:
    one.add_argument("--namespace", metavar="NAME", help="only this namespace")


def _limit(one: argparse.ArgumentParser) -> None:
    one.add_argument("--limit", type=whole_number(1, 100_000), default=50, metavar="N", help="at most so many rows (default: 50)")


def _actor(one: argparse.ArgumentParser) -> None:
    one.add_argument("--actor", metavar="NAME", help="who decides, for the audit (default: the user of this process)")


SHARED: Final[dict[str, Options]] = {
    "bounds": _bounds,
    "dry_run": _dry_run,
    "files": _files,
    "json": _json,
    "namespace": _namespace,
    "limit": _limit,
    "actor": _actor,
}
