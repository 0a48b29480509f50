"""The event table: the one columnar shape in which log events travel.

An event is a row of an Arrow table, never a Python object. Pages of a source become tables of ``EVENT_SCHEMA`` in
``normalize``; nothing downstream sees a document again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pyarrow as pa

WINDOW: Final = timedelta(minutes=15)
WINDOW_US: Final = 15 * 60 * 1_000_000

_UTC_US: Final = pa.timestamp("us", tz="UTC")

EVENT_SCHEMA: Final = pa.schema(
    [
        pa.field("window_start", _UTC_US, nullable=False),
        pa.field("event_time", _UTC_US, nullable=False),
        pa.field("namespace", pa.string(), nullable=False),
        pa.field("app", pa.string(), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
        pa.field("error_type", pa.string()),
        pa.field("stack_trace", pa.string()),
        pa.field("http_status", pa.int16()),
        pa.field("app_version", pa.string()),
        pa.field("trace_id", pa.string()),
        pa.field("span_id", pa.string()),
        pa.field("parent_span_id", pa.string()),
        pa.field("originator", pa.string()),
        pa.field("weight", pa.float64(), nullable=False),
    ]
)
"""A normalised, masked event. ``weight`` is 1 unless the event stands for several in a sample."""

COUNT_SCHEMA: Final = pa.schema(
    [
        pa.field("window_start", _UTC_US, nullable=False),
        pa.field("namespace", pa.string(), nullable=False),
        pa.field("errors", pa.int64(), nullable=False),
        pa.field("documents", pa.int64()),
    ]
)
"""What a source says it holds, by window and namespace: events at an error level, and records of any level (null: unknown)."""

REJECTED_SCHEMA: Final = pa.schema(
    [
        pa.field("ref", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("detail", pa.string()),
    ]
)
"""A record that could not be taken as it came. ``action``: quarantined (not counted in facts) or repaired (counted)."""


class Interval(NamedTuple):
    """A half-open span of event time ``[start, end)``, both bounds aware and in UTC."""

    start: datetime
    end: datetime

    def windows(self) -> list[datetime]:
        """The starts of the quarter hours in the interval, oldest first."""
        return [self.start + i * WINDOW for i in range(int((self.end - self.start) / WINDOW))]


def floor_to_window(moment: datetime) -> datetime:
    """The start of the quarter hour that holds ``moment``; raises ValueError for a time without zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone: give UTC, as in 2026-01-31T08:15:00Z")
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


def contiguous(windows: list[datetime]) -> list[Interval]:
    """Joins sorted window starts to the fewest intervals that cover exactly them."""
    intervals: list[Interval] = []
    for start in sorted(windows):
        if intervals and intervals[-1].end == start:
            intervals[-1] = Interval(intervals[-1].start, start + WINDOW)
        else:
            intervals.append(Interval(start, start + WINDOW))
    return intervals
