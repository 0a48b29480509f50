from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.judging import TUESDAY, frame, judged, kinds_frame

from ailog.domain.detectors.new import new

SIT, SIT_OTHER, UAT = "pcb-sit-01-app", "pca-sit-01-app", "pcb-uat-01-app"
KEY = "BUSINESS:orders:validation"
NEXT = TUESDAY + timedelta(minutes=15)


def kind(count: int, namespace: str = SIT, fingerprint: str = "f1", window: Any = TUESDAY, **more: Any) -> dict[str, Any]:
    return {"window_start": window, "namespace": namespace, "fingerprint": fingerprint, "problem_key": KEY, "count": count, **more}


def seen(*environments: str, events: int | None = None) -> Any:
    rows = [("f1", environment, TUESDAY - timedelta(days=3)) for environment in environments]
    table = frame("fingerprint environment last_seen", rows)
    return table if events is None else table.assign(events=events)


@pytest.mark.parametrize(
    ("what", "kinds", "known", "fired"),
    [
        ("never seen", [kind(3)], (), [(TUESDAY, SIT)]),
        ("seen in the same stage", [kind(3)], ("sit",), []),
        ("seen in another namespace of the same stage", [kind(3, SIT_OTHER)], ("sit",), []),
        ("seen in another stage alone", [kind(3)], ("uat",), [(TUESDAY, SIT)]),
        ("two events are too few", [kind(2)], (), []),
        ("two applications are summed", [kind(2, app="a"), kind(1, app="b")], (), [(TUESDAY, SIT)]),
        ("two namespaces are not summed", [kind(2), kind(2, SIT_OTHER)], (), []),
        ("both namespaces of the first window", [kind(3), kind(4, SIT_OTHER)], (), [(TUESDAY, SIT_OTHER), (TUESDAY, SIT)]),
        ("the second window knows it", [kind(3), kind(9, window=NEXT)], (), [(TUESDAY, SIT)]),
        ("the second window knows it in the stage", [kind(3), kind(9, SIT_OTHER, window=NEXT)], (), [(TUESDAY, SIT)]),
        ("another stage is judged for itself", [kind(3), kind(9, UAT, window=NEXT)], (), [(TUESDAY, SIT), (NEXT, UAT)]),
        ("a single event before does not hide the failure", [kind(1), kind(50, window=NEXT)], (), [(NEXT, SIT)]),
    ],
)
def test_a_kind_is_new_once_in_its_stage(what: str, kinds: list[dict[str, Any]], known: tuple[str, ...], fired: list[Any]) -> None:
    table = new(judged([TUESDAY, NEXT], kinds=kinds_frame(kinds), seen=seen(*known)))
    told = table[table["fired"]]
    assert [(w.to_pydatetime(), n) for w, n in zip(told["window_start"], told["namespace"], strict=True)] == fired, what


def test_a_single_event_in_the_look_back_does_not_hide_the_failure() -> None:
    table = new(judged([TUESDAY], kinds=kinds_frame([kind(50)]), seen=seen("sit", events=1)))
    assert table["fired"].tolist() == [True]
    table = new(judged([TUESDAY], kinds=kinds_frame([kind(50)]), seen=seen("sit", events=3)))
    assert table["stage"].tolist() == ["known"]


def test_a_new_kind_of_a_known_problem_is_told_as_a_variant_that_weighs_less() -> None:
    problems = frame("problem_key environment last_seen", [(KEY, "sit", TUESDAY)])
    row = new(judged([TUESDAY], kinds=kinds_frame([kind(3)]), seen_problems=problems)).iloc[0]
    assert row["fired"]
    assert row["evidence"]["variant_of_known"] is True
    assert row["evidence"]["weight"] < 1
    assert "a new variant of a known problem" in row["reason"]
    elsewhere = frame("problem_key environment last_seen", [(KEY, "uat", TUESDAY)])
    row = new(judged([TUESDAY], kinds=kinds_frame([kind(3)]), seen_problems=elsewhere)).iloc[0]
    assert row["evidence"]["variant_of_known"] is False
    assert row["evidence"]["weight"] == 1


def test_several_new_kinds_of_one_new_problem_are_no_variants_of_each_other() -> None:
    table = new(judged([TUESDAY], kinds=kinds_frame([kind(3), kind(3, fingerprint="f2")])))
    assert [evidence["variant_of_known"] for evidence in table["evidence"]] == [False, False]


def test_the_first_window_ever_read_is_said_to_be_that() -> None:
    table = new(judged([TUESDAY, NEXT], kinds=kinds_frame([kind(3), kind(3, fingerprint="f2", window=NEXT)]), lookback_windows=0))
    assert table["fired"].tolist() == [True, True]
    assert "this is the first window ever read" in table["reason"].iloc[0]
    assert "in the 1 window read" in table["reason"].iloc[1]


def test_a_known_kind_is_on_record_in_every_window_so_that_one_run_over_many_windows_says_what_many_runs_say() -> None:
    table = new(judged([TUESDAY, NEXT], kinds=kinds_frame([kind(3), kind(9, window=NEXT)]), seen=seen("sit")))
    assert table["stage"].tolist() == ["known", "known"]


@pytest.mark.parametrize(("events", "before", "stage"), [(3, True, "known"), (3, False, "fired"), (2, True, "fired")])
def test_other_windows_of_the_day_count_from_when_they_were(events: int, before: bool, stage: str) -> None:
    window = TUESDAY if before else NEXT + timedelta(minutes=15)
    table = frame("fingerprint environment window_start last_seen events", [("f1", "sit", window, window, events)])
    assert new(judged([NEXT], kinds=kinds_frame([kind(50, window=NEXT)]), seen=table))["stage"].tolist() == [stage]


def test_nothing_to_judge_gives_no_verdict() -> None:
    assert new(judged([TUESDAY])).empty
