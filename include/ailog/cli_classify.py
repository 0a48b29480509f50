"""``ailog classify``: what becomes of messages on standard input, step by step. Reads no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments, UsageError
from ailog.domain.classify import RuleBundle
from ailog.domain.fields import FieldMap
from ailog.domain.fingerprint import Miner, to_hex
from ailog.domain.masking import MASK, mask
from ailog.domain.problem import flow_of, problem_key
from ailog.domain.template_family import Families, pattern_of
from ailog.domain.template_rough import VAR, rough
from ailog.pipeline.classify import rules_directory


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one message; empty where nothing is."""

    message: str
    error_type: str
    stack_trace: str | None
    app: str
    namespace: str


SUMMARY = {"fingerprint": "fingerprint", "problem_key": "problem key", "category": "category", "template": "template"}
_NO_TYPE = "UnknownError"


def classify(arguments: Arguments) -> int:
    """``{"messages": [...]}`` with what ``explained`` gives, in the order of the input; families are decided over all of it."""
    loaded = settings.load()
    records = _records(sys.stdin.buffer.read().decode("utf-8", "replace"), arguments, loaded)
    if not records:
        raise UsageError("no message on standard input: pipe one a line, or see --whole, --null and --ndjson")
    found = explained(records, loaded)
    if arguments.json:
        out.as_json({"messages": found})
    elif arguments.explain:
        for number, one in enumerate(found, 1):
            _explain(number, one, found)
    else:
        out.table("messages", found, SUMMARY)
    return 0


def _records(text: str, arguments: Arguments, loaded: settings.Settings) -> list[Record]:
    given = Record("", arguments.error_type, None, arguments.app, arguments.namespace)
    if arguments.ndjson:
        return [_record(line, number, given, loaded) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    messages = [text] if arguments.whole else text.split("\0") if arguments.null else text.splitlines()
    return [replace(given, message=message.strip("\n")) for message in messages if message.strip()]


def _record(line: str, number: int, given: Record, loaded: settings.Settings) -> Record:
    try:
        document = json.loads(line)
    except ValueError as error:
        raise UsageError(
            f"line {number} of standard input is no JSON ({error}): give one document a line, or leave --ndjson out"
        ) from error
    if not isinstance(document, dict):
        raise UsageError(f"line {number} of standard input is no JSON object: give documents as a source holds them")
    fields = FieldMap(loaded.fields).extract([document], ("message", "error_type", "stack_trace", "app", "namespace"))
    values = {name: str(column[0]) for name, column in fields.items() if column[0] is not None}
    if not values.get("message") and not values.get("stack_trace"):
        raise UsageError(f"line {number} of standard input has no message: looked for {', '.join(loaded.fields['message'])}")
    return replace(given, **values)


def _explain(number: int, one: dict[str, Any], found: list[dict[str, Any]]) -> None:
    """What it is first, then how it came to that; a step that changed nothing is left out."""
    alike = sum(other["fingerprint"] == one["fingerprint"] for other in found)
    kin = len({other["fingerprint"] for other in found if other["family"] == one["family"]})
    if one["matched"]:
        rule = f"{one['rule']} of {one['rules']}, by the words '{one['matched']}'"
    else:
        rule = f"none of {one['rules']} matched; taxonomy.yaml of that bundle is the place for one"
    origin = {"structured": "given by the source", "derived": "read from the text"}.get(one["error_type_from"], "")
    out.say(f"[{number}] {out.shown(one['message'])}")
    for heading, text in (
        ("problem key", one["problem_key"]),
        ("category", f"{one['category']} / {one['subcategory']}" + (", only passes on another error" if one["wrapper"] else "")),
        ("rule", rule),
        ("error type", "none named" if one["error_type"] == _NO_TYPE else f"{one['error_type']}{f' ({origin})' if origin else ''}"),
        ("masked", one["masked"] if MASK in one["masked"] else None),
        ("values out", one["values_out"] if one["values_out"] not in {one["masked"], one["template"]} else None),
        ("template", one["template"]),
        ("fingerprint", one["fingerprint"] + (f", of {alike} of these messages" if alike > 1 else "")),
        ("family", f"{one['family']}, of {kin} fingerprints here: {one['family_template']}" if kin > 1 else "its own"),
    ):
        if text is not None:
            out.say(f"    {heading:<12} {out.shown(text)}")
    out.say("")


def explained(records: Sequence[Record], loaded: settings.Settings) -> list[dict[str, Any]]:
    """Every step of each message, as the pipeline takes it; ``matched`` holds the words that the rule found."""
    masked = mask(pa.array([one.message for one in records], pa.string()))
    traces = mask(pa.array([one.stack_trace for one in records], pa.string()))
    table = pa.table({"message": masked, "error_type": pa.array([one.error_type for one in records], pa.string()), "stack_trace": traces})
    miner = Miner(loaded.classification.in_app)
    fingerprints = miner.encode(table).tolist()
    known = Families(miner.templates.values()).resolve()
    members: dict[int, set[str]] = {}
    for fingerprint, family in known.items():
        members.setdefault(family, set()).add(miner.templates[fingerprint].template)
    bundle = RuleBundle.load(rules_directory(loaded))
    found = []
    for one, clean, bare, fingerprint in zip(records, masked.to_pylist(), rough(masked).to_pylist(), fingerprints, strict=True):
        template = miner.templates[fingerprint]
        verdict = bundle.classify(template.error_type, template.template)
        found.append(
            {
                "message": clean,
                "masked": clean,
                "values_out": bare.replace(VAR, "<*>"),
                "template": template.template,
                "family": to_hex(known[fingerprint]),
                "family_template": pattern_of(members[known[fingerprint]]),
                "fingerprint": to_hex(fingerprint),
                "error_type": template.error_type,
                "error_type_from": template.metadata_quality,
                "rule": verdict.rule_id,
                "matched": bundle.evidence(verdict.rule_id, template.error_type, template.template),
                "rules": bundle.version,
                "category": verdict.category,
                "subcategory": verdict.subcategory,
                "wrapper": verdict.wrapper,
                "problem_key": problem_key(verdict.category, flow_of(one.app, one.namespace), verdict.error_class),
            }
        )
    return found
