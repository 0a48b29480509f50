"""What a masking rule is, and the few expressions that rules share: what may stand before a value, and every way to write a quote."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

MASK: Final = "***"
MASKED: Final = "***"
"""What every mask holds; a value that holds it was masked before."""

EDGE: Final = r"(?:(?<![0-9A-Za-z%])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9\[]m)|(?<=\\u[0-9A-Fa-f]{4}))"
"""Where a value may begin: not inside a word, but right after an escaped line break, a percent or unicode escape, or a colour."""

START: Final = r"(?:(?<![A-Za-z])|(?<=[0-9\[]m)|(?<=\\[nrt]))"
"""Where a word may begin."""

QUOTE: Final = r"(?:\\{0,3}[\"']|\\u0022|\\u0027|&quot;|&#39;|%22)"
"""A quotation mark, plain, escaped in JSON, or encoded for XML or a URL."""

Replacement = str | Callable[[re.Match[str]], str]


class Rule(NamedTuple):
    """``gate``: RE2 over a column, wider than the rule, so that ``apply`` (text to text) runs only where it could do something."""

    gate: str
    apply: Callable[[str], str]


class Group(NamedTuple):
    """Rules that are looked at together: only texts that ``gate`` (RE2, wider than all of theirs) lets in."""

    gate: str
    rules: tuple[Rule, ...]


def rule(gate: str, pattern: re.Pattern[str], replace: Replacement) -> Rule:
    """A rule that replaces what a pattern finds."""

    def apply(text: str) -> str:
        return pattern.sub(replace, text)

    return Rule(gate, apply)
