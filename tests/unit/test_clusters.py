from __future__ import annotations

from dataclasses import replace

import pytest

from ailog.domain.clusters import Overlap, clusters

PAIR = Overlap("A:x:y", "B:x:y", 5, 10, 100)

CASES = [
    ("half of the smaller one's traces", PAIR, [["A:x:y", "B:x:y"]]),
    ("less than half", replace(PAIR, shared=4), [["A:x:y"], ["B:x:y"]]),
    ("too few traces to tell", Overlap("A:x:y", "B:x:y", 2, 2, 100), [["A:x:y"], ["B:x:y"]]),
]


@pytest.mark.parametrize(("overlap", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_problems_that_share_half_of_their_traces_are_told_together(overlap: Overlap, wanted: list[list[str]]) -> None:
    assert clusters(["A:x:y", "B:x:y"], [overlap]) == wanted


def test_without_traces_every_problem_stands_alone() -> None:
    assert clusters(["A", "B"], []) == [["A"], ["B"]]


def test_a_chain_of_pairs_does_not_tie_its_ends_together() -> None:
    pairs = [Overlap("A", "B", 9, 10, 10), Overlap("B", "C", 9, 10, 10)]
    assert clusters(["A", "B", "C"], pairs) == [["A", "B"], ["C"]]
    assert clusters(["B", "A", "C"], pairs) == [["B", "A", "C"]]
