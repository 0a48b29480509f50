"""Commands that tell: the report of a day, the tables as files."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import time
from pathlib import Path

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments, UsageError
from ailog.cli_run import bounds
from ailog.connections import from_environment
from ailog.domain.report_data import to_json
from ailog.domain.report_text import to_txt
from ailog.orchestration.composition import Composition
from ailog.pipeline import reading, report
from ailog.settings import PACKAGE_ROOT

STATEMENT_SECONDS = 300


def show(arguments: Arguments) -> int:
    """The report of a UTC day; as JSON ``{"date", "windows", "totals", ..., "incidents", "report"}``."""
    if arguments.date.timetz().replace(tzinfo=None) != time.min:
        raise UsageError("give a day without a time, such as 2026-01-31")
    loaded = settings.load()
    with closing(Composition(loaded, from_environment).store_within(STATEMENT_SECONDS, "ailog show")) as store:
        facts = report.day_facts(store, arguments.date, loaded)
        found = reading.day(store, arguments.date) if arguments.json else {}
    if arguments.json:
        out.as_json({**found, "report": json.loads(to_json(facts, loaded))})
    else:
        out.say(to_txt(facts, loaded).rstrip("\n"))
    return 0


def export(arguments: Arguments) -> int:
    """``{"files": {table: path}}``."""
    span = bounds(arguments)
    loaded = settings.load()
    directory = arguments.output or PACKAGE_ROOT / loaded.report.directory / "export"
    with closing(Composition(loaded, from_environment).store_within(STATEMENT_SECONDS, "ailog export")) as store:
        files = report.export(
            store,
            loaded,
            Path(directory).absolute(),
            since=span.start if span else None,
            until=span.end if span else None,
            form=arguments.format,
        )
    if arguments.json:
        out.as_json({"files": files})
    else:
        for name, path in files.items():
            out.say(f"{name}: {path}")
    return 0
