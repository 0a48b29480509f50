"""The product's page inside Airflow's API server: who may read the runs of ``regular_phase`` may read the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Final

from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import FastAPI

from ailog import settings
from ailog.orchestration.composition import Composition
from ailog.orchestration.connections import connect
from ailog.ports import Store
from ailog.web.app import build

DAG_ID: Final = "regular_phase"
_STATEMENT_SECONDS = 30


@cache
def application() -> FastAPI:
    """The application, built once, behind Airflow's login: 401 without one, 403 without the right to read the DAG."""
    return build(requires_access_dag(method="GET", param_dag_id=DAG_ID), _store, _now)


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _store() -> Iterator[Store]:
    with closing(Composition(settings.load(), connect).store_within(_STATEMENT_SECONDS, "ailog page")) as store:
        yield store
