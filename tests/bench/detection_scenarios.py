"""Labelled error counts to judge detectors by: ``scenario(seed, style)`` gives a history, a live part and the events in it.

Counts are negative binomial around a mean of level, local hour and weekday, holidays, slow level, AR drift, nightly batches and deploys;
events come on top. ``detection_styles`` documents the series, ``detection_events`` the events and which of them count as truth. What both
do not name:

- The zone is Europe/Prague; a clock change (last Sunday of March or October of 2024 to 2027, drawn) falls between one week before the start
  of the live part and one week before its end. The live part starts at local midnight.
- Windows that were not read have no row: single ones over all namespaces and per namespace, and outages of reading of 2 to 12 hours.
- Nuisances that are not truth and where alarms are neither hits nor false: the day after a deploy, the first three nights of a batch that
  is new in the live part, events too faint to count, events that began in the history.

Seeds: 0-99 and from 201 on are for development. 9000-9019 are the exam; nobody looks at them while a detector is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from tests.bench.detection_events import Event, inject, peak
from tests.bench.detection_styles import SLOTS, STYLES, Floats, Series, Style, draw_series, log_uniform

ZONE: Final = "Europe/Prague"
STEP: Final = pd.Timedelta(minutes=15)
EXAM_SEEDS: Final = range(9000, 9020)
DEVELOPMENT_SEEDS: Final = range(100)

SHIFT_HIT: Final = pd.Timedelta(hours=16)
"""A level shift is found by an alarm within this time of its onset."""
SHIFT_NEUTRAL: Final = pd.Timedelta(hours=24)
"""A level shift that lasts is the norm from this time after its onset: alarms on it are false then. One that ends is an incident to its end."""
_DEPLOY_NEUTRAL: Final = 96
_BATCH_SHIFTS: Final = ((-1, 0.05), (0, 0.9), (1, 0.05))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One labelled scenario.

    ``history`` and ``live``: namespace, window_start (UTC), count; a missing row was not read. ``events``: namespace, profile, kind, start,
    end (exclusive), hit_until, neutral_until (exclusive), factor (mean with / without at the peak), peak_sd and peak_errors (counted, over the
    ordinary mean), expected_sd, lasting, truth. ``means``: for every live window of every namespace, read or not, its ordinary mean and
    standard deviation (batches in, level shifts that last in from their onset, all other events out) and the mean that the count was drawn from.
    """

    seed: int
    style: str
    timezone: str
    history: pd.DataFrame
    live: pd.DataFrame
    events: pd.DataFrame
    profiles: dict[str, str]
    means: pd.DataFrame
    holidays: tuple[date, ...]
    parameters: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Grid:
    """The windows (T) of history and live part in local terms."""

    times: pd.DatetimeIndex
    live_from: int
    slot: npt.NDArray[np.int64]
    weekday: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    utc_slot: npt.NDArray[np.int64]
    holiday: npt.NDArray[np.bool_]
    holidays: tuple[date, ...]


