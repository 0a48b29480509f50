"""Connections to outside systems, in Airflow's own notation and without Airflow.

The command line reads them from ``AIRFLOW_CONN_<ID>`` exactly as Airflow would, the DAGs from Airflow; both end in a ``Connection``.
A connection never shows its password: not in its text, not in an error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from ailog.adapters.notifiers.email import SmtpConnection
from ailog.adapters.notifiers.teams import WebhookConnection
from ailog.adapters.publishers.confluence import ConfluenceConnection
from ailog.adapters.sources.elasticsearch_client import ElasticsearchConnection
from ailog.errors import ConfigError

_EXTRA_KEY = "__extra__"
_SMTPS_PORT = 465
_STORE_TYPES = {"postgres"}
_STORE_EXTRAS = {"application_name", "connect_timeout", "options", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"}


@dataclass(frozen=True, slots=True)
class Connection:
    """Where an outside system is and how to log in, as Airflow stores it."""

    conn_id: str
    conn_type: str
    host: str = ""
    port: int | None = None
    login: str = ""
    password: str = field(default="", repr=False)
    schema: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


Connect = Callable[[str], Connection]
"""Looks a connection up by its id; raises ConfigError when it is not there."""


def variable(conn_id: str) -> str:
    """The name of the environment variable that holds a connection."""
    return f"AIRFLOW_CONN_{conn_id.upper()}"


def missing(conn_id: str) -> ConfigError:
    """The error for a connection that nobody has set, with both ways to set it."""
    return ConfigError(
        f"the connection {conn_id!r} is not set: add it in Airflow (Admin, Connections), "
        f"or set the environment variable {variable(conn_id)} to a URI or to JSON"
    )


def from_environment(conn_id: str, environment: Mapping[str, str] | None = None) -> Connection:
    """Reads ``AIRFLOW_CONN_<ID>``, a URI or JSON.

    Raises:
        ConfigError: when it is not set or cannot be read; the text never holds the value.
    """
    text = (os.environ if environment is None else environment).get(variable(conn_id), "").strip()
    if not text:
        raise missing(conn_id)
    return from_json(conn_id, text) if text.startswith("{") else from_uri(conn_id, text)


def from_json(conn_id: str, text: str) -> Connection:
    """A connection from Airflow's JSON: conn_type, host, port, login, password, schema, extra (an object or its text)."""
    try:
        given = json.loads(text)
    except ValueError:
        raise _unreadable(conn_id, "it is no valid JSON") from None
    known = {"conn_type", "host", "port", "login", "password", "schema", "extra", "description", "conn_id"}
    unknown = sorted(set(given) - known)
    if unknown:
        raise _unreadable(conn_id, f"it has unknown keys {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    port = given.get("port")
    try:
        number = int(port) if port not in {None, ""} else None
    except (TypeError, ValueError):
        raise _unreadable(conn_id, f"the port {port!r} is no number") from None
    return Connection(
        conn_id=conn_id,
        conn_type=_conn_type(str(given.get("conn_type") or "")),
        host=str(given.get("host") or ""),
        port=number,
        login=str(given.get("login") or ""),
        password=str(given.get("password") or ""),
        schema=str(given.get("schema") or ""),
        extra=parse_extra(conn_id, given.get("extra")),
    )


def from_uri(conn_id: str, uri: str) -> Connection:
    """A connection from Airflow's URI: ``type://login:password@host:port/schema?extra``, parts percent-encoded.

    ``type://https://host`` keeps the protocol with the host. Extras are query parameters, or one JSON object in ``__extra__``.
    """
    if uri.count("://") > 2 or "://" not in uri:
        raise _unreadable(conn_id, "it is no URI of the form type://login:password@host:port/schema")
    scheme, rest = uri.split("://", 1)
    protocol = ""
    if "://" in rest.split("?", 1)[0]:
        protocol, rest = rest.split("://", 1)
        if "@" in protocol or ":" in protocol:
            raise _unreadable(conn_id, "the login belongs between the protocol and the host")
    try:
        parts = urlsplit(f"//{rest}")
        port = parts.port
    except ValueError:
        raise _unreadable(conn_id, "the host or the port cannot be read; percent-encode special characters") from None
    host = _host(parts)
    query: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Connection(
        conn_id=conn_id,
        conn_type=_conn_type(scheme),
        host=f"{protocol}://{host}" if protocol and host else host,
        port=port,
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        schema=unquote(parts.path[1:]),
        extra=parse_extra(conn_id, query[_EXTRA_KEY]) if _EXTRA_KEY in query else query,
    )


def parse_extra(conn_id: str, extra: object) -> dict[str, Any]:
    """The extra of a connection as an object, from an object, its JSON text, or nothing."""
    if extra is None or extra == "":
        return {}
    if isinstance(extra, str):
        try:
            extra = json.loads(extra)
        except ValueError:
            raise _unreadable(conn_id, "its extra is no valid JSON") from None
    if not isinstance(extra, dict):
        raise _unreadable(conn_id, "its extra must be a JSON object")
    return {str(key): value for key, value in extra.items()}


def store_uri(connection: Connection) -> str:
    """The libpq URI of the product's database.

    Raises:
        ConfigError: for another type than postgres, or without a host or a database.
    """
    if connection.conn_type not in _STORE_TYPES:
        raise _unreadable(connection.conn_id, f"its type is {connection.conn_type!r}; the store needs postgres")
    if not connection.schema:
        raise _unreadable(connection.conn_id, "it names no database: put it into the schema field, or after the last slash of the URI")
    extra = {key: value for key, value in connection.extra.items() if key in _STORE_EXTRAS}
    host, directory = connection.host, ""
    if host.startswith("/"):
        host, directory = "", host
    login = quote(connection.login, safe="")
    if connection.password:
        login += ":" + quote(connection.password, safe="")
    address = _bracketed(host) + (f":{connection.port}" if connection.port and not directory else "")
    query = urlencode(
        {**extra, **({"host": directory} if directory else {}), **({"port": connection.port} if directory and connection.port else {})},
        quote_via=quote,
    )
    return f"postgresql://{login + '@' if login else ''}{address}/{quote(connection.schema, safe='')}{'?' + query if query else ''}"


def elasticsearch(connection: Connection) -> ElasticsearchConnection:
    """An Elasticsearch: login and password, or ``api_key`` or ``bearer`` in the extra; ``ca_certs`` and ``verify_certs`` for TLS.

    Several hosts are separated by commas in the host field.
    """
    extra = connection.extra
    hosts = [host.strip() for host in connection.host.split(",") if host.strip()]
    if not hosts:
        raise _unreadable(connection.conn_id, "it has no host")
    return ElasticsearchConnection(
        hosts=tuple(base_url(replace(connection, host=host)) for host in hosts),
        username=connection.login or None,
        password=connection.password or None,
        api_key=_text(extra.get("api_key")),
        bearer=_text(extra.get("bearer")),
        ca_certs=_text(extra.get("ca_certs")),
        verify=_flag(extra.get("verify_certs"), default=True),
    )


def webhook(connection: Connection) -> WebhookConnection:
    """A Teams Workflows webhook: its URL in the password field (it is a secret), or put together from the other fields.

    ``allow_hosts`` in the extra (a list, or names with commas) are further hosts that may be posted to.
    """
    if "://" in connection.password:
        url = connection.password
    else:
        path = connection.schema.lstrip("/")
        query = urlencode({key: value for key, value in connection.extra.items() if key != "allow_hosts"}, quote_via=quote)
        url = f"{base_url(connection, 'https')}/{path}" + (f"?{query}" if query else "")
    allowed = connection.extra.get("allow_hosts") or []
    names = allowed.split(",") if isinstance(allowed, str) else allowed
    return WebhookConnection(url=url, allow_hosts=tuple(str(name).strip() for name in names if str(name).strip()))


def smtp(connection: Connection) -> SmtpConnection:
    """A mail server, as Airflow's SMTP provider has it: ``disable_ssl`` and ``disable_tls`` in the extra, or ``security``."""
    extra = connection.extra
    if not connection.host:
        raise _unreadable(connection.conn_id, "it has no host")
    security: Any = extra.get("security")
    if security is None:
        if not _flag(extra.get("disable_ssl"), default=connection.port != _SMTPS_PORT):
            security = "ssl"
        else:
            security = "none" if _flag(extra.get("disable_tls"), default=False) else "starttls"
    return SmtpConnection(
        host=connection.host,
        port=connection.port or (_SMTPS_PORT if security == "ssl" else 587),
        username=connection.login or None,
        password=connection.password or None,
        security=security,
        ca_file=_text(extra.get("ca_file")),
    )


def confluence(connection: Connection) -> ConfluenceConnection:
    """A Confluence. Cloud: ``cloud`` in the extra, user and API token as login and password. Data Center: a personal access token as
    password (or ``token`` in the extra) without a login, or login and password.

    A context path stands in the schema field or behind the host. ``verify`` false and ``ca_certs`` in the extra are for TLS.
    """
    extra = connection.extra
    scheme, separator, rest = connection.host.rpartition("://")
    host, _, path = rest.partition("/")
    site = base_url(replace(connection, host=f"{scheme}{separator}{host}"), "https")
    path = (connection.schema or path).strip("/")
    cloud = _flag(extra.get("cloud"), default=host.lower().rstrip(".").endswith(".atlassian.net"))
    token = _text(extra.get("token")) or connection.password
    if not token or (cloud and not connection.login):
        needed = "a login (the account's e-mail) and an API token as password" if cloud else "a personal access token as password"
        raise _unreadable(connection.conn_id, f"Confluence {'Cloud' if cloud else 'Data Center'} needs {needed}")
    if not token.isascii() or any(character.isspace() for character in token):
        raise _unreadable(connection.conn_id, "its token holds blanks or characters outside of ASCII: copy it again")
    return ConfluenceConnection(
        url="/".join(part for part in (site, path or ("wiki" if cloud else "")) if part),
        username=connection.login or None,
        secret=token,
        cloud=cloud,
        verify=_flag(extra.get("verify"), default=True),
        ca_certs=_text(extra.get("ca_certs")),
    )


def base_url(connection: Connection, default_scheme: str = "http") -> str:
    """``scheme://host:port`` of a connection over HTTP, without login; the scheme from the host, the extra, or the default."""
    if not connection.host:
        raise _unreadable(connection.conn_id, "it has no host")
    scheme, _, host = connection.host.rpartition("://")
    if not scheme:
        scheme = str(connection.extra.get("scheme") or ("https" if connection.conn_type == "https" else default_scheme))
        if scheme not in {"http", "https"}:
            raise _unreadable(connection.conn_id, f"the scheme {scheme!r} of its extra is neither http nor https")
    has_port = host.count(":") == 1 or "]:" in host
    return f"{scheme}://{_bracketed(host.rstrip('/'))}" + (f":{connection.port}" if connection.port and not has_port else "")


def _text(value: object) -> str | None:
    return str(value) if value else None


def _flag(value: object, *, default: bool) -> bool:
    """A switch of the extra: JSON from Airflow, or text from a URI."""
    if value is None or value == "":
        return default
    return str(value).strip().lower() not in {"false", "0", "no", "off"}


def _bracketed(host: str) -> str:
    """The host for a URL: an IPv6 address in brackets."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else quote(host, safe="[]:.-_~")


def _host(parts: SplitResult) -> str:
    """The host as written: ``hostname`` alone would cut a percent-encoded path (a socket directory) and lower its case."""
    host = unquote(parts.hostname or "")
    if "/" in host:
        host = unquote(parts.netloc.rsplit("@", 1)[-1].split(":", 1)[0])
    return host


def _conn_type(scheme: str) -> str:
    name = scheme.lower().replace("-", "_")
    return "postgres" if name == "postgresql" else name


def _unreadable(conn_id: str, why: str) -> ConfigError:
    return ConfigError(f"the connection {conn_id!r} cannot be used: {why} (Airflow connection, or {variable(conn_id)})")
