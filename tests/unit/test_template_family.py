"""Level 2: a function of the set of templates that only ever joins, and never two faults."""

from __future__ import annotations

from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ailog.domain.fingerprint import Miner, Template, fingerprints
from ailog.domain.overflow import Budget, overflow_fingerprint
from ailog.domain.template_family import Families, families, pattern_of
from ailog.domain.template_family_decisions import Decided, Decision, standing, with_merges
from ailog.domain.template_family_words import base_of, may_be_value

NAMES = ["Watch", "Batch", "Render", "Convert", "Window", "Garden", "Bridge", "Harbour"]
WORDS = ["window", "island", "summer", "arrow", "tunnel", "engine", "anchor", "pepper", "mirror", "planet", "garden", "winter", "bottle", "castle", "orange", "bridge", "silver", "yellow"]  # fmt: skip
"""Ordinary words, which could be names or not."""


def templates(*texts: str, kind: str = "UnknownError") -> list[Template]:
    """Templates as level 1 gives them, with fingerprints made from the text."""
    return [Template(hash_of(kind, text), kind, text, "unknown") for text in texts]


def hash_of(kind: str, text: str) -> int:
    from hashlib import blake2b

    return int.from_bytes(blake2b(f"{kind}|{text}".encode(), digest_size=8).digest(), "big", signed=True)


def family_count(*texts: str, kind: str = "UnknownError") -> int:
    return len(set(families(templates(*texts, kind=kind)).values()))


METHOD = "rpc failure: unknown method {} for service <*>"


def test_words_in_the_place_of_values_become_one_family() -> None:
    assert family_count(METHOD.format("<*>"), *(METHOD.format(n) for n in NAMES[:3])) == 1


def test_a_family_is_named_by_the_member_that_is_its_pattern() -> None:
    found = templates(METHOD.format("<*>"), *(METHOD.format(n) for n in NAMES[:3]))
    assert set(families(found).values()) == {found[0].fingerprint}


def test_few_words_are_no_evidence() -> None:
    assert family_count(METHOD.format("<*>"), METHOD.format(NAMES[0])) == 2
    assert family_count(*(METHOD.format(n) for n in NAMES[:7])) == 7
    assert family_count(*(METHOD.format(n) for n in NAMES)) == 1


def test_ordinary_words_are_evidence_when_there_are_many() -> None:
    sentence = "Import of the ledger for {} ended before its time"
    assert family_count(*(sentence.format(w) for w in WORDS[:7])) == 7
    assert family_count(*(sentence.format(w) for w in WORDS)) == 1


def test_several_places_open_together() -> None:
    pairs = [(one, WORDS[(7 * at + 3) % len(WORDS)]) for at, one in enumerate(WORDS)]
    assert family_count(*(f"Delivery from {a} was handed to {b} of the ledger" for a, b in pairs)) == 1


def test_what_errors_are_about_joins_last() -> None:
    sentence = "Import of the ledger for {} ended before its time"
    few = [sentence.format(w) for w in ["<*>", *WORDS[:3], "memory", "disk"]]
    assert family_count(*few) == 3
    assert family_count(*(sentence.format(w) for w in ["<*>", *WORDS[:12], "memory", "disk"])) == 1


def test_a_name_that_is_seen_as_a_value_is_one_in_other_sentences() -> None:
    seen = ["Import of the ledger for {} ended before its time", "Delivery by {} was handed over to the ledger"]
    texts = [sentence.format(w) for sentence in seen for w in ("<*>", "window")]
    elsewhere = [f"Nobody in the ledger knows {w} or its owner" for w in ("<*>", "window")]
    assert family_count(*elsewhere) == 2
    assert family_count(*texts, *elsewhere) == 3


def test_a_name_folds_as_a_number_does() -> None:
    seen = ["Import of the ledger for {} ended before its time", "Delivery by {} was handed over to the ledger"]
    texts = [sentence.format(w) for sentence in seen for w in ("<*>", "window")]
    pairs = [("Ledger waits <*> for the next delivery", "Ledger waits window ms for the next delivery"),
             ("Ledger asks <*> for the next delivery", "Ledger asks (window) for the next delivery"),
             ("Ledger sends <*> to the next delivery", "Ledger sends window: <*> to the next delivery")]  # fmt: skip
    for pair in pairs:
        assert family_count(*texts, *pair) == 3


def test_a_word_that_only_ends_like_a_verb_may_be_a_name() -> None:
    assert may_be_value("spring")
    assert not may_be_value("pending")
    assert not may_be_value("failed")


def test_near_misses_of_one_batch_keep_their_fingerprints_apart() -> None:
    faults = ["connection refused", "connection reset by peer", "connection timed out", "connection closed", "no route to host", "host is down",
              "broken pipe", "network is unreachable", "protocol error", "too many open files", "permission denied", "out of memory"]  # fmt: skip
    lines = [
        f"Cannot reach {name} at 10.0.{i}.{j}:5432: {fault}" for i, fault in enumerate(faults) for j, name in enumerate(["ledger", *WORDS])
    ]
    found = fingerprints(lines)
    of_fault = [set(found[at : at + 1 + len(WORDS)]) for at in range(0, len(found), 1 + len(WORDS))]
    assert [len(keys) for keys in of_fault] == [1] * len(faults)
    assert len(set().union(*of_fault)) == len(faults)


