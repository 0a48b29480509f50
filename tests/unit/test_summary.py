from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.support.incident_rows import HOSTILE
from tests.support.report_days import DAY, ordinary_day, quiet_day, terrible_day, told

from ailog import settings as configuration
from ailog.adapters.notifiers.card import encode
from ailog.domain.actionable import CAP, problems_of
from ailog.domain.report import Facts
from ailog.domain.summary import DayWord, build, compared, differences, material

SETTINGS = configuration.load()


def whole(facts: Facts) -> Facts:
    """The day with every window read."""
    days = [{**row, "complete": 96, "errors": facts.errors} if row["day_start"] == DAY else row for row in facts.days]
    return replace(
        facts, days=days, run={**facts.run, "status": "complete"}, windows=[{**row, "status": "complete"} for row in facts.windows]
    )


ACTIONABLE = [
    ("grave", {"severity": "high", "run_count": 1, "flags": []}, True),
    ("mild and small", {"severity": "medium", "run_count": 49, "flags": [], "root_cause": {}}, False),
    ("mild and large", {"severity": "low", "run_count": 50, "flags": [], "root_cause": {}}, True),
    ("a spike", {"severity": "low", "run_count": 1, "flags": ["spike"], "root_cause": {}}, True),
    ("in several namespaces", {"severity": "low", "run_count": 1, "flags": ["cross_namespace"], "root_cause": {}}, True),
    ("a burst alone", {"severity": "low", "run_count": 1, "flags": ["burst"], "root_cause": {}}, False),
    ("with a sure cause", {"severity": "low", "run_count": 1, "flags": [], "root_cause": {"confidence": "high", "app": "x"}}, True),
    ("with a likely cause", {"severity": "low", "run_count": 1, "flags": [], "root_cause": {"confidence": "medium", "app": "x"}}, False),
    ("unknown, grave and small", {"problem_key": "UNKNOWN:a:b", "severity": "critical", "run_count": 49, "flags": []}, False),
    ("unknown and large", {"problem_key": "UNKNOWN:a:b", "severity": "low", "run_count": 50, "flags": [], "root_cause": {}}, True),
    ("a namespace that fell silent", {"problem_key": "UNKNOWN:a:silence", "severity": "high", "run_count": 0, "flags": ["silence"]}, True),
]


@pytest.mark.parametrize(("row", "wanted"), [case[1:] for case in ACTIONABLE], ids=[case[0] for case in ACTIONABLE])
def test_a_problem_is_actionable_when_somebody_should_look(row: dict[str, Any], wanted: bool) -> None:
    (problem,) = problems_of([told(**row)])
    assert problem.actionable is wanted


def test_the_order_adds_score_volume_reach_cause_and_flags_up_to_a_cap() -> None:
    plain = {"score": 50.0, "run_count": 99, "apps": {"a": 1}, "flags": [], "root_cause": {}}
    assert problems_of([told(**plain)])[0].order == pytest.approx(62.0)
    rich = {
        **plain,
        "apps": {"a": 1, "b": 1, "c": 1},
        "flags": ["new", "spike", "burst", "cross_namespace"],
        "root_cause": {"confidence": "high"},
    }
    assert problems_of([told(**rich)])[0].order == pytest.approx(62 + 4 + 10 + 8 + 5 + 3 + 5)
    assert problems_of([told(**{**rich, "score": 100.0, "run_count": 10**9, "apps": {str(i): 1 for i in range(9)}})])[0].order == CAP


def test_problems_come_in_order_and_what_is_not_actionable_last() -> None:
    small = told(problem_key="UNKNOWN:z:z", score=90, severity="critical", run_count=5, flags=[])
    grave, mild = told(problem_key="A:a:a", score=80), told(problem_key="B:b:b", score=45)
    assert [one.key for one in problems_of([mild, small, grave])] == ["A:a:a", "B:b:b", "UNKNOWN:z:z"]
    assert problems_of([mild, small, grave]) == problems_of([grave, mild, small])


def test_a_terrible_day_is_five_problems_and_the_rest_is_counted() -> None:
    _, body = build(DayWord(DAY, whole(terrible_day())), SETTINGS)
    assert sum(section["problem"] is not None for section in body["sections"]) == 5
    assert body["notes"] == ["55 more problems (7 critical, 18 high, 30 medium): see the problem report."]
    assert len(encode(body, 20_000)) < 8_000


