from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.incident_rows import OPENED, QUARTER, incident

from ailog import settings as configuration
from ailog.domain.notices import Notice, NoticeRules, Suppressed, decide

RULES = NoticeRules(min_score=40, cooldown=timedelta(minutes=45), heartbeat=timedelta(minutes=120), growth=0.30)


def told(minutes_ago: int, **changes: Any) -> dict[str, Any]:
    """An incident that was told as high with 100 events in its largest window, whose newest window is the one judged."""
    last = OPENED + timedelta(hours=10)
    values = {"last_window": last, "peak_count": 100, "notified_severity": "high", "notified_count": 100}
    return incident(**{**values, "notified_window": last - timedelta(minutes=minutes_ago), **changes})


CASES = [
    ("a first time is told", incident(), "opened"),
    ("below the namespace's score it is not", incident(score=39.75), None),
    ("at the score it is", incident(score=40.0), "opened"),
    ("no news within the cooldown", told(30), None),
    ("growth breaks the cooldown", told(15, peak_count=130), "grown"),
    ("less growth does not", told(15, peak_count=129), None),
    ("nor growth by a handful of events", told(60, notified_count=10, peak_count=29), None),
    ("growth from nothing is growth", told(45, notified_count=0, peak_count=20), "grown"),
    ("a further application breaks the cooldown", told(15, apps={"orders": 200, "mail": 51}, notified_apps=["orders"]), "spread"),
    ("one stray event of an application does not", told(15, apps={"orders": 200, "mail": 1}, notified_apps=["orders"]), None),
    ("nor a small share of the events", told(15, event_count=9000, apps={"orders": 8950, "mail": 50}, notified_apps=["orders"]), None),
    ("nor the same applications", told(15, notified_apps=["billing", "orders"]), None),
    ("a higher severity breaks the cooldown", told(15, severity="critical", score=90), "escalated"),
    ("a lower severity is no news", told(60, severity="medium"), None),
    ("a heartbeat after two hours", told(120), "heartbeat"),
    ("none before", told(105), None),
    ("none for an incident that is quiet", told(120, last_window=OPENED), None),
    ("an acknowledged one does not beat", told(300, status="acknowledged"), None),
    ("one acknowledged before it was told is not told", incident(status="acknowledged", acknowledged_count=251), None),
    ("an acknowledged one does not spread", told(300, status="acknowledged", notified_apps=["orders"]), None),
    ("nor is it told for growth that the person saw", told(300, status="acknowledged", peak_count=900, acknowledged_count=900), None),
    ("it is for growth past that", told(15, status="acknowledged", peak_count=1170, acknowledged_count=900), "grown"),
    ("and for a severity past that", incident(status="acknowledged", severity="critical", acknowledged_severity="high"), "escalated"),
    ("an acknowledged one escalates", told(15, status="acknowledged", severity="critical", score=90), "escalated"),
    ("the end of one that was told", told(15, status="resolved", resolved_by="quiet"), "resolved"),
    ("that it was taken back", told(15, status="resolved", resolved_by="amended"), "resolved"),
    ("not of what nobody was told of", incident(status="resolved", resolved_by="amended"), None),
    ("even with a low score by now", told(15, status="resolved", score=5.0), "resolved"),
    ("the end is told once", told(15, status="resolved", notified_severity="resolved"), None),
    ("no end of what was never told", incident(status="resolved"), None),
    ("it comes back after its end was told", told(15, notified_severity="resolved"), "opened"),
    ("an older window is no news", told(-15), None),
]


