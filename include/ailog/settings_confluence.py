"""Settings of the Confluence pages."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageTitles(_Model):
    """Titles under which pages are looked up and made; a page that a person renames keeps the new title."""

    daily: str = Field("AI Log Analyzer: daily report", min_length=1, max_length=200)
    errors: str = Field("AI Log Analyzer: known errors", min_length=1, max_length=200)
    peaks: str = Field("AI Log Analyzer: known peaks", min_length=1, max_length=200)

    @model_validator(mode="after")
    def _differ(self) -> Self:
        titles = [self.daily, self.errors, self.peaks]
        if len({title.casefold() for title in titles}) < len(titles):
            raise ValueError("daily, errors and peaks need titles of their own: a space holds every title once")
        return self


class PageIds(_Model):
    """Pages that exist already, by id; empty: looked up by title, and made where there is none."""

    daily: str = Field("", pattern=r"^[0-9]*$")
    errors: str = Field("", pattern=r"^[0-9]*$")
    peaks: str = Field("", pattern=r"^[0-9]*$")


class PageRows(_Model):
    """Most rows of each table; the rest is counted and stands in the attached CSV."""

    incidents: int = Field(50, ge=1, le=1000)
    details: int = Field(10, ge=0, le=100)
    namespaces: int = Field(100, ge=1, le=1000)
    errors: int = Field(200, ge=1, le=5000)
    peaks: int = Field(200, ge=1, le=5000)
    days: int = Field(14, ge=1, le=60)


class PageRetry(_Model):
    """When a page that was not taken is tried again."""

    conflicts: int = Field(4, ge=1, le=10)
    first_seconds: float = Field(60, gt=0)
    max_seconds: float = Field(1800, gt=0)
    refused_seconds: float = Field(3600, gt=0)
    alarm_after_minutes: int = Field(120, ge=0)


class Confluence(_Model):
    """Where the daily report, the known errors and the known peaks are published; off unless ``enabled``."""

    enabled: bool = False
    connection: str = "ailog_confluence"
    space: str = Field("", pattern=r"^~?[A-Za-z0-9._-]*$")
    parent_id: str = Field("", pattern=r"^[0-9]*$")
    titles: PageTitles = PageTitles()
    page_ids: PageIds = PageIds()
    rows: PageRows = PageRows()
    max_page_bytes: int = Field(400_000, ge=20_000, le=5_000_000)
    max_attachment_bytes: int = Field(10_000_000, ge=1_000, le=100_000_000)
    timeout_seconds: int = Field(30, ge=1, le=300)
    catch_up_days: int = Field(7, ge=0, le=60)
    retry: PageRetry = PageRetry()

    @model_validator(mode="after")
    def _space_is_named(self) -> Self:
        if self.enabled and not self.space:
            raise ValueError("confluence.enabled needs confluence.space, the key of the space")
        return self
