"""Runs one command of ``ailog`` in a process of its own and sends SIGKILL at its n-th word to the database: to itself, or to the server.

``python -m tests.support.killable_command N VICTIM ARGUMENT ...`` prints how many words there were; VICTIM is a process, 0 this one.
"""

from __future__ import annotations

import sys

from tests.support.killable import Counter

from ailog.cli import main

if __name__ == "__main__":
    fatal, victim, *arguments = sys.argv[1:]
    with Counter(int(fatal), int(victim)) as counter:
        status = main(arguments)
    print(f"words {counter.seen}")
    sys.exit(status)
