"""Shapes by columns are the shapes text by text."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain.template_shape import shape
from ailog.domain.template_shape_columns import shapes

HOSTILE = [
    "",
    " ",
    "  a  ",
    "xkqzdoc",
    "Order xkqzdoc failed",
    "a\nxkqzdoc b",
    "\u202exkqz Ωμέγα 🙂",
    "Objednávka nebyla",
    "(xkqzdoc): \x01 xkqzdoc's",
    "x" * 5000,
]


@pytest.mark.parametrize("texts", [[], HOSTILE, [*HOSTILE, *HOSTILE]])
def test_a_column_has_the_shapes_of_its_texts(texts: list[str]) -> None:
    assert shapes(pa.array(texts, pa.string())).to_pylist() == [shape(text) for text in texts]


@given(st.lists(st.text(st.sampled_from("abqzXé \n\t(:.'\x01"), max_size=30), max_size=20))
def test_any_column_has_the_shapes_of_its_texts(texts: list[str]) -> None:
    assert shapes(pa.array(texts, pa.string())).to_pylist() == [shape(text) for text in texts]
