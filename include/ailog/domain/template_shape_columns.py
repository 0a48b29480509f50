"""The shapes of a whole column of texts: each distinct piece between blanks is looked at once, the rest is done by columns.

Gives what ``template_shape.shape`` gives text by text, because a shape is made piece by piece.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.template_shape import STAND_IN, TITLE, is_unknown

_PLAIN: Final = r"\A[^\w\x01']*[A-Za-z][a-z]{4,}[^\w\x01']*\z"
"""One plain word with signs around it."""
_CAPITAL: Final = r"\A[^A-Za-z]*[A-Z]"
_AT_ONCE: Final = 50_000
"""Texts that are cut into pieces at a time, so that memory stays small."""


def shapes(texts: pa.Array) -> pa.DictionaryArray:
    """The shape of each text, as a dictionary: few shapes stand for many texts."""
    parts = [_shapes(texts.slice(at, _AT_ONCE)) for at in range(0, len(texts), _AT_ONCE)]
    return pa.chunked_array(parts, pa.string()).combine_chunks().dictionary_encode()


def _shapes(texts: pa.Array) -> pa.Array:
    one_line = pc.invert(pc.match_substring(texts, "\n"))
    if not pc.all(one_line).as_py():
        return pc.replace_with_mask(texts, one_line, _of_lines(texts.filter(one_line)))
    return _of_lines(texts)


def _of_lines(texts: pa.Array) -> pa.Array:
    pieces = pc.split_pattern(texts, " ")
    coded = pieces.flatten().dictionary_encode()
    known = _of_pieces(coded.dictionary)
    return pc.binary_join(pa.ListArray.from_arrays(pieces.offsets, known.take(coded.indices)), " ")


def _of_pieces(pieces: pa.Array) -> pa.Array:
    """The pieces with the unknown among their words replaced by the stand-in."""
    plain = pc.match_substring_regex(pieces, _PLAIN)
    open_to = pieces.filter(plain)
    words = pc.ascii_lower(pc.replace_substring_regex(open_to, "[^A-Za-z]+", ""))
    unknown = pa.array([is_unknown(word) for word in words.to_pylist()], pa.bool_())
    strange = open_to.filter(unknown)
    capital = pc.match_substring_regex(strange, _CAPITAL)
    replaced = pc.if_else(
        capital, pc.replace_substring_regex(strange, "[A-Za-z]+", TITLE), pc.replace_substring_regex(strange, "[A-Za-z]+", STAND_IN)
    )
    return pc.replace_with_mask(pieces, pc.replace_with_mask(plain, plain, unknown), replaced)


__all__ = ["shapes"]
