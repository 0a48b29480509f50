"""The words of the command line: commands, options, help and examples. Loads nothing heavy."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ailog import __version__
from ailog.errors import AilogError, ConfigError

Arguments = argparse.Namespace

EXIT_STATUS: Final = "Exit status: 0 done, 1 failed (one sentence on stderr, the trace with AILOG_DEBUG=1), 2 wrong use."
CONNECTIONS: Final = (
    "Connections come from the environment as in Airflow, for instance\n"
    "  AIRFLOW_CONN_AILOG_POSTGRES='postgres://user:password@host:5432/database'\n"
    "and their names from analyzer.yaml (AILOG_CONFIG_DIR, else include/config)."
)


class UsageError(AilogError):
    """The command was called with arguments that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its function, what it does, examples, and which groups of options it takes."""

    name: str
    handler: str
    does: str
    examples: tuple[str, ...]
    options: tuple[str, ...] = ()


COMMANDS: Final = (
    Command("validate", "cli_admin:validate", "Check the configuration files: every mistake at once.", ("ailog validate",), ("json",)),
    Command("migrate", "cli_admin:migrate", "Bring schema and grants up to date.", ("ailog migrate",), ("json",)),
    Command("grant", "cli_admin:grant", "Grant the application role its rights; say what is missing.", ("ailog grant",), ("json",)),
    Command("check", "cli_admin:check", "Say what is not ready: settings, connections, schema, rights.", ("ailog check",), ("json",)),
    Command(
        "init",
        "cli_run:init",
        "Collect a baseline without detection and train the first thresholds. Days that are complete are not read again.",
        ("ailog init --days 21", "ailog init --from 2026-01-01 --to 2026-01-22"),
        ("bounds", "days", "dry_run", "files", "json"),
    ),
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
        ("bounds", "backfill", "dry_run", "files", "json"),
    ),
    Command(
        "thresholds",
        "cli_run:thresholds",
        "Train a threshold snapshot, or show the one in use.",
        ("ailog thresholds --weeks 4", "ailog thresholds --as-of 2026-02-01 --dry-run", "ailog thresholds --show --json"),
        ("training", "dry_run", "namespace", "json"),
    ),
    Command(
        "publish",
        "cli_publish:publish",
        "Publish the Confluence pages of a day now: daily report, known errors, known peaks. With --dry-run: what would change.",
        ("ailog publish", "ailog publish --page daily --date 2026-01-31", "ailog publish --page errors --dry-run"),
        ("publish", "dry_run", "json"),
    ),
    Command("notify", "cli_run:notify", "Send every message that is due.", ("ailog notify",), ("json",)),
    Command(
        "incidents",
        "cli_read:incidents",
        "List incidents, newest first.",
        ("ailog incidents --open", "ailog incidents --from 2026-01-31 --to 2026-02-01 --namespace pcb-sit-01-app --json"),
        ("bounds", "incidents", "namespace", "limit", "json"),
    ),
    Command(
        "ledger",
        "cli_read:ledger",
        "List runs and what they read: expected, fetched, stored, status.",
        ("ailog ledger", "ailog ledger --status partial --json"),
        ("bounds", "status", "limit", "json"),
    ),
    Command(
        "stats",
        "cli_read:stats",
        "Total events by namespace, category and problem; incidents and verdicts; how much of it was read.",
        ("ailog stats --from 2026-01-31 --to 2026-02-01",),
        ("bounds", "json"),
    ),
    Command("show", "cli_report:show", "Print the report of one UTC day.", ("ailog show 2026-01-31",), ("date", "json")),
    Command(
        "export",
        "cli_report:export",
        "Write the tables of errors and peaks, and between two bounds the incidents, as files. Without bounds: all that is kept.",
        ("ailog export --from 2026-01-31 --to 2026-02-01", "ailog export --format md --output tables"),
        ("bounds", "export", "json"),
    ),
    Command(
        "explain",
        "cli_read:explain",
        "Say what was judged of a namespace in a window, against what, and why it fired or why not.",
        ("ailog explain pcb-sit-01-app 2026-01-31T08:15:00Z",),
        ("explain", "json"),
    ),
    Command(
        "classify",
        "cli_classify:classify",
        "Classify messages from standard input; nothing is stored. With --explain: every step from the message to the problem's key.",
        ("ailog classify --explain", "ailog classify --whole --explain --json --app payment-api", "ailog classify --ndjson --explain"),
        ("classify", "json"),
    ),
    Command(
        "known",
        "cli_known:known",
        "Keep known issues: add, list or resolve one; suggest those whose messages are near to a fingerprint's; audit who did what.",
        (
            "ailog known add KI-042 --title ledger-pool-too-small --fingerprint 3f9a0c5512d0be77 --ticket OPS-1 --owner payments",
            "ailog known add KI-043 --title nightly-window --category network --app sftp-gateway",
            "ailog known suggest 3f9a0c5512d0be77",
            "ailog known resolve KI-042 --fixed-in 2.4.1",
            "ailog known list --json",
            "ailog known audit KI-042",
        ),
        ("known", "actor", "limit", "json"),
    ),
    Command(
        "families",
        "cli_known:families",
        "Show families of fingerprints and what does not categorise; merge, split, audit who did; carry over to a new version.",
        (
            "ailog families show",
            "ailog families merge 3f9a0c5512d0be77 0b1c2d3e4f506172 --note same-pool",
            "ailog families split 3f9a0c5512d0be77",
            "ailog families audit 3f9a0c5512d0be77",
            "ailog families migrate",
        ),
        ("families", "actor", "limit", "json"),
    ),
)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    main = argparse.ArgumentParser(
        prog="ailog",
        description="AI Log Analyzer: finds, explains and reports incidents in error logs.",
        epilog=f"{CONNECTIONS}\n\n{EXIT_STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    main.add_argument("--version", action="version", version=f"ailog {__version__}")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        examples = "\n".join(f"  {example}" for example in command.examples)
        one = commands.add_parser(
            command.name,
            help=command.does,
            description=command.does,
            epilog=f"Examples:\n{examples}\n\n{EXIT_STATUS}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        one.set_defaults(handler=f"ailog.{command.handler}")
        for group in command.options:
            _OPTIONS[group](one)
    return main


def written_moment(text: str) -> datetime:
    """A moment of the command line: a date (midnight UTC) or RFC 3339 with an offset."""
    from ailog.orchestration.windows import moment  # noqa: PLC0415

    try:
        return moment(text, "it")
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _bounds(one: argparse.ArgumentParser) -> None:
    one.add_argument("--from", dest="start", metavar="TIME", help="first moment: 2026-01-31 (midnight UTC) or 2026-01-31T08:15:00Z")
    one.add_argument("--to", dest="end", metavar="TIME", help="end, itself not included")


def _days(one: argparse.ArgumentParser) -> None:
    one.add_argument("--days", type=_number(1, 366), metavar="N", help="so many days before now (default: thresholds.init_days)")


def _backfill(one: argparse.ArgumentParser) -> None:
    one.add_argument("--days", type=_number(1, 366), metavar="N", help="the last so many days that are over (default: 1)")
    one.add_argument("--force", action="store_true", help="read days again that have their final word")


def _dry_run(one: argparse.ArgumentParser) -> None:
    one.add_argument("--dry-run", action="store_true", help="read and compute only: write nothing outside staging, send nothing")


def _files(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--file",
        dest="files",
        nargs="+",
        action="extend",
        type=Path,
        metavar="PATH",
        help="read these NDJSON files (plain, .gz, .zst) instead of the configured sources; may be repeated",
    )


def _json(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", action="store_true", help="print JSON with stable keys instead of tables")


def _training(one: argparse.ArgumentParser) -> None:
    one.add_argument("--show", action="store_true", help="show the snapshot in use instead of training one")
    one.add_argument("--as-of", type=written_moment, metavar="TIME", help="train on what is strictly before (default: now)")
    one.add_argument("--weeks", type=_number(1, 52), metavar="N", help="weeks of history (default: thresholds.weeks)")
    one.add_argument("--percentile", type=_share, metavar="P", help="level between 0 and 1 (default: thresholds.percentile)")


def _namespace(one: argparse.ArgumentParser) -> None:
    one.add_argument("--namespace", metavar="NAME", help="only this namespace")


def _incidents(one: argparse.ArgumentParser) -> None:
    one.add_argument("--open", dest="open_only", action="store_true", help="only incidents that are not resolved")
    one.add_argument("--min-score", type=_number(0, 100), default=0, metavar="N", help="only incidents with at least this score")


def _limit(one: argparse.ArgumentParser) -> None:
    one.add_argument("--limit", type=_number(1, 100_000), default=50, metavar="N", help="at most so many rows (default: 50)")


def _status(one: argparse.ArgumentParser) -> None:
    one.add_argument("--status", choices=["running", "complete", "partial", "failed", "superseded"], help="only runs with this status")


def _date(one: argparse.ArgumentParser) -> None:
    one.add_argument("date", type=written_moment, metavar="DATE", help="a UTC day, as in 2026-01-31")


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


def _export(one: argparse.ArgumentParser) -> None:
    one.add_argument("--format", choices=["csv", "json", "md"], default="csv", help="form of the files (default: csv)")
    one.add_argument("--output", type=Path, metavar="DIR", help="folder for them (default: export under report.directory)")


def _explain(one: argparse.ArgumentParser) -> None:
    one.add_argument("namespace", metavar="NAMESPACE")
    one.add_argument("time", type=written_moment, metavar="TIME", help="any moment of the window, as in 2026-01-31T08:15:00Z")


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


def _known(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=["add", "list", "resolve", "suggest", "audit"])
    one.add_argument("subject", nargs="?", metavar="ID", help="id of the issue (add, resolve, audit) or a fingerprint (suggest)")
    one.add_argument("--title", default="", help="what is broken, in a few words")
    one.add_argument("--fingerprint", metavar="HEX", help="its fingerprint: the surest match")
    one.add_argument("--related", nargs="+", default=[], metavar="HEX", help="fingerprints that it causes")
    one.add_argument("--category", metavar="NAME", help="with --app: any error of this category in these applications")
    one.add_argument("--app", dest="apps", nargs="+", default=[], metavar="NAME", help="applications for --category")
    one.add_argument(
        "--namespace", dest="namespaces", nargs="+", default=[], metavar="NAME", help="only in these namespaces (default: all)"
    )
    one.add_argument("--pattern", metavar="RE2", help="expression that the sample message holds: the vaguest match")
    for name in ("ticket", "owner", "workaround", "fixed-in"):
        one.add_argument(f"--{name}", metavar="TEXT")
    one.add_argument("--permanent-fix", metavar="TEXT")


def _families(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=["show", "merge", "split", "audit", "migrate"])
    one.add_argument(
        "fingerprint",
        nargs="?",
        metavar="FINGERPRINT",
        help="which one: 16 hexadecimal digits (show, audit: default all; merge: the one that joins)",
    )
    one.add_argument("target", nargs="?", metavar="INTO", help="merge: a fingerprint of the family that it joins")
    one.add_argument("--note", metavar="TEXT", help="why, for the audit")


def _actor(one: argparse.ArgumentParser) -> None:
    one.add_argument("--actor", metavar="NAME", help="who decides, for the audit (default: the user of this process)")


def _number(least: int, most: int) -> Any:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return value

    return number


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 1, such as 0.93")
    return value


_OPTIONS: Final = {
    "bounds": _bounds,
    "days": _days,
    "backfill": _backfill,
    "dry_run": _dry_run,
    "files": _files,
    "json": _json,
    "training": _training,
    "namespace": _namespace,
    "incidents": _incidents,
    "limit": _limit,
    "status": _status,
    "date": _date,
    "publish": _publish,
    "explain": _explain,
    "export": _export,
    "classify": _classify,
    "known": _known,
    "families": _families,
    "actor": _actor,
}
