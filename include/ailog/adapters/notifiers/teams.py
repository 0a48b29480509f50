"""Microsoft Teams through a Workflows webhook: pymsteams' connection carrying an Adaptive Card.

The URL of a webhook is a secret (its ``sig`` is the key), so it appears in no error, log or row: errors of the HTTP library, which quote
it, are not chained, and its debug lines about it are held back while a card is sent.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import pymsteams
import requests

from ailog.adapters.notifiers.card import encode
from ailog.domain.wording import head, one_line
from ailog.errors import AilogError, AuthFailed, ConfigError, MessageRefused, NotificationFailed, RateLimited
from ailog.ports import Delivery, Message
from ailog.settings import Settings

_ALLOWED: Final = (".logic.azure.com", ".environment.api.powerplatform.com")
_RETIRED: Final = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_MAX_ANSWER: Final = 64 * 1024
_MAX_WAIT: Final = 24 * 3600.0
_FAILURE: Final = re.compile(r"\b(error|errors|failed|failure|exception|denied|invalid|not found|too large)\b", re.IGNORECASE)
_INNER_STATUS: Final = re.compile(r"\b(?:HTTP|status|code|error)\D{0,20}([45][0-9]{2})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WebhookConnection:
    """A Workflows webhook. ``allow_hosts`` are further hosts that may be posted to: a gateway, or loopback, where plain HTTP will do."""

    url: str = field(repr=False)
    allow_hosts: tuple[str, ...] = ()


def check_url(connection: WebhookConnection) -> SplitResult:
    """The parts of a webhook URL that may be posted to. Raises ConfigError, naming the host at most, for any other."""
    try:
        parts = urlsplit(connection.url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        parts = None
    if parts is None or not host:
        # Raised out of the handler: the library's error quotes the URL.
        raise ConfigError("the Teams webhook is no URL; copy it from the Workflows trigger 'When a Teams webhook request is received'")
    if any(host == retired or host.endswith(f".{retired}") for retired in _RETIRED):
        raise ConfigError(
            f"the Teams webhook points to {host}: Office 365 connectors are retired; create a Workflows webhook "
            "('Post to a channel when a webhook request is received') and store its URL in the connection"
        )
    extra = host in connection.allow_hosts
    if not extra and not host.endswith(_ALLOWED):
        raise ConfigError(
            f"the Teams webhook points to {host}, which is no Workflows host (*{', *'.join(_ALLOWED)}); "
            'if it is a gateway of yours, name it in the connection extra: {"allow_hosts": ["..."]}'
        )
    if parts.scheme != "https" and not (extra and host in _LOOPBACK and parts.scheme == "http"):
        raise ConfigError(f"the Teams webhook at {host} must begin with https://")
    if parts.username or parts.password or (port not in {None, 443} and not extra):
        raise ConfigError(f"the Teams webhook at {host} must have neither a user, a password nor a port of its own")
    return parts


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: str
    retry_after: float | None


class _CardConnection(pymsteams.connectorcard):  # type: ignore[misc]
    """pymsteams' connection with a card that is already encoded: what was measured is what is sent, and the answer is kept to be read."""

    def __init__(self, url: str, payload: bytes, timeout: float) -> None:
        super().__init__(url, http_timeout=timeout)
        self.encoded = payload
        self.answer: _Answer | None = None

    def send(self) -> bool:
        """Posts once, follows no redirect (the card is for that host alone) and reads a bounded answer within the timeout."""
        with requests.post(
            self.hookurl,
            data=self.encoded,
            headers={"Content-Type": "application/json"},
            proxies=self.proxies,
            timeout=self.http_timeout,
            verify=self.verify if self.verify is not None else True,
            allow_redirects=False,
            stream=True,
        ) as response:
            self.last_http_response = response
            until, body = time.monotonic() + self.http_timeout, b""
            for chunk in response.iter_content(4096):
                body += chunk
                if len(body) > _MAX_ANSWER or time.monotonic() > until:
                    break
            text = body.decode("utf-8", "replace")
            self.answer = _Answer(response.status_code, text, _retry_after(response.headers.get("Retry-After")))
        return response.ok


