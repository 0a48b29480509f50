"""The command calendar: maintenance windows, holidays and batch slots, kept by people and on record."""

from __future__ import annotations

import csv
import getpass
import io
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from ailog import cli_output as out
from ailog import settings
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain.calendar import KINDS, Entry
from ailog.domain.calendar_forms import FIELDS, entry_of
from ailog.errors import ConfigError
from ailog.orchestration.composition import Composition
from ailog.pipeline import calendar as store_calendar

STATEMENT_SECONDS = 60
ENTRIES = {
    "id": "id",
    "kind": "kind",
    "namespaces": "namespaces",
    "when": "when",
    "timezone": "zone",
    "state": "state",
    "ends": "ends (UTC)",
    "owner": "owner",
    "reason": "reason",
}


def calendar(arguments: Arguments) -> int:
    """``{"entry": {...}}`` (add), ``{"entries": [...]}`` (list), ``{"removed": id}``, or added, changed and unchanged (import)."""
    if arguments.action != "list" and not arguments.subject:
        what = {"add": "maintenance, holiday or batch", "remove": "the id of an entry", "import": "a CSV or YAML file"}
        raise UsageError(f"{arguments.action} what? give {what[arguments.action]}")
    return {"add": _add, "list": _list, "remove": _remove, "import": _import}[arguments.action](arguments)


def _add(arguments: Arguments) -> int:
    if arguments.subject not in KINDS:
        raise UsageError(f"add what? {arguments.subject!r} is none of {', '.join(KINDS)}")
    loaded = settings.load()
    given = {
        "id": arguments.id, "kind": arguments.subject, "namespaces": arguments.namespaces, "from": arguments.start, "to": arguments.end,
        "weekdays": arguments.weekdays, "time": arguments.time, "minutes": arguments.minutes, "date": arguments.date,
        "calendar": arguments.calendar, "timezone": arguments.timezone, "valid_from": arguments.valid_from, "expires": arguments.expires,
        "owner": arguments.owner, "reason": arguments.reason,
    }  # fmt: skip
    try:
        entry = entry_of(given, timezone=loaded.timezone)
    except ConfigError as error:
        raise UsageError(str(error)) from error
    with closing(_store(loaded)) as store:
        now = datetime.now(UTC)
        store_calendar.add(store, entry, actor=_actor(arguments), now=now)
        kept = next(row for row in store_calendar.listed(store, now) if row["id"] == entry.entry_id)
    return _said(arguments, {"entry": kept}, f"{entry.entry_id} is in the calendar")


def _list(arguments: Arguments) -> int:
    loaded = settings.load()
    within = timedelta(days=loaded.calendar.warn_days)
    with closing(_store(loaded)) as store:
        if arguments.expiring:
            found = store_calendar.expiring(store, datetime.now(UTC), within=within)
        else:
            found = store_calendar.listed(store, datetime.now(UTC), kind=arguments.kind, within=within)
    if arguments.json:
        out.as_json({"entries": found})
        return 0
    out.table("calendar", [{**row, "when": _when(row)} for row in found], ENTRIES)
    if loaded.calendar.countries:
        out.say(f"and the public holidays of {', '.join(loaded.calendar.countries)} (calendar.countries)")
    return 0


def _remove(arguments: Arguments) -> int:
    with closing(_store(settings.load())) as store:
        store_calendar.remove(store, arguments.subject, actor=_actor(arguments), now=datetime.now(UTC))
    return _said(arguments, {"removed": arguments.subject}, f"{arguments.subject} no longer counts")


def _import(arguments: Arguments) -> int:
    loaded = settings.load()
    entries = read_entries(Path(arguments.subject), loaded.timezone)
    with closing(_store(loaded)) as store:
        found = store_calendar.take_over(store, entries, actor=_actor(arguments), now=datetime.now(UTC))
    return _said(arguments, found, out.counts(found))


def read_entries(path: Path, timezone: str) -> list[Entry]:
    """The entries of a CSV file (a column per field) or a YAML file (a list, or a list under ``entries``).

    Raises:
        ConfigError: with every mistake of the file, each with its line or number; nothing of it is taken then.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    found: list[Entry] = []
    mistakes: list[str] = []
    for where, row in _rows(path, text):
        try:
            found.append(entry_of(row, timezone=timezone, where=where))
        except ConfigError as error:
            mistakes.append(str(error))
    if mistakes:
        raise ConfigError(f"{len(mistakes)} entries are wrong, nothing was imported:\n" + "\n".join(f"  {one}" for one in mistakes))
    return found


def _rows(path: Path, text: str) -> list[tuple[str, dict[str, Any]]]:
    if path.suffix.lower() == ".csv":
        reader = csv.DictReader(io.StringIO(text), restkey="more than the header names")
        return [(f"{path.name}:{reader.line_num}", row) for row in reader]
    if path.suffix.lower() not in {".yaml", ".yml"}:
        raise ConfigError(f"{path} is neither .csv nor .yaml: its columns or keys are {', '.join(FIELDS)}")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    rows = data.get("entries") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(f"{path} holds no list of entries: each begins with '- kind: ...'; its keys are {', '.join(FIELDS)}")
    return [(f"{path.name}, entry {number}", row) for number, row in enumerate(rows, start=1)]


def _when(row: dict[str, Any]) -> str:
    if row["date"]:
        return f"{row['date']} ({row['calendar']})"
    if row["from"]:
        return f"{row['from']} to {row['to']}"
    return f"{row['weekdays']} {row['time']}, {row['minutes']} min"


def _said(arguments: Arguments, result: dict[str, Any], text: str) -> int:
    if arguments.json:
        out.as_json(result)
    else:
        out.say(text)
    return 0


def _actor(arguments: Arguments) -> str:
    if arguments.actor:
        return str(arguments.actor)
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def _store(loaded: settings.Settings) -> PostgresStore:
    return Composition(loaded, from_environment).store_within(STATEMENT_SECONDS, "ailog calendar")
