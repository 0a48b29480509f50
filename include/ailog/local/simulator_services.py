"""What the simulated landscape consists of: families, services that call each other, and the messages they log.

Messages are texts with tokens: ``<int 1 9>``, ``<pick a|b>``, ``<amount>``, ``<uuid>``, ``<hex>``, ``<date>``, ``<ms>``, ``<ip>``.
A message with its tokens compiles to one printf format and a few vectorised columns, so that a million documents cost a million
``%`` operations and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import orjson
import yaml

Flavour = Literal["java", "dotnet", "node"]
Column = Callable[[np.random.Generator, int], list[Any]]


@dataclass(frozen=True, slots=True)
class Service:
    """An application: who calls it (None: nobody, an edge or a batch) and how it logs."""

    name: str
    caller: str | None
    flavour: Flavour
    version: str
    flat: bool = False
    """Dotted keys instead of nested objects."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault that starts in one service. ``weight`` is its share of the family's ordinary errors (0: only when injected)."""

    service: str
    weight: float
    exception: str
    message: str
    http_status: int | None = None
    reach: float = 0.0
    """The chance that the error also surfaces in each next caller up the chain."""
    level: str = "ERROR"


def _services(rows: str) -> tuple[Service, ...]:
    found = []
    for row in rows.strip().splitlines():
        name, caller, flavour, version, *rest = row.split()
        found.append(Service(name, None if caller == "-" else caller, flavour, version, flat="flat" in rest))  # type: ignore[arg-type]
    return tuple(found)


def _catalogue() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("simulator_catalogue.yaml").read_text(encoding="utf-8"))
    return loaded


_CATALOGUE: Final = _catalogue()
SERVICES: Final = {name: _services(entry["services"]) for name, entry in _CATALOGUE.items()}
KINDS: Final = {name: tuple(Kind(**kind) for kind in entry["kinds"]) for name, entry in _CATALOGUE.items()}

_FRAMES: Final[dict[Flavour, str]] = {
    "java": (
        "{exception}: {head}\n\tat {package}.{cls}Handler.process({cls}Handler.java:{a})\n"
        "\tat {package}.{cls}Service.call({cls}Service.java:{b})\n"
        "\tat org.springframework.web.method.support.InvocableHandlerMethod.invokeForRequest(InvocableHandlerMethod.java:150)\n"
        "\tat java.base/java.lang.Thread.run(Thread.java:1583)"
    ),
    "dotnet": (
        "{exception}: {head}\n   at {package}.{cls}Handler.HandleAsync(Request request) in /src/{cls}/{cls}Handler.cs:line {a}\n"
        "   at {package}.{cls}Service.InvokeAsync(CancellationToken token) in /src/{cls}/{cls}Service.cs:line {b}\n"
        "   at Microsoft.AspNetCore.Mvc.Infrastructure.ControllerActionInvoker.InvokeNextActionFilterAsync()"
    ),
    "node": (
        "{exception}: {head}\n    at {cls}Handler.process (/app/dist/{file}/handler.js:{a}:17)\n"
        "    at {cls}Service.call (/app/dist/{file}/service.js:{b}:9)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)"
    ),
}
_WRAPPERS: Final[dict[Flavour, tuple[str, str]]] = {
    "java": (
        "{package}.DownstreamCallException",
        "Call of {callee} failed with 503 Service Unavailable: GET http://{callee}:8080/v1/items/<int 1000 999999>, <ms> ms",
    ),
    "dotnet": ("{package}.RemoteServiceException", "Request <uuid> to {callee} ended with status 502 (Bad Gateway) after <ms> ms"),
    "node": ("UpstreamError", "upstream {callee} answered 502 in <ms> ms, request <hex>"),
}
"""What a caller logs when the error of its callee reaches it."""

