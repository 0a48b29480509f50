"""Cross-namespace: the same problem in two or more applications of one stage, in the same window.

Copies of one application (``pcb-sit-01-app`` and ``pcb-sit-02-app``) count as one. A namespace takes part when it has
``cross_namespace.min_count`` events and clearly more than its own norm of that problem: what two namespaces always log is no spread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import numpy as np
import pandas as pd

from ailog.domain.detectors.judged import Judged, plain, verdicts
from ailog.domain.environment import family_of
from ailog.domain.negative_binomial import log_upper_tail
from ailog.domain.wording import counted, number

_NORM_SPREAD: Final = 0.5
"""Over-dispersion of a problem's counts around its norm, which knows no time of day."""

_BEYOND_NORM: Final = math.log(1e-3)
"""Chance below which one namespace is beyond its norm; several at once by chance are as much rarer."""


def cross_namespace(judged: Judged) -> pd.DataFrame:
    """One verdict per window, problem and namespace with enough events, for problems that occur in several namespaces of a stage."""
    return verdicts(_rows(judged))


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    rules = judged.settings.detectors.cross_namespace
    keys = ["window_start", "environment", "problem_key", "namespace"]
    counts = judged.kinds.groupby(keys, sort=True, as_index=False)["count"].sum()
    counts = counts[counts["count"] >= rules.min_count]
    counts = counts[counts.groupby(keys[:3])["namespace"].transform("size") >= 2]
    if counts.empty:
        return
    norms = judged.problem_norms.rename(columns={"mean": "norm"})[["namespace", "problem_key", "norm"]]
    counts = counts.merge(norms.drop_duplicates(["namespace", "problem_key"]), on=["namespace", "problem_key"], how="left")
    counts["norm"] = counts["norm"].astype(float).fillna(0.0)
    tails = log_upper_tail(counts["count"].to_numpy(float), np.maximum(counts["norm"].to_numpy(), 1e-3), _NORM_SPREAD)
    counts["beyond"] = tails <= _BEYOND_NORM
    counts["family"] = counts["namespace"].map(family_of)
    counts = counts.sort_values(keys, ignore_index=True)
    for _, part in groupby(counts.to_dict("records"), key=itemgetter(*keys[:3])):
        group = list(part)
        families = len({row["family"] for row in group})
        beyond = len({row["family"] for row in group if row["beyond"]})
        decided = "fired" if beyond >= rules.min_namespaces else "copies" if families < rules.min_namespaces else "habit"
        figures = ", ".join(f"{row['namespace']} {number(row['count'])}" for row in group)
        for row in group:
            stage = decided if decided != "fired" or row["beyond"] else "habit"
            yield _row(judged, row, stage, families, figures)


def _row(judged: Judged, row: dict[Any, Any], stage: str, families: int, figures: str) -> dict[str, Any]:
    rules = judged.settings.detectors.cross_namespace
    where = f"the same problem in {counted(families, 'application')} of stage {row['environment']}: {figures}"
    why = {"fired": "", "copies": "; copies of one application count as one", "habit": "; that is usual for it here"}
    return {
        "window_start": row["window_start"],
        "namespace": row["namespace"],
        "detector": "cross_namespace",
        "subject": row["problem_key"],
        "problem_key": row["problem_key"],
        "value": float(families),
        "baseline": float(row["norm"]),
        "threshold": float(rules.min_namespaces),
        "fired": stage == "fired",
        "stage": stage,
        "reason": where + why[stage],
        "evidence": {
            "environment": row["environment"],
            "events": int(row["count"]),
            "norm": plain(float(row["norm"])),
            "applications": families,
            "min_count": rules.min_count,
        },
    }
