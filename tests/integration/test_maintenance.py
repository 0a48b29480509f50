"""Maintenance on a real database: what is rolled up, what goes, what stays, and what happens when it is disturbed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.support.killable import Counter
from tests.support.maintained import NAMESPACES, fill
from tests.support.pipeline import checksums, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog import settings as settings_module
from ailog.adapters.sources import build
from ailog.adapters.store import migrations
from ailog.adapters.store.postgres import PostgresStore
from ailog.adapters.store.statements import SQL_ROOT, load
from ailog.errors import ConfigError, StoreBusy
from ailog.local.postgres import APP_ROLE, Uris
from ailog.pipeline.backfill import backfill_day
from ailog.pipeline.leftovers import leftovers
from ailog.pipeline.retention import KEPT, MONTHLY, retention, statistics
from ailog.pipeline.rollup import alone, roll_up
from ailog.settings import Settings

START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 10, 2, 30, tzinfo=UTC)
"""More than a year ago for any clock: what the schema itself refuses to drop does not come into it."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return files_settings(tmp_path / "log.ndjson")


def maintain(store: PostgresStore, settings: Settings, now: datetime = NOW) -> dict[str, Any]:
    """Roll-up and retention, as the DAG runs them."""
    return roll_up(store, settings, now) | retention(store, settings, now, sleep=time.sleep)


def months(store: PostgresStore, table: str) -> list[str]:
    found = rows(
        store,
        "SELECT right(c.relname, 7) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = ('ailog_peak.' || %s)::regclass ORDER BY 1",
        (table,),
    )
    return [str(row[0]) for row in found]


def test_the_roll_up_of_a_day_equals_its_facts(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 3, kinds=3)
    assert roll_up(store, settings, NOW) == {"days": 3, "incomplete": 0}
    facts = rows(
        store,
        "SELECT (window_start AT TIME ZONE 'UTC')::date, namespace, fingerprint, problem_key, sum(count)::bigint, count(*)::int, min(first_event), max(last_event) "
        "FROM ailog_peak.error_kind_counts GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    )
    rolled = "SELECT date, namespace, fingerprint, problem_key, error_count, windows::int, first_event, last_event FROM ailog_peak.daily_error_kind_rollups"
    assert rows(store, f"{rolled} ORDER BY 1, 2, 3, 4") == facts
    totals = rows(
        store,
        "SELECT (window_start AT TIME ZONE 'UTC')::date, namespace, sum(count)::bigint FROM ailog_peak.namespace_error_counts GROUP BY 1, 2 ORDER BY 1, 2",
    )
    assert rows(store, "SELECT date, namespace, error_count FROM ailog_peak.daily_namespace_rollups ORDER BY 1, 2") == totals
    assert rows(store, "SELECT DISTINCT source, windows, complete_windows FROM ailog_peak.daily_rollup_days") == [("facts", 96, 96)]
    assert rows(store, "SELECT sum(events) FROM ailog_peak.error_patterns") == rows(
        store, "SELECT sum(count) FROM ailog_peak.error_kind_counts"
    )
    before = checksums(store)
    assert roll_up(store, settings, NOW) == {"days": 0, "incomplete": 0}
    assert checksums(store) == before


def test_a_day_that_lacks_windows_waits_and_is_marked_incomplete_by_their_number(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 0.5)
    assert roll_up(store, settings, START + timedelta(days=2)) == {"days": 0, "incomplete": 0}
    assert roll_up(store, settings, START + timedelta(days=6)) == {"days": 1, "incomplete": 1}
    assert rows(store, "SELECT windows, complete_windows FROM ailog_peak.daily_rollup_days") == [(48, 48)]


def test_a_later_final_word_rolls_its_day_up_again(store: PostgresStore, tmp_path: Path) -> None:
    day = datetime(2026, 1, 5, tzinfo=UTC)
    path = write_ndjson(tmp_path / "log.ndjson", [event(day + timedelta(hours=8, seconds=i), f"Payment {i} refused") for i in range(5)])
    settings = files_settings(path)

    def final() -> None:
        sources = [build(one, settings, None) for one in settings.active_sources]
        backfill_day(store, settings, sources, day.date(), NOW, "test", force=True)
        for source in sources:
            source.close()

    final()
    assert roll_up(store, settings, NOW)["days"] == 1
    events = "SELECT sum(error_count)::int FROM ailog_peak.daily_error_kind_rollups"
    patterns = "SELECT sum(events)::int FROM ailog_peak.error_patterns"
    assert rows(store, events) == rows(store, patterns) == [(5,)]
    write_ndjson(path, [event(day + timedelta(hours=8, seconds=i), f"Payment {i} refused") for i in range(9)])
    final()
    assert roll_up(store, settings, NOW)["days"] == 1
    assert rows(store, events) == rows(store, patterns) == [(9,)]
    assert roll_up(store, settings, NOW)["days"] == 0


def test_a_rolled_up_day_is_never_replaced_by_a_poorer_one(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 31)
    maintain(store, settings)
    assert months(store, "error_kind_counts") == []
    before = rows(store, "SELECT * FROM ailog_peak.daily_error_kind_rollups ORDER BY 1, 2, 3, 4")
    with store.connection() as connection:  # one window of a day that is gone is read again
        connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (START, START + timedelta(days=1)))
        connection.execute(
            "INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, complete) "
            "SELECT window_start, %s, run_id, 1, true FROM ailog_peak.analysis_run_windows ORDER BY 1 LIMIT 1",
            (NAMESPACES[0],),
        )
        connection.execute("UPDATE ailog_peak.analysis_run_windows SET stored = 1 WHERE window_start = %s", (START,))
    assert roll_up(store, settings, NOW)["refused"] == ["2025-01-01"]
    retention(store, settings, NOW, sleep=time.sleep)
    assert rows(store, "SELECT * FROM ailog_peak.daily_error_kind_rollups ORDER BY 1, 2, 3, 4") == before
    assert months(store, "namespace_error_counts") == []


