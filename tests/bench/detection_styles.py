"""How the series of a labelled scenario are drawn: four styles, the distribution of every parameter, and the ordinary mean that follows.

Per series, independent of one another (U uniform, LU log-uniform, LN log-normal by median and log-sd; the numbers stand in ``STYLES``):

==============  =============================================================================================================
profile         shares of the series are fixed, their order is drawn: near_zero, low, medium, high, busy, batch
level           errors per quarter hour averaged over the week, LU: near_zero .003-.08, low .1-3, medium 3-15, high 15-60,
                busy 60-600, batch 1-30
rhythm          ratio of the busiest to the quietest hour, LU; one bump of U 3-6 h half-width around U 10-15 h, an evening bump for
                30 %, or square office hours (from 7-9 to 16-18 h) for a share
week            every working day LN(1, .08); Saturday U and Sunday U of a style's range; 15 % know no weekend
dispersion      phi (variance mu + phi mu^2) LN, clipped
slow level      log of the level wanders with sd U .02-.08 around a mean, knots every five days
AR drift        in a share of the series the log of the mean is AR(1), correlation .98 per window, sd U
batch           in a share of the series a job in the night (23-5 h), 1-2 windows, adds U 6-40 times the level and at least 12 errors,
                log-sd U .1-.35, absent on 0-10 % of nights, one slot early or late on 10 %; 20 % run in UTC, 15 % once a week
deploy          a lasting change of the norm by LU .6-1.6, at a working hour, in a share of the series
holidays        Czech public holidays are Sundays for 80 % of the series
==============  =============================================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SLOTS: Final = 96
WEEK: Final = 7 * SLOTS

PROFILES: Final = ("near_zero", "low", "medium", "high", "busy", "batch")
LEVELS: Final = {
    "near_zero": (0.003, 0.08),
    "low": (0.1, 3.0),
    "medium": (3.0, 15.0),
    "high": (15.0, 60.0),
    "busy": (60.0, 600.0),
    "batch": (1.0, 30.0),
}


@dataclass(frozen=True, slots=True)
class Style:
    """The ranges of one style; shares are of the series, rates as said."""

    phi: tuple[float, float, float, float] = (0.05, 0.7, 0.01, 0.4)
    """Median, log-sd, least and greatest dispersion."""
    rhythm: tuple[float, float] = (1.5, 8.0)
    weekend: tuple[float, float] = (0.25, 1.0)
    square: float = 0.08
    ar_share: float = 0.10
    ar_sd: tuple[float, float] = (0.12, 0.25)
    batch: float = 0.12
    new_batch: float = 0.0
    """Share of the batches that first run in the live part."""
    deploy: float = 0.08
    events: float = 13.5
    """Events a namespace in six weeks, in the history too."""
    factor: tuple[float, float] = (2.0, 20.0)
    lasting: float = 0.02
    """Share of the level shifts that never go back."""
    missing: float = 0.004
    """Share of the windows that no namespace has; a quarter of it again per namespace."""
    outages: tuple[int, int] = (1, 2)
    """Outages of reading, each of 2 to 12 hours over all namespaces."""
    history_outage: float = 0.03
    """Share of the series whose history holds two to seven days of x5 to x15 (or of nothing)."""
    quiet: float = 0.04
    """Share of the series that report nothing for 4 to 36 hours once."""
    kinds: tuple[float, float, float, float, float] = (0.32, 0.26, 0.14, 0.18, 0.10)
    """Spike, burst, ramp, plateau, level shift."""


EXAM: Final = Style()
STYLES: Final = {
    "exam": EXAM,
    "mild": replace(
        EXAM, phi=(0.03, 0.5, 0.005, 0.15), rhythm=(1.2, 4.0), ar_share=0.05, batch=0.06, deploy=0.04, square=0.0, history_outage=0.0
    ),
    "development": replace(
        EXAM,
        phi=(0.12, 0.8, 0.01, 0.6),
        rhythm=(1.5, 14.0),
        weekend=(0.1, 1.0),
        square=0.2,
        ar_share=0.25,
        ar_sd=(0.15, 0.3),
        batch=0.25,
        new_batch=0.1,
        deploy=0.25,
        lasting=0.15,
        missing=0.01,
        outages=(1, 3),
        history_outage=0.1,
        quiet=0.1,
    ),
    "far": replace(
        EXAM,
        phi=(0.2, 0.9, 0.01, 0.9),
        rhythm=(2.0, 26.0),
        weekend=(0.05, 1.0),
        square=0.4,
        ar_share=0.5,
        ar_sd=(0.2, 0.4),
        batch=0.45,
        new_batch=0.15,
        deploy=0.4,
        lasting=0.25,
        missing=0.02,
        outages=(2, 4),
        history_outage=0.15,
        quiet=0.15,
    ),
}


@dataclass(frozen=True, slots=True)
class Series:
    """Parameters, one element per series (S)."""

    profile: npt.NDArray[np.str_]
    level: Floats
    phi: Floats
    ar_sd: Floats
    week: Floats
    """(S, 7, 96): the rhythm by local weekday and quarter hour, mean 1 over the week."""
    keeps_holidays: npt.NDArray[np.bool_]
    batch_slot: npt.NDArray[np.int64]
    """-1 without a batch."""
    batch_length: npt.NDArray[np.int64]
    batch_size: Floats
    batch_sd: Floats
    batch_absent: Floats
    batch_utc: npt.NDArray[np.bool_]
    batch_weekday: npt.NDArray[np.int64]
    """The only weekday of a weekly batch, else -1."""
    batch_late: npt.NDArray[np.bool_]
    """First runs in the live part."""

    def __len__(self) -> int:
        return len(self.profile)


def log_uniform(rng: np.random.Generator, low: float | Floats, high: float | Floats, size: int | None = None) -> Floats:
    """As the name says; scalars come back as arrays of no dimension."""
    return np.asarray(np.exp(rng.uniform(np.log(low), np.log(high), size)))


def draw_series(rng: np.random.Generator, style: Style, count: int) -> Series:
    """``count`` series of one style. The shares of the profiles are met as nearly as whole numbers allow."""
    rest = 1 - style.batch
    shares = np.array([0.18, 0.28, 0.26, 0.17, 0.11]) * rest
    wanted = np.round(np.cumsum([*shares, style.batch]) * count).astype(int)
    profile = np.array(PROFILES)[np.searchsorted(wanted, np.arange(count), side="right").clip(0, 5)]
    profile = rng.permutation(profile)
    low, high = (np.array([LEVELS[name][side] for name in profile]) for side in (0, 1))
    level = log_uniform(rng, low, high, count)
    median, spread, least, most = style.phi
    batch = profile == "batch"
    slots = np.where(rng.random(count) < 0.8, rng.integers(0, 20, count), rng.integers(92, 96, count))
    return Series(
        profile=profile,
        level=level,
        phi=np.clip(median * np.exp(rng.normal(0, spread, count)), least, most),
        ar_sd=np.where(rng.random(count) < style.ar_share, rng.uniform(*style.ar_sd, count), 0.0),
        week=_weeks(rng, style, count),
        keeps_holidays=rng.random(count) < 0.8,
        batch_slot=np.where(batch, slots, -1),
        batch_length=rng.integers(1, 3, count),
        batch_size=np.maximum(level * rng.uniform(6, 40, count), 12),
        batch_sd=rng.uniform(0.1, 0.35, count),
        batch_absent=rng.uniform(0, 0.1, count),
        batch_utc=rng.random(count) < 0.2,
        batch_weekday=np.where(rng.random(count) < 0.15, rng.integers(0, 7, count), -1),
        batch_late=rng.random(count) < style.new_batch,
    )


def _weeks(rng: np.random.Generator, style: Style, count: int) -> Floats:
    hour = (np.arange(SLOTS) + 0.5) / 4
    centre, width = rng.uniform(10, 15, (count, 1)), rng.uniform(3, 6, (count, 1))
    bump = np.exp(-0.5 * (_apart(hour, centre) / width) ** 2)
    evening = np.where(rng.random((count, 1)) < 0.3, rng.uniform(0.2, 0.7, (count, 1)), 0.0)
    bump = bump + evening * np.exp(-0.5 * (_apart(hour, rng.uniform(19, 22, (count, 1))) / 1.5) ** 2)
    start, end = rng.integers(28, 37, (count, 1)), rng.integers(64, 73, (count, 1))
    square = ((np.arange(SLOTS) >= start) & (np.arange(SLOTS) < end)).astype(float)
    bump = np.where(rng.random((count, 1)) < style.square, square, bump)
    bump = (bump - bump.min(axis=1, keepdims=True)) / np.ptp(bump, axis=1, keepdims=True)
    day = 1 + bump * (log_uniform(rng, *style.rhythm, count)[:, None] - 1)
    days = np.exp(rng.normal(0, 0.08, (count, 7)))
    flat = rng.random(count) < 0.15
    for weekend in (5, 6):
        days[:, weekend] = np.where(flat, days[:, weekend], rng.uniform(*style.weekend, count))
    week = days[:, :, None] * day[:, None, :]
    # At the weekend office hours count for less: half of the bump goes.
    week[:, 5:] = np.where(
        flat[:, None, None], week[:, 5:], days[:, 5:, None] * (0.5 * day + 0.5 * day.min(axis=1, keepdims=True))[:, None, :]
    )
    return np.asarray(week / week.mean(axis=(1, 2), keepdims=True))


def _apart(hour: Floats, centre: Floats) -> Floats:
    return np.asarray((hour[None, :] - centre + 12) % 24 - 12)
