"""The words of the command line: every command with its options, help and examples. Loads nothing heavy."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import Final, NoReturn

from ailog import (
    __version__,
    cli_words_admin,
    cli_words_doctor,
    cli_words_help,
    cli_words_known,
    cli_words_maintenance,
    cli_words_notices,
    cli_words_read,
    cli_words_replay,
    cli_words_run,
    cli_words_thresholds,
)
from ailog.cli_words import SHARED, Command
from ailog.cli_words import Arguments as Arguments  # noqa: PLC0414 - handed on to the commands
from ailog.cli_words import UsageError as UsageError  # noqa: PLC0414

EXIT_STATUS: Final = "Exit status: 0 done, 1 failed (one sentence on stderr, the trace with AILOG_DEBUG=1), 2 wrong use."
CONNECTIONS: Final = (
    "Connections come from the environment as in Airflow, for instance\n"
    "  AIRFLOW_CONN_AILOG_POSTGRES='postgres://user:password@host:5432/database'\n"
    "and their names from analyzer.yaml (AILOG_CONFIG_DIR, else include/config)."
)

_UNKNOWN: Final = re.compile(r"argument COMMAND: invalid choice: '([^']*)'")

COMMANDS: Final[tuple[Command, ...]] = (
    *cli_words_admin.COMMANDS,
    *cli_words_doctor.COMMANDS,
    *cli_words_thresholds.COMMANDS,
    *cli_words_run.COMMANDS,
    *cli_words_notices.COMMANDS,
    *cli_words_read.COMMANDS,
    *cli_words_replay.COMMANDS,
    *cli_words_known.COMMANDS,
    *cli_words_maintenance.COMMANDS,
    *cli_words_help.COMMANDS,
)
"""A command's words stand in the ``cli_words_*`` module of its group, its code in ``cli_*``, which is loaded when it is called."""


def near(word: str, known: Sequence[str]) -> str:
    """A question after a name that is like the unknown one; empty when none is."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f": did you mean {found[0]!r}?" if found else ""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Adds what was probably meant to the message about an unknown command."""
        unknown = _UNKNOWN.search(message)
        super().error(message + near(unknown[1], [command.name for command in COMMANDS]) if unknown else message)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    main = _Parser(
        prog="ailog",
        description="AI Log Analyzer: finds, explains and reports incidents in error logs.",
        epilog=f"{CONNECTIONS}\n\n{EXIT_STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    main.add_argument("--version", action="version", version=f"ailog {__version__}")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=argparse.ArgumentParser)
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
            add = SHARED[group] if isinstance(group, str) else group
            add(one)
    return main
