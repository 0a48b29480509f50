"""Fixtures that every room of the tests shares: real servers, a fresh database, a prefix for indices."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from hypothesis import settings
from tests.support import servers

from ailog.adapters.store.postgres import PostgresStore
from ailog.local.elasticsearch import ElasticsearchServer
from ailog.local.postgres import PostgresServer, Uris

# The same examples in every run: what fails once fails always, here and on any other machine.
settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
settings.load_profile("fixed")

_POSTGRES = {"postgres_server", "database", "empty_database"}
_ELASTICSEARCH = {"elasticsearch_server", "es_url", "es_client", "es_prefix"}
_AIRFLOW = {"airflow_home"}


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and servers.VARIABLE in os.environ:
        servers.end()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests by what they need, and keeps tests that disturb each other on one worker.

    Tests of Elasticsearch change settings of the whole cluster; the first import of Airflow costs seconds, so one worker pays for it.
    """
    for item in items:
        wanted = set(getattr(item, "fixturenames", ()))
        for marker, fixtures in (("postgres", _POSTGRES), ("elasticsearch", _ELASTICSEARCH), ("airflow", _AIRFLOW)):
            if wanted & fixtures:
                item.add_marker(marker)
        if item.get_closest_marker("xdist_group") is None:
            for group in ("elasticsearch", "airflow"):
                if item.get_closest_marker(group) is not None:
                    item.add_marker(pytest.mark.xdist_group(group))
                    break


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """The PostgreSQL server of the whole run."""
    return servers.shared_postgres()


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[Uris]:
    """A fresh database with the newest schema: the URIs of the owner role and of the application role."""
    with servers.fresh_database() as uris:
        yield uris


@pytest.fixture
def store(database: Uris) -> PostgresStore:
    """The product's store on a fresh database, by the application role."""
    return PostgresStore(database.app)


@pytest.fixture
def empty_database(postgres_server: PostgresServer) -> Iterator[Uris]:
    """A fresh database without a schema: the URIs of the owner role and of the application role."""
    with servers.fresh_database(migrated=False) as uris:
        yield uris


@pytest.fixture(scope="session")
def elasticsearch_server() -> ElasticsearchServer:
    """The Elasticsearch server of the whole run."""
    return servers.shared_elasticsearch()


@pytest.fixture(scope="session")
def es_url(elasticsearch_server: ElasticsearchServer) -> str:
    """Where Elasticsearch answers."""
    return elasticsearch_server.url


@pytest.fixture(scope="session")
def es_client(es_url: str) -> Iterator[Elasticsearch]:
    """A client of the run's Elasticsearch."""
    with Elasticsearch(es_url, request_timeout=60) as client:
        yield client


@pytest.fixture
def es_prefix(es_client: Elasticsearch) -> Iterator[str]:
    """A prefix for the indices of one test, which are deleted afterwards (closed ones too)."""
    prefix = f"{servers.fresh_name()}-"
    yield prefix
    es_client.indices.delete(index=f"{prefix}*", expand_wildcards="all", ignore_unavailable=True)


@pytest.fixture(scope="session")
def airflow_home() -> Path:
    """A migrated Airflow home for DAG tests, on SQLite, made once per run; ``AIRFLOW_HOME`` and the folders point into it."""
    from tests.support.airflow_home import shared_airflow_home

    return shared_airflow_home()