def test_facts_that_do_not_add_up_to_the_ledger_are_told_and_never_dropped(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 31)
    with store.connection() as connection:
        connection.execute("DELETE FROM ailog_peak.error_kind_counts WHERE window_start = %s", (START + timedelta(days=4),))
    rolled = roll_up(store, settings, NOW)
    assert rolled["uneven"] == ["2025-01-05"]
    found = retention(store, settings, NOW, sleep=time.sleep)
    assert "2025-01-05" in found["refused"]["error_kind_counts_y2025m01"]
    assert months(store, "error_kind_counts") == ["2025m01"]
    assert months(store, "detection_events") == []


def test_a_year_keeps_what_is_promised_and_loses_the_rest(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 375, every=16)
    kept_before = "SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM ailog_peak.{} AS t WHERE window_start >= %s"
    bounds = {name: moment("2025-12-01 00:00") if rule == "raw_days" else moment("2025-10-01 00:00") for name, rule in MONTHLY.items()}
    before = {name: rows(store, kept_before.format(name), (bounds[name],)) for name in MONTHLY}
    events = rows(store, "SELECT sum(count) FROM ailog_peak.error_kind_counts")
    dry = retention(store, settings, NOW, dry_run=True, sleep=time.sleep)
    found = maintain(store, settings)
    assert found["days"] == 374  # the last day is not over
    assert set(found["months"]) == set(dry["months"])
    assert months(store, "error_kind_counts") == months(store, "namespace_error_counts") == ["2025m12", "2026m01"]
    for table in ("detection_events", "service_health", "service_dependencies", "cascade_failures"):
        assert months(store, table) == ["2025m10", "2025m11", "2025m12", "2026m01"]
    assert {name: rows(store, kept_before.format(name), (bounds[name],)) for name in MONTHLY} == before
    young = rows(store, "SELECT coalesce(sum(count), 0) FROM ailog_peak.error_kind_counts WHERE window_start >= '2026-01-10'")
    assert rows(store, "SELECT sum(error_count) FROM ailog_peak.daily_error_kind_rollups")[0][0] == events[0][0] - young[0][0]
    after = checksums(store)
    assert maintain(store, settings)["months"] == []
    assert checksums(store) == after


