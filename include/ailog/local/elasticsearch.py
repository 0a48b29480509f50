"""The real Elasticsearch server on this machine: its published jars on the Java runtime of a wheel, in a process of its own.

Without security, scripts, reindex and data streams, which are not published as jars; ``GET /`` answers 405 for the same reason.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ailog.local.ports import LOOPBACK, free_ports, is_free
from ailog.local.processes import Handle, LocalServerError, Say, quiet, read_state, spawn, stop, tail, wait_until, write_state
from ailog.settings import PACKAGE_ROOT

DEFAULT_VERSION = "8.19.21"
_VERSION_VARIABLE = "ES_VERSION"
_REPOSITORY_VARIABLE = "AILOG_MAVEN_REPOSITORY"


@dataclass(frozen=True, slots=True)
class ElasticsearchServer:
    """A running node. It may have been started by another process."""

    run_dir: Path
    version: str
    port: int
    handle: Handle

    @property
    def url(self) -> str:
        """Where the node answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def connection_uri(self) -> str:
        """The node as an Airflow connection (for ``AIRFLOW_CONN_...``)."""
        return f"elasticsearch://{LOOPBACK}:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.handle.alive

    @property
    def log(self) -> Path:
        """The node's log."""
        return self.run_dir / "elasticsearch.log"


def wanted_version() -> str:
    """The version to run: ``ES_VERSION``, else 8.19.21.

    Raises:
        LocalServerError: when it is no full version of 8 or 9.
    """
    version = os.environ.get(_VERSION_VARIABLE, "").strip() or DEFAULT_VERSION
    if not re.fullmatch(r"[89]\.\d+\.\d+", version):
        raise LocalServerError(f"{_VERSION_VARIABLE}={version!r} is no version that can be run here: give one such as 8.19.21 or 9.5.3")
    return version


def cache_directory() -> Path:
    """Where the jars are kept: ``.cache/maven`` of the checkout, so that no home folder is needed."""
    return PACKAGE_ROOT / ".cache" / "maven"


def start(
    run_dir: Path,
    *,
    version: str | None = None,
    port: int | None = None,
    heap: str = "512m",
    settings: Mapping[str, str] | None = None,
    parent: int | None = None,
    say: Say = quiet,
    seconds: float = 600,
) -> ElasticsearchServer:
    """Starts a node detached and waits until it answers, or returns the one of this run directory that runs already.

    Args:
        run_dir: holds data, log and the state that ``stop_server`` needs later.
        version: server version; by default ``wanted_version()``.
        port: HTTP port; by default a free one. A port in use is an error, not replaced.
        heap: Java heap (-Xms and -Xmx).
        settings: further settings of the node.
        parent: process number; the node ends by itself when that process has ended.
        say: takes lines of progress (downloads, start).
        seconds: patience, downloads included.

    Raises:
        LocalServerError: nothing can be downloaded, the port is in use, or the JVM died; names the log.
    """
    run_dir = run_dir.resolve()
    running_now = find(run_dir)
    if running_now is not None:
        return running_now
    version = version or wanted_version()
    if port is not None and not is_free(port):
        raise LocalServerError(f"port {port} for Elasticsearch is in use on {LOOPBACK}: stop what listens there or choose another port")
    http, transport = free_ports(2)
    home = run_dir / "home"
    home.mkdir(parents=True, exist_ok=True)
    status = home / "status.jsonl"
    status.unlink(missing_ok=True)
    cache_directory().mkdir(parents=True, exist_ok=True)
    options = {
        "version": version,
        "port": port or http,
        "transport_port": transport,
        "heap": heap,
        "settings": dict(settings or {}),
        "log_level": "WARN",
        "cache": str(cache_directory()),
        "repository": os.environ.get(_REPOSITORY_VARIABLE, "").rstrip("/"),
        "parent": asdict(Handle.of(parent)) if parent else None,
    }
    (home / "node.json").write_text(json.dumps(options), encoding="utf-8")
    log = run_dir / "elasticsearch.log"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_ROOT / "include"), "PYTHONUNBUFFERED": "1"}
    process = spawn([sys.executable, "-m", "ailog.local.elasticsearch_node", str(home)], log, env=environment, cwd=home)
    server = ElasticsearchServer(run_dir, version, port or http, Handle.of(process.pid))
    write_state(run_dir / "elasticsearch.json", {"handle": server.handle, "port": server.port, "version": version})
    progress = _Progress(status, say)
    ready = wait_until(lambda: progress.read() and _answers(server), lambda: process.poll() is None and not progress.failed, seconds)
    if not ready:
        stop(server.handle)
        reason = progress.failed or f"Elasticsearch {version} died or did not answer within {seconds:.0f} s: {tail(log) or 'no message'}"
        raise LocalServerError(f"{reason} (its log: {log})")
    say(f"Elasticsearch {version} answers on {LOOPBACK}:{server.port}")
    return server


def find(run_dir: Path) -> ElasticsearchServer | None:
    """The running node of a run directory, or None."""
    run_dir = run_dir.resolve()
    state = read_state(run_dir / "elasticsearch.json")
    if state is None:
        return None
    handle = Handle(**state["handle"])
    return ElasticsearchServer(run_dir, state["version"], state["port"], handle) if handle.alive else None


def stop_server(run_dir: Path, *, delete: bool = False) -> None:
    """Stops the node of a run directory, whoever started it; ``delete`` removes its data as well."""
    run_dir = run_dir.resolve()
    state = read_state(run_dir / "elasticsearch.json")
    if state is not None:
        stop(Handle(**state["handle"]))
    (run_dir / "elasticsearch.json").unlink(missing_ok=True)
    if delete:
        shutil.rmtree(run_dir, ignore_errors=True)


@contextmanager
def running(
    run_dir: Path, *, version: str | None = None, heap: str = "512m", delete: bool = True, say: Say = quiet
) -> Iterator[ElasticsearchServer]:
    """A node for the length of a block; its data are removed at the end unless ``delete`` is false."""
    try:
        yield start(run_dir, version=version, heap=heap, parent=os.getpid(), say=say)
    finally:
        stop_server(run_dir, delete=delete)


class _Progress:
    """Reads the node's steps as they are written and passes them on."""

    def __init__(self, status: Path, say: Say) -> None:
        self._status, self._say, self._seen = status, say, 0
        self._ready = False
        self.failed = ""

    def read(self) -> bool:
        """Whether the node has said that it is ready."""
        try:
            lines = self._status.read_text(encoding="utf-8").split("\n")[:-1]
        except OSError:
            return self._ready
        for line in lines[self._seen :]:
            step = json.loads(line)
            if step["step"] == "ready":
                self._ready = True
            elif step["step"] == "failed":
                self.failed = step["text"]
            else:
                self._say(step["text"])
        self._seen = len(lines)
        return self._ready


def _answers(server: ElasticsearchServer) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=10) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
