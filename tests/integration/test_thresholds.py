"""Thresholds on a real database: figures equal an independent computation, what is no norm does not teach, and nobody changes a snapshot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from tests.support.pipeline import checksums, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog.adapters.sources import build
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.calendar_forms import entry_of
from ailog.domain.events import Interval
from ailog.errors import AuthFailed, ConfigError
from ailog.local.postgres import Uris
from ailog.pipeline import calendar, snapshots
from ailog.pipeline.baseline import baseline_days, collect_day
from ailog.pipeline.thresholds import train_thresholds
from ailog.settings import Settings
from ailog.settings_calendar import Hygiene

NOW = moment("2026-03-31 12:00")
START = moment("2026-03-02 00:00")
_REMEMBERED = ("schema_migrations", "series_days", "series_norms")
"""What was judged of days stays remembered, whether a snapshot comes of it or not."""
DAY = timedelta(days=1)
NAMESPACE = "pcb-sit-01-app"

INDEPENDENT = """
WITH cell AS (
    SELECT namespace, extract(isodow FROM window_start AT TIME ZONE 'UTC')::int - 1 AS weekday,
        array_agg(count ORDER BY count) AS sorted, count(*) AS n, avg(count)::float8 AS mean, max(count)::float8 AS maximum,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY count) AS median
    FROM ailog_peak.namespace_error_counts WHERE complete AND window_start >= %(start)s AND window_start < %(as_of)s GROUP BY 1, 2
), limits AS (
    SELECT namespace, weekday, sorted[least(floor(n * 0.93::numeric)::int, n::int - 1) + 1]::float8 AS threshold, n, median, mean, maximum
    FROM cell
)
SELECT namespace, weekday, threshold, n, median, round(mean::numeric, 9), maximum FROM limits
UNION ALL
SELECT namespace, NULL, (percentile_cont(0.5) WITHIN GROUP (ORDER BY threshold) + avg(threshold)) / 2, sum(n),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY threshold), round(avg(threshold)::numeric, 9), max(threshold)
FROM limits GROUP BY namespace
ORDER BY 1, 2 NULLS LAST
"""
STORED = """
SELECT namespace, weekday, threshold, samples, median, round(mean::numeric, 9), maximum FROM ailog_peak.threshold_snapshot_values
WHERE snapshot_id = %s ORDER BY 1, 2 NULLS LAST
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return files_settings(write_ndjson(tmp_path / "log.ndjson", [event(START, "one")]))


def fill(
    store: PostgresStore, counts: str, *, days: int, start: datetime = START, namespace: str = NAMESPACE, complete: str = "true"
) -> None:
    """Dense totals by an expression over ``w`` (the window's start) and ``i`` (its number)."""
    counts, complete = counts.replace("%", "%%"), complete.replace("%", "%%")
    with store.connection() as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (start, start + days * DAY))
        connection.execute(
            "INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, complete) "
            f"SELECT w, %s, gen_random_uuid(), ({counts})::bigint, {complete} "
            "FROM generate_series(0, %s) AS i CROSS JOIN LATERAL (SELECT %s + i * interval '15 minutes' AS w) AS t",
            (namespace, days * 96 - 1, start),
        )


def limits(store: PostgresStore, snapshot_id: str | None, namespace: str = NAMESPACE) -> dict[int | None, float]:
    found = rows(
        store,
        "SELECT weekday, threshold FROM ailog_peak.threshold_snapshot_values WHERE snapshot_id = %s AND namespace = %s",
        (snapshot_id, namespace),
    )
    return dict(found)


