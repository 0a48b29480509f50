"""Writing to staging behind the work: the next page is read and computed while the last one is on its way into the database."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import pyarrow as pa

from ailog.ports import BulkTransaction


class AppendBehind:
    """Appends to one bulk transaction in a thread of its own, one page at a time; at most one page waits, so memory stays bounded.

    Nothing else may use the transaction inside the ``with`` block. Leaving the block waits for the last page; an error of an append is
    raised by the next ``append`` or at the end, unless the block itself failed before.
    """

    def __init__(self, bulk: BulkTransaction) -> None:
        self._bulk = bulk
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ailog-append")
        self._pending: Future[int] | None = None
        self.rows = 0
        """Rows appended so far; all of them after the block."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=True)
        if kind is None:
            self._collect()

    def append(self, table: str, rows: pa.Table) -> None:
        """Hands the rows over; returns as soon as the page before is written."""
        self._collect()
        self._pending = self._pool.submit(self._bulk.append, table, rows)

    def _collect(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            self.rows += pending.result()
