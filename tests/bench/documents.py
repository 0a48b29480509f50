"""Documents to measure with: made once, kept as files, and written from there into Elasticsearch.

Three kinds: ``few`` (a few thousand distinct messages), ``wide`` (nearly every message has other numbers), both of seven fields as a log
shipper without traces writes them, and ``traced``, the simulator's documents whole, with exception, stack trace and status.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from elasticsearch import Elasticsearch

from ailog.local.bulk import MAPPING
from ailog.local.simulator import bench_documents

WINDOW = datetime(2026, 3, 10, 8, 15, tzinfo=UTC)
"""The quarter hour that is analysed: a Tuesday morning."""
BASELINE_DAYS = 7
_MOST = 3_000_000
_REQUEST = 5_000


class Documents:
    """One kind of document, in files that together hold as many as were asked for."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.kind = kind
        self._folder = folder
        self._chunks = self._made()
        self._parts: list[tuple[int, Path]] = []
        self._count = 0

    def files(self, count: int) -> list[Path]:
        """Files that hold exactly the first ``count`` documents; asked for in rising order, multiples of 25,000."""
        if self._count < count:
            path = self._folder / f"{self.kind}-{count}.ndjson"
            with path.open("wb") as out:
                while self._count < count:
                    lines = next(self._chunks)
                    out.writelines(line + b"\n" for line in lines)
                    self._count += len(lines)
            self._parts.append((self._count, path))
        chosen = [(end, path) for end, path in self._parts if end <= count]
        if not chosen or chosen[-1][0] != count:
            raise ValueError(f"{count} documents of the kind {self.kind} were not asked for in rising order")
        return [path for _, path in chosen]

    def _made(self) -> Iterator[list[bytes]]:
        for batch in bench_documents(_MOST, wide=self.kind == "wide", windows=[WINDOW]):
            if self.kind == "traced":
                yield [line.encode() for line in batch.lines]
            else:
                yield [seven_fields(line) for line in batch.lines]


def seven_fields(line: str) -> bytes:
    """The document without exception, stack trace, status, version and parent span."""
    document: dict[str, Any] = orjson.loads(line)
    for name in ("exception", "stack_trace", "http", "parentId"):
        document.pop(name, None)
    document.get("application", {}).pop("version", None)
    return orjson.dumps(document)


def baseline_file(folder: Path) -> Path:
    """Errors of the week before the window, so that detection has something to compare with."""
    path = folder / "baseline.ndjson"
    if not path.exists():
        windows = [WINDOW - timedelta(minutes=15 * i) for i in range(1, BASELINE_DAYS * 96 + 40)]
        with path.open("wb") as out:
            for batch in bench_documents(20_000, wide=False, windows=windows):
                out.writelines(seven_fields(line) + b"\n" for line in batch.lines)
    return path


class Index:
    """One kind of document in an index of one shard; grows as more are asked for."""

    def __init__(self, client: Elasticsearch, documents: Documents) -> None:
        self.name = f"bench-{documents.kind}"
        self._client, self._documents = client, documents
        self._written = 0

    def hold(self, count: int) -> str:
        """Brings the index to exactly the first ``count`` documents, asked for in rising order; returns its name."""
        if self._written == 0:
            settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1", "translog.durability": "async"}
            self._client.indices.create(index=self.name, mappings=dict(MAPPING), settings=settings)
        files = self._documents.files(count)
        if self._written < count:
            for lines in _blocks(files[-1]):
                body = b"".join(b'{"create":{}}\n' + line for line in lines)
                answer = self._client.bulk(index=self.name, body=body, filter_path="errors", request_timeout=120)
                if answer["errors"]:
                    raise RuntimeError(f"Elasticsearch refused documents of {self.name}")
            self._written = count
            self._client.indices.refresh(index=self.name, request_timeout=120)
            self._settle()
        return self.name

    def _settle(self) -> None:
        """Waits until the merges that the writing began are over, which would otherwise be measured with the reading."""
        import time

        for _ in range(600):
            stats = self._client.indices.stats(index=self.name, metric="merge")
            if stats["_all"]["primaries"]["merges"]["current"] == 0:
                return
            time.sleep(0.2)


def _blocks(path: Path) -> Iterator[list[bytes]]:
    with path.open("rb") as file:
        lines: list[bytes] = []
        for line in file:
            lines.append(line)
            if len(lines) == _REQUEST:
                yield lines
                lines = []
        if lines:
            yield lines
