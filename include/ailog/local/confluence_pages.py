"""What the stand-in for Confluence keeps: pages with versions, attachments with versions, and the rules that the real one enforces."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from ailog.domain.storage_format import Unreadable, parse

_PREFIXED: Final = re.compile(r"</?([A-Za-z]+):")
_MACRO: Final = re.compile(r"<ac:structured-macro ((?:(?!ac:macro-id)[^>])*?)(/?)>")
_SMALL_TAGS: Final = (("<b>", "<strong>"), ("</b>", "</strong>"), ("<i>", "<em>"), ("</i>", "</em>"))
_NAMED: Final = {"\u2013": "&ndash;", "\u2014": "&mdash;", "\u2026": "&hellip;", "\u2192": "&rarr;", "\u2019": "&rsquo;", "\xa0": "&nbsp;"}
_CDATA: Final = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
MAX_TITLE: Final = 255


class Refused(Exception):
    """A request that the rules do not allow: HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Version:
    """One version of a page or a file."""

    number: int
    body: str
    message: str = ""
    minor: bool = False
    author: str = ""


@dataclass
class File:
    """An attachment: its versions, with the comment as message."""

    file_id: str
    name: str
    media_type: str
    comment: str
    contents: list[bytes] = field(default_factory=list)


@dataclass
class StoredPage:
    """A page of a space."""

    page_id: str
    space: str
    title: str
    parent_id: str | None
    versions: list[Version] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    status: str = "current"

    @property
    def newest(self) -> Version:
        """The version that readers see."""
        return self.versions[-1]


def check_storage(body: str) -> None:
    """Refuses what is no well-formed storage format: tags, entities, prefixes other than ``ac`` and ``ri``."""
    try:
        parse(body)
    except Unreadable as error:
        raise Refused(400, f"Error parsing xhtml: {error}") from error
    unknown = set(_PREFIXED.findall(_CDATA.sub("", body))) - {"ac", "ri"}
    if unknown:
        raise Refused(400, f"Error parsing xhtml: Undeclared namespace prefix {min(unknown)!r}")


def normalised(body: str, ids: Iterable[str]) -> str:
    """The body as Confluence stores it: macros get an id, ``b`` becomes ``strong``, some characters become entities, blanks go."""
    numbers = iter(ids)
    parts = _CDATA.split(body)
    for place in range(0, len(parts), 2):
        text = _MACRO.sub(lambda found: f'<ac:structured-macro {found[1]} ac:macro-id="{next(numbers)}"{found[2]}>', parts[place])
        for old, new in _SMALL_TAGS:
            text = text.replace(old, new)
        for character, entity in _NAMED.items():
            text = text.replace(character, entity)
        parts[place] = re.sub(r">\n+<", "><", text)
    return "".join(parts)


class Pages:
    """All pages of the stand-in. Methods raise Refused as the server answers; ids and titles are checked here, logins are not."""

    def __init__(self, spaces: Iterable[str], max_page_bytes: int, max_file_bytes: int) -> None:
        self.spaces = {key: str(number) for number, key in enumerate(spaces, 65_537)}
        self.max_page_bytes = max_page_bytes
        self.max_file_bytes = max_file_bytes
        self.lock = threading.RLock()
        self._pages: dict[str, StoredPage] = {}
        self._next = 100_000

    def all(self) -> list[StoredPage]:
        """Every page that is not in the trash, in the order of making."""
        with self.lock:
            return [page for page in self._pages.values() if page.status == "current"]

    def get(self, page_id: str) -> StoredPage:
        """The page. 404 when there is none."""
        with self.lock:
            page = self._pages.get(page_id)
            if page is None or page.status != "current":
                raise Refused(404, f"No content found with id: ContentId{{id={page_id}}}")
            return page

    def titled(self, space: str, title: str) -> StoredPage | None:
        """The page of this title in a space; case does not count."""
        return next((page for page in self.all() if page.space == space and page.title.casefold() == title.casefold()), None)

    def create(self, space: str, title: str, parent_id: str | None, body: str, author: str = "") -> StoredPage:
        """Makes a page, or refuses: title taken or too long, unknown space or parent, malformed, too large."""
        with self.lock:
            if space not in self.spaces:
                raise Refused(404, f"No space with key : {space}")
            if not title.strip() or len(title) > MAX_TITLE:
                raise Refused(400, "Title cannot be empty or longer than 255 characters.")
            if self.titled(space, title) is not None:
                raise Refused(400, "A page with this title already exists: A page already exists with the same TITLE in this space")
            if parent_id is not None:
                self.get(parent_id)
            page = StoredPage(self._number(), space, title, parent_id)
            page.versions.append(Version(1, self._taken(body), author=author))
            self._pages[page.page_id] = page
            return page

    def update(
        self, page_id: str, number: int, title: str, body: str, message: str = "", *, minor: bool = False, author: str = ""
    ) -> StoredPage:
        """Replaces title and body; 409 unless ``number`` follows the newest version."""
        with self.lock:
            page = self.get(page_id)
            if number != page.newest.number + 1:
                raise Refused(409, f"Version must be incremented on update. Current version is: {page.newest.number}")
            other = self.titled(page.space, title)
            if other is not None and other is not page:
                raise Refused(400, "A page with this title already exists")
            page.versions.append(Version(number, self._taken(body), message, minor, author))
            page.title = title
            return page

    def edit(self, page_id: str, old: str, new: str, author: str = "a person") -> StoredPage:
        """A person's edit: replaces a piece of the newest body, which must be there."""
        with self.lock:
            page = self.get(page_id)
            if old not in page.newest.body:
                raise LookupError(f"the page does not hold {old!r}")
            return self.update(page_id, page.newest.number + 1, page.title, page.newest.body.replace(old, new, 1), author=author)

    def attach(self, page_id: str, name: str, media_type: str, data: bytes, comment: str, file_id: str | None = None) -> File:
        """A new file, or with ``file_id`` a new version of one; 400 for a name that is taken, 413 for one that is too large."""
        with self.lock:
            page = self.get(page_id)
            if len(data) > self.max_file_bytes:
                raise Refused(413, f"Attachment exceeds the maximum size of {self.max_file_bytes} bytes")
            if file_id is None:
                if name in page.files:
                    raise Refused(400, f"Cannot add a new attachment with same file name as an existing attachment: {name}")
                page.files[name] = File(f"att{self._number()}", name, media_type, comment)
            found = next((file for file in page.files.values() if file.file_id == (file_id or page.files[name].file_id)), None)
            if found is None:
                raise Refused(404, f"No attachment with id {file_id}")
            found.comment, found.media_type = comment, media_type
            found.contents.append(data)
            return found

    def _taken(self, body: str) -> str:
        if len(body.encode("utf-8", "replace")) > self.max_page_bytes:
            raise Refused(413, "Request entity too large")
        check_storage(body)
        return normalised(body, (f"{self._number()}-7c1e-4b0a" for _ in iter(int, 1)))

    def _number(self) -> str:
        self._next += 1
        return str(self._next)


def described(page: StoredPage, *, cloud: bool) -> dict[str, Any]:
    """A page as the interface gives it: v1 of Data Center, v2 of Cloud."""
    answer: dict[str, Any] = {
        "id": page.page_id,
        "status": page.status,
        "title": page.title,
        "version": {"number": page.newest.number, "message": page.newest.message, "minorEdit": page.newest.minor},
        "body": {"storage": {"value": page.newest.body, "representation": "storage"}},
    }
    return {**answer, "parentId": page.parent_id} if cloud else {**answer, "type": "page", "space": {"key": page.space}}
