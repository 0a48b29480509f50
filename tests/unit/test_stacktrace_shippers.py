"""One fault has one key however its trace arrives; other causes under the same wrapper have others."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from tests.support.traces import DELIVERIES, TRACES, cuts

from ailog.domain.fingerprint import Miner
from ailog.domain.stacktrace import has_trace, with_lines

SURE = tuple(DELIVERIES)
"""Deliveries that never change a key."""
MEET_AT_LEAST = 394
"""Of all deliveries and cuts of all traces, those with the key of the trace as it was printed; the others are listed by the test. All that
are not among them are cuts that took the innermost fault away: of an exception group its members, of a Ruby error its cause."""
HIDDEN_AT_MOST = 0
"""Inner faults, of all deliveries, that cannot be told from the trace's own."""
COLLECTORS = ("as in JSON", "as in JSON in JSON", "lines of compose", "lines of docker")
CHANGED_BY_TWO_AT_MOST = 51
"""Traces whose key two collectors one behind the other change: mostly escaped lines that each have a prefix, of languages without ``at``."""

CAUSES = {
    "spring": [
        ("java.net.SocketTimeoutException: Read timed out", "java.net.ConnectException: Connection refused"),
        ("java.net.SocketTimeoutException: Read timed out", "java.net.SocketTimeoutException: Connect timed out"),
        ("java.net.SocketTimeoutException: Read timed out", "javax.net.ssl.SSLHandshakeException: PKIX path building failed"),
    ],
    "jdbc": [
        ("duplicate key value violates unique constraint", "null value in column violates not-null constraint"),
        ("org.postgresql.util.PSQLException: ERROR: duplicate key value", "java.sql.SQLTransientConnectionException: connection value"),
    ],
    "java": [("IllegalStateException: queue is closed", "IllegalStateException: queue is full")],
    "python": [("ConnectionRefusedError: [Errno 111] Connection refused", "TimeoutError: [Errno 110] Connection timed out")],
    "python plain": [
        ("too many values to unpack (expected 2)", "not enough values to unpack (expected 2, got 1)"),
        ("ValueError", "TypeError"),
    ],
    "python group": [("TimeoutError: feed did not answer", "ConnectionResetError: feed did not answer")],
    "node": [("ECONNREFUSED", "ETIMEDOUT")],
    "node plain": [("properties of undefined", "properties of null"), ("TypeError", "RangeError")],
    "dotnet": [
        ("SocketException (104): Connection reset by peer", "SocketException (111): Connection refused"),
        ("System.Net.Sockets.SocketException (104): Connection reset by peer", "System.TimeoutException: The operation was canceled"),
    ],
    "dotnet plain": [("contains no elements", "contains more than one element")],
    "go": [("index out of range", "slice bounds out of range")],
    "go nil": [("invalid memory address or nil pointer dereference", "assignment to entry in nil map")],
    "ruby": [("NoMethodError (undefined method `price' for nil:NilClass)", "ZeroDivisionError (divided by 0)")],
    "php": [("Connection refused", "Access denied")],
    "dotnet aggregate": [("HttpRequestException: Connection refused", "HttpRequestException: Name or service not known")],
    "node group": [("Error: connect ECONNREFUSED", "Error: connect ETIMEDOUT")],
    "ruby uncaught": [
        ("Net::ReadTimeout with a closed socket", "Net::ReadTimeout with no route"),
        ("Net::ReadTimeout", "Errno::ECONNREFUSED"),
    ],
    "laravel": [("could not book the order", "no price is known")],
}
"""The inner fault of a trace and others that may stand in its place."""


def key(text: str) -> int:
    return int(Miner().encode_texts(pa.array([text])).tolist()[0])


def shipped(message: str, trace: str, kind: str = "") -> int:
    """The key of an event with its trace in a field of its own."""
    table = pa.table({"error_type": pa.array([kind]), "message": pa.array([message]), "stack_trace": pa.array([trace])})
    return int(Miner().encode(table).tolist()[0])


@pytest.mark.parametrize("delivery", SURE)
@pytest.mark.parametrize("trace", TRACES)
def test_the_same_fault_delivered_otherwise_has_the_same_key(trace: str, delivery: str) -> None:
    assert key(DELIVERIES[delivery](TRACES[trace])) == key(TRACES[trace])


