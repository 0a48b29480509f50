"""Records that last, on a real database: known peaks and problems are made from windows, people's words on them stay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.integration.test_known import cli, told  # noqa: F401 - fixtures
from tests.support.pipeline import checksums, event, files_settings, moment, rows, run, write_ndjson

from ailog.adapters.store.migrations import migrate
from ailog.adapters.store.postgres import PostgresStore
from ailog.adapters.store.statements import SQL_ROOT, load
from ailog.domain.events import WINDOW, Interval
from ailog.domain.known import Issue
from ailog.errors import PermanentError
from ailog.local.postgres import Uris
from ailog.pipeline import known_issues, records

START = moment("2026-03-10 08:00")
SIT, UAT, PCA = "pcb-sit-01-app", "pcb-uat-01-app", "pca-sit-01-app"
Analyse = Callable[..., None]


def _outage(
    at: datetime, count: int = 400, *, namespace: str = SIT, app: str = "ledger-api", text: str = "Ledger {} timed out"
) -> list[dict[str, Any]]:
    return [event(at + timedelta(seconds=2 * i % 890), text.format(i), namespace=namespace, app=app) for i in range(count)]


@pytest.fixture
def analyse(store: PostgresStore, tmp_path: Path) -> Analyse:
    documents: list[dict[str, Any]] = []

    def analysed(start: datetime, *more: list[dict[str, Any]], windows: int = 1, **options: Any) -> None:
        documents.extend(one for some in more for one in some)
        end = start + windows * WINDOW
        settings = files_settings(write_ndjson(tmp_path / "log.ndjson", documents))
        run(store, settings, Interval(start, end), now=end + timedelta(minutes=1), **options)

    return analysed


def _peaks(store: PostgresStore) -> list[tuple[Any, ...]]:
    return rows(store, "SELECT peak_id, peak_key, occurrences, raw_errors, max_value FROM ailog_peak.known_peaks ORDER BY peak_id")


def test_a_peak_is_made_from_its_windows_and_known_when_it_comes_again(analyse: Analyse, store: PostgresStore) -> None:
    analyse(START, _outage(START), _outage(START + WINDOW, 500), windows=2)
    assert _peaks(store) == [("PK-000001", "PEAK:TIMEOUT:ledger:spike", 2, 900, 500)]
    assert rows(store, "SELECT known_peak_id, known_peak_seen FROM ailog_peak.incidents") == [(None, None)], "the first is not known"
    tomorrow = START + timedelta(days=1)
    analyse(START + timedelta(hours=3))  # an hour without events ends the incident
    records.annotate_peak(store, "PK-000001", {"mitigation": "restart the ledger", "ticket": "OPS-9"}, actor="ann")
    analyse(tomorrow, _outage(tomorrow, 300))
    found = rows(store, "SELECT known_peak_id, known_peak_seen FROM ailog_peak.incidents ORDER BY opened_window")
    assert found == [(None, None), ("PK-000001", 2)]
    (body,) = rows(store, "SELECT body FROM ailog_peak.outbox WHERE body::text LIKE '%PK-000001%'")[0]
    said = dict(body["sections"][0]["facts"])["Known peak"]
    assert said == "PK-000001, seen in 2 earlier windows since 2026-03-10, typically 30 min, OPS-9; mitigation: restart the ledger"
    assert _peaks(store) == [("PK-000001", "PEAK:TIMEOUT:ledger:spike", 3, 1200, 500)]


def test_one_outbreak_does_not_know_itself_from_the_namespace_next_door(analyse: Analyse, store: PostgresStore) -> None:
    analyse(START, _outage(START))
    analyse(START + WINDOW, _outage(START + WINDOW), _outage(START + WINDOW, namespace=UAT))
    assert rows(store, "SELECT DISTINCT known_peak_id FROM ailog_peak.incidents") == [(None,)]
    ((namespaces, incidents),) = rows(store, "SELECT namespaces, incidents FROM ailog_peak.known_peaks")
    assert (namespaces, incidents) == ({SIT: 800, UAT: 400}, 2)


def test_windows_read_again_add_nothing_and_what_is_gone_is_taken_back(analyse: Analyse, store: PostgresStore, tmp_path: Path) -> None:
    analyse(START, _outage(START), _outage(START + WINDOW), windows=2)
    once = rows(store, "SELECT k::text FROM ailog_peak.known_peaks AS k")
    for _ in range(2):
        analyse(START, windows=2, kind="manual")
        assert rows(store, "SELECT k::text FROM ailog_peak.known_peaks AS k") == once
    records.annotate_peak(store, "PK-000001", {"owner": "payments"}, actor="ann")
    empty = files_settings(write_ndjson(tmp_path / "empty.ndjson", [event(START, "one")]))
    run(store, empty, Interval(START, START + 2 * WINDOW), kind="manual", now=START + 3 * WINDOW)
    assert _peaks(store) == [("PK-000001", "PEAK:TIMEOUT:ledger:spike", 0, 0, 0)]
    assert [one["owner"] for one in records.peaks(store)] == ["payments"], "what a person said stays"


def test_a_day_read_later_makes_later_incidents_known(analyse: Analyse, store: PostgresStore) -> None:
    tomorrow = START + timedelta(days=1)
    analyse(tomorrow, _outage(tomorrow))
    analyse(START, _outage(START), kind="manual")
    found = rows(store, "SELECT known_peak_id, known_peak_seen FROM ailog_peak.incidents ORDER BY opened_window")
    assert found == [(None, None), ("PK-000001", 1)]


def test_numbers_are_given_in_the_order_of_first_sight_in_one_run_as_in_many(analyse: Analyse, store: PostgresStore) -> None:
    apps = ("zulu-api", "alpha-api", "mike-api")
    for place, app in enumerate(apps):
        analyse(START + place * WINDOW, _outage(START + place * WINDOW, app=app))
    names = "SELECT peak_id, peak_key FROM ailog_peak.known_peaks ORDER BY 1"
    keys = [("PK-000001", "zulu"), ("PK-000002", "alpha"), ("PK-000003", "mike")]
    assert [(one, key.split(":")[2]) for one, key in rows(store, names)] == keys
    problems = rows(store, "SELECT problem_id, flow FROM ailog_peak.problems ORDER BY 1")
    assert [(one[-1], flow) for one, flow in problems] == [("1", "zulu"), ("2", "alpha"), ("3", "mike")]


def test_many_fingerprints_and_names_stay_bounded(analyse: Analyse, store: PostgresStore) -> None:
    with store.connection() as connection:
        run_id = "00000000-0000-4000-8000-000000000001"
        connection.execute(
            "INSERT INTO ailog_peak.incidents (incident_id, problem_key, namespace, environment, status, opened_window, last_window, first_event, "
            "last_event, windows, event_count, peak_count, severity, score, flags, reason, apps, fingerprints, sample, root_cause) "
            "VALUES (%s, 'TIMEOUT:ledger:timeout', 'n', 'sit', 'open', %s, %s, %s, %s, 1, 1, 1, 'low', 30, '{spike}', '', '{}', '{}', '', '{}')",
            (run_id, *[START - timedelta(days=1)] * 4),
        )
        connection.execute(
            "INSERT INTO ailog_peak.peak_investigation SELECT w, 'n' || i, 'TIMEOUT:ledger:timeout', %(id)s, %(id)s, 1, 1, NULL, NULL, NULL, "
            "'spike', true, false, false, false, false, false, false, false, false, 'low', 30, '{}', '', jsonb_build_object('app' || i, 1), "
            "ARRAY(SELECT lpad(to_hex(i * 1000 + f), 16, '0') FROM generate_series(1, 20) AS f), w, w, '', NULL, '{}' "
            "FROM generate_series(1, 300) AS i, (SELECT %(at)s::timestamptz AS w) AS x",
            {"id": run_id, "at": START - timedelta(days=1)},
        )
    analyse(START, _outage(START))
    ((prints, namespaces, apps),) = rows(
        store,
        "SELECT cardinality(fingerprints), (SELECT count(*) FROM jsonb_object_keys(namespaces)), (SELECT count(*) FROM jsonb_object_keys(apps)) "
        "FROM ailog_peak.known_peaks",
    )
    assert (prints, namespaces, apps) == (500, 100, 100)


def test_problem_records_have_a_scope_and_keep_peoples_words(analyse: Analyse, store: PostgresStore) -> None:
    analyse(START, *(_outage(START, 20, namespace=name) for name in (SIT, UAT)))
    (one,) = records.problems(store)
    assert (one["problem_id"], one["scope"], one["status"], one["namespaces"]) == ("KP-000001", "CROSS_NS", "open", [SIT, UAT])
    records.annotate_problem(store, "KP-000001", {"ticket": "OPS-7", "owner": "payments", "notes": "mail bob@example.com"}, actor="ann")
    analyse(START, *(_outage(START, 5, namespace=name) for name in (PCA, "pch-sit-01-app")), kind="manual")
    (one,) = records.problems(store)
    assert (one["scope"], one["ticket"], one["owner"]) == ("SYSTEMIC", "OPS-7", "payments")
    assert "bob@" not in one["notes"]
    once = checksums(store)["problems"]
    analyse(START, kind="manual")
    assert checksums(store)["problems"] == once
    records.annotate_problem(store, one["problem_key"], {"owner": ""}, actor="ann")
    assert records.problem(store, "KP-000001")["owner"] is None
    audit = rows(store, "SELECT actor, action, subject FROM ailog_peak.audit_log ORDER BY audit_id")
    assert audit == [("ann", "problems annotate", one["problem_key"])] * 2


def test_an_issue_is_edited_resolved_and_reopened_with_everything_on_record(store: PostgresStore) -> None:
    now = START
    known_issues.add(store, Issue("KI-1", "Pool", pattern="pool"), {"notes": "token=abcdef0123456789abcdef"}, actor="ann")
    row = known_issues.edit(
        store, "KI-1", {"owner": "payments", "apps": ["a"], "category": "database", "status": "in_progress"}, actor="bob"
    )
    assert (row["owner"], row["status"], row["pattern"]) == ("payments", "in_progress", "pool")
    for changes, said in (
        ({"status": "resolved"}, "known resolve"),
        ({"fixed_in": "1.0.0"}, "known resolve"),
        ({"pattern": "(broken"}, "RE2"),
        ({"title": " "}, "title"),
    ):
        with pytest.raises(PermanentError, match=said):
            known_issues.edit(store, "KI-1", changes, actor="bob")
    with pytest.raises(PermanentError, match=r"give X\.Y\.Z"):
        known_issues.resolve(store, "KI-1", fixed_in="March", actor="bob", now=now)
    with pytest.raises(PermanentError, match="still to come"):
        known_issues.resolve(store, "KI-1", fixed_in=None, actor="bob", now=now, at=now + timedelta(days=1))
    with pytest.raises(PermanentError, match="nothing to reopen"):
        known_issues.reopen(store, "KI-1", actor="bob", now=now)
    known_issues.resolve(store, "KI-1", fixed_in="1.2.0", actor="bob", now=now)
    with pytest.raises(PermanentError, match="resolved already"):
        known_issues.resolve(store, "KI-1", fixed_in="1.2.0", actor="bob", now=now)
    assert known_issues.edit(store, "KI-1", {"fixed_in": "1.2.1"}, actor="bob")["fixed_in"] == "1.2.1"
    known_issues.reopen(store, "KI-1", actor="eve", now=now + timedelta(hours=1))
    shown = known_issues.shown(store, "KI-1", 10)
    assert (shown["status"], shown["fixed_in"], shown["resolved_at"]) == ("open", None, None)
    assert [(one["fixed_in"], one["reopened_by"]) for one in shown["resolutions"]] == [("1.2.1", "eve")]
    assert "abcdef0123456789" not in shown["notes"]
    actions = [action for (action,) in rows(store, "SELECT action FROM ailog_peak.audit_log ORDER BY audit_id")]
    assert actions == ["known add", "known edit", "known resolve", "known edit", "known reopen"]


def test_what_an_older_schema_holds_is_numbered_and_counted(empty_database: Uris) -> None:
    older = [path for path in sorted((SQL_ROOT / "schema").glob("*.sql")) if path.name < "013"]
    with psycopg.connect(empty_database.owner, autocommit=True) as owner:
        for name in ("schemas", "staging_schema", "schema_migrations"):
            owner.execute(load(f"bootstrap/{name}"))
        for path in older:
            text = path.read_text(encoding="utf-8")
            owner.execute(text)
            checksum = hashlib.sha256(text.encode()).hexdigest()
            owner.execute(
                "INSERT INTO ailog_peak.schema_migrations (name, checksum, applied_at, ms) VALUES (%s, %s, now(), 0)", (path.name, checksum)
            )
        for place, key in enumerate(("TIMEOUT:zulu:timeout", "TIMEOUT:alpha:timeout")):
            at = START - timedelta(days=2 - place)
            owner.execute("INSERT INTO ailog_peak.problems VALUES (%s, 'timeout', 'f', 'timeout', %s, %s)", (key, at, at))
            owner.execute(
                "INSERT INTO ailog_peak.incidents (incident_id, problem_key, namespace, environment, status, opened_window, last_window, first_event, "
                "last_event, windows, event_count, peak_count, severity, score, flags, reason, apps, fingerprints, sample, root_cause) "
                "VALUES (%(id)s, %(key)s, 'n', 'sit', 'resolved', %(at)s, %(at)s, %(at)s, %(at)s, 1, 7, 7, 'low', 30, '{spike}', '', '{}', '{}', '', '{}')",
                {"id": f"00000000-0000-4000-8000-00000000000{place}", "key": key, "at": at},
            )
            owner.execute(
                "INSERT INTO ailog_peak.peak_investigation VALUES (%(at)s, 'n', %(key)s, %(id)s, %(id)s, 7, 7, NULL, NULL, NULL, 'spike', true, "
                "false, false, false, false, false, false, false, false, 'low', 30, '{}', '', '{}', '{}', %(at)s, %(at)s, '', NULL, '{}')",
                {"id": f"00000000-0000-4000-8000-00000000000{place}", "key": key, "at": at},
            )
        owner.execute(
            "INSERT INTO ailog_peak.known_issues (issue_id, title, pattern, status, resolved_at, fixed_in) VALUES ('K-1', 'x', 'y', 'resolved', now(), '1.0.0')"
        )
    migrate(empty_database.owner, "ailog_app")
    store = PostgresStore(empty_database.app)
    assert [one for (one,) in rows(store, "SELECT problem_key FROM ailog_peak.problems ORDER BY problem_id")] == [
        "TIMEOUT:zulu:timeout", "TIMEOUT:alpha:timeout",
    ]  # fmt: skip
    assert rows(store, "SELECT subject, fixed_in FROM ailog_peak.resolutions") == [("K-1", "1.0.0")]
    with store.connection() as connection:
        records.refresh(store, connection, {"first": START, "quiet_minutes": 60}, [], [])
    assert rows(store, "SELECT peak_id, flow, occurrences, raw_errors FROM ailog_peak.known_peaks ORDER BY 1") == [
        ("PK-000001", "zulu", 1, 7), ("PK-000002", "alpha", 1, 7),
    ]  # fmt: skip


OLD_LAYOUT = """
known_errors:
  - id: KE-001
    name: Pool too small
    fingerprint: "3F9A0C5512D0BE77"
    related_fingerprints: [0b1c2d3e4f506172]
    category: DATABASE
    affected_apps: [ledger-api]
    namespaces: pcb-sit-01-app, pcb-uat-01-app
    regex_pattern: pool .* exhausted
    jira: OPS-1
    team: payments
    status: In Progress
    workaround: restart
    permanent fix: a larger pool
  - {id: KE-002, description: Nightly window, pattern: sftp window, status: "won't fix"}
