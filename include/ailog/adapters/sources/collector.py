"""Keeping Python's collector of reference cycles out of the parsing of pages.

A parsed page is tens of thousands of dictionaries without a single cycle. The collector walks over them again and again while they
are made, which more than doubles the processor time of an event (measured: 16 µs with, 6.5 µs without). Reference counting frees
them as ever.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_paused = 0
_was_enabled = False


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pauses the collector for the whole process; may be nested and used by several threads, the last one out resumes it."""
    global _paused, _was_enabled
    with _lock:
        if _paused == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _paused += 1
    try:
        yield
    finally:
        with _lock:
            _paused -= 1
            if _paused == 0 and _was_enabled:
                gc.enable()
