from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from tests.support.judging import TUESDAY, frame, kinds_frame, settings, totals_frame

from ailog.domain.detectors.judged import verdicts
from ailog.domain.peaks import PEAK_COLUMNS, peaks, silence_key

NAME, OTHER = "pcb-sit-01-app", "pca-sit-01-app"
TIMEOUT, REFUSED = "TIMEOUT:orders:timeout", "NETWORK:orders:connection_refused"
QUARTER = timedelta(minutes=15)
OPEN = "problem_key namespace opening_count last_window"


def verdict(detector: str, *, window: datetime = TUESDAY, namespace: str = NAME, **more: Any) -> dict[str, Any]:
    base = {"subject": "namespace", "value": 100.0, "fired": True, "stage": "fired", "reason": f"{detector} reason", "evidence": {}}
    return base | {"window_start": window, "namespace": namespace, "detector": detector} | more


def kind(problem: str, count: int, *, window: datetime = TUESDAY, namespace: str = NAME, **more: Any) -> dict[str, Any]:
    return {"window_start": window, "namespace": namespace, "fingerprint": f"f-{problem}", "problem_key": problem, "count": count, **more}


def made(
    detections: list[dict[str, Any]],
    kinds: list[dict[str, Any]],
    *,
    norms: dict[str, float] | None = None,
    open_incidents: list[tuple[Any, ...]] | None = None,
    causes: list[tuple[Any, ...]] | None = None,
    samples: pd.DataFrame | None = None,
    accepted: list[tuple[Any, ...]] | None = None,
) -> pd.DataFrame:
    kinds_table = kinds_frame(kinds)
    sums = kinds_table.groupby(["window_start", "namespace"], as_index=False)["count"].sum().to_dict("records")
    history = frame("namespace problem_key mean", [(n, p, m) for p, m in (norms or {}).items() for n in (NAME, OTHER)])
    return peaks(
        verdicts(detections),
        kinds_table,
        totals_frame([{**row, "window_start": row["window_start"].to_pydatetime()} for row in sums]),
        history,
        frame("window_start namespace problem_key cause", causes),
        frame(OPEN, open_incidents),
        settings(),
        samples,
        accepted=frame("window_start namespace problem_key", accepted),
    )


def test_verdicts_of_one_window_namespace_and_problem_are_one_peak() -> None:
    table = made(
        [
            verdict("spike", value=270.0, baseline=28.0, threshold=61.0, reason="270 errors in 15 min"),
            verdict("burst", subject="f1", problem_key=TIMEOUT),
            verdict("new", subject="f1", problem_key=TIMEOUT, evidence={"weight": 0.6}),
            verdict("new", subject="f2", problem_key=TIMEOUT, evidence={"weight": 1.0}),
            verdict("cross_namespace", subject=TIMEOUT, problem_key=TIMEOUT),
        ],
        [kind(TIMEOUT, 250), kind(REFUSED, 20)],
    )
    assert tuple(table.columns) == PEAK_COLUMNS
    assert len(table) == 1
    row = table.iloc[0]
    assert row["detection_method"] == "spike+burst+new+cross_namespace"
    assert [flag for flag in table.columns if flag.startswith("is_") and row[flag]] == [
        "is_spike",
        "is_burst",
        "is_new",
        "is_cross_namespace",
    ]
    assert (row["original_value"], row["namespace_total"], row["baseline_mean"], row["threshold"]) == (250, 270, 28, 61)
    assert row["ratio"] == pytest.approx(270 / 28)
    assert row["contributions"]["new"] == 15  # the larger of the two shares
    assert sum(row["contributions"].values()) == row["score"]
    assert row["reason"].startswith("270 errors in 15 min; burst reason; new reason")


def test_a_flag_holds_only_where_it_is_true() -> None:
    table = made(
        [
            verdict("spike"),
            verdict("burst", window=TUESDAY + QUARTER, subject="f1", problem_key=TIMEOUT),
            verdict("spike", fired=False, namespace=OTHER),
        ],
        [kind(TIMEOUT, 250), kind(TIMEOUT, 250, window=TUESDAY + QUARTER), kind(TIMEOUT, 250, namespace=OTHER)],
    )
    assert table[["is_spike", "is_burst"]].to_numpy().tolist() == [[True, False], [False, True]]
    assert set(table["namespace"]) == {NAME}


def test_every_peak_of_a_long_run_is_kept() -> None:
    windows = [TUESDAY + i * 5 * QUARTER for i in range(4)]
    detections = [verdict("spike", window=w, namespace=n) for w in windows for n in (NAME, OTHER)]
    table = made(detections, [kind(TIMEOUT, 100 + i, window=w, namespace=n) for i, w in enumerate(windows) for n in (NAME, OTHER)])
    assert len(table) == 8
    assert table["original_value"].tolist() == [100, 100, 101, 101, 102, 102, 103, 103]


