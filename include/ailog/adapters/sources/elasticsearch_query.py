"""What is asked of Elasticsearch: the fields that its mapping really has, and the queries built on them.

Of several paths for one field the first that a document has wins, in the queries as in the reading of documents. So a document is
never counted by one path and read by another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ailog.domain.events import Interval
from ailog.domain.fields import FieldMap
from ailog.domain.normalize import UNKNOWN
from ailog.errors import SchemaMismatch

Query = dict[str, Any]

MAX_NAMESPACES: Final = 10_000
_DATES: Final = {"date", "date_nanos"}
_KEYWORDS: Final = {"keyword", "constant_keyword", "wildcard"}


@dataclass(frozen=True, slots=True)
class Column:
    """A field as documents name it (``path``) and as the index answers for it (``indexed``, maybe a sub-field)."""

    path: str
    indexed: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The fields that queries need, found in the mapping; ``namespaces`` may be empty, then every record is of ``unknown``."""

    timestamp: Column
    levels: tuple[Column, ...]
    namespaces: tuple[Column, ...]
    warnings: tuple[str, ...]

    def narrow(self, fields: FieldMap) -> FieldMap:
        """The field map that reads documents by the same paths as the queries."""
        return fields.narrowed(
            {
                "timestamp": [self.timestamp.path],
                "level": [column.path for column in self.levels],
                "namespace": [column.path for column in self.namespaces],
            }
        )


def candidates(fields: FieldMap) -> list[str]:
    """The names to ask the field capabilities of."""
    return [f"{path}{suffix}" for name in ("timestamp", "level", "namespace") for path in fields.paths(name) for suffix in ("", ".keyword")]


def resolve(fields: FieldMap, capabilities: Mapping[str, Mapping[str, Any]], where: str) -> Resolved:
    """Picks the usable fields out of an answer of ``_field_caps``.

    Raises SchemaMismatch naming the paths looked for, or the indices that map one field in different ways.
    """
    warnings: list[str] = []
    times = [path for path in fields.paths("timestamp") if path in capabilities]
    if not times:
        raise _nothing(fields, "timestamp", where)
    _same_kind(times[0], capabilities[times[0]], _DATES, where)
    if len(times) > 1:
        warnings.append(f"{where}: {', '.join(times)} are all mapped; windows go by {times[0]} alone")
    levels = _keywords(fields, "level", capabilities, where, warnings)
    if not levels:
        raise _nothing(fields, "level", where)
    namespaces = _keywords(fields, "namespace", capabilities, where, warnings)
    if not namespaces:
        warnings.append(f"{where}: none of {', '.join(fields.paths('namespace'))} is mapped; all records count as namespace {UNKNOWN!r}")
    return Resolved(Column(times[0], times[0]), levels, namespaces, tuple(warnings))


def _nothing(fields: FieldMap, name: str, where: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"{where} has none of the fields {', '.join(fields.paths(name))} for {name}; set `fields.{name}` to the one that holds it"
    )


def _same_kind(path: str, kinds: Mapping[str, Any], allowed: set[str], where: str) -> None:
    wrong = sorted(set(kinds) - allowed - {"unmapped"})
    if wrong:
        indices = sorted({index for kind in wrong for index in kinds[kind].get("indices") or ()})
        raise SchemaMismatch(
            f"{where}: {path} is of type {', '.join(wrong)} in {', '.join(indices) or 'every index'}, "
            f"needed is {' or '.join(sorted(allowed))}; leave that index out of `indices` or correct its mapping"
        )


def _keywords(
    fields: FieldMap, name: str, capabilities: Mapping[str, Mapping[str, Any]], where: str, warnings: list[str]
) -> tuple[Column, ...]:
    found = []
    for path in fields.paths(name):
        for indexed in (path, f"{path}.keyword"):
            kinds = set(capabilities.get(indexed, {})) - {"unmapped"}
            if kinds and kinds <= _KEYWORDS:
                found.append(Column(path, indexed))
                break
            if kinds & _KEYWORDS:  # a keyword in one index and something else in another cannot be asked in one query
                _same_kind(indexed, capabilities[indexed], _KEYWORDS, where)
        else:
            if path in capabilities and "object" not in capabilities[path]:
                warnings.append(f"{where}: {path} is of type {', '.join(sorted(capabilities[path]))} and cannot be used for {name}")
    return tuple(found)


