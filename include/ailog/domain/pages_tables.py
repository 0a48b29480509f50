"""Known errors and known peaks as pages: the standing tables, read from the same CSV that is attached, and the known issues on top.

A page shows what the CSV says, so that nobody can find two figures for one thing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain import pages
from ailog.domain.wording import head, local, short_key
from ailog.settings import Settings

Row = Mapping[str, Any]
ERRORS_FILE: Final = "errors_table.csv"
PEAKS_FILE: Final = "peaks_table.csv"
_ERROR_HEADERS: Final = (
    "Severity", "Problem", "2 h", "Trend", "24 h", "Trend (24 h)", "Total", "First seen", "Last seen", "Scope", "Namespaces", "Services",
    "Root cause", "Behaviour", "Score", "Known issue", "Status", "Id", "Detail",
)  # fmt: skip
_PEAK_HEADERS: Final = (
    "Activity", "Problem", "First seen", "Last seen", "Errors", "Times", "Mean", "7 days", "Comes", "Root cause", "Behaviour",
    "Known issue", "Namespaces", "Services", "Id",
)  # fmt: skip


def errors_page(table: str, issues: Sequence[Row], matches: Mapping[str, Row], as_of: datetime | None, settings: Settings) -> pages.Page:
    """Known errors: known issues with ticket and workaround, and every problem with its volumes.

    ``table`` is the CSV of ``domain.exports.errors_table``, ``issues`` are rows of ``pages/known_issues``, ``matches`` rows of
    ``pages/known_matches`` by problem key.
    """
    zone = ZoneInfo(settings.timezone)
    rows = _read(table, zone)

    def build(share: float) -> tuple[str, str]:
        shown = pages.limited(settings.confluence.rows.errors, share)
        blocks = [
            f"<p>{pages.quantity(len(rows), 'problem')}; complete windows up to {pages.text(local(as_of, zone))}.</p>",
            f"<h2>Known issues ({len(issues):,})</h2>",
            _issues(issues, zone, shown),
            f"<h2>Errors ({len(rows):,})</h2>",
            _table(_ERROR_HEADERS, rows, lambda row: _error(row, matches), shown, ERRORS_FILE),
        ]
        return pages.region(blocks, "Written by AI Log Analyzer from its stored results.")

    region, digest = pages.fitted(build, settings.confluence.max_page_bytes)
    return pages.Page(settings.confluence.titles.errors, region, digest, (pages.Attachment(ERRORS_FILE, table.encode("utf-8", "replace")),))


def peaks_page(table: str, errors: str, matches: Mapping[str, Row], as_of: datetime | None, settings: Settings) -> pages.Page:
    """Known peaks: every problem that ever peaked, and whether it comes back.

    ``table`` is the CSV of the peaks; ``errors`` that of the errors, which says the problem of an id; ``matches`` as for ``errors_page``.
    """
    zone = ZoneInfo(settings.timezone)
    rows = _read(table, zone)
    keys = {row["id"]: row["key"] for row in csv.DictReader(io.StringIO(errors))}

    def build(share: float) -> tuple[str, str]:
        blocks = [
            f"<p>{pages.quantity(len(rows), 'problem')} with peaks; complete windows up to {pages.text(local(as_of, zone))}.</p>",
            "<p>Peaks unseen for 30 days before the newest one are left out.</p>",
            _table(
                _PEAK_HEADERS,
                rows,
                lambda row: _peak(row, keys.get(row["id"].rpartition(" ")[2], ""), matches),
                pages.limited(settings.confluence.rows.peaks, share),
                PEAKS_FILE,
            ),
        ]
        return pages.region(blocks, "Written by AI Log Analyzer from its stored results.")

    region, digest = pages.fitted(build, settings.confluence.max_page_bytes)
    return pages.Page(settings.confluence.titles.peaks, region, digest, (pages.Attachment(PEAKS_FILE, table.encode("utf-8", "replace")),))


def _read(table: str, zone: ZoneInfo) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(table)))
    for row in rows:
        for name in ("first_seen", "last_seen"):
            if row.get(name):
                row[name] = local(datetime.fromisoformat(row[name]), zone)
    return rows


def _table(
    headers: Sequence[str], rows: Sequence[Mapping[str, str]], cells: Callable[[Mapping[str, str]], list[str]], shown: int, file: str
) -> str:
    if not rows:
        return "<p>none yet</p>"
    # Only what is shown is rendered; the rest is counted.
    return pages.table(headers, [cells(row) if place < shown else [] for place, row in enumerate(rows)], shown=shown, attached=file)


def _error(row: Mapping[str, str], matches: Mapping[str, Row]) -> list[str]:
    key = row.get("key", "")
    return [
        pages.severity(row["severity"]) if row.get("severity") else "",
        f"<strong>{pages.text(short_key(key, 90))}</strong>",
        _count(row.get("count_2h")),
        _trend(row.get("trend_2h_percent")),
        _count(row.get("count_24h")),
        _trend(row.get("trend_24h_percent")),
        _count(row.get("total")),
        pages.text(row.get("first_seen")),
        pages.text(row.get("last_seen")),
        pages.text(row.get("scope")),
        pages.text(row.get("namespaces"), 250),
        pages.text(row.get("apps"), 250),
        pages.text(row.get("root_cause"), 200),
        pages.text(row.get("behaviour"), 150),
        pages.text(row.get("score")),
        _known(matches.get(key)),
        pages.text(row.get("status")),
        pages.text(row.get("id")),
        pages.text(row.get("detail"), 200),
    ]


def _peak(row: Mapping[str, str], key: str, matches: Mapping[str, Row]) -> list[str]:
    colours = {"rising": "Red", "new": "Yellow", "stable": "Blue", "falling": "Green"}
    activity = row.get("activity") or ""
    return [
        pages.status(activity.upper(), colours.get(activity, "Grey")) if activity else "",
        f"<strong>{pages.text(short_key(key, 90))}</strong>" if key else "",
        pages.text(row.get("first_seen")),
        pages.text(row.get("last_seen")),
        _count(row.get("total_errors")),
        _count(row.get("occurrences")),
        _count(row.get("mean_per_peak")),
        _trend(row.get("trend_7d_percent")),
        pages.text(row.get("periodicity")),
        pages.text(row.get("root_cause"), 200),
        pages.text(row.get("behaviour"), 150),
        _known(matches.get(key)),
        pages.text(row.get("namespaces"), 250),
        pages.text(row.get("apps"), 250),
        pages.text(row.get("id")),
    ]


def _issues(issues: Sequence[Row], zone: ZoneInfo, shown: int) -> str:
    headers = ("Issue", "Title", "Ticket", "Owner", "Status", "Workaround", "Permanent fix", "Fixed in", "Incidents", "Last seen")
    colours = {"open": "Red", "in_progress": "Yellow", "workaround": "Blue", "resolved": "Green"}
    rows = [
        [
            f"<strong>{pages.text(issue['issue_id'], 60)}</strong>",
            pages.text(issue["title"], 200),
            pages.text(issue["ticket"], 60),
            pages.text(issue["owner"], 60),
            pages.status(str(issue["status"]).replace("_", " ").upper(), colours.get(issue["status"], "Grey")),
            pages.text(issue["workaround"], 400),
            pages.text(issue["permanent_fix"], 300),
            pages.text(issue["fixed_in"], 40),
            f"{int(issue['incidents']):,}",
            pages.text(local(issue["last_event"], zone)) if issue["last_event"] else "never",
        ]
        for issue in issues
    ]
    return pages.table(headers, rows, shown=shown) if rows else "<p>none; <code>ailog known add</code> makes one</p>"


def _known(issue: Row | None) -> str:
    return pages.text(" ".join(str(issue[name]) for name in ("issue_id", "ticket") if issue[name]), 80) if issue else ""


def _count(value: str | None) -> str:
    try:
        return f"{float(value):,.10g}" if value else ""
    except ValueError:
        return pages.text(head(value or "", 20))


def _trend(value: str | None) -> str:
    """``+35 %``; a rise to the double or more is marked."""
    try:
        percent = float(value) if value else None
    except ValueError:
        return pages.text(value, 20)
    if percent is None:
        return ""
    said = f"{percent:+,.0f} %"
    return f"<strong>{said}</strong>" if percent >= 100 else said
