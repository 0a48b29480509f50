"""A deploy that triples the errors for two days is told once: it opens, and ends where the new level is taken as usual."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.pipeline import event, run, write_ndjson
from tests.support.pipeline import rows as rows_of
from tests.support.telling import NAMESPACE, START, bodies, told_settings

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import WINDOW, Interval
from ailog.domain.notices import NEW_LEVEL

DEPLOY = START.replace(hour=0)
DAY = timedelta(days=1)
USUAL, WEEKS = 30, 3


def documents(first: datetime, windows: int, mean: float, seed: int) -> list[dict[str, Any]]:
    """One kind of error, so many a window as chance has it."""
    drawn = np.random.default_rng(seed).poisson(mean, windows)
    return [
        event(first + window * WINDOW + timedelta(seconds=i * 880 / count), f"Ledger does not answer {i}", app="orders")
        for window, count in enumerate(drawn.tolist())
        for i in range(count)
    ]


def seed_history(store: PostgresStore) -> None:
    """The days of the weeks before the deploy hold the same kind as the day before it, as often."""
    with store.connection() as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (DEPLOY - WEEKS * 7 * DAY, DEPLOY))
        for number in range(1, WEEKS * 7):
            values = {"back": number * DAY, "seed": str(number)}
            # Three dice: about as wide as chance makes thirty events, and another throw in every window.
            noisy = "12 + " + " + ".join(f"abs(hashtext(c.window_start::text || %(seed)s || '{die}')) %% 13" for die in "abc")
            connection.execute(
                "INSERT INTO ailog_peak.error_kind_counts SELECT (jsonb_populate_record(c, jsonb_build_object('window_start', "
                f"c.window_start - %(back)s, 'count', {noisy}))).* FROM ailog_peak.error_kind_counts AS c WHERE c.window_start >= %(day)s",
                {**values, "day": DEPLOY - DAY},
            )
            connection.execute(
                "INSERT INTO ailog_peak.analysis_run_windows SELECT c.window_start - %(back)s, c.run_id, c.status "
                "FROM ailog_peak.analysis_run_windows AS c WHERE c.window_start >= %(day)s",
                {**values, "day": DEPLOY - DAY},
            )
        connection.execute(
            "INSERT INTO ailog_peak.namespace_error_counts SELECT k.window_start, k.namespace, k.run_id, sum(k.count), NULL, true, false "
            "FROM ailog_peak.error_kind_counts AS k WHERE k.window_start < %s GROUP BY 1, 2, 3",
            (DEPLOY - DAY,),
        )


def accepted(store: PostgresStore) -> list[datetime]:
    statement = "SELECT DISTINCT window_start FROM ailog_peak.detection_events WHERE evidence @> '{\"level_accepted\": true}' ORDER BY 1"
    return [window for (window,) in rows_of(store, statement)]


def test_a_deploy_that_triples_the_errors_is_one_incident_that_ends_where_its_level_is_usual(store: PostgresStore, tmp_path: Path) -> None:
    settings = told_settings(tmp_path)
    before = documents(DEPLOY - DAY, 96, USUAL, 1)
    write_ndjson(tmp_path / "a.ndjson", [*before, *documents(DEPLOY, 2 * 96, 3 * USUAL, 2)])

    def go(start: datetime, windows: int, kind: str = "regular") -> datetime:
        end = start + windows * WINDOW
        run(store, settings, Interval(start, end), kind=kind, now=end + timedelta(minutes=1))
        return end

    go(DEPLOY - DAY, 96, "init")
    seed_history(store)
    at = go(DEPLOY, 32)
    while not accepted(store):
        assert at < DEPLOY + DAY, "a new level is accepted within a day"
        at = go(at, 1)
    level = accepted(store)[0]
    for _ in range(6):  # each a run of its own: it must ask what earlier runs judged
        at = go(at, 1)
    go(go(at, 64), int((DEPLOY + 2 * DAY - at) / WINDOW) - 64)

    incidents = rows_of(
        store, "SELECT namespace, opened_window, last_window, status, flags FROM ailog_peak.incidents ORDER BY opened_window"
    )
    assert len(incidents) == 1, incidents
    namespace, opened, last, status, flags = incidents[0]
    assert (namespace, status, "spike" in flags) == (NAMESPACE, "resolved", True)
    assert opened < DEPLOY + timedelta(hours=2)
    assert last <= level + timedelta(hours=1), "from the acceptance on it goes on by firing alone"

    told = rows_of(store, "SELECT stage, reason FROM ailog_peak.notice_decisions WHERE told ORDER BY window_from")
    assert [stage for stage, _ in told].count("opened") == 1
    assert [stage for stage, _ in told][-1] == "resolved"
    assert told[-1][1].endswith(NEW_LEVEL)
    assert NEW_LEVEL in str(bodies(store)[-1])
