from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
from tests.support.judging import TUESDAY, counts, frame, judged, kinds_frame, thresholds_frame, totals_frame

from ailog.domain.detectors import DETECTORS, judge_run
from ailog.domain.detectors.judged import COLUMNS, NAMESPACE
from ailog.domain.fixes import Fix
from ailog.domain.scoring import FLAGS

NAMES = ("pca-sit-01-app", "pcb-sit-01-app", "pcb-uat-01-app")


def everything() -> object:
    """A run in which each detector has something to tell."""
    history = counts(np.random.default_rng(3), dict.fromkeys(NAMES, 40.0), TUESDAY.replace(hour=0, minute=0) - timedelta(days=28), 29)
    kinds = [
        {"window_start": TUESDAY, "namespace": n, "fingerprint": f, "problem_key": "TIMEOUT:orders:timeout", "count": c}
        for n, f, c in [(NAMES[0], "aa", 400), (NAMES[1], "aa", 300), (NAMES[1], "bb", 2)]
    ]
    totals = [
        {"window_start": TUESDAY, "namespace": n, "count": c, "documents": d}
        for n, c, d in zip(NAMES, (400, 302, 0), (900, 900, 0), strict=True)
    ]
    densest = frame(
        "window_start namespace fingerprint problem_key count densest",
        [(TUESDAY, NAMES[0], "aa", "TIMEOUT:orders:timeout", 400, 390)],
    )
    limits = thresholds_frame([(name, 1, 80, 384) for name in NAMES])
    fixed = Fix("problem", "TIMEOUT:orders:timeout", "KP-000001", TUESDAY - timedelta(days=2), "ann", problem_key="TIMEOUT:orders:timeout")
    run = judged(
        [TUESDAY], totals_frame(totals), kinds=kinds_frame(kinds), history=history, thresholds=limits, densest=densest, fixes=(fixed,)
    )
    levels = run.levels_of_namespaces().assign(subject=NAMESPACE, rise_score=[30.0, 0.0, 0.0], rise_level=60.0, rise_base=30.0)
    return replace(run, levels=levels)


def test_every_registered_detector_can_fire_and_every_detector_is_a_flag() -> None:
    verdicts = judge_run(everything())
    assert set(verdicts.loc[verdicts["fired"], "detector"]) == set(DETECTORS)
    assert set(DETECTORS) <= set(FLAGS)


def test_verdicts_have_the_staged_columns_one_row_per_key_and_plain_evidence() -> None:
    verdicts = judge_run(everything())
    key = ["window_start", "namespace", "detector", "subject"]
    assert tuple(verdicts.columns) == COLUMNS
    assert not verdicts.duplicated(key).any()
    assert verdicts[key].equals(verdicts.sort_values(key)[key])
    assert str(verdicts["window_start"].dtype) == "datetime64[us, UTC]"
    for evidence in verdicts["evidence"]:
        json.dumps(evidence, allow_nan=False)
    assert verdicts["reason"].str.len().min() > 0


def test_the_order_of_the_input_rows_changes_no_verdict() -> None:
    run = everything()
    shuffled = replace(
        run,
        **{name: getattr(run, name).sample(frac=1, random_state=7) for name in ("totals", "kinds", "history", "thresholds", "densest")},
    )
    pd.testing.assert_frame_equal(judge_run(run), judge_run(shuffled))


def test_a_run_without_anything_gives_an_empty_frame_of_the_same_shape() -> None:
    verdicts = judge_run(judged([TUESDAY]))
    assert verdicts.empty
    assert tuple(verdicts.columns) == COLUMNS
