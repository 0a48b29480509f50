"""A seeded simulator of log documents: weeks of seasonal errors in many namespaces, and incidents whose truth is known.

Counts of faults follow the local hour and weekday, with over-dispersed (negative binomial) noise. A fault starts in one service and may
surface in its callers, later by milliseconds, under the same trace and with the parents of the spans. Namespaces also log informative
records, so that "no errors" is not "no data". The same scenario gives the same bytes, in memory bounded by one chunk of windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ailog.domain.events import WINDOW, floor_to_window
from ailog.local.simulator_incidents import DEFAULT_INCIDENTS, QUIET_WINDOWS, Incident, Truth, truth_of
from ailog.local.simulator_services import Family, Line, Origin, family

Counts = npt.NDArray[np.int64]
Ids = npt.NDArray[np.uint64]

_WINDOW_NS: Final = int(WINDOW.total_seconds()) * 1_000_000_000
_TAIL_NS: Final = 3_000_000_000
"""Faults start at least this long before the end of their window, so that their callers' errors stay in it."""
_CHUNK_FAULTS: Final = 25_000
_FEW_MESSAGES: Final = 80

_HOURS: Final = np.array(
    [
        0.12,
        0.10,
        0.16,
        0.12,
        0.10,
        0.14,
        0.25,
        0.50,
        0.82,
        1.0,
        1.0,
        0.95,
        0.80,
        0.90,
        1.0,
        0.95,
        0.80,
        0.60,
        0.45,
        0.38,
        0.30,
        0.25,
        0.20,
        0.15,
    ]
)
"""Share of the peak by local hour; the nightly batch stands at two o'clock."""
_WEEKDAYS: Final = np.array([1.0, 1.0, 1.0, 1.0, 0.92, 0.30, 0.25])


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace: faults and informative records per window at its busiest hour, and how far counts spread beyond Poisson."""

    name: str
    faults: float
    informative: float
    dispersion: float = 0.08

    @property
    def family(self) -> str:
        """The part of the name before the first dash."""
        return self.name.partition("-")[0]


NAMESPACES: Final = tuple(
    Namespace(f"{product}-{stage}-01-app", faults, informative)
    for product, stage, faults, informative in (
        ("pcb", "dev", 1.2, 1.5), ("pcb", "fat", 5, 2), ("pcb", "sit", 12, 4), ("pcb", "uat", 22, 7),
        ("pca", "dev", 0.6, 1.5), ("pca", "fat", 4, 2), ("pca", "sit", 9, 3), ("pca", "uat", 17, 6),
        ("pch", "dev", 0.2, 1.5), ("pch", "fat", 3, 2), ("pch", "sit", 10, 3), ("pch", "uat", 19, 7),
    )
)  # fmt: skip
"""The twelve namespaces of the configuration, from busy to near zero."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents in the order of time: ``times`` in nanoseconds since 1970, the index of each document's namespace, and its JSON line."""

    times: npt.NDArray[np.int64]
    namespaces: npt.NDArray[np.int64]
    names: tuple[str, ...]
    lines: list[str]

    def ndjson(self) -> bytes:
        """The lines as bytes, each with its line feed."""
        return "".join(f"{line}\n" for line in self.lines).encode()


@dataclass(frozen=True, slots=True)
class _Faults:
    """Occurrences of one kind: when, in which namespace, and whether each travels all the way up."""

    origin: Origin
    times: npt.NDArray[np.int64]
    namespaces: npt.NDArray[np.int64]
    always: bool


