from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.support.incident_rows import HOSTILE, OPENED, QUARTER, incident

from ailog import settings as configuration
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.exports import ERRORS_COLUMNS, PEAKS_COLUMNS
from ailog.domain.report_data import CSV_COLUMNS, to_json
from ailog.domain.report_text import WIDTH, to_txt
from ailog.errors import ConfigError
from ailog.local.postgres import Uris
from ailog.pipeline.report import day_facts, export, report
from ailog.settings import Settings

FLAGS = ("spike", "burst", "new", "regression", "cascade", "cross_namespace", "silence", "escalating")


class Book:
    """Writes runs, facts and incidents as a publishing run leaves them."""

    def __init__(self, store: PostgresStore) -> None:
        self.store = store

    def insert(self, connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
        values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in row.items()}
        columns, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        connection.execute(f"INSERT INTO ailog_peak.{table} ({columns}) VALUES ({places})", values)

    def run(self, start: datetime = OPENED, windows: int = 1, **changes: Any) -> str:
        row = {
            "run_id": str(uuid4()), "kind": "regular", "window_from": start, "window_to": start + windows * QUARTER, "windows": windows,
            "status": "complete", "expected": 57, "fetched": 57, "rejected": 0, "staged": 57, "stored": 57, "unknown_share": 0.035,
            "code_version": "0.1.0", "config_hash": "0" * 16, "started_at": start, "completed_at": start + QUARTER,
        } | changes  # fmt: skip
        status = {"complete": "complete", "partial": "partial"}.get(row["status"], "failed")
        with self.store.connection() as connection:
            self.insert(connection, "analysis_runs", row)
            for i in range(windows):
                window = {"window_start": start + i * QUARTER, "run_id": row["run_id"], "status": status}
                self.insert(connection, "analysis_run_windows", window)
        return str(row["run_id"])

    def namespaces(self, run_id: str, counts: dict[str, int], start: datetime = OPENED, *, complete: bool = True) -> None:
        with self.store.connection() as connection:
            connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (start, start + QUARTER))
            for namespace, count in counts.items():
                row = {"window_start": start, "namespace": namespace, "run_id": run_id, "count": count, "complete": complete}
                self.insert(connection, "namespace_error_counts", row)

    def kind(self, run_id: str, start: datetime, count: int, problem_key: str = "TIMEOUT:orders:read", **changes: Any) -> None:
        row = {
            "window_start": start, "namespace": "pcb-sit-01-app", "app": "orders", "fingerprint": "00112233aabbccdd", "run_id": run_id,
            "environment": "sit", "problem_key": problem_key, "error_type": "ReadTimeout", "category": "timeout", "subcategory": "read",
            "count": count, "first_event": start, "last_event": start + timedelta(minutes=14), "metadata_quality": "structured",
            "sample": "read timed out",
        } | changes  # fmt: skip
        category, flow, error_class = [*row["problem_key"].split(":", 2), "", ""][:3]
        with self.store.connection() as connection:
            connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (start, start + QUARTER))
            self.insert(connection, "error_kind_counts", row)
            connection.execute(
                "INSERT INTO ailog_peak.problems VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (row["problem_key"], category.lower(), flow, error_class, start, start),
            )

    def incident(self, run_id: str, windows: int = 1, **changes: Any) -> None:
        row = incident(windows=windows, **changes)
        extra = {name: row.pop(name) for name in ("original_value", "namespace_total", "baseline_mean", "threshold")}
        row["incident_id"] = str(row["incident_id"])
        peak = {
            name: row[name]
            for name in (
                "namespace", "problem_key", "incident_id", "severity", "score", "reason", "apps", "fingerprints", "first_event",
                "last_event", "sample", "root_cause",
            )
        }  # fmt: skip
        peak |= {f"is_{flag}": flag in row["flags"] for flag in FLAGS}
        points = {"volume": 20.25, "spike": 25.0, "new": 15.0, "ratio": 7.25}
        with self.store.connection() as connection:
            self.insert(connection, "incidents", {**row, "contributions": points})
            for i in range(windows):
                window = {"window_start": row["opened_window"] + i * QUARTER, "run_id": run_id, "is_continuation": i > 0, "ratio": 20.2}
                self.insert(
                    connection, "peak_investigation", peak | extra | window | {"detection_method": "spike", "contributions": points}
                )


