"""Imports counts of errors as a baseline: totals by window and namespace, marked in the ledger as kind ``init`` of the source ``import``.

A window that the product read itself is left as it is, whatever a file says of it. Each UTC day is one run and one transaction: an import
that is killed goes on where it was, and one that is repeated changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pandas as pd

from ailog import __version__
from ailog.domain.events import Interval
from ailog.domain.imported_counts import Tidy
from ailog.errors import ConfigError
from ailog.pipeline import frames
from ailog.ports import Store
from ailog.settings import Settings

_DAY = timedelta(days=1)


def import_counts(
    store: Store, settings: Settings, tables: dict[str, Tidy], *, now: datetime, triggered_by: str, dry_run: bool
) -> dict[str, Any]:
    """Stores counts of files, given by file name, day by day.

    Returns:
        days, first_window, last_window, end, windows, namespaces, rows (stored), kept_windows (read by the product itself and left alone),
        files (by name: rows taken, originals, rejected by reason), and dry_run.

    Raises:
        ConfigError: when two files say different things of one window and namespace, or there is nothing to take.
    """
    named = [table.counts.assign(file=name) for name, table in sorted(tables.items())]
    counts = pd.concat(named, ignore_index=True) if named else pd.DataFrame(columns=["window_start", "namespace", "count", "file"])
    if counts.empty:
        why = "; ".join(f"{name}: {table.reasons()}" for name, table in sorted(tables.items()))
        raise ConfigError(f"no row can be imported ({why or 'no file'})")
    _same(counts)
    counts = counts.drop_duplicates(["window_start", "namespace"]).sort_values(["window_start", "namespace"], ignore_index=True)
    span = Interval(counts["window_start"].min().to_pydatetime(), counts["window_start"].max().to_pydatetime() + timedelta(minutes=15))
    with store.connection("look for windows that were read") as connection:
        known = frames.read(store, connection, "baseline/known", {"start": span.start, "end": span.end})
    taken = counts[~counts["window_start"].isin(known["window_start"])]
    days = taken["window_start"].dt.floor("D")
    if not dry_run:
        for day, rows in taken.groupby(days, sort=True):
            _put_day(store, settings, pd.Timestamp(str(day)).to_pydatetime(), rows, now=now, triggered_by=triggered_by)
        if len(taken):
            _put_rejected(store, _run_id(days.min()), tables, settings.limits.max_rejected_rows)
    return {
        "days": [day.date().isoformat() for day in days.drop_duplicates()],
        "first_window": span.start,
        "last_window": span.end - timedelta(minutes=15),
        "end": span.end,
        "windows": int(taken["window_start"].nunique()),
        "namespaces": sorted(taken["namespace"].unique()),
        "rows": len(taken),
        "kept_windows": int(counts["window_start"].nunique() - taken["window_start"].nunique()),
        "files": {
            name: {"rows": len(table.counts), "originals": table.originals, "rejected": table.reasons()}
            for name, table in sorted(tables.items())
        },
        "dry_run": dry_run,
    }


def _same(counts: pd.DataFrame) -> None:
    differing = counts.groupby(["window_start", "namespace"])["count"].transform("nunique") > 1
    if differing.any():
        first = counts[differing].sort_values(["window_start", "namespace", "file"]).iloc[0]
        files = ", ".join(sorted(counts.loc[differing, "file"].unique()))
        raise ConfigError(
            f"{files} say different things of {int(differing.sum())} rows, first of {first['namespace']} at "
            f"{first['window_start'].isoformat()}: import the one that is right"
        )


def _run_id(day: datetime) -> str:
    return str(uuid5(NAMESPACE_URL, f"ailog://import/{day.date().isoformat()}"))


def _put_rejected(store: Store, run_id: str, tables: dict[str, Tidy], most: int) -> None:
    """Books the rows that were set aside with the first day's run: they have no window of their own."""
    rows = pd.concat([table.rejected.assign(file=name) for name, table in sorted(tables.items())], ignore_index=True).head(most)
    values = {
        "run_id": run_id,
        "refs": [f"{name}:{row}" for name, row in zip(rows["file"], rows["row"], strict=True)],
        "reasons": rows["reason"].tolist(),
        "details": rows["detail"].tolist(),
    }
    with store.connection("book rejected rows") as connection:
        connection.execute(store.statement("baseline/clear_rejected"), values)
        connection.execute(store.statement("baseline/put_rejected"), values)


def _put_day(store: Store, settings: Settings, day: datetime, rows: pd.DataFrame, *, now: datetime, triggered_by: str) -> None:
    start = day.astimezone(UTC) if day.tzinfo else day.replace(tzinfo=UTC)
    values = {
        "run_id": _run_id(start),
        "start": start,
        "end": start + _DAY,
        "windows": int(rows["window_start"].nunique()),
        "stored": int(rows["count"].sum()),
        "code_version": __version__,
        "config_hash": settings.config_hash,
        "triggered_by": triggered_by,
        "now": now,
        "window_starts": [stamp.to_pydatetime() for stamp in rows["window_start"].drop_duplicates()],
        "starts": [stamp.to_pydatetime() for stamp in rows["window_start"]],
        "namespaces": rows["namespace"].tolist(),
        "counts": rows["count"].tolist(),
    }
    with store.connection("import a day of counts") as connection:
        connection.execute(store.statement("publish/lock"))
        connection.execute("SELECT ailog_peak.ensure_partitions(%(start)s, %(end)s)", values)
        for name in ("put_run", "put_source", "forget_windows", "clear_windows", "put_counts", "take_windows"):
            connection.execute(store.statement(f"baseline/{name}"), values)
