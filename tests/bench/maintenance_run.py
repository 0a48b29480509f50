"""One step of the section ``maintenance`` in a process of its own: a task as JSON in, figures as JSON out."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from tests.support.maintained import fill
from tests.support.memory import peak_mb

from ailog import settings as settings_module
from ailog.adapters.store.migrations import migrate
from ailog.adapters.store.postgres import PostgresStore
from ailog.local.postgres import APP_ROLE
from ailog.pipeline.backup import backup
from ailog.pipeline.restore import restore
from ailog.pipeline.retention import retention
from ailog.pipeline.rollup import roll_up

START = datetime(2025, 1, 1, tzinfo=UTC)
KINDS = 20
NOW = datetime(2026, 2, 10, tzinfo=UTC)


def step_fill(task: dict[str, Any], store: PostgresStore) -> dict[str, Any]:
    days = task["days"]
    for first in range(0, days, 31):
        fill(store, START + timedelta(days=first), min(31, days - first), kinds=KINDS)
    return {"rows": days * 96 * 2 * KINDS}


def step_backup(task: dict[str, Any], store: PostgresStore) -> dict[str, Any]:
    started = time.monotonic()
    statement = "COPY (SELECT * FROM ailog_peak.error_kind_counts) TO STDOUT (FORMAT csv)"
    with store.connection() as connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for _ in copy:
            pass
    plain = time.monotonic() - started
    before = peak_mb()
    started = time.monotonic()
    taken = backup(store, Path(task["directory"]), task["form"], NOW)
    return {"seconds": time.monotonic() - started, "plain": plain, "bytes": taken["bytes"], "grown_mb": peak_mb() - before}


def step_restore(task: dict[str, Any], store: PostgresStore) -> dict[str, Any]:
    with psycopg.connect(task["owner"], autocommit=True) as connection:
        connection.execute("DROP SCHEMA ailog_peak CASCADE")
        connection.execute("DROP SCHEMA ailog_staging CASCADE")
    migrate(task["owner"], APP_ROLE)
    before = peak_mb()
    started = time.monotonic()
    restore(PostgresStore(task["owner"], 3600), Path(task["directory"]))
    return {"seconds": time.monotonic() - started, "grown_mb": peak_mb() - before}


def step_year(_: dict[str, Any], store: PostgresStore) -> dict[str, Any]:
    settings = settings_module.load(settings_module.PACKAGE_ROOT / "include" / "config")
    moments = [time.monotonic()]
    roll_up(store, settings, NOW)
    moments.append(time.monotonic())
    found = retention(store, settings, NOW, sleep=time.sleep)
    moments.append(time.monotonic())
    roll_up(store, settings, NOW)
    retention(store, settings, NOW, sleep=time.sleep)
    moments.append(time.monotonic())
    names = ("roll_up", "retention", "again")
    return {"months": len(found["months"]), **{name: moments[i + 1] - moments[i] for i, name in enumerate(names)}}


STEPS = {"fill": step_fill, "backup": step_backup, "restore": step_restore, "year": step_year}


def main() -> None:
    task = json.loads(sys.argv[1])
    print(json.dumps(STEPS[task["step"]](task, PostgresStore(task["store"], 3600))))


if __name__ == "__main__":
    main()
