"""Detectors on labelled scenarios in a process of their own: takes a task as JSON, prints the outcome as JSON.

Tasks: ``compare`` (every rule and the product on one style), ``budget`` (the budget spent in full), ``speed``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from tests.bench.detection_scenarios import STEP, ZONE, Scenario, scenario
from tests.bench.detection_score import Score, pooled, score
from tests.bench.detection_simple import RULES
from tests.support.memory import peak_mb

PRODUCT = "ailog"
BUDGETS = (0.25, 1.0, 4.0)
BREAKDOWNS = ("kind", "profile", "size", "height")
_PART = 200
_ORIGIN = pd.Timestamp("2026-11-02T23:00Z")


def _judge(history: pd.DataFrame, live: pd.DataFrame, **settings: Any) -> pd.DataFrame:
    from ailog.domain.detectors import judge

    verdicts: pd.DataFrame = judge(history, live, timezone=ZONE, **settings)
    return verdicts


def judged(one: Scenario, **settings: Any) -> pd.DataFrame:
    """The product's verdicts on the live part."""
    return _judge(one.history, one.live, **settings)


def compare(style: str, seeds: Sequence[int], rules: Sequence[str]) -> dict[str, Any]:
    """Per rule: the pooled score over all seeds, the range of F1 over single ones, and its breakdowns."""
    found: dict[str, Any] = {}
    scenarios = [scenario(seed, style) for seed in seeds]
    for name in rules:
        rule = _product if name == PRODUCT else _simple(name)
        started = time.process_time()
        scores = [score(one.events, rule(one)) for one in scenarios]
        found[name] = {**_told(scores, scenarios), "seconds": time.process_time() - started}
    return found


def _product(one: Scenario) -> pd.DataFrame:
    return judged(one)


def _simple(name: str) -> Callable[[Scenario], pd.DataFrame]:
    return lambda one: RULES[name](one.history, one.live, one.timezone)


def _told(scores: list[Score], scenarios: list[Scenario]) -> dict[str, Any]:
    whole = pooled(scores)
    profiles = {f"{number}/{name}": profile for number, one in enumerate(scenarios) for name, profile in one.profiles.items()}
    breakdown = {column: whole.by(column) for column in BREAKDOWNS}
    breakdown["profile"] = breakdown["profile"].join(whole.false_by_profile(profiles), how="outer")
    return {
        "precision": whole.precision,
        "recall": whole.recall,
        "f1": whole.f1,
        "false_per_day": whole.false_per_day,
        "delay": whole.delay,
        "delay_without_ramps": float(whole.found.loc[whole.found["kind"] != "ramp", "delay"].mean()),
        "events": whole.events,
        "worst_f1": min(one.f1 for one in scores),
        "best_f1": max(one.f1 for one in scores),
        "by": {column: json.loads(frame.reset_index(names=column).to_json(orient="records")) for column, frame in breakdown.items()},
    }


def budget(style: str, seeds: Sequence[int]) -> dict[str, Any]:
    """Per stated budget (false alarms per namespace and week, spent in full) the actual one, pooled and for each scenario."""
    scenarios = [scenario(seed, style) for seed in seeds]
    found: dict[str, Any] = {}
    for stated in BUDGETS:
        scores = [score(one.events, judged(one, budget=stated, spend="all")) for one in scenarios]
        found[str(stated)] = {"actual": 7 * pooled(scores).false_per_day, "single": [7 * one.false_per_day for one in scores]}
    return found


def speed(namespaces: int, history_weeks: int = 4) -> dict[str, Any]:
    """Seconds of CPU for one window, one day and three days after a history; each call learns from the history anew."""
    history, week = _many(namespaces, history_weeks)
    first = week["window_start"].min()
    drawn_mb, seconds = peak_mb(), {}
    for windows in (1, 96, 288):
        live = week[week["window_start"] < first + windows * STEP]
        started = time.process_time()
        verdicts = _judge(history, live)
        seconds[windows] = time.process_time() - started
        if len(verdicts) != len(live):
            raise ValueError(f"{len(live)} live windows gave {len(verdicts)} verdicts; one each is expected")
    return {
        "namespaces": namespaces,
        "learn": seconds[1],
        "window": (seconds[96] - seconds[1]) / 95,
        "day": (seconds[288] - seconds[96]) / 2,
        "peak_mb": peak_mb(),
        "drawn_mb": drawn_mb,
    }


def _many(namespaces: int, history_weeks: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """History and a live week of many series over the same days, drawn in parts: the drawing must not make the peak."""
    parts = []
    for number in range(0, namespaces, _PART):
        one = scenario(number, "exam", min(_PART, namespaces - number), history_weeks, live_weeks=1)
        moved = _ORIGIN - one.live["window_start"].min()
        parts.append(
            [
                part.assign(namespace=f"{number}-" + part["namespace"], window_start=part["window_start"] + moved)
                for part in (one.history, one.live)
            ]
        )
    history, live = (pd.concat([part[side] for part in parts], ignore_index=True) for side in (0, 1))
    return history, live


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Runs one task."""
    kinds: dict[str, Callable[..., dict[str, Any]]] = {"compare": compare, "budget": budget, "speed": speed}
    return kinds[task.pop("task")](**task)


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
