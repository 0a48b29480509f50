from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from tests.support.judging import TUESDAY

from ailog.domain.incidents import INCIDENT_COLUMNS, episodes, incident_id

NAME, KEY = "pcb-sit-01-app", "TIMEOUT:orders:timeout"
QUARTER = timedelta(minutes=15)
LATER = TUESDAY + timedelta(days=1)
FLAGS = ("spike", "burst", "new", "regression", "cascade", "cross_namespace", "silence", "escalating")


def at(step: int) -> datetime:
    return TUESDAY + step * QUARTER


def row(step: int, count: int = 100, *, score: float = 50.0, flags: tuple[str, ...] = ("spike",), **more: Any) -> dict[str, Any]:
    base = {
        "window_start": pd.Timestamp(at(step)),
        "namespace": NAME,
        "problem_key": KEY,
        "original_value": count,
        "severity": "medium",
        "score": score,
        "reason": f"reason {step}",
        "apps": {"orders": count},
        "fingerprints": [f"f{step % 2}"],
        "first_event": pd.Timestamp(at(step) + timedelta(seconds=3)),
        "last_event": pd.Timestamp(at(step) + timedelta(minutes=14)),
        "sample": f"sample {step}",
        "root_cause": {"status": "unknown", "confidence": "none"},
    }
    return base | {f"is_{flag}": flag in flags for flag in FLAGS} | more


def made(
    steps: list[Any], existing: pd.DataFrame | None = None, *, until: datetime = LATER, quiet: int = 60
) -> tuple[pd.DataFrame, pd.Series]:
    rows = pd.DataFrame([step if isinstance(step, dict) else row(step) for step in steps])
    before = pd.DataFrame(columns=list(INCIDENT_COLUMNS)) if existing is None else existing
    return episodes(before, rows, quiet_minutes=quiet, analysed_until=until)


