"""Holds the incidents that a run found against those that were injected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from ailog.adapters.store.postgres import translated
from ailog.adapters.store.statements import load
from ailog.domain.events import WINDOW
from ailog.local.simulator_incidents import Truth


@dataclass(frozen=True, slots=True)
class Found:
    """One window of one incident, as stored."""

    incident_id: str
    window_start: datetime
    namespace: str
    problem_key: str
    events: int
    severity: str
    score: float
    flags: list[str]
    apps: list[str]
    root_app: str | None
    confidence: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one injected incident: the rows that show it, none when it was missed."""

    truth: Truth
    rows: tuple[Found, ...]

    @property
    def ok(self) -> bool:
        """Whether it was found in every namespace that it was injected into."""
        return {row.namespace for row in self.rows} == set(self.truth.namespaces)

    @property
    def first_window(self) -> datetime | None:
        """The first window in which it was seen."""
        return min((row.window_start for row in self.rows), default=None)

    @property
    def roots(self) -> tuple[str, ...]:
        """The services that were named as its root cause, most often first."""
        named = [row.root_app for row in self.rows if row.root_app]
        return tuple(sorted(set(named), key=lambda app: (-named.count(app), app)))

    @property
    def root_ok(self) -> bool | None:
        """Whether the root cause is the true one; None where the truth names none."""
        if self.truth.root_service is None:
            return None
        return self.roots[:1] == (self.truth.root_service,)


@dataclass(frozen=True, slots=True)
class Extra:
    """An incident that answers to no injected flag. ``beside`` names the injected incident of the same place and time, if any."""

    incident_id: str
    namespace: str
    problem_key: str
    first_window: datetime
    windows: int
    severity: str
    flags: tuple[str, ...]
    beside: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The comparison as a whole."""

    verdicts: tuple[Verdict, ...]
    extras: tuple[Extra, ...]

    @property
    def all_found(self) -> bool:
        """Whether no injected incident was missed."""
        return all(verdict.ok for verdict in self.verdicts)


def read(uri: str, start: datetime, end: datetime) -> list[Found]:
    """The incidents' windows in ``[start, end)`` from the product's database."""
    with (
        translated("read the incidents found"),
        psycopg.connect(uri, application_name="ailog demo") as connection,
        connection.cursor(row_factory=class_row(Found)) as cursor,
    ):
        return cursor.execute(load("demo/found"), {"start": start, "end": end}).fetchall()


def judge(truths: Sequence[Truth], found: Sequence[Found]) -> Outcome:
    """Finds each injected incident among the rows, and lists what else was reported."""
    verdicts = tuple(Verdict(truth, tuple(row for row in found if _answers(truth, row))) for truth in truths)
    claimed = {row.incident_id for verdict in verdicts for row in verdict.rows}
    extras = []
    for incident in dict.fromkeys(row.incident_id for row in found):
        if incident in claimed:
            continue
        rows = [row for row in found if row.incident_id == incident]
        extras.append(
            Extra(
                incident_id=incident,
                namespace=rows[0].namespace,
                problem_key=rows[0].problem_key,
                first_window=rows[0].window_start,
                windows=len(rows),
                severity=rows[0].severity,
                flags=tuple(sorted({flag for row in rows for flag in row.flags})),
                beside=next((truth.flag for truth in truths for row in rows if _beside(truth, row)), None),
            )
        )
    return Outcome(verdicts, tuple(extras))


def _answers(truth: Truth, row: Found) -> bool:
    """The flag, in one of the namespaces and windows, on a problem of the service (where there is one)."""
    return (
        truth.flag in row.flags
        and row.namespace in truth.namespaces
        and row.window_start in truth.windows
        and (truth.service is None or truth.service in row.apps or truth.service == row.root_app)
    )


def _beside(truth: Truth, row: Found) -> bool:
    """In a namespace of the injected incident, in its windows or the one after."""
    return row.namespace in truth.namespaces and truth.windows[0] <= row.window_start <= truth.windows[-1] + WINDOW
