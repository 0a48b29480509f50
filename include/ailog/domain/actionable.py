"""Which problems of a day a person should look at, and in what order: the executive summary's choice."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ailog.settings import SEVERITIES

Incident = Mapping[str, Any]

MANY: Final = 50
"""Events from which a problem is worth a look whatever else is known of it."""
CAP: Final = 150.0
_CAUSE: Final = {"high": 10.0, "medium": 5.0}
_FLAGS: Final = {"new": 8.0, "cross_namespace": 5.0, "spike": 5.0, "burst": 3.0}
_UNKNOWN: Final = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Problem:
    """The incidents of one problem on a day, gravest first; ``events`` and ``apps`` are of the day."""

    key: str
    incidents: tuple[Incident, ...]
    events: int
    apps: Mapping[str, int]
    flags: frozenset[str]

    @property
    def worst(self) -> Incident:
        """The gravest incident."""
        return self.incidents[0]

    @property
    def severity(self) -> str:
        """The gravest severity."""
        return max((str(incident["severity"]) for incident in self.incidents), key=SEVERITIES.index)

    @property
    def cause(self) -> Mapping[str, Any]:
        """The surest root cause; of equals that of the gravest incident."""
        return max((incident["root_cause"] or {} for incident in self.incidents), key=_sure)

    @property
    def actionable(self) -> bool:
        """Grave, large, a spike, in several namespaces, or with a sure cause; of an unknown kind only when large, a spike or wide."""
        wide = self.events >= MANY or bool(self.flags & {"spike", "cross_namespace"})
        if self.key.split(":", 1)[0].upper() == _UNKNOWN and "silence" not in self.flags:
            return wide
        return wide or SEVERITIES.index(self.severity) >= SEVERITIES.index("high") or self.cause.get("confidence") == "high"

    @property
    def order(self) -> float:
        """How far up the problem stands, at most ``CAP``: score, volume, reach, how sure the cause is, and flags."""
        volume = min(20.0, 6.0 * math.log10(self.events + 1))
        reach = min(10.0, 2.0 * max(0, len(self.apps) - 1))
        cause = _CAUSE.get(str(self.cause.get("confidence")), 0.0)
        flags = sum(points for flag, points in _FLAGS.items() if flag in self.flags)
        return min(CAP, max(float(i["score"]) for i in self.incidents) + volume + reach + cause + flags)


def problems_of(incidents: Sequence[Incident]) -> list[Problem]:
    """The problems of a day from its incidents (rows of ``sql/reports/incidents``): first what is to be acted on, then the rest, each in
    order; ties by volume, number of incidents, key.
    """
    grouped: dict[str, list[Incident]] = {}
    for incident in sorted(incidents, key=lambda row: (-row["score"], -int(row["run_count"]), row["namespace"])):
        grouped.setdefault(incident["problem_key"], []).append(incident)
    found = []
    for key, rows in grouped.items():
        apps: Counter[str] = Counter()
        for row in rows:
            apps.update({name: int(count) for name, count in row["apps"].items()})
        flags = frozenset(flag for row in rows for flag in row["flags"])
        found.append(Problem(key, tuple(rows), sum(int(row["run_count"]) for row in rows), dict(apps), flags))
    return sorted(found, key=lambda one: (not one.actionable, -one.order, -one.events, -len(one.incidents), one.key))


def _sure(cause: Mapping[str, Any]) -> int:
    word = cause.get("confidence")
    return ("none", "low", "medium", "high").index(word) if word in {"low", "medium", "high"} else 0
