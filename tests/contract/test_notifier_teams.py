from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import uuid4

import pytest
from tests.support.incident_rows import incident
from tests.support.messages import changed, digest, teams, texts
from tests.support.teams_server import FLOW_LIMIT, Answer, TeamsServer, flaw

from ailog.adapters.notifiers.card import to_card
from ailog.adapters.notifiers.render import to_html, to_markdown, to_text
from ailog.adapters.notifiers.teams import TeamsNotifier, WebhookConnection
from ailog.domain.message import Message
from ailog.errors import AilogError, AuthFailed, ConfigError, MessageRefused, NotificationFailed, RateLimited

SECRET = "TOPSECRET123"


@pytest.fixture
def server() -> Iterator[TeamsServer]:
    with TeamsServer() as running:
        yield running


OK = [
    (Answer(202), "accepted"),
    (Answer(200, "1"), "delivered"),
    (Answer(200, ""), "delivered"),
    (Answer(200, '{"status": "posted", "errors": []}'), "delivered"),
    (Answer(204), "delivered"),
]


@pytest.mark.parametrize(("answer", "outcome"), OK, ids=[f"{answer.status} {answer.body}" for answer, _ in OK])
def test_an_answer_of_success_is_a_delivery(server: TeamsServer, answer: Answer, outcome: str) -> None:
    server.script.append(answer)
    assert teams(server).send(digest(incident())).outcome == outcome


IN_200 = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error {} with ContextId x"


FAILURES: list[tuple[str, Answer, type[AilogError], str]] = [
    ("400", Answer(400, "bad card"), MessageRefused, "400: bad card"),
    ("413", Answer(413, "big"), MessageRefused, "413"),
    ("401", Answer(401, "no"), AuthFailed, "store a new URL"),
    ("403", Answer(403, "no"), AuthFailed, "store a new URL"),
    ("404", Answer(404, "gone"), MessageRefused, "flow is gone"),
    ("410", Answer(410, ""), MessageRefused, "no text"),
    ("302", Answer(302, "", {"Location": "http://127.0.0.1:9/"}), NotificationFailed, "302"),
    ("408", Answer(408, ""), NotificationFailed, "408"),
    ("429", Answer(429, "slow down", {"Retry-After": "17"}), RateLimited, "429"),
    ("500", Answer(500, "oops"), NotificationFailed, "500: oops"),
    ("503", Answer(503, "", {"Retry-After": "99"}), NotificationFailed, "503"),
    ("429 inside 200", Answer(200, IN_200.format(429)), RateLimited, "reports an error"),
    ("413 inside 200", Answer(200, IN_200.format(413)), MessageRefused, "reports an error"),
    ("502 inside 202", Answer(202, IN_200.format(502)), NotificationFailed, "reports an error"),
    ("JSON error inside 200", Answer(200, '{"error": {"code": "InvalidTemplate"}}'), MessageRefused, "InvalidTemplate"),
    ("JSON status inside 200", Answer(200, '{"statusCode": 503}'), NotificationFailed, "503"),
    ("login page", Answer(200, "<!DOCTYPE html><html>Sign in</html>"), NotificationFailed, "reports an error"),
    ("no answer", Answer(kind="hang", seconds=60), NotificationFailed, "no answer within 1 s"),
    ("reset", Answer(kind="reset"), NotificationFailed, "failed or was reset"),
    ("secret in the answer", Answer(400, f"no flow at /workflows/abc?sig={SECRET}"), MessageRefused, r"sig=\*\*\*"),
]


