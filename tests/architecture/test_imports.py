"""Data walks in one direction, so imports do too. Read from the source, not from what happens to be loaded."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "include" / "ailog"
MODULES = sorted(PACKAGE.rglob("*.py"))

PURE = {"numpy", "pandas", "pyarrow", "orjson"}
FILES_OF_RULES = {"yaml", "jsonschema"}
"""Rule files are data of the domain: a loader there reads and checks them."""

ALLOWED = {
    "domain": {"domain", "errors", "settings"},
    "ports": {"domain", "errors", "settings"},
    "adapters": {"adapters", "domain", "errors", "files", "ports", "settings"},
    "pipeline": {"pipeline", "domain", "errors", "files", "ports", "settings"},
    "connections": {"adapters", "errors"},
    "orchestration": {"orchestration", "connections", "web", "pipeline", "adapters", "domain", "errors", "ports", "settings"},
    "web": {"web", "pipeline", "domain", "errors", "ports", "settings"},
    "settings": {"errors", "settings"},
    "errors": set(),
    "files": set(),
}
"""What a room of the package may import of the package. Rooms that are not named (cli, local) may import any but what is said below."""

AIRFLOW_ROOMS = {"orchestration"}
AIRFLOW_FREE = {"composition", "steps", "pools", "timeouts", "windows", "patterns", "alarms", "watch", "outage", "doctor", "__init__"}
"""Modules of orchestration that the command line uses too."""


def imports(path: Path) -> list[str]:
    """The dotted names that a file imports; ``from a import b`` counts as ``a.b``."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def room(path: Path) -> str:
    """The room of a module: its folder in the package, or its own name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if len(parts) > 1:
        return parts[0]
    return "cli" if parts[0].startswith(("cli", "__main__")) else "settings" if parts[0].startswith("settings_") else parts[0]


def own(name: str) -> str | None:
    """The room that a dotted name of the package lies in."""
    parts = name.split(".")
    if parts[0] != "ailog" or len(parts) == 1:
        return None
    if parts[1].startswith("settings_"):
        return "settings"
    return parts[1] if (PACKAGE / parts[1]).is_dir() or (PACKAGE / f"{parts[1]}.py").exists() else None


def wrong_imports(path: Path, place: str) -> list[str]:
    """What a module imports against the rules."""
    wrong = []
    for name in imports(path):
        top, target = name.split(".")[0], own(name)
        if target is not None and place in ALLOWED and target not in ALLOWED[place]:
            wrong.append(f"{name}: {place} may not import {target}")
        if target == "local" and place not in {"cli", "local"}:
            wrong.append(f"{name}: only the command line and tests import local")
        if target == "cli" or (target or "").startswith("cli_"):
            wrong += [] if place == "cli" else [f"{name}: nothing imports the command line"]
        if top in {"dags", "plugins"}:
            wrong.append(f"{name}: nothing imports {top}")
        if top == "airflow" and (place not in AIRFLOW_ROOMS or path.stem in AIRFLOW_FREE):
            wrong.append(f"{name}: only the edge of orchestration imports Airflow")
        if place == "domain" and top not in PURE | FILES_OF_RULES | sys.stdlib_module_names | {"ailog"}:
            wrong.append(f"{name}: the domain is pure")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    assert wrong_imports(path, room(path)) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("domain", "import psycopg"),
        ("domain", "from ailog.adapters.store import postgres"),
        ("pipeline", "from ailog.adapters.store.postgres import PostgresStore"),
        ("pipeline", "from airflow.sdk import task"),
        ("adapters", "from ailog.pipeline import plan"),
        ("adapters", "from ailog.local import postgres"),
        ("orchestration", "from ailog.cli import main"),
        ("orchestration", "import dags.regular_phase"),
        ("web", "from ailog.adapters.store.postgres import PostgresStore"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, place: str, line: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(line)
    assert wrong_imports(path, place)


CLOCKS_AND_PLACES = {
    "datetime.now",
    "datetime.today",
    "time.time",
    "time.monotonic",
    "open",
    "print",
    "os.environ.get",
    "os.getenv",
}


def test_the_domain_asks_no_clock_no_environment_and_no_terminal() -> None:
    found = []
    for path in sorted((PACKAGE / "domain").rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        found += [f"{path.name}:{call.lineno}" for call in calls if ast.unparse(call.func) in CLOCKS_AND_PLACES]
    assert found == []


def test_dags_and_plugins_import_the_product_only_through_its_edge() -> None:
    wrong = []
    for folder, rooms in (("dags", {"orchestration"}), ("plugins", {"orchestration", "web", "pipeline"})):
        for path in sorted((ROOT / folder).glob("*.py")):
            wrong += [f"{path.name}: {name}" for name in imports(path) if name.split(".")[0] == "ailog" and own(name) not in {*rooms, None}]
    assert wrong == []
