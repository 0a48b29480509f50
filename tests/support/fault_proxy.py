"""A small HTTP proxy that passes everything on, except where a fault is planned.

with FaultProxy(es_url) as proxy:
    proxy.plan(Fault.status(503, path="/_search", times=2))
    ...  # ask proxy.url
    proxy.requests  # what came by, as "POST /_search"
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import urlsplit

import urllib3

Kind = Literal["status", "reset", "slow", "short", "garbage"]
ALWAYS = 1_000_000


@dataclass
class Fault:
    """What to do to the next ``times`` requests whose path contains ``path``, after letting ``after`` of them pass."""

    kind: Kind
    path: str = ""
    times: int = ALWAYS
    after: int = 0
    code: int = 200
    seconds: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def status(cls, code: int, *, path: str = "", times: int = ALWAYS, after: int = 0, headers: Mapping[str, str] | None = None) -> Fault:
        return cls("status", path, times, after, code=code, headers=headers or {})

    @classmethod
    def reset(cls, *, path: str = "", times: int = ALWAYS, after: int = 0) -> Fault:
        return cls("reset", path, times, after)

    @classmethod
    def slow(cls, seconds: float, *, path: str = "", times: int = ALWAYS, after: int = 0) -> Fault:
        return cls("slow", path, times, after, seconds=seconds)

    @classmethod
    def short(cls, *, path: str = "", times: int = ALWAYS, after: int = 0) -> Fault:
        return cls("short", path, times, after)

    @classmethod
    def garbage(cls, *, path: str = "", times: int = ALWAYS, after: int = 0) -> Fault:
        return cls("garbage", path, times, after)


class FaultProxy:
    """Listens on a free port of this machine while it is entered; ``authorization`` is demanded of every request when given."""

    def __init__(self, target: str, *, authorization: str | None = None) -> None:
        self.requests: list[str] = []
        self._target = target.rstrip("/")
        self._authorization = authorization
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._pool = urllib3.PoolManager(maxsize=8)
        self._released = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any  # noqa: N815 - names that the base class calls

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._pool.clear()

    def plan(self, *faults: Fault) -> None:
        """Adds faults; the first that fits a request is used."""
        with self._lock:
            self._faults += faults

    def _next_fault(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.path in path and fault.times > 0:
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.requests.append(f"{handler.command} {urlsplit(handler.path).path}")
        if self._authorization is not None and handler.headers.get("Authorization") != self._authorization:
            self._answer(handler, 401, {}, _error(401))
            return
        fault = self._next_fault(handler.path)
        if fault is not None and fault.kind == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        if fault is not None and fault.kind == "status":
            self._answer(handler, fault.code, fault.headers, _error(fault.code))
            return
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in ("host", "content-length", "connection")}
        answer = self._pool.request(handler.command, self._target + handler.path, body=body or None, headers=headers, redirect=False)
        data = answer.data
        if fault is not None and fault.kind == "garbage":
            data = b'{"took": 1, "hits": {' + b"\x00" * 10
        self._answer(handler, answer.status, {"Content-Type": answer.headers.get("Content-Type", "application/json")}, data, fault)

    def _answer(
        self, handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], body: bytes, fault: Fault | None = None
    ) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch", **headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            if fault is not None and fault.kind == "slow":
                handler.wfile.write(body[:1])
                handler.wfile.flush()
                self._released.wait(fault.seconds)
                body = body[1:]
            if fault is not None and fault.kind == "short":
                body = body[: len(body) // 2]
                handler.close_connection = True
            if handler.command != "HEAD":
                handler.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True  # the client gave up, as it should


def _error(code: int) -> bytes:
    kinds = {401: "security_exception", 403: "security_exception", 429: "es_rejected_execution_exception", 503: "no_shard_available"}
    return json.dumps({"error": {"type": kinds.get(code, "exception"), "reason": f"planned fault {code}"}, "status": code}).encode()
