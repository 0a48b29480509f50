"""Families of fingerprints in the store: what a run reads through, and the append-only table of aliases.

The state of level 2 is the set of distinct templates in ``error_signatures``. Two readers resolve it differently:

* A **run** resolves the templates whose first event lies before the end of its last window, and its own. So a window that is read again is
  judged as it was the first time, whatever was learnt of later windows since; its verdicts are the same rows.
* The **alias table** holds what is known now. Facts keep the fingerprint of the message and are never rewritten; reports, known issues and
  views resolve it by the alias table when they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Json

from ailog.domain import fingerprint as algorithm
from ailog.domain.events import Interval
from ailog.domain.fingerprint import Template, from_hex, to_hex
from ailog.domain.overflow import OVERFLOW_TEMPLATE, Overflow
from ailog.domain.template_family import FAMILY_VERSION, MAX_TEMPLATES, Families
from ailog.domain.template_family_decisions import Decision, standing, with_merges
from ailog.errors import PermanentError
from ailog.pipeline import frames
from ailog.pipeline.plan import Plan
from ailog.ports import Store

LOCK: Final = "publish/lock"
WHERE_FROM: Final = "'ailog incidents --json' and the JSON of a problem report list fingerprints"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What fingerprints stand for.

    ``families``: the family of each fingerprint of this version. ``older``: what fingerprints of older versions are in this one, the
    main one first. ``left_out``: templates past the limit of level 2, which keep their own family.
    """

    families: Mapping[str, str]
    older: Mapping[str, tuple[str, ...]]
    left_out: int

    def of(self, fingerprint: str) -> str:
        """The family of a fingerprint of any version."""
        if fingerprint in self.families or fingerprint not in self.older:
            return self.families.get(fingerprint, fingerprint)
        main = self.older[fingerprint][0]
        return self.families.get(main, main)

    def groups(self) -> dict[str, list[str]]:
        """The fingerprints of each family with more than one, those of older versions included."""
        found: dict[str, set[str]] = {}
        for fingerprint, family in self.families.items():
            found.setdefault(family, set()).add(fingerprint)
        for old, news in self.older.items():
            for new in news:
                found.setdefault(self.families.get(new, new), set()).update((old, new))
        return {family: sorted(members) for family, members in sorted(found.items()) if members != {family}}


@dataclass(frozen=True, slots=True)
class _Stored:
    fingerprint: int
    error_type: str
    template: str


def resolve(store: Store, connection: psycopg.Connection, *, span: Interval | None = None, also: Iterable[Template] = ()) -> Resolved:
    """The families of all templates first seen before the end of a span (all there are without one) and of those ``also`` given.

    Past the limit those first seen before the span take part, the earliest first, and of the others those with the smallest
    fingerprints, stored or not: so a span that is read again finds the families of its first reading.
    """
    start, end = (span.start, span.end) if span else (None, None)
    values = {"version": algorithm.ALGORITHM_VERSION, "start": start, "before": end, "limit": MAX_TEMPLATES}
    rows = connection.execute(store.statement("families/skeletons"), values).fetchall()
    found = Families((_Stored(*_typed(row)) for row in rows if row[3]), limit=MAX_TEMPLATES)
    found.add([*(_Stored(*_typed(row)) for row in rows if not row[3]), *(t for t in also if t.template != OVERFLOW_TEMPLATE)])
    decisions = connection.execute(store.statement("families/decisions")).fetchall()
    decided = standing(Decision(action, fingerprint, target) for action, fingerprint, target in decisions)
    older: dict[str, list[str]] = {}
    for old, new, main in connection.execute(store.statement("families/versions"), values).fetchall():
        older.setdefault(old, []).insert(0 if main else len(older[old]), new)
    # What people said of a fingerprint of an older version, they said of what it is now.
    now = {old: news[0] for old, news in older.items()}
    apart = {now.get(f, f) for f in decided.apart}
    automatic = found.resolve({from_hex(f) for f in apart if _is_fingerprint(f)})
    joined = [(now.get(a, a), now.get(b, b)) for a, b in decided.joined]
    families = with_merges({to_hex(f): to_hex(family) for f, family in automatic.items()}, [pair for pair in joined if pair[0] != pair[1]])
    return Resolved(families, {old: tuple(news) for old, news in older.items()}, len(found.left_out))


def _typed(row: tuple[Any, ...]) -> tuple[int, str, str]:
    return from_hex(row[0]), str(row[1]), str(row[2])


def stage(store: Store, plan: Plan, templates: Mapping[int, Template]) -> int:
    """Stages the families that the run reads through: those with more than one member that hold a fingerprint of the run.

    Returns how many templates level 2 left out because there are too many.
    """
    with store.connection("stage the families of the run") as connection:
        connection.execute(store.statement("families/clear_family"), {"run_no": plan.run_no})
        if not templates:
            return 0
        resolved = resolve(store, connection, span=plan.span, also=templates.values())
        wanted = {resolved.of(to_hex(f)) for f in templates}
        rows = [(plan.run_no, f, family) for family, members in resolved.groups().items() if family in wanted for f in members]
        frame = pd.DataFrame(rows, columns=["run_no", "fingerprint", "family"])
        frames.write(connection, "ailog_staging.family", frame, list(frame.columns))
    return resolved.left_out


