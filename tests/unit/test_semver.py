"""Versions in their order, and what is none."""

from __future__ import annotations

import random

import pytest

from ailog.domain.semver import key, ordered

# The example of section 11 of Semantic Versioning 2.0.0, with neighbours.
ASCENDING = [
    "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",
    "1.0.1", "1.2.0", "1.10.0", "2.0.0-SNAPSHOT", "2.0.0", "10.0.0",
]  # fmt: skip


def test_versions_stand_in_the_order_of_the_standard() -> None:
    keys = [key(version) for version in ASCENDING]
    assert None not in keys
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    shuffled = random.Random(1).sample(ASCENDING, len(ASCENDING))
    assert ordered(set(shuffled)) == ASCENDING


@pytest.mark.parametrize(
    ("one", "other"), [("v2.3.1", "2.3.1"), ("2.3.1+build.5", "2.3.1"), ("2.3.1-rc.1+x", "2.3.1-rc.1"), (" 2.3.1 ", "2.3.1")]
)
def test_a_leading_v_and_build_metadata_do_not_count(one: str, other: str) -> None:
    assert key(one) == key(other) is not None


@pytest.mark.parametrize(
    "text", ["", "2.3", "2.3.1.4", "latest", "2.3.x", "-1.2.3", "1.2.3-", "1.2.3;drop", "9" * 40 + ".0.0", "٢.٣.١x", "1.2.3\n4"]
)
def test_what_is_no_version_cannot_be_compared(text: str) -> None:
    assert key(text) is None
    assert ordered({text, "1.0.0"}) == ["1.0.0"]
