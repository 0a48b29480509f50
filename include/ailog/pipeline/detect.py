"""Judges the staged counts of a run against thresholds and history; every verdict is staged, fired or not."""

from __future__ import annotations

import pandas as pd

from ailog.domain.detectors import judge_run
from ailog.domain.detectors.judged import Judged
from ailog.domain.environment import environment_of
from ailog.pipeline import frames
from ailog.pipeline.plan import is_over, load_plan
from ailog.ports import Store
from ailog.settings import Settings

DETECTION = [
    "run_no", "window_start", "namespace", "detector", "subject", "problem_key", "fingerprint", "value", "baseline", "threshold", "fired",
    "stage", "reason", "snapshot_id", "evidence",
]  # fmt: skip
_SEASON_SLOTS = 6


def detect(store: Store, settings: Settings, run_id: str) -> dict[str, int]:
    """Stages one row per judged candidate and detector; returns how many were judged and how many fired, by detector."""
    if is_over(store, run_id):
        return {}
    plan = load_plan(store, run_id)
    with store.connection("judge the run") as connection:
        connection.execute(store.statement("staging/expect_many_rows"))
        judged = gather(store, settings, connection, plan.run_no, [pd.Timestamp(w) for w in plan.windows])
        verdicts = judge_run(judged)
        verdicts["run_no"] = plan.run_no
        connection.execute("DELETE FROM ailog_staging.detection WHERE run_no = %s", (plan.run_no,))
        frames.write(connection, "ailog_staging.detection", verdicts, DETECTION)
    fired = verdicts.loc[verdicts["fired"].astype(bool), "detector"].value_counts()
    return {"judged": len(verdicts), **{str(name): int(count) for name, count in fired.sort_index().items()}}


def gather(store: Store, settings: Settings, connection: object, run_no: int, windows: list[pd.Timestamp]) -> Judged:
    """Everything that the detectors may look at: the run's counts, and history strictly before its first window."""
    first = windows[0]
    rules = settings.detectors
    lookback = {"first": first, "days": rules.new.lookback_days, "run_no": run_no}
    judged_slots = {int(w.timestamp()) // 900 % 96 for w in windows}
    slots = sorted({(slot + reach) % 96 for slot in judged_slots for reach in range(-_SEASON_SLOTS, _SEASON_SLOTS + 1)})

    def read(name: str, **values: object) -> pd.DataFrame:
        return frames.read(store, connection, name, values)  # type: ignore[arg-type]

    kinds = read("detect/kinds", run_no=run_no)
    kinds["environment"] = kinds["namespace"].map(environment_of) if len(kinds) else pd.Series(dtype=object)
    snapshots = read("detect/snapshot", first=first)
    snapshot_id = None if snapshots.empty else str(snapshots["snapshot_id"].iloc[0])
    thresholds = read("detect/thresholds", snapshot_id=snapshot_id)
    thresholds["weekday"] = thresholds["weekday"].astype("Int64")
    densest = read("detect/densest", run_no=run_no, min_count=rules.burst.min_count, reach=rules.burst.seconds - 1)
    owners = kinds.drop_duplicates(["namespace", "fingerprint"])[["namespace", "fingerprint", "problem_key"]]
    totals, history = read("detect/totals", run_no=run_no), read("detect/history", first=first, days=rules.spike.history_days, slots=slots)
    for frame in (totals, history):
        frame["documents"] = frame["documents"].astype("Int64")
    return Judged(
        windows=[w.to_pydatetime() for w in windows],
        totals=totals,
        kinds=kinds,
        history=history,
        thresholds=thresholds,
        snapshot_id=snapshot_id,
        densest=densest.merge(owners, on=["namespace", "fingerprint"], how="left"),
        seen=read("detect/seen", fingerprints=sorted(set(kinds["fingerprint"])), **lookback),
        seen_problems=read("detect/seen_problems", problems=sorted(set(kinds["problem_key"])), **lookback),
        lookback_windows=int(read("detect/lookback", **lookback)["windows"].iloc[0]),
        settings=settings,
        problem_norms=read("detect/problem_norms", first=first, run_no=run_no),
    )