"""


def test_issues_of_an_earlier_knowledge_base_are_read_and_written_back_alike(cli: Any, store: PostgresStore, tmp_path: Path) -> None:  # noqa: F811
    path, copy = tmp_path / "old.yaml", tmp_path / "new.yaml"
    path.write_text(OLD_LAYOUT, encoding="utf-8")
    assert cli("known", "import", str(path)) == {"added": 2, "changed": 0, "unchanged": 0}
    one, other = cli("known", "list")["issues"]
    assert (one["issue_id"], one["fingerprint"], one["category"], one["status"]) == (
        "KE-001",
        "3f9a0c5512d0be77",
        "database",
        "in_progress",
    )
    assert (one["apps"], one["namespaces"], one["ticket"], one["owner"]) == (["ledger-api"], [SIT, UAT], "OPS-1", "payments")
    assert (one["permanent_fix"], other["status"], other["title"]) == ("a larger pool", "wont_fix", "Nightly window")
    cli("known", "resolve", "KE-001", "--fixed-in", "2.4.1", "--at", "2026-03-01T10:00:00Z")
    cli("known", "export", str(copy))
    once = checksums(store)
    assert cli("known", "import", str(copy)) == {"added": 0, "changed": 0, "unchanged": 2}
    assert checksums(store) == once
    rows(store, "DELETE FROM ailog_peak.resolutions RETURNING 1")
    rows(store, "DELETE FROM ailog_peak.known_issues RETURNING 1")
    assert cli("known", "import", str(copy)) == {"added": 2, "changed": 0, "unchanged": 0}
    again = tmp_path / "again.yaml"
    cli("known", "export", str(again))
    assert again.read_text() == copy.read_text()
    assert rows(store, "SELECT to_char(resolved_at, 'YYYY-MM-DD'), fixed_in FROM ailog_peak.resolutions") == [("2026-03-01", "2.4.1")]
    assert cli("known", "import", str(path)) == {"added": 0, "changed": 1, "unchanged": 1}, "the old file opens it again"
    assert cli("known", "show", "KE-001")["status"] == "in_progress"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: K-1, title: x, patern: a}", "'patern' is not one of"),
        ("- {id: K-1, title: x}", "issue 1 (K-1): nothing would ever match"),
        ("- {title: x, pattern: a}", "the id is missing"),
        ("- {id: K-1, pattern: a}\n- {id: K-1, pattern: b}", "K-1 stands there 2 times"),
        ("- {id: K-1, pattern: a, status: perhaps}", "'perhaps' is not one of"),
        ("- {id: K-1, pattern: a, status: resolved, fixed_in: soon}", "give X.Y.Z"),
        ("- {id: K-1, pattern: {a: b}}", "pattern is no text"),
        ("a: [", "no YAML"),
        ("other: []", "under 'known_issues'"),
        ("just words", "expected a list"),
        ("- 7", "issue 1: expected fields"),
        ("- !!python/object/apply:os.system ['true']", "no YAML"),
    ],
)
def test_a_file_with_mistakes_changes_nothing_and_says_where(cli: Any, store: PostgresStore, tmp_path: Path, text: str, said: str) -> None:  # noqa: F811
    path = tmp_path / "issues.yaml"
    path.write_text(text + "\n", encoding="utf-8")
    assert said in cli("known", "import", str(path), expected=1)
    assert rows(store, "SELECT count(*) FROM ailog_peak.known_issues") == [(0,)]


def test_the_command_line_lists_shows_and_annotates(cli: Any, told: Any, analyse: Analyse, store: PostgresStore) -> None:  # noqa: F811
    analyse(START, _outage(START))
    assert [one["peak_id"] for one in cli("peaks", "list")["peaks"]] == ["PK-000001"]
    assert cli("peaks", "annotate", "PK-000001", "--mitigation", "restart", "--minutes", "45", "--actor", "ann")["peak_id"] == "PK-000001"
    shown = cli("peaks", "show", "PEAK:TIMEOUT:ledger:spike")
    assert (shown["typical_minutes"], shown["mitigation"], len(shown["incidents"])) == (45, "restart", 1)
    assert cli("problems", "annotate", "KP-000001", "--owner", "payments", "--status", "in_progress")["status"] == "in_progress"
    assert cli("problems", "resolve", "KP-000001", "--fixed-in", "1.2.3")["status"] == "resolved"
    assert "PK-000001" in told("peaks", "list")
    assert "1.2.3" in told("problems", "show", "KP-000001")
    assert cli("problems", "reopen", "KP-000001")["status"] == "open"
    assert cli("problems", "list", "--status", "resolved")["problems"] == []
    assert [one["action"] for one in cli("problems", "audit")["audit"]][:2] == ["problems reopen", "problems resolve"]
    assert "no problem 'KP-9'" in cli("problems", "show", "KP-9", expected=1)
    assert "no known peak" in cli("peaks", "annotate", "x' OR 1=1 --", "--owner", "x", expected=1)
    assert "nothing to write" in cli("peaks", "annotate", "PK-000001", expected=1)
    assert "problems resolve" in cli("problems", "annotate", "KP-000001", "--status", "resolved", expected=1)
    assert "id or key of the peak" in cli("peaks", "show", expected=2)
    assert rows(store, "SELECT fixed_in, reopened_at IS NOT NULL FROM ailog_peak.resolutions") == [("1.2.3", True)]
