"""Gives every staged event its fingerprint, and every fingerprint its place in the taxonomy.

Reads and writes staging in batches. What comes out, apart from the events themselves, is small: the templates, the counts per kind, and
the dense grid of namespaces and windows.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.classify import RuleBundle, Verdict
from ailog.domain.fingerprint import ALGORITHM_VERSION, Miner, Template
from ailog.domain.kinds import KindCounter
from ailog.domain.overflow import OVERFLOW_RULE, OVERFLOW_TEMPLATE, OVERFLOW_TYPE, Budget, overflow_fingerprint
from ailog.domain.problem import flow_of, problem_key
from ailog.domain.specimens import Specimens
from ailog.errors import PermanentError
from ailog.pipeline import families, versions
from ailog.pipeline.behind import AppendBehind
from ailog.pipeline.plan import Plan, is_over, load_plan
from ailog.ports import BulkTransaction, Store
from ailog.settings import Settings, config_directory

_OVERFLOWED = Verdict("unknown", OVERFLOW_RULE, OVERFLOW_RULE, OVERFLOW_RULE, wrapper=False)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TABLES = ("classified_event", "template", "kind_count", "namespace_count", "moved_kind")
_CLASSIFIED = ["event_time", "trace_id", "span_id", "parent_span_id", "weight"]


def classify(store: Store, settings: Settings, run_id: str) -> dict[str, int]:
    """Stages the classified events, templates, counts per kind and the dense totals of a run.

    Raises:
        PermanentError: when not one source was read; the ledger says ``failed`` and why.
    """
    if is_over(store, run_id):
        return {}
    plan = load_plan(store, run_id)
    _require_a_source(store, plan)
    if not plan.dry_run:
        versions.bring_up_to_date(store, settings, now=plan.span.end)
    miner = Miner(settings.classification.in_app)
    kinds = KindCounter()
    budget = _budget(store, settings, plan)
    templates: dict[int, Template] = {}
    moved: dict[int, int] = {}
    specimens = Specimens()
    names = ",".join(_always_there(store, settings, plan))
    with store.bulk("read staged events") as reader, store.bulk("stage classified events") as writer:
        for table in _TABLES:
            writer.execute(f"staging/clear_{table}", (plan.run_no,))
        with AppendBehind(writer) as behind:
            for batch in reader.batches("staging/read_events", plan.run_no):
                table = pa.Table.from_batches([batch])
                fingerprints, dropped = budget.take(table["namespace"], miner.encode(table))
                # The miner may forget what it stands for when its memory is full; what this run needs is kept here.
                new = [f for f in np.unique(fingerprints).tolist() if f not in templates]
                templates.update({f: miner.templates.get(f) or _overflow(f) for f in new})
                specimens.add(table, fingerprints)
                behind.append("classified_event", _classified(table, plan.run_no, kinds.add(table, fingerprints)))
                moved |= kinds.fold({name: (gone, overflow_fingerprint(name)) for name, gone in dropped.items()}) if dropped else {}
        if moved:
            _append(writer, "moved_kind", [(plan.run_no, old, new) for old, new in sorted(moved.items())], MOVED_ROWS)
            writer.execute("families/move_kinds", (plan.run_no,))
        unknown = _stage_kinds(writer, settings, plan, templates, kinds, specimens)
        writer.execute("staging/fill_namespace_count", (plan.run_no, names))
    counted = {key[3] for key, _ in kinds.items()}
    left_out = families.stage(store, plan, {f: templates[f] for f in counted if f in templates})
    families.stage_warnings(store, plan, budget.overflows, left_out)
    found = {"events": behind.rows, "fingerprints": len(counted), "kinds": len(kinds), "unknown": unknown}
    warnings = {"overflowed_namespaces": len(budget.over), "templates_left_out_of_families": left_out, "texts_not_read": miner.unreadable}
    return found | {name: count for name, count in warnings.items() if count}


def _budget(store: Store, settings: Settings, plan: Plan) -> Budget:
    """The bound on kinds of a namespace; what was there before the run is kept first, so that a flood does not hide what is known."""
    with store.connection("list the fingerprints known before") as connection:
        rows = connection.execute(store.statement("families/known_before"), {"first": plan.windows[0]}).fetchall()
    return Budget(settings.classification.max_fingerprints_per_namespace, [int(row[0]) for row in rows])


def _overflow(fingerprint: int) -> Template:
    return Template(fingerprint, OVERFLOW_TYPE, OVERFLOW_TEMPLATE, "unknown")


def _classified(table: pa.Table, run_no: int, numbers: np.ndarray) -> pa.Table:
    """What later steps need of each event; the rest of it stands once, with its kind."""
    elapsed = pc.subtract(table["event_time"], table["window_start"]).cast(pa.int64())
    columns = {
        "run_no": pa.repeat(pa.scalar(run_no, pa.int64()), len(table)),
        "kind_no": pa.array(numbers),
        "second": pc.divide(elapsed, 1_000_000).cast(pa.int16()),
        **{name: table[name] for name in _CLASSIFIED},
    }
    return pa.table(columns)


def _require_a_source(store: Store, plan: Plan) -> None:
    with store.connection("read the outcomes of the sources") as connection:
        outcomes = connection.execute(store.statement("staging/outcomes"), {"run_no": plan.run_no}).fetchall()
        if any(status == "complete" for _, status, *_ in outcomes):
            return
        known = {name: error or "did not finish" for name, _, error, *_ in outcomes}
        reasons = "; ".join(f"{name}: {known.get(name, 'did not finish')}" for name in plan.sources)
        if not plan.dry_run:
            connection.execute(store.statement("ledger/fail_run"), {"run_id": plan.run_id, "error": reasons, "windows": list(plan.windows)})
    raise PermanentError(f"no source could be read, so nothing is known of these windows: {reasons}")


def _always_there(store: Store, settings: Settings, plan: Plan) -> list[str]:
    """Namespaces that get a row, zero included, in every window: those configured, and those seen in the days before."""
    with store.connection("list the namespaces of the last days") as connection:
        rows = connection.execute(
            store.statement("facts/recent_namespaces"), {"start": plan.windows[0], "end": plan.windows[-1]}
        ).fetchall()
    names = {str(row[0]) for row in rows} | set(settings.namespaces.namespaces)
    return sorted(name for name in names if settings.scope.covers(name) and "," not in name)


def _stage_kinds(
    writer: BulkTransaction, settings: Settings, plan: Plan, templates: dict[int, Template], kinds: KindCounter, specimens: Specimens
) -> int:
    bundle = RuleBundle.load(rules_directory(settings))
    known: dict[tuple[int, str, str], tuple[object, ...]] = {}
    rows: list[tuple[object, ...]] = []
    unknown = 0
    for (window, namespace, app, fingerprint), kind in kinds.items():
        start = _EPOCH + timedelta(microseconds=window)
        first, last = (_EPOCH + timedelta(microseconds=t) for t in (kind.first, kind.last))
        counted = (kind.count, kind.estimated, first, last, sorted(kind.versions), kind.sample)
        rows.append((plan.run_no, kind.number, start, namespace, app, fingerprint, *counted))
        row = known.get((fingerprint, namespace, app))
        if row is None:
            template = templates[fingerprint]
            verdict = _OVERFLOWED if template.template == OVERFLOW_TEMPLATE else bundle.classify(template.error_type, template.template)
            flow = flow_of(app, namespace)
            key = problem_key(verdict.category, flow, verdict.error_class)
            row = known[fingerprint, namespace, app] = (
                plan.run_no, fingerprint, namespace, app, ALGORITHM_VERSION, template.error_type, template.template,
                verdict.category, verdict.subcategory, flow, verdict.error_class, key, verdict.rule_id, bundle.version, verdict.wrapper,
                template.metadata_quality, specimens.of(fingerprint),
            )  # fmt: skip
        unknown += kind.count if row[7] == "unknown" else 0
    _append(writer, "kind_count", rows, KIND_ROWS)
    _append(writer, "template", list(known.values()), TEMPLATE_ROWS)
    return unknown


def rules_directory(settings: Settings) -> Path:
    """Where the rule bundle of the settings lies."""
    return config_directory() / "rules" / settings.classification.rules


def _append(writer: BulkTransaction, table: str, rows: list[tuple[object, ...]], schema: pa.Schema) -> None:
    if rows:
        columns = zip(*rows, strict=True)
        writer.append(table, pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema))


_TIME = pa.timestamp("us", tz="UTC")
KIND_ROWS = pa.schema(
    {
        "run_no": pa.int64(),
        "kind_no": pa.int32(),
        "window_start": _TIME,
        "namespace": pa.string(),
        "app": pa.string(),
        "fingerprint": pa.int64(),
        "count": pa.int64(),
        "estimated": pa.bool_(),
        "first_event": _TIME,
        "last_event": _TIME,
        "versions": pa.list_(pa.string()),
        "sample": pa.string(),
    }
)
_TEXTS = (
    "namespace", "app", "algorithm_version", "error_type", "template", "category", "subcategory", "flow", "error_class", "problem_key",
    "rule_id", "rule_bundle",
)  # fmt: skip
TEMPLATE_ROWS = pa.schema(
    {
        "run_no": pa.int64(),
        "fingerprint": pa.int64(),
        **dict.fromkeys(_TEXTS, pa.string()),
        "wrapper": pa.bool_(),
        "metadata_quality": pa.string(),
        "specimen": pa.string(),
    }
)
MOVED_ROWS = pa.schema({"run_no": pa.int64(), "kind_no": pa.int32(), "instead": pa.int32()})
