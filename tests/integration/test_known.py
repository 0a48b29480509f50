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
from ailog.pipeline import known, known_issues

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
    known_issues.add(store, Issue("KI-2", "Pool", pattern="pool of the ledger"), {"ticket": "OPS-1"}, actor="ann")
    _analyse(store, tmp_path, _documents())
    assert _known(store) == {("pcb-sit-01-app", "KI-2")}


def test_what_a_person_said_of_an_incident_stays(store: PostgresStore, tmp_path: Path) -> None:
    _analyse(store, tmp_path, _documents())
    assert _known(store) == {("pcb-sit-01-app", None)}
    known_issues.add(store, Issue("KI-1", "Pool", fingerprint=_print(store)), {}, actor="ann")
    known_issues.add(store, Issue("KI-9", "By hand", pattern="never there at all"), {}, actor="ann")
    _analyse(store, tmp_path, _documents(), kind="manual")
    assert _known(store) == {("pcb-sit-01-app", "KI-1")}, "the next run over it gives the issue"
    rows_ = "UPDATE ailog_peak.incidents SET known_issue_id = 'KI-9' RETURNING known_issue_id"
    assert rows(store, rows_) == [("KI-9",)]
    once = checksums(store)
    _analyse(store, tmp_path, _documents(), kind="manual", now=NOW + timedelta(hours=2))
    assert checksums(store) == once


def test_an_issue_is_stored_once_and_resolved_with_its_version(store: PostgresStore) -> None:
    issue = Issue("KI-1", "Pool", category="database", apps=("payment-api",))
    known_issues.add(store, issue, {"owner": "payments", "workaround": "restart"}, actor="ann")
    with pytest.raises(PermanentError, match="already"):
        known_issues.add(store, issue, {}, actor="bob")
    with pytest.raises(PermanentError, match="no known issue 'KI-7'"):
        known_issues.resolve(store, "KI-7", fixed_in=None, actor="bob", now=NOW)
    known_issues.resolve(store, "KI-1", fixed_in="2.4.1", actor="bob", now=NOW)
    listed = known.listed(store)
    assert [(one["issue_id"], one["status"], one["fixed_in"], one["resolved_at"], one["owner"], one["incidents"]) for one in listed] == [
        ("KI-1", "resolved", "2.4.1", NOW, "payments", 0)
    ]
    audit = rows(store, "SELECT actor, action, subject FROM ailog_peak.audit_log ORDER BY audit_id")
    assert audit == [("ann", "known add", "KI-1"), ("bob", "known resolve", "KI-1")], "what failed left nothing"


def test_near_fingerprints_are_suggested_and_never_merged(store: PostgresStore, tmp_path: Path) -> None:
    _analyse(store, tmp_path, _documents() + _documents(text=OTHER) + _documents(text="Certificate of the peer has expired"))
    known_issues.add(store, Issue("KI-1", "Pool", fingerprint=_print(store)), {}, actor="ann")
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
    shown = cli("families", "show", other)
    assert [(row["fingerprint"], row["reason"]) for row in shown["families"]] == [(one, "name"), (other, "merged")]
    assert shown["overflows"] == []
    assert cli("families", "split", other)["families"] == {other: other}
    assert cli("known", "resolve", "KI-1", "--fixed-in", "2.0.0")["status"] == "resolved"
    assert cli("families", "migrate")["versions"] == {}
    actors = rows(store, "SELECT actor, action FROM ailog_peak.audit_log ORDER BY audit_id")
    assert actors[:2] == [("ann", "known add"), ("ann", "families merge")]
    assert [action for _, action in actors[2:]] == ["families split", "known resolve"]


