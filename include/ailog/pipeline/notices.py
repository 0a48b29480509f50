"""What a run tells: decides of every incident, puts the messages into the outbox and puts every decision on record.

Called inside the transaction that publishes the run, so that news and data are there together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Json

from ailog.domain.calendar import Entry, Kind, occurrences
from ailog.domain.clusters import Overlap
from ailog.domain.digest import Digest, build_digests, channels_of
from ailog.domain.events import WINDOW, Interval
from ailog.domain.message import Message
from ailog.domain.notices import RESOLVED, Notice, NoticeRules, Suppressed, decide
from ailog.domain.silences import Silence, hiding
from ailog.domain.wording import head, local, one_line
from ailog.pipeline import calendar
from ailog.ports import Store
from ailog.settings import Settings

DIGEST_CUT: Final = "digest cut"
"""The stage of an incident that a message counts without telling it in full."""

_MAX_EVENTS: Final = 200_000
_REASON: Final = 500
_MAINTENANCE: Final[tuple[Kind, ...]] = ("maintenance",)
_KINDS: Final = ("regular", "manual", "backfill")

Decision = Notice | Suppressed


def tell(
    store: Store,
    settings: Settings,
    connection: psycopg.Connection,
    values: Mapping[str, Any],
    incidents: list[dict[str, Any]],
    now: datetime,
) -> int:
    """Puts the run's messages into the outbox and remembers what was told; returns how many messages there are.

    A backfill tells no news of its own, only the end of incidents that people were told of: those that its reading ended or took back.
    """
    if values["kind"] not in _KINDS or not incidents:
        return 0
    return _Telling(store, settings, connection, values, incidents, now).tell()


def put(
    store: Store, connection: psycopg.Connection, message: Message, *, run_id: str | None, now: datetime, not_before: datetime | None = None
) -> None:
    """Puts a message into the outbox, to be sent from ``not_before`` on; one that is there already stays as it is."""
    values = {
        "message_id": message.message_id,
        "channel": message.channel,
        "kind": message.kind,
        "subject": message.subject,
        "body": Json(message.body, dumps=lambda body: json.dumps(body, ensure_ascii=False, sort_keys=True)),
        "run_id": run_id,
        "now": now,
    }
    if not_before is None or not_before <= now:
        connection.execute(store.statement("publish/put_message"), values)
    else:
        connection.execute(store.statement("notify/put_later"), {**values, "not_before": not_before})


def silences(store: Store, connection: psycopg.Connection, now: datetime) -> list[Silence]:
    """The silences that are in force."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [Silence.of(row) for row in cursor.execute(store.statement("silences/active"), {"now": now}).fetchall()]


