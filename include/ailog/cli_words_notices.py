"""Words of the commands for incidents and messages."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import Final

from ailog.cli_words import Command, whole_number

SAYS: Final = ("list", "ack", "resolve", "reopen", "note", "useful", "not-useful", "history")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def _word(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", nargs="?", choices=SAYS, default="list", help="what to do (default: list)")
    one.add_argument("subject", nargs="?", metavar="ID", help="the incident: its id or the first characters of it (at least 4)")
    _by(one)
    one.add_argument("--note", metavar="TEXT", help="words to keep with the incident")
    one.add_argument("--fixed-in", metavar="VERSION", help="resolve: the version that has the fix, X.Y.Z")


def _incidents(one: argparse.ArgumentParser) -> None:
    one.add_argument("--open", dest="open_only", action="store_true", help="only incidents that are not resolved")
    one.add_argument("--min-score", type=whole_number(0, 100), default=0, metavar="N", help="only incidents with at least this score")


def _silence(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=["add", "list", "remove"])
    one.add_argument("number", nargs="?", type=int, metavar="NUMBER", help="remove: the number of the silence")
    one.add_argument("--problem", default="*", metavar="PATTERN", help="only problems like this: 'TIMEOUT:*' (default: any)")
    one.add_argument("--namespace", default="*", metavar="PATTERN", help="only namespaces like this: 'pcb-sit-*' (default: any)")
    one.add_argument(
        "--fingerprint", dest="fingerprints", nargs="+", default=[], metavar="HEX", help="only incidents of these fingerprints alone"
    )
    one.add_argument(
        "--up-to",
        choices=["info", "low", "medium", "high", "critical"],
        default="high",
        help="the gravest severity that is hidden; what is graver is told (default: high)",
    )
    one.add_argument("--for", dest="span", type=span, metavar="SPAN", help="how long from now: 90m, 4h, 2d")
    one.add_argument("--until", metavar="TIME", help="or until when: 2026-01-31T08:15:00Z")
    one.add_argument("--reason", default="", metavar="TEXT", help="why; stands in every message that it changes")
    one.add_argument("--owner", metavar="NAME", help="whom to ask about it (default: who makes it)")
    _by(one)


def _outbox(one: argparse.ArgumentParser) -> None:
    one.add_argument("--show", nargs="?", const="", metavar="MESSAGE", help="list messages, or show the life of one, and send nothing")
    one.add_argument("--again", metavar="MESSAGE", help="queue a message that failed again, then send what is due")
    one.add_argument("--failed", action="store_true", help="queue all that failed again, then send what is due (--show: only those)")
    one.add_argument("--channel", choices=["teams", "email", "file"], help="only messages of this channel (--show, --again, --failed)")
    _by(one)


def _day(one: argparse.ArgumentParser) -> None:
    one.add_argument("day", nargs="?", metavar="DATE", help="a UTC day, as in 2026-01-31 (default: yesterday)")


def _by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", metavar="NAME", help="who does it, for the record (default: the user of this process)")


def span(text: str) -> timedelta:
    """A span of the command line: ``90m``, ``4h``, ``2d``."""
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isascii() or not number.isdigit() or not 0 < int(number) < 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no span: give minutes, hours or days, as in 90m, 4h, 2d")
    return timedelta(**{_UNITS[unit]: int(number)})


COMMANDS: Final = (
    Command(
        "incidents",
        "cli_incidents:incidents",
        "List incidents, newest first; or say something of one: seen, over, not over, a note, useful or a false alarm; who said what.",
        (
            "ailog incidents --open",
            "ailog incidents --from 2026-01-31 --to 2026-02-01 --namespace pcb-sit-01-app --json",
            "ailog incidents ack 1b4e28ba --by anna --note restarting-ledger",
            "ailog incidents resolve 1b4e28ba",
            "ailog incidents not-useful 1b4e28ba --note load-test",
            "ailog incidents history 1b4e28ba",
        ),
        (_word, "bounds", _incidents, "namespace", "limit", "json"),
    ),
    Command(
        "silence",
        "cli_incidents:silence",
        "Keep messages back for a while: of problems, namespaces or fingerprints, up to a severity. Incidents are stored all the same.",
        (
            "ailog silence add --problem 'TIMEOUT:*' --namespace 'pcb-sit-*' --for 4h --reason load-test --owner anna",
            "ailog silence add --fingerprint 3f9a0c5512d0be77 --until 2026-02-03T06:00:00Z --up-to critical --reason fixed-in-2.4.1",
            "ailog silence list",
            "ailog silence remove 12",
        ),
        (_silence, "limit", "json"),
    ),
    Command(
        "summary",
        "cli_incidents:summary",
        "Tell a finished UTC day in one message, once; again only when something material changed. With --dry-run: print it.",
        ("ailog summary", "ailog summary 2026-01-31 --dry-run"),
        (_day, "dry_run", "json"),
    ),
    Command(
        "notify",
        "cli_incidents:notify",
        "Send every message that is due; show the life of messages; queue messages that failed again.",
        (
            "ailog notify",
            "ailog notify --show",
            "ailog notify --show 6f0c5ab4",
            "ailog notify --again 6f0c5ab4",
            "ailog notify --failed --channel teams",
        ),
        (_outbox, "limit", "json"),
    ),
)
