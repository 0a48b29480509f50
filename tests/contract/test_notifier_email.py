from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.incident_rows import HOSTILE, incident
from tests.support.mail_server import MailServer
from tests.support.messages import changed, digest, email, hostile_incident

from ailog.adapters.notifiers.email import EmailNotifier, SmtpConnection
from ailog.domain.message import Message
from ailog.errors import AuthFailed, ConfigError, MessageRefused, NotificationFailed


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
