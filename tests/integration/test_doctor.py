"""The doctor finds what is wrong, says what to do, and stops at nothing that is down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from elasticsearch import Elasticsearch
from psycopg import sql
from tests.support.analyzer_life import QUARTER, execute, put_run, put_snapshot
from tests.support.maintained import fill
from tests.support.teams_server import TeamsServer

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.connections import Connection, from_environment, from_uri
from ailog.local.postgres import APP_ROLE, Uris
from ailog.orchestration.composition import Composition
from ailog.orchestration.doctor import Doctor
from ailog.orchestration.steps import utc_now
from ailog.pipeline.doctor import Finding, clock, rollups
from ailog.pipeline.rollup import roll_up
from ailog.settings import FilesSource, Settings

NAMESPACES = ("pcb-sit-01-app", "pcb-uat-01-app")


@pytest.fixture(autouse=True)
def _no_airflow_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of the same process configure an Airflow without our pools; the doctor would find it."""
    for name in ("AIRFLOW_HOME", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def teams() -> Iterator[TeamsServer]:
    with TeamsServer() as server:
        yield server


@pytest.fixture
def index(es_client: Elasticsearch, es_prefix: str) -> str:
    """An index with an error of each namespace, written an hour ago."""
    name = f"{es_prefix}logs"
    fields = {"level": "keyword", "kubernetes.namespace": "keyword", "application.name": "keyword", "message": "text"}
    properties = {"@timestamp": {"type": "date"}, **{field: {"type": kind} for field, kind in fields.items()}}
    es_client.indices.create(index=name, mappings={"properties": properties})
    for namespace in NAMESPACES:
        at = (utc_now() - timedelta(hours=1)).isoformat()
        document = {"@timestamp": at, "level": "ERROR", "message": "boom", "kubernetes": {"namespace": namespace}}
        es_client.index(index=name, document=document, refresh=True)
    return name


@pytest.fixture
def settings(index: str, tmp_path: Path) -> Settings:
    loaded = settings_module.load(settings_module.PACKAGE_ROOT / "include" / "config")
    source = loaded.sources[0].model_copy(update={"indices": [index], "retries": 0})
    named = {name: loaded.namespaces.of(name) for name in NAMESPACES}
    return loaded.model_copy(
        update={
            "sources": [source],
            "notify": loaded.notify.model_copy(update={"channels": ["teams"]}),
            "namespaces": loaded.namespaces.model_copy(update={"namespaces": named}),
            "report": loaded.report.model_copy(update={"directory": str(tmp_path)}),
        }
    )


@pytest.fixture
def known(database: Uris, es_url: str, teams: TeamsServer) -> dict[str, Connection]:
    return {
        "ailog_postgres": from_uri("ailog_postgres", database.app),
        "ailog_postgres_owner": from_uri("ailog_postgres_owner", database.owner),
        "ailog_elasticsearch": from_uri("ailog_elasticsearch", es_url.replace("http://", "elasticsearch://http://")),
        "ailog_teams": Connection("ailog_teams", "http", password=teams.url, extra={"allow_hosts": ["127.0.0.1"]}),
    }


def well(database: Uris) -> None:
    """A database where the analysis goes on."""
    store, now = PostgresStore(database.app), utc_now()
    put_run(store, now - timedelta(minutes=3))
    put_snapshot(store, now - timedelta(days=2))
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    windows = [start - QUARTER * number for number in range(1, 97)]
    execute(
        store,
        "INSERT INTO ailog_peak.analysis_run_windows (window_start, run_id, status)"
        " SELECT unnest(%s::timestamptz[]), run_id, 'complete' FROM ailog_peak.analysis_runs",
        (windows,),
    )
    execute(store, "SELECT ailog_peak.ensure_partitions(%s, %s)", (now, now + timedelta(days=40)))
    execute(store, "INSERT INTO ailog_peak.watch_beat (watched_at) VALUES (%s)", (now,))


def examine(settings: Settings, known: dict[str, Connection], *, canary: bool = False) -> list[Finding]:
    return Doctor(Composition(settings, lambda conn_id: known[conn_id]), canary=canary).examine()


def failed(found: list[Finding]) -> dict[str, Finding]:
    return {f"{one.area}/{one.name}": one for one in found if one.state == "FAIL"}


def test_an_installation_that_is_well_has_no_failure_and_no_warning(
    database: Uris, settings: Settings, known: dict[str, Connection]
) -> None:
    well(database)
    found = examine(settings, known)
    assert {f"{one.area}/{one.name}" for one in found if one.state != "OK"} <= {"airflow/pools", "versions/packages"}
    told = {f"{one.area}/{one.name}": one.found for one in found}
    assert "PostgreSQL 18" in told["database/version"]
    assert "2 errors of 2 namespaces" in told["source elasticsearch/indices"]
    assert told["namespaces/configured"] == "all 2 log"
    assert all(one.remedy for one in found if one.state != "OK")


def with_owner(database: Uris, statement: str) -> None:
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(role=sql.Identifier(APP_ROLE)))  # type: ignore[arg-type]


