"""Log events out of Elasticsearch 8 and 9, read whole or not at all.

Counting and reading share one point in time, so what was counted is what is read, even while documents arrive. Before either, the
index patterns are resolved: a closed or missing index is told, never taken for silence.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import quote

import pyarrow as pa

from ailog.adapters.sources import elasticsearch_query as query
from ailog.adapters.sources.collector import paused_collector
from ailog.adapters.sources.elasticsearch_client import ElasticsearchConnection, Server
from ailog.adapters.sources.elasticsearch_paging import Hits, PointInTime, read_pages
from ailog.adapters.sources.sampling import Plan, plan
from ailog.domain.events import COUNT_SCHEMA, WINDOW, Interval, floor_to_window
from ailog.domain.fields import FieldMap
from ailog.domain.normalize import MAX_NAME_CHARACTERS, UNKNOWN, namespace_names
from ailog.errors import AilogError, SchemaMismatch
from ailog.ports import RawPage
from ailog.settings import ElasticsearchSource, Scope

log = logging.getLogger(__name__)

WINDOWS_PER_COUNT: Final = 96
"""A day: keeps an aggregation far below the server's limit of 65,536 buckets."""
SAMPLE_SEED: Final = 20_231
_PATTERN_CHARACTERS: Final = ",*-_.:"


@dataclass(frozen=True, slots=True)
class _View:
    """An open point in time over an interval, with the fields that its indices have."""

    interval: Interval
    pit: PointInTime
    fields: query.Resolved