def test_rows_by_age_go_and_people_s_records_stay(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 1)
    fill(store, datetime(2026, 1, 8, tzinfo=UTC), 1, kinds=1)
    old, new = NOW - timedelta(days=91), NOW - timedelta(days=89)
    with store.connection() as connection:
        for finished, status in ((old, "sent"), (new, "sent"), (old, "pending")):
            connection.execute(
                "WITH m AS (INSERT INTO ailog_peak.outbox (message_id, channel, kind, subject, body, status, finished_at) "
                "VALUES (gen_random_uuid(), 'file', 'digest', 's', '{}', %s, %s) RETURNING message_id) "
                "INSERT INTO ailog_peak.notification_deliveries (message_id, channel, attempt, outcome) SELECT message_id, 'file', 1, 'delivered' FROM m",
                (status, finished),
            )
        connection.execute(
            "INSERT INTO ailog_peak.rejected_event (run_id, source, ref, reason, action) SELECT run_id, 'files', '1', 'no timestamp', 'quarantined' FROM ailog_peak.analysis_runs"
        )
        connection.execute("INSERT INTO ailog_peak.audit_log (actor, action, subject) VALUES ('a', 'b', 'c')")
        connection.execute("INSERT INTO ailog_peak.known_issues (issue_id, title, fingerprint) VALUES ('KI-1', 't', %s)", ("0" * 15 + "2",))
    kept = {name: sum_ for name, sum_ in checksums(store).items() if name in KEPT and not name.startswith(("daily", "error_p", "audit"))}
    found = maintain(store, settings)
    assert (found["outbox"], found["rejected_event"], found["signatures"]) == (1, 1, 0)
    assert rows(store, "SELECT status FROM ailog_peak.outbox ORDER BY 1") == [("pending",), ("sent",)]
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.notification_deliveries") == [(2,)]
    assert {name: sum_ for name, sum_ in checksums(store).items() if name in kept} == kept
    with store.connection() as connection:
        connection.execute("DELETE FROM ailog_peak.known_issues")
    assert maintain(store, settings)["signatures"] == 1  # kind 2 was last seen a year ago and nobody names it any more
    assert rows(store, "SELECT fingerprint FROM ailog_peak.error_signatures") == [("0" * 15 + "1",)]
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.error_patterns") == [(2,)]


def test_a_family_is_forgotten_whole_or_not_at_all(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 1, kinds=4)
    fill(store, datetime(2026, 1, 8, tzinfo=UTC), 1, kinds=1)
    alias = (
        "INSERT INTO ailog_peak.fingerprint_aliases (fingerprint, generation, family, algorithm_version, family_version, reason, since) "
        "VALUES (lpad(%s, 16, '0'), 1, lpad(%s, 16, '0'), '1', '1', 'widened', now())"
    )
    with store.connection() as connection:
        for fingerprint, family in (("1", "f"), ("f", "e"), ("2", "e"), ("3", "d"), ("4", "d")):
            connection.execute(alias, (fingerprint, family))
    assert maintain(store, settings)["signatures"] == 2  # 3 and 4; 2 shares a family with 1, which lives
    assert rows(store, "SELECT ltrim(fingerprint, '0') FROM ailog_peak.error_signatures ORDER BY 1") == [("1",), ("2",)]
    assert rows(store, "SELECT ltrim(fingerprint, '0') FROM ailog_peak.fingerprint_aliases ORDER BY 1") == [("1",), ("2",), ("f",)]


Fires = Callable[[datetime, int], list[tuple[Any, ...]]]


@pytest.fixture
def fires(store: PostgresStore, tmp_path: Path) -> Fires:
    """Reads five equal errors in a window and says what the detector ``new`` made of them."""

    def read(at: datetime, lookback: int) -> list[tuple[Any, ...]]:
        path = write_ndjson(tmp_path / "log.ndjson", [event(at + timedelta(seconds=i), "Voucher cannot be booked") for i in range(5)])
        settings = files_settings(path)
        rules = settings.detectors.model_copy(update={"new": settings.detectors.new.model_copy(update={"lookback_days": lookback})})
        run(store, settings.model_copy(update={"detectors": rules}), interval(f"{at:%Y-%m-%d %H:%M}"), now=at + timedelta(hours=1))
        return rows(store, "SELECT fired, stage FROM ailog_peak.detection_events WHERE detector = 'new' AND window_start = %s", (at,))

    return read


def test_retention_makes_no_error_new_that_the_look_back_covers(store: PostgresStore, settings: Settings, fires: Fires) -> None:
    assert fires(moment("2025-11-20 08:00"), 60) == [(True, "fired")]
    assert maintain(store, settings)["months"] != []
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.error_kind_counts") == [(0,)]
    assert fires(moment("2026-01-09 08:00"), 60) == [(False, "known")]


