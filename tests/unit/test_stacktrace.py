from __future__ import annotations

import pytest

from ailog.domain.fingerprint import fingerprints
from ailog.domain.stacktrace import dissect, has_trace

JAVA = """org.acme.WrapException: could not pay
\tat org.springframework.web.Servlet.service(Servlet.java:10)
\tat com.acme.pay.PayService$$EnhancerBySpringCGLIB$$ab.pay(PayService.java:20)
\tSuppressed: java.io.IOException: close failed
\t\tat com.acme.pay.Closer.close(Closer.java:5)
\t\tCaused by: java.lang.Error: inner of the suppressed
\t... 5 more
Caused by: java.lang.RuntimeException: middle
\tat com.acme.pay.Gate.call(Gate.java:7)
\t... 9 common frames omitted
Caused by: java.net.ConnectException: Connection refused
\tat java.base/java.net.Socket.connect(Socket.java:1)
\tat com.acme.pay.Gate.lambda$open$3(Gate.java:33)"""

PYTHON = """Job failed
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/urllib3/connection.py", line 174, in _new_conn
    conn = connection.create_connection(
  File "/app/acme/net.py", line 3, in dial
    raise OSError
    ^^^^^^^^^^^^^
ConnectionRefusedError: [Errno 111] Connection refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/acme/pay.py", line 9, in pay
    dial()
acme.PayError: no way"""

DOTNET = """System.Net.Http.HttpRequestException: Connection refused (db:80)
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at System.Net.Sockets.Socket.Connect()
   --- End of inner exception stack trace ---
   at Acme.Pay.PayService.PayAsync(Guid id) in /src/PayService.cs:line 12"""

NODE = """Error: connect ECONNREFUSED 10.0.0.1:80
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1157:16)
    at LedgerClient.post (/app/dist/ledger.js:34:22) {
  errno: -111,
  code: 'ECONNREFUSED'
}"""

GO = """panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.(*Server).handle(0xc000)
\t/app/main.go:10 +0x1d
exit status 2"""


@pytest.mark.parametrize(
    ("text", "kind", "message", "frame"),
    [
        (JAVA, "ConnectException", "Connection refused", "Gate.open"),
        (PYTHON, "ConnectionRefusedError", "[Errno 111] Connection refused", "dial"),
        (DOTNET, "SocketException", "Connection refused", "PayService.PayAsync"),
        (NODE, "", "", "LedgerClient.post"),
        (GO, "", "", "Server.handle"),
    ],
    ids=["jvm", "python", "dotnet", "node", "go"],
)
def test_the_innermost_cause_and_our_frame_are_found(text: str, kind: str, message: str, frame: str) -> None:
    trace = dissect(text.replace("(111)", "(\x01)"))
    assert has_trace(text)
    assert (trace.cause_type, trace.cause_message) == (kind, message)
    assert trace.frame == frame


def test_what_was_said_before_the_trace_is_kept() -> None:
    assert dissect(PYTHON).head == "Job failed"
    assert dissect(JAVA).head == "org.acme.WrapException: could not pay"
    assert dissect(GO).head.startswith("panic: runtime error")


def test_named_packages_choose_the_frame() -> None:
    assert dissect(JAVA, in_app=("org.springframework.",)).frame == "Servlet.service"
    assert dissect(JAVA, in_app=("eu.none.",)).frame == ""


def test_escaped_line_breaks_are_line_breaks() -> None:
    escaped = JAVA.replace("\n", "\\n").replace("\t", "\\t")
    assert dissect(escaped).cause_type == "ConnectException"
    assert fingerprints([escaped]) == fingerprints([JAVA])


@pytest.mark.parametrize("text", [JAVA, PYTHON, DOTNET, NODE, GO], ids=["jvm", "python", "dotnet", "node", "go"])
def test_line_numbers_and_addresses_do_not_split(text: str) -> None:
    moved = text.replace(":1", ":97").replace("line 1", "line 23").replace("0xc000", "0xc0ffee11").replace("$3", "$14")
    assert moved != text
    assert fingerprints([moved]) == fingerprints([text])


def test_other_frames_do_not_split_but_another_cause_does() -> None:
    deeper = JAVA.replace(
        "\tat com.acme.pay.Gate.call(Gate.java:7)\n", "\tat com.acme.pay.Retry.run(R.java:1)\n\tat com.acme.pay.Gate.call(Gate.java:8)\n"
    )
    other = JAVA.replace("java.net.ConnectException: Connection refused", "java.net.SocketTimeoutException: Read timed out")
    same, different = fingerprints([JAVA, deeper]), fingerprints([JAVA, other])
    assert len(set(same)) == 1
    assert len(set(different)) == 2


def test_a_cause_without_a_message_is_told_by_our_frame() -> None:
    trace = "x failed\n\tat a.B.c(B.java:1)\nCaused by: java.lang.NullPointerException\n\tat com.acme.{}.get({}.java:{})"
    assert (
        len(set(fingerprints([trace.format("Order", "Order", 5), trace.format("Order", "Order", 6), trace.format("Card", "Card", 5)]))) == 2
    )


@pytest.mark.parametrize("cut", [60, 200, 400, 600])
def test_a_trace_cut_anywhere_is_taken_as_it_is(cut: int) -> None:
    assert dissect(JAVA[:cut]).head.startswith("org.acme.WrapException")


def test_prose_is_no_trace() -> None:
    for text in ("meet me at noon", "Caused by rain", "line 5, in the file", "failed at step 3 (of 4)"):
        assert not has_trace(text)
        assert dissect(text).head == text
