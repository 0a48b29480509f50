"""Talking to Elasticsearch: the connection, one request with retries, and every way in which an answer can be wrong.

An answer counts only when all shards of at least one index took part, in time and in full. Everything else becomes an error of
``ailog.errors``: three of the faults below come as HTTP 200.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import elastic_transport
import elasticsearch
import orjson
from elasticsearch import Elasticsearch

from ailog.errors import AilogError, AuthFailed, ConfigError, IncompleteFetch, RateLimited, SchemaMismatch, SourceUnavailable

log = logging.getLogger(__name__)

Body = dict[str, Any]
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
_MISSING_INDEX: Final = ("index_not_found_exception", "index_closed_exception")
_LOST_CONTEXT: Final = "search_context_missing_exception"
_TIMED_OUT: Final = "search_timeout_exception"


@dataclass(frozen=True, slots=True)
class ElasticsearchConnection:
    """Where the servers are and how to get in; secrets stay out of its text form.

    ``hosts`` are URLs. Of ``username`` with ``password``, ``api_key`` and ``bearer`` at most one is given.
    """

    hosts: tuple[str, ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)
    ca_certs: str | None = None
    verify: bool = True

    def __post_init__(self) -> None:
        """Raises ConfigError for a connection that cannot work."""
        if not self.hosts:
            raise ConfigError("the Elasticsearch connection names no host: give a URL such as https://logs.example.com:9200")
        for host in self.hosts:
            parts = urlsplit(host)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ConfigError(f"Elasticsearch host {_without_user(host)!r} is no URL: give one such as https://logs.example.com:9200")
        if sum(1 for way in (self.username, self.api_key, self.bearer) if way) > 1:
            raise ConfigError("the Elasticsearch connection has several kinds of credentials: keep one of user, API key and bearer token")

    @property
    def is_local(self) -> bool:
        """Whether all hosts are this machine, where compressing answers costs more than it saves."""
        return all(_is_loopback(urlsplit(host).hostname or "") for host in self.hosts)


def _without_user(url: str) -> str:
    return url.rsplit("@", 1)[-1]


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class _Serializer(elastic_transport.JsonSerializer):
    """orjson, and the standard library for what orjson refuses (lone surrogates, which servers do store)."""

    mimetype = "application/vnd.elasticsearch+json"

    def __init__(self) -> None:
        self._seen = threading.local()

    @property
    def size(self) -> int:
        """Bytes of the last answer that the calling thread read: the client does not tell otherwise."""
        return getattr(self._seen, "size", 0)

    def loads(self, data: bytes) -> Any:
        self._seen.size = len(data)
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            try:
                return json.loads(data.decode("utf-8", "replace"))
            except (ValueError, RecursionError) as error:
                raise elastic_transport.SerializationError(f"the answer of {len(data)} bytes is no JSON", errors=(error,)) from error

    def dumps(self, data: Any) -> bytes:
        return orjson.dumps(data)


def connect(connection: ElasticsearchConnection, timeout_seconds: float, serializer: elastic_transport.JsonSerializer) -> Elasticsearch:
    """A client that neither retries nor guesses by itself: both are decided in ``Server``. Opens no connection yet."""
    options: dict[str, Any] = {}
    if connection.username:
        options["basic_auth"] = (connection.username, connection.password or "")
    elif connection.api_key:
        options["api_key"] = connection.api_key
    elif connection.bearer:
        options["bearer_auth"] = connection.bearer
    if any(urlsplit(host).scheme == "https" for host in connection.hosts):
        options["verify_certs"] = connection.verify
        options["ssl_show_warn"] = False
        if connection.ca_certs:
            options["ca_certs"] = connection.ca_certs
    try:
        return Elasticsearch(
            list(connection.hosts),
            request_timeout=timeout_seconds,
            max_retries=0,
            retry_on_timeout=False,
            http_compress=not connection.is_local,
            serializers=dict.fromkeys((_Serializer.mimetype, "application/json"), serializer),
            **options,
        )
    except (ValueError, OSError) as error:
        raise ConfigError(f"the Elasticsearch connection to {_hosts(connection)} cannot be used: {error}") from error


def _hosts(connection: ElasticsearchConnection) -> str:
    return ", ".join(_without_user(host) for host in connection.hosts)


class Server:
    """One Elasticsearch, asked with retries and answered in full or by an error."""

    def __init__(
        self,
        connection: ElasticsearchConnection,
        *,
        timeout_seconds: float,
        retries: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._where = _hosts(connection)
        self._timeout = timeout_seconds
        self._retries = retries
        self._sleep = sleep
        self._serializer = _Serializer()
        self._client = connect(connection, timeout_seconds, self._serializer)
        self.patience = (retries + 1) * (2 * timeout_seconds + LONGEST_PAUSE_SECONDS)
        """Seconds after which a request with all its tries has certainly failed."""

    @property
    def answer_size(self) -> int:
        """Bytes of the last answer in the calling thread."""
        return self._serializer.size

    def close(self) -> None:
        """Closes all connections; may be called twice."""
        self._client.close()

    def request(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, retries: int | None = None
    ) -> Body:
        """The body of a successful answer.

        Raises:
            AuthFailed, SchemaMismatch, IncompleteFetch: at once.
            RateLimited, SourceUnavailable: after ``retries`` (None: as set up) more tries with growing, jittered pauses;
                ``Retry-After`` is honoured.
        """
        attempt, tries = 0, self._retries if retries is None else retries
        while True:
            try:
                return self._once(method, path, params, body)
            except (RateLimited, SourceUnavailable) as error:
                if attempt >= tries:
                    raise
                pause = _pause(attempt, error.retry_after)
                attempt += 1
                log.warning("%s; try %d of %d in %.1f s", error, attempt + 1, tries + 1, pause)
                self._sleep(pause)

    def search(self, body: Body) -> Body:
        """A search inside a point in time, checked to be whole: see ``check_whole``."""
        answer = self.request("POST", "/_search", params={"allow_partial_search_results": "false"}, body=body)
        check_whole(answer)
        return answer

    def _once(self, method: str, path: str, params: Mapping[str, Any] | None, body: Any) -> Body:
        headers = {"accept": _Serializer.mimetype + "; compatible-with=8"}
        if body is not None:
            headers["content-type"] = headers["accept"]
        try:
            answer = self._client.perform_request(method, path, params=params, headers=headers, body=body)
        except elasticsearch.ApiError as error:
            raise self._translated(error) from error
        except elasticsearch.UnsupportedProductError as error:
            raise SchemaMismatch(
                f"{self._where} is no Elasticsearch that this client knows; point the connection at one of version 8 or 9"
            ) from error
        except elastic_transport.TlsError as error:
            raise AuthFailed(f"no TLS connection to {self._where}: {error}; check the CA file of the connection") from error
        except elastic_transport.ConnectionTimeout as error:
            raise SourceUnavailable(f"Elasticsearch at {self._where} gave no answer to {method} {path} in {self._timeout:g} s") from error
        except elastic_transport.SerializationError as error:
            raise SourceUnavailable(f"Elasticsearch at {self._where} answered {method} {path} with something that is no JSON") from error
        except elastic_transport.TransportError as error:
            raise SourceUnavailable(f"the connection to Elasticsearch at {self._where} broke during {method} {path}: {error}") from error
        if not isinstance(answer.body, dict):
            raise SourceUnavailable(f"Elasticsearch at {self._where} answered {method} {path} without a JSON object")
        return answer.body

    def _translated(self, error: elasticsearch.ApiError) -> AilogError:
        status = error.meta.status
        reason = _reason(error.body)
        where = f"Elasticsearch at {self._where}"
        if status in (401, 403):
            return AuthFailed(f"{where} refused access ({status}): {reason}; check user, key and read rights on the indices")
        kinds = _kinds(error.body)
        if _TIMED_OUT in kinds:  # version 9 answers 429 where version 8 says timed_out in a 200
            return SourceUnavailable(f"{where} ran out of the time that it gives a search: {reason}")
        if status == 429:
            return RateLimited(f"{where} asks for fewer requests (429): {reason}", retry_after=_retry_after(error.meta.headers))
        if status >= 500 or status == 408:
            return SourceUnavailable(f"{where} cannot answer now ({status}): {reason}", retry_after=_retry_after(error.meta.headers))
        if _LOST_CONTEXT in kinds:
            return IncompleteFetch(f"{where} lost the point in time of this fetch: {reason}; the window is read again")
        remedy = "; correct `indices` of the source or open the index" if kinds.intersection(_MISSING_INDEX) else ""
        return SchemaMismatch(f"{where} refused the request ({status}): {reason}{remedy}")


def _pause(attempt: int, asked: float | None) -> float:
    pause: float = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1)  # noqa: S311 - jitter, no secret
    return pause if asked is None else max(pause, min(asked, 2 * LONGEST_PAUSE_SECONDS))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def _causes(body: Any) -> list[Mapping[str, Any]]:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return []
    failed = [shard.get("reason") for shard in error.get("failed_shards", ()) if isinstance(shard, dict)]
    return [cause for cause in (error, *error.get("root_cause", ()), *failed, error.get("caused_by")) if isinstance(cause, dict)]


def _kinds(body: Any) -> set[str]:
    return {str(cause.get("type")) for cause in _causes(body)}


def _reason(body: Any) -> str:
    causes = _causes(body)
    texts = dict.fromkeys(f"{cause.get('type')}: {cause.get('reason')}" for cause in causes if cause.get("reason"))
    if texts:
        return "; ".join(list(texts)[:3])[:500]
    return str(body)[:200] if body else "no reason given"


def check_whole(answer: Mapping[str, Any]) -> None:
    """Makes sure that an answer speaks for everything that was asked.

    Raises SourceUnavailable when shards failed or time ran out, IncompleteFetch when a remote cluster was left out, and
    SchemaMismatch when no shard took part at all, which looks like silence.
    """
    shards = answer.get("_shards", {})
    if answer.get("timed_out") or answer.get("terminated_early"):
        raise SourceUnavailable(
            "Elasticsearch ran out of time and answered for a part of the documents only; raise timeout_seconds or lighten its load"
        )
    if shards.get("failed", 0):
        raise SourceUnavailable(f"{shards['failed']} of {shards.get('total')} shards failed: {_shard_reasons(shards.get('failures', ()))}")
    if not shards.get("total", 0):
        raise SchemaMismatch("no shard took part in the search: the index patterns match no open index")
    clusters = answer.get("_clusters", {})
    left_out = sum(clusters.get(kind, 0) for kind in ("skipped", "partial", "failed"))
    if left_out:
        raise IncompleteFetch(f"{left_out} of {clusters.get('total')} remote clusters did not answer in full")


def _shard_reasons(failures: Sequence[Mapping[str, Any]]) -> str:
    reasons = (f"{failure.get('index')}: {(failure.get('reason') or {}).get('reason')}" for failure in failures)
    return "; ".join(dict.fromkeys(reasons))[:500] or "no reason given"
