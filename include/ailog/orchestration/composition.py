"""The composition root: from settings and connections to adapters. Nothing else chooses an adapter.

Imports no Airflow: where connections come from is given, so a DAG, the command line and a test compose the same parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg

from ailog import connections
from ailog.adapters import notifiers as notifier_adapters
from ailog.adapters import public_holidays
from ailog.adapters import publishers as publisher_adapters
from ailog.adapters import sources as source_adapters
from ailog.adapters.store import migrations
from ailog.adapters.store.postgres import PostgresStore, translated
from ailog.domain.calendar import Entry
from ailog.errors import ConfigError
from ailog.orchestration.timeouts import statement_seconds
from ailog.ports import LogSource, Notifier, PagePublisher
from ailog.settings import Settings


@dataclass(frozen=True, slots=True)
class Composition:
    """Builds the outside parts of a run, each with its own connection."""

    settings: Settings
    connect: connections.Connect

    def store(self, step: str) -> PostgresStore:
        """The product's database for one step, with the step's time limit on every statement."""
        return self.store_within(statement_seconds(step), f"ailog {step}")

    def store_within(self, seconds: int, application_name: str = "ailog") -> PostgresStore:
        """The product's database with a limit of ``seconds`` on every statement."""
        connection = self.connect(self.settings.connections.store)
        return PostgresStore(connections.store_uri(connection), statement_timeout_s=seconds, application_name=application_name)

    def owner_uri(self) -> str:
        """The database as the role that owns the schema: for migrations and grants alone."""
        return connections.store_uri(self.connect(self.settings.connections.store_owner))

    def app_role(self) -> str:
        """The role that the application logs in as; it gets the grants."""
        connection = self.connect(self.settings.connections.store)
        if not connection.login:
            raise ConfigError(f"the connection {connection.conn_id!r} has no login: grants need the name of the application role")
        return connection.login

    def migrate(self) -> list[str]:
        """Brings the schema up to date and grants the application role its rights; returns the migrations applied now."""
        return migrations.migrate(self.owner_uri(), self.app_role())

    def grant(self) -> str:
        """Grants the application role its rights again; returns the role."""
        role = self.app_role()
        with translated("grant rights"), psycopg.connect(self.owner_uri(), autocommit=True) as connection:
            migrations.grant(connection, role)
        return role

    @contextmanager
    def source(self, name: str) -> Iterator[LogSource]:
        """One configured source, closed at the end."""
        source = self._build(name)
        try:
            yield source
        finally:
            source.close()

    @contextmanager
    def sources(self) -> Iterator[list[LogSource]]:
        """All sources that are switched on, closed at the end."""
        built: list[LogSource] = []
        try:
            for given in self.settings.active_sources:
                built.append(self._build(given.name))  # noqa: PERF401 - one that fails must not keep the others open
            yield built
        finally:
            for source in built:
                source.close()

    def notifiers(self) -> dict[str, Notifier]:
        """Every channel in use by name. One that cannot be built says why when it is used; the others are none the worse."""
        ways = {
            "teams": (self.settings.notify.teams.connection, connections.webhook),
            "email": (self.settings.notify.email.connection, connections.smtp),
        }
        found: dict[str, Any] = {}
        broken: dict[str, Notifier] = {}
        for name in notifier_adapters.used_channels(self.settings):
            if name not in ways:
                continue
            conn_id, read = ways[name]
            try:
                found[name] = read(self.connect(conn_id))
            except ConfigError as error:
                broken[name] = notifier_adapters.UnusableNotifier(name, str(error))
        return {**notifier_adapters.build(self.settings, found), **broken}

    def public_holidays(self, years: Collection[int]) -> list[Entry]:
        """The public holidays of the countries in the settings; raises ConfigError for one that is not known."""
        return public_holidays.entries(self.settings.calendar.countries, years, self.settings.timezone)

    def publisher(self) -> PagePublisher:
        """The wiki. One that cannot be built says why when it is used, so that a page waits instead of failing a run."""
        given = self.settings.confluence
        try:
            return publisher_adapters.build(given, connections.confluence(self.connect(given.connection)))
        except ConfigError as error:
            return publisher_adapters.UnusablePublisher(str(error))

    def daily_page(self) -> str:
        """The address of the daily report in the wiki, whether it is there yet or not; empty when the wiki is not configured."""
        given = self.settings.confluence
        try:
            url = connections.confluence(self.connect(given.connection)).url if given.enabled else ""
        except ConfigError:
            return ""
        named = {"pageId": given.page_ids.daily} if given.page_ids.daily else {"spaceKey": given.space, "title": given.titles.daily}
        return f"{url}/pages/viewpage.action?{urlencode(named)}" if url else ""

    def _build(self, name: str) -> LogSource:
        for given in self.settings.sources:
            if given.name == name:
                found = connections.elasticsearch(self.connect(given.connection)) if given.kind == "elasticsearch" else None
                return source_adapters.build(given, self.settings, found)
        known = ", ".join(source.name for source in self.settings.sources)
        raise ConfigError(f"there is no source {name!r} in analyzer.yaml; known are {known}")
