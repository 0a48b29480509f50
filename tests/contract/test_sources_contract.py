"""What every source of log events promises, asked of each kind with the same documents."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pytest
import zstandard
from elasticsearch import Elasticsearch, helpers
from tests.support.documents import WINDOW_START, Document, flat
from tests.support.documents import document as ordinary_document

from ailog.adapters.sources.elasticsearch import ElasticsearchLogs
from ailog.adapters.sources.elasticsearch_client import ElasticsearchConnection
from ailog.adapters.sources.files import FileLogs
from ailog.domain.events import COUNT_SCHEMA, WINDOW, Interval
from ailog.domain.normalize import Normalized, NormalizeRules, normalize
from ailog.ports import LogSource
from ailog.settings import ElasticsearchSource, FilesSource, Scope, load

SETTINGS = load()
LEVELS = ("ERROR", "FATAL", "CRITICAL")
INTERVAL = Interval(WINDOW_START, WINDOW_START + 4 * WINDOW)

KEYWORD = {"type": "keyword"}
MAPPING = {
    "properties": {
        "@timestamp": {"type": "date_nanos"},
        "level": KEYWORD,
        "kubernetes": {"properties": {"namespace": KEYWORD, "namespace_name": KEYWORD}},
        "message": {"type": "object", "enabled": False},
    },
    "dynamic": False,
}


def document(**changes: Any) -> Document:
    """An ordinary document whose message stands alone, so that it can be recognised."""
    return ordinary_document(**{"exception": None, **changes})


class Make(Protocol):
    def __call__(self, documents: Sequence[Document], **options: Any) -> LogSource: ...


def files(folder: Path, documents: Sequence[Document], *, suffix: str, wrapped: bool = False, **options: Any) -> LogSource:
    lines = [{"_index": "i", "_id": str(n), "_source": made} if wrapped else made for n, made in enumerate(documents)]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    compress: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}
    half = len(data) // 2 if suffix else len(data)  # two frames, the cut inside of a line
    parts = [data[:half], data[half:]]
    (folder / f"logs.ndjson{suffix}").write_bytes(b"".join(compress[suffix](part) for part in parts) if suffix else data)
    page_size = options.pop("page_size", 7)
    source = FilesSource(name="files", kind="files", paths=[str(folder / "*.ndjson*")], page_size=page_size)
    settings: dict[str, Any] = {"fields": SETTINGS.fields, "levels": LEVELS, "scope": Scope(), "max_events": 2_000_000, **options}
    return FileLogs(source, **settings)


def elasticsearch(
    client: Elasticsearch, url: str, prefix: str, documents: Sequence[Document], *, slices: int = 1, shards: int = 2, **options: Any
) -> LogSource:
    for half in range(2):  # over two indices
        name = f"{prefix}logs-{half}"
        client.indices.create(index=name, mappings=MAPPING, settings={"number_of_shards": shards, "number_of_replicas": 0})
    actions = ({"_index": f"{prefix}logs-{n % 2}", "_source": made} for n, made in enumerate(documents))
    helpers.bulk(client, actions, refresh=True)
    page_size = options.pop("page_size", 7)
    source = ElasticsearchSource(
        name="es", kind="elasticsearch", indices=[f"{prefix}logs-*"], page_size=page_size, slices=slices, retries=0
    )
    settings: dict[str, Any] = {"fields": SETTINGS.fields, "levels": LEVELS, "scope": Scope(), "max_events": 2_000_000, **options}
    return ElasticsearchLogs(source, ElasticsearchConnection((url,)), **settings)


@pytest.fixture(params=["plain", "gzip", "zstd", "enveloped", "elasticsearch", "elasticsearch-sliced"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes one source of each kind that holds the documents given."""
    kinds: dict[str, Make] = {
        "plain": partial(files, tmp_path, suffix=""),
        "gzip": partial(files, tmp_path, suffix=".gz"),
        "zstd": partial(files, tmp_path, suffix=".zst"),
        "enveloped": partial(files, tmp_path, suffix="", wrapped=True),
    }
    if request.param in kinds:
        yield kinds[request.param]
        return
    client, url, prefix = (request.getfixturevalue(name) for name in ("es_client", "es_url", "es_prefix"))
    yield partial(elasticsearch, client, url, prefix, slices=3 if request.param.endswith("sliced") else 1)


