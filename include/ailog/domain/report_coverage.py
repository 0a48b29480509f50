"""What the figures of a report rest on: windows read and not read, the ledger's balance, records set aside, samples, the unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.digest import run_warnings
from ailog.domain.events import WINDOW
from ailog.domain.report import Facts
from ailog.domain.report_words import sources
from ailog.domain.wording import counted, head, local_span, number, one_line, utc
from ailog.settings import Settings

UNKNOWN: Final = "unknown"
STATES: Final = {None: "not read", "failed": "failed", "partial": "read in part", "complete": "complete"}
"""What the ledger says of a window, in words; None is a window that it does not know."""
_SPANS, _REASONS = 6, 6


def read_windows(facts: Facts) -> list[Mapping[str, Any]]:
    """The windows that the report tells of, without others that its charts show: of a run those that it has the word on."""
    if facts.run["kind"] != "day":
        return [row for row in facts.windows if row["run_id"] == facts.run["run_id"]]
    return [row for row in facts.windows if row["window_start"] >= facts.run["window_from"]]


def stretches(windows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[datetime, datetime, str | None]]:
    """Neighbouring windows of one status as ``(start, end, status)``, in order."""
    start: datetime | None = None
    end, status = None, None
    for row in windows:
        if start is not None and end is not None and (row["status"] != status or row["window_start"] != end):
            yield start, end, status
            start = None
        if start is None:
            start, status = row["window_start"], row["status"]
        end = row["window_start"] + WINDOW
    if start is not None and end is not None:
        yield start, end, status


def unknown_share(facts: Facts) -> float | None:
    """The share of events that no rule gave a category; None without events."""
    total = sum(int(row["events"]) for row in facts.categories)
    if not total:
        share = facts.run["unknown_share"]
        return None if share is None else float(share)
    return sum(int(row["events"]) for row in facts.categories if row["category"] == UNKNOWN) / total


def ledger_line(facts: Facts) -> str:
    """``expected 57 = fetched 57 = stored 57, rejected 0, unclassified 3.5 %``; a broken balance is said."""
    run = facts.run
    sampled, missing = run.get("sampled"), None in {run["expected"], run["stored"]}
    if run["kind"] == "day" and run["fetched"] is None:  # some of its runs read other days too: what they fetched belongs to both
        figures = f"expected {number(run['expected'])} {_sign(run['expected'], run['stored'])} stored {number(run['stored'])}"
        balanced = sampled or missing or run["expected"] == run["stored"]
    else:
        kept = None if run["stored"] is None else run["stored"] + (run["rejected"] or 0)
        figures = f"expected {number(run['expected'])} {_sign(run['expected'], run['fetched'])} fetched {number(run['fetched'])} "
        figures += f"{_sign(run['fetched'], run['stored'])} stored {number(run['stored'])}, rejected {number(run['rejected'])}"
        balanced = sampled or (None not in {run["expected"], run["fetched"], kept} and run["expected"] == run["fetched"] == kept)
    share = run["unknown_share"] if run["kind"] != "day" else unknown_share(facts)
    return f"{figures}, unclassified {_percent(share)}" + ("" if balanced else " - NOT BALANCED")


def gap_line(facts: Facts) -> str:
    """Which windows of the look-back no complete run covers."""
    gaps = facts.gaps
    parts = [f"{int(gaps[kind])} {kind}" for kind in ("missing", "partial", "failed") if gaps[kind]]
    return f"{', '.join(parts)}, the oldest at {utc(gaps['oldest'])}" if parts else "none"


def coverage(facts: Facts, settings: Settings) -> list[tuple[str, str]]:
    """What the figures rest on, as labels and sentences."""
    zone = ZoneInfo(settings.timezone)
    lines = [("Windows", windows_line(facts, zone)), ("Ledger", ledger_line(facts))]
    if facts.run["kind"] != "day":
        lines.append(("Gaps", f"{gap_line(facts)} (in the last {settings.limits.lookback_hours} h)"))
    return [
        *lines,
        ("Late", late_line(facts)),
        ("Set aside", _set_aside(facts)),
        ("Sampled", _sampled(facts)),
        ("Unknown", "no events" if (share := unknown_share(facts)) is None else f"{share:.1%} of the events have no category"),
        ("Sources", sources(facts.run)),
    ]


def warnings(facts: Facts, settings: Settings) -> list[str]:
    """What a reader must know before believing the figures; empty when everything was read."""
    run = facts.run
    if run["kind"] != "day":
        return run_warnings(run)
    said = run_warnings({**run, "status": "complete", "sources": []})
    if run["status"] == "complete":
        return said
    missing = windows_line(facts, ZoneInfo(settings.timezone))
    return [f"INCOMPLETE: {missing}. What was not read is missing below, it is not zero.", *said]


def windows_line(facts: Facts, zone: ZoneInfo) -> str:
    """``96 of 96 complete``, or how many are not, and which."""
    windows = read_windows(facts)
    if not windows:
        return f"{counted(facts.run['windows'], 'window')}, {facts.run['status']}"
    counts = {status: sum(row["status"] == status for row in windows) for status in STATES}
    said = [f"{counts['complete']} of {counted(len(windows), 'window')} complete"]
    for status in ("partial", "failed", None):
        if counts[status]:
            spans = [local_span(start, end, zone) for start, end, found in stretches(windows) if found == status]
            more = f" and {counted(len(spans) - _SPANS, 'more stretch', 'more stretches')}" if len(spans) > _SPANS else ""
            said.append(f"{counts[status]} {STATES[status]} ({', '.join(spans[:_SPANS])}{more})")
    others = facts.run["windows"] - len(windows)
    if others > 0:
        said.append(f"{counted(others, 'more window')} left to another run")
    return ", ".join(said)


def late_line(facts: Facts) -> str:
    """How many events came after the windows had first been read, as far as that can be told."""
    changed = int(facts.amendments[0]["amendment_total"]) if facts.amendments else 0
    amended = f"; {counted(changed, 'change')} of incidents, see below" if changed else ""
    stored, before = facts.run["stored"], facts.stored_before
    if stored is None or before is None:
        return f"not known: no earlier reading of the same windows to compare with{amended}"
    late = stored - before
    share = f" ({late / before:.1%} of what had been counted before)" if before and late else ""
    if late < 0:
        return f"{counted(-late, 'event')} fewer than at the earlier reading{share}{amended}"
    return f"{counted(late, 'event')} came after the earlier reading{share}{amended}"


def _set_aside(facts: Facts) -> str:
    said = []
    for action, words in (("quarantined", "not counted"), ("repaired", "mended and counted")):
        rows = [row for row in facts.rejected if row["action"] == action]
        if rows:
            reasons = ", ".join(f"{head(one_line(row['reason']), 40)} {int(row['records']):,}" for row in rows[:_REASONS])
            more = f" and {len(rows) - _REASONS} more reasons" if len(rows) > _REASONS else ""
            said.append(f"{counted(sum(int(row['records']) for row in rows), 'record')} {words} ({reasons}{more})")
    rejected = facts.run["rejected"]
    if not said:
        return "no record" if not rejected else f"{counted(int(rejected), 'record')} not counted (reasons were not kept)"
    return "; ".join(said)


def _sampled(facts: Facts) -> str:
    windows = sum(bool(row["estimated"]) for row in read_windows(facts))
    if windows:
        return f"{counted(windows, 'window')} with counts estimated from a sample; such counts are marked 'about'"
    return "counts are exact, messages and traces come from a sample" if facts.run.get("sampled") else "none"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"


def _sign(left: int | None, right: int | None) -> str:
    return "=" if left is not None and left == right else "≠"