@dataclass(frozen=True)
class Scenario:
    """Everything that decides the documents. The baseline takes ``weeks`` from ``start`` (a midnight in UTC), the live windows follow.

    Raises ValueError for a start that is no quarter hour, for an incident outside the live part, and for an unknown namespace.
    """

    seed: int
    start: datetime
    namespaces: tuple[Namespace, ...] = NAMESPACES
    weeks: int = 2
    live_windows: int = QUIET_WINDOWS + 4
    incidents: tuple[Incident, ...] = DEFAULT_INCIDENTS
    timezone: str = "Europe/Prague"
    _position: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if floor_to_window(self.start) != self.start:
            raise ValueError(f"start {self.start.isoformat()} is no quarter hour of UTC")
        object.__setattr__(self, "_position", {namespace.name: i for i, namespace in enumerate(self.namespaces)})
        for namespace in self.namespaces:
            family(namespace.family)
        for incident in self.incidents:
            if incident.window + incident.windows > self.live_windows:
                raise ValueError(f"incident {incident.flag} ends after the {self.live_windows} live windows")
            for name in incident.namespaces:
                if name not in self._position:
                    raise ValueError(f"incident {incident.flag}: namespace {name!r} is not part of the scenario")

    @property
    def baseline_windows(self) -> int:
        """Windows before the live part."""
        return self.weeks * 7 * 96

    @property
    def live_start(self) -> datetime:
        """Start of the first live window."""
        return self.start + self.baseline_windows * WINDOW

    @property
    def end(self) -> datetime:
        """End of the last live window."""
        return self.live_start + self.live_windows * WINDOW

    @property
    def truth(self) -> list[Truth]:
        """What is injected."""
        return [truth_of(incident, self.live_start) for incident in self.incidents]

    def means(self) -> npt.NDArray[np.float64]:
        """Expected faults by window and namespace, without incidents."""
        sizes = np.array([namespace.faults for namespace in self.namespaces])
        means: npt.NDArray[np.float64] = self._rhythm()[:, None] * sizes[None, :]
        return means

    def batches(self) -> Iterator[Batch]:
        """All documents, in chunks of whole windows in the order of time."""
        faults, informative = self._counts()
        cost = np.cumsum(faults.sum(axis=1) + informative.sum(axis=1))
        edges = [0, *(np.flatnonzero(np.diff(cost // _CHUNK_FAULTS)) + 1).tolist(), len(cost)]
        for number, (first, last) in enumerate(pairwise(edges)):
            if first < last:
                yield self._chunk(np.random.default_rng([self.seed, 1, number]), first, faults[first:last], informative[first:last])

    def ndjson(self) -> Iterator[bytes]:
        """All documents as NDJSON, one piece a chunk."""
        for batch in self.batches():
            yield batch.ndjson()

    def _rhythm(self) -> npt.NDArray[np.float64]:
        zone = ZoneInfo(self.timezone)
        total = self.baseline_windows + self.live_windows
        local = [(self.start + i * WINDOW).astimezone(zone) for i in range(total)]
        hours = np.array([moment.hour + moment.minute / 60 for moment in local])
        weekdays = _WEEKDAYS[[moment.weekday() for moment in local]]
        return np.asarray(np.interp(hours, np.arange(25), np.append(_HOURS, _HOURS[0])) * weekdays)

    def _counts(self) -> tuple[Counts, Counts]:
        """Faults and informative records by window and namespace; silences and spikes are in, other incidents are not."""
        rng = np.random.default_rng([self.seed, 0])
        means = self.means()
        shape = 1 / np.array([namespace.dispersion for namespace in self.namespaces])
        faults = rng.poisson(rng.gamma(shape[None, :], means / shape[None, :]))
        flat = np.array([namespace.informative for namespace in self.namespaces])
        informative = rng.poisson((0.3 + 0.7 * self._rhythm())[:, None] * flat[None, :])
        for incident in self.incidents:
            first = self.baseline_windows + incident.window
            where = np.ix_(range(first, first + incident.windows), [self._position[name] for name in incident.namespaces])
            if incident.flag == "silence":
                faults[where] = 0
                informative[where] = 0
            elif incident.flag == "spike":
                faults[where] = np.rint(means[where] * incident.factor)
        return faults, informative

    def _chunk(self, rng: np.random.Generator, first: int, faults: Counts, informative: Counts) -> Batch:
        zero = int(self.start.timestamp()) * 1_000_000_000 + first * _WINDOW_NS
        parts = _Parts(tuple(namespace.name for namespace in self.namespaces))
        for name in dict.fromkeys(namespace.family for namespace in self.namespaces):
            members = np.array([i for i, namespace in enumerate(self.namespaces) if namespace.family == name])
            catalogue = family(name)
            weights = np.array([origin.kind.weight for origin in catalogue.origins])
            split = rng.multinomial(faults[:, members], weights / weights.sum())
            for kind, origin in enumerate(catalogue.origins):
                windows, columns = np.nonzero(split[:, :, kind])
                amounts = split[windows, columns, kind]
                times = _spread(rng, zero + np.repeat(windows, amounts) * _WINDOW_NS, _WINDOW_NS - _TAIL_NS)
                parts.add_faults(rng, _Faults(origin, times, members[np.repeat(columns, amounts)], always=False))
            self._inform(rng, parts, catalogue, members, zero, informative[:, members])
        for incident in self.incidents:
            self._inject(rng, parts, incident, first, len(faults))
        return parts.batch()

    def _inform(self, rng: np.random.Generator, parts: _Parts, catalogue: Family, members: Counts, zero: int, counts: Counts) -> None:
        lines = catalogue.informative
        split = rng.multinomial(counts, np.full(len(lines), 1 / len(lines)))
        for number, line in enumerate(lines):
            windows, columns = np.nonzero(split[:, :, number])
            amounts = split[windows, columns, number]
            times = _spread(rng, zero + np.repeat(windows, amounts) * _WINDOW_NS, _WINDOW_NS)
            parts.add(rng, line, times, members[np.repeat(columns, amounts)], _spans(rng, len(times), 4))

    def _inject(self, rng: np.random.Generator, parts: _Parts, incident: Incident, first: int, windows: int) -> None:
        if incident.service is None or incident.exception is None:
            return
        for window in range(self.baseline_windows + incident.window, self.baseline_windows + incident.window + incident.windows):
            if not first <= window < first + windows:
                continue
            start = int(self.start.timestamp()) * 1_000_000_000 + window * _WINDOW_NS
            width = _WINDOW_NS - _TAIL_NS
            if incident.seconds is not None:
                width = int(incident.seconds * 1_000_000_000)
                start += (_WINDOW_NS - width) // 3
            for name in incident.namespaces:
                position = self._position[name]
                catalogue = family(self.namespaces[position].family)
                origin = catalogue.origins[catalogue.position(incident.service, incident.exception)]
                times = _spread(rng, np.full(incident.count, start), width)
                where = np.full(incident.count, position)
                parts.add_faults(rng, _Faults(origin, times, where, always=incident.flag == "cascade"))


def _spread(rng: np.random.Generator, starts: Counts, width: int) -> Counts:
    """A moment within ``width`` nanoseconds of each start."""
    return starts + rng.integers(0, width, len(starts))


def _spans(rng: np.random.Generator, count: int, depth: int) -> Ids:
    """Random ids, ``depth`` for each of ``count`` traces: two halves of the trace id, then spans from the callee up."""
    return rng.integers(1, 2**64, (depth, count), dtype=np.uint64)


class _Parts:
    """Lines of one chunk as they are made, kind by kind; ``batch`` puts them in the order of time."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._times: list[Counts] = []
        self._namespaces: list[Counts] = []
        self._lines: list[str] = []

    def add(self, rng: np.random.Generator, line: Line, times: Counts, namespaces: Counts, ids: Ids, distinct: int = 0) -> None:
        """``ids``: halves of the trace id, span, parent. ``distinct`` as in ``Line.render``."""
        if not len(times):
            return
        common: dict[str, list[Any]] = {
            "time": [
                f"{moment}Z"
                for moment in np.datetime_as_string(times.astype("datetime64[ns]"), unit="ns" if line.nanoseconds else "ms").tolist()
            ],
            "namespace": [self._names[i] for i in namespaces.tolist()],
            "trace_high": ids[0].tolist(),
            "trace_low": ids[1].tolist(),
            "span": ids[2].tolist(),
            "parent": ids[3].tolist(),
        }
        self._times.append(times)
        self._namespaces.append(namespaces)
        self._lines.extend(line.render(rng, common, distinct))

    def add_faults(self, rng: np.random.Generator, faults: _Faults) -> None:
        """The error where it starts, then in the callers that it reaches, each a little later than the one that it called."""
        count = len(faults.times)
        if not count:
            return
        lines = faults.origin.lines
        ids = _spans(rng, count, len(lines) + 3)
        reached = np.full(count, True)  # noqa: FBT003 - the value that fills the array
        times = faults.times
        for level, line in enumerate(lines):
            if level:
                if not faults.always:
                    reached = reached & (rng.random(count) < faults.origin.kind.reach)
                times = times + rng.integers(2_000_000, 60_000_000, count)
            own = np.vstack([ids[:2], ids[level + 2 : level + 4]])[:, reached]
            self.add(rng, line, times[reached], faults.namespaces[reached], own)

    def batch(self) -> Batch:
        """Everything added, sorted by time (ties keep the order in which they were made)."""
        if not self._times:
            empty = np.empty(0, dtype=np.int64)
            return Batch(empty, empty, self._names, [])
        times = np.concatenate(self._times)
        order = np.argsort(times, kind="stable")
        lines = self._lines
        return Batch(times[order], np.concatenate(self._namespaces)[order], self._names, [lines[i] for i in order.tolist()])


def demo_start(today: datetime, weeks: int) -> datetime:
    """Where a scenario starts whose live part falls on the last working day before ``today``, so that its live hours are office hours."""
    day = today.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day - timedelta(weeks=weeks)


def bench_documents(
    count: int, *, wide: bool, windows: Sequence[datetime], namespaces: Sequence[str] = (), seed: int = 1
) -> Iterator[Batch]:
    """``count`` error documents spread evenly over ``windows`` and ``namespaces`` (default: the twelve), in chunks.

    Few kinds: a few thousand distinct messages. ``wide``: nearly every message has other numbers.
    """
    names = tuple(namespaces) or tuple(namespace.name for namespace in NAMESPACES)
    families = np.array(
        [
            ("pcb", "pca", "pch").index(name.partition("-")[0]) if name[:3] in ("pcb", "pca", "pch") else i % 3
            for i, name in enumerate(names)
        ]
    )
    starts = np.array([int(window.timestamp()) * 1_000_000_000 for window in sorted(windows)], dtype=np.int64)
    for number, first in enumerate(range(0, count, _CHUNK_FAULTS)):
        rng = np.random.default_rng([seed, number])
        size = min(_CHUNK_FAULTS, count - first)
        times = _spread(rng, starts[np.arange(first, first + size) * len(starts) // count], _WINDOW_NS)
        where = rng.integers(0, len(names), size)
        parts = _Parts(names)
        for code, name in enumerate(("pcb", "pca", "pch")):
            origins = family(name).origins
            mine = np.flatnonzero(families[where] == code)
            kinds = rng.integers(0, len(origins), len(mine))
            for kind, origin in enumerate(origins):
                picked = mine[kinds == kind]
                # Few distinct messages: the same draws again in every chunk, from a generator that starts anew.
                drawn, distinct = (rng, 0) if wide else (np.random.default_rng([seed, code, kind]), _FEW_MESSAGES)
                parts.add(drawn, origin.lines[0], times[picked], where[picked], _spans(rng, len(picked), 4), distinct)
        yield parts.batch()
