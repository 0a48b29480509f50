from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.incident_rows import HOSTILE, OPENED, QUARTER, incident, run

from ailog import settings as configuration
from ailog.domain.digest import build_alarm, build_digests, run_warnings
from ailog.domain.message import Message
from ailog.domain.notices import Notice, NoticeRules, Suppressed, decide
from ailog.settings import Settings


@pytest.fixture(scope="module")
def settings() -> Settings:
    return configuration.load()


def digests(settings: Settings, *rows: dict[str, Any], of: dict[str, Any] | None = None) -> list[Message]:
    told = of or run()
    notices = {str(row["incident_id"]): decide(row, told["window_to"], NoticeRules.of(settings, row["namespace"])) for row in rows}
    return [digest.message for digest in build_digests(told, list(rows), notices, settings)]


def facts(message: Message, section: int = 0) -> dict[str, str]:
    return dict(message.body["sections"][section]["facts"])


def test_a_problem_is_told_with_everything_that_a_person_needs(settings: Settings) -> None:
    (message,) = digests(settings, incident())
    assert message.channel == "file"
    assert message.subject == "[AI Log Analyzer] HIGH: 1 problem in pcb-sit-01-app, 2026-01-31 09:15-09:30 CET"
    told = facts(message)
    assert told["Why"] == "270 events in the namespace against a limit of 30 (P93 of Saturdays), usual 12.4"
    assert told["Count"] == "251 in the newest window, 251 since it opened"
    assert told["Compared"] == "namespace total 270 against limit 30, baseline 12.4", "a spike is judged on the whole namespace"
    assert told["Services"] == "orders 230, billing 21"
    assert told["Root cause"] == "payments: connection pool exhausted (confidence high; an error of payments came first in 9 of 10 traces)"
    assert told["Spread"] == "payments → orders"
    assert told["First / last"] == "2026-01-31 09:15:03 CET / 09:29:58 CET"
    assert told["Incident"] == str(incident()["incident_id"])[:8], "enough for the command line to find it"
    assert message.body["sections"][0]["sample"] == incident()["sample"]


def test_what_is_not_known_is_said_to_be_unknown(settings: Settings) -> None:
    bare = incident(
        root_cause={"status": "unknown", "confidence": "none", "note": "no trace id"}, baseline_mean=None, threshold=None, apps={}
    )
    told = facts(digests(settings, bare)[0])
    assert told["Root cause"] == "unknown: no trace id"
    assert told["Compared"] == "namespace total 270 against limit unknown, baseline unknown"
    assert told["Services"] == "unknown"
    assert "Spread" not in told


def test_without_order_in_a_trace_no_arrow_is_drawn(settings: Settings) -> None:
    told = facts(digests(settings, incident(root_cause={}))[0])
    assert told["Root cause"] == "unknown"
    assert told["Spread"] == "co-occurring: 2 services"


def test_every_problem_has_a_reason(settings: Settings) -> None:
    assert facts(digests(settings, incident(reason=""))[0])["Why"] == "no reason was recorded"


def test_three_problems_are_told_in_full_and_the_rest_is_counted(settings: Settings) -> None:
    rows = [incident(problem_key=f"TIMEOUT:flow{i}:x", score=60 + i, severity="high") for i in range(10)]
    rows.append(incident(problem_key="MEMORY:a:b", score=99, severity="critical"))
    (message,) = digests(settings, *rows)
    *full, others = message.body["sections"]
    assert [section["problem"]["problem_key"] for section in full] == ["MEMORY:a:b", "TIMEOUT:flow9:x", "TIMEOUT:flow8:x"]
    assert others["heading"] == "Also told (8)"
    assert others["facts"][0] == ["HIGH 67", "TIMEOUT:flow7:x: 251 in pcb-sit-01-app"]
    assert others["facts"][-1] == ["And", "3 more"]
    assert message.body["notes"] == ["8 more problems (8 high; 2,008 events): see the problem report."]
    assert message.subject.startswith("[AI Log Analyzer] CRITICAL: 11 problems")


def test_one_problem_in_three_namespaces_is_told_once(settings: Settings) -> None:
    rows = [
        incident(namespace=f"pcb-{stage}-01-app", original_value=value, score=70)
        for stage, value in (("sit", 100), ("uat", 50), ("dev", 5))
    ]
    (message,) = digests(settings, *rows)
    assert len(message.body["sections"]) == 1
    told = facts(message)
    assert told["Namespaces"] == "pcb-dev-01-app 5, pcb-sit-01-app 100, pcb-uat-01-app 50"
    assert told["Count"].startswith("155 in the newest window")
    assert "in 2 namespaces" in message.subject or "and 1 more" in message.subject


def test_suppressed_incidents_are_counted_and_alone_make_no_message(settings: Settings) -> None:
    quiet = incident(problem_key="A:b:c", score=1)
    assert digests(settings, quiet) == []
    assert digests(settings) == []
    (message,) = digests(settings, incident(), quiet)
    assert message.body["notes"] == ["1 open incident not told here: 1 below the limit."]


def test_resolved_incidents_are_told_in_one_section(settings: Settings) -> None:
    ended = [
        incident(
            problem_key=f"A:b:c{i}",
            status="resolved",
            notified_window=OPENED,
            notified_severity="high",
            notified_count=5,
            original_value=None,
        )
        for i in range(5)
    ]
    (message,) = digests(settings, *ended, of=run(window_from=OPENED + 4 * QUARTER, window_to=OPENED + 5 * QUARTER))
    (section,) = message.body["sections"]
    assert section["heading"] == "Resolved"
    assert section["facts"][0][1].startswith("resolved after 15 min, 251 events; was: 270 events")
    assert section["facts"][-1] == ["And", "2 more resolved"]
    assert "RESOLVED: 5 resolved" in message.subject


