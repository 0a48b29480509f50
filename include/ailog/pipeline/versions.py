"""Carries knowledge over to a new version of the algorithm: it runs over the stored specimens of the old one and fills the alias map.

What was known stays known: a fingerprint of the new version is read together with those of the old that its messages had.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import psycopg
import pyarrow as pa

from ailog.domain import fingerprint as algorithm
from ailog.domain.fingerprint import Miner, to_hex
from ailog.domain.overflow import OVERFLOW_TEMPLATE
from ailog.pipeline import families
from ailog.ports import Store
from ailog.settings import Settings

_SAMPLES: Final = 20
"""Further samples of a fingerprint that are looked at: one of the old version may be several in the new."""
_COLUMNS: Final = ("error_type", "message", "stack_trace")


def carry_over(store: Store, old_version: str, new_miner: Miner, *, now: datetime, actor: str = "ailog") -> dict[str, int]:
    """Links every fingerprint of ``old_version`` with those that ``new_miner`` gives to its stored messages.

    New fingerprints get a signature of their own (template of the new version; category, times and samples of the old), so that families
    are decided on them at once. Running it again changes nothing. The old rows and all facts stay as they are.

    Returns how many signatures were read, links and signatures added, and aliases written.
    """
    version = algorithm.ALGORITHM_VERSION
    with store.connection("carry fingerprints over to a new version") as connection:
        connection.execute(store.statement(families.LOCK))
        values = {"old": old_version, "new": version, "overflow": OVERFLOW_TEMPLATE, "samples": _SAMPLES}
        rows = connection.execute(store.statement("families/specimens"), values).fetchall()
        links: dict[tuple[str, str], bool] = {}
        signatures: dict[str, dict[str, Any]] = {}
        numbers = _encoded(new_miner, rows)
        for (old, *_, sample, specimen, first, last, main), number in zip(rows, numbers, strict=True):
            new = to_hex(number)
            links[old, new] = links.get((old, new), False) or main
            template = new_miner.templates[number]
            stored = signatures.setdefault(
                new,
                {
                    "fingerprint": new, "version": version, "error_type": template.error_type, "template": template.template,
                    "classified_like": old,
                    "first_seen": first, "last_seen": last, "sample": sample, "specimen": specimen if main else None,
                },
            )  # fmt: skip
            stored["first_seen"], stored["last_seen"] = min(stored["first_seen"], first), max(stored["last_seen"], last)
        added = _put(store, connection, "families/put_signature", list(signatures.values()))
        linked = _put(
            store, connection, "families/put_version",
            [{"old": o, "new": n, "old_version": old_version, "version": version, "main": m} for (o, n), m in sorted(links.items())],
        )  # fmt: skip
        linked += connection.execute(
            store.statement("families/put_older_versions"), {"old_version": old_version, "version": version}
        ).rowcount
        aliases = families.widen(store, connection, now)
        found = {"signatures": len({row[0] for row in rows}), "links": linked, "new_signatures": added, "aliases": aliases}
        if linked or added:
            detail = {**found, "old_version": old_version}
            families.audit(store, connection, actor=actor, action="families migrate", subject=version, detail=detail)
    return found


def outdated(store: Store) -> list[str]:
    """Versions with signatures that this version has no link to yet, sorted."""
    with store.connection("look for fingerprints of older versions") as connection:
        values = {"version": algorithm.ALGORITHM_VERSION, "overflow": OVERFLOW_TEMPLATE}
        return [str(row[0]) for row in connection.execute(store.statement("families/outdated"), values).fetchall()]


def bring_up_to_date(store: Store, settings: Settings, *, now: datetime, actor: str = "ailog") -> dict[str, dict[str, int]]:
    """Carries over every older version that is not yet; what was done, by version."""
    return {version: carry_over(store, version, Miner(settings.classification.in_app), now=now, actor=actor) for version in outdated(store)}


def _encoded(miner: Miner, rows: Sequence[tuple[Any, ...]]) -> list[int]:
    if not rows:
        return []
    columns = zip(*(row[1:4] for row in rows), strict=True)
    table = pa.table({name: pa.array(list(texts), pa.string()) for name, texts in zip(_COLUMNS, columns, strict=True)})
    return [int(number) for number in miner.encode(table)]


def _put(store: Store, connection: psycopg.Connection, name: str, rows: list[dict[str, Any]]) -> int:
    added = 0
    for row in rows:
        added += connection.execute(store.statement(name), row).rowcount
    return added
