"""``ailog classify``: what becomes of messages on standard input, step by step. Reads no database."""

from __future__ import annotations

import sys
from typing import Any

import pyarrow as pa

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments, UsageError
from ailog.domain.classify import RuleBundle
from ailog.domain.fingerprint import Miner, to_hex
from ailog.domain.masking import mask
from ailog.domain.problem import flow_of, problem_key
from ailog.domain.template_family import Families, pattern_of
from ailog.domain.template_rough import VAR, rough
from ailog.pipeline.classify import rules_directory

STEPS = {
    "message": "message",
    "masked": "masked",
    "values_out": "values out",
    "template": "template",
    "family": "family",
    "family_template": "family says",
    "fingerprint": "fingerprint",
    "error_type": "error type",
    "rule": "rule",
    "category": "category",
    "subcategory": "subcategory",
    "wrapper": "wrapper",
    "problem_key": "problem key",
}
SUMMARY = {"fingerprint": "fingerprint", "problem_key": "problem key", "category": "category", "template": "template"}


def classify(arguments: Arguments) -> int:
    """``{"messages": [...]}`` with the keys of ``STEPS``, in the order of the input; families are decided over all of it."""
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    messages = [text.strip("\n")] if arguments.whole else text.splitlines()
    messages = [message for message in messages if message.strip()]
    if not messages:
        raise UsageError("no message on standard input: pipe one a line, or one with --whole")
    found = explained(messages, settings.load(), error_type=arguments.error_type, app=arguments.app, namespace=arguments.namespace)
    if arguments.json:
        out.as_json({"messages": found})
    elif arguments.explain:
        for one in found:
            for key, heading in STEPS.items():
                out.say(f"{heading:>14}  {out.shown(one[key])}")
            out.say("")
    else:
        out.table("messages", found, SUMMARY)
    return 0


def explained(
    messages: list[str], loaded: settings.Settings, *, error_type: str = "", app: str = "", namespace: str = ""
) -> list[dict[str, Any]]:
    """Every step of each message, as the pipeline takes it."""
    masked = mask(pa.array(messages, pa.string()))
    table = pa.table(
        {"message": masked, "error_type": pa.array([error_type] * len(messages)), "stack_trace": pa.nulls(len(messages), pa.string())}
    )
    miner = Miner(loaded.classification.in_app)
    fingerprints = miner.encode(table).tolist()
    known = Families(miner.templates.values()).resolve()
    members: dict[int, set[str]] = {}
    for fingerprint, family in known.items():
        members.setdefault(family, set()).add(miner.templates[fingerprint].template)
    bundle = RuleBundle.load(rules_directory(loaded))
    found = []
    for message, clean, bare, fingerprint in zip(messages, masked.to_pylist(), rough(masked).to_pylist(), fingerprints, strict=True):
        template = miner.templates[fingerprint]
        verdict = bundle.classify(template.error_type, template.template)
        found.append(
            {
                "message": message,
                "masked": clean,
                "values_out": bare.replace(VAR, "<*>"),
                "template": template.template,
                "family": to_hex(known[fingerprint]),
                "family_template": pattern_of(members[known[fingerprint]]),
                "fingerprint": to_hex(fingerprint),
                "error_type": template.error_type,
                "error_type_from": template.metadata_quality,
                "rule": verdict.rule_id,
                "rules": bundle.version,
                "category": verdict.category,
                "subcategory": verdict.subcategory,
                "wrapper": verdict.wrapper,
                "problem_key": problem_key(verdict.category, flow_of(app, namespace), verdict.error_class),
            }
        )
    return found
