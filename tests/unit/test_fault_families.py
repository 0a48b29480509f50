from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.fault_families import TABLES, families, score

from ailog.domain.fingerprint import fingerprints

FLOORS = {"structure": 0.65, "codes_fourth": 0.8, "services": 0.8}
"""What tables reach whose variants differ in structure, or whose codes and names stand bare in records; the others hold 0.85."""


@pytest.mark.parametrize("table", sorted(TABLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_faults_of_many_programs_are_told_apart_and_their_variants_meet(table: Path) -> None:
    found = score(families(table), fingerprints)
    print(f"{table.stem}: F1 {found.f1:.3f}, look-alikes merged {found.near_merged} of {found.near_pairs}; wrong: {', '.join(found.wrong)}")
    assert found.f1 >= FLOORS.get(table.stem, 0.85)
    assert found.near_merged <= 0.01 * found.near_pairs


def test_the_measure_notices_keys_that_are_too_coarse_or_too_fine() -> None:
    found = families(TABLES / "payloads.yaml")
    assert score(found, lambda messages: ["same"] * len(messages)).f1 == 0
    assert score(found, lambda messages: [str(i) for i in range(len(messages))]).f1 < 0.1
