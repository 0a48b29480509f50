"""Known issues on a real database: incidents learn them when they are published; the command line keeps them, with an audit."""

from __future__ import annotations

import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.pipeline import NOW, checksums, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.domain.known import Issue
from ailog.errors import PermanentError
from ailog.local.postgres import Uris
from ailog.pipeline import known

START = moment("2026-03-10 08:00")
POOL, OTHER = "Connection pool of the ledger database is exhausted", "Connection pool of the ledger database is closed"


def _documents(quarter: int = 0, text: str = POOL, **more: Any) -> list[dict]:
    start = START + timedelta(minutes=15 * quarter)
    return [event(start + timedelta(seconds=i), text, **more) for i in range(20)]


def _analyse(store: PostgresStore, tmp_path: Path, documents: list[dict], quarter: int = 0, **options: Any) -> None:
    at = START + timedelta(minutes=15 * quarter)
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", documents))
    run(store, settings, interval(at.strftime("%Y-%m-%d %H:%M")), **options)


def _print(store: PostgresStore, sample: str = POOL) -> str:
    return str(rows(store, "SELECT fingerprint FROM ailog_peak.error_signatures WHERE sample = %s", (sample,))[0][0])


def _known(store: PostgresStore) -> set[tuple[Any, ...]]:
    return set(rows(store, "SELECT namespace, known_issue_id FROM ailog_peak.incidents"))


def test_an_incident_learns_its_known_issue_when_it_is_published(store: PostgresStore, tmp_path: Path) -> None:
    known.add(store, Issue("KI-2", "Pool", pattern="pool of the ledger"), {"ticket": "OPS-1"}, actor="ann")
    _analyse(store, tmp_path, _documents())
    assert _known(store) == {("pcb-sit-01-app", "KI-2")}


def test_what_a_person_said_of_an_incident_stays(store: PostgresStore, tmp_path: Path) -> None:
    _analyse(store, tmp_path, _documents())
    assert _known(store) == {("pcb-sit-01-app", None)}
    known.add(store, Issue("KI-1", "Pool", fingerprint=_print(store)), {}, actor="ann")
    known.add(store, Issue("KI-9", "By hand", pattern="never there at all"), {}, actor="ann")
    _analyse(store, tmp_path, _documents(), kind="manual")
    assert _known(store) == {("pcb-sit-01-app", "KI-1")}, "the next run over it gives the issue"
    rows_ = "UPDATE ailog_peak.incidents SET known_issue_id = 'KI-9' RETURNING known_issue_id"
    assert rows(store, rows_) == [("KI-9",)]
    once = checksums(store)
    _analyse(store, tmp_path, _documents(), kind="manual", now=NOW + timedelta(hours=2))
    assert checksums(store) == once


def test_an_issue_is_stored_once_and_resolved_with_its_version(store: PostgresStore) -> None:
    issue = Issue("KI-1", "Pool", category="database", apps=("payment-api",))
    known.add(store, issue, {"owner": "payments", "workaround": "restart"}, actor="ann")
    with pytest.raises(PermanentError, match="already"):
        known.add(store, issue, {}, actor="bob")
    with pytest.raises(PermanentError, match="no known issue 'KI-7'"):
        known.resolve(store, "KI-7", fixed_in=None, actor="bob", now=NOW)
    known.resolve(store, "KI-1", fixed_in="2.4.1", actor="bob", now=NOW)
    listed = known.listed(store)
    assert [(one["issue_id"], one["status"], one["fixed_in"], one["resolved_at"], one["owner"], one["incidents"]) for one in listed] == [
        ("KI-1", "resolved", "2.4.1", NOW, "payments", 0)
    ]
    audit = rows(store, "SELECT actor, action, subject FROM ailog_peak.audit_log ORDER BY audit_id")
    assert audit == [("ann", "known add", "KI-1"), ("bob", "known resolve", "KI-1")], "what failed left nothing"


