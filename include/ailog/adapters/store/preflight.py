"""What the application role must find before anything runs."""

from __future__ import annotations

from ailog.adapters.store.migrations import pending
from ailog.adapters.store.postgres import PostgresStore
from ailog.errors import AilogError

_READ_ONLY = {"schema_migrations"}
_APPEND_ONLY = {"audit_log", "family_decisions", "fingerprint_aliases", "threshold_snapshot_runs", "threshold_snapshot_values"}


def preflight(store: PostgresStore) -> list[str]:
    """Everything that is missing, one sentence each with its remedy; empty when the store is ready."""
    try:
        with store.connection("check the store") as connection:
            missing = pending(connection)
            if missing:
                return [f"the schema lacks {', '.join(missing)}: run 'ailog migrate' with the owner's connection"]
            rows = connection.execute(store.statement("ledger/privileges")).fetchall()
            problems = []
            for schema, table, role, readable, insertable, updatable, deletable in rows:
                wanted = {"SELECT": readable}
                if table not in _READ_ONLY:
                    wanted["INSERT"] = insertable
                    if table not in _APPEND_ONLY:
                        wanted |= {"UPDATE": updatable, "DELETE": deletable}
                lacking = [right for right, held in wanted.items() if not held]
                if lacking:
                    problems.append(
                        f"role {role} lacks {', '.join(lacking)} on {schema}.{table}: run 'ailog grant' with the owner's connection"
                    )
            return problems
    except AilogError as error:
        return [str(error)]