@pytest.mark.parametrize(("row", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_incident_is_told_only_when_it_is_news(row: dict[str, Any], kind: str | None) -> None:
    end = max(row["last_window"], OPENED + timedelta(hours=10) if row["notified_window"] else OPENED) + QUARTER
    decision = decide(row, end, RULES)
    assert (decision.kind if isinstance(decision, Notice) else None) == kind
    assert decision.reason


def test_a_notice_remembers_what_was_told_by_window_time() -> None:
    first = decide(incident(), OPENED + QUARTER, RULES)
    assert isinstance(first, Notice)
    assert first.memory == {
        "notified_window": OPENED,
        "notified_severity": "high",
        "notified_count": 251,
        "notified_apps": ["billing", "orders"],
    }
    assert isinstance(decide(incident(**first.memory), OPENED + QUARTER, RULES), Suppressed)


def test_an_episode_of_six_hours_is_told_at_its_beginning_its_growth_every_two_hours_and_its_end() -> None:
    memory: dict[str, Any] = {}
    kinds = []
    for i in range(24):
        counts = {"peak_count": 100 if i < 6 else 200, "last_window": OPENED + i * QUARTER}
        decision = decide(incident(**counts, **memory), OPENED + (i + 1) * QUARTER, RULES)
        if isinstance(decision, Notice):
            memory = dict(decision.memory)
            kinds.append((i, decision.kind))
    end = decide(incident(status="resolved", last_window=OPENED + 23 * QUARTER, **memory), OPENED + 28 * QUARTER, RULES)
    assert kinds == [(0, "opened"), (6, "grown"), (14, "heartbeat"), (22, "heartbeat")]
    assert isinstance(end, Notice)
    assert (end.kind, end.reason) == ("resolved", "resolved after 6 h, 251 events")


def test_an_incident_that_began_and_ended_within_a_catch_up_is_told_once_as_over() -> None:
    row = incident(status="resolved", last_window=OPENED + QUARTER)
    decision = decide(row, OPENED + 20 * QUARTER, RULES, run_start=OPENED)
    assert isinstance(decision, Notice)
    assert decision.kind == "opened"
    assert "over by now" in decision.reason
    again = decide({**row, **decision.memory}, OPENED + 21 * QUARTER, RULES, run_start=OPENED)
    assert isinstance(again, Suppressed)


def test_rules_come_from_the_namespace() -> None:
    loaded = configuration.load()
    assert NoticeRules.of(loaded, "pcb-dev-01-app").min_score == 60
    assert NoticeRules.of(loaded, "never-heard-of").min_score == 40


ENDS = [
    ({"resolved_by": "quiet"}, "resolved after 1 h 15 min, 1,240 events"),
    ({"resolved_by": "anna"}, "resolved by anna after 1 h 15 min, 1,240 events"),
    ({"resolved_by": "amended"}, "amended: read again, its windows hold no incident any more (it was told with 1 h 15 min, 1,240 events)"),
]


@pytest.mark.parametrize(("by", "said"), ENDS, ids=[str(by["resolved_by"]) for by, _ in ENDS])
def test_an_end_says_how_long_how_much_and_by_whom(by: dict[str, Any], said: str) -> None:
    row = told(15, status="resolved", opened_window=OPENED, last_window=OPENED + 4 * QUARTER, event_count=1240, **by)
    decision = decide(row, OPENED + 12 * QUARTER, RULES)
    assert isinstance(decision, Notice)
    assert decision.reason == said


STAGES = [
    ("score", incident(score=1)),
    ("cool-down", told(30)),
    ("no news", told(60)),
    ("acknowledged", told(60, status="acknowledged")),
    ("older window", told(-15)),
    ("untold", incident(status="resolved")),
    ("ended", told(15, status="resolved", notified_severity="resolved")),
]


@pytest.mark.parametrize(("stage", "row"), STAGES, ids=[stage for stage, _ in STAGES])
def test_what_is_not_told_names_the_stage_that_kept_it_back(stage: str, row: dict[str, Any]) -> None:
    end = max(row["last_window"], OPENED + timedelta(hours=10) if row["notified_window"] else OPENED) + QUARTER
    decision = decide(row, end, RULES)
    assert isinstance(decision, Suppressed)
    assert decision.stage == stage


def test_a_further_namespace_is_told_at_once_and_says_where_the_problem_was_told_before() -> None:
    decision = decide(incident(), OPENED + QUARTER, RULES, elsewhere=["pcb-uat-01-app"])
    assert isinstance(decision, Notice)
    assert decision.reason == "opened; the same problem was told of pcb-uat-01-app"
