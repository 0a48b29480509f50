"""Messages as files in a folder: JSON for machines, Markdown for people."""

from __future__ import annotations

import json
from uuid import UUID

from ailog.adapters.notifiers.render import to_markdown
from ailog.errors import MessageRefused, NotificationFailed
from ailog.files import replace_whole
from ailog.ports import Delivery, Message
from ailog.settings import PACKAGE_ROOT, Settings


class FileNotifier:
    """Writes ``<message id>.json`` and ``.md``; a message that is sent again replaces itself."""

    name = "file"

    def __init__(self, settings: Settings, connection: None = None) -> None:  # noqa: ARG002 - every channel is made alike
        """A relative ``notify.file.directory`` lies in the project's folder."""
        self._directory = PACKAGE_ROOT / settings.notify.file.directory

    def send(self, message: Message) -> Delivery:
        """Writes both files whole or not at all: ``delivered``."""
        try:
            name = str(UUID(message.message_id))  # the id names a file, so it must be nothing but an id
        except ValueError as error:
            raise MessageRefused(f"the message id {message.message_id!r} is no UUID") from error
        record = {
            "message_id": name,
            "kind": message.kind,
            "subject": message.subject,
            "body": dict(message.body),
        }
        texts = {".md": to_markdown(message.body), ".json": json.dumps(record, indent=2, sort_keys=True, ensure_ascii=True) + "\n"}
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            for suffix, text in texts.items():
                replace_whole(self._directory / f"{name}{suffix}", text.encode("utf-8", "replace"))
        except OSError as error:
            raise NotificationFailed(f"{self._directory} cannot be written ({error.strerror}); it is tried again") from error
        return Delivery("delivered", f"{name}.json, {name}.md")
