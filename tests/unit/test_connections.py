"""Connections mean the same to the command line as to Airflow, and never show a password."""

from __future__ import annotations

import json
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from ailog import connections
from ailog.connections import Connection, from_environment, from_json, from_uri, store_uri
from ailog.errors import ConfigError

SECRET = "s3cr&t/p@ss:wörd"
ENCODED = "s3cr%26t%2Fp%40ss%3Aw%C3%B6rd"

FORMS = [
    ("postgres://app:secret@db.example.com:5432/ailog", ("postgres", "db.example.com", 5432, "app", "secret", "ailog", {})),
    ("postgresql://app@db.example.com/ailog", ("postgres", "db.example.com", None, "app", "", "ailog", {})),
    (
        f"postgres://app:{ENCODED}@db.example.com/ailog?sslmode=require",
        ("postgres", "db.example.com", None, "app", SECRET, "ailog", {"sslmode": "require"}),
    ),
    ("postgres://%2Fvar%2Frun%2Fpg:5433/ailog", ("postgres", "/var/run/pg", 5433, "", "", "ailog", {})),
    ("elasticsearch://https://logs.example.com:9200", ("elasticsearch", "https://logs.example.com", 9200, "", "", "", {})),
    ("http://logs.example.com:9200/?verify_certs=false", ("http", "logs.example.com", 9200, "", "", "", {"verify_certs": "false"})),
    ("my-type://h/?__extra__=%7B%22a%22%3A+%5B1%2C+2%5D%7D", ("my_type", "h", None, "", "", "", {"a": [1, 2]})),
    (
        json.dumps(
            {
                "conn_type": "postgres",
                "host": "db",
                "port": "5432",
                "login": "app",
                "password": SECRET,
                "schema": "ailog",
                "extra": {"a": 1},
            }
        ),
        ("postgres", "db", 5432, "app", SECRET, "ailog", {"a": 1}),
    ),
    ('{"conn_type": "postgresql", "host": "db", "extra": "{\\"a\\": 1}"}', ("postgres", "db", None, "", "", "", {"a": 1})),
    ('{"conn_type": "http", "password": null, "port": null}', ("http", "", None, "", "", "", {})),
]


def fields(connection: Connection) -> tuple[Any, ...]:
    return (
        connection.conn_type,
        connection.host,
        connection.port,
        connection.login,
        connection.password,
        connection.schema,
        dict(connection.extra),
    )


@pytest.mark.parametrize(("value", "expected"), FORMS, ids=range(len(FORMS)))
def test_a_connection_of_the_environment_is_read_in_both_forms(value: str, expected: tuple[Any, ...]) -> None:
    assert fields(from_environment("ailog_postgres", {"AIRFLOW_CONN_AILOG_POSTGRES": f" {value}\n"})) == expected


@pytest.mark.parametrize(("value", "_expected"), FORMS, ids=range(len(FORMS)))
@pytest.mark.usefixtures("airflow_home")
def test_a_connection_is_read_as_airflow_reads_it(value: str, _expected: tuple[Any, ...]) -> None:
    from airflow.sdk import Connection as Theirs

    theirs = Theirs.from_json(value, conn_id="c") if value.startswith("{") else Theirs.from_uri(value, conn_id="c")
    ours = from_json("c", value) if value.startswith("{") else from_uri("c", value)
    expected = (
        theirs.conn_type,
        theirs.host or "",
        theirs.port,
        theirs.login or "",
        theirs.password or "",
        theirs.schema or "",
        theirs.extra_dejson,
    )
    assert fields(ours) == expected


def test_a_missing_connection_is_named_with_both_ways_to_set_it() -> None:
    with pytest.raises(ConfigError, match=r"'ailog_postgres' is not set.*Admin, Connections.*AIRFLOW_CONN_AILOG_POSTGRES"):
        from_environment("ailog_postgres", {})


@pytest.mark.parametrize(
    "value",
    [
        f"{SECRET}",
        f"postgres://app:{SECRET}@db:no-number/x",
        f"a://b://c://{SECRET}",
        f'{{"conn_type": "postgres", "password": "{SECRET}"',
        f'{{"conn_type": "postgres", "pasword": "{SECRET}"}}',
        f'{{"conn_type": "postgres", "password": "{SECRET}", "port": "x"}}',
        f'{{"conn_type": "postgres", "password": "{SECRET}", "extra": "{{no json"}}',
        f'{{"conn_type": "postgres", "password": "{SECRET}", "extra": "[1]"}}',
        f"postgres://app:{ENCODED}@[::1/x",
    ],
)
def test_an_unreadable_connection_is_a_config_error_that_keeps_the_secret(value: str) -> None:
    with pytest.raises(ConfigError, match="'ailog_postgres' cannot be used") as caught:
        from_environment("ailog_postgres", {"AIRFLOW_CONN_AILOG_POSTGRES": value})
    told = f"{caught.value} {caught.value.__cause__} {caught.value.__context__ if not caught.value.__suppress_context__ else ''}"
    assert SECRET not in told
    assert ENCODED not in told


