from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from tests.support.documents import AT, QUARANTINED, WINDOW_START, Document, document, hostile_documents

from ailog.domain.events import EVENT_SCHEMA, WINDOW, Interval
from ailog.domain.fields import FieldMap
from ailog.domain.normalize import Normalized, NormalizeRules, normalize
from ailog.domain.text import CUT_MARKER
from ailog.ports import RawPage
from ailog.settings import load

FIELDS = FieldMap(load().fields)
INTERVAL = Interval(WINDOW_START, WINDOW_START + WINDOW)


def normalized(documents: Sequence[Document], **rules: Any) -> Normalized:
    page = RawPage(FIELDS.extract(documents), [f"test:{number}" for number in range(len(documents))])
    return normalize(page, INTERVAL, NormalizeRules(**rules))


def only(made: Document, **rules: Any) -> dict[str, Any]:
    """The one event of one document."""
    rows: list[dict[str, Any]] = normalized([made], **rules).events.to_pylist()
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(("made", "reason"), [pytest.param(made, reason, id=name) for name, made, reason in hostile_documents()])
def test_a_hostile_document_is_booked_and_the_window_completes(made: Document, reason: str | None) -> None:
    result = normalized([document(), made, document()])
    reasons = {row[1] for row in result.rejected}
    assert reasons == ({reason} if reason else set())
    assert result.events.num_rows == (2 if reason in QUARANTINED else 3)
    assert result.quarantined == (1 if reason in QUARANTINED else 0)
    assert result.repaired == (1 if reason and reason not in QUARANTINED else 0)
    assert all(row[0] == "test:1" for row in result.rejected)
    assert result.events.schema.equals(EVENT_SCHEMA)
    result.events.validate(full=True)
    assert not any("\x00" in str(value) for row in result.events.to_pylist() for value in row.values())


def test_all_hostile_documents_on_one_page_are_each_an_event_or_quarantined() -> None:
    documents = [made for _, made, _ in hostile_documents()]
    result = normalized(documents)
    assert result.events.num_rows + result.quarantined == len(documents)
    assert result.quarantined == sum(1 for _, _, reason in hostile_documents() if reason in QUARANTINED)


def test_an_ordinary_document_becomes_this_event() -> None:
    assert only(document()) == {
        "window_start": WINDOW_START,
        "event_time": datetime(2026, 1, 31, 8, 5, 0, 123456, tzinfo=UTC),
        "namespace": "pcb-sit-01-app",
        "app": "order-service",
        "level": "ERROR",
        "message": "Order 4711 could not be saved",
        "error_type": "java.sql.SQLException",
        "stack_trace": None,
        "http_status": 500,
        "app_version": "2.14.0",
        "trace_id": "6f3cbf058c2765548a39ad724905d6a1",
        "span_id": "576f9c38fc25e197",
        "parent_span_id": None,
        "originator": None,
        "weight": 1.0,
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (AT, "08:05:00.123456"),
        ("2026-01-31T08:05:00Z", "08:05:00"),
        ("2026-01-31 08:05:00Z", "08:05:00"),
        ("2026-01-31T08:05Z", "08:05:00"),
        ("2026-01-31T08:05:00.1Z", "08:05:00.100000"),
        ("2026-01-31T10:05:00.999999999+02:00", "08:05:00.999999"),
        ("2026-01-31T08:05:00,25Z", "08:05:00.250000"),
        ("2026-01-31T08:05:00.5", "08:05:00.500000"),
        (1_769_846_700_000, "08:05:00"),
        (1_769_846_700_000.25, "08:05:00.000250"),
        ("1769846700000", "08:05:00"),
    ],
)
def test_a_time_is_read_to_the_microsecond(value: object, expected: str) -> None:
    # alone, and beside a value that keeps the page off the quick path
    assert only(document(at_timestamp=value))["event_time"].time().isoformat() == expected
    both = normalized([document(at_timestamp=value), document(at_timestamp=5)])
    assert both.events["event_time"][0].as_py().time().isoformat() == expected


def test_an_event_on_the_quarter_hour_belongs_to_the_window_that_it_opens() -> None:
    on_the_edge = document(at_timestamp="2026-01-31T08:15:00.000Z")
    later = Interval(WINDOW_START + WINDOW, WINDOW_START + 2 * WINDOW)
    page = RawPage(FIELDS.extract([on_the_edge]), ["edge"])
    assert normalize(page, INTERVAL, NormalizeRules()).events.num_rows == 0
    assert normalize(page, later, NormalizeRules()).events["window_start"].to_pylist() == [later.start]


