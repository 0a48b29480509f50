"""A populated database changes to another version of the algorithm: nothing that is known becomes news, and nobody is told twice."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.pipeline import NOW, event, files_settings, interval, moment, rows, run, write_ndjson
from tests.support.traces import TRACES

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain import fingerprint as algorithm
from ailog.domain.fingerprint import Miner, from_hex, to_hex
from ailog.domain.known import Issue
from ailog.domain.template import Described
from ailog.domain.template_family_decisions import Decision
from ailog.pipeline import families, known, known_issues, versions
from ailog.settings import Settings

START = moment("2026-03-10 08:00")
POOL = "Connection pool of the ledger database is exhausted"
QUEUE = "The queue of the gateway has lost its broker"
PRINTER = "Printer tray is stuck again"


class OtherMiner(Miner):
    """Another algorithm: each fingerprint is another number, the template is said in other words."""

    def _keep(self, number: int, given: str, found: Described) -> int:
        kept = super()._keep(number, given, found)
        digest = hashlib.blake2b(f"other {to_hex(kept)}".encode(), digest_size=8).hexdigest()
        other = from_hex(digest)
        self.templates[other] = replace(self.templates[kept], fingerprint=other, template=f"{self.templates[kept].template} (2)")
        return other


def _log(quarter: int, *more: str) -> list[dict[str, Any]]:
    start = START + timedelta(minutes=15 * quarter)
    found = [event(start + timedelta(seconds=i), text) for text in (POOL, QUEUE, *more) for i in range(40)]
    for name, trace in TRACES.items():
        found += [event(start + timedelta(seconds=60 + i), f"Step {name} failed", stack_trace=trace) for i in range(3)]
    found += [event(start + timedelta(seconds=90 + i), f"Slot {i} taken", **{"error.type": "com.acme.SlotError"}) for i in range(3)]
    return found


def _analyse(store: PostgresStore, settings: Settings, quarter: int, **options: Any) -> None:
    at = START + timedelta(minutes=15 * quarter)
    run(store, settings, interval(at.strftime("%Y-%m-%d %H:%M")), now=at + timedelta(minutes=20), **options)


def _news(store: PostgresStore, quarter: int) -> list[str]:
    since = START + timedelta(minutes=15 * quarter)
    found = rows(
        store,
        "SELECT DISTINCT fingerprint FROM ailog_peak.detection_events WHERE detector = 'new' AND fired AND window_start = %s",
        (since,),
    )
    return sorted(str(row[0]) for row in found)


def _prints(store: PostgresStore, sample: str, version: str) -> list[str]:
    statement = "SELECT fingerprint FROM ailog_peak.error_signatures WHERE sample = %s AND algorithm_version = %s"
    return [str(row[0]) for row in rows(store, statement, (sample, version))]


def _told(store: PostgresStore) -> list[tuple[Any, ...]]:
    return rows(store, "SELECT incident_id, notified_window, notified_severity, notified_count FROM ailog_peak.incidents ORDER BY 1")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return files_settings(write_ndjson(tmp_path / "log.ndjson", _log(0) + _log(1) + _log(2) + _log(3, PRINTER)))


@pytest.fixture
def migrated(store: PostgresStore, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> PostgresStore:
    """A database with two windows, a known issue and a person's merge and split under one version, then carried over to another."""
    for quarter in (0, 1):
        _analyse(store, settings, quarter)
    [pool], [queue] = (_prints(store, text, algorithm.ALGORITHM_VERSION) for text in (POOL, QUEUE))
    known_issues.add(store, Issue("KI-1", "Pool", fingerprint=pool), {"ticket": "OPS-1"}, actor="ann")
    families.decide(store, Decision("merge", queue, pool), actor="ann", note=None, now=NOW)
    before = algorithm.ALGORITHM_VERSION
    for module in ("ailog.domain.fingerprint", "ailog.pipeline.classify"):
        monkeypatch.setattr(f"{module}.ALGORITHM_VERSION", "another")
    for module in ("ailog.pipeline.classify", "ailog.pipeline.versions"):
        monkeypatch.setattr(f"{module}.Miner", OtherMiner)
    assert versions.outdated(store) == [before]
    versions.bring_up_to_date(store, settings, now=NOW)
    assert versions.outdated(store) == []
    return store


def test_the_same_events_under_another_version_are_no_news(migrated: PostgresStore, settings: Settings) -> None:
    assert len(_news(migrated, 0)) > 10, "all was new once"
    _analyse(migrated, settings, 2)
    assert _news(migrated, 2) == []
    versions_used = rows(
        migrated,
        "SELECT DISTINCT s.algorithm_version FROM ailog_peak.error_kind_counts AS k JOIN ailog_peak.error_signatures AS s USING (fingerprint) "
        "WHERE k.window_start = %s",
        (START + timedelta(minutes=30),),
    )
    assert versions_used == [("another",)], "it was the other version that counted"


def test_what_is_new_is_still_told(migrated: PostgresStore, settings: Settings) -> None:
    _analyse(migrated, settings, 2)
    _analyse(migrated, settings, 3)
    assert _news(migrated, 3) == _prints(migrated, PRINTER, "another")


def test_what_people_said_holds_under_another_version(migrated: PostgresStore, settings: Settings) -> None:
    _analyse(migrated, settings, 2)
    [pool], [queue] = _prints(migrated, POOL, "another"), _prints(migrated, QUEUE, "another")
    aliases = dict(rows(migrated, "SELECT fingerprint, family FROM ailog_peak.fingerprint_families"))
    assert aliases.get(queue, queue) == aliases.get(pool, pool), "merged stays merged"
    found = known.suggest(migrated, pool)
    assert found["known"] == ["KI-1"], "a known issue is known by the fingerprint of any version"


def test_cool_downs_hold_under_another_version(migrated: PostgresStore, settings: Settings) -> None:
    before = _told(migrated)
    messages = rows(migrated, "SELECT count(*) FROM ailog_peak.outbox")
    assert messages[0][0] > 0
    assert before, "there are incidents to be silent about"
    _analyse(migrated, settings, 2)
    after = _told(migrated)
    assert [row[0] for row in after] == [row[0] for row in before], "the same incidents go on"
    assert after == before, "and are not told again within the cool-down"
    assert rows(migrated, "SELECT count(*) FROM ailog_peak.outbox") == messages


def test_reading_a_window_again_under_another_version_loses_no_event(migrated: PostgresStore, settings: Settings) -> None:
    total = "SELECT sum(count)::int FROM ailog_peak.error_kind_counts"
    before = rows(migrated, total)
    _analyse(migrated, settings, 1, kind="manual")
    assert rows(migrated, total) == before
    assert _news(migrated, 1) == [], "nor is it news when it is read again"


def test_reports_read_old_and_new_fingerprints_as_one(migrated: PostgresStore, settings: Settings) -> None:
    _analyse(migrated, settings, 2)
    split = rows(
        migrated,
        "SELECT k.sample, count(DISTINCT coalesce(f.family, k.fingerprint)) FROM ailog_peak.error_kind_counts AS k "
        "LEFT JOIN ailog_peak.fingerprint_families AS f USING (fingerprint) WHERE k.sample = ANY(%s) GROUP BY 1",
        ([POOL, QUEUE],),
    )
    assert sorted(split) == sorted([(POOL, 1), (QUEUE, 1)])
