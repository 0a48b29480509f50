"""Secrets that an application logs are nowhere to be found behind the source: not in a table, not in a report, not in a message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.masking_data import SECRETS, Sample, samples
from tests.support.pipeline import NOW, event, files_settings, interval, moment, rows, run, write_ndjson

from ailog.adapters.notifiers.file import FileNotifier
from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.domain.masking import mask_text
from ailog.errors import PermanentError, SourceUnavailable
from ailog.pipeline.classify import classify
from ailog.pipeline.fetch import fetch
from ailog.pipeline.notify import notify
from ailog.pipeline.plan import plan
from ailog.pipeline.report import report

START = moment("2026-03-10 08:00")
WINDOW = interval("2026-03-10 08:00")
EACH = 5
"""Events of each kind of secret and field."""


def _planted() -> list[Sample]:
    return [sample for kind in SECRETS for sample in samples(kind, EACH, seed=3)]


def _documents(planted: list[Sample]) -> Iterator[dict]:
    """Each secret once as message, in a stack trace, as error message, error type and originator, in places where nothing looks, and in
    records that are set aside."""
    for i, (text, _) in enumerate(planted):
        at = START + timedelta(seconds=i)
        yield event(at, f"Order {i} lost: {text}")
        yield event(
            at,
            "Booking failed",
            stack_trace=f"java.lang.IllegalStateException: {text}\n\tat com.acme.A.b(A.java:{i})\nCaused by: x.Y: {text}",
        )
        yield event(at, "Booking failed", error={"message": text, "type": text}, exception={"message": text, "class": text})
        yield event(
            at, "Other", labels={"note": text}, url=text, originator=text, traceId=text, spanId=text, http={"url": text, "status": text}
        )
        yield event(at, "Version", application={"name": "payment-api", "version": text})
        yield event(f"{text}", "Bad time")
        yield event(at, "Bad level", level=text)
        yield event(at, json.dumps({"nested": {"text": text}}))
        yield event(at, "x " * 7_500 + text + " y" * 7_500)


def _everything(store: PostgresStore) -> dict[str, str]:
    """All text of all columns of all tables of both schemas, by column."""
    columns = rows(
        store,
        "SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE n.nspname IN ('ailog_peak', 'ailog_staging') AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1, 2, 3",
    )
    found = {}
    for schema, table, column in columns:
        texts = rows(store, f'SELECT DISTINCT "{column}"::text FROM {schema}.{table} WHERE "{column}" IS NOT NULL')
        found[f"{schema}.{table}.{column}"] = "\n".join(text for (text,) in texts)
    return found


def _leaks(planted: list[Sample], places: dict[str, str]) -> dict[str, list[str]]:
    parts = {part for sample in planted for part in sample.parts if part}
    found = {place: [part for part in parts if part in text] for place, text in places.items()}
    return {place: some[:5] for place, some in found.items() if some}


@pytest.fixture(scope="module")
def planted() -> list[Sample]:
    return [sample for sample in _planted() if len(min(sample.parts, key=len)) > 3]


def test_no_planted_secret_is_in_any_table_report_or_message(store: PostgresStore, tmp_path: Path, planted: list[Sample]) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", _documents(planted)))
    out = settings.notify.file.model_copy(update={"directory": str(tmp_path / "messages")})
    settings = settings.model_copy(update={"notify": settings.notify.model_copy(update={"file": out})})
    run_id = run(store, settings, WINDOW, keep_staging=True)
    report(store, run_id, settings, tmp_path / "reports")
    notify(store, {"file": FileNotifier(settings)}, settings, lambda: NOW)
    places = _everything(store)
    files = [path for folder in ("reports", "messages") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    assert len(files) >= 2, "a report and a message were written"
    assert "Order" in places["ailog_staging.log_event.message"]
    assert places["ailog_peak.error_kind_counts.sample"]
    assert places["ailog_peak.rejected_event.reason"]
    places |= {str(path.relative_to(tmp_path)): path.read_text(encoding="utf-8") for path in files}
    assert _leaks(planted, places) == {}


def test_classify_explains_without_the_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, planted: list[Sample]
) -> None:
    import io
    import sys

    lines = [sample for sample in planted if "\n" not in sample.text and "\r" not in sample.text]
    for form in ("--explain", "--json"):
        given = io.TextIOWrapper(io.BytesIO("\n".join(sample.text for sample in lines).encode()), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", given)
        assert main(["classify", form]) == 0
        assert _leaks(lines, {form: capsys.readouterr().out}) == {}


class _Broken:
    """A source whose error tells more than it should."""

    name = "broken"

    def count(self, interval: object) -> object:
        raise SourceUnavailable("no answer from https://reader:Xy12345678@logs.example.com: start it")

    fetch = count

    def close(self) -> None: ...


def test_an_error_of_our_own_is_on_record_without_the_secret(store: PostgresStore, tmp_path: Path) -> None:
    settings = files_settings(write_ndjson(tmp_path / "a.ndjson", [event(START, "x")]))
    made = plan(store, settings, kind="regular", target=None, bounds=WINDOW, now=NOW, dry_run=False, triggered_by="t", sources=("broken",))
    with pytest.raises(SourceUnavailable):
        fetch(store, settings, _Broken(), made.run_id)
    with pytest.raises(PermanentError) as told:
        classify(store, settings, made.run_id)
    places = _everything(store)
    assert any("logs.example.com" in text for text in places.values())
    assert [place for place, text in {**places, "raised": str(told.value)}.items() if "Xy12345678" in text] == []


def test_what_a_mask_leaves_holds_no_part_of_a_secret(planted: list[Sample]) -> None:
    assert [sample.text for sample in planted if any(part in mask_text(sample.text) for part in sample.parts)] == []
