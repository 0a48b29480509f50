"""Silences: messages that people do not want for a while. Incidents are judged and stored all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final

from ailog.domain.wording import lasting
from ailog.settings import SEVERITIES, Severity

ANY: Final = "*"
_LEAST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """Hides incidents of the problems and namespaces that two patterns name, up to a severity.

    ``fingerprints``: an incident is meant when all of its own are among them; none means any. ``up_to`` is the gravest severity that is
    hidden: a silence never hides more than it was made for, so an incident that becomes graver is told.
    """

    silence_id: int
    problem_key: str
    namespace: str
    fingerprints: frozenset[str]
    up_to: Severity
    owner: str
    reason: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Silence:
        """From a row of ``silences``."""
        values = {name: row[name] for name in cls.__dataclass_fields__}
        return cls(**{**values, "fingerprints": frozenset(row["fingerprints"])})

    def hides(self, incident: Mapping[str, Any], now: datetime) -> bool:
        """Whether messages about the incident are hidden now. Its severity is the highest that it ever had."""
        own = set(incident["fingerprints"])
        return (
            self.created_at <= now < self.expires_at
            and fnmatchcase(incident["problem_key"], self.problem_key)
            and fnmatchcase(incident["namespace"], self.namespace)
            and (not self.fingerprints or (bool(own) and own <= self.fingerprints))
            and SEVERITIES.index(incident["severity"]) <= SEVERITIES.index(self.up_to)
        )


def hiding(silences: Sequence[Silence], incident: Mapping[str, Any], now: datetime) -> Silence | None:
    """The silence that hides an incident: of several the one that lasts longest; None when it may be told."""
    found = [silence for silence in silences if silence.hides(incident, now)]
    return max(found, key=lambda silence: (silence.expires_at, -silence.silence_id)) if found else None


def problems(values: Mapping[str, Any], now: datetime, longest: timedelta) -> list[str]:
    """What is wrong with a silence that somebody asks for, one sentence each with its remedy; empty when it can be made."""
    found = []
    if values["problem_key"] == ANY and values["namespace"] == ANY and not values["fingerprints"]:
        found.append("it would hide everything: give a problem, a namespace or a fingerprint (to stop all messages, notify.channels: [])")
    needed = {"reason": "why", "owner": "whom to ask"}
    empty = [name for name in needed if not values[name].strip()]
    found += [f"the {name} is empty: whoever meets the silence must know {needed[name]}" for name in empty]
    span = values["expires_at"] - now
    if span < _LEAST:
        found.append(f"it would be over already at {values['expires_at'].isoformat(timespec='minutes')}: give a later end")
    elif span > longest:
        found.append(f"it would last {lasting(span)}, longer than {lasting(longest)} (notify.silence_max_days): give an earlier end")
    return found
