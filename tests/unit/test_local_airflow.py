"""Airflow on this machine: what its processes load before tasks are forked from them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ailog.local import airflow
from ailog.settings import PACKAGE_ROOT

_LOADED = "import sys; import airflow_local_settings; print(*(name in sys.modules for name in ('ailog.orchestration.steps', 'airflow')))"


@pytest.mark.parametrize(("command", "loaded"), [("scheduler", "True False"), ("api-server", "False False")])
def test_the_scheduler_alone_loads_what_tasks_need_and_nothing_of_airflow_too_early(tmp_path: Path, command: str, loaded: str) -> None:
    airflow.write_preload(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, command], env={"PYTHONPATH": f"{tmp_path / 'config'}:{PACKAGE_ROOT / 'include'}"},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == loaded
