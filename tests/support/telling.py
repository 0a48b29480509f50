"""A small world for tests of messages: a day of incidents, runs window by window, and what people got."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.pipeline import event, files_settings, moment, rows, run, write_ndjson

from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.events import WINDOW, Interval
from ailog.settings import Settings

START = moment("2026-03-10 08:00")
NAMESPACE = "pcb-sit-01-app"
APPS = ("orders", "billing", "mail", "stock", "search", "users", "rates", "files", "gate", "audit")
_WORDS = (
    "Ledger does not answer", "Disk of the archive is full", "Token of the partner expired", "Queue of invoices is blocked",
    "Certificate is not trusted", "Stock level is negative", "Template of the letter is missing", "Rate table has no row",
)  # fmt: skip


def told_settings(path: Path, **notify: Any) -> Settings:
    """Settings that read one file of the folder and tell on these channels."""
    settings = files_settings(path / "a.ndjson")
    values = settings.notify.model_dump() | {"channels": ["file"]}
    values["file"] |= {"directory": str(path / "out")}
    values["teams"] |= {"pace_seconds": 0, "timeout_seconds": 2}
    values["email"] |= {"sender": "ailog@example.org", "recipients": ["team@example.org"], "timeout_seconds": 2}
    return settings.model_copy(update={"notify": type(settings.notify).model_validate(values | notify)})


def errors(window: int, count: int, *, kind: int = 0, namespace: str = NAMESPACE, app: str = "orders", **more: Any) -> list[dict[str, Any]]:
    """Events of one kind, spread over the window that begins so many windows after the start."""
    first = START + window * WINDOW
    text = _WORDS[kind % len(_WORDS)] + (f" in part {chr(97 + kind // len(_WORDS))}x" if kind >= len(_WORDS) else "")
    return [event(first + timedelta(seconds=i * 880 / count), f"{text} {i}", namespace=namespace, app=app, **more) for i in range(count)]


def quiet(window: int, namespace: str = NAMESPACE) -> list[dict[str, Any]]:
    """The few errors of an ordinary window."""
    return errors(window, 2, kind=7, namespace=namespace, app="noise")


def analyse(
    store: PostgresStore, settings: Settings, path: Path, documents: Sequence[dict[str, Any]], windows: range, **options: Any
) -> None:
    """Runs the windows one by one, each as soon as it is over."""
    write_ndjson(path / "a.ndjson", documents)
    for window in windows:
        end = START + (window + 1) * WINDOW
        run(store, settings, Interval(end - WINDOW, end), now=end + timedelta(minutes=1), **options)


def bodies(store: PostgresStore, channel: str = "file") -> list[dict[str, Any]]:
    """The bodies of the messages of a channel, oldest first."""
    statement = "SELECT body FROM ailog_peak.outbox WHERE channel = %s AND kind IN ('digest', 'summary') ORDER BY created_at, message_id"
    return [body for (body,) in rows(store, statement, (channel,))]


def stages(store: PostgresStore, namespace: str = NAMESPACE) -> list[str]:
    """The stages of the decisions about a namespace, in the order of windows."""
    statement = "SELECT stage FROM ailog_peak.notice_decisions WHERE namespace = %s ORDER BY window_from, problem_key, channel"
    return [stage for (stage,) in rows(store, statement, (namespace,))]


def window_end(window: int) -> datetime:
    """When a window is over."""
    return START + (window + 1) * WINDOW
