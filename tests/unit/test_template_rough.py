"""The first step of a template: what it finds does not depend on how the column is worked on."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml
from tests.support.stream import CASES, messages

from ailog.domain.template_digits import with_digits_alike
from ailog.domain.template_rough import BARE_STATUS, FULL, NAMED_STATUS, REPLACEMENT, SIMPLE, SPECIAL, VAR, rough, rough_coded

_CODED = yaml.safe_load((CASES / "different_problems.yaml").read_text(encoding="utf-8"))
_PIECES = (
    "0x1f 00x2A 20x 0X 1e5 404 503 200 HTTP/1.1 status: code=7 exit ORA-00942 DB2-1204 ERROR (42P01) [500 Internal Server Error] expected "
    "200 got 503 zip code 12345 Jan 12 10:11:12 2024 2024-01-02T03:04:05Z http://host/a?b=1 10.0.0.1:80 /var/log/1 deadbeef1234 é ž \n | x"
).split(" ")


def _strings(found: object) -> list[str]:
    if isinstance(found, str):
        return [found]
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [text for part in parts for text in _strings(part)]


def _texts() -> list[str]:
    random = Random(11)
    drawn = [random.choice(("", " ", "=", ": ")).join(random.choices(_PIECES, k=random.randrange(1, 9))) for _ in range(4_000)]
    return [*_strings(_CODED), *messages(1_000, 3), *drawn, ""]


def _full(column: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(pc.replace_substring_regex(column, BARE_STATUS, NAMED_STATUS), FULL, REPLACEMENT)


def _one_by_one(text: str) -> str:
    """The promise in short: the large expression where the small one may not do, on this text alone."""
    column = pa.array([text])
    if pc.match_substring_regex(column, SPECIAL)[0].as_py():
        return str(_full(column)[0].as_py())
    return str(pc.replace_substring_regex(column, SIMPLE, VAR)[0].as_py())


def test_a_column_gives_what_each_of_its_texts_gives_alone() -> None:
    texts = _texts()
    expected = [_one_by_one(text) for text in dict.fromkeys(texts[:120] + texts[-400:])]
    assert rough(pa.array(list(dict.fromkeys(texts[:120] + texts[-400:])))).to_pylist() == expected


def test_a_column_gives_what_the_two_expressions_give() -> None:
    column = pa.array(_texts())
    special = pc.match_substring_regex(column, SPECIAL)
    full = _full(column.filter(special))
    expected = pc.replace_with_mask(pc.replace_substring_regex(column, SIMPLE, VAR), special, full)
    assert rough(column).to_pylist() == expected.to_pylist()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_nulls_and_parts_of_columns_stay_in_place(kind: pa.DataType) -> None:
    column = pa.array(["", "took 17 ms", None, "status 404", "took 23 ms", None], kind)
    assert rough(column).to_pylist() == ["", f"took {VAR} ms", None, f"status 404{VAR}", f"took {VAR} ms", None]
    assert rough(column.slice(1, 3)).to_pylist() == rough(column).to_pylist()[1:4]
    assert rough(column.slice(2, 1)).to_pylist() == [None]
    assert rough(column.slice(0, 0)).to_pylist() == []


def test_rough_texts_come_in_the_order_of_their_first_row_and_none_is_without_one() -> None:
    texts = _texts()
    Random(2).shuffle(texts)
    coded = rough_coded(pa.array(texts))
    assert coded.dictionary.to_pylist() == list(dict.fromkeys(rough(pa.array(texts)).to_pylist()))


def test_digits_are_alike_but_the_nought_of_a_hexadecimal_number() -> None:
    column = pa.array(["90x", "x0", "a", "X7 0X00 é9", "", "20"])
    assert with_digits_alike(column).to_pylist() == ["10x", "x1", "a", "X1 0X11 é1", "", "11"]
    assert with_digits_alike(column.slice(3, 3)).to_pylist() == ["X1 0X11 é1", "", "11"]
