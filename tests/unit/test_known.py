"""Which known issue something is, what is near, and what cannot be stored."""

from __future__ import annotations

import pytest

from ailog.domain.known import Issue, Match, Subject, match, near, problems

A, B, C, FAMILY = "a" * 16, "b" * 16, "c" * 16, "f" * 16
SUBJECT = Subject(
    namespace="pcb-sit-01-app",
    category="database",
    apps=frozenset({"ledger-api", "booking-api"}),
    fingerprints=frozenset({A}),
    texts=("Connection pool of ledger is exhausted after 30 s",),
)
EXACT = Issue("D-exact", "by fingerprint", fingerprint=A)
RELATED = Issue("C-related", "by what it causes", fingerprint=C, related=(A,))
CATEGORY = Issue("B-category", "by category", category="database", apps=("ledger-api",))
PATTERN = Issue("A-pattern", "by words", pattern=r"pool of \w+ is exhausted")
ALL = (EXACT, RELATED, CATEGORY, PATTERN)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (ALL, Match("D-exact", "fingerprint")),
        ((RELATED, CATEGORY, PATTERN), Match("C-related", "related")),
        ((CATEGORY, PATTERN), Match("B-category", "category")),
        ((PATTERN,), Match("A-pattern", "pattern")),
        ((), None),
    ],
)
def test_the_surest_match_counts_in_any_order(there: tuple[Issue, ...], expected: Match | None) -> None:
    assert match(there, SUBJECT, {}) == expected
    assert match(there[::-1], SUBJECT, {}) == expected


def test_fingerprints_are_read_through_their_families() -> None:
    issue = Issue("K-1", "an older name", fingerprint=B)
    assert match([issue], SUBJECT, {}) is None
    assert match([issue], SUBJECT, {A: FAMILY, B: FAMILY}) == Match("K-1", "fingerprint")
    assert match([issue], SUBJECT, {A: B}) == Match("K-1", "fingerprint")


@pytest.mark.parametrize(
    "issue",
    [
        Issue("K-1", "other category", category="network", apps=("ledger-api",)),
        Issue("K-1", "other application", category="database", apps=("card-api",)),
        Issue("K-1", "other namespace", fingerprint=A, namespaces=("pcb-uat-01-app",)),
        Issue("K-1", "other words", pattern="heap space"),
        Issue("K-1", "other fingerprint", fingerprint=B, related=(C,)),
    ],
)
def test_what_differs_does_not_match(issue: Issue) -> None:
    assert match([issue], SUBJECT, {}) is None


def test_of_issues_that_match_alike_one_that_is_open_wins_then_the_least_id() -> None:
    closed, second, first = (Issue(i, "x", fingerprint=A, status=s) for i, s in (("A", "resolved"), ("C", "open"), ("B", "open")))
    assert match([closed, second, first], SUBJECT, {}) == Match("B", "fingerprint")
    assert match([closed], SUBJECT, {}) == Match("A", "fingerprint")


@pytest.mark.parametrize(
    ("issue", "said"),
    [
        (Issue("", "x", fingerprint=A), "id"),
        (Issue("K 1; drop", "x", fingerprint=A), "id"),
        (Issue("K-1", " ", fingerprint=A), "title"),
        (Issue("K-1", "x", fingerprint="abc"), "no fingerprint"),
        (Issue("K-1", "x", fingerprint=A, related=("A" * 16,)), "no fingerprint"),
        (Issue("K-1", "x", category="weather", apps=("a",)), "weather"),
        (Issue("K-1", "x", category="network"), "applications"),
        (Issue("K-1", "x", pattern="(broken"), "RE2"),
        (Issue("K-1", "x", pattern="(?<=a)b"), "RE2"),
        (Issue("K-1", "x", pattern=".*"), "everything"),
        (Issue("K-1", "x"), "nothing would ever match"),
        (Issue("K-1", "x", fingerprint=A, status="gone"), "status"),
    ],
)
def test_an_issue_that_makes_no_sense_is_refused_with_the_reason(issue: Issue, said: str) -> None:
    assert any(said in one for one in problems(issue)), problems(issue)


def test_good_issues_have_no_problems() -> None:
    assert [problems(issue) for issue in ALL] == [[], [], [], []]


def test_a_pattern_that_would_hang_others_is_answered_at_once() -> None:
    issue = Issue("K-1", "x", pattern="(a+)+$")
    subject = Subject("n", "unknown", texts=("a" * 2000 + "b",))
    assert problems(issue) == []
    assert match([issue], subject, {}) is None


def test_near_templates_are_suggested_best_first() -> None:
    others = {
        A: "Connection pool of <*> is exhausted after <*> ms",
        B: "Connection pool of <*> is closed after <*> ms",
        C: "Certificate of the peer has expired",
    }
    found = near("Connection pool of <*> is exhausted after <*> s", others)
    assert [one.fingerprint for one in found] == [A, B]
    assert found[0].likeness > found[1].likeness
    assert near("", others) == []
    assert near("Connection pool of <*> is exhausted after <*> s", others, limit=1) == found[:1]
