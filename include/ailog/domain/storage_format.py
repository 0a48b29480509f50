"""Confluence's storage format as a tree with positions: where the generated region of a page lies, and whether two texts mean the same.

A page is never written back from a tree: the region is cut out and put in by position, so that all else stays byte for byte as it was.
The region lies between two anchor macros, which both editors keep and which show a person where the generated part begins and ends.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import name2codepoint
from typing import Any, Final
from xml.parsers import expat

BEGIN: Final = "ailog-begin"
END: Final = "ailog-end"
_STAMP: Final = "ailog-content-"
_HOLDERS: Final = frozenset({"", "ac:layout-cell", "ac:rich-text-body", "div"})
"""Elements that may hold the region: the page itself, a cell of a layout, the body of a macro, a division."""
_MARKER_BLOCKS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ac:structured-macro"})

# What Confluence adds, drops or reorders when it stores or edits a page, without a change of meaning.
_KEPT_ATTRIBUTES: Final = frozenset({"href", "src", "colspan", "rowspan"})
_KEPT_PREFIXES: Final = ("ac:name", "ri:")
_DROPPED_ATTRIBUTES: Final = frozenset({"ri:version-at-save", "ri:space-key"})
_TRANSPARENT: Final = frozenset({"tbody", "thead", "div", "span", "time"})
_DROPPED: Final = frozenset({"colgroup"})
_SAME: Final = {"b": "strong", "i": "em"}
_BLOCKS: Final = frozenset(
    {"p", "table", "tr", "th", "td", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br", "pre", "blockquote",
     "ac:rich-text-body", "ac:layout", "ac:layout-section", "ac:layout-cell", ""}
)  # fmt: skip
_SPACES: Final = re.compile(r"\s+")
_STARTS: Final = re.compile(r"(<(?:p|h[1-6]|li|tr|table)>|</table>)")
_DEPTH: Final = 150


class Unreadable(ValueError):
    """A text that is no well-formed storage format."""


class RegionLost(ValueError):
    """The markers of the region are gone, doubled or moved: where to write is not known. The text says which, and what to do."""


@dataclass(slots=True)
class Node:
    """An element: its name, attributes, children (elements and texts), and its first byte and the byte behind its last one."""

    name: str
    attributes: dict[str, str]
    start: int
    end: int = -1
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    def text(self) -> str:
        """All text below the element."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def below(self) -> Iterator[Node]:
        """Every element below this one, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.below()


def parse(body: str) -> Node:
    """The tree of a body under a nameless root; positions count UTF-8 bytes of the body.

    Raises:
        Unreadable: naming line and column.
    """
    try:
        data = body.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Unreadable("it holds half of a surrogate pair") from error
    return _Reader().read(data)


class _Reader:
    """Builds the tree; an element's end is known when the parser comes to what follows it."""

    _WRAP = b"<r>"

    def __init__(self) -> None:
        self.root = Node("", {}, 0)
        self.at = self.root
        self.closed: list[Node] = []
        self.depth = 0
        parser = expat.ParserCreate("UTF-8")
        parser.UseForeignDTD(True)  # noqa: FBT003 - takes no name. HTML's named entities are not declared in a page; they are skipped, not refused
        parser.ExternalEntityRefHandler = lambda *_: 1
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.SkippedEntityHandler = self._entity
        for name in ("CommentHandler", "ProcessingInstructionHandler", "StartCdataSectionHandler", "EndCdataSectionHandler"):
            setattr(parser, name, self._other)
        self.parser: Any = parser

    def read(self, data: bytes) -> Node:
        try:
            self.parser.Parse(self._WRAP + data + b"</r>", True)  # noqa: FBT003 - takes no name
        except expat.ExpatError as error:
            raise Unreadable(f"{expat.ErrorString(error.code)} in line {error.lineno}, column {error.offset}") from error
        self.root.end = len(data)
        return self.root

    def _position(self) -> int:
        position = int(self.parser.CurrentByteIndex) - len(self._WRAP)
        for node in self.closed:
            node.end = position
        self.closed.clear()
        return position

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        position = self._position()
        self.depth += 1
        if self.depth == 1:
            return
        if self.depth > _DEPTH:
            raise Unreadable(f"it is nested more than {_DEPTH} levels deep")
        node = Node(name, attributes, position, parent=self.at)
        self.at.children.append(node)
        self.at = node

    def _end(self, _name: str) -> None:
        self._position()
        self.depth -= 1
        if self.at.parent is not None:
            self.closed.append(self.at)
            self.at = self.at.parent

    def _text(self, text: str) -> None:
        self._position()
        self.at.children.append(text)

    def _entity(self, name: str, is_parameter: bool) -> None:  # noqa: FBT001 - the parser's signature
        self._position()
        if not is_parameter:
            self.at.children.append(chr(name2codepoint[name]) if name in name2codepoint else f"&{name};")

    def _other(self, *_: object) -> None:
        self._position()