def test_a_type_in_a_field_of_its_own_and_one_in_the_text_are_one_family() -> None:
    assert family_count("IllegalStateException: No instances available", "No instances available", kind="IllegalStateException") == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "Cannot reach the ledger: connection {} by the peer",
        "The state of the order book is {} after restart",
        "Order book import failed: reason {} of the source",
        "Payment was {} by the card network today",
        "The job failed with exit code {} on the worker",
        "Request to the order book ended with {} of the call",
        "Sending {} to the order book did not work",
        "Could not {} the order table of the ledger",
        "No instances available for {} in the whole cluster",
        "The {} of the order table is not usable",
    ],
)
def test_different_faults_never_join_whatever_else_is_seen(sentence: str) -> None:
    faults = ["refused", "reset", "timed", "closed", "Unavailable", "Forbidden", "ECONNRESET", "SIGKILL", "ORA-00001", "404", "503",
              "NullPointerException", "TimeoutError", "GET", "POST", "open", "close", "read", "write", "delete", "create",
              "ts-basic-service", "ts-seat-service", "Invalid", "Expired", "Unauthorized", "DEADLINE_EXCEEDED", "UNAVAILABLE",
              "disk", "memory", "certificate", "network", "queue", "read-only", "not_found", "already_exists", "rate_limited", "timed-out"]  # fmt: skip
    found = families(templates(sentence.format("<*>"), *(sentence.format(f) for f in faults)))
    assert len(set(found.values())) == len(faults) + 1


def test_different_error_types_never_join() -> None:
    both = [
        t for kind in ("KeyError", "ValueError") for t in templates(METHOD.format("<*>"), *(METHOD.format(n) for n in NAMES), kind=kind)
    ]
    assert len(set(families(both).values())) == 2


def test_short_sentences_are_left_alone() -> None:
    assert family_count(*(f"Unknown: Bad {n}" for n in ["<*>", *NAMES])) == len(NAMES) + 1


_SENTENCES = [
    METHOD,
    "The peer waits {} ms for {} and left",
    "The peer waits ({}) for [{}, <*>] and left",
    "The peer {} said {} and left",
    "Import of file {} into {} has no owner",
    "Objednávka {} nebyla pro {} nalezena vůbec",
    "The peer said {} and left",
]
_VALUES = ["<*>", *NAMES, "refused", "window", "island", "summer", "memory", "Novák", "Dvořák", "Svoboda", "Horák", "404"]


@st.composite
def pools(draw: st.DrawFn) -> list[Template]:
    """Sets of templates that have many members of few bases, so that positions do open."""
    texts = draw(
        st.lists(
            st.tuples(st.sampled_from(_SENTENCES), st.sampled_from(_VALUES), st.sampled_from([*_VALUES[:5], *_VALUES[10:13]])),
            min_size=1,
            max_size=60,
            unique=True,
        )
    )
    return templates(*sorted({s.format(a, b) if s.count("{}") == 2 else s.format(a) for s, a, b in texts}))


def partition(found: dict[int, int]) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for fingerprint, family in found.items():
        groups.setdefault(family, set()).add(fingerprint)
    return {frozenset(group) for group in groups.values()}