class ElasticsearchLogs:
    """Implements ``ports.LogSource``; the connections open with the first question."""

    def __init__(
        self,
        source: ElasticsearchSource,
        connection: ElasticsearchConnection,
        *,
        fields: Mapping[str, Sequence[str]],
        levels: Sequence[str],
        scope: Scope,
        max_events: int,
    ) -> None:
        self.name = source.name
        self.warnings: list[str] = []
        """What a person should know about the last answers, such as closed indices that were left out."""
        self._source = source
        self._fields = FieldMap(fields)
        self._levels = tuple(levels)
        self._scope = scope
        self._max_events = max_events
        self._server = Server(connection, timeout_seconds=source.timeout_seconds, retries=source.retries)
        self._view: _View | None = None

    @property
    def _indices(self) -> str:
        return ",".join(self._source.indices)

    def close(self) -> None:
        """Lets go of the point in time and the connections; may be called twice."""
        self._release()
        self._server.close()

    def count(self, interval: Interval) -> pa.Table:
        """See ``ports.LogSource``. One aggregation a day of the interval; exact, or an error. Keeps the point in time for ``fetch``."""
        view = self._open(interval)
        cells: dict[tuple[datetime, str], list[int]] = {}
        for part in _days(interval):
            filters = [query.between(view.fields, part)]
            narrow = query.plain_scope(self._scope.include, view.fields)
            self._count_into(cells, view, query.all_of(*filters, *([narrow] if narrow else [])))
        rows = [
            (window, name, errors, documents) for (window, name), (errors, documents) in sorted(cells.items()) if self._scope.covers(name)
        ]
        columns = zip(*rows, strict=True) if rows else [[] for _ in COUNT_SCHEMA]
        return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, COUNT_SCHEMA, strict=True)], schema=COUNT_SCHEMA)

    def fetch(self, interval: Interval, counts: pa.Table) -> Iterator[RawPage]:
        """See ``ports.LogSource``. Above the limit of events the pages carry weights that add up to ``counts`` in every cell."""
        planned = plan(counts, self._max_events)
        if not planned.expected:
            return
        view = self._view if self._view is not None and self._view.interval == interval else self._open(interval)
        fields = view.fields.narrow(self._fields)
        if planned.cap is None:
            names = sorted({name for _, name in planned.counts})
            scoped = [] if self._covers_all() else [query.in_namespaces(view.fields, names)]
            wanted = query.all_of(query.between(view.fields, interval), query.at_levels(view.fields, self._levels), *scoped)
            for hits in self._read(view, wanted, fields, planned.expected):
                yield _page(hits, fields)
        else:
            self._warn(f"{self.name}: {planned.expected} events are more than max_events {self._max_events}; a weighted sample is read")
            yield from self._sample(view, planned, fields)

    def _covers_all(self) -> bool:
        return "*" in self._scope.include and not self._scope.exclude

    def _read(self, view: _View, wanted: query.Query, fields: FieldMap, expected: int) -> Iterator[Hits]:
        source = self._source
        return read_pages(
            self._server, view.pit, wanted, fields.source_paths, page_size=source.page_size, slices=source.slices, expected=expected
        )

    def _sample(self, view: _View, planned: Plan, fields: FieldMap) -> Iterator[RawPage]:
        for start in sorted({window for window, _ in planned.counts}):
            opening = datetime.fromtimestamp(start // 1_000_000, tz=UTC)
            names = sorted(name for window, name in planned.counts if window == start)
            whole = [name for name in names if planned.target((start, name)) == planned.counts[start, name]]
            ways = [query.in_namespaces(view.fields, whole)] if whole else []
            for name in names:
                if name not in whole:
                    share = planned.target((start, name)) / planned.counts[start, name]
                    ways.append(_thinned(query.in_namespaces(view.fields, [name]), share))
            part = Interval(max(opening, view.interval.start), min(opening + WINDOW, view.interval.end))
            wanted = query.all_of(query.between(view.fields, part), query.at_levels(view.fields, self._levels), query.any_of(ways))
            drawn: dict[tuple[datetime, str], list[int]] = {}
            self._count_into(drawn, view, wanted)
            weights = {name: planned.counts[start, name] / errors for (_, name), (errors, _) in drawn.items()}
            for hits in self._read(view, wanted, fields, sum(errors for errors, _ in drawn.values())):
                page = _page(hits, fields)
                found, _ = namespace_names(page.columns["namespace"])
                yield RawPage(page.columns, page.refs, [weights[name] for name in found.to_pylist()])

    def _count_into(self, cells: dict[tuple[datetime, str], list[int]], view: _View, wanted: query.Query) -> None:
        answer = self._server.search(
            {
                "size": 0,
                "track_total_hits": True,
                "pit": {"id": view.pit.id, "keep_alive": view.pit.keep_alive},
                "query": wanted,
                "aggs": query.count_aggregations(view.fields, self._levels),
            }
        )
        view.pit.id = answer.get("pit_id", view.pit.id)
        counted = 0
        for branch, found in answer["aggregations"].items():
            groups = [{"key": UNKNOWN, **found}] if branch == "without" else self._whole_terms(found["namespace"])
            for group in groups:
                name = group["key"] if group["key"] and len(group["key"]) <= MAX_NAME_CHARACTERS else UNKNOWN
                for bucket in group["window"]["buckets"]:
                    cell = cells.setdefault((datetime.fromtimestamp(bucket["key"] // 1000, tz=UTC), name), [0, 0])
                    cell[0] += bucket["errors"]["doc_count"]
                    cell[1] += bucket["doc_count"]
                    counted += bucket["doc_count"]
        total = answer["hits"]["total"]["value"]
        if counted != total:
            self._warn(f"{self.name}: {total} documents were counted {counted} times: some have several namespaces or times")

    def _whole_terms(self, terms: Mapping[str, Any]) -> list[dict[str, Any]]:
        if terms.get("sum_other_doc_count") or terms.get("doc_count_error_upper_bound"):
            raise SchemaMismatch(
                f"{self.name}: more than {query.MAX_NAMESPACES} namespaces; narrow `scope.include` or correct `fields.namespace`"
            )
        buckets: list[dict[str, Any]] = terms["buckets"]
        return buckets

    def _open(self, interval: Interval) -> _View:
        self._release()
        self.warnings.clear()
        self._check_indices()
        path = quote(self._indices, safe=_PATTERN_CHARACTERS)
        capabilities = self._server.request(
            "POST",
            f"/{path}/_field_caps",
            params={"allow_no_indices": "false", "expand_wildcards": "open", "fields": ",".join(query.candidates(self._fields))},
        )
        fields = query.resolve(self._fields, capabilities["fields"], f"{self.name} ({self._indices})")
        for warning in fields.warnings:
            self._warn(warning)
        opened = self._server.request(
            "POST",
            f"/{path}/_pit",
            params={"keep_alive": self._source.keep_alive, "allow_no_indices": "false", "expand_wildcards": "open"},
        )
        self._view = _View(interval, PointInTime(opened["id"], self._source.keep_alive), fields)
        return self._view

    def _release(self) -> None:
        if self._view is not None:
            pit, self._view = self._view.pit, None
            self._close_quietly(pit)

    def _close_quietly(self, pit: PointInTime) -> None:
        try:
            self._server.request("DELETE", "/_pit", body={"id": pit.id}, retries=0)
        except AilogError as error:
            log.info("%s: a point in time was left to expire: %s", self.name, error)

    def _warn(self, text: str) -> None:
        self.warnings.append(text)
        log.warning(text)

    def _check_indices(self) -> None:
        """Looks for closed indices, which a search under a wildcard passes over without a word."""
        found = self._resolve(self._source.indices)
        if not found:
            raise SchemaMismatch(f"{self.name}: {self._indices} matches no index; correct `indices` of the source")
        closed = sorted(name for name, is_closed in found.items() if is_closed)
        for required in self._source.require_open:
            matching = [name for name in closed if fnmatchcase(name, required)]
            if matching:
                raise SchemaMismatch(
                    f"{self.name}: index {', '.join(matching)} is closed but `require_open` names {required}; open it or change the setting"
                )
            if not any(fnmatchcase(name, required) for name in found):
                raise SchemaMismatch(f"{self.name}: no index of {self._indices} matches {required} of `require_open`")
        by_name = [name for name in closed if name in self._source.indices]
        if by_name:
            raise SchemaMismatch(f"{self.name}: index {', '.join(by_name)} is closed; open it or take it out of `indices`")
        if len(closed) == len(found):
            raise SchemaMismatch(f"{self.name}: all {len(closed)} indices of {self._indices} are closed; open one or correct `indices`")
        if closed:
            self._warn(f"{self.name}: closed indices are left out: {', '.join(closed)}")

    def _resolve(self, names: Sequence[str]) -> dict[str, bool]:
        """Index name to whether it is closed; aliases and data streams followed."""
        path = quote(",".join(names), safe=_PATTERN_CHARACTERS)
        answer = self._server.request("GET", f"/_resolve/index/{path}", params={"expand_wildcards": "open,closed"})
        found = {index["name"]: "closed" in index["attributes"] for index in answer["indices"]}
        behind = {name for alias in answer["aliases"] for name in _listed(alias["indices"])}
        behind |= {name for stream in answer["data_streams"] for name in _listed(stream["backing_indices"])}
        missing = sorted(behind - set(found))
        return found | self._resolve(missing) if missing else found


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _days(interval: Interval) -> Iterator[Interval]:
    start = interval.start
    while start < interval.end:
        end = min(floor_to_window(start) + WINDOW * WINDOWS_PER_COUNT, interval.end)
        yield Interval(start, end)
        start = end


def _thinned(wanted: query.Query, share: float) -> query.Query:
    """About ``share`` of the records, the same ones each time: chosen by a hash of the sequence number, no script needed."""
    chance = {"seed": SAMPLE_SEED, "field": "_seq_no"}
    return {"function_score": {"query": wanted, "random_score": chance, "boost_mode": "replace", "min_score": 1 - share}}


def _page(hits: Hits, fields: FieldMap) -> RawPage:
    with paused_collector():
        return RawPage(fields.extract([hit["_source"] for hit in hits]), [f"{hit['_index']}/{hit['_id']}" for hit in hits])
