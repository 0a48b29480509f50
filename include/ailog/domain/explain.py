"""A window in words: what was judged against what, what fired or which stage stopped it, and what became of it.

Written for a person who was woken: first whether the window can be believed, then what fired, then what did not and why, then the messages.
All figures are those of the stored verdicts and decisions.
"""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from ailog.domain.report_words import graded
from ailog.domain.scoring import FLAGS
from ailog.domain.wording import counted, head, listing, local, local_span, number, one_line, points, short_key, tail

Row = Mapping[str, Any]

WIDTH: Final = 110
STAGES: Final = {
    "fired": "it fired",
    "threshold": "the limit of the weekday: it was not passed",
    "floor": "the floor: too few to count as a peak",
    "significance": "significance: chance alone explains it",
    "budget": "the budget of false alarms: unusual, but not by the margin",
    "habit": "habit: as usual at this time",
    "batch": "a batch slot of the calendar",
    "partial": "the window was read in part: undecided",
    "namespace": "told with the spike of its namespace",
    "larger": "told with a more unusual problem of the namespace",
    "known": "known already",
    "ratio": "not dense enough within the window",
    "no_errors": "records arrive, without errors",
    "no_history": "too little history",
    "background": "as often as it always does",
}
"""What each stage means; one that is not named here speaks by its reason."""
KEPT_BACK: Final = {
    "score": "the score of the incident",
    "older window": "news of a later window",
    "acknowledged": "an acknowledgement",
    "cool-down": "the cool-down",
    "no news": "having no news",
    "untold": "its end, before anybody was told",
    "ended": "its end, which was told already",
    "silence": "a silence",
    "maintenance": "a maintenance window",
}
_SHOWN: Final = 3


def state(found: Row, now: datetime, detections_days: int) -> tuple[str, str]:
    """What can be said of the window, as a word and as a sentence.

    Words: not over, not read, partial, baseline, past its time, not counted, not judged, judged.
    """
    if found["window_end"] > now:
        return "not over", "the window is not over yet"
    if found["status"] in {None, "failed"}:
        return "not read", _unread(found)
    if found["run_kind"] == "init" or found["run_verdict"] == "baseline":
        return "baseline", "read as a baseline: counted, and judged by nobody"
    if not found["detections"]:
        return _without_verdicts(found, detections_days)
    if found["status"] == "partial":
        dead = ", ".join(f"{one_line(name)} ({head(one_line(why), 160)})" for name, why in sorted(found["dead_sources"].items()))
        return "partial", f"read in part, counts are lower bounds: no answer from {dead or 'a source'}"
    return "judged", "read whole and judged"


def _without_verdicts(found: Row, detections_days: int) -> tuple[str, str]:
    if found["verdicts_dropped"]:
        return "past its time", f"what was judged is past its time: it is kept for {detections_days} days (retention.detections_days)"
    if found["count"] is None:
        near = difflib.get_close_matches(str(found["namespace"]), found["namespaces"], n=2, cutoff=0.7)
        meant = f": did you mean {' or '.join(near)}?" if near else ""
        return "not counted", f"the run counted no namespace of this name in the window{meant}"
    return "not judged", "the window was read, and no verdict of this namespace is on record"


def _unread(found: Row) -> str:
    for attempt in found["attempts"]:
        if attempt["status"] == "running":
            return f"not judged yet: run {attempt['run_id'][:8]} is reading it"
    for attempt in found["attempts"]:
        return f"not read: the newest run over it failed: {head(one_line(attempt['error']), 300) or 'no reason was recorded'}"
    first, last = found["first_window"], found["last_window"]
    if first is None:
        return "not read: nothing ever was"
    if found["window_start"] < first:
        return f"not read: the first window that was is {_utc(first)}"
    if found["window_start"] > last:
        return f"not read yet: the newest window that was is {_utc(last)}"
    return "not read: a gap between windows that were; the next regular run reads it, or 'ailog run --from --to'"


def lines(found: Row, zone: ZoneInfo, *, every: bool = False) -> list[str]:
    """The explanation as text; ``every`` lists all verdicts, else those that did not fire are gathered by detector and stage."""
    return [*_head(found, zone), "", *_judged(found, zone, every=every), "", *_became(found, zone)]


def _head(found: Row, zone: ZoneInfo) -> Iterator[str]:
    span = local_span(found["window_start"], found["window_end"], zone)
    there = f" ({local_span(found['window_start'], found['window_end'], ZoneInfo('UTC'))})" if zone.key != "UTC" else ""
    yield f"{one_line(found['namespace'])}, {span}{there}"
    yield from _wrapped(f"{found['state']}: {found['state_reason']}")
    if found["detections"]:
        yield from _wrapped(f"in short: {_in_short(found)}")
    if found["run_id"]:
        yield f"  read by {found['run_kind']} run {found['run_id'][:8]}, verdict {found['run_verdict']}, {local(found['read_at'], zone)}"
    if found["count"] is not None:
        records = "" if found["document_count"] is None else f" among {number(found['document_count'])} records"
        about = "about " if found["estimated"] else ""
        yield f"  {about}{counted(int(found['count']), 'error')}{records}"
    for entry in found["calendar"]:
        until = f", until {local(entry['expires_at'], zone)}" if entry["expires_at"] else ""
        yield from _wrapped(f"{entry['kind']} {entry['entry_id']} of {one_line(entry['owner'])}{until}: {one_line(entry['reason'])}", 2)


