"""Days of a replay are judged in their order, whatever is at work at once, and one that lacks its ground says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.support import servers
from tests.support.days import BASELINE_DAYS, DAY, START, World, arrivals, baselined
from tests.support.pipeline import moment, rows

from ailog.adapters.store.postgres import PostgresStore
from ailog.connections import from_environment
from ailog.domain.events import Interval
from ailog.orchestration.earlier_days import LONGEST_WAIT, Replayed, pause
from ailog.orchestration.steps import Steps
from ailog.pipeline.backfill import plan_days
from ailog.pipeline.report import report

NOW = moment("2026-03-14 12:00")
ONE = timedelta(days=1)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with baselined(tmp_path_factory.mktemp("before")) as name:
        yield name


@pytest.fixture
def world(before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    server, name = servers.shared_postgres(), servers.fresh_name()
    uri = server.create_database(name, template=before).app
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", uri)
    yield World(PostgresStore(uri), tmp_path / "log", arrivals())
    server.drop_database(name)


@pytest.fixture
def steps(world: World) -> Steps:
    return Steps(world.settings, from_environment, clock=lambda: NOW)


def replayed(number: int, *, force: bool = False, since: datetime | None = None) -> Replayed:
    """The day so many days after the first."""
    start = START + number * ONE
    return Replayed(Interval(start, start + ONE), start + timedelta(hours=9), force, since)


def at_work(*numbers: int) -> Callable[[Sequence[datetime]], int]:
    """Runs as Airflow counts them: of these days."""
    dates = {replayed(number).logical_date for number in numbers}
    return lambda asked: len(dates & set(asked))


def test_a_day_waits_for_those_before_it_that_are_at_work(steps: Steps) -> None:
    assert pause(steps, replayed(0), at_work(0, 1, 2)) is None, "later days and the day itself are nothing to wait for"
    waits = [pause(steps, replayed(number), at_work(0, 1, 2, 3)) for number in (1, 2, 3)]
    assert None not in waits
    assert sorted(waits) == waits, "the more there are before it, the longer"
    assert len(set(waits)) == 3


def test_a_day_waits_no_longer_once_those_before_it_are_published(steps: Steps, world: World) -> None:
    assert pause(steps, replayed(1), at_work(0, 1)) is not None
    world.backfill()
    assert pause(steps, replayed(1), at_work(0, 1)) is None, "the run before still writes its report"
    assert pause(steps, replayed(2), at_work(0, 1, 2)) is not None
    assert pause(steps, replayed(1, force=True), at_work(0, 1)) is not None, "its final word is an old one"


def test_what_failed_for_good_or_hangs_holds_nobody_up(steps: Steps) -> None:
    assert pause(steps, replayed(3), at_work()) is None
    assert pause(steps, replayed(3, since=NOW - LONGEST_WAIT / 2), at_work(2)) is not None
    assert pause(steps, replayed(3, since=NOW - LONGEST_WAIT), at_work(2)) is None


def warnings(world: World, number: int) -> list[str]:
    """What a final run over the day says in the ledger."""
    day = DAY + number * ONE
    world.until(NOW)
    made = plan_days(world.store, world.settings, [day], now=NOW, dry_run=False, triggered_by="test")
    world.steps(made.run_id, NOW)
    [(found,)] = rows(world.store, "SELECT warnings FROM ailog_peak.analysis_runs WHERE run_id = %s", (made.run_id,))
    written = report(world.store, made.run_id, world.settings, world.log.parent / "reports")
    text = Path(written["txt"]).read_text(encoding="utf-8")
    assert all(" ".join(said.split())[:60] in " ".join(text.split()) for said in found), "what the ledger says stands in the report"
    return list(found)


def test_a_day_says_that_the_one_before_is_missing(world: World) -> None:
    assert warnings(world, 0) == [], "a baseline is ground enough"
    [said] = warnings(world, 2)
    assert said.startswith("2026-03-11 was not read whole (0 of 96 windows)")
    assert "'ailog backfill --force'" in said
    assert warnings(world, 1) == []
    assert warnings(world, 2) == [], "read again, it has its ground"


def test_a_day_says_that_the_one_before_has_no_final_word(world: World) -> None:
    world.whole(Interval(START, START + ONE), NOW)
    [said] = warnings(world, 1)
    assert said.startswith("2026-03-10 has no final word")


def test_the_first_day_that_anybody_asked_for_lacks_nothing(world: World) -> None:
    assert warnings(world, -BASELINE_DAYS) == []
