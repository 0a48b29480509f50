"""Spike: a namespace's total is beyond what its own season explains, by more than the budget of false alarms allows.

The customer's rule, the limit of the weekday (P93, else CAP, else the default), is judged and told with every verdict. Passing it is no
news by itself: 7 % of ordinary windows do. And by night a namespace can be far beyond its season and still under the limit of the whole
weekday. So the season decides: the score of a window is -ln of the probability by chance of its count, or of the last four windows
together, under the norm of its local day, and the margin that it must pass is solved from history for the stated budget. With
``spike.limit: required`` the limit must be passed as well.

A namespace without a norm, in its first days, is judged by the limit and an absolute floor alone. A window that was read in part is a lower
bound: it may fire, and is otherwise left undecided (stage ``partial``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ailog.domain.detectors.judged import NAMESPACE, Judged, plain, verdicts
from ailog.domain.detectors.spike_problems import problem_rows
from ailog.domain.thresholds import WEEKDAYS, Limit, Limits
from ailog.domain.wording import number


def spike(judged: Judged) -> pd.DataFrame:
    """One verdict per window and namespace of the run's grid, and one per followed problem that is unusual in a window."""
    rows = list(_rows(judged))
    told = {(row["window_start"], row["namespace"]) for row in rows if row["fired"]}
    return verdicts([*rows, *problem_rows(judged, told)])


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    if judged.totals.empty:
        return
    limits = Limits(judged.thresholds, judged.settings.thresholds)
    rows = judged.totals.merge(judged.levels_of_namespaces(), on=["window_start", "namespace"], how="left")
    rows["judged"] = rows["judged"].eq(True)  # noqa: FBT003 - a missing row is no norm
    rows["batch_slot"] = judged.in_calendar("batch", rows)
    for row in rows.sort_values(["window_start", "namespace"]).to_dict("records"):
        weekday = row["window_start"].weekday()
        seen = _Seen({str(name): value for name, value in row.items()}, limits.of(str(row["namespace"]), weekday), judged)
        stage = seen.stage()
        yield {
            "window_start": row["window_start"],
            "namespace": str(row["namespace"]),
            "detector": "spike",
            "subject": NAMESPACE,
            "value": seen.count,
            "baseline": seen.mean,
            "threshold": seen.limit.value,
            "fired": stage == "fired",
            "stage": stage,
            "reason": seen.reason(stage, _limit_name(seen.limit, weekday, judged)),
            "snapshot_id": judged.snapshot_id,
            "evidence": seen.evidence(),
        }


@dataclass(frozen=True)
class _Seen:
    """The figures of one namespace in one window, and what follows from them."""

    row: dict[str, Any]
    limit: Limit
    judged: Judged

    @property
    def count(self) -> float:
        return float(self.row["count"])

    @property
    def mean(self) -> float | None:
        return float(self.row["mean"]) if self.row["judged"] else None

    @property
    def passes(self) -> bool:
        return self.count > self.limit.value

    def stage(self) -> str:
        rules, row = self.judged.settings.detectors.spike, self.row
        if not row["judged"]:
            stage = "threshold" if not self.passes else "floor" if self.count < rules.min_count_without_norm else "fired"
        elif self.count < rules.min_count:
            stage = "floor"
        elif row["score"] <= -math.log(rules.significance):
            stage = "habit" if row["batch"] and self.count > 2 * float(row["mean"]) else "significance"
        elif row["score"] <= self.judged.alarm_limit:
            stage = "budget"
        elif row["batch_slot"]:
            stage = "batch"
        elif rules.limit == "required" and not self.passes:
            stage = "threshold"
        else:
            stage = "fired"
        return "partial" if stage != "fired" and not row["complete"] else stage

    def reason(self, stage: str, limit_name: str) -> str:
        rules, row = self.judged.settings.detectors.spike, self.row
        usual = "no history of this time" if self.mean is None else f"usual at this time {number(self.mean)}"
        figures = f"{number(self.count)} errors in 15 min; {usual}, limit {number(self.limit.value)} ({limit_name})"
        if stage == "fired":
            if self.mean is not None and row["summed"] > row["single"]:
                figures += f"; {number(row['sum_count'])} in the last hour, where {number(row['sum_mean'])} are usual"
            if self.mean is not None and not self.passes:
                figures += "; within the weekday's limit, yet beyond the season of this hour"
            return figures if row["complete"] else f"{figures}; the window was read in part, so there are at least as many"
        why = {
            "threshold": "within the limit",
            "floor": f"fewer than the {rules.min_count if row['judged'] else rules.min_count_without_norm} that count as a peak",
            "significance": "within the usual spread of this time",
            "budget": f"unusual (score {row['score']:.1f}), but the budget of false alarms asks for {self.judged.alarm_limit:.1f}",
            "habit": "as high at this time on several earlier days",
            "batch": "a batch slot of the calendar",
            "partial": "the window was read in part, so nothing is said about it",
        }
        return f"{figures}; {why[stage]}"

    def evidence(self) -> dict[str, Any]:
        row = self.row
        found = {
            "limit": plain(self.limit.value, 6),
            "rule": self.limit.rule,
            "limit_samples": self.limit.samples,
            "limit_passed": self.passes,
            "baseline": plain(self.mean, 6) if self.mean is not None else "no_history",
            "ratio": plain(self.count / max(self.mean, 1.0)) if self.mean is not None else None,
            "complete": bool(row["complete"]),
            "estimated": bool(row["estimated"]),
        }
        if self.mean is None:
            return found
        names = ("score", "single", "summed", "level", "sum_count", "sum_mean")
        return found | {
            **{name: plain(float(row[name])) for name in names},
            "dispersion": plain(float(row["phi"])),
            "log10_p": plain(-float(row["score"]) / math.log(10)),
            "alarm_limit": plain(self.judged.alarm_limit),
            "habit": bool(row["batch"]),
            "level_accepted": bool(row["accepted"]),
        }


def _limit_name(limit: Limit, weekday: int, judged: Judged) -> str:
    if limit.rule == "P93":
        return f"P{judged.settings.thresholds.percentile * 100:g} of {WEEKDAYS[weekday]}"
    return "CAP" if limit.rule == "CAP" else "default, no snapshot knows the namespace"