@pytest.fixture
def book(database: Uris) -> Book:
    return Book(PostgresStore(database.app))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return configuration.load()


def written(book: Book, run_id: str, settings: Settings, directory: Path) -> dict[str, str]:
    return {name: Path(path).read_text(encoding="utf-8") for name, path in report(book.store, run_id, settings, directory).items()}


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_run_without_incidents_has_a_report_that_says_so(book: Book, settings: Settings, tmp_path: Path) -> None:
    run_id = book.run()
    book.namespaces(run_id, {f"pcb-{i:02}-app": 57 if i == 3 else 0 for i in range(12)})
    with book.store.connection() as connection:
        for i in range(12):
            verdict = {
                "window_start": OPENED, "namespace": f"pcb-{i:02}-app", "detector": "spike", "subject": "namespace", "run_id": run_id,
                "value": 57 if i == 3 else 0, "threshold": 100, "fired": False, "stage": "threshold", "reason": "below",
            }  # fmt: skip
            book.insert(connection, "detection_events", verdict)
    files = report(book.store, run_id, settings, tmp_path / "reports")
    assert sorted(Path(path).name for path in files.values()) == [
        "errors_table_latest.csv",
        "peaks_table_latest.csv",
        "problem_report_20260131T0830Z.csv",
        "problem_report_20260131T0830Z.html",
        "problem_report_20260131T0830Z.json",
        "problem_report_20260131T0830Z.txt",
        "problem_report_latest.html",
    ]
    text = Path(files["txt"]).read_text()
    assert "no incidents; 12 namespaces, 57 errors, all below their limits" in text
    assert "expected 57 = fetched 57 = stored 57, rejected 0, unclassified 3.5%" in text
    assert "BALANCED" not in text
    assert "Gaps         none (in the last 72 h)" in text
    assert json.loads(Path(files["json"]).read_text())["incidents"] == []
    assert table(Path(files["csv"]).read_text()) == []


def test_an_incident_is_told_with_everything_that_is_known(book: Book, settings: Settings, tmp_path: Path) -> None:
    run_id = book.run(windows=2, expected=300, fetched=300, staged=290, stored=290, rejected=10)
    book.namespaces(run_id, {"pcb-sit-01-app": 270, "pcb-uat-01-app": 20})
    with book.store.connection() as connection:
        book.insert(
            connection, "known_issues", {"issue_id": "KI-7", "title": "pool too small", "ticket": "OPS-12", "workaround": "restart"}
        )
    book.incident(run_id, windows=2, known_issue_id="KI-7")
    texts = written(book, run_id, settings, tmp_path)
    for said in (
        "1 incident (1 high); 2 namespaces, 290 errors",
        "2026-01-31 09:15-09:45 CET (2 windows of 15 min)",
        "[1] HIGH 67.5 TIMEOUT:orders:read_timeout_exception",
        "270 events in the namespace against a limit of 30",
        "67.5 = volume 20.25 + spike 25 + new 15 + ratio 7.25",
        "502 in this report, 251 in all (2 windows, open, provisional)",
        "namespace total 270 (20.2 times the baseline), baseline 12.4, limit 30; 251 of this problem in the newest window",
        "2026-01-31 09:15:03 CET",
        "orders 230, billing 21",
        "payments: connection pool exhausted (confidence high",
        "payments → orders",
        "KI-7, pool too small, OPS-12; workaround: restart",
        "| Read timed out after <num> ms calling payments",
        "expected 300 = fetched 300 ≠ stored 290, rejected 10",
    ):
        assert said in " ".join(texts["txt"].split()), said
    assert "NOT BALANCED" not in texts["txt"]
    record = json.loads(texts["json"])["incidents"][0]
    assert (record["count"], record["limit"], record["baseline"], record["root_cause"]["app"]) == (502, 30.0, 12.4, "payments")
    assert record["first_event"] == "2026-01-31T08:15:03Z"
    (row,) = table(texts["csv"])
    assert tuple(row) == (*CSV_COLUMNS, "warnings")
    assert (row["count"], row["why"][:10], row["known_issue"][:4]) == ("502", "270 events", "KI-7")


