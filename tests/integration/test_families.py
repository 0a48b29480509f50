"""Families through the pipeline: what widens is no news, versions change without a storm, floods are bounded, people have the last word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.support.pipeline import NOW, checksums, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain import fingerprint as algorithm
from ailog.domain.fingerprint import Miner
from ailog.domain.template import Described
from ailog.domain.template_family_decisions import Decision
from ailog.errors import PermanentError
from ailog.pipeline import families, versions
from ailog.settings import Settings

START = moment("2026-03-10 08:00")
SIT = "pcb-sit-01-app"


def text(name: str) -> str:
    return f"We could not find out whether {name} has been part of the invoice request or not"


def _kept(names: list[str]) -> list[str]:
    """Names that level 1 takes for the program's own words in this sentence; the others it sees to be values."""
    miner = Miner()
    miner.encode_texts(pa.array([text(name) for name in names]))
    return [name for name in names if any(name in t.template for t in miner.templates.values())]


VALUE = "Xkqz"
ONE, TWO, THREE, FOUR = _kept(["Render", "Convert", "Window", "Folder", "Worker", "Monitor", "Filter", "Record", "Market"])[:4]


def documents(names: list[str], quarter: int = 0, count: int = 5, **more: Any) -> list[dict]:
    start = START + timedelta(minutes=15 * quarter)
    return [event(start + timedelta(seconds=10 * i + j), text(name), **more) for j, name in enumerate(names) for i in range(count)]


def analyse(store: PostgresStore, settings: Settings, quarter: int, minutes: int = 15, **options: Any) -> str:
    at = START + timedelta(minutes=15 * quarter)
    return run(store, settings, interval(at.strftime("%Y-%m-%d %H:%M"), minutes), **options)


def news(store: PostgresStore, since: str = "2000-01-01") -> list[str]:
    return [
        str(row[0])
        for row in rows(
            store,
            "SELECT DISTINCT fingerprint FROM ailog_peak.detection_events WHERE detector = 'new' AND fired AND window_start >= %s ORDER BY 1",
            (f"{since}+00",),
        )
    ]


