"""Words of the commands about the analyzer itself: doctor, watch."""

from __future__ import annotations

import argparse
from typing import Final

from ailog.cli_words import Command, whole_number


def _canary(one: argparse.ArgumentParser) -> None:
    one.add_argument("--canary", action="store_true", help="send a marked test message to each channel, and read from Confluence")


def _watch(one: argparse.ArgumentParser) -> None:
    one.add_argument("--once", action="store_true", help="look once; status 1 when an alarm is open (for cron and liveness probes)")
    one.add_argument("--every", type=whole_number(1, 86_400), default=300, metavar="SECONDS", help="pause between looks (default: 300)")


COMMANDS: Final = (
    Command(
        "doctor",
        "cli_doctor:doctor",
        "Examine the installation: versions, connections, rights, tables, indices, namespaces, progress, channels. Says what to do.",
        ("ailog doctor", "ailog doctor --canary", "ailog doctor --json"),
        (_canary, "json"),
    ),
    Command(
        "watch",
        "cli_doctor:watch",
        "Look whether the analyzer itself is all right, and tell it in the channels when it is not. With --dry-run: look and tell nobody.",
        ("ailog watch --once", "ailog watch --once --dry-run", "ailog watch --every 300"),
        (_watch, "dry_run", "json"),
    ),
)
