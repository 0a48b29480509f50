"""Reads one source over the windows of a run into staging, complete or not at all.

Pages are normalised and masked before anything is written. The rows of a source are one transaction: a worker that dies leaves nothing,
a repetition replaces everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.events import COUNT_SCHEMA, EVENT_SCHEMA, REJECTED_SCHEMA, Interval, contiguous
from ailog.domain.masking import mask_text
from ailog.domain.normalize import NormalizeRules, normalize
from ailog.errors import AilogError, IncompleteFetch
from ailog.pipeline.behind import AppendBehind
from ailog.pipeline.plan import Plan, load_plan
from ailog.ports import BulkTransaction, LogSource, Store
from ailog.settings import Settings

_KEYS = [pa.field("run_no", pa.int64(), nullable=False), pa.field("source", pa.string(), nullable=False)]
_TABLES = ("log_event", "source_count", "rejected_event", "source_outcome")


@dataclass
class _Tally:
    expected: int = 0
    staged: int = 0
    weight: float = 0.0
    rejected: int = 0
    repaired: int = 0
    sampled: bool = False
    rows: list[tuple[str, str, str, str | None]] = field(default_factory=list)

    @property
    def fetched(self) -> int:
        """Events that arrived, what a sample stands for included."""
        return (round(self.weight) if self.sampled else self.staged) + self.rejected


def fetch(store: Store, settings: Settings, source: LogSource, run_id: str) -> dict[str, int]:
    """Stages every event of the run's windows from one source; returns the counts of the ledger row.

    Raises:
        IncompleteFetch: when fewer or more events arrived than the source counted; nothing is staged then.
        AilogError: whatever the source raises. The failure is on record before it is raised.
    """
    plan = load_plan(store, run_id)
    tally = _Tally()
    try:
        with store.bulk(f"stage the events of {source.name}") as bulk:
            for table in _TABLES:
                bulk.execute(f"staging/clear_{table}", (plan.run_no, source.name))
            for interval in contiguous(list(plan.windows)):
                _stage(bulk, settings, source, plan, interval, tally)
            if tally.rows:
                columns = list(zip(*tally.rows, strict=True))
                rows = pa.table([pa.array(c, f.type) for c, f in zip(columns, REJECTED_SCHEMA, strict=True)], schema=REJECTED_SCHEMA)
                bulk.append("rejected_event", _keyed(rows, plan.run_no, source.name))
            _reconcile(source.name, plan, tally)
        _record(store, plan, source.name, "complete", tally, None)
    except AilogError as error:
        _record(store, plan, source.name, "failed", tally, mask_text(str(error)))
        raise
    return {
        "expected": tally.expected,
        "fetched": tally.fetched,
        "staged": tally.staged,
        "rejected": tally.rejected,
        "repaired": tally.repaired,
    }


def _stage(bulk: BulkTransaction, settings: Settings, source: LogSource, plan: Plan, interval: Interval, tally: _Tally) -> None:
    counts = source.count(interval)
    if counts.num_rows:
        bulk.append("source_count", _keyed(counts.cast(COUNT_SCHEMA), plan.run_no, source.name))
        tally.expected += pc.sum(counts["errors"]).as_py() or 0
    limits = settings.limits
    rules = NormalizeRules(settings.levels, settings.scope.covers, limits.message_characters, limits.max_record_bytes)
    with AppendBehind(bulk) as writer:
        for page in source.fetch(interval, counts):
            result = normalize(page, interval, rules)
            tally.sampled |= page.weights is not None
            if result.events.num_rows:
                writer.append("log_event", _keyed(result.events.cast(EVENT_SCHEMA), plan.run_no, source.name))
                tally.weight += pc.sum(result.events["weight"]).as_py()
            # What a source itself sets aside (a line that is no JSON) belongs to no window, so its counts cannot hold it.
            tally.expected += sum(row[2] == "quarantined" for row in page.rejected)
            tally.rejected += result.quarantined
            tally.repaired += result.repaired
            tally.rows += result.rejected[: max(limits.max_rejected_rows - len(tally.rows), 0)]
    tally.staged += writer.rows


def _reconcile(name: str, plan: Plan, tally: _Tally) -> None:
    if tally.fetched != tally.expected:
        raise IncompleteFetch(
            f"{name} counted {tally.expected} events from {plan.span.start.isoformat()} to {plan.span.end.isoformat()} and delivered "
            f"{tally.fetched} ({tally.staged} taken, {tally.rejected} rejected): events came or went meanwhile; the fetch is to be repeated"
        )


def _record(store: Store, plan: Plan, name: str, status: str, tally: _Tally, error: str | None) -> None:
    values = {
        "run_no": plan.run_no,
        "source": name,
        "status": status,
        "expected": tally.expected,
        "fetched": tally.fetched if status == "complete" else None,
        "rejected": tally.rejected if status == "complete" else None,
        "repaired": tally.repaired if status == "complete" else None,
        "staged": tally.staged if status == "complete" else None,
        "sampled": tally.sampled,
        "error": error,
    }
    with store.connection(f"record the outcome of {name}") as connection:
        connection.execute(store.statement("staging/drop_outcome"), values)
        connection.execute(store.statement("staging/put_outcome"), values)


def _keyed(rows: pa.Table, run_no: int, source: str) -> pa.Table:
    keys = [pa.repeat(pa.scalar(run_no, pa.int64()), rows.num_rows), pa.repeat(pa.scalar(source), rows.num_rows)]
    return pa.table([*keys, *rows.columns], schema=pa.schema([*_KEYS, *rows.schema]))
