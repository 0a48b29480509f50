"""What a problem report tells of, and the run in one sentence. The same facts give the same bytes: no clock enters a report.

The rooms: ``report_text`` for people, ``report_data`` (JSON and CSV) for machines, ``report_words`` for what they have in common.
Times are local with their zone for people, UTC for machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final

from ailog.domain.wording import counted
from ailog.settings import SEVERITIES

SUMMARY: Final = 5
"""Incidents of the executive summary."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report tells of: a run, or a span of windows (``run["kind"]`` is then ``day`` and there is no ``run_id``).

    ``run``: columns of ``analysis_runs`` (or of ``sql/reports/day``) and ``sources``; ``incidents``: rows of ``sql/reports/incidents``,
    gravest first, possibly fewer than ``incident_total``; ``limits`` and ``gaps``: their one row each. The other lists hold the rows of
    the statements of their name in ``sql/reports``: ``windows`` (every quarter hour of at least the 24 hours before the end, read or
    not), ``series`` (what was counted in them), ``episodes`` (incidents within them), ``days`` (the 28 days up to the end), ``versions``
    (by problem and namespace). ``stored_before``: what earlier runs had stored of exactly the same windows, None where not comparable.
    """

    run: Mapping[str, Any]
    incidents: Sequence[Mapping[str, Any]]
    incident_total: int
    namespaces: Sequence[Mapping[str, Any]]
    limits: Mapping[str, Any]
    gaps: Mapping[str, Any]
    problems: Sequence[Mapping[str, Any]] = ()
    categories: Sequence[Mapping[str, Any]] = ()
    rejected: Sequence[Mapping[str, Any]] = ()
    windows: Sequence[Mapping[str, Any]] = ()
    series: Sequence[Mapping[str, Any]] = ()
    episodes: Sequence[Mapping[str, Any]] = ()
    days: Sequence[Mapping[str, Any]] = ()
    versions: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    amendments: Sequence[Mapping[str, Any]] = ()
    stored_before: int | None = None

    @property
    def errors(self) -> int:
        """Errors that were counted in all namespaces."""
        return sum(int(row["errors"]) for row in self.namespaces)

    @property
    def estimated(self) -> bool:
        """Whether a count comes from a sample."""
        return any(row["estimated"] for row in self.namespaces)

    @property
    def by_severity(self) -> dict[str, int]:
        """Incidents of each severity, gravest first."""
        grades = Counter(str(incident["severity"]) for incident in self.incidents)
        return {severity: grades[severity] for severity in reversed(SEVERITIES)}


def file_stem(run: Mapping[str, Any]) -> str:
    """``problem_report_20260131T0830Z``, from the end of the run's last window, so that a repeated run replaces its report.

    A backfill or baseline run, whose last window also ends a regular run, has its kind behind it.
    """
    stamp = run["window_to"].astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    return f"problem_report_{stamp}{_kind(run)}"


def latest_stem(run: Mapping[str, Any]) -> str:
    """The name under which the newest report of this kind is found: ``problem_report_latest``, ``problem_report_latest_backfill``."""
    return f"problem_report_latest{_kind(run)}"


def _kind(run: Mapping[str, Any]) -> str:
    return "" if run["kind"] in {"regular", "manual"} else f"_{run['kind']}"


def headline(facts: Facts) -> str:
    """The run in one sentence; never calls a namespace quiet that was not read."""
    about = "at least " if facts.run["status"] == "partial" else "about " if facts.estimated else ""
    read = f"{counted(len(facts.namespaces), 'namespace')}, {about}{counted(facts.errors, 'error')}"
    if facts.run["status"] == "failed":
        return "the run failed: nothing is known about its windows"
    if facts.run["status"] == "unread":
        return "never analysed: nothing is known about these windows"
    if not facts.incident_total:
        return f"no incidents; {read}, {_limits_said(facts)}"
    graded = ", ".join(f"{count} {severity}" for severity, count in facts.by_severity.items() if count)
    return f"{counted(facts.incident_total, 'incident')} ({graded}); {read}"


def _limits_said(facts: Facts) -> str:
    judged, passed = int(facts.limits["judged"] or 0), int(facts.limits["passed"] or 0)
    if not judged:
        return "not judged against limits"
    if not passed:
        return "all below their limits"
    return f"{passed:,} of {judged:,} window totals above their limit, none of them enough for an incident"
