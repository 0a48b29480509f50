from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain.storage_format import (
    BEGIN,
    END,
    RegionLost,
    Unreadable,
    anchor,
    canonical_hash,
    find_region,
    is_blank,
    new_body,
    parse,
    stamp,
    stamped,
)
from ailog.local.confluence_pages import normalised

B, E = f"<p>{anchor(BEGIN)}</p>", f"<p>{anchor(END)}</p>"

SAME = {
    "ids of macros": (anchor("x"), anchor("x").replace("ac:schema", 'ac:macro-id="7" ac:local-id="8" ac:schema')),
    "entities": ("<p>a – b …</p>", "<p>a &ndash; b &hellip;</p>"),
    "numbers for characters": ("<p>ž</p>", "<p>&#382;</p>"),
    "blanks between blocks": ("<p>a</p><p>b</p>", "\n<p>a</p>\n  <p>b</p>\n"),
    "blanks in text": ("<p>a b</p>", "<p> a\n  b </p>"),
    "classes and styles": ("<table><tbody><tr><td>1</td></tr></tbody></table>", '<table class="wrapped"><colgroup><col /></colgroup><tbody><tr><td colspan="1" style="x">1</td></tr></tbody></table>'),
    "paragraphs in cells": ("<table><tbody><tr><td>1</td></tr></tbody></table>", "<table><tbody><tr><td><p>1</p></td></tr></tbody></table>"),
    "a table without a body": ("<table><tbody><tr><td>1</td></tr></tbody></table>", "<table><tr><td>1</td></tr></table>"),
    "old names of tags": ("<p><strong>a</strong><em>b</em></p>", "<p><b>a</b><i>b</i></p>"),
    "empty paragraphs": ("<p>a</p>", "<p>a</p><p></p><p />"),
    "the order of parameters": (
        '<ac:structured-macro ac:name="status"><ac:parameter ac:name="title">A</ac:parameter><ac:parameter ac:name="colour">Red</ac:parameter></ac:structured-macro>',
        '<ac:structured-macro ac:name="status"><ac:parameter ac:name="colour">Red</ac:parameter><ac:parameter ac:name="title">A</ac:parameter></ac:structured-macro>',
    ),
    "how text is quoted": ("<p>a &amp; b</p>", "<p><![CDATA[a & b]]></p>"),
}  # fmt: skip
DIFFERENT = {
    "case": ("<p>Error</p>", "<p>error</p>"),
    "a number": ("<p>251</p>", "<p>252</p>"),
    "a colour": (SAME["the order of parameters"][0], SAME["the order of parameters"][0].replace("Red", "Grey")),
    "where a cell ends": ("<tr><td>1</td><td>2</td></tr>", "<tr><td>12</td><td></td></tr>"),
    "markup and its text": ("<p><strong>a</strong></p>", "<p>&lt;strong&gt;a&lt;/strong&gt;</p>"),
    "a blank between words": ("<p>a <em>b</em></p>", "<p>a<em>b</em></p>"),
    "the target of a link": ('<p><a href="x">a</a></p>', '<p><a href="y">a</a></p>'),
    "which attachment": ('<ac:link><ri:attachment ri:filename="a" /></ac:link>', '<ac:link><ri:attachment ri:filename="b" /></ac:link>'),
}


@pytest.mark.parametrize("case", SAME)
def test_what_confluence_rewrites_is_the_same(case: str) -> None:
    one, other = SAME[case]
    assert canonical_hash(one) == canonical_hash(other)


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_a_reader_would_notice_is_not_the_same(case: str) -> None:
    one, other = DIFFERENT[case]
    assert canonical_hash(one) != canonical_hash(other)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("<p>mine &nbsp; &uuml; ž \U0001f600</p>\n", "<!-- c --><p>mine too</p><?x y?>"),
        ('<ac:layout><ac:layout-section ac:type="single"><ac:layout-cell>', "<p>x</p></ac:layout-cell></ac:layout-section></ac:layout>"),
        ("<p>text with &lt;ailog-begin&gt;</p><p><![CDATA[ <p>ailog-end</p> ]]></p>", ""),
        ("<ac:structured-macro ac:name='panel'><ac:rich-text-body>", "</ac:rich-text-body></ac:structured-macro>"),
    ],
)
def test_only_the_region_is_replaced(before: str, after: str) -> None:
    body = f"{before}{B}<p>old</p> text{E}{after}"
    region = find_region(body)
    assert region.inside == "<p>old</p> text"
    assert region.filled("<h1>new</h1>") == f"{before}{B}<h1>new</h1>{E}{after}"


