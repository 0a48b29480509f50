"""Words of the commands for what people know."""

from __future__ import annotations

import argparse
from typing import Final

from ailog.cli_words import Command


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


COMMANDS: Final = (
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
        (_known, "actor", "limit", "json"),
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
        (_families, "actor", "limit", "json"),
    ),
)
