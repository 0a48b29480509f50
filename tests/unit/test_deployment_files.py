"""The files for Docker and Astro say the same as the product: pools, versions, connections; and they hold no password."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ailog.connections import variable
from ailog.orchestration.pools import POOLS
from ailog.settings import load

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]


def test_astro_makes_the_pools_that_the_dags_name() -> None:
    made = yaml.safe_load((ROOT / "airflow_settings.yaml").read_text(encoding="utf-8"))["airflow"]["pools"]
    assert {pool["pool_name"]: (pool["pool_slot"], pool["pool_description"]) for pool in made} == POOLS


def test_image_and_requirements_name_one_version_of_airflow() -> None:
    pinned = re.search(r"^apache-airflow==(\S+)$", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned is not None
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"-{pinned[1]}-python" in docker
    assert f"apache-airflow=={pinned[1]}" in docker


def test_every_password_comes_from_the_environment() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD$|SECRET|FERNET", key):
                assert str(value).startswith("${"), f"{name}: {key}"
            assert not re.search(r"://[^:/]+:(?!\$\{)[^@/]*@", str(value)), f"{name}: {key}"


def test_example_of_env_lists_every_variable_that_compose_asks_for() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked == listed


def test_containers_have_the_connections_that_the_settings_name() -> None:
    connections = load().connections
    assert variable(connections.store) in SERVICES["airflow-scheduler"]["environment"]
    assert variable(connections.store_owner) in SERVICES["airflow-init"]["environment"]
    assert variable(connections.store_owner) not in SERVICES["airflow-scheduler"]["environment"]


def test_scripts_can_be_executed() -> None:
    for script in (".ci/run", ".ci/setup"):
        assert (ROOT / script).stat().st_mode & 0o111
