"""The page of the plugin is served by Airflow's own API server, and to nobody whom Airflow does not know."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient

from ailog.adapters.store.postgres import PostgresStore
from ailog.errors import StoreBusy
from ailog.local.postgres import Uris
from ailog.web import app as web
from ailog.web import page

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


@pytest.fixture(scope="module")
def server(airflow_home: Path) -> Iterator[TestClient]:
    from airflow.api_fastapi.app import create_app

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", secrets.token_hex(64))
        with TestClient(create_app()) as client:
            yield client


def token(role: str | None) -> str:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    return str(get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="somebody", role=role)))


@pytest.mark.airflow
class TestServer:
    def test_it_is_mounted(self, server: TestClient) -> None:
        assert server.get("/ailog/", headers={"Authorization": f"Bearer {token('viewer')}"}).status_code in {200, 503}

    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
    @pytest.mark.parametrize("path", ["/ailog/", "/ailog/docs", "/ailog/openapi.json", "/ailog/x"])
    def test_an_anonymous_caller_gets_nothing(self, server: TestClient, method: str, path: str) -> None:
        answer = server.request(method, path, follow_redirects=False)
        assert answer.status_code in ({401} if (method, path) == ("GET", "/ailog/") else {401, 404, 405})

    def test_a_forged_token_gets_nothing(self, server: TestClient) -> None:
        assert server.get("/ailog/", headers={"Authorization": "Bearer x.y.z"}).status_code in {401, 403}
        assert server.get("/ailog/", cookies={"_token": "x.y.z"}).status_code in {401, 403}

    def test_someone_without_a_role_gets_nothing(self, server: TestClient) -> None:
        assert server.get("/ailog/", headers={"Authorization": f"Bearer {token(None)}"}).status_code == 403


def refuse() -> None:
    raise HTTPException(401)


def test_every_route_asks_who_is_there(database: Uris) -> None:
    app = web.build(refuse, lambda: opened(database), lambda: datetime.now(UTC))
    with TestClient(app) as client:
        for route in app.routes:
            assert client.get(route.path).status_code == 401  # type: ignore[attr-defined]
    assert [route.path for route in app.routes] == ["/"]  # type: ignore[attr-defined]


def test_the_page_of_an_empty_database_is_whole(database: Uris) -> None:
    app = web.build(lambda: None, lambda: opened(database), lambda: datetime(2026, 3, 10, 12, tzinfo=UTC))
    with TestClient(app) as client:
        answer = client.get("/")
    assert answer.status_code == 200, answer.text
    assert "2026-03-09 12:00 to 2026-03-10 12:00 UTC: 0 windows complete" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_database_that_does_not_answer_is_a_503_in_a_sentence() -> None:
    def broken() -> Any:
        raise StoreBusy("could not connect: <script>")

    with TestClient(web.build(lambda: None, broken, lambda: datetime.now(UTC))) as client:
        answer = client.get("/")
    assert answer.status_code == 503
    assert "could not connect: &lt;script&gt;" in answer.text


def test_text_of_logs_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>'\""
    incident = {
        "opened_window": datetime(2026, 3, 10, tzinfo=UTC), "namespace": evil, "severity": evil, "score": 80.0, "status": evil, "event_count": 1000,
        "flags": [evil], "problem_key": evil, "reason": evil, "sample": evil,
    }  # fmt: skip
    run = {
        "window_from": datetime(2026, 3, 10, tzinfo=UTC), "kind": evil, "status": evil, "error": evil, "windows": 1, "expected": None, "fetched": 1,
        "rejected": 0, "stored": 1, "incidents": 1,
    }  # fmt: skip
    windows = {"complete": 1, "partial": 0, "failed": 0, "expected": 1, "stored": 1}
    html = page.overview({"since": None, "until": None, "incidents": [incident], "runs": [run], "windows": windows})
    assert "<img" not in html
    assert html.count("&lt;img") == 12


def test_airflow_executes_one_uniquely_named_file() -> None:
    rules = (PLUGINS / ".airflowignore").read_text(encoding="utf-8").splitlines()
    assert [line for line in rules if line and not line.startswith("#")] == ["*.py", "!ailog_plugin.py"]
    assert [path.name for path in PLUGINS.rglob("*.py")] == ["ailog_plugin.py"]


@contextmanager
def opened(uris: Uris) -> Iterator[PostgresStore]:
    yield PostgresStore(uris.app)
