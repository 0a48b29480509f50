"""The daily report as a page: yesterday in the order in which a person asks about it.

Warnings first, then the day in figures, the incidents with their causes, the namespaces against the day before and the week before, and
what is behind the figures. Rows come as ``sql/pages`` gives them; times are in the configured zone and named with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain import csvsafe, pages
from ailog.domain.digest import known_issue_line
from ailog.domain.events import WINDOW
from ailog.domain.record_lines import record_facts
from ailog.domain.report_words import why
from ailog.domain.wording import cause_line, counted, listing, local, number, points, ranked, short_key, spread_line
from ailog.settings import SEVERITIES, Settings

DAY: Final = timedelta(days=1)
SUMMARY: Final = 5
_OPEN: Final = ("missing", "failed", "partial")
CSV_COLUMNS: Final = (
    "incident_id", "problem_key", "namespace", "severity", "score", "status", "verdict", "flags", "count", "total", "estimated", "first",
    "last", "opened_window", "last_window", "windows", "services", "why", "root_cause", "behaviour", "known_issue", "sample",
)  # fmt: skip
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What the page of a day tells of.

    ``gaps``: rows of ``pages/day_windows``; ``runs``, ``namespaces``, ``incidents``, ``days``: of the statements with these names;
    ``amendments``: of ``pages/day_amendments``, what reading windows again changed in the provisional verdicts.
    """

    start: datetime
    gaps: Sequence[Row]
    runs: Sequence[Row]
    namespaces: Sequence[Row]
    incidents: Sequence[Row]
    days: Sequence[Row]
    amendments: Sequence[Row] = ()

    @property
    def day(self) -> str:
        """The UTC day, as in 2026-01-31."""
        return f"{self.start:%Y-%m-%d}"

    @property
    def errors(self) -> int:
        """Errors of the day in all namespaces."""
        return sum(int(row["errors"]) for row in self.namespaces)


def day_page(facts: DayFacts, settings: Settings) -> pages.Page:
    """The page of one day."""
    return _page(facts, settings, f"{settings.confluence.titles.daily} {facts.day}", f"problem_report_{facts.day}.csv", [])


def index_page(facts: DayFacts, settings: Settings) -> pages.Page:
    """The page above those of the days: the newest day in full, the days before in figures, and a list of their pages."""
    history = [
        "<h2>Days before</h2>",
        _days(facts.days[1:], settings),
        "<h2>Page of each day</h2>",
        pages.macro("children", {"sort": "title", "reverse": "true", "first": "60"}),
    ]
    return _page(facts, settings, settings.confluence.titles.daily, "problem_report_latest.csv", history)


def _page(facts: DayFacts, settings: Settings, title: str, file: str, below: list[str]) -> pages.Page:
    source = f"Written by AI Log Analyzer from the stored results of {facts.day} (UTC day)."

    def build(share: float) -> tuple[str, str]:
        return pages.region([*_blocks(facts, settings, share, file), *below], source)

    region, digest = pages.fitted(build, settings.confluence.max_page_bytes)
    return pages.Page(title, region, digest, (pages.Attachment(file, incidents_csv(facts).encode()),))


def _blocks(facts: DayFacts, settings: Settings, share: float, file: str) -> list[str]:
    zone = ZoneInfo(settings.timezone)
    rows = settings.confluence.rows
    judged = bool(facts.runs) and all(run["verdict"] == "final" for run in facts.runs)
    word, colour = ("PROVISIONAL", "Yellow") if not judged else ("INCOMPLETE", "Yellow") if facts.gaps else ("FINAL", "Green")
    verdict = pages.status(word, colour)
    blocks = [
        f"<h1>{facts.day} {verdict}</h1>",
        pages.panel("warning", _warnings(facts, zone)),
        f"<p><strong>{pages.text(headline(facts), 400)}</strong></p>",
        _figures(facts),
        "<h2>Gravest incidents</h2>",
        _summary(facts),
    ]
    if facts.amendments:
        shown = pages.limited(rows.incidents, share)
        blocks += ["<h2>Changed against the provisional verdicts</h2>", _amendments(facts, shown)]
    if facts.incidents:
        shown = pages.limited(rows.incidents, share)
        blocks += [
            f"<h2>Incidents ({len(facts.incidents):,})</h2><p>Times in {pages.text(settings.timezone)}.</p>",
            _incidents(facts, zone, shown, file),
        ]
        blocks += [_detail(incident, zone) for incident in facts.incidents[: int(rows.details * share)]]
    blocks += [f"<h2>Namespaces ({len(facts.namespaces):,})</h2>", _namespaces(facts, zone, pages.limited(rows.namespaces, share))]
    blocks += ["<h2>How complete the day is</h2>", _ledger(facts, zone)]
    return [*blocks, f"<p>Every incident of the day: {pages.link(file)}</p>"]


