"""Commands about the installation: validate, migrate, grant, check."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from ailog import cli_output as out
from ailog import settings
from ailog.adapters.notifiers import UnusableNotifier
from ailog.adapters.store.preflight import preflight
from ailog.cli_parser import Arguments
from ailog.connections import from_environment
from ailog.errors import AilogError
from ailog.orchestration.composition import Composition


def validate(arguments: Arguments) -> int:
    """Reads and checks both configuration files."""
    found = settings.load()
    result = {
        "directory": str(settings.config_directory()),
        "config_hash": found.config_hash,
        "sources": [source.name for source in found.active_sources],
        "namespaces": len(found.namespaces.namespaces),
        "channels": list(found.notify.channels),
    }
    if arguments.json:
        out.as_json(result)
    else:
        out.say(f"the configuration is valid: {out.counts(result)}")
    return 0


def migrate(arguments: Arguments) -> int:
    """Applies what is missing of the schema."""
    applied = _parts().migrate()
    if arguments.json:
        out.as_json({"applied": applied})
    else:
        out.say(f"applied {', '.join(applied)}" if applied else "the schema is up to date")
    return 0


def grant(arguments: Arguments) -> int:
    """Grants rights again, then reports what is still missing."""
    parts = _parts()
    role = parts.grant()
    problems = _store_problems(parts)
    if arguments.json:
        out.as_json({"role": role, "problems": problems})
    else:
        out.say(f"granted the rights of {role}" + ("" if problems else "; nothing is missing"))
        for problem in problems:
            out.say(f"  {problem}")
    return 1 if problems else 0


def check(arguments: Arguments) -> int:
    """Configuration, connections, schema and rights: everything that is not ready, each with its remedy."""
    parts = _parts()
    problems = _store_problems(parts) + _connection_problems(parts)
    if arguments.json:
        out.as_json({"ready": not problems, "problems": problems})
    elif problems:
        out.say("not ready:")
        for problem in problems:
            out.say(f"  {problem}")
    else:
        out.say("ready: configuration, connections, schema and rights are in order")
    return 1 if problems else 0


def _parts() -> Composition:
    return Composition(settings.load(), from_environment)


def _store_problems(parts: Composition) -> list[str]:
    def probe() -> list[str]:
        with closing(parts.store("preflight")) as store:
            return preflight(store)

    return _problems(probe)


def _connection_problems(parts: Composition) -> list[str]:
    """Mistakes in the connections of sources and channels; nothing is called."""

    def build(name: str) -> Callable[[], list[str]]:
        def probe() -> list[str]:
            with parts.source(name):
                return []

        return probe

    found = [problem for source in parts.settings.active_sources for problem in _problems(build(source.name))]
    for name, channel in parts.notifiers().items():
        if isinstance(channel, UnusableNotifier):
            found.append(f"channel {name}: {channel.reason}")
    return found


def _problems(probe: Callable[[], list[str]]) -> list[str]:
    try:
        return probe()
    except AilogError as error:
        return [str(error)]
