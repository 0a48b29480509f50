"""``ailog doctor``: everything that an installation stands on, examined one by one; what is down stops no other check.

Nothing is written and nothing is sent, unless a canary is asked for: then every channel gets a marked message and the wiki a reading call.
"""

from __future__ import annotations

import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from ailog import connections
from ailog.adapters.notifiers import UnusableNotifier
from ailog.adapters.publishers import UnusablePublisher
from ailog.adapters.sources.elasticsearch_about import about
from ailog.adapters.store import migrations
from ailog.adapters.store.postgres import PostgresStore
from ailog.adapters.store.preflight import preflight
from ailog.domain.digest import build_alarm
from ailog.domain.events import Interval, floor_to_window
from ailog.errors import AilogError
from ailog.orchestration.composition import Composition
from ailog.orchestration.pools import POOLS
from ailog.orchestration.steps import utc_now
from ailog.pipeline import doctor
from ailog.pipeline.doctor import Finding, Findings, State, guarded, shown
from ailog.ports import Clock
from ailog.settings import PACKAGE_ROOT, ElasticsearchSource, FilesSource

STATEMENT_SECONDS: Final = 30
REACH_SECONDS: Final = 5
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)")
_OLDEST_PYTHON: Final = (3, 10)
_LEAST_FREE: Final = 1_000_000_000


