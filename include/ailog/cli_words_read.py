"""Words of the commands that show what was found."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from ailog.cli_words import Command, whole_number, written_moment

DETECTORS: Final = ("spike", "burst", "new", "regression", "cascade", "cross_namespace", "silence", "escalating")


def _status(one: argparse.ArgumentParser) -> None:
    one.add_argument("--status", choices=["running", "complete", "partial", "failed", "superseded"], help="only runs with this status")


def _date(one: argparse.ArgumentParser) -> None:
    one.add_argument("date", type=written_moment, metavar="DATE", help="a UTC day, as in 2026-01-31")


def _export(one: argparse.ArgumentParser) -> None:
    one.add_argument("--format", choices=["csv", "json", "md"], default="csv", help="form of the files (default: csv)")
    one.add_argument("--output", type=Path, metavar="DIR", help="folder for them (default: export under report.directory)")


def _explain(one: argparse.ArgumentParser) -> None:
    one.add_argument("namespace", metavar="NAMESPACE")
    one.add_argument(
        "time",
        nargs="+",
        metavar="TIME",
        help="any moment of the window: 2026-01-31 08:20 (in the timezone of analyzer.yaml), 2026-01-31T08:20Z, 2026-01-31 08:20 CET",
    )
    one.add_argument("--detector", choices=DETECTORS, help="only what this detector judged, every verdict of it")


def _budget(one: argparse.ArgumentParser) -> None:
    one.add_argument("--weeks", type=whole_number(1, 52), metavar="N", help="the weeks before now (default: thresholds.weeks)")


def _classify(one: argparse.ArgumentParser) -> None:
    one.add_argument("--explain", action="store_true", help="show key, category, rule with its words, masks, template and family of each")
    how = one.add_mutually_exclusive_group()
    how.add_argument("--whole", action="store_true", help="standard input is one message, line breaks and all (a stack trace)")
    how.add_argument("--null", action="store_true", help="messages end with a NUL character and may hold line breaks (default: one a line)")
    how.add_argument("--ndjson", action="store_true", help="standard input is documents as a source holds them, one a line")
    one.add_argument(
        "--error-type", default="", metavar="NAME", help="the exception's type, where the source gives it in a field of its own"
    )
    one.add_argument("--app", default="", metavar="NAME", help="application, for the flow in the problem's key")
    one.add_argument("--namespace", default="", metavar="NAME", help="namespace, for the flow where there is no application")


COMMANDS: Final = (
    Command(
        "ledger",
        "cli_read:ledger",
        "List runs and what they read: expected, fetched, stored, status.",
        ("ailog ledger", "ailog ledger --status partial --json"),
        ("bounds", _status, "limit", "json"),
    ),
    Command(
        "stats",
        "cli_read:stats",
        "Total events by namespace, category and problem; incidents and verdicts; how much of it was read.",
        ("ailog stats --from 2026-01-31 --to 2026-02-01",),
        ("bounds", "json"),
    ),
    Command("show", "cli_report:show", "Print the report of one UTC day.", ("ailog show 2026-01-31",), (_date, "json")),
    Command(
        "export",
        "cli_report:export",
        "Write the tables of errors and peaks, and between two bounds the incidents, as files. Without bounds: all that is kept.",
        ("ailog export --from 2026-01-31 --to 2026-02-01", "ailog export --format md --output tables"),
        ("bounds", _export, "json"),
    ),
    Command(
        "explain",
        "cli_explain:explain",
        "Say what was judged of a namespace in a window, against what, why it fired or why not, and what became of it.",
        (
            "ailog explain pcb-sit-01-app 2026-01-31 08:20",
            "ailog explain pcb-sit-01-app 2026-01-31T08:15:00Z --detector spike",
        ),
        (_explain, "json"),
    ),
    Command(
        "budget",
        "cli_budget:budget",
        "Hold the budget of false alarms against what was told: the margin in force, what people called useful, by namespace.",
        ("ailog budget", "ailog budget --weeks 8 --namespace pcb-sit-01-app --json"),
        (_budget, "namespace", "limit", "json"),
    ),
    Command(
        "classify",
        "cli_classify:classify",
        "Classify messages from standard input; nothing is stored. With --explain: every step from the message to the problem's key.",
        ("ailog classify --explain", "ailog classify --whole --explain --json --app payment-api", "ailog classify --ndjson --explain"),
        (_classify, "json"),
    ),
)
