"""Airflow's connections as the product's own."""

from __future__ import annotations

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from ailog.connections import Connection, missing, parse_extra


def connect(conn_id: str) -> Connection:
    """Looks a connection up in Airflow: environment, secrets backend or database; raises ConfigError when it is nowhere."""
    try:
        found = BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise missing(conn_id) from None
    return Connection(
        conn_id=conn_id,
        conn_type=found.conn_type or "",
        host=found.host or "",
        port=found.port,
        login=found.login or "",
        password=found.password or "",
        schema=found.schema or "",
        extra=parse_extra(conn_id, found.extra),
    )