def test_the_same_facts_give_the_same_bytes_and_one_record(book: Book, settings: Settings, tmp_path: Path) -> None:
    run_id = book.run()
    book.namespaces(run_id, {"a": 3})
    book.incident(run_id)
    first = written(book, run_id, settings, tmp_path)
    with book.store.connection() as connection:
        connection.execute("UPDATE ailog_peak.analysis_runs SET completed_at = completed_at + interval '1 day'")
    assert written(book, run_id, settings, tmp_path) == first
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".tmp"]
    with book.store.connection() as connection:
        found = connection.execute("SELECT format, path, bytes FROM ailog_peak.run_reports ORDER BY format").fetchall()
    assert [name for name, _, _ in found] == ["csv", "errors_table", "html", "html_latest", "json", "peaks_table", "txt"]
    assert all(Path(path).stat().st_size == size for _, path, size in found)


def test_a_partial_run_says_so_before_anything_else(book: Book, settings: Settings, tmp_path: Path) -> None:
    run_id = book.run(status="partial", expected=60)
    book.namespaces(run_id, {"a": 57}, complete=False)
    with book.store.connection() as connection:
        book.insert(
            connection, "analysis_run_sources", {"run_id": run_id, "source": "archive", "status": "failed", "error": "closed index"}
        )
    texts = written(book, run_id, settings, tmp_path)
    assert texts["txt"].splitlines()[3].startswith("!! PARTIAL RUN: archive could not be read")
    assert "NOT BALANCED" in texts["txt"]
    assert "(partial: a lower bound)" in texts["txt"]
    assert "not judged against limits" in texts["txt"]
    assert json.loads(texts["json"])["run"]["warnings"][1] == "archive: closed index"


def test_a_failed_run_calls_nothing_quiet(book: Book, settings: Settings, tmp_path: Path) -> None:
    run_id = book.run(
        status="failed", error="no source answered", expected=None, fetched=None, stored=None, rejected=None, unknown_share=None
    )
    text = written(book, run_id, settings, tmp_path)["txt"]
    assert "!! FAILED RUN: no source answered" in text
    assert "nothing is known about its windows" in text
    assert "no incidents" not in text


def test_missing_windows_are_counted(book: Book, settings: Settings, tmp_path: Path) -> None:
    book.run(start=OPENED - 10 * QUARTER)
    book.run(start=OPENED - 8 * QUARTER, status="partial")
    run_id = book.run()
    assert "8 missing, 1 partial, the oldest at 2026-01-31T06:00:00Z" in written(book, run_id, settings, tmp_path)["txt"]


def test_a_limit_that_was_passed_is_not_called_below(book: Book, settings: Settings, tmp_path: Path) -> None:
    run_id = book.run()
    book.namespaces(run_id, {"a": 57})
    with book.store.connection() as connection:
        verdict = {
            "window_start": OPENED, "namespace": "a", "detector": "spike", "subject": "namespace", "run_id": run_id, "value": 57,
            "threshold": 50, "fired": False, "stage": "significance", "reason": "usual",
        }  # fmt: skip
        book.insert(connection, "detection_events", verdict)
    text = written(book, run_id, settings, tmp_path)["txt"]
    assert "1 of 1 window totals above their limit, none of them enough for an incident" in " ".join(text.split())


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "control"])
def test_reports_of_any_text_are_readable_and_safe(book: Book, settings: Settings, tmp_path: Path, name: str) -> None:
    text = HOSTILE[name]
    run_id = book.run()
    book.namespaces(run_id, {text[:200]: 3})
    cause = {"app": text, "message": text, "note": text, "confidence": "low", "path": [{"app": text}, {"app": text}]}
    book.incident(run_id, problem_key=text[:2000], namespace=text[:2000], reason=text, sample=text, apps={text: 3}, root_cause=cause)
    book.kind(run_id, OPENED, 5, problem_key=text[:2000], sample=text[:2000], app=text[:200], namespace=text[:200])
    texts = written(book, run_id, settings, tmp_path)
    lines = texts["txt"].splitlines()
    assert max(len(line) for line in lines) <= WIDTH
    assert len(lines) < 120
    assert "\u202e" not in texts["txt"]
    json.loads(texts["json"])
    for format_ in ("csv", "errors_table", "peaks_table"):
        (row,) = table(texts[format_])
        assert not [cell for cell in row.values() if cell and cell.lstrip().startswith(("=", "+", "@"))]


