"""What one chunk of a sentence is, by its form and the vocabulary: itself, the part of it that tells something, or a value."""

from __future__ import annotations

import re
from typing import Final

from ailog.domain.lexicon import ERRNO, ERROR_NAME, NAMELIKE, OUTCOMES, is_prose
from ailog.domain.template_names import tells_fault
from ailog.domain.template_rough import VAR

_CODE: Final = re.compile(r"[^\x01]*[0-9][^\x01]*\x01?[^\x01]*\Z")
_IDENTITY: Final = re.compile(r"((?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*)@\x01\Z")
ENUM: Final = re.compile(r"[A-Z]{2,20}(?:_[A-Z]{1,20}){1,6}\Z")
_SERVICE: Final = re.compile(r"[a-z\x01]+(?:-[a-z\x01]+)*-(?:service|svc)\Z")
_OF_ERRORS: Final = frozenset({"exceptions", "exception", "errors", "error", "err", "exc", "fault", "faults", "errorfactory"})
"""Modules that hold classes of errors, whatever their names end in (``google.api_core.exceptions.NotFound``)."""
_CLASS: Final = re.compile(r"[A-Z]\w*[a-z]\w*\Z")
_LONGEST: Final = 200
"""Characters of a word; what is longer is a value."""
_MAX_CLASSES: Final = 32_768
QUOTE: Final = "\x03"
"""Stands for a name in quotes."""
KIND_MARK: Final = "\x04"
"""Stands before the word that says what a name in quotes is the name of."""


def mark_code(text: str) -> str:
    """A code without the mark that came with it."""
    return text.replace(VAR, "")


def _classify(chunk: str, *, foreign: bool) -> str:
    r"""One chunk by its form and the vocabulary: itself, shortened to its telling part, or the mark (a leading \\x04 says: quoted)."""
    if chunk == QUOTE or len(chunk) > _LONGEST:
        return VAR
    if chunk[0] == KIND_MARK:
        return chunk[1:] or VAR
    if chunk == "/" or (chunk[-1] == "/" and len(chunk) > 2):
        return VAR
    if chunk[0] == "\x02" or (len(chunk) == 1 and not chunk.isalnum()):
        return chunk
    body = chunk.rstrip(".:*…")
    tail = chunk[len(body) :]
    if not body:
        return tail[0]
    if body.endswith("'s") and len(body) > 3:
        body = body[:-2]
    word = _word(body.lstrip("#*&%~^:+-•").rstrip("-/\\") or body, foreign=foreign)
    return word + (":" if ":" in tail else "")


class _Classes(dict[str, str]):
    """What each chunk is, in a sentence of known words or of foreign ones; starts anew when it holds too many."""

    def __init__(self, *, foreign: bool) -> None:
        super().__init__()
        self._foreign = foreign

    def __missing__(self, chunk: str) -> str:
        if len(chunk) > _LONGEST:
            return VAR
        if len(self) >= _MAX_CLASSES:
            self.clear()
        found = self[chunk] = _classify(chunk, foreign=self._foreign)
        return found


FAMILIAR: Final = _Classes(foreign=False)
FOREIGN: Final = _Classes(foreign=True)


def _word(body: str, *, foreign: bool) -> str:  # noqa: C901, PLR0911, PLR0912 - one decision list, read from the top
    if "**" in body or (body[0] == "$" and len(body) > 1):
        return VAR
    if VAR in body:
        if any(c.isdigit() for c in body) and _CODE.match(body) and "/" not in body[:1]:
            return mark_code(body)
        if _IDENTITY.match(body):
            return VAR
        if ERROR_NAME.match(body.rsplit(".", 1)[-1]) and body[0] != VAR:
            return body.rsplit(".", 1)[-1].replace(VAR, "#")
        if _SERVICE.match(body):
            return body.replace(VAR, "#")
        return VAR
    if any(c.isdigit() for c in body):
        return body
    if "://" in body or "\\" in body or "@" in body or (body[0] in "/~" and len(body) > 1) or body.startswith("./") or body.count("/") >= 2:
        return VAR
    if "/" in body:
        if body.lower() == "i/o":
            return body
        return body if all(is_prose(p) and p not in NAMELIKE for p in body.split("/") if p) else VAR
    if "::" in body:
        last = body.rsplit("::", 1)[-1]
        return last if ERROR_NAME.match(last) or is_prose(last) else VAR
    if ":" in body:
        parts = [p for p in body.split(":") if p]
        last = parts[-1].rsplit(".", 1)[-1]
        if len(parts) == 2 and ENUM.match(last) and tells_fault(parts[0]):
            return f"{parts[0]}:{last}"
        words = [_word(p, foreign=foreign) for p in parts]
        lost = words[-1] == VAR or (VAR in words and words[-1].lower() not in OUTCOMES and not tells_fault(parts[0]))
        return VAR if lost else ":".join(words)
    if "." in body:
        return _dotted(body)
    if not any(c.isalpha() for c in body):
        return VAR if body == "/" else body[0]
    return _plain(body, foreign=foreign)


def _dotted(body: str) -> str:
    labels = [p for p in body.split(".") if p]
    last = labels[-1] if labels else ""
    outer, *inner = re.split(r"[$+]", last)
    bare = inner[-1] if inner and inner[-1] else last
    if ERROR_NAME.match(bare) or ERRNO.match(bare):
        return bare
    if len(labels) > 1 and bare.isupper() and tells_fault(labels[-2]):
        return bare
    if inner and ERROR_NAME.match(outer) and bare.isalpha():
        return last  # Spring and Feign keep one class a status inside their exception
    return bare if not _OF_ERRORS.isdisjoint(labels[:-1]) and _CLASS.match(bare) else VAR


def _plain(body: str, *, foreign: bool) -> str:
    if is_prose(body):
        return body
    if ERROR_NAME.match(body) or ERRNO.match(body) or _SERVICE.match(body):
        return re.split(r"[$+]", body)[-1]
    if (body.isupper() and body.isalpha() and len(body) <= 16) or ENUM.match(body):
        return body
    if foreign and (body.isalpha() or "'" in body):
        return body
    return VAR


__all__ = ["ENUM", "FAMILIAR", "FOREIGN", "KIND_MARK", "QUOTE", "mark_code"]
