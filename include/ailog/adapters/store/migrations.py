"""Numbered migrations with checksums, and the grants of the application role.

The owner role runs this, once per deployment and after every update; running it again changes nothing. A file that was applied may
never change: its checksum is compared before anything else happens.
"""

from __future__ import annotations

import hashlib
import time

import psycopg
from psycopg import sql

from ailog.adapters.store.postgres import translated
from ailog.adapters.store.statements import SQL_ROOT, load
from ailog.errors import SchemaMismatch

_LOCK = "ailog.migrations"


def migrate(owner_uri: str, app_role: str) -> list[str]:
    """Brings the database to the newest schema and grants the application role its rights.

    Returns:
        The names of the migrations that were applied now, in order; empty when there was nothing to do.

    Raises:
        SchemaMismatch: when an applied file changed or is gone, or a file fails (nothing of it stays).
        StoreBusy, AuthFailed: from the connection.
    """
    applied_now: list[str] = []
    with translated("migrate the store"), psycopg.connect(owner_uri, autocommit=True, application_name="ailog migrate") as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (_LOCK,))
        connection.execute(load("bootstrap/schemas"))
        connection.execute(load("bootstrap/staging_schema"))
        connection.execute(load("bootstrap/schema_migrations"))
        rows = connection.execute("SELECT name, checksum FROM ailog_peak.schema_migrations").fetchall()
        applied = {str(name): str(checksum) for name, checksum in rows}
        files = _files()
        for name, checksum in applied.items():
            if name not in files:
                raise SchemaMismatch(
                    f"the database was migrated by {name}, which this version does not have: deploy the newer version again"
                )
            if _checksum(files[name]) != checksum:
                raise SchemaMismatch(f"{name} was changed after it was applied: restore the file and put the change into a new migration")
        for name, text in files.items():
            if name in applied:
                continue
            started = time.monotonic()
            try:
                with connection.transaction():
                    connection.execute(text)
                    connection.execute(
                        "INSERT INTO ailog_peak.schema_migrations (name, checksum, applied_at, ms) VALUES (%s, %s, now(), %s)",
                        (name, _checksum(text), int((time.monotonic() - started) * 1000)),
                    )
            except psycopg.errors.InsufficientPrivilege:
                raise
            except psycopg.ProgrammingError as error:
                raise SchemaMismatch(f"migration {name} failed and was rolled back: {error}") from error
            applied_now.append(name)
        grant(connection, app_role)
    return applied_now


def grant(connection: psycopg.Connection, app_role: str) -> None:
    """Gives the application role the rights that it needs and no others; may be repeated."""
    with connection.transaction():
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (app_role,)).fetchone()
        if known is None:
            raise SchemaMismatch(f"the application role {app_role!r} does not exist: create it (CREATE ROLE ... LOGIN) and migrate again")
        for statement in load("bootstrap/grants").split(";"):
            if statement.strip():
                connection.execute(sql.SQL(statement).format(role=sql.Identifier(app_role)))


def pending(connection: psycopg.Connection) -> list[str]:
    """The names of migrations that the database lacks; all of them when it has none."""
    table = connection.execute("SELECT to_regclass('ailog_peak.schema_migrations')").fetchone()
    done: set[str] = set()
    if table is not None and table[0] is not None:
        done = {str(row[0]) for row in connection.execute("SELECT name FROM ailog_peak.schema_migrations").fetchall()}
    return [path.name for path in sorted((SQL_ROOT / "schema").glob("[0-9][0-9][0-9]_*.sql")) if path.name not in done]


def checksums() -> dict[str, str]:
    """The migrations of this version by name, with the checksum that an applied one must have."""
    return {name: _checksum(text) for name, text in _files().items()}


def _files() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((SQL_ROOT / "schema").glob("[0-9][0-9][0-9]_*.sql"))}


def _checksum(text: str) -> str:
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()
