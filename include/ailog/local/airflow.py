"""Airflow on this machine for the demo: API server, scheduler with local executor and DAG processor, each a detached process.

Everything is set through environment variables; ``airflow.cfg`` of the user is neither read nor written. Nobody but this machine can
reach the user interface, and its one user has a generated password.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ailog.local.airflow_client import AirflowClient, ApiError
from ailog.local.ports import LOOPBACK, free_port
from ailog.local.processes import (
    Handle,
    LocalServerError,
    Say,
    quiet,
    read_state,
    spawn,
    stop_all,
    tail,
    wait_until,
    write_private,
    write_state,
)
from ailog.orchestration.pools import POOLS
from ailog.settings import PACKAGE_ROOT

USER = "admin"
_PREFERRED_PORT = 8080
_PRELOAD = '''"""Tasks are forked from the scheduler: what it has loaded by then, no task has to load again."""

import sys

if "scheduler" in sys.argv:
    import ailog.orchestration.steps  # noqa: F401

__all__ = []
'''
_FOREIGN = ("AIRFLOW__", "AIRFLOW_HOME", "AIRFLOW_CONFIG")
"""Settings of another Airflow in the user's shell; they must not leak into this one. Connections (AIRFLOW_CONN_) stay."""


@dataclass(frozen=True, slots=True)
class AirflowServer:
    """A running Airflow. It may have been started by another process."""

    run_dir: Path
    url: str
    user: str
    password: str
    handles: Mapping[str, Handle]

    @property
    def alive(self) -> bool:
        """Whether every process of it runs."""
        return all(handle.alive for handle in self.handles.values())

    @property
    def logs(self) -> Path:
        """The folder with a log per process."""
        return self.run_dir / "logs"

    def client(self) -> AirflowClient:
        """A client of the REST API, logged in as the administrator."""
        return AirflowClient(self.url, self.user, self.password)


def start(
    run_dir: Path,
    metadata_uri: str,
    *,
    environment: Mapping[str, str] | None = None,
    dags: Path | None = None,
    plugins: Path | None = None,
    port: int | None = None,
    triggerer: bool = False,
    parallelism: int = 4,
    say: Say = quiet,
    seconds: float = 180,
) -> AirflowServer:
    """Starts Airflow detached, its metadata migrated and the pools made, or returns the one of this run directory that runs already.

    Args:
        run_dir: becomes AIRFLOW_HOME; holds logs, password and the state that ``stop_server`` needs later.
        metadata_uri: libpq URI of an existing PostgreSQL database for Airflow's metadata; the role must own it.
        environment: further variables for all processes (connections as AIRFLOW_CONN_..., AILOG_...).
        dags: folder with the DAGs; by default the product's.
        plugins: folder with the plugins; by default the product's.
        port: preferred port of the user interface; another one is taken when it is in use.
        triggerer: whether to start a triggerer as well (only deferrable operators need it).
        parallelism: how many tasks may run at a time.
        say: takes lines of progress.
        seconds: how long to wait until all of it answers.

    Raises:
        LocalServerError: the migration failed or a process died; names the log.
    """
    run_dir = run_dir.resolve()
    running = find(run_dir)
    if running is not None:
        return running
    stop_server(run_dir)  # what is left of a start that failed half way
    logs = run_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    known = _secrets(run_dir)
    write_private(run_dir / "passwords.json", f'{{"{USER}": "{known["password"]}"}}\n')
    write_preload(run_dir)
    port = free_port(port or _PREFERRED_PORT)
    variables = server_environment(
        run_dir,
        metadata_uri,
        port=port,
        dags=dags or PACKAGE_ROOT / "dags",
        plugins=plugins or PACKAGE_ROOT / "plugins",
        parallelism=parallelism,
        environment=environment or {},
    )
    _migrate(run_dir, variables, metadata_uri, say)
    say("Airflow: starting API server, scheduler and DAG processor")
    commands = {
        "api-server": ["api-server", "--host", LOOPBACK, "--port", str(port), "--workers", "1"],
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
    }
    if triggerer:
        commands["triggerer"] = ["triggerer", "--skip-serve-logs"]
    handles: dict[str, Handle] = {}
    processes: dict[str, subprocess.Popen[bytes]] = {}
    for name, arguments in commands.items():
        processes[name] = spawn([sys.executable, "-m", "airflow", *arguments], logs / f"{name}.log", env=variables, cwd=run_dir)
        handles[name] = Handle.of(processes[name].pid)
        write_state(run_dir / "airflow.json", {"url": f"http://{LOOPBACK}:{port}", "handles": _plain(handles)})
    server = AirflowServer(run_dir, f"http://{LOOPBACK}:{port}", USER, known["password"], handles)
    client = server.client()

    def dead() -> list[str]:
        return [name for name, process in processes.items() if process.poll() is not None]

    ready = wait_until(lambda: _healthy(client), lambda: not dead(), seconds)
    if not ready or dead():
        culprit = (dead() or ["api-server"])[0]
        stop_server(run_dir)
        log = logs / f"{culprit}.log"
        raise LocalServerError(
            f"Airflow's {culprit} died or did not answer within {seconds:.0f} s: {tail(log) or 'no message'} (its log: {log})"
        )
    client.make_pools(POOLS)
    say(f"Airflow answers on {server.url} (user {server.user}, password {server.password})")
    return server


