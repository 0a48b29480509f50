"""Settings of calendars, and of what thresholds are not learnt from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator


class CalendarSettings(BaseModel):
    """Countries whose public holidays are known beside those that people keep; ISO codes, with a region where one is meant (DE-BY)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    countries: list[str] = []
    warn_days: int = Field(14, ge=1, le=365)

    @field_validator("countries")
    @classmethod
    def _codes(cls, value: list[str]) -> list[str]:
        for code in value:
            country, dash, region = code.partition("-")
            if len(country) != 2 or not country.isascii() or not country.isupper() or bool(dash) != bool(region):
                raise ValueError(f"{code!r} is no country code; give two capitals such as CZ, with a region where one is meant: DE-BY")
        return value


class Hygiene(BaseModel):
    """What is left out of training beside incidents, maintenance, samples and incomplete windows.

    ``unlike_ratio``: two hours whose median is more than so many times that of the same hours in other weeks are an outage that nobody
    flagged. ``unlike_floor``: errors in a window below which no level counts as unlike another.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    holidays: bool = True
    unlike_ratio: float = Field(3, gt=1)
    unlike_floor: float = Field(5, ge=1)