@dataclass
class Doctor:
    """One examination; ``canary`` sends. ``logging`` gathers the namespaces that sources were seen to hold."""

    parts: Composition
    canary: bool = False
    clock: Clock = utc_now
    logging: set[str] = field(default_factory=set)
    _store_answers: bool = field(default=False, init=False)

    def examine(self) -> list[Finding]:
        """All findings in the order in which a person would look."""
        found = guarded("versions", "packages", "run 'pip install -r requirements.txt'", versions)
        found += guarded("versions", "time zones", "pip install tzdata", self._time_zone)
        found += self._connections() + self._store()
        for source in self.parts.settings.active_sources:
            found += self._source(source)
        if self.logging:
            found += guarded("namespaces", "namespaces", "", lambda: doctor.namespaces(self.logging, self.parts.settings))
        found += self._channels() + self._wiki()
        found += guarded("airflow", "pools", "python -m ailog.orchestration.pools > pools.json; airflow pools import pools.json", pools)
        return found + guarded("disk", "reports", "set report.directory to a folder that this account may write", self._disk)

    def _time_zone(self) -> Findings:
        zone = ZoneInfo(self.parts.settings.timezone)
        yield Finding("versions", "time zones", "OK", f"{zone.key} is now UTC{self.clock().astimezone(zone):%z}")

    def _connections(self) -> list[Finding]:
        """That each connection is there and of the right form; what is shown holds no secret."""
        settings = self.parts.settings
        ways: dict[str, Callable[[connections.Connection], object]] = {
            settings.connections.store: connections.store_uri,
            settings.connections.store_owner: connections.store_uri,
        }
        ways |= {one.connection: connections.elasticsearch for one in settings.active_sources if isinstance(one, ElasticsearchSource)}
        used = self.parts.notifiers()
        ways |= {settings.notify.teams.connection: connections.webhook} if "teams" in used else {}
        ways |= {settings.notify.email.connection: connections.smtp} if "email" in used else {}
        ways |= {settings.confluence.connection: connections.confluence} if settings.confluence.enabled else {}
        found = []
        for conn_id, read in ways.items():
            owner = conn_id == settings.connections.store_owner
            set_it = f"set {connections.variable(conn_id)}, or add it in Airflow (Admin, Connections)"

            def check(conn_id: str = conn_id, read: Callable[[connections.Connection], object] = read) -> Findings:
                given = self.parts.connect(conn_id)
                read(given)
                yield Finding("connections", conn_id, "OK", _where(given))

            here = guarded("connections", conn_id, set_it, check)
            if owner:  # whoever runs the analysis need not be able to migrate
                here = [Finding(f.area, f.name, "OK" if f.state == "OK" else "WARN", f.found, f.remedy) for f in here]
            found += here
        return found

    def _store(self) -> list[Finding]:
        remedy = f"see whether it is up and the connection {self.parts.settings.connections.store} right"
        try:
            store = self.parts.store_within(STATEMENT_SECONDS, "ailog doctor")
        except AilogError as error:
            return [Finding("database", "connection", "FAIL", shown(error), remedy)]
        now = self.clock()
        with closing(store):
            found = guarded("database", "connection", remedy, lambda: doctor.server(store, self.clock))
            if any(finding.name == "connection" for finding in found):
                return found
            found += guarded("database", "migrations", _MIGRATE, lambda: doctor.migrations(store, migrations.checksums()))
            found += guarded("database", "rights", "run 'ailog grant' with the owner's connection", lambda: _rights(store))
            for name, check in (
                ("tables", lambda: doctor.tables(store, now)),
                ("progress", lambda: doctor.progress(store, self.parts.settings, now)),
                ("roll-ups", lambda: doctor.rollups(store, self.parts.settings, now)),
                ("alarms", lambda: doctor.alarms(store)),
                ("outbox", lambda: doctor.outbox(store, now)),
            ):
                found += guarded("database", name, _MIGRATE, check)
            try:
                self.logging |= doctor.logging_namespaces(store, now)
            except AilogError as error:
                found.append(Finding("namespaces", "namespaces", "FAIL", shown(error), _MIGRATE))
        return found

    def _source(self, source: ElasticsearchSource | FilesSource) -> list[Finding]:
        area = f"source {source.name}"
        if isinstance(source, FilesSource):
            return guarded(area, "files", "correct `paths` of the source", lambda: _files(area, source))
        up = "see whether it is up, and the connection right"
        found = guarded(area, "server", up, lambda: self._server(area, source))
        if found[0].state == "FAIL":
            return found
        return found + guarded(area, "indices", "correct `indices` or `fields` of the source", lambda: self._indices(area, source))

    def _server(self, area: str, source: ElasticsearchSource) -> Findings:
        before = self.clock()
        told = about(connections.elasticsearch(self.parts.connect(source.connection)))
        after = self.clock()
        fits = told.version.split(".")[0] in {"8", "9"}
        yield Finding(
            area, "server", "OK" if fits else "WARN", f"Elasticsearch {told.version}", "" if fits else "versions 8 and 9 are tested"
        )
        yield doctor.clock(area, told.now, min(max(told.now, before), after))

    def _indices(self, area: str, source: ElasticsearchSource) -> Findings:
        """The source's own check: patterns, closed indices, fields, rights, and the count of the last day."""
        end = floor_to_window(self.clock())
        quick = source.model_copy(update={"retries": 0})
        settings = self.parts.settings.model_copy(update={"sources": [quick]})
        with Composition(settings, self.parts.connect).source(source.name) as opened:
            counts = opened.count(Interval(end - timedelta(days=1), end)).to_pydict()
            warnings = list(getattr(opened, "warnings", ()))
        self.logging |= set(counts["namespace"])
        errors, newest = sum(counts["errors"]), max(counts["window_start"], default=None)
        empty = newest is None
        what = f"{errors:,} errors of {len(set(counts['namespace']))} namespaces in the last day"
        remedy = "no record of the last day lies in `scope`: correct indices, fields.timestamp, fields.namespace or scope" if empty else ""
        yield Finding(area, "indices", "WARN" if empty else "OK", f"{', '.join(source.indices)}: {what}", remedy)
        for warning in warnings:
            yield Finding(area, "indices", "WARN", shown(warning), "see `indices`, `require_open` and `fields` in analyzer.yaml")

    def _channels(self) -> list[Finding]:
        settings, found = self.parts.settings, []
        for name, channel in self.parts.notifiers().items():
            mend = f"correct the connection and notify.{name} in analyzer.yaml"
            if isinstance(channel, UnusableNotifier):
                found.append(Finding("channel", name, "FAIL", shown(channel.reason), mend))
                continue
            if self.canary:
                only = settings.model_copy(update={"notify": settings.notify.model_copy(update={"channels": [name]})})
                [message] = build_alarm(
                    title="test message of 'ailog doctor --canary'",
                    reason="This is a test: nothing is wrong.",
                    remedy="nothing to do",
                    facts={},
                    settings=only,
                    subject_key=str(uuid4()),
                )

                def send(name: str = name, message: object = message) -> Findings:
                    said = self.parts.notifiers()[name].send(message)  # type: ignore[arg-type]
                    yield Finding(
                        "channel", name, "OK", f"the test message was {said.outcome} ({shown(said.detail)}): look whether it is there"
                    )

                found += guarded("channel", name, mend, send)
            else:
                found += guarded("channel", name, mend, partial(self._reach, name))
        return found

    def _reach(self, name: str) -> Findings:
        settings = self.parts.settings
        if name == "file":
            folder = PACKAGE_ROOT / settings.notify.file.directory
            yield _writable("channel", "file", folder, "set notify.file.directory")
            return
        if name == "teams":
            parts = urlsplit(connections.webhook(self.parts.connect(settings.notify.teams.connection)).url)
            host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        else:
            server = connections.smtp(self.parts.connect(settings.notify.email.connection))
            host, port = server.host, server.port
        yield _reached("channel", name, host, port, "; 'ailog doctor --canary' sends a test message")

    def _wiki(self) -> list[Finding]:
        given = self.parts.settings.confluence
        if not given.enabled:
            return [Finding("channel", "confluence", "OK", "switched off")]
        mend = f"correct the connection {given.connection} and `confluence` in analyzer.yaml"

        def check() -> Findings:
            parts = urlsplit(connections.confluence(self.parts.connect(given.connection)).url)
            if not self.canary:
                port = parts.port or (443 if parts.scheme == "https" else 80)
                yield _reached("channel", "confluence", parts.hostname or "", port, "; 'ailog doctor --canary' reads from it")
                return
            with closing(self.parts.publisher()) as wiki:
                if isinstance(wiki, UnusablePublisher):
                    yield Finding("channel", "confluence", "FAIL", shown(wiki.reason), mend)
                    return
                page = wiki.by_title(given.titles.daily)
            there = f"the daily report is page {page.page_id}, version {page.version}" if page else "the daily report is not there yet"
            yield Finding("channel", "confluence", "OK", f"space {given.space} can be read; {there}")

        return guarded("channel", "confluence", mend, check)

    def _disk(self) -> Findings:
        folder = PACKAGE_ROOT / self.parts.settings.report.directory
        found = _writable("disk", "reports", folder, "set report.directory")
        if found.state == "OK":
            free = shutil.disk_usage(_existing(folder)).free
            state: State = "OK" if free >= _LEAST_FREE else "FAIL" if free < _LEAST_FREE / 10 else "WARN"
            remedy = "" if state == "OK" else "free some, or set report.directory to a larger disk"
            found = Finding("disk", "reports", state, f"{free / 1e9:,.1f} GB free in {folder.name}", remedy)
        yield found