@pytest.mark.parametrize(("answer", "family", "text"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_an_answer_of_failure_says_what_to_do_and_keeps_the_secret(
    server: TeamsServer, answer: Answer, family: type[AilogError], text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script.append(answer)
    with pytest.raises(family, match=text) as caught:
        teams(server).send(digest(incident()))
    assert type(caught.value) is family
    chain: list[BaseException] = [caught.value]
    while following := (chain[-1].__cause__ or chain[-1].__context__):
        chain.append(following)
    assert SECRET not in caplog.text + " ".join(str(error) for error in chain)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("nan", None),
        ("1e99", 86400.0),
        ("soon", None),
        ("in 300 s as a date", 300.0),
    ],
)
def test_the_wait_that_was_asked_for_is_handed_on(server: TeamsServer, header: str, seconds: float | None) -> None:
    if "date" in header:
        header = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    server.script.append(Answer(429, "", {"Retry-After": header}))
    with pytest.raises(RateLimited) as caught:
        teams(server).send(digest(incident()))
    assert caught.value.retry_after == (seconds if seconds != 300.0 else pytest.approx(300, abs=5))


def test_a_server_that_is_down_is_tried_again_later(server: TeamsServer) -> None:
    notifier = teams(server)
    server.__exit__()
    with pytest.raises(NotificationFailed, match="failed or was reset") as caught:
        notifier.send(digest(incident()))
    assert caught.value.__context__ is None


def test_messages_keep_their_pace(server: TeamsServer) -> None:
    notifier = teams(server, pace_seconds=0.3)
    for _ in range(3):
        notifier.send(digest(incident()))
    gaps = [later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False)]
    assert min(gaps) >= 0.28


URLS = [
    ("https://prod-07.westeurope.logic.azure.com:443/workflows/x?sig=y", None),
    ("https://default123.b1.environment.api.powerplatform.com/powerautomate/x?sig=y", None),
    ("https://acme.webhook.office.com/webhookb2/x", "retired"),
    ("https://outlook.office.com/webhook/x", "retired"),
    ("https://logic.azure.com.evil.example/x", "no Workflows host"),
    ("https://evillogic.azure.com/x", "no Workflows host"),
    ("http://prod-07.westeurope.logic.azure.com/x", "https://"),
    ("https://user:pw@prod-07.westeurope.logic.azure.com/x", "neither a user"),
    ("https://prod-07.westeurope.logic.azure.com:8443/x", "nor a port"),
    ("http://127.0.0.1:1/x", "no Workflows host"),
    ("sig=SECRETVALUE", "no URL"),
    ("https://[::1/SECRETVALUE", "no URL"),
    ("", "no URL"),
]


@pytest.mark.parametrize(("url", "complaint"), URLS)
def test_only_workflows_urls_are_taken(url: str, complaint: str | None) -> None:
    connection = WebhookConnection(url)
    assert "sig" not in repr(connection)
    if complaint is None:
        TeamsNotifier(changed(), connection)
        return
    with pytest.raises(ConfigError, match=complaint) as caught:
        TeamsNotifier(changed(), connection)
    assert "SECRETVALUE" not in f"{caught.value}{caught.value.__context__}"


def test_a_gateway_is_taken_when_it_is_named() -> None:
    TeamsNotifier(changed(), WebhookConnection("https://gateway.example.org:8443/x", allow_hosts=("gateway.example.org",)))
    with pytest.raises(ConfigError, match="https://"):
        TeamsNotifier(changed(), WebhookConnection("http://gateway.example.org/x", allow_hosts=("gateway.example.org",)))


def test_a_body_of_another_shape_is_told_whole(server: TeamsServer) -> None:
    message = Message(
        str(uuid4()), "teams", "alarm", "s", {"title": "regular_phase.fetch failed", "error": "no shard", "try_number": 3, "log_url": ""}
    )
    teams(server).send(message)
    assert texts(server.posted[0])[-1] == "try number: 3"
    assert "error: no shard" in texts(server.posted[0])
    for render in (to_text, to_markdown, to_html):
        assert "no shard" in render(message.body)


def test_the_stand_in_drops_what_the_real_flow_drops(server: TeamsServer) -> None:
    big = {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {"text": "x" * FLOW_LIMIT}}],
    }
    assert "exceed" in flaw(big)
    assert flaw({"type": "message", "attachments": []}) == "not a message with one attachment"
    card = to_card(digest(incident()).body)
    assert flaw(card) == ""
    card["attachments"][0]["content"]["version"] = "1.5"
    assert "newer" in flaw(card)
