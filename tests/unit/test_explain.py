"""What the words of an explanation promise: every figure, every stage, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.support.pipeline import moment

from ailog.domain.explain import KEPT_BACK, STAGES, lines, state

START = moment("2026-03-10 08:15")
NOW = moment("2026-03-10 12:00")
ZONE = ZoneInfo("Europe/Prague")
NAME = "pcb-sit-01-app"
RUN, INCIDENT, MESSAGE, SNAPSHOT = (f"{n}b4e28ba-2fa1-51d2-883f-0016d3cca427" for n in range(1, 5))


def verdict(stage: str = "fired", **changes: Any) -> dict[str, Any]:
    evidence = {
        "limit": 61.0, "rule": "P93", "limit_samples": 384, "limit_passed": True, "baseline": 28.0, "ratio": 9.64, "score": 41.3, "single": 41.3,
        "summed": 20.1, "level": 26.4, "sum_count": 330.0, "sum_mean": 110.0, "dispersion": 0.12, "alarm_limit": 10.2, "habit": False,
        "level_accepted": False, "complete": True, "estimated": False,
    }  # fmt: skip
    row = {
        "detector": "spike", "subject": "namespace", "problem_key": None, "fingerprint": None, "value": 270.0, "baseline": 28.0,
        "threshold": 61.0, "fired": stage == "fired", "stage": stage, "reason": "270 errors in 15 min; usual at this time 28",
        "snapshot_id": SNAPSHOT, "run_id": RUN,
    }  # fmt: skip
    return row | {"evidence": evidence | changes.pop("evidence", {})} | changes


def incident(**changes: Any) -> dict[str, Any]:
    points = {"ratio": 9.75, "spike": 25.0, "volume": 24.25, "limit": 5.0}
    row = {
        "incident_id": INCIDENT, "problem_key": "TIMEOUT:orders:read_timeout", "status": "open", "severity": "high", "score": 64.0,
        "contributions": points, "flags": ["spike"], "reason": "as above", "verdict": "provisional", "opened_window": START,
        "last_window": START, "windows": 1, "event_count": 251, "resolved_at": None, "resolved_by": None, "acknowledged_by": None,
        "useful": None, "judged_by": None, "note": None, "known_issue_id": None, "window_count": 251, "window_severity": "high",
        "window_score": 64.0, "window_contributions": points, "window_reason": "as above", "is_continuation": False,
    }  # fmt: skip
    return row | changes


def notice(stage: str = "opened", *, told: bool = True, **changes: Any) -> dict[str, Any]:
    row = {
        "problem_key": "TIMEOUT:orders:read_timeout", "incident_id": INCIDENT, "channel": "teams", "told": told, "stage": stage,
        "reason": "opened", "silence_id": None, "message_id": MESSAGE if told else None, "message_status": "sent" if told else None,
        "message_finished_at": START + timedelta(minutes=16) if told else None, "message_error": None, "run_id": RUN, "run_kind": "regular",
        "silence_owner": None, "silence_reason": None, "silence_expires_at": None, "silence_removed_at": None,
    }  # fmt: skip
    return row | changes


def found(**changes: Any) -> dict[str, Any]:
    row = {
        "namespace": NAME, "window_start": START, "window_end": START + timedelta(minutes=15), "status": "complete", "run_id": RUN,
        "count": 270, "document_count": 12_300, "complete": True, "estimated": False, "run_kind": "regular", "run_verdict": "provisional",
        "sampled": False, "read_at": START + timedelta(minutes=16), "dead_sources": {}, "first_window": moment("2026-02-01 00:00"),
        "last_window": moment("2026-03-10 11:30"), "verdicts_dropped": False, "attempts": [], "namespaces": [], "detections": [verdict()],
        "snapshots": [{
            "snapshot_id": SNAPSHOT, "trained_from": moment("2026-02-08 00:00"), "trained_to": moment("2026-03-08 03:00"),
            "percentile_level": 0.93, "budget": 1.0, "spend": "worth", "alarm_limit": 10.2, "expected_false": 0.2,
        }],
        "calendar": [], "incidents": [incident()], "notices": [notice()], "channels": ["teams"],
    } | changes  # fmt: skip
    row["state"], row["state_reason"] = state(row, NOW, 90)
    return row


def told(**changes: Any) -> str:
    return " ".join("\n".join(lines(found(**changes), ZONE)).split())


def test_a_spike_is_told_with_every_figure_that_decided() -> None:
    said = told()
    for part in (
        "pcb-sit-01-app, 2026-03-10 09:15-09:30 CET (2026-03-10 08:15-08:30 UTC)",
        "judged: read whole and judged",
        "in short: spike fired; told on teams",
        "read by regular run 1b4e28ba, verdict provisional, 2026-03-10 09:31 CET",
        "270 errors among 12,300 records",
        "spike FIRED the namespace",
        "figures 270 errors; usual at this time 28, 9.6 times that",
        "limit 61 (P93, 384 samples, trained to 2026-03-08 04:00 CET): passed",
        "margin score 41.3 (window alone 41.3, four together 20.1) against 10.2, for a budget of 1 a week: passed",
        "norm level 26.4 a window, over-dispersion 0.12; the last four windows together 330, usual 110",
        "batch none is usual at this time",
        "incident 2b4e28ba HIGH 64, open, TIMEOUT:orders:read_timeout",
        "this window 251 errors of it; high, 64: volume 24.25, spike 25, limit 5, ratio 9.75",
        "teams told as opened: opened; message 3b4e28ba sent 2026-03-10 09:31 CET",
    ):
        assert part in said, f"{part!r} in {said}"


@pytest.mark.parametrize("stage", sorted(set(STAGES) - {"fired"}))
def test_a_stage_that_stopped_a_verdict_is_named(stage: str) -> None:
    said = told(detections=[verdict(stage)], incidents=[], notices=[])
    assert f"spike no the namespace stopped by {STAGES[stage]}" in said
    assert f"in short: nothing fired, stopped by {STAGES[stage]}; no message was asked for" in said
    assert "no incident holds this window: nothing fired" in said


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"score": 8.14}, "against 10.2, for a budget of 1 a week: not passed"),
        ({"limit_passed": False}, "trained to 2026-03-08 04:00 CET): not passed"),
        ({"habit": True}, "batch one is usual at this time: only what exceeds it counts"),
        ({"level_accepted": True}, "after this window the new level was taken as usual"),
    ],
)
def test_figures_say_what_they_decided(evidence: dict[str, Any], said: str) -> None:
    assert said in told(detections=[verdict("budget", evidence=evidence)])


def test_a_verdict_without_a_norm_or_with_a_stage_of_another_version_is_told_by_what_it_has() -> None:
    bare = verdict("unheard_of", baseline=None, threshold=None, snapshot_id=None) | {"evidence": {"baseline": "no_history", "ratio": None}}
    said = told(detections=[bare], snapshots=[])
    assert "stopped by unheard_of: see the reason" in said
    assert "usual at this time unknown, no history of this time" in said
    assert "margin" not in said


def test_many_quiet_verdicts_are_gathered_unless_they_are_asked_for() -> None:
    quiet = [verdict("known", detector="new", subject=f"{n:016x}", fingerprint=f"{n:016x}", problem_key="A:b:c") for n in range(40)]
    seen = found(detections=[verdict(), *quiet])
    assert "new             and 37 more of stage known: --detector new lists them" in "\n".join(lines(seen, ZONE))
    assert "\n".join(lines(seen, ZONE, every=True)).count("(kind ") == 40


@pytest.mark.parametrize("stage", sorted(KEPT_BACK))
def test_what_kept_a_message_back_is_named_with_its_reason(stage: str) -> None:
    said = told(notices=[notice(stage, told=False, reason="silence 3 of anna until 2026-03-10 17:00 CET: load test")])
    assert f"teams kept back by {KEPT_BACK[stage]}: silence 3 of anna until 2026-03-10 17:00 CET: load test" in said
    assert f"in short: spike fired; kept back by {KEPT_BACK[stage]}" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"notices": [notice("digest cut")]}, "teams counted in a message that told graver ones in full"),
        (
            {"notices": [notice(message_status="failed", message_error="HTTP 400")]},
            "message 3b4e28ba failed 2026-03-10 09:31 CET (HTTP 400)",
        ),
        ({"notices": [notice(message_status=None, message_finished_at=None)]}, "message 3b4e28ba is past its time"),
        ({"notices": []}, "messages no decision about teams is on record"),
        ({"notices": [], "run_kind": "backfill"}, "a backfill tells no news of its own"),
        ({"notices": [], "channels": []}, "no channel is set for this namespace"),
        ({"incidents": []}, "incident 2b4e28ba (TIMEOUT:orders:read_timeout), not in this window; teams: told as opened"),
        ({"incidents": [], "notices": []}, "no incident holds this window now, though spike fired"),
        ({"incidents": [incident(useful=False, judged_by="anna")]}, "label not useful, said anna"),
        ({"incidents": [incident(status="resolved", resolved_at=START, resolved_by="quiet")]}, "ended 2026-03-10 09:15 CET, by quiet"),
        ({"incidents": [incident(window_score=30.0)]}, "worst high, 64: volume 24.25"),
        (
            {"calendar": [{"kind": "maintenance", "entry_id": "m-1", "owner": "ops", "reason": "release", "expires_at": START}]},
            "maintenance m-1 of ops, until 2026-03-10 09:15 CET: release",
        ),
    ],
)
def test_what_became_of_it_is_told(changes: dict[str, Any], said: str) -> None:
    assert said in told(**changes)


NOTHING: dict[str, Any] = {"detections": [], "incidents": [], "notices": [], "snapshots": []}
UNREAD: dict[str, Any] = NOTHING | {"status": None, "run_id": None, "count": None, "run_kind": None, "run_verdict": None}


def attempt(status: str, error: str | None = None) -> dict[str, Any]:
    return {"run_id": RUN, "kind": "regular", "status": status, "error": error, "started_at": START}


@pytest.mark.parametrize(
    ("changes", "word", "said"),
    [
        ({"window_end": NOW + timedelta(minutes=1)}, "not over", "is not over yet"),
        (
            UNREAD | {"last_window": moment("2026-03-10 08:00")},
            "not read",
            "not read yet: the newest window that was is 2026-03-10 08:00 UTC",
        ),
        (UNREAD | {"first_window": moment("2026-03-10 08:30")}, "not read", "the first window that was is 2026-03-10 08:30 UTC"),
        (UNREAD | {"first_window": None, "last_window": None}, "not read", "nothing ever was"),
        (UNREAD, "not read", "a gap between windows that were"),
        (UNREAD | {"attempts": [attempt("failed", "disk full")]}, "not read", "the newest run over it failed: disk full"),
        (UNREAD | {"attempts": [attempt("failed"), attempt("running")]}, "not read", "not judged yet: run 1b4e28ba is reading it"),
        ({"run_kind": "init"} | NOTHING, "baseline", "judged by nobody"),
        (NOTHING | {"verdicts_dropped": True}, "past its time", "kept for 90 days"),
        (NOTHING | {"count": None, "namespaces": ["pcb-sit-02-app", "mail"]}, "not counted", "did you mean pcb-sit-02-app?"),
        (NOTHING | {"count": None}, "not counted", "no namespace of this name in the window"),
        (NOTHING, "not judged", "no verdict of this namespace is on record"),
        ({"status": "partial", "dead_sources": {"prod": "HTTP 503"}}, "partial", "no answer from prod (HTTP 503)"),
        ({}, "judged", "read whole"),
    ],
)
def test_how_far_the_window_can_be_believed_is_said_first(changes: dict[str, Any], word: str, said: str) -> None:
    seen = found(**changes)
    assert seen["state"] == word
    assert said in seen["state_reason"]
    assert word in lines(seen, ZONE)[1]


def test_text_from_logs_cannot_break_the_lines() -> None:
    hostile = "\x1b[31mred\r\nFIRED\u202e"
    said = "\n".join(lines(found(detections=[verdict(reason=hostile)], incidents=[incident(problem_key=hostile)]), ZONE))
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert not any(line.startswith("FIRED") for line in said.splitlines())
    assert all(len(line) <= 130 for line in said.splitlines())


def test_times_of_a_zone_without_an_offset_are_said_once() -> None:
    assert lines(found(), ZoneInfo("UTC"))[0] == "pcb-sit-01-app, 2026-03-10 08:15-08:30 UTC"


def test_now_is_the_end_of_a_window() -> None:
    assert state(found(window_end=NOW), NOW, 90)[0] == "judged"
    assert isinstance(NOW, datetime)
