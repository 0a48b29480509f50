"""The pipeline from files to committed facts: what goes in comes out once, wherever it lies and however often it is run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.pipeline import (
    NOW,
    checksums,
    event,
    files_settings,
    interval,
    moment,
    rows,
    run,
    write_ndjson,
)

from ailog.adapters.sources import build
from ailog.adapters.store.postgres import PostgresStore
from ailog.errors import ConfigError, PermanentError, SourceUnavailable
from ailog.pipeline.classify import classify
from ailog.pipeline.fetch import fetch
from ailog.pipeline.plan import plan

START = moment("2026-03-10 08:00")


def _steady(
    count: int, message: str = "Order {i} could not be booked", start: datetime = START, seconds: int = 890, **more: str
) -> list[dict]:
    return [event(start + timedelta(seconds=i * seconds / count), message.format(i=i), **more) for i in range(count)]


def test_ledger_adds_up_and_totals_are_dense(store: PostgresStore, tmp_path: Path) -> None:
    log = write_ndjson(tmp_path / "a.ndjson", _steady(40))
    run(store, files_settings(log), interval("2026-03-10 08:00", 30))
    assert rows(store, "SELECT status, expected, fetched, staged, stored, rejected FROM ailog_peak.analysis_runs") == [
        ("complete", 40, 40, 40, 40, 0)
    ]
    dense = rows(store, "SELECT count(*), count(DISTINCT namespace), sum(count)::int FROM ailog_peak.namespace_error_counts WHERE complete")
    assert dense == [(24, 12, 40)], "two windows of the twelve configured namespaces, zeros included"


def test_an_event_on_the_quarter_hour_counts_once(store: PostgresStore, tmp_path: Path) -> None:
    log = write_ndjson(
        tmp_path / "a.ndjson", [event("2026-03-10T08:15:00.000Z", "On the edge"), event("2026-03-10T08:14:59.999999999Z", "Before")]
    )
    settings = files_settings(log)
    for start in ("2026-03-10 08:00", "2026-03-10 08:15"):
        run(store, settings, interval(start))
    found = rows(store, "SELECT to_char(window_start, 'HH24:MI'), count, sample FROM ailog_peak.error_kind_counts ORDER BY 1")
    assert found == [("08:00", 1, "Before"), ("08:15", 1, "On the edge")]


def test_running_a_window_twice_leaves_every_table_as_it_was(store: PostgresStore, tmp_path: Path) -> None:
    documents = _steady(300, traceId="t1", app="a-service") + [event(START, "x", namespace="pca-sit-01-app") for _ in range(120)]
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson.gz", documents))
    run(store, settings, interval("2026-03-10 08:00"))
    once = checksums(store)
    run(store, settings, interval("2026-03-10 08:00"), kind="manual", now=NOW + timedelta(hours=1))
    assert checksums(store) == once


def test_a_wider_run_takes_windows_over_and_supersedes_the_narrow_one(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(30)))
    first = run(store, settings, interval("2026-03-10 08:00"))
    second = run(store, settings, interval("2026-03-10 08:00", 45))
    assert dict(rows(store, "SELECT run_id::text, status FROM ailog_peak.analysis_runs")) == {first: "superseded", second: "complete"}
    assert rows(store, "SELECT sum(count)::int FROM ailog_peak.error_kind_counts") == [(30,)]


def test_missed_windows_are_caught_up_from_the_ledger(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(30) + _steady(12, start=START + timedelta(minutes=30))))
    run(store, settings, interval("2026-03-10 08:00"))
    run(store, settings, target=interval("2026-03-10 09:00"))
    windows = rows(store, "SELECT to_char(window_start, 'HH24:MI'), stored, status FROM ailog_peak.analysis_run_windows ORDER BY 1")
    assert windows == [(t, n, "complete") for t, n in (("08:00", 30), ("08:15", 0), ("08:30", 12), ("08:45", 0), ("09:00", 0))]


def test_catching_up_is_bounded_and_takes_the_oldest_first(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(1)))
    settings = settings.model_copy(update={"limits": settings.limits.model_copy(update={"max_windows_per_run": 3})})
    run(store, settings, interval("2026-03-10 06:00"))
    made = plan(
        store, settings, kind="regular", target=interval("2026-03-10 09:00"), bounds=None, now=NOW, dry_run=False, triggered_by="test"
    )  # fmt: skip
    assert [w.strftime("%H:%M") for w in made.windows] == ["06:15", "06:30", "09:00"]


def test_a_dry_run_writes_nothing_outside_staging(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(300)))
    before = checksums(store)
    run(store, settings, interval("2026-03-10 08:00"), dry_run=True)
    assert checksums(store) == before
    assert rows(store, "SELECT count(*) FROM ailog_staging.log_event") == [(0,)], "and leaves nothing there"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (START, START, "not before"),
        (START + timedelta(minutes=7), START + timedelta(minutes=15), "quarter hour"),
        (NOW - timedelta(minutes=15), NOW + timedelta(minutes=15), "not over yet"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(store: PostgresStore, tmp_path: Path, start: datetime, end: datetime, said: str) -> None:
    from ailog.domain.events import Interval

    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", []))
    with pytest.raises(ConfigError, match=said):
        run(store, settings, Interval(start, end))


def test_one_message_with_many_ids_is_one_fingerprint_and_counts_every_event(store: PostgresStore, tmp_path: Path) -> None:
    ids = ["500", "503", "401", "404", "a1b2c3d4-0500-4503-8401-0404deadbeef", "A1B2C3D4-0500-4503-8401-0404DEADBEEF", "5f" * 16]
    log = write_ndjson(tmp_path / "a.ndjson", [event(START, f"Document {one} not archived") for one in ids * 20])
    run(store, files_settings(log), interval("2026-03-10 08:00"))
    assert rows(
        store, "SELECT count(DISTINCT fingerprint), count(DISTINCT error_type), sum(count)::int FROM ailog_peak.error_kind_counts"
    ) == [(1, 1, len(ids) * 20)]


def test_a_late_document_is_counted_once_when_its_window_is_read_again(store: PostgresStore, tmp_path: Path) -> None:
    log = write_ndjson(tmp_path / "a.ndjson", _steady(10))
    settings = files_settings(log)
    run(store, settings, interval("2026-03-10 08:00"))
    write_ndjson(log, [*_steady(10), event(START + timedelta(minutes=3), "Order 77 could not be booked")])
    run(store, settings, interval("2026-03-10 08:00"))
    assert rows(store, "SELECT sum(count)::int FROM ailog_peak.error_kind_counts") == [(11,)]


class _Broken:
    """A source that is down."""

    name = "broken"

    def count(self, interval: object) -> object:
        raise SourceUnavailable("broken does not answer on port 9: start it")

    fetch = count

    def close(self) -> None: ...


def _partial(store: PostgresStore, settings: object) -> str:
    from ailog.pipeline.detect import detect
    from ailog.pipeline.propagate import propagate
    from ailog.pipeline.store import publish

    made = plan(
        store, settings, kind="regular", target=None, bounds=interval("2026-03-10 08:00"), now=NOW, dry_run=False, triggered_by="test",
        sources=("files", "broken"),
    )  # fmt: skip
    fetch(store, settings, build(settings.active_sources[0], settings, None), made.run_id)
    with pytest.raises(SourceUnavailable):
        fetch(store, settings, _Broken(), made.run_id)
    classify(store, settings, made.run_id)
    detect(store, settings, made.run_id)
    propagate(store, settings, made.run_id)
    publish(store, settings, made.run_id, NOW)
    return made.run_id


def test_one_dead_source_makes_the_run_partial_and_invents_no_zeros(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(25)))
    _partial(store, settings)
    assert rows(store, "SELECT status, stored, error FROM ailog_peak.analysis_runs") == [
        ("partial", 25, "broken: broken does not answer on port 9: start it")
    ]
    assert rows(store, "SELECT namespace, count, complete, document_count FROM ailog_peak.namespace_error_counts") == [
        ("pcb-sit-01-app", 25, False, None)
    ]
    made = plan(store, settings, kind="regular", target=interval("2026-03-10 08:15"), bounds=None, now=NOW, dry_run=False, triggered_by="t")
    assert [w.strftime("%H:%M") for w in made.windows] == ["08:00", "08:15"], "the partial window is read again"


def test_a_partial_run_does_not_take_a_window_from_a_complete_one(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(25)))
    run(store, settings, interval("2026-03-10 08:00"))
    before = checksums(store, leave_out=("schema_migrations", "analysis_runs"))
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(5)))
    _partial(store, settings)
    assert checksums(store, leave_out=("schema_migrations", "analysis_runs")) == before
    assert rows(store, "SELECT status FROM ailog_peak.analysis_run_windows") == [("complete",)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.analysis_runs WHERE status = 'running'") == [(0,)]


def test_no_source_at_all_fails_the_run_and_says_nothing_of_its_windows(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", []))
    made = plan(
        store, settings, kind="regular", target=None, bounds=interval("2026-03-10 08:00"), now=NOW, dry_run=False, triggered_by="test",
        sources=("broken",),
    )  # fmt: skip
    with pytest.raises(SourceUnavailable):
        fetch(store, settings, _Broken(), made.run_id)
    with pytest.raises(PermanentError, match="broken does not answer"):
        classify(store, settings, made.run_id)
    assert rows(store, "SELECT status, error FROM ailog_peak.analysis_runs") == [
        ("failed", "broken: broken does not answer on port 9: start it")
    ]
    assert rows(store, "SELECT status FROM ailog_peak.analysis_run_windows") == [("failed",)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.namespace_error_counts") == [(0,)], "an outage is no quiet window"


def test_a_run_that_is_over_leaves_nothing_to_do_for_a_cleared_task(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _steady(25)))
    run_id = run(store, settings, interval("2026-03-10 08:00"))
    before = checksums(store)
    assert classify(store, settings, run_id) == {}
    assert checksums(store) == before


def test_personal_data_is_masked_before_anything_is_stored(store: PostgresStore, tmp_path: Path) -> None:
    secret = "Card 4111111111111111 of jan.novak@example.com refused, token Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    log = write_ndjson(tmp_path / "a.ndjson", [event(START, secret)])
    run(store, files_settings(log), interval("2026-03-10 08:00"), keep_staging=True)
    staged = str(rows(store, "SELECT * FROM ailog_staging.log_event")) + str(rows(store, "SELECT * FROM ailog_peak.error_kind_counts"))
    for part in ("4111111111111111", "jan.novak", "eyJzdWIiOiIxIn0"):
        assert part not in staged
    assert "1111" in staged, "the last four digits stay for the reader"


def test_utc_times_are_used_throughout(store: PostgresStore, tmp_path: Path) -> None:
    log = write_ndjson(tmp_path / "a.ndjson", [event("2026-03-10T09:05:00+01:00", "Offset"), event("2026-03-10T08:05:00", "No zone")])
    run(store, files_settings(log), interval("2026-03-10 08:00"))
    assert rows(store, "SELECT window_start, sum(count)::int FROM ailog_peak.error_kind_counts GROUP BY 1") == [
        (datetime(2026, 3, 10, 8, tzinfo=UTC), 2)
    ]