def prints(store: PostgresStore) -> dict[str, str]:
    """The fingerprint of each earliest message."""
    return dict(rows(store, "SELECT sample, fingerprint FROM ailog_peak.error_signatures WHERE algorithm_version = '1' ORDER BY 1"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three quarters of an hour in which a family comes to light, one name after the other."""
    log = documents([VALUE, ONE]) + documents([TWO], 1) + documents([THREE, VALUE], 2) + documents([FOUR], 3)
    return files_settings(write_ndjson(tmp_path / "log.ndjson", log))


def test_a_family_that_widens_is_no_news(store: PostgresStore, settings: Settings) -> None:
    for quarter in range(3):
        analyse(store, settings, quarter)
    assert len(prints(store)) == 4, "level 1 keeps four fingerprints"
    early = news(store)
    assert len(early) == 2, "the family is decided with its third value, which is no news itself"
    analyse(store, settings, 3)
    assert news(store, "2026-03-10 08:45") == [], "nor is any later member"
    found = prints(store)
    family = found[text(VALUE)]
    assert set(rows(store, "SELECT fingerprint, family FROM ailog_peak.fingerprint_families")) == {
        (f, family) for f in found.values() if f != family
    }


def test_reading_windows_again_after_a_family_widened_gives_the_same_rows(store: PostgresStore, settings: Settings) -> None:
    for quarter in range(4):
        analyse(store, settings, quarter)
    once = checksums(store)
    for quarter in (0, 2, 1, 3):
        analyse(store, settings, quarter, kind="manual", now=NOW + timedelta(hours=1))
    assert checksums(store) == once


def test_aliases_only_grow_and_their_table_takes_no_changes(store: PostgresStore, settings: Settings) -> None:
    from psycopg import errors

    seen: set[tuple] = set()
    for quarter in range(4):
        analyse(store, settings, quarter)
        now = set(rows(store, "SELECT * FROM ailog_peak.fingerprint_aliases"))
        assert seen <= now
        seen = now
    for statement in ("UPDATE ailog_peak.fingerprint_aliases SET family = ''", "DELETE FROM ailog_peak.family_decisions"):
        with pytest.raises((errors.InsufficientPrivilege, Exception), match="denied"):
            rows(store, statement)


def test_members_that_are_new_in_one_run_are_one_piece_of_news(store: PostgresStore, tmp_path: Path) -> None:
    log = [*documents([VALUE, ONE]), *documents([TWO, THREE, FOUR], 1)]
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", log))
    analyse(store, settings, 0, 30)
    windows = rows(store, "SELECT DISTINCT window_start FROM ailog_peak.detection_events WHERE detector = 'new' AND fired")
    assert windows == [(START,)], "what joins in the second window was told in the first"


def test_a_dry_run_learns_nothing(store: PostgresStore, settings: Settings) -> None:
    before = checksums(store)
    analyse(store, settings, 0, 60, dry_run=True)
    assert checksums(store) == before


class _NextMiner(Miner):
    """Another algorithm: it keeps the digits at the end of names apart no more and says the template in other words."""

    def _keep(self, number: int, given: str, found: Described) -> int:
        from dataclasses import replace

        kept = super()._keep(number, given, found)
        self.templates[kept] = replace(self.templates[kept], template=f"v2 {self.templates[kept].template.removeprefix('v2 ')}")
        return kept


def test_a_new_version_of_the_algorithm_is_no_storm_of_new(store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = "java.lang.IllegalStateException: pool closed\n\tat com.acme.Pool.take(Pool.java:10)\n\tat com.acme.Main.run(Main.java:3)"
    messages = [f"Handler {w} is broken" for w in ("memory", "network", "queue", "disk")]

    def log(quarter: int) -> list[dict]:
        start = START + timedelta(minutes=15 * quarter)
        plain = [event(start + timedelta(seconds=i), m) for m in messages for i in range(5)]
        traced = [event(start + timedelta(seconds=i), f"Order {i} failed", stack_trace=trace) for i in range(5)]
        typed = [event(start + timedelta(seconds=i), f"Slot {i} taken", **{"error.type": "com.acme.SlotError"}) for i in range(5)]
        return plain + traced + typed

    fresh = [event(START + timedelta(minutes=15, seconds=i), "Printer tray is stuck again") for i in range(5)]
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", log(0) + log(1) + fresh))
    analyse(store, settings, 0)
    old = set(prints(store).values())
    assert set(news(store)) == old
    assert len(old) == 6
    monkeypatch.setattr(algorithm, "ALGORITHM_VERSION", "next")
    monkeypatch.setattr("ailog.pipeline.classify.ALGORITHM_VERSION", "next")
    assert versions.outdated(store) == ["1"]
    assert versions.carry_over(store, "1", _NextMiner(), now=NOW)["signatures"] == 6
    again = checksums(store)
    assert versions.carry_over(store, "1", _NextMiner(), now=NOW + timedelta(hours=1))["links"] == 0, "again: nothing to do"
    assert checksums(store) == again
    assert versions.outdated(store) == []
    monkeypatch.setattr("ailog.pipeline.classify.Miner", _NextMiner)
    analyse(store, settings, 1)
    told = news(store, "2026-03-10 08:15")
    assert len(told) == 1, "what was known is known; what is new is told"
    assert told[0] not in old
    about = rows(store, "SELECT sample, template LIKE 'v2 %%' FROM ailog_peak.error_signatures WHERE fingerprint = %s", (told[0],))
    assert about == [("Printer tray is stuck again", True)]
    aliases = dict(rows(store, "SELECT fingerprint, family FROM ailog_peak.fingerprint_families"))
    assert old <= set(aliases), "every old id resolves to one of the new version"


def test_a_run_carries_an_older_version_over_by_itself(store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = documents([ONE, TWO]) + documents([ONE, TWO], 1)
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", log))
    analyse(store, settings, 0)
    for version in ("2", "3"):
        monkeypatch.setattr(algorithm, "ALGORITHM_VERSION", version)
        monkeypatch.setattr("ailog.pipeline.classify.ALGORITHM_VERSION", version)
        analyse(store, settings, 1)
    assert news(store, "2026-03-10 08:15") == []
    assert rows(store, "SELECT old_version, new_version, count(*) FROM ailog_peak.fingerprint_versions GROUP BY 1, 2 ORDER BY 1, 2") == [
        ("1", "2", 2),
        ("1", "3", 2),
        ("2", "3", 2),
    ]


def test_a_persons_split_outlives_widening_and_is_on_record(store: PostgresStore, settings: Settings) -> None:
    for quarter in range(3):
        analyse(store, settings, quarter)
    found = prints(store)
    family, apart = found[text(VALUE)], found[text(ONE)]
    assert families.decide(store, Decision("split", apart), actor="ann", note="another team", now=NOW) == {apart: apart}
    analyse(store, settings, 3)
    mapping = dict(rows(store, "SELECT fingerprint, family FROM ailog_peak.fingerprint_families"))
    assert mapping[apart] == apart
    assert mapping[prints(store)[text(FOUR)]] == family, "the others go on to join"
    assert rows(store, "SELECT actor, action, subject, detail ->> 'before', detail ->> 'after' FROM ailog_peak.audit_log") == [
        ("ann", "families split", apart, family, apart)
    ]


def test_merged_by_hand_is_known_and_stays_merged(store: PostgresStore, tmp_path: Path) -> None:
    one, other = "Ledger pool has run dry", "No slot in the ledger pool was free"
    log = [event(START + timedelta(seconds=i), one) for i in range(5)] + [
        event(START + timedelta(seconds=950 + i), other) for i in range(5)
    ]
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", log))
    analyse(store, settings, 0)
    analyse(store, settings, 1, dry_run=True)
    with pytest.raises(PermanentError, match="ever stored"):
        families.decide(store, Decision("merge", "0123456789abcdef", prints(store)[one]), actor="ann", note=None, now=NOW)
    analyse(store, settings, 1)
    found = prints(store)
    with pytest.raises(PermanentError, match="itself"):
        families.decide(store, Decision("merge", found[one], found[one]), actor="ann", note=None, now=NOW)
    families.decide(store, Decision("merge", found[other], found[one]), actor="ann", note=None, now=NOW)
    analyse(store, settings, 1, kind="manual")
    assert news(store, "2026-03-10 08:15") == [], "what was merged into something known is no news"
    families.decide(store, Decision("split", found[other]), actor="ann", note=None, now=NOW)
    analyse(store, settings, 1, kind="manual")
    assert news(store, "2026-03-10 08:15") == [found[other]]
    history = rows(store, "SELECT generation, family, reason FROM ailog_peak.fingerprint_aliases ORDER BY 1")
    assert history == [(1, found[one], "merged"), (2, found[other], "split")]


_PARTS = ["pool", "queue", "disk", "memory", "table", "topic", "broker", "socket", "thread", "buffer", "cache", "session"]


def _flood(namespace: str = SIT, seconds: int = 0) -> list[dict]:
    return [
        event(START + timedelta(seconds=seconds + i), f"The {a} of the {b} is broken", namespace=namespace)
        for a in _PARTS
        for b in _PARTS
        if a != b
        for i in range(2)
    ]


def test_a_namespace_that_does_not_categorise_is_bounded_with_exact_counts(store: PostgresStore, tmp_path: Path) -> None:
    flood, calm = _flood(), documents([ONE], namespace="pca-sit-01-app")
    known = [event(START - timedelta(minutes=15) + timedelta(seconds=i), "The zone of the cluster is broken") for i in range(5)]
    known += [event(START + timedelta(seconds=i), "The zone of the cluster is broken") for i in range(5)]
    results = []
    for order in (1, -1):
        settings = files_settings(write_ndjson(tmp_path / f"log{order}.ndjson", (known + flood + calm)[::order]))
        settings = settings.model_copy(
            update={"classification": settings.classification.model_copy(update={"max_fingerprints_per_namespace": 40})}
        )
        analyse(store, settings, -1)
        analyse(store, settings, 0)
        results.append(
            rows(
                store,
                "SELECT namespace, fingerprint, count, sample FROM ailog_peak.error_kind_counts WHERE window_start = %s ORDER BY 1, 2",
                (START,),
            )
        )
    assert results[0] == results[1], "the order of the events decides nothing"
    mine = [row for row in results[0] if row[0] == SIT]
    assert len(mine) == 41, "forty and the overflow"
    assert sum(row[2] for row in mine) == len(flood) + 5, "no event is lost"
    overflow = rows(store, "SELECT fingerprint, category, subcategory FROM ailog_peak.error_signatures WHERE template = '<overflow>'")
    assert [(category, kind) for _, category, kind in overflow] == [("unknown", "overflow")]
    assert prints(store)["The zone of the cluster is broken"] in {row[1] for row in mine}, "what was known before is kept"
    warned = rows(store, "SELECT warnings FROM ailog_peak.analysis_runs WHERE window_from = %s", (START,))
    assert len(warned[0][0]) == 1
    counted = rows(store, "SELECT kind, namespace, kept, templates, at_least, events FROM ailog_peak.run_warnings")
    together = sum(row[2] for row in mine if row[3] not in prints(store) or row[1] == overflow[0][0])
    assert counted == [("overflow", SIT, 40, len({d["message"] for d in flood}) + 1 - 40, False, together)]
    assert warned[0][0][0].startswith(
        f"{SIT}: this namespace does not categorise; {together} events of {counted[0][3]} templates past the first 40"
    )
    assert "max_fingerprints_per_namespace" in warned[0][0][0], "the remedy is said"
    assert rows(store, "SELECT warnings FROM ailog_peak.analysis_runs WHERE window_from < %s", (START,)) == [([],)]
    assert [(one["namespace"], one["events"]) for one in families.overflows(store)] == [(SIT, together)]
    once = checksums(store)
    analyse(store, settings, 0, kind="manual", now=NOW + timedelta(hours=1))
    assert checksums(store) == once, "the same run again says the same"
    assert rows(store, "SELECT DISTINCT status FROM ailog_peak.analysis_runs") == [("complete",)]


def test_a_kind_that_a_later_batch_pushes_out_moves_with_its_events(
    store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ailog.adapters.store.postgres._BATCH_BYTES", 4_000)
    settings = files_settings(write_ndjson(tmp_path / "log.ndjson", _flood()))
    settings = settings.model_copy(
        update={"classification": settings.classification.model_copy(update={"max_fingerprints_per_namespace": 20})}
    )
    run(store, settings, interval("2026-03-10 08:00"), keep_staging=True)
    moved = rows(store, "SELECT count(*) FROM ailog_staging.moved_kind")
    assert moved[0][0] > 0
    uneven = rows(
        store,
        "SELECT k.count, count(e.*) FROM ailog_staging.kind_count AS k LEFT JOIN ailog_staging.classified_event AS e "
        "ON e.run_no = k.run_no AND e.kind_no = k.kind_no GROUP BY k.kind_no, k.count HAVING k.count <> count(e.*)",
    )
    assert uneven == [], "each kind's events are its count"
    assert rows(store, "SELECT sum(count)::int FROM ailog_peak.error_kind_counts") == [(len(_flood()),)]
