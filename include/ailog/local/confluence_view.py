"""Shows pages of the stand-in roughly as Confluence would: macros become what a reader sees of them."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final

from ailog.domain.storage_format import Node, parse
from ailog.local.confluence_pages import StoredPage

_COLOURS: Final = {"Red": "#c9372c", "Yellow": "#946f00", "Green": "#216e4e", "Blue": "#0055cc", "Grey": "#44546f"}
_PANELS: Final = {"warning": "#ffeceb", "note": "#fff7d6", "info": "#e9f2ff", "tip": "#dcfff1"}
_VOID: Final = {"br", "hr", "img"}
_STYLE: Final = """
body { font: 14px/20px system-ui, "DejaVu Sans", sans-serif; color: #172b4d; margin: 24px auto; max-width: 1500px; padding: 0 24px }
table { border-collapse: collapse; margin: 8px 0 }
td, th { border: 1px solid #c1c7d0; padding: 5px 8px; vertical-align: top; text-align: left }
th { background: #f4f5f7; font-weight: 600 } .wide { overflow-x: auto }
.wide table { width: max-content; max-width: none } td { max-width: 380px }
h1, h2 { margin: 24px 0 8px } nav { color: #44546f }
.status { font-size: 11px; font-weight: 700; border: 1px solid currentColor; border-radius: 3px; padding: 0 4px; white-space: nowrap }
.panel { border-radius: 3px; padding: 4px 16px; margin: 8px 0 } details { margin: 6px 0 } summary { cursor: pointer; font-weight: 600 }
pre { background: #f4f5f7; padding: 8px; overflow-x: auto; white-space: pre-wrap } .anchor { color: #8590a2; font-size: 11px }
"""


def page_html(page: StoredPage, children: Iterable[StoredPage]) -> str:
    """The page as a document; files and pages below it are listed."""
    body = "".join(_shown(child, list(children)) for child in parse(page.newest.body).children)
    files = "".join(
        f'<li><a href="/download/{page.page_id}/{_text(file.name)}">{_text(file.name)}</a></li>' for file in page.files.values()
    )
    attached = f"<h2>Attachments</h2><ul>{files}</ul>" if files else ""
    said = f"version {page.newest.number}" + (f", {page.newest.message}" if page.newest.message else "")
    return document(
        page.title, f'<nav><a href="/">{_text(page.space)}</a> · {_text(said)}</nav><h1>{_text(page.title)}</h1>{body}{attached}'
    )


def index_html(pages: Iterable[StoredPage]) -> str:
    """All pages, as links."""
    items = "".join(f'<li><a href="/pages/{page.page_id}">{_text(page.title)}</a> (version {page.newest.number})</li>' for page in pages)
    return document("Confluence stand-in", f"<h1>Confluence stand-in</h1><ul>{items or '<li>no page yet</li>'}</ul>")


def document(title: str, body: str) -> str:
    """A whole HTML document."""
    head = f'<head><meta charset="utf-8"><title>{_text(title)}</title><style>{_STYLE}</style></head>'
    return f'<!doctype html><html lang="en">{head}<body>{body}</body></html>'


def _shown(node: Node | str, children: list[StoredPage]) -> str:  # noqa: PLR0911 - a line for every kind of element
    if isinstance(node, str):
        return _text(node)
    if node.name == "ac:structured-macro":
        return _macro(node, children)
    inner = "".join(_shown(child, children) for child in node.children)
    if node.name == "ac:link":
        return _text(node.text())
    if ":" in node.name:
        return inner
    if node.name == "table":
        return f'<div class="wide"><table>{inner}</table></div>'
    if node.name == "col":
        return f'<col style="{_text(node.attributes.get("style", ""))}">'
    return f"<{node.name}>" if node.name in _VOID else f"<{node.name}>{inner}</{node.name}>"


def _macro(node: Node, children: list[StoredPage]) -> str:  # noqa: PLR0911 - a line for every macro
    name = node.attributes.get("ac:name", "")
    parts = [child for child in node.children if isinstance(child, Node)]
    given = {part.attributes.get("ac:name", ""): part.text() for part in parts if part.name == "ac:parameter"}
    rich = "".join(_shown(child, children) for part in parts if part.name == "ac:rich-text-body" for child in part.children)
    plain = "".join(part.text() for part in parts if part.name == "ac:plain-text-body")
    if name == "status":
        colour = _COLOURS.get(given.get("colour", ""), _COLOURS["Grey"])
        return f'<span class="status" style="color:{colour}">{_text(given.get("title", ""))}</span>'
    if name in _PANELS:
        return f'<div class="panel" style="background:{_PANELS[name]}">{rich}</div>'
    if name == "expand":
        return f"<details><summary>{_text(given.get('title', ''))}</summary>{rich}</details>"
    if name == "code":
        return f"<pre>{_text(plain)}</pre>"
    if name == "anchor":
        return f'<span class="anchor" id="{_text(given.get("", ""))}">⚓</span>'
    if name == "children":
        items = "".join(f'<li><a href="/pages/{child.page_id}">{_text(child.title)}</a></li>' for child in reversed(children))
        return f"<ul>{items}</ul>"
    return f"<em>[{_text(name)}]</em>{rich}"


def _text(value: str) -> str:
    return html.escape(value, quote=True)
