"""E-mail through SMTP: plain text with an HTML alternative."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, Literal

from ailog.adapters.notifiers.render import to_html, to_text
from ailog.domain.wording import head, one_line
from ailog.errors import AilogError, AuthFailed, ConfigError, MessageRefused, NotificationFailed
from ailog.ports import Delivery, Message
from ailog.settings import Settings

Security = Literal["none", "starttls", "ssl"]
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class SmtpConnection:
    """An SMTP server. ``ca_file`` names the certificates to trust where it is not one that the machine trusts anyway."""

    host: str
    port: int = 587
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Security = "starttls"
    ca_file: str | None = None


class EmailNotifier:
    """Sends a message to all recipients of the settings at once."""

    name = "email"

    def __init__(self, settings: Settings, connection: SmtpConnection) -> None:
        """Raises ConfigError for addresses that are none, and for a password that would travel in clear text."""
        email = settings.notify.email
        if not email.sender or not email.recipients:
            raise ConfigError("the channel email needs notify.email.sender and notify.email.recipients")
        self._sender = _address(email.sender)
        self._recipients = [_address(recipient) for recipient in email.recipients]
        self._timeout = email.timeout_seconds
        self._connection = connection
        if connection.security not in {"none", "starttls", "ssl"}:
            raise ConfigError(f"the SMTP connection extra security is {connection.security!r}; allowed: none, starttls, ssl")
        if connection.password and connection.security == "none" and connection.host not in _LOOPBACK:
            raise ConfigError(f"the password for {connection.host} would travel in clear text; set security to starttls or ssl")

    def send(self, message: Message) -> Delivery:
        """Hands the mail to the server: ``accepted``. Recipients that it refused are named in the detail when others were taken."""
        mail = self._compose(message)
        try:
            with self._connect() as server:
                refused = server.send_message(mail)
        except smtplib.SMTPAuthenticationError as error:
            raise AuthFailed(f"{self._where()} refused the login ({error.smtp_code}); check user and password of the connection") from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise self._failure(min(codes, default=550), f"refused all recipients: {_answers(error.recipients)}") from error
        except smtplib.SMTPResponseException as error:
            raise self._failure(error.smtp_code, f"answered {error.smtp_code} {_said(error.smtp_error)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotificationFailed(
                f"{self._where()} does not offer what is needed: {error}; check security in the connection extra"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotificationFailed(
                f"{self._where()} cannot be used: {one_line(error) or type(error).__name__}; it is tried again"
            ) from error
        if refused:
            return Delivery("accepted", head(f"refused for {len(refused)} of {len(self._recipients)} recipients: {_answers(refused)}", 300))
        return Delivery("accepted", f"taken for {len(self._recipients)} recipients")

    def _compose(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        # One line without control characters: a log text cannot add a header. The id lets mailboxes drop a mail that was sent twice.
        mail["Subject"] = head(one_line(message.subject), 200)
        mail["From"] = self._sender
        mail["To"] = self._recipients
        mail["Message-ID"] = f"<{message.message_id}@ailog.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(to_text(message.body))
        mail.add_alternative(to_html(message.body), subtype="html")
        return mail

    def _connect(self) -> smtplib.SMTP:
        link = self._connection
        if link.security == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(link.host, link.port, timeout=self._timeout, context=self._trust())
        else:
            server = smtplib.SMTP(link.host, link.port, timeout=self._timeout)
        try:
            if link.security == "starttls":
                server.starttls(context=self._trust())
            if link.username:
                server.login(link.username, link.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._connection.ca_file)

    def _where(self) -> str:
        return f"the mail server {self._connection.host}:{self._connection.port}"

    def _failure(self, code: int, text: str) -> AilogError:
        said = f"{self._where()} {head(text, 300)}"
        if code in {530, 534, 535, 538}:
            return AuthFailed(f"{said}; check user and password of the connection")
        return MessageRefused(said) if code >= 500 else NotificationFailed(f"{said}; it is tried again")


def _address(text: str) -> Address:
    try:
        return Address(addr_spec=text.strip())
    except (ValueError, IndexError) as error:
        raise ConfigError(f"{text!r} is no e-mail address; give one such as team@example.org") from error


def _said(answer: bytes | str) -> str:
    return one_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)


def _answers(recipients: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{name}: {code} {_said(text)}" for name, (code, text) in sorted(recipients.items()))
