"""The command explain: what was judged of a namespace in a window, against what, and what became of it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain.explain import lines
from ailog.domain.spoken_times import spoken_time
from ailog.orchestration.composition import Composition
from ailog.pipeline.explain import explain as explained

STATEMENT_SECONDS = 60


def explain(arguments: Arguments) -> int:
    """The keys of ``--json`` are those of ``pipeline.explain.explain``."""
    given = settings.load()
    zone = ZoneInfo(given.timezone)
    try:
        moment = spoken_time(" ".join(arguments.time), zone)
    except ValueError as error:
        raise UsageError(f"TIME {error}") from error
    with closing(Composition(given, from_environment).store_within(STATEMENT_SECONDS, "ailog explain")) as store:
        found = explained(store, given, arguments.namespace, moment, datetime.now(UTC), arguments.detector)
    if arguments.json:
        out.as_json(found)
        return 0
    for line in lines(found, zone, every=arguments.detector is not None):
        out.say(line)
    return 0