def stage_warnings(store: Store, plan: Plan, overflows: Mapping[str, Overflow], left_out: int) -> None:
    """Stages what the run has to say: the namespaces that do not categorise, and the templates that level 2 left out."""
    rows = [(plan.run_no, "overflow", name, one.kept, one.templates, one.at_least) for name, one in sorted(overflows.items())]
    rows += [(plan.run_no, "families", "", MAX_TEMPLATES, left_out, False)] if left_out else []
    with store.connection("stage the warnings of the run") as connection:
        connection.execute(store.statement("staging/clear_run_warning"), {"run_no": plan.run_no})
        frame = pd.DataFrame(rows, columns=["run_no", "kind", "namespace", "kept", "templates", "at_least"])
        frames.write(connection, "ailog_staging.run_warning", frame, list(frame.columns))


def widen(store: Store, connection: psycopg.Connection, since: datetime, reason: str = "widened") -> int:
    """Brings the alias table up to date with what is known now; returns the rows added. The caller holds the lock of publishing.

    A fingerprint whose family changed gets a row of the next generation; so does a family that became part of another, which keeps every
    id that was ever told resolvable. Nothing is changed or removed.
    """
    resolved = resolve(store, connection)
    history: dict[str, list[str]] = {}
    for fingerprint, _, family in connection.execute(store.statement("families/aliases")).fetchall():
        history.setdefault(fingerprint, []).append(family)
    wanted = {f: resolved.of(f) for f in {*resolved.families, *resolved.older}}
    members = sorted((f for f in history if f in wanted), key=lambda f: (wanted[f] == f, f))
    for fingerprint in members:
        for past in history[fingerprint]:
            wanted.setdefault(past, wanted[fingerprint])
    rows = [
        {
            "fingerprint": fingerprint,
            "generation": len(history.get(fingerprint, ())) + 1,
            "family": family,
            "version": algorithm.ALGORITHM_VERSION,
            "family_version": FAMILY_VERSION,
            "reason": "version" if fingerprint in resolved.older and reason == "widened" else reason,
            "since": since,
        }
        for fingerprint, family in sorted(wanted.items())
        if family != history.get(fingerprint, [fingerprint])[-1]
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(store.statement("families/put_alias"), rows)
    return len(rows)


def templates_known(store: Store, connection: psycopg.Connection) -> int:
    """How many templates are stored, of any version."""
    found = connection.execute(store.statement("families/count")).fetchone()
    return int(found[0]) if found else 0


def decide(store: Store, decision: Decision, *, actor: str, note: str | None, now: datetime) -> dict[str, str]:
    """Writes a person's merge or split with its audit row and brings the aliases up to date; returns the families of those named.

    Raises:
        PermanentError: for a fingerprint that was never seen, or a merge with itself; nothing is written.
    """
    named = [f for f in (decision.fingerprint, decision.target) if f is not None]
    if len(set(named)) < len(named):
        raise PermanentError(f"{decision.fingerprint} cannot be merged with itself: give two fingerprints")
    with store.connection("decide about families") as connection:
        connection.execute(store.statement(LOCK))
        known: dict[str, str] = dict(connection.execute(store.statement("families/which_exist"), {"fingerprints": named}).fetchall())
        if missing := [f for f in named if f not in known]:
            raise PermanentError(f"no event with the fingerprint {missing[0]} was ever stored: {WHERE_FROM}")
        # A family may change its name; a member stands for it for ever.
        decision = Decision(decision.action, known[decision.fingerprint], known[decision.target] if decision.target else None)
        if decision.fingerprint == decision.target:
            raise PermanentError(f"{named[0]} and {named[1]} are one family already")
        before = resolve(store, connection)
        values = {"actor": actor, "action": decision.action, "fingerprint": decision.fingerprint, "target": decision.target, "note": note}
        connection.execute(store.statement("families/put_decision"), values)
        after = resolve(store, connection)
        widen(store, connection, now, "merged" if decision.action == "merge" else "split")
        detail = {
            "target": decision.target,
            "note": note,
            "before": before.of(decision.fingerprint),
            "after": after.of(decision.fingerprint),
        }
        audit(store, connection, actor=actor, action=f"families {decision.action}", subject=decision.fingerprint, detail=detail)
    return {f: after.of(f) for f in named}


def audit(store: Store, connection: psycopg.Connection, *, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
    """Writes down who did what."""
    text = Json(dict(detail))
    connection.execute(store.statement("known/put_audit"), {"actor": actor, "action": action, "subject": subject, "detail": text})


def _is_fingerprint(text: str) -> bool:
    try:
        from_hex(text)
    except ValueError:
        return False
    return True


def shown(store: Store, fingerprint: str | None, limit: int) -> list[dict[str, Any]]:
    """The members of families as the alias table has them: of all with more than one, or of the one family of a fingerprint.

    Raises:
        PermanentError: for a fingerprint that was never seen.
    """
    with store.connection("show families") as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(store.statement("families/show"), {"fingerprint": fingerprint, "limit": limit}).fetchall()
    if fingerprint is not None and not found:
        raise PermanentError(f"no event with the fingerprint {fingerprint} was ever stored: {WHERE_FROM}")
    return found


def overflows(store: Store) -> list[dict[str, Any]]:
    """The namespaces that did not categorise in the last days, and the limit of families where it was passed: the newest word on each."""
    with store.connection("show what does not categorise") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement("families/overflows")).fetchall()
