"""The command line does the whole work on a real database, and its reading commands give JSON that adds up."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict
from tests.support.pipeline import checksums, event, moment, write_ndjson

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.local.postgres import Uris

BASELINE = ("--from", "2026-02-16", "--to", "2026-03-02")
BOUNDS = ("--from", "2026-03-02T08:00:00Z", "--to", "2026-03-02T09:00:00Z")
NAMESPACE = "pcb-sit-01-app"


class Cli:
    """Runs commands in this process and reads what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self, *arguments: str, expected: int = 0) -> str:
        self._capsys.readouterr()
        status = main(arguments)
        captured = self._capsys.readouterr()
        self.err = captured.err
        assert status == expected, f"ailog {' '.join(arguments)}: {status}: {captured.err}"
        return captured.out

    def json(self, *arguments: str, expected: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", expected=expected))


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(capsys)


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of its own whose reports go into the test's folder; returns that folder."""
    directory = tmp_path / "config"
    shutil.copytree(settings_module.PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    given["report"]["directory"] = str(tmp_path / "reports")
    given["notify"]["file"]["directory"] = str(tmp_path / "notifications")
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    return tmp_path


@pytest.fixture
def connected(database: Uris, deployment: Path, monkeypatch: pytest.MonkeyPatch) -> Uris:
    connect(monkeypatch, database)
    return database


def connect(monkeypatch: pytest.MonkeyPatch, uris: Uris) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", uris.app)
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES_OWNER", uris.owner)


@pytest.fixture
def logs(tmp_path: Path) -> str:
    """Two quiet weeks, and a flood in one quarter hour of the day after: 4 events each quarter hour, then 600 at once."""
    start = moment("2026-02-16 00:00")
    documents = [
        event(start + timedelta(minutes=15 * window, seconds=200 * number), f"request {number} timed out after 3000 ms")
        for window in range(14 * 96 + 40)
        for number in range(4)
    ]
    flood = moment("2026-03-02 08:30")
    documents += [
        event(flood + timedelta(milliseconds=10 * number), f"no connection to ledger-db, attempt {number}") for number in range(600)
    ]
    return str(write_ndjson(tmp_path / "logs.ndjson.gz", documents))


def test_migrate_grant_and_check_bring_up_an_empty_database(
    empty_database: Uris, deployment: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    connect(monkeypatch, empty_database)
    assert "run 'ailog migrate'" in cli("grant", expected=1) + cli.err
    assert cli.json("migrate")["applied"][0] == "001_ledger.sql"
    assert cli("migrate") == "the schema is up to date\n"
    role = conninfo_to_dict(empty_database.app)["user"]
    assert cli.json("grant") == {"role": role, "problems": []}
    problems = cli.json("check", expected=1)["problems"]
    assert [problem for problem in problems if "AIRFLOW_CONN_AILOG_ELASTICSEARCH" not in problem] == []


def test_from_baseline_to_incident_and_back_to_the_reader(connected: Uris, deployment: Path, logs: str, cli: Cli) -> None:
    begun = cli.json("init", *BASELINE, "--file", logs)
    assert len(begun["collected"]) == 14
    assert cli.json("init", *BASELINE, "--file", logs)["days"] == []

    shown = cli.json("thresholds", "--show")
    assert shown["snapshot"]["status"] == "complete"
    assert NAMESPACE in {row["namespace"] for row in shown["caps"]}
    assert [row["weekday"] for row in shown["thresholds"] if row["namespace"] == NAMESPACE] == [0, 1, 2, 3, 4, 5, 6]

    done = cli.json("run", *BOUNDS, "--file", logs)
    assert done["failures"] == {}
    assert list(done["steps"]) == ["fetch files", "classify", "detect", "propagate", "store", "report", "notify", "cleanup"]

    [run] = cli.json("ledger", "--from", "2026-03-02T08:00:00Z")["runs"]
    assert run["run_id"] == done["run_id"]
    assert (run["status"], run["expected"], run["fetched"], run["stored"]) == ("complete", 616, 616, 616)
    assert [source["source"] for source in run["sources"]] == ["files"]

    [incident] = cli.json("incidents", *BOUNDS)["incidents"]
    assert (incident["namespace"], incident["event_count"] >= 600) == (NAMESPACE, True)
    assert {"spike", "burst", "new"} <= set(incident["flags"])

    totals = cli.json("stats", *BOUNDS)
    assert (
        totals["totals"]["count"]
        == sum(row["count"] for row in totals["namespaces"])
        == sum(row["count"] for row in totals["categories"])
        == 616
    )
    day = cli.json("show", "2026-03-02")
    assert (day["windows"]["complete"], day["windows"]["missing"]) == (4, 92)
    assert [row["incident_id"] for row in day["incidents"]] == [incident["incident_id"]]
    assert [row["incident_id"] for row in day["report"]["incidents"]] == [incident["incident_id"]]
    printed = cli("show", "2026-03-02")
    assert "4 of 96 windows complete, 92 not read" in " ".join(printed.split())
    assert printed.index("EXECUTIVE SUMMARY") < printed.index("COVERAGE") < printed.index("DETAILS (1 of 1)")

    assert totals["verdicts"]
    assert sum(row["incidents"] for row in totals["incidents_by_severity"]) == 1
    assert totals["problems"][0]["problem_key"] == incident["problem_key"]

    files = cli.json("export", *BOUNDS, "--format", "json", "--output", str(deployment / "tables"))["files"]
    assert [row["incident_id"] for row in json.loads(Path(files["incidents"]).read_text())] == [incident["incident_id"]]
    assert incident["problem_key"] in {row["key"] for row in json.loads(Path(files["errors_table"]).read_text())}
    assert "errors_table: " in cli("export")
    assert (deployment / "reports" / "export" / "errors_table_begin_latest.csv").is_file()

    why = cli.json("explain", NAMESPACE, "2026-03-02T08:40:00Z")
    assert (why["window_start"], why["count"], why["status"]) == ("2026-03-02T08:30:00Z", 604, "complete")
    assert {row["detector"] for row in why["detections"] if row["fired"]} >= {"spike", "burst", "new"}
    quiet = cli.json("explain", NAMESPACE, "2026-03-02T08:00:00Z")
    assert quiet["detections"]
    assert not any(row["fired"] for row in quiet["detections"])
    assert cli.json("explain", NAMESPACE, "2025-01-01")["status"] is None

    for command in (
        ["incidents"],
        ["ledger"],
        ["stats"],
        ["show", "2026-03-02"],
        ["thresholds", "--show"],
        ["explain", NAMESPACE, "2026-03-02"],
    ):
        assert NAMESPACE in cli(*command) or command == ["ledger"]
    assert list((deployment / "reports").glob("problem_report_*.json"))


def test_running_the_same_windows_again_changes_nothing(connected: Uris, logs: str, cli: Cli) -> None:
    cli("run", *BOUNDS, "--file", logs)
    store = PostgresStore(connected.app)
    before = checksums(store, leave_out=("schema_migrations", "notification_deliveries", "outbox", "analysis_runs", "run_reports"))
    cli("run", *BOUNDS, "--file", logs)
    after = checksums(store, leave_out=("schema_migrations", "notification_deliveries", "outbox", "analysis_runs", "run_reports"))
    assert after == before


def test_a_dry_run_leaves_no_row_no_report_and_no_message(connected: Uris, deployment: Path, logs: str, cli: Cli) -> None:
    store = PostgresStore(connected.app)
    before = checksums(store)
    done = cli.json("run", *BOUNDS, "--dry-run", "--file", logs)
    assert done["steps"]["classify"]
    assert "notify" not in done["steps"]
    assert checksums(store) == before
    assert not list(deployment.glob("reports/**/*.json"))
    assert not list(deployment.glob("notifications/**/*"))


def test_a_dead_source_fails_the_command_and_is_on_record(connected: Uris, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_ELASTICSEARCH", "http://127.0.0.1:1")
    directory = settings_module.config_directory()
    text = (directory / "analyzer.yaml").read_text(encoding="utf-8")
    (directory / "analyzer.yaml").write_text(text.replace("retries: 4", "retries: 0"), encoding="utf-8")
    cli("run", *BOUNDS, expected=1)
    assert "ailog: fetch elasticsearch failed" in cli.err
    assert cli.json("stats", *BOUNDS)["totals"]["count"] == 0
    found = cli.json("ledger", *BOUNDS)
    assert found["windows"]["complete"] == 0
    assert [run["status"] for run in found["runs"]] == ["failed"]
    assert not [row for row in found["runs"] if row["status"] == "complete"]
