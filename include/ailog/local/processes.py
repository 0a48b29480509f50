"""Detached processes that a later run can find again and stop, also after a crash of the one that started them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from ailog.errors import PermanentError

_TELLING = re.compile(r"FATAL|PANIC|\bERROR\b|Error: |Exception: ")

Say = Callable[[str], None]
"""Takes one line of progress."""


def quiet(_line: str) -> None:
    """A ``Say`` that says nothing."""


class LocalServerError(PermanentError):
    """A local server cannot be started or has died; the text is one sentence with the remedy or the log."""


@dataclass(frozen=True, slots=True)
class Handle:
    """A process by its number and its start, so that a number used again by another process is never mistaken for it."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Handle:
        """The handle of a running process."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, unless it has ended."""
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) > 1 or process.status() == psutil.STATUS_ZOMBIE:
                return None
        except psutil.NoSuchProcess:
            return None
        return process

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process() is not None


def spawn(
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: tuple[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own that outlives this one; its output goes to ``log``.

    ``user`` is the (uid, gid) to run as, for root only.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    identity: dict[str, Any] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    with log.open("ab") as out:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
            **identity,
        )


def stop(handle: Handle, *, first: signal.Signals = signal.SIGTERM, patience: float = 15) -> None:
    """Asks the process to end, and ends it with its children when it does not do so in ``patience`` seconds."""
    stop_all([handle], first=first, patience=patience)


def stop_all(handles: Sequence[Handle], *, first: signal.Signals = signal.SIGTERM, patience: float = 15) -> None:
    """Stops processes side by side, with all that they have started; also what is left when one of them was killed before."""
    family: list[psutil.Process] = []
    for handle in handles:
        process = handle.process()
        family += _session(handle)
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                family += [process, *process.children(recursive=True)]
                process.send_signal(first)
    _, left = psutil.wait_procs(list(dict.fromkeys(family)), timeout=patience, callback=_reap)
    for one in left:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(left, timeout=5, callback=_reap)


def _session(handle: Handle) -> list[psutil.Process]:
    """What still runs of the session that ``spawn`` opened, if the number is not used by another process now."""
    with suppress(psutil.NoSuchProcess):
        if abs(psutil.Process(handle.pid).create_time() - handle.started) > 1:
            return []
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == handle.pid and process.create_time() >= handle.started - 1 and process.pid != os.getpid():
                found.append(process)
    return found


def _reap(process: psutil.Process) -> None:
    """Takes the exit status of a child of this process, so that it does not stay as a zombie."""
    with suppress(ChildProcessError, OSError):
        os.waitpid(process.pid, os.WNOHANG)


def wait_until(ready: Callable[[], bool], running: Callable[[], bool], seconds: float) -> bool:
    """Whether ``ready`` came true within so many seconds; ends early when ``running`` is no longer true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if not running():
            return ready()
        time.sleep(0.05)
    return False


def tail(log: Path, characters: int = 300) -> str:
    """The last line of a log that speaks of an error, else its last line, shortened; empty when there is none."""
    try:
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    telling = [line for line in lines[-200:] if _TELLING.search(line)] or lines
    return telling[-1][:characters] if telling else ""


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)
    temporary.replace(path)


def write_state(path: Path, state: Mapping[str, Any]) -> None:
    """Writes what a later run needs to find and stop a server; handles are kept as objects."""
    write_private(path, json.dumps({k: asdict(v) if isinstance(v, Handle) else v for k, v in state.items()}, indent=1))


def read_state(path: Path) -> dict[str, Any] | None:
    """What ``write_state`` wrote, or None when there is nothing readable."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) else None
