"""Settings of the messages: channels, when an incident is told, silences, the morning summary."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Channel = Literal["teams", "email", "file"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Teams(_Model):
    connection: str = "ailog_teams"
    timeout_seconds: float = Field(10, gt=0, le=120)
    pace_seconds: float = Field(1, ge=0, le=60)
    max_bytes: int = Field(20_000, ge=2_000, le=28_000)


class Email(_Model):
    connection: str = "ailog_smtp"
    sender: str = ""
    recipients: list[str] = []
    timeout_seconds: float = Field(10, gt=0, le=120)


class FileChannel(_Model):
    directory: str = "reports/notifications"


class SendRetry(_Model):
    first_seconds: float = Field(30, gt=0)
    max_seconds: float = Field(900, gt=0)
    give_up_hours: float = Field(24, gt=0)


class MorningSummary(_Model):
    """The summary of yesterday: ``hour`` is the first hour of the UTC day at which a complete day is told; a failed one is told at once."""

    enabled: bool = True
    hour: int = Field(7, ge=0, le=23)
    top: int = Field(5, ge=1, le=10)
    amend_share: float = Field(0.05, gt=0, le=1)


class Notify(_Model):
    """``growth`` is a share of what was told last, ``growth_events`` the least number of events that it must be."""

    channels: list[Channel] = ["file"]
    top: int = Field(3, ge=1, le=10)
    cooldown_minutes: int = Field(45, ge=0)
    heartbeat_minutes: int = Field(120, ge=15)
    growth: float = Field(0.30, gt=0)
    growth_events: int = Field(20, ge=1)
    silence_max_days: int = Field(30, ge=1, le=366)
    summary: MorningSummary = MorningSummary()
    teams: Teams = Teams()
    email: Email = Email()
    file: FileChannel = FileChannel()
    retry: SendRetry = SendRetry()

    @model_validator(mode="after")
    def _email_is_addressed(self) -> Self:
        if "email" in self.channels and not (self.email.sender and self.email.recipients):
            raise ValueError("the channel email needs notify.email.sender and notify.email.recipients")
        return self
