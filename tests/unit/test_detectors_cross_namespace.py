from __future__ import annotations

from typing import Any

import pytest
from tests.support.judging import TUESDAY, frame, judged, kinds_frame

from ailog.domain.detectors.cross_namespace import cross_namespace

KEY = "NETWORK:orders:connection_refused"
A, A2, B, UAT, PLAIN, OTHER = "pcb-sit-01-app", "pcb-sit-02-app", "pca-sit-01-app", "pca-uat-01-app", "orders", "billing"


def table(counts: dict[str, int], norms: dict[str, float] | None = None, **more: Any) -> Any:
    rows = [
        {"window_start": TUESDAY, "namespace": n, "fingerprint": f"f-{n}", "problem_key": more.get(n, KEY), "count": c}
        for n, c in counts.items()
    ]
    usual = frame("namespace problem_key mean", [(n, KEY, m) for n, m in (norms or {}).items()])
    return cross_namespace(judged([TUESDAY], kinds=kinds_frame(rows), norms=usual))


@pytest.mark.parametrize(
    ("what", "counts", "norms", "fired"),
    [
        ("two applications of one stage", {A: 5, B: 5}, {}, [B, A]),
        ("two namespaces without a stage", {PLAIN: 5, OTHER: 8}, {}, [OTHER, PLAIN]),
        ("too few events in one", {A: 500, B: 4}, {}, []),
        ("copies over stages", {A: 50, "pcb-uat-01-app": 50}, {}, []),
        ("two stages", {A: 50, UAT: 50}, {}, []),
        ("copies of one application", {A: 50, A2: 50}, {}, []),
        ("copies and another", {A: 50, A2: 50, B: 9}, {}, [B, A, A2]),
        ("what both always log", {A: 12, B: 9}, {A: 8.0, B: 8.0}, []),
        ("both far beyond their norm", {A: 120, B: 90}, {A: 8.0, B: 8.0}, [B, A]),
        ("one beyond its norm, one as ever", {A: 120, B: 9}, {A: 8.0, B: 8.0}, []),
        ("one alone", {A: 500}, {}, []),
    ],
)
def test_the_same_problem_must_be_unusual_in_several_applications(
    what: str, counts: dict[str, int], norms: dict[str, float], fired: list[str]
) -> None:
    verdicts = table(counts, norms)
    assert verdicts.loc[verdicts["fired"].astype(bool), "namespace"].tolist() == fired, what


def test_two_problems_are_not_one() -> None:
    assert table({A: 50, B: 50}, **{B: "NETWORK:orders:timeout"}).empty


def test_the_reason_counts_applications_and_names_the_namespaces() -> None:
    row = table({A: 50, A2: 50, B: 9}).iloc[0]
    assert row["value"] == 2
    assert row["subject"] == KEY
    assert row["reason"] == "the same problem in 2 applications of stage sit: pca-sit-01-app 9, pcb-sit-01-app 50, pcb-sit-02-app 50"


@pytest.mark.parametrize(("counts", "norms", "stage"), [({A: 50, A2: 50}, {}, "copies"), ({A: 12, B: 9}, {A: 8.0, B: 8.0}, "habit")])
def test_a_counter_case_names_the_stage_that_decided(counts: dict[str, int], norms: dict[str, float], stage: str) -> None:
    assert set(table(counts, norms)["stage"]) == {stage}
