"""Sources of log events: one module a kind, one line in ``SOURCES``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ailog.adapters.sources.elasticsearch import ElasticsearchLogs
from ailog.adapters.sources.elasticsearch_client import ElasticsearchConnection
from ailog.adapters.sources.files import FileLogs
from ailog.errors import ConfigError
from ailog.ports import LogSource
from ailog.settings import ElasticsearchSource, FilesSource, Settings

__all__ = ["SOURCES", "ElasticsearchConnection", "build"]


def _elasticsearch(source: ElasticsearchSource, settings: Settings, connection: ElasticsearchConnection | None) -> LogSource:
    if connection is None:
        raise ConfigError(f"source {source.name}: its connection {source.connection!r} is missing; create it or disable the source")
    return ElasticsearchLogs(source, connection, **_common(source, settings))


def _files(source: FilesSource, settings: Settings, connection: ElasticsearchConnection | None) -> LogSource:
    del connection  # files need none
    return FileLogs(source, **_common(source, settings))


def _common(source: ElasticsearchSource | FilesSource, settings: Settings) -> dict[str, Any]:
    return {
        "fields": {**settings.fields, **source.fields},
        "levels": settings.levels,
        "scope": settings.scope,
        "max_events": settings.limits.max_events,
    }


SOURCES: Final[dict[str, Callable[..., LogSource]]] = {
    "elasticsearch": _elasticsearch,
    "files": _files,
}


def build(source: ElasticsearchSource | FilesSource, settings: Settings, connection: ElasticsearchConnection | None = None) -> LogSource:
    """The source that the settings describe; a source's own ``fields`` take the place of the general ones, field by field.

    Raises ConfigError when it needs a connection and has none. Nothing is opened yet.
    """
    return SOURCES[source.kind](source, settings, connection)
