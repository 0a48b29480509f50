from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from ailog.domain import overflow
from ailog.domain.overflow import Budget, Overflow, overflow_fingerprint


def _taken(budget: Budget, batches: list[list[int]], namespace: str = "ns") -> list[int]:
    found: list[int] = []
    for batch in batches:
        names = pa.chunked_array([pa.array([namespace] * len(batch))])
        found += budget.take(names, np.array(batch, np.int64))[0].tolist()
    return found


def test_a_namespace_within_its_bound_has_nothing_to_say() -> None:
    budget = Budget(3)
    assert _taken(budget, [[1, 2, 3], [3, 2, 1]]) == [1, 2, 3, 3, 2, 1]
    assert budget.overflows == {}


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_what_is_past_the_bound_is_counted_alike_in_any_order_and_batch(size: int) -> None:
    events = [9, 4, 9, 7, 2, 5, 4, 4, 8, 1, 9]
    for order in (events, events[::-1]):
        budget = Budget(3, known=[9])
        found = _taken(budget, [order[i : i + size] for i in range(0, len(order), size)])
        assert budget.overflows == {"ns": Overflow(kept=3, templates=4, at_least=False)}
        assert set(found) - {overflow_fingerprint("ns")} <= set(events)


def test_the_count_of_templates_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overflow, "MAX_COUNTED", 10)
    budget = Budget(2)
    _taken(budget, [list(range(i, i + 5)) for i in range(0, 500, 5)])
    assert budget.overflows == {"ns": Overflow(kept=2, templates=10, at_least=True)}
    assert max(len(seen) for seen in budget._seen.values()) <= 13
