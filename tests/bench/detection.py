"""Detection on labelled scenarios: what every rule and the product find, how many false alarms they cost, the budget kept, and speed.

``python -m tests.bench.detection [--styles exam,far] [--seeds 0,1,2] [--rules ailog,...] [--budget] [--exam]`` prints the same as tables with
all breakdowns. Seeds 9000-9019 are the exam: they run with ``--exam`` alone, and nobody builds or tunes a detector by them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import pandas as pd
from tests.bench.detection_run import PRODUCT
from tests.bench.detection_scenarios import EXAM_SEEDS
from tests.bench.detection_simple import RULES
from tests.bench.detection_styles import STYLES
from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "detection"
_MODULE = "tests.bench.detection_run"
_SEEDS = (0, 1, 2)


def measure(world: World) -> list[Figure]:
    """F1 of every rule on every style, with what it is made of; the product by kind and profile; the budget; speed."""
    seeds = list(EXAM_SEEDS) if world.exam else list(_SEEDS[: 1 if world.quick else 3])
    figures = []
    for style in STYLES:
        say(f"detection: style {style}, seeds {seeds[0]} to {seeds[-1]}")
        found = _compare(style, seeds, [*RULES, PRODUCT])
        figures += [Figure(SECTION, f"{style}: {name}", one["f1"], f"F1, {_made_of(one)}") for name, one in found.items()]
        for column in ("kind", "profile"):
            figures += [
                Figure(SECTION, f"{style}, {PRODUCT}: {row[column]}", row["recall"], f"recall, {_rest(row)}")
                for row in found[PRODUCT]["by"][column]
                if row["recall"] is not None
            ]
        figures += _budget(style, seeds)
    return figures + _speed(world)


def _compare(style: str, seeds: Sequence[int], rules: Sequence[str]) -> dict[str, Any]:
    return child(_MODULE, {"task": "compare", "style": style, "seeds": list(seeds), "rules": list(rules)}, seconds=3600)


def _made_of(one: dict[str, Any]) -> str:
    return (
        f"precision {one['precision']:.2f}, recall {one['recall']:.2f}, {one['false_per_day']:.3f} false a namespace-day, "
        f"delay {one['delay'] or 0:.1f} windows"
    )


def _rest(row: dict[str, Any]) -> str:
    false = f", {row['false_per_day']:.3f} false a namespace-day" if row.get("false_per_day") is not None else ""
    return f"{row['events']:.0f} events, delay {row['delay'] or 0:.1f} windows{false}"


def _budget(style: str, seeds: Sequence[int]) -> list[Figure]:
    found = child(_MODULE, {"task": "budget", "style": style, "seeds": list(seeds)}, seconds=3600)
    return [
        Figure(
            SECTION,
            f"{style}: budget {stated}, spent in full",
            one["actual"],
            "a namespace-week",
            one["actual"] / float(stated),
            "the budget",
        )
        for stated, one in found.items()
    ]


def _speed(world: World) -> list[Figure]:
    namespaces = 200 if world.quick else 2_000
    say(f"detection: speed over {namespaces:,} series")
    found = child(_MODULE, {"task": "speed", "namespaces": namespaces}, seconds=3600)
    scale = 10_000 / found["namespaces"]
    return [
        Figure(SECTION, "10,000 series, one window", found["window"] * scale, "s of CPU"),
        Figure(SECTION, "10,000 series, one day with its refit", found["day"] * scale, "s of CPU"),
        Figure(SECTION, "10,000 series, learning four weeks", found["learn"] * scale, "s of CPU"),
        Figure(
            SECTION, f"peak memory, {namespaces:,} series", found["peak_mb"], "MiB", found["peak_mb"] / found["drawn_mb"], "the data frames"
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Prints tables for whoever builds a detector."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detection", description=__doc__)
    parser.add_argument("--styles", default="exam", help=f"of {', '.join(STYLES)}")
    parser.add_argument("--seeds", default=",".join(map(str, _SEEDS)))
    parser.add_argument("--rules", default=PRODUCT, help=f"{PRODUCT}, simple (all simple rules) or all")
    parser.add_argument("--budget", action="store_true", help="the budget spent in full as well")
    parser.add_argument("--exam", action="store_true", help=f"seeds {EXAM_SEEDS[0]} to {EXAM_SEEDS[-1]}")
    given = parser.parse_args(arguments)
    seeds = list(EXAM_SEEDS) if given.exam else [int(seed) for seed in given.seeds.split(",")]
    if not given.exam and set(seeds) & set(EXAM_SEEDS):
        parser.error(f"seeds {EXAM_SEEDS[0]} to {EXAM_SEEDS[-1]} are the exam; give --exam when the detector is finished")
    rules = {"simple": list(RULES), "all": [*RULES, PRODUCT]}.get(given.rules, [given.rules])
    for style in given.styles.split(","):
        found = _compare(style, seeds, rules)
        columns = ("precision", "recall", "f1", "worst_f1", "best_f1", "false_per_day", "delay", "delay_without_ramps", "events", "seconds")
        print(f"\n{style}\n" + pd.DataFrame(found).T[list(columns)].astype(float).round(3).to_string())
        if PRODUCT in found:
            print(*(pd.DataFrame(rows).round(3).to_string(index=False) for rows in found[PRODUCT]["by"].values()), sep="\n")
        if given.budget:
            print(*(f"{figure.name}: {figure.value:.2f} ({figure.ratio:.2f} x)" for figure in _budget(style, seeds)), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
