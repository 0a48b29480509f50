"""The servers that demo and tests stand on: they are the real thing, they can be found again, and nothing of them stays behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from elasticsearch import Elasticsearch

from ailog.errors import ConfigError
from ailog.local import elasticsearch, given_elasticsearch, given_store, postgres
from ailog.local.elasticsearch import ElasticsearchServer
from ailog.local.ports import free_port, is_free
from ailog.local.postgres import PostgresServer, Uris
from ailog.local.processes import Handle, LocalServerError, spawn, stop, wait_until
from ailog.settings import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def private_postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    with postgres.running(tmp_path / "with space" / "pg") as server:
        yield server


def test_database_is_a_recent_postgresql_over_loopback_and_socket(postgres_server: PostgresServer) -> None:
    for uri in (postgres_server.uri(), postgres_server.uri(socket=True)):
        with psycopg.connect(uri) as connection:
            assert connection.info.server_version >= 170000


def test_application_role_can_neither_create_schemas_nor_databases(empty_database: Uris) -> None:
    with psycopg.connect(empty_database.app, autocommit=True) as connection:
        for statement in ("CREATE SCHEMA mine", "CREATE DATABASE mine", "CREATE TABLE public.mine (x int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_migrated_databases_are_independent_of_each_other(database: Uris, postgres_server: PostgresServer) -> None:
    name = f"{psycopg.conninfo.conninfo_to_dict(database.owner)['dbname']}_copy"
    with psycopg.connect(database.owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE ailog_peak.here (x int)")
    from tests.support.servers import migrated_template

    try:
        other = postgres_server.create_database(name, template=migrated_template())
        with psycopg.connect(other.app) as connection:
            row = connection.execute("SELECT to_regclass('ailog_peak.here'), to_regclass('ailog_peak.schema_migrations')").fetchone()
            assert row == (None, "ailog_peak.schema_migrations")
    finally:
        postgres_server.drop_database(name)


def test_wrong_password_is_refused(postgres_server: PostgresServer) -> None:
    wrong = postgres_server.uri().replace(postgres_server.passwords["postgres"], "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_starting_twice_gives_the_same_server(private_postgres: PostgresServer) -> None:
    assert postgres.start(private_postgres.run_dir) == private_postgres
    assert postgres.find(private_postgres.run_dir) == private_postgres


def test_data_outlive_a_stop_and_a_kill(private_postgres: PostgresServer) -> None:
    uris = private_postgres.create_database("kept")
    with psycopg.connect(uris.owner) as connection:
        connection.execute("CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 7 AS x")
    postgres.stop_server(private_postgres.run_dir)
    assert not private_postgres.alive
    again = postgres.start(private_postgres.run_dir)
    stop(again.handle, first=signal.SIGKILL)
    assert postgres.find(again.run_dir) is None
    third = postgres.start(again.run_dir)
    with psycopg.connect(third.uris("kept").owner) as connection:
        assert connection.execute("SELECT x FROM s.t").fetchone() == (7,)


def test_server_outlives_the_process_that_started_it_and_can_be_stopped_by_another(tmp_path: Path) -> None:
    code = "import sys, os; from pathlib import Path; from ailog.local import postgres; postgres.start(Path(sys.argv[1])); os._exit(9)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "include")}
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, timeout=120, check=False)
    assert done.returncode == 9
    server = postgres.find(tmp_path)
    assert server is not None
    postgres.stop_server(tmp_path, delete=True)
    assert not server.alive
    assert not tmp_path.exists()


def test_passwords_are_readable_by_their_owner_alone(private_postgres: PostgresServer) -> None:
    mode = (private_postgres.run_dir / "postgres-passwords.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_preferred_port_in_use_is_avoided(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert free_port(port) != port


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs an account that cannot reach the folder")
def test_root_can_run_it_below_a_folder_that_is_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with postgres.running(closed / "pg") as server, psycopg.connect(server.uri(socket=True)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        place = server.data_dir
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert not place.exists()


@pytest.mark.parametrize("length", [80, 81, 150])
def test_a_long_path_does_not_break_the_socket(length: int) -> None:
    base = Path(tempfile.mkdtemp(prefix="ailog-"))
    base.chmod(0o755)
    run_dir = base / ("x" * (length - len(str(base)) - 1))
    assert len(str(run_dir)) == length
    try:
        with postgres.running(run_dir) as server, psycopg.connect(server.uri(socket=True)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        shutil.rmtree(base)


def test_elasticsearch_is_the_version_that_was_asked_for(elasticsearch_server: ElasticsearchServer, es_client: Elasticsearch) -> None:
    nodes = es_client.nodes.info()["nodes"]
    assert [node["version"] for node in nodes.values()] == [elasticsearch_server.version]
    assert elasticsearch_server.version == elasticsearch.wanted_version()


def test_elasticsearch_keeps_nanoseconds_and_pages_by_point_in_time(es_client: Elasticsearch, es_prefix: str) -> None:
    index = f"{es_prefix}a"
    es_client.indices.create(index=index, mappings={"properties": {"@timestamp": {"type": "date_nanos"}}})
    for nano in range(3):
        es_client.index(index=index, document={"@timestamp": f"2024-01-01T00:00:00.12345678{nano}Z"})
    es_client.indices.refresh(index=index)
    pit = {"id": es_client.open_point_in_time(index=index, keep_alive="1m")["id"]}
    sort: list[dict[str, object]] = [{"@timestamp": {"order": "asc", "format": "strict_date_optional_time_nanos"}}]
    first = es_client.search(pit=pit, size=2, sort=sort)["hits"]["hits"]
    last = es_client.search(pit=pit, size=2, sort=sort, search_after=first[-1]["sort"])["hits"]["hits"]
    assert [hit["_source"]["@timestamp"][-3:] for hit in first + last] == ["80Z", "81Z", "82Z"]
    es_client.close_point_in_time(id=pit["id"])


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalServerError, match=f"port {port} for Elasticsearch is in use"):
            elasticsearch.start(tmp_path, port=port)


@pytest.mark.parametrize("version", ["7.17.0", "8", "latest", "8.19.21; rm"])
def test_a_version_that_cannot_be_run_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setenv("ES_VERSION", version)
    with pytest.raises(LocalServerError, match="ES_VERSION"):
        elasticsearch.wanted_version()


def test_no_network_ends_in_one_sentence_with_the_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AILOG_MAVEN_REPOSITORY", f"http://127.0.0.1:{free_port()}/maven2")
    monkeypatch.setattr(elasticsearch, "cache_directory", lambda: tmp_path / "cache")
    with pytest.raises(LocalServerError, match=r"cannot be reached.*AILOG_MAVEN_REPOSITORY.*AIRFLOW_CONN_AILOG_ELASTICSEARCH") as caught:
        elasticsearch.start(tmp_path / "es", version="8.19.21")
    assert "\n" not in str(caught.value)
    assert elasticsearch.find(tmp_path / "es") is None


def test_a_jvm_that_dies_names_its_log(tmp_path: Path, elasticsearch_server: ElasticsearchServer) -> None:
    with pytest.raises(LocalServerError, match=r"elasticsearch\.log") as caught:
        elasticsearch.start(tmp_path, version=elasticsearch_server.version, heap="nonsense")
    assert "\n" not in str(caught.value)


def test_a_node_ends_with_its_parent_and_another_run_finds_nothing(tmp_path: Path, elasticsearch_server: ElasticsearchServer) -> None:
    parent = spawn([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "parent.log")
    try:
        node = elasticsearch.start(tmp_path / "es", version=elasticsearch_server.version, parent=parent.pid, heap="256m")
        stop(Handle.of(parent.pid), first=signal.SIGKILL)
        assert wait_until(lambda: not node.alive, lambda: True, 60)
        assert elasticsearch.find(tmp_path / "es") is None
        assert is_free(node.port)
    finally:
        if psutil.pid_exists(parent.pid):
            stop(Handle.of(parent.pid))
        elasticsearch.stop_server(tmp_path / "es", delete=True)


def test_what_a_killed_process_left_running_is_stopped_too(tmp_path: Path) -> None:
    code = "import subprocess, time; subprocess.Popen(['sleep', '600']); time.sleep(600)"
    parent = Handle.of(spawn([sys.executable, "-c", code], tmp_path / "log").pid)
    process = psutil.Process(parent.pid)
    assert wait_until(lambda: bool(process.children()), lambda: True, 30)
    child = Handle.of(process.children()[0].pid)
    process.kill()
    assert wait_until(lambda: not parent.alive, lambda: True, 30)
    assert child.alive
    stop(parent, patience=1)
    assert not child.alive


def test_a_number_used_again_by_another_process_is_not_stopped() -> None:
    mine = Handle.of(os.getpid())
    earlier = Handle(mine.pid, mine.started - 60)
    assert mine.alive
    assert not earlier.alive
    stop(earlier)


def test_servers_of_the_user_take_precedence() -> None:
    settings = load()
    store = {"AIRFLOW_CONN_AILOG_POSTGRES": "postgres://a:b@db/x", "AIRFLOW_CONN_AILOG_POSTGRES_OWNER": "postgres://o:b@db/x"}
    assert given_store(settings, store)
    assert not given_store(settings, {})
    with pytest.raises(ConfigError, match="AIRFLOW_CONN_AILOG_POSTGRES_OWNER is not"):
        given_store(settings, {"AIRFLOW_CONN_AILOG_POSTGRES": "postgres://a:b@db/x"})
    assert given_elasticsearch(settings, {"AIRFLOW_CONN_AILOG_ELASTICSEARCH": "elasticsearch://es:9200"})
    assert not given_elasticsearch(settings, {"AIRFLOW_CONN_AILOG_ELASTICSEARCH": " "})
