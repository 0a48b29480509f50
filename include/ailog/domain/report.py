"""What a problem report tells of, and the run in one sentence. The same facts give the same bytes: no clock enters a report.

The rooms: ``report_text`` for people, ``report_data`` (JSON and CSV) for machines, ``report_words`` for what they have in common.
Times are local with their zone for people, UTC for machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from ailog.domain.wording import counted, number, utc
from ailog.settings import SEVERITIES

SUMMARY: Final = 5
"""Incidents of the executive summary."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report tells of.

    ``run``: columns of ``analysis_runs`` and ``sources``; ``incidents``: rows of ``sql/reports/incidents``, gravest first, possibly
    fewer than ``incident_total``; ``namespaces``: rows of ``sql/reports/namespaces``; ``limits`` and ``gaps``: their one row each.
    """

    run: Mapping[str, Any]
    incidents: Sequence[Mapping[str, Any]]
    incident_total: int
    namespaces: Sequence[Mapping[str, Any]]
    limits: Mapping[str, Any]
    gaps: Mapping[str, Any]

    @property
    def errors(self) -> int:
        """Errors that the run counted in all namespaces."""
        return sum(int(row["errors"]) for row in self.namespaces)


def file_stem(run: Mapping[str, Any]) -> str:
    """``problem_report_20260131T0830Z``, from the end of the run's last window, so that a repeated run replaces its report.

    A backfill or baseline run, whose last window also ends a regular run, has its kind behind it.
    """
    stamp = run["window_to"].astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    kind = "" if run["kind"] in {"regular", "manual"} else f"_{run['kind']}"
    return f"problem_report_{stamp}{kind}"


def headline(facts: Facts) -> str:
    """The run in one sentence; never calls a namespace quiet that was not read."""
    about = "about " if any(row["estimated"] for row in facts.namespaces) else ""
    read = f"{counted(len(facts.namespaces), 'namespace')}, {about}{counted(facts.errors, 'error')}"
    if facts.run["status"] == "failed":
        return "the run failed: nothing is known about its windows"
    if not facts.incident_total:
        return f"no incidents; {read}, {_limits_said(facts)}"
    grades = Counter(incident["severity"] for incident in facts.incidents)
    graded = ", ".join(f"{grades[severity]} {severity}" for severity in reversed(SEVERITIES) if grades[severity])
    return f"{counted(facts.incident_total, 'incident')} ({graded}); {read}"


def _limits_said(facts: Facts) -> str:
    judged, passed = int(facts.limits["judged"] or 0), int(facts.limits["passed"] or 0)
    if not judged:
        return "not judged against limits"
    if not passed:
        return "all below their limits"
    return f"{passed:,} of {judged:,} window totals above their limit, none of them enough for an incident"


def ledger_line(facts: Facts) -> str:
    """``expected 57 = fetched 57 = stored 57, rejected 0, unknown 3.5 %, gaps none``; a broken balance is said."""
    run = facts.run
    figures = f"expected {number(run['expected'])} {_sign(run['expected'], run['fetched'])} fetched {number(run['fetched'])} "
    kept = None if run["stored"] is None else run["stored"] + (run["rejected"] or 0)
    figures += f"{_sign(run['fetched'], run['stored'])} stored {number(run['stored'])}, rejected {number(run['rejected'])}"
    unknown = "unknown" if run["unknown_share"] is None else f"{run['unknown_share']:.1%}"
    sampled = run.get("sampled")
    balanced = sampled or (None not in {run["expected"], run["fetched"], kept} and run["expected"] == run["fetched"] == kept)
    return f"{figures}, unclassified {unknown}" + ("" if balanced else " - NOT BALANCED")


def gap_line(facts: Facts) -> str:
    """Which windows of the look-back no complete run covers."""
    gaps = facts.gaps
    parts = [f"{int(gaps[kind])} {kind}" for kind in ("missing", "partial", "failed") if gaps[kind]]
    return f"{', '.join(parts)}, the oldest at {utc(gaps['oldest'])}" if parts else "none"


def _sign(left: int | None, right: int | None) -> str:
    return "=" if left is not None and left == right else "≠"