def test_only_the_gravest_are_told_in_full_and_all_are_in_the_csv(book: Book, settings: Settings, tmp_path: Path) -> None:
    run_id = book.run()
    for i in range(25):
        book.incident(run_id, problem_key=f"TIMEOUT:flow{i:02}:x", score=40 + i)
    texts = written(book, run_id, settings, tmp_path)
    assert "DETAILS (20 of 25)" in texts["txt"]
    assert "and 20 more" in texts["txt"]
    assert texts["txt"].count("Incident     ") == 20
    assert len(table(texts["csv"])) == 25
    assert json.loads(texts["json"])["incidents_left_out"] == 5


def test_the_tables_count_complete_windows_only_and_leave_the_unknown_empty(book: Book, settings: Settings, tmp_path: Path) -> None:
    end = OPENED + QUARTER
    run_id = ""
    for i in range(48):  # twelve hours, of which one window was read in part
        start = end - (i + 1) * QUARTER
        run_id = book.run(start=start, status="partial" if i == 3 else "complete")
        book.kind(run_id, start, 30 if i < 8 else 10)
    book.kind(run_id, start, 4, namespace="pcb-uat-01-app", fingerprint="ff", problem_key="AUTH:cards:denied")
    with book.store.connection() as connection:
        row = connection.execute("SELECT run_id FROM ailog_peak.analysis_runs ORDER BY window_to DESC LIMIT 1").fetchone()
    assert row is not None
    book.incident(str(row[0]), problem_key="TIMEOUT:orders:read")
    texts = written(book, str(row[0]), settings, tmp_path)
    errors = table(texts["errors_table"])
    assert tuple(errors[0]) == ERRORS_COLUMNS
    assert len(ERRORS_COLUMNS) == 22
    timeout, auth = errors
    assert (timeout["key"], timeout["count_2h"], timeout["count_24h"], timeout["total"]) == ("TIMEOUT:orders:read", "210", "610", "610")
    assert timeout["trend_2h_percent"] == ""  # one of its eight windows was read in part: what it lacks is not known
    assert timeout["trend_24h_percent"] == ""
    assert (timeout["severity"], timeout["score"], timeout["ratio"], timeout["status"]) == ("high", "67.5", "20.2", "open")
    assert (timeout["category"], timeout["flow"], timeout["class"], timeout["scope"]) == ("timeout", "orders", "read", "LOCAL")
    assert timeout["last_seen"] == "2026-01-31T08:29:00Z"
    assert (auth["severity"], auth["score"], auth["root_cause"], auth["count_2h"]) == ("", "", "", "0")
    (peak,) = table(texts["peaks_table"])
    assert tuple(peak) == PEAKS_COLUMNS
    assert len(PEAKS_COLUMNS) == 14
    assert (peak["total_errors"], peak["occurrences"], peak["mean_per_peak"], peak["periodicity"]) == ("251", "1", "251", "one-time")
    assert (peak["trend_7d_percent"], peak["activity"], peak["test"], peak["id"]) == ("", "new", "", timeout["id"])


