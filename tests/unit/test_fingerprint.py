from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ailog.domain.events import EVENT_SCHEMA
from ailog.domain.fingerprint import Miner, fingerprints, from_hex, to_hex

TESTS = Path(__file__).parents[1]
SAME = yaml.safe_load((TESTS / "cases" / "same_problem.yaml").read_text(encoding="utf-8"))
DIFFERENT = yaml.safe_load((TESTS / "cases" / "different_problems.yaml").read_text(encoding="utf-8"))
MESSAGES = [m for group in SAME + DIFFERENT for m in group]


@pytest.mark.parametrize("group", SAME, ids=lambda g: g[0][:40])
def test_values_do_not_split_a_problem(group: list[str]) -> None:
    assert len(set(fingerprints(group))) == 1


@pytest.mark.parametrize("group", DIFFERENT, ids=lambda g: g[0][:40])
def test_different_faults_stay_apart(group: list[str]) -> None:
    assert len(set(fingerprints(group))) == len(group)


def test_order_and_page_size_do_not_matter() -> None:
    whole = fingerprints(MESSAGES)
    assert fingerprints(MESSAGES[::-1])[::-1] == whole
    for size in (1, 3, 7):
        assert [f for i in range(0, len(MESSAGES), size) for f in fingerprints(MESSAGES[i : i + size])] == whole


def test_a_miner_that_forgets_gives_the_same_fingerprints() -> None:
    forgetful, other = Miner(max_cache=3), Miner()
    for i in range(0, len(MESSAGES), 5):
        page = pa.array(MESSAGES[i : i + 5] + MESSAGES[:2])
        found = forgetful.encode_texts(page)
        assert np.array_equal(found, other.encode_texts(page))
        assert set(found.tolist()) <= set(forgetful.templates)
    assert forgetful.overflows > 0


def test_another_process_with_another_hash_seed_agrees() -> None:
    code = "import json, sys; from ailog.domain.fingerprint import fingerprints; print(json.dumps(fingerprints(json.load(sys.stdin))))"
    env = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(TESTS.parent / "include")}
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(MESSAGES), capture_output=True, text=True, env=env, check=True, timeout=120
    )
    assert json.loads(done.stdout) == fingerprints(MESSAGES)


def test_hex_and_number_are_two_forms_of_one_fingerprint() -> None:
    for number in (0, 1, -1, 2**63 - 1, -(2**63)):
        assert from_hex(to_hex(number)) == number
    with pytest.raises(ValueError, match="16 hexadecimal digits"):
        from_hex("abc")


_FRAMES = [
    "Lookup of {} failed for request {}: not found",
    "Could not write {} after {} attempts",
    "Transfer {} rejected by host {}",
    "unable to parse value {} at position {}",
]
_VALUES = st.one_of(
    st.integers(0, 10**15).map(str),
    st.uuids().map(str),
    st.uuids().map(lambda u: str(u).upper()),
    st.uuids().map(lambda u: u.hex),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=4).map(lambda a: f"{a}:8080"),
    st.datetimes().map(lambda d: d.isoformat(timespec="milliseconds") + "Z"),
    st.floats(0, 1e6).map(lambda f: f"{f:.3f}"),
    st.from_regex(r"/[a-z]{1,8}/[a-z0-9_]{1,8}\.[a-z]{3}", fullmatch=True),
    st.from_regex(r"https://[a-z]{2,8}\.[a-z]{2,8}/[a-z0-9]{1,8}\?x=[0-9]", fullmatch=True),
    st.from_regex(r"[a-z]{2,8}@[a-z]{2,8}\.(com|org)", fullmatch=True),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_FRAMES), _VALUES, _VALUES, _VALUES, _VALUES)
def test_substituting_values_never_changes_the_fingerprint(frame: str, a: str, b: str, c: str, d: str) -> None:
    one, two = fingerprints([frame.format(a, b), frame.format(c, d)])
    assert one == two


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["refused", "reset", "closed", "denied", "expired", "missing", "locked", "unavailable", "invalid", "full"]),
    st.integers(0, 9999),
)
def test_changing_a_content_word_changes_the_fingerprint(word: str, number: int) -> None:
    assert fingerprints([f"Connection {number} to the store was {word}"]) != fingerprints(
        [f"Connection {number} to the store was overloaded"]
    )