def test_text_that_a_person_puts_beside_an_anchor_stays() -> None:
    body = f"<p>above {anchor(BEGIN)} beside</p><p>old</p><p>before {anchor(END)}</p>"
    assert find_region(body).filled("NEW") == f"<p>above {anchor(BEGIN)} beside</p>NEW<p>before {anchor(END)}</p>"


def test_an_attribute_with_a_bracket_does_not_shift_the_region() -> None:
    odd = anchor(BEGIN).replace("<ac:structured-macro", '<ac:structured-macro ac:x="a > b"')
    assert find_region(f"<p>{odd}</p>old{E}").inside == "old"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p>nothing</p>", "no anchor 'ailog-begin'"),
        (B, "no anchor 'ailog-end'"),
        (B + B + E, "2 anchors 'ailog-begin'"),
        (B + E + E + E, "3 anchors 'ailog-end'"),
        (E + B, "were moved"),
        (f"<p>{anchor(BEGIN)} x {anchor(END)}</p>", "were moved"),
        (f"<table><tbody><tr><td>{B}</td><td>{E}</td></tr></tbody></table>", "were moved"),
        (f"{B}<table><tbody><tr><td>{E}</td></tr></tbody></table>", "were moved"),
        (f"<ul><li>{anchor(BEGIN)}</li></ul>x{E}", "were moved"),
    ],
)
def test_where_the_place_is_not_clear_nothing_is_guessed(body: str, said: str) -> None:
    with pytest.raises(RegionLost, match=said):
        find_region(body)


@pytest.mark.parametrize(
    "body", ["<p>", "</p>", "<p>a & b</p>", "<p>\x00</p>", "\ud800", "<!DOCTYPE r [<!ENTITY a 'b'>]>", "<a>" * 200 + "</a>" * 200]
)
def test_what_is_no_storage_format_is_said(body: str) -> None:
    with pytest.raises(Unreadable):
        parse(body)


def test_a_stamp_is_read_back() -> None:
    assert stamped(f"<p>x {stamp('0123456789abcdef')}</p>") == "0123456789abcdef"
    assert stamped("<p>x</p>") is None
    assert stamped(stamp("a") + stamp("b")) is None


@pytest.mark.parametrize(
    ("body", "blank"),
    [("", True), ("<p> &nbsp;<br /></p>", True), ("<p>x</p>", False), (f"<p>{anchor('a')}</p>", False), ("<hr />", False)],
)
def test_a_blank_page_is_one_that_shows_nothing(body: str, blank: bool) -> None:
    assert is_blank(body) is blank


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40)


@given(TEXT, TEXT, TEXT)
def test_any_text_around_the_region_survives(before: str, inside: str, after: str) -> None:
    from html import escape

    body = f"<p>{escape(before)}</p>{new_body(f'<p>{escape(inside)}</p>', f'<p>{escape(after)}</p>')}"
    assert find_region(body).filled("X") == f"<p>{escape(before)}</p>{new_body('X', f'<p>{escape(after)}</p>')}"


@given(TEXT)
def test_storing_a_text_does_not_change_its_meaning(text: str) -> None:
    from html import escape

    body = new_body(f"<p>{escape(text)}</p>\n<table><tbody>\n<tr><td><b>{escape(text)}</b></td></tr>\n</tbody></table>")
    assert canonical_hash(normalised(body, map(str, range(100)))) == canonical_hash(body)
