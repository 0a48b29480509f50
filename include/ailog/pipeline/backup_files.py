"""What a backup is made of: its manifest, the tables of the schema, and rows as CSV or Parquet in blocks of a bounded size.

Rows leave and enter the database as PostgreSQL's CSV, in which NULL and the empty text differ, times are UTC to the microsecond, and every
other type stands as its own text. Parquet has numbers, times, days and booleans as such and the rest as that text.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from psycopg import sql

from ailog.errors import ConfigError
from ailog.ports import Store

Form = Literal["csv", "parquet"]
MANIFEST: Final = "manifest.json"
MANIFEST_VERSION: Final = 1
SUFFIX: Final[Mapping[str, str]] = {"csv": ".csv.gz", "parquet": ".parquet"}
_BLOCK_BYTES: Final = 8_000_000
_BATCH_ROWS: Final = 10_000
_ARROW: Final[Mapping[str, pa.DataType]] = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp with time zone": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
}
_SESSION: Final = (
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the schema: its columns in the order of their names, their types, and the column that numbers its rows by itself."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    identity: str | None

    @property
    def place(self) -> sql.Composable:
        """Its name in a statement."""
        return sql.Identifier("ailog_peak", self.name)

    @property
    def listed(self) -> sql.Composable:
        """Its columns in a statement."""
        return sql.SQL(", ").join(sql.Identifier(name) for name in self.columns)


def plain_session(connection: psycopg.Connection) -> None:
    """One way to write every value, for the length of the transaction."""
    for statement in _SESSION:
        connection.execute(statement)


def tables(store: Store, connection: psycopg.Connection) -> dict[str, Table]:
    """Every table that a backup holds, read from the catalogue: one that a later migration adds is among them."""
    rows = connection.execute(store.statement("backup/tables")).fetchall()
    return {str(name): Table(str(name), tuple(columns), tuple(types), identity) for name, columns, types, identity in rows}


def version(store: Store, connection: psycopg.Connection) -> dict[str, str]:
    """The migrations of the schema with their checksums."""
    return {str(name): str(checksum) for name, checksum in connection.execute(store.statement("backup/version")).fetchall()}


def checksum(connection: psycopg.Connection, table: Table) -> tuple[int, str]:
    """Rows of a table, and the two halves of the MD5 of every row summed up: the same whatever their order, another for any difference."""
    found = connection.execute(
        sql.SQL(
            "SELECT count(*), coalesce(sum(('x' || left(r.hash, 16))::bit(64)::bigint), 0)::text, "
            "coalesce(sum(('x' || right(r.hash, 16))::bit(64)::bigint), 0)::text "
            "FROM (SELECT md5(ROW({columns})::text) AS hash FROM {table}) AS r"
        ).format(columns=table.listed, table=table.place)
    ).fetchone()
    assert found is not None  # noqa: S101 - a select of aggregates always gives a row
    return int(found[0]), f"{found[1]}:{found[2]}"


def write_rows(connection: psycopg.Connection, table: Table, path: Path, form: Form) -> None:
    """Writes all rows of a table to a file.

    Raises:
        ConfigError: Parquet has no form for a value (a time before Christ or without end); CSV has.
    """
    statement = sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT csv)").format(columns=table.listed, table=table.place)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        blocks = _blocks(bytes(row) for row in copy)
        if form == "csv":
            _write_csv(table, path, blocks)
        else:
            _write_parquet(table, path, blocks)


def read_rows(connection: psycopg.Connection, table: Table, path: Path, form: Form) -> None:
    """Copies the rows of a file into a table; raises ConfigError for a file that cannot be read."""
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN (FORMAT csv)").format(columns=table.listed, table=table.place)
    read = _read_csv if form == "csv" else _read_parquet
    with connection.cursor() as cursor, cursor.copy(statement) as copy, closing(read(table, path)) as blocks:
        for block in blocks:
            copy.write(block)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest of a backup.

    Raises:
        ConfigError: there is none, it is damaged, or a later version of the product wrote it.
    """
    path = directory / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["manifest_version"] != MANIFEST_VERSION or found["format"] not in SUFFIX or not isinstance(found["tables"], dict):
            raise ConfigError(f"{path} was written by another version of the product ({found.get('code_version')}): restore with that one")
    except OSError as error:
        raise ConfigError(f"{directory} is no finished backup: {MANIFEST} cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path} is damaged ({type(error).__name__}): take another backup") from error
    return dict(found)


def _blocks(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Whole rows of CSV, joined to blocks of some size; a row that is larger is a block of its own."""
    waiting, size = [], 0
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= _BLOCK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _write_csv(table: Table, path: Path, blocks: Iterator[bytes]) -> None:
    with path.open("wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=1, mtime=0) as out:
        out.write((",".join(table.columns) + "\n").encode())
        for block in blocks:
            out.write(block)


def _read_csv(table: Table, path: Path) -> Generator[bytes, None, None]:
    try:
        with gzip.open(path, "rb") as file:
            head = file.readline().decode().rstrip("\n")
            if head != ",".join(table.columns):
                raise ConfigError(f"{path} has the columns {head}, the table {table.name} has {', '.join(table.columns)}")
            while block := file.read(_BLOCK_BYTES):
                yield block
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def _schema(table: Table) -> pa.Schema:
    return pa.schema(
        [
            pa.field(name, _ARROW.get(kind, pa.string()), metadata={"postgres": kind})
            for name, kind in zip(table.columns, table.types, strict=True)
        ]
    )


def _write_parquet(table: Table, path: Path, blocks: Iterator[bytes]) -> None:
    schema = _schema(table)
    convert = pacsv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for block in blocks:
            try:
                rows = pacsv.read_csv(
                    io.BytesIO(block),
                    read_options=pacsv.ReadOptions(column_names=list(table.columns), block_size=len(block) + 1, use_threads=False),
                    parse_options=pacsv.ParseOptions(newlines_in_values=True),
                    convert_options=convert,
                )
            except pa.ArrowInvalid as error:
                raise ConfigError(f"{table.name} has a value that Parquet cannot hold ({error}): take the backup as csv") from error
            writer.write_table(rows.cast(schema))


def _read_parquet(table: Table, path: Path) -> Generator[bytes, None, None]:
    options = pacsv.WriteOptions(include_header=False, quoting_style="all_valid")
    try:
        with pq.ParquetFile(path) as file:
            if tuple(file.schema_arrow.names) != table.columns:
                raise ConfigError(
                    f"{path} has the columns {', '.join(file.schema_arrow.names)}, the table {table.name} has {', '.join(table.columns)}"
                )
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                text = io.BytesIO()
                pacsv.write_csv(batch, text, options)
                yield text.getvalue()
    except (OSError, pa.ArrowInvalid) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
