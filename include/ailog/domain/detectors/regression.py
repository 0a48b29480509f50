"""Regression: what a person declared fixed is seen again, compared by event time.

Where the version of the fix and of the application are known, only a version that is not older than the fix fires; an older one says that
it is still running. Where one of them is unknown, it fires when it comes back after a quiet period (``regression.quiet_hours``): so long
after it was declared fixed, and so long without a window that had ``regression.min_count`` events of it. Events from before the fix fire
never, whenever they arrive.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from ailog.domain import semver
from ailog.domain.detectors.judged import Judged, verdicts
from ailog.domain.events import WINDOW
from ailog.domain.fixes import CONFIDENCES, Confidence, Fix, matches
from ailog.domain.wording import head, lasting, number, one_line, utc

VAGUE_WEIGHT: Final = 0.6
"""Share of the points where only category and application, or a pattern, say that it is the same problem."""

_NAMED: Final = 4

_Key = tuple[pd.Timestamp, str, str]


def regression(judged: Judged) -> pd.DataFrame:
    """One verdict per window, namespace and problem that was ever declared fixed: of the fix that says most about it."""
    return verdicts(_rows(judged))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """The events of a window, namespace and problem that one fix is about."""

    fix: Fix
    confidence: Confidence
    count: float
    last_event: pd.Timestamp
    versions: tuple[tuple[frozenset[str], float], ...]
    """Versions with their events, kind by kind, of those since the fix."""
    names: frozenset[str]
    """Under which names earlier sightings of it are found: families, or the problem."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one fix says of one candidate."""

    candidate: _Candidate
    stage: str
    words: str
    value: float
    by_version: bool
    versions: tuple[str, ...] = ()
    quiet: timedelta | None = None


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    if not judged.fixes or judged.kinds.empty:
        return
    kinds = judged.kinds if "family" in judged.kinds else judged.kinds.assign(family=judged.kinds["fingerprint"])
    seen = _Sightings(judged.sightings)
    for key, candidates in sorted(_candidates(judged.fixes, kinds).items()):
        found = [one for candidate in candidates if (one := _judge(judged, key, candidate, seen)) is not None]
        if found:
            yield _row(judged, key, _foremost(found))


class _Kinds:
    """The columns of kinds as plain lists: candidates are many and small."""

    def __init__(self, kinds: pd.DataFrame) -> None:
        self.windows = kinds["window_start"].tolist()
        self.namespaces, self.problems, self.families, self.apps = (
            kinds[name].tolist() for name in ("namespace", "problem_key", "family", "app")
        )
        self.counts = kinds["count"].astype(float).tolist()
        self.last_events = kinds["last_event"].tolist()
        self.versions = [frozenset(one) for one in kinds["versions"]] if "versions" in kinds else [frozenset[str]()] * len(kinds)

    def candidate(self, fix: Fix, confidence: Confidence, places: Sequence[int]) -> _Candidate:
        since = [place for place in places if self.last_events[place] >= fix.fixed_at]
        own = fix.apps if fix.kind == "incident" else frozenset[str]()
        by_family = confidence in {"EXACT", "RELATED"} and fix.kind != "problem"
        names = self.families if by_family else self.problems
        return _Candidate(
            fix=fix,
            confidence=confidence,
            count=sum(self.counts[place] for place in since),
            last_event=max(self.last_events[place] for place in places),
            versions=tuple((self.versions[place], self.counts[place]) for place in since if not own or self.apps[place] in own),
            names=frozenset(names[place] for place in places),
        )


