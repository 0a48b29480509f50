"""A message of the outbox, as the digest builds it and a channel sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the outbox: ``body`` is the channel-neutral digest that ``domain.digest`` builds."""

    message_id: str
    channel: str
    kind: str
    subject: str
    body: Mapping[str, Any]
