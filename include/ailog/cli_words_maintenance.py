"""Words of the commands about what is kept: maintenance, retention, backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from ailog.cli_words import Command, whole_number


def _maintenance(one: argparse.ArgumentParser) -> None:
    one.add_argument("--retention-days", type=whole_number(28, 3660), metavar="N", help="days of raw counts (default: retention.raw_days)")
    one.add_argument("--backup", action="store_true", help="take a backup too, into retention.backup_directory")


def _retention(one: argparse.ArgumentParser) -> None:
    one.add_argument("--show", action="store_true", help="show it (the default; nothing is changed)")


def _backup(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="folder that does not exist yet (default: one named by the time in retention.backup_directory)",
    )
    one.add_argument("--format", choices=["parquet", "csv"], help="form of the files (default: retention.backup_format)")


def _restore(one: argparse.ArgumentParser) -> None:
    one.add_argument("directory", type=Path, metavar="DIR", help="a finished backup")
    one.add_argument("--yes", action="store_true", help="restore; without it only say what the backup holds")


COMMANDS: Final = (
    Command(
        "maintenance",
        "cli_maintenance:maintenance",
        "Roll days up, let go of what is past its time, clear what dead runs left. With --dry-run: say what would go.",
        ("ailog maintenance --dry-run", "ailog maintenance --backup"),
        (_maintenance, "dry_run", "json"),
    ),
    Command(
        "retention",
        "cli_maintenance:retention",
        "Show how long what is kept, and what is past its time now.",
        ("ailog retention --show",),
        (_retention, "json"),
    ),
    Command(
        "backup",
        "cli_maintenance:backup",
        "Write a consistent copy of every table of the product into a new folder.",
        ("ailog backup", "ailog backup --output backups/before-update --format csv"),
        (_backup, "json"),
    ),
    Command(
        "restore",
        "cli_maintenance:restore",
        "Bring a backup back into an empty schema of the same version, by the owner's connection, and compare checksums.",
        ("ailog restore backups/before-update", "ailog restore backups/before-update --yes"),
        (_restore, "json"),
    ),
)
