"""The analyzer watches itself: each alarm opens once, is told again with growing pauses, and ends with a word; each has a day without it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.support.analyzer_life import QUARTER, execute, put_delivery, put_page, put_run, put_snapshot
from tests.support.mail_server import MailServer
from tests.support.teams_server import Answer, TeamsServer

from ailog import settings as settings_module
from ailog.adapters.file_memory import FileMemory
from ailog.adapters.store.postgres import PostgresStore
from ailog.connections import Connection
from ailog.local import postgres
from ailog.local.postgres import Uris
from ailog.orchestration import watch as watching
from ailog.orchestration.alarms import Failure, raise_alarm
from ailog.orchestration.composition import Composition
from ailog.pipeline.watch import open_alarms, tell, watch
from ailog.settings import Confluence, Settings
from ailog.settings_notify import Email

NOW = datetime(2026, 3, 26, 12, 3, tzinfo=UTC)
"""Five days before the month ends."""


def well(store: PostgresStore, *, learnt: timedelta = timedelta(days=4), partitions: bool = True) -> None:
    """An analyzer that is all right: a run a day for a week, one every quarter hour in the last two hours, thresholds of last Sunday."""
    for days in range(1, 7):
        put_run(store, NOW - timedelta(days=days))
    for number in range(8):
        put_run(store, NOW - timedelta(minutes=2) - number * QUARTER)
    put_run(store, NOW - timedelta(days=9), kind="backfill")
    put_snapshot(store, NOW - learnt)
    execute(store, "SELECT ailog_peak.ensure_partitions(%s, %s)", (NOW, NOW + timedelta(days=40 if partitions else 1)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    loaded = settings_module.load(settings_module.PACKAGE_ROOT / "include" / "config")
    email = Email(sender="ailog@example.org", recipients=["team@example.org"])
    notify = loaded.notify.model_copy(update={"channels": ["teams", "email"], "email": email})
    confluence = Confluence(enabled=True, space="OPS")
    report = loaded.report.model_copy(update={"directory": str(tmp_path)})
    return loaded.model_copy(update={"notify": notify, "confluence": confluence, "report": report})


def forget(store: PostgresStore, since: timedelta) -> None:
    """Takes away the runs of the time before now."""
    execute(store, "DELETE FROM ailog_peak.analysis_runs WHERE kind = 'regular' AND started_at > %s", (NOW - since,))


def dead_source(store: PostgresStore, runs: int) -> None:
    """The newest runs went without one of two sources."""
    forget(store, timedelta(hours=2))
    for number in range(8):
        error = "HTTP 503 from the cluster" if number < runs else None
        status = "partial" if error else "complete"
        put_run(store, NOW - timedelta(minutes=2) - number * QUARTER, status=status, sources={"files": None, "elasticsearch": error})


def backfills(store: PostgresStore, *newest_first: str) -> None:
    for number, status in enumerate(newest_first):
        error = None if status == "complete" else "the day could not be read"
        started = NOW - timedelta(hours=2) - timedelta(days=number)
        put_run(store, started, kind="backfill", status=status, error=error)


def shares(store: PostgresStore, **recent: Any) -> None:
    """The last hour with other shares than the week before."""
    forget(store, timedelta(hours=2))
    for number in range(4):
        put_run(store, NOW - timedelta(minutes=2) - number * QUARTER, **recent)


def calendar_entry(store: PostgresStore, expires: timedelta) -> None:
    execute(
        store,
        "INSERT INTO ailog_peak.calendar_entries (entry_id, kind, namespaces, timezone, weekdays, local_time, minutes, expires_at, owner,"
        " reason, created_at, created_by) VALUES ('nightly', 'batch', '{*}', 'UTC', '{0}', '02:00', 30, %s, 'ops', 'nightly job', %s, 'ops')",
        (NOW + expires, NOW - timedelta(days=90)),
    )


def silence(store: PostgresStore, ends: timedelta) -> None:
    execute(
        store,
        "INSERT INTO ailog_peak.silences (namespace, up_to, owner, reason, created_at, expires_at)"
        " VALUES ('pcb-*', 'high', 'ops', 'migration', %s, %s)",
        (NOW - timedelta(days=5), NOW + ends),
    )


def going_on(store: PostgresStore, kind: str, began: timedelta, *, newer: bool) -> None:
    """A run that has not ended, with or without a newer one of its kind."""
    if not newer:
        execute(store, "DELETE FROM ailog_peak.analysis_runs WHERE kind = %s AND started_at > %s", (kind, NOW - began))
    put_run(store, NOW - began, kind=kind, status="running")


def deliveries(store: PostgresStore, *words: tuple[float, str]) -> None:
    """What Teams said, so many hours ago."""
    for ago, outcome in words:
        put_delivery(store, "teams", NOW - timedelta(hours=ago), outcome)


def nothing(_: PostgresStore) -> None:
    pass


hours = lambda number: timedelta(hours=number)  # noqa: E731


@dataclass(frozen=True)
class Case:
    """What makes an alarm with a word in it, and what is close to it and makes none. ``given`` and ``instead`` change the analyzer at rest."""

    key: str
    word: str
    wrong: Callable[[PostgresStore], object] = nothing
    right: Callable[[PostgresStore], object] = nothing
    given: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Any] = field(default_factory=dict)
    told_elsewhere: bool = False
    once: bool = False


CASES = [
    Case("no complete run", "paused", lambda s: forget(s, hours(0.6)), lambda s: forget(s, hours(0.2))),
    Case(
        "stuck regular",
        "has not ended",
        lambda s: going_on(s, "regular", hours(1.5), newer=False),
        lambda s: going_on(s, "regular", hours(1.5), newer=True),
    ),
    Case(
        "stuck backfill",
        "has not ended",
        lambda s: going_on(s, "backfill", hours(5), newer=False),
        lambda s: going_on(s, "backfill", hours(3), newer=False),
    ),
    Case(
        "failed backfills",
        "2026-03-26",
        lambda s: backfills(s, "failed", "partial", "failed"),
        lambda s: backfills(s, "failed", "failed", "complete", "failed"),
    ),
    Case("source elasticsearch", "HTTP 503", lambda s: dead_source(s, 3), lambda s: dead_source(s, 2)),
    Case("unknown share", "40%", lambda s: shares(s, unknown=0.4), lambda s: shares(s, unknown=0.2)),
    Case("overflow share", "30%", lambda s: shares(s, overflow=300), lambda s: shares(s, overflow=50)),
    Case("old thresholds", "2026-03-15", given={"learnt": timedelta(days=11)}, instead={"learnt": timedelta(days=9)}),
    Case("confluence", "HTTP 503", lambda s: put_page(s, NOW - hours(5)), lambda s: put_page(s, NOW - hours(3)), told_elsewhere=True),
    Case(
        "channel teams",
        "HTTP 503",
        lambda s: deliveries(s, (2, "accepted"), (1.1, "retry"), (0.1, "retry")),
        lambda s: deliveries(s, (1.1, "retry"), (0.5, "accepted"), (0.1, "retry")),
    ),
    Case("partitions", "2026-04", given={"partitions": False}),
    Case("calendar nightly", "ops", lambda s: calendar_entry(s, hours(72)), lambda s: calendar_entry(s, hours(999)), once=True),
    Case("silence 1", "migration", lambda s: silence(s, hours(5)), lambda s: silence(s, hours(50)), once=True),
]


def keys(store: PostgresStore, settings: Settings, now: datetime = NOW) -> list[str]:
    return [alarm.key for alarm in watch(store, settings, now)]


def told(store: PostgresStore) -> list[tuple[str, str]]:
    """Channel and subject of the alarms in the outbox."""
    with store.connection() as connection:
        return connection.execute(
            "SELECT channel, subject FROM ailog_peak.outbox WHERE kind = 'alarm' ORDER BY created_at, channel"
        ).fetchall()


def test_an_analyzer_that_is_all_right_has_no_alarm(store: PostgresStore, settings: Settings) -> None:
    well(store)
    assert watch(store, settings, NOW) == []


def test_an_installation_where_nothing_ran_yet_has_no_alarm(store: PostgresStore, settings: Settings) -> None:
    assert [key for key in keys(store, settings) if key != "partitions"] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_what_is_wrong_makes_its_alarm_and_nothing_else(store: PostgresStore, settings: Settings, case: Case) -> None:
    well(store, **case.given)
    case.wrong(store)
    found = watch(store, settings, NOW)
    assert case.key in [alarm.key for alarm in found]
    assert {alarm.key for alarm in found} <= {case.key, "no complete run"}, "one cause, one alarm"
    [alarm] = [alarm for alarm in found if alarm.key == case.key]
    assert case.word in f"{alarm.title} {alarm.reason} {alarm.remedy}"
    assert alarm.told == case.told_elsewhere


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_what_is_close_to_it_makes_no_alarm(store: PostgresStore, settings: Settings, case: Case) -> None:
    well(store, **case.instead)
    case.right(store)
    assert case.key not in keys(store, settings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_an_alarm_opens_once_reminds_with_growing_pauses_and_ends_with_a_word(store: PostgresStore, settings: Settings, case: Case) -> None:
    well(store, **case.given)
    case.wrong(store)
    [alarm] = [alarm for alarm in watch(store, settings, NOW) if alarm.key == case.key]
    said: list[int] = []
    for minutes in range(0, 8 * 60, 5):
        counts = tell(store, settings, [alarm], NOW + timedelta(minutes=minutes), ["teams", "email"])
        assert counts["open"] == 1
        said += [minutes] * (counts["opened"] + counts["reminded"])
    assert said == ([0] if case.once else [0, 60, 180, 420]), "the pauses double"
    channels = 1 if alarm.key == "channel teams" else 2
    assert len(told(store)) == channels * (len(said) - case.told_elsewhere)
    before = len(told(store))
    for minutes in (480, 485, 490, 495):
        tell(store, settings, [], NOW + timedelta(minutes=minutes), ["teams", "email"])
    assert open_alarms(store) == []
    after = told(store)[before:]
    assert len(after) == (0 if case.once else 2)
    assert all("recovered: " in subject for _, subject in after)


def test_a_cause_that_is_gone_for_a_moment_does_not_end_an_alarm(store: PostgresStore, settings: Settings) -> None:
    well(store)
    forget(store, hours(1))
    alarms = watch(store, settings, NOW)
    for minutes, found in enumerate((alarms, [], alarms, [], alarms)):
        tell(store, settings, found, NOW + timedelta(minutes=5 * minutes))
    assert len(open_alarms(store)) == 1
    assert len(told(store)) == 2, "two channels, one message each"


def test_looking_again_at_the_same_time_tells_nothing_twice(store: PostgresStore, settings: Settings) -> None:
    well(store)
    forget(store, hours(1))
    alarms = watch(store, settings, NOW)
    assert alarms == watch(store, settings, NOW)
    assert [tell(store, settings, alarms, NOW)["opened"] for _ in range(3)] == [1, 0, 0]
    assert len(told(store)) == 2


def test_a_dead_source_is_told_instead_of_runs_that_are_not_complete(store: PostgresStore, settings: Settings) -> None:
    well(store)
    dead_source(store, 8)
    assert keys(store, settings) == ["source elasticsearch"]


def test_secrets_in_what_others_said_are_not_told(store: PostgresStore, settings: Settings) -> None:
    well(store)
    forget(store, hours(2))
    put_run(store, NOW - hours(1), status="failed", error="postgres://app:hunter2@db/x refused, password=hunter2", sources={})
    [alarm] = watch(store, settings, NOW)
    assert "refused" in alarm.reason
    assert "hunter2" not in alarm.reason


# End to end: stand-ins for Teams and mail, a database that goes away.


@pytest.fixture
def teams() -> Iterator[TeamsServer]:
    with TeamsServer() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def as_connection(uri: str) -> Connection:
    parts = {key: str(value) for key, value in conninfo_to_dict(uri).items()}
    return Connection(
        "ailog_postgres", "postgres", parts["host"], int(parts["port"]), parts["user"], parts.get("password", ""), parts["dbname"]
    )


def parts_of(settings: Settings, uri: str, teams: TeamsServer, mail: MailServer) -> Composition:
    known = {
        "ailog_postgres": as_connection(uri),
        "ailog_teams": Connection("ailog_teams", "http", password=teams.url, extra={"allow_hosts": ["127.0.0.1"]}),
        "ailog_smtp": Connection("ailog_smtp", "smtp", "127.0.0.1", mail.port, extra={"security": "none"}),
    }
    return Composition(settings, lambda conn_id: known[conn_id])


def titles(teams: TeamsServer) -> list[str]:
    return [json.dumps(card["attachments"][0]["content"], ensure_ascii=False) for card in teams.posted]


def subjects(mail: MailServer) -> list[str]:
    return [str(one["Subject"]) for one in mail.mails]


def look(parts: Composition, memory: FileMemory, now: datetime) -> watching.Look:
    return watching.look(parts, memory, clock=lambda: now)


def test_an_alarm_reaches_teams_and_mail_and_so_does_its_end(
    store: PostgresStore, database: Uris, settings: Settings, teams: TeamsServer, mail: MailServer, tmp_path: Path
) -> None:
    well(store)
    forget(store, hours(1))
    parts, memory = parts_of(settings, database.app, teams, mail), FileMemory(tmp_path / "memory.json")
    found = look(parts, memory, NOW)
    assert [alarm.key for alarm in found.alarms] == ["no complete run"]
    assert found.sent == {"sent": 2, "retry": 0, "failed": 0}
    assert "no complete run for 30 min" in titles(teams)[0]
    assert "ALARM: no complete run for 30 min" in subjects(mail)[0]
    put_run(store, NOW + timedelta(minutes=5))
    for minutes in (7, 12, 17):
        look(parts, memory, NOW + timedelta(minutes=minutes))
    assert len(titles(teams)) == len(subjects(mail)) == 2
    assert "recovered: no complete run" in subjects(mail)[1]
    assert "nothing is left to do" in titles(teams)[1]


def test_a_dry_look_tells_and_keeps_nothing(
    store: PostgresStore, database: Uris, settings: Settings, teams: TeamsServer, mail: MailServer, tmp_path: Path
) -> None:
    well(store)
    forget(store, hours(1))
    parts, memory = parts_of(settings, database.app, teams, mail), FileMemory(tmp_path / "memory.json")
    found = watching.look(parts, memory, clock=lambda: NOW, dry_run=True)
    assert len(found.alarms) == 1
    assert told(store) == open_alarms(store) == []
    assert teams.received == mail.mails == []


def test_teams_that_is_down_for_an_hour_is_told_by_mail(
    store: PostgresStore, database: Uris, settings: Settings, teams: TeamsServer, mail: MailServer, tmp_path: Path
) -> None:
    well(store)
    teams.default = Answer(503, "down")
    parts, memory = parts_of(settings, database.app, teams, mail), FileMemory(tmp_path / "memory.json")
    put_delivery(store, "teams", NOW - hours(1.5), "accepted")
    put_delivery(store, "teams", NOW - hours(1.2), "retry")
    look(parts, memory, NOW)
    assert subjects(mail) == ["[AI Log Analyzer] ALARM: the channel teams takes no messages"]
    assert [channel for channel, _ in told(store)] == ["email"], "nothing about it waits for the channel that is down"


def test_a_channel_that_is_down_is_told_by_one_that_namespaces_use(store: PostgresStore, settings: Settings) -> None:
    well(store)
    deliveries(store, (2, "refused"))
    only = settings.model_copy(update={"notify": settings.notify.model_copy(update={"channels": ["teams"]})})
    tell(store, only, watch(store, only, NOW), NOW, ["teams", "file"])
    assert [channel for channel, _ in told(store)] == ["file"]


def test_a_database_that_is_down_is_told_directly_once_and_so_is_its_return(
    settings: Settings, teams: TeamsServer, mail: MailServer, tmp_path: Path
) -> None:
    from ailog.adapters.store.migrations import migrate

    home = tmp_path / "server"
    home.mkdir()
    memory = FileMemory(tmp_path / "memory.json")
    server = postgres.start(home)
    try:
        uris = server.create_database("ailog")
        migrate(uris.owner, postgres.APP_ROLE)
        well(PostgresStore(uris.app))
        parts = parts_of(settings, uris.app, teams, mail)
        assert look(parts, memory, NOW).database == "answers"
        postgres.stop_server(home)
        first = look(parts, memory, NOW)
        assert [alarm.key for alarm in first.alarms] == ["database"]
        assert teams.posted == [], "a restart of the database is no alarm yet"
        for minutes in range(5, 60, 5):
            look(parts, memory, NOW + timedelta(minutes=minutes))
        assert len(teams.posted) == len(mail.mails) == 1
        assert "the database cannot be used" in subjects(mail)[0]
        assert server.passwords[postgres.APP_ROLE] not in titles(teams)[0]
        failure = Failure("regular_phase", "manual__1", "plan", "", 4, "StoreBusy")
        assert "told already" in raise_alarm(failure, settings, parts.connect, memory)
        look(parts, memory, NOW + timedelta(minutes=66))
        assert len(teams.posted) == 2, "a reminder after an hour"
        postgres.start(home, port=server.port)
        put_run(PostgresStore(uris.app), NOW + timedelta(minutes=68))
        for minutes in (70, 75):
            look(parts, memory, NOW + timedelta(minutes=minutes))
        assert len(teams.posted) == len(mail.mails) == 3
        assert "recovered: the database cannot be used" in subjects(mail)[2]
        assert memory.read() == ""
    finally:
        postgres.stop_server(home, delete=True)


def test_an_outage_that_a_failing_task_told_is_not_told_again_by_the_watch(
    settings: Settings, teams: TeamsServer, mail: MailServer, tmp_path: Path
) -> None:
    memory = FileMemory(tmp_path / "memory.json")
    parts = parts_of(settings, "postgresql://app:x@127.0.0.1:1/ailog", teams, mail)
    failures = [Failure("regular_phase", f"run {number}", "plan", "", 4, "StoreBusy") for number in range(3)]
    for failure in failures:
        raise_alarm(failure, settings, parts.connect, memory)
    watching.look(parts, memory)
    assert len(teams.posted) == len(mail.mails) == 1


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"since": "never", "told_at": null, "times_told": 0}', "null"])
def test_a_memory_that_cannot_be_read_is_no_memory(
    text: str, settings: Settings, teams: TeamsServer, mail: MailServer, tmp_path: Path
) -> None:
    memory = FileMemory(tmp_path / "memory.json")
    memory.write(text)
    at_once = settings.model_copy(update={"watch": settings.watch.model_copy(update={"database_minutes": 0})})
    look(parts_of(at_once, "postgresql://app:x@127.0.0.1:1/ailog", teams, mail), memory, NOW)
    assert len(teams.posted) == 1


def test_a_memory_that_cannot_be_written_does_not_hold_back_the_alarm(
    settings: Settings, teams: TeamsServer, mail: MailServer, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    at_once = settings.model_copy(update={"watch": settings.watch.model_copy(update={"database_minutes": 0})})
    look(parts_of(at_once, "postgresql://app:x@127.0.0.1:1/ailog", teams, mail), FileMemory(blocked / "memory.json"), NOW)
    assert len(teams.posted) == 1