_INFO: Final[dict[Flavour, str]] = {
    "java": "Completed <pick GET|POST|PUT> /v1/items/<int 1000 999999> with 200 in <ms> ms",
    "dotnet": "Request finished HTTP/1.1 <pick GET|POST> /api/items/<int 1000 999999> - 200 in <ms> ms",
    "node": "<pick get|post> /items/<int 1000 999999> 200 <ms> ms",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A document as a printf format of one line of JSON.

    ``slots`` says what fills the format, in its order: ``time``, ``namespace``, ``trace_high``, ``trace_low``, ``span``, ``parent``, or the
    position of one of ``columns``, the variable parts of the message (which may come twice: in the message and in the stack trace).
    """

    format: str
    slots: tuple[str | int, ...]
    columns: tuple[Column, ...]
    nanoseconds: bool
    """Whether the service writes its time to the nanosecond; the others write milliseconds."""

    def render(self, rng: np.random.Generator, common: dict[str, list[Any]], distinct: int = 0) -> list[str]:
        """One line for each value of the ``common`` columns, with at most ``distinct`` different messages when that is above 0."""
        count = len(common["time"])
        drawn = [column(rng, distinct or count) for column in self.columns]
        if distinct:
            drawn = [(values * (count // distinct + 1))[:count] for values in drawn]
        return [
            self.format % row for row in zip(*(drawn[slot] if isinstance(slot, int) else common[slot] for slot in self.slots), strict=True)
        ]


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def _stack(service: Service, exception: str, message: str) -> str:
    seed = sum(exception.encode())
    package = (
        exception.rpartition(".")[0]
        if "." in exception and not exception.startswith(("java.", "org.", "io.", "System.", "Microsoft."))
        else ""
    )
    return _FRAMES[service.flavour].format(
        exception=exception,
        head=message,
        package=package or "app." + service.name.replace("-", "."),
        cls=_camel(service.name),
        file=service.name,
        a=20 + seed % 180,
        b=40 + seed % 77,
    )


def _keys(service: Service, fields: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as they are, or as nested objects."""
    if service.flat:
        return fields
    nested: dict[str, Any] = {}
    for name, value in fields.items():
        head, _, tail = name.partition(".")
        if tail:
            nested.setdefault(head, {})[tail] = value
        else:
            nested[name] = value
    return nested


_MARKS: Final[dict[str, tuple[str, ...]]] = {
    "time": ("time",),
    "namespace": ("namespace",),
    "trace": ("trace_high", "trace_low"),
    "span": ("span",),
    "parent": ("parent",),
}
_MARK_FORMATS: Final = {"time": "%s", "namespace": "%s", "trace": "%016x%016x", "span": "%016x", "parent": "%016x"}
_TOKEN: Final = re.compile(r"<(int|pick|amount|uuid|hex|date|ms|ip)(?: ([^<>]*))?>")
_PLACE: Final = re.compile(r"<@(\w+)>|<#(\d+)>")


def _line(service: Service, level: str, message: str, exception: str | None, status: int | None) -> Line:
    specs: list[str] = []
    places: list[list[int]] = []
    columns: list[Column] = []

    def number(found: re.Match[str]) -> str:
        spec, made = _token(found[1], found[2] or "")
        specs.append(spec)
        places.append(list(range(len(columns), len(columns) + len(made))))
        columns.extend(made)
        return f"<#{len(specs) - 1}>"

    message = _TOKEN.sub(number, message)
    fields: dict[str, Any] = {
        "@timestamp": "<@time>", "level": level, "message": message, "kubernetes.namespace": "<@namespace>",
        "application.name": service.name, "application.version": service.version, "traceId": "<@trace>", "spanId": "<@span>",
    }  # fmt: skip
    if service.caller is not None:
        fields["parentId"] = "<@parent>"
    if exception is not None:
        fields |= {"exception.type": exception, "stack_trace": _stack(service, exception, message)}
    if status is not None:
        fields["http.status_code"] = status
    slots: list[str | int] = []

    def place(found: re.Match[str]) -> str:
        if found[1]:
            slots.extend(_MARKS[found[1]])
            return _MARK_FORMATS[found[1]]
        slots.extend(places[int(found[2])])
        return specs[int(found[2])]

    text = orjson.dumps(_keys(service, fields)).decode().replace("%", "%%")
    return Line(_PLACE.sub(place, text), tuple(slots), tuple(columns), nanoseconds=service.flavour == "java")


def _integers(low: int, high: int) -> Column:
    """Whole numbers from ``low`` up to, and without, ``high``."""
    kind = np.uint64 if high > 2**62 else np.int64
    return lambda rng, n: rng.integers(low, high, n, dtype=kind).tolist()


def _choices(words: Sequence[str]) -> Column:
    return lambda rng, n: [words[i] for i in rng.integers(0, len(words), n).tolist()]


def _token(name: str, argument: str) -> tuple[str, list[Column]]:
    if name == "int":
        low, high = argument.split()
        return "%d", [_integers(int(low), int(high) + 1)]
    if name == "pick":
        return "%s", [_choices(argument.split("|"))]
    simple: dict[str, tuple[str, list[Column]]] = {
        "amount": ("%d.%02d", [_integers(1, 90_000), _integers(0, 100)]),
        "uuid": (
            "%08x-%04x-4%03x-%04x-%012x",
            [*(_integers(0, 2**bits) for bits in (32, 16, 12)), _integers(2**15, 3 * 2**14), _integers(0, 2**48)],
        ),
        "hex": ("%016x", [_integers(0, 2**63)]),
        "date": ("%04d-%02d-%02d", [_integers(2023, 2027), _integers(1, 13), _integers(1, 29)]),
        "ms": ("%d", [_integers(2, 4000)]),
        "ip": ("10.%d.%d.%d", [_integers(0, 256), _integers(0, 256), _integers(1, 255)]),
    }  # fmt: skip
    return simple[name]


@dataclass(frozen=True, slots=True)
class Origin:
    """A kind made ready: the line of the service where it starts, then one line for each caller up to the edge."""

    kind: Kind
    lines: tuple[Line, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """All that a family of namespaces can log: its faults with their weights, and one informative line per service."""

    origins: tuple[Origin, ...]
    informative: tuple[Line, ...]

    def position(self, service: str, exception: str) -> int:
        """Where a kind stands among the origins; raises ValueError when the family has none such."""
        for index, origin in enumerate(self.origins):
            if (origin.kind.service, origin.kind.exception) == (service, exception):
                return index
        raise ValueError(f"no kind {exception} of service {service}; take one of simulator_catalogue.yaml")


@lru_cache(maxsize=8)
def family(name: str) -> Family:
    """The compiled catalogue of a family (``pcb``, ``pca``, ``pch``); raises ValueError for another name."""
    if name not in SERVICES:
        raise ValueError(f"no family {name!r}; the simulator knows {', '.join(SERVICES)}")
    by_name = {service.name: service for service in SERVICES[name]}
    origins = tuple(_origin(kind, by_name) for kind in KINDS[name])
    return Family(origins, tuple(_line(service, "INFO", _INFO[service.flavour], None, 200) for service in SERVICES[name]))


def _origin(kind: Kind, by_name: dict[str, Service]) -> Origin:
    service = by_name[kind.service]
    lines = [_line(service, kind.level, kind.message, kind.exception, kind.http_status)]
    names = [service.name]
    while service.caller is not None:
        callee, service = service, by_name[service.caller]
        exception, message = (
            part.format(callee=callee.name, package="app." + service.name.replace("-", ".")) for part in _WRAPPERS[service.flavour]
        )
        lines.append(_line(service, "ERROR", message, exception, 502))
        names.append(service.name)
    return Origin(kind, tuple(lines), tuple(names))
