"""The template step beside Drain3 on the same messages, two thirds of them distinct."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import orjson
from tests.bench.documents import WINDOW
from tests.bench.figures import ROOT, Figure, child, say
from tests.bench.world import World

from ailog.local.simulator import bench_documents

SECTION = "templates"
_DRAIN = "drain3==0.9.11"
_VALUE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9]+\b")
_CHARACTERS = 2_000


def measure(world: World) -> list[Figure]:
    """Lines a second of processor time and peak memory of both; Drain3 is installed once, beside the product, because its pins conflict with Airflow's."""
    lines = 60_000 if world.quick else 500_000
    texts, origin = _texts()
    path = world.data / "messages.jsonl"
    distinct = _write_wide(path, texts, lines)
    python = drain_python()
    say(f"templates: {lines:,} lines from {origin}, {distinct:,} distinct")
    ours = min((child("tests.bench.templates_run", {"way": "miner", "path": str(path)}) for _ in range(3)), key=lambda f: f["seconds"])
    say("templates: Drain3")
    theirs = child("tests.bench.templates_run", {"way": "drain", "path": str(path)}, python=str(python))
    speed, other = ours["lines"] / ours["seconds"], theirs["lines"] / theirs["seconds"]
    return [
        Figure(SECTION, f"miner: {origin}, {distinct / lines:.0%} distinct", speed, "lines/s of processor time", speed / other, "Drain3"),
        Figure(SECTION, f"Drain3 with its example masks, {theirs['lines']:,} lines", other, "lines/s of processor time"),
        Figure(SECTION, "miner: templates", ours["templates"], "distinct"),
        Figure(SECTION, "Drain3: templates", theirs["templates"], "distinct"),
        *(
            Figure(SECTION, f"{name}: peak memory ({found['before_mb']:.0f} of it the messages)", found["peak_mb"], "MiB")
            for name, found in (("miner", ours), ("Drain3", theirs))
        ),
    ]


def _texts() -> tuple[list[str], str]:
    """Messages at ERROR and WARN of the shared real day where it is at hand, else of the simulator; and their origin."""
    root = Path(os.environ.get("AILOG_SHARED_DATA") or ROOT.parent / "shared" / "data")
    path = root / "trainticket-2023-01-29" / "logs.ndjson.gz"
    if path.exists():
        with gzip.open(path, "rb") as file:
            found = [document for document in map(orjson.loads, file) if document.get("level") in ("ERROR", "WARN")]
        return [str(document["message"])[:_CHARACTERS] for document in found], "TrainTicket"
    lines = [line for batch in bench_documents(20_000, wide=False, windows=[WINDOW]) for line in batch.lines]
    return [str(orjson.loads(line).get("message", "")) for line in lines], "simulator"


def _write_wide(path: Path, texts: list[str], lines: int) -> int:
    """Two thirds of the lines are a text with all its numbers and ids drawn anew, one third repeat an earlier line."""
    chance = random.Random(1)
    with_values = [text for text in texts if _VALUE.search(text)]
    made: list[str] = []
    for number in range(lines):
        if number % 3 == 2:
            made.append(made[chance.randrange(len(made))])
        else:
            made.append(_VALUE.sub(lambda found: _another(found.group(), chance), chance.choice(with_values)))
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(text) + "\n" for text in made)
    return len(set(made))


def _another(value: str, chance: random.Random) -> str:
    if "-" in value:
        return re.sub(r"[0-9a-f]", lambda _: chance.choice("0123456789abcdef"), value)
    return str(chance.randrange(10 ** max(len(value), 6)))


def drain_python() -> Path:
    """The Python of ``.cache/bench-venv``, with Drain3 in it."""
    home = ROOT / ".cache" / "bench-venv"
    python = home / "bin" / "python"
    marker = home / "installed"
    if not (marker.exists() and marker.read_text(encoding="utf-8") == _DRAIN):
        say(f"installing {_DRAIN} into .cache/bench-venv")
        uv = [sys.executable, "-m", "uv"]
        for command in (
            [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
            [*uv, "pip", "install", "--quiet", "--python", str(python), _DRAIN],
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{_DRAIN} cannot be installed: {done.stderr.strip()[-500:]}")
        marker.write_text(_DRAIN, encoding="utf-8")
    return python