@dataclass(frozen=True, slots=True)
class Region:
    """The generated part of a body: bytes before it, itself, and behind it; the markers belong to the outside."""

    before: bytes
    inside: str
    after: bytes

    def filled(self, text: str) -> str:
        """The whole body with another text in the region."""
        return (self.before + text.encode("utf-8") + self.after).decode("utf-8")


def find_region(body: str) -> Region:
    """The region of a body.

    Raises:
        RegionLost: a marker is missing, is there twice, or was moved to where no region can lie.
        Unreadable: the body is not well-formed.
    """
    root = parse(body)
    begin, end = _marker(root, BEGIN), _marker(root, END)
    holder = _common(begin, end)
    first, last = _child_of(holder, begin), _child_of(holder, end)
    placed = holder.name in _HOLDERS and all(
        block.name in _MARKER_BLOCKS and (block is marker or block is marker.parent) for block, marker in ((first, begin), (last, end))
    )
    if not placed or first is last or first.end > last.start:
        raise RegionLost(
            f"the anchors {BEGIN!r} and {END!r} were moved: each must stand in a paragraph of its own, {BEGIN!r} above {END!r}, side by "
            "side in the page or in one layout cell; restore an older version of the page, or move them back"
        )
    data = body.encode("utf-8")
    return Region(data[: first.end], data[first.end : last.start].decode("utf-8"), data[last.start :])


def is_blank(body: str) -> bool:
    """Whether a body shows nothing: no text and no macro, image or table."""
    root = parse(body)
    return not root.text().strip() and all(node.name in {"p", "br", "div", "span"} for node in root.below())


def anchor(name: str) -> str:
    """An anchor macro."""
    return (
        f'<ac:structured-macro ac:name="anchor" ac:schema-version="1"><ac:parameter ac:name="">{name}</ac:parameter></ac:structured-macro>'
    )


def new_body(region: str, outside: str = "") -> str:
    """The body of a page that is made now: markers, region, and a text behind it that is written this once."""
    return f"<p>{anchor(BEGIN)}</p>{region}<p>{anchor(END)}</p>{outside}"


def stamp(content_hash: str) -> str:
    """An anchor that carries the hash of the region which it ends; it survives where attributes and comments do not."""
    return anchor(f"{_STAMP}{content_hash}")


def stamped(region: str) -> str | None:
    """The hash that a region carries; None when it has none or several."""
    found = {name.removeprefix(_STAMP) for node, name in _anchors(parse(region)) if name.startswith(_STAMP) and node}
    return found.pop() if len(found) == 1 else None


def canonical_hash(text: str) -> str:
    """Sixteen hexadecimal digits that two texts share when Confluence may have made the one from the other by storing it.

    Left out: added attributes (ids, classes, styles), wrappers that editors add, the order of macro parameters, blanks, and whether a
    character is written as itself or as an entity.
    """
    return hashlib.sha256("".join(_canonical(parse(text))).encode()).hexdigest()[:16]