def trend_of(book: Book, settings: Settings, directory: Path, hours: int, lost: set[int], counts: Any) -> dict[str, str]:
    """The row of the table of errors after so many hours, of which some windows (counted back from the newest) were never read."""
    end = OPENED + QUARTER
    run_id = ""
    for i in reversed(range(hours * 4)):
        if i not in lost:
            run_id = book.run(start=end - (i + 1) * QUARTER)
            book.kind(run_id, end - (i + 1) * QUARTER, counts(i))
    (row,) = table(written(book, run_id, settings, directory)["errors_table"])
    return row


@pytest.mark.parametrize(
    ("lost", "trend"),
    [
        (set(), "200"),  # 240 in two hours against 80 in each slot before
        ({5}, ""),  # the two hours themselves are not whole
        ({9, 17}, "200"),  # two slots are not whole and left out: three are enough
        ({9, 17, 25}, ""),  # two slots are too few
    ],
)
def test_a_trend_is_told_of_whole_slots_only(book: Book, settings: Settings, tmp_path: Path, lost: set[int], trend: str) -> None:
    row = trend_of(book, settings, tmp_path, 12, lost, lambda i: 30 if i < 8 else 10)
    assert (row["trend_2h_percent"], row["trend_24h_percent"]) == (trend, "")


def test_a_slot_with_a_gap_does_not_count_as_a_quiet_one(book: Book, settings: Settings, tmp_path: Path) -> None:
    row = trend_of(book, settings, tmp_path, 12, {9, 10, 11, 12}, lambda i: 30 if i < 8 else 1 if i < 16 else 10)
    assert row["trend_2h_percent"] == "200"  # 240 against the 80 of each whole slot; the slot with the gap held 4


def test_days_and_weeks_are_compared_when_they_are_whole(book: Book, settings: Settings, tmp_path: Path) -> None:
    end = OPENED + QUARTER
    run_id = book.run(start=end - timedelta(days=14), windows=14 * 96)
    for day in range(14):
        book.kind(run_id, end - timedelta(days=day, hours=1), 150 if day == 0 else 100)
    for day, value in ((10, 100), (1, 150)):
        opened = end - timedelta(days=day)
        namespace = f"pcb-{day:02}-app"
        book.incident(run_id, problem_key="TIMEOUT:orders:read", namespace=namespace, opened_window=opened, original_value=value)
    texts = written(book, run_id, settings, tmp_path)
    (error,), (peak,) = table(texts["errors_table"]), table(texts["peaks_table"])
    assert (error["trend_24h_percent"], error["count_24h"]) == ("50", "150")
    assert (peak["trend_7d_percent"], peak["activity"]) == ("50", "rising")
    with book.store.connection() as connection:
        connection.execute("DELETE FROM ailog_peak.analysis_run_windows WHERE window_start = %s", (end - timedelta(days=9),))
    (peak,) = table(written(book, run_id, settings, tmp_path)["peaks_table"])
    assert (peak["trend_7d_percent"], peak["activity"]) == ("", "")


def test_the_newest_page_stays_the_latest_and_a_backfill_has_its_own(book: Book, settings: Settings, tmp_path: Path) -> None:
    older, newer = book.run(start=OPENED), book.run(start=OPENED + QUARTER)
    book.namespaces(newer, {"a": 7}, start=OPENED + QUARTER)
    report(book.store, older, settings, tmp_path)
    latest = report(book.store, newer, settings, tmp_path)
    assert "html_latest" not in report(book.store, older, settings, tmp_path)
    page = Path(latest["html"]).read_text()
    assert (tmp_path / "problem_report_latest.html").read_text() == page
    midnight = datetime(2026, 2, 1, tzinfo=UTC)
    backfill = book.run(start=midnight, windows=96, kind="backfill", verdict="final")
    assert Path(report(book.store, backfill, settings, tmp_path)["html_latest"]).name == "problem_report_latest_backfill.html"
    assert (tmp_path / "problem_report_latest.html").read_text() == page


