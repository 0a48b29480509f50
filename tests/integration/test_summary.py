"""The morning summary, from stored rows to what stands in Teams and in the mailbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.mail_server import MailServer
from tests.support.messages import texts
from tests.support.pipeline import rows, run, write_ndjson
from tests.support.published_day import DAY, NOW, ONE_DAY, finished_day, known_issue
from tests.support.teams_server import TeamsServer
from tests.support.telling import START, analyse, errors, told_settings, window_end

from ailog.adapters.notifiers import build
from ailog.adapters.notifiers.email import SmtpConnection
from ailog.adapters.notifiers.teams import WebhookConnection
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.pipeline.notify import notify
from ailog.pipeline.summary import summary, tell_day
from ailog.settings import Settings

CHANNELS = ["teams", "email", "file"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return told_settings(tmp_path, channels=CHANNELS)


@pytest.fixture
def teams() -> Iterator[TeamsServer]:
    with TeamsServer() as server:
        yield server


def messages(store: PostgresStore) -> list[tuple[str, dict[str, Any]]]:
    return [
        (subject, body)
        for subject, body in rows(
            store, "SELECT subject, body FROM ailog_peak.outbox WHERE kind = 'summary' AND channel = 'file' ORDER BY created_at, message_id"
        )
    ]


def counts(**changes: int) -> dict[str, int]:
    return {"told": 0, "amended": 0, "same": 0, "older": 0, "messages": 0} | changes


def change(store: PostgresStore, statement: str) -> None:
    with store.connection() as connection:
        connection.execute(statement)


def test_a_day_is_told_once_on_every_channel_whole_and_small(store: PostgresStore, settings: Settings, teams: TeamsServer) -> None:
    run_id = finished_day(store)
    known_issue(store)
    links = (("Daily report", "https://wiki.example.org/pages/viewpage.action?spaceKey=OPS"),)
    assert summary(store, settings, run_id, NOW, links=links) == counts(told=1, messages=3)
    with MailServer() as mail:
        webhook = WebhookConnection(teams.url, allow_hosts=("127.0.0.1",))
        notifiers = build(settings, {"teams": webhook, "email": SmtpConnection("127.0.0.1", mail.port, security="none")})
        assert notify(store, notifiers, settings, lambda: NOW)["sent"] == 3
        assert notify(store, notifiers, settings, lambda: NOW)["sent"] == 0
    (card,) = teams.posted
    assert teams.dropped == []
    assert len(json.dumps(card, ensure_ascii=False).encode()) <= 20_000
    shown = texts(card)
    assert shown[0] == "Mon 2026-03-09: 1 critical, 1 high, 1 medium, 1 low"
    assert any(text.startswith("CRITICAL 91 · TIMEOUT:payments") for text in shown)
    assert "Known issue: KI-042, ledger &lt;pool&gt; too small, OPS-1; workaround: restart orders" in shown
    assert not any("<script" in text for text in shown)
    (page,) = mail.mails
    assert page["Subject"] == "[AI Log Analyzer] Mon 2026-03-09: 1 critical, 1 high, 1 medium, 1 low"
    body = page.get_body(("html",))
    assert body is not None
    assert "<script" not in body.get_content()
    assert list((Path(settings.notify.file.directory)).glob("*.json"))


def test_the_same_day_is_told_again_only_when_something_material_changed(store: PostgresStore, settings: Settings) -> None:
    run_id = finished_day(store)
    assert summary(store, settings, run_id, NOW)["told"] == 1
    change(store, "UPDATE ailog_peak.outbox SET status = 'sent'")
    assert summary(store, settings, run_id, NOW) == counts(same=1)
    change(store, "UPDATE ailog_peak.namespace_error_counts SET count = count + 1 WHERE namespace = 'pcb-sit-01-app'")
    assert summary(store, settings, run_id, NOW) == counts(same=1), "a total that moved by 2 % is no news"
    change(store, "UPDATE ailog_peak.incidents SET severity = 'critical' WHERE severity = 'medium'")
    assert summary(store, settings, run_id, NOW) == counts(amended=1, messages=3)
    subject, body = messages(store)[-1]
    assert subject.startswith("[AI Log Analyzer] AMENDED Mon 2026-03-09")
    assert body["warnings"] == ["Amended: 1 incident re-graded."]
    change(store, "UPDATE ailog_peak.namespace_error_counts SET count = count * 2")
    assert summary(store, settings, run_id, NOW) == counts(amended=1, messages=3)


def test_a_summary_that_still_waits_says_the_newer_word_instead_of_two(store: PostgresStore, settings: Settings) -> None:
    run_id = finished_day(store)
    early = DAY + ONE_DAY + timedelta(hours=2)
    assert summary(store, settings, run_id, early)["told"] == 1
    assert notify(store, build(settings, {}), settings, lambda: early)["sent"] == 0, "nobody wants it at two in the morning"
    change(store, "UPDATE ailog_peak.incidents SET severity = 'critical'")
    summary(store, settings, run_id, early)
    change(store, "UPDATE ailog_peak.incidents SET severity = 'high'")
    summary(store, settings, run_id, early)
    ((subject, body),) = messages(store)
    assert subject == "[AI Log Analyzer] Mon 2026-03-09: 4 high"
    assert body["warnings"] == []
    assert rows(store, "SELECT DISTINCT next_attempt FROM ailog_peak.outbox") == [(DAY + ONE_DAY + timedelta(hours=7),)]


def test_a_day_that_failed_is_told_at_once_with_the_reason_and_again_when_it_is_complete(store: PostgresStore, settings: Settings) -> None:
    early = DAY + ONE_DAY + timedelta(hours=2)
    failed = finished_day(store, missing=10, status="failed", verdict="provisional", error="PIT lost after 3 tries")
    assert summary(store, settings, failed, early) == counts(told=1, messages=3)
    subject, body = messages(store)[0]
    assert subject == "[AI Log Analyzer] INCOMPLETE Mon 2026-03-09 is not complete"
    assert body["warnings"][0].startswith("Yesterday is not complete because PIT lost after 3 tries.")
    assert "10 not read" in body["warnings"][1]
    assert rows(store, "SELECT DISTINCT next_attempt FROM ailog_peak.outbox") == [(early,)]
    assert summary(store, settings, failed, early) == counts(same=1), "a second try that fails alike is no news"
    change(store, "UPDATE ailog_peak.outbox SET status = 'sent'")
    complete = finished_day(store)
    two_days_later = NOW + 2 * ONE_DAY
    assert summary(store, settings, complete, two_days_later) == counts(amended=1, messages=3), "people wait for it, however old it is"
    assert "Amended: the day is complete now" in messages(store)[-1][1]["warnings"][-1]
    assert summary(store, settings, complete, two_days_later) == counts(older=1)


def test_replayed_history_tells_nothing(store: PostgresStore, settings: Settings) -> None:
    for back in range(3, 0, -1):
        run_id = finished_day(store, DAY - back * ONE_DAY)
        assert summary(store, settings, run_id, NOW) == counts(older=1)
    assert messages(store) == []
    assert rows(store, "SELECT count(*) FROM ailog_peak.day_summaries") == [(0,)]


def test_a_forced_reading_that_failed_takes_nothing_from_a_day_that_is_final(store: PostgresStore, settings: Settings) -> None:
    finished_day(store)
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, code_version, config_hash, "
            "started_at, error) VALUES (gen_random_uuid(), 'backfill', %(day)s, %(end)s, 96, 'failed', 'x', 'x', %(end)s, 'no shard')",
            {"day": DAY, "end": DAY + ONE_DAY},
        )
    failed = str(rows(store, "SELECT run_id FROM ailog_peak.analysis_runs WHERE status = 'failed'")[0][0])
    assert summary(store, settings, failed, NOW)["told"] == 1
    subject, body = messages(store)[0]
    assert "INCOMPLETE" not in subject
    assert ["Failed runs", "1"] in body["sections"][0]["facts"]


def test_a_quiet_day_is_one_short_line(store: PostgresStore, settings: Settings) -> None:
    run_id = finished_day(store, incidents=0, errors=1)
    assert summary(store, settings, run_id, NOW)["told"] == 1
    subject, body = messages(store)[0]
    assert subject == "[AI Log Analyzer] Mon 2026-03-09 was quiet"
    assert body["sections"] == body["warnings"] == []
    (line,) = body["notes"]
    assert line.startswith("No incidents; ")
    assert "all 96 windows read" in line


def test_totals_are_compared_on_complete_days_only(store: PostgresStore, settings: Settings) -> None:
    run_id = finished_day(store)
    finished_day(store, DAY - ONE_DAY, errors=20)
    finished_day(store, DAY - 7 * ONE_DAY, errors=20, missing=1)
    summary(store, settings, run_id, NOW)
    errors_line = dict(messages(store)[0][1]["sections"][0]["facts"])["Errors"]
    assert "+100% on the day before (1,920)" in errors_line
    assert "Monday a week before unknown (95 of 96 windows)" in errors_line


def test_no_other_run_and_no_run_at_all_tells_a_day(store: PostgresStore, settings: Settings) -> None:
    assert summary(store, settings, finished_day(store, kind="regular"), NOW) == {}
    assert summary(store, settings, "00000000-0000-5000-8000-000000000000", NOW) == {}
    off = settings.notify.model_copy(update={"summary": settings.notify.summary.model_copy(update={"enabled": False})})
    assert summary(store, settings.model_copy(update={"notify": off}), finished_day(store), NOW) == {}
    with pytest.raises(ConfigError, match="is not over yet"):
        tell_day(store, settings, DAY, DAY + timedelta(hours=20))
    assert messages(store) == []


def test_two_at_once_tell_a_day_once(store: PostgresStore, settings: Settings) -> None:
    from concurrent.futures import ThreadPoolExecutor

    run_id = finished_day(store)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: summary(store, settings, run_id, NOW), range(4)))
    assert sorted(count["told"] for count in found) == [0, 0, 0, 1]
    assert len(messages(store)) == 1


def test_a_real_day_says_what_its_final_word_changed(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    analyse(store, settings, tmp_path, errors(0, 200), range(2))
    write_ndjson(tmp_path / "a.ndjson", [*errors(0, 200), *errors(1, 300)])
    day = Interval(START.replace(hour=0), START.replace(hour=0) + ONE_DAY)
    run_id = run(store, settings, day, kind="backfill", now=day.end + timedelta(hours=9))
    assert summary(store, settings, run_id, day.end + timedelta(hours=9))["told"] == 1
    ((_, body),) = messages(store)
    (changed,) = [section for section in body["sections"] if section["heading"].startswith("Changed by the final word")]
    assert "300 late events" in changed["facts"][0][1]
    assert window_end(1) < day.end
