"""Says what kind of failure an error is, by ordered rules from a dated bundle of data files.

A rule never sees a raw message: it sees the error type and the template, spelled out in words, so that an identifier can never
look like a status and "Room" never like memory. The rule that won is kept as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import yaml
from jsonschema import Draft202012Validator

from ailog.errors import ConfigError

CATEGORIES: Final = (
    "memory", "network", "database", "timeout", "auth", "business", "external", "unknown",
    "resource", "config", "serialization", "code",
)  # fmt: skip
"""The eight categories of the customer's taxonomy, its three refinements (config, serialization, code), and ``resource``: what the
platform gave is used up (disk, file handles, quota), which goes to other people than any of the eight."""

UNCLASSIFIED: Final = "unclassified"

_PATTERNS: Final = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 2}}
_ID: Final = {"type": "string", "pattern": "^[a-z0-9_]+(\\.[a-z0-9_]+)*$"}
_NAME: Final = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_VERSION: Final = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_RULE: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "category", "subcategory", "priority", "any"],
    "properties": {
        "id": _ID,
        "category": {"enum": list(CATEGORIES)},
        "subcategory": _NAME,
        "error_class": _NAME,
        "priority": {"type": "integer", "minimum": 0, "maximum": 100},
        "any": _PATTERNS,
        "none": _PATTERNS,
    },
}
_SIMPLE: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"id": _ID, "name": _NAME, "any": _PATTERNS, "none": _PATTERNS},
}
SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "taxonomy.yaml": {
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "rules", "wrappers"],
        "properties": {
            "version": _VERSION,
            "fragments": {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}, "propertyNames": _NAME},
            "neutral": _PATTERNS,
            "rules": {"type": "array", "minItems": 1, "items": _RULE},
            "wrappers": {"type": "array", "items": {**_SIMPLE, "required": ["id", "any"]}},
        },
    },
    "error_classes.yaml": {
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "classes"],
        "properties": {"version": _VERSION, "classes": {"type": "array", "items": {**_SIMPLE, "required": ["name", "any"]}}},
    },
}
"""The JSON schema of each file of a bundle."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say. ``rule_id`` is ``unknown`` when none matched; ``wrapper``: the message only passes on another error."""

    category: str
    subcategory: str
    rule_id: str
    error_class: str
    wrapper: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    category: str
    subcategory: str
    includes: re.Pattern[str]
    excludes: re.Pattern[str] | None
    error_class: str = ""

    def matches(self, text: str) -> bool:
        return self.includes.search(text) is not None and (self.excludes is None or self.excludes.search(text) is None)


@dataclass(frozen=True, slots=True)
class RuleBundle:
    """A dated set of rules, ready to use."""

    version: str
    rules: tuple[_Rule, ...]
    classes: tuple[_Rule, ...]
    wrappers: tuple[_Rule, ...]
    neutral: re.Pattern[str] | None = None

    @classmethod
    def load(cls, directory: Path) -> RuleBundle:
        """Reads ``taxonomy.yaml`` and ``error_classes.yaml``; raises ConfigError that names file, place and remedy.

        Files that say the same as before are not made ready again: a process that runs many times reads the rules every time.
        """
        return cls._ready(directory, *(_text(directory / name) for name in ("taxonomy.yaml", "error_classes.yaml")))

    @classmethod
    @lru_cache(maxsize=4)
    def _ready(cls, directory: Path, taxonomy_text: str, classes_text: str) -> RuleBundle:
        taxonomy = _read(directory / "taxonomy.yaml", taxonomy_text)
        classes = _read(directory / "error_classes.yaml", classes_text)
        ordered = sorted(taxonomy["rules"], key=lambda rule: -int(rule["priority"]))
        ids = [rule["id"] for rule in ordered]
        if double := sorted({i for i in ids if ids.count(i) > 1}):
            raise ConfigError(f"{directory / 'taxonomy.yaml'}: the rule ids {double} occur more than once; give each rule an id of its own")
        fragments = taxonomy.get("fragments", {})
        neutral = taxonomy.get("neutral")
        return cls(
            version=taxonomy["version"],
            rules=tuple(_compiled(rule, fragments, directory / "taxonomy.yaml") for rule in ordered),
            classes=tuple(_compiled(rule, fragments, directory / "error_classes.yaml") for rule in classes["classes"]),
            wrappers=tuple(_compiled(rule, fragments, directory / "taxonomy.yaml") for rule in taxonomy["wrappers"]),
            neutral=_pattern(neutral, fragments, "neutral", directory / "taxonomy.yaml") if neutral else None,
        )

    def classify(self, error_type: str, template: str) -> Verdict:
        """The verdict on one template. ``error_type`` may be empty; the template has its values replaced already.

        The error class is that of the rule that won, else of the first class that matches, else the error type, else the subcategory:
        a problem's key must not join everything of a category that has no type.
        """
        text = self._read(error_type, template)
        won = next((rule for rule in self.rules if rule.matches(text)), None)
        kind = won.error_class if won and won.error_class else next((rule.name for rule in self.classes if rule.matches(text)), None)
        return Verdict(
            category=won.category if won else "unknown",
            subcategory=won.subcategory if won else "unclassified",
            rule_id=won.name if won else "unknown",
            error_class=kind or snake_case(error_type) or (won.subcategory if won else UNCLASSIFIED),
            wrapper=any(rule.matches(text) for rule in self.wrappers),
        )

    def evidence(self, rule_id: str, error_type: str, template: str) -> str:
        """The words by which a rule matched a template, spelled out; '' when it does not match."""
        text = self._read(error_type, template)
        found = next((rule.includes.search(text) for rule in self.rules if rule.name == rule_id and rule.matches(text)), None)
        return found.group().removesuffix("<*").strip() if found else ""

    def _read(self, error_type: str, template: str) -> str:
        text = spell_out(f"{error_type} | {template}")
        return text if self.neutral is None else self.neutral.sub(" ", text)


