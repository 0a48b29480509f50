"""The morning summary: yesterday on one card, for a person who has a minute.

First whether the day is complete, then how it compares, then what to act on, then what the final word changed. Everything comes from
stored rows; texts are clean but not escaped, each channel escapes for its own medium (see ``domain.digest`` for the shape of a body).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.actionable import Problem, problems_of
from ailog.domain.digest import KEPT_BACK, PRODUCT
from ailog.domain.digest_sections import known_issue_line
from ailog.domain.report import Facts
from ailog.domain.report_coverage import read_windows, unknown_share, warnings, windows_line
from ailog.domain.report_words import why
from ailog.domain.wording import cause_line, clean, counted, head, listing, local_span, number, one_line, points, ranked, short_key
from ailog.settings import SEVERITIES, Settings

WINDOWS_A_DAY: Final = 96
_CHANGES: Final = 5
_TIMES: Final = 3
"""Growth past this is said as a multiple: nobody reads +10418 %."""
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DayWord:
    """What a summary tells of a UTC day.

    ``facts`` are of the day's span; ``run`` is the backfill's row of ``analysis_runs`` with ``sources`` (None when there was none);
    ``failed_runs`` counts runs over the day that failed, ``late_events`` is None where there is nothing to compare with; ``amendments``
    are what the final word changed, gravest first; ``kept_back`` counts incidents that nobody was told of, by stage; ``links`` are pairs
    of text and URL.
    """

    start: datetime
    facts: Facts
    run: Row | None = None
    failed_runs: int = 0
    late_events: int | None = None
    amendments: Sequence[Row] = ()
    kept_back: Mapping[str, int] | None = None
    links: Sequence[tuple[str, str]] = ()

    @property
    def complete(self) -> bool:
        """Whether every window of the day was read and has its final word."""
        return bool(self.facts.run["status"] == "complete" and self.facts.run["verdict"] == "final")


def material(word: DayWord) -> dict[str, Any]:
    """What must differ for the day to be told again."""
    return {
        "complete": word.complete,
        "errors": word.facts.errors,
        "incidents": {str(row["incident_id"]): row["severity"] for row in word.facts.incidents},
        "reason": "" if word.complete else _reason(word),
    }


def differences(before: Row, after: Row, share: float) -> list[str]:
    """What differs materially between two summaries, in words; empty when nothing does. ``share``: change of the total that counts."""
    said = []
    if before["complete"] != after["complete"]:
        said.append("the day is complete now" if after["complete"] else "the day is no longer complete")
    elif before["reason"] != after["reason"]:
        said.append("it is not complete for another reason")
    old, new = before["incidents"], after["incidents"]
    opened, gone = [one for one in new if one not in old], [one for one in old if one not in new]
    graded = sum(old[one] != new[one] for one in new if one in old)
    parts = [(len(opened), "more incident"), (len(gone), "incident taken back"), (graded, "incident re-graded")]
    said += [counted(count, words, words.replace("incident", "incidents")) for count, words in parts if count]
    errors, errors_before = after["errors"], before["errors"]
    if abs(errors - errors_before) > share * max(1, errors_before):
        said.append(f"{number(errors_before)} → {counted(errors, 'error')}")
    return said


def build(word: DayWord, settings: Settings, *, amended: Sequence[str] = ()) -> tuple[str, dict[str, Any]]:
    """Subject and body. ``amended``: what differs from what was told of the day before."""
    facts, zone = word.facts, ZoneInfo(settings.timezone)
    day = f"{word.start.astimezone(UTC):%a %Y-%m-%d}"
    problems = problems_of(facts.incidents)
    told = [one for one in problems if one.actionable][: settings.notify.summary.top]
    worst = max((one.severity for one in problems), key=SEVERITIES.index, default="info")
    title = _title(word, day)
    quiet = word.complete and not facts.incidents and not amended and not word.amendments
    sections = [] if quiet else [_figures(word, problems), *(_problem(one, zone) for one in told), *_changes(word)]
    notes = [_quiet_line(word)] if quiet else _notes(word, problems, told)
    body = {
        "title": f"{'Amended: ' if amended else ''}{title}",
        "subtitle": f"{PRODUCT}, {local_span(word.start, word.start + _DAY, zone)}, {'final' if word.complete else 'not final'}",
        "severity": "high" if not word.complete and worst in {"info", "low", "medium"} else worst,
        "warnings": [*_warnings(word, settings), *([f"Amended: {'; '.join(amended)}."] if amended else [])],
        "sections": sections,
        "notes": notes,
        "links": [list(pair) for pair in word.links],
    }
    subject = f"[{PRODUCT}] {'AMENDED ' if amended else ''}{'' if word.complete else 'INCOMPLETE '}{title}"
    return head(one_line(subject), 200), body


def _title(word: DayWord, day: str) -> str:
    if not word.complete:
        return f"{day} is not complete"
    grades = word.facts.by_severity
    graded = ", ".join(f"{count:,} {severity}" for severity, count in grades.items() if count)
    return f"{day}: {graded}" if graded else f"{day} was quiet"


def _reason(word: DayWord) -> str:
    """Why the day has no final word, without what changes from one try to the next."""
    run = word.run
    if run is None or run["kind"] != "backfill":
        return "no backfill has read it"
    if run["status"] == "running":
        return "the backfill did not finish"
    dead = [
        f"{one_line(source['source'])}: {head(one_line(source['error']), 200)}" for source in run.get("sources") or () if source["error"]
    ]
    if dead:
        return "; ".join(dead)
    return head(one_line(run["error"]), 300) or f"{word.facts.run['status']}, {word.facts.run['verdict']}"


def _warnings(word: DayWord, settings: Settings) -> list[str]:
    said = warnings(word.facts, settings)
    if word.complete:
        return said
    first = f"Yesterday is not complete because {_reason(word)}. It is provisional; what was not read is missing, not zero."
    if said and said[0].startswith("INCOMPLETE"):
        said = [f"Read so far: {windows_line(word.facts, ZoneInfo(settings.timezone))}.", *said[1:]]
    return [head(first, 600), *said]


def _figures(word: DayWord, problems: Sequence[Problem]) -> dict[str, Any]:
    facts = word.facts
    about = "about " if facts.estimated else ""
    graded = ", ".join(f"{count} {severity}" for severity, count in facts.by_severity.items() if count) or "none"
    rows = [
        ["Errors", f"{about}{number(facts.errors)}: {compared(word)}"],
        ["Incidents", graded],
        ["New / back", _flagged(problems)],
        ["Known issue", _known(problems)] if problems else [],
        ["Late events", "unknown: read once" if word.late_events is None else number(word.late_events)],
        ["Windows", f"all {WINDOWS_A_DAY} read" if word.complete else _read(facts)],
        ["Unclassified", "no events" if (share := unknown_share(facts)) is None else f"{share:.1%} of the events"],
        ["Failed runs", number(word.failed_runs)] if word.failed_runs else [],
    ]
    return {"heading": "The day", "severity": None, "facts": [row for row in rows if row], "sample": None, "problem": None}


def _read(facts: Facts) -> str:
    complete = sum(row["status"] == "complete" for row in read_windows(facts))
    return f"{complete} of {WINDOWS_A_DAY} complete"


def compared(word: DayWord) -> str:
    """The day's errors against the day before and the same weekday; unknown unless all windows of both are complete."""
    days = {row["day_start"].astimezone(UTC): row for row in word.facts.days}
    start = word.start.astimezone(UTC)
    own = days.get(start)
    if own is None or int(own["complete"]) < WINDOWS_A_DAY:
        return "not compared, the day is not complete"
    said = []
    for name, moment in (("the day before", start - _DAY), (f"{start:%A} a week before", start - _WEEK)):
        row = days.get(moment)
        read = int(row["complete"]) if row else 0
        if row is None or read < WINDOWS_A_DAY:
            said.append(f"{name} unknown ({read} of {WINDOWS_A_DAY} windows)")
            continue
        before, now = int(row["errors"]), int(own["errors"])
        said.append(f"{_change(now, before)} {name} ({number(before)})")
    return ", ".join(said)