def incidents_csv(facts: DayFacts) -> str:
    """Every incident of the day as a row; ``count`` is of the day, ``total`` of the whole incident."""
    return csvsafe.table(
        CSV_COLUMNS,
        [
            [
                str(row["incident_id"]), row["problem_key"], row["namespace"], row["severity"], row["score"], row["status"], row["verdict"],
                " ".join(row["flags"]), row["run_count"], row["event_count"], row["estimated"], row["first_event"], row["last_event"],
                row["opened_window"], row["last_window"], row["windows"], listing(ranked(row["apps"]), 50), why(row),
                cause_line(row["root_cause"]), spread_line(row["root_cause"], list(row["apps"] or {})), known_issue_line(row),
                row["sample"],
            ]
            for row in facts.incidents
        ],
    )  # fmt: skip


def headline(facts: DayFacts) -> str:
    """The day in one sentence; a day with unread windows is never called quiet."""
    about = "about " if any(row["estimated"] for row in facts.namespaces) else ""
    read = f"{about}{counted(facts.errors, 'error')} in {counted(len(facts.namespaces), 'namespace')}"
    unread = sum(gap["status"] in {"missing", "failed"} for gap in facts.gaps)
    if unread * WINDOW >= DAY:
        return "Nothing is known about this day: no window of it was read."
    rest = f"; {counted(unread, 'window')} of 96 not read" if unread else ""
    if not facts.incidents:
        return f"No incidents, {read}{rest}."
    grades = Counter(incident["severity"] for incident in facts.incidents)
    graded = ", ".join(f"{grades[grade]} {grade}" for grade in reversed(SEVERITIES) if grades[grade])
    return f"{counted(len(facts.incidents), 'incident')} ({graded}), {read}{rest}."


def _warnings(facts: DayFacts, zone: ZoneInfo) -> list[str]:
    said = []
    for kind in _OPEN:
        spans = spans_of([gap["window_start"] for gap in facts.gaps if gap["status"] == kind])
        if spans:
            amount = sum(count for _, count in spans)
            listed = ", ".join(_span(start, count, zone) for start, count in spans[:6]) + (" …" if len(spans) > 6 else "")
            meaning = {"missing": "not read yet", "failed": "could not be read", "partial": "read without all sources"}[kind]
            said.append(pages.text(f"{counted(amount, 'window')} {meaning}: {listed}", 500))
    if any(run["sampled"] for run in facts.runs):
        said.append("Parts of the day were sampled: their counts by kind are estimates (totals by namespace are exact).")
    rejected = sum(int(run["rejected"] or 0) for run in facts.runs)
    if rejected:
        said.append(f"{pages.quantity(rejected, 'record')} could not be read and were set aside.")
    said += [pages.text(f"{run['kind']} run: {run['error']}", 500) for run in facts.runs if run["error"]]
    return said


def spans_of(windows: Sequence[datetime]) -> list[tuple[datetime, int]]:
    """Neighbouring windows as spans: the first one and how many follow one another."""
    spans: list[tuple[datetime, int]] = []
    for window in windows:
        if spans and spans[-1][0] + spans[-1][1] * WINDOW == window:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1)
        else:
            spans.append((window, 1))
    return spans


def _span(start: datetime, count: int, zone: ZoneInfo) -> str:
    return f"{start.astimezone(zone):%H:%M} to {(start + count * WINDOW).astimezone(zone):%H:%M %Z}"


