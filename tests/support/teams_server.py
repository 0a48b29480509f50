from __future__ import annotations

from ailog.local.teams import FLOW_LIMIT, Answer, TeamsServer, flaw

__all__ = ["FLOW_LIMIT", "Answer", "TeamsServer", "flaw"]