def test_a_day_is_told_as_a_whole_whichever_runs_read_it(book: Book, settings: Settings, tmp_path: Path) -> None:
    day = datetime(2026, 1, 31, tzinfo=UTC)
    first = book.run(start=day, windows=34, expected=40, fetched=40, staged=40, stored=40)
    second = book.run(start=day + 36 * QUARTER, windows=60, expected=17, fetched=17, staged=17, stored=17)
    with book.store.connection() as connection:
        connection.execute("UPDATE ailog_peak.analysis_run_windows SET expected = 0")
    book.namespaces(first, {"pcb-sit-01-app": 40}, start=OPENED)
    book.namespaces(second, {"pcb-sit-01-app": 17}, start=day + 40 * QUARTER)
    book.incident(first)
    found = day_facts(book.store, day, settings)
    text = " ".join(to_txt(found, settings).split())
    assert "94 of 96 windows complete, 2 not read (2026-01-31 09:30-10:00 CET)" in text
    assert "1 incident (1 high); 1 namespace, at least 57 errors" in text
    assert json.loads(to_json(found, settings))["coverage"]["windows"]["missing"] == 2
    unread = to_txt(day_facts(book.store, day - timedelta(days=3), settings), settings)
    assert "never analysed: nothing is known" in unread
    assert "no incidents" not in unread


def test_a_run_over_scattered_windows_tells_of_its_own_alone(book: Book, settings: Settings, tmp_path: Path) -> None:
    between = book.run(start=OPENED - 2 * QUARTER, windows=2)
    book.namespaces(between, {"a": 1000}, start=OPENED - QUARTER)
    run_id = book.run(start=OPENED)
    book.namespaces(run_id, {"a": 5})
    with book.store.connection() as connection:  # late events of an earlier window were read with the newest one
        connection.execute(
            "UPDATE ailog_peak.analysis_runs SET window_from = %s, windows = 2 WHERE run_id = %s", (OPENED - 3 * QUARTER, run_id)
        )
        window = {"window_start": OPENED - 3 * QUARTER, "run_id": run_id, "status": "complete"}
        book.insert(connection, "analysis_run_windows", window)
    text = written(book, run_id, settings, tmp_path)["txt"]
    assert "2 of 2 windows complete" in text
    assert "1 namespace, 5 errors" in text
    with book.store.connection() as connection:
        connection.execute("UPDATE ailog_peak.analysis_run_windows SET run_id = %s WHERE window_start = %s", (between, OPENED))
    assert "1 of 1 window complete, 1 more window left to another run" in written(book, run_id, settings, tmp_path)["txt"]


