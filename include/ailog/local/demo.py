"""The demo: simulated logs of weeks, analysed by the real DAGs under a real Airflow, and what was found beside what was injected.

``python -m ailog.local.demo`` starts PostgreSQL, Elasticsearch and Airflow in the checkout (or uses the servers that Airflow's connection
variables name), and stand-ins for Confluence and Teams. It writes the documents, runs ``init_phase`` and ``weekly_thresholds``, lets
Airflow replay three days by ``daily_backfill``, runs ``regular_phase`` over the live windows, and prints the comparison. At a terminal it
stays up until Ctrl-C; without one it ends, with exit code 0 only when every injected incident was found. ``--down`` stops what a crashed
demo left behind.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from elastic_transport import JsonSerializer
from elasticsearch import Elasticsearch
from rich.console import Console

from ailog import connections
from ailog.adapters.sources.elasticsearch_client import connect
from ailog.adapters.store.migrations import migrate
from ailog.adapters.store.statements import load
from ailog.domain.events import WINDOW
from ailog.errors import AilogError
from ailog.local import airflow, bulk, demo_result, demo_view, elasticsearch, postgres
from ailog.local.airflow import AirflowServer
from ailog.local.demo_runs import DagRuns
from ailog.local.demo_setup import LOGS, OWNER, STORE, RunDir, Servers, default_run_dir, own_servers, write_config
from ailog.local.demo_standins import StandIns
from ailog.local.demo_view import View
from ailog.local.ports import LOOPBACK, free_port
from ailog.local.processes import Handle, LocalServerError, read_state, stop, write_state
from ailog.local.simulator import Scenario, demo_start
from ailog.local.simulator_incidents import QUIET_WINDOWS
from ailog.settings import Settings

DEFAULT_SEED: Final = 7
_WEEKS: Final = 3
_BACKFILL: Final = timedelta(days=3)
"""So many days before the live part are left to the daily backfill; those before are the baseline."""
_PRODUCT_DATABASE: Final = "ailog_demo"
_METADATA_DATABASE: Final = "airflow"
_DAGS: Final = ("init_phase", "weekly_thresholds", "daily_backfill", "regular_phase")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one demo is about: where it works, with which servers, over which documents."""

    run_dir: RunDir
    servers: Servers
    scenario: Scenario
    naming: bulk.Naming
    settings: Settings

    def live_runs(self) -> list[tuple[datetime, datetime]]:
        """The ranges of windows of the regular runs: the quiet ones with the first incident in one, then each on its own."""
        first = self.scenario.live_start + (QUIET_WINDOWS + 1) * WINDOW
        singles = [(first + i * WINDOW, first + (i + 1) * WINDOW) for i in range(self.scenario.live_windows - QUIET_WINDOWS - 1)]
        return [(self.scenario.live_start, first), *singles]


class _Teller:
    """Tells what a step is doing; ``result`` is shown when it is done."""

    def __init__(self, view: View, step: str) -> None:
        self._view, self._step = view, step
        self.result = ""

    def __call__(self, text: str) -> None:
        self._view.tell(self._step, text.removeprefix(f"{self._step}: "))