def test_an_error_unseen_for_120_days_is_new_again_and_keeps_the_time_when_it_was_first_seen(
    store: PostgresStore, settings: Settings, fires: Fires
) -> None:
    first = moment("2025-09-11 08:00")
    assert fires(first, 30) == [(True, "fired")]
    assert maintain(store, settings)["signatures"] == 0  # its incident is open
    with store.connection() as connection:
        connection.execute("UPDATE ailog_peak.incidents SET status = 'resolved'")
    assert maintain(store, settings)["signatures"] == 1
    assert rows(store, "SELECT fingerprint FROM ailog_peak.error_signatures") == []
    assert fires(moment("2026-01-09 08:00"), 30) == [(True, "fired")]
    assert rows(store, "SELECT first_seen FROM ailog_peak.error_signatures") == [(first,)]
    assert rows(store, "SELECT first_seen FROM ailog_peak.problems") == [(first,)]


def test_killed_at_any_word_and_repeated_it_ends_alike(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 60, every=32)
    fill(store, datetime(2026, 1, 8, tzinfo=UTC), 1, kinds=1)

    def ended() -> dict[str, str]:
        return checksums(store, leave_out=("schema_migrations", "audit_log", "dropped_months"))

    words = 0
    while True:
        words += 23
        child = os.fork()
        if child == 0:  # the child never returns into pytest
            with Counter(words) as counter:
                maintain(store, settings)
            os._exit(0 if counter.seen < words else 3)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
    assert words > 100
    disturbed = ended()
    maintain(store, settings)
    assert ended() == disturbed
    assert months(store, "error_kind_counts") == ["2026m01"]
    assert rows(store, "SELECT count(*)::int, min(complete_windows)::int FROM ailog_peak.daily_rollup_days") == [(61, 96)]
    assert rows(store, "SELECT sum(events) FROM ailog_peak.error_patterns") == rows(
        store, "SELECT sum(error_count) FROM ailog_peak.daily_error_kind_rollups"
    )
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.audit_log WHERE action = 'drop month'") == [(18,)]


def test_a_dry_run_says_what_would_go_and_changes_nothing(store: PostgresStore, settings: Settings, tmp_path: Path) -> None:
    fill(store, START, 40, every=32)
    before = checksums(store)
    assert roll_up(store, settings, NOW, dry_run=True) == {"due": 40, "incomplete": 0}
    dry = retention(store, settings, NOW, dry_run=True, sleep=time.sleep)
    statistics(store, dry_run=True)
    leftovers(store, settings, NOW, root=tmp_path, dry_run=True)
    assert checksums(store) == before
    assert dry["bytes"] > 0
    assert dry["months"]["namespace_error_counts_y2025m01"]["rows"] == 31 * 96 * len(NAMESPACES)
    roll_up(store, settings, NOW)
    found = retention(store, settings, NOW, sleep=time.sleep)
    assert found["months"] == list(dry["months"])
    assert {name: found[name] for name in ("outbox", "rejected_event", "signatures")} == {
        name: dry[name] for name in ("outbox", "rejected_event", "signatures")
    }


def test_a_publishing_run_at_the_same_time_neither_fails_nor_loses_rows(store: PostgresStore, settings: Settings, tmp_path: Path) -> None:
    fill(store, START, 120, every=16)
    path = write_ndjson(
        tmp_path / "live.ndjson",
        [event(moment("2026-01-09 08:00") + timedelta(seconds=10 * i), f"Payment {i} refused") for i in range(540)],
    )
    failures: list[BaseException] = []

    def publish() -> None:
        try:
            for i in range(6):
                start = moment("2026-01-09 08:00") + timedelta(minutes=15 * i)
                run(store, files_settings(path), interval(f"{start:%Y-%m-%d %H:%M}"), now=NOW)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    thread = threading.Thread(target=publish)
    thread.start()
    found = maintain(store, settings)
    thread.join()
    assert failures == []
    assert "waiting" not in found
    assert months(store, "error_kind_counts") == ["2026m01"]
    assert rows(store, "SELECT sum(count)::int FROM ailog_peak.error_kind_counts") == [(540,)]


