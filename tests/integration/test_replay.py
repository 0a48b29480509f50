"""A replay says what other settings would have made of stored facts, and leaves everything as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support import servers
from tests.support.pipeline import checksums, event, files_settings, moment, rows
from tests.support.replayed import errors, learn, run_days

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import Interval
from ailog.errors import ConfigError
from ailog.pipeline.replay import replay
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
    return found


@pytest.fixture(scope="module")
def judged(postgres_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgresStore, Settings]]:
    """Two days with their final word after a fortnight; the tests of this file only read it."""
    with servers.fresh_database() as uris:
        store = PostgresStore(uris.app)
        folder = tmp_path_factory.mktemp("replay")
        settings = files_settings(folder / "days.ndjson")
        learn(store, settings, START, 14, {SIT: 8.0, OTHER: 12.0})
        yield store, run_days(store, settings, folder, _documents(), START, 2)


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
    assert kinds >= {"spike", "burst", "new", "cross_namespace"}, "the days hold what the replay is to find again"
    found = replay(store, settings, None, SPAN, against="stored")
    assert (found["gained"], found["lost"], found["regraded"]) == ([], [], [])
    assert found["total"]["incidents_before"] == found["total"]["incidents_after"] == rows(store, "SELECT count(*) FROM ailog_peak.incidents")[0][0]
