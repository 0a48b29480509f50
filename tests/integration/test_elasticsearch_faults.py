"""Every fault of an Elasticsearch is its own clear error or a successful retry; none of them looks like a quiet window."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch, helpers
from tests.support.documents import WINDOW_START, document, hostile_documents
from tests.support.fault_proxy import Fault, FaultProxy

from ailog.adapters.sources import elasticsearch_client
from ailog.adapters.sources.elasticsearch import ElasticsearchLogs
from ailog.adapters.sources.elasticsearch_client import ElasticsearchConnection, check_whole
from ailog.domain.events import WINDOW, Interval
from ailog.domain.normalize import NormalizeRules, normalize
from ailog.errors import AilogError, AuthFailed, ConfigError, IncompleteFetch, RateLimited, SchemaMismatch, SourceUnavailable
from ailog.settings import ElasticsearchSource, Scope, load

SETTINGS = load()
INTERVAL = Interval(WINDOW_START, WINDOW_START + WINDOW)
KEYWORD = {"type": "keyword"}
EVENTS = 40


def mapping(**changes: Any) -> dict[str, Any]:
    properties = {
        "@timestamp": {"type": "date_nanos"},
        "level": KEYWORD,
        "kubernetes": {"properties": {"namespace": KEYWORD}},
        "message": {"type": "object", "enabled": False},
        **{name.replace("at_timestamp", "@timestamp"): kind for name, kind in changes.items()},
    }
    return {"dynamic": False, "properties": properties}


def make_index(client: Elasticsearch, name: str, *, events: int = EVENTS, settings: dict[str, Any] | None = None, **fields: Any) -> str:
    client.indices.create(index=name, mappings=mapping(**fields), settings={"number_of_replicas": 0, **(settings or {})})
    made = (document(message=f"event {n}", at_timestamp=(WINDOW_START + timedelta(seconds=n)).isoformat()) for n in range(events))
    helpers.bulk(client, ({"_index": name, "_source": one} for one in made), refresh=True)
    return name


def logs(url: str, *indices: str, connection: ElasticsearchConnection | None = None, **options: Any) -> ElasticsearchLogs:
    settings = {"page_size": 10, "retries": 2, "timeout_seconds": 20, **options}
    source = ElasticsearchSource(name="es", kind="elasticsearch", indices=list(indices), **settings)
    return ElasticsearchLogs(
        source,
        connection or ElasticsearchConnection((url,)),
        fields=SETTINGS.fields,
        levels=SETTINGS.levels,
        scope=Scope(),
        max_events=2_000_000,
    )


def read(source: ElasticsearchLogs) -> list[str]:
    """Messages of all events, each as often as it arrived."""
    with closing(source):
        counts = source.count(INTERVAL)
        return [message for page in source.fetch(INTERVAL, counts) for message in page.columns["message"]]


ALL = [f"event {n}" for n in range(EVENTS)]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_client, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def index(es_client: Elasticsearch, es_prefix: str) -> str:
    """An index with one window of events."""
    return make_index(es_client, f"{es_prefix}app")


@pytest.fixture
def proxy(es_url: str) -> Iterator[FaultProxy]:
    """A proxy in front of Elasticsearch."""
    with FaultProxy(es_url) as running:
        yield running


# What the server itself can do to us


def test_a_closed_index_named_outright_is_an_error(es_client: Elasticsearch, es_url: str, index: str) -> None:
    es_client.indices.close(index=index)
    with pytest.raises(SchemaMismatch, match=f"{index} is closed"):
        read(logs(es_url, index))


def test_a_closed_index_behind_an_alias_is_told(es_client: Elasticsearch, es_url: str, es_prefix: str, index: str) -> None:
    closed = make_index(es_client, f"{es_prefix}old", events=1)
    es_client.indices.put_alias(index=f"{index},{closed}", name=f"{es_prefix}alias")
    es_client.indices.close(index=closed)
    with pytest.raises(SchemaMismatch, match="closed"):
        read(logs(es_url, f"{es_prefix}alias"))


def test_a_closed_index_under_a_wildcard_is_left_out_with_a_warning(
    es_client: Elasticsearch, es_url: str, es_prefix: str, index: str
) -> None:
    closed = make_index(es_client, f"{es_prefix}old", events=1)
    es_client.indices.close(index=closed)
    source = logs(es_url, f"{es_prefix}*")
    assert sorted(read(source)) == sorted(ALL)
    assert [warning for warning in source.warnings if closed in warning]


def test_a_closed_index_that_must_be_open_is_an_error(es_client: Elasticsearch, es_url: str, es_prefix: str, index: str) -> None:
    closed = make_index(es_client, f"{es_prefix}old", events=1)
    es_client.indices.close(index=closed)
    with pytest.raises(SchemaMismatch, match=f"{closed} is closed"):
        read(logs(es_url, f"{es_prefix}*", require_open=[f"{es_prefix}o*"]))


def test_a_required_index_that_is_gone_is_an_error(es_url: str, es_prefix: str, index: str) -> None:
    with pytest.raises(SchemaMismatch, match=r"no index .* matches"):
        read(logs(es_url, f"{es_prefix}*", require_open=[f"{es_prefix}payments"]))


def test_a_pattern_whose_indices_are_all_closed_is_an_error(es_client: Elasticsearch, es_url: str, es_prefix: str, index: str) -> None:
    es_client.indices.close(index=index)
    with pytest.raises(SchemaMismatch, match=r"all 1 indices .* are closed"):
        read(logs(es_url, f"{es_prefix}*"))


@pytest.mark.parametrize("patterns", [["nope-*"], ["nope"], ["{index}", "nope-*"]])
def test_a_pattern_that_matches_nothing_is_an_error(es_url: str, index: str, patterns: list[str]) -> None:
    with pytest.raises(SchemaMismatch, match=r"nope|matches no index"):
        read(logs(es_url, *(pattern.format(index=index) for pattern in patterns)))


def test_an_index_with_another_type_of_time_is_named(es_client: Elasticsearch, es_url: str, es_prefix: str, index: str) -> None:
    odd = make_index(es_client, f"{es_prefix}odd", at_timestamp=KEYWORD)
    with pytest.raises(SchemaMismatch, match=f"@timestamp is of type keyword in {odd}"):
        read(logs(es_url, f"{es_prefix}*"))


def test_an_index_without_the_fields_needed_is_an_error(es_client: Elasticsearch, es_url: str, es_prefix: str) -> None:
    es_client.indices.create(index=f"{es_prefix}bare", mappings={"properties": {"@timestamp": {"type": "date"}}})
    with pytest.raises(SchemaMismatch, match=r"none of the fields level, log\.level, severity for level"):
        read(logs(es_url, f"{es_prefix}bare"))


def test_text_fields_are_asked_by_their_keyword_sub_field(es_client: Elasticsearch, es_url: str, es_prefix: str) -> None:
    text = {"type": "text", "fields": {"keyword": {"type": "keyword"}}}
    made = make_index(es_client, f"{es_prefix}text", level=text, kubernetes={"properties": {"namespace": text}})
    assert sorted(read(logs(es_url, made))) == sorted(ALL)


def test_a_failed_shard_is_an_error_though_the_others_answer(es_client: Elasticsearch, es_url: str, es_prefix: str, index: str) -> None:
    make_index(es_client, f"{es_prefix}narrow", settings={"index.max_result_window": 5})
    answer = es_client.search(index=f"{es_prefix}*", size=10)
    assert answer["_shards"]["failed"] == 1  # 200, and half of the documents
    with pytest.raises(SourceUnavailable, match=r"1 of 2 shards failed: .*narrow"):
        check_whole(answer.body)
    with pytest.raises(AilogError, match="Result window is too large"):
        read(logs(es_url, f"{es_prefix}*"))


def test_no_shard_at_all_is_an_error(es_client: Elasticsearch) -> None:
    with pytest.raises(SchemaMismatch, match="no shard took part"):
        check_whole(es_client.search(index="nope-*").body)


@pytest.mark.parametrize(
    ("part", "family"),
    [
        ({"timed_out": True}, SourceUnavailable),
        ({"terminated_early": True}, SourceUnavailable),
        ({"_shards": {"total": 2, "failed": 1}}, SourceUnavailable),
        ({"_shards": {}}, SchemaMismatch),
        ({"_clusters": {"total": 2, "skipped": 1}}, IncompleteFetch),
        ({"_clusters": {"total": 2, "partial": 1}}, IncompleteFetch),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(part: dict[str, Any], family: type[AilogError]) -> None:
    whole = {"timed_out": False, "_shards": {"total": 1, "failed": 0}}
    check_whole(whole)
    with pytest.raises(family):
        check_whole({**whole, **part})


def test_a_server_side_time_out_is_an_error(es_client: Elasticsearch, es_url: str, es_prefix: str) -> None:
    made = make_index(es_client, f"{es_prefix}big", events=20_000)
    es_client.cluster.put_settings(transient={"search.default_search_timeout": "1nanos"})
    try:
        with pytest.raises(SourceUnavailable):
            read(logs(es_url, made, retries=0))
    finally:
        es_client.cluster.put_settings(transient={"search.default_search_timeout": None})


def test_a_server_short_of_memory_is_rate_limited(es_client: Elasticsearch, es_url: str, index: str) -> None:
    es_client.cluster.put_settings(transient={"indices.breaker.request.limit": "1kb"})
    try:
        with pytest.raises(RateLimited, match="429"):
            read(logs(es_url, index, retries=1))
    finally:
        es_client.cluster.put_settings(transient={"indices.breaker.request.limit": None})
    assert sorted(read(logs(es_url, index))) == sorted(ALL)


@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_lost_point_in_time_is_an_incomplete_fetch(es_client: Elasticsearch, es_url: str, index: str, pages_before: int) -> None:
    with closing(logs(es_url, index, page_size=2)) as source:
        pages = source.fetch(INTERVAL, source.count(INTERVAL))
        for _ in range(pages_before):
            next(pages)
        assert source._view is not None
        es_client.close_point_in_time(id=source._view.pit.id)
        with pytest.raises(IncompleteFetch, match="lost the point in time"):
            list(pages)


def test_documents_that_arrive_after_the_count_do_not_disturb_the_fetch(es_client: Elasticsearch, es_url: str, index: str) -> None:
    with closing(logs(es_url, index)) as source:
        counts = source.count(INTERVAL)
        es_client.index(index=index, document=document(), refresh=True)
        assert sum(len(page.refs) for page in source.fetch(INTERVAL, counts)) == EVENTS
        assert sum(source.count(INTERVAL)["errors"].to_pylist()) == EVENTS + 1


@pytest.mark.parametrize("change", ["more", "fewer"])
def test_a_count_that_does_not_fit_is_an_incomplete_fetch(es_client: Elasticsearch, es_url: str, index: str, change: str) -> None:
    with closing(logs(es_url, index)) as counting, closing(logs(es_url, index)) as reading:
        counts = counting.count(INTERVAL)
        if change == "more":
            es_client.index(index=index, document=document(), refresh=True)
        else:
            found = es_client.search(index=index, size=1)["hits"]["hits"][0]
            es_client.delete(index=index, id=found["_id"], refresh=True)
        with pytest.raises(IncompleteFetch, match=r"expected 40 events, the search found (41|39)"):
            list(reading.fetch(INTERVAL, counts))


def test_points_in_time_are_given_back(es_client: Elasticsearch, es_url: str, index: str) -> None:
    def held() -> int:  # of this index alone: other tests read from the same node at the same time
        return int(es_client.indices.stats(index=index, metric="search")["_all"]["total"]["search"]["open_contexts"])

    source = logs(es_url, index, slices=3)
    with closing(source):
        counts = source.count(INTERVAL)
        assert held() == 1
        assert sum(len(page.columns["message"]) for page in source.fetch(INTERVAL, counts)) == EVENTS
    assert held() == 0


def test_hostile_documents_in_the_index_are_read_and_booked(es_client: Elasticsearch, es_url: str, es_prefix: str) -> None:
    name = f"{es_prefix}hostile"
    es_client.indices.create(index=name, mappings=mapping(level={**KEYWORD, "ignore_above": 256}), settings={"number_of_replicas": 0})
    stored = 0
    for _, made, _ in hostile_documents():
        text = json.dumps(made)  # escapes lone surrogates, which clients refuse to send but others have stored
        try:
            es_client.perform_request(
                "POST", f"/{name}/_doc", headers={"content-type": "application/json", "accept": "application/json"}, body=text.encode()
            )
        except BadRequestError:
            continue  # the server has refused it: it can never be read
        stored += 1
    es_client.indices.refresh(index=name)
    with closing(logs(es_url, name)) as source:
        counts = source.count(INTERVAL)
        pages = list(source.fetch(INTERVAL, counts))
    results = [normalize(page, INTERVAL, NormalizeRules()) for page in pages]
    assert stored > 25
    expected = sum(counts["errors"].to_pylist())
    assert expected > 20
    assert sum(result.events.num_rows + result.quarantined for result in results) == expected
    by_namespace: dict[str, int] = {}
    for result in results:
        for found in result.events["namespace"].to_pylist():
            by_namespace[found] = by_namespace.get(found, 0) + 1
    counted = dict(zip(counts["namespace"].to_pylist(), counts["errors"].to_pylist(), strict=True))
    assert by_namespace["unknown"] == counted["unknown"]


# What stands between us and the server


@pytest.mark.parametrize("code", [401, 403])
def test_refused_access_fails_at_once(proxy: FaultProxy, index: str, code: int) -> None:
    proxy.plan(Fault.status(code))
    with pytest.raises(AuthFailed, match=rf"refused access \({code}\)"):
        read(logs(proxy.url, index))
    assert len(proxy.requests) == 1


FAULTS = {
    "503": Fault.status(503),
    "500": Fault.status(500),
    "429": Fault.status(429),
    "reset": Fault.reset(),
    "short": Fault.short(),
    "garbage": Fault.garbage(),
    "slow": Fault.slow(30),
}


def fault(name: str, **changes: Any) -> Fault:
    return Fault(**{**vars(FAULTS[name]), **changes})


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("path", ["/_pit", "/_search", "/_field_caps", "/_resolve"])
def test_a_fault_that_passes_is_retried_and_nothing_is_lost(proxy: FaultProxy, index: str, name: str, path: str) -> None:
    proxy.plan(fault(name, path=path, times=1, after=1 if path == "/_search" else 0))
    assert sorted(read(logs(proxy.url, index, timeout_seconds=1))) == sorted(ALL)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("after", [0, 2])
def test_a_fault_that_stays_is_an_error_after_the_retries(proxy: FaultProxy, index: str, name: str, after: int) -> None:
    proxy.plan(fault(name, path="/_search", after=after))
    with pytest.raises(RateLimited if name == "429" else SourceUnavailable):
        read(logs(proxy.url, index, timeout_seconds=1, retries=1))
    assert proxy.requests.count("POST /_search") == after + 2


def test_a_server_that_is_not_there_is_unavailable(index: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"the connection to Elasticsearch at .* broke"):
        read(logs("http://127.0.0.1:9", index, retries=1))


def test_the_pause_that_the_server_asks_for_is_kept(proxy: FaultProxy) -> None:
    proxy.plan(Fault.status(429, times=2, headers={"Retry-After": "7"}))
    pauses: list[float] = []
    server = elasticsearch_client.Server(ElasticsearchConnection((proxy.url,)), timeout_seconds=5, retries=3, sleep=pauses.append)
    server.request("GET", "/_resolve/index/*", params={"expand_wildcards": "open"})
    server.close()
    assert pauses == [7, 7]


def test_pauses_grow_and_differ(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_client, "FIRST_PAUSE_SECONDS", 1.0)
    proxy.plan(Fault.status(503))
    pauses: list[float] = []
    server = elasticsearch_client.Server(ElasticsearchConnection((proxy.url,)), timeout_seconds=5, retries=8, sleep=pauses.append)
    with pytest.raises(SourceUnavailable):
        server.request("GET", "/_resolve/index/*")
    server.close()
    assert len(pauses) == 8
    assert all(2**n / 2 <= pause <= 2**n for n, pause in enumerate(pauses[:5]))
    assert max(pauses) <= elasticsearch_client.LONGEST_PAUSE_SECONDS


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"username": "reader", "password": "p:w"}, "Basic " + base64.b64encode(b"reader:p:w").decode()),
        ({"api_key": "a2V5"}, "ApiKey a2V5"),
        ({"bearer": "t0k3n"}, "Bearer t0k3n"),
    ],
)
def test_each_kind_of_credentials_opens_the_door(es_url: str, index: str, credentials: dict[str, str], header: str) -> None:
    with FaultProxy(es_url, authorization=header) as guarded:
        connection = ElasticsearchConnection((guarded.url,), **credentials)
        assert len(read(logs("", index, connection=connection))) == EVENTS
        with pytest.raises(AuthFailed) as refused:
            read(logs(guarded.url, index))
    for secret in (*credentials.values(), header):
        if secret != "reader":
            assert secret not in repr(connection)
            assert secret not in str(refused.value)


@pytest.mark.parametrize(
    "options",
    [
        {"hosts": ()},
        {"hosts": ("logs.example.com:9200",)},
        {"hosts": ("ftp://logs.example.com",)},
        {"hosts": ("https://a.example",), "api_key": "k", "bearer": "t"},
    ],
)
def test_a_connection_that_cannot_work_is_a_mistake_of_the_configuration(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        ElasticsearchConnection(**options)
