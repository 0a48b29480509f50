"""Judges a stored span again with other settings, and tells the difference. Writes nothing and sends nothing.

The difference is between two replays, one with the settings in force and one with others: what stored rows owe to late data or to older
code is in neither. ``against="stored"`` compares with the stored incidents instead. All of it happens in one transaction that can only
read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd
import psycopg

from ailog.domain.calendar import Calendar
from ailog.domain.events import WINDOW, Interval
from ailog.domain.peaks import PEAK_COLUMNS
from ailog.domain.silences import Silence
from ailog.errors import ConfigError
from ailog.pipeline import budget, calendar, norms, replay_settings
from ailog.pipeline.replay_days import Ahead, Judge, Memory, Side
from ailog.pipeline.replay_difference import Messages, Outcome, difference, shown
from ailog.pipeline.replay_episodes import Episodes, incidents_of
from ailog.pipeline.replay_facts import DAY, Facts
from ailog.pipeline.replay_fixes import Fixes
from ailog.pipeline.replay_norms import Levels
from ailog.pipeline.replay_notices import Hiding, Told, maintenance_of, told
from ailog.ports import Store
from ailog.settings import Settings

Against = Literal["replay", "stored"]
_FORCE: Final = "settings in force"
_MAX_DAYS: Final = 366


def replay(store: Store, settings: Settings, other: Settings | None, span: Interval, *, against: Against = "replay") -> dict[str, Any]:
    """What ``other`` settings (None: those in force) would have made of a span.

    Returns ``from``, ``to``, ``against``, ``changed`` (settings that differ, before and after), ``windows``, ``alarm_limits``, ``notes``
    (what is not judged again) and what ``difference`` says. The same facts give the same answer.

    Raises:
        ConfigError: nothing to compare, a span that is too long, or one of which nothing was read.
    """
    if other is None and against == "replay":
        raise ConfigError("a replay with the settings in force against itself differs in nothing: give --settings, or --against stored")
    wanted = replay_settings.tried(settings, other) if other else settings
    differs = replay_settings.changes(settings, other) if other else {}
    with reading(store) as connection:
        facts = _facts(store, connection, span)
        asked = [("after", wanted)] if against == "stored" else [("before", settings), ("after", wanted)]
        sides = [_side(facts, name, one, same=one is settings or name == "before", budget_of=settings) for name, one in asked]
        outcomes, complete = judge(facts, sides)
        before = stored(facts, settings) if against == "stored" else outcomes[0]
    apart = timedelta(minutes=max(settings.incidents.quiet_minutes, wanted.incidents.quiet_minutes))
    lower = wanted.detectors.burst.min_count < settings.detectors.burst.min_count
    return {
        "from": span.start,
        "to": span.end,
        "against": "stored incidents" if against == "stored" else _FORCE,
        "changed": differs,
        "windows": complete,
        "alarm_limits": {side.name: sorted(set(side.limits.values())) for side in sides},
        "notes": [*replay_settings.notes(differs, lower_burst=lower), *replay_settings.TAKEN_AS_STORED],
        **difference(before, outcomes[-1], apart),
    }


@contextmanager
def reading(store: Store) -> Iterator[psycopg.Connection]:
    """A transaction that sees one moment of the database and can write nothing."""
    with store.connection("judge a span again") as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


def judge(facts: Facts, sides: Sequence[Side], snapshot_id: str | None = None) -> tuple[list[Outcome], int]:
    """The outcome of each side, and how many complete windows the span has; ``snapshot_id`` stands for those in force then.

    The days are read once and judged by all sides one after the other, so that memory is bounded by a day.
    """
    known = calendar.load(facts.store, facts.connection)
    days = _Days(facts, sides, known, snapshot_id)
    episodes = [Episodes(facts, side) for side in sides]
    lookbacks = [side.settings.detectors.new.lookback_days for side in sides]
    memories = {one: days.memory(side.settings) for one, side in zip(lookbacks, sides, strict=True)}
    fixes = [Fixes(facts, side.settings) for side in sides]
    judges = [Judge(facts, *given, days.loudest) for given in zip(sides, (memories[one] for one in lookbacks), fixes, strict=True)]
    for start in facts.days:
        ahead = days.ahead(start)
        done: dict[tuple[str, ...], pd.DataFrame] = {}
        for memory in memories.values():
            memory.begin(start)
        for one, found in zip(judges, episodes, strict=True):
            found.accept(ahead.levels)
            found.day(ahead.day, one.day(ahead, done), one.memory)
        for memory in memories.values():
            memory.end(ahead.day)
    hidden = _hiding(facts, known)
    return [_outcome(facts, one, hidden) for one in episodes], days.complete


def stored(facts: Facts, settings: Settings) -> Outcome:
    """The stored windows of incidents of the span, put together as those of a replay, and the messages of its runs."""
    rows = facts.rows("stored_peaks")[list(PEAK_COLUMNS)]
    side = Side("stored", settings, {})
    known = {"first": facts.span.start, "last": facts.span.end}
    incidents, _ = incidents_of(facts, side, rows, facts.rows("closed", **known))
    notices = facts.rows("stored_notices")
    return Outcome(
        shown(incidents),
        Messages(
            int(notices["message_id"].nunique()),
            {str(name): int(part["message_id"].nunique()) for name, part in notices.groupby("namespace")},
            {str(kind): int(count) for kind, count in notices.drop_duplicates(["run_id", "incident_id"])["stage"].value_counts().items()},
        ),
    )


def messages(words: Iterable[Told]) -> Messages:
    """Of all that a run tells a channel gets one message."""
    by_namespace: dict[str, set[Any]] = {}
    kinds: Counter[str] = Counter()
    for word in words:
        by_namespace.setdefault(word.namespace, set()).update((word.window_end, channel) for channel in word.channels)
        kinds[word.kind] += 1
    every = set().union(*by_namespace.values()) if by_namespace else set()
    return Messages(len(every), {name: len(runs) for name, runs in sorted(by_namespace.items())}, dict(kinds))


def facts_of(store: Store, connection: psycopg.Connection, span: Interval) -> Facts:
    """The facts of a span; raises ConfigError when it is too long or nothing was read of it."""
    return _facts(store, connection, span)


def _facts(store: Store, connection: psycopg.Connection, span: Interval) -> Facts:
    if span.end - span.start > timedelta(days=_MAX_DAYS):
        raise ConfigError(f"from {span.start.date()} to {span.end.date()} is more than {_MAX_DAYS} days: replay a part of it")
    facts = Facts(store, connection, span)
    if not facts.rows("windows")["complete"].sum():
        raise ConfigError(
            f"no window from {span.start.isoformat()} to {span.end.isoformat()} was read whole: 'ailog ledger' shows what was; "
            "counts are kept for retention.raw_days"
        )
    return facts


def _side(facts: Facts, name: str, settings: Settings, *, same: bool, budget_of: Settings) -> Side:
    """A side with its margins: of the snapshots in force, or solved anew from what is remembered when the budget is another."""
    snapshots = facts.other("detect/snapshots", windows=facts.span.windows())["snapshot_id"]
    names = [one if isinstance(one, str) else None for one in snapshots.unique()]
    limits: dict[str | None, float] = {}
    for one in names:
        limits[one] = (
            budget.limit_of(facts.store, settings, facts.connection, one)
            if same or settings.detectors.budget == budget_of.detectors.budget
            else solved(facts, settings, one)
        )
    return Side(name, settings, limits)


def solved(facts: Facts, settings: Settings, snapshot_id: str | None) -> float:
    """The margin of a budget from what was remembered when a snapshot was trained; without one, from before the span."""
    end = facts.span.start
    if snapshot_id is not None:
        row = facts.connection.execute(facts.store.statement("replay/trained_to"), {"snapshot_id": snapshot_id}).fetchone()
        end = row[0] if row else end
    last = end.astimezone(ZoneInfo(settings.timezone)).date() - timedelta(days=1)
    first = last - timedelta(weeks=settings.thresholds.weeks)
    return budget.solve_from(settings, norms.scores(facts.store, facts.connection, first, last)).limit


@dataclass
class _Days:
    """What both sides share, day by day."""

    facts: Facts
    sides: Sequence[Side]
    known: Calendar
    snapshot_id: str | None

    def __post_init__(self) -> None:
        facts, sides = self.facts, self.sides
        rules = [side.settings.detectors for side in sides]
        lookback = max(one.new.lookback_days for one in rules)
        self.windows: dict[int, tuple[int, int]] = {
            (day - date(1970, 1, 1)).days: (int(complete), int(kinds))
            for day, complete, kinds in facts.rows("windows", start=facts.first_day - max(lookback, 8) * DAY).itertuples(index=False)
        }
        self.complete = int(facts.rows("windows")["complete"].sum())
        self.before = facts.kinds_before(lookback)
        self.problems = facts.problems_before(7)
        self.loudest = facts.loudest(max(*(one.silence.history_days for one in rules), 56))
        settings = sides[0].settings
        zone = ZoneInfo(settings.timezone)
        first = self.loudest.groupby("namespace")["day"].min()
        in_part = facts.rows("in_part", start=facts.first_day - DAY)["window_start"]
        self.levels = Levels(
            facts.store, settings, facts.connection,
            holidays=norms.holidays_of(self.known),
            least=min(side.least for side in sides),
            until=facts.span.end,
            first_seen={str(name): date(1970, 1, 1) + timedelta(days=int(day)) for name, day in first.items()},
            in_part={window.astimezone(zone).date() for window in in_part},
            part_days=lambda days: facts.part_days(days, settings.timezone),
        )  # fmt: skip
        wanted = {snapshot for side in sides for snapshot in side.limits}
        self.thresholds = {one: self._thresholds(one) for one in wanted}
        found = facts.other("detect/snapshots", windows=Interval(facts.first_day, facts.span.end).windows())
        in_force = zip(found["window_start"], found["snapshot_id"], strict=True)
        self.snapshots = {window.to_pydatetime(): one if isinstance(one, str) else None for window, one in in_force}

    def memory(self, settings: Settings) -> Memory:
        """A side's memory of the days before the first."""
        return Memory(self.facts, settings, self.before, self.problems, self.windows)

    def ahead(self, start: Any) -> Ahead:
        """A day."""
        day = self.facts.day(start)
        groups: dict[str | None, list[Any]] = {}
        for window in day.windows:
            one = self.snapshot_id or self.snapshots.get(window)
            if one in self.thresholds:
                groups.setdefault(one, []).append(window)
        stored = self.facts.rows("verdicts", start=start, end=day.windows[-1] + WINDOW)
        return Ahead(day, self.levels.of(day.windows), stored, groups, self.thresholds, self.known)

    def _thresholds(self, snapshot_id: str | None) -> pd.DataFrame:
        found = self.facts.other("detect/thresholds", snapshot_id=snapshot_id)
        found["weekday"] = found["weekday"].astype("Int64")
        return found


def _hiding(facts: Facts, known: Calendar) -> Hiding:
    rows: Iterable[Mapping[Any, Any]] = facts.rows("silences").to_dict("records")
    times = ("created_at", "expires_at")
    found = [Silence.of({**row, **{name: row[name].to_pydatetime() for name in times}}) for row in rows]
    return Hiding(found, maintenance_of(known))


def _outcome(facts: Facts, episodes: Episodes, hidden: Hiding) -> Outcome:
    side = episodes.side
    incidents, rows = incidents_of(facts, side, episodes.rows(), episodes.closed)
    return Outcome(shown(incidents), messages(told(incidents, rows, side.settings, facts.span.end, hidden)))
