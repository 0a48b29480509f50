"""A store with a fortnight of counts and days that the pipeline judged: what a replay reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.pipeline import event, write_ndjson

from ailog.adapters.sources import build
from ailog.pipeline.backfill import backfill_day
from ailog.pipeline.thresholds import train_thresholds
from ailog.settings import Settings

_DAY = timedelta(days=1)


def learn(store: Any, settings: Settings, start: datetime, days: int, per_window: Mapping[str, float], *, train: bool = True) -> None:
    """Complete windows before a start with counts as a baseline leaves them, one known kind a namespace; thresholds trained on them."""
    generator = np.random.default_rng(7)
    first = start - days * _DAY
    windows = [first + i * timedelta(minutes=15) for i in range(days * 96)]
    with store.connection() as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%s, %s)", (first, start))
        run = connection.execute(
            "INSERT INTO ailog_peak.analysis_runs (run_id, kind, window_from, window_to, windows, status, code_version, config_hash, started_at) "
            "VALUES (gen_random_uuid(), 'init', %s, %s, %s, 'complete', '0', '0', %s) RETURNING run_id",
            (first, start, days * 96, start),
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO ailog_peak.analysis_run_windows (window_start, run_id, status) SELECT w, %s, 'complete' FROM unnest(%s::timestamptz[]) AS u (w)",
            (run, windows),
        )
        for namespace, mean in per_window.items():
            counts = generator.negative_binomial(10, 10 / (10 + mean), len(windows)).tolist()
            connection.execute(
                "INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete) "
                "SELECT w, %s, %s, c, c + 500, true FROM unnest(%s::timestamptz[], %s::bigint[]) AS u (w, c)",
                (namespace, run, windows, counts),
            )
            connection.execute(
                "INSERT INTO ailog_peak.error_kind_counts (window_start, namespace, app, fingerprint, run_id, environment, problem_key, error_type, "
                "category, subcategory, count, first_event, last_event, metadata_quality, sample) "
                "SELECT w, %s, 'orders', '00000000000000aa', %s, 'sit', 'UNKNOWN:orders:usual', 'E', 'unknown', 'unknown', c, w, w, 'structured', '' "
                "FROM unnest(%s::timestamptz[], %s::bigint[]) AS u (w, c) WHERE c > 0",
                (namespace, run, windows, counts),
            )
    if train:
        train_thresholds(store, settings, as_of=start)


def errors(start: datetime, count: int, message: str, *, seconds: float = 899.0, **more: Any) -> list[dict[str, Any]]:
    """Errors evenly over so many seconds from a start."""
    return [event(start + timedelta(seconds=i * seconds / count), message, **more) for i in range(count)]


def run_days(store: Any, settings: Settings, folder: Path, documents: list[dict[str, Any]], start: datetime, days: int) -> Settings:
    """The final word on days of documents, one after the other; returns the settings with the file as their source."""
    path = write_ndjson(folder / "days.ndjson", documents)
    source = settings.sources[0].model_copy(update={"paths": [str(path)]})
    settings = settings.model_copy(update={"sources": [source]})
    for number in range(days):
        sources = [build(one, settings, None) for one in settings.active_sources]
        day = (start + number * _DAY).date()
        backfill_day(store, settings, sources, day, start + (days + 1) * _DAY, "test")
    return settings