@dataclass(frozen=True, slots=True)
class _Telling:
    """One run's word to people: what ``tell`` was given."""

    store: Store
    settings: Settings
    connection: psycopg.Connection
    values: Mapping[str, Any]
    incidents: Sequence[Mapping[str, Any]]
    now: datetime

    def tell(self) -> int:
        decisions = self._decisions()
        if self.values["kind"] == "backfill":
            decisions = {one: found for one, found in decisions.items() if isinstance(found, Notice) and found.kind == RESOLVED}
        told = {one: found for one, found in decisions.items() if isinstance(found, Notice)}
        digests = self._digests(decisions, told) if told else []
        for digest in digests:
            put(self.store, self.connection, digest.message, run_id=self.values["run_id"], now=self.now)
        for incident_id, notice in told.items():
            self.connection.execute(self.store.statement("publish/remember_notice"), {**notice.memory, "incident_id": incident_id})
        with self.connection.cursor() as cursor:
            cursor.executemany(self.store.statement("notify/put_decision"), self._records(decisions, digests))
        return len(digests)

    def _decisions(self) -> dict[str, Decision]:
        """The decision of every incident: first what is news, then what people hide of it."""
        window_end = self.values["last"] + WINDOW
        in_force = silences(self.store, self.connection, self.now)
        maintenance = calendar.load(self.store, self.connection, kinds=_MAINTENANCE).entries
        told = {(row["problem_key"], row["namespace"]) for row in self.incidents if row["notified_severity"] not in {None, RESOLVED}}
        settled = self._settled()
        found: dict[str, Decision] = {}
        for row in self.incidents:
            incident = {**row, "level_accepted": row["incident_id"] in settled}
            rules = NoticeRules.of(self.settings, incident["namespace"])
            elsewhere = sorted(name for key, name in told if key == incident["problem_key"] and name != incident["namespace"])
            decision = decide(incident, window_end, rules, run_start=self.values["first"], elsewhere=elsewhere)
            found[str(incident["incident_id"])] = self._unless_hidden(decision, incident, in_force, maintenance)
        return found

    def _settled(self) -> set[Any]:
        """The incidents that ended because the new level of their namespace was taken as usual."""
        ended = [row["incident_id"] for row in self.incidents if row["status"] == "resolved"]
        return {row["incident_id"] for row in self._rows("notify/settled", incidents=ended)} if ended else set()

    def _unless_hidden(
        self, decision: Decision, incident: Mapping[str, Any], in_force: Sequence[Silence], maintenance: Sequence[Entry]
    ) -> Decision:
        """The decision, or what people hide of it. Maintenance hides news of its own windows, and an end while it goes on, whatever the
        severity; a silence hides what is told while it is in force, up to its severity.
        """
        if not isinstance(decision, Notice):
            return decision
        news = f"{decision.kind}: {decision.reason}"
        window = self.values["last"] if decision.kind == RESOLVED else incident["last_window"]
        span = Interval(window, window + WINDOW)
        entry = next((one for one in maintenance if one.covers(incident["namespace"]) and occurrences(one, span)), None)
        if entry is not None:
            return Suppressed(f"maintenance {entry.entry_id} of {entry.owner}: {one_line(entry.reason)}", "maintenance", news=news)
        silence = hiding(in_force, incident, self.now)
        if silence is None:
            return decision
        until = local(silence.expires_at, ZoneInfo(self.settings.timezone))
        why = f"silence {silence.silence_id} of {silence.owner} until {until}: {one_line(silence.reason)}"
        return Suppressed(why, "silence", silence.silence_id, news=news)

    def _digests(self, decisions: Mapping[str, Decision], told: Mapping[str, Notice]) -> list[Digest]:
        """The messages, from the run with its sources and the incidents with their newest window and known issue."""
        asked = [row["incident_id"] for row in self.incidents if str(row["incident_id"]) in told]
        issues = sorted({row["known_issue_id"] for row in self.incidents if row["known_issue_id"]})
        run = self._rows("publish/run_row")[0]
        run["sources"] = self._rows("publish/run_sources")
        newest = {row.pop("incident_id"): row for row in self._rows("publish/newest_windows", incidents=asked)}
        known = {row["issue_id"]: row for row in self._rows("notify/known_issues", issues=issues)}
        full = [{**row, **newest.get(row["incident_id"], {}), "known_issue": known.get(row["known_issue_id"])} for row in self.incidents]
        return build_digests(run, full, decisions, self.settings, self._overlaps(told))

    def _overlaps(self, told: Mapping[str, Notice]) -> list[Overlap]:
        """Which of the problems that are told share traces, as far as the run's own events show."""
        rows = [row for row in self.incidents if (one := told.get(str(row["incident_id"]))) is not None and one.kind != RESOLVED]
        problems = sorted({row["problem_key"] for row in rows})
        if len(problems) < 2:
            return []
        namespaces = sorted({row["namespace"] for row in rows})
        return [Overlap(**row) for row in self._rows("notify/overlaps", problems=problems, namespaces=namespaces, max_events=_MAX_EVENTS)]

    def _records(self, decisions: Mapping[str, Decision], digests: Sequence[Digest]) -> list[dict[str, Any]]:
        by_channel = {digest.message.channel: digest for digest in digests}
        rows = []
        for incident in self.incidents:
            identity = str(incident["incident_id"])
            decision = decisions.get(identity)
            for channel in channels_of(self.settings, incident["namespace"]) if decision is not None else ():
                row: dict[str, Any] = {"stage": "", "reason": "", "silence_id": None, "message_id": None}
                if isinstance(decision, Notice):
                    digest = by_channel[channel]
                    cut = identity in digest.counted
                    row |= {
                        "stage": DIGEST_CUT if cut else decision.kind,
                        "reason": decision.reason,
                        "message_id": digest.message.message_id,
                    }
                elif decision is not None:
                    hidden = f" ({decision.news})" if decision.news else ""
                    row |= {"stage": decision.stage, "reason": f"{decision.reason}{hidden}", "silence_id": decision.silence_id}
                row |= {name: self.values[name] for name in ("run_id", "window_from", "window_to")}
                row |= {name: incident[name] for name in ("namespace", "problem_key")}
                row |= {"incident_id": identity, "channel": channel, "told": isinstance(decision, Notice)}
                rows.append({**row, "reason": head(one_line(row["reason"]), _REASON)})
        return rows

    def _rows(self, name: str, **more: Any) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(self.store.statement(name), {**self.values, **more}).fetchall()