def _change(now: int, before: int) -> str:
    if not before:
        return "none on" if now else "none as on"
    return f"{now / before:,.0f} times" if now > _TIMES * before else f"{(now - before) / before:+.0%} on"


def _flagged(problems: Sequence[Problem]) -> str:
    parts = []
    for flag, words in (("new", "new"), ("regression", "back after a fix")):
        count = sum(flag in one.flags for one in problems)
        if count:
            parts.append(f"{count} {words}")
    return ", ".join(parts) or "nothing new"


def _known(problems: Sequence[Problem]) -> str:
    known = sum(any(row["known_issue_id"] for row in one.incidents) for one in problems)
    return f"{known} of {counted(len(problems), 'problem')}"


def _problem(one: Problem, zone: ZoneInfo) -> dict[str, Any]:
    worst = one.worst
    about = "about " if any(row["estimated"] for row in one.incidents) else ""
    first, last = min(row["first_event"] for row in one.incidents), max(row["last_event"] for row in one.incidents)
    words = [flag.replace("_", " ") for flag in ("new", "regression", "spike", "burst", "cross_namespace", "silence") if flag in one.flags]
    still = sorted({str(row["status"]) for row in one.incidents if row["status"] != "resolved"})
    namespaces = list(dict.fromkeys(row["namespace"] for row in one.incidents))
    facts = [
        ["Why", why(worst, 400)],
        ["Events", f"{about}{number(one.events)} in {listing([(name, None) for name in namespaces], 3, 40)}"],
        ["When", f"{first.astimezone(zone):%H:%M} to {last.astimezone(zone):%H:%M %Z}{', still ' + ' and '.join(still) if still else ''}"],
        ["Services", listing(ranked(one.apps), 3)],
        ["Root cause", head(cause_line({**one.cause, "note": ""}) if one.cause else "unknown", 260)],
    ]
    if issue := _issue(one):
        facts.append(["Known issue", issue])
    people = sorted({f"acknowledged by {row['acknowledged_by']}" for row in one.incidents if row.get("acknowledged_by")})
    people += [f"note: {head(one_line(row['note']), 120)}" for row in one.incidents if row.get("note")][:1]
    if people:
        facts.append(["People", "; ".join(people[:3])])
    flags = f" · {', '.join(words)}" if words else ""
    return {
        "heading": f"{one.severity.upper()} {points(worst['score'])} · {short_key(one.key, 100)}{flags}",
        "severity": one.severity,
        "facts": facts,
        "sample": None,
        "problem": {
            "problem_key": one_line(one.key),
            "severity": one.severity,
            "score": float(worst["score"]),
            "events": one.events,
            "namespaces": [one_line(name) for name in namespaces],
            "incidents": [str(row["incident_id"]) for row in one.incidents],
        },
    }