def _figures(facts: DayFacts) -> str:
    yesterday, last_week = _against(facts.namespaces, "yesterday"), _against(facts.namespaces, "last_week")
    grades = Counter(incident["severity"] for incident in facts.incidents)
    late = sum(int(row["late_events"]) for row in facts.amendments)
    known = sum(incident["known_issue_id"] is not None for incident in facts.incidents)
    graded = " ".join(f"{pages.severity(grade)} {grades[grade]}" for grade in reversed(SEVERITIES) if grades[grade])
    return pages.pairs(
        [
            ("Errors", f"{facts.errors:,} ({pages.text(yesterday)} against the day before, {pages.text(last_week)} against a week before)"),
            ("Incidents", graded or "none"),
            ("With a known issue", f"{known:,} of {len(facts.incidents):,}" if facts.incidents else "none"),
            ("Late events", f"{late:,} in incidents" if late else "none in incidents"),
            ("Incidents amended", f"{len(facts.amendments):,}" if facts.amendments else "none"),
            ("Unclassified", _unknown_share(facts.runs)),
        ]
    )


def _against(rows: Sequence[Row], before: str) -> str:
    """The day against another one, over namespaces and windows that were read completely on either."""
    return pages.change(_rate(rows, "complete_errors", "windows"), _rate(rows, before, f"{before}_windows"))


def _rate(rows: Sequence[Row], errors: str, windows: str) -> float | None:
    """Errors per complete window; the number of windows of a day is that of its best read namespace."""
    read = max((int(row[windows]) for row in rows), default=0)
    return sum(int(row[errors]) for row in rows) / read if read else None


def _unknown_share(runs: Sequence[Row]) -> str:
    known = [(float(run["unknown_share"]), int(run["stored"] or 0)) for run in runs if run["unknown_share"] is not None]
    stored = sum(weight for _, weight in known)
    return f"{sum(share * weight for share, weight in known) / stored:.1%}" if stored else "unknown"


def _summary(facts: DayFacts) -> str:
    if not facts.incidents:
        return "<p>none</p>"
    lines = []
    for incident in facts.incidents[:SUMMARY]:
        known = known_issue_line(incident)
        lines.append(
            f"<li>{pages.severity(incident['severity'])} <strong>{pages.text(short_key(incident['problem_key'], 90))}</strong> in "
            f"{pages.text(incident['namespace'], 80)}: {pages.text(_events(incident))}. {pages.text(_sentence(why(incident, 300)), 300)}"
            + (f" <em>Root cause: {pages.text(_cause(incident), 250)}.</em>" if _cause(incident) else "")
            + (f" Known: {pages.text(known, 200)}." if known else "")
            + "</li>"
        )
    more = len(facts.incidents) - SUMMARY
    return f"<ol>{''.join(lines)}</ol>" + (f"<p>and {more:,} more below</p>" if more > 0 else "")


def _amendments(facts: DayFacts, shown: int) -> str:
    colours = {"opened": "Yellow", "removed": "Green", "changed": "Blue"}
    rows = [
        [
            pages.status(row["change"].upper(), colours.get(row["change"], "Grey")),
            pages.text(short_key(row["problem_key"], 90)),
            pages.text(row["namespace"], 80),
            f"{int(row['late_events']):+,}",
            pages.text(row["said"]),
        ]
        for row in facts.amendments
    ]
    return pages.table(("Change", "Problem", "Namespace", "Late events", "What changed"), rows, shown=shown)


def _incidents(facts: DayFacts, zone: ZoneInfo, shown: int, file: str) -> str:
    headers = ("Severity", "Problem", "Namespace", "Events", "When", "Why", "Root cause", "Known issue", "Flags", "Score", "Status")
    day = facts.start.date()
    rows = [
        [
            pages.severity(incident["severity"]),
            f"<strong>{pages.text(short_key(incident['problem_key'], 90))}</strong>",
            pages.text(incident["namespace"], 80),
            ("≈ " if incident["estimated"] else "") + f"{int(incident['run_count']):,}",
            pages.text(f"{_clock(incident['first_event'], day, zone)} to {_clock(incident['last_event'], day, zone)}"),
            pages.text(why(incident, 250), 250),
            pages.text(_cause(incident) or "unknown", 200),
            pages.text(known_issue_line(incident) or "none", 150),
            pages.text(", ".join(incident["flags"])),
            points(incident["score"]),
            pages.text(f"{incident['status']}, {incident['verdict']}"),
        ]
        for incident in facts.incidents
    ]
    return pages.table(headers, rows, shown=shown, attached=file)


