"""Judges the days of a span again with other settings: the product's own detectors, given what of a day could make them fire.

The detectors tell every verdict, and nearly all say that nothing is unusual. Here only what fires is of use, so each is given the rows
that could: windows beyond the season, kinds that the look-back hardly knows, problems above their norm in several namespaces. What is left
out could not have fired, whatever else the detector weighs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import pandas as pd

from ailog.domain.calendar import Calendar
from ailog.domain.detectors.burst import burst
from ailog.domain.detectors.cross_namespace import cross_namespace
from ailog.domain.detectors.escalating import escalating
from ailog.domain.detectors.judged import COLUMNS, NAMESPACE, Judged, verdicts
from ailog.domain.detectors.new import new
from ailog.domain.detectors.regression import regression
from ailog.domain.detectors.silence import LONGEST, silence
from ailog.domain.detectors.spike import spike
from ailog.domain.events import WINDOW
from ailog.pipeline.replay_facts import DAY, Day, Facts, number_of
from ailog.pipeline.replay_fixes import Fixes
from ailog.pipeline.replay_memory import Sums, add_frame
from ailog.settings import Settings

NONE: Final = verdicts([])
"""No verdict."""
NORM_DAYS: Final = 7
"""Days that the norm of a problem is the mean of."""
_CLEARLY: Final = 2.0
"""Times its norm that a problem must have before several namespaces with it could be more than chance; chance itself asks for over 4."""


@dataclass(frozen=True)
class Side:
    """One way to judge: settings, and the score that an alarm must pass under each snapshot of thresholds."""

    name: str
    settings: Settings
    limits: Mapping[str | None, float]

    @property
    def least(self) -> float:
        """No score up to this one can be an alarm."""
        return max(-math.log(self.settings.detectors.spike.significance), min(self.limits.values(), default=0.0))


@dataclass(frozen=True)
class Ahead:
    """What both sides share of a day: its facts, the levels that could matter, and what traces and seconds showed when it was run."""

    day: Day
    levels: pd.DataFrame
    stored: pd.DataFrame
    snapshots: Mapping[str | None, list[datetime]]
    thresholds: Mapping[str | None, pd.DataFrame]
    calendar: Calendar


class Memory:
    """What the days before a day hold, for one side."""

    def __init__(
        self, facts: Facts, settings: Settings, before: pd.DataFrame, problems: pd.DataFrame, windows: Mapping[int, tuple[int, int]]
    ) -> None:
        """``before`` and ``problems``: sums of earlier days; ``windows``: of a day those read whole, and those with kinds."""
        lookback = settings.detectors.new.lookback_days
        self.families, self.known, self.problems = Sums(lookback), Sums(lookback), Sums(NORM_DAYS)
        first = number_of(facts.first_day)
        before = before[before["day"] >= first - lookback]
        add_frame(self.families, before, ["family", "environment"])
        add_frame(self.known, before, ["problem_key", "environment"])
        add_frame(self.problems, problems, ["namespace", "problem_key"])
        self.windows, self.lookback = windows, lookback

    def begin(self, day: datetime) -> None:
        """Forgets what no rule looks back to from a day on."""
        for sums in (self.families, self.known, self.problems):
            sums.begin(number_of(day))

    def end(self, day: Day) -> None:
        """Takes a judged day up."""
        number = number_of(day.start)
        add_frame(self.families, day.kinds, ["family", "environment"], number)
        add_frame(self.known, day.kinds, ["problem_key", "environment"], number)
        add_frame(self.problems, day.kinds, ["namespace", "problem_key"], number)

    def norms(self, day: datetime, pairs: list[tuple[str, str]]) -> pd.DataFrame:
        """namespace, problem_key, mean of some problems in a window of the week before a day; those that did not occur are left out."""
        number = number_of(day)
        windows = max(1, sum(self.windows.get(number - back, (0, 0))[0] for back in range(1, NORM_DAYS + 1)))
        sums = self.problems.of(pairs)
        rows = [(namespace, problem, total / windows) for (namespace, problem), total in zip(pairs, sums.tolist(), strict=True) if total]
        return pd.DataFrame(rows, columns=["namespace", "problem_key", "mean"])

    def read_before(self, day: datetime) -> int:
        """Windows of the look-back before a day whose kinds are known."""
        number = number_of(day)
        return sum(self.windows.get(number - back, (0, 0))[1] for back in range(1, self.lookback + 1))


@dataclass
class Judge:
    """Judges day after day for one side."""

    facts: Facts
    side: Side
    memory: Memory
    fixes: Fixes
    loudest: pd.DataFrame

    def day(self, ahead: Ahead, done: dict[tuple[str, ...], pd.DataFrame]) -> pd.DataFrame:
        """The verdicts of a day that fired, sorted by window, namespace, detector and subject.

        ``done`` keeps those of the day by detector and its settings: a side that differs in none of them takes what another one found.
        """
        base, rules = self._base(ahead), self.side.settings.detectors
        ways: dict[tuple[str, ...], Callable[[Ahead, Judged], pd.DataFrame]] = {
            ("spike", rules.spike.model_dump_json(), self.side.settings.thresholds.model_dump_json(), str(self.side.limits)): self._spikes,
            ("silence", rules.silence.model_dump_json()): self._silence,
            ("new", rules.new.model_dump_json()): self._new,
            ("cross_namespace", rules.cross_namespace.model_dump_json()): self._cross,
            ("regression", rules.regression.model_dump_json()): self._regression,
            ("burst", rules.burst.model_dump_json()): self._burst,
            ("escalating", str(self.side.limits)): self._escalating,
        }
        for key, way in ways.items():
            if key not in done:
                found = way(ahead, base)
                done[key] = found[found["fired"].astype(bool)]
        parts = [ahead.stored.loc[ahead.stored["detector"] == "cascade", list(COLUMNS)], *(done[key] for key in ways)]
        fired = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        return fired.sort_values(["window_start", "namespace", "detector", "subject"], kind="stable", ignore_index=True)

    def _base(self, ahead: Ahead) -> Judged:
        day = ahead.day
        return Judged(
            windows=day.windows,
            totals=day.totals.iloc[:0],
            kinds=day.kinds.iloc[:0],
            history=pd.DataFrame(columns=["window_start", "namespace", "count", "documents"]),
            thresholds=pd.DataFrame(columns=["namespace", "weekday", "threshold", "samples"]),
            snapshot_id=None,
            densest=densest_of(ahead.stored.iloc[:0]),
            seen=pd.DataFrame(columns=["fingerprint", "environment", "events", "window_start"]),
            seen_problems=pd.DataFrame(columns=["problem_key", "environment", "window_start"]),
            lookback_windows=self.memory.read_before(day.start),
            settings=self.side.settings,
            day=day.start,
            levels=ahead.levels.iloc[:0],
            calendar=ahead.calendar,
        )

    def _regression(self, ahead: Ahead, base: Judged) -> pd.DataFrame:
        found, sightings, kinds = self.fixes.of(ahead.day, self.side.settings)
        return regression(replace(base, kinds=kinds, fixes=found, sightings=sightings)) if found else NONE

    def _burst(self, ahead: Ahead, base: Judged) -> pd.DataFrame:
        densest = densest_of(ahead.stored[ahead.stored["detector"] == "burst"])
        return burst(replace(base, densest=densest)) if len(densest) else NONE

    def _escalating(self, ahead: Ahead, base: Judged) -> pd.DataFrame:
        """The rises that runs saw, held against the margin of this side."""
        stored = ahead.stored[ahead.stored["detector"] == "escalating"]
        levels = stored[["window_start", "namespace", "subject"]].assign(
            rise_score=[float((one or {}).get("score") or 0.0) for one in stored["evidence"]],
            rise_level=stored["value"],
            rise_base=stored["baseline"].astype(float),
        )
        found = [NONE]
        for snapshot_id, windows in ahead.snapshots.items():
            some = levels[levels["window_start"].between(pd.Timestamp(windows[0]), pd.Timestamp(windows[-1]))]
            if len(some):
                found.append(escalating(replace(base, levels=some, snapshot_id=snapshot_id, alarm_limit=self.side.limits[snapshot_id])))
        return pd.concat([one for one in found if len(one)], ignore_index=True) if any(map(len, found)) else NONE

    def _spikes(self, ahead: Ahead, base: Judged) -> pd.DataFrame:
        levels, totals, kinds = ahead.levels, ahead.day.totals, ahead.day.kinds
        place = ["window_start", "namespace"]
        own = levels[levels["subject"] == NAMESPACE]
        least = self.side.settings.detectors.spike.min_count_without_norm
        thin = totals.merge(own[[*place, "judged"]], on=place, how="inner")
        thin = thin[thin["judged"].astype(bool) | (thin["count"] >= least)].drop(columns="judged")
        of_problems = levels.loc[levels["subject"] != NAMESPACE, [*place, "subject"]]
        # Whole problems and kinds: a kind is counted over all of its problems, a problem over all of its kinds.
        asked_for = pd.MultiIndex.from_frame(of_problems)
        wanted = [pd.MultiIndex.from_frame(kinds[[*place, name]]).isin(asked_for) for name in ("problem_key", "fingerprint")]
        parts = kinds[wanted[0] | wanted[1]]
        found = [NONE]
        for snapshot_id, windows in ahead.snapshots.items():
            first, last = pd.Timestamp(windows[0]), pd.Timestamp(windows[-1])
            asked = replace(
                base,
                windows=windows,
                totals=thin[thin["window_start"].between(first, last)],
                kinds=parts[parts["window_start"].between(first, last)],
                levels=levels[levels["window_start"].between(first, last)],
                thresholds=ahead.thresholds[snapshot_id],
                snapshot_id=snapshot_id,
                alarm_limit=self.side.limits[snapshot_id],
            )
            found.append(spike(asked) if len(asked.totals) or len(asked.kinds) else NONE)
        return pd.concat([one for one in found if len(one)], ignore_index=True) if any(map(len, found)) else NONE

    def _silence(self, ahead: Ahead, base: Judged) -> pd.DataFrame:
        """Of namespaces whose history could expect enough in so few windows: the largest of it in each of them would have to do."""
        rules, day, totals = self.side.settings.detectors.silence, ahead.day, ahead.day.totals
        empty = totals[(totals["count"] == 0) & totals["complete"] & ~(totals["documents"].fillna(0) > 0)]
        number = number_of(day.start)
        past = self.loudest[(self.loudest["day"] >= number - rules.history_days) & (self.loudest["day"] < number)]
        most = past.groupby("namespace")[["count", "documents"]].max().max(axis=1)
        loud = set(most.index[LONGEST * most >= rules.min_expected])
        empty = empty[empty["namespace"].isin(loud)]
        if empty.empty:
            return NONE
        names = sorted(set(empty["namespace"]))
        windows = sorted({window.to_pydatetime() for window in empty["window_start"]})
        history = self.facts.history(names, day.start - rules.history_days * DAY, day.start)
        recent = totals[totals["namespace"].isin(names) & totals["complete"]][["window_start", "namespace", "count", "documents"]]
        recent = pd.concat([history[history["window_start"] >= pd.Timestamp(day.start - LONGEST * WINDOW)], recent], ignore_index=True)
        return silence(replace(base, windows=windows, totals=empty, history=history, recent=recent))

    def _new(self, ahead: Ahead, base: Judged) -> pd.DataFrame:
        """Of families that the look-back knew too little of when the day began."""
        kinds = ahead.day.kinds
        if kinds.empty:
            return NONE
        pairs = kinds[["family", "environment"]].drop_duplicates()
        events = self.memory.families.of(list(pairs.itertuples(index=False, name=None)))
        scarce = pairs[events < self.side.settings.detectors.new.min_count]
        seen = scarce.assign(events=events[events < self.side.settings.detectors.new.min_count], window_start=None)
        thin = kinds.merge(scarce, on=["family", "environment"], how="inner")
        if thin.empty:
            return NONE
        problems = thin[["problem_key", "environment"]].drop_duplicates()
        known = self.memory.known.of(list(problems.itertuples(index=False, name=None))) > 0
        first = kinds.merge(problems, on=["problem_key", "environment"]).groupby(["problem_key", "environment"])["window_start"].min()
        problems = problems.merge(first.reset_index(), on=["problem_key", "environment"], how="left")
        problems.loc[known, "window_start"] = pd.NaT
        return new(replace(base, kinds=thin, seen=seen.rename(columns={"family": "fingerprint"}), seen_problems=problems))

    def _cross(self, ahead: Ahead, base: Judged) -> pd.DataFrame:
        """Of problems that enough namespaces have enough of in a window, clearly above their norm."""
        rules, kinds = self.side.settings.detectors.cross_namespace, ahead.day.kinds
        where = ["window_start", "environment", "problem_key"]
        shared = kinds.groupby(where[1:], as_index=False)["namespace"].nunique()
        thin = kinds.merge(shared.loc[shared["namespace"] >= 2, where[1:]], on=where[1:])
        counts = thin.groupby([*where, "namespace"], as_index=False)["count"].sum()
        counts = counts[counts["count"] >= rules.min_count]
        if counts.empty:
            return NONE
        pairs = counts[["namespace", "problem_key"]].drop_duplicates()
        norms = self.memory.norms(ahead.day.start, list(pairs.itertuples(index=False, name=None)))
        counts = counts.merge(norms, on=["namespace", "problem_key"], how="left")
        above = counts[counts["count"] > _CLEARLY * counts["mean"].fillna(0.0)]
        spread = above.groupby(where, as_index=False)["namespace"].nunique()
        thin = thin.merge(spread.loc[spread["namespace"] >= rules.min_namespaces, where], on=where)
        return cross_namespace(replace(base, kinds=thin, problem_norms=norms)) if len(thin) else NONE


def densest_of(stored: pd.DataFrame) -> pd.DataFrame:
    """Candidates of bursts from the verdicts on them: the densest seconds of a window are told there."""
    found = stored[["window_start", "namespace", "fingerprint", "problem_key"]].reset_index(drop=True)
    for name in ("count", "densest"):
        found[name] = pd.Series([float((one or {}).get(name, math.nan)) for one in stored["evidence"]], dtype=float)
    return found.dropna(subset=["count", "densest"])
