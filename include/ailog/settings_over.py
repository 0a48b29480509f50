"""Settings of a file over those in force: a whole ``analyzer.yaml``, or only what is to be different."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ailog.errors import ConfigError
from ailog.settings import Settings, _mistakes


def over(base: Settings, path: Path) -> Settings:
    """The settings in force with what the file says in place of theirs, name by name; a list is replaced as a whole.

    Raises:
        ConfigError: a file that cannot be read or is not YAML, and every mistake in it with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.safe_load(text) or {}
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): give an analyzer.yaml, or a part of one") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:1: expected settings with names, found {type(data).__name__}")
    try:
        return Settings.model_validate(_merged(base.model_dump(mode="json"), data))
    except ValidationError as error:
        raise ConfigError(f"{path} has mistakes:\n" + "\n".join(f"  {mistake}" for mistake in _mistakes(path, text, error))) from error


def _merged(base: Any, given: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(given, dict):
        return given
    return {**base, **{name: _merged(base.get(name), value) for name, value in given.items()}}
