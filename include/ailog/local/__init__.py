"""Servers for the demo, the tests and the benches: started on this machine, without Docker, a JDK or root.

Nothing of the product imports this room but the command line; a deployment installs none of what it needs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ailog.connections import variable
from ailog.errors import ConfigError
from ailog.settings import ElasticsearchSource, Settings


def given_store(settings: Settings, environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user named a database of their own, so that none is started here.

    Raises:
        ConfigError: when only one of the two connections (application and owner role) is set.
    """
    return _all_or_none([settings.connections.store, settings.connections.store_owner], environment)


def given_elasticsearch(settings: Settings, environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user named an Elasticsearch of their own for the active sources, so that none is started here.

    Raises:
        ConfigError: when it is set for some of the sources alone.
    """
    wanted = [source.connection for source in settings.active_sources if isinstance(source, ElasticsearchSource)]
    return _all_or_none(wanted, environment)


def _all_or_none(conn_ids: list[str], environment: Mapping[str, str] | None) -> bool:
    values = os.environ if environment is None else environment
    names = [variable(conn_id) for conn_id in dict.fromkeys(conn_ids)]
    lacking = [name for name in names if not values.get(name, "").strip()]
    if names and lacking and len(lacking) < len(names):
        given = ", ".join(name for name in names if name not in lacking)
        raise ConfigError(
            f"{given} is set but {', '.join(lacking)} is not: set all to use servers of your own, or none to have them started here"
        )
    return bool(names) and not lacking
