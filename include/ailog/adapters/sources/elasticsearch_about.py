"""What an Elasticsearch says of itself: version and clock, for whoever examines the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ailog.adapters.sources.elasticsearch_client import ElasticsearchConnection, Server
from ailog.errors import SchemaMismatch

TIMEOUT_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class About:
    """Version of the node that answered, and its clock."""

    version: str
    now: datetime


def about(connection: ElasticsearchConnection) -> About:
    """Asks one node, once; raises as ``ports.LogSource`` does."""
    server = Server(connection, timeout_seconds=TIMEOUT_SECONDS, retries=0)
    try:
        # Not "GET /": a node that serves no more than searches does not answer it.
        info = server.request("GET", "/_nodes/_local", params={"filter_path": "nodes.*.version"})
        stats = server.request("GET", "/_nodes/_local/stats/jvm", params={"filter_path": "nodes.*.timestamp"})
    finally:
        server.close()
    versions = [node["version"] for node in info.get("nodes", {}).values()]
    times = [node["timestamp"] for node in stats.get("nodes", {}).values()]
    if not versions or not times:
        raise SchemaMismatch("Elasticsearch names no version of itself: give the account the cluster right `monitor`")
    return About(versions[0], datetime.fromtimestamp(times[0] / 1000, tz=UTC))
