"""Event times out of whatever a record calls its time.

What is understood is what Elasticsearch's default date format stores: ISO 8601 text with or without zone and up to nanoseconds, and
milliseconds since 1970 as a number or as digits. Times are truncated to the microsecond. A time without zone is taken as UTC, as
Elasticsearch does, and marked. Nothing else is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DIGITS: Final = re.compile(r"-?[0-9]{1,16}")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?")
_MAX_MILLIS: Final = 253_402_300_800_000
"""The end of the year 9999, the last that a datetime can hold."""

MIN_PLAUSIBLE_US: Final = 0
MAX_PLAUSIBLE_US: Final = 9_223_372_036_000_000
"""What Elasticsearch's nanosecond dates can hold, 1970 to 2262: a record that claims another year has a broken clock or field."""


@dataclass(frozen=True, slots=True)
class EventTimes:
    """``micros`` since 1970 in UTC as int64, meaningful where ``reasons`` has no entry that sets the record aside.

    ``bad`` maps positions to missing_timestamp or bad_timestamp; ``zoneless`` holds positions whose zone was taken as UTC.
    """

    micros: npt.NDArray[np.int64]
    bad: dict[int, str]
    zoneless: frozenset[int]


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def event_times(values: Sequence[Any]) -> EventTimes:
    """Reads a column of untyped values; see the module for what is understood."""
    try:
        text = pa.array(values, pa.string())
        if text.null_count == 0:
            nanos = text.cast(pa.timestamp("ns", "UTC"))
            micros = np.asarray(nanos.cast(pa.int64())) // 1000
            return EventTimes(micros, {}, frozenset())
    except (pa.ArrowException, UnicodeEncodeError):
        pass  # at least one value is of another kind: each is looked at by itself
    return _one_by_one(values)


def _one_by_one(values: Sequence[Any]) -> EventTimes:
    micros = np.zeros(len(values), dtype=np.int64)
    bad: dict[int, str] = {}
    zoneless = []
    for position, value in enumerate(values):
        if value is None or value == "":
            bad[position] = "missing_timestamp"
            continue
        try:
            micros[position], has_zone = _parse(value)
        except (TypeError, ValueError, OverflowError):
            bad[position] = "bad_timestamp"
        else:
            if not has_zone:
                zoneless.append(position)
    return EventTimes(micros, bad, frozenset(zoneless))


def _parse(value: Any) -> tuple[int, bool]:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]  # Elasticsearch makes no difference between a value and a list of one
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_millis(value), True
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    text = value.strip()
    if _DIGITS.fullmatch(text) and len(text) > 4:
        return _from_millis(int(text)), True
    if not _ISO.fullmatch(text):
        raise ValueError("not ISO 8601")
    moment = datetime.fromisoformat(text.replace(",", "."))
    if moment.tzinfo is None:
        return to_micros(moment.replace(tzinfo=UTC)), False
    return to_micros(moment), True


def _from_millis(value: float) -> int:
    if not -_MAX_MILLIS < value < _MAX_MILLIS:  # also refuses what is not a number
        raise ValueError("out of range")
    return int(value * 1000) if isinstance(value, int) else int(np.floor(value * 1000))


def microseconds(array: npt.NDArray[np.int64]) -> pa.Array:
    """Microseconds since 1970 as an Arrow timestamp column in UTC."""
    return pc.cast(pa.array(array, pa.int64()), pa.timestamp("us", "UTC"))
