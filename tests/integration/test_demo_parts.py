"""The demo's parts, each on its own with the real servers: documents into Elasticsearch, the comparison, leave to write, clearing up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import pytest
from elasticsearch import Elasticsearch
from rich.console import Console

from ailog import settings
from ailog.domain.events import WINDOW
from ailog.errors import ConfigError, PermanentError, SchemaMismatch, SourceUnavailable
from ailog.local import bulk, demo, demo_result, demo_view, postgres
from ailog.local.airflow_client import AirflowClient
from ailog.local.bulk import Naming
from ailog.local.demo_result import Found
from ailog.local.demo_runs import DagRunFailed, DagRuns, progress
from ailog.local.demo_setup import LOGS, OWNER, STORE, RunDir, own_servers, write_config
from ailog.local.postgres import Uris
from ailog.local.processes import Handle, read_state, write_state
from ailog.local.simulator import NAMESPACES, Batch, Scenario
from ailog.local.simulator_incidents import Truth

LIVE = datetime(2026, 11, 2, tzinfo=UTC)
FEW = tuple(namespace for namespace in NAMESPACES if "-fat-" in namespace.name)
SCENARIO = Scenario(seed=7, start=LIVE - timedelta(days=7), namespaces=FEW, weeks=1, live_windows=1, incidents=())
TRUTHS = Scenario(seed=7, start=LIVE - timedelta(days=7), weeks=1).truth
INCLUDE = settings.PACKAGE_ROOT / "include"


# documents into Elasticsearch


def test_all_documents_are_indexed_by_family_and_month_and_can_be_counted(es_client: Elasticsearch, es_prefix: str) -> None:
    naming = Naming(es_prefix)
    told: list[int] = []
    wanted = Counter(batch.names[i] for batch in SCENARIO.batches() for i in batch.namespaces.tolist())
    written = bulk.write(es_client, SCENARIO.batches(), naming, told.append)
    assert sorted(written) == [f"{es_prefix}_{family}-2026.{month}" for family in ("pca", "pcb", "pch") for month in ("10", "11")]
    assert told == sorted(told)
    assert told[-1] == sum(written.values()) == sum(wanted.values())
    by_namespace = {"terms": {"field": "kubernetes.namespace", "size": 50}}
    answer = es_client.search(index=naming.pattern, size=0, aggs={"namespaces": by_namespace})
    assert {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["namespaces"]["buckets"]} == wanted
    november = {"range": {"@timestamp": {"gte": "2026-11-01T00:00:00Z"}}}
    assert es_client.count(index=f"{es_prefix}_*-2026.10", query=november)["count"] == 0
    assert es_client.count(index=f"{es_prefix}_*-2026.11", query={"bool": {"must_not": november}})["count"] == 0


def batch_of(*lines: str) -> Batch:
    at = np.full(len(lines), int(LIVE.timestamp()) * 1_000_000_000)
    return Batch(at, np.zeros(len(lines), dtype=np.int64), ("pcb-sit-01-app",), list(lines))


def test_a_document_that_the_server_refuses_is_an_error_with_its_reason(es_client: Elasticsearch, es_prefix: str) -> None:
    good, bad = '{"@timestamp":"2026-11-02T00:00:00Z"}', '{"@timestamp":"yesterday"}'
    with pytest.raises(SchemaMismatch, match=r"refused 1 of 2 documents.*@timestamp"):
        bulk.write(es_client, [batch_of(good, bad)], Naming(es_prefix))


def test_an_index_that_was_there_before_is_not_written_into(es_client: Elasticsearch, es_prefix: str) -> None:
    good = batch_of('{"@timestamp":"2026-11-02T00:00:00Z"}')
    bulk.write(es_client, [good], Naming(es_prefix))
    with pytest.raises(PermanentError, match="already exists"):
        bulk.write(es_client, [good], Naming(es_prefix))


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with Elasticsearch("http://127.0.0.1:9", max_retries=0) as client, pytest.raises(SourceUnavailable):
        bulk.write(client, [batch_of("{}")], Naming("nobody"))


def test_delete_takes_the_indices_of_its_prefix_alone(es_client: Elasticsearch, es_prefix: str) -> None:
    line = '{"@timestamp":"2026-11-02T00:00:00Z"}'
    bulk.write(es_client, [batch_of(line)], Naming(f"{es_prefix}a"))
    bulk.write(es_client, [batch_of(line)], Naming(f"{es_prefix}b"))
    assert bulk.delete(es_client, Naming(f"{es_prefix}a")) == [f"{es_prefix}a_pcb-2026.11"]
    assert es_client.indices.exists(index=f"{es_prefix}b_pcb-2026.11")


# whose servers


@pytest.mark.parametrize(
    ("given", "named"),
    [({LOGS: "elasticsearch://logs:9200"}, LOGS), ({STORE: "postgres://a@b/c", OWNER: "postgres://o@b/c"}, STORE)],
)
def test_own_servers_are_not_written_to_without_leave(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=f"{named}.*AILOG_DEMO_WRITE=yes"):
        own_servers(given)
    assert own_servers({**given, "AILOG_DEMO_WRITE": "yes"}) != own_servers({})


def test_one_role_of_an_own_store_is_not_enough() -> None:
    with pytest.raises(ConfigError, match=f"{OWNER} is not set"):
        own_servers({STORE: "postgres://a@b/c", "AILOG_DEMO_WRITE": "yes"})


def test_indices_on_an_own_elasticsearch_have_a_name_of_their_own() -> None:
    mine = own_servers({LOGS: "elasticsearch://logs:9200", "AILOG_DEMO_WRITE": "yes"})
    assert mine.naming(LIVE).index("pcb", "2026-11") == "ailog-demo-20261102t000000_pcb-2026.11"
    assert own_servers({}).naming(LIVE).pattern == "cluster-app_*"


def test_the_secret_of_an_own_server_is_not_in_its_text() -> None:
    mine = own_servers({LOGS: "elasticsearch://u:hush@logs:9200", "AILOG_DEMO_WRITE": "yes"})
    assert "hush" not in repr(mine)


# configuration


def test_configuration_is_the_projects_with_one_source_and_reports_in_the_run_directory(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    made = write_config(run_dir, Naming("mine"))
    project = settings.load(INCLUDE / "config")
    assert [source.indices for source in made.active_sources if source.kind == "elasticsearch"] == [["mine_*"]]
    assert made.report.directory == str(run_dir.reports)
    assert Path(made.notify.file.directory).is_relative_to(run_dir.reports)
    assert made.notify.channels == ["teams", "file"]
    assert made.confluence.enabled
    assert (made.detectors, made.scoring, made.thresholds, made.namespaces) == (
        project.detectors,
        project.scoring,
        project.thresholds,
        project.namespaces,
    )
    assert (run_dir.config / "rules").is_dir()


def test_live_runs_cover_the_live_part_without_gap_or_overlap(tmp_path: Path) -> None:
    planned = demo.plan(RunDir(tmp_path), 7, LIVE + timedelta(days=20), {})
    ranges = planned.live_runs()
    assert ranges[0][0] == planned.scenario.live_start
    assert ranges[-1][1] == planned.scenario.end
    assert all(before[1] == after[0] for before, after in pairwise(ranges))
    assert all(end - start == WINDOW for start, end in ranges[1:])


# the comparison


def row(truth: Truth, namespace: str, **changes: Any) -> Found:
    found = Found(
        incident_id=str(uuid4()),
        window_start=truth.windows[0],
        namespace=namespace,
        problem_key="DATABASE:x:y",
        events=3,
        severity="high",
        score=60.0,
        flags=[truth.flag],
        apps=[truth.service or "any"],
        root_app=truth.root_service,
        confidence="high",
    )
    return replace(found, **changes)


def rows_for(truths: list[Truth]) -> list[Found]:
    return [row(truth, namespace) for truth in truths for namespace in truth.namespaces]


def test_all_is_found_when_each_incident_has_its_row() -> None:
    outcome = demo_result.judge(TRUTHS, rows_for(TRUTHS))
    assert outcome.all_found
    assert outcome.extras == ()
    assert [verdict.root_ok for verdict in outcome.verdicts if verdict.truth.flag == "cascade"] == [True]


_CHANGES = ("nothing", "other flag", "other window", "other namespace", "other service")


@pytest.mark.parametrize(
    ("flag", "change"),
    [(t.flag, change) for t in TRUTHS for change in _CHANGES if change != "other service" or t.service is not None],
)
def test_an_incident_is_missed_without_a_row_that_shows_it(flag: str, change: str) -> None:
    (truth,) = [one for one in TRUTHS if one.flag == flag]
    wrong: dict[str, Any] = {
        "other flag": {"flags": ["escalating"]},
        "other window": {"window_start": truth.windows[-1] + 2 * WINDOW},
        "other namespace": {"namespace": "pcb-dev-01-app"},
        "other service": {"apps": ["another"], "root_app": "another"},
    }
    rows = [] if change == "nothing" else [replace(found, **wrong[change]) for found in rows_for([truth])]
    outcome = demo_result.judge(TRUTHS, rows_for([one for one in TRUTHS if one is not truth]) + rows)
    assert [verdict.truth.flag for verdict in outcome.verdicts if not verdict.ok] == [flag]
    assert not outcome.all_found


def test_a_cross_namespace_incident_needs_every_namespace() -> None:
    (truth,) = [one for one in TRUTHS if one.flag == "cross_namespace"]
    outcome = demo_result.judge([truth], [row(truth, truth.namespaces[0])])
    assert not outcome.all_found


def test_other_incidents_are_listed_and_those_beside_an_injected_one_say_so() -> None:
    (truth,) = [one for one in TRUTHS if one.flag == "cascade"]
    beside = row(truth, truth.namespaces[0], flags=["spike"])
    elsewhere = row(truth, "pch-dev-01-app", flags=["new"])
    outcome = demo_result.judge([truth], [*rows_for([truth]), beside, elsewhere])
    assert outcome.all_found
    assert {extra.incident_id: extra.beside for extra in outcome.extras} == {beside.incident_id: "cascade", elsewhere.incident_id: None}


def test_a_wrong_root_cause_is_shown_and_does_not_hide_the_incident() -> None:
    (truth,) = [one for one in TRUTHS if one.flag == "cascade"]
    outcome = demo_result.judge([truth], [row(truth, truth.namespaces[0], root_app="fee-engine")])
    assert outcome.all_found
    assert outcome.verdicts[0].root_ok is False
    assert "true: ledger-store" in shown(outcome)


def shown(outcome: demo_result.Outcome) -> str:
    console = Console(width=220, record=True, file=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    console.print(demo_view.results(outcome, ZoneInfo("Europe/Prague")))
    return console.export_text()


def test_the_table_names_what_was_missed_and_takes_no_markup_from_data() -> None:
    outcome = demo_result.judge(TRUTHS, [row(TRUTHS[0], TRUTHS[0].namespaces[0], problem_key="A:[bold]b[/bold]:[/c]")])
    text = shown(outcome)
    assert "1 of 6 injected incidents found" in text
    assert text.count("missed") == 5
    assert "[bold]b[/bold]" in text.replace("\n", "")


def test_found_rows_come_from_the_store_with_flags_and_root(database: Uris) -> None:
    incident, run = uuid4(), uuid4()
    names = ("spike", "burst", "new", "regression", "cascade", "cross_namespace", "silence", "escalating")
    flags = {f"is_{name}": name in {"spike", "cascade"} for name in names}
    common: dict[str, Any] = {
        "incident_id": incident, "problem_key": "DATABASE:ledger:x", "namespace": "pcb-uat-01-app", "severity": "high", "score": 61.5,
        "reason": "r", "apps": json.dumps({"ledger": 3, "fees": 1}), "fingerprints": ["00112233aabbccdd"], "sample": "s",
        "root_cause": json.dumps({"app": "ledger-store", "confidence": "high"}), "first_event": LIVE, "last_event": LIVE,
    }  # fmt: skip
    peak = {
        **common, **flags, "window_start": LIVE, "run_id": run, "original_value": 4, "namespace_total": 9, "detection_method": "spike",
        "is_continuation": False, "contributions": "{}",
    }  # fmt: skip
    opened = {
        **common, "environment": "uat", "status": "open", "opened_window": LIVE, "last_window": LIVE, "windows": 1, "event_count": 4,
        "peak_count": 4, "flags": ["spike"],
    }  # fmt: skip
    with psycopg.connect(database.app) as connection:
        for table, values in (("incidents", opened), ("peak_investigation", peak)):
            places = ", ".join(f"%({name})s" for name in values)
            connection.execute(f"INSERT INTO ailog_peak.{table} ({', '.join(values)}) VALUES ({places})", values)
    (found,) = demo_result.read(database.app, LIVE, LIVE + WINDOW)
    assert (found.flags, sorted(found.apps), found.root_app) == (["spike", "cascade"], ["fees", "ledger"], "ledger-store")
    assert demo_result.read(database.app, LIVE + WINDOW, LIVE + 2 * WINDOW) == []


# runs of DAGs


class Api(BaseHTTPRequestHandler):
    """A stand-in that answers as Airflow's API does; ``answers`` by the end of the path."""

    answers: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    do_PATCH = do_POST  # noqa: N815 - the server looks for this name

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        body = next((value for end, value in self.answers.items() if path.endswith(end)), None)
        data = json.dumps(body if body is not None else {"detail": f"nothing at {path}"}).encode()
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def api() -> Iterator[AirflowClient]:
    Api.answers = {
        "/auth/token": {"access_token": "t"},
        "/dags": {"dags": [{"dag_id": "regular_phase"}]},
        "/importErrors": {"import_errors": []},
    }
    server = HTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield AirflowClient(f"http://127.0.0.1:{server.server_port}", "u", "p")
    server.shutdown()
    server.server_close()
    thread.join()


