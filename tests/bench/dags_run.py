"""Parses one DAG file in a process of its own: ``python -m tests.bench.dags_run TASK`` prints seconds.

The task is JSON: path, home (AIRFLOW_HOME).
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def run(path: str, home: str) -> dict[str, float]:
    """Seconds of Airflow's import (a DAG file of its own parsed for warm-up), of the first parse, and of the next one."""
    folder = Path(home)
    (folder / "warm").mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    warm = folder / "warm" / "warm_up.py"
    warm.write_text(
        "from airflow.sdk import dag, task\n\n\n@dag(schedule=None)\ndef warm_up():\n"
        "    @task\n    def nothing():\n        pass\n\n    nothing()\n\n\nwarm_up()\n",
        encoding="utf-8",
    )
    start = time.perf_counter()
    from airflow.dag_processing.dagbag import DagBag

    def parsed(file: str) -> float:
        begun = time.perf_counter()
        bag = DagBag(dag_folder=file)
        if bag.import_errors or not bag.dags:
            raise RuntimeError(f"{file} holds no DAG: {bag.import_errors}")
        return time.perf_counter() - begun

    parsed(str(warm))
    airflow = time.perf_counter() - start
    return {"airflow": airflow, "first": parsed(path), "again": parsed(path)}


if __name__ == "__main__":
    print("\n" + json.dumps(run(**json.loads(sys.argv[1]))))