def iso(moment: datetime) -> str:
    """A time as Elasticsearch's ``strict_date_optional_time`` reads it."""
    return moment.isoformat().replace("+00:00", "Z")


def between(resolved: Resolved, interval: Interval) -> Query:
    """Records of a half-open interval."""
    bounds = {"gte": iso(interval.start), "lt": iso(interval.end), "format": "strict_date_optional_time"}
    return {"range": {resolved.timestamp.indexed: bounds}}


def at_levels(resolved: Resolved, levels: Sequence[str]) -> Query:
    """Records whose level is one of ``levels`` in any case of letters."""
    wanted = sorted({level.upper() for level in levels})

    def matches(column: Column) -> Query:
        return any_of([{"term": {column.indexed: {"value": level, "case_insensitive": True}}} for level in wanted])

    return _first_present(resolved.levels, matches)


def in_namespaces(resolved: Resolved, names: Sequence[str]) -> Query:
    """Records of the namespaces ``names``, as they are counted: ``unknown`` stands for those without one as well."""

    def matches(column: Column) -> Query:
        spellings = [*names, ""] if UNKNOWN in names else list(names)
        return {"terms": {column.indexed: spellings}}

    none = [no_namespace(resolved)] if UNKNOWN in names else []
    if not resolved.namespaces:
        return none[0] if none else {"match_none": {}}
    return any_of([_first_present(resolved.namespaces, matches), *none])


def no_namespace(resolved: Resolved) -> Query:
    """Records without any field for the namespace."""
    return {"bool": {"must_not": [{"exists": {"field": column.indexed}} for column in resolved.namespaces]}}


def _first_present(columns: Sequence[Column], matches: Any) -> Query:
    ways = []
    for position, column in enumerate(columns):
        earlier = [{"exists": {"field": other.indexed}} for other in columns[:position]]
        ways.append({"bool": {"filter": [matches(column)], "must_not": earlier}} if earlier else matches(column))
    return any_of(ways)


def any_of(queries: Sequence[Query]) -> Query:
    """Records that match at least one query."""
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def all_of(*queries: Query) -> Query:
    """Records that match every query; scores are not computed."""
    return {"bool": {"filter": list(queries)}}


def plain_scope(include: Sequence[str], resolved: Resolved) -> Query | None:
    """A wider or equal first filter for the scope, or None where it would not narrow anything.

    Patterns with brackets have no counterpart in Elasticsearch; the exact rule is applied to the names that come back.
    """
    if "*" in include or not resolved.namespaces or any("[" in pattern for pattern in include) or len(include) > 100:
        return None
    ways = [{"wildcard": {column.indexed: {"value": pattern}}} for column in resolved.namespaces for pattern in include]
    return any_of([*ways, no_namespace(resolved)])


def count_aggregations(resolved: Resolved, levels: Sequence[str]) -> dict[str, Any]:
    """Documents and errors by namespace and quarter hour; one branch per field that may hold the namespace, one for none."""
    by_window = {
        "window": {
            "date_histogram": {"field": resolved.timestamp.indexed, "fixed_interval": "15m", "time_zone": "UTC", "min_doc_count": 1},
            "aggs": {"errors": {"filter": at_levels(resolved, levels)}},
        }
    }
    branches: dict[str, Any] = {}
    for position, column in enumerate(resolved.namespaces):
        earlier = [{"exists": {"field": other.indexed}} for other in resolved.namespaces[:position]]
        branches[f"by_{position}"] = {
            "filter": {"bool": {"filter": [{"exists": {"field": column.indexed}}], "must_not": earlier}},
            "aggs": {"namespace": {"terms": {"field": column.indexed, "size": MAX_NAMESPACES}, "aggs": by_window}},
        }
    branches["without"] = {"filter": no_namespace(resolved), "aggs": by_window}
    return branches
