"""The score of a peak: named contributions that add up to it, and the severity that follows.

Volume and ratio are taken per quarter hour, so that a run over 15 minutes and one over a day give comparable scores. Contributions are
whole quarters of a point: such numbers are exact in binary, so they add up to the total in any order.

A spike is graded: just past the margin of the budget it may be chance after all and earns half of its points, at twice the margin all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from ailog.settings import Bands, Scoring, Severity

FLAGS: Final = ("spike", "burst", "new", "regression", "cascade", "cross_namespace", "silence", "escalating")
"""All flags in the order in which people read them."""

CONTRIBUTIONS: Final = ("volume", *FLAGS, "limit", "ratio", "few", "cap")
"""All contributions in the order in which people read them."""

FULL_VOLUME: Final = 1000
"""Events in a window that earn all points of the volume."""

FULL_RATIO: Final = 10
"""Multiple of the baseline that earns all points of the ratio."""

FEW: Final = 20
"""Events in a window under which nothing is critical, whatever it is made of: a near-zero namespace wakes nobody for a handful."""

_LEAST_BASELINE: Final = 1.0
"""A smaller baseline counts as this one: 5 events against 0.001 are no rise of 5,000 times."""

_STEP: Final = 0.25
_JUST_PAST: Final = 0.5


class Score(NamedTuple):
    """Points from 0 to 100, the severity, and what the points are made of.

    Two contributions are negative: ``few`` takes off what would make fewer than ``FEW`` events critical, ``cap`` what exceeds 100.
    """

    total: float
    severity: Severity
    contributions: dict[str, float]


def _in_steps(points: float) -> float:
    return round(points / _STEP) * _STEP


def severity_of(total: float, bands: Bands) -> Severity:
    """The band that a score falls in; a bound belongs to the higher band."""
    if total >= bands.critical:
        return "critical"
    if total >= bands.high:
        return "high"
    if total >= bands.medium:
        return "medium"
    return "low" if total >= bands.low else "info"


def ratio_of(count: float, baseline: float | None) -> float | None:
    """How many times the baseline a count is; None without a baseline. Baselines under one event a window count as one."""
    if baseline is None or math.isnan(baseline):
        return None
    return count / max(baseline, _LEAST_BASELINE)


def spike_share(value: float, evidence: Mapping[str, Any], threshold: float | None) -> float:
    """The share of the points of a spike, 0.5 just past the margin to 1 at twice the margin, from its verdict.

    The margin is that of the budget (``score`` against ``alarm_limit`` in the evidence); without a norm the limit is what was passed, and
    ``value`` is held against it. Where neither is known the share is 1.
    """
    reached, margin = (evidence.get(name) for name in ("score", "alarm_limit"))
    if reached is None or margin is None:
        reached, margin = value, threshold
    if margin is None or math.isnan(margin) or margin <= 0:
        return 1.0
    return min(1.0, max(_JUST_PAST, _JUST_PAST * float(reached) / float(margin)))


def score(
    flags: Mapping[str, float] | Iterable[str],
    count: float,
    baseline: float | None,
    scoring: Scoring,
    *,
    windows: int = 1,
    limit_passed: bool = False,
) -> Score:
    """Scores what is known of a problem in a namespace.

    Args:
        flags: names of ``FLAGS``; as a mapping, with the share of the points (0 to 1) that each is worth here.
        count: events over all of ``windows``.
        baseline: events usual in one window; None or NaN when there is none.
        scoring: the points of each contribution and the bands.
        windows: quarter hours that ``count`` covers.
        limit_passed: the customer's limit (P93 or CAP) was passed by what fired.

    Raises:
        ValueError: for an unknown flag, a negative count or no window.
    """
    shares = dict(flags) if isinstance(flags, Mapping) else dict.fromkeys(flags, 1.0)
    unknown = sorted(set(shares) - set(FLAGS))
    if unknown:
        raise ValueError(f"no flag is called {', '.join(unknown)}; there are {', '.join(FLAGS)}")
    if windows < 1 or not count >= 0:
        raise ValueError(f"{count} events in {windows} windows cannot be scored: a count from 0 and at least one window are needed")
    rate = count / windows
    points = {"volume": scoring.volume * min(1.0, math.log1p(rate) / math.log1p(FULL_VOLUME))}
    # The points of an escalating flag are those of a spike: it is the same finding on a slower scale.
    worth = {flag: getattr(scoring, "spike" if flag == "escalating" else flag) for flag in FLAGS}
    points |= {flag: worth[flag] * min(1.0, max(0.0, shares[flag])) for flag in FLAGS if flag in shares}
    if limit_passed:
        points["limit"] = scoring.limit
    ratio = ratio_of(rate, baseline)
    if ratio is not None and ratio > 1:
        points["ratio"] = scoring.ratio * min(1.0, math.log10(ratio) / math.log10(FULL_RATIO))
    contributions = {name: _in_steps(value) for name, value in points.items()}
    contributions = {name: value for name, value in contributions.items() if value}
    total = sum(contributions.values())
    few = rate < FEW and "silence" not in shares  # silence is about what did not come
    name, most = ("few", _below(scoring.bands.critical)) if few else ("cap", 100.0)
    if total > most:
        contributions[name] = most - total
        total = most
    return Score(float(total), severity_of(total, scoring.bands), contributions)


def _below(bound: float) -> float:
    """The most points under a bound."""
    return (math.ceil(bound / _STEP) - 1) * _STEP


def named(contributions: Mapping[str, float]) -> list[tuple[str, float]]:
    """Contributions in the order of ``CONTRIBUTIONS``; what an older version called otherwise comes last."""
    order = {name: place for place, name in enumerate(CONTRIBUTIONS)}
    return sorted(contributions.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0]))
