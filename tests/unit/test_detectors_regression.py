"""When what was declared fixed is back, and when it is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from tests.support.judging import TUESDAY, WINDOW, frame, judged, kinds_frame, settings

from ailog.domain.detectors.regression import regression
from ailog.domain.fixes import Fix

SIT, UAT = "pcb-sit-01-app", "pcb-uat-01-app"
KEY = "DATABASE:ledger:pool"
A, B = "a" * 16, "b" * 16
DAY = timedelta(days=1)


def fix(**changes: Any) -> Fix:
    given: dict[str, Any] = {
        "kind": "issue", "subject": "KI-1", "name": "KI-1 (Pool)", "fixed_at": TUESDAY - DAY, "fixed_by": "ann", "families": frozenset({A}),
    }  # fmt: skip
    return Fix(**given | changes)


def kind(window: datetime = TUESDAY, versions: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    given = {
        "window_start": window,
        "namespace": SIT,
        "fingerprint": A,
        "problem_key": KEY,
        "count": 10,
        "app": "ledger",
        "versions": versions,
    }
    return given | changes


def verdicts(fixes: list[Fix], kinds: list[dict[str, Any]], seen: list[tuple[str, str, datetime]] | None = None) -> pd.DataFrame:
    windows = sorted({row["window_start"] for row in kinds})
    found = frame("name namespace window_start", [(n, s, pd.Timestamp(w)) for n, s, w in seen or []])
    return regression(judged(windows, kinds=kinds_frame(kinds), fixes=tuple(fixes), sightings=found))


def stages(*given: Any, **more: Any) -> list[str]:
    return verdicts(*given, **more)["stage"].tolist()


@pytest.mark.parametrize(
    ("fixed_in", "running", "stage"),
    [
        ("2.3.1", ("2.3.1",), "fired"),
        ("2.3.1", ("2.3.0",), "old_version"),
        ("2.3.1", ("2.4.0",), "fired"),
        ("2.3.1", ("2.10.0",), "fired"),
        ("2.10.0", ("2.9.9",), "old_version"),
        ("2.3.1", ("2.3.0", "2.3.1"), "fired"),
        ("2.3.1", ("2.2.9", "2.3.0"), "old_version"),
        ("2.3.1", ("2.3.1-rc.1",), "old_version"),
        ("2.3.1-rc.2", ("2.3.1-rc.10",), "fired"),
        ("2.3.1-rc.2", ("2.3.1",), "fired"),
        ("2.3.1", ("2.3.1+build.7",), "fired"),
        ("v2.3.1", ("2.3.1",), "fired"),
        ("2.3.1", ("3.0.0-alpha",), "fired"),
        ("2.3.1", (), "fired"),
        ("release of March", ("2.3.0",), "fired"),
        (None, ("2.3.0",), "fired"),
        (None, (), "fired"),
    ],
)
def test_versions_decide_where_both_are_known_and_time_where_not(fixed_in: str | None, running: tuple[str, ...], stage: str) -> None:
    assert stages([fix(fixed_in=fixed_in)], [kind(versions=running)]) == [stage]


def test_an_old_version_that_still_runs_says_so_and_does_not_fire() -> None:
    (reason,) = verdicts([fix(fixed_in="2.3.1")], [kind(versions=("2.3.0",))])["reason"]
    assert "seen in 2.3.0, fixed in 2.3.1: the old version is still running" in reason


def test_of_several_versions_those_with_the_fix_are_told_and_counted() -> None:
    rows = [kind(versions=("2.3.0",), count=30), kind(versions=("2.3.2", "2.3.1"), count=5, app="other")]
    found = verdicts([fix(fixed_in="2.3.1")], rows).iloc[0]
    assert (found["fired"], found["value"]) == (True, 5)
    assert "seen again in 2.3.1, 2.3.2 (and in 2.3.0, which does not have the fix)" in found["reason"]
    assert found["evidence"]["judged_by"] == "version"


def test_a_rollback_brings_the_old_version_and_no_regression_the_next_release_does() -> None:
    later = [TUESDAY + i * WINDOW for i in range(3)]
    rows = [kind(later[0], ("2.3.1",)), kind(later[1], ("2.3.0",)), kind(later[2], ("2.4.0",))]
    assert stages([fix(fixed_in="2.3.1")], rows) == ["fired", "old_version", "fired"]


def test_the_newest_fix_counts() -> None:
    first, second = fix(fixed_in="2.3.1", fixed_at=TUESDAY - 9 * DAY), fix(fixed_in="2.5.0")
    assert stages([first, second], [kind(versions=("2.4.0",))]) == ["old_version"]
    assert stages([second, first], [kind(versions=("2.4.0",))]) == ["old_version"]
    assert stages([first], [kind(versions=("2.4.0",))]) == ["fired"]


def test_a_version_says_more_than_time() -> None:
    by_time = fix(kind="incident", subject="i", name="incident 1", fixed_at=TUESDAY - timedelta(hours=9), namespaces=frozenset({SIT}))
    assert stages([fix(fixed_in="2.3.1"), by_time], [kind(versions=("2.3.0",))]) == ["old_version"]


@pytest.mark.parametrize("more", [{}, {"fixed_in": "2.3.1"}])
def test_events_from_before_the_fix_never_fire_whenever_they_come(more: dict[str, str]) -> None:
    row = kind(versions=("2.4.0",), last_event=TUESDAY + timedelta(minutes=3))
    late = fix(fixed_at=TUESDAY + timedelta(minutes=3, seconds=1), **more)
    assert stages([late], [row]) == ["before_fix"]
    assert stages([fix(fixed_at=TUESDAY + 3 * DAY, **more)], [row]) == ["before_fix"]


def test_an_event_at_the_very_moment_of_the_fix_is_not_before_it() -> None:
    moment = TUESDAY + timedelta(minutes=3)
    assert stages([fix(fixed_at=moment, fixed_in="2.3.1")], [kind(versions=("2.3.1",), last_event=moment)]) == ["fired"]


@pytest.mark.parametrize(
    ("fixed_before", "seen_before", "count", "stage"),
    [
        (timedelta(hours=4), None, 10, "fired"),
        (timedelta(hours=4) - timedelta(seconds=1), None, 10, "settling"),
        (DAY, timedelta(minutes=15), 10, "going_on"),
        (DAY, timedelta(hours=4), 10, "going_on"),
        (DAY, timedelta(hours=4, minutes=15), 10, "fired"),
        (DAY, None, 2, "floor"),
        (DAY, None, 3, "fired"),
    ],
)
def test_without_a_version_it_must_have_stayed_away(fixed_before: timedelta, seen_before: timedelta | None, count: int, stage: str) -> None:
    seen = [(A, SIT, TUESDAY - seen_before), (A, UAT, TUESDAY - WINDOW), (B, SIT, TUESDAY - WINDOW)] if seen_before else []
    found = verdicts([fix(fixed_at=TUESDAY - fixed_before)], [kind(count=count)], seen)
    assert found["stage"].tolist() == [stage]
    assert "version unknown: judged by quiet period of 4 h" in found["reason"][0]


def test_an_issue_that_was_reopened_is_open_from_then_on_and_fixed_before() -> None:
    again = fix(fixed_in="2.3.1", reopened_at=TUESDAY + WINDOW)
    assert stages([again], [kind(versions=("2.3.1",)), kind(TUESDAY + WINDOW, ("2.3.1",))]) == ["fired"]


def test_a_fix_of_an_incident_holds_in_its_namespace_alone() -> None:
    one = fix(kind="incident", namespaces=frozenset({SIT}))
    assert verdicts([one], [kind(), kind(namespace=UAT)])["namespace"].tolist() == [SIT]


def test_the_version_of_another_application_says_nothing_of_an_incident() -> None:
    one = fix(kind="incident", fixed_in="2.3.1", apps=frozenset({"ledger"}))
    assert stages([one], [kind(versions=("2.3.0",)), kind(versions=("9.0.0",), app="other")]) == ["old_version"]


def test_one_namespace_runs_the_old_version_the_other_the_new_one() -> None:
    found = verdicts([fix(fixed_in="2.3.1")], [kind(versions=("2.3.0",)), kind(namespace=UAT, versions=("2.3.1",))])
    assert dict(zip(found["namespace"], found["stage"], strict=True)) == {SIT: "old_version", UAT: "fired"}


@pytest.mark.parametrize(
    ("how", "confidence", "weight"),
    [
        ({}, "EXACT", 1.0),
        ({"families": frozenset(), "related": frozenset({A})}, "RELATED", 1.0),
        ({"families": frozenset(), "category": "database", "apps": frozenset({"ledger"})}, "HIGH", 0.6),
        ({"families": frozenset(), "pattern": "pool .* exhausted"}, "MEDIUM", 0.6),
        ({"families": frozenset(), "kind": "problem", "subject": KEY, "problem_key": KEY}, "EXACT", 1.0),
    ],
)
def test_every_way_of_matching_counts_as_it_is_sure(how: dict[str, Any], confidence: str, weight: float) -> None:
    evidence = verdicts([fix(**how)], [kind(sample="Pool of ledger is exhausted")])["evidence"][0]
    assert (evidence["confidence"], evidence["weight"]) == (confidence, weight)


@pytest.mark.parametrize(
    "other",
    [
        {"families": frozenset({B})},
        {"namespaces": frozenset({UAT})},
        {"families": frozenset(), "category": "network", "apps": frozenset({"ledger"})},
        {"families": frozenset(), "pattern": "heap"},
        {"families": frozenset()},
    ],
)
def test_what_is_not_of_the_fix_has_no_verdict(other: dict[str, Any]) -> None:
    assert verdicts([fix(**other)], [kind()]).empty


def test_families_are_read_and_not_fingerprints() -> None:
    kinds = kinds_frame([kind(fingerprint=B)]).assign(family=A)
    assert regression(judged([TUESDAY], kinds=kinds, fixes=(fix(),)))["fired"].tolist() == [True]


def test_a_window_is_judged_alike_alone_and_with_others() -> None:
    windows = [TUESDAY + i * WINDOW for i in range(4)]
    rows = [kind(window, ("2.3.1",) if place % 2 else ()) for place, window in enumerate(windows)]
    fixes = [fix(fixed_in="2.3.1")]
    seen = [(A, SIT, window) for window in windows]
    whole = verdicts(fixes, rows, seen)
    alone = pd.concat([verdicts(fixes, [row], seen) for row in rows], ignore_index=True)
    pd.testing.assert_frame_equal(whole, alone)
    assert whole["stage"].tolist() == ["fired", "fired", "going_on", "fired"]


def test_hostile_names_and_versions_are_told_on_one_short_line() -> None:
    nasty = fix(name="KI-1", fixed_by="ann\n\x1b[31m" * 40, fixed_in="<script>\n" * 200)
    (reason,) = verdicts([nasty], [kind(versions=("2.3.0",))])["reason"]
    assert "\n" not in reason
    assert "\x1b" not in reason


def test_settings_change_the_quiet_period() -> None:
    changed = settings(detectors={"regression": {"quiet_hours": 48, "min_count": 1}})
    found = regression(judged([TUESDAY], kinds=kinds_frame([kind(count=1)]), fixes=(fix(),), changed=changed))
    assert found["stage"].tolist() == ["settling"]
