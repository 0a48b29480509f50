"""New: a fingerprint that the look-back does not know, in any namespace of the same stage.

A new fingerprint of a known problem fires as well: a brand-new failure in a known flow must not be swallowed by an old problem. It is
told as a variant and weighs less. A fingerprint is new in the first window that has enough of it, in every namespace that has; after
that it is known. Fingerprints of one family are one here. Candidates have at least ``new.min_count`` events in a window of a
namespace.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import pandas as pd

from ailog.domain.detectors.judged import Judged, verdicts
from ailog.domain.wording import counted, number

VARIANT_WEIGHT: Final = 0.6
"""Share of the points that a new variant of a known problem earns."""


def new(judged: Judged) -> pd.DataFrame:
    """One verdict per window, namespace and fingerprint with enough events: new (fired) or known."""
    return verdicts(_rows(judged))


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    rules = judged.settings.detectors.new
    kinds = judged.kinds
    if kinds.empty:
        return
    keys = ["window_start", "environment", "fingerprint", "namespace", "problem_key", "family"]
    kinds = kinds if "family" in kinds else kinds.assign(family=kinds["fingerprint"])
    counts = kinds.groupby(keys, sort=True, as_index=False).agg(count=("count", "sum"), apps=("app", "nunique"))
    walk = _Walk(judged)
    for window, group in groupby(counts.to_dict("records"), key=itemgetter("window_start")):
        part = list(group)
        walk.advance(window)
        for row in part:
            if row["count"] < rules.min_count:
                continue
            known = walk.events.get((row["family"], row["environment"]), 0.0) >= rules.min_count
            variant = (row["problem_key"], row["environment"]) in walk.problems
            yield _row(judged, row, known=known, variant=variant, read=judged.lookback_windows + walk.windows)
        walk.add(part)


class _Walk:
    """What was known when a window began, from window to window of the day, those that are not judged here included."""

    def __init__(self, judged: Judged) -> None:
        self.events: dict[tuple[str, str], float] = {}
        """Events of each family and stage."""
        self.problems: set[tuple[str, str]] = set()
        self._known_of = dict(zip(judged.kinds["fingerprint"], judged.kinds.get("family", judged.kinds["fingerprint"]), strict=True))
        self._seen = _by_window(judged.seen, "fingerprint")
        self._problems = _by_window(judged.seen_problems, "problem_key")
        self._read = sorted({pd.Timestamp(w) for w in (*judged.windows, *judged.read_today)})
        self.windows = 0
        """Windows of the day that were read before."""
        self.advance(None)

    def advance(self, window: pd.Timestamp | None) -> None:
        """Takes up what other windows before this one hold."""
        due = [w for w in self._seen if w is None or (window is not None and w < window)]
        for name, environment, events in (row for w in due for row in self._seen.pop(w)):
            identity = (self._known_of.get(name, name), environment)
            self.events[identity] = self.events.get(identity, 0.0) + events
        for w in [w for w in self._problems if w is None or (window is not None and w < window)]:
            self.problems |= {(name, environment) for name, environment, _ in self._problems.pop(w)}
        if window is not None:
            self.windows = bisect_left(self._read, window)

    def add(self, part: Iterable[Mapping[Any, Any]]) -> None:
        """Takes up a judged window."""
        for row in part:
            identity = (row["family"], row["environment"])
            self.events[identity] = self.events.get(identity, 0.0) + float(row["count"])
            self.problems.add((row["problem_key"], row["environment"]))


def _by_window(seen: pd.DataFrame, name: str) -> dict[pd.Timestamp | None, list[tuple[str, str, float]]]:
    """Name, stage and events by window; None for the time before the day."""
    events = seen["events"] if "events" in seen else [float("inf")] * len(seen)
    windows = seen["window_start"] if "window_start" in seen else [None] * len(seen)
    found: dict[pd.Timestamp | None, list[tuple[str, str, float]]] = {}
    for window, key, environment, count in zip(windows, seen[name], seen["environment"], events, strict=True):
        start = None if window is None or pd.isna(window) else pd.Timestamp(window)
        found.setdefault(start, []).append((key, environment, float(count)))
    return found


def _row(judged: Judged, row: dict[Any, Any], *, known: bool, variant: bool, read: int) -> dict[str, Any]:
    days = judged.settings.detectors.new.lookback_days
    count, stage = float(row["count"]), row["environment"]
    figures = f"{number(count)} events of one kind in 15 min"
    if known:
        reason = f"{figures}; the kind was seen in stage {stage} within the last {days} days"
    elif read == 0:
        reason = f"{figures}; not seen before, but this is the first window ever read"
    else:
        reason = f"{figures}, never seen in stage {stage} in the {counted(read, 'window')} read within the last {days} days"
        reason += "; a new variant of a known problem" if variant else ""
    evidence = {
        "environment": stage,
        "lookback_windows": read,
        "lookback_days": days,
        "variant_of_known": variant and not known,
        "weight": VARIANT_WEIGHT if variant else 1.0,
        "apps": int(row["apps"]),
    }
    return {
        "window_start": row["window_start"],
        "namespace": row["namespace"],
        "detector": "new",
        "subject": row["fingerprint"],
        "problem_key": row["problem_key"],
        "fingerprint": row["fingerprint"],
        "value": count,
        "threshold": float(judged.settings.detectors.new.min_count),
        "fired": not known,
        "stage": "known" if known else "fired",
        "reason": reason,
        "evidence": evidence,
    }
