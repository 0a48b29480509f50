"""Writes the report files of a run from its committed facts, and puts them on record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ailog.domain import exports
from ailog.domain import report as texts
from ailog.domain.report_data import to_csv, to_json
from ailog.domain.report_text import to_txt
from ailog.errors import ConfigError
from ailog.files import replace_whole
from ailog.ports import Store
from ailog.settings import Settings

MAX_INCIDENTS: Final = 10_000
MAX_PROBLEMS: Final = 20_000


def report(store: Store, run_id: str, settings: Settings, directory: Path) -> dict[str, str]:
    """Writes ``problem_report_<end>.txt``, ``.json`` and ``.csv`` of the run, ``errors_table_latest.csv`` and ``peaks_table_latest.csv``.

    Every run gets its report, with incidents or without. All facts are read in one snapshot of the database; a file is replaced as a
    whole. The two tables are as of the newest complete window, so that a repeated older run does not take them back.

    Returns:
        The path of each file by format: txt, json, csv, errors_table, peaks_table.

    Raises:
        ConfigError: no run has this id, or the folder cannot be written.
    """
    with store.connection("read what the run stored") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        facts = _facts(store, connection, run_id, settings)
        tables = _tables(store, connection, settings)
    stem = texts.file_stem(facts.run)
    contents = {
        "txt": (f"{stem}.txt", to_txt(facts, settings)),
        "json": (f"{stem}.json", to_json(facts, settings)),
        "csv": (f"{stem}.csv", to_csv(facts)),
        "errors_table": ("errors_table_latest.csv", tables[0]),
        "peaks_table": ("peaks_table_latest.csv", tables[1]),
    }
    written = {}
    records = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, (file, text) in contents.items():
            data = text.encode("utf-8", "replace")
            path = directory / file
            replace_whole(path, data)
            written[name] = str(path)
            records.append(
                {"run_id": run_id, "format": name, "path": str(path), "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            )
    except OSError as error:
        raise ConfigError(
            f"the reports cannot be written to {directory}: {error.strerror}; check report.directory and its rights"
        ) from error
    with store.connection("record the reports") as connection:
        for record in records:
            connection.execute(store.statement("reports/put_report"), record)
    return written


def _facts(store: Store, connection: psycopg.Connection, run_id: str, settings: Settings) -> texts.Facts:
    runs = _rows(store, connection, "publish/run_row", {"run_id": run_id})
    if not runs:
        raise ConfigError(f"no run has the id {run_id}: see 'ailog ledger' for those there are")
    run = {**runs[0], "sources": _rows(store, connection, "publish/run_sources", {"run_id": run_id})}
    incidents = _rows(store, connection, "reports/incidents", {"run_id": run_id, "limit": MAX_INCIDENTS})
    span = {"window_to": run["window_to"], "lookback_hours": settings.limits.lookback_hours}
    return texts.Facts(
        run=run,
        incidents=incidents,
        incident_total=incidents[0]["incident_total"] if incidents else 0,
        namespaces=_rows(store, connection, "reports/namespaces", {"run_id": run_id}),
        limits=_rows(store, connection, "reports/limits", {"run_id": run_id})[0],
        gaps=_rows(store, connection, "reports/gaps", span)[0],
    )


def _tables(store: Store, connection: psycopg.Connection, settings: Settings) -> tuple[str, str]:
    windows = _rows(store, connection, "reports/spans", {})[0]
    as_of = windows["as_of"]
    values = {"as_of": as_of, "limit": MAX_PROBLEMS, "timezone": settings.timezone}
    errors = _rows(store, connection, "reports/errors_table", values) if as_of else []
    peaks = _rows(store, connection, "reports/peaks_table", values) if as_of else []
    return exports.errors_table(errors, windows), exports.peaks_table(peaks, windows, as_of)


def _rows(store: Store, connection: psycopg.Connection, name: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(name), values).fetchall()
