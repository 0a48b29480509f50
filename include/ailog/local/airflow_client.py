"""A small client of Airflow's REST API: enough to run DAGs one after another and to tell a person what happens meanwhile."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

_DONE = {"success", "failed"}


class ApiError(Exception):
    """An answer of the API that is no success: status and what it says."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"Airflow answered {status}: {detail}")
        self.status = status


@dataclass(frozen=True, slots=True)
class TaskChange:
    """A task instance that is in another state than when last looked at; ``map_index`` is -1 unless the task is mapped."""

    task: str
    map_index: int
    state: str
    try_number: int


class AirflowClient:
    """Logs in on first use, and again when the token has expired."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url, self._user, self._password = url.rstrip("/"), user, password
        self._token = ""

    def health(self) -> dict[str, str]:
        """Component to status: ``healthy``, ``unhealthy`` or ``none``."""
        parts = self._call("GET", "/monitor/health", login=False)
        return {name: str((part or {}).get("status")) for name, part in parts.items()}

    def make_pools(self, pools: Mapping[str, tuple[int, str]]) -> None:
        """Makes the pools, name to slots and description; those that exist are brought to these values."""
        known = {pool["name"] for pool in self._call("GET", "/pools", limit=500)["pools"]}
        for name, (slots, description) in pools.items():
            body = {"slots": slots, "description": description, "include_deferred": False}
            if name in known:
                self._call("PATCH", f"/pools/{quote(name, safe='')}", {"pool": name, **body})
            else:
                self._call("POST", "/pools", {"name": name, **body})

    def dags(self) -> list[str]:
        """The ids of the DAGs that are known by now."""
        return sorted(dag["dag_id"] for dag in self._call("GET", "/dags", limit=500)["dags"])

    def import_errors(self) -> dict[str, str]:
        """File to the last line of why it cannot be imported."""
        errors = self._call("GET", "/importErrors", limit=100)["import_errors"]
        return {error["filename"]: str(error["stack_trace"]).strip().splitlines()[-1] for error in errors}

    def wait_for_dags(self, wanted: set[str], seconds: float = 60) -> set[str]:
        """Waits until these DAGs are known; returns the ones that still are not (see ``import_errors``)."""
        deadline = time.monotonic() + seconds
        missing = wanted - set(self.dags())
        while missing and time.monotonic() < deadline and not self.import_errors():
            time.sleep(0.3)
            missing = wanted - set(self.dags())
        return missing

    def unpause(self, dag_id: str) -> None:
        """Lets the DAG run, also by its schedule."""
        self._call("PATCH", f"/dags/{quote(dag_id)}", {"is_paused": False})

    def pause(self, dag_id: str) -> None:
        """Stops new runs of the DAG."""
        self._call("PATCH", f"/dags/{quote(dag_id)}", {"is_paused": True})

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        logical_date: datetime | None = None,
        run_id: str | None = None,
    ) -> str:
        """Starts a run with these parameters; returns its id. The DAG must not be paused."""
        body: dict[str, Any] = {"conf": dict(conf or {}), "logical_date": logical_date.isoformat() if logical_date else None}
        if run_id is not None:
            body["dag_run_id"] = run_id
        return str(self._call("POST", f"/dags/{quote(dag_id)}/dagRuns", body)["dag_run_id"])

    def backfill(self, dag_id: str, first: datetime, last: datetime) -> int:
        """Starts a backfill over the schedule from ``first`` to ``last``, one run after the other; returns its id."""
        body = {
            "dag_id": dag_id,
            "from_date": first.isoformat(),
            "to_date": last.isoformat(),
            "max_active_runs": 1,
            "run_backwards": False,
            "reprocess_behavior": "none",
            "dag_run_conf": {},
        }
        return int(self._call("POST", "/backfills", body)["id"])

    def backfill_runs(self, dag_id: str) -> list[str]:
        """The ids of the runs that backfills made of a DAG, oldest first."""
        found = self._call("GET", f"/dags/{quote(dag_id)}/dagRuns", limit=500, order_by="logical_date", run_type="backfill")
        return [str(run["dag_run_id"]) for run in found["dag_runs"]]

    def run_state(self, dag_id: str, run_id: str) -> str:
        """``queued``, ``running``, ``success`` or ``failed``."""
        return str(self._call("GET", _run(dag_id, run_id))["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run, as the API gives them (task_id, map_index, state, try_number, start_date, end_date, duration)."""
        found = self._call("GET", f"{_run(dag_id, run_id)}/taskInstances", limit=500, order_by="start_date")
        return list(found["task_instances"])

    def follow(self, dag_id: str, run_id: str, seconds: float = 900, pause: float = 1.0) -> Iterator[TaskChange]:
        """Yields every change of a task's state until the run has ended; ask ``run_state`` for how.

        Raises:
            TimeoutError: when it has not ended after so many seconds.
        """
        deadline = time.monotonic() + seconds
        seen: dict[tuple[str, int], tuple[str, int]] = {}
        while True:
            state = self.run_state(dag_id, run_id)
            for task in self.tasks(dag_id, run_id):
                key, now = (task["task_id"], task["map_index"]), (task["state"] or "none", task["try_number"])
                if seen.get(key) != now and now[0] != "none":
                    yield TaskChange(*key, *now)
                seen[key] = now
            if state in _DONE:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"the run {run_id} of {dag_id} has not ended after {seconds:.0f} s (state {state})")
            time.sleep(pause)

    def log(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, try_number: int = 1) -> list[str]:
        """The lines of a task's log, times and levels left out."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{quote(task_id)}/logs/{try_number}"
        content = self._call("GET", path, map_index=map_index, full_content="true").get("content") or []
        return [str(line.get("event", "")) if isinstance(line, dict) else str(line) for line in content]

    def failure(self, dag_id: str, run_id: str) -> str:
        """The first failed task of a run and its error, in one line; empty when no task failed."""
        failed = [task for task in self.tasks(dag_id, run_id) if task["state"] == "failed"]
        if not failed:
            return ""
        task = failed[0]
        path = f"{_run(dag_id, run_id)}/taskInstances/{quote(task['task_id'])}/logs/{task['try_number']}"
        content = self._call("GET", path, map_index=task["map_index"], full_content="true").get("content") or []
        errors = [found for line in content if isinstance(line, dict) and (found := _error(line))]
        return f"{task['task_id']}: {errors[-1] if errors else 'no error in its log'}"

    def _call(self, method: str, path: str, body: Any = None, *, login: bool = True, **query: Any) -> Any:
        for last in (False, True):
            if login and not self._token:
                answer = self._send("POST", "/auth/token", {"username": self._user, "password": self._password})
                self._token = str(answer["access_token"])
            try:
                return self._send(method, f"/api/v2{path}" + (f"?{urlencode(query)}" if query else ""), body)
            except ApiError as error:
                if error.status != 401 or last or not login:
                    raise
                self._token = ""
        raise AssertionError  # the second round returns or raises

    def _send(self, method: str, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data=data, method=method, headers=headers)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, _detail(error.read())) from error
        return json.loads(text) if text else {}


def _run(dag_id: str, run_id: str) -> str:
    return f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"


def _detail(text: bytes) -> str:
    try:
        return str(json.loads(text).get("detail"))[:500]
    except (ValueError, AttributeError):
        return text.decode("utf-8", "replace")[:200]


def _error(line: Mapping[str, Any]) -> str:
    details = line.get("error_detail") or []
    if details:
        return " ".join(f"{details[0].get('exc_type')}: {details[0].get('exc_value')}".split())
    return str(line.get("event")) if line.get("level") in {"error", "critical"} else ""
