"""Where the demo's pages and cards land: stand-ins for Confluence and Teams on this machine, up as long as the demo is."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from ailog.connections import variable
from ailog.local.confluence import ConfluenceServer
from ailog.local.teams import TeamsServer

SPACE: Final = "OPS"


@dataclass
class StandIns:
    """Use as a context manager."""

    confluence: ConfluenceServer = field(default_factory=lambda: ConfluenceServer(spaces=(SPACE,)))
    teams: TeamsServer = field(default_factory=TeamsServer)
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self._open.enter_context(self.confluence)
        self._open.enter_context(self.teams)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    @property
    def variables(self) -> dict[str, str]:
        """The connections to them, for Airflow's environment."""
        teams = {"conn_type": "http", "password": self.teams.url, "extra": {"allow_hosts": ["127.0.0.1"]}}
        return {variable("ailog_confluence"): self.confluence.connection, variable("ailog_teams"): json.dumps(teams)}

    @property
    def landed(self) -> list[str]:
        """What has landed so far, and where it can be looked at."""
        pages, cards = len(self.confluence.pages.all()), len(self.teams.posted)
        lost = f"; {len(self.teams.dropped)} were of a wrong shape" if self.teams.dropped else ""
        return [
            f"Confluence stand-in: {pages} pages, {self.confluence.site}",
            f"Teams stand-in: {cards} cards{lost}, {self.teams.site}",
        ]


def settings_for(loaded: dict[str, Any]) -> None:
    """Switches both on in the settings as read from ``analyzer.yaml``."""
    loaded.setdefault("notify", {})["channels"] = ["teams", "file"]
    loaded["notify"].setdefault("teams", {})["connection"] = "ailog_teams"
    loaded.setdefault("confluence", {}).update({"enabled": True, "connection": "ailog_confluence", "space": SPACE})