def _candidates(fixes: Sequence[Fix], kinds: pd.DataFrame) -> dict[_Key, list[_Candidate]]:
    """Of each window, namespace and problem what each fix is about: by the surest way that finds anything of it there."""
    columns = _Kinds(kinds)
    taken: set[tuple[int, _Key]] = set()
    candidates: dict[_Key, list[_Candidate]] = {}
    for found in sorted(matches(tuple(fixes), kinds), key=lambda one: CONFIDENCES.index(one.confidence)):
        grouped: dict[_Key, list[int]] = {}
        for place in found.places.tolist():
            grouped.setdefault((columns.windows[place], columns.namespaces[place], columns.problems[place]), []).append(place)
        for key, places in grouped.items():
            if (id(found.fix), key) not in taken:
                candidates.setdefault(key, []).append(columns.candidate(found.fix, found.confidence, places))
        taken |= {(id(found.fix), key) for key in grouped}
    return candidates


def _judge(judged: Judged, key: _Key, candidate: _Candidate, seen: _Sightings) -> _Verdict | None:
    """What a fix says; None when it did not hold any more."""
    window, fix = key[0], candidate.fix
    if candidate.last_event < pd.Timestamp(fix.fixed_at):
        return _Verdict(candidate, "before_fix", "seen before that", 0.0, by_version=False)
    if fix.reopened_at is not None and window >= pd.Timestamp(fix.reopened_at):
        return None
    running = semver.ordered(frozenset().union(*(versions for versions, _ in candidate.versions)))
    fixed = semver.key(fix.fixed_in) if fix.fixed_in else None
    if fixed is not None and running:
        return _by_version(candidate, running, fixed)
    return _by_quiet(judged, key, candidate, seen, running)


def _by_version(candidate: _Candidate, running: Sequence[str], fixed: semver.Key) -> _Verdict:
    fixed_in = str(candidate.fix.fixed_in)
    with_fix = [version for version in running if (at := semver.key(version)) is not None and at >= fixed]
    older = [version for version in running if version not in with_fix]
    if not with_fix:
        words = f"seen in {_listed(older)}, fixed in {head(one_line(fixed_in), 40)}: the old version is still running"
        return _Verdict(candidate, "old_version", words, candidate.count, by_version=True, versions=tuple(running))
    value = sum(count for versions, count in candidate.versions if not versions.isdisjoint(with_fix))
    words = f"seen again in {_listed(with_fix)}" + (f" (and in {_listed(older)}, which does not have the fix)" if older else "")
    return _Verdict(candidate, "fired", words, value, by_version=True, versions=tuple(running))


def _by_quiet(judged: Judged, key: _Key, candidate: _Candidate, seen: _Sightings, running: Sequence[str]) -> _Verdict:
    rules = judged.settings.detectors.regression
    quiet = timedelta(hours=rules.quiet_hours)
    since_fix = key[0] - pd.Timestamp(candidate.fix.fixed_at)
    last = seen.before(key[1], candidate.names, key[0])
    pause = None if last is None else key[0] - last - WINDOW
    unknown = "version unknown" if not running else "version of the fix unknown"
    if candidate.fix.fixed_in and semver.key(candidate.fix.fixed_in) is None:
        unknown = f"the version of the fix, {head(one_line(candidate.fix.fixed_in), 40)}, is no X.Y.Z"
    judged_so = f"{unknown}: judged by quiet period of {lasting(quiet)}"
    if candidate.count < rules.min_count:
        stage, words = "floor", f"seen again; fewer than {number(rules.min_count)}"
    elif since_fix < quiet:
        stage, words = "settling", f"seen {lasting(max(since_fix, timedelta()))} after that, which is too soon to tell"
    elif pause is not None and pause < quiet:
        was = "in the window before" if pause <= timedelta() else f"{lasting(pause)} before"
        stage, words = "going_on", f"seen again, but also {was}: it did not stay away"
    else:
        away = since_fix if pause is None else min(since_fix, pause)
        stage, words = "fired", f"seen again after it stayed away for {'at least ' if pause is None else ''}{lasting(away)}"
    return _Verdict(candidate, stage, f"{words}; {judged_so}", candidate.count, by_version=False, versions=tuple(running), quiet=quiet)


