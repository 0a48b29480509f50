"""Names a problem: ``CATEGORY:flow:error_class``, by the one function that storage, reports and alerts share."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ailog.domain.template_words import word_set

UNKNOWN_FLOW: Final = "unknown"

_SPLIT: Final = re.compile(r"[-_.\s/]+")
_STAGES: Final = frozenset(
    {"dev", "fat", "sit", "uat", "test", "tst", "int", "qa", "stage", "staging", "preprod", "prod", "prd", "perf", "demo"}
)
_TECHNICAL: Final = word_set(
    """
    app apps application service services svc srv api apis rest grpc soap web ws gw backend be frontend fe server client worker job cron
    batch consumer producer listener adapter connector impl core common base main module system platform microservice ms bff bl ts k8s
    ns namespace deployment pod container java spring boot node dotnet net python py go
    """
)
_VERSION: Final = re.compile(r"v?\d+(?:\d|x)*\Z|[0-9a-f]{8,}\Z")
_WORD: Final = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=65_536)
def flow_of(app: str, namespace: str) -> str:
    """The business flow of an application: the first two telling parts of its name, joined by ``_``.

    Stages, versions, numbers and technical words (service, api, worker ...) tell nothing and are dropped. An application whose
    name holds nothing else gives its first part; without an application the namespace is used; without both ``unknown``.

    >>> flow_of("card-servicing-api-v1", "pcb-sit-01-app")
    'card_servicing'
    """
    for name in (app, namespace):
        parts = [p for p in _SPLIT.split(name.strip().lower()) if p]
        telling = [p for p in parts if p not in _TECHNICAL and p not in _STAGES and not _VERSION.match(p)]
        chosen = telling[:2] or [p for p in parts if not _VERSION.match(p)][:1]
        flow = "_".join(filter(None, (_WORD.sub("", p) for p in chosen)))
        if flow:
            return flow
    return UNKNOWN_FLOW


@lru_cache(maxsize=65_536)
def problem_key(category: str, flow: str, error_class: str) -> str:
    """``CATEGORY:flow:error_class``: the category in capitals, the others in lower case, each made of ``[a-z0-9_]`` alone.

    Raises ValueError when a part is empty: a key with a hole would join problems that have nothing in common.
    """
    parts = [_WORD.sub("_", part.strip().lower()).strip("_") for part in (category, flow, error_class)]
    for name, part, given in zip(("category", "flow", "error class"), parts, (category, flow, error_class), strict=True):
        if not part:
            raise ValueError(f"the {name} {given!r} of a problem has no letter or digit: give a word, or 'unknown'")
    return f"{parts[0].upper()}:{parts[1]}:{parts[2]}"
