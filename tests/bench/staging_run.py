"""Staging in a process of its own: ``python -m tests.bench.staging_run TASK`` prints seconds by way of writing and reading.

The task is JSON: store (application role), owner (owner role), paths (documents), repeat.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
from tests.bench import documents
from tests.bench.pipeline_run import source_of

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import EVENT_SCHEMA, WINDOW, Interval
from ailog.domain.normalize import NormalizeRules, normalize

_COLUMNS = (
    "window_start, event_time, namespace, app, message, error_type, stack_trace, app_version, trace_id, span_id, parent_span_id, weight"
)


def pages_of(paths: list[str], run_no: int) -> list[pa.Table]:
    """The documents as the pages that fetch stages, with the columns of ``log_event``."""
    settings, source = source_of({"source": "files", "where": paths})
    interval = Interval(documents.WINDOW, documents.WINDOW + WINDOW)
    rules = NormalizeRules(settings.levels, settings.scope.covers)
    keys = [pa.field("run_no", pa.int64()), pa.field("source", pa.string())]
    pages = []
    for page in source.fetch(interval, source.count(interval)):
        rows = normalize(page, interval, rules).events
        columns = [pa.repeat(pa.scalar(run_no, pa.int64()), len(rows)), pa.repeat(pa.scalar("files"), len(rows)), *rows.columns]
        pages.append(pa.table(columns, schema=pa.schema([*keys, *EVENT_SCHEMA])))
    return pages


class Ways:
    """Ours and the plain ways, over the same rows, into tables without index."""

    def __init__(self, store: str, owner: str, pages: list[pa.Table], run_no: int) -> None:
        self._uri, self._pages, self._run_no = store, pages, run_no
        self._store = PostgresStore(store)
        self._names = ", ".join(pages[0].column_names)
        whole = pa.concat_tables(pages)
        self._whole = whole.combine_chunks()
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("CREATE UNLOGGED TABLE ailog_staging.bench_plain (LIKE ailog_staging.log_event INCLUDING ALL)")
            role = psycopg.conninfo.conninfo_to_dict(store)["user"]
            connection.execute(f"GRANT ALL ON ailog_staging.bench_plain TO {role}")
        self._owner = owner

    def clear(self) -> None:
        """Empties both tables, files included."""
        with psycopg.connect(self._owner, autocommit=True) as connection:
            connection.execute("TRUNCATE ailog_staging.log_event, ailog_staging.bench_plain")

    def write(self) -> int:
        """As fetch does it: a page at a time, one transaction."""
        with self._store.bulk() as bulk:
            return sum(bulk.append("log_event", page) for page in self._pages)

    def write_adbc(self) -> int:
        """One COPY in binary of all rows by ADBC."""
        with adbc.connect(self._uri) as connection, connection.cursor() as cursor:
            rows = int(cursor.adbc_ingest("bench_plain", self._whole, mode="append", db_schema_name="ailog_staging"))
            connection.commit()
            return rows

    def write_text(self) -> int:
        """COPY as text by psycopg, row by row; the rows are Python values already."""
        rows = self._rows
        with psycopg.connect(self._uri) as connection, connection.cursor() as cursor:
            with cursor.copy(f"COPY ailog_staging.bench_plain ({self._names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return len(rows)

    def prepare_rows(self) -> None:
        """Makes the Python values outside of the measured time."""
        self._rows = list(zip(*(column.to_pylist() for column in self._whole.columns), strict=True))

    def read(self) -> int:
        """As classify does it: its columns of one run, in bounded batches of Arrow."""
        with self._store.bulk() as bulk:
            return sum(len(batch) for batch in bulk.batches("staging/read_events", self._run_no))

    def read_adbc(self) -> int:
        """The same columns of the plain table by ADBC with its default batches."""
        with adbc.connect(self._uri) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {_COLUMNS} FROM ailog_staging.bench_plain")
            return sum(len(batch) for batch in cursor.fetch_record_batch())

    def read_copy(self) -> int:
        """The same columns as the bytes of COPY in binary, not even decoded."""
        with psycopg.connect(self._uri) as connection, connection.cursor() as cursor:
            with cursor.copy(f"COPY (SELECT {_COLUMNS} FROM ailog_staging.bench_plain) TO STDOUT (FORMAT binary)") as copy:
                for _ in copy:
                    pass
            return cursor.rowcount


def run(task: dict[str, Any]) -> dict[str, Any]:
    """The best seconds of each way; writing starts from empty tables every time, and the ways take turns."""
    ways = Ways(task["store"], task["owner"], pages_of(task["paths"], 1), 1)
    seconds: dict[str, float] = {}
    rows = 0

    def timed(name: str, way: Callable[[], int]) -> None:
        nonlocal rows
        start = time.perf_counter()
        rows = way()
        seconds[name] = min(seconds.get(name, float("inf")), time.perf_counter() - start)

    for _ in range(task["repeat"]):
        ways.clear()
        timed("write", ways.write)
        timed("write_adbc", ways.write_adbc)
        for name, way in (("read", ways.read), ("read_adbc", ways.read_adbc), ("read_copy", ways.read_copy)):
            timed(name, way)
    ways.prepare_rows()
    ways.clear()
    timed("write_text", ways.write_text)
    return {"rows": rows, "seconds": seconds}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
