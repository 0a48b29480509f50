"""What the demo needs before anything runs: its run directory, its configuration, and whose servers it may write to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from ailog import settings
from ailog.connections import variable
from ailog.errors import ConfigError
from ailog.local.bulk import Naming
from ailog.local.demo_standins import settings_for
from ailog.settings import PACKAGE_ROOT, Settings

WRITE_VARIABLE = "AILOG_DEMO_WRITE"
STORE, OWNER, LOGS = (variable(name) for name in ("ailog_postgres", "ailog_postgres_owner", "ailog_elasticsearch"))


@dataclass(frozen=True, slots=True)
class RunDir:
    """Where everything that the demo makes lies."""

    root: Path

    @property
    def postgres(self) -> Path:
        """Of the embedded PostgreSQL."""
        return self.root / "postgres"

    @property
    def elasticsearch(self) -> Path:
        """Of the embedded Elasticsearch."""
        return self.root / "elasticsearch"

    @property
    def airflow(self) -> Path:
        """Of Airflow."""
        return self.root / "airflow"

    @property
    def config(self) -> Path:
        """The configuration made for the demo."""
        return self.root / "config"

    @property
    def reports(self) -> Path:
        """The reports."""
        return self.root / "reports"

    @property
    def state(self) -> Path:
        """Which process runs the demo."""
        return self.root / "demo.json"


@dataclass(frozen=True, slots=True)
class Servers:
    """The user's own servers, by the variables of Airflow's connections; what is not there is started here."""

    store: str | None = field(default=None, repr=False)
    owner: str | None = field(default=None, repr=False)
    logs: str | None = field(default=None, repr=False)

    def naming(self, now: datetime) -> Naming:
        """Names of the demo's indices: on a server of the user's a prefix of their own that no index can have yet."""
        return Naming(f"ailog-demo-{now.astimezone(UTC):%Y%m%dt%H%M%S}") if self.logs else Naming()


def own_servers(environment: Mapping[str, str]) -> Servers:
    """Reads which servers are the user's own.

    Raises:
        ConfigError: when one is given and writing to it was not allowed, or one of the two roles of the store is missing.
    """
    given = {name: environment.get(name, "").strip() or None for name in (STORE, OWNER, LOGS)}
    if any(given.values()) and environment.get(WRITE_VARIABLE) != "yes":
        names = " and ".join(name for name, value in given.items() if value)
        raise ConfigError(
            f"{names} point to servers of your own: the demo would write simulated logs and their analysis there. "
            f"Set {WRITE_VARIABLE}=yes to allow it, or unset them to use embedded servers"
        )
    if bool(given[STORE]) != bool(given[OWNER]):
        lacking = OWNER if given[STORE] else STORE
        raise ConfigError(f"{lacking} is not set: the demo needs the application role and the owner role of your PostgreSQL, or neither")
    return Servers(given[STORE], given[OWNER], given[LOGS])


def write_config(run_dir: RunDir, naming: Naming, source: Path | None = None) -> Settings:
    """Makes the demo's configuration: the project's own with one source, the reports in the run directory, pages and cards to stand-ins.

    Raises:
        ConfigError: the project's configuration has mistakes.
    """
    source = source or PACKAGE_ROOT / "include" / "config"
    settings.load(source)
    shutil.rmtree(run_dir.config, ignore_errors=True)
    shutil.copytree(source, run_dir.config)
    path = run_dir.config / "analyzer.yaml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    kept = [given for given in loaded["sources"] if given["kind"] == "elasticsearch"][:1]
    if not kept:
        raise ConfigError(f"{source / 'analyzer.yaml'} has no source of the kind elasticsearch, which the demo reads from")
    loaded["sources"] = [{**kept[0], "enabled": True, "connection": "ailog_elasticsearch", "indices": [naming.pattern], "require_open": []}]
    loaded["connections"] = {"store": "ailog_postgres", "store_owner": "ailog_postgres_owner"}
    loaded.setdefault("report", {})["directory"] = str(run_dir.reports)
    settings_for(loaded)
    loaded["notify"].setdefault("file", {})["directory"] = str(run_dir.reports / "notifications")
    header = "# Made by the demo from include/config; changes are lost with the next run.\n"
    path.write_text(header + yaml.safe_dump(loaded, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return settings.load(run_dir.config)


def default_run_dir() -> RunDir:
    """``.run`` in the checkout, or ``AILOG_RUN_DIR``."""
    return RunDir(Path(os.environ.get("AILOG_RUN_DIR") or PACKAGE_ROOT / ".run").resolve())
