"""The shape of a text: the text with words that nobody knows replaced by one stand-in, so that most texts need no second look.

A skeleton puts the same mark for every unknown word of a known sentence. Replacing such words first, by a look-up per word, makes
texts with never-seen words as cheap as texts that were seen before. Where an unknown word does count (a sentence in another
language, the kind of a quoted name), the skeleton of the shape shows the stand-in, and the text itself must be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ailog.domain.lexicon import is_word
from ailog.domain.template_words import word_set

STAND_IN: Final = "qzwxqzwx"
TITLE: Final = STAND_IN.title()
"""What stands for a word, small or with a capital."""
_CHUNK: Final = re.compile(r"([^\w\x01']*)([A-Za-z][a-z]{4,})([^\w\x01']*)\Z", re.ASCII)
_READ_BY_FORM: Final = word_set("trace debug notice fatal emerg alert goroutine suppressed traceback panic")
_ENDS: Final = ("code", "status", "state", "reason", "error", "errors", "message")
"""Keys that end so tell a fault, whatever stands before."""
_LIMIT: Final = 200_000
_is_word: Final = is_word.__wrapped__
"""The look-up without its memory: the pieces are remembered here."""


def is_unknown(word: str) -> bool:
    """Whether a plain word, in small letters, is one that nobody knows."""
    return not (_is_word(word) or word in _READ_BY_FORM or word.endswith(_ENDS))


class _Chunks(dict[str, str]):
    """What stands for each piece between blanks; starts anew when it holds too many."""

    def __missing__(self, chunk: str) -> str:
        if len(self) >= _LIMIT:
            self.clear()
        found = chunk
        match = _CHUNK.match(chunk) if len(chunk) > 4 else None
        if match:
            before, word, behind = match.groups()
            if is_unknown(word.lower()):
                found = before + (TITLE if word[0].isupper() else STAND_IN) + behind
        self[chunk] = found
        return found


_CHUNKS: Final = _Chunks()


def shape(text: str) -> str:
    """The text with each unknown plain word replaced by the stand-in. Texts of several lines stay as they are."""
    return text if "\n" in text else " ".join(map(_CHUNKS.__getitem__, text.split(" ")))


def is_told(tokens: Sequence[str]) -> bool:
    """Whether the skeleton of a shape is that of the text: no stand-in is left in it."""
    return not any(STAND_IN in token or TITLE in token for token in tokens)
