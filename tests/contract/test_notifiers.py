from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.support.incident_rows import HOSTILE, incident, run
from tests.support.mail_server import MailServer
from tests.support.teams_server import FLOW_LIMIT, Answer, TeamsServer, flaw

from ailog import settings as configuration
from ailog.adapters.notifiers import NOTIFIERS, UnusableNotifier, build, used_channels
from ailog.adapters.notifiers.card import encode, to_card
from ailog.adapters.notifiers.email import EmailNotifier, SmtpConnection
from ailog.adapters.notifiers.file import FileNotifier
from ailog.adapters.notifiers.render import escape_markdown, to_html, to_markdown, to_text
from ailog.adapters.notifiers.teams import TeamsNotifier, WebhookConnection
from ailog.domain.digest import build_alarm, build_digests
from ailog.domain.message import Message
from ailog.domain.notices import NoticeRules, decide
from ailog.errors import AilogError, AuthFailed, ConfigError, MessageRefused, NotificationFailed, RateLimited
from ailog.settings import Settings

SECRET = "TOPSECRET123"


def changed(**notify: Any) -> Settings:
    loaded = configuration.load()
    values = loaded.notify.model_dump() | {"channels": ["teams", "email", "file"]}
    values["teams"] |= {"timeout_seconds": 1, "pace_seconds": 0} | notify.pop("teams", {})
    values["email"] |= {"sender": "ailog@example.org", "recipients": ["a@example.org", "b@example.org"], "timeout_seconds": 2}
    values["file"] |= notify.pop("file", {})
    return loaded.model_copy(update={"notify": type(loaded.notify).model_validate(values | notify)})


def digest(*rows: dict[str, Any], settings: Settings | None = None, **run_changes: Any) -> Message:
    settings = settings or changed()
    told = run(**run_changes)
    notices = {str(row["incident_id"]): decide(row, told["window_to"], NoticeRules.of(settings, row["namespace"])) for row in rows}
    return build_digests(told, list(rows), notices, settings)[0]


def hostile_incident(text: str, i: int = 0) -> dict[str, Any]:
    return incident(
        problem_key=f"TIMEOUT:{text}:{text}{i}",
        namespace=f"{text}{i}",
        reason=text,
        sample=text,
        apps={text: 3},
        root_cause={"app": text, "message": text, "note": text, "path": [{"app": text}, {"app": text}]},
        known_issue_id="KI-1",
        known_issue={"title": text, "ticket": text, "workaround": text},
    )


@pytest.fixture
def server() -> Iterator[TeamsServer]:
    with TeamsServer() as running:
        yield running


def teams(server: TeamsServer, **options: Any) -> TeamsNotifier:
    return TeamsNotifier(changed(teams=options), WebhookConnection(server.url, allow_hosts=("127.0.0.1",)))


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


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("max_bytes", [2_000, 6_000, 20_000, 28_000])
def test_a_card_of_any_text_fits_and_would_be_posted(name: str, max_bytes: int) -> None:
    rows = [hostile_incident(HOSTILE[name], i) for i in range(12)]
    settings = changed(top=10)
    payload = encode(digest(*rows, settings=settings).body, max_bytes)
    assert len(payload) <= max_bytes
    assert flaw(json.loads(payload)) == ""


def test_a_card_that_was_cut_says_how_much_is_missing() -> None:
    body = digest(*[incident(problem_key=f"A:b:c{i}", sample="x" * 390) for i in range(10)], settings=changed(top=10)).body
    whole = json.loads(encode(body, 28_000))
    assert texts(whole)[-1] != ""
    assert not any("Left out" in text or "Samples" in text for text in texts(whole))
    for max_bytes, said in ((11_500, "Samples were"), (8_000, "Left out to keep the message within its size: ")):
        cut = json.loads(encode(body, max_bytes))
        assert any(said in text for text in texts(cut)), max_bytes
    kept = sum("A:b:c" in text for text in texts(cut))
    assert any(f"{10 - kept} sections" in text for text in texts(cut))


def texts(payload: dict[str, Any]) -> list[str]:
    def walk(elements: list[dict[str, Any]]) -> Iterator[str]:
        for element in elements:
            if "text" in element:
                yield element["text"]
            for fact in element.get("facts", []):
                yield f"{fact['title']}: {fact['value']}"
            yield from walk(element.get("items", []))

    return list(walk(payload["attachments"][0]["content"]["body"]))


