"""Settings of the look for late events."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Late(BaseModel):
    """How far back a regular run looks for events that came after their window was read; 0 hours: it does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: int = Field(3, ge=0, le=24)
    max_windows: int = Field(12, ge=1, le=96)
