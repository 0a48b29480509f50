"""Words of the commands for what people know."""

from __future__ import annotations

import argparse
from typing import Final

from ailog.cli_words import Command, whole_number, written_moment

_ISSUE_ACTIONS: Final = ("add", "edit", "resolve", "reopen", "show", "list", "suggest", "import", "export", "audit")
_STATUSES: Final = ("open", "in_progress", "workaround", "resolved", "wont_fix")


def _known(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=_ISSUE_ACTIONS)
    one.add_argument(
        "subject",
        nargs="?",
        metavar="ID",
        help="id of the issue, a fingerprint (suggest), or a YAML file (import, export; - is the terminal)",
    )
    one.add_argument("--title", help="what is broken, in a few words")
    one.add_argument("--fingerprint", metavar="HEX", help="its fingerprint: the surest match")
    one.add_argument("--related", nargs="*", metavar="HEX", help="fingerprints that it causes")
    one.add_argument("--category", metavar="NAME", help="with --app: any error of this category in these applications")
    one.add_argument("--app", dest="apps", nargs="*", metavar="NAME", help="applications for --category")
    one.add_argument("--namespace", dest="namespaces", nargs="*", metavar="NAME", help="only in these namespaces (default: all)")
    one.add_argument("--pattern", metavar="RE2", help="expression that the sample message holds: the vaguest match")
    one.add_argument("--workaround", metavar="TEXT")
    one.add_argument("--permanent-fix", metavar="TEXT")
    _notes(one)
    _fixed(one)


def _problems(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=["list", "show", "annotate", "resolve", "reopen", "audit"])
    one.add_argument("subject", nargs="?", metavar="PROBLEM", help="its id or key, as in KP-000012 or TIMEOUT:payment:read_timeout")
    _notes(one)
    _fixed(one)


def _peaks(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=["list", "show", "annotate", "audit"])
    one.add_argument("subject", nargs="?", metavar="PEAK", help="its id or key, as in PK-000012 or PEAK:TIMEOUT:payment:spike")
    _notes(one)
    one.add_argument("--mitigation", metavar="TEXT", help="what to do when it comes")
    one.add_argument("--minutes", dest="typical_minutes", type=whole_number(1, 100_000), metavar="N", help="how long it typically lasts")


def _notes(one: argparse.ArgumentParser) -> None:
    one.add_argument("--status", choices=_STATUSES, help="list: only these; else the new status")
    for name in ("ticket", "owner", "notes"):
        one.add_argument(f"--{name}", metavar="TEXT", help="an empty text clears it")


def _fixed(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--fixed-in", metavar="VERSION", help="resolve: the version that has the fix, X.Y.Z; an older one that still runs is no regression"
    )
    one.add_argument(
        "--at", type=written_moment, metavar="TIME", help="resolve: when it was fixed (default: now); events from before are no regression"
    )


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
        "Keep known issues: add, edit, resolve, reopen, list, show; import and export them as YAML; suggest near ones; audit who did what.",
        (
            "ailog known add KI-042 --title ledger-pool-too-small --fingerprint 3f9a0c5512d0be77 --ticket OPS-1 --owner payments",
            "ailog known add KI-043 --title nightly-window --category network --app sftp-gateway",
            "ailog known edit KI-042 --workaround restart-the-ledger",
            "ailog known resolve KI-042 --fixed-in 2.4.1",
            "ailog known reopen KI-042",
            "ailog known suggest 3f9a0c5512d0be77",
            "ailog known import known_issues.yaml",
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
    Command(
        "problems",
        "cli_records:problems",
        "Problem records (KP-): list, show, annotate with ticket, owner and notes; resolve or reopen one.",
        (
            "ailog problems list --status open",
            "ailog problems show KP-000012",
            "ailog problems annotate KP-000012 --ticket OPS-7 --owner payments",
            "ailog problems resolve KP-000012 --fixed-in 2.4.1",
        ),
        (_problems, "namespace", "actor", "limit", "json"),
    ),
    Command(
        "peaks",
        "cli_records:peaks",
        "Known peaks (PK-): spikes and bursts of a category and flow, how often they came; annotate with mitigation, ticket and owner.",
        (
            "ailog peaks list",
            "ailog peaks show PK-000012",
            "ailog peaks annotate PK-000012 --mitigation restart-the-ledger --minutes 45",
        ),
        (_peaks, "namespace", "actor", "limit", "json"),
    ),
)