def scenario(seed: int, style: str = "exam", namespaces: int = 36, history_weeks: int = 4, live_weeks: int = 6) -> Scenario:
    """The scenario of a seed; the same arguments give the same one. Raises KeyError for a style that is not in ``STYLES``."""
    chosen = STYLES[style]
    rng = np.random.default_rng([seed, sorted(STYLES).index(style)])
    grid = _grid(rng, history_weeks, live_weeks)
    series = draw_series(rng, chosen, namespaces)
    deploys: list[tuple[int, int]] = []
    norm = _norm(rng, chosen, series, grid, deploys)
    drawn, spare = norm * _drift(rng, series, len(grid.times)), np.zeros((namespaces, 2, len(grid.times)))
    first_nights = _batches(rng, series, grid, drawn, spare)
    events: list[Event] = []
    noise = series.phi + series.ar_sd**2
    before = drawn.copy()
    for row in range(namespaces):
        small = series.profile[row] in {"near_zero", "low"}
        lift, norm[row], found = inject(rng, chosen, norm[row], spare[row], float(noise[row]), row=row, small=small)
        drawn[row] += lift
        events += found
    _histories(rng, chosen, grid, drawn, before)
    _quiet(rng, chosen, drawn)
    counts = rng.poisson(drawn * rng.gamma(1 / series.phi[:, None], series.phi[:, None], drawn.shape))
    read = _read(rng, chosen, grid, namespaces)
    names = np.array([f"ns-{row:03d}" for row in range(namespaces)])
    labels = _labels(events, deploys, first_nights, counts.astype(float), read, names, series, grid)
    usual = norm + spare[:, 0]
    sd = np.sqrt(norm + noise[:, None] * norm**2 + spare[:, 1])
    cut = grid.live_from
    return Scenario(
        seed=seed,
        style=style,
        timezone=ZONE,
        history=_rows(names, grid.times[:cut], read[:, :cut], count=counts[:, :cut]),
        live=_rows(names, grid.times[cut:], read[:, cut:], count=counts[:, cut:]),
        events=labels,
        profiles=dict(zip(names.tolist(), series.profile.tolist(), strict=True)),
        means=_rows(names, grid.times[cut:], np.ones_like(read[:, cut:]), mean=usual[:, cut:], sd=sd[:, cut:], drawn=drawn[:, cut:]),
        holidays=grid.holidays,
        parameters=pd.DataFrame(
            {"namespace": names, "profile": series.profile, "level": series.level, "phi": series.phi, "ar_sd": series.ar_sd}
        ),
    )


