"""The command budget: the budget of false alarms against what people were told, and what they said of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments
from ailog.connections import from_environment
from ailog.domain.budget_kept import WORDS
from ailog.domain.events import floor_to_window
from ailog.domain.wording import counted
from ailog.orchestration.composition import Composition
from ailog.pipeline.spent import spent

STATEMENT_SECONDS = 60
NAMESPACES = {
    "namespace": "namespace",
    "told": "told",
    "told_per_week": "a week",
    "useful": "useful",
    "not_useful": "not useful",
    "unlabelled": "not labelled",
    "precision": "precision",
    "false_per_week": "false a week, at least",
    "most_false_per_week": "at most",
    "budget_kept": "budget",
}


def budget(arguments: Arguments) -> int:
    """The keys of ``--json`` are those of ``pipeline.spent.spent``; all namespaces, whatever ``--limit``."""
    given = settings.load()
    weeks = arguments.weeks or given.thresholds.weeks
    with closing(Composition(given, from_environment).store_within(STATEMENT_SECONDS, "ailog budget")) as store:
        found = spent(store, given, floor_to_window(datetime.now(UTC)), weeks, arguments.namespace)
    if arguments.json:
        out.as_json(found)
        return 0
    stated, margin, total = found["stated"], found["margin"], found["total"]
    out.say(f"stated: at most {counted_alarms(stated['false_alarms'])} per namespace and week, spend {stated['spend']}")
    out.say(f"margin in force: score {margin['alarm_limit']:.1f}; {expected(margin)}")
    out.say(f"told: {told(total)}")
    shown = [{**row, "precision": "unknown" if row["precision"] is None else f"{row['precision']:.0%}"} for row in found["namespaces"]]
    out.table(f"namespaces, the worst first ({min(len(shown), arguments.limit)} of {len(shown)})", shown[: arguments.limit], NAMESPACES)
    for word in sorted({row["budget_kept"] for row in found["namespaces"]}):
        out.say(f"{word}: {WORDS[word]}")
    if total["unlabelled"]:
        out.say("label what was told: ailog incidents useful ID, ailog incidents not-useful ID")
    return 0


def counted_alarms(amount: float) -> str:
    """``1 false alarm``, ``0.25 false alarms``."""
    return f"{amount:g} false alarm{'' if amount == 1 else 's'}"


def expected(margin: Mapping[str, Any]) -> str:
    """What the margin was solved to let through, or why that is not known."""
    if margin["solved"]:
        return (
            f"expected there {margin['expected_false']:.2g} false alarms and {margin['expected_incidents']:.2g} incidents per namespace "
            f"and week, from {margin['series_weeks']:,.0f} series-weeks (snapshot {margin['snapshot_id'][:8]})"
        )
    if margin["snapshot_id"] is None:
        return "what holds before any history: no thresholds were trained yet"
    return f"what holds before any history: snapshot {margin['snapshot_id'][:8]} was solved for another budget; run 'ailog thresholds'"


def told(total: Mapping[str, Any]) -> str:
    """All namespaces in one line."""
    labels = f"{total['useful']} useful, {total['not_useful']} not useful, {total['unlabelled']} not labelled"
    precision = "precision unknown, nobody labelled one" if total["precision"] is None else f"precision {total['precision']:.0%} of those"
    judged = f"{counted(total['namespaces'], 'namespace')} over {total['weeks'] / max(total['namespaces'], 1):.1f} judged weeks"
    return f"{counted(total['told'], 'incident')} of {judged}: {labels}; {precision}"
