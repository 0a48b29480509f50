"""Writes documents into Elasticsearch as a log shipper would: an index a family and month, an explicit mapping, raw bulk requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson
from elasticsearch import ApiError, Elasticsearch, TransportError

from ailog.errors import PermanentError, SchemaMismatch, SourceUnavailable
from ailog.local.simulator import Batch

_KEYWORD: Final = {"type": "keyword", "ignore_above": 1024}
_SHOWN: Final = {"type": "text", "index": False}
MAPPING: Final[Mapping[str, Any]] = {
    "properties": {
        "@timestamp": {"type": "date_nanos"},
        "level": _KEYWORD,
        "message": {"type": "text", "norms": False, "index_options": "freqs"},
        "stack_trace": _SHOWN,
        "traceId": _KEYWORD,
        "spanId": _KEYWORD,
        "parentId": _KEYWORD,
        "kubernetes": {"properties": {"namespace": _KEYWORD}},
        "application": {"properties": {"name": _KEYWORD, "version": _KEYWORD}},
        "exception": {"properties": {"type": _KEYWORD, "message": _SHOWN}},
        "http": {"properties": {"status_code": {"type": "short"}}},
    }
}
"""Keywords to filter by, a date to the nanosecond, text to search; a stack trace is kept and not indexed."""

_SETTINGS: Final = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async"}
_REQUEST_DOCUMENTS: Final = 5000

Progress = Callable[[int], None]
"""Takes the number of documents written so far."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Names of indices: ``<prefix>_<family>-<year>.<month>``, for instance ``cluster-app_pcb-2026.11``."""

    prefix: str = "cluster-app"

    @property
    def pattern(self) -> str:
        """What a source reads to see all of them."""
        return f"{self.prefix}_*"

    def index(self, family: str, month: str) -> str:
        """The index of a family and a month (``2026-11``)."""
        return f"{self.prefix}_{family}-{month.replace('-', '.')}"

    def indices(self, batch: Batch) -> list[str]:
        """The index of each document of a batch."""
        families = [name.partition("-")[0] for name in batch.names]
        months = batch.times.astype("datetime64[ns]").astype("datetime64[M]")
        known = {str(month): [self.index(family, str(month)) for family in families] for month in np.unique(months)}
        return [known[month][namespace] for month, namespace in zip(months.astype(str).tolist(), batch.namespaces.tolist(), strict=True)]


def write(
    client: Elasticsearch, batches: Iterable[Batch], naming: Naming | None = None, progress: Progress | None = None
) -> dict[str, int]:
    """Creates the indices that are missing, writes all documents, and makes them visible.

    Returns:
        The number of documents by index.

    Raises:
        SchemaMismatch: the server refused a document; names the first one's reason.
        SourceUnavailable: the server does not answer.
        PermanentError: the server refused the request, or holds another number of documents than was written.
    """
    naming = naming or Naming()
    written: dict[str, int] = {}
    total = 0
    try:
        for batch in batches:
            indices = naming.indices(batch)
            for index in sorted(set(indices) - set(written)):
                _create(client, index)
                written[index] = 0
            for body, count in _bodies(indices, batch.lines):
                _bulk(client, body, count)
                total += count
                if progress is not None:
                    progress(total)
            for index in indices:
                written[index] += 1
        _finish(client, written)
    except TransportError as error:
        raise SourceUnavailable(f"Elasticsearch does not take the documents: {error.message}") from error
    except ApiError as error:
        raise PermanentError(f"Elasticsearch refuses the documents ({error.status_code}): {_reason(error)}") from error
    return written


def delete(client: Elasticsearch, naming: Naming) -> list[str]:
    """Deletes the indices of a naming, by their full names; returns them."""
    found = sorted(client.indices.get(index=naming.pattern, expand_wildcards="all", ignore_unavailable=True).body)
    for index in found:
        client.indices.delete(index=index)
    return found


def _reason(error: ApiError) -> str:
    """What the server says, without the rest of its answer."""
    told = error.body.get("error") if isinstance(error.body, dict) else None
    return str(told.get("reason") or error.message) if isinstance(told, dict) else error.message


def _create(client: Elasticsearch, index: str) -> None:
    client.indices.create(index=index, mappings=MAPPING, settings=_SETTINGS, wait_for_active_shards=1)


def _bodies(indices: Sequence[str], lines: Sequence[str]) -> Iterator[tuple[bytes, int]]:
    actions = {index: orjson.dumps({"create": {"_index": index}}).decode() for index in set(indices)}
    for first in range(0, len(lines), _REQUEST_DOCUMENTS):
        part = range(first, min(first + _REQUEST_DOCUMENTS, len(lines)))
        yield "".join(f"{actions[indices[i]]}\n{lines[i]}\n" for i in part).encode(), len(part)


def _bulk(client: Elasticsearch, body: bytes, count: int) -> None:
    answer = client.options(request_timeout=120, max_retries=0).perform_request(
        "POST",
        "/_bulk?filter_path=errors,items.*.error.type,items.*.error.reason",
        headers={"content-type": "application/x-ndjson", "accept": "application/json"},
        body=body,
    )
    if answer.body["errors"]:
        refused = [item["create"]["error"] for item in answer.body["items"] if item]
        first = f"{refused[0]['type']}: {refused[0]['reason']}"
        raise SchemaMismatch(f"Elasticsearch refused {len(refused)} of {count} documents, the first: {first}")


def _finish(client: Elasticsearch, written: Mapping[str, int]) -> None:
    for index, count in written.items():
        client.indices.put_settings(index=index, settings={"index.refresh_interval": None, "index.translog.durability": "request"})
        client.options(request_timeout=120).indices.refresh(index=index)
        held = int(client.count(index=index)["count"])
        if held != count:
            raise PermanentError(f"index {index} holds {held} documents after {count} were written: was it there before?")