@given(pools(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_pages_and_workers_do_not_matter(pool: list[Template], random: object) -> None:
    once = families(pool)
    shuffled = list(pool)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert families(shuffled) == once
    cut = len(pool) // 2
    paged = Families()
    for at in range(0, len(shuffled), 7):
        paged.add(shuffled[at : at + 7])
        paged.resolve()
    assert paged.resolve() == once
    one, other = Families(shuffled[:cut]), Families(shuffled[cut // 2 :])
    one.resolve(), other.resolve()
    joined = Families(shuffled[:cut])
    joined.add(shuffled[cut // 2 :])
    assert joined.resolve() == once


@given(pools(), st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_growth_only_coarsens(pool: list[Template], size: int) -> None:
    before, after = families(pool[:size]), families(pool)
    for group in partition(before):
        assert len({after[fingerprint] for fingerprint in group}) == 1


@given(pools(), st.data())
@settings(max_examples=80, deadline=None)
def test_who_is_kept_apart_stays_apart_and_the_others_keep_together(pool: list[Template], data: st.DataObject) -> None:
    apart = set(data.draw(st.lists(st.sampled_from([t.fingerprint for t in pool]), max_size=3)))
    free, kept = Families(pool).resolve(), Families(pool).resolve(apart)
    for fingerprint in apart:
        assert kept[fingerprint] == fingerprint
        assert all(family != fingerprint for other, family in kept.items() if other != fingerprint)
    for a, b in combinations([t.fingerprint for t in pool if t.fingerprint not in apart], 2):
        assert (kept[a] == kept[b]) == (free[a] == free[b])


def test_a_family_whose_namesake_is_kept_apart_gets_another_name() -> None:
    pool = templates(METHOD.format("<*>"), *(METHOD.format(n) for n in NAMES))
    found = Families(pool).resolve({pool[0].fingerprint})
    rest = {found[t.fingerprint] for t in pool[1:]}
    assert len(rest) == 1
    assert rest.isdisjoint({pool[0].fingerprint})


def test_of_several_namesakes_the_same_names_the_family_in_any_order() -> None:
    pool = templates("KeyError: no entry for <*> in the map", "no entry for <*> in the map", kind="KeyError")
    one, other = Families(pool[:1]), Families(pool[1:])
    one.add(pool[1:])
    other.add(pool[:1])
    assert one.resolve() == other.resolve()
    assert len(set(one.resolve().values())) == 1


def test_past_the_limit_templates_keep_their_own_family() -> None:
    found = Families(templates(METHOD.format("<*>"), *(METHOD.format(n) for n in NAMES)), limit=3)
    assert (len(found), len(found.left_out)) == (3, len(NAMES) - 2)
    assert all(found.resolve()[f] == f for f in found.left_out)


@pytest.mark.parametrize("text", ["", "<*>", "<*> <*>", "(((" * 500, "a " * 5000, "\x00\x01", "🙂 \u202e <*> Ωμέγα", "<overflow>"])
def test_any_text_has_a_base(text: str) -> None:
    key, slots, values = base_of("X", text)
    assert len(key) == len(values) + 1
    assert all(0 <= at < len(values) for at in slots)


def test_the_templates_of_level_one_are_read_and_each_has_a_family() -> None:
    miner = Miner()
    miner.encode_texts(pa.array([f"rpc failure: unknown method {n} for service acme.{n}V1" for n in [*NAMES, "XkqzDoc", "Wfj"]]))
    found = families(miner.templates.values())
    assert set(found) == set(miner.templates)
    assert len(set(found.values())) == 1


def test_the_pattern_of_a_family_marks_what_differs() -> None:
    assert pattern_of([METHOD.format("Watch"), METHOD.format("Batch")]) == METHOD.format("<*>")
    assert pattern_of(["a: b", "a: b"]) == "a: b"
    assert pattern_of([]) == ""


def test_the_last_word_on_a_fingerprint_counts() -> None:
    merge, split = Decision("merge", "a", "b"), Decision("split", "a")
    assert standing([merge]) == Decided(frozenset(), (("a", "b"),))
    assert standing([merge, split]) == Decided(frozenset({"a"}), ())
    assert standing([split, merge]) == Decided(frozenset(), (("a", "b"),))
    assert standing([merge, Decision("split", "b")]) == Decided(frozenset({"b"}), ())
    assert standing([merge, Decision("merge", "a", "c")]) == Decided(frozenset(), (("a", "c"),))


def test_merges_follow_the_families_of_both() -> None:
    found = with_merges({"a": "F", "x": "F", "b": "G", "c": "c"}, [("a", "b")])
    assert found == {"a": "G", "x": "G", "b": "G", "c": "c"}
    assert with_merges({"a": "a", "b": "b"}, [("a", "b"), ("b", "a")]) == {"a": "b", "b": "b"}
    assert with_merges({}, [("a", "b")]) == {"a": "b", "b": "b"}


@given(
    st.lists(st.tuples(st.sampled_from(["p", "q"]), st.integers(0, 40)), min_size=1, max_size=200),
    st.integers(1, 12),
    st.sets(st.integers(0, 40), max_size=5),
    st.integers(1, 50),
)
@settings(max_examples=150, deadline=None)
def test_which_kinds_overflow_is_a_function_of_the_set(rows: list[tuple[str, int]], limit: int, known: set[int], size: int) -> None:
    def final(order: list[tuple[str, int]], page: int) -> dict[tuple[str, int], int]:
        budget = Budget(limit, known)
        result: dict[tuple[str, int], int] = {}
        for at in range(0, len(order), page):
            part = order[at : at + page]
            fingerprints, dropped = budget.take(
                pa.chunked_array([[n for n, _ in part]]), pa.array([f for _, f in part], pa.int64()).to_numpy()
            )
            result |= dict(zip(part, fingerprints.tolist(), strict=True))
            for name, gone in dropped.items():
                result |= {(name, f): overflow_fingerprint(name) for f in gone}
        return result

    one = final(rows, size)
    assert one == final(rows[::-1], 7) == final(sorted(rows), 1)
    for name in ("p", "q"):
        mine = {f for n, f in rows if n == name}
        kept = {f for f in mine if one[name, f] == f}
        assert kept == set(sorted(mine, key=lambda f: (f not in known, f))[:limit])
