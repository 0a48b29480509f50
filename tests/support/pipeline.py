"""Runs the pipeline as the DAGs do, and looks at what it left behind."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from ailog import settings as settings_module
from ailog.adapters.sources import build
from ailog.domain.events import Interval
from ailog.pipeline.classify import classify
from ailog.pipeline.cleanup import cleanup
from ailog.pipeline.detect import detect
from ailog.pipeline.fetch import fetch
from ailog.pipeline.plan import plan
from ailog.pipeline.propagate import propagate
from ailog.pipeline.store import publish
from ailog.settings import FilesSource, Settings

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""The time in tests: a Tuesday."""


def moment(text: str) -> datetime:
    """An aware UTC time from ``2026-03-10 08:15`` or longer."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def interval(start: str, minutes: int = 15) -> Interval:
    """From a start for some minutes."""
    return Interval(moment(start), moment(start) + timedelta(minutes=minutes))


def files_settings(*paths: Path, **changes: Any) -> Settings:
    """The shipped settings, reading only these files."""
    loaded = settings_module.load(settings_module.PACKAGE_ROOT / "include" / "config")
    source = FilesSource(name="files", kind="files", paths=[str(path) for path in paths])
    return loaded.model_copy(update={"sources": [source], **changes})


def run(
    store: Any, settings: Settings, bounds: Interval | None = None, *, kind: str = "regular", now: datetime = NOW, **options: Any
) -> str:
    """All steps of a run up to the commit; returns the run id. ``keep_staging=True`` leaves the staged rows."""
    keep = options.pop("keep_staging", False)
    sources = options.pop("sources", None)
    made = plan(
        store, settings, kind=kind, target=options.pop("target", None), bounds=bounds, now=now, dry_run=options.pop("dry_run", False),
        triggered_by="test", sources=tuple(s.name for s in sources) if sources else None,
    )  # fmt: skip
    for source in sources or [build(one, settings, None) for one in settings.active_sources]:
        fetch(store, settings, source, made.run_id)
    classify(store, settings, made.run_id)
    if kind != "init":
        detect(store, settings, made.run_id)
        propagate(store, settings, made.run_id)
    publish(store, settings, made.run_id, now)
    if not keep:
        cleanup(store, settings, made.run_id, now)
    return made.run_id


def rows(store: Any, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with store.connection() as connection:
        return connection.execute(statement, values).fetchall()


def checksums(store: Any, *, leave_out: Sequence[str] = ("schema_migrations",)) -> dict[str, str]:
    """A checksum of every table of the product, whatever the order of its rows."""
    tables = rows(
        store,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'ailog_peak' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
    )
    found = {}
    for (table,) in tables:
        if table not in leave_out:
            lines = sorted(str(row[0]) for row in rows(store, f"SELECT t::text FROM ailog_peak.{table} AS t"))
            found[table] = f"{len(lines)}:{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:16]}"
    return found


def write_ndjson(path: Path, documents: Iterable[dict[str, Any]]) -> Path:
    """Writes documents as a file source reads them; ``.gz`` compresses."""
    data = b"\n".join(orjson.dumps(document) for document in documents) + b"\n"
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def event(at: datetime | str, message: str, *, namespace: str = "pcb-sit-01-app", app: str = "payment-api", **more: Any) -> dict[str, Any]:
    """A document of an error; more fields as given, dotted names allowed."""
    time = at if isinstance(at, str) else at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {
        "@timestamp": time,
        "level": "ERROR",
        "message": message,
        "kubernetes": {"namespace": namespace},
        "application": {"name": app},
        **more,
    }


def shared_data(name: str) -> Path:
    """A file of the shared data sets; the test is skipped, with the reason, where they are not at hand."""
    root = Path(os.environ.get("AILOG_SHARED_DATA") or settings_module.PACKAGE_ROOT.parent / "shared" / "data")
    path = root / name
    if not path.exists():
        pytest.skip(f"the shared data set {name} is not at hand (AILOG_SHARED_DATA)")
    return path
