"""The outbox for people: its life can be seen, what failed can be queued again, and no row holds a secret."""

from __future__ import annotations

import json
import multiprocessing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb
from tests.support.pipeline import rows
from tests.support.teams_server import TeamsServer
from tests.support.telling import START, told_settings

from ailog.adapters.notifiers.teams import TeamsNotifier, WebhookConnection
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.domain.message import Message
from ailog.errors import ConfigError, MessageRefused, NotificationFailed
from ailog.local.postgres import Uris
from ailog.pipeline import outbox
from ailog.pipeline.notify import notify
from ailog.ports import Delivery

BODY = {"title": "t", "subtitle": "", "severity": "high", "warnings": [], "sections": [], "notes": [], "links": []}


class Channel:
    """A channel that refuses until it is told not to."""

    name = "file"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent: list[str] = []

    def send(self, message: Message) -> Delivery:
        if self.error:
            raise self.error
        self.sent.append(message.message_id)
        return Delivery("delivered", "kept")


def put(store: PostgresStore, channel: str = "file") -> str:
    message_id = str(uuid4())
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.outbox (message_id, channel, kind, subject, body, next_attempt, created_at) "
            "VALUES (%s, %s, 'digest', 's', %s, %s, %s)",
            (message_id, channel, Jsonb(BODY), START, START),
        )
    return message_id


def test_a_refused_message_is_sent_after_it_was_queued_again_and_that_is_on_record(store: PostgresStore, tmp_path: Path) -> None:
    settings, message_id, channel = told_settings(tmp_path), put(store), Channel(MessageRefused("no such folder"))
    assert notify(store, {"file": channel}, settings, lambda: START)["failed"] == 1
    channel.error = None
    later = START + timedelta(days=3)
    assert notify(store, {"file": channel}, settings, lambda: later) == {"sent": 0, "retry": 0, "failed": 0}
    (row,) = outbox.again(store, prefix=message_id[:8], channel=None, actor="anna", now=later)
    assert row["last_error"] == "MessageRefused: no such folder"
    assert notify(store, {"file": channel}, settings, lambda: later)["sent"] == 1
    (found,) = outbox.listed(store, prefix=message_id, channel=None, status=None, limit=5)
    assert (found["status"], found["attempts"], [one["outcome"] for one in found["deliveries"]]) == ("sent", 2, ["refused", "delivered"])
    assert rows(store, "SELECT actor, action, subject FROM ailog_peak.audit_log") == [("anna", "message again", message_id)]


def test_one_queued_again_after_days_is_tried_for_its_whole_time(store: PostgresStore, tmp_path: Path) -> None:
    settings, message_id, channel = told_settings(tmp_path), put(store), Channel(MessageRefused("x"))
    notify(store, {"file": channel}, settings, lambda: START)
    later = START + timedelta(days=3)
    outbox.again(store, prefix=message_id, channel=None, actor="anna", now=later)
    channel.error = NotificationFailed("down")
    assert notify(store, {"file": channel}, settings, lambda: later)["retry"] == 1, "it is as good as new"


def test_what_was_sent_or_still_waits_is_not_queued_again(store: PostgresStore, tmp_path: Path) -> None:
    settings, message_id = told_settings(tmp_path), put(store)
    with pytest.raises(ConfigError, match="is pending"):
        outbox.again(store, prefix=message_id[:8], channel=None, actor="anna", now=START)
    notify(store, {"file": Channel()}, settings, lambda: START)
    with pytest.raises(ConfigError, match="is sent"):
        outbox.again(store, prefix=message_id[:8], channel=None, actor="anna", now=START)
    assert outbox.again(store, prefix=None, channel=None, actor="anna", now=START) == []
    with pytest.raises(ConfigError, match="no message has"):
        outbox.again(store, prefix="0000", channel=None, actor="anna", now=START)
    with pytest.raises(ConfigError, match="is no id"):
        outbox.again(store, prefix="%", channel=None, actor="anna", now=START)