def at(minutes: float, **changes: Any) -> Document:
    """A document so many minutes after the start of the interval."""
    return document(at_timestamp=(INTERVAL.start + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z"), **changes)


def spread(count: int) -> list[Document]:
    """Errors over four windows and three namespaces, and as many records that are none."""
    names = ("pcb-sit-01-app", "pcb-uat-01-app", "pca-dev-01-app")
    return [
        at(60 * n / count, level=level, message=f"event {n}", kubernetes={"namespace": names[n % 3]})
        for n in range(count)
        for level in ("ERROR", "INFO")
    ]


def everything(source: LogSource, interval: Interval = INTERVAL, covers: Any = None) -> tuple[pa.Table, list[Normalized]]:
    with closing(source):
        counts = source.count(interval)
        rules = NormalizeRules(levels=LEVELS, **({"covers": covers} if covers else {}))
        return counts, [normalize(page, interval, rules) for page in source.fetch(interval, counts)]


def events(pages: Sequence[Normalized]) -> list[dict[str, Any]]:
    table = pa.concat_tables([page.events for page in pages])
    return table.sort_by([("event_time", "ascending"), ("message", "ascending"), ("namespace", "ascending")]).to_pylist()


def cells(counts: pa.Table) -> dict[tuple[str, str], tuple[int, int]]:
    return {(row["window_start"].strftime("%H:%M"), row["namespace"]): (row["errors"], row["documents"]) for row in counts.to_pylist()}


def test_it_is_a_log_source(make: Make) -> None:
    with closing(make(spread(1))) as source:
        assert isinstance(source, LogSource)


def test_every_error_arrives_once_in_bounded_pages(make: Make) -> None:
    counts, pages = everything(make(spread(60)))
    assert [event["message"] for event in events(pages)] == [f"event {n}" for n in range(60)]
    assert all(page.events.num_rows <= 7 for page in pages)
    assert sum(counts["errors"].to_pylist()) == 60
    assert not any(page.rejected for page in pages)


def test_counts_are_exact_by_window_and_namespace(make: Make) -> None:
    counts, pages = everything(make(spread(60)))
    assert counts.schema.equals(COUNT_SCHEMA)
    assert cells(counts) == {
        (window, name): (5, 10)
        for window in ("08:00", "08:15", "08:30", "08:45")
        for name in ("pca-dev-01-app", "pcb-sit-01-app", "pcb-uat-01-app")
    }
    arrived: dict[tuple[str, str], int] = {}
    for event in events(pages):
        cell = (event["window_start"].strftime("%H:%M"), event["namespace"])
        arrived[cell] = arrived.get(cell, 0) + 1
    assert arrived == {cell: errors for cell, (errors, _) in cells(counts).items()}


def test_bounds_of_the_interval_are_half_open(make: Make) -> None:
    edges = ["07:59:59.999999999", "08:00:00.000", "08:14:59.999999999", "08:15:00.000", "08:59:59.999999999", "09:00:00.000"]
    counts, pages = everything(make([document(at_timestamp=f"2026-01-31T{edge}Z", message=edge) for edge in edges]))
    assert [event["message"] for event in events(pages)] == edges[1:5]
    assert cells(counts) == {("08:00", "pcb-sit-01-app"): (2, 2), ("08:15", "pcb-sit-01-app"): (1, 1), ("08:45", "pcb-sit-01-app"): (1, 1)}


def test_dotted_and_nested_documents_give_the_same_events(make: Make) -> None:
    nested = spread(6)
    _, pages = everything(make([*nested, *(flat(made) for made in nested)]))
    found = events(pages)
    assert len(found) == 12
    assert found[0::2] == found[1::2]


def test_the_level_is_matched_in_any_case_and_by_the_first_field_that_has_one(make: Make) -> None:
    levels = [{"level": "error"}, {"level": "Fatal"}, {"level": "cRiTiCaL"}, {"level": "warn"}, {"level": None}]
    counts, pages = everything(make([at(1, message=f"{n}", **level) for n, level in enumerate(levels)]))
    assert [event["level"] for event in events(pages)] == ["ERROR", "FATAL", "CRITICAL"]
    assert cells(counts) == {("08:00", "pcb-sit-01-app"): (3, 5)}


def test_the_namespace_comes_from_the_first_field_that_has_one(make: Make) -> None:
    both = {"namespace": "pcb-sit-01-app", "namespace_name": "shadowed"}
    second = {"namespace_name": "pca-dev-01-app"}
    made = [
        at(1, kubernetes=both),
        at(1, kubernetes=second),
        at(1, kubernetes=None),
        at(1, kubernetes={"namespace": ""}),
        at(1, kubernetes={"namespace": 7}),
    ]
    counts, pages = everything(make(made))
    expected = {"pcb-sit-01-app": 1, "pca-dev-01-app": 1, "unknown": 2, "7": 1}
    assert {name: errors for (_, name), (errors, _) in cells(counts).items()} == expected
    assert sorted(event["namespace"] for event in events(pages)) == ["7", "pca-dev-01-app", "pcb-sit-01-app", "unknown", "unknown"]


@pytest.mark.parametrize(
    "scope",
    [
        Scope(include=["pcb-*"]),
        Scope(include=["*"], exclude=["pca-*"]),
        Scope(include=["pc[b]-???-01-app"]),
        Scope(include=["pcb-sit-01-app", "pcb-uat-*"]),
    ],
    ids=["include", "exclude", "brackets", "several"],
)
def test_namespaces_out_of_scope_are_neither_counted_nor_read(make: Make, scope: Scope) -> None:
    counts, pages = everything(make(spread(12), scope=scope), covers=scope.covers)
    assert {name for _, name in cells(counts)} == {"pcb-sit-01-app", "pcb-uat-01-app"}
    assert len(events(pages)) == 8
    assert not any(page.rejected or page.out_of_scope for page in pages)


def test_an_interval_without_events_has_no_pages(make: Make) -> None:
    source = make(spread(6))
    quiet = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    counts, pages = everything(source, quiet)
    assert (counts.num_rows, counts.schema.equals(COUNT_SCHEMA), pages) == (0, True, [])


def test_a_quiet_window_still_counts_its_records(make: Make) -> None:
    counts, pages = everything(make([at(n, level="INFO") for n in range(10)]))
    assert cells(counts) == {("08:00", "pcb-sit-01-app"): (0, 10)}
    assert not pages


def test_above_the_limit_weights_add_up_to_the_exact_counts(make: Make) -> None:
    loud = [at(n / 1_000, message=f"loud {n}") for n in range(3_000)]
    quiet = [at(20, message=f"quiet {n}", kubernetes={"namespace": "pca-dev-01-app"}) for n in range(3)]
    counts, pages = everything(make([*loud, *quiet], max_events=600, page_size=500))
    found = events(pages)
    assert 300 < len(found) < 900
    weighted: dict[str, float] = {}
    for event in found:
        weighted[event["namespace"]] = weighted.get(event["namespace"], 0.0) + event["weight"]
    assert weighted == pytest.approx({"pcb-sit-01-app": 3_000, "pca-dev-01-app": 3})
    assert {name: errors for (_, name), (errors, _) in cells(counts).items()} == {"pcb-sit-01-app": 3_000, "pca-dev-01-app": 3}
    assert [event["weight"] for event in found if event["namespace"] == "pca-dev-01-app"] == [1.0, 1.0, 1.0]


def test_the_same_sample_is_drawn_again(make: Make) -> None:
    source = make([at(n / 1_000, message=f"{n}") for n in range(2_000)], max_events=300, page_size=500)
    with closing(source):
        drawn = []
        for _ in range(2):
            counts = source.count(INTERVAL)
            drawn.append(sorted(ref for page in source.fetch(INTERVAL, counts) for ref in page.refs))
    assert drawn[0] == drawn[1]


def test_reading_may_stop_in_the_middle(make: Make) -> None:
    with closing(make(spread(60))) as source:
        pages = source.fetch(INTERVAL, source.count(INTERVAL))
        next(iter(pages))
        pages.close()  # type: ignore[attr-defined]
        assert sum(source.count(INTERVAL)["errors"].to_pylist()) == 60


def test_closing_twice_is_harmless(make: Make) -> None:
    source = make(spread(1))
    source.count(INTERVAL)
    source.close()
    source.close()


def test_a_record_is_named_so_that_a_person_finds_it(make: Make) -> None:
    with closing(make(spread(3))) as source:
        refs = [ref for page in source.fetch(INTERVAL, source.count(INTERVAL)) for ref in page.refs]
    assert len(set(refs)) == 3
    assert all("logs" in ref for ref in refs)
