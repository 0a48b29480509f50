"""From fired verdicts to peaks: one row per window, namespace and problem, with its flags, score and the sentence that says why.

A verdict counts only in the window and namespace where it is true. A namespace's spike is one peak, whatever number of kinds it is made
of: it belongs to the problem with the largest excess over its own norm, and the reason names the others when it is spread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from ailog.domain.continuation import Accepted, continuations, to_go_on
from ailog.domain.detectors.judged import NAMESPACE
from ailog.domain.problem import problem_key
from ailog.domain.propagation import UNKNOWN
from ailog.domain.scoring import FLAGS, ratio_of, score, spike_share
from ailog.domain.wording import listing, number, ranked
from ailog.settings import Settings

PEAK_COLUMNS: Final = (
    "window_start", "namespace", "problem_key", "original_value", "namespace_total", "baseline_mean", "threshold", "ratio",
    "detection_method", "is_spike", "is_burst", "is_new", "is_regression", "is_cascade", "is_cross_namespace", "is_silence",
    "is_escalating", "is_continuation", "severity", "score", "contributions", "reason", "apps", "fingerprints", "first_event", "last_event",
    "sample", "trace_id", "root_cause",
)  # fmt: skip

SUPPORTING: Final = frozenset({"cascade"})
"""Flags that mark a peak that others opened, and open none alone: errors that lead to errors are ordinary in a chain of services."""

_SPREAD_BELOW: Final = 0.5
"""A spike whose owner holds less than this share of the excess is told as spread."""

_NAMED: Final = 4

_Key = tuple[pd.Timestamp, str, str]


@dataclass
class _Peak:
    """What is known of one window, namespace and problem while it is put together."""

    count: int = 0
    apps: dict[str, int] = field(default_factory=dict)
    fingerprints: dict[str, int] = field(default_factory=dict)
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None


def silence_key(namespace: str) -> str:
    """The problem of a namespace that says nothing; there is no application to name the flow, so the namespace does."""
    return problem_key("UNKNOWN", namespace, "silence")


def spike_key(namespace: str) -> str:
    """The problem of a spike whose kinds are not known."""
    return problem_key("UNKNOWN", namespace, "unclassified")


def peaks(
    detections: pd.DataFrame,
    kinds: pd.DataFrame,
    totals: pd.DataFrame,
    problem_history: pd.DataFrame,
    root_causes: pd.DataFrame,
    open_incidents: pd.DataFrame,
    settings: Settings,
    samples: pd.DataFrame | None = None,
    declared_over: pd.DataFrame | None = None,
    accepted: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Merges the fired verdicts of a run.

    Args:
        detections: verdicts as the detectors give them; only fired ones matter.
        kinds: window_start, namespace, app, fingerprint, problem_key, count, first_event, last_event; optionally sample.
        totals: window_start, namespace, count.
        problem_history: namespace, problem_key, mean: events usual in one window. An optional column ``day`` (start of a UTC day) says of
            which day's windows they are the norm.
        root_causes: window_start, namespace, problem_key, cause (a mapping).
        open_incidents: problem_key, namespace, opening_count, last_window: windows of incidents that the run does not read itself, with
            their events; of an incident that is going on, from its first window on.
        settings: points, bands, and how an incident goes on.
        samples: fingerprint, sample; optionally window_start and app.
        declared_over: problem_key, namespace, until: incidents that a person resolved, and the last window that each may hold.
        accepted: window_start, namespace, problem_key (None: the namespace as a whole): windows after which a new level was taken as usual,
            those of the run and those of the days before it.

    Returns:
        ``PEAK_COLUMNS``, sorted by window, namespace and problem. An open incident gets a row in a window in which nothing fired for it
        when its problem still has, above its norm, ``continue_share`` of what it opened with (``is_continuation``).
    """
    known = _collect(kinds)
    norms = _Norms(problem_history)
    grid = zip(_moments(totals["window_start"]), totals["namespace"], totals["count"], strict=True)
    causes = {
        (w, str(n), str(p)): dict(cause)
        for w, n, p, cause in zip(
            _moments(root_causes["window_start"]), root_causes["namespace"], root_causes["problem_key"], root_causes["cause"], strict=True
        )
    }
    fired = _by_peak(detections, known, norms, causes)
    counts = {key: peak.count for key, peak in known.items()}
    going_on = continuations(fired.keys(), counts, norms.of, open_incidents, declared_over, Accepted(accepted), silence_key, settings)
    context = _Context(
        known=known,
        norms=norms,
        totals={(window, namespace): int(count) for window, namespace, count in grid},
        causes=causes,
        samples=_Samples(kinds, samples),
        settings=settings,
    )
    rows = [_row(key, verdicts, context) for key, verdicts in fired.items()]
    rows += [_continuation(key, opening, context) for key, opening in going_on.items()]
    # Objects first: an inferred text column would hold NaN where there is no trace.
    table = pd.DataFrame(rows, columns=list(PEAK_COLUMNS), dtype=object)
    flags = [name for name in PEAK_COLUMNS if name.startswith("is_")]
    table = table.astype(
        dict.fromkeys(("baseline_mean", "threshold", "ratio", "score"), "float64")
        | dict.fromkeys(("original_value", "namespace_total"), "int64")
        | dict.fromkeys(flags, "bool")
    )
    for name in ("window_start", "first_event", "last_event"):
        table[name] = pd.to_datetime(table[name], utc=True).astype("datetime64[us, UTC]")
    return table.sort_values(["window_start", "namespace", "problem_key"], kind="stable", ignore_index=True)


