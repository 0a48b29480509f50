r"""Brings a stack trace back to the lines that the runtime wrote, whatever was done to it on the way.

Two steps, both pure functions of the text. ``unescaped`` works on a column of messages as they arrive: written-out line breaks, escaped
once or several times (``\n``, ``\\n\\t``, ``\u000a``, ``#012``, U+2028), and the lines of Docker's JSON log. ``as_lines`` works on one
text, before or after its values are taken out: prefixes repeated on every line, and traces that were joined into one line. Texts without a
trace come back as they are; a column without a written-out line break costs one look at its bytes.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.template_digits import bytes_of, places
from ailog.domain.trace_lines import unfolded

_NEEDLES: Final = ((ord("\\"), (b"n", b"u000")), (ord("#"), (b"012",)), (0xE2, (b"\x80\xa8",)))
"""What no text is without that ``_BROKEN`` finds: bytes that are rare in logs, and what follows them."""
_TRACE: Final = (
    r"(?:at [\w.$<>/\[(@~]|File \\*\"|Caused by: |Suppressed: |Traceback \(most|\+ Exception Group|\.\.\. [0-9]+ (?:more|common)"
    r"|---> |--- End of |goroutine [0-9]+ \[|\[(?:cause|errors)\]: |(?:from )?[^\s:]{1,200}:[0-9]+:in |#[0-9]+ |Stack trace:|\[stacktrace\]"
    r"|[\w.$\\/]{1,200}(?:Error|Exception)\b|During handling of|The above exception)"
)
"""What a line of a trace begins with."""
_BREAK: Final = r"(?:\\+n|\\+u000[aA]|#012|\x{2028})"
_SPACE: Final = r"(?:\\+[rnt]|\\+u000[9aAdD]|#01[12]|[\s|]){0,40}"
_PREFIXED_TRACE: Final = r"[^\n\\]{1,120}[ |](?:\\+t)?(?:at [\w.$<>/]+\(|Caused by: |Traceback \(most|File \\*\")"
"""A line of a trace behind what a collector put before it."""
_BROKEN: Final = rf"{_BREAK}(?:{_SPACE}{_TRACE}|{_PREFIXED_TRACE})|\\n\",\"stream\":\"std(?:out|err)\""
"""A written-out line break with a line of a trace behind it, as RE2 reads it."""
_EVIDENCE: Final = re.compile(rf"(?:\\n|\\u000[aA])(?:{_SPACE}+{_TRACE}|{_PREFIXED_TRACE})")
_LOG: Final = re.compile(r'\{"log":"((?:[^"\\]|\\.)*)","stream":"std(?:out|err)"[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)?\}\n?')
"""One line as Docker's JSON driver keeps it."""
_ESCAPE: Final = re.compile(
    r"(?P<path>\b[A-Za-z]:\\(?!\\)(?:[^\s\"'()<>|:*?\\]|\\(?!\\)){1,300}?\.(?:cs|vb|fs|py|js|ts|rb|php|java|cpp|cc|go|dll|exe)\b)"
    r"|(?P<line>(?:\\r)?\\n|\\u000[aA])|(?P<tab>\\t|\\u0009)|\\(?P<same>[\\\"'/])|\\u00(?P<sign>[2-7][0-9a-fA-F])|\\r|\\u000[dD]"
    r"|\\u001[bB](?:\[[0-9;]{0,12}m)?"
)
_DEPTH: Final = 4
"""Times that a text may have been escaped."""


