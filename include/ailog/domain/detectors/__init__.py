"""The detectors: one file each, all over the same ``Judged`` and all answering in the same shape.

A new detector is one file, one line in ``DETECTORS`` and its cases.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from ailog.domain.detectors.burst import burst
from ailog.domain.detectors.cross_namespace import cross_namespace
from ailog.domain.detectors.escalating import escalating
from ailog.domain.detectors.judge import judge
from ailog.domain.detectors.judged import Detector, Judged, verdicts
from ailog.domain.detectors.new import new
from ailog.domain.detectors.regression import regression
from ailog.domain.detectors.silence import silence
from ailog.domain.detectors.spike import spike

__all__ = ["DETECTORS", "Detector", "Judged", "judge", "judge_run"]

DETECTORS: Final[dict[str, Detector]] = {
    "spike": spike,
    "burst": burst,
    "new": new,
    "regression": regression,
    "cross_namespace": cross_namespace,
    "silence": silence,
    "escalating": escalating,
}


def judge_run(judged: Judged) -> pd.DataFrame:
    """The verdicts of all detectors, sorted by window, namespace, detector and subject; the same input gives the same rows."""
    answers = [answer for detector in DETECTORS.values() if len(answer := detector(judged))]
    if not answers:
        return verdicts([])
    order = ["window_start", "namespace", "detector", "subject"]
    return pd.concat(answers, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)
