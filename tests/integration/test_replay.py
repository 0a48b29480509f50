"""A replay says what other settings would have made of stored facts, and leaves everything as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psycopg
import pytest
from tests.support import servers
from tests.support.pipeline import checksums, event, files_settings, moment, rows, run, write_ndjson
from tests.support.replayed import errors, learn, run_days

from ailog import cli
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.pipeline import records
from ailog.pipeline.replay import reading, replay
from ailog.pipeline.replay_backtest import backtest
from ailog.pipeline.thresholds import train_thresholds
from ailog.settings import Settings

START = moment("2026-03-10 00:00")
SPAN = Interval(START, START + timedelta(days=2))
SIT, OTHER, DEV = "pcb-sit-01-app", "pca-sit-01-app", "pcb-dev-01-app"


def _documents() -> list[dict[str, Any]]:
    """Two days: ordinary errors, a spike that lasts, a burst, a new error, one problem in two namespaces, a small spike."""
    generator = np.random.default_rng(3)
    found = []
    for window in SPAN.windows():
        for namespace, mean in ((SIT, 8.0), (OTHER, 12.0)):
            count = int(generator.negative_binomial(10, 10 / (10 + mean)))
            found += errors(window, count, "Order refused by stock", namespace=namespace, app="orders") if count else []
            found += [{**event(window, "started", namespace=namespace), "level": "INFO"}]
    for number in range(5):
        found += errors(START + timedelta(hours=9, minutes=15 * number), 150, "Order refused by stock", namespace=SIT, app="orders")
    found += errors(START + timedelta(hours=14), 120, "Queue is full", seconds=5, namespace=OTHER, app="queue")
    found += errors(START + timedelta(hours=17), 40, "Certificate expired", namespace=SIT, app="gate")
    found += errors(START + timedelta(hours=17), 40, "Certificate expired", namespace=OTHER, app="gate")
    found += errors(START + timedelta(days=1, hours=11), 75, "Order refused by stock", namespace=OTHER, app="orders")
    found += errors(START + timedelta(days=1, hours=20), 5, "Disk almost full", namespace=SIT, app="disk")
    for number in range(60):  # one error leads to another, trace by trace
        at = START + timedelta(days=1, hours=15, seconds=10 * number)
        found.append(event(at, "Ledger is locked", namespace=SIT, app="ledger", traceId=f"{number:032x}"))
        found.append(event(at + timedelta(milliseconds=400), "Booking refused", namespace=SIT, app="booking", traceId=f"{number:032x}"))
    found += errors(START + timedelta(days=1, hours=21), 30, "Certificate expired", namespace=SIT, app="gate")  # declared fixed by then
    found += errors(START + timedelta(hours=6), 30, "Odd name", namespace=SIT, app='a "b", c\nd;%s')
    silent = Interval(START + timedelta(days=1, hours=3), START + timedelta(days=1, hours=4))
    return [one for one in found if not (one["kubernetes"]["namespace"] == OTHER and silent.start <= _at(one) < silent.end)]


def _at(document: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(document["@timestamp"])


@pytest.fixture(scope="module")
def place(postgres_server: Any) -> Iterator[str]:
    """A database for the tests of this file, which only read it."""
    with servers.fresh_database() as uris:
        yield uris.app


@pytest.fixture(scope="module")
def judged(place: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[PostgresStore, Settings]:
    """Two days with their final word after a fortnight."""
    store, folder = PostgresStore(place), tmp_path_factory.mktemp("replay")
    settings = files_settings(folder / "days.ndjson")
    learn(store, settings, START, 14, {SIT: 8.0, OTHER: 12.0})
    documents = _documents()
    settings = run_days(store, settings, folder, documents, START, 1)
    ((problem,),) = rows(store, "SELECT DISTINCT problem_key FROM ailog_peak.error_kind_counts WHERE app = 'gate'")
    records.resolve_problem(store, problem, fixed_in=None, actor="ann", now=START + timedelta(hours=20))
    return store, run_days(store, settings, folder, documents, START + timedelta(days=1), 1)


def changed(settings: Settings, **sections: Any) -> Settings:
    """Settings with parts of some sections replaced."""
    data = settings.model_dump(mode="json")
    for path, value in sections.items():
        *above, last = path.split("__")
        target = data
        for part in above:
            target = target[part]
        target[last] = value
    return Settings.model_validate(data)


def test_a_replay_with_the_settings_in_force_finds_what_is_stored(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    kinds = {flag for (flags,) in rows(store, "SELECT flags FROM ailog_peak.incidents") for flag in flags}
    assert kinds >= {"spike", "burst", "new", "cross_namespace", "regression", "silence", "cascade"}, (
        "the days hold what the replay is to find again"
    )
    found = replay(store, settings, None, SPAN, against="stored")
    assert (found["gained"], found["lost"], found["regraded"]) == ([], [], [])
    assert (
        found["total"]["incidents_before"]
        == found["total"]["incidents_after"]
        == rows(store, "SELECT count(*) FROM ailog_peak.incidents")[0][0]
    )


def _everything(found: dict[str, Any]) -> str:
    return json.dumps(found, sort_keys=True, default=str)


TRIALS: list[tuple[str, dict[str, Any]]] = [
    ("strict", {"detectors__budget__false_alarms": 0.01, "detectors__new__min_count": 50, "detectors__burst__min_count": 200}),
    ("loose", {"detectors__budget": {"false_alarms": 50, "spend": "all"}, "detectors__spike__significance": 0.05}),
    ("scores", {"scoring__spike": 60, "scoring__new": 0}),
    ("messages", {"notify__cooldown_minutes": 600, "notify__growth": 50.0, "notify__heartbeat_minutes": 15}),
    ("quiet", {"incidents__quiet_minutes": 300}),
]


@pytest.mark.parametrize(("name", "change"), TRIALS, ids=[name for name, _ in TRIALS])
def test_nothing_is_written_and_nothing_sent_and_twice_is_the_same(
    judged: tuple[PostgresStore, Settings], name: str, change: dict[str, Any]
) -> None:
    store, settings = judged
    before = checksums(store)
    once = replay(store, settings, changed(settings, **change), SPAN)
    assert checksums(store) == before
    assert "outbox" in before
    assert _everything(replay(store, settings, changed(settings, **change), SPAN)) == _everything(once)
    total = once["total"]
    assert total["incidents_after"] == total["incidents_before"] + total["gained"] - total["lost"]


def test_staging_stays_as_it_is(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    tables = rows(store, "SELECT tablename FROM pg_tables WHERE schemaname = 'ailog_staging' ORDER BY 1")
    replay(store, settings, changed(settings, incidents__quiet_minutes=30), SPAN)
    assert {table: rows(store, f"SELECT count(*) FROM ailog_staging.{table}")[0][0] for (table,) in tables} == {
        table: 0 for (table,) in tables
    }


def test_the_database_itself_refuses_a_write_of_a_replay(judged: tuple[PostgresStore, Settings]) -> None:
    store, _ = judged
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading(store) as connection:
        connection.execute("DELETE FROM ailog_peak.outbox")


def test_a_stricter_rule_loses_incidents_and_names_them(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    found = replay(store, settings, changed(settings, detectors__new__min_count=50, detectors__cross_namespace__min_count=500), SPAN)
    lost = {(row["namespace"], row["flags"][0]) for row in found["lost"]}
    assert found["gained"] == []
    assert (SIT, "new") in lost, "five events of a new kind are few"
    assert found["changed"] == {"detectors.new.min_count": [3, 50], "detectors.cross_namespace.min_count": [5, 500]} | found["changed"]
    assert found["total"]["messages_after"] <= found["total"]["messages_before"]
    by_name = {row["namespace"]: row["lost"] for row in found["namespaces"]}
    assert sum(by_name.values()) == found["total"]["lost"] == len(found["lost"])


def test_a_looser_rule_gains_what_a_stricter_one_loses(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    strict = changed(settings, detectors__new__min_count=50)
    there, back = replay(store, settings, strict, SPAN), replay(store, strict, settings, SPAN)
    assert there["lost"]
    assert there["lost"] == back["gained"]
    assert there["total"]["messages_before"] == back["total"]["messages_after"]


def test_other_points_grade_incidents_otherwise_and_lose_none(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    found = replay(
        store,
        settings,
        changed(settings, scoring__new=15, scoring__spike=60, scoring__bands={"critical": 99, "high": 98, "medium": 97, "low": 96}),
        SPAN,
    )
    assert (found["gained"], found["lost"]) == ([], [])
    assert found["regraded"]
    for row in found["regraded"]:
        assert (row["severity_before"], row["score_before"], row["flags_before"]) != (
            row["severity_after"],
            row["score_after"],
            row["flags_after"],
        )
    assert found["total"]["severities_before"] != found["total"]["severities_after"]


def test_a_longer_quiet_time_joins_incidents(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    found = replay(store, settings, changed(settings, incidents__quiet_minutes=24 * 60), SPAN)
    assert found["total"]["incidents_after"] < found["total"]["incidents_before"]


def test_a_heartbeat_every_quarter_hour_adds_messages_and_changes_no_incident(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    loud = changed(settings, notify__cooldown_minutes=0, notify__heartbeat_minutes=15)
    found = replay(store, settings, loud, SPAN)
    assert (found["gained"], found["lost"], found["regraded"]) == ([], [], [])
    assert found["total"]["messages_after"] > found["total"]["messages_before"] > 0
    assert found["total"]["told_after"]["heartbeat"] > found["total"]["told_before"].get("heartbeat", 0)


def test_no_channel_means_no_message(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    found = replay(store, settings, changed(settings, notify__channels=[]), SPAN)
    assert found["total"]["messages_after"] == 0


def test_the_messages_are_those_that_runs_of_every_quarter_hour_told(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(tmp_path / "log.ndjson")
    learn(store, settings, START, 9, {SIT: 8.0, OTHER: 12.0})
    documents = errors(START, 8, "Order refused by stock", namespace=OTHER, app="orders")
    for place, count in enumerate([150, 150, 400, 150, 150, 150, 150, 150, 150, 150, 150, 0, 0, 90]):
        documents += (
            errors(START + place * timedelta(minutes=15), count, "Order refused by stock", namespace=SIT, app="orders") if count else []
        )
    write_ndjson(tmp_path / "log.ndjson", documents)
    span = Interval(START, START + timedelta(hours=4, minutes=30))
    for window in span.windows():
        end = window + timedelta(minutes=15)
        run(store, settings, Interval(window, end), now=end + timedelta(minutes=1))
    found = replay(store, settings, None, span, against="stored")
    assert found["total"]["told_before"].keys() >= {"opened", "grown", "heartbeat", "resolved"}
    assert found["total"]["told_after"] == found["total"]["told_before"]
    assert found["total"]["messages_after"] == found["total"]["messages_before"]
    assert (found["gained"], found["lost"], found["regraded"]) == ([], [], [])


def test_what_cannot_be_judged_again_is_said_and_left_alone(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    asked = changed(settings, detectors__burst__seconds=60, thresholds__percentile=0.5, timezone="America/New_York", limits__max_events=5)
    found = replay(store, settings, asked, SPAN)
    assert (found["gained"], found["lost"], found["regraded"]) == ([], [], [])
    notes = "\n".join(found["notes"])
    for word in ("detectors.burst.seconds: the seconds", "thresholds: snapshots", "timezone: norms", "limits.max_events"):
        assert word in notes


def test_a_span_in_parts_holds_the_incidents_of_the_whole(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    noon = START + timedelta(hours=16, minutes=15)
    parts = [replay(store, settings, None, span, against="stored") for span in (Interval(START, noon), Interval(noon, SPAN.end))]
    assert [(part["gained"], part["lost"], part["regraded"]) for part in parts] == [([], [], [])] * 2
    there, cut = rows(
        store, "SELECT count(*), count(*) FILTER (WHERE opened_window < %s AND last_window >= %s) FROM ailog_peak.incidents", (noon, noon)
    )[0]
    assert cut > 0, "an incident lies across the border: each part has its own windows of it"
    assert sum(part["total"]["incidents_after"] for part in parts) == there + cut


def test_nothing_to_compare_and_nothing_read_are_said(judged: tuple[PostgresStore, Settings]) -> None:
    store, settings = judged
    with pytest.raises(ConfigError, match="against itself"):
        replay(store, settings, None, SPAN)
    with pytest.raises(ConfigError, match="was read whole"):
        replay(store, settings, settings, Interval(START - timedelta(days=400), START - timedelta(days=399)))
    with pytest.raises(ConfigError, match="366 days"):
        replay(store, settings, settings, Interval(START - timedelta(days=400), START))


@pytest.fixture
def command(place: str, judged: tuple[PostgresStore, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the command line, on the judged days."""
    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", place)


