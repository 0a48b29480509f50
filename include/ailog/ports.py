"""What the pipeline asks of the outside world. Adapters implement these; the pipeline gets them as arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import psycopg
import pyarrow as pa

from ailog.domain.events import Interval
from ailog.domain.message import Message as Message  # noqa: PLC0414 - handed on to the ports' users


@dataclass(frozen=True, slots=True)
class RawPage:
    """One bounded page of records as a source gave them, field mapping applied, nothing else.

    ``columns`` holds one list per canonical field of ``domain.fields.CANONICAL_FIELDS``, all as long as ``refs``, with the
    untyped values found (None where missing). ``refs`` names each record for a person (index/id, file:line).
    ``weights`` is None unless the page is part of a sample. ``rejected`` counts records that the source itself had to set
    aside (a line that is no JSON), as rows of ``REJECTED_SCHEMA``.
    """

    columns: Mapping[str, Sequence[Any]]
    refs: Sequence[str]
    weights: Sequence[float] | None = None
    rejected: Sequence[tuple[str, str, str, str | None]] = field(default_factory=tuple)


@runtime_checkable
class LogSource(Protocol):
    """A place that log events are read from. One source is read by one task at a time."""

    name: str

    def count(self, interval: Interval) -> pa.Table:
        """The source's own exact counts as ``COUNT_SCHEMA``; only rows above zero need be there.

        Raises SourceUnavailable, RateLimited, AuthFailed, SchemaMismatch. An answer that is partial, timed out or touched no
        index at all is an error, never an empty table.
        """

    def fetch(self, interval: Interval, counts: pa.Table) -> Iterator[RawPage]:
        """Every event at an error level in the interval, in bounded pages; the order is of no importance.

        ``counts`` is what ``count`` said: above the limit of events the source yields a sample with weights. The caller
        compares what arrived with it. Raises as ``count``, and IncompleteFetch when records went missing on the way.
        """

    def close(self) -> None:
        """Lets go of connections; may be called twice."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message: ``accepted`` (handed over, e.g. HTTP 202) or ``delivered`` (the channel confirmed it)."""

    outcome: Literal["accepted", "delivered"]
    detail: str


class Notifier(Protocol):
    """A channel that messages go out by."""

    name: str

    def send(self, message: Message) -> Delivery:
        """Hands the message over once. Raises NotificationFailed or RateLimited (again later), MessageRefused or AuthFailed (never)."""


@dataclass(frozen=True, slots=True)
class WikiPage:
    """A page as the wiki holds it: ``body`` is its storage format, ``version`` the number that a change of it must go by."""

    page_id: str
    title: str
    version: int
    body: str


@dataclass(frozen=True, slots=True)
class WikiFile:
    """A file attached to a page, with the comment of its newest version."""

    file_id: str
    name: str
    comment: str


class PagePublisher(Protocol):
    """A wiki that pages are kept in. Titles are unique in it.

    Every method raises PublishFailed or RateLimited (again later), AuthFailed (login or rights) or PageRefused (never as it is).
    """

    def by_id(self, page_id: str) -> WikiPage | None:
        """The page, or None when there is none that we may see."""

    def by_title(self, title: str) -> WikiPage | None:
        """The page of this title, or None."""

    def create(self, title: str, parent_id: str | None, body: str) -> WikiPage:
        """Makes a page. Raises PageConflict when the title is taken."""

    def update(self, page: WikiPage, body: str, note: str, *, quiet: bool) -> WikiPage:
        """Replaces the body of exactly the version that ``page`` is; its title stays. ``quiet`` asks for no notice to watchers.

        Raises PageConflict, and writes nothing, when the page has another version by now.
        """

    def files(self, page_id: str) -> dict[str, WikiFile]:
        """The attachments of a page by name."""

    def attach(self, page_id: str, name: str, media_type: str, data: bytes, comment: str, replaces: WikiFile | None) -> None:
        """Attaches a file, as a new version of ``replaces`` where that is given."""

    def close(self) -> None:
        """Lets go of connections; may be called twice."""


class Clock(Protocol):
    """The time, so that tests can set it."""

    def __call__(self) -> datetime: ...


class BulkTransaction(Protocol):
    """One bulk transaction of a store: everything in it is there for all or for nobody."""

    def execute(self, name: str, parameters: Sequence[Any] = ()) -> None:
        """Runs the named statement, whose places are ``$1``, ``$2`` ..."""

    def append(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> int:
        """Appends rows to a staging table; returns how many."""

    def batches(self, name: str, run_no: int) -> Iterator[pa.RecordBatch]:
        """The result of the named statement for one run, in bounded batches."""


class Store(Protocol):
    """The product's database."""

    def connection(self, doing: str = ...) -> AbstractContextManager[psycopg.Connection]:
        """A connection with one transaction: committed at the end, rolled back by an exception."""

    def bulk(self, doing: str = ...) -> AbstractContextManager[BulkTransaction]:
        """A bulk transaction: committed at the end, rolled back by an exception."""

    def statement(self, name: str) -> str:
        """The text of ``sql/<name>.sql``."""