def test_a_day_that_is_not_complete_says_so_before_anything_else() -> None:
    source = {"source": "elasticsearch", "status": "failed", "error": "shard 3 of 5 failed"}
    run = {"kind": "backfill", "status": "partial", "error": None, "sources": [source]}
    subject, body = build(DayWord(DAY, ordinary_day(), run), SETTINGS)
    assert subject == "[AI Log Analyzer] INCOMPLETE Sat 2026-01-31 is not complete"
    assert body["warnings"][0].startswith("Yesterday is not complete because elasticsearch: shard 3 of 5 failed.")
    assert body["warnings"][1].startswith("Read so far: ")
    assert dict(body["sections"][0]["facts"])["Errors"].endswith("not compared, the day is not complete")


REASONS = [
    (None, "no backfill has read it"),
    ({"kind": "backfill", "status": "running", "error": None}, "the backfill did not finish"),
    ({"kind": "backfill", "status": "failed", "error": "PIT lost"}, "PIT lost"),
]


@pytest.mark.parametrize(("run", "said"), REASONS, ids=[said for _, said in REASONS])
def test_the_reason_of_an_incomplete_day_is_named(run: dict[str, Any] | None, said: str) -> None:
    _, body = build(DayWord(DAY, ordinary_day(), run), SETTINGS)
    assert f"because {said}." in body["warnings"][0]


def test_growth_past_threefold_is_a_multiple() -> None:
    facts = whole(terrible_day())
    assert compared(DayWord(DAY, facts)).startswith("105 times the day before (4,862), 127 times Saturday a week before")
    days = [{**row, "errors": 0 if row["day_start"] != DAY else 10} for row in facts.days]
    assert compared(DayWord(DAY, replace(facts, days=days))) == "none on the day before (0), none on Saturday a week before (0)"


MATERIAL = [
    ("nothing", {}, []),
    ("a total that moved by its share", {"errors": 1050}, []),
    ("a total that moved by more", {"errors": 1051}, ["1,000 → 1,051 errors"]),
    ("an incident more", {"incidents": {"a": "high", "b": "low"}}, ["1 more incident"]),
    ("one taken back", {"incidents": {}}, ["1 incident taken back"]),
    ("one graded otherwise", {"incidents": {"a": "critical"}}, ["1 incident re-graded"]),
    ("no longer complete", {"complete": False, "reason": "x"}, ["the day is no longer complete"]),
]


@pytest.mark.parametrize(("changes", "said"), [case[1:] for case in MATERIAL], ids=[case[0] for case in MATERIAL])
def test_only_what_is_material_makes_a_day_worth_telling_again(changes: dict[str, Any], said: list[str]) -> None:
    before = {"complete": True, "errors": 1000, "incidents": {"a": "high"}, "reason": ""}
    assert differences(before, {**before, **changes}, 0.05) == said


def test_the_same_rows_give_the_same_summary() -> None:
    one, other = (build(DayWord(DAY, whole(ordinary_day()), late_events=3), SETTINGS) for _ in range(2))
    assert one == other
    assert json.dumps(material(DayWord(DAY, whole(quiet_day()))))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_make_a_card_that_fits(name: str) -> None:
    text = HOSTILE[name]
    rows = [
        told(
            problem_key=f"TIMEOUT:{text}:{number}", namespace=text, reason=text, apps={text: 1}, note=text, acknowledged_by=text,
            root_cause={"app": text, "message": text, "confidence": "high"}, known_issue_id="KI-1", known_issue={"title": text, "ticket": text},
        )
        for number in range(6)
    ]  # fmt: skip
    change = {"problem_key": text, "namespace": text, "words": text}
    word = DayWord(
        DAY, replace(whole(ordinary_day()), incidents=rows, incident_total=6), amendments=[change] * 9, links=[(text, "https://x.example")]
    )
    subject, body = build(word, SETTINGS, amended=[text])
    assert "\n" not in subject
    assert len(subject) <= 200
    assert len(encode(body, 20_000)) <= 20_000
