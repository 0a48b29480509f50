"""Messages with the class that they belong to by hand, from ``tests/cases/classification_*.yaml``; how well rules name it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import yaml

from ailog.domain.classify import RuleBundle, Verdict
from ailog.domain.fingerprint import Miner

CASES = Path(__file__).parents[1] / "cases"
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Labelled:
    """A message and its place in the taxonomy; an empty ``error_class`` is not judged."""

    message: str
    category: str
    subcategory: str
    error_class: str = ""

    @property
    def held_out(self) -> bool:
        """Whether the message is one of the third that no rule is written for; the text alone decides."""
        return hashlib.sha256(self.message.encode()).digest()[0] % 3 == 0


@dataclass(frozen=True)
class Judged:
    """Shares from 0 to 1 over ``count`` messages; ``wrong`` tells each miss as (message, wanted, found, rule)."""

    count: int
    unknown: float
    category: float
    subcategory: float
    error_class: float
    wrong: tuple[tuple[str, str, str, str], ...]


def labelled() -> list[Labelled]:
    """Every message with its label."""
    content = yaml.safe_load((CASES / "classification_messages.yaml").read_text(encoding="utf-8"))
    return [Labelled(_plain(line), *label.split("/")) for label, block in content.items() for line in block.strip("\n").split("\n")]


def harmless() -> list[str]:
    """Messages that name faults without telling of one."""
    content = yaml.safe_load((CASES / "classification_harmless.yaml").read_text(encoding="utf-8"))
    return [_plain(line) for block in content.values() for line in block.strip("\n").split("\n")]


def verdicts(rules: RuleBundle, messages: Sequence[str]) -> list[Verdict]:
    """The verdict on each message, taken the product's way: masked values, template, error type, rules."""
    miner = Miner()
    prints = miner.encode_texts(pa.array(messages, pa.string())).tolist()
    found = [miner.templates[one] for one in prints]
    return [rules.classify(one.error_type, one.template) for one in found]


def judge(rules: RuleBundle, cases: Iterable[Labelled]) -> Judged:
    """How well the rules name the cases."""
    chosen = list(cases)
    found = verdicts(rules, [case.message for case in chosen])
    pairs = list(zip(chosen, found, strict=True))
    classed = [(case, verdict) for case, verdict in pairs if case.error_class]
    return Judged(
        count=len(pairs),
        unknown=_share(verdict.category == "unknown" for _, verdict in pairs),
        category=_share(verdict.category == case.category for case, verdict in pairs),
        subcategory=_share((verdict.category, verdict.subcategory) == (case.category, case.subcategory) for case, verdict in pairs),
        error_class=_share(verdict.error_class == case.error_class for case, verdict in classed),
        wrong=tuple(
            (case.message, _wanted(case), f"{verdict.category}/{verdict.subcategory}/{verdict.error_class}", verdict.rule_id)
            for case, verdict in pairs
            if (verdict.category, verdict.subcategory) != (case.category, case.subcategory)
            or (case.error_class and verdict.error_class != case.error_class)
        ),
    )


def _wanted(case: Labelled) -> str:
    return "/".join(part for part in (case.category, case.subcategory, case.error_class) if part)


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else 0.0


def _plain(line: str) -> str:
    return _ESCAPE.sub(lambda found: {"n": "\n", "t": "\t"}.get(found.group(1), found.group(1)), line)