def _in_short(found: Row) -> str:
    """What fired and what people got of it, in one line."""
    fired = sorted({row["detector"] for row in found["detections"] if row["fired"]}, key=_place)
    said = f"{', '.join(fired)} fired" if fired else "nothing fired"
    whole = next((row for row in found["detections"] if row["detector"] == "spike" and row["subject"] == "namespace"), None)
    if not fired and whole is not None:
        said += f", stopped by {STAGES.get(whole['stage'], whole['stage'])}"
    told = sorted({row["channel"] for row in found["notices"] if row["told"]})
    kept = sorted({KEPT_BACK.get(row["stage"], row["stage"]) for row in found["notices"] if not row["told"]})
    if told:
        return f"{said}; told on {', '.join(told)}"
    return f"{said}; kept back by {', '.join(kept)}" if kept else f"{said}; no message was asked for"


def _judged(found: Row, zone: ZoneInfo, *, every: bool) -> Iterator[str]:
    yield "WHAT WAS JUDGED"
    rows = found["detections"]
    if not rows:
        yield "  nothing"
        return
    budgets = {row["snapshot_id"]: row for row in found["snapshots"]}
    fired = sorted((row for row in rows if row["fired"]), key=lambda row: _place(row["detector"]))
    if not fired:
        yield "  nothing fired"
    for row in fired:
        yield from _verdict(row, budgets, zone)
    quiet = sorted((row for row in rows if not row["fired"]), key=lambda row: (row["detector"] != "spike", row["detector"], row["stage"]))
    for (detector, stage), some in groupby(quiet, key=lambda row: (row["detector"], row["stage"])):
        group = sorted(some, key=lambda row: (row["subject"] != "namespace", -row["value"], row["subject"]))
        shown = group if every else group[:_SHOWN]
        for row in shown:
            yield from _verdict(row, budgets, zone)
        if len(group) > len(shown):
            yield f"  {detector:15} and {len(group) - len(shown)} more of stage {stage}: --detector {detector} lists them"


def _place(detector: str) -> int:
    return FLAGS.index(detector) if detector in FLAGS else len(FLAGS)


def _verdict(row: Row, budgets: Mapping[str, Row], zone: ZoneInfo) -> Iterator[str]:
    word = "FIRED" if row["fired"] else "no"
    whose = "the namespace" if row["subject"] == "namespace" else short_key(row["problem_key"] or row["subject"], 70)
    kind = f" (kind {row['fingerprint'][:8]})" if row["fingerprint"] else ""
    yield f"  {row['detector']:15} {word:6} {whose}{kind}"
    if not row["fired"]:
        yield from _field("stopped by", STAGES.get(row["stage"], f"{row['stage']}: see the reason"))
    yield from _field("reason", one_line(row["reason"]))
    if row["detector"] == "spike":
        yield from _level(row, budgets.get(row["snapshot_id"]), zone)
    else:
        against = [f"value {number(row['value'])}"]
        against += [f"usual {number(row['baseline'])}"] if row["baseline"] is not None else []
        against += [f"limit {number(row['threshold'])}"] if row["threshold"] is not None else []
        yield from _field("figures", ", ".join(against))


def _level(row: Row, snapshot: Row | None, zone: ZoneInfo) -> Iterator[str]:
    """The figures of a level: against the limit, against the margin, and by which norm."""
    seen = row["evidence"]
    usual = "unknown, no history of this time" if row["baseline"] is None else number(row["baseline"])
    times = f", {number(seen['ratio'])} times that" if seen.get("ratio") is not None else ""
    yield from _field("figures", f"{counted(int(row['value']), 'error')}; usual at this time {usual}{times}")
    if row["threshold"] is not None:
        samples = f", {number(seen['limit_samples'])} samples" if seen.get("limit_samples") else ""
        trained = f", trained to {local(snapshot['trained_to'], zone)}" if snapshot else ""
        passed = "passed" if seen.get("limit_passed", row["value"] > row["threshold"]) else "not passed"
        yield from _field("limit", f"{number(row['threshold'])} ({seen.get('rule', 'of the weekday')}{samples}{trained}): {passed}")
    if seen.get("score") is not None and seen.get("alarm_limit") is not None:
        yield from _field("margin", _margin(seen, snapshot))
    if seen.get("level") is not None:
        said = f"level {number(seen['level'])} a window, over-dispersion {seen['dispersion']:.3g}" if "dispersion" in seen else ""
        if seen.get("sum_mean") is not None:
            said += f"; the last four windows together {number(seen['sum_count'])}, usual {number(seen['sum_mean'])}"
        yield from _field("norm", said)
        yield from _field(
            "batch", "one is usual at this time: only what exceeds it counts" if seen.get("habit") else "none is usual at this time"
        )
    if seen.get("level_accepted"):
        yield from _field("level", "after this window the new level was taken as usual: later windows are judged against it")