def task(name: str, state: str) -> dict[str, Any]:
    return {"task_id": name, "map_index": -1, "state": state, "try_number": 1}


@pytest.mark.parametrize(("state", "fails"), [("success", False), ("failed", True)])
def test_a_run_is_followed_to_its_end_and_a_failed_one_names_its_task_and_logs(
    api: AirflowClient, tmp_path: Path, state: str, fails: bool
) -> None:
    lines = [{"level": "error", "event": "no index"}]
    Api.answers |= {
        "/dagRuns": {"dag_run_id": "manual__1"},
        "/dagRuns/manual__1": {"state": state},
        "/taskInstances": {"task_instances": [task("plan", "success"), task("fetch", state)]},
        "/logs/1": {"content": lines},
    }
    told: list[str] = []
    if fails:
        with pytest.raises(DagRunFailed, match=r"regular_phase failed at fetch: no index .*run_id=manual__1"):
            DagRuns(api, tmp_path).run("regular_phase", {}, told.append)
    else:
        DagRuns(api, tmp_path).run("regular_phase", {}, told.append)
        assert told[-1] == "2 tasks done"


def test_a_dag_that_cannot_be_imported_is_named_with_the_reason(api: AirflowClient, tmp_path: Path) -> None:
    Api.answers["/importErrors"] = {"import_errors": [{"filename": "init_phase.py", "stack_trace": "Traceback\nImportError: no module"}]}
    with pytest.raises(DagRunFailed, match=r"cannot import init_phase.py, so init_phase cannot run: ImportError: no module"):
        DagRuns(api, tmp_path).switch_on(["init_phase"])


