"""Clears what runs that died left behind: staged rows, open runs in the ledger, and files past their time.

Temporary tables need no clearing: the one that a publishing run makes ends with its transaction.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ailog.pipeline.cleanup import STAGING, cleanup
from ailog.pipeline.rollup import alone
from ailog.ports import Store
from ailog.settings import Settings

BACKUP_PREFIX: Final = "ailog-backup-"
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_REPORTS: Final = ("problem_report_*", "errors_table_*", "peaks_table_*", "incidents_*", "export/*")
_MESSAGES: Final = ("*.json", "*.md")
_SUFFIXES: Final = {".txt", ".json", ".csv", ".html", ".md", ".tmp"}
_LATEST: Final = "_latest"


def leftovers(store: Store, settings: Settings, now: datetime, *, root: Path, dry_run: bool = False) -> dict[str, int]:
    """Clears staging of runs older than ``staging.keep_hours`` and of no run at all, fails runs that never ended, removes old files.

    ``root`` is the folder that relative directories are taken from. Reports and backups go by their time of change; those called
    "latest", the newest report and the newest backup stay whatever their age.
    """
    before = now - timedelta(hours=settings.staging.keep_hours)
    reports = list(_old_reports(settings, now, root))
    backups = _old_backups(settings, now, root)
    files = {"reports": len(reports), "backups": len(backups)}
    if dry_run:
        with store.connection("look for leftovers") as connection:
            plans = connection.execute("SELECT count(*) FROM ailog_staging.run_plan WHERE planned_at < %s", (before,)).fetchone()
            stale = connection.execute(store.statement("ledger/count_stale"), {"before": before}).fetchone()
        return {"runs": plans[0] if plans else 0, "stale": stale[0] if stale else 0, **files}
    with alone(store):
        done = cleanup(store, settings, _NOBODY, now)
        with store.connection("clear what nobody staged") as connection:
            # No run may be planned between the look and the deletion: its rows would go with it.
            connection.execute("LOCK TABLE ailog_staging.run_plan IN SHARE ROW EXCLUSIVE MODE")
            row = connection.execute(store.statement("staging/orphans")).fetchone()
            planned = row[0] if row else []
            done["orphans"] = sum(
                connection.execute(f"DELETE FROM ailog_staging.{table} WHERE run_no <> ALL(%s)", (planned,)).rowcount for table in STAGING
            )
            done["stale"] = connection.execute(store.statement("ledger/fail_stale"), {"before": before, "now": now}).rowcount
        for path in backups:
            shutil.rmtree(path)
        for path in reports:
            path.unlink(missing_ok=True)
        with store.connection("forget files that are gone") as connection:
            connection.execute(store.statement("reports/forget_files"), {"paths": [str(path) for path in reports]})
    return done | files


def _old_reports(settings: Settings, now: datetime, root: Path) -> Iterator[Path]:
    cut = (now - timedelta(days=settings.retention.reports_days)).timestamp()
    directory = root / settings.report.directory
    found = [path for pattern in _REPORTS for path in directory.glob(pattern) if _is_file(path)]
    newest = max((path.stat().st_mtime for path in found), default=0.0)
    for path in found:
        if path.stat().st_mtime < min(cut, newest) and _LATEST not in path.name:
            yield path
    cut = (now - timedelta(days=settings.retention.messages_days)).timestamp()
    messages = root / settings.notify.file.directory
    yield from (path for pattern in _MESSAGES for path in messages.glob(pattern) if _is_file(path) and path.stat().st_mtime < cut)


def _old_backups(settings: Settings, now: datetime, root: Path) -> list[Path]:
    """Whole ones past their time but for the newest, and unfinished ones that nobody has written to for a day."""
    directory = root / settings.retention.backup_directory
    whole = sorted(directory.glob(f"{BACKUP_PREFIX}*/manifest.json"), key=lambda path: path.stat().st_mtime)
    cut = (now - timedelta(days=settings.retention.backups_days)).timestamp()
    old = [path.parent for path in whole[:-1] if path.stat().st_mtime < cut]
    idle = now.timestamp() - 86_400
    return old + [path for path in directory.glob(f".{BACKUP_PREFIX}*.partial") if path.is_dir() and path.stat().st_mtime < idle]


def _is_file(path: Path) -> bool:
    return path.suffix in _SUFFIXES and path.is_file() and not path.is_symlink()
