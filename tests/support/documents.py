"""Documents for tests: ordinary ones in the shapes that Elasticsearch returns, and hostile ones with what must become of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]

WINDOW_START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
AT = "2026-01-31T08:05:00.123456789Z"
"""A moment inside of the window that starts at WINDOW_START."""


def document(**changes: Any) -> Document:
    """An ordinary error document, nested as an agent writes it; keywords replace or add top-level keys, None takes one away."""
    made: Document = {
        "@timestamp": AT,
        "level": "ERROR",
        "message": "Order 4711 could not be saved",
        "application": {"name": "order-service", "version": "2.14.0"},
        "kubernetes": {"namespace": "pcb-sit-01-app", "pod": {"name": "order-service-5c66d57d58-6mp2b"}},
        "traceId": "6f3cbf058c2765548a39ad724905d6a1",
        "spanId": "576f9c38fc25e197",
        "exception": {"type": "java.sql.SQLException", "message": "Order 4711 could not be saved"},
        "http": {"status_code": 500},
    }
    made.update({key.replace("at_timestamp", "@timestamp"): value for key, value in changes.items()})
    return {key: value for key, value in made.items() if value is not None}


def flat(nested: Document, prefix: str = "") -> Document:
    """The same document with dotted keys instead of objects."""
    result: Document = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            result.update(flat(value, f"{prefix}{key}."))
        else:
            result[prefix + key] = value
    return result


def nested_list(depth: int) -> Any:
    """A list in a list in a list."""
    value: Any = "end"
    for _ in range(depth):
        value = [value, depth]
    return value


def nested_object(depth: int) -> Document:
    """An object in an object in an object."""
    value: Document = {"end": True}
    for _ in range(depth):
        value = {"deeper": value}
    return value


QUARANTINED = {"missing_timestamp", "bad_timestamp", "outside_window", "bad_level", "message_too_long"}
"""Reasons that keep a record out of the events; every other one marks a repaired event."""


def hostile_documents() -> list[tuple[str, Document, str | None]]:
    """Name, document for the window at WINDOW_START, and the reason that it must be booked under (None: taken as it is)."""
    return [
        ("no timestamp", document(at_timestamp=None), "missing_timestamp"),
        ("empty timestamp", document(at_timestamp=""), "missing_timestamp"),
        ("timestamp is prose", document(at_timestamp="yesterday"), "bad_timestamp"),
        ("timestamp is a truth value", document(at_timestamp=True), "bad_timestamp"),
        ("timestamp is an object", document(at_timestamp={"date": AT}), "bad_timestamp"),
        ("timestamp has month 13", document(at_timestamp="2026-13-31T08:05:00Z"), "bad_timestamp"),
        ("timestamp is not a number", document(at_timestamp=float("nan")), "bad_timestamp"),
        ("timestamp beyond all years", document(at_timestamp=10**30), "bad_timestamp"),
        ("year 0001", document(at_timestamp="0001-01-01T00:00:00Z"), "outside_window"),
        ("year 0001 east of Greenwich", document(at_timestamp="0001-01-01T00:00:00+14:00"), "outside_window"),
        ("year 9999", document(at_timestamp="9999-12-31T23:59:59.999999999Z"), "outside_window"),
        ("one tick too late", document(at_timestamp="2026-01-31T08:15:00.000Z"), "outside_window"),
        ("one tick too early", document(at_timestamp="2026-01-31T07:59:59.999999999Z"), "outside_window"),
        ("first tick", document(at_timestamp="2026-01-31T08:00:00.000Z"), None),
        ("last tick", document(at_timestamp="2026-01-31T08:14:59.999999999Z"), None),
        ("timestamp without zone", document(at_timestamp="2026-01-31T08:05:00"), "timestamp_without_zone"),
        ("timestamp with offset", document(at_timestamp="2026-01-31T09:05:00.5+01:00"), None),
        ("timestamp in milliseconds", document(at_timestamp=1_769_846_700_123), None),
        ("timestamp in digits", document(at_timestamp="1769846700123"), None),
        ("timestamp in a list", document(at_timestamp=[AT]), None),
        ("level in small letters", document(level="error"), None),
        ("level is a number", document(level=50), "bad_level"),
        ("level is an object", document(level={"name": "ERROR"}), "bad_level"),
        ("no level", document(level=None), "bad_level"),
        ("level is another", document(level="INFO"), "bad_level"),
        ("no message", document(message=None, exception=None), "missing_message"),
        ("message is a number", document(message=42), "wrong_type_message"),
        ("message is a truth value", document(message=False), "wrong_type_message"),
        ("message is an object", document(message={"b": 1, "a": "x"}), "wrong_type_message"),
        ("message is a list", document(message=["first", 2]), "wrong_type_message"),
        ("message nested 200 deep", document(message=nested_object(200)), "wrong_type_message"),
        ("list nested 200 deep", document(message=nested_list(200)), "wrong_type_message"),
        ("document nested 200 deep", document(context=nested_object(200)), None),
        ("message of 10 MB", document(message="x" * 10_000_000), "message_too_long"),
        ("message of 20,000 characters", document(message="y" * 20_000), "message_cut"),
        ("stack trace of 100,000 lines", document(stack_trace="\tat com.example.A.b(A.java:1)\n" * 100_000), "stack_trace_cut"),
        ("NUL in the message", document(message="broken\x00pipe"), "unstorable_characters_message"),
        ("NUL in the namespace", document(kubernetes={"namespace": "pcb\x00"}), "unstorable_characters_namespace"),
        ("lone surrogate", document(message="half \ud83d of a smile"), "unstorable_characters_message"),
        ("HTML", document(message="<script>alert('x')</script><img src=x onerror=y>"), None),
        ("formula", document(message='=HYPERLINK("http://example.com","open")'), None),
        ("SQL", document(message="'); DROP TABLE log_event; --"), None),
        ("no namespace", document(kubernetes=None), "missing_namespace"),
        ("empty namespace", document(kubernetes={"namespace": ""}), "missing_namespace"),
        ("namespace is an object", document(kubernetes={"namespace": {"name": "x"}}), "wrong_type_namespace"),
        ("namespace is a number", document(kubernetes={"namespace": 7}), "wrong_type_namespace"),
        ("namespace too long", document(kubernetes={"namespace": "n" * 300}), "too_long_namespace"),
        ("kubernetes is a text", document(kubernetes="cluster"), "missing_namespace"),
        ("no application", document(application=None), "missing_app"),
        ("application is a list", document(application={"name": ["a", "b"]}), "wrong_type_app"),
        ("status is prose", document(http={"status_code": "teapot"}), None),
        ("status is huge", document(http={"status_code": 10**30}), None),
        ("trace id is an object", document(traceId={"id": 1}), None),
        ("trace id of 1 MB", document(traceId="a" * 1_000_000), None),
        ("error type is an object", document(exception={"type": {"a": 1}}), "wrong_type_error_type"),
        ("right-to-left override and emoji", document(message="\u202egnp.exe 😀 e\u0301"), None),
    ]
