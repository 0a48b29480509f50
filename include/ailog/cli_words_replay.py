"""Words of the command that judges the past again: replay."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from ailog.cli_words import Command


def _replay(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--settings", type=Path, metavar="FILE", help="an analyzer.yaml, whole or only what is different from the one in force"
    )
    one.add_argument(
        "--against",
        choices=("replay", "stored"),
        default="replay",
        help="what to compare with: a replay with the settings in force (default), or the stored incidents, to try out other code",
    )


COMMANDS: Final = (
    Command(
        "replay",
        "cli_replay:replay",
        "Judge stored facts again with other settings and print what would differ: incidents gained, lost and graded otherwise, messages. "
        "Writes nothing, sends nothing.",
        (
            "ailog replay --from 2026-01-01 --to 2026-02-01 --settings trial.yaml",
            "ailog replay --from 2026-01-24 --to 2026-01-31 --settings trial.yaml --namespace pcb-sit-01-app --limit 10",
            "ailog replay --from 2026-01-24 --to 2026-01-31 --against stored --json",
        ),
        ("bounds", _replay, "namespace", "limit", "json"),
    ),
)
