"""Every template of the shared real day with its events, category and problem key: to be reviewed by eye."""

from __future__ import annotations

import collections
import gzip
import os
from pathlib import Path

import orjson
import pyarrow as pa
from tests.bench.figures import ROOT, Figure, say
from tests.bench.world import World

from ailog.domain.classify import RuleBundle
from ailog.domain.fields import FieldMap
from ailog.domain.fingerprint import Miner, to_hex
from ailog.domain.masking import mask
from ailog.domain.problem import flow_of, problem_key
from ailog.domain.template_family import Families
from ailog.pipeline.classify import rules_directory
from ailog.settings import Settings, load

SECTION = "day"
_FIELDS = ("message", "error_type", "stack_trace", "app", "namespace")


def measure(_world: World) -> list[Figure]:
    """Prints the list, most frequent first; the figures are its sums. Nothing where the day is not at hand."""
    root = Path(os.environ.get("AILOG_SHARED_DATA") or ROOT.parent / "shared" / "data")
    path = root / "trainticket-2023-01-29" / "logs.ndjson.gz"
    if not path.exists():
        say(f"day: {path} is not there, nothing to list")
        return []
    settings = load()
    table, owners = _errors(path, settings)
    miner = Miner(settings.classification.in_app)
    prints = miner.encode(table).tolist()
    families = Families(miner.templates.values()).resolve()
    rules = RuleBundle.load(rules_directory(settings))
    events = collections.Counter(zip(prints, owners, strict=True))
    unknown, keys = 0, set()
    print(f"{path.parent.name}: events, fingerprint, family (where it is another), rule, problem key, type and template")
    for (number, (app, namespace)), count in sorted(events.items(), key=lambda pair: (-pair[1], pair[0])):
        template = miner.templates[number]
        verdict = rules.classify(template.error_type, template.template)
        key = problem_key(verdict.category, flow_of(app, namespace), verdict.error_class)
        family = to_hex(families[number]) if families[number] != number else "-" * 16
        print(f"{count:>6}  {to_hex(number)} {family}  {verdict.rule_id:<28} {key}  [{template.error_type}] {template.template}")
        keys.add(key)
        unknown += count if verdict.category == "unknown" else 0
    total = sum(events.values())
    return [
        Figure(SECTION, "events at ERROR", total, "events"),
        Figure(SECTION, "fingerprints", len(set(prints)), "distinct"),
        Figure(SECTION, "families", len({families[number] for number in prints}), "distinct"),
        Figure(SECTION, "problem keys", len(keys), "distinct"),
        Figure(SECTION, "events without a category", unknown / total * 100, "%"),
    ]


def _errors(path: Path, settings: Settings) -> tuple[pa.Table, list[tuple[str, str]]]:
    """The day's errors as the pipeline takes them, and the application and namespace of each."""
    with gzip.open(path, "rb") as file:
        documents = [document for document in map(orjson.loads, file) if document.get("level") == "ERROR"]
    found = FieldMap(settings.fields).extract(documents, _FIELDS)
    columns = {name: pa.array([None if v is None else str(v) for v in found[name]], pa.string()) for name in _FIELDS[:3]}
    table = pa.table(
        {"message": mask(columns["message"]), "error_type": columns["error_type"], "stack_trace": mask(columns["stack_trace"])}
    )
    return table, [(str(app or ""), str(name or "")) for app, name in zip(found["app"], found["namespace"], strict=True)]
