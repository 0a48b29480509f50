"""What people are told of incidents, from documents to the outbox: every rule with its counter-case."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.pipeline import rows, run
from tests.support.telling import NAMESPACE, START, analyse, bodies, errors, quiet, stages, told_settings, window_end

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.calendar import Entry
from ailog.domain.events import Interval
from ailog.pipeline import calendar, incidents, silences
from ailog.pipeline.explain import explain

HOUR = timedelta(hours=1)


def news(body: dict[str, Any]) -> list[str]:
    """The news of every problem of a message, and the ends that it tells."""
    found = []
    for section in body["sections"]:
        if section["problem"]:
            found.append(dict(section["facts"])["News"])
        elif section["heading"] == "Resolved":
            found += [text for _, text in section["facts"]]
    return found


def add_silence(store: PostgresStore, settings: Any, **changes: Any) -> int:
    values = {
        "problem_key": "*", "namespace": NAMESPACE, "fingerprints": [], "up_to": "critical", "owner": "anna", "reason": "load test",
        "expires_at": START + 8 * HOUR,
    } | changes  # fmt: skip
    return silences.add(store, settings, values, actor="anna", now=START)


def test_an_incident_of_hours_is_told_once_then_reminded_of_and_its_end_is_told(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    documents = [d for w in range(12) for d in errors(w, 200)] + [d for w in range(12, 18) for d in quiet(w)]
    analyse(store, settings, tmp_path, documents, range(18))
    told = [news(body)[0] for body in bodies(store)]
    assert told[0] == "opened"
    assert told[1].startswith("heartbeat: still going on after 2 h 15 min, last told 2 h ago")
    assert told[2].startswith("resolved after 3 h, 2,400 events")
    assert len(told) == 3
    assert stages(store)[:4] == ["opened", "cool-down", "cool-down", "no news"]


def test_growth_and_a_further_application_break_the_cooldown(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    documents = [*errors(0, 200), *errors(1, 250), *errors(2, 300), *errors(3, 260), *errors(3, 40, app="orders-worker")]
    analyse(store, settings, tmp_path, documents, range(4))
    assert [news(body)[0] for body in bodies(store)] == [
        "opened",
        "grown: its largest window grew from 200 to 300 events (+50%)",
        "spread: it reached orders-worker 40",
    ]
    assert stages(store) == ["opened", "cool-down", "grown", "spread"]


def test_a_further_namespace_is_told_at_once(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    other = "pcb-uat-01-app"
    documents = [*errors(0, 200), *quiet(0, other), *errors(1, 200), *errors(1, 200, namespace=other)]
    analyse(store, settings, tmp_path, documents, range(2))
    assert stages(store, other) == ["opened"]
    assert stages(store) == ["opened", "cool-down"]
    assert news(bodies(store)[1]) == [f"opened; the same problem was told of {NAMESPACE}"]


def test_fifty_incidents_in_a_window_are_one_message_a_channel(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path, channels=["teams", "email", "file"])
    names = [f"team{number:02}-sit-01-app" for number in range(50)]
    documents = [d for number, name in enumerate(names) for d in errors(0, 150, kind=number, namespace=name, app=f"service{number}")]
    analyse(store, settings, tmp_path, documents, range(1))
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.incidents")[0][0] >= 50
    assert rows(store, "SELECT channel, count(*)::int FROM ailog_peak.outbox GROUP BY 1 ORDER BY 1") == [
        ("email", 1),
        ("file", 1),
        ("teams", 1),
    ]
    body = bodies(store)[0]
    assert sum(section["problem"] is not None for section in body["sections"]) == 3
    (counted,) = [note for note in body["notes"] if "more problem" in note]
    cut = rows(store, "SELECT count(*)::int FROM ailog_peak.notice_decisions WHERE stage = 'digest cut' AND channel = 'file'")[0][0]
    told = rows(store, "SELECT count(*)::int FROM ailog_peak.notice_decisions WHERE told AND channel = 'file'")[0][0]
    assert told == rows(store, "SELECT count(*)::int FROM ailog_peak.incidents")[0][0]
    assert 3 <= told - cut < told
    assert counted
    analyse(
        store,
        settings,
        tmp_path,
        [*documents, *(d for n, name in enumerate(names) for d in errors(1, 150, kind=n, namespace=name, app=f"service{n}"))],
        range(1, 2),
    )
    assert len(bodies(store)) == 1, "what was only counted is told as well, and nothing of it is new"


def test_problems_that_share_their_traces_are_one_story(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    first = errors(0, 200, kind=0, app="ledger")
    second = errors(0, 200, kind=1, app="archive", namespace="pca-sit-01-app")
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        one["traceId"] = other["traceId"] = f"t{number}"
    alone = errors(0, 200, kind=2, app="partner", namespace="pch-sit-01-app")
    for number, one in enumerate(alone):
        one["traceId"] = f"u{number}"
    analyse(store, settings, tmp_path, [*first, *second, *alone], range(1))
    (body,) = bodies(store)
    told = [dict(section["facts"]) for section in body["sections"] if section["problem"]]
    assert len(told) == 2, "two share their traces, the third has its own"
    (shared,) = [facts["Same traces"] for facts in told if "Same traces" in facts]
    assert "(100% of traces shared)" in shared


def test_a_silence_hides_messages_until_it_expires_and_never_what_is_graver(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    number = add_silence(store, settings, expires_at=START + HOUR, up_to="critical")
    documents = [d for w in range(6) for d in errors(w, 200)]
    analyse(store, settings, tmp_path, documents, range(3))
    assert bodies(store) == []
    assert stages(store) == ["silence"] * 3
    reason, silence_id = rows(store, "SELECT reason, silence_id FROM ailog_peak.notice_decisions ORDER BY window_from LIMIT 1")[0]
    assert reason == f"silence {number} of anna until 2026-03-10 10:00 CET: load test (opened: opened)"
    assert silence_id == number
    assert rows(store, "SELECT status FROM ailog_peak.incidents") == [("open",)], "incidents are stored all the same"
    analyse(store, settings, tmp_path, documents, range(3, 5))
    assert len(bodies(store)) == 1, "its hour is over at 09:00, so the run of 09:01 tells"
    (listed,) = silences.listed(store, 10, START + 2 * HOUR)
    assert (listed["state"], listed["hid_incidents"]) == ("expired", 1)


def test_a_silence_lets_a_graver_incident_through(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    analyse(store, settings, tmp_path, errors(0, 200), range(1))
    severity = rows(store, "SELECT severity FROM ailog_peak.incidents")[0][0]
    assert severity in {"medium", "high", "critical"}
    add_silence(store, settings, up_to="low")
    analyse(store, settings, tmp_path, [*errors(0, 200), *errors(1, 900)], range(1, 2))
    assert len(bodies(store)) == 2


def test_a_silence_that_was_removed_hides_nothing_and_both_are_on_record(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    number = add_silence(store, settings)
    silences.remove(store, number, actor="bert", now=START)
    analyse(store, settings, tmp_path, errors(0, 200), range(1))
    assert len(bodies(store)) == 1
    assert rows(store, "SELECT actor, action, subject FROM ailog_peak.audit_log ORDER BY audit_id") == [
        ("anna", "silence add", str(number)),
        ("bert", "silence remove", str(number)),
    ]


def test_what_one_silence_hides_is_counted_in_the_message_about_others(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    add_silence(store, settings, namespace="pca-*")
    documents = [*errors(0, 200), *errors(0, 200, kind=1, namespace="pca-sit-01-app", app="mail")]
    analyse(store, settings, tmp_path, documents, range(1))
    (body,) = bodies(store)
    assert "1 incident not told here: silence 1 of anna until 2026-03-10 17:00 CET: load test." in body["notes"]


def test_maintenance_hides_its_windows_and_the_incident_is_stored_and_told_when_it_outlasts_it(
    store: PostgresStore, tmp_path: Path
) -> None:
    settings = told_settings(tmp_path)
    entry = Entry(
        entry_id="release-9", kind="maintenance", namespaces=("pcb-*",), timezone="UTC", owner="ops", reason="release",
        starts_at=START - HOUR, ends_at=START + timedelta(minutes=30),
    )  # fmt: skip
    calendar.add(store, entry, actor="ops", now=START)
    documents = [d for w in range(3) for d in [*errors(w, 200), *errors(w, 200, kind=1, namespace="pca-sit-01-app", app="mail")]]
    analyse(store, settings, tmp_path, documents, range(3))
    assert stages(store) == ["maintenance", "maintenance", "opened"]
    assert stages(store, "pca-sit-01-app")[0] == "opened", "maintenance of others hides nothing"
    assert "1 incident not told here: maintenance release-9 of ops: release." in bodies(store)[0]["notes"]


def test_explain_says_what_became_of_the_news(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    analyse(store, settings, tmp_path, [d for w in range(2) for d in errors(w, 200)], range(2))
    first, second = (explain(store, settings, NAMESPACE, window_end(w) - timedelta(minutes=1), window_end(2))["notices"] for w in range(2))
    assert [(row["told"], row["stage"], row["message_status"]) for row in first] == [(True, "opened", "pending")]
    assert [(row["told"], row["stage"], row["reason"]) for row in second] == [
        (False, "cool-down", "told 15 min ago, within the cool-down of 45 min")
    ]


def test_an_end_is_never_told_of_what_was_never_told(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    add_silence(store, settings, expires_at=START + timedelta(minutes=20))
    documents = [*errors(0, 200), *(d for w in range(1, 8) for d in quiet(w))]
    analyse(store, settings, tmp_path, documents, range(8))
    assert rows(store, "SELECT status FROM ailog_peak.incidents") == [("resolved",)]
    assert bodies(store) == []


def test_what_a_backfill_takes_back_or_ends_is_told_once_to_those_who_were_told(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    analyse(store, settings, tmp_path, errors(0, 200), range(1))
    assert len(bodies(store)) == 1
    (tmp_path / "a.ndjson").write_text("")
    day = Interval(START.replace(hour=0), START.replace(hour=0) + 24 * HOUR)
    documents = quiet(0)
    from tests.support.pipeline import write_ndjson

    write_ndjson(tmp_path / "a.ndjson", documents)
    for _ in range(2):
        run(store, settings, day, kind="backfill", now=day.end + 9 * HOUR)
    (section,) = bodies(store)[1]["sections"]
    assert section["facts"][0][1].startswith(
        "amended: read again, its windows hold no incident any more (it was told with 15 min, 200 events)"
    )
    assert len(bodies(store)) == 2


def test_a_backfill_tells_no_news(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    from tests.support.pipeline import write_ndjson

    write_ndjson(tmp_path / "a.ndjson", errors(0, 200))
    day = Interval(START.replace(hour=0), START.replace(hour=0) + 24 * HOUR)
    run(store, settings, day, kind="backfill", now=day.end + 9 * HOUR)
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.incidents") == [(1,)]
    assert bodies(store) == []


@pytest.mark.parametrize(("later", "told"), [(200, 1), (500, 2)], ids=["as large as before", "grown"])
def test_an_acknowledged_incident_is_told_again_only_when_it_grows(store: PostgresStore, tmp_path: Path, later: int, told: int) -> None:
    settings = told_settings(tmp_path)
    documents = [*errors(0, 200), *(d for w in range(1, 12) for d in errors(w, 200)), *errors(12, later)]
    analyse(store, settings, tmp_path, documents, range(1))
    identity = str(rows(store, "SELECT incident_id FROM ailog_peak.incidents")[0][0])
    incidents.say(store, "ack", identity[:8], by="anna", note="on it", now=window_end(0))
    analyse(store, settings, tmp_path, documents, range(1, 13))
    assert len(bodies(store)) == told
    assert set(stages(store)[1:-1]) == {"acknowledged"}


def test_a_persons_end_is_told_and_what_comes_after_it_is_a_new_incident(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    documents = [*errors(0, 200), *quiet(1), *errors(2, 200)]
    analyse(store, settings, tmp_path, documents, range(1))
    identity = str(rows(store, "SELECT incident_id FROM ailog_peak.incidents")[0][0])
    incidents.say(store, "resolve", identity, by="anna", note=None, now=window_end(0) + timedelta(minutes=2))
    analyse(store, settings, tmp_path, documents, range(1, 3))
    assert [news(body)[0].split(";")[0] for body in bodies(store)] == ["opened", "resolved by anna after 15 min, 200 events", "opened"]
    assert rows(store, "SELECT count(*)::int FROM ailog_peak.incidents") == [(2,)]
