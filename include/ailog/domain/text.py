"""Text columns that every part downstream can store: valid UTF-8 without NUL, from values of any type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
CUT_MARKER: Final = "\n[... cut ...]\n"
"""Stands where the middle of a long text was; constant, so that it never splits a fingerprint."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_MAX_DEPTH: Final = 64


def text_column(values: Sequence[Any], *, compose: bool) -> tuple[pa.Array, dict[int, str]]:
    """A string column from untyped values, and what had to be repaired: position to reason.

    Reasons: ``unstorable_characters`` (NUL and lone surrogates became U+FFFD), ``wrong_type`` (a number, truth value, list or object
    became JSON text when ``compose``; without it lists and objects become null).
    """
    try:
        column = pa.array(values, pa.string())
    except (pa.ArrowException, UnicodeEncodeError):
        return _one_by_one(values, compose=compose)
    if isinstance(column, pa.ChunkedArray):
        column = column.cast(pa.large_string()).combine_chunks()
    elif not _has_nul(column):
        return column, {}
    return _one_by_one(values, compose=compose)


def _has_nul(column: pa.Array) -> bool:
    buffer = column.buffers()[2]
    return buffer is not None and buffer.size > 0 and not np.frombuffer(buffer, np.uint8).all()


def _one_by_one(values: Sequence[Any], *, compose: bool) -> tuple[pa.Array, dict[int, str]]:
    repaired: dict[int, str] = {}
    result: list[str | None] = []
    for position, value in enumerate(values):
        text = _unwrapped(value)
        if text is not None and not isinstance(text, str):
            repaired[position] = "wrong_type"
            text = _as_text(text, compose=compose)
        if text and _UNSTORABLE.search(text):
            repaired.setdefault(position, "unstorable_characters")
            text = _UNSTORABLE.sub(REPLACEMENT, text)
        result.append(text)
    return pa.array(result, pa.string()), repaired


def _unwrapped(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _as_text(value: Any, *, compose: bool) -> str | None:
    if isinstance(value, dict | list):
        if not compose:
            return None
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return "\n".join(value)
        return compact_json(value)
    return compact_json(value)


def compact_json(value: Any) -> str:
    """JSON text of any value without blanks, keys sorted; what lies deeper than 64 levels is left out, as is what JSON cannot say."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError:  # nested too deep, a lone surrogate or an integer above 64 bits
        return orjson.dumps(_tame(value, _MAX_DEPTH), option=orjson.OPT_SORT_KEYS).decode()


def _tame(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return {_UNSTORABLE.sub(REPLACEMENT, str(k)): _tame(v, depth - 1) for k, v in value.items()} if depth else "..."
    if isinstance(value, list):
        return [_tame(item, depth - 1) for item in value] if depth else "..."
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    return value


def cut_middle(column: pa.Array, characters: int) -> tuple[pa.Array, pa.Array]:
    """The column with every text over ``characters`` cut to its first three quarters and last quarter, and a mask of those cut.

    The end is kept because the innermost cause of a stack trace often stands there.
    """
    size = pc.max(pc.binary_length(column)).as_py()
    if size is None or size <= characters:  # bytes are never fewer than characters
        return column, pa.repeat(pa.scalar(value=False), len(column))
    long = pc.fill_null(pc.greater(pc.utf8_length(column), characters), fill_value=False)
    if not pc.any(long).as_py():
        return column, long
    room = characters - len(CUT_MARKER)
    tail = room // 4
    chosen = column.filter(long)
    parts = (pc.utf8_slice_codeunits(chosen, 0, room - tail), CUT_MARKER, pc.utf8_slice_codeunits(chosen, -tail))
    return pc.replace_with_mask(column, long, pc.binary_join_element_wise(*parts, "")), long
