"""Whatever stands in a message, it gets one stable key, within bounds, and never ends the window."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from random import Random

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_fingerprint import TESTS

from ailog.domain import fingerprint
from ailog.domain.fingerprint import Miner, fingerprints
from ailog.domain.template import Described, describe, undescribed
from ailog.domain.template_rough import rough
from ailog.domain.template_shape import shape

HEX = re.compile("[0-9a-f]{16}")
MEGABYTE = 1_000_000
CASES = yaml.safe_load((TESTS / "cases" / "languages.yaml").read_text(encoding="utf-8"))
PIECES = [
    "./", ".", "..", ":", "::", "/", "//", "\\", "\\n", "\n", "\t", "at ", "Caused by: ", "Traceback (most recent call last):", "---> ", '"', "'", "`",
    "(", ")", "[", "]", "{", "}", "<", ">", "=", ",", ";", "&", "|", "error", "Error", "a", "b.c", "x-y", "failed", "5", "404", "status", "null", "\x01",
    "\x02", "\x03", "\x04", "\x1e", "\x1f", "$", "%", "#", "@", "é", "ß", "Ж", "日本", "\u200b", "\u0301", "\u202e", "💥", "SELECT", "from", "panic: ",
    "goroutine 1 [running]:", 'File "', '",', " line 5", "...", "…", "*", "+", "-", "_", "~", "^", "!", "?", "'s", "code=", '{"a":', "E11000", "ORA-1",
    " ", "true", "<*>", "<sql>", "qzwxqzwx", "Qzwxqzwx", "\N{REPLACEMENT CHARACTER}", "\ud800", "\x00", "\r",
]  # fmt: skip
"""What hostile messages are put together from: all that an algorithm might give a meaning, its own marks among it."""

ODD = {
    "empty": "",
    "blank": " \t \n ",
    "a number": "4711",
    "numbers": "1 2 3 4.5 -6 7e8",
    "a sign": "!",
    "signs": "!!! --- ??? ... ***",
    "json": '{"a": 1, "b": [1, 2, {"c": null}]}',
    "json text": '"x"',
    "broken json": '{"error": "limit", "x": ',
    "xml": "<?xml version='1.0'?><a b='c'><d/>text</a>",
    "base64": "dGhpcyBpcyBub3QgYSBtZXNzYWdlIGF0IGFsbCwgYnV0IGJ5dGVz" * 20,
    "hex": "deadbeef" * 64,
    "right to left": "فشل الاتصال بالخادم 10.0.0.1 بعد 5 محاولات",
    "hebrew": "החיבור לשרת 10.0.0.1 נכשל",
    "overridden direction": "connection \u202edesufer\u202c by 10.0.0.1",
    "mixed scripts": "Ошибка подключения к серверу db-1: 接続が拒否されました (error 5)",
    "lookalikes": "Соnnесtіоn rеfusеd",
    "japanese": "データベースへの接続に失敗しました: タイムアウト 3000 ミリ秒",
    "thai": "การเชื่อมต่อล้มเหลว 5 ครั้ง",
    "zalgo": "c" + "\u0301\u0322\u0337" * 500 + "onnection refused",
    "zero width": "\u200b\u200c\u200d\ufeff" * 100,
    "emoji": "💥 👨‍👩‍👧 🏴‍☠️ failed 5 times 🎉",
    "colours": "\x1b[31mConnection \x1b[1mrefused\x1b[0m",
    "nul": "\x00connection\x00refused\x00",
    "controls": "".join(map(chr, range(32))),
    "surrogate": "bad \ud800 half \udfff",
    "noncharacters": "\ufffe\uffff \U0010ffff",
    "fullwidth": "Ｃｏｎｎｅｃｔｉｏｎ ｒｅｆｕｓｅｄ ５",
    "digits of other scripts": "failed ١٢٣ times, ४५६ rows",
    "dot": "./",
    "marks": "\x01\x02\x03\x04",
    "its own marks": "<*> <sql> <- <overflow> qzwxqzwx Qzwxqzwx",
    "boundary": "a\n\x1e\nb\n\x1e\nc",
    "format": "%s %d {} {0} ${jndi:ldap://x.example/a} %(x)s",
    "sql": "'; DROP TABLE x; --",
    "formula": "=cmd|' /C calc'!A0",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_messages_have_one_key_whatever_is_beside_them(text: str) -> None:
    [alone] = fingerprints([text])
    assert HEX.fullmatch(alone)
    assert fingerprints(["Connection refused", text, text])[1:] == [alone, alone]
    assert fingerprints([*ODD.values()])[list(ODD.values()).index(text)] == alone


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_messages_repeated_to_a_megabyte_are_bounded(text: str) -> None:
    long = (text or " ") * (MEGABYTE // len((text or " ").encode("utf-8", "replace")) + 1)
    miner = Miner()
    [number] = miner.encode_texts(pa.array([long.encode("utf-8", "replace").decode()])).tolist()
    assert len(miner.templates[number].template) <= 8_192
    assert fingerprints([long]) == fingerprints([long])


def test_a_megabyte_differs_by_how_it_begins() -> None:
    tail = " and so on" * (MEGABYTE // 10)
    refused, reset, again = (
        f"Connection to {host} {word}{tail}" for host, word in (("10.0.0.1", "refused"), ("10.0.0.1", "reset"), ("10.9.9.9", "refused"))
    )
    found = fingerprints([refused, reset, again])
    assert found[0] == found[2] != found[1]


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.booleans()), max_size=14))
def test_anything_put_together_has_a_key(pieces: list[tuple[str, bool]]) -> None:
    text = "".join(piece + " " * blank for piece, blank in pieces)
    assert HEX.fullmatch(fingerprints([text])[0])


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.booleans()), max_size=14))
def test_anything_put_together_is_described_even_with_the_marks_of_the_algorithm_in_it(pieces: list[tuple[str, bool]]) -> None:
    """A miner takes these marks out first; level 1 does not rely on it."""
    text = "".join(piece + " " * blank for piece, blank in pieces).encode("utf-8", "replace").decode()
    for one in (text, rough(pa.array([text]))[0].as_py()):
        assert describe(one) == describe(one)
        assert describe(shape(one)).text is not None


@pytest.mark.parametrize("failure", [IndexError("list index out of range"), RecursionError("too deep"), TypeError("no text")])
def test_a_text_that_cannot_be_described_has_a_template_of_its_own_and_ends_nothing(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fragile(text: str, in_app: Sequence[str] = ()) -> Described:
        if "timeout" in text:
            raise failure
        return describe(text, in_app)

    texts = [
        "Connection refused",
        "a timeout in order 17",
        "a timeout in order 4711",
        "another timeout: PaymentError",
        "no timeout\nat all",
        "x" * 900 + " timeout",
    ]
    healthy = fingerprints(texts[:1])
    monkeypatch.setattr(fingerprint, "describe", fragile)
    miner = Miner()
    numbers = miner.encode_texts(pa.array([*texts, texts[1]])).tolist()
    assert [fingerprint.to_hex(n) for n in numbers[:1]] == healthy
    assert numbers[1] == numbers[2] == numbers[-1]
    assert len(set(numbers)) == 5
    assert miner.unreadable == 4
    assert miner.templates[numbers[1]].template.startswith("<unreadable> a timeout in order <*>")
    assert (miner.templates[numbers[3]].error_type, miner.templates[numbers[3]].metadata_quality) == ("PaymentError", "derived")
    assert max(len(template.template) for template in miner.templates.values()) < 400
    assert len(set(fingerprints(texts))) == 5
    table = pa.table(
        {"error_type": ["", "com.acme.OrderError"], "message": ["fine", "failed"], "stack_trace": ["", "a timeout\n\tat a.B.c(B.java:1)"]}
    )
    assert len(set(Miner().encode(table).tolist())) == 2


def test_what_is_said_of_a_text_that_cannot_be_described_has_no_value_left() -> None:
    one, other = (undescribed(rough(pa.array([f"order {n} of {n}.{n}.{n}.{n} failed"]))[0].as_py()) for n in (12, 34))
    assert one == other


@settings(max_examples=300)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_one_key_whatever_stands_beside_it(text: str, neighbour: str) -> None:
    assert fingerprints([text, neighbour])[0] == fingerprints([neighbour, text, text])[1] == fingerprints([text])[0]


def test_a_thousand_random_messages_have_keys_in_any_order() -> None:
    random = Random(5)
    texts = ["".join(random.choice(PIECES) + random.choice(["", " "]) for _ in range(random.randint(1, 12))) for _ in range(1_000)]
    assert fingerprints(texts[::-1])[::-1] == fingerprints(texts)


@pytest.mark.parametrize("language", CASES)
def test_faults_in_other_languages_stay_apart_and_their_values_do_not_count(language: str) -> None:
    groups = CASES[language]
    found = [set(fingerprints(group)) for group in groups]
    assert [group for group, keys in zip(groups, found, strict=True) if len(keys) != 1] == []
    assert len(set.union(*found)) == len(groups), "two faults share a key"


@pytest.mark.parametrize("language", CASES)
def test_words_of_other_languages_are_not_all_taken_for_values(language: str) -> None:
    miner = Miner()
    messages = [group[0] for group in CASES[language]]
    for number, message in zip(miner.encode_texts(pa.array(messages)).tolist(), messages, strict=True):
        words = [word for word in re.findall(r"\w{4,}", miner.templates[number].template) if word in message]
        assert len(words) >= 2, (message, miner.templates[number].template)


def test_another_process_with_another_hash_seed_gives_odd_messages_the_same_keys() -> None:
    texts = [text for text in ODD.values() if "\ud800" not in text]
    code = "import json, sys; from ailog.domain.fingerprint import fingerprints; print(json.dumps(fingerprints(json.load(sys.stdin))))"
    answers = []
    for seed in ("0", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(TESTS.parent / "include")}
        done = subprocess.run(
            [sys.executable, "-c", code], input=json.dumps(texts), capture_output=True, text=True, env=env, check=True, timeout=120
        )
        answers.append(json.loads(done.stdout))
    assert answers[0] == answers[1] == fingerprints(texts)


@pytest.mark.parametrize(
    ("what", "length", "seconds"),
    [("each", 1_000, 20), ("whole", 200_000, 60)],
    ids=["every expression alone", "messages of two hundred kilobytes"],
)
def test_no_bait_makes_an_expression_run_for_ever(what: str, length: int, seconds: int) -> None:
    """Alone, every expression of the domain ends on a thousand characters; what a message passes ends on two hundred thousand."""
    env = {**os.environ, "PYTHONPATH": f"{TESTS.parent / 'include'}{os.pathsep}{TESTS.parent}"}
    command = [sys.executable, "-m", "tests.support.patterns", what, str(length), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=TESTS.parent, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