def test_how_many_traces_two_collectors_leave_whole(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [(one, other) for one in ("lines of a logger", "lines of a container runtime", "carriage returns") for other in COLLECTORS]
    lost = [
        f"{trace}: {one}, then {other}"
        for trace, text in TRACES.items()
        for one, other in pairs
        if key(DELIVERIES[other](DELIVERIES[one](text))) != key(text)
    ]
    with capsys.disabled():
        print(f"\ntraces that two collectors change: {len(lost)} of {len(pairs) * len(TRACES)}", *lost, sep="\n  ")
    assert len(lost) <= CHANGED_BY_TWO_AT_MOST


def test_of_several_traces_in_one_message_the_first_counts() -> None:
    for other in ("spring", "jdbc", "node"):
        assert key(TRACES["java"] + "\n" + "com.acme.OtherException: boom\n\tat a.B.c(B.java:3)") == key(TRACES["java"])
        assert key(TRACES[other] + "\n" + TRACES[other]) == key(TRACES[other])


def test_prose_that_names_a_place_in_the_code_is_no_trace() -> None:
    for text in (
        "Unexpected value at com.acme.Parser.read(Parser.java:12), column {}: quote is not closed",
        "Look at the ledger (index {}) and at the order",
        "could not read C:\\new\\table_{}.csv",
        "Error at step read(input) while booking {}",
        "thrown away: #{} of the parcels",
    ):
        assert has_trace(with_lines(text)) is False
        assert with_lines(text) == text


def test_how_many_deliveries_meet(capsys: pytest.CaptureFixture[str]) -> None:
    met = 0
    lost: list[str] = []
    for name, text in TRACES.items():
        usual = key(text)
        variants = {delivery: change(text) for delivery, change in DELIVERIES.items()}
        variants |= {f"cut after {cut.count(chr(10)) + 1} lines": cut for cut in cuts(text)}
        for delivery, variant in variants.items():
            if variant == text:
                continue
            if key(variant) == usual:
                met += 1
            else:
                lost.append(f"{name}: {delivery}")
    with capsys.disabled():
        print(f"\ndeliveries with the same key: {met} of {met + len(lost)}; not yet:", *lost, sep="\n  ")
    assert met >= MEET_AT_LEAST


@pytest.mark.parametrize("delivery", ["as printed", *SURE])
@pytest.mark.parametrize("trace", CAUSES)
def test_another_inner_fault_has_another_key(trace: str, delivery: str) -> None:
    assert _merged(trace, DELIVERIES.get(delivery, str)) == []


def test_how_many_inner_faults_are_lost_on_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    lost = [
        f"{trace}: {delivery}: {other}" for trace in CAUSES for delivery, deliver in DELIVERIES.items() for other in _merged(trace, deliver)
    ]
    with capsys.disabled():
        print(f"\ninner faults that a delivery hides: {len(lost)}", *lost, sep="\n  ")
    assert len(lost) <= HIDDEN_AT_MOST


def _merged(trace: str, deliver: Callable[[str], str]) -> list[str]:
    """The other inner faults that have the key of the trace's own."""
    text = TRACES[trace]
    assert all(fault in text for fault, _ in CAUSES[trace])
    return [other for fault, other in CAUSES[trace] if key(deliver(text.replace(fault, other))) == key(deliver(text))]


@pytest.mark.parametrize("delivery", SURE)
@pytest.mark.parametrize("trace", ["java", "jdbc", "python", "node", "dotnet"])
def test_a_trace_in_a_field_of_its_own_keeps_the_key_too(trace: str, delivery: str) -> None:
    text = TRACES[trace]
    for message, kind in (("Order 17 failed", ""), ("", ""), ("Order 17 failed", "com.acme.OrderError")):
        assert shipped(message.replace("17", "4711"), DELIVERIES[delivery](text), kind) == shipped(message, text, kind)
        for fault, other in CAUSES[trace]:
            assert shipped(message, text.replace(fault, other), kind) != shipped(message, text, kind)


@pytest.mark.parametrize("trace", TRACES)
def test_any_cut_and_any_line_alone_has_a_key(trace: str) -> None:
    text = TRACES[trace]
    parts = [text[:at] for at in range(0, len(text), 7)] + [text[at:] for at in range(0, len(text), 31)] + text.split("\n")
    first = Miner().encode_texts(pa.array(parts)).tolist()
    assert Miner().encode_texts(pa.array(parts[::-1])).tolist()[::-1] == first


def test_a_trace_that_goes_on_for_ever_is_bounded_and_stable() -> None:
    endless = TRACES["java"] + "\n\tat com.acme.Deep.call(Deep.java:12)" * 50_000
    assert key(endless) == key(TRACES["java"] + "\n\tat com.acme.Deep.call(Deep.java:3)" * 50_001)


def test_the_innermost_cause_of_a_very_long_trace_is_found() -> None:
    """The middle of a long text is cut: the first part and the last are kept, and the cause stands in the last."""
    middle = "\n".join(f"\tat com.acme.Deep{n}.call(Deep.java:{n})" for n in range(2_000))
    text = f"java.lang.RuntimeException: boom\n{middle}\nCaused by: java.net.ConnectException: Connection {{}}\n\tat com.acme.Net.dial(Net.java:3)"
    refused, reset = text.format("refused"), text.format("reset")
    assert key(refused) != key(reset)
    assert key(refused) == key(DELIVERIES["line numbers"](refused))