def test_all_that_failed_on_one_channel_are_queued_again_and_no_other(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    for channel in ("file", "file", "teams"):
        put(store, channel)
    refusing = Channel(MessageRefused("x"))
    assert notify(store, {"file": refusing, "teams": refusing}, settings, lambda: START)["failed"] == 3
    assert len(outbox.again(store, prefix=None, channel="file", actor="anna", now=START)) == 2
    assert rows(store, "SELECT channel, status FROM ailog_peak.outbox ORDER BY 1") == [
        ("file", "pending"),
        ("file", "pending"),
        ("teams", "failed"),
    ]


@pytest.mark.parametrize("family", [MessageRefused, NotificationFailed])
def test_no_row_keeps_a_secret_of_an_answer(store: PostgresStore, tmp_path: Path, family: type[Exception]) -> None:
    put(store)
    text = "refused for anna.novak@example.org at https://bot:s3cr3tpass@chat.example.org/x with password=hunter2"
    notify(store, {"file": Channel(family(text))}, told_settings(tmp_path), lambda: START)
    kept = str(
        rows(store, "SELECT last_error FROM ailog_peak.outbox") + rows(store, "SELECT detail FROM ailog_peak.notification_deliveries")
    )
    assert "refused for" in kept
    assert not any(secret in kept for secret in ("anna.novak", "s3cr3tpass", "hunter2"))


def test_each_channel_has_an_outcome_and_a_retry_of_its_own(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    put(store, "teams")
    put(store, "email")
    working, dead = Channel(), Channel(NotificationFailed("down"))
    assert notify(store, {"teams": dead, "email": working}, settings, lambda: START) == {"sent": 1, "retry": 1, "failed": 0}
    dead.error = None
    assert notify(store, {"teams": dead, "email": working}, settings, lambda: START + timedelta(minutes=1))["sent"] == 1
    assert (len(working.sent), len(dead.sent)) == (1, 1)


def test_the_command_shows_the_life_of_a_message(
    store: PostgresStore, database: Uris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    message_id = put(store, "teams")
    notify(store, {"teams": Channel(MessageRefused("card too large"))}, told_settings(tmp_path), lambda: START)
    assert main(["notify", "--show", message_id[:8], "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["messages"]
    assert found["deliveries"][0]["detail"] == "MessageRefused: card too large"
    assert main(["notify", "--show"]) == 0
    assert message_id in capsys.readouterr().out
    assert main(["notify", "--again", "0123456789"]) == 1
    for wrong in (["--show", "--again", message_id], ["--channel", "teams"], ["--failed", "--again", message_id]):
        with pytest.raises(SystemExit) as ended:
            main(["notify", *wrong])
        assert ended.value.code == 2


def _send_all(uri: str, url: str, path: str, start: Any) -> None:
    settings = told_settings(Path(path))
    notifier = TeamsNotifier(settings, WebhookConnection(url, allow_hosts=("127.0.0.1",)))
    start.wait(60)
    notify(PostgresStore(uri), {"teams": notifier}, settings, lambda: START)


def test_two_processes_at_once_post_every_card_once(store: PostgresStore, database: Uris, tmp_path: Path) -> None:
    wanted = sorted(put(store, "teams") for _ in range(20))
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    with TeamsServer() as server:
        senders = [context.Process(target=_send_all, args=(database.app, server.url, str(tmp_path), start)) for _ in range(2)]
        for sender in senders:
            sender.start()
        start.set()
        for sender in senders:
            sender.join(60)
        assert [sender.exitcode for sender in senders] == [0, 0]
        assert len(server.posted) == 20
    assert rows(store, "SELECT status, count(*)::int FROM ailog_peak.outbox GROUP BY 1") == [("sent", 20)]
    assert [
        str(row[0]) for row in rows(store, "SELECT message_id FROM ailog_peak.notification_deliveries ORDER BY message_id::text")
    ] == wanted
