"""A message's body as an Adaptive Card for a Workflows webhook, never larger than its limit.

Workflows takes any body with 202 and drops, inside the flow, a message whose properties exceed 28,672 bytes. These are counted after
the card was put as a string into another JSON document, where every quote and backslash grows. So both sizes are judged: the bytes
sent against ``max_bytes``, and the re-encoded card against the flow's limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ailog.adapters.notifiers.render import escape_markdown, is_wide, shaped
from ailog.domain.wording import clean, counted, head
from ailog.errors import MessageRefused

FLOW_LIMIT: Final = 28_672
"""Bytes of message properties that the flow takes."""
# Kept free for what the flow itself adds to the properties.
_ENVELOPE: Final = 1_500
_STYLES: Final = {"critical": "attention", "high": "attention", "medium": "warning", "low": "accent", "info": "default"}


def fits(payload: bytes, max_bytes: int) -> bool:
    """Whether a payload may be sent: within ``max_bytes``, and within the flow's limit once it is a string in another document."""
    nested = json.dumps(payload.decode("utf-8"), ensure_ascii=False).encode()
    return len(payload) <= max_bytes and len(nested) <= FLOW_LIMIT - _ENVELOPE


def encode(body: Mapping[str, Any], max_bytes: int) -> bytes:
    """The card as the bytes to send, shrunk until it fits: first the samples go, then the lower sections, then long texts.

    Whatever was left out is said in the card. Raises MessageRefused when not even a card with only the title fits.
    """
    for candidate in _smaller(shaped(body)):
        payload = json.dumps(to_card(candidate), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        if fits(payload, max_bytes):
            return payload
    raise MessageRefused(f"the message does not fit into {max_bytes:,} bytes even with its title alone; raise notify.teams.max_bytes")


def _smaller(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The body itself, then ever smaller versions of it that say what is missing."""
    yield body
    sections = list(body["sections"])
    for limit in (150, 0):
        cut = [{**section, "sample": head(section["sample"], limit) if section["sample"] and limit else None} for section in sections]
        note = "Samples were shortened" if limit else "Samples were left out"
        yield {**body, "sections": cut, "notes": [*body["notes"], f"{note} to keep the message within its size."]}
    bare = [{**section, "sample": None} for section in sections]
    for kept in range(len(bare) - 1, 0, -1):
        yield {**body, "sections": bare[:kept], "notes": [*body["notes"], _left_out(len(bare) - kept, samples=True)]}
    short = [
        {**section, "heading": head(section["heading"], 120), "facts": [[head(k, 60), head(v, 160)] for k, v in section["facts"][:9]]}
        for section in bare[:1]
    ]
    warnings = [head(warning, 300) for warning in body["warnings"][:3]]
    notes = [_left_out(max(0, len(bare) - 1), samples=True), "Long texts were cut."]
    yield {**body, "sections": short, "warnings": warnings, "notes": notes}
    title = {"title": head(body["title"], 200), "subtitle": head(body["subtitle"], 100), "links": []}
    yield {**body, **title, "sections": [], "warnings": warnings[:1], "notes": [_left_out(len(bare), samples=True)]}


def _left_out(sections: int, *, samples: bool) -> str:
    what = counted(sections, "section") + (" and all samples" if samples else "")
    return f"Left out to keep the message within its size: {what}; see the problem report."


def to_card(body: Mapping[str, Any]) -> dict[str, Any]:
    """The payload that Workflows takes: a message with one Adaptive Card 1.4. No Markdown or HTML in the text of a log acts."""
    elements: list[dict[str, Any]] = [
        _text(body["title"], size="Large", weight="Bolder"),
        *([_text(body["subtitle"], isSubtle=True, spacing="None")] if body["subtitle"] else []),
    ]
    elements += [{"type": "Container", "style": "attention", "items": [_text(warning, weight="Bolder")]} for warning in body["warnings"]]
    for section in body["sections"]:
        items = [_text(section["heading"], weight="Bolder"), *_facts(section["facts"])]
        if section["sample"]:
            items.append(_text(section["sample"], fontType="Monospace", size="Small"))
        elements.append(
            {
                "type": "Container",
                "separator": True,
                "spacing": "Medium",
                "items": [
                    {"type": "Container", "style": _STYLES.get(section["severity"] or "", "default"), "items": items[:1]},
                    *items[1:],
                ],
            }
        )
    elements += [_text(note, isSubtle=True) for note in body["notes"]]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": elements,
    }
    if body["links"]:
        content["actions"] = [{"type": "Action.OpenUrl", "title": clean(label), "url": clean(url)} for label, url in body["links"]]
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}],
    }


def _facts(facts: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Facts as pairs side by side; one that needs the whole width stands below its label."""
    elements: list[dict[str, Any]] = []
    for label, value in facts:
        if is_wide(clean(label), clean(value)):
            elements += [_text(label, weight="Bolder", spacing="Small"), _text(value, spacing="None")]
            continue
        if not elements or elements[-1]["type"] != "FactSet":
            elements.append({"type": "FactSet", "spacing": "Small", "facts": []})
        elements[-1]["facts"].append({"title": _escaped(label), "value": _escaped(value)})
    return elements


def _text(text: object, **style: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": _escaped(text), "wrap": True, **style}


def _escaped(text: object) -> str:
    # Cards replace {{DATE(...)}} in a text; the escaped braces take that away too. A line end needs a paragraph of its own.
    return escape_markdown(clean(text)).replace("\n", "\n\n")
