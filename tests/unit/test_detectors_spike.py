from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.support.judging import TUESDAY, counts, judged, kinds_frame, settings, thresholds_frame, totals_frame

from ailog.domain.calendar import Calendar, Entry
from ailog.domain.detectors.judged import Judged
from ailog.domain.detectors.spike import spike
from ailog.domain.thresholds import train

NAME = "pcb-sit-01-app"
LIMITS = thresholds_frame([(NAME, 1, 61, 384), (NAME, None, 40, 2688)])


def history(mean: float = 40, phi: float = 0.05, seed: int = 1) -> pd.DataFrame:
    return counts(np.random.default_rng(seed), {NAME: mean}, TUESDAY.replace(hour=0, minute=0) - timedelta(days=28), 29, phi=phi)


def one_window(count: int, *, past: pd.DataFrame | None = None, **changes: Any) -> Judged:
    totals = totals_frame([{"window_start": TUESDAY, "namespace": NAME, "count": count, "complete": changes.pop("complete", True)}])
    return judged([TUESDAY], totals, history=past, thresholds=changes.pop("thresholds", LIMITS), **changes)


def verdict(count: int, *, past: pd.DataFrame | None = None, **changes: Any) -> dict[str, Any]:
    table = spike(one_window(count, past=past, **changes))
    assert len(table) == 1
    return table.iloc[0].to_dict()


@pytest.mark.parametrize(
    ("count", "mean", "phi", "stage"),
    [
        (270, 40, 0.05, "fired"),
        (62, 5, 0.05, "fired"),
        (61, 5, 0.05, "fired"),  # within the limit of the weekday, far beyond the season of the hour
        (70, 60, 0.05, "significance"),  # above P93, as 7 % of ordinary windows are
        (90, 40, 1.5, "significance"),
        (75, 32, 0.12, "budget"),
        (1, 0.02, 0.05, "floor"),
        (2, 0.02, 0.05, "floor"),
    ],
)
def test_a_total_fires_only_beyond_its_season_by_the_margin_of_the_budget(count: int, mean: float, phi: float, stage: str) -> None:
    row = verdict(count, past=history(mean, phi))
    assert row["stage"] == stage, (row["reason"], row["evidence"])
    assert row["fired"] == (stage == "fired")
    assert row["evidence"]["limit_passed"] == (count > 61)


def test_a_required_limit_must_be_passed_as_well() -> None:
    required = settings(detectors={"spike": {"limit": "required"}})
    assert verdict(61, past=history(5), changed=required)["stage"] == "threshold"
    assert verdict(62, past=history(5), changed=required)["stage"] == "fired"
    assert "within the weekday's limit" in verdict(61, past=history(5))["reason"]


def test_a_larger_margin_stops_what_a_smaller_one_lets_through() -> None:
    row = verdict(85, past=history(40, 0.05))
    score = row["evidence"]["score"]
    assert row["fired"] == (score > row["evidence"]["alarm_limit"])
    tight = replace(one_window(85, past=history(40, 0.05)), alarm_limit=score + 0.1)
    assert spike(tight)["stage"].tolist() == ["budget"]
    loose = replace(tight, alarm_limit=score - 0.1)
    assert spike(loose)["stage"].tolist() == ["fired"]


def test_a_limit_of_zero_does_not_make_a_single_error_a_peak() -> None:
    quiet = thresholds_frame([(NAME, 1, 0, 384)])
    assert verdict(1, past=history(0.01), thresholds=quiet)["stage"] == "floor"
    assert verdict(2, past=history(0.01), thresholds=quiet)["stage"] == "floor"
    assert verdict(8, past=history(0.01), thresholds=quiet)["stage"] == "fired"


def test_four_windows_fire_together_where_none_does_alone() -> None:
    past = history(40, 0.05)
    windows = [TUESDAY + i * timedelta(minutes=15) for i in range(4)]
    totals = totals_frame([{"window_start": window, "namespace": NAME, "count": 72} for window in windows])
    table = spike(replace(judged(windows, totals, history=past, thresholds=LIMITS), alarm_limit=9.0))
    assert max(evidence["single"] for evidence in table["evidence"]) < 9.0
    assert table["fired"].tolist() == [False, False, False, True]
    assert "in the last hour" in table["reason"].iloc[-1]


def test_a_batch_slot_of_the_calendar_is_no_spike() -> None:
    entry = Entry("night", "batch", "ops", "month end", weekdays=(1,), local_time=time(10, 15), minutes=30, timezone="Europe/Prague")
    known = replace(one_window(270, past=history(40)), calendar=Calendar((entry,)))
    assert spike(known)["stage"].tolist() == ["batch"]
    elsewhere = replace(known, calendar=Calendar((replace(entry, namespaces=("other-*",)),)))
    assert spike(elsewhere)["stage"].tolist() == ["fired"]


