"""Incidents that the simulator injects, and the truth about them that a run is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ailog.domain.events import WINDOW

Flag = Literal["spike", "burst", "new", "cross_namespace", "cascade", "silence"]


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident to inject, in windows counted from the start of the live part.

    ``count`` is the number of faults in each window and namespace; every fault may be several records when it travels up the calls.
    A spike has a ``factor`` of the usual amount instead and no service: all kinds rise together. A silence has neither.
    """

    flag: Flag
    namespaces: tuple[str, ...]
    window: int
    windows: int = 1
    service: str | None = None
    exception: str | None = None
    count: int = 0
    factor: float = 0.0
    seconds: float | None = None
    """All faults of a window fall in so many seconds (None: over the whole window)."""

    def __post_init__(self) -> None:
        if self.window < 0 or self.windows < 1 or not self.namespaces:
            raise ValueError(f"incident {self.flag}: give namespaces, a window from 0 on and at least one window")
        if self.flag == "spike" and self.factor <= 1:
            raise ValueError(f"incident spike: factor {self.factor} is no rise; give more than 1")
        if self.flag not in ("spike", "silence") and (self.service is None or self.exception is None or self.count < 1):
            raise ValueError(f"incident {self.flag}: give service, exception and a count above 0")


@dataclass(frozen=True, slots=True)
class Truth:
    """What was injected, in times: which flag is expected, where, in which windows, and where it began."""

    flag: Flag
    namespaces: tuple[str, ...]
    windows: tuple[datetime, ...]
    service: str | None
    exception: str | None
    root_service: str | None
    faults: int
    """Faults injected per window and namespace (for a spike: the factor of the usual amount, rounded)."""
    story: str


def truth_of(incident: Incident, live_start: datetime) -> Truth:
    """The truth about an incident of a scenario whose live part starts at ``live_start``."""
    windows = tuple(live_start + (incident.window + offset) * WINDOW for offset in range(incident.windows))
    where = " and ".join(incident.namespaces)
    stories: dict[Flag, str] = {
        "spike": f"{where} logs {incident.factor:g} times its usual errors",
        "burst": f"{incident.count} errors of {incident.service} in {where} within {incident.seconds or 900:g} s",
        "new": f"{incident.service} in {where} logs an error never seen before",
        "cross_namespace": f"the same fault of {incident.service} in {where}",
        "cascade": f"{incident.service} in {where} loses its database, its callers fail after it",
        "silence": f"{where} says nothing at all",
    }
    return Truth(
        flag=incident.flag,
        namespaces=incident.namespaces,
        windows=windows,
        service=incident.service,
        exception=incident.exception,
        root_service=incident.service if incident.flag == "cascade" else None,
        faults=incident.count or round(incident.factor),
        story=stories[incident.flag],
    )


QUIET_WINDOWS: Final = 34
"""Live windows from midnight to 08:30 UTC before the first default incident."""

DEFAULT_INCIDENTS: Final = (
    Incident("spike", ("pca-uat-01-app",), QUIET_WINDOWS, factor=9),
    Incident("new", ("pch-sit-01-app",), QUIET_WINDOWS + 1, 2, "channel-events", "channels.events.SchemaUnknownException", count=14),
    Incident("burst", ("pch-fat-01-app",), QUIET_WINDOWS + 1, 1, "push-sender", "PushTokenError", count=600, seconds=10),
    Incident("cascade", ("pcb-uat-01-app",), QUIET_WINDOWS + 2, 2, "ledger-store", "java.sql.SQLTransientConnectionException", count=110),
    Incident(
        "cross_namespace",
        ("pcb-sit-01-app", "pca-sit-01-app"),
        QUIET_WINDOWS + 2,
        1,
        "token-relay",
        "relay.tokens.SigningKeyUnknownException",
        count=45,
    ),
    Incident("silence", ("pch-uat-01-app",), QUIET_WINDOWS + 1, 3),
)
"""One incident of each kind in four windows, chosen so that none hides another."""