def comparable_lines(text: str) -> list[str]:
    """The canonical form, a line for every paragraph, heading, item and row, for a person to compare."""
    return _STARTS.sub(r"\n\1", "".join(_canonical(parse(text)))).split("\n")


def _canonical(node: Node) -> Iterator[str]:
    name = _SAME.get(node.name, node.name)
    if name in _DROPPED:
        return
    children = node.children
    if name == "ac:structured-macro":
        children = sorted((child for child in children if isinstance(child, Node)), key=_rank)
    transparent = name in _TRANSPARENT or (name == "p" and node.parent is not None and node.parent.name in {"td", "th", "li"})
    inner = list(_inner(children, block=name in _BLOCKS or transparent))
    if name == "p" and not inner:
        return
    if transparent or not name:
        yield from inner
        return
    attributes = sorted(
        f' {key}="{value}"'
        for key, value in node.attributes.items()
        if (key in _KEPT_ATTRIBUTES or key.startswith(_KEPT_PREFIXES)) and key not in _DROPPED_ATTRIBUTES and value not in {"", "1"}
    )
    yield f"<{name}{''.join(attributes)}>"
    yield from inner
    yield f"</{name}>"


def _rank(node: Node | str) -> tuple[bool, str]:
    """Parameters first, by name: their order means nothing."""
    return (True, "") if isinstance(node, str) else (node.name != "ac:parameter", node.attributes.get("ac:name", ""))


def _inner(children: list[Node | str] | list[Node], *, block: bool) -> Iterator[str]:
    """The children, neighbouring texts joined and their blanks collapsed; at the rim of a block blanks mean nothing."""
    pieces: list[str | Node] = []
    for child in children:
        if isinstance(child, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += child
        else:
            pieces.append(child)
    for place, piece in enumerate(pieces):
        if isinstance(piece, Node):
            yield from _canonical(piece)
            continue
        text = _SPACES.sub(" ", piece.replace("\xa0", " "))
        rim_left = place == 0 or _is_block(pieces[place - 1])
        rim_right = place == len(pieces) - 1 or _is_block(pieces[place + 1])
        text = text.lstrip() if rim_left and block else text
        text = text.rstrip() if rim_right and block else text
        if text:
            yield text.replace("&", "&amp;").replace("<", "&lt;")


def _is_block(piece: str | Node) -> bool:
    return isinstance(piece, Node) and (piece.name in _BLOCKS or piece.name in _TRANSPARENT or piece.name == "ac:structured-macro")


def _anchors(root: Node) -> Iterator[tuple[Node, str]]:
    for node in root.below():
        if node.name in {"ac:structured-macro", "ac:macro"} and node.attributes.get("ac:name") == "anchor":
            for child in node.children:
                if isinstance(child, Node) and child.name in {"ac:parameter", "ac:default-parameter"}:
                    yield node, child.text().strip()


def _marker(root: Node, name: str) -> Node:
    found = [node for node, given in _anchors(root) if given == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise RegionLost(
            f"the page has {len(found)} anchors {name!r}, so where to write is not known: leave one of them and delete the others"
        )
    raise RegionLost(
        f"the page has no anchor {name!r}, so where to write is not known: restore an older version of the page, or insert an anchor macro "
        f"called {BEGIN} and below it one called {END}, each in a paragraph of its own, where the generated part shall stand"
    )


def _ancestors(node: Node) -> list[Node]:
    line = [node]
    while line[-1].parent is not None:
        line.append(line[-1].parent)
    return line


def _common(one: Node, other: Node) -> Node:
    line = _ancestors(one)[1:]
    return next(node for node in _ancestors(other)[1:] if any(node is candidate for candidate in line))


def _child_of(holder: Node, node: Node) -> Node:
    return next(step for step in _ancestors(node) if step.parent is holder)
