"""Backup and restore: what was there is there again, row by row, or nothing is."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.support.killable import Counter
from tests.support.maintained import fill
from tests.support.pipeline import checksums, rows
from tests.support.published_day import HOSTILE, finished_day

from ailog.adapters.store.migrations import migrate
from ailog.adapters.store.postgres import PostgresStore
from ailog.errors import ConfigError, PermanentError, SchemaMismatch
from ailog.local.postgres import APP_ROLE, Uris
from ailog.pipeline.backup import backup
from ailog.pipeline.backup_files import Form, tables
from ailog.pipeline.restore import restore
from ailog.pipeline.retention import retention
from ailog.pipeline.rollup import roll_up

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
NASTY = HOSTILE.replace("\x00", "") + "\r\n\t,\";\\N \\. 'x' NULL \\\\x41 \u2028 \u0085"
FORMS: tuple[Form, ...] = ("csv", "parquet")


@pytest.fixture
def owner(database: Uris) -> PostgresStore:
    return PostgresStore(database.owner)


@pytest.fixture
def anew(database: Uris) -> Callable[[], None]:
    """Drops the product's schema and migrates an empty one."""

    def drop() -> None:
        with psycopg.connect(database.owner, autocommit=True) as connection:
            connection.execute("DROP SCHEMA ailog_peak CASCADE")
            connection.execute("DROP SCHEMA ailog_staging CASCADE")
        migrate(database.owner, APP_ROLE)

    return drop


@pytest.fixture
def filled(store: PostgresStore) -> dict[str, str]:
    """A database with rows of every shape: a day with incidents, a month, hostile texts, extremes and nulls; gives its checksums."""
    finished_day(store)
    fill(store, datetime(2026, 1, 1, tzinfo=UTC), 20, every=8)
    roll_up(store, _settings(), datetime(2026, 2, 10, tzinfo=UTC))
    with store.connection() as connection:
        for number, text in enumerate((NASTY, "", "NULL", "\\N", '"', "\n", ",", "\\.", " ", "'", "{}", "\r", "t")):
            connection.execute(
                "INSERT INTO ailog_peak.known_issues (issue_id, title, fingerprint, related, apps, workaround, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (f"KI-{number}{text}", text, text if number % 2 else None, [text, "", "a,b", '"{}"'], [], None if number % 3 else text,
                 datetime(1999 + number, 12, 31, 23, 59, 59, number + 999_980, tzinfo=UTC)),
            )  # fmt: skip
            connection.execute(
                "INSERT INTO ailog_peak.audit_log (actor, action, subject, detail) VALUES (%s, 'say', '', %s)",
                (text, Jsonb({text: [text, None, 1e300, 0.1, -0.0, {"ž": "\u202e"}]})),
            )
        for number, value in enumerate(
            (0.1, -0.0, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), 1 / 3, 123456789012345680.0)
        ):
            connection.execute(
                "INSERT INTO ailog_peak.detection_events (window_start, namespace, detector, subject, run_id, value, baseline, fired, stage, reason) "
                "VALUES ('2026-03-09', 'n', 'spike', %s, gen_random_uuid(), %s, NULL, %s, '', %s)",
                (str(number), value, number % 2 == 0, NASTY),
            )
        connection.execute(
            "INSERT INTO ailog_peak.wanted_pages (page_key, kind, as_of, title, region, region_hash, content_hash, wanted_at, next_attempt) "
            "VALUES ('p', 'daily', %s, 't', %s, '', '', %s, %s)",
            (NOW, NASTY, NOW, NOW),
        )
        connection.execute(
            "INSERT INTO ailog_peak.wanted_page_files VALUES ('p', 'a.csv', 'text/csv', '', %s), ('p', 'b.csv', 'text/csv', '', NULL)",
            (bytes(range(256)) * 40_000,),  # larger than a block
        )
        connection.execute(
            "INSERT INTO ailog_peak.calendar_entries (entry_id, kind, namespaces, timezone, weekdays, local_time, minutes, owner, reason, created_at, created_by) "
            "VALUES ('c', 'batch', '{*}', 'UTC', '{0,6}', '23:59:59.999999', 5, 'o', 'r', %s, 'me')",
            (NOW,),
        )
    return checksums(store, leave_out=())