def test_markdown_and_html_in_a_card_do_not_act() -> None:
    shown = "\n".join(texts(to_card({**digest(hostile_incident(HOSTILE["markdown"])).body})))
    assert "[click](" not in shown
    assert r"\[click\](https://evil.example/x)" in shown
    assert r"\*\*bold\*\*" in shown
    shown = "\n".join(texts(to_card(digest(hostile_incident(HOSTILE["html"])).body)))
    assert "<script" not in shown
    assert "&lt;script" in shown
    assert "{{DATE" not in "\n".join(texts(to_card(digest(hostile_incident(HOSTILE["card"])).body)))


def test_a_partial_run_is_said_at_the_top_of_a_card() -> None:
    body = digest(incident(), status="partial").body
    assert texts(to_card(body))[2].startswith("PARTIAL RUN")
    assert texts(json.loads(encode(body, 2_000)))[2].startswith("PARTIAL RUN")


def test_a_body_of_another_shape_is_told_whole(server: TeamsServer) -> None:
    message = Message(
        str(uuid4()), "teams", "alarm", "s", {"title": "regular_phase.fetch failed", "error": "no shard", "try_number": 3, "log_url": ""}
    )
    teams(server).send(message)
    assert texts(server.posted[0])[-1] == "try number: 3"
    assert "error: no shard" in texts(server.posted[0])
    for render in (to_text, to_markdown, to_html):
        assert "no shard" in render(message.body)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("name", HOSTILE)
def test_html_of_any_text_holds_only_our_tags(name: str) -> None:
    text = HOSTILE[name]
    alarm = build_alarm(title=text, reason=text, remedy=text, facts={text: text}, settings=changed())[0]
    for message in (digest(hostile_incident(text), status="partial", error=text), alarm):
        parser = _Tags()
        parser.feed(to_html(message.body))
        assert parser.tags <= {"html", "head", "meta", "body", "h2", "h3", "p", "table", "tr", "td", "pre", "a"}
        assert parser.attributes <= {"lang", "charset", "style", "href"}


def test_escaped_markdown_starts_neither_heading_nor_list() -> None:
    assert escape_markdown("# a\n- b\n+ c\n12. d\n> e\n| f |\n===") == "\\# a\n\\- b\n\\+ c\n12\\. d\n&gt; e\n\\| f \\|\n\\==="
    assert escape_markdown("pcb-sit-01-app 1.5 (x) a.b.C!") == "pcb-sit-01-app 1.5 (x) a.b.C!"


def test_a_sample_in_markdown_is_code_and_no_part_of_the_list_before_it() -> None:
    lines = to_markdown(digest(incident(sample=HOSTILE["markdown"])).body).split("\n")
    start = lines.index("Sample:")
    assert lines[start - 1] == lines[start + 1] == ""
    assert lines[start + 2].startswith("    [click](")
    assert all(line.startswith("    ") or not line for line in lines[start + 2 :])


def email(server: MailServer, **options: Any) -> EmailNotifier:
    return EmailNotifier(changed(), SmtpConnection("127.0.0.1", server.port, **{"security": "none", **options}))


def test_a_mail_has_a_text_and_an_escaped_html_part() -> None:
    message = digest(incident(sample=HOSTILE["html"]))
    with MailServer() as server:
        assert email(server).send(message).outcome == "accepted"
    (mail,) = server.mails
    assert mail["Subject"] == message.subject
    assert mail["To"] == "a@example.org, b@example.org"
    assert mail["Message-ID"] == f"<{message.message_id}@ailog.invalid>"
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    assert "Root cause:    payments" in text.get_content()
    assert "&lt;script&gt;" in page.get_content()
    assert "<script" not in page.get_content()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_adds_a_header_to_a_mail(name: str) -> None:
    message = digest(hostile_incident(HOSTILE[name]))
    message = Message(message.message_id, "email", "digest", HOSTILE[name] + "\r\nBcc: victim@example.org", message.body)
    with MailServer() as server:
        email(server).send(message)
    assert {name.lower() for name in server.mails[0].keys()} - {"x-peer", "x-mailfrom", "x-rcptto"} == {  # noqa: SIM118
        "subject", "from", "to", "message-id", "auto-submitted", "mime-version", "content-type",
    }  # fmt: skip
    assert max(len(line) for line in server.raw[0].split(b"\r\n")) <= 998


