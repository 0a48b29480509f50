"""What people declared fixed, as far as a run is about it, and when it was seen since: what the regression detector reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
import psycopg
from psycopg.rows import dict_row

from ailog.domain.detectors.regression import sightings_of
from ailog.domain.fixes import Fix
from ailog.domain.wording import head, one_line, short_key
from ailog.pipeline import frames
from ailog.ports import Store
from ailog.settings import Settings


def gather(
    store: Store, settings: Settings, connection: psycopg.Connection, values: Mapping[str, Any], kinds: pd.DataFrame
) -> tuple[tuple[Fix, ...], pd.DataFrame]:
    """The fixes of the run's kinds, and their sightings: name (a family or a problem's key), namespace, window_start."""
    nothing = pd.DataFrame({"name": [], "namespace": [], "window_start": []}, dtype=object)
    if kinds.empty:
        return (), nothing
    first, last = min(values["windows"]), max(values["windows"])
    wanted = {
        **values,
        "first": first,
        "fingerprints": sorted(set(kinds["fingerprint"])),
        "problems": sorted(set(kinds["problem_key"])),
        "namespaces": sorted(set(kinds["namespace"])),
    }

    def rows(name: str) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(store.statement(name), wanted).fetchall()

    found = (
        *(_issue(row) for row in rows("regression/issues")),
        *(_problem(row) for row in rows("regression/problems")),
        *(_incident(row) for row in rows("regression/incidents")),
    )
    if not found:
        return (), nothing
    rules = settings.detectors.regression
    present = set(kinds["family"])
    families = sorted(frozenset().union(*(fix.families | fix.related for fix in found)) & present)
    since = first - timedelta(hours=rules.quiet_hours, minutes=15)
    vague = any(fix.category or fix.pattern for fix in found)
    fixed_problems = {fix.problem_key for fix in found if fix.kind == "problem"}
    more = {
        **wanted,
        "families": families,
        "since": since,
        "last": last,
        "min_count": rules.min_count,
        "problems": wanted["problems"] if vague else sorted(one for one in fixed_problems if one),
    }
    stored = frames.read(store, connection, "regression/sightings", more)[["name", "namespace", "window_start"]]
    return found, pd.concat([stored, sightings_of(kinds, rules.min_count)], ignore_index=True)


def _issue(row: Mapping[str, Any]) -> Fix:
    return Fix(
        "issue",
        row["subject"],
        f"{row['subject']} ({head(one_line(row['title']), 80)})",
        row["resolved_at"],
        row["resolved_by"],
        row["fixed_in"],
        row["reopened_at"],
        families=frozenset({row["family"]} - {None}),
        related=frozenset(row["related"]),
        category=row["category"],
        apps=frozenset(row["apps"]),
        namespaces=frozenset(row["namespaces"]),
        pattern=row["pattern"],
    )


def _problem(row: Mapping[str, Any]) -> Fix:
    name = f"{row['problem_id'] or 'the problem'} ({short_key(row['subject'], 80)})"
    return Fix(
        "problem", row["subject"], name, row["resolved_at"], row["resolved_by"], row["fixed_in"], row["reopened_at"],
        problem_key=row["subject"],
    )  # fmt: skip


def _incident(row: Mapping[str, Any]) -> Fix:
    return Fix(
        "incident",
        row["incident_id"],
        f"incident {row['incident_id'][:8]}",
        row["resolved_at"],
        row["resolved_by"],
        row["fixed_in"],
        families=frozenset(row["families"]),
        problem_key=row["problem_key"],
        apps=frozenset(row["apps"]),
        namespaces=frozenset({row["namespace"]}),
    )