@dataclass(frozen=True)
class _Context:
    known: dict[_Key, _Peak]
    norms: _Norms
    totals: dict[tuple[pd.Timestamp, str], int]
    causes: dict[_Key, dict[str, Any]]
    samples: _Samples
    settings: Settings


class _Norms:
    """Events that are usual for a problem in a window of a namespace."""

    def __init__(self, history: pd.DataFrame) -> None:
        days = history["day"] if "day" in history else [None] * len(history)
        columns = (days, history["namespace"], history["problem_key"], history["mean"])
        self._days: dict[pd.Timestamp, pd.Timestamp] = {}
        self._means = {
            (None if day is None else pd.Timestamp(day), str(namespace), str(problem)): float(mean)
            for day, namespace, problem, mean in zip(*columns, strict=True)
        }

    def of(self, key: _Key) -> float | None:
        """The norm of a window, namespace and problem; None for what has never occurred."""
        window, namespace, problem = key
        if window not in self._days:
            self._days[window] = window.normalize()
        found = self._means.get((self._days[window], namespace, problem))
        return self._means.get((None, namespace, problem)) if found is None else found


class _Samples:
    """The message that shows a peak: of its largest fingerprint, from its largest application and its own window where there is one."""

    def __init__(self, kinds: pd.DataFrame, samples: pd.DataFrame | None) -> None:
        self._found: dict[tuple[Any, ...], str] = {}
        for frame in (samples, kinds if "sample" in kinds else None):
            if frame is None:
                continue
            windows = _moments(frame["window_start"]) if "window_start" in frame else [None] * len(frame)
            apps = frame["app"] if "app" in frame else [None] * len(frame)
            for window, fingerprint, app, text in zip(windows, frame["fingerprint"], apps, frame["sample"], strict=True):
                if isinstance(text, str) and text:
                    for start in (window, None):
                        for name in (app, None):
                            self._found.setdefault((fingerprint, name, start), text)

    def of(self, window: pd.Timestamp, peak: _Peak) -> str:
        apps = [*(name for name, _ in ranked(peak.apps)), None]
        for fingerprint, _ in ranked(peak.fingerprints):
            for start in (window, None):
                for app in apps:
                    text = self._found.get((fingerprint, app, start))
                    if text is not None:
                        return text
        return ""


def _moments(column: pd.Series) -> list[pd.Timestamp]:
    """Its values, each distinct one made once: a run has few windows and many rows."""
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    known = [pd.Timestamp(moment) for moment in distinct]
    return [known[code] for code in codes]


