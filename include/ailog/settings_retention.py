"""Settings of maintenance: how long what is kept, and where backups lie."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MARGIN_DAYS: Final = 2
"""Beyond what training and judging look back on: the day that a backfill reads at nine is not today."""


class Retention(BaseModel):
    """Days that rows and files are kept at least. Months are dropped whole, so that the oldest rows are up to a month older.

    ``raw_days``: counts by window (``namespace_error_counts``, ``error_kind_counts``); their days are rolled up first, and the roll-ups
    are kept for ever. ``patterns_days``: signatures that were not seen, with their aliases and specimens. ``detections_days``: what was
    judged. ``traces_days``: dependencies, cascades and health of services. ``messages_days``: messages that were sent or given up, and why
    others were not made. ``norms_days``: days of series that norms are learned
    from; they outlive the counts. ``rejected_days``: records that could not be taken. ``snapshot_days``: replaced threshold snapshots.
    ``reports_days``, ``backups_days``: files; the newest are kept whatever their age.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    raw_days: int = Field(30, ge=28, le=3660)
    patterns_days: int = Field(90, ge=60, le=3660)
    detections_days: int = Field(90, ge=28, le=3660)
    traces_days: int = Field(90, ge=28, le=3660)
    messages_days: int = Field(90, ge=28, le=3660)
    norms_days: int = Field(60, ge=58, le=3660)
    rejected_days: int = Field(90, ge=28, le=3660)
    snapshot_days: int = Field(730, ge=180, le=3660)
    reports_days: int = Field(90, ge=1, le=3660)
    backups_days: int = Field(30, ge=1, le=3660)
    backup_directory: str = Field("backups", min_length=1)
    backup_format: Literal["parquet", "csv"] = "parquet"

    @model_validator(mode="after")
    def _in_order(self) -> Retention:
        if self.patterns_days < self.raw_days:
            raise ValueError(
                f"patterns_days {self.patterns_days} is less than raw_days {self.raw_days}: a signature stays as long as facts that name it"
            )
        # A month of verdicts goes up to a month late; a snapshot must outlive every verdict that names it.
        if self.snapshot_days < self.detections_days + 62:
            raise ValueError(
                f"snapshot_days {self.snapshot_days} is less than detections_days {self.detections_days} and two months: "
                "verdicts would name snapshots that are gone"
            )
        return self


def starved(raw_days: int, weeks: int, history_days: int) -> str:
    """Why counts that are kept for ``raw_days`` would not do for training and judging, naming both values; empty when they do."""
    for name, needed in (
        (f"thresholds.weeks {weeks}", weeks * 7 + MARGIN_DAYS),
        (f"detectors.silence.history_days {history_days}", history_days + MARGIN_DAYS),
    ):
        if raw_days < needed:
            return (
                f"retention.raw_days {raw_days} is too short for {name}: it needs the counts of {needed} days; "
                f"raise raw_days to {needed} or lower {name.split()[0]}"
            )
    return ""
