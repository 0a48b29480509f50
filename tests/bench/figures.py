"""What a bench prints: figures with unit and ratio, facts of the machine, and how a figure is taken in a process of its own."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. ``against`` says what the ratio compares with."""

    section: str
    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""


def say(text: str) -> None:
    """Progress, apart from the figures."""
    print(f"  {time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def facts(versions: dict[str, str]) -> list[tuple[str, str]]:
    """The machine and what runs on it."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    named = ("apache-airflow", "pyarrow", "pandas", "numpy", "adbc-driver-postgresql", "psycopg", "elasticsearch", "orjson")
    return [
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", f"{psutil.virtual_memory().total / 2**30:.0f} GiB"),
        ("system", platform.platform(terse=True)),
        ("Python", platform.python_version()),
        *versions.items(),
        ("packages", ", ".join(f"{name} {version(name)}" for name in named)),
        ("load at the start", f"{load} (1, 5 and 15 minutes; above 0.2 figures are noisy: compare ratios)"),
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(figures: list[Figure]) -> str:
    """The figures as plain text, one a line."""
    rows = [(f.section, f.name, number(f.value), f.unit, "" if f.ratio is None else f"{f.ratio:.2f}x {f.against}".strip()) for f in figures]
    head = ("section", "figure", "value", "unit", "ratio")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = []
    for row in [head, *rows]:
        cells = [cell.rjust(width) if i == 2 else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def child(module: str, task: dict[str, Any], *, python: str = sys.executable, seconds: float = 1200) -> dict[str, Any]:
    """Runs ``python -m module`` with a task as JSON and returns the JSON of its last line; its own process, so its own peak memory.

    Raises RuntimeError with the end of what it wrote when it fails.
    """
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'include'}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [python, "-m", module, json.dumps(task)], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=seconds, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} failed: {done.stderr.strip()[-1500:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