def closed(client: Elasticsearch, index: str) -> None:
    client.indices.close(index=index)


def test_a_database_that_is_down_fails_alone(settings: Settings, known: dict[str, Connection]) -> None:
    known["ailog_postgres"] = from_uri("ailog_postgres", "postgres://ailog_app:geheim123@127.0.0.1:1/ailog")
    found = examine(settings, known)
    assert set(failed(found)) == {"database/connection"}
    assert "see whether it is up" in failed(found)["database/connection"].remedy
    assert any(one.area == "source elasticsearch" and one.name == "indices" and one.state == "OK" for one in found)
    assert "geheim123" not in json.dumps([one.as_row() for one in found])


def test_a_wrong_password_is_told_as_such_without_it(database: Uris, settings: Settings, known: dict[str, Connection]) -> None:
    right = known["ailog_postgres"]
    known["ailog_postgres"] = Connection("ailog_postgres", "postgres", right.host, right.port, right.login, "geheim123", right.schema)
    found = examine(settings, known)
    assert "check the connection's login and password" in failed(found)["database/connection"].found
    assert "geheim123" not in json.dumps([one.as_row() for one in found])


@pytest.mark.parametrize(
    ("statement", "finding", "word", "remedy"),
    [
        ("REVOKE INSERT ON ailog_peak.outbox FROM {role}", "database/rights", "lacks INSERT on ailog_peak.outbox", "ailog grant"),
        ("DELETE FROM ailog_peak.schema_migrations WHERE name LIKE '016%'", "database/migrations", "pending: 016", "ailog migrate"),
        (
            "UPDATE ailog_peak.schema_migrations SET checksum = 'x' WHERE name LIKE '001%'",
            "database/migrations",
            "changed after they were applied: 001",
            "restore the file",
        ),
        (
            "INSERT INTO ailog_peak.schema_migrations VALUES ('999_later.sql', 'x', now(), 1)",
            "database/migrations",
            "of another version: 999_later.sql",
            "deploy the newer version",
        ),
    ],
)
def test_what_the_database_lacks_is_named_with_the_command(
    statement: str, finding: str, word: str, remedy: str, database: Uris, settings: Settings, known: dict[str, Connection]
) -> None:
    well(database)
    with_owner(database, statement)
    found = failed(examine(settings, known))
    assert word in found[finding].found
    assert remedy in found[finding].remedy


def test_an_empty_database_is_told_and_breaks_no_check(empty_database: Uris, settings: Settings, known: dict[str, Connection]) -> None:
    known["ailog_postgres"] = from_uri("ailog_postgres", empty_database.app)
    found = examine(settings, known)
    assert "database/migrations" in failed(found)
    assert not any("the check broke" in one.found for one in found)


@pytest.mark.parametrize(
    ("break_it", "word"),
    [
        (lambda client, index: client.indices.delete(index=index), "no such index"),
        (lambda client, index: client.indices.close(index=index), "is closed"),
    ],
    ids=["missing", "closed"],
)
def test_an_index_that_is_missing_or_closed_is_found_by_the_sources_own_check(
    break_it: Callable[[Elasticsearch, str], Any],
    word: str,
    es_client: Elasticsearch,
    index: str,
    database: Uris,
    settings: Settings,
    known: dict[str, Connection],
) -> None:
    well(database)
    break_it(es_client, index)
    found = failed(examine(settings, known))
    assert set(found) == {"source elasticsearch/indices"}
    assert word in found["source elasticsearch/indices"].found


def test_a_namespace_that_never_logs_and_one_that_nobody_configured_are_named(
    database: Uris, settings: Settings, known: dict[str, Connection]
) -> None:
    well(database)
    named = {"pcb-sit-01-app": settings.namespaces.defaults, "pcb-old-01-app": settings.namespaces.defaults}
    changed = settings.model_copy(update={"namespaces": settings.namespaces.model_copy(update={"namespaces": named})})
    told = {one.name: one for one in examine(changed, known) if one.area == "namespaces"}
    assert (told["configured"].state, told["not configured"].state) == ("WARN", "WARN")
    assert "pcb-old-01-app" in told["configured"].found
    assert "pcb-uat-01-app" in told["not configured"].found


