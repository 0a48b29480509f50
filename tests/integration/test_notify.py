from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from tests.support.teams_server import Answer, TeamsServer

from ailog import settings as configuration
from ailog.adapters.notifiers.teams import TeamsNotifier, WebhookConnection
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.message import Message
from ailog.local.postgres import Uris
from ailog.pipeline.notify import LEASE, notify, pause
from ailog.ports import Delivery, Notifier
from ailog.settings import SendRetry, Settings

START = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
BODY = {
    "title": "AI Log Analyzer: 1 problem",
    "subtitle": "x",
    "severity": "high",
    "warnings": [],
    "sections": [],
    "notes": [],
    "links": [],
}


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Recorder:
    """A channel that keeps what it is given and raises what it is told to."""

    name = "file"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent: list[Message] = []

    def send(self, message: Message) -> Delivery:
        if self.error:
            raise self.error
        self.sent.append(message)
        return Delivery("delivered", "kept")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database: Uris) -> PostgresStore:
    return PostgresStore(database.app)


@pytest.fixture
def server() -> Iterator[TeamsServer]:
    with TeamsServer() as running:
        yield running


@pytest.fixture(scope="module")
def settings() -> Settings:
    loaded = configuration.load()
    teams = loaded.notify.teams.model_copy(update={"timeout_seconds": 0.5, "pace_seconds": 0})
    return loaded.model_copy(update={"notify": loaded.notify.model_copy(update={"teams": teams})})


def put(store: PostgresStore, channel: str = "teams", **changes: Any) -> str:
    row = {"message_id": str(uuid4()), "channel": channel, "kind": "digest", "subject": "s", "body": Jsonb(BODY), "at": START} | changes
    with store.connection() as connection:
        connection.execute(
            "INSERT INTO ailog_peak.outbox (message_id, channel, kind, subject, body, next_attempt, created_at) "
            "VALUES (%(message_id)s, %(channel)s, %(kind)s, %(subject)s, %(body)s, %(at)s, %(at)s)",
            row,
        )
    return str(row["message_id"])


def rows(store: PostgresStore, query: str) -> list[dict[str, Any]]:
    with store.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def deliveries(store: PostgresStore) -> list[str]:
    return [row["outcome"] for row in rows(store, "SELECT outcome FROM ailog_peak.notification_deliveries ORDER BY delivery_id")]


def message(store: PostgresStore) -> dict[str, Any]:
    (row,) = rows(store, "SELECT * FROM ailog_peak.outbox")
    return row


def teams(settings: Settings, server: TeamsServer) -> dict[str, Notifier]:
    return {"teams": TeamsNotifier(settings, WebhookConnection(server.url, allow_hosts=("127.0.0.1",)))}


CASES = [
    ("202", Answer(202), "sent", "sent", "accepted"),
    ("200", Answer(200, "1"), "sent", "sent", "delivered"),
    ("400", Answer(400, "bad card"), "failed", "failed", "refused"),
    ("401", Answer(401), "failed", "failed", "refused"),
    ("429", Answer(429, "", {"Retry-After": "600"}), "retry", "pending", "retry"),
    ("500", Answer(500), "retry", "pending", "retry"),
    ("nothing for 60 s", Answer(kind="hang", seconds=60), "retry", "pending", "retry"),
    ("reset", Answer(kind="reset"), "retry", "pending", "retry"),
]


