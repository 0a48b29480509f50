"""How well the rules name real messages, how often they name what is none, and what a verdict costs."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
from tests.bench.figures import Figure, say
from tests.bench.world import World
from tests.support.fault_families import TABLES, families
from tests.support.labelled import harmless, judge, labelled, verdicts

from ailog.domain.classify import RuleBundle
from ailog.domain.fingerprint import Miner
from ailog.pipeline.classify import rules_directory
from ailog.settings import load

SECTION = "classify"
_REPEATS = 5


def measure(world: World) -> list[Figure]:
    """Shares over the labelled messages, those that rules were written for and the third held out; microseconds for a distinct template."""
    rules = RuleBundle.load(rules_directory(load()))
    return [*_shares(rules), *_false_alarms(rules), _cost(rules, world)]


def _shares(rules: RuleBundle) -> list[Figure]:
    figures = []
    for name, held_out in (("written for", False), ("held out", True)):
        found = judge(rules, (case for case in labelled() if case.held_out is held_out))
        figures += [
            Figure(SECTION, f"{name}, {found.count} messages: {what}", value * 100, "%")
            for what, value in (
                ("unknown", found.unknown),
                ("category right", found.category),
                ("subcategory right", found.subcategory),
                ("error class right", found.error_class),
            )
        ]
        if not held_out:
            for message, wanted, given, rule in found.wrong:
                say(f"classify: {wanted} was given {given} by {rule}: {' '.join(message.split())[:90]}")
    return figures


def _false_alarms(rules: RuleBundle) -> list[Figure]:
    messages = harmless()
    wrong = sum(verdict.category != "unknown" for verdict in verdicts(rules, messages))
    return [Figure(SECTION, f"harmless, {len(messages)} messages: taken for a fault", wrong, "messages")]


def _cost(rules: RuleBundle, world: World) -> Figure:
    messages = [message for table in sorted(Path(TABLES).glob("*.yaml")) for family in families(table) for message in family.messages]
    miner = Miner()
    miner.encode_texts(pa.array(messages, pa.string()))
    found = list(miner.templates.values())
    best = min(_seconds(rules, [(one.error_type, one.template) for one in found]) for _ in range(2 if world.quick else _REPEATS))
    return Figure(SECTION, f"verdict on one of {len(found)} distinct templates", best / len(found) * 1e6, "us")


def _seconds(rules: RuleBundle, templates: list[tuple[str, str]]) -> float:
    start = time.process_time()
    for error_type, template in templates:
        rules.classify(error_type, template)
    return time.process_time() - start
