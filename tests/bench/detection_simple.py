"""The simple rules that detectors are compared with. Each learns from the history alone, once, and judges a live part in one go.

A rule takes ``history`` and ``live`` (namespace, window_start, count) and the time zone of weekdays and hours, and gives one row per live row:
namespace, window_start, flagged. A namespace without history is never flagged, except by the ratio, which needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from tests.bench.detection_styles import Floats

from ailog.domain.negative_binomial import log_upper_tail

Bools = npt.NDArray[np.bool_]
Rule = Callable[..., pd.DataFrame]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Counts as (S, T) with NaN where nothing was read, and the local hour of the week of each window."""

    names: pd.Index
    times: pd.DatetimeIndex
    counts: Floats
    hour: npt.NDArray[np.int64]

    @property
    def weekday(self) -> npt.NDArray[np.int64]:
        return self.hour // 24


def _cells(frame: pd.DataFrame, names: pd.Index, timezone: str) -> _Cells:
    times = pd.DatetimeIndex([], tz="UTC")
    if len(frame):
        times = pd.date_range(frame["window_start"].min(), frame["window_start"].max(), freq="15min", unit="us")
    counts = np.full((len(names), len(times)), np.nan)
    counts[names.get_indexer(pd.Index(frame["namespace"])), times.get_indexer(pd.Index(frame["window_start"]))] = frame["count"]
    local = times.tz_convert(timezone)
    return _Cells(names, times, counts, np.asarray(local.day_of_week * 24 + local.hour))


def _pair(history: pd.DataFrame, live: pd.DataFrame, timezone: str) -> tuple[_Cells, _Cells]:
    names = pd.Index(pd.concat([history["namespace"], live["namespace"]]).unique())
    return _cells(history, names, timezone), _cells(live, names, timezone)


def _verdicts(live: pd.DataFrame, cells: _Cells, flags: Bools) -> pd.DataFrame:
    flagged = flags[cells.names.get_indexer(pd.Index(live["namespace"])), cells.times.get_indexer(pd.Index(live["window_start"]))]
    return pd.DataFrame({"namespace": live["namespace"], "window_start": live["window_start"], "flagged": flagged}).reset_index(drop=True)


def _percentiles(past: _Cells, share: float) -> Floats:
    """(S, 7), NaN where nothing was read on that weekday."""
    with np.errstate(all="ignore"):
        limits = [_quietly(np.nanpercentile, past.counts[:, past.weekday == day], share) for day in range(7)]
    return np.stack(limits, axis=1)


def _quietly(function: Callable[..., Floats], values: Floats, *given: float) -> Floats:
    empty = np.asarray(np.isnan(values).all(axis=1))
    result = function(np.where(empty[:, None], 0.0, values) if values.shape[1] else np.zeros((len(values), 1)), *given, axis=1)
    return np.asarray(np.where(empty, np.nan, result))


def p93(history: pd.DataFrame, live: pd.DataFrame, timezone: str = "UTC", *, factor: float = 1.0) -> pd.DataFrame:
    """More than ``factor`` times the 93rd percentile of the weekday."""
    past, now = _pair(history, live, timezone)
    return _verdicts(live, now, now.counts > factor * _percentiles(past, 93.0)[:, now.weekday])


def p93_or_cap(history: pd.DataFrame, live: pd.DataFrame, timezone: str = "UTC") -> pd.DataFrame:
    """More than the 93rd percentile of the weekday, or than half the sum of median and mean of the seven."""
    past, now = _pair(history, live, timezone)
    limits = _percentiles(past, 93.0)
    cap = (_quietly(np.nanmedian, limits) + _quietly(np.nanmean, limits)) / 2
    return _verdicts(live, now, (now.counts > limits[:, now.weekday]) | (now.counts > cap[:, None]))


def three_p93(history: pd.DataFrame, live: pd.DataFrame, timezone: str = "UTC") -> pd.DataFrame:
    """More than three times the 93rd percentile of the weekday."""
    return p93(history, live, timezone, factor=3.0)


