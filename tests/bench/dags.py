"""Import and parse time of each DAG file."""

from __future__ import annotations

from tests.bench.figures import ROOT, Figure, child, say
from tests.bench.world import World

SECTION = "dags"


def measure(world: World) -> list[Figure]:
    """Seconds to parse each file in a process where Airflow is loaded, as the DAG processor does it, and in a fresh process."""
    rounds = 3 if world.quick else 5
    figures = []
    for path in sorted((ROOT / "dags").glob("*.py")):
        say(f"dags: {path.name}")
        task = {"path": str(path), "home": str(world.run_dir / "airflow-dags")}
        runs = [child("tests.bench.dags_run", task) for _ in range(rounds)]
        best = {key: min(float(run[key]) for run in runs) for key in ("airflow", "first", "again")}
        figures += [
            Figure(SECTION, f"{path.name}: parse, Airflow loaded", best["first"], "s"),
            Figure(SECTION, f"{path.name}: parse again in the same process", best["again"], "s"),
            Figure(SECTION, f"{path.name}: fresh process, Airflow's own import included", best["airflow"] + best["first"], "s"),
        ]
    return figures
