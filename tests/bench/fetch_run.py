"""Reading one index in a process of its own: ``python -m tests.bench.fetch_run TASK`` prints seconds and processor seconds.

The task is JSON: way (source or scan), url, index.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan
from tests.bench import documents
from tests.bench.pipeline_run import source_of
from tests.support.memory import peak_mb

from ailog.domain.events import WINDOW, Interval


def by_source(task: dict[str, Any]) -> int:
    """The product's source with all its checks: indices, counts, point in time, reconciliation; pages of columns."""
    _, source = source_of({"source": "elasticsearch", "where": [task["url"], task["index"]]})
    interval = Interval(documents.WINDOW, documents.WINDOW + WINDOW)
    try:
        return sum(len(page.refs) for page in source.fetch(interval, source.count(interval)))
    finally:
        source.close()


def by_scan(task: dict[str, Any]) -> int:
    """``helpers.scan`` at its default page, the same filter; each document is looked at and let go."""
    start, end = documents.WINDOW, documents.WINDOW + WINDOW
    span = {"range": {"@timestamp": {"gte": start.isoformat(), "lt": end.isoformat()}}}
    query = {"query": {"bool": {"filter": [span, {"terms": {"level": ["ERROR", "FATAL", "CRITICAL"]}}]}}}
    with Elasticsearch(task["url"], request_timeout=120) as client:
        return sum(1 for hit in scan(client, index=task["index"], query=query) if hit["_source"]["message"])


_WAYS: dict[str, Callable[[dict[str, Any]], int]] = {"source": by_source, "scan": by_scan}


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Events, seconds, processor seconds of all threads, and peak memory."""
    way = _WAYS[task["way"]]
    wall, cpu = time.perf_counter(), time.process_time()
    events = way(task)
    return {"events": events, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