def test_the_report_says_what_was_set_aside_and_what_reading_again_changed(book: Book, settings: Settings, tmp_path: Path) -> None:
    early = book.run(stored=50, fetched=50, expected=50, staged=50, rejected=0)
    book.incident(early)
    with book.store.connection() as connection:
        connection.execute("DELETE FROM ailog_peak.analysis_run_windows")
    run_id = book.run(kind="backfill", verdict="final", stored=57, rejected=3)
    with book.store.connection() as connection:
        connection.execute(
            "UPDATE ailog_peak.analysis_runs SET status = 'superseded', superseded_by = %s WHERE run_id = %s", (run_id, early)
        )
        for i, reason in enumerate(("no timestamp", "no timestamp", "=too long")):
            row = {"run_id": run_id, "source": "es", "ref": str(i), "reason": reason, "action": "quarantined"}
            book.insert(connection, "rejected_event", row)
        (identity,) = connection.execute("SELECT incident_id FROM ailog_peak.incidents").fetchone() or (None,)
        amendment = {
            "incident_id": identity, "run_id": run_id, "day": OPENED.date(), "namespace": "pcb-sit-01-app",
            "problem_key": "TIMEOUT:orders:read", "window_from": OPENED, "window_to": OPENED + QUARTER, "change": "changed",
            "late_events": 7, "events_before": 50, "events_after": 57, "windows_before": 1, "windows_after": 1,
            "severity_before": "medium", "severity_after": "high", "score_before": 50.0, "score_after": 67.5, "flags_before": ["spike"],
            "flags_gained": [], "flags_lost": [], "words": "+7 late events, medium to high <b>",
        }  # fmt: skip
        book.insert(connection, "incident_amendments", amendment)
    texts = written(book, run_id, settings, tmp_path)
    text = " ".join(texts["txt"].split())
    assert "3 records not counted (no timestamp 2, =too long 1)" in text
    assert "7 events came after the earlier reading (14.0% of what had been counted before); 1 change of incidents" in text
    assert "CHANGED BY READING AGAIN (1 of 1)" in text
    assert "+7 late events, medium to high" in text
    assert json.loads(texts["json"])["amendments"][0]["late_events"] == 7
    assert json.loads(texts["json"])["coverage"]["late_events"] == 7
    assert "+7 late events, medium to high &lt;b&gt;" in texts["html"]


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_an_export_holds_the_span_and_no_cell_computes(book: Book, settings: Settings, tmp_path: Path, form: str) -> None:
    for i, key in enumerate(("=1+1:orders:read", "TIMEOUT:cards:a|b<script>")):
        run_id = book.run(start=OPENED + i * QUARTER)
        book.kind(run_id, OPENED + i * QUARTER, 5 + i, problem_key=key)
    files = export(book.store, settings, tmp_path, since=OPENED, until=OPENED + QUARTER, form=form)
    assert sorted(files) == ["errors_table", "incidents", "peaks_table"]
    assert Path(files["errors_table"]).name == f"errors_table_20260131T0815Z_20260131T0830Z.{form}"
    text = Path(files["errors_table"]).read_text()
    assert ("orders" in text, "cards" in text) == (True, False)
    whole = Path(export(book.store, settings, tmp_path, since=None, until=None, form=form)["errors_table"]).read_text()
    assert "cards" in whole
    if form == "csv":
        assert [row["total"] for row in table(whole)] == ["6", "5"]
        assert "'=1+1:orders:read" in whole
    elif form == "json":
        assert [row["total"] for row in json.loads(whole)] == [6, 5]
    else:
        assert "a\\|b&lt;script&gt;" in whole
        assert "<script" not in whole


def test_a_repeated_older_run_does_not_take_the_tables_back(book: Book, settings: Settings, tmp_path: Path) -> None:
    older, newer = book.run(start=OPENED), book.run(start=OPENED + QUARTER)
    book.kind(older, OPENED, 5)
    book.kind(newer, OPENED + QUARTER, 7)
    latest = written(book, newer, settings, tmp_path)
    again = written(book, older, settings, tmp_path)
    assert again["errors_table"] == latest["errors_table"]
    assert table(again["errors_table"])[0]["total"] == "12"


def test_a_backfill_of_a_day_does_not_replace_the_report_of_its_last_window(book: Book, settings: Settings, tmp_path: Path) -> None:
    midnight = datetime(2026, 2, 1, tzinfo=UTC)
    run_id = book.run(start=midnight - 96 * QUARTER, windows=96, kind="backfill", verdict="final")
    assert Path(report(book.store, run_id, settings, tmp_path)["txt"]).name == "problem_report_20260201T0000Z_backfill.txt"


def test_peaks_unseen_for_a_month_are_left_out(book: Book, settings: Settings, tmp_path: Path) -> None:
    old, new = book.run(start=OPENED - timedelta(days=31)), book.run()
    book.incident(old, problem_key="A:b:old", opened_window=OPENED - timedelta(days=31))
    book.incident(new, problem_key="A:b:new")
    assert len(table(written(book, new, settings, tmp_path)["peaks_table"])) == 1


def test_a_run_that_is_unknown_and_a_folder_that_cannot_be_written_are_named(book: Book, settings: Settings, tmp_path: Path) -> None:
    unknown = str(uuid4())
    with pytest.raises(ConfigError, match=unknown):
        report(book.store, unknown, settings, tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=r"cannot be written to .*file"):
        report(book.store, book.run(), settings, tmp_path / "file")
