"""What the sections share: servers of their own under ``.run/bench``, databases with a baseline, documents. Everything ends with it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from elasticsearch import Elasticsearch
from tests.bench.documents import Documents, Index, baseline_file
from tests.bench.figures import ROOT, child, say

from ailog.adapters.store.migrations import migrate
from ailog.local import elasticsearch, postgres
from ailog.local.elasticsearch import ElasticsearchServer
from ailog.local.postgres import APP_ROLE, PostgresServer, Uris

_TEMPLATE = "bench_template"


class World:
    """Servers start with the first question for them and stop at the end of the ``with`` block."""

    def __init__(self, *, quick: bool, exam: bool = False) -> None:
        self.quick = quick
        self.exam = exam
        self.run_dir = ROOT / ".run" / "bench" / str(os.getpid())
        self._stack = ExitStack()
        self._documents: dict[str, Documents] = {}
        self._indices: dict[str, Index] = {}

    def __enter__(self) -> Self:
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self._stack.callback(shutil.rmtree, self.run_dir, ignore_errors=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    @cached_property
    def data(self) -> Path:
        """Where documents lie."""
        path = self.run_dir / "data"
        path.mkdir(exist_ok=True)
        return path

    @cached_property
    def postgres(self) -> PostgresServer:
        """A PostgreSQL of its own."""
        say("starting PostgreSQL")
        return self._stack.enter_context(postgres.running(self.run_dir / "postgres"))

    @cached_property
    def elasticsearch(self) -> ElasticsearchServer:
        """An Elasticsearch of its own with a heap of 1 GB."""
        say("starting Elasticsearch")
        return self._stack.enter_context(elasticsearch.running(self.run_dir / "elasticsearch", heap="1g"))

    @cached_property
    def client(self) -> Elasticsearch:
        """A client that writes the documents."""
        return self._stack.enter_context(Elasticsearch(self.elasticsearch.url, request_timeout=120))

    def documents(self, kind: str) -> Documents:
        """Files of one kind of document."""
        if kind not in self._documents:
            self._documents[kind] = Documents(self.data, kind)
        return self._documents[kind]

    def index(self, kind: str, count: int) -> str:
        """The name of an index that holds ``count`` documents of a kind."""
        files = self.documents(kind)
        files.files(count)
        if kind not in self._indices:
            self._indices[kind] = Index(self.client, files)
        say(f"writing {kind} documents into Elasticsearch, up to {count:,}")
        return self._indices[kind].hold(count)

    @cached_property
    def _template(self) -> str:
        uris = self.postgres.create_database(_TEMPLATE)
        migrate(uris.owner, APP_ROLE)
        say("making a baseline of a week")
        child(
            "tests.bench.pipeline_run", {"store": uris.app, "source": "files", "where": [str(baseline_file(self.data))], "baseline": True}
        )
        return _TEMPLATE

    @contextmanager
    def database(self) -> Iterator[Uris]:
        """A database with the newest schema and a week of baseline, dropped afterwards."""
        name = f"b{uuid.uuid4().hex[:12]}"
        uris = self.postgres.create_database(name, template=self._template)
        try:
            yield uris
        finally:
            self.postgres.drop_database(name)

    def versions(self) -> dict[str, str]:
        """Versions of the servers."""
        with self.postgres.superuser() as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return {"PostgreSQL": str(row[0]) if row else "", "Elasticsearch": elasticsearch.wanted_version()}