def _settings() -> Any:
    from ailog import settings

    return settings.load(settings.PACKAGE_ROOT / "include" / "config")


def _versions(found: dict[str, str]) -> dict[str, str]:
    """Without the times at which migrations ran."""
    return {name: value for name, value in found.items() if name != "schema_migrations"}


@pytest.mark.parametrize("form", FORMS)
def test_backup_drop_restore_gives_equal_checksums_of_every_table(
    store: PostgresStore, owner: PostgresStore, anew: Callable[[], None], filled: dict[str, str], tmp_path: Path, form: Form
) -> None:
    taken = backup(store, tmp_path / "b", form, NOW)
    assert taken["tables"] == len(filled) - 1
    assert checksums(store, leave_out=()) == filled
    anew()
    assert _versions(checksums(store)) != _versions(filled)
    restored = restore(owner, tmp_path / "b")
    assert restored == {"tables": taken["tables"], "rows": taken["rows"]}
    assert _versions(checksums(store)) == _versions(filled)
    # It is in use again at once: rows number themselves on, months are there, what was rolled up stays so.
    with store.connection() as connection:
        connection.execute("INSERT INTO ailog_peak.audit_log (actor, action, subject) VALUES ('a', 'b', 'c')")
    assert rows(store, "SELECT count(DISTINCT audit_id) = count(*) FROM ailog_peak.audit_log") == [(True,)]
    assert roll_up(store, _settings(), datetime(2026, 2, 10, tzinfo=UTC))["days"] == 0
    fill(store, datetime(2026, 1, 25, tzinfo=UTC), 1)


def test_every_table_of_the_catalogue_is_in_the_backup_and_a_later_one_will_be(
    store: PostgresStore, database: Uris, tmp_path: Path
) -> None:
    with psycopg.connect(database.owner) as connection:
        connection.execute("CREATE TABLE ailog_peak.added_later (id integer PRIMARY KEY, note text)")
        connection.execute("INSERT INTO ailog_peak.added_later VALUES (1, NULL)")
        connection.execute(f"GRANT SELECT ON ailog_peak.added_later TO {APP_ROLE}")
    backup(store, tmp_path / "b", "csv", NOW)
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    catalogue = rows(
        store,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'ailog_peak' AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
    )
    assert set(manifest["tables"]) == {str(row[0]) for row in catalogue} - {"schema_migrations"}
    assert manifest["tables"]["added_later"]["rows"] == 1
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"manifest.json", *(f"{name}.csv.gz" for name in manifest["tables"])}


