"""Takes a backup: every table of the product in one consistent snapshot, whatever is published meanwhile.

A folder with a file a table and ``manifest.json``: version of the schema and the code, rows and checksum of each table. It holds no secrets
(connections are not in the database of the product), no staging, and nothing of Airflow's own database.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ailog import __version__
from ailog.errors import ConfigError, StoreBusy
from ailog.pipeline import backup_files as files
from ailog.pipeline.rollup import alone
from ailog.ports import Store


def backup(store: Store, directory: Path, form: files.Form, now: datetime) -> dict[str, Any]:
    """Writes a backup into a new folder ``directory``, beside it at first under a hidden name that ends with ``.partial``.

    What a killed one left there is removed and written anew. The application role's rights suffice.

    Returns:
        tables, rows, bytes, directory.

    Raises:
        ConfigError: the folder exists and is not empty, or cannot be written.
        StoreBusy: other maintenance is at work, or a migration changed the schema meanwhile.
    """
    directory = directory.absolute()
    partial = directory.with_name(f".{directory.name}.partial")
    with alone(store):
        try:
            if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
                raise ConfigError(f"{directory} exists and is not empty: give a folder that does not exist yet")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True, mode=0o700)
            with store.connection("take a backup") as connection:
                manifest = _write(store, connection, partial, form, now)
            text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
            (partial / files.MANIFEST).write_text(text, encoding="utf-8")
            for path in [*partial.iterdir(), partial]:
                _flush(path)
            if directory.exists():
                directory.rmdir()
            partial.rename(directory)
            _flush(directory.parent)
        except OSError as error:
            raise ConfigError(f"the backup cannot be written to {directory}: {error.strerror or error}") from error
    written = manifest["tables"].values()
    return {
        "tables": len(written),
        "rows": sum(table["rows"] for table in written),
        "bytes": sum(table["bytes"] for table in written),
        "directory": str(directory),
    }


def exists(directory: Path) -> bool:
    """Whether a finished backup lies there."""
    return (directory / files.MANIFEST).is_file()


def _write(store: Store, connection: psycopg.Connection, directory: Path, form: files.Form, now: datetime) -> dict[str, Any]:
    expected = files.tables(store, connection)
    # Nobody makes or drops a partition while the locks are taken one after the other: either would wait for the other for ever.
    connection.execute("SELECT pg_advisory_lock(hashtextextended('ailog.partitions', 0))")
    connection.rollback()
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    # Before the snapshot is taken: a month that is dropped afterwards would be missing from it without a word.
    places = sql.SQL(", ").join(table.place for table in expected.values())
    connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(places))
    connection.execute("SELECT pg_advisory_unlock(hashtextextended('ailog.partitions', 0))")
    files.plain_session(connection)
    found = files.tables(store, connection)
    if found != expected:
        raise StoreBusy("the schema was migrated while the backup began: take it again")
    written: dict[str, Any] = {}
    for table in found.values():
        path = directory / f"{table.name}{files.SUFFIX[form]}"
        files.write_rows(connection, table, path, form)
        rows, checksum = files.checksum(connection, table)
        written[table.name] = {
            "file": path.name,
            "rows": rows,
            "checksum": checksum,
            "bytes": path.stat().st_size,
            "sha256": files.digest(path),
            "columns": dict(zip(table.columns, table.types, strict=True)),
        }
    months = [f"{row[0]:%Y-%m-%d}" for row in connection.execute(store.statement("backup/months")).fetchall()]
    return {
        "manifest_version": files.MANIFEST_VERSION,
        "code_version": __version__,
        "created_at": now.astimezone(UTC).isoformat(),
        "format": form,
        "schema": files.version(store, connection),
        "months": months,
        "tables": written,
    }


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