def test_near_fingerprints_are_suggested_and_never_merged(store: PostgresStore, tmp_path: Path) -> None:
    _analyse(store, tmp_path, _documents() + _documents(text=OTHER) + _documents(text="Certificate of the peer has expired"))
    known.add(store, Issue("KI-1", "Pool", fingerprint=_print(store)), {}, actor="ann")
    found = known.suggest(store, _print(store, OTHER))
    assert [(one.fingerprint, one.issues) for one in found["near"]] == [(_print(store), ("KI-1",))]
    assert found["known"] == []
    assert rows(store, "SELECT count(*) FROM ailog_peak.fingerprint_aliases") == [(0,)]
    with pytest.raises(PermanentError, match="ever stored"):
        known.suggest(store, "0" * 16)


@pytest.fixture
def cli(database: Uris, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES_OWNER", database.owner)

    def called(*arguments: str, expected: int = 0, given: str = "") -> Any:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        try:
            status = main([*arguments, "--json"])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out = capsys.readouterr()
        assert status == expected, out.err
        return json.loads(out.out) if status == 0 else out.err

    return called


def test_the_command_line_keeps_issues_and_families(cli: Any, store: PostgresStore, tmp_path: Path) -> None:
    _analyse(store, tmp_path, _documents() + _documents(text=OTHER))
    one, other = _print(store), _print(store, OTHER)
    assert cli("known", "add", "KI-1", "--title", "Pool", "--fingerprint", one, "--actor", "ann")["status"] == "open"
    assert [issue["issue_id"] for issue in cli("known", "list")["issues"]] == ["KI-1"]
    assert [near["issues"] for near in cli("known", "suggest", other)["near"]] == [["KI-1"]]
    assert cli("families", "merge", other, one, "--actor", "ann", "--note", "same pool")["families"] == {other: one, one: one}
    assert cli("known", "suggest", other)["known"] == ["KI-1"]
    assert [row["fingerprint"] for row in cli("families", "show", one)["families"]] == [other]
    assert cli("families", "split", other)["families"] == {other: other}
    assert cli("known", "resolve", "KI-1", "--fixed-in", "2.0.0")["status"] == "resolved"
    assert cli("families", "migrate")["versions"] == {}
    actors = rows(store, "SELECT actor, action FROM ailog_peak.audit_log ORDER BY audit_id")
    assert actors[:2] == [("ann", "known add"), ("ann", "families merge")]
    assert [action for _, action in actors[2:]] == ["families split", "known resolve"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("known", "add", "KI-1", "--title", "x"), 1, "nothing would ever match"),
        (("known", "add"), 2, "id of the issue"),
        (("known", "suggest", "xyz"), 2, "no fingerprint"),
        (("families", "merge", "a" * 16), 2, "takes 2"),
        (("families", "merge", "a" * 16, "b" * 16), 1, "ever stored"),
        (("families", "split", "' OR 1=1 --"), 2, "no fingerprint"),
        (("classify",), 2, "no message"),
    ],
)
def test_mistakes_are_told_with_the_remedy(cli: Any, arguments: tuple[str, ...], status: int, said: str) -> None:
    assert said in cli(*arguments, expected=status)


def test_classify_shows_every_step_without_a_database(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_AILOG_POSTGRES")
    given = "Read timed out after 1500 ms for bob@example.com\n\nRead timed out after 20 s for ann@example.com\n"
    found = cli("classify", "--explain", "--app", "payment-api", given=given)["messages"]
    assert len(found) == 2
    assert len({one["fingerprint"] for one in found}) == len({one["family"] for one in found}) == 1
    assert "bob@" not in found[0]["masked"]
    assert "1500" not in found[0]["values_out"]
    assert (found[0]["category"], found[0]["problem_key"].split(":")[:2]) == ("timeout", ["TIMEOUT", "payment"])
    assert found[0]["rule"] != "unknown"
    trace = "Boom\njava.lang.IllegalStateException: pool closed\n\tat com.acme.Pool.take(Pool.java:10)\n"
    whole = cli("classify", "--whole", given=trace)["messages"]
    assert [one["error_type"] for one in whole] == ["IllegalStateException"]
    hostile = "\x1b[31m" + "(" * 3000 + "\n" + "a\x00b\u202e\n"
    assert len(cli("classify", given=hostile)["messages"]) == 2
