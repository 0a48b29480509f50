"""From raw pages to the event table: types, times, clean text and masking, once and in one place.

Every record of a page ends as exactly one event or as one quarantined row; a repaired record is an event and a row that says what was
done to it. Secrets and personal data are masked here, before anything can be stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.events import EVENT_SCHEMA, WINDOW_US, Interval
from ailog.domain.masking import mask
from ailog.domain.text import cut_middle, text_column
from ailog.domain.timestamps import event_times, microseconds, to_micros

UNKNOWN: Final = "unknown"
MAX_NAME_CHARACTERS: Final = 256
MAX_ID_CHARACTERS: Final = 64
MAX_DETAIL_CHARACTERS: Final = 80
_SHOWN_CHARACTERS: Final = 4_096
"""Of a value that is told of, as much is masked; what is kept of it is far less."""

RejectedRow = tuple[str, str, str, str | None]
"""ref, reason, action, detail: a row of REJECTED_SCHEMA."""

Mask = npt.NDArray[np.bool_]


def _everything(_namespace: str) -> bool:
    return True


class Page(Protocol):
    """What is asked of a page; ``ports.RawPage`` is one."""

    @property
    def columns(self) -> Mapping[str, Sequence[Any]]: ...
    @property
    def refs(self) -> Sequence[str]: ...
    @property
    def weights(self) -> Sequence[float] | None: ...
    @property
    def rejected(self) -> Sequence[RejectedRow]: ...


@dataclass(frozen=True, slots=True)
class NormalizeRules:
    """What counts as an error, which namespaces are analysed and how much text is kept."""

    levels: Sequence[str] = ("ERROR", "FATAL", "CRITICAL")
    covers: Callable[[str], bool] = _everything
    message_characters: int = 16_000
    max_record_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Normalized:
    """``events`` of EVENT_SCHEMA and ``rejected`` rows of REJECTED_SCHEMA; ``out_of_scope`` counts records of namespaces not ours.

    ``len(page.refs) + len(page.rejected quarantined) == events + quarantined + out_of_scope`` always holds.
    """

    events: pa.Table
    rejected: list[RejectedRow]
    quarantined: int
    repaired: int
    out_of_scope: int = 0


@dataclass(slots=True)
class _Work:
    """The work on one page: which records are still in, and what happened to them and to the others."""

    columns: Mapping[str, Sequence[Any]]
    refs: Sequence[str]
    keep: Mask
    quarantined: list[RejectedRow] = field(default_factory=list)
    repairs: list[tuple[int, str, str | None]] = field(default_factory=list)

    def quarantine(self, position: int, reason: str, detail: str | None = None) -> None:
        if self.keep[position]:
            self.keep[position] = False
            self.quarantined.append((self.refs[position], reason, "quarantined", detail))

    def repair(self, position: int, reason: str, detail: str | None = None) -> None:
        self.repairs.append((position, reason, detail))

    def repair_all(self, repaired: Mapping[int, str], column: str) -> None:
        for position, reason in repaired.items():
            self.repair(position, f"{reason}_{column}")

    def repaired_rows(self) -> list[RejectedRow]:
        return [(self.refs[at], reason, "repaired", detail) for at, reason, detail in self.repairs if self.keep[at]]


def normalize(page: Page, interval: Interval, rules: NormalizeRules) -> Normalized:
    """Turns one page into events; nothing that a record holds can make it fail.

    Reasons of quarantine: missing_timestamp, bad_timestamp, outside_window, bad_level, message_too_long. Reasons of repair:
    timestamp_without_zone, missing_<field>, wrong_type_<field>, too_long_<field>, unstorable_characters_<field>, message_cut,
    stack_trace_cut. The page's own rejected rows are passed on.
    """
    size = len(page.refs)
    work = _Work(page.columns, page.refs, np.ones(size, dtype=np.bool_))
    if size == 0:
        return Normalized(EVENT_SCHEMA.empty_table(), _masked_details(list(page.rejected)), _quarantined(page.rejected), 0)
    micros = _times(work, interval)
    level = _levels(work, rules.levels)
    namespace = _name(work, "namespace")
    ours = _in_scope(namespace, rules.covers)
    out_of_scope = int((work.keep & ~ours).sum())
    work.keep &= ours
    columns: dict[str, pa.Array] = {
        "window_start": microseconds(micros // WINDOW_US * WINDOW_US),
        "event_time": microseconds(micros),
        "namespace": namespace,
        "app": _name(work, "app"),
        "level": level,
        "message": _message(work, rules),
        "error_type": _optional(work, "error_type"),
        "stack_trace": _stack_trace(work, rules),
        "http_status": _http_status(page.columns["http_status"]),
        "app_version": _version(page.columns["app_version"]),
        "trace_id": _identifier(page.columns["trace_id"]),
        "span_id": _identifier(page.columns["span_id"]),
        "parent_span_id": _identifier(page.columns["parent_span_id"]),
        "originator": _optional(work, "originator"),
        "weight": pa.array(np.ones(size) if page.weights is None else page.weights, pa.float64()),
    }
    table = pa.table([columns[name] for name in EVENT_SCHEMA.names], schema=EVENT_SCHEMA)
    if not work.keep.all():
        table = table.filter(pa.array(work.keep))
    table = _masked(table, work, rules)
    rows = _masked_details([*page.rejected, *work.quarantined, *work.repaired_rows()])
    repaired = {at for at, _, _ in work.repairs if work.keep[at]}
    return Normalized(table, rows, _quarantined(rows), len(repaired), out_of_scope)


def _quarantined(rows: Sequence[RejectedRow]) -> int:
    return sum(1 for row in rows if row[2] == "quarantined")


def _shown(value: Any) -> str:
    text: str = text_column([value], compose=True)[0][0].as_py()
    return text[:_SHOWN_CHARACTERS]


def _masked_details(rows: list[RejectedRow]) -> list[RejectedRow]:
    """Masks what is told of records and cuts it afterwards, so that no cut lets half of a secret through."""
    if not any(row[3] for row in rows):
        return rows
    details = mask(pa.array([row[3] for row in rows], pa.string())).to_pylist()
    cut = [detail and detail[:MAX_DETAIL_CHARACTERS] for detail in details]
    return [(ref, reason, action, detail) for (ref, reason, action, _), detail in zip(rows, cut, strict=True)]


def _times(work: _Work, interval: Interval) -> npt.NDArray[np.int64]:
    values = work.columns["timestamp"]
    times = event_times(values)
    for position, reason in times.bad.items():
        work.quarantine(position, reason, None if values[position] is None else _shown(values[position]))
    outside = (times.micros < to_micros(interval.start)) | (times.micros >= to_micros(interval.end))
    for position in np.flatnonzero(outside & work.keep).tolist():
        work.quarantine(position, "outside_window", _shown(values[position]))
    for position in times.zoneless:
        work.repair(position, "timestamp_without_zone", _shown(values[position]))
    return times.micros


def _levels(work: _Work, levels: Sequence[str]) -> pa.Array:
    column, _ = text_column(work.columns["level"], compose=False)
    encoded = column.dictionary_encode()
    canonical = {level.upper(): level for level in levels}
    found = [canonical.get(value.upper()) if value else None for value in encoded.dictionary.to_pylist()]
    result = pa.array(found, pa.string()).take(encoded.indices)
    if result.null_count:
        for position in np.flatnonzero(np.asarray(result.is_null())).tolist():
            value = work.columns["level"][position]
            work.quarantine(position, "bad_level", None if value is None else _shown(value))
        result = result.fill_null(levels[0])
    return result


def namespace_names(values: Sequence[Any]) -> tuple[pa.Array, dict[int, str]]:
    """The names under which records are counted: text as it is, numbers as text, anything else ``unknown``; and what was repaired."""
    column, repaired = text_column(values, compose=False)
    encoded = column.dictionary_encode()
    names = [value if value and len(value) <= MAX_NAME_CHARACTERS else UNKNOWN for value in encoded.dictionary.to_pylist()]
    result = pa.array(names, pa.string()).take(encoded.indices).fill_null(UNKNOWN)
    unknown = np.flatnonzero(np.asarray(pc.equal(result, UNKNOWN)))
    for position in unknown.tolist():
        value = values[position]
        if value != UNKNOWN:
            repaired[position] = "missing" if value in (None, "") else "too_long" if isinstance(value, str) else "wrong_type"
    return result, repaired


def _name(work: _Work, column: str) -> pa.Array:
    names, repaired = namespace_names(work.columns[column])
    work.repair_all(repaired, column)
    return names


def _in_scope(namespace: pa.Array, covers: Callable[[str], bool]) -> Mask:
    encoded = namespace.dictionary_encode()
    covered = np.array([covers(name) for name in encoded.dictionary.to_pylist()], dtype=np.bool_)
    result: Mask = covered[np.asarray(encoded.indices)]
    return result


def _message(work: _Work, rules: NormalizeRules) -> pa.Array:
    message, repaired = text_column(work.columns["message"], compose=True)
    work.repair_all(repaired, "message")
    detail, repaired = text_column(work.columns["error_message"], compose=True)
    work.repair_all(repaired, "error_message")
    if detail.null_count < len(detail):
        message = _with_detail(message, detail)
    if message.null_count:
        for position in np.flatnonzero(np.asarray(message.is_null())).tolist():
            work.repair(position, "missing_message")
        message = message.fill_null("")
    size = np.asarray(pc.binary_length(message))
    if size.max() > rules.max_record_bytes:
        long = size > rules.max_record_bytes
        for position in np.flatnonzero(long).tolist():
            work.quarantine(position, "message_too_long", f"{size[position]} bytes")
        message = pc.if_else(pa.array(long), "", message)
    return message


def _with_detail(message: pa.Array, detail: pa.Array) -> pa.Array:
    """The message, followed by the error's own message unless it says that already.

    Loggers that write a constant text and put the cause into a field of its own would otherwise merge different faults.
    """
    texts = [
        said if not cause or (said and cause in said) else f"{said}: {cause}" if said else cause
        for said, cause in zip(message.to_pylist(), detail.to_pylist(), strict=True)
    ]
    return pa.array(texts, pa.string())


def _stack_trace(work: _Work, rules: NormalizeRules) -> pa.Array:
    trace, repaired = text_column(work.columns["stack_trace"], compose=True)
    work.repair_all({at: why for at, why in repaired.items() if not isinstance(work.columns["stack_trace"][at], list)}, "stack_trace")
    trace, cut = cut_middle(trace, rules.max_record_bytes // 4)  # a bound on what masking has to read
    for position in np.flatnonzero(np.asarray(cut)).tolist():
        work.repair(position, "stack_trace_cut")
    return trace


def _optional(work: _Work, column: str) -> pa.Array:
    values = work.columns[column]
    text, repaired = text_column(values, compose=False)
    work.repair_all(repaired, column)
    if text.null_count == len(text):
        return text
    encoded = text.dictionary_encode()
    return pc.utf8_slice_codeunits(encoded.dictionary, 0, MAX_NAME_CHARACTERS).take(encoded.indices)


def _identifier(values: Sequence[Any]) -> pa.Array:
    """A trace or span id; what cannot be one (no text, empty, over 64 characters, only zeros) joins nothing and becomes null."""
    text, repaired = text_column(values, compose=False)
    if text.null_count == len(text):
        return text
    drop = pc.is_in(text, value_set=_NO_IDS)
    if pc.max(pc.binary_length(text)).as_py() > MAX_ID_CHARACTERS:
        drop = pc.or_(drop, pc.greater(pc.utf8_length(text), MAX_ID_CHARACTERS).fill_null(fill_value=True))
    if repaired:
        wrong = np.zeros(len(values), dtype=np.bool_)
        wrong[list(repaired)] = True
        drop = pc.or_(drop, pa.array(wrong))
    return pc.if_else(drop, pa.scalar(None, pa.string()), text)


_NO_IDS: Final = pa.array(["", "0", "0" * 16, "0" * 32])


def _http_status(values: Sequence[Any]) -> pa.Array:
    """Whole numbers 100 to 599, or their digits; anything else is null."""
    try:
        numbers = pa.array(values, pa.int64())
    except (pa.ArrowException, OverflowError):
        numbers = pa.array([_status(value) for value in values], pa.int64())
    if numbers.null_count == len(numbers):
        return pa.nulls(len(numbers), pa.int16())
    valid = pc.and_(pc.greater_equal(numbers, 100), pc.less(numbers, 600))
    return pc.if_else(valid, numbers, pa.scalar(None, pa.int64())).cast(pa.int16())


def _status(value: Any) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() and 100 <= value < 600 else None
    if isinstance(value, str):
        return int(value) if _STATUS.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600 else None


_STATUS: Final = re.compile(r"[1-5][0-9]{2}")
_VERSION: Final = re.compile(r"[vV]?((?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){2}(?:[-+][0-9A-Za-z.+-]{1,64})?)")


def _version(values: Sequence[Any]) -> pa.Array:
    """X.Y.Z with an optional suffix, a leading v taken off; anything else is no version and becomes null."""
    text, _ = text_column(values, compose=False)
    if text.null_count == len(text):
        return text
    encoded = text.dictionary_encode()
    matches = [_VERSION.fullmatch(value) for value in encoded.dictionary.to_pylist()]
    return pa.array([match[1] if match else None for match in matches], pa.string()).take(encoded.indices)


def _masked(table: pa.Table, work: _Work, rules: NormalizeRules) -> pa.Table:
    """Masks whole texts first and cuts after, so that no cut lets half of a secret through."""
    for name in ("message", "stack_trace"):
        column = _one(table.column(name))
        if column.null_count == len(column):
            continue
        text, cut = cut_middle(_one(mask(column)), rules.message_characters)
        if pc.any(cut).as_py():
            for position in np.flatnonzero(work.keep)[np.asarray(cut)].tolist():
                work.repair(position, f"{name}_cut")
        table = table.set_column(table.schema.get_field_index(name), EVENT_SCHEMA.field(name), text)
    for name in ("app", "error_type", "app_version", "originator"):
        encoded = _one(table.column(name)).dictionary_encode()
        if len(encoded.dictionary):
            masked = _one(mask(encoded.dictionary)).take(encoded.indices)
            table = table.set_column(table.schema.get_field_index(name), EVENT_SCHEMA.field(name), masked)
    for name in ("trace_id", "span_id", "parent_span_id"):
        column = _one(table.column(name))
        if column.null_count < len(column):
            # A secret in the place of an id joins nothing; a run of digits is an id, whatever check it passes.
            secret = pc.and_(pc.not_equal(_one(mask(column)), column), pc.invert(pc.match_substring_regex(column, "^[0-9]+$")))
            if pc.any(secret).as_py():
                column = pc.if_else(secret, pa.scalar(None, pa.string()), column)
                table = table.set_column(table.schema.get_field_index(name), EVENT_SCHEMA.field(name), column)
    return table


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
