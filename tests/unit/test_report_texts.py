from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.support.incident_rows import HOSTILE, OPENED, QUARTER, incident, run

from ailog import settings as configuration
from ailog.domain import exports
from ailog.domain.report import Facts, file_stem, headline
from ailog.domain.report_coverage import ledger_line
from ailog.domain.report_data import to_csv, to_json
from ailog.domain.report_text import WIDTH, to_txt
from ailog.domain.wording import cause_line, lasting, local_span, number, short_key, spread_line
from ailog.settings import Settings

LEDGER = {"expected": 57, "fetched": 57, "rejected": 0, "staged": 57, "stored": 57, "unknown_share": 0.035}
NO_GAPS = {"missing": 0, "partial": 0, "failed": 0, "oldest": None}


def row(**changes: Any) -> dict[str, Any]:
    newest = {
        "run_count": 251,
        "contributions": {"spike": 25.0},
        "window_score": 67.5,
        "ratio": 20.2,
        "trace_id": None,
        "known_issue": None,
    }
    return incident(**{**newest, **changes})


def facts(*incidents: dict[str, Any], **changes: Any) -> Facts:
    ledger = {**LEDGER, "code_version": "0.1.0", "config_hash": "0" * 16}
    spaces = [{"namespace": name, "errors": 19, "complete": True, "estimated": False} for name in ("a", "b", "c")]
    return Facts(run(**ledger, **changes), incidents, len(incidents), spaces, {"judged": 3, "passed": 0}, NO_GAPS)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return configuration.load()


def test_a_run_is_told_in_one_sentence() -> None:
    quiet = facts()
    assert headline(quiet) == "no incidents; 3 namespaces, 57 errors, all below their limits"
    assert headline(replace(quiet, limits={"judged": 0, "passed": 0})).endswith("not judged against limits")
    assert headline(facts(row(), row(severity="low"))) == "2 incidents (1 high, 1 low); 3 namespaces, 57 errors"
    assert "nothing is known" in headline(facts(status="failed"))


LEDGERS = [
    ({}, "expected 57 = fetched 57 = stored 57, rejected 0, unclassified 3.5%"),
    (
        {"expected": 60},
        "expected 60 ≠ fetched 57 = stored 57, rejected 0, unclassified 3.5% - NOT BALANCED",
    ),
    ({"stored": 50, "rejected": 7}, "expected 57 = fetched 57 ≠ stored 50, rejected 7, unclassified 3.5%"),
    ({"stored": 50}, "expected 57 = fetched 57 ≠ stored 50, rejected 0, unclassified 3.5% - NOT BALANCED"),
    ({"unknown_share": None}, "expected 57 = fetched 57 = stored 57, rejected 0, unclassified unknown"),
    (
        {"expected": None, "fetched": None, "stored": None, "rejected": None},
        "expected unknown ≠ fetched unknown ≠ stored unknown, rejected unknown, unclassified 3.5% - NOT BALANCED",
    ),
    ({"expected": 9_000_000, "sampled": True}, "expected 9,000,000 ≠ fetched 57 = stored 57, rejected 0, unclassified 3.5%"),
]


@pytest.mark.parametrize(("changes", "line"), LEDGERS)
def test_a_ledger_that_does_not_balance_says_so(changes: dict[str, Any], line: str) -> None:
    told = facts()
    assert ledger_line(replace(told, run={**told.run, **changes})) == line


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_stays_within_the_width_and_out_of_control(settings: Settings, name: str) -> None:
    text = HOSTILE[name]
    hostile = row(problem_key=text, namespace=text, environment=text, reason=text, sample=text, apps={text: 1}, known_issue_id=text)
    told = replace(facts(hostile), namespaces=[{"namespace": text, "errors": 1, "complete": False, "estimated": True}])
    shown = to_txt(told, settings)
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert not {"\x00", "\x1b", "\r", "\u202e", "\ud800"} & set(shown)
    assert json.loads(to_json(told, settings))["summary"]["incidents"] == 1
    assert len(list(csv.reader(io.StringIO(to_csv(told, settings))))) == 2


