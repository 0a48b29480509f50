"""A variable of Airflow as a memory beside the product's database."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from airflow.sdk import Variable
from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError

from ailog.orchestration.outage import Memory

log = logging.getLogger(__name__)

VARIABLE: Final = "ailog_database_outage"
_UNREACHABLE: Final = (AirflowException, AirflowRuntimeError, OSError, RuntimeError)


@dataclass(frozen=True, slots=True)
class VariableMemory:
    """Keeps the text in a variable, which every worker sees; in the other memory where Airflow does not take it."""

    otherwise: Memory

    def read(self) -> str:
        """See ``Memory``."""
        try:
            return str(Variable.get(VARIABLE, default="")) or self.otherwise.read()
        except _UNREACHABLE as error:
            log.warning("the variable %s cannot be read (%s)", VARIABLE, type(error).__name__)
            return self.otherwise.read()

    def write(self, text: str) -> None:
        """See ``Memory``."""
        try:
            if text:
                Variable.set(VARIABLE, text, description="AI Log Analyzer: since when its database cannot be used")
            else:
                Variable.delete(VARIABLE)
        except _UNREACHABLE as error:
            log.warning("the variable %s cannot be written (%s)", VARIABLE, type(error).__name__)
            self.otherwise.write(text)
            return
        self.otherwise.write("")
