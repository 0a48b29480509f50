"""What people declared fixed, for a span that is judged again: once for all of it, and when it was seen from day to day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd

from ailog.domain.detectors.regression import sightings_of
from ailog.domain.fixes import Fix, matches
from ailog.pipeline import fixes
from ailog.pipeline.replay_facts import Day, Facts
from ailog.settings import Settings

_NOTHING = ("name", "namespace", "window_start")


class Fixes:
    """The fixes of a span. Families are those known now, as for the kinds."""

    def __init__(self, facts: Facts, settings: Settings) -> None:
        self.facts = facts
        self.found: tuple[Fix, ...] = ()
        self._seen: list[pd.DataFrame] = []
        if not bool(facts.rows("any_fix")["any_fix"].iloc[0]):
            return
        kinds = facts.rows("distinct_kinds", start=facts.first_day)
        kinds = kinds.assign(family=kinds["fingerprint"], window_start=pd.Timestamp(facts.first_day), count=0)
        values: dict[str, Any] = {"run_no": -1, "windows": [facts.first_day]}
        found, seen = fixes.gather(facts.store, settings, facts.connection, values, kinds)
        self.found = tuple(replace(fix, families=self._families(fix.families), related=self._families(fix.related)) for fix in found)
        self._seen = [seen.assign(name=[facts.families.get(name, name) for name in seen["name"]])]

    def of(self, day: Day, settings: Settings) -> tuple[tuple[Fix, ...], pd.DataFrame, pd.DataFrame]:
        """The fixes, their sightings up to the end of the day, and the kinds of the day that are of one; days come in order."""
        if not self.found:
            return (), pd.DataFrame(columns=list(_NOTHING)), day.kinds.iloc[:0]
        kinds = day.kinds
        by_pattern = any(fix.pattern for fix in self.found)
        if by_pattern:
            kinds = self._described(day, kinds, None)
        places = sorted({int(place) for found in matches(self.found, kinds) for place in found.places})
        about = kinds.iloc[places]
        names = about["problem_key"].unique().tolist(), about["family"].unique().tolist()
        rules = settings.detectors.regression
        seen = sightings_of(kinds[kinds["problem_key"].isin(names[0]) | kinds["family"].isin(names[1])], rules.min_count)
        horizon = pd.Timestamp(day.start - timedelta(hours=rules.quiet_hours, days=1))
        self._seen = [one[one["window_start"] >= horizon] for one in (*self._seen, seen)]
        if not by_pattern:
            about = self._described(day, about, names[0])
        return self.found, pd.concat(self._seen, ignore_index=True), about

    def _described(self, day: Day, kinds: pd.DataFrame, problems: list[str] | None) -> pd.DataFrame:
        more = self.facts.rows("described", start=day.start, end=day.windows[-1] + timedelta(minutes=15), problems=problems)
        joined = kinds.merge(more, on=["window_start", "namespace", "app", "fingerprint"], how="left")
        joined["versions"] = [one if isinstance(one, list) else [] for one in joined["versions"]]
        return joined

    def _families(self, names: frozenset[str]) -> frozenset[str]:
        return frozenset(self.facts.families.get(name, name) for name in names)