def test_a_row_of_the_csv_holds_what_a_reader_must_know_of_the_run_and_of_its_namespace(settings: Settings) -> None:
    told = facts(row(namespace="a-app"), row(namespace="b-app"))
    warned = ["b-app: this namespace does not categorise", "c-app: this namespace does not categorise", "2026-01-30 has no final word"]
    namespaces = [{"namespace": name, "errors": 1, "complete": True, "estimated": False} for name in ("a-app", "b-app", "c-app")]
    told = replace(told, run={**told.run, "warnings": warned}, namespaces=namespaces)
    found = [line["warnings"] for line in csv.DictReader(io.StringIO(to_csv(told, settings)))]
    assert found == [warned[2], f"{warned[0]}; {warned[2]}"]


def test_a_report_is_named_by_the_end_of_its_windows() -> None:
    assert file_stem(run()) == "problem_report_20260131T0830Z"
    assert file_stem(run(kind="manual")) == file_stem(run())
    assert file_stem(run(kind="backfill")) != file_stem(run())


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((1, 1, 1, 1), "one-time"),
        ((2, 2, 9, 2), "one-time"),
        ((6, 1, 1, 1), "one-time"),
        ((5, 3, 5, 3), "daily"),
        ((3, 3, 15, 1), "weekly"),
        ((4, 3, 9, 3), "sporadic"),
    ],
)
def test_the_rhythm_of_peaks_has_a_name(arguments: tuple[int, int, int, int], name: str) -> None:
    assert exports.periodicity(*arguments) == name


@pytest.mark.parametrize(
    ("first_days", "last_days", "trend", "name"),
    [
        (40, 8, 2.0, "inactive"),
        (3, 1, None, "new"),
        (20, 1, 1.2, "rising"),
        (20, 1, 0.8, "falling"),
        (20, 1, 1.0, "stable"),
        (20, 1, None, ""),
    ],
)
def test_the_activity_of_peaks_is_told_only_when_it_is_known(first_days: int, last_days: int, trend: float | None, name: str) -> None:
    assert exports.activity(OPENED - timedelta(days=first_days), OPENED - timedelta(days=last_days), OPENED, trend) == name


@pytest.mark.parametrize(("spaces", "apps", "name"), [(1, 7, "LOCAL"), (2, 1, "CROSS_NS"), (4, 1, "SYSTEMIC"), (1, 8, "SYSTEMIC")])
def test_the_scope_of_a_problem(spaces: int, apps: int, name: str) -> None:
    assert exports.scope(spaces, apps) == name


def test_words() -> None:
    assert [lasting(timedelta(minutes=m)) for m in (0, 45, 60, 135, 1440, 1500)] == [
        "0 min",
        "45 min",
        "1 h",
        "2 h 15 min",
        "1 d",
        "1 d 1 h",
    ]
    assert [number(v) for v in (None, 0, 12.4, 1234.56, 30.0)] == ["unknown", "0", "12.4", "1,235", "30"]
    assert short_key("TIMEOUT:orders:" + "a" * 90 + "Exception", 60).startswith("TIMEOUT:orders:…")
    assert len(short_key("x" * 500, 60)) == 60
    assert cause_line(None) == cause_line({"status": "unknown"}) == "unknown"
    assert spread_line({"path": [{"app": "a"}]}, ["a"]) == ""


def test_a_span_over_the_change_to_summer_time_shows_both_zones(settings: Settings) -> None:
    from zoneinfo import ZoneInfo

    start = OPENED.replace(month=3, day=29, hour=0, minute=45)
    assert local_span(start, start + QUARTER, ZoneInfo("Europe/Prague")) == "2026-03-29 01:45 CET to 2026-03-29 03:00 CEST"