class Demo:
    """One run of the demo. ``stop`` may be called at any time, from the thread that runs it."""

    def __init__(self, plan: Plan, view: View, stand_ins: StandIns) -> None:
        self._plan = plan
        self._view = view
        self._stand_ins = stand_ins
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="demo")
        self._jobs: list[Future[None]] = []
        # The port is chosen now, so that Airflow can start before Elasticsearch answers on it.
        self._logs_port = free_port()
        self._variables = {LOGS: plan.servers.logs or f"elasticsearch://{LOOPBACK}:{self._logs_port}?http_compress=false"}
        self.airflow: AirflowServer | None = None

    def run(self) -> demo_result.Outcome:
        """Everything from the first server to the comparison; raises the first fault."""
        shutil.rmtree(self._plan.run_dir.reports, ignore_errors=True)
        self._jobs = [self._pool.submit(self._prepare_store_and_airflow), self._pool.submit(self._prepare_logs)]
        for job in wait(self._jobs, return_when=FIRST_EXCEPTION).done:
            job.result()
        runs = self._switch_on()
        scenario = self._plan.scenario
        known = scenario.live_start - _BACKFILL
        days = {"from": f"{scenario.start:%Y-%m-%d}", "to": f"{known:%Y-%m-%d}"}
        self._analyse(runs, "init_phase", f"{days['from']} to {days['to']}", days)
        self._analyse(runs, "weekly_thresholds", f"as of {days['to']}", {"as_of": _moment(known)})
        with self._step(f"daily_backfill {known:%Y-%m-%d} to {scenario.live_start:%Y-%m-%d}") as tell:
            # The run that handles a day is named by its nine o'clock.
            count = runs.backfill("daily_backfill", known + timedelta(hours=9), scenario.live_start - timedelta(hours=15), tell)
            tell.result = f"{count} days"
        for start, end in self._plan.live_runs():
            self._analyse(runs, "regular_phase", f"{start:%H:%M} to {end:%H:%M} UTC", {"from": _moment(start), "to": _moment(end)})
        uri = connections.store_uri(connections.from_environment("ailog_postgres", self._variables))
        return demo_result.judge(scenario.truth, demo_result.read(uri, scenario.live_start, scenario.end))

    def stop(self) -> None:
        """Stops everything that was started; what was just starting is caught by the second round."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for _ in range(2):
            stop_servers(self._plan.run_dir)
            wait(self._jobs, timeout=20)

    @contextmanager
    def _step(self, name: str) -> Iterator[_Teller]:
        """A step of the view for the length of a block."""
        self._view.begin(name)
        teller = _Teller(self._view, name)
        try:
            yield teller
        except (AilogError, psycopg.Error, OSError) as error:
            self._view.fail(name, sentence(error))
            raise
        self._view.end(name, teller.result)

    def _prepare_store_and_airflow(self) -> None:
        servers, run_dir = self._plan.servers, self._plan.run_dir
        with self._step("PostgreSQL") as tell:
            server = postgres.start(run_dir.postgres, say=tell)
            if servers.store and servers.owner:
                self._variables |= {STORE: servers.store, OWNER: servers.owner}
            else:
                server.drop_database(_PRODUCT_DATABASE)
                uris = server.create_database(_PRODUCT_DATABASE)
                self._variables |= {STORE: uris.app, OWNER: uris.owner}
            tell("migrating the schema")
            owner = connections.from_environment("ailog_postgres_owner", self._variables)
            applied = migrate(connections.store_uri(owner), connections.from_environment("ailog_postgres", self._variables).login)
            tell.result = f"schema with {len(applied)} new migrations" + ("" if servers.store else f", on port {server.port}")
        with self._step("Airflow") as tell:
            self._start_airflow(server, tell)
            tell.result = self.airflow.url if self.airflow else ""

    def _prepare_logs(self) -> None:
        servers, run_dir, scenario = self._plan.servers, self._plan.run_dir, self._plan.scenario
        if not servers.logs:
            with self._step("Elasticsearch") as tell:
                elasticsearch.stop_server(run_dir.elasticsearch, delete=True)
                elasticsearch.start(run_dir.elasticsearch, port=self._logs_port, say=tell)
                tell.result = f"on port {self._logs_port}"
        with self._step("documents") as tell:
            with logs_client(self._variables) as client:
                written = bulk.write(client, scenario.batches(), self._plan.naming, lambda count: tell(f"{count:,} written"))
            total, places = sum(written.values()), ", ".join(written)
            tell.result = f"{total:,} of {len(scenario.namespaces)} namespaces from {scenario.start:%Y-%m-%d} on, in {places}"

    def _start_airflow(self, server: postgres.PostgresServer, tell: Callable[[str], None]) -> None:
        home = self._plan.run_dir.airflow
        if server.has_database(_METADATA_DATABASE):
            with psycopg.connect(server.uri(_METADATA_DATABASE), autocommit=True) as connection:
                if connection.execute("SELECT to_regclass('dag_run')").fetchone() != (None,):
                    connection.execute(load("demo/forget_runs"))
        else:
            server.create_database(_METADATA_DATABASE)
            shutil.rmtree(home, ignore_errors=True)
        # The simulated logs end with the live windows: a run by the schedule would find every namespace silent.
        config = str(self._plan.run_dir.config)
        variables = {
            **self._variables,
            **self._stand_ins.variables,
            "AILOG_CONFIG_DIR": config,
            "AILOG_BACKFILL_START": f"{self._plan.scenario.start:%Y-%m-%d}",
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        }
        self.airflow = airflow.start(home, server.uris(_METADATA_DATABASE).owner, environment=variables, say=tell)

    def _switch_on(self) -> DagRuns:
        if self.airflow is None:
            raise LocalServerError("Airflow did not start")
        runs = DagRuns.of(self.airflow)
        with self._step("DAGs") as tell:
            runs.switch_on(_DAGS)
            tell.result = ", ".join(_DAGS)
        return runs

    def _analyse(self, runs: DagRuns, dag_id: str, label: str, params: Mapping[str, str]) -> None:
        with self._step(f"{dag_id} {label}") as tell:
            runs.run(dag_id, params, tell)


def stop_servers(run_dir: RunDir) -> None:
    """Stops what runs in a run directory, whoever started it; data of Elasticsearch go, reports and logs stay."""
    airflow.stop_server(run_dir.airflow)
    elasticsearch.stop_server(run_dir.elasticsearch, delete=True)
    postgres.stop_server(run_dir.postgres)


def down(run_dir: RunDir) -> str:
    """Stops a demo that runs or crashed in this run directory; returns what was done in one sentence."""
    state = read_state(run_dir.state)
    running = Handle(**state["handle"]) if state is not None else None
    if running is not None and running.alive and running.pid != os.getpid():
        stop(running, patience=60)
    stop_servers(run_dir)
    run_dir.state.unlink(missing_ok=True)
    return f"nothing of the demo runs any more; reports and logs stay in {run_dir.root}"


def logs_client(variables: Mapping[str, str]) -> Elasticsearch:
    """A client of the Elasticsearch that the connection variable names."""
    found = connections.elasticsearch(connections.from_environment("ailog_elasticsearch", variables))
    return connect(found, 120, JsonSerializer())


def sentence(error: BaseException) -> str:
    """An error as one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def plan(run_dir: RunDir, seed: int, now: datetime, environment: Mapping[str, str]) -> Plan:
    """What the demo will do; writes its configuration.

    Raises:
        ConfigError: servers of the user's own without leave to write, or a configuration with mistakes.
    """
    servers = own_servers(environment)
    naming = servers.naming(now)
    settings = write_config(run_dir, naming)
    scenario = Scenario(seed=seed, start=demo_start(now, _WEEKS), weeks=_WEEKS, timezone=settings.timezone)
    return Plan(run_dir, servers, scenario, naming, settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 all injected incidents found, 1 some missed or a fault, 130 interrupted before the result."""
    given = _parser().parse_args(arguments)
    run_dir = RunDir(given.run_dir.resolve())
    out = demo_view.console()
    if given.down:
        out.print(down(run_dir), markup=False)
        return 0
    try:
        with _claimed(run_dir):
            return _demo(plan(run_dir, given.seed, datetime.now(UTC), os.environ), out)
    except (AilogError, psycopg.Error, OSError) as error:
        out.print(f"The demo failed: {sentence(error)}", style="bold red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        out.print("Interrupted; everything that the demo started is stopped.", markup=False)
        return 130


def _demo(planned: Plan, out: Console) -> int:
    with _interruptible(), StandIns() as stand_ins:
        demo = None
        try:
            with demo_view.view(out) as view:
                demo = Demo(planned, view, stand_ins)
                outcome = demo.run()
            out.print()
            out.print(demo_view.results(outcome, ZoneInfo(planned.settings.timezone)))
            _tell_where(out, planned, demo.airflow, stand_ins)
            if out.is_terminal:
                _stay(out)
            return 0 if outcome.all_found else 1
        finally:
            with _deaf():
                if out.is_terminal:
                    out.print("Stopping ...", style="dim")
                if demo is not None:
                    demo.stop()


def _tell_where(out: Console, planned: Plan, server: AirflowServer | None, stand_ins: StandIns) -> None:
    reports = planned.run_dir.reports
    lines = [f"Reports: {reports}", *(f"  {page}" for page in sorted(reports.glob("problem_report_latest*.html"))), *stand_ins.landed]
    if server is not None and out.is_terminal:
        lines.append(f"Airflow: {server.url}  user {server.user}  password {server.password}")
        lines.append("The schedule is off here; trigger DAGs by hand, for instance regular_phase with from and to.")
    if planned.servers.logs:
        lines.append(f"The simulated logs stay in the indices {planned.naming.pattern} of your Elasticsearch.")
    out.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _stay(out: Console) -> None:
    out.print("Everything stays up for you to look around. Ctrl-C stops it.", style="bold")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


@contextmanager
def _claimed(run_dir: RunDir) -> Iterator[None]:
    """Takes the run directory for this process; raises LocalServerError while another demo has it."""
    state = read_state(run_dir.state)
    if state is not None and Handle(**state["handle"]).alive:
        raise LocalServerError(f"a demo runs already (process {state['handle']['pid']}): end it with Ctrl-C there or with 'make down'")
    stop_servers(run_dir)
    write_state(run_dir.state, {"handle": Handle.of(os.getpid())})
    try:
        yield
    finally:
        run_dir.state.unlink(missing_ok=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """The signals that end a program become KeyboardInterrupt, so that everything is stopped on the way out."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _deaf() -> Iterator[None]:
    """Signals are ignored: stopping is not interrupted half-way."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ailog.local.demo", description="Simulated logs, the real pipeline, a comparison with the truth."
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="of the simulated logs (default %(default)s)")
    parser.add_argument("--down", action="store_true", help="stop what a demo left running, and end")
    parser.add_argument("--run-dir", type=Path, default=default_run_dir().root, help="where everything goes (default %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