class TeamsNotifier:
    """Posts messages as Adaptive Cards, at most one per ``pace_seconds``."""

    name = "teams"

    def __init__(self, settings: Settings, connection: WebhookConnection) -> None:
        """Raises ConfigError for a URL that is no Workflows webhook."""
        self._parts = check_url(connection)
        self._url = connection.url.strip()
        self._teams = settings.notify.teams
        self._last: float | None = None

    def send(self, message: Message) -> Delivery:
        """Posts the card once; 202 is ``accepted``, a 200 whose body reports no error is ``delivered``."""
        payload = encode(message.body, self._teams.max_bytes)
        self._keep_pace()
        card = _CardConnection(self._url, payload, self._teams.timeout_seconds)
        trouble = ""
        try:
            with _secret_kept(self._parts):
                card.send()
        except requests.Timeout:
            trouble = f"no answer within {self._teams.timeout_seconds:g} s"
        except requests.ConnectionError:
            trouble = "the connection failed or was reset"
        except (requests.RequestException, OSError) as error:
            trouble = f"the request failed ({type(error).__name__})"
        if card.answer is None:
            # Raised outside of the handlers: the library's error quotes the URL and must not be chained.
            raise NotificationFailed(f"Teams: {trouble or 'no answer'}; it is tried again")
        return self._judge(card.answer)

    def _keep_pace(self) -> None:
        now = time.monotonic()
        if self._last is not None and (wait := self._last + self._teams.pace_seconds - now) > 0:
            time.sleep(wait)
        self._last = time.monotonic()

    def _judge(self, answer: _Answer) -> Delivery:
        said = self._said(answer.body)
        if 200 <= answer.status < 300:
            inner = _inner_failure(answer.body)
            if inner is not None:
                raise _failure(inner, f"Teams answered {answer.status} but reports an error: {said}", answer.retry_after)
            return Delivery("accepted" if answer.status == 202 else "delivered", f"HTTP {answer.status}")
        raise _failure(answer.status, f"Teams answered {answer.status}: {said or 'no text'}", answer.retry_after)

    def _said(self, body: str) -> str:
        text = one_line(body)
        for secret in (self._url, self._parts.query, *re.findall(r"(?:^|&)(?:sig|code|token)=([^&]+)", self._parts.query)):
            if len(secret) > 3:
                text = text.replace(secret, "***")
        return head(re.sub(r"\b(sig|code|token)=[^\s&\"']+", r"\1=***", text), 300)


def _failure(status: int, text: str, retry_after: float | None) -> AilogError:
    if status == 429:
        return RateLimited(f"{text}; it is tried again", retry_after=retry_after)
    if status in {401, 403, 407}:
        return AuthFailed(f"{text}; the webhook's signature or the flow's permission is wrong: store a new URL in the connection")
    if status in {404, 410}:
        return MessageRefused(f"{text}; the flow is gone or switched off: create it again and store its URL in the connection")
    if status in {408, 425} or 300 <= status < 400 or status >= 500:
        return NotificationFailed(f"{text}; it is tried again", retry_after=retry_after)
    return MessageRefused(text)


def _inner_failure(body: str) -> int | None:
    """The status hidden in the body of a 2xx answer; None when it is no error.

    A page of HTML, which no flow writes, counts as 502; an error without a number as 400.
    """
    text = body.strip()
    if text in {"", "1"}:
        return None
    if text[:200].lstrip("\ufeff").lower().startswith(("<!doctype", "<html")):
        return 502
    try:
        answer = json.loads(text)
    except ValueError:
        failed = bool(_FAILURE.search(text))
    else:
        failed = _says_error(answer)
    if not failed:
        return None
    named = _INNER_STATUS.search(text)
    return int(named[1]) if named else 400


def _says_error(answer: Any) -> bool:
    if isinstance(answer, dict):
        if answer.get("error") or answer.get("errors"):
            return True
        status = answer.get("statusCode", answer.get("status"))
        if isinstance(status, int) and not isinstance(status, bool):
            return status >= 400
        return isinstance(status, str) and bool(_FAILURE.search(status))
    return isinstance(answer, str) and bool(_FAILURE.search(answer))


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait of a Retry-After header, which holds seconds or a date; None when absent or unreadable."""
    if not value:
        return None
    try:
        wait = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        wait = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, wait), _MAX_WAIT) if wait == wait else None  # noqa: PLR0124 - "nan" is a float too


@contextmanager
def _secret_kept(parts: SplitResult) -> Iterator[None]:
    """Holds back the HTTP library's debug lines that show the path and query of the URL."""
    logger = logging.getLogger("urllib3.connectionpool")

    def harmless(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        return not any(len(secret) > 1 and secret in text for secret in (parts.path, parts.query))

    logger.addFilter(harmless)
    try:
        yield
    finally:
        logger.removeFilter(harmless)
