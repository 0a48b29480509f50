"""Faults that earlier systems of this kind were caught in: none of them may be ours."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.documents import hostile_documents
from tests.support.killable import STEPS, step
from tests.support.pipeline import NOW, checksums, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog.adapters.notifiers.file import FileNotifier
from ailog.adapters.store.postgres import PostgresStore
from ailog.pipeline.notify import notify
from ailog.pipeline.report import report
from ailog.settings import Settings

START = moment("2026-03-10 08:00")
WINDOW = interval("2026-03-10 08:00")


def _files(path: Path, *documents: list[dict]) -> Settings:
    """Settings that read these documents and write messages beside them."""
    settings = files_settings(write_ndjson(path / "a.ndjson", [d for some in documents for d in some]))
    notify_ = settings.notify.model_copy(update={"file": settings.notify.file.model_copy(update={"directory": str(path / "out")})})
    return settings.model_copy(update={"notify": notify_})


def _outage(count: int = 400, namespace: str = "pcb-sit-01-app") -> list[dict]:
    return [event(START + timedelta(seconds=i % 890), f"Ledger {i} does not answer", namespace=namespace) for i in range(count)]


def test_a_worker_killed_after_the_commit_costs_no_message(store: PostgresStore, tmp_path: Path) -> None:
    settings = _files(tmp_path, _outage())
    run(store, settings, WINDOW)  # ends with the commit: report and notify never ran
    assert rows(store, "SELECT status, count(*)::int FROM ailog_peak.outbox GROUP BY 1") == [("pending", 1)]
    run(store, settings, target=interval("2026-03-10 08:15"))
    sent = notify(store, {"file": FileNotifier(settings)}, settings, lambda: NOW)
    assert sent["sent"] >= 1
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.outbox WHERE status <> 'sent'") == [(0,)]


def test_a_message_tells_the_count_of_the_namespace_its_baseline_and_its_limit(store: PostgresStore, tmp_path: Path) -> None:
    run(store, files_settings(write_ndjson(tmp_path / "a.ndjson", _outage(270))), WINDOW)
    (body,) = rows(store, "SELECT body::text FROM ailog_peak.outbox")[0]
    problem = json.loads(body)["sections"][0]["problem"]
    assert problem["count"] == 270
    assert problem["limit"] == 100
    assert "270" in body


def test_one_peak_is_one_row_in_the_namespace_where_it_was(store: PostgresStore, tmp_path: Path) -> None:
    others = [event(START, "Cache miss", namespace=n) for n in ("pca-sit-01-app", "pch-sit-01-app", "pcb-uat-01-app")]
    run(store, files_settings(write_ndjson(tmp_path / "a.ndjson", _outage() + others)), WINDOW)
    assert rows(store, "SELECT namespace, original_value, namespace_total FROM ailog_peak.peak_investigation") == [
        ("pcb-sit-01-app", 400, 400)
    ]


def test_every_event_is_counted_once_in_facts_totals_and_incident(store: PostgresStore, tmp_path: Path) -> None:
    run(store, files_settings(write_ndjson(tmp_path / "a.ndjson", _outage(400))), WINDOW)
    sums = rows(
        store,
        "SELECT (SELECT sum(count)::int FROM ailog_peak.error_kind_counts), (SELECT sum(count)::int FROM ailog_peak.namespace_error_counts), "
        "(SELECT sum(event_count)::int FROM ailog_peak.incidents), (SELECT sum(errors)::int FROM ailog_peak.service_health)",
    )
    assert sums == [(400, 400, 400, 400)]


def test_twelve_thousand_events_of_one_instant_on_an_edge_are_in_one_window(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", [event("2026-03-10T08:15:00.000Z", "Edge") for _ in range(12_000)]))
    run(store, settings, interval("2026-03-10 08:00", 45))
    found = rows(
        store, "SELECT to_char(window_start, 'HH24:MI'), sum(count)::int FROM ailog_peak.namespace_error_counts GROUP BY 1 ORDER BY 1"
    )
    assert found == [("08:00", 0), ("08:15", 12_000), ("08:30", 0)]


def test_hostile_documents_are_set_aside_or_mended_and_the_window_completes(store: PostgresStore, tmp_path: Path) -> None:
    log = tmp_path / "hostile.ndjson"
    lines = [json.dumps(document) for _, document, _ in hostile_documents()]
    log.write_text(
        "\n".join([*lines, "{broken", *(json.dumps({**d, "@timestamp": "2026-01-31T08:03:00Z"}) for d in _outage(50))]) + "\n",
        encoding="utf-8",
    )
    run(store, files_settings(log), interval("2026-01-31 08:00"))
    ((status, expected, fetched, staged, rejected, stored),) = rows(
        store, "SELECT status, expected, fetched, staged, rejected, stored FROM ailog_peak.analysis_runs"
    )
    assert status == "complete"
    assert expected == fetched == staged + rejected
    assert stored == staged
    assert rejected > 0
    reasons = {row[0] for row in rows(store, "SELECT reason FROM ailog_peak.rejected_event")}
    assert {"bad_json"} <= reasons


def test_reports_and_messages_of_hostile_text_are_written_and_escaped(store: PostgresStore, tmp_path: Path) -> None:
    nasty = '=HYPERLINK("http://x.test") <script>alert(1)</script> \u202e **bold** \x00 {i}'
    documents = [event(START + timedelta(seconds=i), nasty.format(i=i), app="=cmd|' /C calc'!A0") for i in range(200)]
    settings = _files(tmp_path, documents)
    run_id = run(store, settings, WINDOW)
    paths = report(store, run_id, settings, tmp_path / "reports")
    for path in map(Path, paths.values()):
        if path.suffix == ".csv":
            assert not [
                cell
                for line in path.read_text(encoding="utf-8").splitlines()
                for cell in line.split(",")
                if cell.strip('"')[:1] in "=+@" and cell.strip('"')
            ]
    assert notify(store, {"file": FileNotifier(settings)}, settings, lambda: NOW)["sent"] == 1


@pytest.mark.parametrize("cleared", STEPS)
def test_a_cleared_task_run_again_alone_changes_nothing(cleared: str, store: PostgresStore, tmp_path: Path) -> None:
    log = write_ndjson(tmp_path / "a.ndjson", _outage())
    settings: Settings = files_settings(log)
    run_id = run(store, settings, WINDOW, keep_staging=True)
    before = checksums(store)
    step(cleared, store, log, run_id)
    if cleared != "cleanup":
        step("publish", store, log, run_id)
    assert checksums(store) == before