def ratio(
    history: pd.DataFrame, live: pd.DataFrame, timezone: str = "UTC", *, height: float = 3.0, span: int = 4, least: float = 5
) -> pd.DataFrame:
    """``spike_height``: at least ``height`` times the mean of the ``span`` windows before, and at least ``least`` errors."""
    _, now = _pair(history, live, timezone)
    known = np.isfinite(now.counts)
    sums = np.cumsum(np.pad(np.where(known, now.counts, 0.0), ((0, 0), (1, 0))), axis=1)
    seen = np.cumsum(np.pad(known.astype(float), ((0, 0), (1, 0))), axis=1)
    at = np.arange(now.counts.shape[1])
    first = np.maximum(at - span, 0)
    n = seen[:, at] - seen[:, first]
    before = (sums[:, at] - sums[:, first]) / np.maximum(n, 1)
    return _verdicts(live, now, (n > 0) & (now.counts >= np.maximum(height * before, least)))


def _by_hour(past: _Cells, function: Callable[..., Floats]) -> Floats:
    """(S, 168): a figure per local hour of the week."""
    return np.stack([_quietly(function, past.counts[:, past.hour == hour]) for hour in range(168)], axis=1)


def z_score(history: pd.DataFrame, live: pd.DataFrame, timezone: str = "UTC", *, limit: float = 4.0) -> pd.DataFrame:
    """More than ``limit`` standard deviations (1 error at least) over the mean of the hour of the week."""
    past, now = _pair(history, live, timezone)
    mean, sd = _by_hour(past, np.nanmean)[:, now.hour], _by_hour(past, np.nanstd)[:, now.hour]
    return _verdicts(live, now, now.counts > mean + limit * np.maximum(sd, 1.0))


def seasonal_mad(history: pd.DataFrame, live: pd.DataFrame, timezone: str = "UTC", *, limit: float = 8.0) -> pd.DataFrame:
    """More than ``limit`` robust deviations over the median of the hour of the week; one deviation (1.48 MAD of the residuals, per root of
    the median, 1 error at least) per series. The seasonal part of an STL, without its trend.
    """
    past, now = _pair(history, live, timezone)
    median = _by_hour(past, np.nanmedian)
    rest = (past.counts - median[:, past.hour]) / np.sqrt(np.maximum(median[:, past.hour], 1.0))
    spread = 1.4826 * _quietly(np.nanmedian, np.abs(rest))
    height = limit * np.maximum(spread, 0.75)[:, None] * np.sqrt(np.maximum(median, 1.0))
    return _verdicts(live, now, now.counts > (median + height)[:, now.hour])


def seasonal_nb(history: pd.DataFrame, live: pd.DataFrame, timezone: str = "UTC", *, alpha: float = 3e-5) -> pd.DataFrame:
    """A count that a negative binomial with the mean of the hour of the week exceeds with a probability under ``alpha``.

    Fitted three times, beginning with the median: windows more than four deviations over the fit are left out of the next. The dispersion is
    one per series, by moments. The mean is raised by an error per 16 windows: a cell without errors has seen no more than that.
    """
    past, now = _pair(history, live, timezone)
    mean, phi = _by_hour(past, np.nanmedian), np.full(len(past.names), 0.3)
    for _ in range(3):
        fitted = mean[:, past.hour]
        limit = fitted + 4 * np.sqrt(fitted + phi[:, None] * fitted**2) + 2
        kept = _Cells(past.names, past.times, np.where(past.counts <= limit, past.counts, np.nan), past.hour)
        mean = np.nan_to_num(_by_hour(kept, np.nanmean)) + 1 / 16
        fitted = mean[:, past.hour]
        excess = np.nansum((kept.counts - fitted) ** 2 - fitted, axis=1)
        phi = np.clip((excess + 1) / (np.sum(fitted**2 * np.isfinite(kept.counts), axis=1) + 3), 0.01, 4.0)
    expected = np.where(np.asarray(np.isfinite(past.counts).any(axis=1))[:, None], mean, np.inf)[:, now.hour]
    flags = np.zeros(now.counts.shape, bool)
    row, at = np.nonzero(now.counts > np.maximum(1.5 * expected, 1))
    tail = log_upper_tail(now.counts[row, at], expected[row, at], phi[row])
    flags[row, at] = tail < np.log(alpha)
    return _verdicts(live, now, flags)


RULES: Final[dict[str, Rule]] = {
    "P93 per weekday": p93,
    "P93 or CAP": p93_or_cap,
    "3 x P93": three_p93,
    "ratio to the hour before": ratio,
    "z-score per hour of the week": z_score,
    "seasonal median and MAD": seasonal_mad,
    "seasonal negative binomial": seasonal_nb,
}