def _clock(moment: datetime, day: date, zone: ZoneInfo) -> str:
    """The time of day; with its date where that is not the page's."""
    there = moment.astimezone(zone)
    return f"{there:%H:%M}" if there.date() == day else f"{there:%Y-%m-%d %H:%M}"


def _detail(incident: Row, zone: ZoneInfo) -> str:
    apps = incident["apps"] or {}
    spread = spread_line(incident["root_cause"], list(apps))
    rows = [
        ("Why", pages.text(why(incident, 600), 600)),
        ("Events", pages.text(f"{_events(incident)}, {number(incident['event_count'])} in the whole incident")),
        (
            "First and last",
            pages.text(f"{local(incident['first_event'], zone, seconds=True)}, {local(incident['last_event'], zone, seconds=True)}"),
        ),
        ("Services", pages.text(listing(ranked(apps), 8), 500)),
        ("Root cause", pages.text(cause_line(incident["root_cause"]), 500)),
        *([("Spread", pages.text(spread, 500))] if spread else []),
        ("Known issue", pages.text(known_issue_line(incident) or "none", 500)),
        *((label, pages.text(said, 500)) for label, said in record_facts(incident)),
        ("Incident", pages.text(incident["incident_id"])),
    ]
    title = f"{incident['severity'].upper()} {short_key(incident['problem_key'], 90)} in {incident['namespace']}"
    return pages.expand(title, pages.pairs(rows) + pages.code(incident["sample"]))


def _namespaces(facts: DayFacts, zone: ZoneInfo, shown: int) -> str:
    headers = ("Namespace", "Errors", "Day before", "Change", "Week before", "Change (week)", "Largest window", "At", "Read")
    rows = [
        [
            pages.text(row["namespace"], 80),
            ("≈ " if row["estimated"] else "") + f"{int(row['errors']):,}",
            _before(row, "yesterday"),
            pages.text(_against([row], "yesterday")),
            _before(row, "last_week"),
            pages.text(_against([row], "last_week")),
            f"{int(row['largest']):,}",
            pages.text(f"{row['largest_window'].astimezone(zone):%H:%M %Z}") if row["largest_window"] and row["largest"] else "",
            f"{int(row['windows'])} of 96",
        ]
        for row in facts.namespaces
    ]
    return pages.table(headers, rows, shown=shown) if rows else "<p>none was read</p>"


def _before(row: Row, when: str) -> str:
    return f"{int(row[when]):,}" if row[f"{when}_windows"] else "no data"


def _ledger(facts: DayFacts, zone: ZoneInfo) -> str:
    if not facts.runs:
        return "<p>No run has read a window of this day.</p>"
    rows = [
        [
            pages.text(f"{run['kind']}, {run['verdict']}"),
            pages.text(run["status"]),
            pages.text(f"{local(run['window_from'], zone)} to {local(run['window_to'], zone)}"),
            f"{int(run['windows'])}",
            *(number(run[name]) for name in ("expected", "fetched", "stored", "rejected")),
        ]
        for run in facts.runs
    ]
    return pages.table(("Run", "Status", "Windows from and to", "Windows", "Expected", "Fetched", "Stored", "Set aside"), rows, shown=20)


def _days(days: Sequence[Row], settings: Settings) -> str:
    rows = [
        [
            f"{row['day']:%Y-%m-%d %a}",
            "unknown" if row["errors"] is None else f"{int(row['errors']):,}",
            *(f"{int(row[name]):,}" for name in ("incidents", "critical", "high", "medium")),
            f"{int(row['complete'])} of 96" + ("" if row["final"] else ", provisional"),
        ]
        for row in days
    ]
    headers = ("Day", "Errors", "Incidents", "Critical", "High", "Medium", "Read")
    return pages.table(headers, rows, shown=settings.confluence.rows.days) if rows else "<p>none was read</p>"


def _events(incident: Row) -> str:
    return ("about " if incident["estimated"] else "") + counted(int(incident["run_count"]), "event")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _cause(incident: Row) -> str:
    """The root cause without the evidence, which the details hold; empty when it is not known."""
    line = cause_line({**(incident["root_cause"] or {}), "note": ""})
    return "" if line.startswith("unknown") else line
