"""Stage and family of a namespace, read from its name.

``pcb-sit-01-app`` and ``pcb-uat-01-app`` are one application on two stages: the same family ``pcb-*-app``, the environments sit and uat.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

Environment = Literal["prod", "uat", "sit", "fat", "dev", "test", "staging", "unknown"]

_STAGES: Final[dict[str, Environment]] = {
    "prod": "prod",
    "production": "prod",
    "prd": "prod",
    "live": "prod",
    "uat": "uat",
    "sit": "sit",
    "fat": "fat",
    "dev": "dev",
    "develop": "dev",
    "development": "dev",
    "test": "test",
    "tst": "test",
    "testing": "test",
    "qa": "test",
    "staging": "staging",
    "stage": "staging",
    "stg": "staging",
    "preprod": "staging",
}
_PARTS: Final = re.compile(r"([-_.])")
_NUMBERED: Final = re.compile(r"([a-z]+)[0-9]*")


def _stage(part: str) -> Environment | None:
    match = _NUMBERED.fullmatch(part.lower())
    return _STAGES.get(match.group(1)) if match else None


@lru_cache(maxsize=16384)
def environment_of(namespace: str) -> Environment:
    """The stage that the first matching part of the name states, else unknown; parts are divided by ``-``, ``_`` or ``.``."""
    for part in _PARTS.split(namespace):
        stage = _stage(part)
        if stage is not None:
            return stage
    return "unknown"


@lru_cache(maxsize=16384)
def family_of(namespace: str) -> str:
    """The name with its stage, and the number of that stage, replaced by ``*``: equal for copies of one application.

    A name without a stage is its own family.
    """
    parts = _PARTS.split(namespace)
    for place, part in enumerate(parts):
        if _stage(part) is None:
            continue
        rest = parts[place + 1 :]
        if len(rest) >= 2 and rest[1].isdigit():
            rest = rest[2:]
        return "".join([*parts[:place], "*", *rest])
    return namespace
