"""Levels from the store: problems that spike within an ordinary total, slow rises, norms that are made once, the margin of the budget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support.pipeline import checksums, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.calendar import Entry
from ailog.domain.events import WINDOW
from ailog.pipeline import calendar
from ailog.pipeline.budget import limit_of
from ailog.pipeline.replay import replay
from ailog.pipeline.thresholds import train_thresholds

SIT = "pcb-sit-01-app"
MIDNIGHT = moment("2026-03-09 23:00")
"""The first window of a local day."""
REFUSED = "Order refused by stock"

Shape = Callable[[datetime], float]


def known(store: PostgresStore, tmp_path: Path) -> tuple[str, str]:
    """Fingerprint and problem of a message, as the product names them."""
    documents = [event(moment("2026-01-05 08:01"), REFUSED)]
    run(store, files_settings(write_ndjson(tmp_path / "first.ndjson", documents)), interval("2026-01-05 08:00"))
    return rows(store, "SELECT fingerprint, problem_key FROM ailog_peak.error_kind_counts")[0]


def past(
    store: PostgresStore, end: datetime, total: Shape, of_problem: float = 0, kind: tuple[str, str] = ("", ""), days: int = 35
) -> None:
    """Complete windows of days before a moment: negative binomial totals around a shape, and as many of them of one problem."""
    generator = np.random.default_rng(3)
    windows = [end - WINDOW * (i + 1) for i in reversed(range(days * 96))]
    means = np.array([total(window) for window in windows])
    counts = generator.negative_binomial(20, 20 / (20 + means)).tolist()
    single = generator.poisson(of_problem, len(windows)).tolist() if of_problem else []
    with store.connection() as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (windows[0], end))
        run_id = connection.execute(
            "INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, code_version, config_hash, started_at) "
            "VALUES (gen_random_uuid(), 'init', %s, %s, %s, 'complete', '0', '0', %s) RETURNING run_id",
            (windows[0], end, len(windows), end),
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO ailog_peak.analysis_run_windows (window_start, run_id, status) "
            "SELECT w, %s, 'complete' FROM unnest(%s::timestamptz[]) AS u (w)",
            (run_id, windows),
        )
        connection.execute(
            "INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete) "
            "SELECT w, %s, %s, c, 5000, true FROM unnest(%s::timestamptz[], %s::bigint[]) AS u (w, c)",
            (SIT, run_id, windows, counts),
        )
        if single:
            connection.execute(
                "INSERT INTO ailog_peak.error_kind_counts (window_start, namespace, app, fingerprint, run_id, environment, problem_key, "
                "error_type, category, subcategory, count, first_event, last_event, metadata_quality, sample) "
                "SELECT w, %s, 'payment-api', %s, %s, 'sit', %s, '', 'UNKNOWN', '', c, w, w, 'structured', %s "
                "FROM unnest(%s::timestamptz[], %s::bigint[]) AS u (w, c) WHERE c > 0",
                (SIT, kind[0], run_id, kind[1], REFUSED, windows, single),
            )


def window_of(tmp_path: Path, start: datetime, refused: int, others: int) -> Any:
    documents = [event(start + timedelta(seconds=i), REFUSED) for i in range(refused)]
    documents += [event(start + timedelta(seconds=i * 900 / max(others, 1)), "Customer 17 not found", app="crm") for i in range(others)]
    return files_settings(write_ndjson(tmp_path / f"{start:%d%H%M}.ndjson", documents))


SPIKES = "SELECT subject, stage, fired FROM ailog_peak.detection_events WHERE detector = 'spike' AND namespace = 'pcb-sit-01-app' AND window_start = %s ORDER BY subject = 'namespace'"


@pytest.mark.parametrize(("refused", "fired"), [(40, True), (6, False)])
def test_a_problem_spikes_within_an_ordinary_total(store: PostgresStore, tmp_path: Path, refused: int, fired: bool) -> None:
    kind = known(store, tmp_path)
    start = moment("2026-03-10 08:00")
    past(store, start, lambda _: 200.0, of_problem=3, kind=kind)
    run(store, window_of(tmp_path, start, refused, 190), interval("2026-03-10 08:00"))
    found = rows(store, SPIKES, (start,))
    assert found[-1] == ("namespace", found[-1][1], False), "the total is ordinary"
    assert [subject for subject, _, told in found if told] == ([kind[1]] if fired else [])
    incidents = rows(store, "SELECT problem_key, reason FROM ailog_peak.incidents WHERE 'spike' = ANY(flags)")
    assert [key for key, _ in incidents] == ([kind[1]] if fired else [])
    if fired:
        assert incidents[0][1].startswith("40 errors of the problem in 15 min; usual at this time ")


def test_what_the_total_tells_its_problems_do_not_tell_again(store: PostgresStore, tmp_path: Path) -> None:
    kind = known(store, tmp_path)
    start = moment("2026-03-10 08:00")
    past(store, start, lambda _: 50.0, of_problem=3, kind=kind)
    run(store, window_of(tmp_path, start, 400, 50), interval("2026-03-10 08:00"))
    assert rows(store, SPIKES, (start,)) == [(kind[1], "namespace", False), ("namespace", "fired", True)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.incidents WHERE 'spike' = ANY(flags)") == [(1,)]


def test_a_kind_spikes_within_an_ordinary_problem(store: PostgresStore, tmp_path: Path) -> None:
    """What is not classified shares one problem: the rise of one of its kinds must not drown in the others."""
    start = moment("2026-03-10 08:00")
    texts = ("Printer tray is stuck", "Lamp of the sign is dark")
    documents = [event(moment("2026-01-05 08:01"), text) for text in texts]
    run(store, files_settings(write_ndjson(tmp_path / "first.ndjson", documents)), interval("2026-01-05 08:00"))
    kinds = rows(store, "SELECT fingerprint, problem_key, sample FROM ailog_peak.error_kind_counts ORDER BY sample")
    (rare, problem, _), (common, other, _) = kinds[1], kinds[0]
    assert problem == other, "both are of one problem"
    past(store, start, lambda _: 300.0, of_problem=100, kind=(common, problem))
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.error_kind_counts (window_start, namespace, app, fingerprint, run_id, environment, problem_key, error_type, "
            "category, subcategory, count, first_event, last_event, metadata_quality, sample) "
            "SELECT window_start, namespace, app, %s, run_id, environment, problem_key, error_type, category, subcategory, 2, first_event, "
            "last_event, metadata_quality, sample FROM ailog_peak.error_kind_counts WHERE fingerprint = %s AND window_start > '2026-01-06'",
            (rare, common),
        )
    made = [event(start + timedelta(seconds=i), texts[0]) for i in range(30)]
    made += [event(start + timedelta(seconds=i), texts[1]) for i in range(85)]
    made += [event(start + timedelta(seconds=i), "Customer 17 not found", app="crm") for i in range(190)]
    run(store, files_settings(write_ndjson(tmp_path / "log.ndjson", made)), interval("2026-03-10 08:00"))
    spikes = "SELECT subject, problem_key, fingerprint, reason FROM ailog_peak.detection_events WHERE detector = 'spike' AND fired"
    found = rows(store, spikes)
    assert [row[:3] for row in found] == [(rare, problem, rare)]
    assert found[0][3].startswith("30 errors of one kind in 15 min; usual at this time 2")
    assert rows(store, "SELECT problem_key FROM ailog_peak.incidents WHERE 'spike' = ANY(flags)") == [(problem,)]
    settings = files_settings(tmp_path / "none.ndjson")
    for forgotten in (False, True):
        if forgotten:
            with store.connection() as connection:
                connection.execute("DELETE FROM ailog_peak.series_days")
                connection.execute("DELETE FROM ailog_peak.series_norms")
        again = replay(store, settings, None, interval("2026-03-10 08:00"), against="stored")
        assert (again["gained"], again["lost"], again["regraded"]) == ([], [], [])


def climbing(window: datetime) -> float:
    """40 errors a window, and over its last five days 12 % more each day."""
    days = (MIDNIGHT - window) / timedelta(days=1)
    return 40.0 * 1.12 ** max(0.0, 6.0 - np.ceil(days))


def test_a_slow_rise_is_told_once_and_a_steady_level_never(store: PostgresStore, tmp_path: Path) -> None:
    past(store, MIDNIGHT, climbing)
    escalating = "SELECT window_start, fired, stage FROM ailog_peak.detection_events WHERE detector = 'escalating' AND namespace = 'pcb-sit-01-app' ORDER BY 1"
    for number in range(3):
        start = MIDNIGHT + number * timedelta(minutes=15)
        run(store, window_of(tmp_path, start, 0, 80), interval(f"{start:%Y-%m-%d %H:%M}"))
    found = rows(store, escalating)
    assert [window for window, *_ in found] == [MIDNIGHT], "judged in the first window of the local day alone"
    fired = found[0][1]
    told = rows(store, "SELECT reason, flags FROM ailog_peak.incidents WHERE 'escalating' = ANY(flags)")
    assert fired, found
    assert len(told) == 1
    assert "a slow rise that no single window shows" in told[0][0]
    again = replay(store, files_settings(tmp_path / "none.ndjson"), None, interval("2026-03-09 23:00", 45), against="stored")
    assert (again["gained"], again["lost"], again["regraded"]) == ([], [], []), "a replay finds it again"
    assert rows(store, "SELECT count(*) FROM ailog_peak.notice_decisions AS d JOIN ailog_peak.incidents AS i USING (incident_id) "
                       "WHERE 'escalating' = ANY(i.flags)")[0][0] >= 1  # fmt: skip


def test_a_steady_level_does_not_escalate(store: PostgresStore, tmp_path: Path) -> None:
    past(store, MIDNIGHT, lambda _: 60.0)
    run(store, window_of(tmp_path, MIDNIGHT, 0, 60), interval("2026-03-09 23:00"))
    assert rows(
        store, "SELECT fired, stage FROM ailog_peak.detection_events WHERE detector = 'escalating' AND namespace = 'pcb-sit-01-app'"
    ) == [(False, "steady")]


def test_a_norm_is_made_once_and_a_window_judged_again_has_the_same_verdict(store: PostgresStore, tmp_path: Path) -> None:
    start = moment("2026-03-10 08:00")
    past(store, start, lambda window: 20.0 + 30 * (8 <= window.hour < 17))
    settings = window_of(tmp_path, start, 0, 110)
    run(store, settings, interval("2026-03-10 08:00"))
    before = checksums(store)
    norms = rows(store, "SELECT day::text, subject, final FROM ailog_peak.series_norms ORDER BY 1, 2")
    assert norms[0] == ("2026-03-10", "namespace", False)
    days = rows(store, "SELECT count(*), max(day)::text FROM ailog_peak.series_days WHERE namespace = 'pcb-sit-01-app'")[0]
    assert days[0] >= 34
    assert days[1] == "2026-03-09"
    run(store, settings, interval("2026-03-10 08:00"))
    assert checksums(store) == before


def test_a_run_with_the_final_word_makes_its_norms_anew(store: PostgresStore, tmp_path: Path) -> None:
    """What a regular run remembered of days that were not final does not bind the backfill."""
    past(store, moment("2026-03-10 00:00"), lambda _: 30.0)
    with store.connection() as connection:
        connection.execute("UPDATE ailog_peak.namespace_error_counts SET complete = false WHERE window_start >= '2026-03-06'")
    settings = window_of(tmp_path, moment("2026-03-10 08:00"), 0, 30)
    run(store, settings, interval("2026-03-10 08:00"))
    assert rows(store, "SELECT bool_or(final) FROM ailog_peak.series_days") == [(False,)]
    with store.connection() as connection:
        connection.execute("UPDATE ailog_peak.namespace_error_counts SET complete = true WHERE window_start < '2026-03-10'")
    run(store, settings, interval("2026-03-10 00:00", 24 * 60), kind="backfill", now=moment("2026-03-11 09:00"))
    final = rows(
        store,
        "SELECT day::text, final FROM ailog_peak.series_days WHERE subject = 'namespace' AND namespace = 'pcb-sit-01-app' AND day >= '2026-03-06' ORDER BY 1",
    )
    assert final == [(f"2026-03-{day:02}", True) for day in range(6, 11)]


def test_a_dry_run_remembers_nothing(store: PostgresStore, tmp_path: Path) -> None:
    past(store, moment("2026-03-10 08:00"), lambda _: 30.0)
    before = checksums(store)
    run(store, window_of(tmp_path, moment("2026-03-10 08:00"), 0, 30), interval("2026-03-10 08:00"), dry_run=True)
    assert checksums(store) == before


def test_the_margin_is_solved_for_the_stated_budget_and_kept_with_the_snapshot(store: PostgresStore, tmp_path: Path) -> None:
    past(store, moment("2026-03-10 00:00"), lambda _: 30.0)
    settings = files_settings(tmp_path / "none.ndjson")
    outcome = train_thresholds(store, settings, as_of=moment("2026-03-10 00:00"))
    assert outcome["budget"] == settings.detectors.budget.false_alarms
    assert outcome["series_weeks"] > 2
    assert outcome["expected_false"] <= outcome["budget"]
    with store.connection() as connection:
        assert limit_of(store, settings, connection, outcome["snapshot_id"]) == outcome["alarm_limit"]
        tighter = settings.detectors.model_copy(update={"budget": settings.detectors.budget.model_copy(update={"false_alarms": 0.05})})
        other = settings.model_copy(update={"detectors": tighter})
        assert limit_of(store, other, connection, outcome["snapshot_id"]) > outcome["alarm_limit"], "not solved for it: what the prior says"


def test_a_namespace_in_its_first_days_is_judged_by_its_limit_alone(store: PostgresStore, tmp_path: Path) -> None:
    start = moment("2026-03-10 08:00")
    past(store, start, lambda _: 30.0, days=4)
    made = window_of(tmp_path, start, 0, 99)
    run(store, made, interval("2026-03-10 08:00"))
    assert rows(store, SPIKES, (start,)) == [("namespace", "threshold", False)]
    assert (
        "no history of this time"
        in rows(store, "SELECT reason FROM ailog_peak.detection_events WHERE detector = 'spike' AND namespace = 'pcb-sit-01-app'")[0][0]
    )


def test_a_holiday_is_judged_as_a_sunday(store: PostgresStore, tmp_path: Path) -> None:
    """A Tuesday with the errors of a Sunday is nothing; one with those of a Tuesday is beyond what a holiday brings."""
    start = moment("2026-03-10 08:00")
    past(store, start, lambda window: 100.0 if window.weekday() < 5 else 12.0)
    settings = window_of(tmp_path, start, 0, 100)
    run(store, settings, interval("2026-03-10 08:00"))
    assert rows(store, SPIKES, (start,))[-1][2] is False
    with store.connection() as connection:
        connection.execute("DELETE FROM ailog_peak.series_norms")
    entry = Entry("day-off", "holiday", "ops", "a public holiday", day=start.date(), calendar="CZ")
    calendar.add(store, entry, actor="test", now=start)
    run(store, settings, interval("2026-03-10 08:00"))
    assert rows(store, SPIKES, (start,))[-1] == ("namespace", "fired", True)
