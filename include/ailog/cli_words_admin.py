"""Words of the commands about the installation."""

from __future__ import annotations

from typing import Final

from ailog.cli_words import Command

COMMANDS: Final = (
    Command("validate", "cli_admin:validate", "Check the configuration files: every mistake at once.", ("ailog validate",), ("json",)),
    Command("migrate", "cli_admin:migrate", "Bring schema and grants up to date.", ("ailog migrate",), ("json",)),
    Command("grant", "cli_admin:grant", "Grant the application role its rights; say what is missing.", ("ailog grant",), ("json",)),
    Command("check", "cli_admin:check", "Say what is not ready: settings, connections, schema, rights.", ("ailog check",), ("json",)),
)
