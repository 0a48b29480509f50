"""What people declared fixed and what comes back, from documents to the message; and what must not count as coming back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.killable import Counter, step
from tests.support.pipeline import checksums, event, files_settings, moment, rows, run, write_ndjson

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import WINDOW, Interval
from ailog.domain.known import Issue
from ailog.domain.template_family_decisions import Decision
from ailog.errors import ConfigError
from ailog.local.postgres import Uris
from ailog.pipeline import families, incidents, known_issues, records
from ailog.pipeline.plan import plan
from ailog.settings import PACKAGE_ROOT, Settings

START = moment("2026-03-10 08:00")
FIXED = START + timedelta(hours=1)
AGAIN = START + timedelta(hours=6)
SIT, UAT = "pcb-sit-01-app", "pcb-uat-01-app"
POOL, OTHER = "Connection pool of the ledger database is exhausted", "Connection pool of the ledger database is closed"


def _pool(at: datetime, version: str | None = None, *, text: str = POOL, namespace: str = SIT, count: int = 60) -> list[dict[str, Any]]:
    more = {"application": {"name": "ledger-api", **({"version": version} if version else {})}}
    return [{**event(at + timedelta(seconds=14 * i), text, namespace=namespace), **more} for i in range(count)]


class _Life:
    """A log that grows, analysed as time passes."""

    def __init__(self, store: PostgresStore, folder: Path) -> None:
        self.store, self.path, self.documents = store, folder / "log.ndjson", list[dict[str, Any]]()

    def settings(self) -> Settings:
        return files_settings(write_ndjson(self.path, self.documents))

    def add(self, *documents: Iterable[dict[str, Any]]) -> None:
        self.documents += [one for some in documents for one in some]

    def analyse(self, start: datetime, windows: int = 1, **more: Any) -> str:
        end = start + windows * WINDOW
        return run(self.store, self.settings(), Interval(start, end), now=end + timedelta(minutes=1), **more)

    def known(self, **more: Any) -> str:
        """The first outbreak, known as an issue."""
        self.add(_pool(START, "2.3.0"))
        self.analyse(START)
        ((fingerprint,),) = rows(self.store, "SELECT DISTINCT fingerprint FROM ailog_peak.error_kind_counts")
        known_issues.add(self.store, Issue("KI-1", "Pool too small", fingerprint=fingerprint, **more), {"ticket": "OPS-1"}, actor="ann")
        return str(fingerprint)

    def fixed(self, version: str | None = "2.3.1", at: datetime = FIXED) -> None:
        known_issues.resolve(self.store, "KI-1", fixed_in=version, actor="ann", now=at)

    def resolved(self, version: str | None = None) -> None:
        """A person resolves the incident."""
        ((incident,),) = rows(self.store, "SELECT incident_id::text FROM ailog_peak.incidents WHERE namespace = %s", (SIT,))
        incidents.say(self.store, "resolve", incident, by="bob", note=None, now=FIXED, fixed_in=version)

    def verdicts(self) -> list[tuple[Any, ...]]:
        return rows(
            self.store,
            "SELECT namespace, window_start, stage FROM ailog_peak.detection_events WHERE detector = 'regression' ORDER BY 1, 2",
        )

    def flagged(self) -> list[tuple[Any, ...]]:
        return rows(self.store, "SELECT namespace, opened_window FROM ailog_peak.incidents WHERE 'regression' = ANY(flags) ORDER BY 1, 2")


@pytest.fixture
def life(store: PostgresStore, tmp_path: Path) -> _Life:
    return _Life(store, tmp_path)


def test_a_fixed_issue_in_a_version_with_the_fix_is_a_regression_up_to_the_message(life: _Life, store: PostgresStore) -> None:
    life.known()
    life.fixed()
    life.add(_pool(AGAIN, "2.3.2"))
    life.analyse(AGAIN)
    assert life.verdicts() == [(SIT, AGAIN, "fired")]
    ((contributions,),) = rows(store, "SELECT contributions FROM ailog_peak.peak_investigation WHERE is_regression")
    assert contributions["regression"] == 35
    first, second = rows(
        store,
        "SELECT incident_id, regression_of, known_issue_id, known_issue_match, reason FROM ailog_peak.incidents ORDER BY opened_window",
    )
    assert second[1:4] == (first[0], "KI-1", "EXACT"), "it is linked to what was before"
    assert first[1] is None
    assert "KI-1 (Pool too small) was declared fixed in 2.3.1 by ann" in second[4]
    (told,) = rows(store, "SELECT body FROM ailog_peak.outbox ORDER BY created_at DESC LIMIT 1")[0]
    facts = dict(told["sections"][0]["facts"])
    assert "seen again in 2.3.2" in facts["Why"]
    assert str(first[0]) in facts["Came back"]
    assert facts["Known issue"] == "KI-1, Pool too small, OPS-1 (EXACT)"
    assert "regression" in told["sections"][0]["heading"]


def test_an_old_version_that_still_runs_somewhere_is_no_regression_there(life: _Life, store: PostgresStore) -> None:
    life.known()
    life.fixed()
    life.add(_pool(AGAIN, "2.3.0"), _pool(AGAIN, "2.3.1", namespace=UAT))
    life.analyse(AGAIN)
    assert life.verdicts() == [(SIT, AGAIN, "old_version"), (UAT, AGAIN, "fired")]
    ((reason, value),) = rows(store, "SELECT reason, value FROM ailog_peak.detection_events WHERE stage = 'old_version'")
    assert "seen in 2.3.0, fixed in 2.3.1: the old version is still running" in reason
    assert value == 60
    assert life.flagged() == [(UAT, AGAIN)]


def test_late_events_from_before_the_fix_fire_never(life: _Life) -> None:
    life.known()
    life.fixed("2.3.1", FIXED + timedelta(minutes=10))
    before = FIXED - timedelta(minutes=30)
    life.add(_pool(before, "2.3.1"), _pool(FIXED, "2.3.1", count=30))
    life.analyse(before, kind="manual")
    life.analyse(FIXED)
    assert life.verdicts() == [(SIT, before, "before_fix"), (SIT, FIXED, "before_fix")]
    assert life.flagged() == []


@pytest.mark.parametrize(("hours", "stage"), [(3, "settling"), (5, "fired")])
def test_without_a_version_it_is_judged_by_its_quiet_period(life: _Life, store: PostgresStore, hours: int, stage: str) -> None:
    life.known()
    life.fixed(None)
    at = FIXED + timedelta(hours=hours)
    life.add(_pool(at))
    life.analyse(at)
    assert life.verdicts() == [(SIT, at, stage)]
    assert (
        "version unknown: judged by quiet period"
        in rows(store, "SELECT reason FROM ailog_peak.detection_events WHERE detector = 'regression' AND stage = %s", (stage,))[0][0]
    )


def test_what_never_went_away_is_no_regression(life: _Life) -> None:
    life.known()
    life.fixed(None)
    at = [FIXED + timedelta(hours=4, minutes=15 * i) for i in range(2)]
    life.add(_pool(FIXED + timedelta(hours=2)), *(_pool(one) for one in at))
    life.analyse(FIXED + timedelta(hours=2))
    for one in at:
        life.analyse(one)
    assert [stage for _, _, stage in life.verdicts()] == ["settling", "going_on", "going_on"]
    assert life.flagged() == []


def test_an_incident_that_a_person_resolved_comes_back_in_its_namespace(life: _Life, store: PostgresStore) -> None:
    life.add(_pool(START), _pool(START, namespace=UAT))
    life.analyse(START)
    life.resolved()
    life.add(_pool(AGAIN), _pool(AGAIN, namespace=UAT))
    life.analyse(AGAIN)
    assert life.verdicts() == [(SIT, AGAIN, "fired")]
    assert life.flagged() == [(SIT, AGAIN)]
    ((earlier, by),) = rows(
        store,
        "SELECT e.namespace, e.resolved_by FROM ailog_peak.incidents AS i JOIN ailog_peak.incidents AS e ON e.incident_id = i.regression_of",
    )
    assert (earlier, by) == (SIT, "bob")


def test_a_person_may_say_in_which_version_an_incident_is_fixed(life: _Life, store: PostgresStore) -> None:
    life.add(_pool(START, "2.3.0"))
    life.analyse(START)
    life.resolved("2.3.1")
    life.add(_pool(AGAIN, "2.3.0"), _pool(AGAIN + WINDOW, "2.3.1"))
    life.analyse(AGAIN, 2)
    assert [stage for _, _, stage in life.verdicts()] == ["old_version", "fired"]
    for action, version, said in (("resolve", "March", r"X\.Y\.Z"), ("ack", "2.0.0", "comes with resolve")):
        with pytest.raises(ConfigError, match=said):
            incidents.say(store, action, "1234", by="bob", note=None, now=AGAIN, fixed_in=version)


def test_a_problem_that_a_person_resolved_comes_back(life: _Life, store: PostgresStore) -> None:
    life.add(_pool(START, "2.3.0"))
    life.analyse(START)
    ((name, key),) = rows(store, "SELECT problem_id, problem_key FROM ailog_peak.problems")
    assert name == "KP-000001"
    done = records.resolve_problem(store, name, fixed_in="2.4.0", actor="ann", now=FIXED)
    assert done == {"problem_id": name, "problem_key": key, "status": "resolved"}
    life.add(_pool(AGAIN, "2.3.0"), _pool(AGAIN + WINDOW, "2.4.0"))
    life.analyse(AGAIN, 2)
    assert [stage for _, _, stage in life.verdicts()] == ["old_version", "fired"]
    assert "KP-000001" in rows(store, "SELECT reason FROM ailog_peak.detection_events WHERE detector = 'regression' AND fired")[0][0]


def test_families_are_read_through(life: _Life, store: PostgresStore) -> None:
    one = life.known()
    life.add(_pool(START + WINDOW, "2.3.0", text=OTHER))
    life.analyse(START + WINDOW)
    life.fixed()
    ((other,),) = rows(store, "SELECT DISTINCT fingerprint FROM ailog_peak.error_kind_counts WHERE fingerprint <> %s", (one,))
    families.decide(store, Decision("merge", other, one), actor="ann", note="one pool", now=FIXED)
    life.add(_pool(AGAIN, "2.3.1", text=OTHER))
    life.analyse(AGAIN)
    assert life.verdicts() == [(SIT, AGAIN, "fired")]


def test_reopening_holds_from_then_on_and_what_was_judged_stays(life: _Life, store: PostgresStore) -> None:
    life.known()
    life.fixed()
    life.add(_pool(AGAIN, "2.3.1"))
    life.analyse(AGAIN)
    known_issues.reopen(store, "KI-1", actor="ann", now=AGAIN + WINDOW)
    life.add(_pool(AGAIN + WINDOW, "2.3.1"))
    life.analyse(AGAIN, 2, kind="manual")
    assert life.verdicts() == [(SIT, AGAIN, "fired")], "read again, the window before is judged as it was"
    assert life.flagged() == [(SIT, AGAIN)]


def _catch_up(life: _Life, spans: Sequence[tuple[int, int]]) -> None:
    for first, windows in spans:
        life.analyse(AGAIN + first * WINDOW, windows)


@pytest.mark.parametrize("spans", [[(0, 1), (1, 1), (2, 1), (3, 1)], [(0, 4)], [(0, 2), (2, 2)], [(0, 4), (0, 4), (1, 2)]])
def test_several_windows_at_once_or_again_give_the_same_verdicts(life: _Life, store: PostgresStore, spans: list[tuple[int, int]]) -> None:
    life.known()
    life.fixed()
    for number, version in enumerate(("2.3.0", "2.3.1", None, "2.4.0-rc.1")):
        life.add(_pool(AGAIN + number * WINDOW, version))
    _catch_up(life, spans)
    assert [stage for _, _, stage in life.verdicts()] == ["old_version", "fired", "going_on", "fired"]
    assert life.flagged() == [(SIT, AGAIN + WINDOW)]
    peaks = rows(
        store, "SELECT window_start, is_regression FROM ailog_peak.peak_investigation WHERE window_start >= %s ORDER BY 1", (AGAIN,)
    )
    assert [regression for _, regression in peaks] == [True, False, True]


def test_a_repeated_run_changes_no_row(life: _Life, store: PostgresStore) -> None:
    life.known()
    life.fixed()
    life.add(_pool(AGAIN, "2.3.1"))
    life.analyse(AGAIN)
    life.analyse(AGAIN, kind="manual")
    once = checksums(store, leave_out=("schema_migrations", "analysis_runs"))
    life.analyse(AGAIN, kind="manual")
    again = checksums(store, leave_out=("schema_migrations", "analysis_runs"))
    same = {name for name in once if once[name] == again[name]}
    by_run = {"error_kind_counts", "namespace_error_counts", "detection_events", "peak_investigation", "service_health"}
    assert {"incidents", "problems", "known_peaks", "resolutions", "known_issues", "outbox"} <= same
    assert set(once) - same <= by_run | {"analysis_run_windows", "analysis_run_sources", "notice_decisions", "incident_amendments"}


def test_a_publication_killed_at_any_moment_leaves_nothing_half(database: Uris, tmp_path: Path) -> None:
    store = PostgresStore(database.app)
    life = _Life(store, tmp_path)
    life.known()
    life.fixed()
    life.add(_pool(AGAIN, "2.3.1"))
    settings = life.settings()
    end = AGAIN + WINDOW
    made = plan(store, settings, kind="regular", target=None, bounds=Interval(AGAIN, end), now=end, dry_run=False, triggered_by="test")
    for name in ("fetch", "classify", "detect", "propagate"):
        step(name, store, life.path, made.run_id)
    before = checksums(store)
    environment = {**os.environ, "PYTHONPATH": f"{PACKAGE_ROOT / 'include'}{os.pathsep}{PACKAGE_ROOT}"}
    for fatal in (20, 35, 45):
        command = [sys.executable, "-m", "tests.support.killable", "publish", database.app, str(life.path), made.run_id, str(fatal)]
        ended = subprocess.run(command, cwd=PACKAGE_ROOT, env=environment, capture_output=True, timeout=120, check=False)
        assert ended.returncode == -signal.SIGKILL
        assert checksums(store) == before
    with Counter() as counter:
        step("publish", store, life.path, made.run_id)
    assert counter.seen > 45, "it was killed in the middle"
    assert life.flagged() == [(SIT, AGAIN)]
    assert len(json.dumps(rows(store, "SELECT evidence FROM ailog_peak.detection_events WHERE detector = 'regression'")[0][0])) > 10
