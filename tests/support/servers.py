"""The real servers that the tests share: one PostgreSQL and one Elasticsearch for a whole run of pytest, all its workers included.

The first worker that needs a server starts it, detached, under ``.run/tests/<number of the controlling process>``; the controlling
process stops it at the end. What a killed run left behind is stopped by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import psutil

from ailog.local import elasticsearch, postgres
from ailog.local.elasticsearch import ElasticsearchServer
from ailog.local.postgres import APP_ROLE, PostgresServer, Uris

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / ".run" / "tests"
VARIABLE = "AILOG_TEST_RUN_DIR"
TEMPLATE = "ailog_template"


def begin() -> None:
    """Called once by the controlling process: names the run's directory to the workers and clears up after killed runs."""
    for old in sorted(RUNS.glob("[0-9]*")):
        if not psutil.pid_exists(int(old.name)):
            _remove(old)
    os.environ[VARIABLE] = str(RUNS / str(os.getpid()))


def end() -> None:
    """Called once by the controlling process: stops what the run started and removes its data."""
    _remove(run_dir())


def run_dir() -> Path:
    """The directory of this run of pytest."""
    return Path(os.environ[VARIABLE])


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one worker at a time is inside."""
    run_dir().mkdir(parents=True, exist_ok=True)
    with (run_dir() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@lru_cache(maxsize=1)
def shared_postgres() -> PostgresServer:
    """The run's PostgreSQL, started if it does not run yet."""
    with locked("postgres"):
        return postgres.start(run_dir() / "postgres")


@lru_cache(maxsize=1)
def shared_elasticsearch() -> ElasticsearchServer:
    """The run's Elasticsearch, started if it does not run yet; the version is ``ES_VERSION``'s."""
    with locked("elasticsearch"):
        # An exact clock instead of one that ticks every 200 ms: a time limit of nothing is then passed by every query.
        exact = {"thread_pool.estimated_time_interval": "0ms"}
        return elasticsearch.start(run_dir() / "elasticsearch", settings=exact, parent=int(run_dir().name), say=_say)


def fresh_name() -> str:
    """A name that no other test uses, fit for databases and indices."""
    return f"t{uuid.uuid4().hex[:12]}"


@lru_cache(maxsize=1)
def migrated_template() -> str:
    """The name of a database with the newest schema, made once a run; clones of it are ready in milliseconds."""
    from ailog.adapters.store.migrations import migrate

    server = shared_postgres()
    with locked("template"):
        if not server.has_database(TEMPLATE):
            building = f"{TEMPLATE}_{fresh_name()}"
            migrate(server.create_database(building).owner, APP_ROLE)
            with server.superuser() as connection:
                connection.execute(f"ALTER DATABASE {building} RENAME TO {TEMPLATE}")
    return TEMPLATE


@contextmanager
def fresh_database(*, migrated: bool = True) -> Iterator[Uris]:
    """A database of its own for one test, dropped afterwards."""
    server = shared_postgres()
    name = fresh_name()
    template = migrated_template() if migrated else None
    try:
        yield server.create_database(name, template=template)
    finally:
        server.drop_database(name)


def _remove(directory: Path) -> None:
    postgres.stop_server(directory / "postgres", delete=True)
    elasticsearch.stop_server(directory / "elasticsearch", delete=True)
    shutil.rmtree(directory, ignore_errors=True)


def _say(line: str) -> None:
    print(line, flush=True)
