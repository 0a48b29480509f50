"""Learns thresholds from complete windows and publishes them as one immutable snapshot."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pandas as pd
from psycopg.types.json import Json

from ailog import __version__
from ailog.domain.thresholds import slots, train
from ailog.errors import ConfigError
from ailog.pipeline import frames
from ailog.ports import Store
from ailog.settings import Settings

_VALUES = ["snapshot_id", "namespace", "weekday", "threshold", "samples", "median", "mean", "maximum"]
_SLOTS = ["weekday", "hour", "quarter", "namespace", "mean", "stddev", "samples", "snapshot_id"]


def train_thresholds(
    store: Store, settings: Settings, *, as_of: datetime, weeks: int | None = None, percentile: float | None = None, dry_run: bool = False
) -> dict[str, Any]:
    """Trains on the complete windows of the weeks before ``as_of`` and makes the snapshot the one in force.

    Written whole in one transaction, so that no one ever reads half of it; older snapshots stay. The same training set gives the same
    snapshot, by id and by value.

    Returns:
        snapshot_id (None for a dry run), windows_used, windows_dropped by reason, namespaces, and ``values``: the rows of the snapshot.

    Raises:
        ConfigError: when there is nothing to learn from.
    """
    weeks = weeks or settings.thresholds.weeks
    level = percentile or settings.thresholds.percentile
    span = {"start": as_of - timedelta(weeks=weeks), "as_of": as_of}
    with store.connection("learn thresholds") as connection:
        totals = frames.read(store, connection, "thresholds/training_set", span)
        if totals.empty:
            raise ConfigError(
                f"no complete window from {span['start'].isoformat()} to {as_of.isoformat()}: collect a baseline first, by 'ailog init' or "
                "the DAG init_phase"
            )
        left_out = frames.read(store, connection, "thresholds/left_out", span)
        dropped = {str(k): int(v) for k, v in left_out.iloc[0].items()}
        values = train(totals, level)
        snapshot_id = str(uuid5(NAMESPACE_URL, f"ailog://thresholds/{as_of.isoformat()}/{weeks}/{level}/{_digest(totals)}"))
        outcome = {
            "snapshot_id": None if dry_run else snapshot_id,
            "percentile": level,
            "trained_from": span["start"].isoformat(),
            "trained_to": as_of.isoformat(),
            "windows_used": len(totals),
            "windows_dropped": dropped,
            "namespaces": int(values["namespace"].nunique()),
            "values": json.loads(values.to_json(orient="records")),
        }
        if dry_run:
            return outcome
        inserted = connection.execute(
            store.statement("thresholds/put_snapshot"),
            {
                **span,
                "snapshot_id": snapshot_id,
                "percentile": level,
                "used": len(totals),
                "dropped": Json(dropped),
                "default": settings.thresholds.default,
                "min_samples": settings.thresholds.min_samples,
                "code_version": __version__,
                "config_hash": settings.config_hash,
            },
        ).rowcount
        if inserted:
            frames.write(connection, "ailog_peak.threshold_snapshot_values", values.assign(snapshot_id=snapshot_id), _VALUES)
            connection.execute("DELETE FROM ailog_peak.aggregation_data")
            frames.write(connection, "ailog_peak.aggregation_data", slots(totals).assign(snapshot_id=snapshot_id), _SLOTS)
    return outcome


def _digest(totals: pd.DataFrame) -> str:
    return hashlib.sha256(totals.to_csv(index=False).encode()).hexdigest()[:32]
