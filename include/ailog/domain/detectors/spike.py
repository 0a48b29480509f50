"""Spike: a namespace's total in a window is beyond its limit and beyond what its season explains.

Passing P93 is no news by itself: 7 % of ordinary windows do. So a window above the limit (P93 of the weekday, else CAP, else the default)
must also reach an absolute floor, a multiple of the seasonal mean and a small tail probability under the season's negative binomial, and
must not be a habit of its slot. The judged quantity is the namespace's total, the same as in training: ten kinds of ten errors against
a limit of fifty are one peak. Without a season the limit and the absolute floor decide alone.

A window that was read in part is a lower bound: it may fire, and is otherwise left undecided (stage ``partial``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ailog.domain.detectors.judged import NAMESPACE, Judged, plain, verdicts
from ailog.domain.seasonal import Season, seasons
from ailog.domain.thresholds import WEEKDAYS, Limit, Limits
from ailog.domain.wording import number


def spike(judged: Judged) -> pd.DataFrame:
    """One verdict per window and namespace of the run's grid."""
    return verdicts(_rows(judged))


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    limits = Limits(judged.thresholds, judged.settings.thresholds)
    names = sorted(judged.totals["namespace"].unique())
    by_window = {pd.Timestamp(str(w)): part.set_index("namespace") for w, part in judged.totals.groupby("window_start", sort=True)}
    for part, model in seasons(judged.history, names, judged.settings.timezone, span=judged.season_days):
        for window in judged.windows:
            totals = by_window.get(pd.Timestamp(window))
            if totals is None:
                continue
            season = model.at(window, judged.settings.detectors.spike.min_history)
            yield from _window(judged, window, totals.reindex(part), season, limits)


def _window(judged: Judged, window: datetime, totals: pd.DataFrame, season: Season, limits: Limits) -> Iterator[dict[str, Any]]:
    counts = totals["count"].to_numpy(dtype=float)
    known = np.isfinite(counts)
    tails = season.log_tail(np.where(known, counts, 0.0))
    habits = season.precedents(np.where(known, counts, 0.0))
    weekday = pd.Timestamp(window).tz_convert("UTC").weekday()
    complete, estimated = totals["complete"].to_numpy(), totals["estimated"].to_numpy()
    for place, namespace in enumerate(totals.index):
        if not known[place]:
            continue
        seen = _Seen(
            count=float(counts[place]),
            complete=bool(complete[place]),
            baseline=float(season.mean[place]),
            samples=int(season.samples[place]),
            log_tail=float(tails[place]),
            habit=bool(habits[place]),
            limit=limits.of(str(namespace), weekday),
            limit_name=_limit_name(limits.of(str(namespace), weekday), weekday, judged),
        )
        stage = _stage(seen, judged)
        yield {
            "window_start": window,
            "namespace": str(namespace),
            "detector": "spike",
            "subject": NAMESPACE,
            "value": seen.count,
            "baseline": seen.baseline if seen.has_season(judged) else None,
            "threshold": seen.limit.value,
            "fired": stage == "fired",
            "stage": stage,
            "reason": _reason(seen, stage, judged),
            "snapshot_id": judged.snapshot_id,
            "evidence": {
                "limit": plain(seen.limit.value, 6),
                "rule": seen.limit.rule,
                "limit_samples": seen.limit.samples,
                "baseline": plain(seen.baseline, 6) if seen.has_season(judged) else "no_history",
                "season": season.label[place],
                "season_samples": seen.samples,
                "season_days": int(season.days[place]),
                "dispersion": plain(float(season.phi[place])),
                "ratio": plain(seen.count / max(seen.baseline, 1.0)) if seen.has_season(judged) else None,
                "log10_p": plain(seen.log_tail / math.log(10)),
                "habit": seen.habit,
                "complete": seen.complete,
                "estimated": bool(estimated[place]),
            },
        }


class _Seen:
    """The figures of one namespace in one window."""

    def __init__(
        self,
        *,
        count: float,
        complete: bool,
        baseline: float,
        samples: int,
        log_tail: float,
        habit: bool,
        limit: Limit,
        limit_name: str,
    ) -> None:
        self.count, self.complete, self.baseline, self.samples = count, complete, baseline, samples
        self.log_tail, self.habit, self.limit, self.limit_name = log_tail, habit, limit, limit_name

    def has_season(self, judged: Judged) -> bool:
        return self.samples >= judged.settings.detectors.spike.min_history and math.isfinite(self.baseline)


def _stage(seen: _Seen, judged: Judged) -> str:
    rules = judged.settings.detectors.spike
    stage = "fired"
    if not seen.count > seen.limit.value:
        stage = "threshold"
    elif seen.count < rules.min_count:
        stage = "floor"
    elif seen.has_season(judged):
        if seen.count < rules.min_ratio * seen.baseline:
            stage = "ratio"
        elif seen.log_tail > math.log(rules.significance):
            stage = "significance"
        elif seen.habit:
            stage = "habit"
    return "partial" if stage != "fired" and not seen.complete else stage


def _limit_name(limit: Limit, weekday: int, judged: Judged) -> str:
    if limit.rule == "P93":
        return f"P{judged.settings.thresholds.percentile * 100:g} of {WEEKDAYS[weekday]}"
    return "CAP" if limit.rule == "CAP" else "default, no snapshot knows the namespace"


def _reason(seen: _Seen, stage: str, judged: Judged) -> str:
    rules = judged.settings.detectors.spike
    usual = f"usual at this time {number(seen.baseline)}" if seen.has_season(judged) else "no history of this time"
    figures = f"{number(seen.count)} errors in 15 min; {usual}, limit {number(seen.limit.value)} ({seen.limit_name})"
    if stage == "fired":
        return figures if seen.complete else f"{figures}; the window was read in part, so there are at least as many"
    why = {
        "threshold": "within the limit",
        "floor": f"fewer than the {rules.min_count} that count as a peak",
        "ratio": f"less than {rules.min_ratio:g} times the usual",
        "significance": "within the usual spread of this time",
        "habit": "as high at this time on several earlier days",
        "partial": "the window was read in part, so nothing is said about it",
    }
    return f"{figures}; {why[stage]}"
