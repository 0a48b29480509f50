"""Results of statements as data frames, and data frames into staging: for the small tables of a run, never for events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from ailog.ports import Store


def read(store: Store, connection: psycopg.Connection, name: str, values: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of the statement ``name``; a result without rows has its columns too. Times are aware and in UTC."""
    with connection.cursor() as cursor:
        cursor.execute(store.statement(name), values)
        columns = [column.name for column in cursor.description or ()]
        types = [column.type_code for column in cursor.description or ()]
        frame = pd.DataFrame(cursor.fetchall(), columns=columns)
    for column, oid in zip(columns, types, strict=True):
        if oid == _TIMESTAMPTZ:
            frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
        elif oid in _INTEGERS and frame[column].isna().any():
            frame[column] = frame[column].astype("Int64")
    return frame


def write(connection: psycopg.Connection, table: str, frame: pd.DataFrame, columns: Sequence[str]) -> int:
    """Copies the columns of a frame into ``schema.table``; dictionaries and lists of dictionaries become JSON. Returns the rows written."""
    schema, name = table.split(".")
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(schema, name), sql.SQL(", ").join(map(sql.Identifier, columns)))
    ready = [_column(frame[column]) for column in columns]
    with connection.cursor() as cursor, cursor.copy(target) as copy:
        for row in zip(*ready, strict=True):
            copy.write_row(row)
    return len(frame)


_TIMESTAMPTZ = 1184
_INTEGERS = {20, 21, 23}


def _column(column: pd.Series) -> list[Any]:
    """Its values as the driver takes them, None for whatever is missing."""
    values = column.astype(object).where(column.notna(), None).tolist()
    if column.dtype.kind in "biuf":
        return values
    known: dict[Any, Any] = {}
    if column.dtype.kind == "M":  # few distinct windows stand for many rows
        return [None if value is None else known.setdefault(value, value.to_pydatetime()) for value in values]
    return [value if value is None or isinstance(value, str) else _plain(value) for value in values]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value
