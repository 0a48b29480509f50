"""Words for people: cleaned and shortened texts, times with their zone, root causes in one line.

Everything that reaches a message or a report passes through ``clean`` once; the escaping for a medium (HTML, Markdown, CSV) comes after.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

REPLACEMENT: Final = "\ufffd"

# Control characters, lone surrogates, and the invisible ones that reorder or hide text: a log message must not be able to
# rearrange the line that it is shown in. Letters of right-to-left scripts are left alone.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_SPACES: Final = re.compile(r"\s+")


def clean(text: object) -> str:
    """The text with line feeds as line ends and every control, surrogate and bidirectional character shown as U+FFFD. None is empty."""
    if text is None:
        return ""
    return _UNSAFE.sub(REPLACEMENT, str(text).replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: object) -> str:
    """The cleaned text on one line, blanks joined."""
    if isinstance(text, str) and text.isascii() and text.isprintable():
        return " ".join(text.split())  # nearly every name: there is nothing to clean
    return _SPACES.sub(" ", clean(text)).strip()


def head(text: str, limit: int) -> str:
    """The beginning of a text, with an ellipsis where it was cut; never longer than ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def tail(text: str, limit: int) -> str:
    """The end of a text, which names a class best; never longer than ``limit`` characters."""
    return text if len(text) <= limit else "…" + text[len(text) - limit + 1 :]


def short_key(problem_key: object, limit: int) -> str:
    """``CATEGORY:flow:class`` within ``limit`` characters: category and flow stay as far as they fit, the class keeps its end."""
    key = one_line(problem_key)
    if len(key) <= limit:
        return key
    category, _, rest = key.partition(":")
    flow, _, error_class = rest.partition(":")
    front = f"{head(category, 16)}:{head(flow, 24)}:"
    if not error_class or len(front) > limit - 12:
        return tail(key, limit)
    return front + tail(error_class, limit - len(front))


def utc(moment: datetime | None) -> str | None:
    """A time as machines read it: ISO 8601 in UTC to the second, with Z; None stays None."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(moment: datetime | None, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """A time as people read it, in their zone, with the zone: ``2026-01-31 09:15 CET``."""
    if moment is None:
        return "unknown"
    try:
        there = moment.astimezone(zone)
    except OverflowError:  # the first and last day that a calendar knows have no neighbour in another zone
        there = moment.astimezone(UTC)
    return there.strftime("%Y-%m-%d %H:%M:%S %Z" if seconds else "%Y-%m-%d %H:%M %Z")


def local_span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """A range of windows: ``2026-01-31 09:15-09:30 CET``; both dates, or both zones, where they differ."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.date() == last.date() and first.tzname() == last.tzname():
        return f"{first:%Y-%m-%d %H:%M}-{last:%H:%M %Z}"
    return f"{first:%Y-%m-%d %H:%M %Z} to {last:%Y-%m-%d %H:%M %Z}"


def lasting(span: timedelta) -> str:
    """A duration in words: ``45 min``, ``2 h 15 min``, ``3 d 4 h``."""
    minutes = int(span.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def number(value: float | None) -> str:
    """A figure with thousands separated; one decimal only where it tells something; unknown is ``unknown``."""
    if value is None:
        return "unknown"
    return f"{value:,.1f}" if abs(value) < 100 and value != int(value) else f"{value:,.0f}"


def points(score: float) -> str:
    """A score as it is stored, without idle zeros: ``67.5``, ``44.25``, ``80``."""
    return f"{score:g}"


def counted(amount: int, singular: str, plural: str | None = None) -> str:
    """``1 problem``, ``2 problems``, ``1,200 problems``."""
    return f"{amount:,} {singular if amount == 1 else plural or singular + 's'}"


def ranked(counts: Mapping[str, Any] | Sequence[str] | None) -> list[tuple[str, int | None]]:
    """Names with their counts, largest first, then by name; a plain list of names has counts of None."""
    if not counts:
        return []
    if isinstance(counts, Mapping):
        by_count = sorted((-int(value), one_line(name)) for name, value in counts.items())
        return [(name, -negative) for negative, name in by_count]
    return [(one_line(name), None) for name in sorted(counts)]


def listing(pairs: Sequence[tuple[str, int | None]], top: int, limit: int = 60) -> str:
    """``orders 251, billing 19 and 3 more``; names keep their end when they are long."""
    shown = [tail(one_line(name), limit) + ("" if count is None else f" {count:,}") for name, count in pairs[:top]]
    more = len(pairs) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "unknown"


def cause_line(root_cause: Mapping[str, Any] | None) -> str:
    """The root cause with its confidence, or ``unknown``.

    Reads ``app``, ``message``, ``note`` and ``confidence`` of the stored root cause (see ``domain.propagation``).
    """
    app = one_line((root_cause or {}).get("app"))
    note = head(one_line((root_cause or {}).get("note")), 160)
    if not root_cause or not app or root_cause.get("status") == "unknown":
        return f"unknown: {note}" if note else "unknown"
    message = head(one_line(root_cause.get("message")), 200)
    said = tail(app, 80) + (f": {message}" if message else "")
    sure = f"confidence {one_line(root_cause.get('confidence')) or 'not stated'}"
    return f"{said} ({sure}; {note})" if note else f"{said} ({sure})"


def spread_line(root_cause: Mapping[str, Any] | None, apps: Sequence[str]) -> str:
    """How the problem spread: ``a → b`` from ordered events of one trace, else that services merely occur together.

    The arrow is drawn from ``path`` of the root cause alone, which holds steps with ``app`` in the order that one trace showed.
    """
    steps = (root_cause or {}).get("path") or []
    names = [tail(one_line(step.get("app")), 60) for step in steps[:8]] + (["…"] if len(steps) > 8 else [])
    if len(names) > 1:
        return " → ".join(names)
    return f"co-occurring: {counted(len(apps), 'service')}" if len(apps) > 1 else ""
