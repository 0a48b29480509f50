"""Which messages incidents would have brought: every quarter hour of their life decided as a regular run decides, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from ailog.domain.calendar import Calendar, Entry, occurrences
from ailog.domain.digest import channels_of
from ailog.domain.events import WINDOW, Interval
from ailog.domain.notices import RESOLVED, Notice, NoticeRules, decide
from ailog.domain.silences import Silence, hiding
from ailog.settings import Settings

_QUIET = "quiet"


class Told(NamedTuple):
    """A word to people: of which incident, in the run that ended when, why, and on which channels."""

    incident_id: str
    namespace: str
    window_end: datetime
    kind: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Hiding:
    """What people hide: silences, each with the time of its end, and the maintenance of the calendar."""

    silences: Sequence[Silence] = ()
    maintenance: Sequence[Entry] = ()

    def hides(self, incident: Mapping[str, Any], window_end: datetime, kind: str) -> bool:
        """Whether a message is kept back: by maintenance of its window, or a silence in force."""
        window = window_end - WINDOW if kind == RESOLVED else incident["last_window"]
        span = Interval(window, window + WINDOW)
        if any(one.covers(incident["namespace"]) and occurrences(one, span) for one in self.maintenance):
            return True
        return hiding(self.silences, incident, window_end) is not None


def maintenance_of(known: Calendar) -> list[Entry]:
    """The maintenance of a calendar."""
    return [entry for entry in known.entries if entry.kind == "maintenance"]


@dataclass
class _Life:
    """An incident as it was after each of its windows."""

    row: dict[str, Any]
    rules: NoticeRules
    memory: dict[str, Any] = field(
        default_factory=lambda: dict.fromkeys(("notified_window", "notified_severity", "notified_count", "notified_apps"))
    )
    apps: dict[str, int] = field(default_factory=dict)

    def take(self, window: Mapping[str, Any]) -> None:
        """Takes up one more of its windows."""
        row, count = self.row, int(window["original_value"])
        if "last_window" not in row or window["score"] > row["score"]:
            row |= {"score": float(window["score"]), "severity": window["severity"]}
        for app, events in (window["apps"] or {}).items():
            self.apps[app] = self.apps.get(app, 0) + int(events)
        row |= {
            "last_window": window["window_start"].to_pydatetime(),
            "event_count": row.get("event_count", 0) + count,
            "peak_count": max(row.get("peak_count", 0), count),
            "apps": self.apps,
            "fingerprints": sorted({*row.get("fingerprints", ()), *window["fingerprints"]}),
        }


def told(incidents: pd.DataFrame, rows: pd.DataFrame, settings: Settings, until: datetime, hidden: Hiding) -> list[Told]:
    """The messages of incidents with their windows (``rows`` with ``incident_id``), as if each quarter hour up to ``until`` was run."""
    by_incident: dict[str, list[dict[str, Any]]] = {}
    columns = ["window_start", "score", "severity", "original_value", "apps", "fingerprints"]
    for identity, *values in zip(rows["incident_id"], *(rows[name] for name in columns), strict=True):
        by_incident.setdefault(str(identity), []).append(dict(zip(columns, values, strict=True)))
    found: list[Told] = []
    for incident in incidents.to_dict("records"):
        windows = sorted(by_incident.get(str(incident["incident_id"]), []), key=lambda row: row["window_start"])
        found += _life({str(name): value for name, value in incident.items()}, windows, settings, until, hidden)
    return sorted(found, key=lambda one: (one.window_end, one.namespace, one.incident_id))


def _life(
    incident: Mapping[str, Any], windows: Sequence[Mapping[str, Any]], settings: Settings, until: datetime, hidden: Hiding
) -> Iterator[Told]:
    namespace, problem, identity = incident["namespace"], incident["problem_key"], str(incident["incident_id"])
    channels = tuple(channels_of(settings, namespace))
    opened = windows[0]["window_start"].to_pydatetime()
    life = _Life({"namespace": namespace, "problem_key": problem, "opened_window": opened}, NoticeRules.of(settings, namespace))
    over = None if pd.isna(incident["resolved_at"]) else incident["resolved_at"].to_pydatetime()
    by = incident["resolved_by"] if over is not None else None
    quiet = timedelta(minutes=settings.incidents.quiet_minutes)
    by_window = {row["window_start"].to_pydatetime(): row for row in windows}
    end = opened
    while end < until:
        run, end = end, end + WINDOW
        if run in by_window:
            life.take(by_window[run])
        ended = (over is not None and by != _QUIET and end >= over) or end >= life.row["last_window"] + WINDOW + quiet
        row = {
            **life.row, **life.memory, "status": "resolved" if ended else "open", "resolved_by": (by or _QUIET) if ended else None,
            "acknowledged_count": None, "acknowledged_severity": None,
        }  # fmt: skip
        decision = decide(row, end, life.rules, run_start=run)
        if isinstance(decision, Notice) and not hidden.hides(row, end, decision.kind):
            life.memory |= decision.memory
            if channels:
                yield Told(identity, namespace, end, decision.kind, channels)
        if ended and run >= windows[-1]["window_start"].to_pydatetime():
            return