def test_an_interval_of_several_windows_gives_each_event_its_own() -> None:
    day = Interval(datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    documents = [document(at_timestamp=f"2026-01-31T{hour}") for hour in ("00:00:00Z", "07:59:59.9999999Z", "08:00:00Z", "23:59:59Z")]
    page = RawPage(FIELDS.extract(documents), list("abcd"))
    starts = normalize(page, day, NormalizeRules()).events["window_start"].to_pylist()
    assert [start.strftime("%H:%M") for start in starts] == ["00:00", "07:45", "08:00", "23:45"]


@pytest.mark.parametrize(
    ("message", "cause", "expected"),
    [
        ("Request failed", "Connection refused", "Request failed: Connection refused"),
        ("Request failed: Connection refused", "Connection refused", "Request failed: Connection refused"),
        (None, "Connection refused", "Connection refused"),
        ("", "Connection refused", "Connection refused"),
        ("Request failed", "", "Request failed"),
        ("Request failed", None, "Request failed"),
    ],
)
def test_the_cause_that_only_a_field_names_joins_the_message(message: str | None, cause: str | None, expected: str) -> None:
    assert only(document(message=message, exception={"message": cause}))["message"] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (500, 500),
        ("404", 404),
        (200.0, 200),
        (99, None),
        (600, None),
        ("0x1f", None),
        (True, None),
        ([503], None),
        (None, None),
        (-1, None),
    ],
)
def test_only_a_real_http_status_is_kept(value: object, expected: int | None) -> None:
    assert only(document(http={"status_code": value}))["http_status"] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("1.2.3-rc.1+build5", "1.2.3-rc.1+build5"),
        ("1.2", None),
        ("v1", None),
        ("vault", None),
        ("1.2.3.4", None),
        ("01.2.3", None),
        (1.2, None),
        ({"v": 1}, None),
    ],
)
def test_only_a_semantic_version_is_a_version(value: object, expected: str | None) -> None:
    assert only(document(application={"name": "a", "version": value}))["app_version"] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a" * 64, "a" * 64), ("a" * 65, None), ("", None), ("0" * 32, None), (17, None), (["x"], "x"), ({"a": 1}, None)],
)
def test_only_a_usable_id_joins_a_trace(value: object, expected: str | None) -> None:
    assert only(document(traceId=value))["trace_id"] == expected


def test_levels_match_in_any_case_and_take_the_configured_spelling() -> None:
    documents = [document(level=level) for level in ("error", "Error", "FATAL", "warn")]
    result = normalized(documents, levels=("ERROR", "Fatal"))
    assert result.events["level"].to_pylist() == ["ERROR", "ERROR", "Fatal"]
    assert [row[1] for row in result.rejected] == ["bad_level"]


def test_namespaces_out_of_scope_are_neither_events_nor_rejected() -> None:
    documents = [document(), document(kubernetes={"namespace": "other"}), document(kubernetes={"namespace": "other"}, message=7)]
    result = normalized(documents, covers=lambda name: name.startswith("pcb-"))
    assert (result.events.num_rows, result.rejected, result.out_of_scope) == (1, [], 2)


def test_a_long_text_keeps_its_head_and_its_innermost_cause() -> None:
    trace = "java.lang.RuntimeException: outer\n" + "\tat x.Y.z(Y.java:1)\n" * 5_000 + "Caused by: java.net.ConnectException: refused"
    event = only(document(stack_trace=trace), message_characters=1_000)
    assert len(event["stack_trace"]) == 1_000
    assert event["stack_trace"].startswith("java.lang.RuntimeException: outer")
    assert event["stack_trace"].endswith("java.net.ConnectException: refused")
    assert CUT_MARKER in event["stack_trace"]


def test_a_limit_in_characters_counts_characters() -> None:
    event = only(document(message="ž" * 1_000, exception=None), message_characters=1_000)
    assert event["message"] == "ž" * 1_000


@pytest.mark.parametrize("field", ["message", "stack_trace"])
def test_secrets_are_masked_before_a_cut_can_hide_half_of_one(field: str) -> None:
    secret = "4111 1111 1111 1111"
    for before in range(700, 780):
        text = "a" * before + " " + secret + " " + "b" * 500
        event = only(document(**{field: text}), message_characters=1_000)
        assert "4111 1111" not in event[field]


def test_what_is_told_of_a_rejected_record_is_masked() -> None:
    result = normalized([document(at_timestamp="card 4111 1111 1111 1111")])
    assert "4111 1111 1111" not in str(result.rejected)


def test_weights_of_a_sample_reach_the_events() -> None:
    page = RawPage(FIELDS.extract([document(), document(level="INFO"), document()]), ["a", "b", "c"], weights=[2.5, 1.0, 4.0])
    assert normalize(page, INTERVAL, NormalizeRules()).events["weight"].to_pylist() == [2.5, 4.0]


def test_what_the_source_set_aside_is_passed_on() -> None:
    rejected = (("f:1", "bad_json", "quarantined", None),)
    result = normalize(RawPage(FIELDS.extract([]), [], rejected=rejected), INTERVAL, NormalizeRules())
    assert (result.rejected, result.quarantined, result.events.num_rows) == (list(rejected), 1, 0)


def test_events_can_be_joined_over_pages() -> None:
    tables = [normalized([made]).events for _, made, _ in hostile_documents()]
    assert pa.concat_tables(tables).num_rows == sum(table.num_rows for table in tables)
