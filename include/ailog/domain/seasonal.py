"""What a namespace usually logs at a time of the local week, from its own history, and how much that varies.

The season of a window is the same local quarter hour and its neighbours on earlier days of the same kind: working days, Saturdays or
Sundays. An incident in the history must not raise it: days that stand out as a whole are left out, single windows are clipped. Slots
that differ from their neighbours for good (nightly batches, the start of office hours) keep a mean of their own.

Only complete windows strictly before the judged run enter, and only of local days before the judged window's: nothing looks ahead, and an
incident that goes on does not become its own norm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ailog.domain.negative_binomial import Floats, log_zero
from ailog.domain.norms.apart import median

REACH: Final = 6
"""Slots on either side of a window that the estimate may look at: 90 minutes."""

SLOTS: Final = 96
_NEAR: Final = 2
_KERNEL: Final = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
_HALF_LIFE_DAYS: Final = 28.0
_PRIOR_PHI: Final = 0.3
_PRIOR_WEIGHT: Final = 3.0
_PHI_BOUNDS: Final = (0.004, 4.0)
_CLIP_CORRECTION: Final = 1.12  # the variance that clipping at 3.5 deviations takes away from negative binomial counts
_ROUNDS: Final = 3
_CHUNK: Final = 1000

KINDS_OF_DAY: Final = ("working days", "Saturdays", "Sundays")


@dataclass(frozen=True)
class Season:
    """Estimates for one judged window, one element per namespace (S); ``cells`` holds the counts that they come from.

    ``mean`` and ``phi`` are of the window's count, ``phi`` including the uncertainty of the mean; NaN without samples. ``samples`` are the
    windows within half an hour of the slot, ``days`` the days they come from. ``cells`` has shape (S, days, 2 * REACH + 1), NaN where no
    complete window was read; ``means`` (S, 2 * REACH + 1) holds the means of the slots around the window.
    """

    mean: Floats
    phi: Floats
    samples: npt.NDArray[np.int64]
    days: npt.NDArray[np.int64]
    label: list[str]
    cells: Floats
    means: Floats

    def stretch(self, length: int) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
        """Of the window and the ``length - 1`` before it: the expected sum, the logarithm of the chance that all are empty, empty days.

        The dispersion is that of the days' sums, pulled towards half of a single window's: neighbouring windows vary together. Raises
        ValueError for a stretch longer than ``REACH - 1`` windows.
        """
        if not 1 <= length <= REACH - 1:
            raise ValueError(f"a stretch of {length} windows cannot be judged: 1 to {REACH - 1} are possible")
        part = self.cells[:, :, REACH - length + 1 : REACH + 1]
        whole = np.isfinite(part).all(axis=2)
        sums = np.where(whole, np.nan_to_num(part).sum(axis=2), np.nan)
        expected = self.means[:, REACH - length + 1 : REACH + 1].sum(axis=1)
        phi = _dispersion(sums, expected[:, None], self.phi / 2)
        empty = np.asarray((sums == 0).sum(axis=1), np.int64)
        return expected, np.where(np.isfinite(expected), log_zero(np.nan_to_num(expected), phi), np.nan), empty


class Seasons:
    """History laid out by namespace, local day and slot, so that the season of any judged window is one slice.

    Args:
        history: window_start (UTC), namespace and the column ``value``; complete windows before the judged run, NA where unknown.
        namespaces: which to estimate, in the order of the results.
        timezone: the zone whose weekdays and hours people and batch jobs keep.
        span: first and last moment whose local days there are, read or not; without it those of the history. The same span gives the same
            figures to the last bit, whichever other slots and namespaces the history holds.
    """

    def __init__(
        self,
        history: pd.DataFrame,
        namespaces: Sequence[str],
        timezone: str,
        *,
        value: str = "count",
        span: tuple[datetime, datetime] | None = None,
    ) -> None:
        self._zone, self._span = timezone, span
        known = history[history[value].notna() & history["namespace"].isin(list(namespaces))].sort_values("window_start", kind="stable")
        local = known["window_start"].dt.tz_convert(timezone)
        day = (local.dt.tz_localize(None).dt.normalize() - pd.Timestamp("1970-01-01")).dt.days.to_numpy(dtype=np.int64)
        slot = (local.dt.hour * 4 + local.dt.minute // 15).to_numpy(dtype=np.int64)
        if span is not None:
            bounds = [pd.Timestamp(moment).tz_convert(timezone).tz_localize(None).normalize() for moment in span]
            first, last = ((bound - pd.Timestamp("1970-01-01")).days for bound in bounds)
        else:
            first, last = (int(day.min()), int(day.max())) if len(day) else (0, -1)
        self._first, self._days = first, last - first + 1
        # A line of slots with a margin on both ends, so that windows around midnight find their neighbours on the next day.
        self._line = np.full((len(namespaces), self._days * SLOTS + 2 * REACH), np.nan)
        row = pd.Index(namespaces).get_indexer(pd.Index(known["namespace"]))
        self._line[row, REACH + (day - self._first) * SLOTS + slot] = known[value].to_numpy(dtype=float)

    def at(self, window: datetime, min_samples: int) -> Season:
        """The season of one judged window; where its kind of day has fewer than ``min_samples``, all days stand in for it."""
        local = pd.Timestamp(window).tz_convert(self._zone)
        today = local.tz_localize(None).normalize()
        earlier = np.arange(self._first, min(self._first + self._days, (today - pd.Timestamp("1970-01-01")).days))
        weekdays = (earlier + 3) % 7  # 1970-01-01 was a Thursday
        kinds = np.maximum(weekdays - 4, 0)
        kind = max(int(today.weekday()) - 4, 0)
        own = self._estimate(local, earlier[kinds == kind], weekdays[kinds == kind])
        own.label[:] = [KINDS_OF_DAY[kind]] * len(own.label)
        thin = own.samples < min_samples
        if not thin.any() or (self._span is None and (kinds == kind).all()):
            return own
        return _join(own, self._estimate(local, earlier, weekdays), thin, kinds == kind)

    def _estimate(self, local: pd.Timestamp, days: npt.NDArray[np.int64], weekdays: npt.NDArray[np.int64]) -> Season:
        start = REACH + (days - self._first) * SLOTS + local.hour * 4 + local.minute // 15
        cells = self._line[:, start[:, None] + np.arange(-REACH, REACH + 1)]
        today = (local.tz_localize(None).normalize() - pd.Timestamp("1970-01-01")).days
        fresh = 0.5 ** ((today - days) / _HALF_LIFE_DAYS)
        same = weekdays == local.weekday()
        means, phi, samples, used = _fit(cells, fresh, same)
        return Season(
            mean=means[:, REACH],
            phi=phi,
            samples=samples,
            days=used,
            label=["all days"] * len(cells),
            cells=cells,
            means=means,
        )


def seasons(
    history: pd.DataFrame,
    namespaces: Sequence[str],
    timezone: str,
    *,
    value: str = "count",
    span: tuple[datetime, datetime] | None = None,
) -> Iterator[tuple[list[str], Seasons]]:
    """Seasons of many namespaces in parts, so that memory stays bounded by a part."""
    by_namespace = history.groupby("namespace", sort=False).indices if len(namespaces) > _CHUNK else None
    for begin in range(0, len(namespaces), _CHUNK):
        part = list(namespaces[begin : begin + _CHUNK])
        rows = history
        if by_namespace is not None:
            places = [by_namespace[name] for name in part if name in by_namespace]
            rows = history.iloc[np.concatenate(places)] if places else history.iloc[:0]
        yield part, Seasons(rows, part, timezone, value=value, span=span)


def _fit(
    cells: Floats, fresh: Floats, same_weekday: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Means by slot (S, 13), dispersion of the middle one, samples and days used."""
    levels = np.full(cells.shape[:2], np.nan)
    known_in_day = np.isfinite(cells).sum(axis=2)
    np.divide(np.nansum(cells, axis=2), known_in_day, out=levels, where=known_in_day > 0)
    keep, lift = _ordinary_days(levels, same_weekday)
    kept = np.where(keep[:, :, None], cells, np.nan)
    weight = np.isfinite(kept) * fresh[None, :, None]
    phi = np.full(len(cells), _PRIOR_PHI)
    means = np.nan_to_num(np.fmax(median(kept, axis=1), median(levels, axis=1)[:, None] / 2))
    clipped = kept
    for turn in range(_ROUNDS):
        deviations = 5.0 if turn == 0 else 3.5
        limit = means + deviations * np.sqrt(means + phi[:, None] * means**2) + 1
        clipped = np.minimum(kept, limit[:, None, :])  # a gap stays a gap
        means = _slot_means(clipped, weight, phi)
        near = slice(REACH - _NEAR, REACH + _NEAR + 1)
        flat = clipped[:, :, near].reshape(len(cells), -1)
        expected = np.broadcast_to(means[:, None, near], clipped[:, :, near].shape).reshape(len(cells), -1)
        phi = _dispersion(flat, expected, np.full(len(cells), _PRIOR_PHI))
    near_known = np.isfinite(kept[:, :, REACH - _NEAR : REACH + _NEAR + 1])
    samples = near_known.sum(axis=(1, 2))
    days = near_known.any(axis=2).sum(axis=1)
    # A mean of nothing but zeros is not zero: half an event over all that was seen.
    means = np.maximum(means * lift[:, None], 0.5 / np.maximum(samples, 1)[:, None])
    means[samples == 0] = np.nan
    # The mean itself is known only to 1/sqrt(days): that uncertainty widens the prediction.
    mean = means[:, REACH]
    variance = (mean + phi * mean**2) * (1 + 1 / np.maximum(days, 1))
    predictive = np.where(samples > 0, np.maximum((variance - mean) / mean**2, phi), np.nan)
    return means, predictive, samples, days


