"""A stand-in for a Workflows webhook, for the demo and the tests, that enforces the rules of the real one.

The trigger takes every JSON body with 202. What follows happens inside the flow: a card of the wrong shape, or with more than 28,672
bytes of message properties, is dropped there and nobody is told. ``posted`` holds what a channel would show, ``dropped`` what a flow
would have lost.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from ailog.local import teams_view

FLOW_LIMIT = 28_672
_ELEMENTS = {"TextBlock", "FactSet", "Container"}
_NEEDED = {"TextBlock": "text", "FactSet": "facts", "Container": "items"}


@dataclass(frozen=True)
class Answer:
    """One scripted answer; ``kind``: reply, hang (for ``seconds``, then close), reset (the connection, with the body read), drip."""

    status: int = 202
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "reply"
    seconds: float = 0.0


class TeamsServer:
    """Use as a context manager. ``script`` is consumed in order; when it is empty the answer is 202."""

    def __init__(self) -> None:
        self.script: deque[Answer] = deque()
        self.default = Answer()
        self.received: list[dict[str, Any]] = []
        self.posted: list[dict[str, Any]] = []
        self.dropped: list[tuple[str, dict[str, Any]]] = []
        self.times: list[float] = []
        self._release = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.answer(self, body)

            def do_GET(self) -> None:
                page = teams_view.page(server.posted).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                """Says nothing: the output belongs to whoever started the server."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def site(self) -> str:
        """Where what was posted can be looked at."""
        return f"http://127.0.0.1:{self._http.server_port}/"

    @property
    def url(self) -> str:
        """The webhook; its signature is a secret, as the real one's."""
        return f"http://127.0.0.1:{self._http.server_port}/workflows/abc/triggers/manual/paths/invoke?api-version=1&sig=TOPSECRET123"

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Takes one request as the script says."""
        self.times.append(time.monotonic())
        answer = self.script.popleft() if self.script else self.default
        payload = json.loads(body)
        self.received.append(payload)
        if answer.kind == "hang":
            self._release.wait(answer.seconds)
            request.close_connection = True
            return
        if answer.kind == "reset":
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()
            request.close_connection = True
            return
        if 200 <= answer.status < 300 and not answer.body:
            wrong = flaw(payload)
            if wrong:
                self.dropped.append((wrong, payload))
            else:
                self.posted.append(payload)
        data = answer.body.encode()
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._release.set()
        self._http.shutdown()
        self._http.server_close()


def flaw(payload: Any) -> str:
    """Why the flow would drop a payload; empty when it would post it."""
    # The flow keeps the card as a string within another document.
    properties = len(json.dumps(json.dumps(payload, ensure_ascii=False, separators=(",", ":")), ensure_ascii=False).encode())
    if properties > FLOW_LIMIT:
        return f"message properties of {properties} bytes exceed {FLOW_LIMIT}"
    if not isinstance(payload, dict) or payload.get("type") != "message" or len(payload.get("attachments", [])) != 1:
        return "not a message with one attachment"
    attachment = payload["attachments"][0]
    if attachment.get("contentType") != "application/vnd.microsoft.card.adaptive":
        return "not an Adaptive Card"
    card = attachment.get("content")
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        return "no card"
    if tuple(int(part) for part in card.get("version", "9.9").split(".")) > (1, 4):
        return f"version {card.get('version')} is newer than 1.4"
    return _elements(card.get("body"))


def _elements(elements: Any) -> str:
    if not isinstance(elements, list) or not elements:
        return "no elements"
    for element in elements:
        kind = element.get("type")
        if kind not in _ELEMENTS:
            return f"element {kind} is unknown"
        content = element.get(_NEEDED[kind])
        if kind == "TextBlock" and (not isinstance(content, str) or not content.strip()):
            return "a TextBlock without text"
        if kind == "FactSet" and not all(isinstance(fact.get("title"), str) and isinstance(fact.get("value"), str) for fact in content):
            return "a fact without title or value"
        if kind == "Container" and (wrong := _elements(content)):
            return wrong
    return ""
