"""The words of the command line: help everywhere, 2 for wrong use, 1 with a sentence for failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from ailog import cli_output
from ailog.cli import main
from ailog.cli_parser import COMMANDS

NAMES = [command.name for command in COMMANDS]
INCLUDE = Path(__file__).resolve().parents[2] / "include"


def status(*arguments: str) -> int:
    """The exit status of a command."""
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)


@pytest.fixture(autouse=True)
def _no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_CONN_", "AILOG_DEBUG", "AILOG_CONFIG_DIR")):
            monkeypatch.delenv(name)


def test_every_command_of_the_product_is_there() -> None:
    wanted = {
        "migrate",
        "grant",
        "init",
        "run",
        "thresholds",
        "incidents",
        "ledger",
        "stats",
        "show",
        "validate",
        "check",
        "notify",
        "explain",
    }
    assert wanted <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example_and_the_exit_status(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(name, "--help") == 0
    told = capsys.readouterr().out
    assert f"ailog {name}" in told.split("Examples:")[1]
    assert "Exit status: 0 done, 1 failed" in told


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_example_of_the_help_is_understood(command: object) -> None:
    from ailog.cli_parser import parser

    for example in command.examples:  # type: ignore[attr-defined]
        parser().parse_args(example.split()[1:])


WRONG = [
    ([], "required: COMMAND"),
    (["analyse"], "invalid choice: 'analyse'"),
    (["run", "--windw", "15"], "unrecognized arguments"),
    (["run", "--from", "2026-03-10"], "from is given without to"),
    (["run", "--from", "yesterday", "--to", "2026-03-10"], "from is 'yesterday'"),
    (["run", "--from", "2026-03-10T08:01:00Z", "--to", "2026-03-10T09:00:00Z"], "is not on a quarter hour"),
    (["run", "--from", "2026-03-11", "--to", "2026-03-10"], "is not before"),
    (["run", "--file", "no-such-file.ndjson", "--from", "2026-03-10", "--to", "2026-03-11"], "there is no file no-such-file.ndjson"),
    (["run", "--file"], "expected at least one argument"),
    (["init", "--days", "0"], "'0' is not a whole number from 1 to 366"),
    (["init", "--days", "3", "--from", "2026-03-10", "--to", "2026-03-11"], "either --days or --from and --to"),
    (["thresholds", "--percentile", "93"], "'93' is not a number between 0 and 1"),
    (["thresholds", "--weeks", "many"], "'many' is not a whole number"),
    (["thresholds", "--as-of", "31.1.2026"], "give a date such as"),
    (["incidents", "--limit", "0"], "'0' is not a whole number"),
    (["incidents", "--from", "2026-03-11", "--to", "2026-03-10"], "is not before --to"),
    (["ledger", "--status", "good"], "invalid choice: 'good'"),
    (["show"], "required: DATE"),
    (["show", "2026-03-10T08:00:00Z"], "a day without a time"),
    (["explain", "pcb-sit-01-app"], "required: TIME"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=[" ".join(arguments) or "nothing" for arguments, _ in WRONG])
def test_wrong_use_is_status_2_and_says_what_is_wrong(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(*arguments) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("arguments", [["migrate"], ["incidents"], ["run"], ["thresholds", "--show"], ["notify"], ["show", "2026-03-10"]])
def test_a_missing_connection_is_status_1_and_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status(*arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("ailog: the connection 'ailog_postgres")
    assert "AIRFLOW_CONN_AILOG_POSTGRES" in told
    assert told.count("\n") == 1


def test_check_lists_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("check", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ready"] is False
    assert any("AIRFLOW_CONN_AILOG_POSTGRES" in problem for problem in found["problems"])
    assert any("AIRFLOW_CONN_AILOG_ELASTICSEARCH" in problem for problem in found["problems"])


def test_a_mistake_in_the_configuration_is_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(tmp_path))
    assert status("validate") == 1
    assert "analyzer.yaml: cannot be read" in capsys.readouterr().err


def test_validate_says_what_is_configured(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("validate", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["namespaces"] == 12
    assert len(found["config_hash"]) == 16


@pytest.mark.parametrize(("debug", "shown"), [("0", False), ("1", True)])
def test_the_trace_is_shown_on_request_only(debug: str, shown: bool, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(INCLUDE), "AILOG_DEBUG": debug, "AILOG_CONFIG_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "ailog", "validate"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert ("Traceback" in done.stderr) is shown


@pytest.mark.parametrize(("debug", "shown"), [("0", False), ("1", True)])
def test_a_defect_is_a_sentence_too(debug: str, shown: bool) -> None:
    code = "import sys; from ailog import cli; cli._handler = lambda name: 1 / 0; sys.exit(cli.main(['validate']))"
    environment = {**os.environ, "PYTHONPATH": str(INCLUDE), "AILOG_DEBUG": debug}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert ("Traceback" in done.stderr) is shown
    assert "ZeroDivisionError" in done.stderr


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from ailog.cli_parser import parser; parser();"
        "print([m for m in ('pandas', 'pyarrow', 'airflow', 'elasticsearch', 'psycopg') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(INCLUDE)}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_json_has_utc_times_and_exact_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    cli_output.as_json(
        {
            "at": datetime(2026, 3, 10, 8, 15, tzinfo=UTC),
            "n": Decimal(7),
            "share": Decimal("0.5"),
            "id": UUID(int=1),
            "many": (1, 2),
            "text": "žluť",
        }
    )
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-03-10T08:15:00Z", "n": 7, "share": 0.5, "id": "00000000-0000-0000-0000-000000000001", "many": [1, 2], "text": "žluť",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "-"), (True, "yes"), (1234567, "1,234,567"), (0.0301, "0.0301"), (12.34, "12.3"), (float("nan"), "nan"), (float("inf"), "inf"),
        (datetime(2026, 3, 10, 8, 15, tzinfo=UTC), "2026-03-10 08:15"), (["a", "b"], "a, b"), ({"api": 3}, "api 3"), ("\x1b[31mred", " [31mred"),
    ],
)  # fmt: skip
def test_values_are_shown_for_the_eye_and_without_control_characters(value: object, expected: str) -> None:
    assert cli_output.shown(value) == expected


def test_text_of_logs_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    cli_output.table("t", [{"sample": "[bold red]x[/] [link=http://x]y"}], {"sample": "sample"})
    assert "[bold red]x[/]" in capsys.readouterr().out