def touched(table: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """The incidents after a person or a message changed them."""
    return pd.DataFrame([{**record, **changes} for record in table.astype(object).to_dict("records")])


@pytest.mark.parametrize(
    ("what", "steps", "opened"),
    [
        ("one window", [0], [0]),
        ("adjacent windows", [0, 1, 2], [0]),
        ("a gap of the quiet time", [0, 4], [0]),
        ("a gap beyond the quiet time", [0, 5], [0, 5]),
        ("two episodes", [0, 1, 20, 22], [0, 20]),
        ("in any order", [22, 1, 20, 0], [0, 20]),
    ],
)
def test_windows_within_the_quiet_time_are_one_incident(what: str, steps: list[int], opened: list[int]) -> None:
    table, assigned = made(steps)
    assert table["opened_window"].tolist() == [pd.Timestamp(at(step)) for step in opened], what
    assert set(assigned) == set(table["incident_id"])
    assert table["windows"].sum() == len(steps)


def test_problems_and_namespaces_have_incidents_of_their_own() -> None:
    table, _ = made([row(0), row(0, namespace="pca-sit-01-app"), row(1, problem_key="BUSINESS:orders:validation")])
    assert len(table) == 3
    assert table["incident_id"].is_unique


def test_figures_are_made_from_the_windows() -> None:
    rows = [
        row(0, 100, score=50, apps={"orders": 60, "billing": 40}),
        row(1, 300, score=70, severity="high", flags=("spike", "burst"), root_cause={"status": "found", "confidence": "low"}),
        row(2, 50, score=30, flags=("new",), root_cause={"status": "found", "confidence": "high"}),
    ]
    table, _ = made(rows)
    incident = table.iloc[0]
    assert tuple(table.columns) == INCIDENT_COLUMNS
    assert (incident["windows"], incident["event_count"], incident["peak_count"]) == (3, 450, 300)
    assert (incident["score"], incident["severity"], incident["reason"], incident["sample"]) == (70, "high", "reason 1", "sample 1")
    assert incident["flags"] == ["spike", "burst", "new"]
    assert incident["apps"] == {"orders": 410, "billing": 40}
    assert incident["fingerprints"] == ["f0", "f1"]
    assert incident["root_cause"]["confidence"] == "high"
    assert incident["first_event"] == pd.Timestamp(at(0) + timedelta(seconds=3))
    assert incident["last_event"] == pd.Timestamp(at(2) + timedelta(minutes=14))
    assert (incident["environment"], incident["verdict"]) == ("sit", "provisional")


def test_an_incident_is_open_until_the_quiet_time_has_passed() -> None:
    over = at(1) + QUARTER + timedelta(minutes=60)
    table, _ = made([0, 1], until=over - QUARTER)
    assert table["status"].tolist() == ["open"]
    assert table["resolved_at"].isna().all()
    table, _ = made([0, 1], until=over)
    assert (table["status"].iloc[0], table["resolved_by"].iloc[0], table["resolved_at"].iloc[0]) == (
        "resolved",
        "quiet",
        pd.Timestamp(over),
    )


def test_an_incident_that_ended_by_quiet_opens_again_when_late_windows_join_it() -> None:
    before, _ = made([0], until=at(20))
    assert before["status"].tolist() == ["resolved"]
    after, _ = made([0, 3, 6, 9], before, until=at(10))
    assert after["status"].tolist() == ["open"]
    assert after["incident_id"].tolist() == before["incident_id"].tolist()


def test_what_people_and_messages_did_stays() -> None:
    before, _ = made([0, 1], until=at(2))
    known = touched(
        before,
        status="acknowledged",
        known_issue_id="KI-7",
        verdict="final",
        notified_window=pd.Timestamp(at(0)),
        notified_severity="medium",
        notified_count=100,
    )
    after, _ = made([0, 1, 2], known, until=at(3))
    incident = after.iloc[0]
    assert (incident["status"], incident["known_issue_id"], incident["verdict"]) == ("acknowledged", "KI-7", "final")
    assert (incident["notified_window"], incident["notified_severity"], incident["notified_count"]) == (pd.Timestamp(at(0)), "medium", 100)
    assert (incident["windows"], incident["event_count"]) == (3, 300)


def test_what_a_person_resolved_takes_no_later_window() -> None:
    before, _ = made([0, 1], until=at(2))
    resolved = touched(before, status="resolved", resolved_by="anna", resolved_at=pd.Timestamp(at(2) + timedelta(minutes=7)))
    after, assigned = made([0, 1, 2, 3], resolved, until=at(4))
    assert after["status"].tolist() == ["resolved", "open"]
    assert after["resolved_by"].tolist() == ["anna", None]
    assert after["windows"].tolist() == [2, 2]
    assert after["incident_id"].iloc[0] == before["incident_id"].iloc[0]
    assert assigned.tolist() == [after["incident_id"].iloc[0]] * 2 + [after["incident_id"].iloc[1]] * 2
    again, _ = made([0, 1, 2, 3], after, until=at(4))
    pd.testing.assert_frame_equal(again, after)


def test_a_late_window_from_before_the_resolution_belongs_to_the_resolved_incident() -> None:
    before, _ = made([0], until=at(2))
    resolved = touched(before, status="resolved", resolved_by="anna", resolved_at=pd.Timestamp(at(3)))
    after, _ = made([0, 2], resolved, until=at(4))
    assert after["windows"].tolist() == [2]
    assert after["status"].tolist() == ["resolved"]


def test_an_earlier_window_keeps_the_identity() -> None:
    before, _ = made([4], until=at(5))
    after, _ = made([2, 4], before, until=at(5))
    assert after["incident_id"].tolist() == before["incident_id"].tolist() == [incident_id(KEY, NAME, at(4))]
    assert after["opened_window"].iloc[0] == pd.Timestamp(at(2))


def test_incidents_that_late_windows_join_keep_the_earliest_identity() -> None:
    before, _ = made([0, 8])
    after, assigned = made([0, 4, 8], before)
    assert after["incident_id"].tolist() == before["incident_id"].tolist()[:1]
    assert set(assigned) == {before["incident_id"].iloc[0]}


def test_an_incident_that_loses_its_middle_becomes_two_with_identities_of_their_own() -> None:
    before, _ = made([0, 4, 8])
    after, _ = made([0, 8], before)
    assert after["incident_id"].tolist() == [incident_id(KEY, NAME, at(0)), incident_id(KEY, NAME, at(8))]
    # Extended to the front, then split: the name of its first opening is in use and must not be given twice.
    extended, _ = made([2, 4], made([4])[0])
    split, _ = made([0, 5], touched(extended, opened_window=pd.Timestamp(at(0)), last_window=pd.Timestamp(at(5))))
    assert split["incident_id"].is_unique


def test_an_incident_without_a_window_left_is_absent() -> None:
    before, _ = made([0])
    after, assigned = made([], before)
    assert after.empty
    assert assigned.empty
    assert tuple(after.columns) == INCIDENT_COLUMNS


def test_a_sampled_window_marks_the_incident_as_estimated() -> None:
    assert made([row(0, estimated=False), row(1, estimated=True)])[0]["estimated"].tolist() == [True]
    assert made([0, 1])[0]["estimated"].tolist() == [False]


steps = st.lists(st.integers(0, 60), min_size=1, max_size=25, unique=True)


@budget(max_examples=40, deadline=None)
@given(steps=steps, cut=st.integers(0, 60))
def test_in_one_run_or_in_two_and_again_gives_the_same_incidents(steps: list[int], cut: int) -> None:
    at_once, names = made(steps, until=at(61))
    first = [step for step in steps if step <= cut]
    early = made(sorted(first), until=at(cut + 1))[0] if first else None
    later, later_names = made(steps, early, until=at(61))
    pd.testing.assert_frame_equal(later, at_once)
    pd.testing.assert_series_equal(later_names, names)
    again, again_names = made(steps, later, until=at(61))
    pd.testing.assert_frame_equal(again, later)
    pd.testing.assert_series_equal(again_names, later_names)
    assert at_once["event_count"].sum() == 100 * len(steps)
