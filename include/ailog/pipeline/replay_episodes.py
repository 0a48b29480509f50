"""From the verdicts of a replayed span to its incidents, day by day: what an incident carries into the next day is kept here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from ailog.domain.continuation import LAG
from ailog.domain.incidents import episodes
from ailog.domain.peaks import PEAK_COLUMNS, peaks
from ailog.pipeline.replay_days import Memory, Side
from ailog.pipeline.replay_facts import Day, Facts

_PLACE = ["window_start", "namespace"]
_PAIR = ["namespace", "problem_key"]


class Episodes:
    """The windows of incidents of one side, and what goes on from day to day."""

    def __init__(self, facts: Facts, side: Side) -> None:
        self.facts, self.side = facts, side
        self.quiet = timedelta(minutes=side.settings.incidents.quiet_minutes)
        known = {"first": facts.span.start, "last": facts.span.end, "quiet_minutes": side.settings.incidents.quiet_minutes}
        self.closed = facts.rows("closed", **known)
        self.over = facts.other("publish/declared_over", **known)
        self.causes = facts.rows("causes")
        self.accepted = [facts.rows("accepted", start=facts.span.start - LAG)]
        self._going = facts.rows("going_on", **known)
        self._parts: list[pd.DataFrame] = []

    def day(self, day: Day, fired: pd.DataFrame, memory: Memory) -> None:
        """Takes the verdicts of a day that fired; days come in order. Windows before the span only taught."""
        start = pd.Timestamp(self.facts.span.start)
        fired = fired[fired["window_start"] >= start]
        kinds = self._wanted(day.kinds[day.kinds["window_start"] >= start], fired)
        pairs = kinds[_PAIR].drop_duplicates()
        horizon = pd.Timestamp(day.start - LAG)
        self.accepted = [one[one["window_start"] >= horizon] for one in self.accepted]
        rows = peaks(
            detections=fired,
            kinds=kinds,
            totals=day.totals[day.totals["namespace"].isin(set(fired["namespace"]) | set(kinds["namespace"]))],
            problem_history=memory.norms(day.start, list(pairs.itertuples(index=False, name=None))),
            root_causes=self.causes[self.causes["window_start"].isin(day.totals["window_start"].unique())],
            open_incidents=self._going,
            settings=self.side.settings,
            declared_over=self.over,
            accepted=pd.concat(self.accepted, ignore_index=True),
        )
        if len(rows):
            self._parts.append(rows)
        self._carry(rows, day)

    def accept(self, levels: pd.DataFrame) -> None:
        """Takes up where a new level was accepted in a day that is judged next."""
        found = levels.loc[levels["accepted"].astype(bool) & levels["judged"].astype(bool), [*_PLACE, "subject"]]
        found = found.assign(problem_key=found["subject"].where(found["subject"] != "namespace", None)).drop(columns="subject")
        if len(found):
            self.accepted.append(found)

    def rows(self) -> pd.DataFrame:
        """``PEAK_COLUMNS`` of all days."""
        return pd.concat(self._parts, ignore_index=True) if self._parts else pd.DataFrame(columns=list(PEAK_COLUMNS))

    def _wanted(self, kinds: pd.DataFrame, fired: pd.DataFrame) -> pd.DataFrame:
        """Kinds of problems that fired, that go on, or that a spike of their namespace may belong to."""
        places = fired.loc[(fired["detector"] == "spike") & fired["problem_key"].isna(), _PLACE].drop_duplicates()
        parts = [fired.loc[fired["problem_key"].notna(), _PAIR], self._going[_PAIR], kinds.merge(places, on=_PLACE)[_PAIR]]
        pairs = pd.concat(parts, ignore_index=True).drop_duplicates()
        return kinds.merge(pairs, on=_PAIR, how="inner").sort_values([*_PLACE, "app", "fingerprint"], kind="stable", ignore_index=True)

    def _carry(self, rows: pd.DataFrame, day: Day) -> None:
        """Of what goes on at the end of a day: the newest window, with the events that it opened with."""
        known: dict[tuple[str, str], tuple[pd.Timestamp, float]] = {}
        before = self._going.rename(columns={"last_window": "window_start", "opening_count": "original_value"})
        columns = ["window_start", *_PAIR, "original_value"]
        both = pd.concat([one[columns] for one in (before, rows) if len(one)], ignore_index=True) if len(before) or len(rows) else rows
        over: dict[tuple[str, str], list[pd.Timestamp]] = {}
        for namespace, problem, until in zip(*(self.over[name] for name in (*_PAIR, "until")), strict=True):
            over.setdefault((namespace, problem), []).append(until)
        ordered = both.sort_values("window_start", kind="stable") if len(both) else both
        for window, namespace, problem, count in zip(*(ordered[name] for name in columns), strict=True):
            name = (namespace, problem)
            last, opening = known.get(name, (window, float(count)))
            alive = window - last <= self.quiet and not any(last <= until < window for until in over.get(name, ()))
            known[name] = (window, opening if alive else float(count))
        horizon = pd.Timestamp(day.windows[-1]) - self.quiet
        left: list[dict[str, Any]] = [
            {"problem_key": problem, "namespace": namespace, "last_window": window, "opening_count": opening}
            for (namespace, problem), (window, opening) in known.items()
            if window >= horizon
        ]
        self._going = pd.DataFrame(left, columns=["problem_key", "namespace", "last_window", "opening_count"])


def incidents_of(facts: Facts, side: Side, rows: pd.DataFrame, closed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Incidents from their windows within the span, and the windows with the incident of each."""
    found, assigned = episodes(closed, rows, quiet_minutes=side.settings.incidents.quiet_minutes, analysed_until=facts.span.end)
    return found, rows.assign(incident_id=list(assigned))