@pytest.mark.parametrize(("answer", "counted", "status", "outcome"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_every_answer_of_teams_is_on_record_and_none_is_raised(
    store: PostgresStore, settings: Settings, server: TeamsServer, clock: Clock, answer: Answer, counted: str, status: str, outcome: str
) -> None:
    put(store)
    server.script.append(answer)
    assert notify(store, teams(settings, server), settings, clock)[counted] == 1
    row = message(store)
    assert (row["status"], row["attempts"]) == (status, 1)
    assert deliveries(store) == [outcome]
    assert (row["last_error"] is None) == (status == "sent")
    assert "TOPSECRET" not in str(rows(store, "SELECT * FROM ailog_peak.notification_deliveries")) + str(row)
    assert len(server.received) == 1


def test_after_an_hour_of_outage_a_message_is_sent_once(
    store: PostgresStore, settings: Settings, server: TeamsServer, clock: Clock
) -> None:
    put(store)
    notifiers = teams(settings, server)
    server.default = Answer(503)
    tries = 0
    for _ in range(60):
        clock.forward(minutes=1)
        tries += notify(store, notifiers, settings, clock)["retry"]
    assert 5 <= tries <= 12
    server.default = Answer(202)
    sent = []
    for _ in range(30):
        clock.forward(minutes=1)
        sent.append(notify(store, notifiers, settings, clock)["sent"])
    assert sum(sent) == 1
    assert len(server.posted) == 1
    assert message(store)["status"] == "sent"
    assert deliveries(store) == ["retry"] * tries + ["accepted"]


def test_a_wait_that_was_asked_for_is_kept(store: PostgresStore, settings: Settings, server: TeamsServer, clock: Clock) -> None:
    put(store)
    server.script.append(Answer(429, "", {"Retry-After": "1800"}))
    notify(store, teams(settings, server), settings, clock)
    assert message(store)["next_attempt"] == START + timedelta(seconds=1800)
    clock.forward(seconds=1799)
    assert notify(store, teams(settings, server), settings, clock) == {"sent": 0, "retry": 0, "failed": 0}
    clock.forward(seconds=1)
    assert notify(store, teams(settings, server), settings, clock)["sent"] == 1


def test_a_message_is_given_up_when_it_is_too_old(store: PostgresStore, settings: Settings, clock: Clock) -> None:
    put(store, "file", at=START - timedelta(hours=24))
    channel = Recorder(OSError("disk full"))
    assert notify(store, {"file": channel}, settings, clock)["failed"] == 1
    assert message(store)["status"] == "failed"
    assert message(store)["last_error"].startswith("given up after 1 d and 1 tries")
    assert deliveries(store) == ["refused"]


def test_a_dead_channel_does_not_hold_up_another(store: PostgresStore, settings: Settings, server: TeamsServer, clock: Clock) -> None:
    for _ in range(5):
        put(store, "teams")
    put(store, "file")
    server.default = Answer(503)
    working = Recorder()
    assert notify(store, {**teams(settings, server), "file": working}, settings, clock) == {"sent": 1, "retry": 1, "failed": 0}
    assert len(server.received) == 1
    assert len(working.sent) == 1


@pytest.mark.parametrize("defect", [KeyError("title"), RuntimeError("x"), TypeError("x"), AssertionError()])
def test_a_defect_of_a_channel_is_a_failed_delivery(store: PostgresStore, settings: Settings, clock: Clock, defect: Exception) -> None:
    put(store, "file")
    assert notify(store, {"file": Recorder(defect)}, settings, clock)["retry"] == 1
    assert type(defect).__name__ in message(store)["last_error"]


def test_an_unknown_channel_is_a_failure_with_a_reason(store: PostgresStore, settings: Settings, clock: Clock) -> None:
    put(store, "pager")
    assert notify(store, {"file": Recorder()}, settings, clock)["failed"] == 1
    assert message(store)["last_error"] == "no channel is called 'pager'; switched on: file"


def test_what_an_answer_holds_can_always_be_stored(store: PostgresStore, settings: Settings, server: TeamsServer, clock: Clock) -> None:
    put(store)
    server.script.append(Answer(500, "a\x00b" + "x" * 10_000))
    assert notify(store, teams(settings, server), settings, clock)["retry"] == 1
    assert len(message(store)["last_error"]) <= 500


def test_messages_go_out_oldest_first_and_only_when_due(store: PostgresStore, settings: Settings, clock: Clock) -> None:
    late = put(store, "file", at=START + timedelta(hours=1))
    first, second = put(store, "file", at=START - timedelta(minutes=2)), put(store, "file", at=START - timedelta(minutes=1))
    channel = Recorder()
    notify(store, {"file": channel}, settings, clock)
    assert [message.message_id for message in channel.sent] == [first, second]
    assert late not in [message.message_id for message in channel.sent]


def _send_and_die(uri: str, ready: Any) -> None:
    class Killed:
        name = "file"

        def send(self, message: Message) -> Delivery:
            ready.set()
            time.sleep(60)
            return Delivery("delivered", "never")

    notify(PostgresStore(uri), {"file": Killed()}, configuration.load(), Clock())


def test_a_killed_sender_is_noticed_and_its_message_sent_after_the_lease(
    store: PostgresStore, database: Uris, settings: Settings, clock: Clock
) -> None:
    put(store, "file")
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_send_and_die, args=(database.app, ready))
    process.start()
    assert ready.wait(60)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert message(store)["status"] == "sending"
    channel = Recorder()
    clock.forward(seconds=LEASE.total_seconds() - 1)
    assert notify(store, {"file": channel}, settings, clock)["sent"] == 0
    clock.forward(seconds=1)
    assert notify(store, {"file": channel}, settings, clock)["sent"] == 1
    assert deliveries(store) == ["retry", "delivered"]
    assert message(store)["attempts"] == 2


def test_two_senders_at_once_send_each_message_once(store: PostgresStore, database: Uris, settings: Settings, clock: Clock) -> None:
    from concurrent.futures import ThreadPoolExecutor

    expected = {put(store, "file") for _ in range(30)}
    channel = Recorder()
    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(lambda _: notify(PostgresStore(database.app), {"file": channel}, settings, clock), range(3)))
    assert sum(count["sent"] for count in counts) == 30
    assert sorted(message.message_id for message in channel.sent) == sorted(expected)


def test_a_sender_that_lost_its_lease_does_not_put_the_message_back(store: PostgresStore, settings: Settings, clock: Clock) -> None:
    put(store, "file")

    class Slow(Recorder):
        def send(self, message: Message) -> Delivery:
            clock.forward(minutes=6)
            assert notify(store, {"file": Recorder()}, settings, clock)["sent"] == 1
            raise OSError("too late")

    notify(store, {"file": Slow()}, settings, clock)
    assert message(store)["status"] == "sent"


def test_the_application_role_may_do_all_of_it(database: Uris, settings: Settings, clock: Clock) -> None:
    store = PostgresStore(database.app)
    put(store, "file")
    assert notify(store, {"file": Recorder()}, settings, clock)["sent"] == 1
    with psycopg.connect(database.app) as connection:
        user = connection.execute("SELECT current_user").fetchone()
    assert user is not None
    assert user[0] != "postgres"


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [(1, None, 30), (2, None, 60), (5, None, 480), (6, None, 900), (500, None, 900), (1, 7, 30), (1, 3600, 3600)],
)
def test_pauses_double_up_to_a_limit(attempts: int, asked: float | None, seconds: float) -> None:
    assert pause(attempts, asked, SendRetry()) == timedelta(seconds=seconds)
