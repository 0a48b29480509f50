"""Runs DAGs one after another through Airflow's REST API and tells how they go."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ailog.errors import PermanentError
from ailog.local.airflow import AirflowServer
from ailog.local.airflow_client import AirflowClient, ApiError

_DONE: Final = frozenset({"success", "skipped"})
_AT_REST: Final = _DONE | {"none", "removed", "upstream_failed", "failed"}


class DagRunFailed(PermanentError):
    """A run ended badly or not in time; the text names the task, its error and its log."""


@dataclass(frozen=True, slots=True)
class DagRuns:
    """The DAGs of a running Airflow."""

    client: AirflowClient
    home: Path
    """AIRFLOW_HOME; the logs are below it."""

    @classmethod
    def of(cls, server: AirflowServer) -> DagRuns:
        """The DAGs of a server."""
        return cls(server.client(), server.run_dir)

    def switch_on(self, dag_ids: Collection[str], seconds: float = 90) -> None:
        """Unpauses the DAGs as soon as Airflow has read their files.

        Raises:
            DagRunFailed: a file cannot be imported, or a DAG did not appear in time.
        """
        with self._told():
            missing = self.client.wait_for_dags(set(dag_ids), seconds)
            if missing:
                names = ", ".join(sorted(missing))
                for file, reason in self.client.import_errors().items():
                    raise DagRunFailed(f"Airflow cannot import {file}, so {names} cannot run: {reason}")
                raise DagRunFailed(
                    f"Airflow did not find {names} within {seconds:.0f} s; its log is {self.home / 'logs' / 'dag-processor.log'}"
                )
            for dag_id in dag_ids:
                self.client.unpause(dag_id)

    def run(self, dag_id: str, params: Mapping[str, Any], tell: Callable[[str], None], seconds: float = 600) -> float:
        """Triggers one run with these parameters and waits for its success; returns how many seconds it took.

        Raises:
            DagRunFailed: it failed or took longer than ``seconds``.
        """
        started = time.monotonic()
        with self._told():
            self._follow(dag_id, self.client.trigger(dag_id, params), tell, seconds)
        return time.monotonic() - started

    def backfill(self, dag_id: str, first: datetime, last: datetime, tell: Callable[[str], None], seconds: float = 600) -> int:
        """Lets Airflow replay the schedule from ``first`` to ``last`` and waits for the success of every run; returns how many there were.

        Raises:
            DagRunFailed: no run was made, one failed, or all together took longer than ``seconds``.
        """
        deadline = time.monotonic() + seconds
        with self._told():
            self.client.backfill(dag_id, first, last)
            runs = self.client.backfill_runs(dag_id)
            if not runs:
                raise DagRunFailed(f"Airflow made no run of {dag_id} for {first.isoformat()} to {last.isoformat()}")
            for place, run_id in enumerate(runs, 1):
                self._follow(dag_id, run_id, _labelled(f"run {place} of {len(runs)}: ", tell), deadline - time.monotonic())
        return len(runs)

    def _follow(self, dag_id: str, run_id: str, tell: Callable[[str], None], seconds: float) -> None:
        states: dict[tuple[str, int], str] = {}
        try:
            for change in self.client.follow(dag_id, run_id, seconds):
                states[change.task, change.map_index] = change.state
                tell(progress(states))
        except TimeoutError as error:
            raise DagRunFailed(
                f"{dag_id} did not end within {seconds:.0f} s ({progress(states)}); its logs are in {self._logs(dag_id, run_id)}"
            ) from error
        if self.client.run_state(dag_id, run_id) != "success":
            why = self.client.failure(dag_id, run_id) or "no task of it failed"
            raise DagRunFailed(f"{dag_id} failed at {why} (its logs: {self._logs(dag_id, run_id)})")

    def _logs(self, dag_id: str, run_id: str) -> Path:
        return self.home / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """An API that refuses or does not answer, as one sentence."""
        try:
            yield
        except ApiError as error:
            raise DagRunFailed(f"{error}; its log is {self.home / 'logs' / 'api-server.log'}") from error
        except OSError as error:
            raise DagRunFailed(f"Airflow's API does not answer ({error}); its log is {self.home / 'logs' / 'api-server.log'}") from error


def _labelled(label: str, tell: Callable[[str], None]) -> Callable[[str], None]:
    return lambda text: tell(label + text)


def progress(states: Mapping[tuple[str, int], str]) -> str:
    """One line: which tasks are at work, and how many are done; by task and index of its mapping."""
    done = sum(state in _DONE for state in states.values())
    busy = Counter(f"{task} {state.replace('_', ' ')}" for (task, _), state in states.items() if state not in _AT_REST)
    at_work = ", ".join(f"{name} x{count}" if count > 1 else name for name, count in busy.items())
    return ", ".join(part for part in (at_work, f"{done} tasks done") if part)
