"""Takes out of texts what nobody can see, so that it neither splits a problem nor is mistaken for a mark of the algorithm's own.

Colours of terminals, control characters but tab and line breaks, zero-width characters and signs of writing direction go; letters with
combining accents become single characters where there are such. Columns of plain ASCII without control characters pass untouched.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.template_digits import AT_ONCE, bytes_of

_ESCAPES: Final = "\x1b(?:\\[[0-9;:?]*[ -/]*[@-~]|\\][^\x07\x1b\n]{0,300}(?:\x07|\x1b\\\\)|[@-Z\\\\^_])"
"""Sequences of ECMA-48: colours and cursor (CSI), titles and links (OSC)."""
_CONTROLS: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f]"
_UNSEEN: Final = "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
_UNSEEN_STARTS: Final = (b"\xc2\xad", b"\xd8\x9c", b"\xe2\x80", b"\xe2\x81", b"\xef\xb8", b"\xef\xbb")
"""How the characters of ``_UNSEEN`` begin in UTF-8."""
_COMBINING: Final = (b"\xcc", b"\xcd")
"""How U+0300 to U+036F begin in UTF-8."""
_ALLOWED: Final = b"\t\n\r"


def legible(texts: pa.Array) -> pa.Array:
    """The texts without what cannot be seen; as many, nulls stay nulls. Doing it twice changes nothing."""
    _, content = bytes_of(texts)
    if len(content) == 0:
        return texts
    if _has_controls(content):
        texts = pc.replace_substring_regex(pc.replace_substring_regex(texts, _ESCAPES, ""), _CONTROLS, "")
    if content.max() >= 128:
        raw = content.tobytes()
        if any(start in raw for start in _UNSEEN_STARTS):
            texts = pc.replace_substring_regex(texts, _UNSEEN, "")
        if any(start in raw for start in _COMBINING):
            texts = pc.utf8_normalize(texts, "NFC")
    return texts


def _has_controls(content: np.ndarray) -> bool:
    """Whether there is more below the blank than tabs and line breaks; counted in whole passes, which cost next to nothing."""
    for at in range(0, len(content), AT_ONCE):
        part = content[at : at + AT_ONCE]
        below = int(np.count_nonzero(part < 32))
        if below and below > sum(int(np.count_nonzero(part == one)) for one in _ALLOWED):
            return True
    return False


__all__ = ["legible"]