def test_a_backup_is_of_one_moment_whatever_is_written_or_dropped_meanwhile(
    store: PostgresStore, owner: PostgresStore, anew: Callable[[], None], tmp_path: Path
) -> None:
    fill(store, datetime(2025, 1, 1, tzinfo=UTC), 31, every=4)
    roll_up(store, _settings(), NOW)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            fill(store, datetime(2025, 6, 1, tzinfo=UTC) + timedelta(days=number), 0.1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup(store, tmp_path / "b", "parquet", NOW)
    finally:
        stop.set()
        writer.join()
    assert retention(store, _settings(), NOW, sleep=lambda _: None)["months"] != []
    anew()
    restore(owner, tmp_path / "b")
    uneven = (
        "SELECT count(*)::int FROM (SELECT window_start, sum(count) AS s FROM ailog_peak.namespace_error_counts GROUP BY 1) AS n "
        "FULL JOIN ailog_peak.analysis_run_windows AS w ON w.window_start = n.window_start WHERE w.stored IS DISTINCT FROM n.s"
    )
    assert rows(store, uneven) == [(0,)]
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.analysis_run_windows WHERE window_start < '2025-02-01'") == [(31 * 96,)]


def test_a_schema_that_holds_rows_is_refused_by_name_and_left_alone(
    store: PostgresStore, owner: PostgresStore, filled: dict[str, str], tmp_path: Path
) -> None:
    backup(store, tmp_path / "b", "csv", NOW)
    with pytest.raises(ConfigError, match=r"not empty: analysis_run.*known_issues"):
        restore(owner, tmp_path / "b")
    assert checksums(store, leave_out=()) == filled


def test_another_version_of_the_schema_is_refused_with_what_differs(store: PostgresStore, owner: PostgresStore, tmp_path: Path) -> None:
    backup(store, tmp_path / "b", "csv", NOW)
    path = tmp_path / "b" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["schema"] |= {"099_later.sql": "0", "001_ledger.sql": "0"}
    del manifest["schema"]["002_facts.sql"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(
        SchemaMismatch, match=r"lacks 099_later.sql; the backup lacks 002_facts.sql; both have, but not alike, 001_ledger.sql"
    ):
        restore(owner, tmp_path / "b")


@pytest.mark.parametrize("damage", ["byte", "gone", "manifest", "unfinished", "newer", "path"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    store: PostgresStore, owner: PostgresStore, anew: Callable[[], None], filled: dict[str, str], tmp_path: Path, damage: str
) -> None:
    backup(store, tmp_path / "b", "csv", NOW)
    anew()
    empty = checksums(store)
    path, manifest = tmp_path / "b" / "incidents.csv.gz", tmp_path / "b" / "manifest.json"
    if damage == "byte":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "gone":
        path.unlink()
    elif damage == "manifest":
        manifest.write_text(manifest.read_text()[:-20])
    elif damage == "unfinished":
        manifest.unlink()
    else:
        found = json.loads(manifest.read_text())
        if damage == "newer":
            found["manifest_version"] = 2
        else:
            found["tables"]["incidents"]["file"] = "../b/incidents.csv.gz"
        manifest.write_text(json.dumps(found))
    with pytest.raises(ConfigError):
        restore(owner, tmp_path / "b")
    assert checksums(store) == empty


def test_rows_that_differ_from_the_manifest_are_not_kept(
    store: PostgresStore, owner: PostgresStore, anew: Callable[[], None], filled: dict[str, str], tmp_path: Path
) -> None:
    backup(store, tmp_path / "b", "csv", NOW)
    anew()
    empty = checksums(store)
    path, manifest = tmp_path / "b" / "problems.csv.gz", tmp_path / "b" / "manifest.json"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-1])))
    found = json.loads(manifest.read_text())
    import hashlib

    found["tables"]["problems"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(found))
    with pytest.raises(PermanentError, match="problems has"):
        restore(owner, tmp_path / "b")
    assert checksums(store) == empty


def test_a_killed_backup_leaves_none_and_is_made_anew(store: PostgresStore, filled: dict[str, str], tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:  # the child never returns into pytest
        with Counter(25):
            backup(store, tmp_path / "b", "csv", NOW)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert [path.name for path in tmp_path.iterdir()] == [".b.partial"]
    backup(store, tmp_path / "b", "csv", NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    with pytest.raises(ConfigError, match="is not empty"):
        backup(store, tmp_path / "b", "csv", NOW)


def test_a_killed_restore_leaves_an_empty_schema(
    store: PostgresStore, owner: PostgresStore, anew: Callable[[], None], filled: dict[str, str], tmp_path: Path
) -> None:
    backup(store, tmp_path / "b", "csv", NOW)
    anew()
    empty = checksums(store)
    child = os.fork()
    if child == 0:
        with Counter(60):
            restore(owner, tmp_path / "b")
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert checksums(store) == empty
    restore(owner, tmp_path / "b")
    assert _versions(checksums(store)) == _versions(filled)


def test_the_application_role_may_back_up_and_not_restore(
    store: PostgresStore, anew: Callable[[], None], filled: dict[str, str], tmp_path: Path
) -> None:
    from ailog.errors import AuthFailed

    backup(store, tmp_path / "b", "csv", NOW)
    anew()
    with pytest.raises(AuthFailed):
        restore(store, tmp_path / "b")
    with store.connection() as connection:
        assert "schema_migrations" not in tables(store, connection)
