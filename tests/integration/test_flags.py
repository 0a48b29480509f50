"""Each flag from documents to incident, beside the case that must stay silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.support.pipeline import NOW, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog.adapters.store.postgres import PostgresStore

START = moment("2026-03-10 08:00")
WINDOW = interval("2026-03-10 08:00")
SIT, OTHER, DEV = "pcb-sit-01-app", "pca-sit-01-app", "pcb-dev-01-app"

Analyse = Callable[..., dict[str, set[str]]]


def _history(store: PostgresStore, per_window: Mapping[str, float], days: int = 28, documents: int = 500) -> None:
    """Complete windows of the past with negative binomial counts, as a baseline leaves them."""
    generator = np.random.default_rng(7)
    with store.connection() as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (START - timedelta(days=days), START))
        connection.execute(
            "INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, code_version, config_hash, started_at) "
            "VALUES (gen_random_uuid(), 'init', %s, %s, %s, 'complete', '0', '0', %s)",
            (START - timedelta(days=days), START, days * 96, START),
        )
        windows = [START - timedelta(minutes=15 * (i + 1)) for i in range(days * 96)]
        connection.execute(
            "INSERT INTO ailog_peak.analysis_run_windows (window_start, run_id, status) "
            "SELECT w, (SELECT run_id FROM ailog_peak.analysis_runs), 'complete' FROM unnest(%s::timestamptz[]) AS u (w)",
            (windows,),
        )
        for namespace, mean in per_window.items():
            counts = generator.negative_binomial(10, 10 / (10 + mean), len(windows)).tolist() if mean else [0] * len(windows)
            connection.execute(
                "INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete) "
                "SELECT w, %s, (SELECT run_id FROM ailog_peak.analysis_runs), c, %s, true FROM unnest(%s::timestamptz[], %s::bigint[]) AS u (w, c)",
                (namespace, documents, windows, counts),
            )


@pytest.fixture
def analyse(store: PostgresStore, tmp_path: Path) -> Analyse:
    """Runs documents through the pipeline after a history; gives the flags that fired, by namespace."""

    def analysed(documents: list[dict], history: Mapping[str, float] | None = None) -> dict[str, set[str]]:
        if history is not None:
            _history(store, history)
        quiet = [
            {**event(START + timedelta(seconds=i), "started"), "level": "INFO", "kubernetes": {"namespace": n}}
            for i in range(5)
            for n in (SIT, OTHER)
        ]
        run(store, files_settings(write_ndjson(tmp_path / "log.ndjson", documents + quiet)), WINDOW)
        fired: dict[str, set[str]] = {}
        for namespace, detector in rows(store, "SELECT namespace, detector FROM ailog_peak.detection_events WHERE fired"):
            fired.setdefault(namespace, set()).add(detector)
        return fired

    return analysed


def _spread(count: int, message: str = "Payment {i} refused", namespace: str = SIT, **more: str) -> list[dict]:
    return [event(START + timedelta(seconds=i * 899 / count), message.format(i=i), namespace=namespace, **more) for i in range(count)]


def test_spike_of_ten_times_fires_and_is_one_incident_that_says_the_true_count(analyse: Analyse, store: PostgresStore) -> None:
    assert "spike" in analyse(_spread(270), {SIT: 27, OTHER: 30})[SIT]
    spikes = rows(store, "SELECT namespace, event_count, reason FROM ailog_peak.incidents WHERE 'spike' = ANY(flags)")
    assert len(spikes) == 1
    assert spikes[0][:2] == (SIT, 270)
    assert "270" in spikes[0][2]


def test_ordinary_window_fires_no_spike(analyse: Analyse) -> None:
    fired = analyse(_spread(33) + _spread(36, namespace=OTHER), {SIT: 27, OTHER: 30})
    assert not any("spike" in flags for flags in fired.values())


def test_ten_kinds_of_ten_against_a_limit_of_fifty_are_one_peak(analyse: Analyse, store: PostgresStore) -> None:
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.threshold_snapshot_runs (snapshot_id, status, percentile_level, trained_from, trained_to, windows_used, "
            "default_threshold, min_samples, code_version, config_hash) VALUES (gen_random_uuid(), 'complete', 0.93, %s, %s, 100, 100, 10, '0', '0')",
            (START - timedelta(days=28), START),
        )
        connection.execute(
            "INSERT INTO ailog_peak.threshold_snapshot_values SELECT snapshot_id, %s, 1, 50, 100, 50, 50, 50 FROM ailog_peak.threshold_snapshot_runs",
            (SIT,),
        )
    documents = [d for word in words for d in _spread(10, f"Handler {word} is broken", app=f"{word}-service")]
    assert analyse(documents)[SIT] >= {"spike"}
    assert rows(store, "SELECT value, threshold FROM ailog_peak.detection_events WHERE detector = 'spike' AND fired") == [(100.0, 50.0)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.incidents WHERE 'spike' = ANY(flags)") == [(1,)]


def test_one_error_in_a_quiet_namespace_is_no_peak(analyse: Analyse) -> None:
    assert "spike" not in analyse(_spread(1), {SIT: 0, OTHER: 30}).get(SIT, set())


def test_five_thousand_in_ten_seconds_are_a_burst(analyse: Analyse) -> None:
    documents = [event(START + timedelta(seconds=300 + i / 500), f"Queue {i} is full") for i in range(5000)]
    assert "burst" in analyse(documents)[SIT]


@pytest.mark.parametrize("count", [15, 9000])
def test_a_steady_stream_is_no_burst(analyse: Analyse, count: int) -> None:
    assert "burst" not in analyse(_spread(count)).get(SIT, set())


def test_new_fires_once_and_not_for_what_the_stage_knows(analyse: Analyse, store: PostgresStore, tmp_path: Path) -> None:
    assert "new" in analyse(_spread(10))[SIT]
    settings = files_settings(
        write_ndjson(
            tmp_path / "next.ndjson", [event(d["@timestamp"].replace("08:", "09:"), d["message"], namespace=OTHER) for d in _spread(10)]
        )
    )
    run(store, settings, interval("2026-03-10 09:00"))
    later = "SELECT count(*) FROM ailog_peak.detection_events WHERE detector = 'new' AND fired AND window_start >= '2026-03-10 09:00+00'"
    assert rows(store, later) == [(0,)], "the same stage knows it, whatever the namespace"


def test_the_same_problem_in_two_families_is_cross_namespace(analyse: Analyse) -> None:
    fired = analyse(_spread(20) + _spread(20, namespace=OTHER))
    assert "cross_namespace" in fired[SIT]
    assert "cross_namespace" in fired[OTHER]


def test_copies_of_one_application_over_stages_are_not_cross_namespace(analyse: Analyse) -> None:
    fired = analyse(_spread(20) + _spread(20, namespace=DEV))
    assert not any("cross_namespace" in flags for flags in fired.values())


def test_a_namespace_that_normally_logs_and_says_nothing_is_silent(analyse: Analyse, store: PostgresStore) -> None:
    fired = analyse(_spread(30), {SIT: 30, OTHER: 30, "pch-sit-01-app": 40})
    assert fired["pch-sit-01-app"] == {"silence"}
    assert rows(store, "SELECT problem_key FROM ailog_peak.incidents WHERE namespace = 'pch-sit-01-app'") == [
        ("UNKNOWN:pch_sit_01_app:silence",)
    ]


def test_no_errors_are_not_silence_where_other_records_arrive(analyse: Analyse) -> None:
    assert "silence" not in analyse(_spread(30), {SIT: 30, OTHER: 40}).get(OTHER, set())


def test_every_judged_candidate_is_on_record_fired_or_not(analyse: Analyse, store: PostgresStore) -> None:
    analyse(_spread(33), {SIT: 27, OTHER: 30})
    found = rows(
        store, "SELECT fired, stage, reason <> '' FROM ailog_peak.detection_events WHERE namespace = %s AND detector = 'spike'", (SIT,)
    )
    assert found
    assert all(not fired and stage not in ("", "fired") and said for fired, stage, said in found)


def test_the_root_cause_is_the_first_error_of_the_trace_and_not_its_wrapper(analyse: Analyse, store: PostgresStore) -> None:
    documents = []
    for i in range(40):
        at = START + timedelta(seconds=20 * i)
        documents.append(event(at, f"Database pool is exhausted after {i} ms", app="ledger-db", traceId=f"t{i}"))
        documents.append(
            event(at + timedelta(milliseconds=80), f"Booking {i} failed, ledger answered 500", app="booking-api", traceId=f"t{i}")
        )
    analyse(documents)
    found = rows(
        store,
        "SELECT root_cause ->> 'app', root_cause ->> 'confidence' FROM ailog_peak.incidents WHERE apps ? 'booking-api' AND namespace = %s",
        (SIT,),
    )
    assert found == [("ledger-db", "high")]
    assert rows(store, "SELECT from_app, to_app, sum(traces)::int FROM ailog_peak.service_dependencies GROUP BY 1, 2") == [
        ("ledger-db", "booking-api", 40)
    ]


def test_without_order_no_arrow_is_drawn(analyse: Analyse, store: PostgresStore) -> None:
    documents = [
        event(START + timedelta(seconds=20 * i), f"Step of {app} failed", app=app, traceId=f"t{i}")
        for i in range(40)
        for app in ("a-api", "b-api")
    ]
    analyse(documents)
    assert rows(store, "SELECT count(*) FROM ailog_peak.service_dependencies") == [(0,)]
    confident = "SELECT count(*) FROM ailog_peak.incidents WHERE root_cause ->> 'status' = 'found' AND root_cause ->> 'confidence' <> 'low'"
    assert rows(store, confident) == [(0,)]


def test_an_incident_goes_on_and_ends_by_quiet_time(store: PostgresStore, tmp_path: Path) -> None:
    _history(store, {SIT: 27, OTHER: 30})
    windows = [270, 260, 200, 25, 25, 25, 25, 25, 25]
    documents = [
        event(START + timedelta(minutes=15 * w, seconds=i * 899 / n), f"Payment {i} refused")
        for w, n in enumerate(windows)
        for i in range(n)
    ]
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", documents))
    for w in range(len(windows)):
        at = START + timedelta(minutes=15 * w)
        run(store, settings, target=interval(at.strftime("%Y-%m-%d %H:%M")), now=NOW)
    found = rows(store, "SELECT status, windows, event_count, peak_count, resolved_by FROM ailog_peak.incidents WHERE 'spike' = ANY(flags)")
    assert found == [("resolved", 3, 730, 270, "quiet")]
