from __future__ import annotations

import pytest
from tests.support.incident_rows import incident
from tests.support.messages import changed, digest

from ailog.adapters.notifiers import NOTIFIERS, UnusableNotifier, build, used_channels
from ailog.adapters.notifiers.email import SmtpConnection
from ailog.adapters.notifiers.file import FileNotifier
from ailog.adapters.notifiers.teams import WebhookConnection
from ailog.errors import NotificationFailed


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
