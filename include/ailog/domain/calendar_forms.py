"""Entries of calendars as people write them, in a file or on the command line: words to ``Entry``, every mistake named at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.calendar import KINDS, Entry, instants, problems
from ailog.errors import ConfigError

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS: Final = (
    "id", "kind", "namespaces", "from", "to", "weekdays", "time", "minutes", "date", "calendar", "timezone", "valid_from", "expires",
    "owner", "reason",
)  # fmt: skip
"""The columns of a CSV file and the keys of a YAML file; what does not apply is left empty."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


def entry_of(given: Mapping[str, Any], *, timezone: str, where: str = "") -> Entry:
    """The entry that a row says.

    Args:
        given: by ``FIELDS``; values are text, or what YAML makes of them (dates, numbers, lists).
        timezone: of local times, unless the row names another.
        where: what the row is called in a complaint, such as ``holidays.csv:3``.

    Raises:
        ConfigError: with everything that is wrong with the row.
    """
    reader = _Reader({str(key).strip(): value for key, value in given.items() if value is not None and str(value).strip() != ""}, timezone)
    entry = reader.entry()
    wrong = reader.wrong or problems(entry)
    if wrong:
        raise ConfigError((f"{where}: " if where else "") + "; ".join(wrong))
    return entry


def written(entry: Entry) -> dict[str, Any]:
    """An entry by ``FIELDS``, as it would be written: what ``entry_of`` reads back to the same entry."""

    def moment(value: datetime | None) -> str | None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None

    return {
        "id": entry.entry_id,
        "kind": entry.kind,
        "namespaces": " ".join(entry.namespaces),
        "from": moment(entry.starts_at),
        "to": moment(entry.ends_at),
        "weekdays": ",".join(WEEKDAYS[day] for day in entry.weekdays) or None,
        "time": entry.local_time.strftime("%H:%M") if entry.local_time else None,
        "minutes": entry.minutes,
        "date": entry.day.isoformat() if entry.day else None,
        "calendar": entry.calendar,
        "timezone": entry.timezone,
        "valid_from": moment(entry.valid_from),
        "expires": moment(entry.expires_at),
        "owner": entry.owner,
        "reason": entry.reason,
    }


def weekdays_of(text: str) -> tuple[int, ...]:
    """Days of the week, Monday 0, from ``mon-fri``, ``sat,sun``, ``daily`` or numbers; raises ValueError for anything else."""
    found: set[int] = set()
    for part in re.split(r"[,;\s]+", text.strip().lower()):
        if part in {"daily", "*"}:
            return tuple(range(7))
        first, _, last = part.partition("-")
        low, high = _weekday(first), _weekday(last or first)
        found |= {day % 7 for day in range(low, high + 1 if high >= low else high + 8)}
    return tuple(sorted(found))


def _weekday(text: str) -> int:
    if text.isdigit() and int(text) <= 6:
        return int(text)
    if len(text) >= 3:
        for number, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")):
            if name.startswith(text):
                return number
    raise ValueError(f"{text!r} is no day of the week: mon, tue, wed, thu, fri, sat or sun, or 0 (Monday) to 6")


class _Reader:
    """Reads one row; mistakes are gathered, so that all are told at once."""

    def __init__(self, given: dict[str, Any], timezone: str) -> None:
        self.given = given
        self.wrong: list[str] = []
        unknown = sorted(set(given) - set(FIELDS))
        if unknown:
            self.wrong.append(f"unknown field {', '.join(unknown)}; there are {', '.join(FIELDS)}")
        self.timezone = self._text("timezone") or timezone
        self.zone = ZoneInfo("UTC")
        try:
            self.zone = ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            self.wrong.append(f"{self.timezone!r} is no time zone; give a name such as Europe/Prague")

    def entry(self) -> Entry:
        kind = self._text("kind")
        if kind not in KINDS:
            self.wrong.append(f"kind is {kind!r}: one of {', '.join(KINDS)}")
            kind = "holiday"
        namespaces = self.given.get("namespaces", "*")
        names = namespaces if isinstance(namespaces, list | tuple) else re.split(r"[,;\s]+", str(namespaces).strip())
        fields: dict[str, Any] = {
            "kind": kind,
            "namespaces": tuple(dict.fromkeys(str(name) for name in names)),
            "timezone": self.timezone,
            "starts_at": self._moment("from"),
            "ends_at": self._moment("to"),
            "weekdays": self._weekdays(),
            "local_time": self._time(),
            "minutes": self._minutes(),
            "day": self._date(),
            "calendar": self._text("calendar") or None,
            "valid_from": self._moment("valid_from"),
            "expires_at": self._moment("expires"),
            "owner": self._text("owner"),
            "reason": self._text("reason"),
        }
        return Entry(entry_id=self._id(kind, fields), **fields)

    def _id(self, kind: str, fields: dict[str, Any]) -> str:
        """The given id, or one that the same entry always gets."""
        given = self._text("id")
        if given and not _ID.match(given):
            self.wrong.append(f"id {given!r} must be letters, digits, dots, dashes and underscores, at most 64")
        what = {key: value for key, value in fields.items() if key not in {"owner", "reason", "expires_at"}}
        return given or f"{kind}-{hashlib.sha256(repr(sorted(what.items())).encode()).hexdigest()[:8]}"

    def _text(self, name: str) -> str:
        return str(self.given.get(name, "")).strip()

    def _weekdays(self) -> tuple[int, ...]:
        value = self.given.get("weekdays")
        if value is None:
            return ()
        try:
            return weekdays_of(",".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        except ValueError as error:
            self.wrong.append(f"weekdays: {error}")
            return ()

    def _time(self) -> time | None:
        value = self.given.get("time")
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:  # YAML reads 02:30 as 150, in base sixty
            return time(value // 60, value % 60)
        found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", str(value).strip())
        if found and int(found[1]) < 24 and int(found[2]) < 60:
            return time(int(found[1]), int(found[2]))
        self.wrong.append(f"time is {str(value)!r}: give hours and minutes, such as 02:30")
        return None

    def _minutes(self) -> int | None:
        text = self._text("minutes")
        if not text or (text.isascii() and text.isdigit()):
            return int(text) if text else None
        self.wrong.append(f"minutes is {text!r}: give a whole number")
        return None

    def _date(self) -> date | None:
        value = self.given.get("date")
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            self.wrong.append(f"date is {str(value)!r}: give a day such as 2026-12-24")
            return None

    def _moment(self, name: str) -> datetime | None:
        """A time with an offset, or a local time of the row's zone; a local time that the clocks repeat or skip is not guessed."""
        value = self.given.get(name)
        if value is None:
            return None
        try:
            parsed = datetime.fromisoformat(value.isoformat() if isinstance(value, date | datetime) else str(value).strip())
        except ValueError:
            self.wrong.append(f"{name} is {str(value)!r}: give a local time such as 2026-01-31T22:00, or one with its offset")
            return None
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
        first, last = instants(parsed, self.zone)
        if first != last:
            self.wrong.append(f"{name} {parsed.isoformat()} comes twice in {self.timezone}: add the offset that is meant")
        elif first.astimezone(self.zone).replace(tzinfo=None) != parsed:
            self.wrong.append(f"{name} {parsed.isoformat()} does not exist in {self.timezone}: the clocks skip it")
        return first