def _foremost(found: Sequence[_Verdict]) -> _Verdict:
    """Versions say more than time; of equals the newest fix counts. One that came later than the events counts where there is no other."""

    def rank(one: _Verdict) -> tuple[bool, bool, Any, str]:
        since = one.stage != "before_fix"
        at = pd.Timestamp(one.candidate.fix.fixed_at).value
        return not since, not one.by_version, -at if since else at, one.candidate.fix.subject

    return min(found, key=rank)


def _row(judged: Judged, key: _Key, verdict: _Verdict) -> dict[str, Any]:
    candidate, fix = verdict.candidate, verdict.candidate.fix
    fired = verdict.stage == "fired"
    by_quiet = not verdict.by_version and verdict.stage != "before_fix"
    where = f" in {head(one_line(fix.fixed_in), 40)}" if fix.fixed_in else ""
    said = f"{fix.name} was declared fixed{where} by {head(one_line(fix.fixed_by), 60)} at {_time(fix.fixed_at)}"
    lead = "regression: " if fired else ""
    many = f"{number(verdict.value)} events in 15 min" if verdict.value else "no event since"
    return {
        "window_start": key[0],
        "namespace": key[1],
        "detector": "regression",
        "subject": key[2],
        "problem_key": key[2],
        "value": verdict.value,
        "threshold": float(judged.settings.detectors.regression.min_count) if by_quiet else None,
        "fired": fired,
        "stage": verdict.stage,
        "reason": f"{lead}{said}; {verdict.words}; {many}",
        "evidence": {
            "fix": fix.kind,
            "subject": fix.subject,
            "incident": fix.subject if fix.kind == "incident" else None,
            "confidence": candidate.confidence,
            "weight": 1.0 if candidate.confidence in {"EXACT", "RELATED"} else VAGUE_WEIGHT,
            "fixed_at": utc(fix.fixed_at),
            "fixed_in": fix.fixed_in,
            "versions": list(verdict.versions[:50]),
            "judged_by": "version" if verdict.by_version else "quiet period" if by_quiet else "event time",
        },
    }


def _listed(versions: Sequence[str]) -> str:
    """Versions oldest first, the newest of many."""
    shown = list(versions[-_NAMED:])
    return ("older ones, " if len(versions) > _NAMED else "") + ", ".join(shown)


def _time(moment: Any) -> str:
    return str(pd.Timestamp(moment).tz_convert("UTC").strftime("%Y-%m-%d %H:%M UTC"))


class _Sightings:
    """When something was seen, by namespace and name."""

    def __init__(self, sightings: pd.DataFrame) -> None:
        found: dict[tuple[str, str], list[pd.Timestamp]] = {}
        for name, namespace, window in zip(*(sightings[c] for c in ("name", "namespace", "window_start")), strict=True):
            found.setdefault((namespace, name), []).append(pd.Timestamp(window))
        self._found = {key: sorted(set(windows)) for key, windows in found.items()}

    def before(self, namespace: str, names: frozenset[str], window: pd.Timestamp) -> pd.Timestamp | None:
        """The newest window before a window in which one of the names was seen."""
        newest = [
            windows[place - 1]
            for name in names
            if (windows := self._found.get((namespace, name))) and (place := bisect_left(windows, window)) > 0
        ]
        return max(newest) if newest else None


def sightings_of(kinds: pd.DataFrame, min_count: int) -> pd.DataFrame:
    """What a run's own kinds add to the sightings: families, and problems, with at least ``min_count`` events in a window."""
    named = kinds if "family" in kinds else kinds.assign(family=kinds["fingerprint"])
    parts = []
    for column in ("family", "problem_key"):
        counts = named.groupby([column, "namespace", "window_start"], sort=True)["count"].sum().reset_index()
        parts.append(counts[counts["count"] >= min_count].rename(columns={column: "name"}).drop(columns="count"))
    return pd.concat(parts, ignore_index=True)


__all__ = ["VAGUE_WEIGHT", "regression", "sightings_of"]