def _margin(seen: Row, snapshot: Row | None) -> str:
    score, limit = float(seen["score"]), float(seen["alarm_limit"])
    parts = f" (window alone {seen['single']:.1f}, four together {seen['summed']:.1f})" if "single" in seen else ""
    asked = ""
    if snapshot and snapshot["budget"] is not None:
        asked = f", for a budget of {snapshot['budget']:g} a week"
    return f"score {score:.1f}{parts} against {limit:.1f}{asked}: {'passed' if score > limit else 'not passed'}"


def _became(found: Row, zone: ZoneInfo) -> Iterator[str]:
    yield "WHAT BECAME OF IT"
    held = {row["incident_id"] for row in found["incidents"]}
    for incident in found["incidents"]:
        yield from _incident(incident, found, zone)
    others = [row for row in found["notices"] if row["incident_id"] not in held]
    for row in others:
        who = f"incident {row['incident_id'][:8]} ({short_key(row['problem_key'], 60)}), not in this window"
        yield from _wrapped(f"{who}; {row['channel']}: {_notice(row, zone)}", 2)
    if held:
        return
    fired = sorted({row["detector"] for row in found["detections"] if row["fired"]})
    if fired == ["cascade"]:
        yield "  no incident holds this window: errors that led to others mark an incident and open none"
    elif fired:
        yield f"  no incident holds this window now, though {', '.join(fired)} fired"
    elif found["detections"]:
        yield "  no incident holds this window: nothing fired"
    elif not others:
        yield "  nothing is on record"


def _incident(row: Row, found: Row, zone: ZoneInfo) -> Iterator[str]:
    what = f"{row['severity'].upper()} {points(row['score'])}, {row['status']}, {short_key(row['problem_key'], 70)}"
    yield f"  incident {row['incident_id'][:8]} {what}"
    why = graded({"severity": row["window_severity"], "score": row["window_score"], "contributions": row["window_contributions"]})
    yield from _field("this window", f"{counted(int(row['window_count']), 'error')} of it; {why}")
    if row["is_continuation"]:
        yield from _field("goes on", one_line(row["window_reason"]))
    if row["window_score"] != row["score"]:
        yield from _field("worst", graded(row) or points(row["score"]))
    much = f"{counted(int(row['event_count']), 'error')} in {counted(int(row['windows']), 'window')}"
    yield from _field("since", f"{local(row['opened_window'], zone)}, last in the window from {local(row['last_window'], zone)}; {much}")
    if row["status"] == "resolved":
        yield from _field("ended", f"{local(row['resolved_at'], zone)}, by {one_line(row['resolved_by'])}")
    if row["acknowledged_by"]:
        yield from _field("seen by", one_line(row["acknowledged_by"]))
    if row["useful"] is not None:
        yield from _field("label", f"{'useful' if row['useful'] else 'not useful'}, said {one_line(row['judged_by'])}")
    notices = [one for one in found["notices"] if one["incident_id"] == row["incident_id"]]
    for one in notices:
        yield from _field(one["channel"], _notice(one, zone))
    if not notices:
        yield from _field("messages", _untold(found))


def _notice(row: Row, zone: ZoneInfo) -> str:
    if row["told"]:
        how = "counted in a message that told graver ones in full" if row["stage"] == "digest cut" else f"told as {row['stage']}"
        said = f"{how}: {one_line(row['reason'])}; message {row['message_id'][:8]} {row['message_status'] or 'is past its time'}"
        if row["message_finished_at"]:
            said += f" {local(row['message_finished_at'], zone)}"
        return said + (f" ({head(one_line(row['message_error']), 120)})" if row["message_error"] else "")
    said = f"kept back by {KEPT_BACK.get(row['stage'], row['stage'])}: {one_line(row['reason'])}"
    if row["silence_removed_at"]:
        said += f"; the silence was removed {local(row['silence_removed_at'], zone)}"
    return said


def _untold(found: Row) -> str:
    if not found["channels"]:
        return "none: no channel is set for this namespace (notify.channels, alert.channels)"
    where = listing([(name, None) for name in found["channels"]], 5)
    if found["run_kind"] == "backfill":
        return f"none on {where}: a backfill tells no news of its own, only the end of what was told"
    return f"no decision about {where} is on record"


def _field(label: str, said: str) -> Iterator[str]:
    if said:
        indent = " " * 19
        yield from textwrap.wrap(said, WIDTH, initial_indent=f"    {tail(label, 14):14} ", subsequent_indent=indent, break_on_hyphens=False)


def _wrapped(said: str, indent: int = 2) -> Sequence[str]:
    return textwrap.wrap(said, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