def test_twelve_days_of_twelve_namespaces_give_84_thresholds_12_caps_and_13824_dense_rows(store: PostgresStore, tmp_path: Path) -> None:
    """Through the real path of init; every figure equals plain SQL over the same rows, the rule of the floored index included."""
    base = files_settings(tmp_path)
    names = sorted(base.namespaces.namespaces)
    assert len(names) == 12
    documents = [
        event(START + timedelta(minutes=minute, seconds=second), f"Order {minute} refused", namespace=name)
        for number, name in enumerate(names)
        for minute in range(number * 7, 12 * 24 * 60, 61 + 37 * number)
        for second in range(1 + (minute // 60 + number) % 5)
    ]
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson.gz", documents))
    source = build(settings.active_sources[0], settings, None)
    span = Interval(START, START + 12 * DAY)
    for day in baseline_days(store, settings, days=None, bounds=span, now=NOW):
        collect_day(store, settings, [source], day, NOW, "test")
    trained = train_thresholds(store, settings, as_of=span.end)
    assert rows(store, "SELECT count(*) FROM ailog_peak.peak_raw_data WHERE complete") == [(13_824,)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.peak_thresholds") == [(84,)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.peak_threshold_caps") == [(12,)]
    assert rows(store, "SELECT count(*), sum(samples) FROM ailog_peak.aggregation_data") == [(12 * 672, 13_824)]
    expected = rows(store, INDEPENDENT, {"start": START, "as_of": span.end})
    assert len(expected) == 96
    assert rows(store, STORED, (trained["snapshot_id"],)) == expected
    assert trained["windows_used"] == 13_824
    assert (trained["days"], trained["warnings"]) == (12, [])


@pytest.mark.parametrize("days", [5, 6, 12, 23])
def test_figures_of_uneven_cells_equal_an_independent_computation(store: PostgresStore, settings: Settings, days: int) -> None:
    """Cells of many sizes: some windows were never read, so that n runs through values where n * 0.93 is whole and where it is not."""
    for number in range(6):
        fill(
            store,
            f"(i * 7919 + {number} * 104729) % (10 + i % 97)",
            days=days,
            namespace=f"pcb-sit-0{number}-app",
            complete=f"i % {number + 5} > 0",
        )
    everything = settings.thresholds.model_copy(update={"hygiene": Hygiene(unlike_ratio=1e9)})
    trained = train_thresholds(store, settings.model_copy(update={"thresholds": everything}), as_of=START + days * DAY)
    assert rows(store, STORED, (trained["snapshot_id"],)) == rows(store, INDEPENDENT, {"start": START, "as_of": START + days * DAY})


def test_a_week_long_outage_in_history_does_not_raise_next_weeks_limits(store: PostgresStore, settings: Settings) -> None:
    usual = "10 + (i % 96) / 4 + i % 7"
    fill(store, usual, days=28)
    clean = limits(store, train_thresholds(store, settings, as_of=START + 28 * DAY)["snapshot_id"])
    with store.connection() as connection:
        connection.execute(
            "UPDATE ailog_peak.namespace_error_counts SET count = count * 12 WHERE window_start >= %s AND window_start < %s",
            (START + 7 * DAY, START + 14 * DAY),
        )
    trained = train_thresholds(store, settings, as_of=START + 28 * DAY)
    assert trained["windows_dropped"]["unlike_other_weeks"] == 7 * 96
    assert limits(store, trained["snapshot_id"]) == clean
    assert rows(store, "SELECT windows_dropped ->> 'unlike_other_weeks', windows_used FROM ailog_peak.threshold_snapshot_latest") == [
        ("672", 2016)
    ]
    assert rows(
        store,
        "SELECT sum(dropped)::int FROM ailog_peak.threshold_snapshot_values WHERE snapshot_id = %s AND weekday IS NOT NULL",
        (trained["snapshot_id"],),
    ) == [(672,)]


def test_a_week_that_nobody_read_does_not_lower_the_limits_and_a_week_of_zeros_counts(store: PostgresStore, settings: Settings) -> None:
    fill(store, "40 + i % 20", days=28, complete="NOT (i >= 672 AND i < 1344)")
    trained = train_thresholds(store, settings, as_of=START + 28 * DAY)
    assert trained["windows_dropped"]["incomplete"] == 672
    assert set(limits(store, trained["snapshot_id"]).values()) == {58.0}
    with store.connection() as connection:
        connection.execute("UPDATE ailog_peak.namespace_error_counts SET complete = true, count = 0 WHERE NOT complete")
    assert train_thresholds(store, settings, as_of=START + 28 * DAY)["windows_used"] == 28 * 96


def test_maintenance_and_holidays_teach_nothing_and_are_counted(store: PostgresStore, settings: Settings) -> None:
    fill(store, "CASE WHEN i % 96 BETWEEN 4 AND 11 THEN 900 ELSE 5 END", days=28)
    assert max(limits(store, train_thresholds(store, settings, as_of=START + 28 * DAY)["snapshot_id"]).values()) == 900
    for given in (
        {"kind": "maintenance", "namespaces": "pcb-sit-*", "weekdays": "daily", "time": "01:00", "minutes": 120, "expires": "2027-01-01"},
        {"kind": "holiday", "date": "2026-03-10", "calendar": "company"},
        {"kind": "batch", "weekdays": "daily", "time": "12:00", "minutes": 60},
    ):
        entry = entry_of({**given, "owner": "ops", "reason": "test"}, timezone="UTC")
        calendar.add(store, entry, actor="anna", now=NOW)
    trained = train_thresholds(store, settings, as_of=START + 28 * DAY)
    assert {reason: n for reason, n in trained["windows_dropped"].items() if n} == {"maintenance": 28 * 8, "holiday": 88}
    assert set(limits(store, trained["snapshot_id"]).values()) == {5}


def test_a_weekday_left_out_by_more_than_half_falls_back_to_its_cap_and_it_is_said(store: PostgresStore, settings: Settings) -> None:
    fill(store, "CASE WHEN extract(isodow FROM w) = 1 THEN 700 ELSE 20 END", days=28)
    for week in range(3):
        day = (START + week * 7 * DAY).date()
        entry = entry_of({"kind": "holiday", "date": day, "calendar": "company", "owner": "hr", "reason": "closed"}, timezone="UTC")
        calendar.add(store, entry, actor="anna", now=NOW)
    trained = train_thresholds(store, settings, as_of=START + 28 * DAY)
    assert [(row["weekday"], row["kept"], row["dropped"]) for row in trained["withheld"]] == [(0, 96, 288)]
    assert any("Mondays: 288 of 384 windows left out (holiday 288), more than half" in warning for warning in trained["warnings"])
    found = snapshots.check(store, settings, value=21, namespace=NAMESPACE, weekday=0)
    assert (found["passed"], found["limit"], found["rule"]) == (True, 20, "CAP")


def test_too_little_everywhere_publishes_nothing_and_leaves_the_old_one_in_use(store: PostgresStore, settings: Settings) -> None:
    fill(store, "5", days=1)
    before = train_thresholds(store, settings, as_of=START + DAY)["snapshot_id"]
    with pytest.raises(ConfigError, match=r"9 windows .* are fewer than 10"):
        train_thresholds(
            store,
            settings.model_copy(update={"thresholds": settings.thresholds.model_copy(update={"weeks": 1})}),
            as_of=START + timedelta(minutes=135),
        )
    assert snapshots.find(store)["snapshot_id"] == before


def test_a_snapshot_of_the_past_never_takes_over_and_serves_the_days_after_it(store: PostgresStore, settings: Settings) -> None:
    fill(store, "extract(day FROM w)", days=28)
    newest = train_thresholds(store, settings, as_of=START + 21 * DAY)
    once = rows(store, "SELECT DISTINCT snapshot_id::text FROM ailog_peak.aggregation_data")
    past = train_thresholds(store, settings, as_of=START + 14 * DAY)
    assert (newest["in_use"], past["in_use"]) == (True, False)
    assert rows(store, "SELECT DISTINCT snapshot_id::text FROM ailog_peak.aggregation_data") == once
    assert snapshots.find(store)["snapshot_id"] == newest["snapshot_id"]
    windows = [START + days * DAY for days in (13, 14, 20, 21, 27)]
    judged = rows(store, store.statement("detect/snapshots"), {"windows": [*windows, START + 14 * DAY - timedelta(minutes=15)]})
    by_window = {window.astimezone(UTC): found for window, found in judged}
    assert [by_window[window] for window in windows] == [
        None,
        past["snapshot_id"],
        past["snapshot_id"],
        newest["snapshot_id"],
        newest["snapshot_id"],
    ]
    assert by_window[START + 14 * DAY - timedelta(minutes=15)] is None, "a window is never judged by what it taught"


def test_a_backfill_of_an_old_day_is_judged_by_the_snapshot_trained_before_that_day(store: PostgresStore, tmp_path: Path) -> None:
    day = START + 14 * DAY
    at = day + timedelta(hours=10)
    settings = files_settings(
        write_ndjson(tmp_path / "log.ndjson", [event(at + timedelta(seconds=s), f"order {s} refused") for s in range(60)])
    )
    fill(store, "2 + i % 3", days=14)
    past = train_thresholds(store, settings, as_of=day)
    fill(store, "900", days=7, start=day + DAY)
    newest = train_thresholds(store, settings, as_of=day + 8 * DAY)
    run(store, settings, Interval(day, day + DAY), kind="backfill", now=NOW)
    found = rows(
        store,
        "SELECT DISTINCT snapshot_id::text, threshold FROM ailog_peak.detection_events WHERE detector = 'spike' AND namespace = %s AND value = 60",
        (NAMESPACE,),
    )
    assert found == [(past["snapshot_id"], 4.0)]
    assert newest["in_use"]


def test_nobody_changes_a_snapshot(store: PostgresStore, settings: Settings, database: Uris) -> None:
    fill(store, "5", days=2)
    train_thresholds(store, settings, as_of=START + 2 * DAY)
    once = checksums(store)
    changes = [
        "UPDATE ailog_peak.threshold_snapshot_runs SET percentile_level = 0.5",
        "DELETE FROM ailog_peak.threshold_snapshot_runs",
        "UPDATE ailog_peak.threshold_snapshot_values SET threshold = 1",
        "DELETE FROM ailog_peak.threshold_snapshot_values",
        "TRUNCATE ailog_peak.threshold_snapshot_values",
    ]
    for change in changes:
        with pytest.raises(AuthFailed), store.connection() as connection:
            connection.execute(change)
    with psycopg.connect(database.owner) as owner:
        role = rows(store, "SELECT current_user")[0][0]
        owner.execute(psycopg.sql.SQL("GRANT UPDATE, DELETE ON ALL TABLES IN SCHEMA ailog_peak TO {}").format(psycopg.sql.Identifier(role)))
    for change in changes[:4]:
        with pytest.raises(AuthFailed, match="immutable"), store.connection() as connection:
            connection.execute(change)
    for change in (changes[0], changes[2]):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="immutable"), psycopg.connect(database.owner) as owner:
            owner.execute(change)
    assert checksums(store) == once


def test_a_training_that_dies_leaves_nothing_of_its_snapshot(
    store: PostgresStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ailog.pipeline import thresholds

    fill(store, "5", days=2)
    once = checksums(store, leave_out=_REMEMBERED)

    def dies(*_arguments: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(thresholds, "_aggregate", dies)
    with pytest.raises(RuntimeError, match="killed"):
        train_thresholds(store, settings, as_of=START + 2 * DAY)
    assert checksums(store, leave_out=_REMEMBERED) == once


def test_the_same_windows_in_other_groups_give_the_same_snapshot(
    store: PostgresStore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ailog.pipeline import thresholds

    for number in range(4):
        fill(store, f"i % {number + 3}", days=2, namespace=f"pcb-sit-0{number}-app")
    together = train_thresholds(store, settings, as_of=START + 2 * DAY)
    monkeypatch.setattr(thresholds, "_ROWS_AT_ONCE", 1)
    apart = train_thresholds(store, settings, as_of=START + 2 * DAY)
    assert apart["snapshot_id"] == together["snapshot_id"]
    assert apart["values"] == together["values"]


def test_a_quiet_namespace_does_not_alarm_on_one_error(store: PostgresStore, tmp_path: Path) -> None:
    """End to end: four weeks of nothing teach a limit of 0, which one error passes; floors keep it from being told."""
    at = START + 28 * DAY + timedelta(hours=8)
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", [event(at + timedelta(minutes=3), "connection reset by peer")]))
    fill(store, "0", days=28)
    trained = train_thresholds(store, settings, as_of=START + 28 * DAY)
    assert set(limits(store, trained["snapshot_id"]).values()) == {0}
    run(store, settings, interval(f"{at:%Y-%m-%d %H:%M}"), now=NOW)
    spike = rows(
        store,
        "SELECT value, threshold, fired, stage FROM ailog_peak.detection_events WHERE detector = 'spike' AND namespace = %s",
        (NAMESPACE,),
    )
    assert spike == [(1.0, 0.0, False, "floor")]
    assert rows(store, "SELECT count(*) FROM ailog_peak.incidents") == [(0,)]
    assert rows(store, "SELECT count(*) FROM ailog_peak.outbox") == [(0,)]


@pytest.fixture
def two(store: PostgresStore, settings: Settings) -> tuple[str, str]:
    """An older snapshot and the one in use, in which one namespace is gone, one is new and one has grown."""
    fill(store, "10 + i % 2", days=14)
    fill(store, "50", days=7, namespace="old-app")
    older = train_thresholds(store, settings, as_of=START + 14 * DAY, weeks=2)["snapshot_id"]
    fill(store, "CASE WHEN extract(isodow FROM w) = 1 THEN 110 ELSE 11 END", days=14, start=START + 14 * DAY)
    fill(store, "7", days=14, start=START + 14 * DAY, namespace="new-app")
    return older, train_thresholds(store, settings, as_of=START + 28 * DAY, weeks=2)["snapshot_id"]


def test_a_comparison_names_changes_by_size_and_what_was_gained_and_lost(
    store: PostgresStore, settings: Settings, two: tuple[str, str]
) -> None:
    older, newer = two
    found = snapshots.compare(store, settings, older[:8])
    assert (found["from"], found["to"], found["gained"], found["lost"]) == (newer, older, ["old-app"], ["new-app"])
    assert [(row["namespace"], row["weekday"], row["old"], row["new"], row["percent"]) for row in found["changes"]] == [
        (NAMESPACE, 0, 110, 11, -90)
    ]
    again = train_thresholds(store, settings, as_of=START + 28 * DAY - timedelta(hours=1), weeks=2)
    assert again["comparison"]["against"] == newer


def test_wild_changes_are_warned_of_and_never_refused(store: PostgresStore, settings: Settings, two: tuple[str, str]) -> None:
    warned = rows(store, "SELECT warnings FROM ailog_peak.threshold_snapshot_runs WHERE snapshot_id = %s", (two[1],))[0][0]
    assert any("1 limit changed by more than a factor of 3: pcb-sit-01-app, Mondays: 11 to 110 (+900 %)" in line for line in warned)


def test_public_holidays_of_the_settings_join_those_of_people(store: PostgresStore, settings: Settings) -> None:
    fill(store, "5", days=28, start=moment("2026-03-30 00:00"))
    given = entry_of({"kind": "holiday", "date": date(2026, 4, 14), "calendar": "company", "owner": "hr", "reason": "x"}, timezone="UTC")
    calendar.add(store, given, actor="anna", now=NOW)
    from ailog.adapters import public_holidays

    trained = train_thresholds(
        store, settings, as_of=moment("2026-04-27 00:00"), public=lambda years: public_holidays.entries(["CZ"], years, "Europe/Prague")
    )
    assert trained["windows_dropped"]["holiday"] == 3 * 96, "Good Friday, Easter Monday and the company's own day"
