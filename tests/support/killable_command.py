"""Runs commands of ``ailog`` in processes of their own, each of which SIGKILL meets at its n-th word to the database: the process itself,
or the server.

``python -m tests.support.killable_command`` loads everything once. Each line of its input is JSON: fatal (n, 0 never), victim (a process, 0
the one that runs the command), arguments, environment, output (a file for what it says). It answers each with the status of the process.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tests.support.killable import Counter

from ailog.cli import main


def run(task: dict[str, Any]) -> int:
    """The command in a fork; its status, negative for a signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 70
    try:
        os.environ |= task["environment"]
        output = os.open(task["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        with Counter(task["fatal"], task["victim"]) as counter:
            status = main(task["arguments"])
        print(f"words {counter.seen}")
        sys.stdout.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)
