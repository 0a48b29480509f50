"""Reads a page strictly, with the standard library: every tag closed in order, every id once, every link within the page answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "br", "img", "link", "input", "hr"}


@dataclass
class Page(HTMLParser):
    """What a page holds: its elements with their attributes in order, its text, and what is wrong with its form."""

    text: str = ""
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    words: str = ""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.text)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self._open]
        ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]
        self.wrong += [f"the id {name} is there twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
        inner = [a["href"][1:] for _, a in self.elements if a.get("href", "").startswith("#")]
        inner += [a["aria-labelledby"] for _, a in self.elements if "aria-labelledby" in a]
        self.wrong += [f"nothing has the id {name}" for name in sorted(set(inner) - set(ids))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.wrong.append(f"<{tag}> has an attribute twice: {names}")
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self._open[-1:]} at {self.getpos()}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.words += data

    def tags(self) -> set[str]:
        """The names of all elements."""
        return {tag for tag, _ in self.elements}
