"""Groups of Drain3 for streams of lines, in an environment of its own: ``python -m tests.bench.grouping_drain TASK``.

The task is JSON: path (a file with a JSON object, name -> lines) and out (where name -> cluster of each line is written). Each stream
gets a new miner; every line is asked again once all were learnt, so that what a line was called at first does not count against it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.bench.templates_run import drain_miner


def clusters(lines: list[str]) -> list[int]:
    """The cluster of each line after all lines were learnt; 0 for a line that matches none."""
    miner = drain_miner()
    for line in lines:
        miner.add_log_message(line)
    found = []
    for line in lines:
        cluster = miner.match(line)
        found.append(cluster.cluster_id if cluster else 0)
    return found


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Writes the clusters and returns how many streams there were."""
    streams: dict[str, list[str]] = json.loads(Path(task["path"]).read_text(encoding="utf-8"))
    Path(task["out"]).write_text(json.dumps({name: clusters(lines) for name, lines in streams.items()}), encoding="utf-8")
    return {"streams": len(streams)}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
