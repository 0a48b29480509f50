"""The stand-in for Confluence and a publisher that talks to it, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ailog import connections
from ailog.adapters.publishers.confluence import ConfluencePublisher
from ailog.local.confluence import ConfluenceServer, Trouble
from ailog.settings import Confluence

__all__ = ["HTML", "ConfluenceServer", "Trouble", "confluence_settings", "publisher_of"]

HTML = Trouble("reply", 200, "<!DOCTYPE html><html><body>Please log in</body></html>", {"Content-Type": "text/html"})
"""What a login page in front of Confluence answers."""


def confluence_settings(**changes: Any) -> Confluence:
    """Switched on, for the stand-in's space, with short waits."""
    return Confluence.model_validate({"enabled": True, "space": "OPS", "timeout_seconds": 1, **changes})


@contextmanager
def publisher_of(server: ConfluenceServer, **changes: Any) -> Iterator[ConfluencePublisher]:
    """A publisher with the connection of the stand-in; ``token`` and ``url`` may be given."""
    given = connections.confluence(connections.from_json("ailog_confluence", server.connection))
    values = {name: getattr(given, name) for name in ("url", "secret", "username", "cloud", "verify", "ca_certs")}
    values |= {key: changes.pop(key) for key in list(changes) if key in values}
    publisher = ConfluencePublisher(confluence_settings(**changes), type(given)(**values))
    try:
        yield publisher
    finally:
        publisher.close()
