"""Settings of the regression detector."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Regression(BaseModel):
    """When what was declared fixed counts as back although no version says so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quiet_hours: int = Field(4, ge=1, le=24 * 31)
    min_count: int = Field(3, ge=1)
