"""Restores a backup into an empty schema of the same version, in one transaction: all of it with equal checksums, or nothing."""

from __future__ import annotations

from datetime import date, timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ailog.errors import ConfigError, PermanentError, SchemaMismatch
from ailog.pipeline import backup_files as files
from ailog.pipeline.rollup import alone
from ailog.ports import Store


def restore(store: Store, directory: Path) -> dict[str, Any]:
    """Copies every table of a backup into the database; ``store`` must log in as the owner of the schema.

    The application role may neither set the numbers of rows that number themselves nor switch off triggers.

    Returns:
        tables, rows.

    Raises:
        ConfigError: the folder is no finished backup, a file of it is missing or damaged, or the schema holds rows already.
        SchemaMismatch: the schema has another version than the backup.
        PermanentError: a checksum differs; nothing is kept then.
    """
    manifest = files.read_manifest(directory)
    for name, given in manifest["tables"].items():
        path = directory / given["file"]
        if Path(given["file"]).name != given["file"] or not path.is_file() or files.digest(path) != given["sha256"]:
            raise ConfigError(f"{path} (table {name}) is missing or damaged: take another backup")
    with alone(store), store.connection("restore a backup") as connection:
        files.plain_session(connection)
        # No run may be published meanwhile.
        connection.execute(store.statement("publish/lock"))
        _same_version(store, connection, manifest)
        found = files.tables(store, connection)
        _fits(connection, found, manifest)
        for month in manifest["months"]:
            first = date.fromisoformat(month)
            connection.execute(
                "SELECT ailog_peak.ensure_partitions(%s::date::timestamp AT TIME ZONE 'UTC', %s::date::timestamp AT TIME ZONE 'UTC')",
                (first, first + timedelta(days=1)),
            )
        _copy(store, connection, found, manifest, directory)
        for table in found.values():
            given = manifest["tables"][table.name]
            rows, checksum = files.checksum(connection, table)
            if (rows, checksum) != (given["rows"], given["checksum"]):
                raise PermanentError(
                    f"{table.name} has {rows:,} rows with the checksum {checksum} after the restore, the backup {given['rows']:,} with "
                    f"{given['checksum']}: nothing was kept"
                )
    return {"tables": len(found), "rows": sum(given["rows"] for given in manifest["tables"].values())}


def _copy(store: Store, connection: psycopg.Connection, found: dict[str, files.Table], manifest: dict[str, Any], directory: Path) -> None:
    references = connection.execute(store.statement("backup/references")).fetchall()
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(found, ()))
    for child, parent in references:
        order.add(str(child), str(parent))
    for name in order.static_order():
        table = found[name]
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table.place))
        files.read_rows(connection, table, directory / manifest["tables"][name]["file"], manifest["format"])
        if table.identity:
            connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({name}, {column}), max({place})) FROM {table}").format(
                    name=sql.Literal(f"ailog_peak.{name}"),
                    column=sql.Literal(table.identity),
                    place=sql.Identifier(table.identity),
                    table=table.place,
                )
            )
    # References that are checked at the end are checked now: a table with checks to come cannot be altered.
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in found.values():
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table.place))


def _same_version(store: Store, connection: psycopg.Connection, manifest: dict[str, Any]) -> None:
    here, there = files.version(store, connection), manifest["schema"]
    if here == there:
        return
    lacking = sorted(set(there) - set(here))
    further = sorted(set(here) - set(there))
    changed = sorted(name for name in set(here) & set(there) if here[name] != there[name])
    differences = [
        f"{words} {', '.join(names)}"
        for words, names in (("the schema lacks", lacking), ("the backup lacks", further), ("both have, but not alike,", changed))
        if names
    ]
    raise SchemaMismatch(
        f"the backup was taken by version {manifest['code_version']} of the product, whose schema differs from this one: "
        f"{'; '.join(differences)}. Migrate an empty database with that version, restore there, then update"
    )


def _fits(connection: psycopg.Connection, found: dict[str, files.Table], manifest: dict[str, Any]) -> None:
    if set(found) != set(manifest["tables"]):
        odd = ", ".join(sorted(set(found) ^ set(manifest["tables"])))
        raise SchemaMismatch(f"schema and backup do not have the same tables: {odd}")
    filled = []
    for table in found.values():
        row = connection.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(table.place)).fetchone()
        if row and row[0]:
            filled.append(table.name)
    if filled:
        raise ConfigError(
            f"the schema is not empty: {', '.join(filled)} hold rows. Restore into a schema that 'ailog migrate' has just made"
        )
