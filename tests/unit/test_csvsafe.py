from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain import csvsafe

CELLS = [
    (None, ""),
    (float("nan"), ""),
    (float("inf"), ""),
    (True, "true"),
    (-12, "-12"),
    (12_345_678, "12345678"),
    (-0.5, "-0.5"),
    ("plain", "plain"),
    ("=1+1", "'=1+1"),
    ("+1", "'+1"),
    ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "' '=1"),
    ("\r=1", "' ⏎ =1"),
    ("  =1", "'  =1"),
    ('"=1', "'\"=1"),
    ("\uff1d1", "'\uff1d1"),
    ("a;=1", "a;'=1"),
    ("a; b - c", "a; b - c"),
    ("a\x00b", "a\ufffdb"),
    ("a\ud800b", "a\ufffdb"),
    ("one\r\ntwo", "one ⏎ two"),
    ("\u0633\u0644\u0627\u0645", "\u0633\u0644\u0627\u0645"),
    (datetime(2026, 1, 31, 9, 15, tzinfo=timezone(timedelta(hours=1))), "2026-01-31T08:15:00Z"),
]


@pytest.mark.parametrize(("value", "text"), CELLS, ids=[repr(value) for value, _ in CELLS])
def test_a_cell_is_safe_and_says_what_it_said(value: csvsafe.Cell, text: str) -> None:
    assert csvsafe.cell(value) == text


@given(st.text(max_size=60))
def test_no_text_becomes_a_formula_or_a_second_row(text: str) -> None:
    rows = list(csv.reader(io.StringIO(csvsafe.table(["a", "b"], [[text, text]]))))
    assert len(rows) == 2
    cell = rows[1][0]
    assert not cell.lstrip(" \"'").startswith(("=", "+", "-", "@")) or cell.startswith("'")
    assert not set(cell) & {"\x00", "\n", "\r", "\t"}
    cell.encode("utf-8")


def test_a_long_cell_is_cut_where_a_spreadsheet_would_break() -> None:
    assert len(csvsafe.cell("=" * 100_000)) == csvsafe.MAX_CELL


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="3 cells, the table has 2 columns"):
        csvsafe.table(["a", "b"], [[1, 2, 3]])


def test_times_are_utc() -> None:
    assert csvsafe.cell(datetime(2026, 1, 31, tzinfo=UTC)) == "2026-01-31T00:00:00Z"
