"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o640


def replace_whole(path: Path, data: bytes) -> None:
    """Writes under a temporary name in the same folder, flushes to disk and renames: a reader sees the old file or the new one.

    Raises OSError; the temporary file is gone then.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(_MODE)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
