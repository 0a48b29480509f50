"""The final word on a day: the same rows whatever was said of it before, nothing counted twice, and on record what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.days import DAY, START, World, arrivals, baselined, clone, word
from tests.support.pipeline import checksums, moment, rows

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import WINDOW, Interval
from ailog.errors import ConfigError
from ailog.pipeline.backfill import days, last_days

NINE = moment("2026-03-11 09:00")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with baselined(tmp_path_factory.mktemp("before")) as name:
        yield name


@pytest.fixture
def world(before: str, tmp_path: Path) -> Iterator[World]:
    with clone(before) as store:
        yield World(store, tmp_path / "log", arrivals())


@pytest.fixture
def other(before: str, tmp_path: Path) -> Iterator[World]:
    with clone(before) as store:
        yield World(store, tmp_path / "other", arrivals())


def test_a_backfill_after_regular_runs_says_what_a_backfill_alone_says(world: World, other: World) -> None:
    for start, hours in ((0, 9), (9, 1), (10, 3), (13, 11)):
        span = Interval(START + timedelta(hours=start), START + timedelta(hours=start + hours))
        other.whole(span, span.end + timedelta(minutes=1))
    before = word(other.store, verdicts=False)
    other.backfill()
    world.backfill()
    assert word(other.store) == word(world.store)
    assert word(other.store, verdicts=False) == before, "nothing came late, so the final word is the first one"
    assert {row[0] for row in rows(other.store, "SELECT verdict FROM ailog_peak.incidents")} == {"final"}
    assert rows(other.store, "SELECT kind, status, verdict FROM ailog_peak.analysis_runs WHERE window_from >= %s ORDER BY 1, 2", (START,)) == [
        ("backfill", "complete", "final"), *[("regular", "superseded", "provisional")] * 4,
    ]  # fmt: skip
    assert rows(other.store, "SELECT count(*) FROM ailog_peak.incident_amendments") == [(0,)]
    flags = rows(world.store, "SELECT DISTINCT unnest(flags) FROM ailog_peak.incidents ORDER BY 1")
    assert {row[0] for row in flags} >= {"spike", "burst", "new", "cascade"}, "the day holds something to judge"


LEFT_OUT = ("schema_migrations", "outbox", "notice_decisions")
"""What is on record by run: a repetition by another run adds its own."""


def test_a_window_is_judged_alike_alone_and_with_others(world: World, other: World) -> None:
    span = Interval(START + timedelta(hours=8, minutes=30), START + timedelta(hours=13))
    for whole in (Interval(START, span.start), span):
        world.whole(whole, span.end + timedelta(minutes=1))
    other.whole(Interval(START, span.start), span.end + timedelta(minutes=1))
    for window in span.windows():
        other.regular(window + WINDOW)
    assert word(other.store) == word(world.store)
    old = Interval(START + timedelta(hours=9, minutes=15), START + timedelta(hours=9, minutes=30))
    once = checksums(other.store, leave_out=LEFT_OUT)
    other.whole(old, span.end + timedelta(minutes=1))
    assert checksums(other.store, leave_out=LEFT_OUT) == once, "nor does it matter that later ones are stored by now"


def test_a_backfill_twice_leaves_every_table_as_it_was_and_a_final_day_is_skipped(world: World) -> None:
    world.backfill()
    once = checksums(world.store)
    assert world.backfill() == {}
    assert checksums(world.store) == once
    assert world.backfill(force=True)["stored"] > 0
    assert checksums(world.store) == once


def test_a_backfill_tells_nobody(world: World) -> None:
    world.backfill()
    assert rows(world.store, "SELECT count(*) FROM ailog_peak.outbox") == [(0,)]
    assert rows(world.store, "SELECT count(*) > 3 FROM ailog_peak.incidents") == [(True,)]


def test_a_dry_backfill_writes_nothing(world: World) -> None:
    before = checksums(world.store)
    assert world.backfill(dry_run=True)["stored"] == 0
    assert checksums(world.store) == before


def test_late_and_vanished_events_amend_incidents_and_are_told_in_words(world: World) -> None:
    everything = list(world.arrivals)
    late = [one for one in everything if "no connection" in one.document["message"]][::2]
    world.arrivals = [one for one in everything if one not in late]
    world.whole(Interval(START, START + timedelta(days=1)), NINE)
    silently = "UPDATE ailog_peak.incidents SET notified_window = NULL, notified_severity = NULL, notified_count = NULL WHERE sample LIKE 'License%%' RETURNING incident_id"
    [(unknown,)] = rows(world.store, silently)
    world.arrivals = [one for one in everything if "License" not in one.document["message"]]
    assert world.backfill()["amended"] >= 2
    columns = "incident_id, change, late_events, events_after - events_before, severity_before, severity_after, words"
    found = rows(
        world.store,
        f"SELECT {columns} FROM ailog_peak.incident_amendments WHERE namespace = 'pcb-sit-01-app' AND problem_key LIKE '%%ledger%%'",
    )
    [(_, change, came, more, was, now, words)] = found
    assert (change, came, more) == ("changed", len(late), len(late))
    assert words.startswith(f"+{len(late)} late events")
    assert was == now or f"{was} → {now}" in words
    [(incident, change, came, _, was, now, words)] = rows(
        world.store, f"SELECT {columns} FROM ailog_peak.incident_amendments WHERE change = 'removed'"
    )
    assert (incident, came, now) == (unknown, -12, None)
    assert words == f"no longer an incident: it was {was} with 12 events, 12 events fewer, deleted since"
    assert rows(world.store, "SELECT count(*) FROM ailog_peak.incidents WHERE incident_id = %s", (unknown,)) == [(0,)], (
        "nobody was told of it"
    )
    once = checksums(world.store)
    world.backfill(force=True)
    assert checksums(world.store) == once, "a repetition adds no amendment and takes none away"


def test_what_somebody_was_told_of_stays_on_record_when_it_vanishes(world: World) -> None:
    world.whole(Interval(START, START + timedelta(days=1)), NINE)
    [(incident,)] = rows(
        world.store, "SELECT incident_id FROM ailog_peak.incidents WHERE problem_key LIKE '%%ledger%%' AND notified_window IS NOT NULL"
    )
    world.arrivals = [one for one in world.arrivals if one.document["application"]["name"] not in {"ledger", "payments"}]
    world.backfill()
    assert rows(world.store, "SELECT status, resolved_by FROM ailog_peak.incidents WHERE incident_id = %s", (incident,)) == [
        ("resolved", "amended")
    ]


def test_a_regular_run_leaves_final_windows_alone(world: World) -> None:
    world.backfill()
    once = checksums(world.store)
    with pytest.raises(ConfigError, match="final word: 'ailog backfill --force'"):
        world.whole(Interval(START, START + timedelta(hours=1)), NINE)
    assert checksums(world.store) == once


def test_a_day_with_a_dead_source_does_not_become_final(world: World) -> None:
    from ailog.errors import SourceUnavailable
    from ailog.pipeline.backfill import plan_days

    class Dead:
        name = "dead"

        def count(self, interval: object) -> object:
            raise SourceUnavailable("dead does not answer")

        fetch = count

        def close(self) -> None: ...

    from ailog.pipeline.fetch import fetch

    world.until(NINE)
    made = plan_days(world.store, world.settings, [DAY], now=NINE, dry_run=False, triggered_by="test", sources=("files", "dead"))
    with pytest.raises(SourceUnavailable):
        fetch(world.store, world.settings, Dead(), made.run_id)
    world.steps(made.run_id, NINE)
    assert rows(world.store, "SELECT status FROM ailog_peak.analysis_runs WHERE run_id = %s", (made.run_id,)) == [("partial",)]
    assert days(world.store, Interval(START, START + timedelta(days=1)), now=NINE, force=False).due == (DAY,)
    assert {row[0] for row in rows(world.store, "SELECT verdict FROM ailog_peak.incidents")} == {"provisional"}


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Interval(START, START + timedelta(hours=5)), "not the start of a UTC day"),
        (Interval(START, START), "not before"),
        (Interval(START, START + timedelta(days=2)), "2026-03-11 is not over yet"),
    ],
)
def test_what_is_no_whole_day_that_is_over_is_refused(store: PostgresStore, span: Interval, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        days(store, span, now=NINE, force=False)


def test_the_last_days_end_with_yesterday() -> None:
    assert last_days(2, NINE) == Interval(moment("2026-03-09 00:00"), moment("2026-03-11 00:00"))