def write_preload(run_dir: Path) -> None:
    """Makes the scheduler load the product before it forks tasks: two seconds less a task of three.

    Airflow reads ``airflow_local_settings`` from the folder ``config`` of its home, while it is not ready itself: what is loaded there
    must not import it.
    """
    write_private(run_dir / "config" / "airflow_local_settings.py", _PRELOAD)


def find(run_dir: Path) -> AirflowServer | None:
    """The running Airflow of a run directory, or None when not all of its processes run."""
    run_dir = run_dir.resolve()
    state = read_state(run_dir / "airflow.json")
    if state is None:
        return None
    handles = {name: Handle(**handle) for name, handle in state["handles"].items()}
    server = AirflowServer(run_dir, state["url"], USER, _secrets(run_dir)["password"], handles)
    return server if server.alive else None


def stop_server(run_dir: Path, *, delete: bool = False) -> None:
    """Stops all processes of the Airflow of a run directory, running tasks included, whoever started them."""
    run_dir = run_dir.resolve()
    state = read_state(run_dir / "airflow.json")
    if state is not None:
        stop_all([Handle(**handle) for handle in state["handles"].values()], patience=3)
    (run_dir / "airflow.json").unlink(missing_ok=True)
    if delete:
        shutil.rmtree(run_dir, ignore_errors=True)


def server_environment(
    run_dir: Path,
    metadata_uri: str,
    *,
    port: int,
    dags: Path,
    plugins: Path,
    parallelism: int,
    environment: Mapping[str, str],
) -> dict[str, str]:
    """The whole environment of the processes: ours, the caller's ``environment`` on top."""
    known = _secrets(run_dir)
    url = f"http://{LOOPBACK}:{port}"
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **own,
        "AIRFLOW_HOME": str(run_dir),
        "PYTHONPATH": str(PACKAGE_ROOT / "include"),
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(parallelism),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__FERNET_KEY": known["fernet"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(run_dir / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _driver(metadata_uri, "psycopg2"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": _driver(metadata_uri, "asyncpg"),
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": known["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": known["jwt"],
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "true",
        # The demo runs one DAG after another: short pauses cost little and save half of the wait.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "2",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "60",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "2",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
        "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "5",
        **environment,
    }


def _driver(uri: str, driver: str) -> str:
    return f"postgresql+{driver}://{uri.split('://', 1)[1]}"


def _migrate(run_dir: Path, variables: Mapping[str, str], metadata_uri: str, say: Say) -> None:
    """Migrates the metadata unless this database was brought to this version of Airflow before."""
    from importlib.metadata import version  # noqa: PLC0415

    marker = run_dir / "migrated"
    wanted = f"{version('apache-airflow')} {metadata_uri.rsplit('/', 1)[-1]}"
    if marker.is_file() and marker.read_text(encoding="utf-8") == wanted:
        return
    say("Airflow: making its database")
    log = run_dir / "logs" / "migrate.log"
    with log.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env=dict(variables),
            cwd=run_dir,
            stdout=out,
            stderr=out,
            check=False,
            timeout=300,
        )
    if done.returncode != 0:
        raise LocalServerError(f"Airflow's database could not be made: {tail(log) or 'no message'} (its log: {log})")
    marker.write_text(wanted, encoding="utf-8")


def _healthy(client: AirflowClient) -> bool:
    try:
        return all(client.health().get(part) == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))
    except (ApiError, urllib.error.URLError, OSError):
        time.sleep(0.3)
        return False


def _plain(handles: Mapping[str, Handle]) -> dict[str, dict[str, float]]:
    return {name: {"pid": handle.pid, "started": handle.started} for name, handle in handles.items()}


def _secrets(run_dir: Path) -> dict[str, str]:
    path = run_dir / "secrets.json"
    known = read_state(path)
    if known is None:
        known = {
            "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "jwt": secrets.token_urlsafe(48),
            "api": secrets.token_urlsafe(32),
            "password": secrets.token_urlsafe(9),
        }
        write_state(path, known)
    return {str(name): str(value) for name, value in known.items()}
