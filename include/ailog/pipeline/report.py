"""Writes the report files of a run from its committed facts, and puts them on record; prints days and exports tables."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ailog.domain import exports
from ailog.domain import report as texts
from ailog.domain.report_data import CSV_COLUMNS, incident_rows, to_csv, to_json
from ailog.domain.report_text import to_txt
from ailog.errors import ConfigError
from ailog.files import replace_whole
from ailog.pipeline import report_facts
from ailog.pipeline.report_page import to_html
from ailog.ports import Store
from ailog.settings import Settings


def report(store: Store, run_id: str, settings: Settings, directory: Path) -> dict[str, str]:
    """Writes ``problem_report_<end>.txt``, ``.json``, ``.csv`` and ``.html`` of the run, and the two tables ``..._latest.csv``.

    Every run gets its report, with incidents or without. All facts are read in one snapshot of the database; a file is replaced as a
    whole. The newest HTML report is also ``problem_report_latest.html`` (of a backfill: ``problem_report_latest_backfill.html``). The
    two tables are as of the newest complete window, so that a repeated older run takes neither back.

    Returns:
        The path of each file by format: txt, json, csv, html, errors_table, peaks_table, and html_latest where it was written.

    Raises:
        ConfigError: no run has this id, or the folder cannot be written.
    """
    with report_facts.snapshot(store, "read what the run stored") as connection:
        facts = report_facts.of_run(store, connection, run_id, settings)
        tables = report_facts.tables(store, connection, settings)
        newest = report_facts.is_newest(store, connection, facts.run)
    stem = texts.file_stem(facts.run)
    page = to_html(facts, settings)
    contents = {
        "txt": (f"{stem}.txt", to_txt(facts, settings)),
        "json": (f"{stem}.json", to_json(facts, settings)),
        "csv": (f"{stem}.csv", to_csv(facts, settings)),
        "html": (f"{stem}.html", page),
        **{name: (f"{name}_latest.csv", exports.written(columns, rows, "csv")) for name, (columns, rows) in tables.items()},
    }
    if newest:
        contents["html_latest"] = (f"{texts.latest_stem(facts.run)}.html", page)
    records = _write(contents, directory)
    with store.connection("record the reports") as connection:
        for record in records:
            connection.execute(store.statement("reports/put_report"), {**record, "run_id": run_id})
    return {record["format"]: record["path"] for record in records}


def day_facts(store: Store, day: datetime, settings: Settings) -> texts.Facts:
    """What is known of a UTC day, whichever runs read its windows."""
    with report_facts.snapshot(store, "read a day") as connection:
        return report_facts.of_span(store, connection, day, day + timedelta(days=1), settings)


def export(
    store: Store, settings: Settings, directory: Path, *, since: datetime | None, until: datetime | None, form: str
) -> dict[str, str]:
    """Writes ``errors_table``, ``peaks_table`` and, between two bounds, ``incidents`` of a span as CSV, JSON or Markdown.

    Files are named by table and span, as in ``errors_table_20260131T0000Z_20260201T0000Z.csv``. Tables hold what
    ``report_facts.MAX_PROBLEMS`` allows, the newest and largest first, and ``MAX_INCIDENTS``, the gravest first; Markdown the first
    ``exports.MD_ROWS`` of these.

    Returns:
        The path of each table by its name.

    Raises:
        ConfigError: the folder cannot be written.
    """
    with report_facts.snapshot(store, "read what is exported") as connection:
        found: dict[str, tuple[tuple[str, ...], list[exports.Cells]]] = dict(report_facts.tables(store, connection, settings, since, until))
        if since and until:
            found["incidents"] = (CSV_COLUMNS, incident_rows(report_facts.incidents_of(store, connection, since, until)))
    span = f"{_stamp(since, 'begin')}_{_stamp(until, 'latest')}"
    contents = {name: (f"{name}_{span}.{form}", exports.written(columns, rows, form)) for name, (columns, rows) in found.items()}
    return {record["format"]: record["path"] for record in _write(contents, directory)}


def _write(contents: Mapping[str, tuple[str, str]], directory: Path) -> list[dict[str, Any]]:
    records = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, (file, text) in contents.items():
            data = text.encode("utf-8", "replace")
            path = directory / file
            replace_whole(path, data)
            records.append({"format": name, "path": str(path), "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)})
    except OSError as error:
        raise ConfigError(
            f"the reports cannot be written to {directory}: {error.strerror}; check report.directory and its rights"
        ) from error
    return records


def _stamp(moment: datetime | None, otherwise: str) -> str:
    return otherwise if moment is None else moment.astimezone(UTC).strftime("%Y%m%dT%H%MZ")