def test_a_dead_channel_is_a_failure(database: Uris, settings: Settings, known: dict[str, Connection]) -> None:
    well(database)
    url = "http://127.0.0.1:1/workflows/x?sig=TOPSECRET123"
    known["ailog_teams"] = Connection("ailog_teams", "http", password=url, extra={"allow_hosts": ["127.0.0.1"]})
    for canary in (False, True):
        found = examine(settings, known, canary=canary)
        assert set(failed(found)) == {"channel/teams"}
        assert "TOPSECRET123" not in json.dumps([one.as_row() for one in found])


def test_only_a_canary_sends_and_it_says_that_it_is_a_test(
    database: Uris, settings: Settings, known: dict[str, Connection], teams: TeamsServer
) -> None:
    well(database)
    examine(settings, known)
    assert teams.received == []
    found = examine(settings, known, canary=True)
    assert failed(found) == {}
    assert len(teams.posted) == 1
    assert "This is a test" in json.dumps(teams.posted)


def test_everything_down_is_a_table_of_failures(settings: Settings) -> None:
    def nowhere(conn_id: str) -> Connection:
        return from_environment(conn_id, {})

    files = FilesSource(name="files", kind="files", paths=["no/such/*.ndjson"])
    changed = settings.model_copy(update={"sources": [*settings.sources, files]})
    found = Doctor(Composition(changed, nowhere)).examine()
    assert {
        "connections/ailog_postgres",
        "database/connection",
        "source elasticsearch/server",
        "source files/files",
        "channel/teams",
    } <= set(failed(found))
    assert all(one.remedy for one in found if one.state == "FAIL")


@pytest.mark.parametrize(("seconds", "state"), [(0, "OK"), (5, "OK"), (30, "WARN"), (-30, "WARN"), (90, "FAIL")])
def test_clocks_that_differ_are_told(seconds: int, state: str) -> None:
    here = datetime(2026, 3, 10, tzinfo=UTC)
    assert clock("database", here + timedelta(seconds=seconds), here).state == state


def test_the_command_ends_with_1_when_something_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in list(os.environ):
        if name.startswith("AIRFLOW_CONN_"):
            monkeypatch.delenv(name)
    assert main(["doctor", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["healthy"] is False
    assert found["counts"]["FAIL"] == sum(one["state"] == "FAIL" for one in found["findings"]) > 0
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(tmp_path))
    assert main(["doctor"]) == 1
    assert "analyzer.yaml" in capsys.readouterr().out


def test_watch_once_ends_with_1_while_an_alarm_is_open(
    database: Uris, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    well(database)
    assert main(["watch", "--once", "--dry-run"]) == 0
    execute(PostgresStore(database.app), "UPDATE ailog_peak.analysis_runs SET completed_at = completed_at - interval '1 hour'")
    capsys.readouterr()
    assert main(["watch", "--once", "--dry-run", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [alarm["alarm"] for alarm in found["alarms"]] == ["no complete run"]


def test_gaps_in_the_days_that_are_kept_are_named(store: PostgresStore, settings: Settings) -> None:
    first = datetime(2026, 3, 2, tzinfo=UTC)

    def found(days: float) -> dict[str, str]:
        now = first + timedelta(days=days, hours=settings.limits.lookback_hours)
        return {one.name: f"{one.state} {one.found}" for one in rollups(store, settings, now)}

    for day, length in ((0, 1), (1, 0.5), (3, 1)):
        fill(store, first + timedelta(days=day), length)
    assert found(4) == {"roll-ups, waiting": "WARN 2 days to roll up: 2026-03-02, 2026-03-03"}, "the others are not late yet"
    roll_up(store, settings, first + timedelta(days=10))
    assert found(20) == {
        "roll-ups, missing": "WARN 1 of 3 days were never read: 2026-03-04",
        "roll-ups, incomplete": "WARN 1 of 3 days lack windows: 2026-03-03",
    }
    for day, length in ((1.5, 0.5), (2, 1)):
        fill(store, first + timedelta(days=day), length)
    assert found(20) == {
        "roll-ups, incomplete": "WARN 1 of 3 days lack windows: 2026-03-03",
        "roll-ups, waiting": "WARN 2 days to roll up: 2026-03-03, 2026-03-04",
    }
    roll_up(store, settings, first + timedelta(days=10))
    assert found(20) == {"roll-ups": "OK 4 days, no gap"}
    execute(store, "DELETE FROM ailog_peak.error_kind_counts WHERE window_start >= %s", (first + timedelta(days=3),))
    execute(store, "UPDATE ailog_peak.analysis_run_windows SET status = 'partial' WHERE window_start >= %s", (first + timedelta(days=3),))
    roll_up(store, settings, first + timedelta(days=10))
    assert list(found(20)) == ["roll-ups, refused"]
