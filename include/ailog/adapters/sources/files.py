"""Log events out of NDJSON files, plain, gzip or zstd: documents as Elasticsearch would return them, with or without its envelope.

Counting and reading are two passes over the files, because nothing is kept of what may be larger than memory. What belongs to no
window (a line that is no JSON, a record without a usable time) is set aside by the source and not part of the count.
"""

from __future__ import annotations

import glob
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from ailog.adapters.sources.collector import paused_collector
from ailog.adapters.sources.file_reader import blocks
from ailog.adapters.sources.sampling import Plan, plan
from ailog.domain.events import COUNT_SCHEMA, WINDOW_US, Interval
from ailog.domain.fields import FieldMap
from ailog.domain.normalize import namespace_names
from ailog.domain.text import REPLACEMENT, text_column
from ailog.domain.timestamps import MAX_PLAUSIBLE_US, MIN_PLAUSIBLE_US, event_times, microseconds, to_micros
from ailog.errors import IncompleteFetch, SchemaMismatch
from ailog.ports import RawPage
from ailog.settings import FilesSource, Scope

log = logging.getLogger(__name__)

Rejected = tuple[str, str, str, str | None]
Document = dict[str, Any]

BATCH_LINES: Final = 5_000
BATCH_BYTES: Final = 16 << 20
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(slots=True)
class _Batch:
    """Parsed documents of one file with their names, and the lines that were none."""

    documents: list[Document] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Refs of lines whose text was not UTF-8 and was read with replacement characters."""


@dataclass(slots=True)
class _Selection:
    """The records of a batch that lie in the interval and in scope: positions, windows, names, and which are errors."""

    positions: npt.NDArray[np.intp]
    windows: npt.NDArray[np.int64]
    names: npt.NDArray[np.object_]
    errors: npt.NDArray[np.bool_]
    rejected: list[Rejected]


class FileLogs:
    """Implements ``ports.LogSource`` over files."""

    def __init__(
        self, source: FilesSource, *, fields: Mapping[str, Sequence[str]], levels: Sequence[str], scope: Scope, max_events: int
    ) -> None:
        self.name = source.name
        self._source = source
        self._fields = FieldMap(fields)
        self._levels = frozenset(level.upper() for level in levels)
        self._scope = scope
        self._max_events = max_events
        self._counted: dict[tuple[Interval, tuple[tuple[str, int, int], ...]], pa.Table] = {}

    def close(self) -> None:
        """Forgets what was counted; may be called twice."""
        self._counted.clear()

    def mark(self) -> str:
        """Changes when a file comes, goes, is written to or replaced; the files themselves are not read."""
        states = "\n".join(f"{path}\t{path.stat().st_mtime_ns}\t{path.stat().st_size}" for path in self._paths())
        return hashlib.sha256(states.encode("utf-8", "surrogateescape")).hexdigest()

    def count(self, interval: Interval) -> pa.Table:
        """See ``ports.LogSource``. One pass over the files, remembered while none of them changes."""
        paths = self._paths()
        key = (interval, tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths))
        if key not in self._counted:
            self._counted = {key: self._count(paths, interval)}
        return self._counted[key]

    def _count(self, paths: list[Path], interval: Interval) -> pa.Table:
        errors: Counter[tuple[int, str]] = Counter()
        documents: Counter[tuple[int, str]] = Counter()
        for path in paths:
            for batch in _batches(path):
                found = self._select(batch, interval)
                documents.update(zip(found.windows.tolist(), found.names.tolist(), strict=True))
                errors.update(zip(found.windows[found.errors].tolist(), found.names[found.errors].tolist(), strict=True))
        cells = sorted(documents)
        windows = microseconds(np.array([window for window, _ in cells], dtype=np.int64))
        names, counts, totals = [name for _, name in cells], [errors[cell] for cell in cells], [documents[cell] for cell in cells]
        columns = [windows, pa.array(names, pa.string()), pa.array(counts, pa.int64()), pa.array(totals, pa.int64())]
        return pa.table(columns, schema=COUNT_SCHEMA)

    def fetch(self, interval: Interval, counts: pa.Table) -> Iterator[RawPage]:
        """See ``ports.LogSource``. Above the limit of events every cell is thinned evenly, with weights that add up to its count."""
        planned = plan(counts, self._max_events)
        seen: Counter[tuple[int, str]] = Counter()
        arrived = 0
        pending = _Pending(self._source.page_size)
        for path in self._paths():
            for batch in _batches(path):
                found = self._select(batch, interval)
                taken, weights = self._take(found, planned, seen)
                arrived += int(found.errors.sum())
                pending.add(batch, found, taken, weights)
                yield from pending.full_pages(self._fields)
        yield from pending.rest(self._fields, sampled=planned.cap is not None)
        if arrived != planned.expected:
            raise IncompleteFetch(
                f"{self.name}: counted {planned.expected} events, read {arrived}; a file changed in between, the window is read again"
            )

    def _paths(self) -> list[Path]:
        found: dict[Path, None] = {}
        for pattern in self._source.paths:
            names = glob.glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
            matches = sorted(path for path in map(Path, names) if path.is_file())
            if not matches:
                raise SchemaMismatch(f"{self.name}: {pattern} matches no file; correct `paths` of the source")
            found.update(dict.fromkeys(matches))
        return list(found)

    def _select(self, batch: _Batch, interval: Interval) -> _Selection:
        with paused_collector():
            columns = self._fields.extract(batch.documents, ("timestamp", "level", "namespace"))
        times = event_times(columns["timestamp"])
        rejected = list(batch.rejected)
        inside = (times.micros >= to_micros(interval.start)) & (times.micros < to_micros(interval.end))
        for position, reason in times.bad.items():
            inside[position] = False
            rejected.append((batch.refs[position], reason, "quarantined", None))
        implausible = np.flatnonzero((times.micros < MIN_PLAUSIBLE_US) | (times.micros > MAX_PLAUSIBLE_US)).tolist()
        rejected += [(batch.refs[at], "outside_window", "quarantined", str(columns["timestamp"][at])[:80]) for at in implausible]
        names = namespace_names(columns["namespace"])[0].dictionary_encode()
        covered = np.array([self._scope.covers(name) for name in names.dictionary.to_pylist()], dtype=np.bool_)
        codes = np.asarray(names.indices)
        positions = np.flatnonzero(inside & covered[codes]) if len(codes) else np.empty(0, dtype=np.intp)
        levels = text_column(columns["level"], compose=False)[0].dictionary_encode()
        is_error = np.array([bool(level) and level.upper() in self._levels for level in levels.dictionary.to_pylist()] + [False])
        level_codes = np.asarray(levels.indices.fill_null(len(is_error) - 1))
        return _Selection(
            positions=positions,
            windows=times.micros[positions] // WINDOW_US * WINDOW_US,
            names=np.asarray(names.dictionary, dtype=object)[codes[positions]],
            errors=is_error[level_codes[positions]],
            rejected=rejected,
        )

    @staticmethod
    def _take(found: _Selection, planned: Plan, seen: Counter[tuple[int, str]]) -> tuple[list[int], list[float] | None]:
        """Positions of the errors to read and their weights: of n in a cell the i-th is taken where i*m/n reaches a new whole number."""
        chosen = found.positions[found.errors].tolist()
        if planned.cap is None:
            return chosen, None
        taken, weights = [], []
        cells = zip(found.windows[found.errors].tolist(), found.names[found.errors].tolist(), strict=True)
        for position, cell in zip(chosen, cells, strict=True):
            count, target, number = planned.counts.get(cell, 0), planned.target(cell), seen[cell]
            seen[cell] += 1
            if number < count and (number + 1) * target // count > number * target // count:
                taken.append(position)
                weights.append(count / target)
        return taken, weights


@dataclass(slots=True)
class _Pending:
    """Records on their way into pages of an even size."""

    page_size: int
    documents: list[Document] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def add(self, batch: _Batch, found: _Selection, taken: list[int], weights: list[float] | None) -> None:
        self.documents += [batch.documents[position] for position in taken]
        refs = [batch.refs[position] for position in taken]
        self.refs += refs
        if batch.broken:
            self.rejected += [(ref, "broken_utf8", "repaired", None) for ref in refs if ref in batch.broken]
        self.weights += weights or []
        self.rejected += found.rejected

    def full_pages(self, fields: FieldMap) -> Iterator[RawPage]:
        while len(self.documents) >= self.page_size or len(self.rejected) >= self.page_size:
            yield self._page(fields, sampled=bool(self.weights))

    def rest(self, fields: FieldMap, *, sampled: bool) -> Iterator[RawPage]:
        while self.documents or self.rejected:
            yield self._page(fields, sampled=sampled)

    def _page(self, fields: FieldMap, *, sampled: bool) -> RawPage:
        size = self.page_size
        with paused_collector():
            columns = fields.extract(self.documents[:size])
        page = RawPage(columns, self.refs[:size], self.weights[:size] if sampled else None, tuple(self.rejected[:size]))
        self.documents, self.refs = self.documents[size:], self.refs[size:]
        self.weights, self.rejected = self.weights[size:], self.rejected[size:]
        return page


def _batches(path: Path) -> Iterator[_Batch]:
    number = 0
    lines: list[bytes | None] = []
    size = 0
    for block in blocks(path):
        for line in block:
            lines.append(line)
            size += len(line or b"")
            if len(lines) >= BATCH_LINES or size >= BATCH_BYTES:
                yield _parse(path.name, number, lines)
                number += len(lines)
                lines, size = [], 0
    if lines:
        yield _parse(path.name, number, lines)


def _parse(name: str, before: int, lines: list[bytes | None]) -> _Batch:
    """Parses lines in one go, and one by one only when that fails; ``before`` is the number of lines before the first."""
    if before == 0 and lines[0]:
        lines[0] = lines[0].removeprefix(_BOM)
    batch = _Batch()
    found: list[Any] | None = None
    if None not in lines and b"" not in lines:
        with paused_collector():
            found = _together(lines)
    if found is None or len(found) != len(lines):
        found = [_one(f"{name}:{number}", line, batch) for number, line in enumerate(lines, before + 1)]
    for number, document in enumerate(found, before + 1):
        if type(document) is dict:
            source = document.get("_source")
            batch.documents.append(source if type(source) is dict else document)
            batch.refs.append(f"{name}:{number}")
        elif document is not _SKIP:
            batch.rejected.append((f"{name}:{number}", "not_an_object", "quarantined", type(document).__name__))
    return batch


_SKIP: Final = object()


def _together(lines: list[bytes | None]) -> list[Any] | None:
    try:
        found: list[Any] = orjson.loads(b"[" + b",".join(line or b"" for line in lines) + b"]")
    except orjson.JSONDecodeError:
        return None
    return found


def _one(ref: str, line: bytes | None, batch: _Batch) -> Any:
    """One document; what orjson refuses is tried with the standard library, which reads lone surrogates."""
    if line is None:
        batch.rejected.append((ref, "line_too_long", "quarantined", None))
        return _SKIP
    if not line.strip():
        return _SKIP
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        problem = str(error)
    text = line.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        batch.rejected.append((ref, "bad_json", "quarantined", problem))
        return _SKIP
    if text.count(REPLACEMENT) > line.count(REPLACEMENT.encode()):
        batch.broken.add(ref)
    return document
