"""``ailog publish`` on a real database and the stand-in for Confluence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.confluence_server import ConfluenceServer
from tests.support.published_day import finished_day, known_issue

from ailog import settings as configuration
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main


@pytest.fixture
def server() -> Iterator[ConfluenceServer]:
    with ConfluenceServer() as one:
        yield one


@pytest.fixture
def deployment(database: Any, server: ConfluenceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "config"
    shutil.copytree(configuration.PACKAGE_ROOT / "include" / "config", directory)
    switch(directory, enabled=True, space="OPS")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_CONFLUENCE", server.connection)
    return directory


def switch(directory: Path, **changes: Any) -> None:
    path = directory / "analyzer.yaml"
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    given["confluence"].update(changes)
    path.write_text(yaml.safe_dump(given), encoding="utf-8")


def test_pages_are_published_and_their_state_is_told(
    store: PostgresStore, deployment: Path, server: ConfluenceServer, capsys: pytest.CaptureFixture[str]
) -> None:
    finished_day(store)
    known_issue(store)
    assert main(["publish", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["day"] == "2026-03-09"
    assert told["published"] == {"written": 4, "unchanged": 0, "waiting": 0, "refused": 0}
    assert {page["status"] for page in told["pages"]} == {"written"}
    assert main(["publish"]) == 0
    assert "written 0" in capsys.readouterr().out
    assert len(server.pages.all()) == 4


def test_one_page_of_one_day(store: PostgresStore, deployment: Path, server: ConfluenceServer) -> None:
    finished_day(store)
    assert main(["publish", "--page", "errors", "--date", "2026-03-09"]) == 0
    assert [page.title for page in server.pages.all()] == ["AI Log Analyzer: known errors"]


def test_a_dry_run_shows_the_page_or_the_difference_and_writes_nothing(
    store: PostgresStore, deployment: Path, server: ConfluenceServer, capsys: pytest.CaptureFixture[str]
) -> None:
    finished_day(store, incidents=1)
    assert main(["publish", "--dry-run", "--page", "daily"]) == 0
    assert "<h2>Gravest incidents</h2>" in capsys.readouterr().out
    assert (server.pages.all(), server.written()) == ([], [])
    assert main(["publish"]) == 0
    writes = len(server.written())
    finished_day(store, incidents=3)
    capsys.readouterr()
    assert main(["publish", "--dry-run", "--page", "daily"]) == 0
    shown = capsys.readouterr().out
    assert "+<p><strong>3 incidents" in shown
    assert "-<p><strong>1 incident " in shown
    assert len(server.written()) == writes


def test_switched_off_a_dry_run_still_shows_and_publishing_says_what_to_set(
    store: PostgresStore, deployment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finished_day(store)
    switch(deployment, enabled=False)
    assert main(["publish", "--dry-run"]) == 0
    assert "known peaks" in capsys.readouterr().out
    assert main(["publish"]) == 1
    assert "confluence.enabled" in capsys.readouterr().err


def test_a_page_that_is_not_there_afterwards_is_a_failure_that_says_why(
    store: PostgresStore, deployment: Path, server: ConfluenceServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finished_day(store)
    monkeypatch.delenv("AIRFLOW_CONN_AILOG_CONFLUENCE")
    assert main(["publish", "--json"]) == 1
    assert "'ailog_confluence' is not set" in capsys.readouterr().out
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_CONFLUENCE", server.connection)
    assert main(["publish"]) == 0
    assert len(server.pages.all()) == 4


def test_an_empty_database_and_wrong_dates_are_told(store: PostgresStore, deployment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish"]) == 1
    assert "nothing has been analysed yet" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["publish", "--date", "2026-03-09T12:00:00Z"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"enabled": True, "space": ""}, "confluence.space"),
        ({"titles": {"daily": "A", "errors": "a", "peaks": "b"}}, "titles of their own"),
        ({"page_ids": {"daily": "https://wiki.example.org/x"}}, "page_ids.daily"),
        ({"rows": {"errors": 0}}, "rows.errors"),
    ],
)
def test_wrong_settings_are_named(deployment: Path, changes: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    switch(deployment, **changes)
    assert main(["validate"]) == 1
    assert said in capsys.readouterr().err
