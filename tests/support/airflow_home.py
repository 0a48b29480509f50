"""A home of Airflow's own for DAG tests: SQLite, migrated once for a whole run of pytest, the product's DAGs and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from tests.support.servers import ROOT, locked, run_dir


def variables(home: Path, dags: Path) -> dict[str, str]:
    """The settings that make Airflow use this home; importing Airflow before they are set would use another one."""
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "SCARF_ANALYTICS": "false",
    }


@lru_cache(maxsize=1)
def shared_airflow_home() -> Path:
    """The migrated home of this worker, with the environment of this process set to it.

    Workers get copies: SQLite takes one writer at a time.
    """
    loaded = sorted(name for name in sys.modules if name.startswith("airflow.") and os.environ.get("AIRFLOW_HOME") is None)
    assert not loaded, f"Airflow was imported ({loaded[0]}) before the fixture airflow_home: import it inside of the tests"
    template = run_dir() / "airflow"
    with locked("airflow"):
        if not (template / "airflow.db").exists():
            template.mkdir(parents=True, exist_ok=True)
            environment = {**os.environ, **variables(template, ROOT / "dags")}
            done = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            if done.returncode != 0:
                (template / "airflow.db").unlink(missing_ok=True)
                raise AssertionError(f"airflow db migrate failed: {done.stderr[-2000:]}")
    home = run_dir() / f"airflow-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    home.mkdir(exist_ok=True)
    shutil.copy(template / "airflow.db", home / "airflow.db")
    os.environ.update(variables(home, ROOT / "dags"))
    return home
