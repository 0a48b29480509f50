from __future__ import annotations

import pytest
from tests.support.judging import TUESDAY, frame, judged, settings

from ailog.domain.detectors.burst import burst

COLUMNS = "window_start namespace fingerprint problem_key count densest"


def candidate(count: int, densest: int) -> tuple[object, ...]:
    return (TUESDAY, "pcb-sit-01-app", "a" * 16, "TIMEOUT:orders:timeout", count, densest)


@pytest.mark.parametrize(
    ("what", "count", "densest", "stage"),
    [
        ("5,000 in ten seconds and nothing else", 5000, 5000, "fired"),
        ("5,000 in ten seconds after 100 isolated ones", 5100, 5001, "fired"),
        ("1,000 in ten seconds after 100 isolated ones", 1100, 1000, "fired"),
        ("five bursts of 1,000", 5000, 1000, "fired"),
        ("the smallest burst", 100, 100, "fired"),
        ("just under the smallest", 100, 99, "floor"),
        ("a steady one a minute", 15, 1, None),
        ("a steady 5,000 a minute", 75_000, 860, "ratio"),
        ("a steady stream with a clump of twice its rate", 9000, 200, "ratio"),
        ("many events spread out", 400, 12, "floor"),
    ],
)
def test_many_in_seconds_are_a_burst_and_a_steady_stream_is_none(what: str, count: int, densest: int, stage: str | None) -> None:
    table = burst(judged([TUESDAY], densest=frame(COLUMNS, [candidate(count, densest)])))
    assert table["stage"].tolist() == ([] if stage is None else [stage]), what
    assert table["fired"].tolist() == ([] if stage is None else [stage == "fired"]), what


def test_a_burst_names_its_kind_its_problem_and_its_figures() -> None:
    row = burst(judged([TUESDAY], densest=frame(COLUMNS, [candidate(5100, 5000)]))).iloc[0]
    assert (row["subject"], row["fingerprint"], row["problem_key"], row["value"]) == ("a" * 16, "a" * 16, "TIMEOUT:orders:timeout", 5000)
    assert row["reason"] == "5,000 of 5,100 events of one kind within 10 s; the rest of the window has 1.1 in as long"


def test_the_rest_is_taken_over_the_rest_of_the_window() -> None:
    long = settings(detectors={"burst": {"seconds": 300}})
    row = burst(judged([TUESDAY], densest=frame(COLUMNS, [candidate(900, 300)]), changed=long)).iloc[0]
    assert row["baseline"] == 300  # 600 in the other 600 seconds
    assert row["stage"] == "ratio"
