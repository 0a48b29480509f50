"""A stand-in for Confluence, for the demo and the tests: Data Center's REST v1, Cloud's v2 for pages, and a view for the eye.

It enforces what the real one does: login, versions (409), well-formed storage format (400), unique titles (400), size (413), attachments
that Data Center takes by POST and Cloud by PUT. It stores bodies a little changed, as the real one does. It misbehaves on order:
``script`` holds what the next requests to the interface get instead of an answer.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import urllib.parse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

from ailog.local import confluence_view
from ailog.local.confluence_pages import Pages, Refused, StoredPage, described

_PROXY_LIMIT = 50_000_000


@dataclass(frozen=True)
class Trouble:
    """What a request gets instead of its answer.

    ``reply``: ``status``, ``body`` and ``headers`` without doing anything. ``hang``: nothing for ``seconds``. ``reset``: the connection is
    cut. ``lost``: the request is done, then the connection is cut. ``before``: ``act`` runs, then the request is done as usual.
    ``after``: the request is done, ``act`` runs, then the answer goes out. ``verb`` and ``path`` (a part of it) say which request it waits
    for; others go on as usual.
    """

    kind: Literal["reply", "hang", "reset", "lost", "before", "after"] = "reply"
    status: int = 500
    body: str = '{"message": "ordered"}'
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 30.0
    act: Callable[[], object] | None = None
    verb: str = ""
    path: str = ""


class ConfluenceServer:
    """Use as a context manager. ``token`` is asked for as Bearer (Data Center); ``user`` and ``token`` by Basic (both)."""

    def __init__(
        self,
        token: str = "a-personal-token",  # noqa: S107 - of a stand-in on the loopback interface
        user: str = "writer@example.org",
        *,
        cloud: bool = False,
        spaces: tuple[str, ...] = ("OPS",),
        max_page_bytes: int = 5_000_000,
        max_file_bytes: int = 20_000_000,
        port: int = 0,
    ) -> None:
        self.pages = Pages(spaces, max_page_bytes, max_file_bytes)
        self.token, self.user, self.cloud = token, user, cloud
        self.script: deque[Trouble] = deque()
        self.requests: list[tuple[str, str]] = []
        """Method and path of every request to the interface."""
        self._release = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Where the interface is, context path included."""
        return self.site + ("/wiki" if self.cloud else "")

    @property
    def site(self) -> str:
        """Where the view is."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def connection(self) -> str:
        """The connection to it, in Airflow's JSON."""
        extra: dict[str, Any] = {"cloud": self.cloud}
        login = {"login": self.user} if self.cloud else {}
        return json.dumps({"conn_type": "http", "host": self.url, "password": self.token, "extra": extra, **login})

    def written(self) -> list[str]:
        """The requests so far that write: POST and PUT."""
        return [f"{verb} {path}" for verb, path in self.requests if verb in {"POST", "PUT"}]

    def wait(self, seconds: float) -> None:
        """Holds a request back until the server stops, at most for some seconds."""
        self._release.wait(seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._release.set()
        if self._thread.is_alive():
            self._http.shutdown()
        self._http.server_close()


def _handler(server: ConfluenceServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _answer(server, self, b"")

        def do_POST(self) -> None:
            _answer(server, self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def do_PUT(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Says nothing: the tests' output is theirs."""

    return Handler


def _answer(server: ConfluenceServer, request: BaseHTTPRequestHandler, body: bytes) -> None:
    parts = urllib.parse.urlsplit(request.path)
    prefix = urllib.parse.urlsplit(server.url).path
    query = {name: values[0] for name, values in urllib.parse.parse_qs(parts.query).items()}
    if request.command == "GET" and "/rest/api/" not in parts.path and "/api/v2/" not in parts.path:
        _reply(request, *_view(server, urllib.parse.unquote(parts.path)))
        return
    server.requests.append((request.command, parts.path))
    trouble = _due(server, request.command, parts.path)
    if trouble is not None and trouble.kind == "reply":
        _reply(request, trouble.status, trouble.body.encode(), "application/json", trouble.headers)
        return
    if trouble is not None and trouble.kind in {"hang", "reset"}:
        if trouble.kind == "hang":
            server.wait(trouble.seconds)
        _cut(request)
        return
    if trouble is not None and trouble.kind == "before" and trouble.act is not None:
        trouble.act()
    try:
        _log_in(server, request)
        answer = _serve(server, request, parts.path.removeprefix(prefix), query, body)
        status = 200
    except Refused as error:
        answer, status = {"statusCode": error.status, "message": str(error)}, error.status
    if trouble is not None and trouble.kind == "after" and trouble.act is not None:
        trouble.act()
    if trouble is not None and trouble.kind == "lost":
        _cut(request)
        return
    _reply(request, status, json.dumps(answer).encode(), "application/json")


def _due(server: ConfluenceServer, verb: str, path: str) -> Trouble | None:
    for trouble in list(server.script):
        if trouble.verb in {"", verb} and trouble.path in path:
            server.script.remove(trouble)
            return trouble
    return None


def _log_in(server: ConfluenceServer, request: BaseHTTPRequestHandler) -> None:
    kind, _, given = (request.headers.get("Authorization") or "").partition(" ")
    if kind == "Bearer" and not server.cloud and given == server.token:
        return
    if kind == "Basic" and base64.b64decode(given).decode() == f"{server.user}:{server.token}":
        return
    raise Refused(401, "Unauthorized")


def _serve(server: ConfluenceServer, request: BaseHTTPRequestHandler, path: str, query: dict[str, str], body: bytes) -> dict[str, Any]:
    steps = path.strip("/").split("/")
    verb = request.command
    if steps[:3] == ["rest", "api", "content"] and "child" in steps:
        return _files(server, request, steps[3:], body)
    if steps[:3] == ["rest", "api", "content"]:
        if server.cloud:
            raise Refused(410, "This deprecated endpoint has been removed.")
        return _content(server, verb, steps[3:], query, _json(body))
    if steps[:2] == ["api", "v2"] and server.cloud:
        return _v2(server, verb, steps[2:], query, _json(body))
    raise Refused(404, f"nothing is at {path}")


def _content(server: ConfluenceServer, verb: str, steps: list[str], query: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    pages = server.pages
    if verb == "GET" and not steps:
        found = pages.titled(query.get("spaceKey", ""), query.get("title", ""))
        return {"results": [described(found, cloud=False)] if found else [], "_links": {}}
    if verb == "GET":
        return described(pages.get(steps[0]), cloud=False)
    text = str(given["body"]["storage"]["value"])
    if verb == "POST":
        parent = (given.get("ancestors") or [{}])[-1].get("id")
        return described(pages.create(given["space"]["key"], given["title"], parent, text, "the analyzer"), cloud=False)
    number = (given.get("version") or {}).get("number")
    if number is None:
        raise Refused(400, "Must supply an incremented version when updating Content. No version supplied.")
    version = given["version"]
    note, minor = str(version.get("message") or ""), bool(version.get("minorEdit"))
    return described(pages.update(steps[0], number, given["title"], text, note, minor=minor, author="the analyzer"), cloud=False)


def _v2(server: ConfluenceServer, verb: str, steps: list[str], query: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    pages = server.pages
    if steps == ["spaces"]:
        key = query.get("keys", "")
        return {"results": [{"id": pages.spaces[key], "key": key}] if key in pages.spaces else [], "_links": {}}
    keys = {number: key for key, number in pages.spaces.items()}
    if verb == "GET" and len(steps) == 1:
        found = pages.titled(keys.get(query.get("space-id", ""), ""), query.get("title", ""))
        return {"results": [described(found, cloud=True)] if found else [], "_links": {}}
    if verb == "GET":
        return described(pages.get(steps[1]), cloud=True)
    text = str(given["body"]["value"])
    if verb == "POST":
        page = pages.create(keys.get(str(given["spaceId"]), ""), given["title"], given.get("parentId"), text, "the analyzer")
    else:
        version = given["version"]
        page = pages.update(steps[1], version["number"], given["title"], text, str(version.get("message") or ""), author="the analyzer")
    answer = described(page, cloud=True)
    return {**answer, "body": {}}  # as the real one: the body is given where it is asked for


def _files(server: ConfluenceServer, request: BaseHTTPRequestHandler, steps: list[str], body: bytes) -> dict[str, Any]:
    page = server.pages.get(steps[0])
    if request.command == "GET":
        results = [
            {"id": file.file_id, "title": file.name, "metadata": {"comment": file.comment, "mediaType": file.media_type}}
            for file in page.files.values()
        ]
        return {"results": results, "_links": {}}
    if request.headers.get("X-Atlassian-Token") not in {"nocheck", "no-check"}:
        raise Refused(403, "XSRF check failed")
    if (request.command == "PUT") != server.cloud:
        raise Refused(405, f"Method Not Allowed: {request.command}")
    name, media_type, data, comment = _multipart(request.headers.get("Content-Type") or "", body)
    known = page.files.get(name)
    file_id = (known.file_id if known else None) if server.cloud else (steps[3] if len(steps) > 3 else None)
    file = server.pages.attach(page.page_id, name, media_type, data, comment, file_id)
    return {"results": [{"id": file.file_id, "title": file.name}]}


def _multipart(content_type: str, body: bytes) -> tuple[str, str, bytes, str]:
    if not content_type.startswith("multipart/form-data"):
        raise Refused(415, "Unsupported Media Type")
    message: Any = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    name, media_type, data, comment = "", "", b"", ""
    for part in message.iter_parts():
        payload = part.get_payload(decode=True) or b""
        if part.get_filename():
            name, media_type, data = part.get_filename(), part.get_content_type(), payload
        elif part.get_param("name", header="content-disposition") == "comment":
            comment = payload.decode()
    if not name:
        raise Refused(400, "no file in the request")
    return name, media_type, data, comment


def _json(body: bytes) -> dict[str, Any]:
    if len(body) > _PROXY_LIMIT:
        raise Refused(413, "Request entity too large")
    try:
        given = json.loads(body) if body else {}
    except ValueError as error:
        raise Refused(400, "Could not read JSON") from error
    return given if isinstance(given, dict) else {}


def _view(server: ConfluenceServer, path: str) -> tuple[int, bytes, str]:
    steps = [step for step in path.split("/") if step]
    try:
        if not steps or steps == ["wiki"]:
            return 200, confluence_view.index_html(server.pages.all()).encode(), "text/html"
        page = server.pages.get(steps[1] if len(steps) > 1 else "")
        if steps[0] == "download" and len(steps) > 2 and steps[2] in page.files:
            return 200, page.files[steps[2]].contents[-1], page.files[steps[2]].media_type
        if steps[0] == "pages":
            return 200, confluence_view.page_html(page, _below(server, page)).encode(), "text/html"
    except Refused as error:
        return error.status, confluence_view.document("not found", str(error)).encode(), "text/html"
    return 404, confluence_view.document("not found", "nothing is here").encode(), "text/html"


def _below(server: ConfluenceServer, page: StoredPage) -> list[StoredPage]:
    return sorted((one for one in server.pages.all() if one.parent_id == page.page_id), key=lambda one: one.title)


def _reply(request: BaseHTTPRequestHandler, status: int, data: bytes, media_type: str, headers: dict[str, str] | None = None) -> None:
    request.send_response(status)
    for name, value in {"Content-Type": f"{media_type}; charset=utf-8", "Content-Length": str(len(data)), **(headers or {})}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(data)


def _cut(request: BaseHTTPRequestHandler) -> None:
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.close_connection = True
    request.connection.close()
