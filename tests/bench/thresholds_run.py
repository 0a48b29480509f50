"""One training in a process of its own: fills a year of totals, trains, prints JSON."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.figures import child
from tests.support.memory import peak_mb

from ailog.adapters.store.postgres import PostgresStore
from ailog.pipeline.thresholds import train_thresholds
from ailog.settings import load

END = datetime(2026, 11, 22, tzinfo=UTC)
WEEKS = (4, 52)
_FILL = """
INSERT INTO ailog_peak.namespace_error_counts (window_start, namespace, run_id, count, document_count, complete)
SELECT w, 'pcb-sit-' || lpad(n::text, 3, '0') || '-app', '00000000-0000-0000-0000-000000000000',
    (n %% 40) * (1 + extract(hour FROM w)::int / 6) + (hashint8(extract(epoch FROM w)::bigint / 900 * 1000 + n) & 7), 1000,
    (hashint8(n + extract(epoch FROM w)::bigint) & 255) > 0
FROM generate_series(%(start)s, %(end)s - interval '15 minutes', interval '15 minutes') AS w CROSS JOIN generate_series(1, %(n)s) AS n
"""
_SQL = """
SELECT namespace, extract(isodow FROM window_start AT TIME ZONE 'UTC'), percentile_disc(0.93) WITHIN GROUP (ORDER BY count), avg(count)
FROM ailog_peak.namespace_error_counts WHERE window_start >= %(start)s AND window_start < %(end)s AND complete GROUP BY 1, 2
"""


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Fills the totals, or trains once when ``weeks`` is given (a process each, so that each has its own peak)."""
    store = PostgresStore(task["store"], statement_timeout_s=3000)
    if "weeks" in task:
        settings = load()
        started = time.perf_counter()
        trained = train_thresholds(store, settings, as_of=END, weeks=task["weeks"])
        return {
            "seconds": time.perf_counter() - started,
            "peak_mb": peak_mb(),
            "rows": trained["windows_used"] + sum(trained["windows_dropped"].values()),
        }
    span = {"start": END - timedelta(weeks=max(WEEKS)), "end": END, "n": task["namespaces"]}
    with store.connection("fill") as connection:
        connection.execute("SELECT ailog_peak.ensure_partitions(%(start)s, %(end)s)", span)
        filled = connection.execute(_FILL, span).rowcount
    trained = {}
    for weeks in WEEKS:
        trained[weeks] = child("tests.bench.thresholds_run", {**task, "weeks": weeks}, seconds=3000)
        with store.connection("by SQL alone") as connection:
            started = time.perf_counter()
            connection.execute(_SQL, {"start": END - timedelta(weeks=weeks), "end": END}).fetchall()
            trained[weeks]["sql"] = time.perf_counter() - started
    return {"rows": filled, "trained": trained}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
