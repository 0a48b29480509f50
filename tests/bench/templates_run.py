"""Templates of a file of messages in a process of its own: ``python -m tests.bench.templates_run TASK``.

The task is JSON: way (miner or drain), path (one JSON string a line). ``drain`` runs in an environment of its own, so this module
imports nothing of the product at the top.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.memory import peak_mb

_PAGE = 20_000
_PATIENCE_S = 240.0


def by_miner(messages: list[str]) -> tuple[int, int, float]:
    """The product's miner on pages of Arrow, as classify calls it."""
    import pyarrow as pa

    from ailog.domain.fingerprint import Miner

    pages = []
    for first in range(0, len(messages), _PAGE):
        part = messages[first : first + _PAGE]
        nothing = pa.nulls(len(part), pa.string())
        pages.append(pa.table({"message": pa.array(part, pa.string()), "error_type": nothing, "stack_trace": nothing}))
    miner = Miner()
    start = time.process_time()
    for page in pages:
        miner.encode(page)
    return len(messages), len(miner.templates), time.process_time() - start


_HEX, _DIGITS = "[0-9a-f]", "[0-9]"
_MASKS = {
    "ID": rf"{_HEX}{{2,}}(?::{_HEX}{{2,}}){{3,}}",
    "IP": rf"{_DIGITS}{{1,3}}(?:[.]{_DIGITS}{{1,3}}){{3}}",
    "SEQ": rf"(?:{_HEX}{{6,}} ?){{3,}}",
    "SEQ2": "(?:[0-9A-F]{4} ?){4,}",
    "HEX": "0x[0-9A-Fa-f]+",
    "NUM": rf"[+-]?{_DIGITS}+",
}
"""The kinds of values that Drain3's example configuration masks, each as a word of its own; its mask for one program's commands is left out."""


def drain_miner() -> Any:
    """Drain3 with masks and settings of its example configuration."""
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(f"(?<![A-Za-z0-9]){m}(?![A-Za-z0-9])", name) for name, m in _MASKS.items()]
    config.drain_sim_th, config.drain_depth, config.drain_max_clusters, config.drain_extra_delimiters = 0.4, 4, 1024, ["_"]
    return TemplateMiner(config=config)


def by_drain(messages: list[str]) -> tuple[int, int, float]:
    """Drain3; stops when it takes too long."""
    miner = drain_miner()
    start = time.process_time()
    done = 0
    for done, message in enumerate(messages, 1):
        miner.add_log_message(message)
        if done % 1000 == 0 and time.process_time() - start > _PATIENCE_S:
            break
    return done, len(miner.drain.clusters), time.process_time() - start


_WAYS: dict[str, Callable[[list[str]], tuple[int, int, float]]] = {"miner": by_miner, "drain": by_drain}


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Lines, templates, seconds of processor time, and memory in MiB: the peak, and before the work began."""
    with Path(task["path"]).open(encoding="utf-8") as file:
        messages = [json.loads(line) for line in file]
    before = peak_mb()
    lines, templates, seconds = _WAYS[task["way"]](messages)
    return {"lines": lines, "templates": templates, "seconds": seconds, "peak_mb": peak_mb(), "before_mb": before}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