def unescaped(texts: pa.Array) -> pa.Array:
    """The column with written-out line breaks of traces turned into line breaks; as many, nulls stay nulls."""
    rows = _candidates(texts)
    if len(rows) == 0:
        return texts
    some = texts.take(pa.array(rows))
    broken = pc.fill_null(pc.match_substring_regex(some, _BROKEN), fill_value=False)
    rows = rows[broken.to_numpy(zero_copy_only=False)]
    if len(rows) == 0:
        return texts
    coded = some.filter(broken).dictionary_encode()
    written = pa.array([unescape(text) for text in coded.dictionary.to_pylist()], texts.type)
    mask = np.zeros(len(texts), np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(texts, pa.array(mask), written.take(coded.indices))


def _candidates(texts: pa.Array) -> npt.NDArray[np.int64]:
    """The rows that hold one of the needles; found in the bytes of the whole column, which costs next to nothing when there is none."""
    offsets, content = bytes_of(texts)
    found = [np.empty(0, np.int64)]
    for first, ends in _NEEDLES:
        at = places(content, first)
        for end in ends:
            here = at[at < len(content) - len(end)]
            for step, byte in enumerate(end, 1):
                here = here[content[here + step] == byte]
            found.append(here)
    together = np.concatenate(found)
    return np.unique(np.searchsorted(offsets, together + offsets[0], side="right") - 1) if len(together) else together


def unescape(text: str) -> str:
    """One text with the written-out line breaks of its trace turned into line breaks; any other text as it is."""
    if '"stream":"std' in text:
        text = _LOG.sub(lambda match: _ESCAPE.sub(_sign, match.group(1)), text)
    if "\N{LINE SEPARATOR}" in text:
        text = text.replace("\N{LINE SEPARATOR}", "\n")
    if "#012" in text:
        text = text.replace("#015#012", "\n").replace("#012", "\n").replace("#011", "\t")
    for _ in range(_DEPTH if "\\" in text else 0):
        if not _EVIDENCE.search(text):
            break
        text = _ESCAPE.sub(_sign, text)
    return text


def _sign(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "line":
        return "\n"
    if kind == "tab":
        return "\t"
    if kind == "sign":
        return chr(int(match.group("sign"), 16))
    return match.group(kind) if kind else ""


_CRI: Final = re.compile(r"(?m)^(?:\x01|[0-9T:.Z+-]{20,40}) std(?:out|err) ([FP]) ")
_CRI_PART: Final = "\x00"
_PREFIXED: Final = re.compile(
    r"(?m)^(?=(?P<prefix>[^\n]{1,200}?)[ \t]*(?<!\S)(?:at (?:[\w.$<>/\x01@-]+\(|async )|Caused by: |Traceback \(most recent"
    r"|File \"[^\"\n]+\"\S?, line |goroutine \S+ \[|\.\.\. \S+ (?:more|common)|---> ))(?=[ \t]*[^\s|+])"
)
_GROUP: Final = re.compile(r"[\s|+-]*\Z")
_OF_TRACE: Final = re.compile(r"(?:\A|\s)(?:at|from|File|Caused by:|goroutine|Traceback|Suppressed:)\s|\t")


def as_lines(text: str) -> str:
    """The text with one line for each frame and cause of its trace, without what a collector put before each line."""
    if "\n" in text:
        text = text.replace("\r\n", "\n")
        text = _without_prefixes(text)
    return unfolded(text)


def _without_prefixes(text: str) -> str:
    if " std" in text and _CRI.search(text):
        parts = _CRI.sub(lambda match: _CRI_PART if match.group(1) == "P" else "", text).split("\n")
        text = ""
        for part in parts:  # what follows a partial line belongs to it
            text += part.lstrip(_CRI_PART) + ("" if part.startswith(_CRI_PART) else "\n")
        text = text.removesuffix("\n")
    lines = text.split("\n")
    prefix = _common(lines)
    if not prefix:
        match = _PREFIXED.search(text)
        if match is None or _GROUP.match(match.group("prefix")):
            return text
        prefix = match.group("prefix").rstrip()
        with_it = [line for line in lines if line.startswith(prefix)]
        if len(with_it) < 2 or 2 * len(with_it) < len(lines):
            return text
        if all(line.startswith(prefix + " ") or line == prefix for line in with_it):
            prefix += " "
    bare = prefix.rstrip()
    return "\n".join("" if line == bare else line.removeprefix(prefix) for line in lines)


def _common(lines: list[str]) -> str:
    """What all lines begin with, up to a blank; '' when it is blank or part of the trace itself."""
    first, last = min(lines), max(lines)
    at = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), min(len(first), len(last)))
    # A line that is empty behind the prefix may have lost the blank at its end.
    prefix = first[: first.rfind(" ", 0, at) + 1] if at < len(first) or last[at : at + 1] != " " else first + " "
    return "" if len(lines) < 2 or _GROUP.match(prefix) or _OF_TRACE.search(prefix) else prefix


__all__ = ["as_lines", "unescape", "unescaped"]