def test_a_month_in_use_is_left_for_the_next_time_and_readers_do_not_wait(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 31, every=32)
    roll_up(store, settings, NOW)
    with store.connection() as publishing:
        publishing.execute(store.statement("publish/lock"))
        publishing.execute("SELECT count(*) FROM ailog_peak.error_kind_counts")
        found = retention(store, settings, NOW, sleep=lambda _: None)
    assert found["months"] == []
    assert "error_kind_counts_y2025m01" in found["waiting"]
    assert "error_kind_counts_y2025m01" in retention(store, settings, NOW, sleep=time.sleep)["months"]


def test_two_maintenances_do_not_meet(store: PostgresStore, settings: Settings) -> None:
    with alone(store), pytest.raises(StoreBusy, match="another maintenance"):
        roll_up(store, settings, NOW)


REFUSED = (
    "DROP TABLE ailog_peak.error_kind_counts_y2025m01",
    "DROP TABLE ailog_peak.incidents",
    "ALTER TABLE ailog_peak.error_kind_counts DETACH PARTITION ailog_peak.error_kind_counts_y2025m01",
    "TRUNCATE ailog_peak.error_kind_counts",
    "DELETE FROM ailog_peak.threshold_snapshot_runs",
    "DELETE FROM ailog_peak.fingerprint_aliases",
    "DELETE FROM ailog_peak.audit_log",
    "SELECT ailog_peak.drop_month('incidents', '2025-01-01')",
    "SELECT ailog_peak.drop_month('audit_log', '2025-01-01')",
    "SELECT ailog_peak.drop_month('error_kind_counts', current_date)",
    "SELECT ailog_peak.drop_month('detection_events', (current_date - interval '1 month')::date)",
    "SELECT ailog_peak.forget_signatures(now() - interval '59 days')",
    "SELECT ailog_peak.forget_snapshots(now() - interval '179 days')",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_application_role_can_drop_nothing_else(store: PostgresStore, statement: str) -> None:
    fill(store, START, 1, every=32)
    with store.connection() as connection:
        connection.execute("INSERT INTO ailog_peak.audit_log (actor, action, subject) VALUES ('a', 'b', 'c')")
    before = checksums(store)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(store._conninfo) as connection:
        connection.execute(statement)
    assert checksums(store) == before


def test_facts_go_only_when_they_are_rolled_up_and_oldest_first(store: PostgresStore, settings: Settings) -> None:
    fill(store, START, 59, every=32)
    for month, why in (("2025-01-01", "is not rolled up"), ("2025-02-01", "is older than")):
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=why), psycopg.connect(store._conninfo) as connection:
            connection.execute("SELECT ailog_peak.drop_month('error_kind_counts', %s)", (month,))


def test_replaced_snapshots_go_after_their_time_and_the_newest_stays(store: PostgresStore, settings: Settings) -> None:
    with store.connection() as connection:
        for days in (900, 800, 100):
            connection.execute(
                "INSERT INTO ailog_peak.threshold_snapshot_runs (snapshot_id, status, percentile_level, trained_from, trained_to, windows_used, "
                "default_threshold, min_samples, code_version, config_hash) VALUES (gen_random_uuid(), 'complete', 0.93, %s, %s, 1, 100, 10, '0', '0')",
                (NOW - timedelta(days=days + 28), NOW - timedelta(days=days)),
            )
    assert maintain(store, settings)["snapshots"] == 1
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.threshold_snapshot_runs") == [(2,)]


