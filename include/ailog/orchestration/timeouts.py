"""How long each step may take. The same limit holds for a statement of its database connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

STEP_TIMEOUTS: Final[dict[str, timedelta]] = {
    "preflight": timedelta(minutes=2),
    "plan": timedelta(minutes=20),  # it may wait limits.settle_seconds, at most 15 minutes
    "fetch": timedelta(minutes=30),
    "classify": timedelta(minutes=30),
    "detect": timedelta(minutes=15),
    "propagate": timedelta(minutes=15),
    "store": timedelta(minutes=15),
    "report": timedelta(minutes=10),
    "summary": timedelta(minutes=10),
    "notify": timedelta(minutes=10),
    "pages": timedelta(minutes=15),
    "cleanup": timedelta(minutes=10),
    "days": timedelta(minutes=5),
    "collect": timedelta(hours=2),
    "thresholds": timedelta(minutes=30),
    "backtest": timedelta(minutes=30),
    "roll_up": timedelta(hours=1),
    "retention": timedelta(hours=1),
    "leftovers": timedelta(minutes=20),
    "backup": timedelta(hours=2),
    "statistics": timedelta(minutes=20),
    "look": timedelta(minutes=4),
}

CALLBACK_SECONDS: Final = 15
"""For the database work of a failure callback: it runs while a failed task still holds its slot."""


def statement_seconds(step: str) -> int:
    """The statement timeout of a step's connection."""
    return int(STEP_TIMEOUTS[step].total_seconds())
