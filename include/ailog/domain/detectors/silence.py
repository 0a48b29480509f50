"""Silence: a namespace that normally logs says nothing. "No data" is told apart from "no errors".

Judged is the quiet stretch: the window and up to four empty windows directly before it. Where records of any level are counted, their
absence is what silence means, and records without errors are good news (stage ``no_errors``). Where they are not, errors themselves have to
be missing beyond chance. A window that was not read in full is never silent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from ailog.domain.detectors.judged import NAMESPACE, Judged, plain, verdicts
from ailog.domain.events import WINDOW
from ailog.domain.seasonal import Season, Seasons, seasons
from ailog.domain.wording import counted, number

LONGEST: Final = 5
"""Windows of the longest stretch that is judged: the window itself and four before it."""

_Count = tuple[float, float]
"""Errors and records of any level (NaN unknown) of a complete window."""


def silence(judged: Judged) -> pd.DataFrame:
    """One verdict per window and namespace without errors."""
    return verdicts(_rows(judged))


def _rows(judged: Judged) -> Iterator[dict[str, Any]]:
    totals = judged.totals[judged.totals["count"] == 0]
    if totals.empty:
        return
    names = sorted(totals["namespace"].unique())
    read = _read(judged, names)
    quiet = {(pd.Timestamp(row["window_start"]), row["namespace"]): row for row in totals.to_dict("records")}
    span = judged.season_days
    errors = seasons(judged.history, names, judged.settings.timezone, span=span)
    records = seasons(judged.history, names, judged.settings.timezone, value="documents", span=span)
    for (part, by_errors), (_, by_records) in zip(errors, records, strict=True):
        for window in judged.windows:
            rows = {name: quiet[(pd.Timestamp(window), name)] for name in part if (pd.Timestamp(window), name) in quiet}
            if rows:
                yield from _window(judged, window, part, rows, (by_errors, by_records), read)


def _read(judged: Judged, names: list[str]) -> dict[tuple[str, pd.Timestamp], _Count]:
    columns = ["namespace", "window_start", "count", "documents"]
    around = judged.history[judged.history["window_start"] >= pd.Timestamp(judged.windows[0]) - LONGEST * WINDOW]
    parts = [around, judged.recent, judged.totals[judged.totals["complete"].astype(bool)]]
    frame = pd.concat([part[columns] for part in parts if part is not None])
    frame = frame[frame["namespace"].isin(names)]
    documents = frame["documents"].astype("Float64").to_numpy(dtype=float, na_value=math.nan)
    counts = frame["count"].to_numpy(dtype=float)
    keys = zip(frame["namespace"], frame["window_start"], strict=True)
    return {(n, pd.Timestamp(w)): (float(c), float(d)) for (n, w), c, d in zip(keys, counts, documents, strict=True)}


def _window(
    judged: Judged,
    window: datetime,
    part: list[str],
    rows: Mapping[str, Mapping[Any, Any]],
    models: tuple[Seasons, Seasons],
    read: Mapping[tuple[str, pd.Timestamp], _Count],
) -> Iterator[dict[str, Any]]:
    least = judged.settings.detectors.silence.min_history
    by_errors, by_records = (model.at(window, least) for model in models)
    stretches: dict[tuple[str, int], Any] = {}
    for place, namespace in enumerate(part):
        if namespace not in rows:
            continue
        complete = bool(rows[namespace]["complete"])
        documents = read.get((namespace, pd.Timestamp(window)), (0.0, math.nan))[1]
        use_records = not math.isnan(documents) and int(by_records.samples[place]) >= least
        measure, season = ("records", by_records) if use_records else ("errors", by_errors)
        length = _quiet_windows(namespace, window, read, use_records=use_records) if complete else 1
        if (measure, length) not in stretches:
            stretches[measure, length] = season.stretch(length)
        expected, log_p, empty_days = (figures[place] for figures in stretches[measure, length])
        yield _verdict(
            judged,
            window,
            namespace,
            _Quiet(measure, length, documents, float(expected), float(log_p), int(empty_days), season, place, complete=complete),
        )


def _quiet_windows(namespace: str, window: datetime, read: Mapping[tuple[str, pd.Timestamp], _Count], *, use_records: bool) -> int:
    length = 1
    while length < LONGEST:
        before = read.get((namespace, pd.Timestamp(window) - length * WINDOW))
        if before is None or before[0] > 0 or (use_records and before[1] != 0):
            break
        length += 1
    return length


class _Quiet:
    """The figures of one quiet stretch."""

    def __init__(
        self,
        measure: str,
        length: int,
        documents: float,
        expected: float,
        log_p: float,
        empty_days: int,
        season: Season,
        place: int,
        *,
        complete: bool,
    ) -> None:
        self.measure, self.length, self.documents, self.expected, self.log_p = measure, length, documents, expected, log_p
        self.empty_days, self.complete, self.label = empty_days, complete, season.label[place]
        self.samples = int(season.samples[place])

    def stage(self, judged: Judged) -> str:
        rules = judged.settings.detectors.silence
        if not self.complete:
            return "partial"
        if self.documents > 0:
            return "no_errors"
        if self.samples < judged.settings.detectors.silence.min_history or math.isnan(self.expected):
            return "no_history"
        if self.expected < rules.min_expected:
            return "floor"
        if self.empty_days >= 2:
            return "habit"
        return "fired" if self.log_p <= math.log(rules.significance) else "significance"


def _verdict(judged: Judged, window: datetime, namespace: str, quiet: _Quiet) -> dict[str, Any]:
    stage = quiet.stage(judged)
    known = math.isfinite(quiet.expected)
    usual = f"{number(quiet.expected)} usual in that time" if known else "no history of this time"
    nothing = "no data: not one record of any level" if quiet.documents == 0 else "no errors, and records of other levels are not counted"
    lasting = f"in {number(quiet.length * 15)} min"
    why = {
        "fired": f"{nothing} {lasting}; {usual}",
        "partial": "no errors, but the window was read in part, so nothing is said about it",
        "no_errors": f"no errors, while {number(quiet.documents)} records of other levels came",
        "no_history": f"{nothing} {lasting}; {usual}",
        "floor": f"{nothing} {lasting}; {usual}, too few to miss",
        "habit": f"{nothing} {lasting}; {usual}, but {counted(quiet.empty_days, 'earlier day')} had none as well",
        "significance": f"{nothing} {lasting}; {usual}, which leaves room for chance",
    }
    return {
        "window_start": window,
        "namespace": namespace,
        "detector": "silence",
        "subject": NAMESPACE,
        "value": 0.0,
        "baseline": quiet.expected if known else None,
        "threshold": judged.settings.detectors.silence.min_expected,
        "fired": stage == "fired",
        "stage": stage,
        "reason": why[stage],
        "evidence": {
            "measure": quiet.measure,
            "windows": quiet.length,
            "expected": plain(quiet.expected),
            "log10_p": plain(quiet.log_p / math.log(10)),
            "season": quiet.label,
            "season_samples": quiet.samples,
            "empty_days": quiet.empty_days,
            "documents": plain(quiet.documents, 12),
        },
    }
