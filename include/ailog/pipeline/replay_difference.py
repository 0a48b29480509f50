"""What two judgements of the same span differ in: incidents gained, lost and graded otherwise, and messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from ailog.settings import SEVERITIES

Row = dict[str, Any]
_GRADE: Final = ("severity", "score", "flags")
_SHOWN: Final = (
    "incident_id", "namespace", "problem_key", "opened_window", "last_window", "windows", "event_count", "peak_count", "severity", "score",
    "flags", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Messages:
    """Messages in all and by namespace. One message may tell of several namespaces, so these add up to more."""

    total: int
    by_namespace: Mapping[str, int]
    by_kind: Mapping[str, int]
    """How often incidents were told, by why: opened, grown ..."""


@dataclass(frozen=True)
class Outcome:
    """What one way to judge makes of a span: its incidents as rows, and its messages."""

    incidents: Sequence[Row]
    messages: Messages


def shown(incidents: pd.DataFrame) -> list[Row]:
    """Incidents as plain rows of what is compared and told, sorted by opening, namespace and problem."""
    rows = []
    for row in incidents.to_dict("records"):
        one: Row = {name: row[name] for name in _SHOWN}
        for name in ("opened_window", "last_window"):
            one[name] = one[name].to_pydatetime()
        rows.append({**one, "incident_id": str(one["incident_id"]), "flags": list(one["flags"])})
    return sorted(rows, key=lambda one: (one["opened_window"], one["namespace"], one["problem_key"]))


def difference(before: Outcome, after: Outcome, apart: timedelta) -> Row:
    """``total``, ``namespaces`` (those with anything to tell), ``gained``, ``lost``, ``regraded``: all of them, in the order of time.

    Incidents of one problem and namespace are the same when their windows meet or are at most ``apart``: a rule that opens one a window
    later has not found another one. Of two that became one, or of one in two parts, the second is gained or lost with ``part_of``: the id
    of the incident on the other side that holds its time.
    """
    pairs = list(_matched(before.incidents, after.incidents, apart))
    gained = _parts([new for old, new in pairs if old is None and new is not None], before.incidents)
    lost = _parts([old for old, new in pairs if new is None and old is not None], after.incidents)
    both = [(old, new) for old, new in pairs if old is not None and new is not None]
    regraded = [_regraded(old, new) for old, new in both if any(old[name] != new[name] for name in _GRADE)]
    total = {
        **_sums(before.incidents, after.incidents, gained, lost, regraded),
        "split": sum(row["part_of"] is not None for row in gained),
        "joined": sum(row["part_of"] is not None for row in lost),
        "messages_before": before.messages.total,
        "messages_after": after.messages.total,
        "told_before": dict(sorted(before.messages.by_kind.items())),
        "told_after": dict(sorted(after.messages.by_kind.items())),
    }
    names = {row["namespace"] for row in (*before.incidents, *after.incidents)}
    names |= {*before.messages.by_namespace, *after.messages.by_namespace}
    namespaces = []
    for name in sorted(names):
        own = [[row for row in rows if row["namespace"] == name] for rows in (before.incidents, after.incidents, gained, lost, regraded)]
        told = before.messages.by_namespace.get(name, 0), after.messages.by_namespace.get(name, 0)
        namespaces.append({"namespace": name, **_sums(*own), "messages_before": told[0], "messages_after": told[1]})
    return {"total": total, "namespaces": namespaces, "gained": gained, "lost": lost, "regraded": regraded}


def by_severity(incidents: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many there are of each severity, the gravest first; those of which there is none are left out."""
    counts = Counter(str(row["severity"]) for row in incidents)
    return {severity: counts[severity] for severity in reversed(SEVERITIES) if counts[severity]}


def _sums(before: Sequence[Row], after: Sequence[Row], gained: Sequence[Row], lost: Sequence[Row], regraded: Sequence[Row]) -> Row:
    return {
        "incidents_before": len(before),
        "incidents_after": len(after),
        "severities_before": by_severity(before),
        "severities_after": by_severity(after),
        "gained": len(gained),
        "lost": len(lost),
        "regraded": len(regraded),
    }


def _regraded(old: Row, new: Row) -> Row:
    return {
        **{name: new[name] for name in ("incident_id", "namespace", "problem_key", "opened_window", "last_window")},
        **{f"{name}_{when}": row[name] for name in (*_GRADE, "windows", "reason") for when, row in (("before", old), ("after", new))},
    }


def _matched(before: Sequence[Row], after: Sequence[Row], apart: timedelta) -> list[tuple[Row | None, Row | None]]:
    """Each incident once: with the first one of the other side that it meets and that is free, or alone."""
    free: dict[tuple[str, str], list[Row]] = {}
    for row in after:
        free.setdefault((row["namespace"], row["problem_key"]), []).append(row)
    pairs: list[tuple[Row | None, Row | None]] = []
    for old in before:
        others = free.get((old["namespace"], old["problem_key"]), [])
        found = next((new for new in others if _meet(old, new, apart)), None)
        if found is not None:
            others.remove(found)
        pairs.append((old, found))
    pairs += [(None, new) for rows in free.values() for new in rows]

    def place(pair: tuple[Row | None, Row | None]) -> tuple[datetime, str, str]:
        one = pair[0] or pair[1] or {}
        return one["opened_window"], one["namespace"], one["problem_key"]

    return sorted(pairs, key=place)


def _parts(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """The rows, each with the id of the incident among the others that holds its time."""
    known: dict[tuple[str, str], list[Row]] = {}
    for other in others:
        known.setdefault((other["namespace"], other["problem_key"]), []).append(other)
    found = []
    for row in rows:
        same = (other for other in known.get((row["namespace"], row["problem_key"]), ()) if _meet(row, other, timedelta()))
        found.append({**row, "part_of": next((str(other["incident_id"]) for other in same), None)})
    return found


def _meet(one: Row, other: Row, apart: timedelta) -> bool:
    later = max(one["opened_window"], other["opened_window"])
    return bool(later <= min(one["last_window"], other["last_window"]) + apart)
