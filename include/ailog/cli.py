"""The command line ``ailog``: the pipeline's own functions, in the order in which the DAGs run them, without Airflow.

Exit status: 0 done, 1 failed (one sentence on stderr; the trace with AILOG_DEBUG=1), 2 wrong use.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final

from ailog.cli_parser import Arguments, UsageError, parser
from ailog.errors import AilogError

DONE: Final = 0
FAILED: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status. Wrong use ends the process with status 2, as argparse does."""
    built = parser()
    arguments = built.parse_args(argv)
    debug = os.environ.get("AILOG_DEBUG") == "1"
    if not debug:
        sys.excepthook = _one_sentence
    try:
        return _handler(arguments.handler)(arguments)
    except UsageError as error:
        built.exit(WRONG_USE, f"ailog: {error}\nSee 'ailog {arguments.command} --help'.\n")
    except AilogError as error:
        if debug:
            raise
        sys.stderr.write(f"ailog: {error}\n")
        return FAILED
    except BrokenPipeError:  # the reader of our output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        sys.stderr.write("ailog: interrupted\n")
        return INTERRUPTED


def _handler(name: str) -> Callable[[Arguments], int]:
    """The function of a command, loaded only now: help must not wait for what commands need."""
    module, function = name.split(":")
    found: Callable[[Arguments], int] = getattr(importlib.import_module(module), function)
    return found


def _one_sentence(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """For what no error family covers: a defect, told in a sentence."""
    text = " ".join(str(error).split())
    sys.stderr.write(f"ailog: unexpected {kind.__name__}: {text} (this is a defect; AILOG_DEBUG=1 shows where)\n")


if __name__ == "__main__":
    sys.exit(main())
