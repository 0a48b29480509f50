"""What cannot be seen in a message does not count."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain.fingerprint import fingerprints
from ailog.domain.legible import legible

SEEN = "Connection to the café was refused"
SAME = {
    "colours": "\x1b[1;31mConnection\x1b[0m to the \x1b[38;5;9mcafé\x1b[m was refused\x1b[K",
    "colon in a colour": "\x1b[38:2:255:0:0mConnection to the café was refused\x1b[0m",
    "title of a window": "\x1b]0;app\x07Connection to the café was refused",
    "link": "\x1b]8;;https://docs.example/e\x1b\\Connection to the café was refused\x1b]8;;\x1b\\",
    "control characters": "Conn\x00ection to\x08 the café \x01\x02\x03\x04was refused\x1e\x1f",
    "zero width": "Connec\u200btion to the café\ufeff was \u2060refused",
    "soft hyphen": "Con\u00adnection to the café was refused",
    "direction": "\u202aConnection\u202c to the \u2066café\u2069 was refused\u200e",
    "combining accent": "Connection to the cafe\u0301 was refused",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_what_nobody_sees_is_taken_out(text: str) -> None:
    assert legible(pa.array([text, None])).to_pylist() == [SEEN, None]
    assert fingerprints([text]) == fingerprints([SEEN])


def test_what_is_seen_stays() -> None:
    texts = ["plain\ttext\r\nof two lines", "Účet nebyl nalezen", "فشل الاتصال", "接続が拒否されました", "💥 failed", "", None]
    column = pa.array(texts, pa.string())
    assert legible(column).to_pylist() == texts
    assert legible(column.slice(1, 3)).to_pylist() == texts[1:4]
    assert legible(pa.array([], pa.string())).to_pylist() == []


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=5))
def test_doing_it_twice_changes_nothing(texts: list[str]) -> None:
    once = legible(pa.array(texts, pa.string()))
    assert legible(once).equals(once)
