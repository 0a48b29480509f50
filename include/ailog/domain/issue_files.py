"""Known issues as a YAML file: written in one layout, read in that one and in the layout of earlier knowledge bases.

The file is a list of issues, or a mapping that holds such a list (or a mapping from id to issue) under ``known_issues``, also
``known_errors``, ``issues`` or ``errors``. Other names of fields are accepted as ``ALIASES`` says; statuses in any case and with blanks
(``In progress``, ``won't fix``), categories in any case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import yaml

FIELDS: Final = (
    "id", "title", "status", "fingerprint", "related", "category", "apps", "namespaces", "pattern", "ticket", "owner", "workaround",
    "permanent_fix", "fixed_in", "resolved_at", "notes",
)  # fmt: skip
LISTS: Final = frozenset({"related", "apps", "namespaces"})
ALIASES: Final[dict[str, str]] = {
    "issue_id": "id",
    "error_id": "id",
    "name": "title",
    "description": "title",
    "related_fingerprints": "related",
    "applications": "apps",
    "affected_apps": "apps",
    "affected_namespaces": "namespaces",
    "regex": "pattern",
    "regex_pattern": "pattern",
    "message_pattern": "pattern",
    "error_pattern": "pattern",
    "jira": "ticket",
    "team": "owner",
    "fix": "permanent_fix",
    "fix_version": "fixed_in",
    "note": "notes",
    "comment": "notes",
}
_HOLDERS: Final = ("known_issues", "known_errors", "issues", "errors")
_STATUSES: Final = {
    "acknowledged": "in_progress",
    "wontfix": "wont_fix",
    "won_t_fix": "wont_fix",
    "fixed": "resolved",
    "closed": "resolved",
}
_WORD: Final = re.compile(r"[^a-z]+")


def read(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The issues of a file with the keys ``FIELDS`` (lists where ``LISTS`` says, else text, a time or None), and everything that is wrong.

    Whether an issue makes sense is for ``known.problems`` to say. No issue is given where one of them cannot be read.
    """
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [], [f"the file is no YAML: {' '.join(str(error).split())[:300]}"]
    except RecursionError:
        return [], ["the file is nested too deeply to be a list of known issues"]
    entries, mistakes = _entries(data)
    issues = []
    for place, entry in enumerate(entries, 1):
        issue, wrong = _issue(entry)
        name = f"issue {place}" + (f" ({issue['id']})" if isinstance(issue.get("id"), str) and issue["id"] else "")
        mistakes += [f"{name}: {one}" for one in wrong]
        issues.append(issue)
    named = [issue["id"] for issue in issues if issue.get("id")]
    mistakes += [
        f"the id {one} stands there {named.count(one)} times: each issue needs its own"
        for one in sorted(set(named))
        if named.count(one) > 1
    ]
    return ([] if mistakes else issues), mistakes


def written(issues: Sequence[Mapping[str, Any]]) -> str:
    """The file of issues with the keys ``FIELDS``; what is empty is left out."""
    plain = [{name: _plain(issue.get(name)) for name in FIELDS if issue.get(name) not in (None, "", [])} for issue in issues]
    head = "# Known issues. 'ailog known import FILE' reads them back: what has an id that is there already is changed.\n"
    return head + yaml.safe_dump({"known_issues": plain}, sort_keys=False, allow_unicode=True, width=120)


def _entries(data: Any) -> tuple[list[Any], list[str]]:
    found = data
    if isinstance(data, Mapping):
        there = [name for name in _HOLDERS if name in data]
        if not there:
            return [], [f"no list of issues: put it under 'known_issues' (found {', '.join(map(repr, list(data)[:5])) or 'nothing'})"]
        found = data[there[0]]
    if found is None:
        return [], []
    if isinstance(found, Mapping):
        found = [{"id": key, **value} if isinstance(value, Mapping) else value for key, value in found.items()]
    if not isinstance(found, list):
        return [], [f"expected a list of issues, found {type(found).__name__}: put them under 'known_issues', each behind '- '"]
    return found, []


def _issue(entry: Any) -> tuple[dict[str, Any], list[str]]:
    if not isinstance(entry, Mapping):
        return {}, [f"expected fields with names, found {type(entry).__name__}"]
    values: dict[str, Any] = {name: [] if name in LISTS else None for name in FIELDS}
    wrong: list[str] = []
    given: dict[str, str] = {}
    for key, value in entry.items():
        name = _WORD.sub("_", str(key).strip().lower()).strip("_")
        name = ALIASES.get(name, name)
        if name == "title" and "title" in given and given["title"] != str(key):  # a title and a description: the description is a note
            name = "notes"
        if name not in FIELDS:
            wrong.append(f"the field {str(key)!r} is not one of {', '.join(FIELDS)}")
        elif name in given:
            wrong.append(f"{str(key)!r} and {given[name]!r} mean the same field: give one")
        else:
            given[name] = str(key)
            values[name], mistake = _value(name, value)
            wrong += [mistake] if mistake else []
    if not values["id"]:
        wrong.append("the id is missing: give one, as in KI-042")
    if not values["title"]:
        values["title"] = values["id"]
    values["status"] = values["status"] or "open"
    return values, wrong


def _value(name: str, value: Any) -> tuple[Any, str | None]:
    if name in LISTS:
        parts = value if isinstance(value, list) else [] if value is None else str(value).split(",")
        if any(isinstance(part, Mapping | list) for part in parts):
            return [], f"{name} is no list of words"
        return [str(part).strip() for part in parts if str(part).strip()], None
    if isinstance(value, Mapping | list):
        return None, f"{name} is no text: found {type(value).__name__}"
    if name == "resolved_at" and value:
        return _moment(value)
    text = "" if value is None else str(value).strip()
    if name in {"category", "fingerprint"}:
        text = text.lower()
    if name == "status" and text:
        word = _WORD.sub("_", text.lower()).strip("_")
        text = _STATUSES.get(word, word)
    return text or None, None


def _moment(value: Any) -> tuple[datetime | None, str | None]:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None, f"resolved_at {str(value)!r} is no time: give 2026-01-31T08:15:00Z"
    if isinstance(value, date) and not isinstance(value, datetime):
        found = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC), None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, list | tuple) else value
