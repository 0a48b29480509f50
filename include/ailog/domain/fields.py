"""Field mapping: from documents of any shape to one list per canonical field.

A path such as ``kubernetes.namespace`` finds the flat key ``"kubernetes.namespace"``, the nested object
``{"kubernetes": {"namespace": ...}}`` and every mixture. Of several paths the first with a value that is not null wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

CANONICAL_FIELDS: Final = (
    "timestamp",
    "level",
    "message",
    "namespace",
    "app",
    "app_version",
    "trace_id",
    "span_id",
    "parent_span_id",
    "originator",
    "error_type",
    "error_message",
    "stack_trace",
    "http_status",
)
"""What the analysis knows of a log record, before types are looked at."""

Column = list[Any]


@dataclass(slots=True)
class _Level:
    """The objects at one place in the documents of a page, and the keys that occur there."""

    objects: Sequence[Mapping[str, Any]]
    keys: frozenset[str] | set[str]
    children: dict[str, _Level | None] = field(default_factory=dict)

    def child(self, key: str) -> _Level | None:
        """The objects under ``key``; None when no document has one. Found once a page, shared by all paths below it."""
        if key not in self.children:
            self.children[key] = _level([found.get(key) for found in self.objects])
        return self.children[key]


_EMPTY: Final[dict[str, Any]] = {}


def _level(values: Sequence[Any]) -> _Level | None:
    objects = [value if type(value) is dict else _EMPTY for value in values]
    keys = set().union(*objects)
    return _Level(objects, keys) if keys else None


class FieldMap:
    """Reads the canonical fields out of documents, after a mapping of field to paths in order of preference."""

    def __init__(self, mapping: Mapping[str, Sequence[str]]) -> None:
        """Raises ValueError for a field that is not canonical, and for an empty path."""
        unknown = sorted(set(mapping) - set(CANONICAL_FIELDS))
        if unknown:
            raise ValueError(f"fields: {', '.join(unknown)} unknown; allowed are {', '.join(CANONICAL_FIELDS)}")
        empty = sorted(name for name, paths in mapping.items() if any(not part for path in paths for part in path.split(".")))
        if empty:
            raise ValueError(f"fields: {', '.join(empty)} has a path that is empty or has an empty part")
        self._paths: dict[str, tuple[str, ...]] = {name: tuple(mapping.get(name, ())) for name in CANONICAL_FIELDS}

    @property
    def source_paths(self) -> list[str]:
        """Every path that may be read, once each: what to ask a server for."""
        return list(dict.fromkeys(path for paths in self._paths.values() for path in paths))

    def paths(self, name: str) -> tuple[str, ...]:
        """The paths of one canonical field, the preferred one first."""
        return self._paths[name]

    def narrowed(self, chosen: Mapping[str, Sequence[str]]) -> FieldMap:
        """The same map with other paths for some fields, so that a query and the reading of its answer agree."""
        return FieldMap({**self._paths, **chosen})

    def extract(self, documents: Sequence[Mapping[str, Any]], names: Sequence[str] = CANONICAL_FIELDS) -> dict[str, Column]:
        """One list per canonical field in ``names``, each as long as ``documents``; None where no path has a value.

        Work is done by page, not by document: the keys that occur decide which shapes are looked for at all.
        """
        root = _Level(documents, set().union(*documents))
        return {name: self._column(root, self._paths[name], len(documents)) for name in names}

    @staticmethod
    def _column(root: _Level, paths: Sequence[str], length: int) -> Column:
        result: Column | None = None
        for path in paths:
            for found in _find(root, path):
                if result is None:
                    result = found
                else:
                    result = [first if first is not None else second for first, second in zip(result, found, strict=True)]
                if None not in result:
                    return result
        return [None] * length if result is None else result


def _find(level: _Level, path: str) -> list[Column]:
    """A column for each shape of ``path`` that occurs below ``level``; the longest flat key first."""
    found = [[item.get(path) for item in level.objects]] if path in level.keys else []
    split = path.rfind(".")
    while split > 0:
        head = path[:split]
        if head in level.keys and (child := level.child(head)) is not None:
            found += _find(child, path[split + 1 :])
        split = path.rfind(".", 0, split)
    return found