@pytest.mark.parametrize(
    ("what", "counts", "norms", "owner"),
    [
        ("the largest excess, not the largest count", {TIMEOUT: 120, REFUSED: 90}, {TIMEOUT: 100.0}, REFUSED),
        ("without norms the largest count", {TIMEOUT: 120, REFUSED: 90}, {}, TIMEOUT),
        ("the first key of equals", {TIMEOUT: 90, REFUSED: 90}, {}, REFUSED),
        ("nothing known", {}, {}, "UNKNOWN:pcb_sit_01_app:unclassified"),
    ],
)
def test_a_spike_belongs_to_the_problem_with_the_largest_excess(
    what: str, counts: dict[str, int], norms: dict[str, float], owner: str
) -> None:
    table = made([verdict("spike")], [kind(problem, count) for problem, count in counts.items()], norms=norms)
    assert table["problem_key"].tolist() == [owner], what


def test_ten_kinds_of_ten_errors_are_one_peak_whose_reason_names_the_spread() -> None:
    table = made([verdict("spike", reason="100 errors in 15 min")], [kind(f"UNKNOWN:orders:kind_{i}", 10) for i in range(10)])
    assert len(table) == 1
    assert table["reason"].iloc[0] == (
        "100 errors in 15 min; spread over 10 problems: UNKNOWN:orders:kind_0 10, UNKNOWN:orders:kind_1 10, "
        "UNKNOWN:orders:kind_2 10, UNKNOWN:orders:kind_3 10 and 6 more"
    )
    assert table["namespace_total"].iloc[0] == 100
    lone = made([verdict("spike", reason="100 errors in 15 min")], [kind(TIMEOUT, 80), kind(REFUSED, 20)])
    assert "spread" not in lone["reason"].iloc[0]


def test_silence_is_a_problem_of_the_namespace() -> None:
    table = made([verdict("silence", value=0.0, baseline=300.0, threshold=30.0)], [])
    row = table.iloc[0]
    assert row["problem_key"] == silence_key(NAME) == "UNKNOWN:pcb_sit_01_app:silence"
    assert (row["original_value"], row["apps"], row["fingerprints"], row["sample"]) == (0, {}, [], "")
    assert row["first_event"] == row["last_event"] == pd.Timestamp(TUESDAY)
    assert row["severity"] == "medium"


def test_a_cascade_marks_a_peak_and_opens_none() -> None:
    cascade = verdict("cascade", subject=TIMEOUT, problem_key=TIMEOUT)
    assert made([cascade], [kind(TIMEOUT, 50)]).empty
    table = made([cascade, verdict("spike")], [kind(TIMEOUT, 50)])
    assert table["detection_method"].tolist() == ["spike+cascade"]


def test_root_cause_and_trace_come_from_propagation_and_are_else_unknown() -> None:
    cause = {"status": "found", "app": "billing", "example_trace": "t-1"}
    table = made(
        [verdict("spike"), verdict("spike", namespace=OTHER)],
        [kind(TIMEOUT, 50), kind(TIMEOUT, 50, namespace=OTHER)],
        causes=[(TUESDAY, NAME, TIMEOUT, cause)],
    ).set_index("namespace")
    assert table.loc[NAME, "root_cause"] == cause
    assert table.loc[NAME, "trace_id"] == "t-1"
    assert table.loc[OTHER, "root_cause"]["status"] == "unknown"
    assert table.loc[OTHER, "trace_id"] is None


def test_the_sample_is_of_the_largest_kind_and_its_largest_application() -> None:
    kinds = [kind(TIMEOUT, 5, app="small"), kind(TIMEOUT, 50, app="large"), {**kind(TIMEOUT, 3), "fingerprint": "f-rare"}]
    samples = frame(
        "fingerprint app sample", [("f-rare", "orders", "rare"), (f"f-{TIMEOUT}", "small", "s"), (f"f-{TIMEOUT}", "large", "l")]
    )
    row = made([verdict("spike")], kinds, samples=samples).iloc[0]
    assert row["sample"] == "l"
    assert row["apps"] == {"large": 50, "small": 5, "orders": 3}
    assert row["fingerprints"] == sorted(["f-rare", f"f-{TIMEOUT}"])


@pytest.mark.parametrize(
    ("what", "count", "minutes", "norm", "goes_on"),
    [
        ("half of what it opened with", 50, 15, 0.0, True),
        ("less than half", 49, 15, 0.0, False),
        ("at the end of the quiet time", 50, 60, 0.0, True),
        ("after the quiet time", 50, 75, 0.0, False),
        ("back to its norm, which is more than half", 80, 15, 80.0, False),
        ("clearly above a high norm", 90, 15, 80.0, True),
    ],
)
def test_an_open_incident_goes_on_while_enough_of_it_comes(what: str, count: int, minutes: int, norm: float, goes_on: bool) -> None:
    table = made(
        [],
        [kind(TIMEOUT, count)],
        norms={TIMEOUT: norm},
        open_incidents=[(TIMEOUT, NAME, 100, TUESDAY - timedelta(minutes=minutes))],
    )
    assert table["is_continuation"].tolist() == ([True] if goes_on else []), what
    if goes_on:
        assert table["detection_method"].tolist() == ["continuation"]


