"""SQL statements by name: one statement a file under sql/, values bound by the driver."""

from __future__ import annotations

from functools import cache

from ailog.errors import ConfigError
from ailog.settings import PACKAGE_ROOT

SQL_ROOT = PACKAGE_ROOT / "sql"


@cache
def load(name: str) -> str:
    """The text of ``sql/<name>.sql``; raises ConfigError when the installation lacks it."""
    path = SQL_ROOT / f"{name}.sql"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the statement {path} cannot be read ({error.strerror}): the installation is incomplete") from error
