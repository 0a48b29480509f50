"""Words of the commands that work: run, backfill, publish."""

from __future__ import annotations

import argparse
from typing import Final

from ailog.cli_words import Command, whole_number, written_moment


def _backfill(one: argparse.ArgumentParser) -> None:
    one.add_argument("--days", type=whole_number(1, 366), metavar="N", help="the last so many days that are over (default: 1)")
    one.add_argument("--force", action="store_true", help="read days again that have their final word")


def _publish(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--page", dest="pages", action="append", choices=["daily", "errors", "peaks"], help="only this page; may be repeated (default: all)"
    )
    one.add_argument(
        "--date",
        type=written_moment,
        metavar="DATE",
        help="the UTC day of the daily report (default: the newest finished one)",
    )


COMMANDS: Final = (
    Command(
        "run",
        "cli_run:run",
        "Analyse windows: fetch, classify, detect, propagate, store, report, notify. Without bounds: what is due.",
        (
            "ailog run",
            "ailog run --from 2026-01-31T08:00:00Z --to 2026-01-31T09:00:00Z",
            "ailog run --from 2026-01-31 --to 2026-02-01 --dry-run --file logs/app.ndjson.gz",
        ),
        ("bounds", "dry_run", "files", "json"),
    ),
    Command(
        "backfill",
        "cli_run:backfill",
        "Read whole UTC days again and make their verdicts final, day by day; a day that is final is left as it is unless forced.",
        ("ailog backfill", "ailog backfill --days 7", "ailog backfill --from 2026-01-01 --to 2026-02-01 --force"),
        ("bounds", _backfill, "dry_run", "files", "json"),
    ),
    Command(
        "publish",
        "cli_publish:publish",
        "Publish the Confluence pages of a day now: daily report, known errors, known peaks. With --dry-run: what would change.",
        ("ailog publish", "ailog publish --page daily --date 2026-01-31", "ailog publish --page errors --dry-run"),
        (_publish, "dry_run", "json"),
    ),
)
