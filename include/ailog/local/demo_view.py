"""What the demo shows: progress while it runs (a live table at a terminal, plain lines without one) and the tables at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ailog.domain import wording
from ailog.domain.events import WINDOW
from ailog.local.demo_result import Outcome, Verdict

_PLAIN_WIDTH = 160
_MOST_EXTRAS = 20
_REPEAT_SECONDS = 5.0
"""Without a terminal, changes of one step's text are told at most this often."""


class View(Protocol):
    """Where progress goes. All methods may be called from any thread."""

    def begin(self, step: str) -> None:
        """A step has begun."""

    def tell(self, step: str, text: str) -> None:
        """What the step is doing now."""

    def end(self, step: str, text: str) -> None:
        """The step is done; the text is its result."""

    def fail(self, step: str, text: str) -> None:
        """The step failed."""


@dataclass(slots=True)
class _Step:
    name: str
    started: float = field(default_factory=time.monotonic)
    text: str = ""
    state: str = "running"
    took: float = 0.0
    told: float = 0.0

    def seconds(self) -> float:
        return self.took if self.state != "running" else time.monotonic() - self.started


class PlainView:
    """One line for each thing that happens, with the seconds since the start."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._start = time.monotonic()
        self._steps: dict[str, _Step] = {}

    def begin(self, step: str) -> None:
        """See View."""
        with self._lock:
            self._steps[step] = _Step(step)
        self._line(step, "begins")

    def tell(self, step: str, text: str) -> None:
        """See View."""
        now = time.monotonic()
        with self._lock:
            known = self._steps[step]
            if text == known.text or now - known.told < _REPEAT_SECONDS:
                return
            known.text, known.told = text, now
        self._line(step, text)

    def end(self, step: str, text: str) -> None:
        """See View."""
        with self._lock:
            known = self._steps[step]
        self._line(step, f"{text or 'done'} ({known.seconds():.1f} s)")

    def fail(self, step: str, text: str) -> None:
        """See View."""
        self._line(step, f"failed: {text}")

    def _line(self, step: str, text: str) -> None:
        self._console.print(f"{time.monotonic() - self._start:6.1f} s  {step}: {text}", markup=False, highlight=False, soft_wrap=True)


class LiveView:
    """A table of the steps that renews itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: dict[str, _Step] = {}
        self._spinner = Spinner("dots")

    def begin(self, step: str) -> None:
        """See View."""
        with self._lock:
            self._steps[step] = _Step(step)

    def tell(self, step: str, text: str) -> None:
        """See View."""
        with self._lock:
            self._steps[step].text = text

    def end(self, step: str, text: str) -> None:
        """See View."""
        self._close(step, "done", text)

    def fail(self, step: str, text: str) -> None:
        """See View."""
        self._close(step, "failed", text)

    def _close(self, step: str, state: str, text: str) -> None:
        with self._lock:
            known = self._steps[step]
            known.took, known.state, known.text = known.seconds(), state, text

    def __rich__(self) -> RenderableType:
        """The table as it stands now."""
        table = Table.grid(padding=(0, 2))
        with self._lock:
            for step in self._steps.values():
                marks: dict[str, RenderableType] = {"running": self._spinner, "done": Text("✓", "green"), "failed": Text("✗", "red")}
                text = Text(step.text, style="" if step.state == "running" else "dim", overflow="ellipsis", no_wrap=True)
                table.add_row(marks[step.state], step.name, f"{step.seconds():5.1f} s", text)
        return Group(table)


@contextmanager
def view(console: Console) -> Iterator[View]:
    """The view that suits where the output goes."""
    if not console.is_terminal:
        yield PlainView(console)
        return
    live = LiveView()
    with Live(live, console=console, refresh_per_second=8, transient=False):
        yield live


def console() -> Console:
    """Standard output; wide enough for the tables when it is no terminal."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)


def results(outcome: Outcome, zone: ZoneInfo) -> RenderableType:
    """The table of injected incidents with what was found of each, and beneath it what else was reported."""
    table = Table(title="Injected incidents and what the analyzer found", title_justify="left", title_style="bold", expand=False)
    for heading in ("", "flag", "injected", "windows", "found as", "first seen", "root cause"):
        table.add_column(heading, overflow="fold")
    for verdict in outcome.verdicts:
        table.add_row(*_row(verdict, zone))
    found = sum(verdict.ok for verdict in outcome.verdicts)
    total = Text(f"{found} of {len(outcome.verdicts)} injected incidents found.", "bold green" if outcome.all_found else "bold red")
    return Group(table, total, _extras(outcome, zone))


def _row(verdict: Verdict, zone: ZoneInfo) -> list[RenderableType]:
    truth = verdict.truth
    first = verdict.first_window
    best = max(verdict.rows, key=lambda row: row.score, default=None)
    shown = "nothing" if best is None else f"{best.problem_key}, {best.severity} {best.score:.0f}, {len(verdict.rows)} window(s)"
    if best is not None and not verdict.ok:
        shown += "; missing in " + ", ".join(sorted(set(truth.namespaces) - {row.namespace for row in verdict.rows}))
    return [
        Text("OK", "green") if verdict.ok else Text("missed", "red"),
        truth.flag,
        escape(truth.story),
        wording.local_span(truth.windows[0], truth.windows[-1] + WINDOW, zone),
        escape(shown),
        wording.local(first, zone) if first else "",
        _root(verdict),
    ]


def _root(verdict: Verdict) -> Text:
    named = ", ".join(verdict.roots[:2]) or "unknown"
    if verdict.root_ok is None:
        return Text(named if verdict.roots else "", "dim")
    if verdict.root_ok:
        return Text(f"{named} (right)", "green")
    return Text(f"{named} (true: {verdict.truth.root_service})", "red")


def _extras(outcome: Outcome, zone: ZoneInfo) -> RenderableType:
    if not outcome.extras:
        return Text("No other incidents were reported.")
    lines = [f"{len(outcome.extras)} more incidents were reported:"]
    for extra in outcome.extras[:_MOST_EXTRAS]:
        why = f"beside the {extra.beside} of the same time" if extra.beside else "nothing was injected there"
        flags = ", ".join(extra.flags) or "continuation"
        lines.append(
            f"  {wording.local(extra.first_window, zone)}  {extra.namespace}  {extra.problem_key}  {flags}, {extra.severity}  ({why})"
        )
    if len(outcome.extras) > _MOST_EXTRAS:
        lines.append(f"  and {len(outcome.extras) - _MOST_EXTRAS} more; ailog incidents lists them all")
    return Text("\n".join(lines))
