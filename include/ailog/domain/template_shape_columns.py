"""The shapes of a whole column of texts: each distinct piece between blanks is looked at once, the rest is done by columns.

Gives what ``template_shape.shape`` gives text by text, because a shape is made piece by piece.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.template_shape import shape

_AT_ONCE: Final = 50_000
"""Texts that are cut into pieces at a time, so that memory stays small."""


def shapes(texts: pa.Array) -> pa.DictionaryArray:
    """The shape of each text, as a dictionary: few shapes stand for many texts."""
    parts = [_shapes(texts.slice(at, _AT_ONCE)) for at in range(0, len(texts), _AT_ONCE)]
    return pa.chunked_array(parts, pa.string()).combine_chunks().dictionary_encode()


def _shapes(texts: pa.Array) -> pa.Array:
    pieces = pc.split_pattern(texts, " ")
    coded = pieces.flatten().dictionary_encode()
    known = pa.array([shape(piece) for piece in coded.dictionary.to_pylist()], pa.string())
    found = pc.binary_join(pa.ListArray.from_arrays(pieces.offsets, known.take(coded.indices)), " ")
    several = pc.match_substring(texts, "\n")
    return pc.if_else(several, texts, found) if pc.any(several).as_py() else found


__all__ = ["shapes"]