def _ailog(*words: str) -> int:
    return cli.main(["replay", "--from", "2026-03-10", "--to", "2026-03-12", *words])


@pytest.mark.usefixtures("command")
def test_the_command_prints_json_that_is_the_same_byte_by_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = tmp_path / "trial.yaml"
    trial.write_text("detectors:\n  new: {min_count: 500}\n  burst: {min_count: 900}\n  cross_namespace: {min_count: 900}\n")
    texts = []
    for _ in range(2):
        assert _ailog("--settings", str(trial), "--json", "--limit", "1") == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    found = json.loads(texts[0])
    assert found["changed"]["detectors.new.min_count"] == [3, 500]
    assert len(found["lost"]) == 1 < found["total"]["lost"], "the detail ends after --limit, the sums do not"


@pytest.mark.usefixtures("command")
def test_the_command_tells_people_what_is_different(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = tmp_path / "trial.yaml"
    trial.write_text("detectors:\n  new: {min_count: 50}\n")
    assert _ailog("--settings", str(trial)) == 0
    text = capsys.readouterr().out
    for word in ("detectors.new.min_count: 3 -> 50", "lost", "messages:", SIT, "taken as stored"):
        assert word in text


@pytest.mark.usefixtures("command")
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("detectors:\n  budget: {false_alarms: -1}\n", "trial.yaml:2: detectors.budget.false_alarms"),
        ("detektors: {}\n", "trial.yaml:1: detektors"),
        ("- a list\n", "expected settings"),
        ("a: [\n", "is not YAML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(text: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = tmp_path / "trial.yaml"
    trial.write_text(text)
    assert _ailog("--settings", str(trial)) == 1
    assert word in capsys.readouterr().err


def test_wrong_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["replay"], ["replay", "--from", "2026-03-10", "--to", "2026-03-12"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 2
    assert "--settings FILE" in capsys.readouterr().err


def _peak(store: PostgresStore, namespace: str, window: datetime, count: int) -> None:
    with store.connection() as connection:
        for table in ("namespace_error_counts", "error_kind_counts"):
            connection.execute(
                f"UPDATE ailog_peak.{table} SET count = %s WHERE namespace = %s AND window_start = %s", (count, namespace, window)
            )


def test_a_baseline_ends_with_what_it_would_have_told(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(tmp_path / "none.ndjson")
    learn(store, settings, START, 21, {SIT: 8.0, OTHER: 12.0, DEV: 3.0}, train=False)
    for day, hours in ((3, 10), (5, 13), (8, 16), (11, 7)):  # at other times of day: at the same one they would be a habit
        _peak(store, SIT, START - timedelta(days=day, hours=hours), 400)
    _peak(store, OTHER, START - timedelta(days=20, hours=2), 900)
    trained = train_thresholds(store, settings, as_of=START)
    before = checksums(store)
    found = backtest(store, settings, end=START, snapshot_id=trained["snapshot_id"])
    assert checksums(store) == before
    assert (found["from"], found["to"], found["days"]) == ("2026-02-24T00:00:00+00:00", "2026-03-10T00:00:00+00:00", 14.0)
    [row] = [row for row in found["namespaces"] if row["namespace"] == SIT]
    assert row["incidents"] >= 4
    assert row["messages_per_week"] == round(row["messages"] / 2, 2) >= 2
    assert (row["alarms_per_week"] >= 2, row["over_budget"]) == (True, True)
    assert found["warnings"][0].startswith(f"{SIT}: ")
    assert found["incidents"] == sum(row["incidents"] for row in found["namespaces"]) == sum(found["severities"].values())
    assert found["sentence"].startswith(f"over the last 14 days you would have been told {found['messages']} times: ")
    assert backtest(store, settings, end=START, snapshot_id=trained["snapshot_id"]) == found


def test_a_quiet_baseline_would_have_told_nothing_and_young_days_are_left_out(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(tmp_path / "none.ndjson")
    learn(store, settings, START, 12, {SIT: 8.0}, train=False)
    with store.connection() as connection:
        for table in ("namespace_error_counts", "error_kind_counts"):
            connection.execute(f"UPDATE ailog_peak.{table} SET count = 7 + extract(hour FROM window_start)::int % 3")
    trained = train_thresholds(store, settings, as_of=START)
    found = backtest(store, settings, end=START, snapshot_id=trained["snapshot_id"])
    assert backtest(store, settings, end=START + timedelta(days=40), snapshot_id=trained["snapshot_id"]) == found, "up to what was read"
    assert found["days"] == 5.0, "seven days before the first that is judged by a norm"
    assert (found["incidents"], found["messages"], found["warnings"]) == (0, 0, [])
    assert found["sentence"] == "over the last 5 days you would have been told 0 times: no incident was found"


def test_days_that_nobody_remembers_are_led_through_and_judged_alike(
    postgres_server: Any, judged: tuple[PostgresStore, Settings], place: str
) -> None:
    store, settings = judged
    remembered = replay(store, settings, None, SPAN, against="stored")
    name = servers.fresh_name()
    try:
        other = PostgresStore(postgres_server.create_database(name, template=urlsplit(place).path.strip("/")).app)
        with other.connection() as connection:
            connection.execute("DELETE FROM ailog_peak.series_days")
            connection.execute("DELETE FROM ailog_peak.series_norms")
        found = replay(other, settings, None, SPAN, against="stored")
    finally:
        postgres_server.drop_database(name)
    assert _everything(found) == _everything(remembered)
