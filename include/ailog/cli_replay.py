"""The command replay: what other settings would have made of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments, UsageError
from ailog.cli_run import bounds
from ailog.connections import from_environment
from ailog.orchestration.composition import Composition
from ailog.pipeline.replay import replay as judged_again
from ailog.settings_over import over

STATEMENT_SECONDS = 600
_SUMS = {
    "namespace": "namespace",
    "incidents": "incidents",
    "gained": "gained",
    "lost": "lost",
    "regraded": "graded otherwise",
    "messages": "messages",
    "change": "messages more",
}
_INCIDENTS = {
    "opened_window": "opened (UTC)",
    "namespace": "namespace",
    "problem_key": "problem",
    "severity": "severity",
    "score": "score",
    "flags": "flags",
    "event_count": "events",
    "reason": "reason",
}
_REGRADED = {
    "opened_window": "opened (UTC)",
    "namespace": "namespace",
    "problem_key": "problem",
    "severity": "severity",
    "score": "score",
    "flags": "flags",
    "reason_after": "reason now",
}


def replay(arguments: Arguments) -> int:
    """The keys of ``--json`` are those of ``pipeline.replay.replay``; the three lists end after ``--limit``, the totals know all."""
    span = bounds(arguments)
    if span is None:
        raise UsageError("which span? give --from and --to")
    if arguments.settings is None and arguments.against == "replay":
        raise UsageError("what is to be different? give --settings FILE, or --against stored to compare with what is stored")
    loaded = settings.load()
    other = over(loaded, arguments.settings) if arguments.settings else None
    with closing(Composition(loaded, from_environment).store_within(STATEMENT_SECONDS, "ailog replay")) as store:
        found = judged_again(store, loaded, other, span, against=arguments.against)
    if arguments.namespace:
        found = _of(found, arguments.namespace)
    for name in ("gained", "lost", "regraded"):
        found[name] = found[name][: arguments.limit]
    if arguments.json:
        out.as_json(found)
    else:
        _print(found)
    return 0


def _of(found: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """Of one namespace alone; ``total`` stays that of all."""
    names = ("namespaces", "gained", "lost", "regraded")
    return {**found, **{name: [row for row in found[name] if row["namespace"] == namespace] for name in names}}


def _print(found: Mapping[str, Any]) -> None:
    total = found["total"]
    out.say(f"{out.shown(found['from'])} to {out.shown(found['to'])} UTC, {found['windows']} windows, against {found['against']}")
    for name, (old, new) in found["changed"].items():
        out.say(f"  {name}: {out.shown(old)} -> {out.shown(new)}")
    out.say(
        f"incidents: {total['incidents_before']} -> {total['incidents_after']}: "
        f"{total['gained']} gained{_so_many(total['split'], 'split off')}, "
        f"{total['lost']} lost{_so_many(total['joined'], 'joined to others')}, {total['regraded']} graded otherwise"
    )
    out.say(f"  before: {out.counts(total['severities_before'])}" if total["severities_before"] else "  before: none")
    out.say(f"  after:  {out.counts(total['severities_after'])}" if total["severities_after"] else "  after:  none")
    more = total["messages_after"] - total["messages_before"]
    change = f"{more} added" if more > 0 else f"{-more} saved" if more < 0 else "as many"
    out.say(f"messages: {total['messages_before']} -> {total['messages_after']}: {change}")
    differ = [_summed(row) for row in found["namespaces"] if _differs(row)]
    out.table("by namespace (those that differ)", differ, _SUMS)
    for name in ("gained", "lost"):
        out.table(_title(name, found[name], total[name]), found[name], _INCIDENTS)
    out.table(_title("graded otherwise", found["regraded"], total["regraded"]), [_turned(row) for row in found["regraded"]], _REGRADED)
    for note in found["notes"]:
        out.say(f"! {note}")


def _so_many(count: int, words: str) -> str:
    return f" ({count} {words})" if count else ""


def _title(name: str, rows: Sequence[Any], total: int) -> str:
    return f"{name} ({len(rows)} of {total})" if len(rows) < total else name


def _differs(row: Mapping[str, Any]) -> bool:
    return bool(row["gained"] or row["lost"] or row["regraded"] or row["messages_before"] != row["messages_after"])


def _summed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "incidents": f"{row['incidents_before']} -> {row['incidents_after']}",
        "messages": f"{row['messages_before']} -> {row['messages_after']}",
        "change": row["messages_after"] - row["messages_before"],
    }


def _turned(row: Mapping[str, Any]) -> dict[str, Any]:
    def both(name: str) -> str:
        old, new = out.shown(row[f"{name}_before"]), out.shown(row[f"{name}_after"])
        return old if old == new else f"{old} -> {new}"

    return {**row, **{name: both(name) for name in ("severity", "score", "flags")}}
