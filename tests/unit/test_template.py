from __future__ import annotations

import pyarrow as pa
import pytest

from ailog.domain.fingerprint import Miner
from ailog.domain.lexicon import is_prose, is_word
from ailog.domain.template_rough import FULL, REPLACEMENT, rough


def template(text: str) -> str:
    miner = Miner()
    return miner.templates[int(miner.encode_texts(pa.array([text]))[0])].template


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Connection to 10.0.0.1:80 refused after 30 ms", "Connection to <*> refused after <*>"),
        ("Request failed with status code 404", "Request failed with status code 404"),
        ("ERROR:  permission denied for table orders", "ERROR: permission denied for table <*>"),
        ("Duplicate entry 'ann' for key 'users.username'", "Duplicate entry <*> for key <*>"),
        ("reason: 'Connection refused'", "reason: Connection refused"),
        ("[findContactsById][No contacts according to contactsId: 5]", "[findContactsById] [No contacts according to <*>]"),
        ("No instances available for ts-food-service", "No instances available for ts-food-service"),
        ("io.x.FooException: parsing of com.acme.Order failed", "FooException: parsing of <*> failed"),
        ("volumes=[a-1 b-2 c-3] timed out", "volumes = <*> timed out"),
        ("SQL [select a from b where c=1]; constraint [pk_x]", "SQL [<sql>]; constraint <*>"),
    ],
)
def test_a_template_reads_like_its_message(text: str, expected: str) -> None:
    assert template(text) == expected


def test_a_template_holds_no_value() -> None:
    text = template("id 8a533bf9-bd12-4608-a8eb-606890982448 at 2021-07-14 12:00:01 from 10.1.2.3 by ann@x.org took 15 ms, train D1345")
    assert not any(c.isdigit() for c in text)


def test_the_two_expressions_agree_where_no_code_is() -> None:
    texts = [
        "plain 5",
        "a 404 b",
        "status 404",
        "SQLState: 23505",
        'x HTTP/1.1" 503 y',
        "Fri Jul 01 12:00:00 UTC 2022",
        "[404] x",
        "ORA-00001: y",
        None,
        "",
    ]
    column = pa.array(texts)
    full = pa.compute.replace_substring_regex(column, FULL, REPLACEMENT)
    assert rough(column).to_pylist() == full.to_pylist()


@pytest.mark.parametrize("word", ["retries", "couldn't", "rescheduled", "NoSuchBucket", "read-only", "not_found", "Unauthorized"])
def test_error_prose_is_known(word: str) -> None:
    assert is_prose(word)


@pytest.mark.parametrize("word", ["ledger", "paymentsDS", "acme", "xkcd", "orders-core", ""])
def test_names_are_not_prose(word: str) -> None:
    assert not is_word(word.lower())
