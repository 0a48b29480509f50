"""Alarms about the analyzer itself: a task that failed for good is told through the same outbox as an incident."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from psycopg.types.json import Jsonb

from ailog.connections import Connect
from ailog.domain.digest import build_alarm
from ailog.domain.masking import mask_text
from ailog.domain.message import Message
from ailog.errors import AilogError, ConfigError, PermanentError, TransientError
from ailog.orchestration import outage
from ailog.orchestration.composition import Composition
from ailog.orchestration.steps import utc_now
from ailog.orchestration.timeouts import CALLBACK_SECONDS
from ailog.settings import Settings

_ERROR_CHARACTERS: Final = 1000
_REMEDIES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ConfigError, "mend what the message names, then clear the task"),
    (PermanentError, "another try fails in the same way: mend what the message names, then clear the task"),
    (TransientError, "see whether the other side is up; then clear the task, or leave it to the next run, which catches up"),
)
_OTHER_REMEDY: Final = "read the log of the task, then clear it"


@dataclass(frozen=True, slots=True)
class Failure:
    """One task that Airflow will not try again. ``part`` says which one of a mapped task, by its label or number; empty otherwise."""

    dag_id: str
    dag_run_id: str
    task_id: str
    part: str
    try_number: int
    error: BaseException | str | None
    log_url: str = ""

    @property
    def task(self) -> str:
        """The task as a person knows it; the same in every run."""
        return f"{self.dag_id}.{self.task_id}" + (f"[{self.part}]" if self.part else "")

    @property
    def reason(self) -> str:
        """The error in one line, secrets masked; its type is named unless it is one of our families, which speak for themselves."""
        text = str(self.error) if isinstance(self.error, AilogError | str) else repr(self.error)
        return mask_text(" ".join(text.split()))[:_ERROR_CHARACTERS]

    def messages(self, settings: Settings) -> list[Message]:
        """One message for every channel; the same failed try has the same ids, however often it is told."""
        remedy = next((text for family, text in _REMEDIES if isinstance(self.error, family)), _OTHER_REMEDY)
        facts = {"Run": self.dag_run_id, "Try": self.try_number, **({"Log": self.log_url} if self.log_url else {})}
        key = "|".join((self.dag_run_id, self.task, str(self.try_number)))
        return build_alarm(title=f"{self.task} failed", reason=self.reason, remedy=remedy, facts=facts, settings=settings, subject_key=key)


def raise_alarm(failure: Failure, settings: Settings, connect: Connect, memory: outage.Memory | None = None) -> str:
    """Puts one message for every channel into the outbox; sends them directly when the database cannot take them.

    Within ``notify.cooldown_minutes`` the same task is told of once. ``memory`` knows of an outage of the database: what was told of it
    covers every task that fails of it, so that a failing database is told once and not by every task.

    Returns:
        What became of it, for the task's log.
    """
    parts = Composition(settings, connect)
    messages = failure.messages(settings)
    try:
        with closing(parts.store_within(CALLBACK_SECONDS, "ailog alarm")) as store, store.connection("raise an alarm") as connection:
            written = sum(
                connection.execute(store.statement("alarms/raise_alarm"), _values(message, settings)).rowcount for message in messages
            )
    except AilogError as error:
        return f"the outbox cannot take the alarm ({error}); " + _send_directly(parts, messages, memory)
    rest = "" if written == len(messages) else ", the others were told already"
    return f"alarm in the outbox for {written} of {len(messages)} channels{rest}"


def _values(message: Message, settings: Settings) -> Mapping[str, Any]:
    return {
        "message_id": message.message_id,
        "channel": message.channel,
        "subject": message.subject,
        "body": Jsonb(dict(message.body)),
        "cooldown_minutes": settings.notify.cooldown_minutes,
    }


def _send_directly(parts: Composition, messages: list[Message], memory: outage.Memory | None) -> str:
    known = outage.Outage.remembered(memory) if memory else None
    if known and known.told_at:
        return "the outage of the database was told already"
    outcomes = outage.send(messages, parts.notifiers())
    if memory and "sent directly" in outcomes.values():
        now = utc_now()
        outage.Outage(known.since if known else now, now, 1).keep(memory)
    return "; ".join(f"{channel}: {outcome}" for channel, outcome in outcomes.items())
