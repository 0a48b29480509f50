"""What people declared fixed, and which events are of it: a known issue, a problem or an incident, until it is reopened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Confidence = Literal["EXACT", "RELATED", "HIGH", "MEDIUM"]
CONFIDENCES: Final[tuple[Confidence, ...]] = ("EXACT", "RELATED", "HIGH", "MEDIUM")
"""From the surest to the vaguest: fingerprint or problem, related fingerprint, category with application, pattern."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A word that something is fixed. ``fixed_in`` is as the person gave it; empty sets match nothing, empty ``namespaces`` mean all."""

    kind: Literal["issue", "problem", "incident"]
    subject: str
    """Id of the issue or incident, key of the problem."""
    name: str
    """As people call it."""
    fixed_at: datetime
    fixed_by: str
    fixed_in: str | None = None
    reopened_at: datetime | None = None
    families: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()
    problem_key: str | None = None
    category: str | None = None
    apps: frozenset[str] = frozenset()
    """With a category: what matches it. With a version: whose version that is."""
    namespaces: frozenset[str] = frozenset()
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of kinds that are of a fix, by the surest way that finds any of a window, namespace and problem."""

    fix: Fix
    confidence: Confidence
    places: np.ndarray
    """Positions in the frame, ascending."""


def matches(fixes: tuple[Fix, ...], kinds: pd.DataFrame) -> Iterator[Found]:
    """Which rows of kinds (``namespace``, ``app``, ``family``, ``problem_key``, optionally ``sample``) each fix is about, way by way.

    A row may be found by several fixes, and by a fix in several ways.
    """
    columns = _Columns(kinds)
    for fix in fixes:
        here = np.ones(len(kinds), dtype=bool) if not fix.namespaces else columns.is_in("namespace", fix.namespaces)
        if not here.any():
            continue
        for confidence, mask in _ways(fix, columns):
            places = np.flatnonzero(here & mask)
            if len(places):
                yield Found(fix, confidence, places)


def _ways(fix: Fix, columns: _Columns) -> Iterator[tuple[Confidence, np.ndarray]]:
    if fix.families:
        yield "EXACT", columns.is_in("family", fix.families)
    if fix.kind == "problem" and fix.problem_key is not None:
        yield "EXACT", columns.is_in("problem_key", frozenset({fix.problem_key}))
    if fix.related:
        yield "RELATED", columns.is_in("family", fix.related)
    if fix.category is not None and fix.apps:
        yield "HIGH", columns.of_category(fix.category) & columns.is_in("app", fix.apps)
    if fix.pattern is not None:
        yield "MEDIUM", columns.holds(fix.pattern)


class _Columns:
    """Columns by their distinct values: each is compared once, whatever the number of rows."""

    def __init__(self, kinds: pd.DataFrame) -> None:
        self._codes: dict[str, np.ndarray] = {}
        self._values: dict[str, list[str]] = {}
        named = {name: kinds[name] for name in ("namespace", "app", "family", "problem_key")}
        named["sample"] = kinds["sample"].fillna("") if "sample" in kinds else pd.Series([""] * len(kinds), dtype=object)
        for name, column in named.items():
            codes, values = pd.factorize(column)
            self._codes[name], self._values[name] = codes, [str(value) for value in values]
        self._patterns: dict[str, np.ndarray] = {}

    def is_in(self, name: str, wanted: frozenset[str]) -> np.ndarray:
        return self._spread(name, [value in wanted for value in self._values[name]])

    def of_category(self, category: str) -> np.ndarray:
        return self._spread("problem_key", [value.split(":", 1)[0].lower() == category for value in self._values["problem_key"]])

    def holds(self, pattern: str) -> np.ndarray:
        if pattern not in self._patterns:
            found = pc.match_substring_regex(pa.array(self._values["sample"], pa.string()), pattern, ignore_case=True)
            self._patterns[pattern] = self._spread("sample", found.to_pylist())
        return self._patterns[pattern]

    def _spread(self, name: str, answers: list[bool]) -> np.ndarray:
        return np.array(answers, dtype=bool)[self._codes[name]] if answers else np.zeros(len(self._codes[name]), dtype=bool)
