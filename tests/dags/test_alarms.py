"""A task that failed for good is told through the outbox, once, and the telling never makes things worse."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from ailog import settings as settings_module
from ailog.adapters.store.postgres import PostgresStore
from ailog.connections import Connection, missing
from ailog.errors import ConfigError, SourceUnavailable
from ailog.local.postgres import Uris
from ailog.orchestration.alarms import Failure, raise_alarm
from ailog.settings import Settings
from ailog.settings_notify import FileChannel


def failure(**changes: Any) -> Failure:
    given = {
        "dag_id": "regular_phase",
        "dag_run_id": "scheduled__2026-03-10T08:15:00+00:00",
        "task_id": "fetch",
        "part": "elasticsearch",
        "try_number": 4,
        "error": SourceUnavailable("Elasticsearch does not answer"),
        "log_url": "http://localhost:8080/log",
    }
    return Failure(**{**given, **changes})


def as_connection(uri: str) -> Connection:
    parts = {key: str(value) for key, value in conninfo_to_dict(uri).items()}
    return Connection(
        "ailog_postgres", "postgres", parts["host"], int(parts["port"]), parts["user"], parts.get("password", ""), parts["dbname"]
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    loaded = settings_module.load(settings_module.PACKAGE_ROOT / "include" / "config")
    notify = loaded.notify.model_copy(update={"file": FileChannel(directory=str(tmp_path / "notifications"))})
    return loaded.model_copy(update={"notify": notify})


def outbox(uris: Uris) -> list[tuple[Any, ...]]:
    with PostgresStore(uris.app).connection() as connection:
        return connection.execute(
            "SELECT message_id::text, channel, kind, status, subject, body FROM ailog_peak.outbox ORDER BY created_at"
        ).fetchall()


def test_a_failed_task_is_one_pending_message_with_its_remedy(database: Uris, settings: Settings) -> None:
    told = raise_alarm(failure(), settings, lambda _: as_connection(database.app))
    [(_, channel, kind, status, subject, body)] = outbox(database)
    assert (channel, kind, status) == ("file", "alarm", "pending")
    assert "regular_phase.fetch[elasticsearch] failed" in subject
    text = json.dumps(body)
    assert "Elasticsearch does not answer" in text
    assert "the next run, which catches up" in text
    assert "1 of 1" in told


def test_the_same_failure_told_twice_is_one_message(database: Uris, settings: Settings) -> None:
    without_cooldown = settings.model_copy(update={"notify": settings.notify.model_copy(update={"cooldown_minutes": 0})})
    for _ in range(2):
        raise_alarm(failure(), without_cooldown, lambda _: as_connection(database.app))
    assert len(outbox(database)) == 1
    raise_alarm(failure(try_number=8), without_cooldown, lambda _: as_connection(database.app))
    assert len(outbox(database)) == 2


def test_a_task_that_fails_every_run_is_told_once_within_the_cooldown(database: Uris, settings: Settings) -> None:
    for run in ("a", "b", "c"):
        raise_alarm(failure(dag_run_id=run), settings, lambda _: as_connection(database.app))
    raise_alarm(failure(task_id="store", part=""), settings, lambda _: as_connection(database.app))
    assert len(outbox(database)) == 2


def test_secrets_in_an_error_are_masked(database: Uris, settings: Settings) -> None:
    raise_alarm(
        failure(error=RuntimeError("postgres://app:hunter2@db/x refused, password=hunter2")),
        settings,
        lambda _: as_connection(database.app),
    )
    assert "hunter2" not in json.dumps(outbox(database)[0][5])


def test_the_alarm_is_sent_directly_when_the_database_is_gone(settings: Settings, tmp_path: Path) -> None:
    gone = Connection("ailog_postgres", "postgres", "127.0.0.1", 1, "app", "x", "ailog")
    told = raise_alarm(failure(), settings, lambda _: gone)
    assert "file: sent directly" in told
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "notifications").rglob("*") if path.is_file())
    assert "regular_phase.fetch[elasticsearch] failed" in written


def test_an_alarm_that_cannot_be_raised_at_all_says_so_and_raises_nothing(settings: Settings) -> None:
    def nowhere(conn_id: str) -> Connection:
        raise missing(conn_id)

    broken = settings.model_copy(update={"notify": settings.notify.model_copy(update={"channels": ["teams"]})})
    told = raise_alarm(failure(), broken, nowhere)
    assert "'ailog_postgres' is not set" in told
    assert "teams: " in told


@pytest.mark.usefixtures("airflow_home")
class TestCallback:
    """The function that Airflow calls."""

    @staticmethod
    def context(**changes: Any) -> dict[str, Any]:
        task = {
            "dag_id": "regular_phase",
            "run_id": "manual__1",
            "task_id": "fetch",
            "map_index": 0,
            "rendered_map_index": "elasticsearch",
            "try_number": 4,
            "log_url": "http://localhost:8080/log",
        }
        return {"ti": SimpleNamespace(**{**task, **changes}), "exception": ConfigError("bad"), "params": {"dry_run": False}}

    def test_it_writes_to_the_database_of_the_connection(self, database: Uris, monkeypatch: pytest.MonkeyPatch) -> None:
        from ailog.orchestration.callbacks import on_task_failure

        monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
        on_task_failure(self.context())
        [(_, _, _, _, subject, _)] = outbox(database)
        assert "regular_phase.fetch[elasticsearch] failed" in subject

    def test_a_dry_run_alarms_nobody(self, database: Uris, monkeypatch: pytest.MonkeyPatch) -> None:
        from ailog.orchestration.callbacks import on_task_failure

        monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
        on_task_failure({**self.context(), "params": {"dry_run": True}})
        assert outbox(database) == []

    @pytest.mark.parametrize("breakage", ["no task", "no settings", "odd connection"])
    def test_it_never_raises(
        self, breakage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        from ailog.orchestration.callbacks import on_task_failure

        context = self.context()
        match breakage:
            case "no task":
                context = {}
            case "no settings":
                monkeypatch.setenv("AILOG_CONFIG_DIR", str(tmp_path))
            case _:
                monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", "postgres://u@127.0.0.1:99999/x")
        # Airflow's own configuration, loaded by whatever ran before, may keep records from the root logger.
        logger = logging.getLogger("ailog.orchestration.callbacks")
        monkeypatch.setattr(logger, "disabled", False)
        logger.addHandler(caplog.handler)
        try:
            with caplog.at_level(logging.INFO, logger=logger.name):
                on_task_failure(context)
        finally:
            logger.removeHandler(caplog.handler)
        assert caplog.records