_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_JOINTS: Final = re.compile(r"[_\-–]+")
_BLANKS: Final = re.compile(r"\s+")
_TYPE_WORDS: Final = frozenset({"unknown_error", "exception", "error", "throwable", "runtime_exception"})
_FRAGMENT: Final = re.compile(r"%([a-z][a-z0-9_]*)%")
MAX_TEXT: Final = 4_000


def spell_out(text: str) -> str:
    """Small letters, compound names as words: ``OutOfMemoryError`` and ``OUT_OF_MEMORY`` both become "out of memory ..."."""
    return _BLANKS.sub(" ", _JOINTS.sub(" ", _CAMEL.sub(" ", text[:MAX_TEXT]))).lower()


def snake_case(error_type: str) -> str:
    """The error type as a word for a key; '' for types that say nothing."""
    name = re.sub(r"[^a-z0-9]+", "_", _CAMEL.sub("_", error_type.rsplit(".", 1)[-1]).lower()).strip("_")
    return "" if name in _TYPE_WORDS else name


_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C where PyYAML was built with it: every run reads the rules."""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(f"the rule file {path} is missing: a bundle holds {' and '.join(SCHEMAS)}") from error


def _read(path: Path, text: str) -> dict[str, Any]:
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader both ways
    except yaml.YAMLError as error:
        raise ConfigError(f"the rule file {path} is no YAML: {error}") from error
    problems = sorted(Draft202012Validator(SCHEMAS[path.name]).iter_errors(data), key=lambda e: [str(p) for p in e.absolute_path])
    if problems:
        lines = "; ".join(f"{'/'.join(str(p) for p in e.absolute_path) or 'top'}: {e.message[:200]}" for e in problems[:5])
        raise ConfigError(f"the rule file {path} is not as it should be ({len(problems)} places): {lines}")
    return cast("dict[str, Any]", data)


def _compiled(rule: Mapping[str, Any], fragments: Mapping[str, str], path: Path) -> _Rule:
    name = str(rule.get("id") or rule.get("name"))
    includes = _pattern(rule["any"], fragments, name, path)
    excludes = _pattern(rule["none"], fragments, name, path) if rule.get("none") else None
    return _Rule(
        name, str(rule.get("category", "")), str(rule.get("subcategory", "")), includes, excludes, str(rule.get("error_class", ""))
    )


def _pattern(patterns: Sequence[str], fragments: Mapping[str, str], name: str, path: Path) -> re.Pattern[str]:
    """One expression over all patterns that matches whole words only; raises ConfigError for one that cannot be used."""
    filled = []
    for pattern in patterns:
        if missing := sorted({one for one in _FRAGMENT.findall(pattern) if one not in fragments}):
            raise ConfigError(f"{path}: a pattern of {name!r} names the fragments {missing}, which are not under 'fragments'")
        whole = _FRAGMENT.sub(lambda found: fragments[found.group(1)], pattern)
        try:
            re.compile(whole)
        except re.error as error:
            raise ConfigError(f"{path}: a pattern of rule {name!r} is no regular expression ({error}); mend or quote it") from error
        filled.append(f"(?:{whole})")
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(filled)})(?![a-z0-9])")
