# ruff: noqa: F401, F811 - the fixtures of the command line are imported by name
"""The calendar is kept by people: every change is on record, mistakes are told whole, and what expires is asked about."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.integration.test_cli import Cli, cli, connected, deployment
from tests.support.pipeline import checksums, moment, rows

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.calendar_forms import entry_of
from ailog.errors import PermanentError
from ailog.local.postgres import Uris
from ailog.pipeline import calendar

NOW = moment("2026-03-10 12:00")
BATCH = {"kind": "batch", "namespaces": "pcb-*", "weekdays": "daily", "time": "02:30", "minutes": 60, "owner": "ops", "reason": "nightly"}
FILE = """
entries:
  - {kind: maintenance, namespaces: [pcb-sit-*, pcb-fat-*], weekdays: sat, time: 22:00, minutes: 120, expires: 2027-01-01, owner: ops, reason: patches}
  - {kind: holiday, date: 2026-12-24, calendar: company, owner: hr, reason: closed}
  - {kind: batch, namespaces: pcb-prd-01-app, weekdays: mon-fri, time: 02:30, minutes: 45, owner: billing, reason: "; DROP TABLE x -- 'quoted'"}
"""


def test_entries_survive_the_store_and_count_until_they_are_removed(store: PostgresStore) -> None:
    given = entry_of(BATCH, timezone="Europe/Prague")
    calendar.add(store, given, actor="anna", now=NOW)
    with store.connection() as connection:
        assert calendar.load(store, connection).entries == (given,)
    with pytest.raises(PermanentError, match=r"has an entry .* already"):
        calendar.add(store, given, actor="anna", now=NOW)
    calendar.remove(store, given.entry_id, actor="petr", now=NOW)
    with store.connection() as connection:
        assert calendar.load(store, connection).entries == ()
    with pytest.raises(PermanentError, match="no entry"):
        calendar.remove(store, given.entry_id, actor="petr", now=NOW)
    calendar.add(store, given, actor="anna", now=NOW)
    told = rows(store, "SELECT actor, action, subject FROM ailog_peak.audit_log ORDER BY audit_id")
    assert told == [
        ("anna", "calendar add", given.entry_id),
        ("petr", "calendar remove", given.entry_id),
        ("anna", "calendar add", given.entry_id),
    ]


def test_what_expires_is_asked_about_and_never_goes_in_silence(store: PostgresStore) -> None:
    for name, expires in (("gone", "2026-03-01"), ("soon", "2026-03-20"), ("later", "2026-06-01")):
        calendar.add(store, entry_of({**BATCH, "id": name, "expires": expires}, timezone="UTC"), actor="anna", now=NOW)
    once = {"kind": "maintenance", "id": "over", "from": "2026-03-01", "to": "2026-03-02", "owner": "ops", "reason": "upgrade"}
    calendar.add(store, entry_of(once, timezone="UTC"), actor="anna", now=NOW)
    assert [(row["id"], row["state"], row["owner"]) for row in calendar.expiring(store, NOW)] == [
        ("gone", "expired", "ops"),
        ("soon", "expiring", "ops"),
    ]
    assert {row["id"] for row in calendar.expiring(store, NOW, within=timedelta(days=120))} == {"gone", "soon", "later"}
    assert {row["id"]: row["state"] for row in calendar.listed(store, NOW)}["over"] == "expired"


def test_a_file_is_imported_whole_once(store: PostgresStore, cli: Cli, connected: Uris, tmp_path: Path) -> None:
    path = tmp_path / "calendar.yaml"
    path.write_text(FILE, encoding="utf-8")
    assert cli.json("calendar", "import", str(path), "--actor", "anna") == {"added": 3, "changed": 0, "unchanged": 0}
    once = checksums(store)
    assert cli.json("calendar", "import", str(path), "--actor", "petr") == {"added": 0, "changed": 0, "unchanged": 3}
    assert checksums(store) == once
    path.write_text(FILE.replace("reason: patches", "reason: more patches"), encoding="utf-8")
    assert cli.json("calendar", "import", str(path))["changed"] == 1
    listed = cli.json("calendar", "list")["entries"]
    assert {(row["kind"], row["reason"]) for row in listed} >= {("maintenance", "more patches"), ("batch", "; DROP TABLE x -- 'quoted'")}
    assert "more patches" in cli("calendar", "list", "--kind", "maintenance")


def test_a_csv_with_mistakes_names_every_line_and_imports_nothing(store: PostgresStore, cli: Cli, connected: Uris, tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text(
        "kind,namespaces,date,calendar,weekdays,time,minutes,owner,reason\n"
        "holiday,*,2026-12-24,company,,,,hr,closed\n"
        "holiday,*,24.12.2026,company,,,,hr,closed\n"
        "batch,pcb-*,,,mon-fri,26:00,45,,nightly\n",
        encoding="utf-8",
    )
    cli("calendar", "import", str(path), expected=1)
    assert "calendar.csv:3: date is '24.12.2026'" in cli.err
    assert "calendar.csv:4: time is '26:00'" in cli.err
    assert rows(store, "SELECT count(*) FROM ailog_peak.calendar_entries") == [(0,)]


def test_the_command_adds_lists_and_removes(cli: Cli, connected: Uris) -> None:
    added = cli.json(
        "calendar", "add", "maintenance", "--id", "up-1", "--namespace", "pcb-*-app", "--from", "2026-01-31T22:00", "--to", "2026-02-01T02:00",
        "--owner", "ops", "--reason", "upgrade",
    )["entry"]  # fmt: skip
    assert (added["from"], added["timezone"], added["state"]) == ("2026-01-31T21:00:00Z", "Europe/Prague", "expired")
    assert cli.json("calendar", "list", "--expiring")["entries"] == []
    assert cli.json("calendar", "remove", "up-1") == {"removed": "up-1"}
    cli("calendar", "remove", "up-1", expected=1)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["add"], "add what?"),
        (["add", "party"], "'party' is none of maintenance, holiday, batch"),
        (["add", "holiday"], "owner is empty"),
        (["remove"], "remove what?"),
    ],
)
def test_wrong_use_is_told(cli: Cli, deployment: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str) -> None:
    from ailog.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["calendar", *arguments])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
