"""Spikes of single problems: beyond their own season while the total of their namespace stays within its own.

The largest problems of a namespace are series of their own, judged as its total is and within the same budget. What the total tells is not
told again by its parts, and of several problems at once the most unusual one speaks for all: one spike is one row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from ailog.domain.detectors.judged import Judged, plain
from ailog.domain.wording import number


def problem_rows(judged: Judged, told: set[tuple[pd.Timestamp, str]]) -> Iterator[dict[str, Any]]:
    """A verdict for each followed problem that is unusual in a window; ``told`` are windows in which the namespace itself fired."""
    levels = judged.levels_of_problems()
    least = -math.log(judged.settings.detectors.spike.significance)
    levels = levels[levels["judged"].astype(bool) & (levels["score"] > least)]
    if levels.empty:
        return
    counts = judged.kinds.groupby(["window_start", "namespace", "problem_key"], as_index=False)["count"].sum()
    rows = levels.merge(counts, left_on=["window_start", "namespace", "subject"], right_on=["window_start", "namespace", "problem_key"])
    rows["batch_slot"] = judged.in_calendar("batch", rows)
    rows = rows.sort_values(["window_start", "namespace", "score", "subject"], ascending=[True, True, False, True])
    spoken: set[tuple[pd.Timestamp, str]] = set()
    for row in rows.to_dict("records"):
        place = (row["window_start"], str(row["namespace"]))
        stage = _stage(judged, row, told=place in told, spoken=place in spoken)
        if stage == "fired":
            spoken.add(place)
        yield _verdict(judged, {str(name): value for name, value in row.items()}, stage)


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
    figures = f"{number(count)} errors of the problem in 15 min; usual at this time {number(mean)}"
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
        "problem_key": row["subject"],
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
            "level_accepted": bool(row["accepted"]),
        },
    }
