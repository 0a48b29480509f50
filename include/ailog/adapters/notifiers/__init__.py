"""Channels that messages go out by: one file a channel, one line in ``NOTIFIERS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ailog.adapters.notifiers.email import EmailNotifier, SmtpConnection
from ailog.adapters.notifiers.file import FileNotifier
from ailog.adapters.notifiers.teams import TeamsNotifier, WebhookConnection
from ailog.errors import ConfigError, NotificationFailed
from ailog.ports import Delivery, Message, Notifier
from ailog.settings import Settings

Connection = WebhookConnection | SmtpConnection

NOTIFIERS: Final[Mapping[str, Callable[[Settings, Any], Notifier]]] = {
    "teams": TeamsNotifier,
    "email": EmailNotifier,
    "file": FileNotifier,
}
_NEEDS: Final[Mapping[str, type]] = {"teams": WebhookConnection, "email": SmtpConnection}


class UnusableNotifier:
    """A channel whose configuration is wrong: its messages wait until it is mended, and the other channels go on."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason

    def send(self, message: Message) -> Delivery:  # noqa: ARG002 - nothing can be sent
        """Raises NotificationFailed with the reason."""
        raise NotificationFailed(self.reason)


def used_channels(settings: Settings) -> list[str]:
    """Every channel that a message can be addressed to: those of ``notify``, of ``watch`` and of the namespaces."""
    spaces = [settings.namespaces.defaults, *settings.namespaces.namespaces.values()]
    return sorted({*settings.notify.channels, *settings.watch.channels, *(channel for space in spaces for channel in space.alert.channels)})


def build(settings: Settings, connections: Mapping[str, Connection]) -> dict[str, Notifier]:
    """The notifiers of all channels in use; ``connections`` maps ``teams`` and ``email`` to theirs.

    Never raises for one channel: one that lacks its connection, or has a wrong one, becomes an ``UnusableNotifier`` that says why.
    """
    built: dict[str, Notifier] = {}
    for name in used_channels(settings):
        try:
            built[name] = NOTIFIERS[name](settings, _connection(settings, connections, name))
        except ConfigError as error:
            built[name] = UnusableNotifier(name, str(error))
    return built


def _connection(settings: Settings, connections: Mapping[str, Connection], name: str) -> Connection | None:
    needed = _NEEDS.get(name)
    if needed is None:
        return None
    connection = connections.get(name)
    if not isinstance(connection, needed):
        given = getattr(settings.notify, name).connection
        raise ConfigError(
            f"the channel {name} has no connection: create the Airflow connection {given!r} or set AIRFLOW_CONN_{given.upper()}"
        )
    return connection
