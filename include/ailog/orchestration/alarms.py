"""Alarms about the analyzer itself: a task that failed for good is told through the same outbox as an incident."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from psycopg.types.json import Jsonb

from ailog.connections import Connect
from ailog.domain.masking import mask_text
from ailog.errors import AilogError
from ailog.orchestration.composition import Composition
from ailog.orchestration.timeouts import CALLBACK_SECONDS
from ailog.ports import Message
from ailog.settings import Settings

KIND: Final = "alarm"
_ALARMS = uuid5(NAMESPACE_URL, "ailog://alarms")
_ERROR_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """One task that Airflow will not try again. ``map_index`` is -1 for a task that is not mapped."""

    dag_id: str
    dag_run_id: str
    task_id: str
    map_index: int
    try_number: int
    error: str
    log_url: str = ""

    @property
    def task(self) -> str:
        """The task as a person knows it."""
        return f"{self.task_id}[{self.map_index}]" if self.map_index >= 0 else self.task_id

    @property
    def subject(self) -> str:
        """The same for every run of the task, so that the cooldown holds over runs."""
        return f"AI Log Analyzer: {self.dag_id}.{self.task} failed"

    def body(self) -> dict[str, Any]:
        """The channel-neutral content; secrets in the error's text are masked."""
        return {
            "kind": KIND,
            "title": self.subject,
            "dag_id": self.dag_id,
            "dag_run_id": self.dag_run_id,
            "task": self.task,
            "try_number": self.try_number,
            "error": mask_text(self.error)[:_ERROR_CHARACTERS],
            "log_url": self.log_url,
        }

    def message(self, channel: str) -> Message:
        """The message for one channel; the same failed try has the same id, however often it is told."""
        name = "|".join((self.dag_id, self.dag_run_id, self.task_id, str(self.map_index), str(self.try_number), channel))
        return Message(str(uuid5(_ALARMS, name)), channel, KIND, self.subject, self.body())


def raise_alarm(failure: Failure, settings: Settings, connect: Connect) -> str:
    """Puts one message for every channel into the outbox; sends them directly when the database cannot take them.

    Within ``notify.cooldown_minutes`` the same task is told of once.

    Returns:
        What became of it, for the task's log.
    """
    parts = Composition(settings, connect)
    messages = [failure.message(channel) for channel in settings.notify.channels]
    try:
        with closing(parts.store_within(CALLBACK_SECONDS, "ailog alarm")) as store, store.connection("raise an alarm") as connection:
            written = sum(
                connection.execute(store.statement("alarms/raise_alarm"), _values(message, settings)).rowcount for message in messages
            )
    except AilogError as error:
        return f"the outbox cannot take the alarm ({error}); " + _send_directly(parts, messages)
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


def _send_directly(parts: Composition, messages: list[Message]) -> str:
    outcomes = []
    for message in messages:
        try:
            parts.notifiers()[message.channel].send(message)
            outcomes.append(f"{message.channel}: sent directly")
        except AilogError as error:
            outcomes.append(f"{message.channel}: {error}")
    return "; ".join(outcomes)
