"""Commands about the analyzer itself: doctor, watch."""

from __future__ import annotations

import time
from collections import Counter

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments
from ailog.connections import from_environment
from ailog.errors import ConfigError
from ailog.orchestration import watch as watching
from ailog.orchestration.composition import Composition
from ailog.orchestration.doctor import Doctor, versions
from ailog.pipeline.doctor import Finding, guarded, shown

_COLUMNS = {"area": "of", "name": "what", "state": "state", "found": "found", "remedy": "remedy"}


def doctor(arguments: Arguments) -> int:
    """Prints every finding: ``healthy``, ``counts`` by state and ``findings``; status 1 when one of them is FAIL."""
    try:
        found = Doctor(Composition(settings.load(), from_environment), canary=arguments.canary).examine()
    except ConfigError as error:  # without settings nothing else can be asked
        mend = "mend what it names, then 'ailog validate'"
        found = [*guarded("versions", "packages", "", versions), Finding("configuration", "files", "FAIL", shown(error), mend)]
    counts = Counter(finding.state for finding in found)
    rows = [finding.as_row() for finding in found]
    if arguments.json:
        states = {state: counts[state] for state in ("OK", "WARN", "FAIL")}
        out.as_json({"healthy": not counts["FAIL"], "counts": states, "findings": rows})
    else:
        out.table("doctor", rows, _COLUMNS)
        out.say(f"{counts['OK']} OK, {counts['WARN']} WARN, {counts['FAIL']} FAIL")
    return 1 if counts["FAIL"] else 0


def watch(arguments: Arguments) -> int:
    """Looks once, or every so many seconds until it is interrupted; status 1 when the last look found an alarm."""
    parts = Composition(settings.load(), from_environment)
    memory = watching.file_memory(parts.settings)
    while True:
        found = watching.look(parts, memory, dry_run=arguments.dry_run)
        alarms = [
            {"alarm": alarm.key, "severity": alarm.severity, "title": alarm.title, "reason": alarm.reason, "remedy": alarm.remedy}
            for alarm in found.alarms
        ]
        if arguments.json:
            out.as_json({**found.counts, "alarms": alarms, "dry_run": arguments.dry_run})
        else:
            out.table("alarms", alarms, {"severity": "severity", "title": "what", "reason": "why", "remedy": "remedy"})
        if arguments.once:
            return 1 if alarms else 0
        time.sleep(arguments.every)
