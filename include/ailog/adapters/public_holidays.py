"""Public holidays of named countries, from the package ``holidays``, as entries of a calendar."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from typing import Any

from ailog.domain.calendar import Entry
from ailog.errors import ConfigError

OWNER = "public"


def entries(countries: Sequence[str], years: Iterable[int], timezone: str) -> list[Entry]:
    """One entry per holiday and country, for all namespaces; ``countries`` are ISO codes, with a region where one is meant (DE-BY).

    Raises:
        ConfigError: for a country or region that the package does not know, or when the package is not installed.
    """
    if not countries:
        return []
    try:
        package: Any = importlib.import_module("holidays")
    except ImportError as error:
        raise ConfigError(
            "calendar.countries needs the package holidays: pip install it at the version of requirements.txt, or empty the setting"
        ) from error
    wanted = sorted(set(years))
    found = []
    for name in countries:
        country, _, region = name.partition("-")
        try:
            days = package.country_holidays(country, subdiv=region or None, years=wanted, language="en_US")
        except NotImplementedError as error:
            raise ConfigError(
                f"calendar.countries: {name!r} is no country, or no region of it, whose holidays are known; give a code such as CZ or DE-BY"
            ) from error
        for day, title in sorted(days.items()):
            found.append(Entry(f"{name}-{day.isoformat()}", "holiday", OWNER, title, timezone=timezone, day=day, calendar=name))
    return found
