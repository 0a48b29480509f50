from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain.masking import iban_valid, luhn, mask, mask_text

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "masking.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_a_text_is_masked_as_the_table_says(case: dict[str, str]) -> None:
    assert mask(pa.array([case["input"]])).to_pylist() == [case["expected"]]


def test_masking_twice_is_masking_once() -> None:
    once = [mask_text(c["input"]) for c in CASES]
    assert [mask_text(t) for t in once] == once


def test_nulls_and_type_and_length_are_kept() -> None:
    column = pa.array([None, "pwd=x1", "", None, "fine"])
    masked = mask(column)
    assert masked.type == column.type
    assert masked.to_pylist() == [None, "pwd=***", "", None, "fine"]


def test_a_chunked_column_stays_chunked() -> None:
    column = pa.chunked_array([["pwd=x1"], ["ok", None], []], type=pa.string())
    masked = mask(column)
    assert isinstance(masked, pa.ChunkedArray)
    assert masked.to_pylist() == ["pwd=***", "ok", None]
    assert [len(c) for c in masked.chunks] == [1, 2, 0]


def _card(rng: random.Random) -> str:
    body = rng.choice(["4", "51", "55", "34", "37", "6011"]) + "".join(rng.choice("0123456789") for _ in range(15))
    body = body[: 14 if body[:2] in {"34", "37"} else 15]
    return next(body + d for d in "0123456789" if luhn(body + d))


def _iban(rng: random.Random) -> str:
    country, length = rng.choice([("DE", 18), ("CZ", 20), ("GB", 18), ("FR", 23)])
    bban = "".join(rng.choice("0123456789") for _ in range(length))
    return next(i for n in range(2, 99) if iban_valid(i := f"{country}{n:02d}{bban}"))


def test_every_generated_card_and_iban_is_found() -> None:
    rng = random.Random(7)
    secrets = [_card(rng) for _ in range(500)] + [_iban(rng) for _ in range(500)]
    masked = mask(pa.array([f"transfer {s} rejected, code 5" for s in secrets])).to_pylist()
    missed = [s for s, m in zip(secrets, masked, strict=True) if s in m]
    assert missed == []
    assert all(s[-4:] in m for s, m in zip(secrets, masked, strict=True))


@pytest.mark.parametrize(
    "template",
    ["password={}", '"client_secret": "{}"', "https://bot:{}@host/x", "Authorization: Bearer {}", "api_key={}&x=1", "<secret>{}</secret>"],
)
def test_secrets_are_found_in_every_form(template: str) -> None:
    rng = random.Random(3)
    for _ in range(100):
        secret = "".join(rng.choice("abcdefghXYZ0123456789_-") for _ in range(rng.randint(8, 40))) + "7"
        assert secret not in mask_text(f"call failed: {template.format(secret)} end")


@given(st.text(max_size=300))
def test_any_text_is_masked_the_same_alone_and_in_a_column(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    assert mask(pa.array([clean, None, clean])).to_pylist() == [mask_text(clean), None, mask_text(clean)]


@pytest.mark.parametrize(
    "bait", ["a" * 200_000, "a@" * 50_000, "+1 " * 60_000, '"password":"' + "\\" * 100_000, "4111 " * 40_000, "token=" * 30_000]
)
def test_hostile_texts_are_bounded(bait: str) -> None:
    assert len(mask_text(bait)) <= 2 * len(bait)


@given(st.lists(st.sampled_from([c["input"] for c in CASES] + ["\u00a0", " : ", "=", "token", "<pwd>", "\n", "é"]), min_size=1, max_size=4))
def test_a_column_is_masked_as_its_texts_are_one_by_one(parts: list[str]) -> None:
    texts = ["".join(parts), " ".join(parts)]
    assert mask(pa.array(texts)).to_pylist() == [mask_text(text) for text in texts]