def _issue(one: Problem) -> str:
    return next((line for row in one.incidents if (line := known_issue_line(row))), "")


def _changes(word: DayWord) -> list[dict[str, Any]]:
    """What the final word changed of the provisional one, a line each."""
    if not word.amendments:
        return []
    facts = [
        [f"{short_key(row['problem_key'], 60)} in {one_line(row['namespace'])[:40]}", head(one_line(row["words"]), 160)]
        for row in word.amendments[:_CHANGES]
    ]
    if len(word.amendments) > _CHANGES:
        facts.append(["And", f"{len(word.amendments) - _CHANGES:,} more"])
    count = counted(len(word.amendments), "incident")
    return [{"heading": f"Changed by the final word: {count}", "severity": None, "facts": facts, "sample": None, "problem": None}]


def _notes(word: DayWord, problems: Sequence[Problem], told: Sequence[Problem]) -> list[str]:
    notes = []
    rest = [one for one in problems if one not in told]
    if rest:
        grades = Counter(one.severity for one in rest)
        graded = ", ".join(f"{grades[severity]} {severity}" for severity in reversed(SEVERITIES) if grades[severity])
        notes.append(f"{counted(len(rest), 'more problem')} ({graded}): see the problem report.")
    if word.kept_back:
        ordered = sorted(word.kept_back.items(), key=lambda pair: (-pair[1], pair[0]))
        parts = ", ".join(f"{count:,} {KEPT_BACK.get(stage, clean(stage))}" for stage, count in ordered)
        notes.append(f"Incidents that nobody was told of during the day: {parts}.")
    return notes


def _quiet_line(word: DayWord) -> str:
    read = f"{counted(word.facts.errors, 'error')} in {counted(len(word.facts.namespaces), 'namespace')}"
    late = f", {counted(word.late_events, 'late event')}" if word.late_events else ""
    failed = f", {counted(word.failed_runs, 'failed run')}" if word.failed_runs else ""
    return f"No incidents; {read}, all {WINDOWS_A_DAY} windows read{late}{failed}; {compared(word)}."
