"""The stable identity of an error: 16 hex digits that depend on nothing but the error itself.

``fingerprint = blake2b-64(algorithm version, error type, template, frame)``. The error type is the structured one where a source
gives it; otherwise it is part of the template anyway. Nothing else enters: no order, page, process, namespace, time or count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.legible import legible
from ailog.domain.stacktrace import has_trace, with_lines
from ailog.domain.template import FAILURES, UNKNOWN_TYPE, UNREADABLE, Described, Quality, describe, undescribed
from ailog.domain.template_family import families
from ailog.domain.template_rough import rough_coded
from ailog.domain.template_shape import is_told
from ailog.domain.template_shape_columns import shapes
from ailog.domain.trace_delivery import unescaped

ALGORITHM_VERSION: Final = "1"
MAX_CACHE: Final = 200_000
"""Distinct texts (values already taken out) that a miner remembers; past it the memory starts anew. Results do not depend on it."""
_BOUNDARY: Final = "\n\x1e\n"
"""Between error type, message and trace; the line breaks keep any expression from reaching over it."""
_LONG: Final = 16_384
"""Bytes above which a text is cut: its first part, and its last part too when it holds a trace (the innermost cause stands there)."""


@dataclass(frozen=True, slots=True)
class Template:
    """What a fingerprint stands for. ``metadata_quality``: where the error type came from."""

    fingerprint: int
    error_type: str
    template: str
    metadata_quality: Quality


def to_hex(fingerprint: int) -> str:
    """A 64-bit fingerprint (signed, as the database keeps it) as 16 hex digits."""
    return f"{fingerprint & 0xFFFF_FFFF_FFFF_FFFF:016x}"


def from_hex(text: str) -> int:
    """The signed 64-bit number of 16 hex digits; raises ValueError for anything else."""
    if len(text) != 16:
        raise ValueError(f"{text!r} is no fingerprint: give 16 hexadecimal digits, as in 3f9a0c5512d0be77")
    value = int(text, 16)
    return value - (1 << 64) if value >= 1 << 63 else value


def fingerprints(messages: Sequence[str]) -> list[str]:
    """The fingerprint of each message, 16 hex digits. Equal fingerprint: same problem. No state is kept between calls.

    Goes the product's own way, both levels over the batch: the template of each message, then the family of each template.
    """
    if not messages:
        return []
    miner = Miner(max_cache=len(messages) + 1)
    numbers = miner.encode_texts(pa.array([_clean(m) for m in messages], pa.string())).tolist()
    family = families(miner.templates.values())
    return [to_hex(family.get(number, number)) for number in numbers]


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else str(text)


class Miner:
    """Gives fingerprints to pages of events and remembers what they stand for.

    ``in_app``: prefixes of packages (``com.acme.``) or paths that are the customer's own code; with them the nearest own frame of a
    trace is part of the identity. Two miners with the same ``in_app`` give the same fingerprints whatever they saw before.
    Memory: at most ``max_cache`` distinct rough texts and as many templates; when the limit is reached both start anew
    (``overflows`` counts it), which costs time, never correctness; a caller takes ``templates`` after each page.
    ``unreadable`` counts the templates of texts that could not be described: each is the beginning of its text.
    """

    def __init__(self, in_app: Sequence[str] = (), *, max_cache: int = MAX_CACHE) -> None:
        self.in_app = tuple(in_app)
        self.templates: dict[int, Template] = {}
        self.overflows = 0
        self.unreadable = 0
        self._known: dict[str, int] = {}
        self._shapes: dict[str, int | None] = {}
        self._max_cache = max_cache

    def encode(self, events: pa.Table) -> np.ndarray:
        """The fingerprint of each row of a table with the columns error_type, message and stack_trace; int64, as long as the table."""
        message, kind, stack = (pc.fill_null(_flat(events.column(c)), "") for c in ("message", "error_type", "stack_trace"))
        plain = pc.and_(pc.equal(kind, ""), pc.equal(stack, ""))
        if pc.all(plain).as_py():
            return self._encode(_shorten(message))
        return self._encode(pc.binary_join_element_wise(legible(kind), _shorten(message), _shorten(stack), _BOUNDARY))

    def encode_texts(self, texts: pa.Array) -> np.ndarray:
        """The fingerprint of each text, int64: the same that a table gives for a message without error type and trace."""
        return self._encode(_shorten(texts))

    def _encode(self, texts: pa.Array) -> np.ndarray:
        if len(texts) == 0:
            return np.empty(0, np.int64)
        if len(self._known) >= self._max_cache:  # between pages only: whoever takes the templates after each page misses none
            self._known.clear()
            self._shapes.clear()
            self.templates.clear()
            self.overflows += 1
        coded = rough_coded(texts)
        found = coded.dictionary.to_pylist()
        self._learn([text for text in found if text not in self._known])
        numbers = np.fromiter(map(self._known.__getitem__, found), np.int64, len(found))
        return np.asarray(numbers[coded.indices.to_numpy(zero_copy_only=False)])

    def _learn(self, texts: list[str]) -> None:
        coded = shapes(pa.array(texts, pa.string()))
        patterns = coded.dictionary.to_pylist()
        numbers = [self._shapes.get(pattern) for pattern in patterns]
        for text, at in zip(texts, coded.indices.to_pylist(), strict=True):
            number = numbers[at]
            if number is None:
                number = self._number(text, patterns[at])
                numbers[at] = self._shapes[patterns[at]]
            self._known[text] = number

    def _number(self, text: str, pattern: str) -> int:
        """The number of a text by its shape, or by the text itself where the shape does not tell."""
        if pattern not in self._shapes:
            number, given, found = self._describe(pattern)
            self._shapes[pattern] = self._keep(number, given, found) if is_told((given, *found.tokens)) else None
        known = self._shapes[pattern]
        return self._keep(*self._describe(text)) if known is None else known

    def _keep(self, number: int, given: str, found: Described) -> int:
        if number not in self.templates:
            quality: Quality = "structured" if given else "derived" if found.error_type else "unknown"
            self.unreadable += found.tokens[:1] == (UNREADABLE,)
            self.templates[number] = Template(number, given or found.error_type or UNKNOWN_TYPE, found.text, quality)
        return number

    def _describe(self, text: str) -> tuple[int, str, Described]:
        given, message, stack = "", text, ""
        if _BOUNDARY in text:
            given, message, stack = [*text.split(_BOUNDARY, 2), "", ""][:3]
        try:
            found = describe(_joined(message, stack) if stack else message, self.in_app)
        except FAILURES:
            found = undescribed(f"{message}\n{stack}")
        given = given.rsplit(".", 1)[-1].strip()
        digest = blake2b("\x1f".join((ALGORITHM_VERSION, given, *found.tokens)).encode("utf-8", "replace"), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True), given, found


def _joined(message: str, stack: str) -> str:
    """Message and trace as one text; a message that the trace begins with is not said twice."""
    stack = with_lines(stack)
    first = stack.split("\n", 1)[0]
    return stack if message.strip() and message.strip() in first else f"{message}\n{stack}" if has_trace(stack) else message


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _shorten(texts: pa.Array) -> pa.Array:
    """Puts written-out line breaks of traces back, drops what cannot be seen and cuts texts of extraordinary length."""
    texts = legible(unescaped(texts))
    if (pc.max(pc.binary_length(texts)).as_py() or 0) <= _LONG:
        return texts
    long = pc.greater(pc.binary_length(texts), _LONG)
    cut = [_cut(t) for t in texts.filter(long).to_pylist()]
    return pc.replace_with_mask(texts, long, pa.array(cut, texts.type))


def _cut(text: str) -> str:
    tail = text[-_LONG:]
    try:
        tail = with_lines(tail)
    except FAILURES:
        return text[:_LONG]
    return text[:_LONG] + ("\n" + tail if "\n" in tail and has_trace(tail) else "")


__all__ = ["ALGORITHM_VERSION", "Miner", "Template", "fingerprints", "from_hex", "to_hex"]
