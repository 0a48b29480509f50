"""The steps of maintenance, given the steps of a run for their settings and connections. Imports no Airflow."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ailog.adapters.store.postgres import PostgresStore
from ailog.errors import ConfigError, PermanentError
from ailog.orchestration.steps import Steps
from ailog.orchestration.timeouts import statement_seconds
from ailog.pipeline import backup, leftovers, restore, retention, rollup
from ailog.pipeline.backup_files import Form
from ailog.settings import PACKAGE_ROOT, Settings
from ailog.settings_retention import starved

log = logging.getLogger(__name__)


def roll_up(work: Steps, now: datetime, *, dry_run: bool) -> dict[str, Any]:
    """Rolls up every day that is due; days that do not add up or would lose are logged."""
    with closing(work.parts.store("roll_up")) as database:
        found = rollup.roll_up(database, work.settings, now, dry_run=dry_run)
    if "uneven" in found:
        log.warning(
            "facts and ledger differ, not rolled up: %s; read these days again by 'ailog backfill --force'", ", ".join(found["uneven"])
        )
    if "refused" in found:
        log.warning("facts hold less than the roll-up, which stays: %s", ", ".join(found["refused"]))
    return found


def retain(work: Steps, now: datetime, *, dry_run: bool, raw_days: int | None = None) -> dict[str, Any]:
    """Lets go of what is past its time; ``raw_days`` instead of ``retention.raw_days``.

    Raises:
        ConfigError: so few raw days would starve training.
        PermanentError: months of facts could not be dropped, because days of theirs are not rolled up; all the rest is done.
    """
    settings = with_raw_days(work.settings, raw_days)
    with closing(work.parts.store("retention")) as database:
        found = retention.retention(database, settings, now, dry_run=dry_run, sleep=work.sleep)
    if found.get("refused"):
        why = "; ".join(f"{name}: {text}" for name, text in found["refused"].items())
        raise PermanentError(f"kept, though past their time: {why}. Read these days again by 'ailog backfill --force', then repeat")
    if found.get("waiting"):
        log.warning("in use, left for the next time: %s", ", ".join(found["waiting"]))
    return found


def clear_leftovers(work: Steps, now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Clears what dead runs left, and files past their time."""
    with closing(work.parts.store("leftovers")) as database:
        return leftovers.leftovers(database, work.settings, now, root=PACKAGE_ROOT, dry_run=dry_run)


def take_backup(work: Steps, now: datetime, *, directory: Path | None = None, form: Form | None = None) -> dict[str, Any]:
    """Takes a backup into ``directory``, else into a folder named by ``now`` under ``retention.backup_directory``, once."""
    given = work.settings.retention
    target = directory or PACKAGE_ROOT / given.backup_directory / f"{leftovers.BACKUP_PREFIX}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if directory is None and backup.exists(target):
        return {"directory": str(target), "taken_before": 1}
    with closing(work.parts.store("backup")) as database:
        return backup.backup(database, target, form or given.backup_format, now)


def statistics(work: Steps, *, dry_run: bool) -> dict[str, Any]:
    """Refreshes the statistics of partitioned tables; tables that need the owner's VACUUM are logged."""
    with closing(work.parts.store("statistics")) as database:
        found = retention.statistics(database, dry_run=dry_run)
    if found.get("dead_rows"):
        log.warning("more dead rows than live ones, VACUUM them as their owner: %s", ", ".join(found["dead_rows"]))
    return found


def restore_backup(work: Steps, directory: Path) -> dict[str, Any]:
    """Restores a backup, by the connection of the owner of the schema."""
    with closing(PostgresStore(work.parts.owner_uri(), statement_seconds("backup"), "ailog restore")) as database:
        return restore.restore(database, directory)


def with_raw_days(settings: Settings, raw_days: int | None) -> Settings:
    """The settings with another number of raw days, where one is given; raises ConfigError when it would starve training."""
    if raw_days is None:
        return settings
    why = starved(raw_days, settings.thresholds.weeks, settings.detectors.silence.history_days)
    if why:
        raise ConfigError(why)
    kept = settings.retention
    changed = kept.model_copy(update={"raw_days": raw_days, "patterns_days": max(raw_days, kept.patterns_days)})
    return settings.model_copy(update={"retention": changed})
