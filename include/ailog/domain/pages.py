"""The parts of a page in Confluence's storage format: escaped text, tables, labels, panels; the same rows give the same bytes.

Whatever comes from a log or a person passes through ``text``: it can neither open a macro nor end a CDATA section.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ailog.domain.storage_format import canonical_hash, stamp
from ailog.domain.wording import clean, counted, head, one_line

COLOURS: Final = {"critical": "Red", "high": "Yellow", "medium": "Blue", "low": "Grey", "info": "Grey"}
"""Colours of the status macro, which knows Grey, Red, Yellow, Green, Blue (and Purple in Cloud alone)."""
CELL: Final = 300
SAMPLE: Final = 2_000
WORD: Final = 60
_WIDTHS: Final = {
    "Severity": 90, "Change": 90, "Problem": 280, "Namespace": 150, "When": 120, "First seen": 175, "Last seen": 175, "Why": 320,
    "Root cause": 280, "Known issue": 200, "Namespaces": 220, "Services": 220, "Behaviour": 200, "Detail": 300, "Title": 220,
    "Workaround": 280, "Permanent fix": 220, "What changed": 360, "Windows from and to": 300,
}  # fmt: skip
"""Pixels of columns that would otherwise be squeezed; a table that is wider than the page scrolls."""
_LONG: Final = re.compile(rf"\S{{{WORD + 1},}}")
# Confluence on an older MySQL cannot store characters of four bytes and then answers 500 for the whole page.
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a page; ``sha256`` is what tells a new version from the old one."""

    name: str
    data: bytes
    media_type: str = "text/csv"

    @property
    def sha256(self) -> str:
        """The hash of the content in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it shall be: ``region`` ends with a stamp of ``region_hash``."""

    title: str
    region: str
    region_hash: str
    attachments: tuple[Attachment, ...] = ()


def text(value: object, limit: int = CELL) -> str:
    """A value as escaped text on one line, cut to ``limit`` characters; a very long word keeps its two ends, so that no table bursts."""
    plain = _LONG.sub(lambda word: f"{word[0][:20]}…{word[0][-(WORD - 21) :]}", one_line(value))
    return _escaped(head(plain, limit))


def _escaped(plain: str) -> str:
    return html.escape(_ASTRAL.sub(lambda found: f"[U+{ord(found[0]):X}]", plain), quote=True)


def macro(name: str, parameters: Mapping[str, str] | None = None, body: str = "") -> str:
    """A macro with escaped parameters; ``body`` is storage format already."""
    given = "".join(
        f'<ac:parameter ac:name="{key}">{text(value, 200)}</ac:parameter>' for key, value in sorted((parameters or {}).items()) if value
    )
    return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{given}{body}</ac:structured-macro>'


def status(label: str, colour: str) -> str:
    """A coloured label."""
    return macro("status", {"colour": colour, "title": label})


def severity(grade: str) -> str:
    """The label of a severity."""
    return status(grade.upper(), COLOURS.get(grade, "Grey"))


def panel(kind: str, paragraphs: Iterable[str]) -> str:
    """A panel (``info``, ``note``, ``warning``, ``tip``) of paragraphs of storage format; empty without paragraphs."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return macro(kind, body=f"<ac:rich-text-body>{body}</ac:rich-text-body>") if body else ""


def expand(title: str, body: str) -> str:
    """A part that opens on a click."""
    return macro("expand", {"title": title}, f"<ac:rich-text-body>{body}</ac:rich-text-body>")


def code(sample: object, limit: int = SAMPLE) -> str:
    """Text with its line ends, in a box; whatever it holds stays text."""
    plain = _ASTRAL.sub(lambda found: f"[U+{ord(found[0]):X}]", head(clean(sample), limit))
    safe = plain.replace("]]>", "]]]]><![CDATA[>")
    return macro("code", {"language": "text"}, f"<ac:plain-text-body><![CDATA[{safe}]]></ac:plain-text-body>")


def link(name: str) -> str:
    """A link to an attachment of the same page."""
    label = html.escape(name, quote=True)
    return (
        f'<ac:link><ri:attachment ri:filename="{label}" /><ac:plain-text-link-body><![CDATA[{name}]]></ac:plain-text-link-body></ac:link>'
    )


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, shown: int, attached: str | None = None) -> str:
    """A table of cells in storage format with a row of headings (Confluence sorts such a table on a click).

    At most ``shown`` rows; below it stands how many more there are, and in which attachment.
    """
    lines = [f"<tr>{''.join(f'<th>{text(name)}</th>' for name in headers)}</tr>"]
    lines += [f"<tr>{''.join(f'<td>{value}</td>' for value in row)}</tr>" for row in rows[:shown]]
    more = len(rows) - shown
    rest = ""
    if more > 0:
        where = f" in {link(attached)}" if attached else ", not shown here"
        rest = f"<p><strong>{more:,} more</strong>{where}.</p>"
    joined = "\n".join(lines)
    widths = "".join(f'<col style="width: {_WIDTHS[name]}.0px;" />' if name in _WIDTHS else "<col />" for name in headers)
    return f"<table><colgroup>{widths}</colgroup><tbody>\n{joined}\n</tbody></table>{rest}"


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """A table of labels and values in storage format."""
    return f"<table><tbody>{''.join(f'<tr><th>{text(label)}</th><td>{value}</td></tr>' for label, value in rows)}</tbody></table>"


def region(blocks: Iterable[str], source: str) -> tuple[str, str]:
    """A region from its blocks, with a last line that says where it comes from; returns it with its hash, which the line carries.

    ``source`` is escaped text. The hash is of the meaning, so a blank more or less is no new version.
    """
    content = "\n".join(block for block in blocks if block)
    note = f"{source} Everything between the two anchors is written anew; text above or below them stays as it is."
    digest = canonical_hash(f"{content}<p>{note}</p>")
    return f"\n{content}\n<p><em>{note}</em> {stamp(digest)}</p>\n", digest


def fitted(build: Callable[[float], tuple[str, str]], max_bytes: int) -> tuple[str, str]:
    """The region with as many rows as fit: ``build`` gets the share of its row limits that it may use, from 1 downwards.

    Raises ValueError when even the smallest share is too large.
    """
    share = 1.0
    while share > 0.001:
        built, digest = build(share)
        if len(built.encode()) <= max_bytes:
            return built, digest
        share /= 2
    raise ValueError(f"the page exceeds confluence.max_page_bytes ({max_bytes:,}) even with a thousandth of its rows: raise the limit")


def limited(limit: int, share: float) -> int:
    """A row limit under a share; never less than one."""
    return max(1, int(limit * share))


def change(now: float | None, before: float | None) -> str:
    """How a rate differs from an earlier one: ``+35 %``, ``-8 %``, ``same``, ``new``, ``no data``; plain text."""
    if now is None or before is None:
        return "no data"
    if before == 0:
        return "same" if now == 0 else "new"
    percent = round((now / before - 1) * 100)
    return f"{percent:+,d} %" if percent else "same"


def quantity(amount: int, what: str) -> str:
    """``1 incident``, ``12 incidents``: escaped."""
    return text(counted(amount, what))