def _events(rows: list[dict[str, object]]) -> pa.Table:
    defaults = {f.name: None for f in EVENT_SCHEMA} | {"namespace": "n", "app": "a", "level": "ERROR", "message": "", "weight": 1.0}
    filled = [{**defaults, "window_start": 0, "event_time": 0, **r} for r in rows]
    return pa.Table.from_pylist(filled, schema=EVENT_SCHEMA)


def test_templates_explain_every_fingerprint_of_a_table() -> None:
    table = _events(
        [
            {"message": "boom 1", "error_type": "com.acme.PayException"},
            {"message": "boom 2", "error_type": "com.acme.PayException"},
            {"message": "java.lang.IllegalStateException: no 5"},
            {"message": "boom 3"},
        ]
    )
    miner = Miner()
    found = miner.encode(table).tolist()
    assert found[0] == found[1] != found[3]
    kinds = [(miner.templates[f].error_type, miner.templates[f].metadata_quality) for f in found]
    assert kinds == [("PayException", "structured")] * 2 + [("IllegalStateException", "derived"), ("UnknownError", "unknown")]


def test_the_frame_of_our_code_counts_when_packages_are_named() -> None:
    trace = "java.lang.IllegalStateException: x\n\tat org.springframework.A.b(A.java:{})\n\tat com.acme.{}.run({}.java:{})"
    rows = [{"message": "failed", "stack_trace": trace.format(n, c, c, n + 1)} for c in ("Pay", "Ledger") for n in (10, 20)]
    with_packages = Miner(in_app=("com.acme.",)).encode(_events(rows)).tolist()
    assert len(set(with_packages)) == 2
    assert len(set(Miner().encode(_events(rows)).tolist())) == 1


@pytest.mark.parametrize("message", ["see https://x.example/a?b=c", "at /var/x/y", "failed 5", "x" * 16_384, 'File "a', "a\x1eb"])
def test_neighbours_with_a_trace_do_not_change_a_message(message: str) -> None:
    neighbour = {"message": "m", "error_type": "X", "stack_trace": "X: y\n\tat a.B.c(B.java:1)"}
    alone = Miner().encode(_events([{"message": message}])).tolist()
    beside = Miner().encode(_events([{"message": message}, neighbour])).tolist()
    assert alone[0] == beside[0] == from_hex(fingerprints([message])[0])


def test_an_empty_page_has_no_fingerprints() -> None:
    assert fingerprints([]) == []
    assert len(Miner().encode(_events([]))) == 0


HOSTILE = {
    "megabyte": "failed: " + "x9 " * 350_000,
    "one word": "a" * 1_000_000,
    "nested": "payload " + '{"a":' * 200 + "1" + "}" * 200,
    "brackets": "[" * 50_000,
    "quotes": "\"'" * 50_000,
    "slashes": "/a" * 100_000,
    "select": "SELECT " * 20_000,
    "select with signs": "from " + "select , " * 20_000,
    "at lines": "x\n" + "\tat a.b.C.d(C.java:1)\n" * 40_000,
    "colours": "\x1b[31mfailed\x1b[0m" * 1_000,
    "right to left": "فشل الاتصال 55 \u202eabc",
    "emoji": "💥 failed 5 times 🎉",
    "control": "\x00\x01\x02\x03 failed",
    "dots": "a." * 8_000,
    "records": "Ab(c=d " * 2_000,
    "tags": "<a>" * 5_000 + "</",
    "padding": "a+b=" * 4_000,
    "surrogate": "bad \ud800 half",
    "blank": "   \n\t ",
    "unicode digits": "failed ١٢٣ times",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_bounded_and_stable(text: str) -> None:
    first = fingerprints([text])
    assert re.fullmatch("[0-9a-f]{16}", first[0])
    assert fingerprints(["other", text])[1:] == first


def test_templates_are_bounded() -> None:
    miner = Miner()
    safe = {k: v for k, v in HOSTILE.items() if k != "surrogate"}
    miner.encode_texts(pa.array(list(safe.values())))
    assert max(len(t.template) for t in miner.templates.values()) <= 8_192


def test_many_kinds_in_one_window_stay_within_the_cache() -> None:
    rng = random.Random(1)
    words = ["".join(rng.choice("abcdefghij") for _ in range(8)) for _ in range(2_000)]
    miner = Miner(max_cache=500)
    texts = [f"Fehler {w} im Modul {v} aufgetreten" for w, v in zip(words, words[::-1], strict=True)]
    for i in range(0, len(texts), 250):
        miner.encode_texts(pa.array(texts[i : i + 250]))
    assert len(miner.templates) <= 750