_MIGRATE: Final = "run 'ailog migrate' with the owner's connection"


def versions() -> Findings:
    """Python and the pinned packages."""
    old = sys.version_info < _OLDEST_PYTHON
    state: State = "FAIL" if old else "OK"
    yield Finding("versions", "python", state, sys.version.split()[0], "use Python 3.10 or newer" if old else "")
    pins = {match[1]: match[2] for line in _requirements().splitlines() if (match := _PIN.match(line))}
    other, missing = [], []
    for name, wanted in pins.items():
        try:
            if (there := metadata.version(name)) != wanted:
                other.append(f"{name} {there} instead of {wanted}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    airflow = "apache-airflow"
    yield Finding(
        "versions",
        "airflow",
        "OK" if airflow not in missing else "WARN",
        "not installed here" if airflow in missing else metadata.version(airflow),
    )
    wrong = other + [f"{name} is missing" for name in missing]
    remedy = "run 'pip install -r requirements.txt'" if wrong else ""
    yield Finding("versions", "packages", "WARN" if wrong else "OK", "; ".join(wrong) or f"{len(pins)} as pinned", remedy)


def _requirements() -> str:
    return (PACKAGE_ROOT / "requirements.txt").read_text(encoding="utf-8")


def pools() -> Findings:
    """The pools that the tasks name, as Airflow's own command lists them; a task that names one that is not there waits for ever."""
    command = shutil.which("airflow", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if command is None or not (os.environ.get("AIRFLOW_HOME") or os.environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")):
        yield Finding(
            "airflow", "pools", "WARN", "no Airflow is configured here, so nobody was asked", "run 'ailog doctor' where Airflow runs"
        )
        return
    try:
        done = subprocess.run([command, "pools", "list", "--output", "json"], capture_output=True, text=True, timeout=90, check=False)
        there = {one["pool"] for one in json.loads(done.stdout[done.stdout.index("[") :])}
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        yield Finding("airflow", "pools", "WARN", "Airflow did not list its pools", "see 'airflow pools list'")
        return
    missing = sorted(set(POOLS) - there)
    remedy = "python -m ailog.orchestration.pools > pools.json; airflow pools import pools.json" if missing else ""
    yield Finding("airflow", "pools", "FAIL" if missing else "OK", f"missing: {', '.join(missing)}" if missing else "all there", remedy)


def _rights(store: PostgresStore) -> Findings:
    lacking = preflight(store)
    for sentence in lacking:
        found, _, remedy = sentence.rpartition(": ")
        yield Finding("database", "rights", "FAIL", found or sentence, remedy)
    if not lacking:
        yield Finding("database", "rights", "OK", "the application role has what it needs")


def _files(area: str, source: FilesSource) -> Findings:
    for pattern in source.paths:
        there = glob.glob(pattern, recursive=True)  # noqa: PTH207 - patterns may be absolute
        remedy = "" if there else "correct `paths` of the source, or disable it"
        yield Finding(area, "files", "OK" if there else "FAIL", f"{pattern}: {len(there)} files", remedy)


def _where(given: connections.Connection) -> str:
    """Type and address of a connection; never its login's password, its path or its extra."""
    host = given.host.rsplit("@", 1)[-1]
    return f"{given.conn_type or 'connection'} {host}{f':{given.port}' if given.port else ''}".strip()


def _reached(area: str, name: str, host: str, port: int, hint: str) -> Finding:
    try:
        socket.create_connection((host, port), timeout=REACH_SECONDS).close()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Finding(
            area,
            name,
            "FAIL",
            f"{host}:{port} cannot be reached ({reason})",
            "see whether it is up, and what lies between (proxy, firewall)",
        )
    return Finding(area, name, "OK", f"{host}:{port} can be reached{hint}")


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def _writable(area: str, name: str, folder: Path, setting: str) -> Finding:
    there = _existing(folder)
    if there.is_dir() and os.access(there, os.W_OK):
        return Finding(area, name, "OK", f"{folder.name} can be written")
    return Finding(area, name, "FAIL", f"{folder.name} cannot be written by this account", f"{setting} to a folder that it may write")
