"""The charts of the HTML report as plain geometry: where each rectangle lies, what kind it is, and what it says when it is pointed at.

No drawing library is used: what has to be drawn is rectangles and stepped lines, and what matters is what libraries leave to the caller.
A window that was not read is a gap, never zero and never bridged by a line; every mark says its figure in words; the page needs no
script. Plots stretch to the width of the page, so their words are the page's text, not the drawing's. Units: x 0 to ``WIDTH``,
y 0 (top) to ``HEIGHT``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.events import WINDOW
from ailog.domain.report import Facts
from ailog.domain.report_coverage import STATES, stretches
from ailog.domain.wording import counted, local_span, number, one_line, short_key, tail

WIDTH: Final = 960
HEIGHT: Final = 100
PLOTS, FILLED = 8, 4
"""Namespaces with incidents that have a chart of their own, and how many there are at least where others have errors."""

STRIPS: Final = 40
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WINDOWS_A_DAY: Final = 96
_LEVELS: Final = (1, 10, 100, 1_000, 10_000)
_TICK_HOURS, _MAJOR_HOURS = 3, 6
_NAMED: Final = 3

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of a chart: its kind is its class in the style sheet, its title is shown and read out."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis of time, in percent of its width; ``major`` ones are also shown on a narrow screen."""

    left: float
    local: str
    utc: str
    major: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """The errors of one namespace by quarter hour."""

    namespace: str
    top: str
    words: str
    rects: Sequence[Rect]
    limits: Sequence[str]
    incidents: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a namespace: ``level`` 0 to 5, ``state`` full, part (a lower bound) or none (not read)."""

    text: str
    level: int
    state: str
    title: str


def ceiling(value: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten that is not below the value, and at least 5: the top of an axis."""
    if value <= 5:
        return 5.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-12))


