"""What is stored of a span, read day by day for judging it again: facts in bulk, and the little that facts do not hold.

All of it is read in one transaction that can only read, so that nothing is written whatever happens, and a run that publishes meanwhile
changes nothing in the middle of it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv

from ailog.domain.environment import environment_of
from ailog.domain.events import WINDOW, Interval
from ailog.pipeline import frames
from ailog.ports import Store

DAY: Final = timedelta(days=1)
_NAME: Final = pa.dictionary(pa.int32(), pa.string())
_TOTALS: Final = {
    "slot": pa.int64(), "namespace": _NAME, "count": pa.int64(), "documents": pa.float64(), "complete": pa.int8(), "estimated": pa.int8(),
}  # fmt: skip
_KINDS: Final = {
    "slot": pa.int64(), "namespace": _NAME, "app": _NAME, "fingerprint": _NAME, "problem_key": _NAME, "count": pa.int64(),
    "first_event": pa.int64(), "last_event": pa.int64(),
}  # fmt: skip
_SUMS_OF_KINDS: Final = {"day": pa.int64(), "fingerprint": _NAME, "environment": _NAME, "problem_key": _NAME, "count": pa.int64()}
_SUMS_OF_PROBLEMS: Final = {"day": pa.int64(), "namespace": _NAME, "problem_key": _NAME, "count": pa.int64()}
_PART_DAYS: Final = {
    "day": pa.int64(), "namespace": _NAME, "problem_key": _NAME, "subject": _NAME, "count": pa.int64(), "windows": pa.int64(),
}  # fmt: skip
_LOUDEST: Final = {"day": pa.int64(), "namespace": _NAME, "count": pa.float64(), "documents": pa.float64()}


@dataclass(frozen=True)
class Day:
    """The facts of a UTC day, as ``Judged`` wants them."""

    start: datetime
    windows: list[datetime]
    totals: pd.DataFrame
    kinds: pd.DataFrame


class Facts:
    """The facts of a span in whole UTC days, and what was before them."""

    def __init__(self, store: Store, connection: psycopg.Connection, span: Interval) -> None:
        self.store, self.connection, self.span = store, connection, span
        self.first_day, last = midnight(span.start), midnight(span.end - WINDOW)
        self.days = [self.first_day + i * DAY for i in range((last - self.first_day).days + 1)]
        families = self.rows("families")
        self.families: Mapping[str, str] = dict(zip(families["fingerprint"], families["family"], strict=True))

    def rows(self, name: str, **values: Any) -> pd.DataFrame:
        """The rows of a statement of the folder ``replay``; ``start`` and ``end`` are those of the span unless given."""
        return self.other(f"replay/{name}", **values)

    def other(self, name: str, **values: Any) -> pd.DataFrame:
        """The rows of any statement."""
        return frames.read(self.store, self.connection, name, {"start": self.span.start, "end": self.span.end, **values})

    def day(self, start: datetime) -> Day:
        """The facts of a day, from its midnight on, up to the end of the span."""
        end = min(start + DAY, self.span.end)
        values = {"start": start, "end": end}
        totals = self._by_window("totals", _TOTALS, values)
        totals["documents"] = totals["documents"].astype("Int64")
        totals = totals.astype({"complete": bool, "estimated": bool})
        kinds = self._by_window("kinds", _KINDS, values)
        kinds["environment"] = mapped(kinds["namespace"], environment_of)
        kinds["family"] = mapped(kinds["fingerprint"], lambda name: self.families.get(name, name))
        for name in ("first_event", "last_event"):
            kinds[name] = pd.to_datetime(kinds[name], unit="us", utc=True).astype("datetime64[us, UTC]")
        return Day(start, Interval(start, end).windows(), totals, kinds)

    def kinds_before(self, days: int) -> pd.DataFrame:
        """By day (since the epoch): family, environment, problem_key, count: of the days before the first."""
        found = self._copied("kinds_before", _SUMS_OF_KINDS, {"start": self.first_day - days * DAY, "end": self.first_day})
        found["family"] = mapped(found["fingerprint"], lambda name: self.families.get(name, name))
        return found

    def problems_before(self, days: int) -> pd.DataFrame:
        """By day (since the epoch): namespace, problem_key, count: of the days before the first."""
        return self._copied("problems_before", _SUMS_OF_PROBLEMS, {"start": self.first_day - days * DAY, "end": self.first_day})

    def part_days(self, days: int, timezone: str) -> pd.DataFrame:
        """By local day (since the epoch): namespace, problem_key, subject, count, windows; from so many days before the first on."""
        values = {"start": self.first_day - days * DAY, "end": self.span.end, "timezone": timezone}
        return self._copied("part_days", _PART_DAYS, values)

    def loudest(self, days: int) -> pd.DataFrame:
        """By day (since the epoch): namespace, count, documents: the largest windows, from so many days before the first on."""
        return self._copied("loudest", _LOUDEST, {"start": self.first_day - days * DAY, "end": self.span.end})

    def history(self, namespaces: list[str], start: datetime, end: datetime) -> pd.DataFrame:
        """Complete windows of some namespaces: window_start, namespace, count, documents (Int64)."""
        found = self.rows("history", namespaces=namespaces, start=start, end=end)
        found["documents"] = found["documents"].astype("Int64")
        return found

    def _by_window(self, name: str, types: Mapping[str, pa.DataType], values: Mapping[str, Any]) -> pd.DataFrame:
        """Many small rows: the driver takes a window of them at once."""
        with self.connection.cursor(binary=True) as cursor:
            found = cursor.execute(self.store.statement(f"replay/{name}"), values).fetchall()
        return self._read(b"\n".join(lines for (lines,) in found), types)

    def _copied(self, name: str, types: Mapping[str, pa.DataType], values: Mapping[str, Any]) -> pd.DataFrame:
        sink = io.BytesIO()
        with self.connection.cursor() as cursor, cursor.copy(self.store.statement(f"replay/{name}"), values) as copy:
            for block in copy:
                sink.write(block)
        return self._read(sink.getvalue(), types)

    def _read(self, text: bytes, types: Mapping[str, pa.DataType]) -> pd.DataFrame:
        if not text:
            return self._shaped(pa.table({column: pa.array([], kind) for column, kind in types.items()}))
        table = pacsv.read_csv(
            pa.BufferReader(text),
            read_options=pacsv.ReadOptions(column_names=list(types)),
            parse_options=pacsv.ParseOptions(newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(column_types=dict(types), strings_can_be_null=False),
        )
        return self._shaped(table)

    @staticmethod
    def _shaped(table: pa.Table) -> pd.DataFrame:
        """Text as objects, each distinct one made once; the slot as the start of its window."""
        columns: dict[str, Any] = {}
        for name in table.column_names:
            column = table.column(name)
            if pa.types.is_dictionary(column.type):
                whole = column.unify_dictionaries().combine_chunks()
                whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
                distinct = np.array([*whole.dictionary.to_pylist(), ""], dtype=object)
                columns[name] = distinct[whole.indices.to_numpy(zero_copy_only=False)]
            else:
                columns[name] = column.to_numpy()
        frame = pd.DataFrame(columns)
        if "slot" in frame:
            starts = pd.to_datetime(frame.pop("slot") * 900, unit="s", utc=True).astype("datetime64[us, UTC]")
            frame.insert(0, "window_start", starts)
        return frame


def mapped(column: pd.Series, to: Any) -> pd.Series:
    """A column of text under a function, which is asked once for each distinct value."""
    codes, distinct = pd.factorize(column)
    return pd.Series(np.array([*(to(str(name)) for name in distinct), ""], dtype=object)[codes], index=column.index, dtype=object)


def midnight(moment: datetime) -> datetime:
    """The start of the UTC day of a moment."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def number_of(day: datetime) -> int:
    """A UTC day as days since the epoch."""
    return int(day.timestamp()) // 86_400
