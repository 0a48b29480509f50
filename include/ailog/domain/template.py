"""Puts the template of an error together: what was said, the innermost cause, the frame where nothing else tells.

``describe`` is level 1: a pure function of the text, so that the same error has the same template in any order, batch or process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from ailog.domain.lexicon import ERROR_NAME
from ailog.domain.skeleton import LIMIT, render, tokens
from ailog.domain.stacktrace import dissect, has_trace, with_lines
from ailog.domain.template_rough import VAR

Quality = Literal["structured", "derived", "unknown"]
UNKNOWN_TYPE: Final = "UnknownError"
CAUSED: Final = "<-"
FRAME: Final = "@"
UNREADABLE: Final = "<unreadable>"
"""Begins the template of a text that could not be described."""
FAILURES: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a defect of this algorithm may raise: one text must never end a window, whatever stands in it."""
_MAX_UNREADABLE: Final = 300


@dataclass(frozen=True, slots=True)
class Described:
    """What level 1 makes of a text: the tokens that are the key, the exception's kind and our nearest frame."""

    tokens: tuple[str, ...]
    error_type: str
    frame: str

    @property
    def text(self) -> str:
        """The template for people."""
        return render(list(self.tokens))


def describe(text: str, in_app: Sequence[str] = ()) -> Described:
    """The template of one text that ``skeleton.rough`` has been over. The text may hold a stack trace."""
    lines = with_lines(text)
    if not has_trace(lines):
        found = tokens(text)
        return Described(tuple(found), kind_of(found), "")
    trace = dissect(lines, in_app)
    head = tokens(trace.head)
    kind = trace.cause_type or kind_of(head)
    cause = tokens(trace.cause_message) if trace.cause_message else []
    found = list(head)
    if trace.cause_type or cause:
        found += [CAUSED, *([trace.cause_type.replace(VAR, "#")] if trace.cause_type else []), *cause]
    frame = trace.frame if in_app or (trace.cause_type and not cause) or (not trace.cause_type and _says_nothing(head)) else ""
    if frame:
        found += [FRAME, frame]
    return Described(tuple(found), kind, frame)


def undescribed(text: str) -> Described:
    """The template of a text that ``describe`` failed on: the beginning of the text itself, its values taken out, and said to be so."""
    named = re.search(r"\b[A-Z]\w{0,80}(?:Exception|Error)\b", text[:LIMIT])
    said = " ".join(text[:LIMIT].split())[:_MAX_UNREADABLE]
    return Described((UNREADABLE, *([said] if said else [])), named.group().replace(VAR, "#") if named else "", "")


def _says_nothing(head: Sequence[str]) -> bool:
    """Whether a skeleton is the name of an exception alone, or values alone."""
    return all(t == VAR or not t[0].isalpha() or ERROR_NAME.match(t.rstrip(":")) for t in head)


def kind_of(found: Sequence[str]) -> str:
    """The last exception that a skeleton names (the innermost of a nested message), or ''."""
    return next(filter(None, map(_exception, reversed(found))), "")


@lru_cache(maxsize=16_384)
def _exception(token: str) -> str:
    """The name of the exception that a token is, or ''."""
    name = token.rstrip(":").split("$", 1)[0]
    told = name[:1].isupper() and len(name) > 5 and ERROR_NAME.match(name) and re.search(r"[a-z]", name)
    return name if told else ""
