"""Which windows a run reads, and the run's place in the ledger.

A run is named by what it covers: the same kind of run over the same windows has the same id, so that a repetition replaces rows
instead of adding any.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from ailog import __version__
from ailog.domain.events import WINDOW, Interval, contiguous, floor_to_window
from ailog.errors import ConfigError
from ailog.ports import Store
from ailog.settings import Settings

_RUNS = uuid5(NAMESPACE_URL, "ailog://runs")
VERDICTS = {"regular": "provisional", "manual": "provisional", "backfill": "final", "init": "baseline"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: its windows (starts, oldest first), its sources, and whether it may publish."""

    run_id: str
    run_no: int
    windows: tuple[datetime, ...]
    sources: tuple[str, ...]
    dry_run: bool
    kind: str

    @property
    def span(self) -> Interval:
        """From the start of the first window to the end of the last; there may be gaps in it."""
        return Interval(self.windows[0], self.windows[-1] + WINDOW)


def plan(
    store: Store,
    settings: Settings,
    *,
    kind: str,
    target: Interval | None,
    bounds: Interval | None,
    now: datetime,
    dry_run: bool,
    triggered_by: str,
    sources: tuple[str, ...] | None = None,
    windows: Sequence[datetime] = (),
    late: Sequence[datetime] = (),
    warnings: Sequence[str] = (),
) -> Plan:
    """Chooses the windows, stages the plan and, unless dry, opens the ledger row.

    With ``bounds`` or ``windows`` the run covers exactly these. Else it covers ``target``, every earlier window of the look-back that no
    complete run covers, oldest first, up to ``limits.max_windows_per_run``, and as far as there is room the windows in which ``late``
    events came; what lies before the first window ever analysed is not missing. Windows that have their final word are read again
    by a backfill alone. ``warnings`` go into the ledger with the run.

    Raises:
        ConfigError: bounds that are empty, reversed, off the quarter hour or not over yet, or windows that all have their final word.
    """
    if windows:
        chosen = tuple(window for interval in contiguous(list(windows)) for window in _checked(interval, now))
    else:
        chosen = _checked(bounds, now) if bounds else _due(store, settings, target, now, late)
    if kind != "backfill" and not dry_run:
        chosen = _not_final(store, chosen)
    names = sources or tuple(source.name for source in settings.active_sources)
    if not names:
        raise ConfigError("no source is switched on: set enabled: true for one of the sources in analyzer.yaml")
    mode = "dry" if dry_run else "real"
    # A run started by hand is the same work as the scheduled one: it replaces it instead of standing beside it.
    name = f"{'regular' if kind == 'manual' else kind}|{mode}|" + ",".join(window.strftime("%Y%m%dT%H%M") for window in chosen)
    run_id = str(uuid5(_RUNS, name))
    values = {
        "run_id": run_id,
        "kind": kind,
        "windows": list(chosen),
        "dry_run": dry_run,
        "warnings": list(warnings),
        "sources": json.dumps(names),
        "code_version": __version__,
        "config_hash": settings.config_hash,
    }
    with store.connection("plan a run") as connection:
        row = connection.execute(store.statement("ledger/put_plan"), values).fetchone()
        assert row is not None  # noqa: S101 - RETURNING of an upsert always gives a row
        connection.execute(store.statement("ledger/put_mark"), {"run_no": row[0]})
        if not dry_run:
            ledger = {
                **values,
                "windows": len(chosen),
                "window_from": chosen[0],
                "window_to": chosen[-1] + WINDOW,
                "verdict": VERDICTS[kind],
                "triggered_by": triggered_by,
                "now": now,
            }
            connection.execute(store.statement("ledger/open_run"), ledger)
    return Plan(run_id, int(row[0]), chosen, names, dry_run, kind)


def load_plan(store: Store, run_id: str) -> Plan:
    """The staged plan of a run; raises ConfigError when it was cleaned up or never made."""
    with store.connection("read the plan") as connection:
        row = connection.execute(store.statement("ledger/get_plan"), {"run_id": run_id}).fetchone()
    if row is None:
        raise ConfigError(f"run {run_id} has no plan in staging: it is over and was cleaned up; start it again from its plan task")
    run_no, found, kind, windows, dry_run, sources, *_ = row
    return Plan(str(found), int(run_no), tuple(w.astimezone(UTC) for w in windows), tuple(sources), bool(dry_run), str(kind))


def staging_lost(store: Store, run_id: str) -> bool:
    """Whether a crash of the database server took what the run had staged: its plan is there, the rest is not."""
    with store.connection("look for what was staged") as connection:
        return connection.execute(store.statement("ledger/lost_staging"), {"run_id": run_id}).fetchone() is not None


def staging_restored(store: Store, run_id: str) -> None:
    """Notes that everything which the run had staged is there again."""
    plan_made = load_plan(store, run_id)
    with store.connection("note what was staged") as connection:
        connection.execute(store.statement("ledger/put_mark"), {"run_no": plan_made.run_no})


def is_over(store: Store, run_id: str) -> bool:
    """Whether the run was published and its staging is gone: a task that is cleared then has nothing left to do."""
    with store.connection("read the ledger") as connection:
        if connection.execute(store.statement("ledger/get_plan"), {"run_id": run_id}).fetchone() is not None:
            return False
        row = connection.execute(store.statement("ledger/run_status"), {"run_id": run_id}).fetchone()
    return row is not None and row[0] in {"complete", "partial", "superseded"}


def _checked(bounds: Interval, now: datetime) -> tuple[datetime, ...]:
    for moment in bounds:
        if floor_to_window(moment) != moment:
            raise ConfigError(f"{moment.isoformat()} is not on a quarter hour: give bounds such as 2026-01-31T08:15:00Z")
    if bounds.start >= bounds.end:
        raise ConfigError(f"from {bounds.start.isoformat()} is not before to {bounds.end.isoformat()}: the end is not part of the range")
    if bounds.end > now:
        raise ConfigError(
            f"to {bounds.end.isoformat()} is not over yet (now {now.isoformat(timespec='seconds')}): give closed windows only"
        )
    return tuple(bounds.windows())


def _not_final(store: Store, windows: tuple[datetime, ...]) -> tuple[datetime, ...]:
    with store.connection("look for windows that are final") as connection:
        rows = connection.execute(store.statement("publish/final_windows"), {"windows": list(windows)}).fetchall()
    final = {row[0] for row in rows}
    left = tuple(window for window in windows if window not in final)
    if not left:
        raise ConfigError(
            f"the windows from {windows[0].isoformat()} to {(windows[-1] + WINDOW).isoformat()} have their final word: "
            "'ailog backfill --force' reads their day again"
        )
    return left


def _due(store: Store, settings: Settings, target: Interval | None, now: datetime, late: Sequence[datetime] = ()) -> tuple[datetime, ...]:
    end = floor_to_window(now)
    wanted = _checked(target, now) if target else (end - WINDOW,)
    start = wanted[0] - timedelta(hours=settings.limits.lookback_hours)
    with store.connection("look for missing windows") as connection:
        row = connection.execute(store.statement("ledger/known_windows"), {"start": start, "end": wanted[0]}).fetchone()
    complete, first = (row[0], row[1]) if row else ([], None)
    missing: list[datetime] = []
    if first is not None and first < wanted[0]:
        known = set(complete)
        missing = [w for w in Interval(max(start, first), wanted[0]).windows() if w not in known]
    room = max(settings.limits.max_windows_per_run - len(wanted), 0)
    before = missing[:room]
    before += [w for w in sorted(late) if w < wanted[0] and w not in before][: room - len(before)]
    return (*sorted(before), *wanted)