@pytest.fixture
def told(cli: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line as people see it."""

    def called(*arguments: str, expected: int = 0) -> str:
        capsys.readouterr()
        try:
            status = main(list(arguments))
        except SystemExit as ended:
            status = int(ended.code or 0)
        out = capsys.readouterr()
        assert status == expected, out.err
        return out.out if status == 0 else out.err

    return called


def test_a_person_merges_and_splits_with_what_the_command_line_says(told: Any, store: PostgresStore, tmp_path: Path) -> None:
    documents = _documents() + _documents(text=OTHER)
    _analyse(store, tmp_path, documents)
    one, other = _print(store), _print(store, OTHER)
    told("known", "add", "KI-7", "--title", "Pool too small", "--fingerprint", one.upper(), "--actor", "ann")
    suggested = told("known", "suggest", other.upper())
    assert "known as: nothing yet" in suggested
    assert f"ailog families merge {other} {one} --note WHY" in suggested, "the next step can be copied"
    assert "KI-7" in suggested
    assert f"'ailog families split {other}' undoes it" in told("families", "merge", other, one, "--note", "same pool", "--actor", "bob")
    merged = told("families", "show", other)
    assert all(text in merged for text in (one, other, "merged", "name"))
    assert "known as: KI-7" in told("known", "suggest", other)
    _analyse(store, tmp_path, documents + _documents(1, text=OTHER) + _documents(1, "Connection pool of the ledger database is empty"), 1)
    assert dict(rows(store, "SELECT fingerprint, family FROM ailog_peak.fingerprint_families"))[other] == one, "later runs respect it"
    assert "family of its own" in told("families", "split", other, "--note", "two teams", "--actor", "ann")
    audit = told("families", "audit", other)
    assert [audit.index(text) for text in ("two teams", "same pool")] == sorted(audit.index(t) for t in ("two teams", "same pool"))
    assert "bob" in audit
    assert "KI-7" in told("known", "audit", "KI-7")
    assert "audit" in told("families", "show", "--help")
    assert one in told("families", "show", one), "a family of one is shown too"


def test_the_ledger_and_the_families_say_what_does_not_categorise(told: Any, store: PostgresStore, tmp_path: Path) -> None:
    parts = ["pool", "queue", "disk", "memory", "table", "topic", "broker", "socket"]
    log = [
        event(START + timedelta(seconds=i), f"The {a} of the {b} is broken")
        for i, (a, b) in enumerate((a, b) for a in parts for b in parts)
    ]
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", log))
    few = settings.classification.model_copy(update={"max_fingerprints_per_namespace": 10})
    run(store, settings.model_copy(update={"classification": few}), interval(START.strftime("%Y-%m-%d %H:%M")))
    [(kept, templates, events)] = rows(store, "SELECT kept, templates, events FROM ailog_peak.run_warnings")
    assert (kept, templates + kept <= 64, events >= templates) == (10, True, True)
    for said in (told("ledger"), told("families", "show")):
        assert "! " in said
        assert f"{events} events of {templates} templates past the first 10" in said
        assert "max_fingerprints_per_namespace" in said


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("families", "show", "f" * 16), 1, "ever stored: 'ailog incidents --json'"),
        (("families", "merge", "a" * 16), 2, "first the one that joins"),
        (("known", "add", "KI-1", "--title", "x", "--fingerprint", "3f9a"), 2, "16 hexadecimal digits"),
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
    several = cli("classify", "--null", given=f"{trace}\0Disk is full\0")["messages"]
    assert [one["rule"] for one in several] == ["business.illegal_state", "resource.disk_full"]
    document = json.dumps({"message": "Boom", "error.type": "x.PoolError", "kubernetes": {"namespace": "pcb-sit-01-app"}})
    (read,) = cli("classify", "--ndjson", given=document + "\n")["messages"]
    assert (read["error_type"], read["error_type_from"]) == ("PoolError", "structured")
    assert read["problem_key"] == "UNKNOWN:pcb:pool_error"
    assert "line 2" in cli("classify", "--ndjson", given=document + "\n{broken\n", expected=2)
    assert "no message" in cli("classify", "--ndjson", given='{"level": "ERROR"}\n', expected=2)
    hostile = "\x1b[31m" + "(" * 3000 + "\n" + "a\x00b\u202e\n"
    assert len(cli("classify", given=hostile)["messages"]) == 2
