"""The product's PostgreSQL: small work through psycopg, bulk through ADBC's binary COPY.

Both translate the driver's errors into the error families; whoever uses a store sees no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ailog.adapters.store import statements
from ailog.errors import AuthFailed, SchemaMismatch, StoreBusy

_BATCH_BYTES = 8_000_000
_SESSION = "-c TimeZone=UTC -c statement_timeout={ms} -c lock_timeout={lock_ms} -c idle_in_transaction_session_timeout={idle_ms}"


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Runs a block whose database errors become ours; ``doing`` completes "could not ..."."""
    try:
        yield
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.InvalidPassword,
        psycopg.errors.InvalidAuthorizationSpecification,
    ) as error:
        raise AuthFailed(f"could not {doing}: {_plain(error)}; run 'ailog check' to see which right is missing") from error
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.UndefinedFunction,
    ) as error:
        raise SchemaMismatch(f"could not {doing}: {_plain(error)}; run 'ailog migrate'") from error
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error) or "no pg_hba.conf entry" in str(error):
            raise AuthFailed(f"could not {doing}: {_plain(error)}; check the connection's login and password") from error
        raise StoreBusy(f"could not {doing}: {_plain(error)}") from error
    except AdbcError as error:
        raise _from_adbc(doing, error) from error


def _from_adbc(doing: str, error: AdbcError) -> Exception:
    state = error.sqlstate or ""
    text = f"could not {doing}: {_plain(error)}"
    if state in {"42501", "28P01", "28000"}:
        return AuthFailed(f"{text}; run 'ailog check' to see which right is missing")
    if state in {"42P01", "42703", "3F000", "42883"}:
        return SchemaMismatch(f"{text}; run 'ailog migrate'")
    if state[:2] in {"08", "40", "53", "55", "57", ""}:
        return StoreBusy(text)
    return SchemaMismatch(text)


def _plain(error: BaseException) -> str:
    return " ".join(str(error).split())


class Bulk:
    """One bulk transaction: what is appended is there for all or for nobody. Use it through ``PostgresStore.bulk``."""

    def __init__(self, connection: adbc.Connection) -> None:
        self._connection = connection

    def execute(self, name: str, parameters: Sequence[Any] = ()) -> None:
        """Runs the statement ``name``, whose places are ``$1``, ``$2`` ..."""
        with self._connection.cursor() as cursor:
            cursor.execute(statements.load(name), tuple(parameters) or None)

    def append(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> int:
        """Appends rows to ``ailog_staging.<table>`` by COPY in binary; returns how many."""
        with self._connection.cursor() as cursor:
            return int(cursor.adbc_ingest(table, rows, mode="append", db_schema_name="ailog_staging"))

    def batches(self, name: str, run_no: int) -> Iterator[pa.RecordBatch]:
        """The result of the statement for one run (``$1`` in its text), streamed in batches of a bounded size.

        The driver streams by COPY, which takes no bound values; a run number is the only one that is ever needed.
        """
        with self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
            cursor.execute(statements.load(name).replace("$1", str(int(run_no))))
            yield from cursor.fetch_record_batch()


class PostgresStore:
    """A PostgreSQL with the product's schema. Holds no open connection between uses."""

    def __init__(self, uri: str, statement_timeout_s: int = 300, application_name: str = "ailog") -> None:
        given = conninfo_to_dict(uri)
        options = _SESSION.format(ms=statement_timeout_s * 1000, lock_ms=30_000, idle_ms=statement_timeout_s * 4000)
        given["options"] = f"{given['options']} {options}" if given.get("options") else options
        given.setdefault("application_name", application_name)
        given.setdefault("connect_timeout", "10")
        self._conninfo = make_conninfo(**given)  # type: ignore[arg-type]

    @contextmanager
    def connection(self, doing: str = "use the store") -> Iterator[psycopg.Connection]:
        """A connection with one transaction: committed at the end, rolled back by an exception."""
        with translated(doing), psycopg.connect(self._conninfo) as connection:
            yield connection

    @contextmanager
    def bulk(self, doing: str = "move rows in bulk") -> Iterator[Bulk]:
        """A bulk transaction: committed at the end, rolled back by an exception."""
        with translated(doing):
            connection = adbc.connect(self._conninfo)
            try:
                yield Bulk(connection)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                connection.close()

    @staticmethod
    def statement(name: str) -> str:
        """The text of ``sql/<name>.sql``."""
        return statements.load(name)

    def close(self) -> None:
        """Nothing is held open; there so that every port can be closed alike."""
