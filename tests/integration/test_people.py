"""People's word on incidents, and the commands that take it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.pipeline import rows
from tests.support.telling import analyse, errors, told_settings, window_end

from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.errors import ConfigError
from ailog.local.postgres import Uris
from ailog.pipeline import incidents


@pytest.fixture
def identity(store: PostgresStore, tmp_path: Path) -> str:
    """One open incident."""
    analyse(store, told_settings(tmp_path), tmp_path, errors(0, 200), range(1))
    return str(rows(store, "SELECT incident_id FROM ailog_peak.incidents")[0][0])


def say(store: PostgresStore, action: str, prefix: str, **options: Any) -> dict[str, Any]:
    return incidents.say(store, action, prefix, **{"by": "anna", "note": None, "now": window_end(0), **options})


def test_every_word_is_kept_with_who_said_it_and_when(store: PostgresStore, identity: str) -> None:
    for action, note in (
        ("ack", "on it"),
        ("note", "ledger restarted"),
        ("not-useful", None),
        ("useful", None),
        ("resolve", None),
        ("reopen", None),
    ):
        say(store, action, identity[:8], note=note)
    found, history = incidents.history(store, identity[:8])
    assert found["status"] == "open"
    assert [row["action"] for row in history] == [
        "incident ack", "incident note", "incident not-useful", "incident useful", "incident resolve", "incident reopen",
    ]  # fmt: skip
    assert {row["actor"] for row in history} == {"anna"}
    assert rows(store, "SELECT note, useful, judged_by, judged_at FROM ailog_peak.incidents") == [
        ("ledger restarted", True, "anna", window_end(0))
    ]


def test_an_acknowledgement_remembers_what_the_person_saw(store: PostgresStore, identity: str) -> None:
    say(store, "ack", identity[:8])
    assert rows(store, "SELECT status, acknowledged_by, acknowledged_count FROM ailog_peak.incidents") == [("acknowledged", "anna", 200)]


def test_a_note_is_masked(store: PostgresStore, identity: str) -> None:
    say(store, "note", identity, note="ask anna.novak@example.org, password=hunter2")
    kept = str(rows(store, "SELECT note FROM ailog_peak.incidents") + rows(store, "SELECT detail FROM ailog_peak.audit_log"))
    assert "anna.novak" not in kept
    assert "hunter2" not in kept


WRONG = [
    ("what is no id", "note", "%%%%", {"note": "x"}, "is no id"),
    ("too short an id", "note", "abc", {"note": "x"}, "is no id"),
    ("an id that nobody has", "note", "00000000-0000", {"note": "x"}, "no incident has"),
    ("a note without words", "note", None, {"note": " "}, "without words"),
    ("the product's own name", "resolve", None, {"by": "quiet"}, "no name of a person"),
    ("reopening what is open", "reopen", None, {}, "is open"),
]


@pytest.mark.parametrize(("action", "prefix", "options", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_cannot_be_meant_is_refused_and_writes_nothing(
    store: PostgresStore, identity: str, action: str, prefix: str | None, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        say(store, action, prefix or identity[:8], **options)
    assert rows(store, "SELECT count(*) FROM ailog_peak.audit_log") == [(0,)]


def test_an_ambiguous_beginning_names_its_candidates(store: PostgresStore, identity: str) -> None:
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.incidents SELECT (r).* FROM (SELECT jsonb_populate_record(i, jsonb_build_object('incident_id', "
            "left(i.incident_id::text, 8) || '-0000-5000-8000-000000000000')) AS r FROM ailog_peak.incidents AS i) AS x"
        )
    with pytest.raises(ConfigError, match="several incidents have an id"):
        say(store, "ack", identity[:8])
    assert say(store, "ack", identity[:16])["status"] == "acknowledged"


def test_what_ended_by_itself_is_neither_reopened_nor_acknowledged(store: PostgresStore, identity: str, tmp_path: Path) -> None:
    analyse(store, told_settings(tmp_path), tmp_path, errors(0, 200), range(1, 7))
    for action in ("reopen", "ack", "resolve"):
        with pytest.raises(ConfigError, match=r"it was quiet|is over"):
            say(store, action, identity[:8])


def test_the_commands_take_a_word_a_silence_and_a_summary(
    store: PostgresStore, database: Uris, identity: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)

    def ran(*words: str, status: int = 0) -> Any:
        assert main([*words, "--json"]) == status
        text = capsys.readouterr().out
        return json.loads(text) if text else None

    assert ran("incidents", "ack", identity[:8], "--by", "anna", "--note", "on it")["incident"]["status"] == "acknowledged"
    assert ran("incidents", "history", identity[:8])["history"][0]["actor"] == "anna"
    (listed,) = ran("incidents")["incidents"]
    assert (listed["acknowledged_by"], listed["note"]) == ("anna", "on it")
    number = ran("silence", "add", "--namespace", "pcb-*", "--for", "4h", "--reason", "load test", "--by", "anna")["silence_id"]
    (silence,) = ran("silence", "list")["silences"]
    assert (silence["state"], silence["owner"], silence["up_to"]) == ("in force", "anna", "high")
    assert ran("silence", "remove", str(number))["silence_id"] == number
    ran("silence", "remove", str(number), status=1)
    ran("silence", "add", "--for", "4h", "--reason", "everything", status=1)
    assert ran("summary", "2026-03-10", "--dry-run")["subject"] == "[AI Log Analyzer] INCOMPLETE Tue 2026-03-10 is not complete"
    assert ran("summary", "2026-03-10")["outcome"] == "older"
    for wrong in (
        ["incidents", "ack"],
        ["incidents", "list", "abcd"],
        ["silence", "add", "--namespace", "x"],
        ["silence", "remove"],
        ["summary", "2026-03-10T08:00:00Z"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        assert ended.value.code == 2
