"""Adds the page of the AI Log Analyzer to Airflow's navigation.

Every component of Airflow executes this file, each task included, so it loads nothing: the page is built when it is first asked for.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin


async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The page as an ASGI application."""
    from ailog.orchestration.web_access import application  # noqa: PLC0415

    await application()(scope, receive, send)


class AilogPlugin(AirflowPlugin):
    """The page under /ailog, behind Airflow's login."""

    name = "ailog"
    fastapi_apps = [{"name": "AI Log Analyzer", "app": page, "url_prefix": "/ailog"}]  # noqa: RUF012 - the form that Airflow reads
    external_views = [  # noqa: RUF012
        {"name": "AI Log Analyzer", "href": "ailog/", "destination": "nav", "category": "browse", "url_route": "ailog"}
    ]
