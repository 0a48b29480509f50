"""How the command line shows results: tables for people, JSON for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPE_WIDTH = 220
"""Columns of a table that no terminal shows: wide, so that names stay whole for grep."""


def as_json(value: object) -> None:
    """Prints a result as JSON: times in UTC with Z, ids as text."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def table(title: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """Prints rows as a table; ``columns`` maps keys to headings. Text from logs is shown as it is, never read as markup."""
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    if not rows:
        console.print(Text(f"{title}: none"))
        return
    drawn = Table(title=Text(title), title_justify="left", header_style="bold")
    for key, heading in columns.items():
        numeric = all(isinstance(row[key], int | float | Decimal | None) and not isinstance(row[key], bool) for row in rows)
        drawn.add_column(Text(heading), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(shown(row[key])) for key in columns))
    console.print(drawn)


def say(text: str) -> None:
    """Prints a line of the result."""
    sys.stdout.write(f"{text}\n")


def progress(text: str) -> None:
    """Prints a line about what is going on; on stderr, so that results stay clean."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def shown(value: object) -> str:
    """A value for the eye: short times in UTC, numbers with separators, control characters as blanks."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return _number(value)
    return "-" if value is None else "".join(char if char.isprintable() else " " for char in str(value))


def _number(value: float | Decimal) -> str:
    number = float(value)
    if number.is_integer():
        return f"{int(value):,}"
    return f"{number:,.1f}" if abs(number) >= 1 else f"{number:.3g}"


def counts(found: Mapping[str, object]) -> str:
    """Counts of a step in one line."""
    return ", ".join(f"{key} {shown(value)}" for key, value in found.items()) or "nothing to do"


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case UUID():
            return str(value)
        case tuple() | set() | frozenset():
            return list(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")
