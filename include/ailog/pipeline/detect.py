"""Judges the staged counts of a run against thresholds and history; every verdict is staged, fired or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import psycopg

from ailog.domain.detectors import judge_run
from ailog.domain.detectors.judged import Judged
from ailog.domain.environment import environment_of
from ailog.domain.events import Interval
from ailog.domain.norms.fit import MEMORY_DAYS
from ailog.pipeline import budget, calendar, fixes, frames
from ailog.pipeline import norms as norms_of_days
from ailog.pipeline.plan import Plan, is_over, load_plan
from ailog.ports import Store
from ailog.settings import Settings

DETECTION = [
    "run_no", "window_start", "namespace", "detector", "subject", "problem_key", "fingerprint", "value", "baseline", "threshold", "fired",
    "stage", "reason", "snapshot_id", "evidence",
]  # fmt: skip
_SEASON_SLOTS = 6


def detect(store: Store, settings: Settings, run_id: str, public: calendar.PublicHolidays = calendar.no_public_holidays) -> dict[str, int]:
    """Stages one row per judged candidate and detector; returns how many were judged and how many fired, by detector.

    Windows are judged by UTC day and by the thresholds in force, each against what was known before it: a window has the same verdicts
    whether it comes alone or with others.
    """
    if is_over(store, run_id):
        return {}
    plan = load_plan(store, run_id)
    with store.connection("judge the run") as connection:
        connection.execute(store.statement("staging/expect_many_rows"))
        verdicts = pd.concat([judge_run(judged) for judged in gather(store, settings, connection, plan, public)], ignore_index=True)
        verdicts["run_no"] = plan.run_no
        connection.execute("DELETE FROM ailog_staging.detection WHERE run_no = %s", (plan.run_no,))
        frames.write(connection, "ailog_staging.detection", verdicts, DETECTION)
    fired = verdicts.loc[verdicts["fired"].astype(bool), "detector"].value_counts()
    return {"judged": len(verdicts), **{str(name): int(count) for name, count in fired.sort_index().items()}}


@dataclass(frozen=True)
class _Group:
    """Windows of one day under one snapshot of thresholds."""

    day: datetime
    snapshot_id: str | None
    windows: list[datetime]


@dataclass(frozen=True)
class _Staged:
    """What the run counted, in all of its windows."""

    kinds: pd.DataFrame
    totals: pd.DataFrame
    densest: pd.DataFrame

    def of(self, windows: Sequence[datetime]) -> _Staged:
        """Of some windows alone."""
        wanted = {pd.Timestamp(window) for window in windows}
        frames = (self.kinds, self.totals, self.densest)
        return _Staged(*(frame[frame["window_start"].isin(wanted)].reset_index(drop=True) for frame in frames))


def gather(
    store: Store,
    settings: Settings,
    connection: psycopg.Connection,
    plan: Plan,
    public: calendar.PublicHolidays = calendar.no_public_holidays,
) -> Iterator[Judged]:
    """Everything that the detectors may look at, group by group of windows, oldest first.

    Stored windows that the run reads again are left out of what was known: the run's own word on them stands for them.
    """
    rules = settings.detectors
    values: dict[str, Any] = {"run_no": plan.run_no, "windows": list(plan.windows)}
    looked_at = Interval(plan.span.start - timedelta(days=MEMORY_DAYS + 1), plan.span.end)
    known_days = calendar.load(store, connection, kinds=("holiday", "batch"), public=public, span=looked_at)
    made_of = norms_of_days.ground(
        known_days, run_no=plan.run_no, windows=plan.windows, final=plan.kind == "backfill", save=not plan.dry_run
    )

    def read(name: str, **more: object) -> pd.DataFrame:
        return frames.read(store, connection, name, {**values, **more})

    kinds, totals = read("detect/kinds"), read("detect/totals")
    kinds["environment"] = kinds["namespace"].map(environment_of) if len(kinds) else pd.Series(dtype=object)
    totals["documents"] = totals["documents"].astype("Int64")
    densest = read("detect/densest", min_count=rules.burst.min_count, reach=rules.burst.seconds - 1)
    owners = kinds.drop_duplicates(["namespace", "fingerprint"])[["namespace", "fingerprint", "problem_key"]]
    fixed, sightings = fixes.gather(store, settings, connection, values, kinds)
    staged = _Staged(kinds, totals, densest.merge(owners, on=["namespace", "fingerprint"], how="left"))
    for group in _groups(read("detect/snapshots")):
        own = staged.of(group.windows)
        first, last = group.windows[0], group.windows[-1]
        at = {"day": group.day, "first": first, "last": last}
        lookback = {**at, "days": rules.new.lookback_days}
        known = read("detect/lookback", **lookback)
        thresholds = read("detect/thresholds", snapshot_id=group.snapshot_id)
        thresholds["weekday"] = thresholds["weekday"].astype("Int64")
        history = read("detect/history", **at, days=rules.silence.history_days, slots=_slots(group.windows))
        recent = read("detect/recent", **at)
        for frame in (history, recent):
            frame["documents"] = frame["documents"].astype("Int64")
        earlier = kinds[kinds["window_start"] < pd.Timestamp(first)]
        since = group.day - timedelta(days=rules.new.lookback_days)
        read_before = [w for w in plan.windows if since <= w < first]
        yield Judged(
            windows=group.windows,
            totals=own.totals,
            kinds=own.kinds,
            history=history,
            thresholds=thresholds,
            snapshot_id=group.snapshot_id,
            densest=own.densest,
            seen=_seen(read("detect/seen", **lookback, fingerprints=sorted(set(own.kinds["fingerprint"]))), earlier, group.day),
            seen_problems=_seen_problems(
                read("detect/seen_problems", **lookback, problems=sorted(set(own.kinds["problem_key"]))), earlier, group.day
            ),
            lookback_windows=int(known["windows"].iloc[0]) + sum(w < group.day for w in read_before),
            settings=settings,
            problem_norms=read("detect/problem_norms", **at),
            recent=recent,
            read_today=[*known["today"].iloc[0], *(w for w in read_before if w >= group.day)],
            fixes=fixed,
            sightings=sightings,
            day=group.day,
            levels=norms_of_days.levels(store, settings, connection, made_of, group.windows, sorted(set(own.totals["namespace"]))),
            alarm_limit=budget.limit_of(store, settings, connection, group.snapshot_id),
            calendar=known_days,
        )


def norms(store: Store, connection: psycopg.Connection, run_no: int, windows: Sequence[datetime]) -> pd.DataFrame:
    """day, namespace, problem_key, mean: what is usual for the run's problems, by the UTC day of the windows that it is the norm of."""
    parts = []
    for day in sorted({_day(window) for window in windows}):
        found = frames.read(store, connection, "detect/problem_norms", {"run_no": run_no, "windows": list(windows), "day": day})
        parts.append(found.assign(day=pd.Timestamp(day)))
    return pd.concat(parts, ignore_index=True)


