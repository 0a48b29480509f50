"""A value never changes the key of an error; a word that tells the fault does.

The messages stand in ``cases/substitutions.yaml``, each with marked places and one swap that makes another fault of it.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.places import KINDS, PLACE, fill
from tests.unit.test_fingerprint import DIFFERENT, SAME, TESTS

from ailog.domain.fingerprint import Miner, fingerprints

CASES: list[tuple[str, str, str]] = [
    tuple(case) for case in yaml.safe_load((TESTS / "cases" / "substitutions.yaml").read_text(encoding="utf-8"))
]
DRAWS = 60
KEPT_AT_LEAST = 0.99
"""Of all draws of values, those that keep the key; what does not is printed."""
SWAPS_MERGED_AT_MOST = 1
"""Of the swaps, those whose message meets the message before."""
FIXED = settings(max_examples=300)
SURE = tuple(kind for kind in KINDS if kind not in {"n", "time"})
"""Kinds whose values never change a key. A number in brackets may be read as a status, and a few formats of times leave a rest."""


def level_one(texts: list[str]) -> tuple[list[int], Miner]:
    miner = Miner()
    return [int(number) for number in miner.encode_texts(pa.array(texts)).tolist()], miner


def test_the_table_is_whole() -> None:
    assert len(CASES) >= 150
    for text, part, other in CASES:
        assert part in text
        assert part != other
        assert set(PLACE.findall(text)) <= set(KINDS)


def test_substituting_values_keeps_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    kept = total = 0
    odd: list[str] = []
    for number, (text, *_) in enumerate(CASES):
        random = Random(number)
        texts = [fill(text, random) for _ in range(DRAWS)]
        found, miner = level_one(texts)
        usual, count = Counter(found).most_common(1)[0]
        kept, total = kept + count, total + DRAWS
        others = {n: m for n, m in zip(found, texts, strict=True) if n != usual}
        odd += [f"{miner.templates[n].template}   <=   {message}" for n, message in others.items()]
    with capsys.disabled():
        print(f"\nsubstitutions that keep the key: {kept / total:.4f} of {total}", *odd, sep="\n  ")
    assert kept >= KEPT_AT_LEAST * total


@FIXED
@given(st.sampled_from([text for text, *_ in CASES]), st.sampled_from(SURE), st.integers(0, 2**32), st.integers(0, 2**32))
def test_one_kind_of_value_never_matters(text: str, kind: str, one: int, other: int) -> None:
    places = [match.span() for match in PLACE.finditer(text) if match.group(1) == kind]
    if not places:
        return
    rest = Random(7)
    template = PLACE.sub(lambda match: match.group() if match.group(1) == kind else KINDS[match.group(1)](rest), text)
    found, miner = level_one([fill(template, Random(one)), fill(template, Random(other))])
    assert found[0] == found[1], [miner.templates[n].template for n in found]


def test_changing_a_word_of_the_fault_changes_the_key(capsys: pytest.CaptureFixture[str]) -> None:
    merged: list[str] = []
    for number, (text, part, other) in enumerate(CASES):
        random = Random(number)
        before = [fill(text, random) for _ in range(5)]
        after = [fill(text.replace(part, other), random) for _ in range(5)]
        found = fingerprints(before + after)
        if not set(found[:5]).isdisjoint(found[5:]):
            merged.append(f"{part} => {other}: {text}")
    with capsys.disabled():
        print(f"\nswaps that merge: {len(merged)} of {len(CASES)}", *merged, sep="\n  ")
    assert len(merged) <= SWAPS_MERGED_AT_MOST


def test_both_levels_over_all_messages_at_once_join_no_two_faults() -> None:
    """What level 2 sees of the whole table brings no two of its faults together that were apart alone."""
    random = Random(11)
    texts = [fill(text.replace(part, word), random) for text, part, other in CASES for word in (part, other)]
    alone, _ = level_one(texts)
    together = fingerprints(texts)
    assert len(set(together)) == len(set(alone))


@pytest.mark.parametrize("groups", [SAME, DIFFERENT], ids=["same", "different"])
def test_blanks_around_a_message_do_not_matter(groups: list[list[str]]) -> None:
    for message in (m for group in groups for m in group):
        found, _ = level_one([message, f"  {message}", f"{message} ", f"{message}\n"])
        assert len(set(found)) == 1, message
