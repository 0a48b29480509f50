"""What is known of an incident from before, in a line: the known peak that it is, and the incident that came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ailog.domain.wording import counted, head, lasting, one_line, tail


def known_peak_line(incident: Mapping[str, Any]) -> str:
    """``PK-000012, seen in 14 windows since 2026-01-31, typically 45 min; mitigation: ...``; empty when no such peak was seen before.

    Reads ``known_peak_id``, ``known_peak_seen`` and the mapping ``known_peak`` (since, minutes, mitigation, ticket, owner, status).
    """
    if not incident.get("known_peak_id"):
        return ""
    peak = incident.get("known_peak") or {}
    since = _date(peak.get("since"))
    said = f"{one_line(incident['known_peak_id'])}, seen in {counted(int(incident.get('known_peak_seen') or 0), 'earlier window')}"
    said += f" since {since}" if since else ""
    if peak.get("minutes"):
        said += f", typically {lasting(timedelta(minutes=int(peak['minutes'])))}"
    said += "".join(f", {one_line(peak[name])}" for name in ("ticket", "owner") if peak.get(name))
    return said + (f"; mitigation: {head(one_line(peak['mitigation']), 200)}" if peak.get("mitigation") else "")


def came_back_line(incident: Mapping[str, Any]) -> str:
    """``incident 1b4e28ba-..., resolved by ann on 2026-01-31``; empty for an incident that is no regression, or without an earlier one.

    Reads ``regression_of`` and the mapping ``earlier`` (namespace, resolved_by, resolved_at, last_window) of the earlier incident.
    """
    if not incident.get("regression_of"):
        return ""
    earlier = incident.get("earlier") or {}
    said = f"incident {incident['regression_of']}"
    if earlier.get("namespace") and earlier["namespace"] != incident.get("namespace"):
        said += f" in {tail(one_line(earlier['namespace']), 60)}"
    by = one_line(earlier.get("resolved_by"))
    if by and by not in {"quiet", "amended"}:
        return f"{said}, resolved by {head(by, 60)} on {_date(earlier.get('resolved_at'))}"
    return f"{said}, last seen {_date(earlier['last_window'])}" if earlier.get("last_window") else said


def record_facts(incident: Mapping[str, Any]) -> list[list[str]]:
    """Label and text of what there is to say."""
    pairs = [["Known peak", known_peak_line(incident)], ["Came back", came_back_line(incident)]]
    return [pair for pair in pairs if pair[1]]


def _date(value: datetime | str | None) -> str:
    """The UTC date; JSON brings times as text."""
    return "" if value is None else str(value)[:10] if isinstance(value, str) else f"{value:%Y-%m-%d}"
