"""One short text in a file: what must be remembered when there is no database."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from ailog.files import replace_whole

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileMemory:
    """Keeps the text in a file."""

    path: Path

    def read(self) -> str:
        """The text; empty when there is none, or when it cannot be read."""
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def write(self, text: str) -> None:
        """Keeps the text; says so in the log when it cannot."""
        try:
            if text:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                replace_whole(self.path, text.encode())
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be written (%s): an outage of the database may be told twice", self.path, error.strerror)
