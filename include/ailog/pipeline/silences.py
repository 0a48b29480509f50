"""Silences in the store: made, taken back and listed by people, with an audit of who did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from ailog.domain.masking import mask_text
from ailog.domain.silences import problems
from ailog.errors import ConfigError
from ailog.pipeline import families
from ailog.ports import Store
from ailog.settings import Settings


def add(store: Store, settings: Settings, values: Mapping[str, Any], *, actor: str, now: datetime) -> int:
    """Makes a silence and returns its number.

    ``values``: ``problem_key`` and ``namespace`` (patterns, ``*`` for any), ``fingerprints``, ``up_to``, ``owner``, ``reason``,
    ``expires_at``.

    Raises:
        ConfigError: with everything that is wrong with it; nothing is written.
    """
    asked = {**values, "reason": mask_text(values["reason"]), "fingerprints": sorted(values["fingerprints"])}
    if wrong := problems(asked, now, timedelta(days=settings.notify.silence_max_days)):
        raise ConfigError("no silence: " + "; ".join(wrong))
    with store.connection("store a silence") as connection:
        row = connection.execute(store.statement("silences/put_silence"), {**asked, "now": now}).fetchone()
        assert row is not None  # noqa: S101 - an insert that returns gives a row
        detail = {**asked, "expires_at": asked["expires_at"].isoformat()}
        families.audit(store, connection, actor=actor, action="silence add", subject=str(row[0]), detail=detail)
    return int(row[0])


def remove(store: Store, silence_id: int, *, actor: str, now: datetime) -> None:
    """Ends a silence now. Raises ConfigError when none of that number is in force."""
    with store.connection("remove a silence") as connection:
        values = {"silence_id": silence_id, "now": now}
        if connection.execute(store.statement("silences/remove_silence"), values).rowcount == 0:
            raise ConfigError(f"no silence {silence_id} is in force: 'ailog silence list' names them")
        families.audit(store, connection, actor=actor, action="silence remove", subject=str(silence_id), detail={})


def listed(store: Store, limit: int, now: datetime) -> list[dict[str, Any]]:
    """All silences, those in force first, with what became of them and how many incidents each hid."""
    with store.connection("list silences") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement("silences/list"), {"limit": limit, "now": now}).fetchall()
