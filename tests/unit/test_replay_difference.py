"""The difference of two judgements: each incident is gained, lost, graded otherwise or the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.support.judging import TUESDAY, settings

from ailog.pipeline.replay_difference import Messages, Outcome, by_severity, difference
from ailog.pipeline.replay_settings import changes, judged, notes, tried
from ailog.settings import Settings

HOUR = timedelta(hours=1)


def incident(opened: datetime = TUESDAY, last: datetime | None = None, **more: Any) -> dict[str, Any]:
    return {
        "incident_id": "1", "namespace": "a", "problem_key": "P", "opened_window": opened, "last_window": last or opened, "windows": 1,
        "event_count": 9, "peak_count": 9, "severity": "high", "score": 61.0, "flags": ["spike"], "reason": "r", **more,
    }  # fmt: skip


def outcome(*incidents: dict[str, Any], messages: int = 0, **by_namespace: int) -> Outcome:
    return Outcome(list(incidents), Messages(messages, by_namespace, {"opened": messages} if messages else {}))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], (0, 0, 0)),
        ([incident()], [incident()], (0, 0, 0)),
        ([incident()], [], (0, 1, 0)),
        ([], [incident()], (1, 0, 0)),
        ([incident()], [incident(score=62.0)], (0, 0, 1)),
        ([incident()], [incident(flags=["spike", "new"])], (0, 0, 1)),
        ([incident()], [incident(reason="told otherwise", windows=3)], (0, 0, 0)),
        ([incident()], [incident(namespace="b")], (1, 1, 0)),
        ([incident()], [incident(problem_key="Q")], (1, 1, 0)),
        ([incident()], [incident(TUESDAY + HOUR)], (0, 0, 0)),
        ([incident()], [incident(TUESDAY + HOUR + timedelta(minutes=15))], (1, 1, 0)),
        ([incident(TUESDAY, TUESDAY + 5 * HOUR)], [incident(), incident(TUESDAY + 3 * HOUR)], (1, 0, 0)),
    ],
    ids=["none", "same", "lost", "gained", "score", "flags", "words", "namespace", "problem", "later", "much later", "in two parts"],
)
def test_each_incident_is_matched_once(before: list[Any], after: list[Any], expected: tuple[int, int, int]) -> None:
    found = difference(outcome(*before), outcome(*after), HOUR)
    assert tuple(len(found[name]) for name in ("gained", "lost", "regraded")) == expected
    assert tuple(found["total"][name] for name in ("gained", "lost", "regraded")) == expected
    for name in ("gained", "lost", "regraded", "incidents_before", "incidents_after"):
        assert sum(row[name] for row in found["namespaces"]) == found["total"][name]


def test_what_was_joined_or_split_is_told_apart_from_what_is_gone() -> None:
    long = incident(TUESDAY, TUESDAY + 5 * HOUR, incident_id="long")
    parts = incident(incident_id="one"), incident(TUESDAY + 3 * HOUR, incident_id="two")
    joined = difference(outcome(*parts, incident(problem_key="Q")), outcome(long), HOUR)
    assert [row["part_of"] for row in joined["lost"]] == [None, "long"]
    assert (joined["total"]["lost"], joined["total"]["joined"], joined["total"]["split"]) == (2, 1, 0)
    split = difference(outcome(long), outcome(*parts), HOUR)
    assert ([row["part_of"] for row in split["gained"]], split["total"]["split"]) == (["long"], 1)


def test_a_grade_is_told_before_and_after() -> None:
    found = difference(outcome(incident()), outcome(incident(severity="critical", score=80.0)), HOUR)
    [row] = found["regraded"]
    assert (row["severity_before"], row["severity_after"], row["score_before"], row["score_after"]) == ("high", "critical", 61.0, 80.0)


def test_messages_are_told_in_all_and_by_namespace_even_without_incidents() -> None:
    found = difference(outcome(messages=5, a=3, b=4), outcome(messages=2, a=2), HOUR)
    assert (found["total"]["messages_before"], found["total"]["messages_after"]) == (5, 2)
    assert [(row["namespace"], row["messages_before"], row["messages_after"]) for row in found["namespaces"]] == [("a", 3, 2), ("b", 4, 0)]


def test_severities_are_counted_from_the_gravest() -> None:
    assert list(by_severity([incident(severity=one) for one in ("low", "critical", "low")]).items()) == [("critical", 1), ("low", 2)]


def _with(**sections: Any) -> Settings:
    return settings(**sections)


def test_changes_are_named_by_their_dotted_names() -> None:
    found = changes(_with(), _with(detectors={"new": {"min_count": 9}}, notify={"channels": []}))
    assert found == {"detectors.new.min_count": [3, 9], "notify.channels": [["file"], []]}
    assert changes(_with(), _with()) == {}


def test_what_cannot_be_tried_out_stays_in_force_and_is_said() -> None:
    asked = _with(timezone="UTC", detectors={"burst": {"seconds": 30, "min_ratio": 2}}, limits={"max_events": 7}, scoring={"new": 1})
    used = tried(_with(), asked)
    assert (used.timezone, used.detectors.burst.seconds, used.limits.max_events) == ("Europe/Prague", 10, 2_000_000)
    assert (used.detectors.burst.min_ratio, used.scoring.new) == (2, 1)
    said = notes(changes(_with(), asked), lower_burst=False)
    assert [line.split(":")[0] for line in said] == ["detectors.burst.seconds", "timezone", "no part of judging stored facts"]
    assert "limits.max_events" in said[-1]


def test_every_setting_of_the_detectors_is_tried_out_or_said_to_stay() -> None:
    names = [name for name in _names() if name.startswith("detectors.")]
    left = {name for name in names if not judged(name)}
    assert left == {"detectors.burst.seconds", "detectors.problems.top", "detectors.problems.min_windows", "detectors.problems.days"}


def _names() -> list[str]:
    def walk(value: Any, name: str) -> list[str]:
        if not isinstance(value, dict):
            return [name]
        return [one for key, item in value.items() for one in walk(item, f"{name}.{key}" if name else key)]

    return walk(_with().model_dump(mode="json"), "")