def _collect(kinds: pd.DataFrame) -> dict[_Key, _Peak]:
    found: dict[_Key, _Peak] = {}
    columns = ("namespace", "problem_key", "app", "fingerprint", "count", "first_event", "last_event")
    rows = zip(_moments(kinds["window_start"]), *(kinds[c].tolist() for c in columns), strict=True)
    for window, namespace, problem, app, fingerprint, count, first, last in rows:
        peak = found.setdefault((window, namespace, problem), _Peak())
        peak.count += int(count)
        peak.apps[app] = peak.apps.get(app, 0) + int(count)
        peak.fingerprints[fingerprint] = peak.fingerprints.get(fingerprint, 0) + int(count)
        peak.first = first if peak.first is None else min(peak.first, first)
        peak.last = last if peak.last is None else max(peak.last, last)
    return found


def _by_peak(
    detections: pd.DataFrame,
    known: Mapping[_Key, _Peak],
    norms: _Norms,
    causes: Mapping[_Key, Mapping[str, Any]],
) -> dict[_Key, list[dict[str, Any]]]:
    """The fired verdicts of each peak, in the order of ``FLAGS``."""
    fired = detections[detections["fired"].astype(bool) & detections["detector"].isin(FLAGS)]
    by_place: dict[tuple[pd.Timestamp, str], dict[str, _Peak]] = {}
    for (window, namespace, problem), peak in known.items():
        by_place.setdefault((window, namespace), {})[problem] = peak
    found: dict[_Key, list[dict[str, Any]]] = {}
    for verdict in fired.to_dict("records"):
        window, namespace = pd.Timestamp(verdict["window_start"]), str(verdict["namespace"])
        row: dict[str, Any] = {str(name): value for name, value in verdict.items()}
        if row["subject"] == NAMESPACE and row["detector"] in ("spike", "escalating"):
            problem, row["reason"] = _owner((window, namespace), by_place.get((window, namespace), {}), norms, causes, str(row["reason"]))
        elif row["detector"] == "silence":
            problem = silence_key(namespace)
        else:
            problem = str(row["problem_key"])
        found.setdefault((window, namespace, problem), []).append(row)
    return {
        key: sorted(rows, key=lambda row: (FLAGS.index(row["detector"]), -row["value"], row["subject"]))
        for key, rows in found.items()
        if any(row["detector"] not in SUPPORTING for row in rows)
    }


def _owner(
    place: tuple[pd.Timestamp, str],
    problems: Mapping[str, _Peak],
    norms: _Norms,
    causes: Mapping[_Key, Mapping[str, Any]],
    reason: str,
) -> tuple[str, str]:
    """The problem that a spike belongs to (ties: the first key), and the reason with the others when it is spread.

    It is the one with the largest excess over its norm, where the excess of a problem that ordered traces trace back to another one in
    the namespace counts for that one, in the share of the traces that do.
    """
    window, namespace = place
    if not problems:
        return spike_key(namespace), reason
    excess = {problem: peak.count - (norms.of((window, namespace, problem)) or 0.0) for problem, peak in problems.items()}
    credited = dict(excess)
    for problem, value in excess.items():
        cause = causes.get((window, namespace, problem)) or {}
        origin = cause.get("problem_key")
        told = cause.get("status") == "found" and cause.get("confidence") in ("high", "medium") and cause.get("namespace") == namespace
        if told and value > 0 and origin in problems:
            passed_on = value * float(cause["share"])
            credited[problem] -= passed_on
            credited[str(origin)] += passed_on
    owner = min(credited, key=lambda problem: (-credited[problem], problem))
    above = {problem: value for problem, value in excess.items() if value > 0}
    if len(above) < 2 or above.get(owner, 0.0) >= _SPREAD_BELOW * sum(above.values()):
        return owner, reason
    largest = {problem: problems[problem].count for problem in above}
    told_as = "begins with" if credited[owner] > excess[owner] else "spread over"
    lead = f"{told_as} {owner}; {len(above)} problems" if told_as == "begins with" else f"{told_as} {len(above)} problems"
    return owner, f"{reason}; {lead}: {listing(ranked(largest), _NAMED)}"


