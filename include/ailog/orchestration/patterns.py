"""How a moment may be written. Apart from ``windows``, so that the parsing of a DAG file loads nothing heavy."""

from __future__ import annotations

from typing import Final

MOMENT_PATTERN: Final = r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.0+)?)?([Zz]|[+-]\d{2}:\d{2}))?$"
"""A date, or RFC 3339 with its offset; seconds may be left out. The pattern of every from, to and as_of parameter."""

DAY_PATTERN: Final = r"^\d{4}-\d{2}-\d{2}$"
"""A date: from and to of a backfill."""