def _ordinary_days(levels: Floats, same_weekday: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Which days count, and by how much the judged weekday usually exceeds them.

    Days far above or below the median level are left out, unless they are more than 35 % of all: then the level moved. The lift is the
    median level of the own weekday against all, at least three of them; only upwards, and only when it is clear.
    """
    middle = median(levels, axis=1)[:, None]
    margin = 3.5 * np.sqrt(np.nan_to_num(middle) / (2 * REACH + 1)) + 0.5
    odd = (levels > 2.5 * middle + margin) | (levels < 0.25 * middle - margin)
    known = np.isfinite(levels)
    moved = odd.sum(axis=1) > 0.35 * known.sum(axis=1)
    keep = known & (~odd | moved[:, None])
    lift = np.ones(len(levels))
    if same_weekday.any():
        own = median(levels[:, same_weekday], axis=1)
        enough = (known[:, same_weekday].sum(axis=1) >= 3) & (np.nan_to_num(middle[:, 0]) > 0)
        ratio = np.divide(own, middle[:, 0], out=np.ones(len(levels)), where=enough)
        lift = np.where(ratio > 1.25, ratio, 1.0)
    return keep, lift


def _slot_means(clipped: Floats, weight: Floats, phi: Floats) -> Floats:
    """Kernel means over neighbouring slots, each pulled to its own slot's mean as far as that differs beyond chance (James and Stein)."""
    sums, weights = np.nansum(clipped * weight, axis=1), weight.sum(axis=1)
    smooth_sums, smooth_weights = np.zeros_like(sums), np.zeros_like(weights)
    width = sums.shape[1]
    for place, share in enumerate(_KERNEL):
        offset = place - _NEAR
        to, source = slice(max(0, -offset), width - max(0, offset)), slice(max(0, offset), width - max(0, -offset))
        smooth_sums[:, to] += share * sums[:, source]
        smooth_weights[:, to] += share * weights[:, source]
    smooth = np.divide(smooth_sums, smooth_weights, out=np.zeros_like(sums), where=smooth_weights > 0)
    own = np.divide(sums, weights, out=smooth.copy(), where=weights > 0)
    spread = (smooth + phi[:, None] * smooth**2) / np.maximum((weight > 0).sum(axis=1), 1)
    distance = np.divide((own - smooth) ** 2, spread, out=np.zeros_like(own), where=spread > 0)
    pull = np.clip(1 - np.divide(16.0, distance, out=np.full_like(distance, np.inf), where=distance > 0), 0, None)
    return np.asarray(smooth + pull * (own - smooth))


def _dispersion(values: Floats, means: Floats, prior: Floats) -> Floats:
    """Over-dispersion by moments, weighted by information and shrunk to the prior (S,); values are (S, n), NaN left out."""
    mu = np.where(np.isfinite(values), means, 0.0)
    deviation = np.where(np.isfinite(values), (values - means) ** 2 - means, 0.0)
    phi = np.nan_to_num(prior, nan=_PRIOR_PHI)
    for _ in range(2):
        information = 1.0 / (1.0 + phi[:, None] * mu) ** 2
        above = _CLIP_CORRECTION * (information * deviation).sum(axis=1) + _PRIOR_WEIGHT * np.nan_to_num(prior, nan=_PRIOR_PHI)
        phi = np.clip(above / ((information * mu**2).sum(axis=1) + _PRIOR_WEIGHT), *_PHI_BOUNDS)
    return phi


def _join(own: Season, all_days: Season, thin: npt.NDArray[np.bool_], of_kind: npt.NDArray[np.bool_]) -> Season:
    """The own season where it has enough samples, that of all days elsewhere; ``of_kind`` says which of all days are the own ones."""
    cells = all_days.cells.copy()
    cells[np.ix_(~thin, ~of_kind)] = np.nan
    return Season(
        mean=np.where(thin, all_days.mean, own.mean),
        phi=np.where(thin, all_days.phi, own.phi),
        samples=np.where(thin, all_days.samples, own.samples),
        days=np.where(thin, all_days.days, own.days),
        label=[a if t else o for t, a, o in zip(thin, all_days.label, own.label, strict=True)],
        cells=cells,
        means=np.where(thin[:, None], all_days.means, own.means),
    )
