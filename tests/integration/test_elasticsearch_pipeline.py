"""The pipeline on a real Elasticsearch: the same rows as from files, and an outage that is never a quiet window."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from elasticsearch import Elasticsearch, helpers
from tests.support import servers
from tests.support.pipeline import checksums, event, files_settings, interval, moment, rows, run, shared_data, write_ndjson

from ailog.adapters.sources import ElasticsearchConnection, build
from ailog.adapters.store.postgres import PostgresStore
from ailog.errors import SchemaMismatch
from ailog.pipeline.baseline import collect_day
from ailog.pipeline.fetch import fetch
from ailog.pipeline.plan import plan
from ailog.ports import LogSource
from ailog.settings import ElasticsearchSource, Settings

START = moment("2026-03-10 08:00")
NOW = moment("2026-03-10 12:00")


@pytest.fixture
def second_store() -> Iterator[PostgresStore]:
    with servers.fresh_database() as uris:
        yield PostgresStore(uris.app)


def _documents() -> list[dict]:
    kinds = [("a-api", "Order {i} refused"), ("b-api", "Ledger {i} does not answer"), ("c-api", "Java heap space in worker {i}")]
    return [
        event(START + timedelta(seconds=i % 1750, microseconds=i), text.format(i=i), app=app, traceId=f"t{i // 3}", spanId=f"s{i}")
        for i in range(900)
        for app, text in [kinds[i % 3]]
    ]


def _index(client: Elasticsearch, name: str, documents: list[dict]) -> None:
    helpers.bulk(client, ({"_index": name, "_source": d} for d in documents), chunk_size=5000)
    client.indices.refresh(index=name)


def _source(es_url: str, pattern: str, settings: Settings) -> tuple[Settings, LogSource]:
    source = ElasticsearchSource(name="elasticsearch", kind="elasticsearch", indices=[pattern], retries=0)
    changed = settings.model_copy(update={"sources": [source]})
    return changed, build(source, changed, ElasticsearchConnection(hosts=(es_url,)))


def test_files_and_elasticsearch_give_the_same_rows(
    es_client: Elasticsearch, es_url: str, es_prefix: str, store: PostgresStore, second_store: PostgresStore, tmp_path: Path
) -> None:
    documents = _documents()
    from_files = files_settings(write_ndjson(tmp_path / "log.ndjson", documents))
    _index(es_client, f"{es_prefix}log", documents)
    settings, source = _source(es_url, f"{es_prefix}*", from_files)
    run(store, from_files, interval("2026-03-10 08:00", 30))
    run(second_store, settings, interval("2026-03-10 08:00", 30), sources=[source])
    source.close()
    named = ("schema_migrations", "analysis_runs", "analysis_run_sources", "analysis_window_sources")
    assert checksums(second_store, leave_out=named) == checksums(store, leave_out=named)
    counts = "SELECT status, expected, fetched, staged, stored FROM ailog_peak.analysis_runs"
    assert rows(second_store, counts) == rows(store, counts) == [("complete", 900, 900, 900, 900)]


def test_a_real_day_gives_the_same_rows_from_both_sources(
    es_client: Elasticsearch, es_url: str, es_prefix: str, store: PostgresStore, second_store: PostgresStore
) -> None:
    path = shared_data("trainticket-2023-01-29/logs.ndjson.gz")
    from_files = files_settings(path)
    with gzip.open(path) as lines:
        _index(es_client, f"{es_prefix}day", [orjson.loads(line) for line in lines if b'"level":"ERROR"' in line])
    settings, source = _source(es_url, f"{es_prefix}*", from_files)
    day, now = interval("2023-01-29 00:00", 24 * 60), moment("2023-01-30 00:05")
    run(store, from_files, day, now=now)
    run(second_store, settings, day, now=now, sources=[source])
    source.close()
    same = ("error_kind_counts", "incidents", "peak_investigation", "detection_events", "error_signatures", "problems")
    found, expected = checksums(second_store), checksums(store)
    assert {table: found[table] for table in same} == {table: expected[table] for table in same}


def test_one_source_serves_several_days(
    es_client: Elasticsearch, es_url: str, es_prefix: str, store: PostgresStore, tmp_path: Path
) -> None:
    documents = [event(moment(f"2026-03-0{day} 10:00") + timedelta(seconds=i), f"Order {i} refused") for day in (2, 3) for i in range(20)]
    _index(es_client, f"{es_prefix}log", documents)
    settings, source = _source(es_url, f"{es_prefix}*", files_settings(tmp_path / "unused"))
    for day in ("2026-03-02", "2026-03-03"):
        assert collect_day(store, settings, [source], day, NOW, "test")["stored"] == 20
    source.close()


@pytest.mark.parametrize("pattern", ["closed", "closed*", "absent*"])
def test_an_index_that_is_closed_or_absent_is_no_quiet_window(
    pattern: str, es_client: Elasticsearch, es_url: str, es_prefix: str, store: PostgresStore, tmp_path: Path
) -> None:
    _index(es_client, f"{es_prefix}closed", _documents()[:10])
    es_client.indices.close(index=f"{es_prefix}closed")
    settings, source = _source(es_url, f"{es_prefix}{pattern}", files_settings(tmp_path / "unused"))
    made = plan(store, settings, kind="regular", target=None, bounds=interval("2026-03-10 08:00"), now=NOW, dry_run=False, triggered_by="t")
    with pytest.raises(SchemaMismatch):
        fetch(store, settings, source, made.run_id)
    source.close()
    assert rows(store, "SELECT count(*) FROM ailog_peak.namespace_error_counts") == [(0,)]
    assert rows(store, "SELECT status FROM ailog_staging.source_outcome") == [("failed",)]
