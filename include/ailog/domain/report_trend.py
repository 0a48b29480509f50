"""Errors by day over four weeks, on days that were read completely; any other day is a gap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from ailog.domain.report import Facts
from ailog.domain.report_charts import HEIGHT, WIDTH, Rect, ceiling, compact
from ailog.domain.wording import counted, number

WINDOWS_A_DAY: Final = 96
_COMPARED_DAYS, _ENOUGH_DAYS = 7, 3
_TIMES: Final = 2.0

Row = Mapping[str, Any]


def trend(facts: Facts) -> list[Rect]:
    """Errors by UTC day; a day that was not read completely has no bar, but a hatched place."""
    days = facts.days
    if not days:
        return []
    top = ceiling(max((float(row["errors"]) for row in days if _whole(row)), default=0.0))
    width = WIDTH / len(days)
    rects = []
    for place, row in enumerate(days):
        x, wide = round(place * width + width * 0.1, 2), round(width * 0.8, 2)
        name = f"{row['day_start'].astimezone(UTC):%Y-%m-%d} UTC"
        if not _whole(row):
            rects.append(Rect(x, 0, wide, HEIGHT, "gap", f"{name}: {row['complete']} of 96 windows complete, not compared"))
            continue
        height = round(max(float(row["errors"]) / top * HEIGHT, 1.5), 2)
        said = f"{name}: {counted(int(row['errors']), 'error')}, {counted(int(row['incidents']), 'incident')} opened"
        rects.append(Rect(x, round(HEIGHT - height, 2), wide, height, "today" if place == len(days) - 1 else "below", said))
    return rects


def trend_top(facts: Facts) -> str:
    """The figure at the top of the chart of days."""
    return compact(ceiling(max((float(row["errors"]) for row in facts.days if _whole(row)), default=0.0)))


def trend_words(facts: Facts) -> str:
    """The last complete day against the mean of the complete ones among the seven before it; says so where this is not known."""
    whole = [place for place, row in enumerate(facts.days) if _whole(row)]
    if not whole:
        return "No day of the last 28 was read completely: there is no trend."
    last = facts.days[whole[-1]]
    name = f"{last['day_start'].astimezone(UTC):%Y-%m-%d} (UTC day)"
    errors = counted(int(last["errors"]), "error")
    before = [int(facts.days[place]["errors"]) for place in whole[:-1] if whole[-1] - place <= _COMPARED_DAYS]
    if len(before) < _ENOUGH_DAYS:
        return f"{name}: {errors}. Only {counted(len(before), 'complete day')} of the seven before: too few to compare with."
    mean = sum(before) / len(before)
    if not mean:
        return f"{name}: {errors}; none in the {len(before)} complete days of the week before."
    change = float(last["errors"]) / mean - 1
    if change >= _TIMES:
        word = f"{number(round(change + 1, 1))} times"
    else:
        word = "as many as" if abs(change) < 0.005 else f"{abs(change):.0%} {'more' if change > 0 else 'fewer'} than"
    return f"{name}: {errors}, {word} the mean of the {len(before)} complete days of the week before ({number(round(mean))})."


def _whole(row: Row) -> bool:
    return int(row["complete"]) == WINDOWS_A_DAY
