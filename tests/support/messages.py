"""Messages and channels for tests of notifiers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.incident_rows import incident, run
from tests.support.mail_server import MailServer
from tests.support.teams_server import TeamsServer

from ailog import settings as configuration
from ailog.adapters.notifiers.email import EmailNotifier, SmtpConnection
from ailog.adapters.notifiers.teams import TeamsNotifier, WebhookConnection
from ailog.domain.digest import build_digests
from ailog.domain.message import Message
from ailog.domain.notices import NoticeRules, decide
from ailog.settings import Settings


def changed(**notify: Any) -> Settings:
    """The shipped settings with all channels on and other values of ``notify``."""
    loaded = configuration.load()
    values = loaded.notify.model_dump() | {"channels": ["teams", "email", "file"]}
    values["teams"] |= {"timeout_seconds": 1, "pace_seconds": 0} | notify.pop("teams", {})
    values["email"] |= {"sender": "ailog@example.org", "recipients": ["a@example.org", "b@example.org"], "timeout_seconds": 2}
    values["file"] |= notify.pop("file", {})
    return loaded.model_copy(update={"notify": type(loaded.notify).model_validate(values | notify)})


def digest(*rows: dict[str, Any], settings: Settings | None = None, **run_changes: Any) -> Message:
    """The message of a run about incidents."""
    settings = settings or changed()
    told = run(**run_changes)
    notices = {str(row["incident_id"]): decide(row, told["window_to"], NoticeRules.of(settings, row["namespace"])) for row in rows}
    return build_digests(told, list(rows), notices, settings)[0].message


def hostile_incident(text: str, i: int = 0) -> dict[str, Any]:
    """An incident of which every text is hostile."""
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


def teams(server: TeamsServer, **options: Any) -> TeamsNotifier:
    """The channel that posts to the stand-in."""
    return TeamsNotifier(changed(teams=options), WebhookConnection(server.url, allow_hosts=("127.0.0.1",)))


def texts(payload: dict[str, Any]) -> list[str]:
    """Every text of a card, in order."""

    def walk(elements: list[dict[str, Any]]) -> Iterator[str]:
        for element in elements:
            if "text" in element:
                yield element["text"]
            for fact in element.get("facts", []):
                yield f"{fact['title']}: {fact['value']}"
            yield from walk(element.get("items", []))

    return list(walk(payload["attachments"][0]["content"]["body"]))


def email(server: MailServer, **options: Any) -> EmailNotifier:
    """The channel that mails to the stand-in."""
    return EmailNotifier(changed(), SmtpConnection("127.0.0.1", server.port, **{"security": "none", **options}))
