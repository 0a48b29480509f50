"""The one alarm that cannot go through the database: that there is none. It is remembered elsewhere and sent directly.

What is remembered is one small JSON text: since when, when it was told last and how often. A DAG keeps it in a variable of Airflow, whose
database is another one and which every worker sees; the command line keeps it in a file under the reports. Where it can be kept nowhere
the alarm is sent all the same: twice is better than never.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from ailog.domain import watch as rules
from ailog.domain.masking import mask_text
from ailog.domain.message import Message
from ailog.domain.watch import Alarm
from ailog.domain.wording import head, one_line
from ailog.errors import AilogError
from ailog.ports import Notifier
from ailog.settings import Settings

log = logging.getLogger(__name__)

KEY: Final = "database"


class Memory(Protocol):
    """Keeps one short text outside of the product's database."""

    def read(self) -> str:
        """The text; empty when there is none, or when it cannot be read."""

    def write(self, text: str) -> None:
        """Keeps the text; says so in the log when it cannot."""


@dataclass(frozen=True, slots=True)
class Outage:
    """What is remembered; ``told_at`` is None while it is too young to be told."""

    since: datetime
    told_at: datetime | None = None
    times_told: int = 0

    @classmethod
    def remembered(cls, memory: Memory) -> Outage | None:
        """The outage that goes on; None when there is none, or nobody can read what was written."""
        try:
            found = json.loads(memory.read() or "null")
            if found is None:
                return None
            told = datetime.fromisoformat(found["told_at"]) if found["told_at"] else None
            return cls(datetime.fromisoformat(found["since"]).astimezone(UTC), told, int(found["times_told"]))
        except (ValueError, TypeError, KeyError):
            log.warning("what is remembered of an outage of the database cannot be read: it begins anew")
            return None

    def keep(self, memory: Memory) -> None:
        """Remembers it."""
        told = self.told_at.isoformat() if self.told_at else None
        memory.write(json.dumps({"since": self.since.isoformat(), "told_at": told, "times_told": self.times_told}))


def alarm(error: AilogError | str) -> Alarm:
    """The alarm about a database that cannot be used."""
    return Alarm(
        KEY,
        "the database cannot be used",
        head(mask_text(one_line(error)), 500),
        "nothing is analysed until it can: mend what the message names ('ailog doctor' says what is wrong); windows are caught up then",
    )


def tell(error: AilogError, memory: Memory, notifiers: Mapping[str, Notifier], settings: Settings, now: datetime) -> tuple[Alarm, str]:
    """Sends the alarm directly when it is due: once it has lasted, and again after growing pauses.

    Returns:
        The alarm, and what became of it, for the log.
    """
    known = Outage.remembered(memory) or Outage(now)
    found = alarm(error)
    young = known.told_at is None and now - known.since < timedelta(minutes=settings.watch.database_minutes)
    recent = known.told_at is not None and now - known.told_at < rules.pause(known.times_told, settings)
    if young or recent:
        known.keep(memory)
        return found, "too young to be told" if young else "told already"
    said = rules.messages(found, settings, list(notifiers), opened_at=known.since, now=now, times_told=known.times_told)
    outcomes = send(said, notifiers)
    if any(outcome == "sent directly" for outcome in outcomes.values()):
        known = Outage(known.since, now, known.times_told + 1)
    known.keep(memory)
    return found, "; ".join(f"{channel}: {outcome}" for channel, outcome in outcomes.items())


def send(messages: Sequence[Message], notifiers: Mapping[str, Notifier]) -> dict[str, str]:
    """Hands messages over without an outbox: the last resort. Returns what became of each, by channel; never raises for a channel."""
    outcomes: dict[str, str] = {}
    for message in messages:
        notifier = notifiers.get(message.channel)
        if notifier is None:
            outcomes[message.channel] = "no such channel is switched on"
            continue
        try:
            notifier.send(message)
            outcomes[message.channel] = "sent directly"
        except AilogError as error:
            outcomes[message.channel] = str(error)
    return outcomes