def test_the_text_of_a_connection_never_shows_secrets() -> None:
    connection = from_uri("c", f"http://user:{ENCODED}@host/?api_key={ENCODED}")
    assert connection.password == SECRET
    for text in (repr(connection), str(connection), f"{connection}"):
        assert SECRET not in text
        assert ENCODED not in text


def test_the_store_uri_gives_the_driver_what_was_entered() -> None:
    connection = Connection("c", "postgres", "db.example.com", 5433, "app user", SECRET, "my db", {"sslmode": "require", "foreign": "x"})
    assert conninfo_to_dict(store_uri(connection)) == {
        "host": "db.example.com",
        "port": "5433",
        "user": "app user",
        "password": SECRET,
        "dbname": "my db",
        "sslmode": "require",
    }


def test_the_store_may_be_a_socket_or_an_ipv6_address() -> None:
    socket = conninfo_to_dict(store_uri(Connection("c", "postgres", "/var/run/pg", 5433, "app", "", "ailog")))
    assert socket == {"host": "/var/run/pg", "port": "5433", "user": "app", "dbname": "ailog"}
    assert conninfo_to_dict(store_uri(Connection("c", "postgres", "::1", None, "", "", "ailog"))) == {"host": "::1", "dbname": "ailog"}


@pytest.mark.parametrize(
    ("connection", "reason"),
    [(Connection("c", "mysql", "db", schema="x"), "needs postgres"), (Connection("c", "postgres", "db"), "names no database")],
)
def test_a_store_connection_of_the_wrong_kind_is_refused(connection: Connection, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        store_uri(connection)


@pytest.mark.parametrize(
    ("connection", "hosts"),
    [
        (Connection("c", "elasticsearch", "logs.example.com", 9200), ("http://logs.example.com:9200",)),
        (Connection("c", "elasticsearch", "https://logs.example.com", 9200), ("https://logs.example.com:9200",)),
        (Connection("c", "elasticsearch", "logs.example.com", None, extra={"scheme": "https"}), ("https://logs.example.com",)),
        (Connection("c", "https", "a.example.com,b.example.com:9201", 9200), ("https://a.example.com:9200", "https://b.example.com:9201")),
        (Connection("c", "http", "::1", 9200), ("http://[::1]:9200",)),
    ],
)
def test_elasticsearch_hosts_are_urls(connection: Connection, hosts: tuple[str, ...]) -> None:
    assert connections.elasticsearch(connection).hosts == hosts


def test_elasticsearch_credentials_come_from_login_or_extra() -> None:
    by_login = connections.elasticsearch(Connection("c", "http", "h", 9200, "reader", SECRET))
    assert (by_login.username, by_login.password, by_login.verify) == ("reader", SECRET, True)
    by_key = connections.elasticsearch(Connection("c", "http", "h", 9200, extra={"api_key": SECRET, "verify_certs": "false"}))
    assert (by_key.username, by_key.api_key, by_key.verify) == (None, SECRET, False)


def test_elasticsearch_without_a_host_is_refused() -> None:
    with pytest.raises(ConfigError, match="'c' cannot be used: it has no host"):
        connections.elasticsearch(Connection("c", "elasticsearch"))


def test_a_webhook_is_a_secret_url_or_its_parts() -> None:
    whole = connections.webhook(Connection("c", "http", password="https://x.logic.azure.com/workflows/1?sig=abc"))
    assert whole.url == "https://x.logic.azure.com/workflows/1?sig=abc"
    parts = connections.webhook(
        Connection("c", "http", "https://127.0.0.1", 8080, schema="hook", extra={"sig": "a b", "allow_hosts": "127.0.0.1, gateway"})
    )
    assert (parts.url, parts.allow_hosts) == ("https://127.0.0.1:8080/hook?sig=a%20b", ("127.0.0.1", "gateway"))


@pytest.mark.parametrize(
    ("port", "extra", "expected"),
    [
        (None, {}, (587, "starttls")),
        (465, {}, (465, "ssl")),
        (25, {"disable_tls": True}, (25, "none")),
        (2525, {"disable_ssl": "false"}, (2525, "ssl")),
        (2525, {"security": "none"}, (2525, "none")),
    ],
)
def test_mail_security_follows_the_extra_and_the_port(port: int | None, extra: dict[str, Any], expected: tuple[int, str]) -> None:
    server = connections.smtp(Connection("c", "smtp", "mail.example.com", port, extra=extra))
    assert (server.port, server.security) == expected
