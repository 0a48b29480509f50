"""Known issues: which one an incident is, and which ones are near. Near is suggested, never merged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain import semver
from ailog.domain.classify import CATEGORIES
from ailog.domain.fixes import CONFIDENCES, Confidence
from ailog.domain.template_family import tokens_of

How = Literal["fingerprint", "related", "category", "pattern"]
ORDER: Final[tuple[How, ...]] = ("fingerprint", "related", "category", "pattern")
"""From the surest to the vaguest: the first that fits counts."""
CONFIDENCE: Final[dict[How, Confidence]] = dict(zip(ORDER, CONFIDENCES, strict=True))
STATUSES: Final = ("open", "in_progress", "workaround", "resolved", "wont_fix")
NEAR: Final = 0.6
"""Least likeness of templates that is worth a suggestion."""
_ISSUE_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{1,63}\Z")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{16}\Z")


@dataclass(frozen=True, slots=True)
class Issue:
    """A known issue as people keep it. Empty ``namespaces`` mean every one; ``pattern`` is an RE2 expression, small and capital alike."""

    issue_id: str
    title: str
    fingerprint: str | None = None
    related: tuple[str, ...] = ()
    category: str | None = None
    apps: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    pattern: str | None = None
    status: str = "open"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is matched: an incident, or anything with fingerprints, a category and texts."""

    namespace: str
    category: str
    apps: frozenset[str] = frozenset()
    fingerprints: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Which issue, and by what."""

    issue_id: str
    how: How

    @property
    def confidence(self) -> Confidence:
        """How sure it is, in the words that are stored."""
        return CONFIDENCE[self.how]


@dataclass(frozen=True, slots=True)
class Near:
    """A suggestion: a fingerprint whose template is like another, from 0 to 1."""

    fingerprint: str
    likeness: float
    template: str
    issues: tuple[str, ...] = field(default_factory=tuple)


def problems(issue: Issue) -> list[str]:
    """What is wrong with an issue, one sentence each with its remedy; empty when it can be stored."""
    found = []
    if not _ISSUE_ID.match(issue.issue_id):
        found.append(f"the id {issue.issue_id!r} is not usable: give a letter and up to 63 letters, digits, '.', '_' or '-', as in KI-042")
    if not issue.title.strip():
        found.append("the title is empty: say in a few words what is broken")
    wrong = [one for one in (issue.fingerprint, *issue.related) if one is not None and not _FINGERPRINT.match(one)]
    found += [f"{one!r} is no fingerprint: give 16 hexadecimal digits, as in 3f9a0c5512d0be77" for one in wrong]
    if issue.category is not None and issue.category not in CATEGORIES:
        found.append(f"the category {issue.category!r} is not one of {', '.join(CATEGORIES)}")
    if issue.status not in STATUSES:
        found.append(f"the status {issue.status!r} is not one of {', '.join(STATUSES)}")
    if (issue.category is None) != (not issue.apps):
        found.append("a category counts only with applications, and they with a category: give both or neither")
    if issue.pattern is not None and (reason := _pattern_problem(issue.pattern)):
        found.append(f"the pattern {issue.pattern!r} {reason}")
    if issue.fingerprint is None and not issue.related and issue.category is None and issue.pattern is None:
        found.append("nothing would ever match: give a fingerprint, a category with applications, or a pattern")
    return found


def version_problem(fixed_in: str | None) -> str | None:
    """What is wrong with the version of a fix; None when versions can be compared with it, or there is none."""
    if fixed_in is None or semver.key(fixed_in) is not None:
        return None
    return f"the version {fixed_in!r} cannot be compared with others: give X.Y.Z, as in 2.4.1 or 2.4.1-rc.1, or none"


def match(issues: Iterable[Issue], subject: Subject, families: Mapping[str, str]) -> Match | None:
    """The known issue that a subject is, or None: by fingerprint, else related, else category with application, else pattern.

    Fingerprints are compared by their families. Of several issues that match alike, one that is not closed wins, then the least id.
    """
    own = {families.get(f, f) for f in subject.fingerprints}
    best: tuple[int, bool, str] | None = None
    for issue in issues:
        if issue.namespaces and subject.namespace not in issue.namespaces:
            continue
        how = _how(issue, subject, own, families)
        if how is not None:
            rank = (ORDER.index(how), issue.status in {"resolved", "wont_fix"}, issue.issue_id)
            best = rank if best is None else min(best, rank)
    return Match(best[2], ORDER[best[0]]) if best else None


def near(template: str, others: Mapping[str, str], *, limit: int = 10, least: float = NEAR) -> list[Near]:
    """The fingerprints (of ``others``: fingerprint to template) whose templates are most like one, best first."""
    mine = tokens_of(template)
    words = set(mine)
    found = []
    for fingerprint, text in others.items():
        theirs = tokens_of(text)
        union = words | set(theirs)
        if not union or len(words & set(theirs)) < 0.3 * len(union):
            continue
        likeness = SequenceMatcher(None, mine, theirs, autojunk=False).ratio()
        if likeness >= least:
            found.append(Near(fingerprint, round(likeness, 3), text))
    return sorted(found, key=lambda one: (-one.likeness, one.fingerprint))[:limit]


def _how(issue: Issue, subject: Subject, own: set[str], families: Mapping[str, str]) -> How | None:
    if issue.fingerprint is not None and families.get(issue.fingerprint, issue.fingerprint) in own:
        return "fingerprint"
    if any(families.get(f, f) in own for f in issue.related):
        return "related"
    if issue.category is not None and issue.category == subject.category and subject.apps.intersection(issue.apps):
        return "category"
    if issue.pattern is not None and _found(issue.pattern, subject.texts):
        return "pattern"
    return None


def _found(pattern: str, texts: Sequence[str]) -> bool:
    return bool(texts) and bool(pc.any(pc.match_substring_regex(pa.array(texts, pa.string()), pattern, ignore_case=True)).as_py())


def _pattern_problem(pattern: str) -> str:
    try:
        empty = _found(pattern, [""])
    except pa.ArrowInvalid as error:
        return f"is no RE2 expression ({' '.join(str(error).split())[:120]}): mend it; look-around and back references are not known"
    return "matches the empty text and so everything: name words of the message" if empty else ""


__all__ = ["CONFIDENCE", "NEAR", "ORDER", "STATUSES", "Issue", "Match", "Near", "Subject", "match", "near", "problems", "version_problem"]
