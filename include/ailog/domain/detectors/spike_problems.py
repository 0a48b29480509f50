"""Spikes of single problems and kinds: beyond their own season while the total of their namespace stays within its own.

The largest problems of a namespace, and the largest kinds of those that have several, are series of their own, judged as its total is and
within the same budget. What the total tells is not told again by its parts, and of several at once the most unusual one speaks for all: one
spike is one row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from ailog.domain.detectors.judged import Judged, plain
from ailog.domain.wording import number


def problem_rows(judged: Judged, told: set[tuple[pd.Timestamp, str]]) -> Iterator[dict[str, Any]]:
    """A verdict for each followed problem or kind that is unusual in a window; ``told`` are windows in which the namespace itself fired."""
    levels = judged.levels_of_problems()
    least = -math.log(judged.settings.detectors.spike.significance)
    levels = levels[levels["judged"].astype(bool) & (levels["score"] > least)]
    if levels.empty:
        return
    rows = levels.merge(_parts(judged.kinds), on=["window_start", "namespace", "subject"])
    rows["batch_slot"] = judged.in_calendar("batch", rows)
    rows = rows.sort_values(["window_start", "namespace", "score", "subject"], ascending=[True, True, False, True])
    spoken: set[tuple[pd.Timestamp, str]] = set()
    for row in rows.to_dict("records"):
        place = (row["window_start"], str(row["namespace"]))
        stage = _stage(judged, row, told=place in told, spoken=place in spoken)
        if stage == "fired":
            spoken.add(place)
        yield _verdict(judged, {str(name): value for name, value in row.items()}, stage)


def _parts(kinds: pd.DataFrame) -> pd.DataFrame:
    """window_start, namespace, subject, problem_key, count, of_kind; a kind belongs to the problem that has most of it."""
    place = ["window_start", "namespace"]
    problems = kinds.groupby([*place, "problem_key"], as_index=False)["count"].sum()
    single = kinds.groupby([*place, "fingerprint", "problem_key"])["count"].sum().reset_index()
    single = single.sort_values([*place, "fingerprint", "count", "problem_key"], ascending=[True, True, True, False, True])
    owner = single.drop_duplicates([*place, "fingerprint"]).drop(columns="count")
    total = single.groupby([*place, "fingerprint"], as_index=False)["count"].sum().merge(owner, on=[*place, "fingerprint"])
    parts = [problems.assign(subject=problems["problem_key"], of_kind=False), total.assign(subject=total["fingerprint"], of_kind=True)]
    columns = [*place, "subject", "problem_key", "count", "of_kind"]
    joined: pd.DataFrame = pd.concat([part[columns] for part in parts], ignore_index=True)
    return joined


def _stage(judged: Judged, row: dict[Any, Any], *, told: bool, spoken: bool) -> str:
    if row["count"] < judged.settings.detectors.spike.min_count:
        return "floor"
    if row["score"] <= judged.alarm_limit:
        return "budget"
    if row["batch_slot"]:
        return "batch"
    return "namespace" if told else "larger" if spoken else "fired"


def _verdict(judged: Judged, row: dict[str, Any], stage: str) -> dict[str, Any]:
    count, mean, score = float(row["count"]), float(row["mean"]), float(row["score"])
    whose = "one kind" if row["of_kind"] else "the problem"
    figures = f"{number(count)} errors of {whose} in 15 min; usual at this time {number(mean)}"
    if row["summed"] > row["single"]:
        figures += f"; {number(row['sum_count'])} in the last hour, where {number(row['sum_mean'])} are usual"
    why = {
        "floor": f"; fewer than the {judged.settings.detectors.spike.min_count} that count as a peak",
        "budget": f"; unusual (score {score:.1f}), but the budget of false alarms asks for {judged.alarm_limit:.1f}",
        "batch": "; a batch slot of the calendar",
        "namespace": "; told with the spike of its namespace",
        "larger": "; told with a more unusual problem of the namespace",
        "fired": "",
    }
    names = ("score", "single", "summed", "level", "sum_count", "sum_mean")
    return {
        "window_start": row["window_start"],
        "namespace": row["namespace"],
        "detector": "spike",
        "subject": row["subject"],
        "problem_key": row["problem_key"],
        "fingerprint": row["subject"] if row["of_kind"] else None,
        "value": count,
        "baseline": mean,
        "threshold": None,
        "fired": stage == "fired",
        "stage": stage,
        "reason": figures + why[stage],
        "snapshot_id": judged.snapshot_id,
        "evidence": {
            **{name: plain(float(row[name])) for name in names},
            "ratio": plain(count / max(mean, 1.0)),
            "dispersion": plain(float(row["phi"])),
            "log10_p": plain(-score / math.log(10)),
            "alarm_limit": plain(judged.alarm_limit),
            "habit": bool(row["batch"]),
            "level_accepted": bool(row["accepted"]) and not row["of_kind"],
        },
    }
