"""A page with the incidents and the ledger of the last 24 hours. Every route asks the given dependency who is there first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from ailog.errors import AilogError
from ailog.pipeline import reading
from ailog.ports import Clock, Store
from ailog.web import page

SPAN: Final = timedelta(hours=24)
_MOST = 200
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def build(allowed: Callable[..., Any], open_store: Callable[[], AbstractContextManager[Store]], clock: Clock) -> FastAPI:
    """The application. ``allowed`` is the dependency that raises for whoever may not read; it guards every route, and there are no others.

    Its own documentation routes are off: they would be served to anybody.
    """
    app = FastAPI(title="AI Log Analyzer", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(allowed)])

    @app.exception_handler(AilogError)
    def failed(_request: Request, error: Exception) -> Response:
        return HTMLResponse(page.failure(str(error)), status_code=503, headers=_HEADERS)

    @app.get("/")
    def overview() -> Response:
        """The page."""
        return HTMLResponse(page.overview(_read(open_store, clock())), headers=_HEADERS)

    return app


def _read(open_store: Callable[[], AbstractContextManager[Store]], now: datetime) -> dict[str, Any]:
    span = reading.Span(now - SPAN, now)
    with open_store() as store:
        incidents = reading.incidents(store, span, limit=_MOST)
        ledger = reading.ledger(store, span, limit=_MOST)
    return {"since": span.since, "until": span.until, "incidents": incidents, **ledger}
