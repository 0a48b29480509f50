"""Settings of the watch over the analyzer itself: when something becomes an alarm, and how often it is told."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ailog.settings_notify import Channel


class Watch(BaseModel):
    """Limits of the alarms. ``channels``: those of the alarms, empty for ``notify.channels``.

    An alarm is told when it opens, again after ``remind_minutes``, then after pauses that double up to ``remind_most_minutes``, and once
    more when its cause has been gone for ``settle_minutes``. Jumps are of the last hour against the week before, as shares of events.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    channels: list[Channel] = []
    complete_run_minutes: int = Field(30, ge=20)
    run_minutes: int = Field(60, ge=15)
    backfill_minutes: int = Field(240, ge=30)
    failed_backfills: int = Field(3, ge=1, le=30)
    failed_reads: int = Field(3, ge=1, le=100)
    pages_minutes: int = Field(240, ge=30)
    channel_minutes: int = Field(60, ge=5)
    database_minutes: int = Field(5, ge=0)
    unknown_jump: float = Field(0.2, gt=0, lt=1)
    overflow_jump: float = Field(0.1, gt=0, lt=1)
    least_events: int = Field(200, ge=1)
    thresholds_days: int = Field(10, ge=1)
    partition_days: int = Field(7, ge=1, le=28)
    silence_hours: int = Field(24, ge=0)
    remind_minutes: int = Field(60, ge=5)
    remind_most_minutes: int = Field(1440, ge=5)
    settle_minutes: int = Field(10, ge=0)
