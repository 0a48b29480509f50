"""Late events are noticed within the hour, counted once, and the final day is the same as if nothing had come late."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.days import DAY, START, World, arrivals, baselined, clone, delayed, word
from tests.support.pipeline import rows

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import WINDOW, Interval
from ailog.errors import SourceUnavailable
from ailog.pipeline import late

MORNING = Interval(START + timedelta(hours=8), START + timedelta(hours=12, minutes=45))
DROPPED = (START + timedelta(hours=9, minutes=30), START + timedelta(hours=11))


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


def events(world: World, end: Any) -> int:
    [(count,)] = rows(
        world.store,
        "SELECT coalesce(sum(count), 0)::int FROM ailog_peak.error_kind_counts WHERE window_start >= %s AND window_start < %s",
        (START, end),
    )
    return count


def true(world: World, end: Any) -> int:
    return sum(START.isoformat()[:19] <= one.document["@timestamp"] < end.isoformat()[:19] for one in world.arrivals)


def test_events_that_come_late_are_caught_up_and_the_final_day_is_the_day_without_delay(world: World, other: World) -> None:
    late_by = timedelta(minutes=40)
    world.arrivals = sorted(delayed(world.arrivals, 0.05, late_by), key=lambda one: one.at)
    for one in (world, other):
        one.whole(Interval(START, MORNING.start), MORNING.start + timedelta(minutes=1))
    for window in MORNING.windows():
        if window not in DROPPED:
            world.regular(window + WINDOW)
    hour_before = MORNING.end - timedelta(hours=1)
    assert events(world, hour_before) == true(world, hour_before), "within the hour every event is counted, once"
    assert rows(
        world.store,
        "SELECT count(*) FROM ailog_peak.analysis_run_windows WHERE window_start = ANY(%s) AND status = 'complete'",
        (list(DROPPED),),
    ) == [(2,)]
    assert rows(world.store, "SELECT count(*) > 0 FROM ailog_peak.incident_amendments WHERE late_events > 0") == [(True,)]
    assert rows(world.store, "SELECT count(*) FROM (SELECT message_id FROM ailog_peak.outbox GROUP BY 1 HAVING count(*) > 1) AS twice") == [
        (0,)
    ]
    world.backfill(DAY)
    other.backfill(DAY)
    assert word(world.store) == word(other.store)


def test_a_window_that_grew_is_read_again_with_the_current_one_and_only_then(world: World) -> None:
    old, now = START + timedelta(hours=8), START + timedelta(hours=9, minutes=15)
    keep = list(world.arrivals)
    missing = next(one for one in keep if old <= one.at < old + WINDOW)
    world.arrivals = [one._replace(at=now - timedelta(seconds=90)) if one is missing else one for one in keep]
    world.whole(Interval(START, old - WINDOW), old)
    for end in (old, old + WINDOW, old + 2 * WINDOW, old + 3 * WINDOW, old + 4 * WINDOW):
        assert windows(world, world.regular(end)) == 1
    run = world.regular(now)
    assert windows(world, run) == 2
    assert rows(world.store, "SELECT window_start FROM ailog_peak.analysis_run_windows WHERE run_id = %s ORDER BY 1", (run,)) == [
        (old,),
        (now - WINDOW,),
    ]
    assert windows(world, world.regular(now + WINDOW)) == 1, "once it was read there is nothing more to read"
    assert rows(world.store, "SELECT status FROM ailog_peak.analysis_runs WHERE windows = 1 AND window_from = %s", (old,)) == [
        ("superseded",)
    ]


def windows(world: World, run: str) -> int:
    [(count,)] = rows(world.store, "SELECT windows FROM ailog_peak.analysis_runs WHERE run_id = %s", (run,))
    return count


def test_a_window_that_shrank_is_told_and_left_as_it_is(world: World) -> None:
    end = START + timedelta(hours=1)
    world.regular(end)
    counted = events(world, end)
    gone = [one for one in world.arrivals if end - WINDOW <= one.at < end][:5]
    world.arrivals = [one for one in world.arrivals if one not in gone]
    run = world.regular(end + WINDOW)
    assert windows(world, run) == 1
    assert events(world, end) == counted
    [(warnings,)] = rows(world.store, "SELECT warnings FROM ailog_peak.analysis_runs WHERE run_id = %s", (run,))
    assert len(warnings) == 1
    assert "files holds fewer events than were read" in warnings[0]
    assert "2026-03-10 00:45 5" in warnings[0]


class Failing:
    name = "files"

    def count(self, interval: object) -> Any:
        raise SourceUnavailable("files does not answer on port 9: start it")

    fetch = count

    def close(self) -> None: ...


class Asked:
    """A source that counts how often it is asked."""

    name = "files"

    def __init__(self, source: Any) -> None:
        self.source, self.times = source, 0

    def mark(self) -> str:
        return self.source.mark()

    def count(self, interval: Interval) -> Any:
        self.times += 1
        return self.source.count(interval)

    def fetch(self, interval: Interval, counts: Any) -> Any:
        return self.source.fetch(interval, counts)

    def close(self) -> None: ...


def look(world: World, source: Any, end: Any, **changes: Any) -> late.Late:
    @contextmanager
    def opened(_: str) -> Iterator[Any]:
        yield source

    settings = world.settings.model_copy(update={"late": world.settings.late.model_copy(update=changes)})
    return late.look(world.store, settings, ["files"], opened, end=end, dry_run=False)


def test_a_source_that_does_not_answer_is_a_warning_and_no_failure(world: World) -> None:
    world.regular(START + WINDOW)
    found = look(world, Failing(), START + WINDOW)
    assert found.windows == ()
    assert found.warnings == ("late events of files could not be looked for: files does not answer on port 9: start it",)


def test_files_that_did_not_change_are_not_read_again(world: World) -> None:
    world.regular(START + WINDOW)
    source = Asked(world.source())
    for _ in range(3):
        assert look(world, source, START + WINDOW) == late.Late()
    assert source.times == 1
    os.utime(world.log)
    look(world, source, START + WINDOW)
    assert source.times == 2


def test_the_oldest_windows_come_first_and_the_others_are_told(world: World) -> None:
    first, end = START + timedelta(hours=8), START + timedelta(hours=9)
    everything = world.arrivals
    world.arrivals = [one for number, one in enumerate(everything) if number % 2]
    world.whole(Interval(first, end), end + WINDOW)
    world.arrivals = everything
    world.until(end)
    found = look(world, world.source(), end, max_windows=2)
    assert found.windows == (first, first + WINDOW)
    assert found.warnings == ("late events came in 4 windows; 2 are read again now, the others by the next run",)
    assert look(world, world.source(), end, hours=0) == late.Late()
    world.backfill(DAY)
    world.arrivals = [*everything, *everything]
    world.until(end)
    assert look(world, world.source(), end) == late.Late(), "a final word is changed by a backfill alone"


def test_elasticsearch_is_asked_by_one_aggregation(store: PostgresStore, es_client: Any, es_url: str, es_prefix: str) -> None:
    from tests.support.pipeline import event, run

    from ailog import settings as settings_module
    from ailog.adapters.sources import ElasticsearchConnection, build
    from ailog.settings import ElasticsearchSource

    given = ElasticsearchSource(name="logs", kind="elasticsearch", indices=[f"{es_prefix}*"])
    settings = settings_module.load(settings_module.PACKAGE_ROOT / "include" / "config").model_copy(update={"sources": [given]})

    def write(count: int) -> None:
        for number in range(count):
            es_client.index(
                index=f"{es_prefix}app", document=event(START + timedelta(minutes=3, seconds=number), f"Order {number} refused")
            )
        es_client.indices.refresh(index=f"{es_prefix}app")

    @contextmanager
    def opened(_: str) -> Iterator[Any]:
        source = build(given, settings, ElasticsearchConnection(hosts=(es_url,)))
        yield source
        source.close()

    write(3)
    with opened("logs") as source:
        run(store, settings, Interval(START, START + WINDOW), sources=[source])
    assert late.look(store, settings, ["logs"], opened, end=START + WINDOW, dry_run=False) == late.Late()
    write(2)
    assert late.look(store, settings, ["logs"], opened, end=START + WINDOW, dry_run=False).windows == (START,)