def test_ten_kinds_of_ten_errors_against_a_limit_of_fifty_are_one_peak() -> None:
    kinds = kinds_frame(
        [
            {
                "window_start": TUESDAY,
                "namespace": NAME,
                "fingerprint": f"{kind:016x}",
                "problem_key": f"UNKNOWN:orders:kind_{kind}",
                "count": 10,
            }
            for kind in range(10)
        ]
    )
    row = verdict(100, kinds=kinds, thresholds=thresholds_frame([(NAME, 1, 50, 384)]))
    assert (row["fired"], row["subject"], row["value"], row["threshold"]) == (True, "namespace", 100, 50)


def test_without_history_limit_and_floor_decide_and_the_evidence_says_so() -> None:
    row = verdict(62)
    assert row["fired"]
    assert row["evidence"]["baseline"] == "no_history"
    assert np.isnan(row["baseline"])
    assert row["reason"] == "62 errors in 15 min; no history of this time, limit 61 (P93 of Tuesdays)"
    assert verdict(60)["stage"] == "threshold"


def test_the_reason_has_the_total_the_usual_and_the_limit_with_its_rule() -> None:
    reason = verdict(270, past=history(28))["reason"]
    assert reason.startswith("270 errors in 15 min; usual at this time ")
    assert reason.endswith(", limit 61 (P93 of Tuesdays)")
    cap = verdict(270, thresholds=thresholds_frame([(NAME, 1, 61, 9), (NAME, None, 40, 2688)]))
    assert cap["threshold"] == 40
    assert cap["reason"].endswith("limit 40 (CAP)")
    default = verdict(270, thresholds=thresholds_frame([]))
    assert default["threshold"] == 100
    assert default["evidence"]["rule"] == "default"


def test_a_window_read_in_part_fires_upwards_and_is_else_undecided() -> None:
    assert verdict(270, complete=False)["stage"] == "fired"
    row = verdict(3, complete=False)
    assert (row["stage"], row["fired"]) == ("partial", False)
    assert "read in part" in row["reason"]


def test_a_recurring_batch_is_a_habit_and_the_same_height_elsewhere_is_a_spike() -> None:
    past = history(4)
    start = past["window_start"].dt
    at_nine = (start.hour == 9) & (start.minute == 15) & (start.day % 5 == 0)
    past.loc[at_nine, "count"] = 300
    limits = thresholds_frame([(NAME, 1, 20, 384)])
    assert verdict(310, past=past, thresholds=limits)["stage"] == "habit"
    later = [TUESDAY + timedelta(hours=1, minutes=30)]
    totals = totals_frame([{"window_start": later[0], "namespace": NAME, "count": 310}])
    assert spike(judged(later, totals, history=past, thresholds=limits))["fired"].tolist() == [True]


def test_judging_a_day_at_once_or_window_by_window_gives_the_same_verdicts() -> None:
    past = history(40)
    windows = [TUESDAY.replace(hour=0, minute=0) + i * timedelta(minutes=15) for i in range(96)]
    live = counts(np.random.default_rng(2), {NAME: 40.0}, windows[0], 1)
    live.loc[40:44, "count"] *= 10
    live = live.assign(complete=True, estimated=False)
    known = pd.concat([past[past["window_start"] < pd.Timestamp(windows[0])], live], ignore_index=True)
    at_once = spike(judged(windows, live, history=known, thresholds=LIMITS))
    alone = [spike(judged([w], live[live["window_start"] == pd.Timestamp(w)], history=known, thresholds=LIMITS)) for w in windows[36:60]]
    pd.testing.assert_frame_equal(at_once.iloc[36:60].reset_index(drop=True), pd.concat(alone, ignore_index=True))
    assert set(range(40, 45)) <= set(np.flatnonzero(at_once["fired"]))
    assert at_once["fired"].sum() <= 7


def test_every_namespace_of_the_grid_gets_a_verdict_with_json_safe_evidence() -> None:
    import json

    totals = totals_frame([{"window_start": TUESDAY, "namespace": n, "count": c} for n, c in [("a", 0), ("b", 10**9), (NAME, 5)]])
    table = spike(judged([TUESDAY], totals, history=history(40), thresholds=LIMITS))
    assert table["namespace"].tolist() == ["a", "b", NAME]
    for evidence in table["evidence"]:
        json.dumps(evidence, allow_nan=False)


@pytest.mark.parametrize("phi", [0.05, 0.3])
def test_ordinary_windows_stay_within_the_false_alarm_budget(phi: float) -> None:
    """P93 alone is passed by 7 % of these windows; the budget is one false alarm per namespace and week."""
    means = {f"pc{i}-sit-01-app": float(mean) for i, mean in enumerate([0.2, 2, 10, 40, 150, 600])}
    first = datetime(2026, 2, 9, tzinfo=UTC)
    frame = counts(np.random.default_rng(11), means, first, 35, phi=phi)
    frame = frame.assign(complete=True, estimated=False)
    live = frame["window_start"] >= pd.Timestamp(first + timedelta(days=28))
    limits = train(frame[~live], 0.93)
    windows = [moment.to_pydatetime() for moment in sorted(frame.loc[live, "window_start"].unique())]
    verdicts = spike(replace(judged(windows, frame[live], thresholds=limits), history=frame[~live]))
    assert (verdicts["value"] > verdicts["threshold"]).sum() > 0.04 * len(verdicts)
    assert verdicts["fired"].sum() <= 0.5 * len(means)
