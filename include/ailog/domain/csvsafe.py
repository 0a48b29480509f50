"""Cells and tables of CSV that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from ailog.domain.wording import clean, utc

Cell = str | int | float | bool | datetime | None

# What makes a spreadsheet compute: the ASCII signs and their full-width twins, at the start or after blanks and quotes.
_FORMULA: Final = re.compile("^[\\s'\"]*[=+\\-@\\t\\r\uff1d\uff0b\uff0d\uff20]")
# In countries that write 0,5 a spreadsheet splits at semicolons, so a formula may also start behind one (or behind a tab).
_INNER: Final = re.compile('([;\\t][\\s"]*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])')
# A spreadsheet refuses a longer cell and may then shift what follows.
MAX_CELL: Final = 32_000


def cell(value: Cell) -> str:
    """One value as the text of a cell.

    Numbers stay numbers (a negative one too), unknown is empty, times are UTC. Text is cleaned of control characters, put on one
    line (a line end shows as ⏎) and, where it could be taken for a formula, preceded by an apostrophe.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return utc(value) or ""
    raw = str(value)
    guard = "'" if _FORMULA.match(raw) else ""
    text = _INNER.sub(r"\1'", clean(raw)).replace("\n", " ⏎ ").replace("\t", " ")
    text = guard + text
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A whole CSV text (RFC 4180 quoting, line feeds as line ends) with a header line; raises ValueError for a row of another width."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a row has {len(row)} cells, the table has {len(columns)} columns")
        writer.writerow([cell(value) for value in row])
    return out.getvalue()
