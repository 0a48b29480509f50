"""Which settings a replay can try out, which it leaves as they are, and what it has to say about that."""

from __future__ import annotations

from typing import Any, Final

from ailog.settings import Settings

_JUDGED: Final = (
    "detectors.budget", "detectors.spike", "detectors.burst.min_count", "detectors.burst.min_ratio", "detectors.new",
    "detectors.cross_namespace", "detectors.silence", "detectors.regression", "scoring", "incidents", "thresholds.default",
    "thresholds.min_samples", "notify.channels", "notify.cooldown_minutes", "notify.heartbeat_minutes", "notify.growth",
    "notify.growth_events", "namespaces",
)  # fmt: skip
"""What facts can be judged again with, and messages decided by."""

_WHY: Final = {
    "detectors.burst.seconds": "the seconds within a window are not kept: bursts are judged in the seconds that they were counted in",
    "detectors.problems": "which problems are followed is taken as remembered",
    "timezone": "norms are kept by local day: they stay those of the zone in force",
    "thresholds": "snapshots of thresholds stay as they were trained: 'ailog thresholds --compare' shows what another training gives",
    "propagation": "traces are not kept: root causes and cascades are taken as stored",
}


def changes(before: Settings, after: Settings) -> dict[str, list[Any]]:
    """What differs, by the setting's dotted name: the value before and after."""
    old, new = _flat(before.model_dump(mode="json")), _flat(after.model_dump(mode="json"))
    return {name: [old.get(name), new.get(name)] for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)}


def judged(name: str) -> bool:
    """Whether a replay can try a setting out."""
    return any(name == one or name.startswith(f"{one}.") for one in _JUDGED)


def tried(before: Settings, after: Settings) -> Settings:
    """The settings that a replay judges with: of ``after`` what it can try out, the rest as in force."""
    base = before.model_dump(mode="json")
    given = after.model_dump(mode="json")
    for name in _JUDGED:
        source: Any = given
        target: Any = base
        *path, last = name.split(".")
        for part in path:
            source, target = source[part], target[part]
        target[last] = source[last]
    return Settings.model_validate(base)


def notes(differs: dict[str, list[Any]], *, lower_burst: bool) -> list[str]:
    """What of the asked settings is not tried out, and what no replay judges again."""
    said = []
    left = [name for name in differs if not judged(name)]
    for start, why in _WHY.items():
        if any(name == start or name.startswith(f"{start}.") for name in left):
            said.append(f"{start}: {why}")
    others = [name for name in left if not any(name == start or name.startswith(f"{start}.") for start in _WHY)]
    if others:
        said.append(f"no part of judging stored facts: {', '.join(others)}")
    if lower_burst:
        said.append(
            "detectors.burst.min_count: fingerprints below the one in force were never counted by the second: no burst of theirs shows"
        )
    return said


TAKEN_AS_STORED: Final = (
    "taken as stored: root causes and cascades (traces), the densest seconds of bursts, what is usual of a series on a day (norms)",
    "left out: acknowledgements, which nobody gave to what a replay finds; an incident that began before the span shows its windows in it",
)
"""What every replay has to say."""


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or (name and not value):
        return {name: value}
    found: dict[str, Any] = {}
    for key, item in value.items():
        found |= _flat(item, f"{name}.{key}" if name else str(key))
    return found