def test_an_api_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DagRunFailed, match="does not answer"):
        DagRuns(AirflowClient("http://127.0.0.1:9", "u", "p"), tmp_path).run("regular_phase", {}, lambda _: None)


def test_progress_counts_what_is_done_and_names_what_is_at_work() -> None:
    states = {("plan", -1): "success", ("fetch", 0): "running", ("fetch", 1): "running", ("store", -1): "none"}
    assert progress(states) == "fetch running x2, 1 tasks done"


# clearing up


def environment(**changes: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_CONN_AILOG", "AILOG_"))}
    return {**own, "PYTHONPATH": str(INCLUDE), **changes}


def command(run_dir: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "ailog.local.demo", "--run-dir", str(run_dir), *more]


def test_a_fault_ends_in_one_sentence_and_exit_1(tmp_path: Path) -> None:
    done = subprocess.run(
        command(tmp_path), env=environment(**{LOGS: "elasticsearch://logs:9200"}), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith(f"The demo failed: {LOGS} point to servers of your own")
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "demo.json").exists()


def test_a_second_demo_in_the_same_directory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_state(tmp_path / "demo.json", {"handle": Handle.of(os.getpid())})
    assert demo.main(["--run-dir", str(tmp_path)]) == 1
    assert "a demo runs already" in capsys.readouterr().out


def test_down_stops_what_a_crashed_demo_left_and_nothing_else(tmp_path: Path) -> None:
    mine, other = RunDir(tmp_path / "mine"), RunDir(tmp_path / "other")
    try:
        servers = [postgres.start(run_dir.postgres) for run_dir in (mine, other)]
        gone = subprocess.Popen([sys.executable, "-c", "pass"])
        write_state(mine.state, {"handle": {"pid": gone.pid, "started": 0.0}})
        gone.wait()
        assert demo.main(["--down", "--run-dir", str(mine.root)]) == 0
        assert [server.alive for server in servers] == [False, True]
        assert not mine.state.exists()
        assert demo.main(["--down", "--run-dir", str(mine.root)]) == 0
    finally:
        for run_dir in (mine, other):
            postgres.stop_server(run_dir.postgres, delete=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_stops_everything_that_it_started(tmp_path: Path, number: signal.Signals) -> None:
    run_dir = RunDir(tmp_path)
    process = subprocess.Popen(command(tmp_path), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        deadline = time.monotonic() + 120
        while postgres.find(run_dir.postgres) is None and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        started = [read_state(path) for path in (run_dir.postgres / "postgres.json", run_dir.elasticsearch / "elasticsearch.json")]
        process.send_signal(number)
        said, _ = process.communicate(timeout=180)
    finally:
        process.kill()
        demo.down(run_dir)
        postgres.stop_server(run_dir.postgres, delete=True)
    assert process.returncode == 130, said
    assert "Interrupted" in said
    assert "Traceback" not in said
    handles = [Handle(**state["handle"]) for state in started if state]
    assert handles
    assert not [handle for handle in handles if handle.alive]
