"""What a channel would show of the cards that the Teams stand-in took: one page of plain HTML, newest card first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any, Final

_STYLE: Final = """
body { font: 15px/1.45 "Segoe UI", system-ui, sans-serif; background: #f0f0f0; color: #242424;
  margin: 2rem auto; max-width: 46rem; padding: 0 1rem }
article { background: #fff; border-radius: 6px; box-shadow: 0 1px 3px #0003; margin: 0 0 1.2rem; padding: .8rem 1.2rem;
  overflow-wrap: anywhere }
p { margin: .3rem 0 } .large { font-size: 1.25rem } .medium { font-size: 1.1rem } .small { font-size: .85rem } .bolder { font-weight: 600 }
.subtle { color: #616161 } .attention { color: #a4262c } .warning { color: #835c00 } .good { color: #0b6a0b } .accent { color: #0f548c }
section { border-top: 1px solid #e0e0e0; margin-top: .6rem; padding-top: .4rem }
table { border-spacing: 0 } td { padding: .1rem .8rem .1rem 0; vertical-align: top }
td:first-child { font-weight: 600; white-space: nowrap }
"""


def page(messages: Sequence[dict[str, Any]]) -> str:
    """The page of these messages, in the order in which they came."""
    cards = [f"<article>{_elements(message['attachments'][0]['content']['body'])}</article>" for message in reversed(messages)]
    shown = "".join(cards) or "<p>Nothing was posted yet.</p>"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Teams stand-in</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body><h1>{len(cards)} cards</h1>{shown}</body></html>'
    )


def _elements(elements: Sequence[dict[str, Any]]) -> str:
    return "".join(_element(element) for element in elements)


def _element(element: dict[str, Any]) -> str:
    if element["type"] == "Container":
        return f"<section>{_elements(element['items'])}</section>"
    if element["type"] == "FactSet":
        rows = "".join(f"<tr><td>{_text(fact['title'])}</td><td>{_text(fact['value'])}</td></tr>" for fact in element["facts"])
        return f"<table>{rows}</table>"
    marks = [str(element.get(name, "")).lower() for name in ("size", "weight", "color")]
    return f'<p class="{escape(" ".join([*marks, "subtle" if element.get("isSubtle") else ""]).strip())}">{_text(element["text"])}</p>'


def _text(text: str) -> str:
    """The little of Markdown that cards use: bold, code, links, line breaks, escaped characters."""
    shown = escape(re.sub(r"\\([\\`*_{}\[\]()#+.!|~>-])", r"\1", text), quote=False)
    shown = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", shown)
    shown = re.sub(r"\[([^\]]+)\]\((https?://[^\s)]+)\)", r'<a href="\2">\1</a>', shown)
    return shown.replace("\n", "<br>")
