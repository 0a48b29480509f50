"""New: a fingerprint that the look-back does not know, in any namespace of the same stage.

A new fingerprint of a known problem fires as well: a brand-new failure in a known flow must not be swallowed by an old problem. It is
told as a variant and weighs less. A fingerprint is new in the first window of the run that has enough of it, in every namespace that
has; after that it is known. Fingerprints of one family are one here. Candidates have at least ``new.min_count`` events in a window of a
namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from ailog.domain.detectors.judged import Judged, verdicts
from ailog.domain.wording import counted, number

VARIANT_WEIGHT: Final = 0.6
"""Share of the points that a new variant of a known problem earns."""


def new(judged: Judged) -> pd.DataFrame:
    """One verdict per new fingerprint, namespace and window it is new in, and one (stage ``known``) per known one in its first window."""
    return verdicts(_rows(judged))


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    rules = judged.settings.detectors.new
    kinds = judged.kinds
    if kinds.empty:
        return
    keys = ["window_start", "environment", "fingerprint", "namespace", "problem_key", "family"]
    kinds = kinds if "family" in kinds else kinds.assign(family=kinds["fingerprint"])
    counts = kinds.groupby(keys, sort=True, as_index=False).agg(count=("count", "sum"), apps=("app", "nunique"))
    before = _known_before(judged)
    told: dict[tuple[str, str], pd.Timestamp] = {}
    problems = {(p, e) for p, e in zip(judged.seen_problems["problem_key"], judged.seen_problems["environment"], strict=True)}
    order = {pd.Timestamp(window): place for place, window in enumerate(judged.windows)}
    for window, part in counts.groupby("window_start", sort=True):
        start = pd.Timestamp(str(window)) if not isinstance(window, pd.Timestamp) else window
        for row in part[part["count"] >= rules.min_count].to_dict("records"):
            identity = (row["family"], row["environment"])
            known = before.get(identity, 0.0) >= rules.min_count
            first = told.setdefault(identity, start)
            if first != start:
                continue
            variant = (row["problem_key"], row["environment"]) in problems
            yield _row(judged, row, known=known, variant=variant, read=judged.lookback_windows + order[start])
        for row in part.to_dict("records"):
            identity = (row["family"], row["environment"])
            before[identity] = before.get(identity, 0.0) + float(row["count"])
            problems.add((row["problem_key"], row["environment"]))


def _known_before(judged: Judged) -> dict[tuple[str, str], float]:
    seen = judged.seen
    events = seen["events"] if "events" in seen else pd.Series(float("inf"), index=seen.index)
    family = dict(zip(judged.kinds["fingerprint"], judged.kinds.get("family", judged.kinds["fingerprint"]), strict=True))
    before: dict[tuple[str, str], float] = {}
    for f, e, n in zip(seen["fingerprint"], seen["environment"], events, strict=True):
        identity = (family.get(f, f), e)
        before[identity] = max(before.get(identity, 0.0), float(n))
    return before


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
