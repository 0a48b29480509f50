"""The same message has the same final fingerprint, and is counted once, however the stream is cut, ordered and spread over processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from tests.support import servers
from tests.support.pipeline import event, files_settings, interval, moment, rows, run, shared_data, write_ndjson
from tests.support.stream import NAMES, NAMESPACES, SENTENCES, documents, flood, messages

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.fingerprint import Miner, to_hex
from ailog.domain.template_family import Families, families
from ailog.settings import Settings

ROOT = Path(__file__).parents[2]
START = moment("2026-03-10 08:00")
LINES = 2_100
MINUTES = 45
TEXTS = messages(LINES, seed=20)
LOG = documents(TEXTS, START, MINUTES)
FLOOD = 100_000
FLOOD_MEBIBYTES = 900
"""Peak of the process that takes the flood, the libraries (about 250 MiB) included; a process that kept all kinds would pass it."""

Final = dict[str, str]


def finals(store: PostgresStore, texts: list[str] = TEXTS) -> Final:
    """The final fingerprint of each message: that of level 1, read through the alias table."""
    aliases = dict(rows(store, "SELECT fingerprint, family FROM ailog_peak.fingerprint_families"))
    distinct = sorted(set(texts))
    numbers = [to_hex(n) for n in Miner().encode_texts(pa.array(distinct)).tolist()]
    return {text: aliases.get(number, number) for text, number in zip(distinct, numbers, strict=True)}


def counted(store: PostgresStore) -> dict[tuple[str, str], int]:
    """Events by namespace and final fingerprint, as the database has them."""
    return {
        (namespace, family): int(count)
        for namespace, family, count in rows(
            store,
            "SELECT k.namespace, coalesce(f.family, k.fingerprint), sum(k.count) FROM ailog_peak.error_kind_counts AS k "
            "LEFT JOIN ailog_peak.fingerprint_families AS f USING (fingerprint) GROUP BY 1, 2",
        )
    }


def expected(found: Final) -> dict[tuple[str, str], int]:
    """Events by namespace and final fingerprint, counted from the stream itself."""
    return dict(Counter((document["kubernetes"]["namespace"], found[document["message"]]) for document in LOG))


@pytest.fixture(scope="module")
def reference(postgres_server: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Final, dict[tuple[str, str], int]]:
    """What one run over the whole stream in its order gives."""
    with servers.fresh_database() as uris:
        store = PostgresStore(uris.app)
        run(store, files_settings(write_ndjson(tmp_path_factory.mktemp("log") / "log.ndjson", LOG)), interval("2026-03-10 08:00", MINUTES))
        found, counts = finals(store), counted(store)
    assert counts == expected(found), "each event is counted, under the final fingerprint of its message"
    return found, counts


def test_the_stream_has_families(reference: tuple[Final, Any]) -> None:
    found, _ = reference
    level_one = {to_hex(n) for n in Miner().encode_texts(pa.array(TEXTS)).tolist()}
    assert 150 < len(set(found.values())) < len(set(TEXTS))
    assert len(set(found.values())) < len(level_one), "level 2 joined some"
    named = {found[text] for text in found if text.startswith(SENTENCES[0][:15])}
    assert len(named) == 1, "names that only their number gives away are one family"


def _with_page(settings: Settings, size: int) -> Settings:
    return settings.model_copy(update={"sources": [settings.sources[0].model_copy(update={"page_size": size})]})


def _shuffled(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    mixed = list(log)
    Random(3).shuffle(mixed)
    return mixed


@pytest.mark.parametrize(
    ("arrange", "page", "batch"),
    [
        (lambda log: log[::-1], 100_000, 8_000_000),
        (_shuffled, 1000, 100_000),
        (_shuffled, 7, 3_000),
        (lambda log: log, 1, 1_000),
    ],
    ids=["reversed", "shuffled", "pages of seven", "pages of one"],
)
def test_order_and_pages_change_nothing(
    store: PostgresStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reference: tuple[Final, Any],
    arrange: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
    page: int,
    batch: int,
) -> None:
    monkeypatch.setattr("ailog.adapters.store.postgres._BATCH_BYTES", batch)
    settings = _with_page(files_settings(write_ndjson(tmp_path / "log.ndjson", arrange(LOG))), page)
    run(store, settings, interval("2026-03-10 08:00", MINUTES))
    assert (finals(store), counted(store)) == reference


def _elsewhere(uri: str, path: Path, start: str, minutes: int, seed: int) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": f"{ROOT / 'include'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.support.stream", uri, str(path), start, str(minutes)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("starts", [("08:00", "08:15", "08:30"), ("08:30", "08:00", "08:15")], ids=["in order", "the last first"])
def test_restarts_in_between_change_nothing(database: Any, tmp_path: Path, reference: tuple[Final, Any], starts: tuple[str, ...]) -> None:
    """A process per window, each with another hash seed: what level 2 knows comes from the database alone."""
    path = write_ndjson(tmp_path / "log.ndjson", _shuffled(LOG))
    for seed, start in enumerate(starts):
        _elsewhere(database.app, path, f"2026-03-10 {start}", 15, 100 + seed)
    store = PostgresStore(database.app)
    assert (finals(store), counted(store)) == reference


def test_two_workers_whose_states_are_joined_know_what_one_knows() -> None:
    whole = Miner()
    whole.encode_texts(pa.array(TEXTS))
    once = families(whole.templates.values())
    halves = []
    for half in (TEXTS[::2], TEXTS[1::2][::-1]):
        miner = Miner(max_cache=50)
        for at in range(0, len(half), 100):
            miner.encode_texts(pa.array(half[at : at + 100]))
            halves.append(list(miner.templates.values()))
    joined = Families()
    for templates in halves[::-1]:
        joined.add(templates)
        joined.resolve()
    assert joined.resolve() == once


def test_counts_stay_exact_when_a_namespace_overflows(tmp_path: Path) -> None:
    """What stays apart, and what is counted together, is the same in any order and batch; nothing is lost or counted twice."""
    results = []
    for number, log in enumerate((LOG, LOG[::-1], _shuffled(LOG))):
        with servers.fresh_database() as uris, pytest.MonkeyPatch.context() as patch:
            patch.setattr("ailog.adapters.store.postgres._BATCH_BYTES", (8_000_000, 2_000, 50_000)[number])
            store = PostgresStore(uris.app)
            settings = _with_page(files_settings(write_ndjson(tmp_path / f"log{number}.ndjson", log)), (100_000, 7, 1000)[number])
            bound = settings.classification.model_copy(update={"max_fingerprints_per_namespace": 60})
            run(store, settings.model_copy(update={"classification": bound}), interval("2026-03-10 08:00", MINUTES))
            counts = counted(store)
            results.append(counts)
            for namespace in NAMESPACES:
                assert sum(n for (name, _), n in counts.items() if name == namespace) == LINES // len(NAMESPACES)
            totals = rows(store, "SELECT sum(count)::int FROM ailog_peak.namespace_error_counts")
            assert totals == [(LINES,)]
            warned = rows(store, "SELECT cardinality(warnings) FROM ailog_peak.analysis_runs")
            assert warned == [(len(NAMESPACES),)], "the ledger says of each namespace that it does not categorise"
    assert results[0] == results[1] == results[2]


def test_a_hundred_thousand_faults_in_one_window_are_bounded(store: PostgresStore, database: Any, tmp_path: Path) -> None:
    calm = [event(START, SENTENCES[0].format(name), namespace=NAMESPACES[1]) for name in NAMES]
    path = write_ndjson(tmp_path / "flood.ndjson.gz", [*flood(FLOOD, START), *calm])
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'include'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.support.stream", "flood", database.app, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    peak = float(done.stdout.split()[-1])
    print(f"peak memory of {FLOOD} distinct faults in one window: {peak:.0f} MiB")
    assert peak < FLOOD_MEBIBYTES
    by_namespace = rows(
        store, "SELECT namespace, count(DISTINCT fingerprint), sum(count)::int FROM ailog_peak.error_kind_counts GROUP BY 1 ORDER BY 1"
    )
    limit = files_settings(path).classification.max_fingerprints_per_namespace
    by_name = {name: (kinds, count) for name, kinds, count in by_namespace}
    assert by_name[NAMESPACES[0]] == (limit + 1, FLOOD), "as many as are kept apart, and the overflow; not one event lost"
    assert by_name[NAMESPACES[1]][1] == len(NAMES), "the neighbour is not touched"
    together = rows(
        store,
        "SELECT sum(k.count)::int FROM ailog_peak.error_kind_counts AS k JOIN ailog_peak.error_signatures AS s USING (fingerprint) "
        "WHERE s.template = '<overflow>'",
    )
    assert together == [(FLOOD - limit,)]
    assert len(rows(store, "SELECT unnest(warnings) FROM ailog_peak.analysis_runs")) == 1


def test_a_real_day_has_the_same_keys_in_any_order() -> None:
    day = shared_data("trainticket-2023-01-29")
    texts = _real_messages(day)
    once = dict(zip(texts, _final(texts), strict=True))
    mixed = list(texts)
    Random(9).shuffle(mixed)
    for order in (texts[::-1], mixed):
        assert dict(zip(order, _final(order), strict=True)) == once


def _final(texts: list[str]) -> list[int]:
    miner = Miner()
    numbers: list[int] = []
    for at in range(0, len(texts), 997):
        numbers += miner.encode_texts(pa.array(texts[at : at + 997])).tolist()
    found = families(miner.templates.values())
    return [found[number] for number in numbers]


def _real_messages(path: Path) -> list[str]:
    import gzip

    import orjson

    found: dict[str, None] = {}
    for file in sorted(path.rglob("*.ndjson*")) if path.is_dir() else [path]:
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        for line in content.splitlines()[:20_000]:
            document = orjson.loads(line)
            text = document.get("message") or document.get("_source", {}).get("message")
            if isinstance(text, str):
                found[text] = None
    return sorted(found)


def test_past_the_limit_of_families_a_window_that_is_read_again_gives_the_same_rows(
    store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not all templates can be compared, those take part that would in the first reading; the ledger says how many did not."""
    monkeypatch.setattr("ailog.pipeline.families.MAX_TEMPLATES", 10)
    texts = [SENTENCES[0].format(name) for name in NAMES]
    log = [event(START + timedelta(seconds=11 * at), text) for at, text in enumerate(texts)]
    log += [event(START + timedelta(minutes=16, seconds=at), text) for at, text in enumerate(TEXTS[:9])]
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", log))
    newest = "SELECT fingerprint, family FROM ailog_staging.family WHERE run_no = (SELECT max(run_no) FROM ailog_staging.family) ORDER BY 1"
    staged = []
    for kind in ("regular", "manual", "manual"):
        run(store, settings, interval("2026-03-10 08:00"), kind=kind, keep_staging=True)
        staged.append(rows(store, newest))
    assert staged[0] == staged[1] == staged[2]
    assert len(staged[0]) > 0
    run(store, settings, interval("2026-03-10 08:15"))
    warned = rows(store, "SELECT window_from, warnings FROM ailog_peak.analysis_runs WHERE kind = 'regular' ORDER BY 1")
    assert all("not compared" in warnings[0] for _, warnings in warned), "the ledger says it"
