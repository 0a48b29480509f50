"""The commands of maintenance on a real database."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from tests.support.maintained import fill
from tests.support.pipeline import checksums, rows

from ailog import settings as settings_module
from ailog.adapters.store.migrations import migrate
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.local.postgres import APP_ROLE, Uris
from ailog.pipeline.retention import KEPT, MONTHLY

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def deployment(tmp_path: Path, database: Uris, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of its own whose files go into the test's folder; returns that folder."""
    directory = tmp_path / "config"
    shutil.copytree(settings_module.PACKAGE_ROOT / "include" / "config", directory)
    given = yaml.safe_load((directory / "analyzer.yaml").read_text(encoding="utf-8"))
    given["report"]["directory"] = str(tmp_path / "reports")
    given["notify"]["file"]["directory"] = str(tmp_path / "notifications")
    given["retention"]["backup_directory"] = str(tmp_path / "backups")
    (directory / "analyzer.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES_OWNER", database.owner)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, expected: int = 0) -> Any:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == expected
    out = capsys.readouterr().out
    return json.loads(out) if out else None


def test_what_is_due_is_shown_then_let_go(deployment: Path, store: PostgresStore, capsys: pytest.CaptureFixture[str]) -> None:
    fill(store, START, 31, every=16)
    before = checksums(store)
    shown = said(capsys, "retention", "--show")
    assert {row["what"]: row["due"] for row in shown["rules"] if row["what"] in MONTHLY} == dict.fromkeys(MONTHLY, 1)
    assert set(shown["kept_for_ever"]) == set(KEPT)
    dry = said(capsys, "maintenance", "--dry-run")
    assert dry["steps"]["roll_up"]["due"] == 31
    assert set(dry["steps"]["retention"]["months"]) == set(shown["months"])
    assert checksums(store) == before
    assert main(["retention"]) == 0
    assert "detections_days" in capsys.readouterr().out
    done = said(capsys, "maintenance", "--backup")
    assert set(done["steps"]["retention"]["months"]) == set(shown["months"])
    assert Path(done["steps"]["backup"]["directory"]).parent == deployment / "backups"
    assert said(capsys, "retention")["months"] == []
    assert main(["maintenance", "--retention-days", "28"]) == 1
    assert "retention.raw_days 28 is too short for thresholds.weeks 4" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_backup_and_restore(deployment: Path, store: PostgresStore, database: Uris, capsys: pytest.CaptureFixture[str], form: str) -> None:
    fill(store, START, 1)
    before = checksums(store)
    target = deployment / "copy"
    taken = said(capsys, "backup", "--output", str(target), "--format", form)
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute("DROP SCHEMA ailog_peak CASCADE")
        connection.execute("DROP SCHEMA ailog_staging CASCADE")
    assert main(["restore", str(target), "--yes"]) == 1
    assert "ailog migrate" in capsys.readouterr().err
    migrate(database.owner, APP_ROLE)
    assert {table["name"]: table["rows"] for table in said(capsys, "restore", str(target))["tables"]}["error_kind_counts"] == 384
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.error_kind_counts") == [(0,)]
    assert said(capsys, "restore", str(target), "--yes")["rows"] == taken["rows"]
    assert checksums(store) == before
    assert main(["restore", str(target), "--yes"]) == 1
    assert "not empty" in capsys.readouterr().err
    assert main(["restore", str(deployment / "nowhere")]) == 1
    assert "is no finished backup" in capsys.readouterr().err
