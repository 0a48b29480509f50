"""What an operator asks of the product's database: how it is, how far the analysis is, what is missing, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from psycopg.rows import dict_row

from ailog.domain.events import WINDOW, floor_to_window
from ailog.domain.masking import mask_text
from ailog.domain.wording import counted, head, lasting, listing, one_line, utc
from ailog.errors import AilogError
from ailog.pipeline import watch
from ailog.ports import Store
from ailog.settings import Settings

State = Literal["OK", "WARN", "FAIL"]

SKEW: Final = timedelta(seconds=5)
"""Two clocks that differ by more put events into wrong windows now and then; by a minute, always."""
NAMESPACE_DAYS: Final = 7
_ROLL_UP_DAYS: Final = 2
"""So long after nothing catches a day up any more, maintenance has had two nights to roll it up."""
_OLDEST_POSTGRES: Final = 150_000
# What a library can raise past the error families; a check that breaks is a finding and stops no other.
DEFECTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError, ImportError)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do when it is not well."""

    area: str
    name: str
    state: State
    found: str
    remedy: str = ""

    def as_row(self) -> dict[str, str]:
        """For tables and JSON."""
        return asdict(self)


Findings = Iterator[Finding]


def guarded(area: str, name: str, remedy: str, check: Callable[[], Findings]) -> list[Finding]:
    """The findings of a check; what it raises is a finding as well."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except AilogError as error:
        found.append(Finding(area, name, "FAIL", shown(error), remedy))
    except DEFECTS as error:
        found.append(Finding(area, name, "FAIL", f"the check broke: {type(error).__name__}: {shown(error)}", remedy))
    return found


def shown(text: object) -> str:
    """A text of somebody else in one line, secrets masked."""
    return head(mask_text(one_line(text)), 400)


def clock(where: str, theirs: datetime, ours: datetime) -> Finding:
    """Whether two clocks agree."""
    apart = abs(theirs - ours)
    state: State = "OK" if apart <= SKEW else "FAIL" if apart > timedelta(minutes=1) else "WARN"
    found = f"{apart.total_seconds():.1f} s apart from here"
    return Finding("clock", where, state, found, "" if state == "OK" else "let NTP set both clocks: windows are cut by them")


def server(store: Store, utc_now: Callable[[], datetime]) -> Findings:
    """Version, role and clock of the database."""
    before = utc_now()
    row = _one(store, "doctor/server", {})
    after = utc_now()
    old = row["version_num"] < _OLDEST_POSTGRES
    yield Finding(
        "database", "version", "FAIL" if old else "OK", f"PostgreSQL {row['version']}", "use PostgreSQL 15 or newer" if old else ""
    )
    too_much = "is a superuser" if row["is_superuser"] else f"owns {counted(row['owned_tables'], 'table')}" if row["owned_tables"] else ""
    remedy = "log the connection of the application in as a role of its own, then 'ailog migrate' with the owner's" if too_much else ""
    yield Finding("database", "role", "WARN" if too_much else "OK", f"{row['role_name']} {too_much or 'owns nothing'}", remedy)
    theirs = row["now"]
    yield clock("database", theirs, min(max(theirs, before), after))


def migrations(store: Store, files: Mapping[str, str]) -> Findings:
    """What of the schema is applied, pending and changed; ``files`` maps the migrations of this version to their checksums."""
    applied = {row["name"]: row["checksum"] for row in _rows(store, "doctor/migrations", {})}
    pending = sorted(set(files) - set(applied))
    changed = sorted(name for name in applied if name in files and files[name] != applied[name])
    unknown = sorted(set(applied) - set(files))
    yield Finding(
        "database",
        "migrations",
        "FAIL" if pending or changed or unknown else "OK",
        f"{len(applied)} applied"
        + (f"; pending: {', '.join(pending)}" if pending else "")
        + (f"; changed after they were applied: {', '.join(changed)}" if changed else "")
        + (f"; of another version: {', '.join(unknown)}" if unknown else ""),
        "; ".join(
            remedy
            for wrong, remedy in (
                (pending, "run 'ailog migrate' with the owner's connection"),
                (changed, "restore the file and put the change into a new migration"),
                (unknown, "deploy the newer version again"),
            )
            if wrong
        ),
    )


def tables(store: Store, now: datetime) -> Findings:
    """Tables and partitions; the partitions of this month and the next."""
    row = _one(store, "doctor/tables", {})
    yield Finding("database", "tables", "OK" if row["tables"] else "FAIL", f"{row['tables']} tables, {row['partitions']} partitions")
    month = now.astimezone(UTC).replace(day=1)
    for day in (month, (month + timedelta(days=32)).replace(day=1)):
        missing = [one["relname"] for one in _rows(store, "watch/partitions", {"month": f"{day:%Y-%m-%d}"})]
        remedy = "'ailog watch --once' makes them, as the DAG watch does; so does the first run that needs them" if missing else ""
        found = f"missing: {', '.join(missing)}" if missing else "all there"
        yield Finding("database", f"partitions of {day:%Y-%m}", "WARN" if missing else "OK", found, remedy)


def progress(store: Store, settings: Settings, now: datetime) -> Findings:
    """The last complete run, lag, gaps of the last day, age of the thresholds, the watch."""
    until = floor_to_window(now) - (WINDOW if now - floor_to_window(now) < timedelta(minutes=5) else timedelta(0))
    row = _one(store, "doctor/ledger", {"now": now, "since": until - timedelta(days=1), "until": until})
    catch_up = "unpause regular_phase, or run 'ailog run'; what is missing is caught up"
    if row["oldest"] is None:
        yield Finding("analysis", "runs", "WARN", "nothing was read yet", "run init_phase in Airflow, or 'ailog init'")
    else:
        last, limit = row["last_complete"], timedelta(minutes=settings.watch.complete_run_minutes)
        late = last is None or now - last > limit
        told = f"{utc(last)}, {lasting(now - last)} ago" if last else "none of the regular phase"
        yield Finding("analysis", "last complete run", "FAIL" if late else "OK", told, catch_up if late else "")
        if row["newest"] is not None:
            lag = now - (row["newest"] + WINDOW)
            behind = lag > limit + WINDOW
            yield Finding(
                "analysis", "lag", "WARN" if behind else "OK", f"{lasting(max(lag, timedelta(0)))} behind", catch_up if behind else ""
            )
        yield _gaps([gap for gap in row["gaps"] if gap >= row["oldest"]], settings)
    trained = _one(store, "watch/times", {})["snapshot"]
    old = trained is not None and now - trained > timedelta(days=settings.watch.thresholds_days)
    yield Finding(
        "analysis",
        "thresholds",
        "WARN" if old or trained is None else "OK",
        f"learnt up to {utc(trained)}, {lasting(now - trained)} ago"
        if trained
        else "there are none: every namespace is judged by the default",
        "train them: weekly_thresholds in Airflow, or 'ailog thresholds'" if old or trained is None else "",
    )
    seen = row["watched_at"]
    blind = seen is None or now - seen > timedelta(minutes=15)
    yield Finding(
        "analysis",
        "watch",
        "WARN" if blind else "OK",
        f"last looked {lasting(now - seen)} ago" if seen else "never looked",
        "unpause the DAG watch, or let cron run 'ailog watch --once' every five minutes" if blind else "",
    )


def _gaps(gaps: list[datetime], settings: Settings) -> Finding:
    if not gaps:
        return Finding("analysis", "gaps of the last day", "OK", "none")
    found = f"{counted(len(gaps), 'window')} not read whole, the first {utc(gaps[0])}"
    again = f"'ailog run --from {utc(gaps[0])} --to {utc(gaps[-1] + WINDOW)}'"
    remedy = f"the next runs catch up {settings.limits.lookback_hours} hours; at once: {again}"
    return Finding("analysis", "gaps of the last day", "WARN", found, remedy)


def rollups(store: Store, settings: Settings, now: datetime) -> Findings:
    """Gaps in the days that are kept for ever, and days that maintenance should have rolled up."""
    row = _one(store, "doctor/rollups", {"settled": now - timedelta(hours=settings.limits.lookback_hours, days=_ROLL_UP_DAYS)})
    of = f"of {counted(row['days'], 'day')}"
    read = "'ailog backfill --force --from DAY --to DAY' reads a day again while its source holds it; the next maintenance rolls it up"
    found = {
        "missing": (f"{len(row['missing'])} {of} were never read", read),
        "incomplete": (f"{len(row['incomplete'])} {of} lack windows", read),
        "refused": (
            f"{len(row['refused'])} {of} hold more than was read again: they stay as they are",
            "'ailog ledger' of the day says why",
        ),
        "waiting": (f"{counted(len(row['waiting']), 'day')} to roll up", "unpause maintenance, or run 'ailog maintenance'"),
    }
    for name, (said, remedy) in found.items():
        if row[name]:
            dates = listing([(str(day), None) for day in row[name]], 8)
            yield Finding("analysis", f"roll-ups, {name}", "WARN", f"{said}: {dates}", remedy)
    if not any(row[name] for name in found):
        yield Finding("analysis", "roll-ups", "OK", f"{counted(row['days'], 'day')}, no gap")


def alarms(store: Store) -> Findings:
    """Alarms on record that are open."""
    found = watch.open_alarms(store)
    for row in found:
        yield Finding("analysis", f"alarm: {row['alarm_key']}", "WARN", f"{row['title']}: {shown(row['reason'])}", row["remedy"])
    if not found:
        yield Finding("analysis", "alarms", "OK", "none is open")


def outbox(store: Store, now: datetime) -> Findings:
    """Messages of the last day that no channel took."""
    rows = _rows(store, "doctor/outbox", {"now": now})
    stuck = [row for row in rows if row["waiting"] or row["failed"]]
    for row in stuck:
        found = f"{row['waiting']} waiting, {row['failed']} given up: {shown(row['last_error'])}"
        yield Finding("channel", f"outbox of {row['channel']}", "WARN", found, "mend what it names, then 'ailog notify --failed'")
    if not stuck:
        yield Finding("channel", "outbox", "OK", "nothing is stuck")


def logging_namespaces(store: Store, now: datetime) -> set[str]:
    """Namespaces that the ledger knows to have logged in the last days."""
    since = floor_to_window(now - timedelta(days=NAMESPACE_DAYS))
    return {row["namespace"] for row in _rows(store, "doctor/namespaces", {"since": since})}


def namespaces(logging: Collection[str], settings: Settings) -> Findings:
    """Namespaces that are configured and never log, and the other way round."""
    configured = set(settings.namespaces.namespaces)
    silent, strange = sorted(configured - set(logging)), sorted(set(logging) - configured)
    outside = sorted(name for name in configured if not settings.scope.covers(name))
    yield Finding(
        "namespaces",
        "configured",
        "WARN" if silent else "OK",
        f"{len(silent)} of {len(configured)} said nothing in {NAMESPACE_DAYS} days: {_names(silent)}"
        if silent
        else f"all {len(configured)} log",
        "correct the names in namespaces.yaml, the patterns of `indices` or fields.namespace; or take them out" if silent else "",
    )
    yield Finding(
        "namespaces",
        "not configured",
        "WARN" if strange else "OK",
        f"{len(strange)} log and are not in namespaces.yaml: {_names(strange)}" if strange else "none",
        "add them with priority and group, or exclude them by `scope`; until then they get the defaults" if strange else "",
    )
    if outside:
        yield Finding(
            "namespaces", "scope", "WARN", f"configured but outside of `scope`: {_names(outside)}", "widen `scope`, or take them out"
        )


def _names(names: list[str]) -> str:
    return listing([(name, None) for name in names], 8)


def _rows(store: Store, name: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with store.connection("examine the store") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement(name), values).fetchall()


def _one(store: Store, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return _rows(store, name, values)[0]
