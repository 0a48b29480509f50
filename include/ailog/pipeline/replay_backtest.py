"""What the settings would have told of the last weeks of a baseline, so that the first live day is no surprise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ailog.domain.events import WINDOW, Interval
from ailog.domain.norms.history import FIRST_DAYS
from ailog.domain.wording import counted, listing, number
from ailog.pipeline import budget
from ailog.pipeline.replay import facts_of, judge, reading
from ailog.pipeline.replay_days import Side
from ailog.pipeline.replay_difference import Outcome, Row, by_severity
from ailog.ports import Store
from ailog.settings import Settings

DAYS: Final = 14
_LEVELS: Final = frozenset({"spike", "escalating"})
"""Flags of the detectors that share the budget of false alarms."""
_TOLD: Final = 5
_NOTES: Final = (
    "a baseline knows neither the seconds within a window nor traces: bursts and cascades come on top",
    "thresholds and margin were learnt from these same days: live days may differ",
)


def backtest(store: Store, settings: Settings, *, end: datetime, snapshot_id: str | None, days: int = DAYS) -> dict[str, Any]:
    """Judges the last ``days`` that were read before ``end`` by a snapshot that was learnt from them, as if each quarter hour had been run.

    Days on which nothing had a norm yet are left out where others remain.

    Returns:
        from, to, days, incidents, severities, messages, told (by why), ``namespaces`` (those with incidents, most messages first:
        namespace, incidents, severities, messages, messages_per_week, alarms_per_week, over_budget), sentence, warnings, notes.

    Raises:
        ConfigError: when no window was ever read whole.
    """
    with reading(store) as connection:
        span = _span(store.statement("replay/kept_windows"), connection, end, days)
        facts = facts_of(store, connection, span)
        limit = budget.limit_of(store, settings, connection, snapshot_id)
        outcomes, _ = judge(facts, [Side("baseline", settings, {snapshot_id: limit})], snapshot_id)
    outcome = outcomes[0]
    length = (span.end - span.start) / timedelta(days=1)
    namespaces = _namespaces(outcome, settings, length / 7)
    found: dict[str, Any] = {
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
        "days": round(length, 2),
        "incidents": len(outcome.incidents),
        "severities": by_severity(outcome.incidents),
        "messages": outcome.messages.total,
        "told": dict(sorted(outcome.messages.by_kind.items())),
        "namespaces": namespaces,
        "warnings": _warnings(namespaces, settings),
        "notes": list(_NOTES),
    }
    return {**found, "sentence": _sentence(found)}


def _span(statement: str, connection: Any, end: datetime, days: int) -> Interval:
    row = connection.execute(statement, {"end": end}).fetchone()
    first, last = row or (None, None)
    if first is None or last is None:
        return Interval(end - timedelta(days=days), end)
    end = min(end, last.astimezone(UTC) + WINDOW)
    settled = first.astimezone(UTC) + timedelta(days=FIRST_DAYS)
    return Interval(max(end - timedelta(days=days), settled if settled <= end - timedelta(days=1) else first.astimezone(UTC)), end)


def _namespaces(outcome: Outcome, settings: Settings, weeks: float) -> list[Row]:
    rows = []
    for name in sorted({row["namespace"] for row in outcome.incidents}):
        own = [row for row in outcome.incidents if row["namespace"] == name]
        alarms = sum(1 for row in own if _LEVELS.intersection(row["flags"])) / weeks
        told = outcome.messages.by_namespace.get(name, 0)
        rows.append(
            {
                "namespace": name,
                "incidents": len(own),
                "severities": by_severity(own),
                "messages": told,
                "messages_per_week": round(told / weeks, 2),
                "alarms_per_week": round(alarms, 2),
                "over_budget": alarms > settings.detectors.budget.false_alarms,
            }
        )
    return sorted(rows, key=lambda row: (-row["messages"], -row["incidents"], row["namespace"]))


def _warnings(namespaces: Sequence[Row], settings: Settings) -> list[str]:
    over = sorted((row for row in namespaces if row["over_budget"]), key=lambda row: (-row["alarms_per_week"], row["namespace"]))
    allowed = settings.detectors.budget.false_alarms
    said = [
        f"{row['namespace']}: {number(row['alarms_per_week'])} alarms a week, real ones included, where the budget allows "
        f"{number(allowed)} false ones: see whether they are of use ('ailog replay' tries other settings out)"
        for row in over[:_TOLD]
    ]
    return said + ([f"and {counted(len(over) - _TOLD, 'more namespace')} above the budget"] if len(over) > _TOLD else [])


def _sentence(found: dict[str, Any]) -> str:
    lead = f"over the last {counted(round(found['days']), 'day')} you would have been told {counted(found['messages'], 'time')}"
    if not found["incidents"]:
        return f"{lead}: no incident was found"
    severities = ", ".join(f"{count} {severity}" for severity, count in found["severities"].items())
    told = [(row["namespace"], row["messages"]) for row in found["namespaces"] if row["messages"]]
    most = f"; most often of {listing(told, 3)}" if told else ""
    return f"{lead}: {counted(found['incidents'], 'incident')} ({severities}){most}"
