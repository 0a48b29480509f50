"""An explanation of real runs: from the documents to what was judged and what people were told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.support.pipeline import event, interval
from tests.support.telling import NAMESPACE, START, analyse, errors, told_settings, window_end

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.calendar import Entry
from ailog.domain.explain import lines
from ailog.pipeline import calendar, silences
from ailog.pipeline.explain import explain

OTHER, THIRD = "pca-sit-01-app", "pch-sit-01-app"


@pytest.fixture
def said(store: PostgresStore, tmp_path: Path) -> object:
    """Three windows of three namespaces: one told, one silenced, one in maintenance."""
    settings = told_settings(tmp_path)
    values = {
        "problem_key": "*", "namespace": "pca-*", "fingerprints": [], "up_to": "critical", "owner": "anna", "reason": "load test",
        "expires_at": START + timedelta(hours=8),
    }  # fmt: skip
    silences.add(store, settings, values, actor="anna", now=START)
    entry = Entry(
        entry_id="release-9", kind="maintenance", namespaces=("pch-*",), owner="ops", reason="release",
        starts_at=START - timedelta(hours=1), ends_at=START + timedelta(hours=1), timezone="UTC",
    )  # fmt: skip
    calendar.add(store, entry, actor="ops", now=START)
    documents = [
        one
        for window in range(2)
        for number, namespace in enumerate((NAMESPACE, OTHER, THIRD))
        for one in errors(window, 200, kind=number, namespace=namespace, app=f"app{number}")
    ]
    documents.append(event(START + timedelta(minutes=31), "a lonely error of the quiet window"))
    analyse(store, settings, tmp_path, documents, range(3))

    def of(namespace: str, window: int, **options: str) -> tuple[dict, str]:
        found = explain(store, settings, namespace, window_end(window) - timedelta(minutes=3), window_end(3), **options)
        return found, " ".join("\n".join(lines(found, ZoneInfo("Europe/Prague"))).split())

    return of


def test_a_window_is_explained_from_the_count_to_the_message(said: object, store: PostgresStore) -> None:
    found, words = said(NAMESPACE, 0)  # type: ignore[operator]
    assert (found["state"], found["count"]) == ("judged", 200)
    [incident] = found["incidents"]
    assert sum(incident["contributions"].values()) == incident["score"]
    assert "spike FIRED the namespace" in words
    assert f"HIGH {incident['score']:g}" in words or f"MEDIUM {incident['score']:g}" in words
    assert "file told as opened" in words

    again, words = said(NAMESPACE, 1)  # type: ignore[operator]
    assert [row["stage"] for row in again["notices"]] == ["cool-down"]
    assert "file kept back by the cool-down: told 15 min ago, within the cool-down of 45 min" in words

    silenced, words = said(OTHER, 0)  # type: ignore[operator]
    assert [(row["silence_owner"], row["silence_expires_at"]) for row in silenced["notices"]] == [("anna", START + timedelta(hours=8))]
    assert "kept back by a silence: silence 1 of anna until 2026-03-10 17:00 CET: load test" in words

    kept, words = said(THIRD, 0)  # type: ignore[operator]
    assert [row["entry_id"] for row in kept["calendar"]] == ["release-9"]
    assert "kept back by a maintenance window: maintenance release-9 of ops: release" in words

    quiet, words = said(NAMESPACE, 2)  # type: ignore[operator]
    assert not any(row["fired"] for row in quiet["detections"])
    assert "nothing fired" in words

    only, _ = said(NAMESPACE, 0, detector="burst")  # type: ignore[operator]
    assert {row["detector"] for row in only["detections"]} <= {"burst"}

    unread, _ = said(NAMESPACE, -40)  # type: ignore[operator]
    assert unread["state"] == "not read"
    typo, _ = said("pcb-sit-01-ap", 0)  # type: ignore[operator]
    assert "did you mean pcb-sit-01-app" in typo["state_reason"]


def test_a_failed_run_and_a_baseline_are_said(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    analyse(store, settings, tmp_path, errors(0, 20), range(1), kind="init")
    moment = window_end(0) - timedelta(minutes=3)
    assert explain(store, settings, NAMESPACE, moment, window_end(9))["state"] == "baseline"
    bounds = interval("2026-03-10 09:00")
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, code_version, config_hash, started_at, "
            "error) VALUES (gen_random_uuid(), 'regular', %s, %s, 1, 'failed', '0', '0', %s, 'disk full')",
            (*bounds, bounds.end),
        )
    found = explain(store, settings, NAMESPACE, bounds.start, window_end(9))
    assert (found["state"], found["state_reason"]) == ("not read", "not read: the newest run over it failed: disk full")
