"""Times as people write them: ``2026-03-10 08:20`` in their zone, with an offset, or as messages print them: ``2026-03-10 08:20 CET``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ailog.domain.calendar import instants

_FORM: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?) ?(Z|z|[+-]\d{2}:?\d{2}|[A-Za-z][A-Za-z0-9_+/-]*)?", re.ASCII
)
_LIKE: Final = "give a time such as '2026-01-31 08:20' (in {zone}), 2026-01-31T08:20Z or '2026-01-31 08:20 CET'"


def spoken_time(text: str, zone: ZoneInfo) -> datetime:
    """The moment in UTC that a person means; without a zone in the words it is one of ``zone``, a date alone its midnight.

    Raises:
        ValueError: it is no time, or a local one that the clocks skip or repeat: nothing is guessed.
    """
    found = _FORM.fullmatch(text.strip())
    like = _LIKE.format(zone=zone.key)
    if not found:
        raise ValueError(f"{text!r} is no time: {like}")
    words, place = found[1], found[2] or ""
    try:
        wall = datetime.fromisoformat(words)
        if place[:1] in {"Z", "z", "+", "-"} and place:
            return datetime.fromisoformat(f"{wall.isoformat()}{place.upper()}").astimezone(UTC)
        return _of_zone(wall, place, zone)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r}: {error}; {like}") from error


def _of_zone(wall: datetime, name: str, zone: ZoneInfo) -> datetime:
    """A local time; ``name`` is a zone, or what the clocks of ``zone`` are called then, which tells a repeated hour apart."""
    called = [moment for moment in instants(wall, zone) if name and moment.astimezone(zone).tzname() == name.upper()]
    if called:
        return called[0]
    there = zone
    if name:
        try:
            there = ZoneInfo(name if "/" in name else name.upper())
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is no time zone, and the clocks of {zone.key} are not called so then") from error
    first, last = instants(wall, there)
    if first != last:
        raise ValueError(f"the clocks of {there.key} show it twice: add the offset that is meant")
    if first.astimezone(there).replace(tzinfo=None) != wall:
        raise ValueError(f"the clocks of {there.key} skip it")
    return first
