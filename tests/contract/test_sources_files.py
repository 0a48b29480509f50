"""What only files can do to us, and a real day read by both kinds of source."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from elasticsearch import Elasticsearch, helpers
from tests.support.documents import WINDOW_START, document, hostile_documents

from ailog.adapters.sources import build
from ailog.adapters.sources.elasticsearch_client import ElasticsearchConnection
from ailog.adapters.sources.files import FileLogs
from ailog.domain.events import WINDOW, Interval
from ailog.domain.normalize import NormalizeRules, normalize
from ailog.errors import ConfigError, IncompleteFetch, SchemaMismatch
from ailog.ports import LogSource
from ailog.settings import ElasticsearchSource, FilesSource, Scope, load

SETTINGS = load()
INTERVAL = Interval(WINDOW_START, WINDOW_START + WINDOW)
GOOD = json.dumps(document()).encode()


def logs(*paths: Path | str, page_size: int = 100) -> FileLogs:
    source = FilesSource(name="files", kind="files", paths=[str(path) for path in paths], page_size=page_size)
    return FileLogs(source, fields=SETTINGS.fields, levels=SETTINGS.levels, scope=Scope(), max_events=2_000_000)


def read(source: LogSource, interval: Interval = INTERVAL) -> tuple[pa.Table, list[tuple[str, str, str, str | None]], int]:
    """Events, rejected rows and the number of errors counted."""
    with closing(source):
        counts = source.count(interval)
        results = [normalize(page, interval, NormalizeRules()) for page in source.fetch(interval, counts)]
    tables = [result.events for result in results]
    rejected = [row for result in results for row in result.rejected]
    return pa.concat_tables(tables), rejected, sum(counts["errors"].to_pylist())


@pytest.mark.parametrize(
    ("line", "reason", "events"),
    [
        (b'{"message": "cut of', "bad_json", 2),
        (b"not json at all", "bad_json", 2),
        (b'["a", "list"]', "not_an_object", 2),
        (b"17", "not_an_object", 2),
        (b"{" + b'"a":{' * 5_000 + b"}" * 5_001, "bad_json", 2),
        (GOOD.replace(b"Order", b"Ord\xffer"), "broken_utf8", 3),
        (GOOD.replace(b"Order", b"Ord\\ud83der"), "unstorable_characters_message", 3),
        (b"", None, 2),
        (b"   ", None, 2),
        (GOOD + b"\r", None, 3),
    ],
    ids=["cut", "prose", "list", "number", "deep", "utf8", "surrogate", "empty", "blank", "carriage return"],
)
def test_a_broken_line_is_booked_by_its_place_and_the_others_are_read(tmp_path: Path, line: bytes, reason: str | None, events: int) -> None:
    path = tmp_path / "app.ndjson"
    path.write_bytes(b"\n".join([GOOD, line, GOOD]))
    table, rejected, counted = read(logs(path))
    assert (table.num_rows, counted) == (events, events)
    assert {row[:2] for row in rejected if "error_message" not in row[1]} == ({("app.ndjson:2", reason)} if reason else set())


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "app.ndjson").write_bytes(b"\xef\xbb\xbf" + GOOD + b"\n")
    assert read(logs(tmp_path / "*.ndjson"))[0].num_rows == 1


def test_the_whole_of_the_hostile_list_is_counted_as_it_arrives(tmp_path: Path) -> None:
    made = [one for _, one, _ in hostile_documents()]
    (tmp_path / "app.ndjson").write_text("\n".join(json.dumps(one) for one in made))
    with closing(logs(tmp_path / "app.ndjson", page_size=9)) as source:
        counts = source.count(INTERVAL)
        pages = list(source.fetch(INTERVAL, counts))
    assert sum(len(page.refs) for page in pages) == sum(counts["errors"].to_pylist())
    assert all(len(page.refs) <= 9 and len(page.rejected) <= 9 for page in pages)
    reasons = {row[1] for page in pages for row in page.rejected}
    assert reasons == {"missing_timestamp", "bad_timestamp", "outside_window"}


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_compressed_file_that_is_cut_off_is_an_incomplete_fetch(tmp_path: Path, suffix: str, kept: float) -> None:
    lines = b"\n".join(json.dumps(document(message=os.urandom(40).hex())).encode() for _ in range(3_000))
    data = gzip.compress(lines) if suffix == ".gz" else zstandard.compress(lines)
    path = tmp_path / f"app.ndjson{suffix}"
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(IncompleteFetch, match="ends in the middle"):
        read(logs(path))


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"app.ndjson{suffix}").write_bytes(GOOD * 10)
    with pytest.raises(SchemaMismatch, match=r"app\.ndjson.* is damaged"):
        read(logs(tmp_path / f"app.ndjson{suffix}"))


def test_a_pattern_without_files_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "app.ndjson").write_bytes(GOOD)
    with pytest.raises(SchemaMismatch, match=r"nothing\*\.ndjson matches no file"):
        read(logs(tmp_path / "app.ndjson", tmp_path / "nothing*.ndjson"))


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "app.ndjson").write_bytes(GOOD)
    assert read(logs(tmp_path / "app.ndjson", tmp_path / "*.ndjson"))[0].num_rows == 1


def test_a_file_that_grows_between_count_and_fetch_is_an_incomplete_fetch(tmp_path: Path) -> None:
    path = tmp_path / "app.ndjson"
    path.write_bytes(GOOD + b"\n")
    with closing(logs(path)) as source:
        counts = source.count(INTERVAL)
        path.write_bytes((GOOD + b"\n") * 2)
        with pytest.raises(IncompleteFetch, match="counted 1 events, read 2"):
            list(source.fetch(INTERVAL, counts))
        assert sum(source.count(INTERVAL)["errors"].to_pylist()) == 2


def test_pages_do_not_change_what_is_read(tmp_path: Path) -> None:
    lines = [json.dumps(document(message=f"event {n}", exception=None)) for n in range(500)]
    (tmp_path / "app.ndjson").write_text("\n".join(lines))
    tables = [read(logs(tmp_path / "app.ndjson", page_size=size))[0] for size in (1, 7, 500, 10_000)]
    assert all(table.equals(tables[0]) for table in (one.combine_chunks() for one in tables))


def test_a_source_is_built_from_its_settings(tmp_path: Path) -> None:
    fields = {"message": ["msg"]}
    files = FilesSource(name="f", kind="files", paths=[str(tmp_path / "app.ndjson")], fields=fields)
    (tmp_path / "app.ndjson").write_text(json.dumps(document(msg="by another name", exception=None)))
    assert read(build(files, SETTINGS))[0]["message"].to_pylist() == ["by another name"]
    elastic = ElasticsearchSource(name="e", kind="elasticsearch", indices=["a"])
    with closing(build(elastic, SETTINGS, ElasticsearchConnection(("http://127.0.0.1:9",)))) as source:
        assert isinstance(source, LogSource)
    with pytest.raises(ConfigError, match="ailog_elasticsearch"):
        build(elastic, SETTINGS)


DATA = Path(os.environ.get("AILOG_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
REAL = DATA / "trainticket-2023-01-29" / "logs.ndjson.gz"
DAY = Interval(datetime(2023, 1, 29, tzinfo=UTC), datetime(2023, 1, 30, tzinfo=UTC))


@pytest.mark.skipif(not REAL.exists(), reason="the recorded day of a real system is not here (AILOG_SHARED_DATA)")
def test_a_real_day_gives_the_same_events_from_files_and_from_elasticsearch(es_client: Elasticsearch, es_url: str, es_prefix: str) -> None:
    keyword = {"type": "keyword"}
    fields = {"@timestamp": {"type": "date_nanos"}, "level": keyword, "kubernetes": {"properties": {"namespace": keyword}}}
    settings = {"number_of_replicas": 0, "refresh_interval": "-1"}
    es_client.indices.create(index=f"{es_prefix}day", mappings={"dynamic": False, "properties": fields}, settings=settings)

    def actions() -> Iterator[dict[str, Any]]:
        with gzip.open(REAL, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield {"_index": f"{es_prefix}day", "_source": json.loads(line)}

    helpers.bulk(es_client, actions(), chunk_size=4_000, refresh=True)
    elastic = ElasticsearchSource(name="e", kind="elasticsearch", indices=[f"{es_prefix}*"], page_size=500)
    order = [(name, "ascending") for name in ("event_time", "message", "app", "trace_id", "span_id")]
    counts, events = [], []
    for source in (logs(REAL), build(elastic, SETTINGS, ElasticsearchConnection((es_url,)))):
        with closing(source):
            counts.append(source.count(DAY))
            pages = [normalize(page, DAY, NormalizeRules()).events for page in source.fetch(DAY, counts[-1])]
        events.append(pa.concat_tables(pages).sort_by(order).combine_chunks())
    assert counts[0].equals(counts[1])
    assert (counts[0].num_rows, sum(counts[0]["errors"].to_pylist()), sum(counts[0]["documents"].to_pylist())) == (17, 1_307, 168_642)
    assert events[0].num_rows == 1_307
    assert events[0].equals(events[1])
