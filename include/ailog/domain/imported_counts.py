"""Counts from elsewhere, made fit for a baseline: times to UTC, one row a window and namespace, everything else set aside with a reason.

Nothing is filled in: a window without a row stays a gap. A local time that the clocks repeat or skip has no window, and is not given one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from ailog.domain.events import WINDOW
from ailog.errors import ConfigError
from ailog.settings import Scope

TIME_COLUMNS: Final = ("window_start", "timestamp")
COUNT_COLUMNS: Final = ("count", "error_count")
REASONS: Final = (
    "bad_time", "bad_count", "no_namespace", "ambiguous_local_time", "nonexistent_local_time", "off_quarter_hour", "not_over",
    "implausible_time", "incomplete", "out_of_scope", "contradiction", "repeated",
)  # fmt: skip
"""Why a row is not taken; ``contradiction``: two rows of one window and namespace with different counts, ``repeated``: with the same."""
_FIRST: Final = pd.Timestamp("1990-01-01", tz="UTC")


@dataclass(frozen=True, slots=True)
class Correction:
    """How written times become UTC: the zone that they are local times of, or by how many hours they run ahead of UTC."""

    timezone: str | None = None
    shift_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Tidy:
    """``counts``: window_start (UTC), namespace, count. ``rejected``: row (first is 1), reason, detail."""

    counts: pd.DataFrame
    rejected: pd.DataFrame
    originals: int
    """Rows whose ``original_value`` was taken, because a corrected value stood beside it."""

    def reasons(self) -> dict[str, int]:
        """How many rows were not taken, by reason."""
        found = self.rejected["reason"].value_counts()
        return {reason: int(found[reason]) for reason in REASONS if reason in found}


def tidy(given: pd.DataFrame, correction: Correction, *, now: datetime, scope: Scope, name: str) -> Tidy:
    """Takes a table of counts apart into what can be learnt from and what cannot.

    Args:
        given: a time (window_start or timestamp), namespace, a count (count or error_count), all as they were read; where there is an
            ``original_value`` it replaces the count, because a corrected count is no observation; rows that are not ``complete`` are left.
        correction: of times without a zone; one of both is needed then.
        now: windows that are not over by now are not taken.
        scope: namespaces that are analysed.
        name: of the table, for complaints.

    Raises:
        ConfigError: when a column is missing, or times without a zone come without a correction, or the other way round.
    """
    written = _column(given, TIME_COLUMNS, name)
    namespaces = _column(given, ("namespace",), name).astype("string").str.strip().reset_index(drop=True)
    counts = pd.to_numeric(_column(given, COUNT_COLUMNS, name), errors="coerce").reset_index(drop=True)
    originals = 0
    if "original_value" in given:
        first = pd.to_numeric(given["original_value"], errors="coerce").reset_index(drop=True)
        originals = int((first.notna() & (first != counts)).sum())
        counts = first.where(first.notna(), counts)
    starts, reason = _times(written.reset_index(drop=True), correction, name)

    def reject(why: str, mask: pd.Series) -> None:
        reason[mask.fillna(value=False).astype(bool) & (reason == "")] = why

    reject("off_quarter_hour", starts != starts.dt.floor("15min"))
    reject("implausible_time", starts < _FIRST)
    reject("not_over", starts + WINDOW > pd.Timestamp(now))
    reject("no_namespace", namespaces.isna() | (namespaces == ""))
    reject("bad_count", counts.isna() | (counts < 0) | (counts != counts.round()) | (counts > 2**53))
    if "complete" in given:
        flags = given["complete"].reset_index(drop=True).astype("string").str.strip().str.lower()
        reject("incomplete", ~flags.isin(["true", "t", "1", "yes", "1.0"]))
    inside = {str(one): scope.covers(str(one)) for one in namespaces.dropna().unique()}
    reject("out_of_scope", ~namespaces.map(inside).astype("boolean").fillna(value=True))
    table = pd.DataFrame({"window_start": starts, "namespace": namespaces, "count": counts})
    good = table[reason == ""]
    differing = good.groupby(["window_start", "namespace"])["count"].transform("nunique") > 1
    reason[differing.index[differing]] = "contradiction"
    good = good[~differing]
    twice = good.duplicated(["window_start", "namespace"])
    reason[twice.index[twice]] = "repeated"
    good = good[~twice].astype({"count": "int64", "namespace": "str"}).sort_values(["window_start", "namespace"], ignore_index=True)
    bad = reason.index[reason != ""]
    detail = written.reset_index(drop=True)[bad].astype("string").fillna("").str.slice(0, 60)
    rejected = pd.DataFrame({"row": bad + 1, "reason": reason[bad].to_numpy(), "detail": detail.to_numpy()})
    return Tidy(good, rejected, originals)


def _column(given: pd.DataFrame, names: Sequence[str], name: str) -> pd.Series:
    for one in names:
        if one in given:
            return given[one]
    found = ", ".join(str(column) for column in given.columns)
    raise ConfigError(f"{name}: there is no column {' or '.join(names)}; it has {found or 'none'}")


def _times(written: pd.Series, correction: Correction, name: str) -> tuple[pd.Series, pd.Series]:
    """The times in UTC (NaT where there is none), and why not."""
    reason = pd.Series("", index=written.index, dtype=object)
    if isinstance(written.dtype, pd.DatetimeTZDtype):
        plain, zoned = None, written.dt.tz_convert("UTC")
    elif pd.api.types.is_datetime64_dtype(written):
        plain, zoned = written, None
    else:
        text = written.astype("string").str.strip()
        has_zone = text.str.contains(r"(?:Z|[+-]\d{2}(?::?\d{2})?)$", regex=True).fillna(value=False) & text.str.contains(":").fillna(
            value=False
        )
        if has_zone.any() and not has_zone[text.notna() & (text != "")].all():
            raise ConfigError(f"{name}: some times have a zone and some have none; write them all alike")
        parsed = pd.to_datetime(text, errors="coerce", format="ISO8601", utc=bool(has_zone.any()))
        plain, zoned = (None, parsed) if has_zone.any() else (parsed, None)
    corrected = correction.timezone is not None or correction.shift_hours is not None
    if zoned is not None:
        if corrected:
            raise ConfigError(f"{name}: its times carry their zone already: leave --timezone and --shift-hours out")
        starts = zoned
    elif not corrected:
        raise ConfigError(
            f"{name}: its times have no zone: say whose they are by --timezone (UTC, Europe/Prague), or by --shift-hours how many hours "
            "they run ahead of UTC"
        )
    else:
        assert plain is not None  # noqa: S101 - one of both is there
        starts = _to_utc(plain, correction, reason)
    reason[starts.isna() & (reason == "")] = "bad_time"
    return starts.astype("datetime64[us, UTC]"), reason


def _to_utc(plain: pd.Series, correction: Correction, reason: pd.Series) -> pd.Series:
    if correction.timezone is None:
        return (plain - timedelta(hours=correction.shift_hours or 0)).dt.tz_localize("UTC")
    once = plain.dt.tz_localize(correction.timezone, ambiguous="NaT", nonexistent="NaT")
    moved = plain.dt.tz_localize(correction.timezone, ambiguous="NaT", nonexistent="shift_forward")
    lost = plain.notna() & once.isna()
    reason[lost & moved.isna()] = "ambiguous_local_time"
    reason[lost & moved.notna()] = "nonexistent_local_time"
    starts: pd.Series = once.dt.tz_convert("UTC")
    return starts