def test_a_partial_run_says_so_before_anything_else(settings: Settings) -> None:
    sources = [
        {"source": "elasticsearch", "status": "complete", "error": None},
        {"source": "archive", "status": "failed", "error": "shard 3 of 5 failed"},
    ]
    (message,) = digests(settings, incident(), of=run(status="partial", sources=sources))
    assert message.body["warnings"] == [
        "PARTIAL RUN: archive could not be read; its records are missing below, they are not zero.",
        "archive: shard 3 of 5 failed",
    ]
    assert message.subject.startswith("[AI Log Analyzer] PARTIAL RUN, HIGH")


def test_a_namespace_with_channels_of_its_own_is_told_there(settings: Settings) -> None:
    spaces = settings.namespaces.model_dump()
    spaces["namespaces"]["pcb-uat-01-app"]["alert"]["channels"] = ["teams", "email"]
    own = settings.model_copy(update={"namespaces": type(settings.namespaces).model_validate(spaces)})
    messages = digests(own, incident(), incident(namespace="pcb-uat-01-app"))
    assert {message.channel: message.body["sections"][0]["problem"]["namespaces"] for message in messages} == {
        "email": ["pcb-uat-01-app"],
        "file": ["pcb-sit-01-app"],
        "teams": ["pcb-uat-01-app"],
    }


def test_the_same_news_is_the_same_message_whatever_the_order(settings: Settings) -> None:
    one, two = incident(), incident(problem_key="A:b:c")
    assert digests(settings, one, two) == digests(settings, two, one)
    assert digests(settings, one)[0].message_id != digests(settings, one, of=run(run_id="other"))[0].message_id
    assert digests(settings, one)[0].message_id != digests(settings, incident(event_count=252))[0].message_id


def test_hostile_text_becomes_storable_json_without_control_characters(settings: Settings) -> None:
    for text in HOSTILE.values():
        row = incident(
            problem_key=text, namespace=text, reason=text, sample=text, apps={text: 3}, root_cause={"app": text, "message": text}
        )
        for message in digests(settings, row):
            stored = json.dumps(message.body, ensure_ascii=False)
            stored.encode("utf-8")
            assert "\x00" not in stored
            assert "\\u0000" not in json.dumps(message.body)
            assert "\u202e" not in stored
            assert "\n" not in message.subject
            assert len(message.subject) <= 200


def test_a_long_class_name_keeps_its_end(settings: Settings) -> None:
    (message,) = digests(settings, incident(problem_key=f"TIMEOUT:orders:{HOSTILE['class_name']}"))
    heading = message.body["sections"][0]["heading"]
    assert heading.startswith("HIGH 67.5 · TIMEOUT:orders:…")
    assert "ReadTimeoutException" in heading
    assert len(heading) < 200


def test_an_alarm_about_the_analysis_says_what_to_do(settings: Settings) -> None:
    words = {
        "title": "no complete run for 30 min",
        "reason": "the last one ended at 08:15 UTC",
        "remedy": "open the run",
        "facts": {"Run": "r1"},
    }
    (alarm,) = build_alarm(**words, settings=settings, subject_key="2026-01-31T08:45")  # type: ignore[arg-type]
    assert alarm.kind == "alarm"
    assert alarm.subject == "[AI Log Analyzer] ALARM: no complete run for 30 min"
    assert alarm.body["warnings"] == ["the last one ended at 08:15 UTC"]
    assert facts(alarm) == {"Remedy": "open the run", "Run": "r1"}
    (later,) = build_alarm(**words, settings=settings, subject_key="2026-01-31T09:15")  # type: ignore[arg-type]
    assert later.message_id != alarm.message_id


def test_a_suppressed_decision_keeps_a_reopened_incident_silent(settings: Settings) -> None:
    row = incident()
    assert build_digests(run(), [row], {str(row["incident_id"]): Suppressed("asked to")}, settings) == []
    told = Notice("opened", "opened", {})
    assert len(build_digests(run(), [row], {str(row["incident_id"]): told}, settings)) == 1


def test_times_across_midnight_and_summer_time_show_both_zones(settings: Settings) -> None:
    start = OPENED.replace(month=3, day=29, hour=0, minute=45)
    (message,) = digests(
        settings, incident(opened_window=start, last_window=start), of=run(window_from=start, window_to=start + timedelta(hours=1))
    )
    assert message.body["subtitle"] == "2026-03-29 01:45 CET to 2026-03-29 03:45 CEST"


def test_what_a_run_says_of_its_own_figures_is_one_line_of_a_message_that_is_sent_anyway(settings: Settings) -> None:
    said = ["a: this namespace does not categorise; 900 events of 70 templates past the first 5", "b: this namespace does not categorise"]
    (message,) = digests(settings, incident(), of=run(warnings=said))
    assert message.body["notes"] == [f"{said[0]} (1 more warning of this kind: see the problem report.)"]
    assert message.body["warnings"] == [], "the figures told are right all the same"
    assert digests(settings, incident(), of=run(warnings=[]))[0].body["notes"] == []
    assert run_warnings(run(warnings=said)) == said, "a report tells each"
    assert digests(settings, of=run(warnings=said)) == [], "and it makes no message of its own"
