"""Tables of counts out of CSV and parquet files, and which files of a folder hold what."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from ailog.errors import ConfigError

COUNTS = (".csv", ".csv.gz", ".parquet")
LOGS = (".ndjson", ".ndjson.gz", ".ndjson.zst", ".jsonl", ".jsonl.gz", ".jsonl.zst")


def sort_out(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """The files of counts and the files of log records under the given files and folders, sorted.

    Raises:
        ConfigError: for a path that is not there, a file of neither kind, or a folder without any.
    """
    counts: list[Path] = []
    logs: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ConfigError(f"there is no file or folder {path}")
        files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        found = [one for one in files if one.name.lower().endswith(COUNTS + LOGS)]
        if not found:
            raise ConfigError(f"{path} holds nothing to import: counts end in {', '.join(COUNTS)}, log records in {', '.join(LOGS)}")
        for one in found:
            (counts if one.name.lower().endswith(COUNTS) else logs).append(one)
    return counts, logs


def read(path: Path) -> pd.DataFrame:
    """The table of a file; values of CSV are text. Raises ConfigError when the file is not what its name says."""
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ConfigError(f"{path} cannot be read as a table: {' '.join(str(error).split())}") from error
