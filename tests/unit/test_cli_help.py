"""Help leads everywhere, and everything that the predecessor's scripts did has a command."""

from __future__ import annotations

import json
import shlex

import pytest

from ailog.cli import main
from ailog.cli_help import WAYS
from ailog.cli_parser import COMMANDS, parser

PRODUCT = (
    "migrate grant init run backfill thresholds detect explain stats show export enrich validate backup doctor watch help publish notify"
).split()
SCRIPTS = (
    "regular_phase backfill init_phase calculate_peak_thresholds peak_detection run_data_maintenance run_db_migrations fetch_unlimited"
    " table_exporter recent_incidents_publisher backfill_report_publisher migrate_registry reset_and_rerun generate_daily_report"
    " daily_report_generator analyze_incidents pipeline install.sh"
).split()


def status(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)


def test_the_product_has_every_command() -> None:
    assert set(PRODUCT) <= {command.name for command in COMMANDS}


def test_every_script_has_its_way() -> None:
    assert {way.before.split()[0] for way in WAYS} >= set(SCRIPTS)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.before)
def test_every_way_can_be_called_as_it_stands(way: object) -> None:
    program, *arguments = shlex.split(way.now)  # type: ignore[attr-defined]
    assert program == "ailog"
    parser().parse_args(arguments)


def test_help_of_the_predecessor_names_the_ways(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("help", "predecessor", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["ways"]) == len(WAYS)


@pytest.mark.parametrize("arguments", [("help",), ("help", "run"), ("run", "--help")])
def test_help_is_status_0(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert status(*arguments) == 0
    assert "usage: ailog" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [(("tresholds",), "thresholds"), (("backfil", "--days", "3"), "backfill"), (("doktor",), "doctor"), (("help", "runn"), "run")],
)
def test_a_command_that_does_not_exist_is_status_2_and_names_a_like_one(
    arguments: tuple[str, ...], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*arguments) == 2
    assert f"did you mean '{meant}'?" in capsys.readouterr().err


def test_a_command_like_no_other_is_status_2_without_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("xyzzy") == 2
    told = capsys.readouterr().err
    assert "invalid choice: 'xyzzy'" in told
    assert "did you mean" not in told


def test_detect_needs_to_be_told_what(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("detect") == 2
    assert "--show --check is required" in capsys.readouterr().err


def test_enrich_is_a_forced_backfill() -> None:
    found = parser().parse_args(["enrich", "--days", "2"])
    assert (found.handler, found.force, found.days) == ("ailog.cli_run:backfill", True, 2)