def test_leftovers_of_dead_runs_go_and_young_and_latest_files_stay(store: PostgresStore, settings: Settings, tmp_path: Path) -> None:
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, code_version, config_hash, started_at) "
            "SELECT gen_random_uuid(), 'regular', %(from)s, %(now)s, 1, 'running', '0', '0', s FROM unnest(%(starts)s::timestamptz[]) AS s",
            {"from": START, "now": NOW, "starts": [NOW - timedelta(hours=30), NOW - timedelta(hours=1)]},
        )
        connection.execute("INSERT INTO ailog_staging.staging_mark (run_no) VALUES (77)")
        connection.execute(
            "INSERT INTO ailog_staging.source_count (run_no, source, window_start, namespace, errors) VALUES (77, 'a', now(), 'n', 1)"
        )
    settings = settings.model_copy(update={"report": settings.report.model_copy(update={"directory": "reports"})})
    files = {
        "problem_report_1.txt": 100,
        "problem_report_2.html": 95,
        "problem_report_latest.html": 300,
        "problem_report_3.csv": 5,
        "notes.txt": 400,
    }
    (tmp_path / "reports").mkdir()
    for name, days in files.items():
        (tmp_path / "reports" / name).write_text("x")
        os.utime(tmp_path / "reports" / name, ((NOW - timedelta(days=days)).timestamp(),) * 2)
    for name, days in {"ailog-backup-1": 100, "ailog-backup-2": 50, "other": 900}.items():
        (tmp_path / "backups" / name).mkdir(parents=True)
        (tmp_path / "backups" / name / "manifest.json").write_text("{}")
        os.utime(tmp_path / "backups" / name / "manifest.json", ((NOW - timedelta(days=days)).timestamp(),) * 2)
    found = leftovers(store, settings, NOW, root=tmp_path)
    assert found == {"runs": 0, "orphans": 2, "stale": 1, "reports": 2, "backups": 1}
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [
        "notes.txt",
        "problem_report_3.csv",
        "problem_report_latest.html",
    ]
    assert sorted(path.name for path in (tmp_path / "backups").iterdir()) == ["ailog-backup-2", "other"]
    assert rows(store, "SELECT status FROM ailog_peak.analysis_runs ORDER BY started_at") == [("failed",), ("running",)]


def test_verdicts_of_an_older_schema_are_moved_into_months(empty_database: Uris) -> None:
    with psycopg.connect(empty_database.owner, autocommit=True) as connection:
        for name in ("bootstrap/schemas", "bootstrap/staging_schema", "bootstrap/schema_migrations"):
            connection.execute(load(name))  # type: ignore[arg-type]
        for path in sorted((SQL_ROOT / "schema").glob("*.sql")):
            if path.name < "014":
                connection.execute(path.read_text(encoding="utf-8"))  # type: ignore[arg-type]
                connection.execute(
                    "INSERT INTO ailog_peak.schema_migrations VALUES (%s, %s, now(), 0)",
                    (path.name, migrations._checksum(path.read_text(encoding="utf-8"))),
                )
        connection.execute(
            "INSERT INTO ailog_peak.detection_events (window_start, namespace, detector, subject, run_id, value, fired, stage, reason) "
            "SELECT w, 'n', 'spike', 'namespace', gen_random_uuid(), 1.5, true, 'fired', '' FROM generate_series('2011-01-31'::timestamptz, '2026-03-02', '30 days') AS w"
        )
        before = connection.execute(
            "SELECT md5(string_agg(d::text, ';' ORDER BY d::text)) FROM ailog_peak.detection_events AS d"
        ).fetchall()
    assert "014_rollups.sql" in migrations.migrate(empty_database.owner, APP_ROLE)
    store = PostgresStore(empty_database.app)
    assert rows(store, "SELECT md5(string_agg(d::text, ';' ORDER BY d::text)) FROM ailog_peak.detection_events AS d") == before
    again = "INSERT INTO ailog_peak.detection_events SELECT * FROM ailog_peak.detection_events LIMIT 1"
    with pytest.raises(psycopg.errors.UniqueViolation), store.connection() as connection:
        connection.execute(again)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ("thresholds: {weeks: 8}", ("raw_days 30", "thresholds.weeks 8", "58")),
        ("detectors: {silence: {history_days: 60}}", ("raw_days 30", "history_days 60", "62")),
        ("retention: {raw_days: 100}", ("patterns_days 90", "raw_days 100")),
        ("retention: {detections_days: 700}", ("snapshot_days 730", "detections_days 700")),
        ("retention: {raw_days: 7}", ("greater than or equal to 28",)),
    ],
)
def test_a_setting_that_would_starve_training_is_refused(tmp_path: Path, changes: str, named: tuple[str, ...]) -> None:
    shipped = settings_module.PACKAGE_ROOT / "include" / "config"
    import yaml

    given = yaml.safe_load((shipped / "analyzer.yaml").read_text(encoding="utf-8"))
    for section, values in yaml.safe_load(changes).items():
        given[section] = given[section] | values
    (tmp_path / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    (tmp_path / "namespaces.yaml").write_text((shipped / "namespaces.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        settings_module.load(tmp_path)
    assert all(word in str(caught.value) for word in named)
