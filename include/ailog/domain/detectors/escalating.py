"""Escalating: the level of a namespace, or of one of its followed problems, climbs over days while no single window shows it.

Told once, in the first window of the local day on which the last days stand beyond the weeks before by the margin of the budget. What a
problem tells is not told again by its namespace.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from ailog.domain.detectors.judged import NAMESPACE, Judged, plain, verdicts
from ailog.domain.norms.rise import RECENT
from ailog.domain.wording import number

_A_DAY: Final = 96


def escalating(judged: Judged) -> pd.DataFrame:
    """One verdict per namespace in the first window of a local day, and one per problem whose rise is worth a word."""
    return verdicts(_rows(judged))


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    if judged.levels is None:
        return
    levels = judged.levels[judged.levels["rise_score"].notna() & judged.levels["subject"].map(_is_told)]
    rising = levels[(levels["rise_score"] > judged.alarm_limit) & (levels["subject"] != NAMESPACE)]
    told = set(zip(rising["window_start"], rising["namespace"], strict=True))
    for row in levels.sort_values(["window_start", "namespace", "subject"]).to_dict("records"):
        whole = row["subject"] == NAMESPACE
        score = float(row["rise_score"])
        if not whole and score <= judged.alarm_limit:
            continue
        stage = "fired" if score > judged.alarm_limit else "budget" if score > 0 else "steady"
        if whole and stage == "fired" and (row["window_start"], row["namespace"]) in told:
            stage = "problem"
        yield {
            "window_start": row["window_start"],
            "namespace": row["namespace"],
            "detector": "escalating",
            "subject": row["subject"],
            "problem_key": None if whole else row["subject"],
            "value": float(row["rise_level"]) if math.isfinite(row["rise_level"]) else 0.0,
            "baseline": float(row["rise_base"]) if math.isfinite(row["rise_base"]) else None,
            "threshold": None,
            "fired": stage == "fired",
            "stage": stage if math.isfinite(row["rise_level"]) else "no_history",
            "reason": _reason(row, stage, judged),
            "snapshot_id": judged.snapshot_id,
            "evidence": {
                "score": plain(score),
                "alarm_limit": plain(judged.alarm_limit),
                "days": RECENT,
                "log10_p": plain(-score / math.log(10)),
            },
        }


def _is_told(subject: str) -> bool:
    """Namespaces and problems; a kind that rises is told by its problem. The key of a problem has colons, a fingerprint has none."""
    return subject == NAMESPACE or ":" in subject


def _reason(row: dict[Any, Any], stage: str, judged: Judged) -> str:
    if not math.isfinite(row["rise_level"]):
        return "too few days to tell a slow rise"
    level, base = row["rise_level"] * _A_DAY, row["rise_base"] * _A_DAY
    figures = f"{number(round(level))} errors a day over the last {RECENT} days, {number(round(base))} in the weeks before"
    why = {
        "fired": "; a slow rise that no single window shows",
        "problem": "; told with the problem that rises",
        "budget": f"; unusual (score {row['rise_score']:.1f}), but the budget of false alarms asks for {judged.alarm_limit:.1f}",
        "steady": "; no slow rise",
    }
    return figures + why[stage]
