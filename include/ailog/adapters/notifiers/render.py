"""A message's body as plain text, Markdown and HTML; every text of a log is escaped for its medium."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, Final

from ailog.domain.wording import clean, one_line

_ANYWHERE: Final = re.compile(r"([\\`*_{\[\]|~])")
_AT_LINE_START: Final = re.compile(r"^([ ]*)([#+=-]|[0-9]+[.)])", re.MULTILINE)
_LABEL: Final = 20
_WORD: Final = 30
_COLOURS: Final = {"critical": "#a4262c", "high": "#d83b01", "medium": "#8a6d00", "low": "#005a9e", "info": "#5c5c5c"}


def escape_markdown(text: str) -> str:
    """The text such that Markdown shows it as it is: signs that act behind a backslash, angle brackets and ampersands as entities."""
    inert = _ANYWHERE.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return _AT_LINE_START.sub(lambda m: m[1] + m[2][:-1] + "\\" + m[2][-1], inert)


def is_wide(label: str, value: str) -> bool:
    """Whether a fact needs the whole width: a long label, or a word that a narrow column on a phone cannot break."""
    return len(label) > _LABEL or any(len(word) > _WORD for word in value.split())


def shaped(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with every part that ``domain.digest`` names; what it holds beside them becomes facts of a section, so nothing is lost."""
    parts: dict[str, Any] = {"title": "AI Log Analyzer", "subtitle": "", "severity": None}
    parts |= {name: [] for name in ("warnings", "sections", "notes", "links")}
    others = [[name.replace("_", " "), one_line(value)] for name, value in body.items() if name not in parts and value not in (None, "")]
    parts |= {name: value for name, value in body.items() if name in parts}
    if others:
        extra = {"heading": "Details", "severity": None, "facts": others, "sample": None, "problem": None}
        parts["sections"] = [*parts["sections"], extra]
    return parts


def to_text(body: Mapping[str, Any]) -> str:
    """Plain text for terminals and the text part of a mail."""
    body = shaped(body)
    lines = [clean(body["title"]), clean(body["subtitle"]), ""]
    lines += [f"! {clean(warning)}" for warning in body["warnings"]]
    for section in body["sections"]:
        lines += ["", clean(section["heading"])]
        lines += [f"  {clean(label) + ':':14} {clean(value)}" for label, value in section["facts"]]
        if section["sample"]:
            lines += ["  Sample:", *(f"  | {line}" for line in clean(section["sample"]).split("\n"))]
    if body["notes"]:
        lines += ["", *(clean(note) for note in body["notes"])]
    lines += [f"{clean(label)}: {clean(url)}" for label, url in body["links"]]
    return "\n".join(lines) + "\n"


def to_markdown(body: Mapping[str, Any]) -> str:
    """Markdown for a file that a person opens."""
    body = shaped(body)
    esc = escape_markdown
    lines = [f"# {esc(clean(body['title']))}", "", esc(clean(body["subtitle"])), ""]
    for warning in body["warnings"]:
        lines += [f"> **{esc(clean(warning))}**", ""]
    for section in body["sections"]:
        lines += [f"## {esc(clean(section['heading']))}", ""]
        lines += [f"- **{esc(clean(label))}:** {esc(clean(value))}" for label, value in section["facts"]]
        lines.append("")
        if section["sample"]:
            # Indented code cannot be closed by anything that the sample holds; the word before it ends the list, of which it would
            # else be a part and no code.
            lines += ["Sample:", "", *(f"    {line}" for line in clean(section["sample"]).split("\n")), ""]
    lines += [f"*{esc(clean(note))}*\n" for note in body["notes"]]
    lines += [f"[{esc(clean(label))}](<{clean(url)}>)\n" for label, url in body["links"]]
    return "\n".join(lines)


def to_html(body: Mapping[str, Any]) -> str:
    """A small HTML page without scripts, images or styles from elsewhere, as mail programs show it."""
    body = shaped(body)

    def esc(text: object) -> str:
        return html.escape(clean(text), quote=True)

    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>',
        '<body style="font-family:Segoe UI,Arial,sans-serif;font-size:14px;color:#1b1b1b;max-width:820px">',
        f'<h2 style="margin:0 0 4px">{esc(body["title"])}</h2><p style="margin:0 0 12px;color:#5c5c5c">{esc(body["subtitle"])}</p>',
    ]
    parts += [
        f'<p style="background:#fde7e9;border-left:4px solid #a4262c;padding:8px;margin:0 0 8px">{esc(warning)}</p>'
        for warning in body["warnings"]
    ]
    for section in body["sections"]:
        colour = _COLOURS.get(section["severity"] or "", "#5c5c5c")
        bar = f"border-left:4px solid {colour};padding-left:8px;margin:16px 0 4px;word-break:break-word"
        parts.append(f'<h3 style="{bar}">{esc(section["heading"])}</h3>')
        parts.append('<table style="border-collapse:collapse;font-size:14px">')
        for label, value in section["facts"]:
            if is_wide(clean(label), clean(value)):
                wide = f'<span style="color:#5c5c5c">{esc(label)}</span><br>{esc(value)}'
                parts.append(f'<tr><td colspan="2" style="padding:2px 0;word-break:break-word">{wide}</td></tr>')
            else:
                parts.append(
                    f'<tr><td style="padding:2px 12px 2px 0;color:#5c5c5c;vertical-align:top;white-space:nowrap">{esc(label)}</td>'
                    f'<td style="padding:2px 0;word-break:break-word">{esc(value)}</td></tr>'
                )
        parts.append("</table>")
        if section["sample"]:
            parts.append(
                '<pre style="background:#f3f2f1;padding:8px;white-space:pre-wrap;word-break:break-word;font-size:12px">'
                f"{esc(section['sample'])}</pre>"
            )
    parts += [f'<p style="color:#5c5c5c;margin:8px 0">{esc(note)}</p>' for note in body["notes"]]
    parts += [
        f'<p><a href="{esc(url)}">{esc(label)}</a></p>' for label, url in body["links"] if str(url).startswith(("https://", "http://"))
    ]
    return "".join(parts) + "</body></html>\n"