def _row(key: _Key, verdicts: list[dict[str, Any]], context: _Context) -> dict[str, Any]:
    window, namespace, _ = key
    peak = context.known.get(key, _Peak())
    shares: dict[str, float] = {}
    for verdict in verdicts:
        evidence = verdict.get("evidence") or {}
        graded = verdict["detector"] == "spike"
        share = spike_share(verdict["value"], evidence, verdict["threshold"]) if graded else float(evidence.get("weight", 1.0))
        shares[verdict["detector"]] = max(share, shares.get(verdict["detector"], 0.0))
    total = context.totals.get((window, namespace), peak.count)
    lead = verdicts[0]
    judged_whole = lead["detector"] == "spike" and lead["subject"] == NAMESPACE
    norm = context.norms.of(key)
    if lead["detector"] in ("spike", "silence", "escalating"):
        norm = None if lead["baseline"] is None or math.isnan(lead["baseline"]) else float(lead["baseline"])
    threshold = lead["threshold"]
    reasons = dict.fromkeys(_leading(verdicts))
    return _finish(
        key, peak, shares, context,
        value=lead["value"] if lead["detector"] == "escalating" else total if judged_whole else peak.count,
        total=total,
        baseline=norm,
        threshold=None if threshold is None or math.isnan(threshold) else float(threshold),
        reason="; ".join(reasons),
        limit_passed=any((verdict.get("evidence") or {}).get("limit_passed") for verdict in verdicts),
    )  # fmt: skip


def _leading(verdicts: list[dict[str, Any]]) -> list[str]:
    """One sentence per detector, that of its largest verdict."""
    told: dict[str, str] = {}
    for verdict in verdicts:
        told.setdefault(verdict["detector"], str(verdict["reason"]))
    return list(told.values())


def _continuation(key: _Key, opening: float, context: _Context) -> dict[str, Any]:
    window, namespace, _ = key
    peak = context.known[key]
    norm = context.norms.of(key)
    needed = to_go_on(opening, norm or 0.0, context.settings)
    figures = f"{number(peak.count)} errors of the problem in 15 min"
    reason = f"{figures}; the incident opened with {number(opening)} and goes on from {number(needed)}"
    total = context.totals.get((window, namespace), peak.count)
    return _finish(key, peak, {}, context, value=peak.count, total=total, baseline=norm, threshold=needed, reason=reason)


def _finish(
    key: _Key,
    peak: _Peak,
    shares: Mapping[str, float],
    context: _Context,
    *,
    value: float,
    total: int,
    baseline: float | None,
    threshold: float | None,
    reason: str,
    limit_passed: bool = False,
) -> dict[str, Any]:
    window, namespace, problem = key
    scored = score(shares, value, baseline, context.settings.scoring, limit_passed=limit_passed)
    cause = context.causes.get(key) or dict(UNKNOWN)
    flags = {f"is_{flag}": flag in shares for flag in FLAGS}
    trace = cause.get("example_trace") or cause.get("trace_id")
    return {
        "window_start": window,
        "namespace": namespace,
        "problem_key": problem,
        "original_value": peak.count,
        "namespace_total": total,
        "baseline_mean": baseline,
        "threshold": threshold,
        "ratio": ratio_of(value, baseline),
        "detection_method": "+".join(flag for flag in FLAGS if flag in shares) or "continuation",
        **flags,
        "is_continuation": not shares,
        "severity": scored.severity,
        "score": scored.total,
        "contributions": scored.contributions,
        "reason": reason,
        "apps": dict(ranked(peak.apps)),
        "fingerprints": sorted(peak.fingerprints),
        "first_event": window if peak.first is None else peak.first,
        "last_event": window if peak.last is None else peak.last,
        "sample": context.samples.of(window, peak),
        "trace_id": str(trace) if trace else None,
        "root_cause": cause,
    }