def compact(value: float) -> str:
    """A figure in at most four characters or so: ``950``, ``1.2k``, ``34k``, ``5.6M``."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            scaled = value / size
            return f"{scaled:.1f}{sign}" if scaled < 9.95 else f"{scaled:.0f}{sign}"
    return f"{value:.0f}"


def level(count: float) -> int:
    """How dark an hour is: 0 without errors, 1 from 1, 2 from 10, 3 from 100, 4 from 1,000, 5 from 10,000."""
    return sum(count >= bound for bound in _LEVELS)


class Day:
    """The 24 hours before the end of a report: its windows, what was counted in them, and the incidents that went on."""

    def __init__(self, facts: Facts, zone: ZoneInfo) -> None:
        self.zone = zone
        self.end: datetime = facts.run["window_to"]
        self.start = self.end - _DAY
        self.windows = [row for row in facts.windows if row["window_start"] >= self.start]
        self.counts: dict[str, dict[datetime, Row]] = defaultdict(dict)
        for row in facts.series:
            self.counts[row["namespace"]][row["window_start"]] = row
        self.episodes: dict[str, list[Row]] = defaultdict(list)
        for episode in facts.episodes:
            self.episodes[episode["namespace"]].append(episode)
        self.errors = {name: sum(int(row["count"]) for row in rows.values()) for name, rows in self.counts.items()}
        self.order = sorted({*self.counts, *self.episodes}, key=lambda name: (-self._worst(name), -self.errors.get(name, 0), name))

    def _worst(self, namespace: str) -> float:
        return max((float(episode["score"]) for episode in self.episodes.get(namespace, ())), default=-1.0)

    def x(self, moment: datetime) -> float:
        """Where a moment lies, within the chart."""
        share: float = (moment - self.start) / _DAY
        return round(min(max(share, 0.0), 1.0) * WIDTH, 2)

    def ticks(self) -> list[Tick]:
        """Every third hour of the local clock."""
        found = []
        for row in self.windows:
            there = row["window_start"].astimezone(self.zone)
            if there.minute == 0 and there.hour % _TICK_HOURS == 0:
                utc = row["window_start"].astimezone(UTC)
                left = round(self.x(row["window_start"]) / WIDTH * 100, 3)
                found.append(Tick(left, f"{there:%H:%M}", f"{utc:%H:%M}", there.hour % _MAJOR_HOURS == 0))
        return found

    def strip(self) -> list[Rect]:
        """What was read: one rectangle for each stretch of windows of one status."""
        return [
            Rect(
                self.x(start), 0, round(self.x(end) - self.x(start), 2), HEIGHT, _kind(status),
                f"{local_span(start, end, self.zone)}: {STATES[status]}",
            )
            for start, end, status in stretches(self.windows)
        ]  # fmt: skip


def plots(day: Day) -> list[Plot]:
    """The charts of the namespaces with incidents, gravest first, filled up with those that have most errors."""
    chosen = [name for name in day.order if day.episodes.get(name)][:PLOTS]
    others = [name for name in day.order if not day.episodes.get(name) and day.errors.get(name)]
    return [_plot(day, name) for name in chosen + others[: max(FILLED - len(chosen), 0)]]


def _plot(day: Day, namespace: str) -> Plot:
    counts = day.counts.get(namespace, {})
    limits = [float(row["judged_limit"]) for row in counts.values() if row["judged_limit"] is not None]
    top = ceiling(max([0.0, *(float(row["count"]) for row in counts.values()), *limits]))
    rects = [
        Rect(day.x(e["opened_window"]), 0, _span_width(day, e), HEIGHT, f"span {e['severity']}", _told(day, e))
        for e in reversed(day.episodes.get(namespace, []))
    ]
    absent = [{"window_start": w["window_start"], "status": _missing(w, counts)} for w in day.windows]
    for start, end, status in stretches(absent):
        width = round(day.x(end) - day.x(start), 2)
        if status:
            title = f"{local_span(start, end, day.zone)}: {status}"
            rects.append(Rect(day.x(start), 0, width, HEIGHT, "gap", title))
        else:
            rects.append(Rect(day.x(start), HEIGHT - 1.5, width, 1.5, "zero"))
    rects += [_bar(day, row, top) for _, row in sorted(counts.items()) if row["count"]]
    return Plot(
        namespace=tail(one_line(namespace), 80),
        top=compact(top),
        words=_words(day, namespace, counts),
        rects=rects,
        limits=_limit_lines(day, counts, top),
        incidents=[
            {
                "severity": e["severity"],
                "when": local_span(e["opened_window"], e["last_window"] + WINDOW, day.zone),
                "problem": short_key(e["problem_key"], 90),
            }
            for e in day.episodes.get(namespace, [])[:_NAMED]
        ]
        + _rest(day, namespace),
    )


def _rest(day: Day, namespace: str) -> list[Row]:
    more = len(day.episodes.get(namespace, [])) - _NAMED
    return [{"severity": "", "when": f"and {counted(more, 'more incident')}", "problem": ""}] if more > 0 else []


def _missing(window: Row, counts: Mapping[datetime, Row]) -> str | None:
    """Why a window has no count, None where it has one."""
    if window["window_start"] in counts:
        return None
    return STATES[window["status"]] if window["status"] != "complete" else "not counted: the namespace was not known yet"


def _span_width(day: Day, episode: Row) -> float:
    return round(max(day.x(episode["last_window"] + WINDOW) - day.x(episode["opened_window"]), 1.0), 2)


def _told(day: Day, episode: Row) -> str:
    span = local_span(episode["opened_window"], episode["last_window"] + WINDOW, day.zone)
    return f"incident, {episode['severity']}, {span}: {short_key(episode['problem_key'], 120)}"


def _bar(day: Day, row: Row, top: float) -> Rect:
    count, limit = float(row["count"]), row["judged_limit"]
    height = round(max(count / top * HEIGHT, 1.0), 2)
    kind = "above" if limit is not None and count > limit else "below"
    start = row["window_start"]
    bound = "at least " if not row["complete"] else "about " if row["estimated"] else ""
    said = f"{local_span(start, start + WINDOW, day.zone)}: {bound}{counted(int(count), 'error')}"
    said += "" if limit is None else f", limit {number(float(limit))}"
    width = WIDTH / _WINDOWS_A_DAY
    return Rect(
        round(day.x(start) + width * 0.08, 2), round(HEIGHT - height, 2), round(width * 0.84, 2), height,
        kind if row["complete"] else f"{kind} part", said,
    )  # fmt: skip


def _limit_lines(day: Day, counts: Mapping[datetime, Row], top: float) -> list[str]:
    """The limit as paths of steps, broken where a window was not judged."""
    paths: list[str] = []
    before: datetime | None = None
    for start, row in sorted(counts.items()):
        if row["judged_limit"] is None:
            continue
        y = round(HEIGHT - float(row["judged_limit"]) / top * HEIGHT, 2)
        x, end = day.x(start), day.x(start + WINDOW)
        if before == start:
            paths[-1] += f"V{y:g}H{end:g}"
        else:
            paths.append(f"M{x:g} {y:g}H{end:g}")
        before = start + WINDOW
    return paths


def _words(day: Day, namespace: str, counts: Mapping[datetime, Row]) -> str:
    if not counts:
        return "nothing was counted"
    start, most = max(counts.items(), key=lambda item: (item[1]["count"], -item[0].timestamp()))
    about = "about " if any(row["estimated"] for row in counts.values()) else ""
    gaps = any(w["status"] != "complete" and w["window_start"] not in counts for w in day.windows)
    least = "at least " if gaps or not all(row["complete"] for row in counts.values()) else ""
    said = f"{least or about}{counted(day.errors[namespace], 'error')} in 24 h"
    if not most["count"]:
        return said
    utc = start.astimezone(UTC)
    said += f"; most {int(most['count']):,} in 15 min, from {start.astimezone(day.zone):%H:%M %Z} ({utc:%H:%M} UTC)"
    return said + (", not judged against a limit" if most["judged_limit"] is None else f", limit {number(float(most['judged_limit']))}")


def hours(day: Day) -> list[datetime]:
    """The UTC hours that the heat strip has columns for."""
    first = day.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return [first + i * _HOUR for i in range(math.ceil((day.end - first) / _HOUR))]


def heat(day: Day) -> list[tuple[str, list[Cell]]]:
    """Errors by namespace and hour: at most ``STRIPS`` namespaces, and the others together in a last row."""
    columns = hours(day)
    chosen, others = day.order[:STRIPS], day.order[STRIPS:]
    if len(others) == 1:
        chosen, others = day.order, []
    strips = [(tail(one_line(name), 60), [_cell(day, [name], hour) for hour in columns]) for name in chosen]
    if others:
        strips.append((f"{len(others)} other namespaces", [_cell(day, others, hour) for hour in columns]))
    return strips


def _cell(day: Day, namespaces: Sequence[str], hour: datetime) -> Cell:
    due = [w for w in day.windows if hour <= w["window_start"] < hour + _HOUR]
    found = [row for name in namespaces for w in due if (row := day.counts.get(name, {}).get(w["window_start"])) is not None]
    when = local_span(hour, hour + _HOUR, day.zone)
    if not found:
        return Cell("", 0, "none", f"{when}: not read")
    errors = sum(int(row["count"]) for row in found)
    whole = all(row["complete"] for row in found) and all(w["status"] == "complete" for w in due)
    whole = whole and (len(namespaces) > 1 or len(found) == len(due))
    above = any(row["judged_limit"] is not None and row["count"] > row["judged_limit"] for row in found)
    text = ("▲" if above else "") + ("≥" if not whole else "") + (compact(errors) if errors or not whole else "0")
    said = f"{when}: {'' if whole else 'at least '}{counted(errors, 'error')}" + (", above the limit" if above else "")
    return Cell(text, level(errors), "full" if whole else "part", said)


def _kind(status: str | None) -> str:
    return {"complete": "read", "partial": "partly", "failed": "gap", None: "gap"}[status]
