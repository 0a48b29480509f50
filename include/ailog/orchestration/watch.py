"""One look of the analyzer at itself: what is wrong, what of it is told, and the case that there is no database to keep it in."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ailog.adapters.file_memory import FileMemory
from ailog.adapters.notifiers import UnusableNotifier
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain import watch as rules
from ailog.domain.watch import Alarm
from ailog.errors import AilogError, ConfigError, PermanentError
from ailog.orchestration import outage
from ailog.orchestration.composition import Composition
from ailog.orchestration.outage import Memory, Outage
from ailog.orchestration.steps import utc_now
from ailog.pipeline import notify, watch
from ailog.ports import Clock
from ailog.settings import PACKAGE_ROOT, Settings

log = logging.getLogger(__name__)

STATEMENT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: the alarms that hold, what was told of them, what was sent, and whether there was a database."""

    alarms: list[Alarm]
    told: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    database: str = "answers"

    @property
    def counts(self) -> dict[str, int | str]:
        """All of it in figures."""
        return {"alarms": len(self.alarms), **self.told, **self.sent, "database": self.database}


def file_memory(settings: Settings) -> FileMemory:
    """Where the command line remembers an outage of the database."""
    return FileMemory(PACKAGE_ROOT / settings.report.directory / ".database-outage.json")


def look(parts: Composition, memory: Memory, *, clock: Clock = utc_now, dry_run: bool = False) -> Look:
    """Looks once, tells what is new and sends what is due. A dry run only looks.

    A database that cannot be used is an alarm, sent directly, and no error.

    Raises:
        ConfigError: settings or the connection of the database are wrong.
    """
    now = clock()
    try:
        with closing(parts.store_within(STATEMENT_SECONDS, "ailog watch")) as store:
            if not dry_run:
                _make_partitions(store, now)
            alarms = watch.watch(store, parts.settings, now)
            if dry_run:
                return Look(alarms)
            notifiers = parts.notifiers()
            usable = [name for name, channel in notifiers.items() if not isinstance(channel, UnusableNotifier)]
            told = watch.tell(store, parts.settings, alarms, now, usable)
            _back_again(store, parts.settings, memory, now, usable)
            return Look(alarms, told, notify.notify(store, notifiers, parts.settings, clock))
    except ConfigError:
        raise
    except AilogError as error:
        if dry_run:
            return Look([outage.alarm(error)], database="cannot be used")
        found, became = outage.tell(error, memory, parts.notifiers(), parts.settings, now)
        log.warning("%s: %s (%s)", found.title, found.reason, became)
        return Look([found], database=became)


def _make_partitions(store: PostgresStore, now: datetime) -> None:
    """Makes the partitions of the next month; where that fails they are missing, which is an alarm of its own."""
    try:
        with store.connection("make partitions ahead") as connection:
            connection.execute(store.statement("watch/make_partitions"), {"now": now})
    except PermanentError as error:
        log.warning("%s", error)


def _back_again(store: PostgresStore, settings: Settings, memory: Memory, now: datetime, known: list[str]) -> None:
    """Tells that the database can be used again, if it was told that it could not; then forgets the outage."""
    over = Outage.remembered(memory)
    if over is None:
        return
    if over.times_told:
        said = rules.messages(
            outage.alarm("the database did not answer"),
            settings,
            known,
            opened_at=over.since,
            now=now,
            times_told=over.times_told,
            ended=True,
        )
        with store.connection("tell that the database is back") as connection:
            watch.say(store, connection, said, now)
    memory.write("")
