"""A baseline is collected day by day, once, and thresholds are learned from it whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.pipeline import checksums, event, files_settings, moment, rows, write_ndjson

from ailog.adapters.sources import build
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.pipeline.baseline import baseline_days, collect_day
from ailog.pipeline.thresholds import train_thresholds
from ailog.settings import Settings

NOW = moment("2026-03-10 12:00")
START = moment("2026-03-02 00:00")
SPAN = Interval(START, START + timedelta(days=2))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    documents = [event(START + timedelta(minutes=m, seconds=s), f"Order {m} refused") for m in range(0, 2 * 24 * 60, 5) for s in range(3)]
    return files_settings(write_ndjson(tmp_path / "log.ndjson", documents))


def _collect(store: PostgresStore, settings: Settings, day: str) -> dict[str, int]:
    return collect_day(store, settings, [build(settings.active_sources[0], settings, None)], day, NOW, "test")


def test_only_days_that_are_not_complete_are_collected(store: PostgresStore, settings: Settings) -> None:
    assert baseline_days(store, settings, days=None, bounds=SPAN, now=NOW) == ["2026-03-02", "2026-03-03"]
    assert _collect(store, settings, "2026-03-02")["stored"] == 864
    assert baseline_days(store, settings, days=None, bounds=SPAN, now=NOW) == ["2026-03-03"]
    once = checksums(store)
    assert _collect(store, settings, "2026-03-02") == {}
    assert checksums(store) == once


def test_a_baseline_judges_nothing_and_tells_nobody(store: PostgresStore, settings: Settings) -> None:
    _collect(store, settings, "2026-03-02")
    for table in ("detection_events", "incidents", "outbox"):
        assert rows(store, f"SELECT count(*) FROM ailog_peak.{table}") == [(0,)]
    assert rows(store, "SELECT verdict, status FROM ailog_peak.analysis_runs") == [("baseline", "complete")]


def test_thresholds_are_learned_from_dense_totals_before_the_cut(store: PostgresStore, settings: Settings) -> None:
    for day in ("2026-03-02", "2026-03-03"):
        _collect(store, settings, day)
    outcome = train_thresholds(store, settings, as_of=START + timedelta(days=1), weeks=1)
    assert outcome["windows_used"] == 96 * 12, "one day of the twelve namespaces, zeros included; the second day is after the cut"
    values = rows(
        store, "SELECT day_of_week, percentile_value, sample_count FROM ailog_peak.peak_thresholds WHERE namespace = 'pcb-sit-01-app'"
    )
    assert values == [(0, 9.0, 96)]
    assert rows(store, "SELECT cap_value FROM ailog_peak.peak_threshold_caps WHERE namespace = 'pcb-sit-01-app'") == [(9.0,)]


def test_the_same_training_set_gives_the_same_snapshot_and_older_ones_stay(store: PostgresStore, settings: Settings) -> None:
    _collect(store, settings, "2026-03-02")
    first = train_thresholds(store, settings, as_of=START + timedelta(days=1))
    once = checksums(store)
    assert train_thresholds(store, settings, as_of=START + timedelta(days=1))["snapshot_id"] == first["snapshot_id"]
    assert checksums(store) == once
    train_thresholds(store, settings, as_of=START + timedelta(days=2))
    assert rows(store, "SELECT count(*) FROM ailog_peak.threshold_snapshot_runs") == [(2,)]


def test_a_dry_run_trains_and_writes_nothing(store: PostgresStore, settings: Settings) -> None:
    _collect(store, settings, "2026-03-02")
    once = checksums(store)
    assert train_thresholds(store, settings, as_of=START + timedelta(days=1), dry_run=True)["snapshot_id"] is None
    assert checksums(store) == once


def test_nothing_to_learn_from_is_said(store: PostgresStore, settings: Settings) -> None:
    with pytest.raises(ConfigError, match="collect a baseline first"):
        train_thresholds(store, settings, as_of=START)


def test_a_baseline_of_part_of_a_day_is_refused(store: PostgresStore, settings: Settings) -> None:
    with pytest.raises(ConfigError, match="whole days"):
        baseline_days(store, settings, days=None, bounds=Interval(START + timedelta(hours=1), START + timedelta(days=1)), now=NOW)