def _groups(snapshots: pd.DataFrame) -> list[_Group]:
    found: dict[tuple[datetime, str | None], list[datetime]] = {}
    for window, snapshot_id in zip(snapshots["window_start"], snapshots["snapshot_id"], strict=True):
        start = window.to_pydatetime()
        found.setdefault((_day(start), snapshot_id if isinstance(snapshot_id, str) else None), []).append(start)
    return [_Group(day, snapshot_id, windows) for (day, snapshot_id), windows in found.items()]


def _day(window: datetime) -> datetime:
    return window.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _slots(windows: Sequence[datetime]) -> list[int]:
    judged = {int(w.timestamp()) // 900 % 96 for w in windows}
    return sorted({(slot + reach) % 96 for slot in judged for reach in range(-_SEASON_SLOTS, _SEASON_SLOTS + 1)})


def _seen(stored: pd.DataFrame, earlier: pd.DataFrame, day: datetime) -> pd.DataFrame:
    """What the store knows of the families, and what earlier windows of the run hold of them."""
    named = _placed(earlier, day).rename(columns={"count": "events"}).drop(columns="fingerprint").rename(columns={"family": "fingerprint"})
    return _joined(stored, named.groupby(["fingerprint", "environment", "window_start"], dropna=False).agg({"events": "sum"}).reset_index())


def _seen_problems(stored: pd.DataFrame, earlier: pd.DataFrame, day: datetime) -> pd.DataFrame:
    own = _placed(earlier, day)[["problem_key", "environment", "window_start"]].drop_duplicates()
    return _joined(stored, own)


def _placed(kinds: pd.DataFrame, day: datetime) -> pd.DataFrame:
    """Kinds by the window of the day that has them; NaT for the time before it."""
    return kinds.assign(window_start=kinds["window_start"].where(kinds["window_start"] >= pd.Timestamp(day)))


def _joined(stored: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([stored, own], ignore_index=True) if len(own) else stored