def test_silence_goes_on_by_firing_alone() -> None:
    table = made([], [kind(TIMEOUT, 5)], open_incidents=[(silence_key(NAME), NAME, 0, TUESDAY - QUARTER)])
    assert table.empty


def test_many_windows_at_once_decide_as_one_by_one() -> None:
    windows = [TUESDAY + i * QUARTER for i in range(12)]
    counts = [100, 60, 40, 55, 10, 10, 10, 10, 10, 70, 100, 60]
    detections = [verdict("spike", window=windows[i]) for i in (0, 10)]
    kinds = [kind(TIMEOUT, count, window=window) for window, count in zip(windows, counts, strict=True)]
    at_once = made(detections, kinds)
    assert at_once["window_start"].tolist() == [pd.Timestamp(windows[i]) for i in (0, 1, 3, 10, 11)]
    alone, going = [], None
    for window, row in zip(windows, kinds, strict=True):
        table = made([d for d in detections if d["window_start"] == window], [row], open_incidents=[going] if going else None)
        if len(table):
            opening = going[2] if going and window - going[3] <= timedelta(minutes=60) else table["original_value"].iloc[0]
            going = (TIMEOUT, NAME, opening, window)
            alone.append(table)
    pd.testing.assert_frame_equal(at_once, pd.concat(alone, ignore_index=True))


@pytest.mark.parametrize(
    ("what", "accepted", "goes_on"),
    [
        ("nothing was accepted", [], True),
        ("in the window before", [(TUESDAY - QUARTER, NAME, None)], False),
        ("in this window: the next is judged against it", [(TUESDAY, NAME, None)], True),
        ("hours before, while it went on by firing", [(TUESDAY - timedelta(hours=9), NAME, None)], False),
        ("of another namespace", [(TUESDAY - QUARTER, OTHER, None)], True),
        ("of this problem", [(TUESDAY - QUARTER, NAME, TIMEOUT)], False),
        ("of another problem", [(TUESDAY - QUARTER, NAME, REFUSED)], True),
        ("so long ago that the problem's norm knows it", [(TUESDAY - timedelta(days=9), NAME, None)], True),
    ],
)
def test_an_accepted_level_keeps_no_incident_going(what: str, accepted: list[tuple[Any, ...]], goes_on: bool) -> None:
    going = [(TIMEOUT, NAME, 100, TUESDAY - QUARTER)]
    table = made([], [kind(TIMEOUT, 90)], open_incidents=going, accepted=accepted)
    assert table["is_continuation"].tolist() == ([True] if goes_on else []), what
    fired = made([verdict("spike")], [kind(TIMEOUT, 90)], open_incidents=going, accepted=accepted)
    assert fired["is_spike"].tolist() == [True], "what fires is told, whatever was accepted"


def test_a_level_that_is_accepted_ends_the_incident_within_one_run_too() -> None:
    windows = [TUESDAY + i * QUARTER for i in range(6)]
    table = made(
        [verdict("spike", window=windows[0])],
        [kind(TIMEOUT, 90, window=window) for window in windows],
        accepted=[(windows[3], NAME, None)],
    )
    assert table["window_start"].tolist() == [pd.Timestamp(window) for window in windows[:4]]


@pytest.mark.parametrize(("past", "points", "limit"), [(10.5, 13.0, True), (15.0, 18.75, True), (44.0, 25.0, False)])
def test_the_points_of_a_spike_follow_its_margin_and_a_passed_limit_counts(past: float, points: float, limit: bool) -> None:
    evidence = {"score": past, "alarm_limit": 10.0, "limit_passed": limit}
    row = made([verdict("spike", value=90.0, baseline=30.0, threshold=60.0, evidence=evidence)], [kind(TIMEOUT, 90)]).iloc[0]
    assert row["contributions"]["spike"] == points
    assert row["contributions"].get("limit") == (5.0 if limit else None)
    assert sum(row["contributions"].values()) == row["score"]


def test_nothing_fired_and_nothing_open_gives_no_row() -> None:
    table = made([], [])
    assert table.empty
    assert tuple(table.columns) == PEAK_COLUMNS


@pytest.mark.parametrize(
    ("confidence", "namespace", "owner"),
    [("high", NAME, REFUSED), ("low", NAME, TIMEOUT), ("high", OTHER, TIMEOUT)],
    ids=["traced back", "not sure", "to another namespace"],
)
def test_a_spike_belongs_to_the_problem_that_traces_lead_back_to(confidence: str, namespace: str, owner: str) -> None:
    cause = {"status": "found", "confidence": confidence, "share": 0.9, "namespace": namespace, "problem_key": REFUSED, "app": "ledger"}
    table = made([verdict("spike")], [kind(TIMEOUT, 200), kind(REFUSED, 80)], causes=[(TUESDAY, NAME, TIMEOUT, cause)])
    assert table["problem_key"].tolist() == [owner]
    assert (f"begins with {REFUSED}" in table["reason"].iloc[0]) == (owner == REFUSED)