def _grid(rng: np.random.Generator, history_weeks: int, live_weeks: int) -> _Grid:
    year, month = int(rng.integers(2024, 2028)), int(rng.choice([3, 10]))
    change = max(date(year, month, day) for day in range(25, 32) if date(year, month, day).weekday() == 6)
    begin = change - timedelta(days=int(rng.integers(-6, max(live_weeks * 7 - 7, -5))))
    first = pd.Timestamp(begin).tz_localize(ZONE).tz_convert("UTC")
    windows = (history_weeks + live_weeks) * 7 * SLOTS
    times = pd.date_range(first - history_weeks * 7 * SLOTS * STEP, periods=windows, freq=STEP, unit="us")
    local = times.tz_convert(ZONE)
    days = local.tz_localize(None).normalize()
    free = frozenset(pd.Timestamp(one) for one in _free_days(range(local[0].year, local[-1].year + 1)))
    return _Grid(
        times=times,
        live_from=history_weeks * 7 * SLOTS,
        slot=np.asarray(local.hour * 4 + local.minute // 15),
        weekday=np.asarray(local.day_of_week),
        day=np.asarray((days - days[0]).days),
        utc_slot=np.asarray(times.hour * 4 + times.minute // 15),
        holiday=np.asarray(days.isin(list(free))),
        holidays=tuple(sorted(one.date() for one in free if days[0] <= one <= days[-1])),
    )


def _free_days(years: range) -> list[date]:
    """Czech public holidays."""
    fixed = ((1, 1), (5, 1), (5, 8), (7, 5), (7, 6), (9, 28), (10, 28), (11, 17), (12, 24), (12, 25), (12, 26))
    easter = {2023: (4, 9), 2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2028: (4, 16)}
    days = [date(year, month, day) for year in years for month, day in fixed]
    return days + [date(year, *easter[year]) + timedelta(days=offset) for year in years for offset in (-2, 1)]


def _norm(rng: np.random.Generator, style: Style, series: Series, grid: _Grid, deploys: list[tuple[int, int]]) -> Floats:
    """The ordinary mean (S, T) without batches; adds the deploys of the live part as (series, window)."""
    count, windows = len(series), len(grid.times)
    weekday = np.where(grid.holiday & series.keeps_holidays[:, None], 6, grid.weekday)
    norm = series.level[:, None] * series.week[np.arange(count)[:, None], weekday, grid.slot]
    knots = np.arange(0, windows + 5 * SLOTS, 5 * SLOTS)
    heights = rng.normal(0, rng.uniform(0.02, 0.08, (count, 1)), (count, len(knots)))
    norm *= np.exp(np.stack([np.interp(np.arange(windows), knots, one) for one in heights]))
    working = np.flatnonzero((grid.slot >= 36) & (grid.slot < 68) & (grid.weekday < 5))
    for row in np.flatnonzero(rng.random(count) < style.deploy):
        at, factor = int(rng.choice(working)), float(log_uniform(rng, 0.6, 1.6))
        if factor > 1 and rng.random() < 0.3:
            norm[row, at:] += (factor - 1) * series.level[row]
        else:
            norm[row, at:] *= factor
        deploys.append((int(row), at))
    return np.asarray(norm)


def _drift(rng: np.random.Generator, series: Series, windows: int) -> Floats:
    """exp of an AR(1) of mean 1 (S, T); 1 where a series has none."""
    drift = np.ones((len(series), windows))
    for row in np.flatnonzero(series.ar_sd > 0):
        steps = rng.normal(0, series.ar_sd[row] * np.sqrt(1 - 0.98**2), windows + 400)
        kernel = 0.98 ** np.arange(400)
        drift[row] = np.exp(np.convolve(steps, kernel)[400 : 400 + windows] - series.ar_sd[row] ** 2 / 2)
    return drift


def _batches(rng: np.random.Generator, series: Series, grid: _Grid, drawn: Floats, spare: Floats) -> list[tuple[int, int, int]]:
    """Adds the batches to ``drawn`` and their mean and variance to ``spare``; gives the first nights of new ones as (series, from, until)."""
    first_nights = []
    nights = int(grid.day.max()) + 2
    for row in np.flatnonzero(series.batch_slot >= 0):
        slot = grid.utc_slot if series.batch_utc[row] else grid.slot
        begin = int(rng.integers(0, 21)) + int(grid.day[grid.live_from]) if series.batch_late[row] else 0
        runs = np.arange(nights) >= begin
        if series.batch_weekday[row] >= 0:
            runs &= (np.arange(nights) + grid.weekday[0]) % 7 == series.batch_weekday[row]
        place, length, size = series.batch_slot[row], series.batch_length[row], series.batch_size[row]
        here = runs & (rng.random(nights) >= series.batch_absent[row])
        moved = rng.choice([one for one, _ in _BATCH_SHIFTS], nights, p=[share for _, share in _BATCH_SHIFTS])
        sizes = size * np.exp(rng.normal(0, series.batch_sd[row], nights))
        after = (slot - (place + moved[grid.day])) % SLOTS
        drawn[row] += np.where((after < length) & here[grid.day], sizes[grid.day], 0.0)
        chance = sum(share * ((slot - place - one) % SLOTS < length) for one, share in _BATCH_SHIFTS)
        chance = chance * runs[grid.day] * (1 - series.batch_absent[row])
        spare[row, 0] = chance * size
        spare[row, 1] = chance * size**2 * (1 + series.batch_sd[row] ** 2 + series.phi[row]) - spare[row, 0] ** 2
        if series.batch_late[row]:
            first = [np.flatnonzero((grid.day == night) & (chance > 0)) for night in np.flatnonzero(runs)[:3]]
            first_nights += [(int(row), int(one[0]), int(one[-1]) + 1) for one in first if len(one)]
    return first_nights


def _histories(rng: np.random.Generator, style: Style, grid: _Grid, drawn: Floats, before: Floats) -> None:
    """Long outages in the history: days of many times the errors, or of none."""
    for row in np.flatnonzero(rng.random(len(drawn)) < style.history_outage):
        length = int(rng.uniform(2, 7) * SLOTS)
        start = int(rng.integers(0, max(grid.live_from - length, 1)))
        part = slice(start, min(start + length, grid.live_from))
        drawn[row, part] = before[row, part] * (rng.uniform(5, 15) if rng.random() < 0.7 else 0.0)


def _quiet(rng: np.random.Generator, style: Style, drawn: Floats) -> None:
    for row in np.flatnonzero(rng.random(len(drawn)) < style.quiet):
        start = int(rng.integers(0, drawn.shape[1]))
        drawn[row, start : start + int(rng.integers(16, 145))] = 0.0


def _read(rng: np.random.Generator, style: Style, grid: _Grid, namespaces: int) -> npt.NDArray[np.bool_]:
    windows = len(grid.times)
    read = (rng.random(windows) >= style.missing) & (rng.random((namespaces, windows)) >= style.missing / 4)
    for _ in range(int(rng.integers(style.outages[0], style.outages[1] + 1))):
        start = int(rng.integers(0, windows))
        read[:, start : start + int(rng.integers(8, 49))] = False
    return np.asarray(read)


def _labels(
    events: list[Event],
    deploys: list[tuple[int, int]],
    first_nights: list[tuple[int, int, int]],
    counts: Floats,
    read: npt.NDArray[np.bool_],
    names: npt.NDArray[np.str_],
    series: Series,
    grid: _Grid,
) -> pd.DataFrame:
    rows = []
    begin = grid.times[0]
    for event in events:
        past = event.start + SHIFT_NEUTRAL // STEP if event.lasting else event.end
        if past <= grid.live_from:
            continue
        start, end = begin + event.start * STEP, begin + event.end * STEP
        shift = event.kind == "level_shift"
        in_sd, errors, truth = peak(event, counts, read)
        rows.append(
            {
                "row": event.row,
                "kind": event.kind,
                "start": start,
                "end": end,
                "hit_until": min(end, start + SHIFT_HIT) if shift else end,
                "neutral_until": min(end, start + SHIFT_NEUTRAL) if event.lasting else end,
                "factor": event.factor,
                "peak_sd": in_sd,
                "peak_errors": errors,
                "expected_sd": event.expected_sd,
                "lasting": event.lasting,
                "truth": truth and event.start >= grid.live_from,
            }
        )
    spans = [("deploy", row, at, at + _DEPLOY_NEUTRAL) for row, at in deploys]
    spans += [("new_batch", *one) for one in first_nights]
    for kind, row, at, until in spans:
        if until > grid.live_from:
            start, end = begin + at * STEP, begin + until * STEP
            rows.append({"row": row, "kind": kind, "start": start, "end": end, "hit_until": end, "neutral_until": end, "truth": False})
    columns = (
        "row",
        "kind",
        "start",
        "end",
        "hit_until",
        "neutral_until",
        "factor",
        "peak_sd",
        "peak_errors",
        "expected_sd",
        "lasting",
        "truth",
    )
    frame = pd.DataFrame(rows, columns=list(columns))
    frame["lasting"] = frame["lasting"].fillna(False).astype(bool)
    frame["truth"] = frame["truth"].astype(bool)
    for column in ("start", "end", "hit_until", "neutral_until"):
        frame[column] = pd.to_datetime(frame[column], utc=True).dt.as_unit("us")
    which = frame.pop("row").to_numpy(int)
    frame.insert(0, "namespace", names[which])
    frame.insert(1, "profile", series.profile[which])
    return frame.sort_values(["namespace", "start"], ignore_index=True)


def _rows(
    names: npt.NDArray[np.str_], times: pd.DatetimeIndex, read: npt.NDArray[np.bool_], **values: npt.NDArray[np.generic]
) -> pd.DataFrame:
    row, at = np.nonzero(read)
    frame = pd.DataFrame({"namespace": names[row], "window_start": times[at]})
    return frame.assign(**{name: value[row, at] for name, value in values.items()})
