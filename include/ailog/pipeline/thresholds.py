"""Learns thresholds from complete windows and publishes them as one immutable snapshot.

The windows are read by COPY, some namespaces at a time, so that memory does not grow with their number; all as one moment shows them.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg.types.json import Json

from ailog import __version__
from ailog.domain import hygiene, threshold_changes
from ailog.domain.calendar import SLOT_SECONDS, Calendar
from ailog.domain.events import Interval, floor_to_window
from ailog.domain.norms.budget import Solved
from ailog.domain.norms.fit import MEMORY_DAYS
from ailog.domain.thresholds import WEEKDAYS, slots, train
from ailog.domain.wording import counted
from ailog.errors import ConfigError
from ailog.pipeline import budget, calendar, frames, norms
from ailog.ports import Store
from ailog.settings import Settings

MIN_DAYS: Final = 12
"""Fewer days leave weekdays with one week of windows, or none."""
_ROWS_AT_ONCE: Final = 400_000
_VALUES = ["snapshot_id", "namespace", "weekday", "threshold", "samples", "median", "mean", "maximum", "dropped"]
_SLOTS = ["weekday", "hour", "quarter", "namespace", "mean", "stddev", "samples", "snapshot_id"]
_COLUMNS: Final = {
    "namespace": pa.string(), "slot": pa.int64(), "count": pa.int64(), "documents": pa.float64(), "complete": pa.int8(),
    "estimated": pa.int8(), "incident": pa.int8(),
}  # fmt: skip
_MARGIN: Final = ("budget", "spend", "alarm_limit", "expected_false", "expected_incidents", "series_weeks")
_TOLD: Final = 5


@dataclass
class _Learnt:
    """What came of all windows: the limits, the slots of the week, and what was left out why."""

    limits: list[pd.DataFrame] = field(default_factory=list)
    slots: list[pd.DataFrame] = field(default_factory=list)
    withheld: list[dict[str, Any]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    days: set[int] = field(default_factory=set)
    used: int = 0
    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


def train_thresholds(
    store: Store,
    settings: Settings,
    *,
    as_of: datetime,
    weeks: int | None = None,
    percentile: float | None = None,
    dry_run: bool = False,
    public: calendar.PublicHolidays = calendar.no_public_holidays,
) -> dict[str, Any]:
    """Trains on the complete windows of the weeks before ``as_of`` and publishes the snapshot.

    Written whole in one transaction, so that no one ever reads half of it; older snapshots stay. The same training set gives the same
    snapshot, by id and by value. It is in use when no other was trained to a later moment: one of the past serves days of the past.

    Returns:
        snapshot_id (None for a dry run), in_use, percentile, weeks, trained_from, trained_to, days, windows_used, windows_dropped by
        reason, withheld (weekdays without a limit of their own), namespaces, warnings, ``comparison`` with the snapshot in use (None before
        the first), and ``values``: the rows of the snapshot.

    Raises:
        ConfigError: when there is nothing to learn from, or too little everywhere; the snapshot in use stays.
    """
    as_of = floor_to_window(as_of)
    weeks = weeks or settings.thresholds.weeks
    level = percentile or settings.thresholds.percentile
    span = {"start": as_of - timedelta(weeks=weeks), "as_of": as_of}
    margin = _margin(store, settings, span, public, dry_run=dry_run)
    with store.connection("learn thresholds") as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        known = calendar.load(store, connection, public=public, span=Interval(span["start"], as_of))
        learnt = _learn(store, connection, settings, span, known, level)
        values = _values(learnt, settings, span)
        identity = f"{as_of.isoformat()}/{weeks}/{level}/{settings.thresholds.hygiene.model_dump_json()}/{learnt.digest.hexdigest()[:32]}"
        identity += f"/{settings.detectors.budget.model_dump_json()}/{margin.limit:.6f}"
        before = frames.read(store, connection, "read/snapshot", {})
        comparison = _compared(store, connection, before, values, settings)
        outcome: dict[str, Any] = {
            "snapshot_id": None if dry_run else str(uuid5(NAMESPACE_URL, f"ailog://thresholds/{identity}")),
            "in_use": False,
            "percentile": level,
            "weeks": weeks,
            "trained_from": span["start"].isoformat(),
            "trained_to": as_of.isoformat(),
            "days": len(learnt.days),
            "windows_used": learnt.used,
            "windows_dropped": {reason: learnt.dropped[reason] for reason in hygiene.REASONS},
            "withheld": learnt.withheld,
            "namespaces": int(values["namespace"].nunique()),
            "warnings": _warnings(learnt, values, comparison, settings),
            "comparison": comparison,
            "budget": settings.detectors.budget.false_alarms,
            "spend": settings.detectors.budget.spend,
            "alarm_limit": margin.limit,
            "expected_false": margin.expected,
            "expected_incidents": margin.incidents,
            "series_weeks": margin.weeks,
            "values": json.loads(values.to_json(orient="records")),
        }
        if not dry_run:
            _publish(store, connection, settings, outcome, learnt, values, span)
            latest = frames.read(store, connection, "read/snapshot", {})
            outcome["in_use"] = latest["snapshot_id"].iloc[0] == outcome["snapshot_id"]
            if outcome["in_use"]:
                _aggregate(connection, learnt, outcome["snapshot_id"])
    return outcome


def _margin(store: Store, settings: Settings, span: dict[str, datetime], public: calendar.PublicHolidays, *, dry_run: bool) -> Solved:
    """The margin of the budget; a dry run takes what is remembered already."""
    with store.connection("solve the budget of false alarms") as connection:
        looked_at = Interval(span["start"] - timedelta(days=MEMORY_DAYS + 1), span["as_of"])
        known = calendar.load(store, connection, kinds=("holiday", "batch"), public=public, span=looked_at)
        made_of = norms.ground(known, run_no=-1, windows=(), final=False, save=not dry_run)
        return budget.learn(store, settings, connection, made_of, (span["start"], span["as_of"]))


def _learn(
    store: Store, connection: psycopg.Connection, settings: Settings, span: dict[str, datetime], known: Calendar, level: float
) -> _Learnt:
    learnt = _Learnt()
    sizes = connection.execute(store.statement("thresholds/namespaces"), span).fetchall()
    for names in _some(sizes):
        windows = _windows(store, connection, {**span, "namespaces": names})
        codes = hygiene.why_left_out(windows, known, settings.thresholds.hygiene)
        every = windows["slot"].to_numpy()
        for name, (low, high) in hygiene.spans(windows["namespace"]).items():
            found = hygiene.withheld(name, every[low:high], codes[low:high])
            codes[low:high] = hygiene.without([int(str(one["weekday"])) for one in found], every[low:high], codes[low:high])
            learnt.withheld += found
        learnt.rows += len(windows)
        counts = np.bincount(codes, minlength=len(hygiene.REASONS) + 1)
        learnt.dropped.update(dict(zip(hygiene.REASONS, counts[1:].tolist(), strict=True)))
        kept = windows.loc[codes == hygiene.KEPT, ["namespace", "slot", "count"]]
        _digest(learnt, kept)
        learnt.used += len(kept)
        learnt.days |= set(np.unique(kept["slot"].to_numpy() // 96).tolist())
        starts = pd.to_datetime(kept["slot"].to_numpy() * SLOT_SECONDS, unit="s", utc=True)
        totals = pd.DataFrame({"window_start": starts, "namespace": kept["namespace"].array, "count": kept["count"].array})
        learnt.limits.append(train(totals, level).merge(_dropped(windows, codes), how="left", on=["namespace", "weekday"]))
        learnt.slots.append(slots(totals))
    return learnt


def _some(sizes: list[tuple[Any, ...]]) -> Iterator[list[str]]:
    """Namespaces in groups of a bounded number of rows, at least one each."""
    group: list[str] = []
    rows = 0
    for name, size in sizes:
        if group and rows + size > _ROWS_AT_ONCE:
            yield group
            group, rows = [], 0
        group.append(str(name))
        rows += size
    if group:
        yield group


def _windows(store: Store, connection: psycopg.Connection, values: dict[str, Any]) -> pd.DataFrame:
    """The windows of some namespaces as ``hygiene.why_left_out`` wants them."""
    sink = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(store.statement("thresholds/windows"), values) as copy:
        for block in copy:
            sink.write(block)
    if not sink.tell():
        raise ConfigError("the windows to learn from went away while they were read: train again")
    table = pacsv.read_csv(
        pa.BufferReader(sink.getbuffer()),
        read_options=pacsv.ReadOptions(column_names=list(_COLUMNS)),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(column_types=_COLUMNS, strings_can_be_null=False),
    )
    frame: pd.DataFrame = table.sort_by([("namespace", "ascending"), ("slot", "ascending")]).to_pandas(categories=["namespace"])
    flagged: pd.DataFrame = frame.astype(dict.fromkeys(("complete", "estimated", "incident"), bool))
    return flagged


def _digest(learnt: _Learnt, kept: pd.DataFrame) -> None:
    """Names the training set by its values alone: where one group of namespaces ends must not show."""
    for name, (low, high) in hygiene.spans(kept["namespace"]).items():
        learnt.digest.update(f"{name}\n{high - low}\n".encode())
        learnt.digest.update(np.ascontiguousarray(kept[["slot", "count"]].to_numpy(dtype="<i8")[low:high]).tobytes())


def _dropped(windows: pd.DataFrame, codes: hygiene.Codes) -> pd.DataFrame:
    """How many windows were left out, by namespace and weekday, and by namespace (weekday NA)."""
    left = pd.DataFrame(
        {
            "namespace": windows["namespace"].astype("str"),
            "weekday": pd.array(hygiene.weekdays_of(windows["slot"].to_numpy()), dtype="Int64"),
            "dropped": (codes != hygiene.KEPT).astype("int64"),
        }
    )
    by_day = left.groupby(["namespace", "weekday"], as_index=False)["dropped"].sum()
    whole = left.groupby("namespace", as_index=False)["dropped"].sum().assign(weekday=pd.array([pd.NA], dtype="Int64")[0])
    both: pd.DataFrame = pd.concat([by_day, whole.astype({"weekday": "Int64"})], ignore_index=True)
    return both


def _values(learnt: _Learnt, settings: Settings, span: dict[str, datetime]) -> pd.DataFrame:
    """All limits; raises ConfigError when there are none that may be used."""
    between = f"from {span['start'].isoformat()} to {span['as_of'].isoformat()}"
    if learnt.used == 0 and learnt.dropped["incomplete"] == learnt.rows:
        raise ConfigError(f"no complete window {between}: collect a baseline first, by 'ailog init' or the DAG init_phase")
    values = pd.concat(learnt.limits, ignore_index=True).sort_values(["namespace", "weekday"], na_position="last", ignore_index=True)
    enough = values["weekday"].notna() & (values["samples"] >= settings.thresholds.min_samples)
    if not enough.any():
        left = ", ".join(f"{reason} {number}" for reason, number in learnt.dropped.items() if number)
        raise ConfigError(
            f"{learnt.used} windows {between} are fewer than {settings.thresholds.min_samples} (thresholds.min_samples) for every "
            f"namespace and weekday: nothing is published, the snapshot before stays in use; left out were {left or 'none'}"
        )
    return values


def _compared(
    store: Store, connection: psycopg.Connection, before: pd.DataFrame, values: pd.DataFrame, settings: Settings
) -> dict[str, Any] | None:
    if before.empty:
        return None
    old = read_values(store, connection, str(before["snapshot_id"].iloc[0]))
    return {"against": str(before["snapshot_id"].iloc[0]), **threshold_changes.compare(old, values, settings.thresholds)}


def read_values(store: Store, connection: psycopg.Connection, snapshot_id: str) -> pd.DataFrame:
    """namespace, weekday (NA: CAP), threshold, samples of a snapshot."""
    values = frames.read(store, connection, "detect/thresholds", {"snapshot_id": snapshot_id})
    values["weekday"] = values["weekday"].astype("Int64")
    return values


def _warnings(learnt: _Learnt, values: pd.DataFrame, comparison: dict[str, Any] | None, settings: Settings) -> list[str]:
    said = []
    if len(learnt.days) < MIN_DAYS:
        said.append(
            f"trained on {counted(len(learnt.days), 'day')}: at least {MIN_DAYS} are needed for limits that hold; "
            "collect more by 'ailog init'"
        )
    least = settings.thresholds.min_samples
    scarce = int((values["weekday"].notna() & (values["samples"] < least)).sum())
    if scarce:
        said.append(f"{counted(scarce, 'weekday')} of namespaces with fewer than {least} windows: their CAP counts")
    for one in learnt.withheld[:_TOLD]:
        reasons = ", ".join(f"{reason} {number}" for reason, number in one["reasons"].items())
        said.append(
            f"{one['namespace']}, {WEEKDAYS[one['weekday']]}: {one['dropped']} of {one['kept'] + one['dropped']} windows left out "
            f"({reasons}), more than half: no limit of its own, its CAP counts, else the default"
        )
    if len(learnt.withheld) > _TOLD:
        said.append(f"and {len(learnt.withheld) - _TOLD} more weekdays of which more than half was left out")
    wild = threshold_changes.wild(comparison["changes"]) if comparison else []
    if wild:
        named = "; ".join(threshold_changes.line(row) for row in wild[:_TOLD])
        said.append(f"{counted(len(wild), 'limit')} changed by more than a factor of {threshold_changes.WILD:g}: {named}")
    return said


def _publish(
    store: Store,
    connection: psycopg.Connection,
    settings: Settings,
    outcome: dict[str, Any],
    learnt: _Learnt,
    values: pd.DataFrame,
    span: dict[str, datetime],
) -> None:
    row = {
        **span,
        "snapshot_id": outcome["snapshot_id"],
        "percentile": outcome["percentile"],
        "weeks": outcome["weeks"],
        "used": learnt.used,
        "dropped": Json(outcome["windows_dropped"]),
        "withheld": Json(learnt.withheld),
        "warnings": outcome["warnings"],
        "default": settings.thresholds.default,
        "min_samples": settings.thresholds.min_samples,
        "code_version": __version__,
        "config_hash": settings.config_hash,
        **{name: outcome[name] for name in _MARGIN},
    }
    if connection.execute(store.statement("thresholds/put_snapshot"), row).rowcount:
        stored = values.assign(snapshot_id=outcome["snapshot_id"])
        frames.write(connection, "ailog_peak.threshold_snapshot_values", stored, _VALUES)


def _aggregate(connection: psycopg.Connection, learnt: _Learnt, snapshot_id: str) -> None:
    """The rolling figures follow the snapshot in use; one of the past must not replace them."""
    found = connection.execute("SELECT snapshot_id::text FROM ailog_peak.aggregation_data LIMIT 1").fetchone()
    if found is None or found[0] != snapshot_id:
        connection.execute("DELETE FROM ailog_peak.aggregation_data")
        frames.write(
            connection, "ailog_peak.aggregation_data", pd.concat(learnt.slots, ignore_index=True).assign(snapshot_id=snapshot_id), _SLOTS
        )