def test_what_a_mail_server_answers_decides() -> None:
    message = digest(incident())
    with MailServer() as server:
        server.refuse = {"a@example.org": "550 unknown"}
        assert "a@example.org: 550 unknown" in email(server).send(message).detail
        server.refuse = {"a@example.org": "550 unknown", "b@example.org": "451 later"}
        with pytest.raises(NotificationFailed, match="451 later"):
            email(server).send(message)
        server.refuse = dict.fromkeys(("a@example.org", "b@example.org"), "550 unknown")
        with pytest.raises(MessageRefused, match="refused all recipients"):
            email(server).send(message)
        server.refuse = {}
        server.data_answer = "554 spam"
        with pytest.raises(MessageRefused, match="554 spam"):
            email(server).send(message)
        server.data_answer = "452 full"
        with pytest.raises(NotificationFailed, match="452 full"):
            email(server).send(message)
        gone = email(server)
        with pytest.raises(NotificationFailed, match="check security"):
            email(server, security="starttls").send(message)
    with pytest.raises(NotificationFailed, match="cannot be used"):
        gone.send(message)


def test_mail_over_starttls_with_login(tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    with MailServer(tls=context, login=("ailog", "right")) as server:
        link = {"security": "starttls", "username": "ailog", "ca_file": str(authority)}
        assert email(server, password="right", **link).send(digest(incident())).outcome == "accepted"
        with pytest.raises(AuthFailed, match="refused the login") as caught:
            email(server, password="wrong", **link).send(digest(incident()))
        assert "wrong" not in str(caught.value)
        with pytest.raises(NotificationFailed, match="certificate"):
            email(server, password="right", **{**link, "ca_file": None}).send(digest(incident()))


def test_a_password_never_travels_in_clear_text() -> None:
    connection = SmtpConnection("mail.example.org", 25, "ailog", "hunter2", security="none")
    assert "hunter2" not in repr(connection)
    with pytest.raises(ConfigError, match="clear text"):
        EmailNotifier(changed(), connection)


def certificate(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for 127.0.0.1 and the certificate to trust."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = directory / "cert.pem", directory / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, secret)
    return context, pem


def test_a_message_is_two_files_and_sending_it_again_changes_nothing(tmp_path: Path) -> None:
    notifier = FileNotifier(changed(file={"directory": str(tmp_path / "out")}))
    message = digest(hostile_incident(HOSTILE["control"]))
    assert notifier.send(message).outcome == "delivered"
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    notifier.send(message)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert sorted(before) == [f"{message.message_id}.json", f"{message.message_id}.md"]
    assert json.loads(before[f"{message.message_id}.json"])["subject"] == message.subject


def test_a_folder_that_cannot_be_written_is_tried_again_and_an_id_cannot_leave_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotificationFailed, match="cannot be written"):
        FileNotifier(changed(file={"directory": str(tmp_path / "file")})).send(digest(incident()))
    escape = Message("../../evil", "file", "digest", "s", digest(incident()).body)
    with pytest.raises(MessageRefused, match="no UUID"):
        FileNotifier(changed(file={"directory": str(tmp_path)})).send(escape)


def test_every_channel_of_the_settings_has_a_notifier() -> None:
    settings = changed()
    assert used_channels(settings) == ["email", "file", "teams"] == sorted(NOTIFIERS)
    link = WebhookConnection("https://x.logic.azure.com/workflows/y?sig=z")
    built = build(settings, {"teams": link, "email": SmtpConnection("mail.example.org")})
    assert {name: type(notifier).name for name, notifier in built.items()} == {name: name for name in NOTIFIERS}  # type: ignore[attr-defined]


def test_a_channel_without_or_with_a_wrong_connection_waits_and_the_others_go_on() -> None:
    built = build(changed(), {"teams": WebhookConnection("https://outlook.office.com/webhook/x")})
    assert isinstance(built["file"], FileNotifier)
    assert isinstance(built["teams"], UnusableNotifier)
    with pytest.raises(NotificationFailed, match="retired"):
        built["teams"].send(digest(incident()))
    with pytest.raises(NotificationFailed, match="AIRFLOW_CONN_AILOG_SMTP"):
        built["email"].send(digest(incident()))


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
