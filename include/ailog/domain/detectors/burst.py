"""Burst: many events of one fingerprint in seconds, whatever the total of the window.

The densest stretch of ``burst.seconds`` is held against the rate of the rest of the same window, so that a steady stream, however fast, is
none, and 5,000 events in ten seconds are one, alone or after 100 isolated ones. Candidates are fingerprints with at least
``burst.min_count`` events in the window; fewer cannot be a burst.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ailog.domain.detectors.judged import Judged, verdicts
from ailog.domain.events import WINDOW
from ailog.domain.wording import number

_WINDOW_SECONDS = WINDOW.total_seconds()


def burst(judged: Judged) -> pd.DataFrame:
    """One verdict per window, namespace and candidate fingerprint."""
    return verdicts(_rows(judged))


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    rules = judged.settings.detectors.burst
    candidates = judged.densest[judged.densest["count"] >= rules.min_count]
    for row in candidates.to_dict("records"):
        count, densest = float(row["count"]), float(row["densest"])
        share = max(count - densest, 0.0) * rules.seconds / (_WINDOW_SECONDS - rules.seconds)
        least = max(float(rules.min_count), rules.min_ratio * share)
        stage = "fired" if densest >= least else "floor" if densest < rules.min_count else "ratio"
        rest = f"the rest of the window has {number(share)} in as long"
        why = {
            "fired": rest,
            "floor": f"fewer than the {rules.min_count} that count as a burst",
            "ratio": f"{rest}, which is not {rules.min_ratio:g} times less",
        }
        yield {
            "window_start": row["window_start"],
            "namespace": row["namespace"],
            "detector": "burst",
            "subject": row["fingerprint"],
            "problem_key": row["problem_key"],
            "fingerprint": row["fingerprint"],
            "value": densest,
            "baseline": share,
            "threshold": least,
            "fired": stage == "fired",
            "stage": stage,
            "reason": f"{number(densest)} of {number(count)} events of one kind within {rules.seconds} s; {why[stage]}",
            "evidence": {"seconds": rules.seconds, "count": count, "densest": densest, "even_share": round(share, 3)},
        }
