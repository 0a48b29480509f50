from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.incident_rows import HOSTILE
from tests.support.published_day import DAY

from ailog.domain import pages
from ailog.domain.pages_daily import spans_of
from ailog.domain.storage_format import find_region, new_body, parse, stamped

HOSTILE_TEXTS = {
    **HOSTILE,
    "cdata": "a]]>b]]>]]>",
    "anchor": 'ailog-end</ac:parameter><ac:structured-macro ac:name="anchor">',
    "emoji": "\U0001f600\U0001f1e8\U0001f1ff",
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_hostile_text_stays_text(name: str) -> None:
    hostile = HOSTILE_TEXTS[name]
    blocks = [
        f"<p>{pages.text(hostile)}</p>",
        pages.table(("a", "b"), [[pages.text(hostile), pages.status(hostile, hostile)]], shown=1),
        pages.expand(hostile, pages.code(hostile)),
        pages.panel("warning", [pages.text(hostile)]),
        pages.pairs([(hostile, pages.text(hostile))]),
    ]
    region, digest = pages.region(blocks, "Source.")
    tree = parse(region)
    assert {node.name for node in tree.below()} <= {
        "p", "em", "table", "colgroup", "col", "tbody", "tr", "th", "td", "ac:structured-macro", "ac:parameter", "ac:rich-text-body", "ac:plain-text-body",
    }  # fmt: skip
    assert {node.attributes["ac:name"] for node in tree.below() if node.name == "ac:structured-macro"} == {
        "status",
        "expand",
        "code",
        "warning",
        "anchor",
    }
    assert stamped(region) == digest
    assert find_region(new_body(region)).inside == region
    assert region.isprintable() or all(character.isprintable() or character == "\n" for character in region)


@given(st.text(max_size=200))
def test_any_text_makes_a_well_formed_region(value: str) -> None:
    region, _ = pages.region([f"<p>{pages.text(value)}</p>", pages.code(value)], "x")
    parse(new_body(region))


def test_code_shows_what_was_logged() -> None:
    assert parse(pages.code("a\n  ]]> <b> & c")).text() == "texta\n  ]]> <b> & c"


def test_a_very_long_word_keeps_its_two_ends_and_bursts_no_table() -> None:
    name = "com.example." + "very.long." * 50 + "ReadTimeoutException"
    shown = pages.text(f"in {name} of x")
    assert len(shown) < 80
    assert shown.startswith("in com.example.")
    assert "ReadTimeoutException of x" in shown


def test_a_table_says_how_many_rows_are_elsewhere() -> None:
    cut = pages.table(("a",), [[str(number)] for number in range(1200)], shown=10, attached="all.csv")
    assert cut.count("<tr>") == 11
    assert "<strong>1,190 more</strong> in <ac:link>" in cut
    assert "more" not in pages.table(("a",), [["1"]], shown=1)


def test_a_page_that_is_too_large_loses_rows_and_not_its_end() -> None:
    region, _ = pages.fitted(lambda share: pages.region(["<p>x</p>" * int(5000 * share)], "end"), 10_000)
    assert 4_000 < len(region.encode()) <= 10_000
    assert "<em>end" in region
    with pytest.raises(ValueError, match="max_page_bytes"):
        pages.fitted(lambda _: ("x" * 20_000, ""), 10_000)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (None, 1, "no data"),
        (1, None, "no data"),
        (0, 0, "same"),
        (5, 0, "new"),
        (2.7, 2, "+35 %"),
        (1, 2, "-50 %"),
        (1.001, 1, "same"),
        (2000, 1, "+199,900 %"),
    ],
)
def test_a_change_in_words(now: float | None, before: float | None, said: str) -> None:
    assert pages.change(now, before) == said


def test_neighbouring_windows_are_one_span() -> None:
    quarter = timedelta(minutes=15)
    assert spans_of([DAY, DAY + quarter, DAY + 3 * quarter]) == [(DAY, 2), (DAY + 3 * quarter, 1)]
    assert spans_of([]) == []
