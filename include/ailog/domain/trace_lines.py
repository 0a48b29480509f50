"""Puts the line breaks back into traces that were joined into one line, with blanks, tabs or nothing between the lines.

A text is taken for such a trace only when a frame stands in it that nothing but another frame, a cause or the end follows, and when it has
no frame on a line of its own: prose that names a place in the code stays as it is. Works on texts before and after their values are taken
out, so a number is ``[0-9]`` or the mark.
"""

from __future__ import annotations

import re
from typing import Final

_N: Final = r"[0-9\x01]+"
_JVM: Final = r"[\w$.@/<>\x01-]+\((?:[\w$\x01-]+\.(?:java|kt|scala|groovy|clj)(?::[0-9\x01]+)?|Native Method|Unknown Source|<generated>)\)"
_NODE: Final = (
    r"(?:async |new )?[\w$.<>\x01]+(?: \[as [\w.\x01]+\])? \((?:[^()\s]{0,300}:[0-9\x01]+(?::[0-9\x01]+)?|<anonymous>|native"
    r"|index [0-9\x01]+|eval at [^\n]{1,200}?)\)"
)
_CLR: Final = r"(?:[\w<>`|\x01+-]+\.{1,2})+[\w$<>`|\x01]+(?:\[[\w`,. \x01]{0,200}\])?\([^()\n]{0,400}\)"
_CLR_PLACE: Final = r" in [^\s:]*(?::[\\/][^\s:]*)?:line [0-9\x01]+"
_PLACE: Final = r"(?:async )?(?:file:|node:)?[\w./\x01@-]+:[0-9\x01]+(?::[0-9\x01]+)?"
_NEXT: Final = r"(?=[ \t]*\Z|[ \t]+(?:at |Caused by: |\.\.\. |Suppressed: |--- End|---> |\{|\}|~?\[|Wrapped by: )|Caused by: |\n)"
_START: Final = re.compile(
    rf"(?<!\s)[ \t]+(?:at (?:(?:{_JVM}|{_NODE}){_NEXT}|{_CLR}(?:{_CLR_PLACE}|(?=[ \t]+(?:at [\w.<>`]+[.(]|--- End of ))"
    r"|(?P<last>[ \t]*(?=\n|\Z))))"
    r"|--- End of (?:inner exception )?stack trace)"
)
_CUT: Final = re.compile(r"(?<![ \t])[ \t]+at (?:[\w$@/<>\x01-]+\.)+[\w$<>\x01-]+ ?\([^()\s]*\Z")
"""A trace that was cut within its first frame."""
_NAMES_FAULT: Final = re.compile(r"\b\w+(?:Exception|Error)\b")
_ALONE: Final = re.compile(r"(?:\A|\n)[ \t]*at (?:[\w$.@/<>`\[\],\x01-]+\(|(?:async |new )?[\w$.<>]+ [(\[]|[^\s()]+:[0-9\x01]+)")
"""A frame on a line of its own."""
_BREAK: Final = re.compile(
    rf"(?<![ \t])(?P<gap>[ \t]+)(?P<deep>at (?:{_JVM}|{_NODE}|{_CLR}|{_PLACE}|lambda_method)|\.\.\. {_N} (?:more|common frames omitted)"
    r"|Suppressed: |--- End of )"
    r"|(?<=[)\]}a-z])[ \t]*(?P<cause>Caused by: |Wrapped by: )|(?<![ \t])[ \t]+(?P<node>\[cause\]: |\[errors\]: \[)"
)
_DETAIL: Final = re.compile(r"(?<![ \t])[ \t]+(?=(?:Detail|Hint|Where|Position|DETAIL|HINT|CONTEXT|STATEMENT): )")
_PROPERTIES: Final = re.compile(r"(?<![ \t])[ \t]+\{[ \t]+(?=(?:errno|code|syscall|address|port|\[cause\]|\[errors\]): )")
_GLUED: Final = re.compile(
    r"(?<=[\w,.)][ \t])([a-z]{3,30}?)(?=(?:org|com|net|io|java|javax|jakarta|kotlin|scala)\."
    r"(?:[a-z]\w{0,60}\.){1,12}[A-Z]\w{0,100}(?:Exception|Error)\b)"
)
"""A word that the name of an exception was joined to."""


def unfolded(text: str) -> str:
    """The text with line breaks before the frames, causes and exceptions of a trace that stands in one line."""
    if "Traceback (most recent" in text:
        return _python(text)
    if (" at " in text or "\tat " in text or "--- End" in text) and (found := _frames(text)) is not text:
        return found
    if "goroutine " in text:
        return _GO.sub(_go, text)
    if ":in " in text:
        return _RUBY.sub(lambda match: "\n\t" + match.group(1), text)
    return _PHP.sub("\n", text) if "tack" in text else text


def _frames(text: str) -> str:
    """The JVM, Node.js and .NET."""
    start = _START.search(text)
    if start is not None and start.group("last") is not None and not _NAMES_FAULT.search(text, 0, start.start()):
        start = None
    start = start or (_CUT.search(text) if _NAMES_FAULT.search(text) else None)
    if start is None or not text[: start.start()].strip() or _ALONE.search(text):
        return text
    head, rest = text[: start.start()], text[start.start() :]
    if "\t" in rest:
        head = _GLUED.sub("\\1\n", head)
    rest = _PROPERTIES.sub(" {\n  ", rest)
    cut = _CUT.match(rest)
    rest = "\n\t" + rest.lstrip() if cut else _BREAK.sub(_broken, rest)
    return _DETAIL.sub("\n  ", head + rest)


def _broken(match: re.Match[str]) -> str:
    if deep := match.group("deep"):
        return "\n" + (match.group("gap") if "\t" in match.group("gap") else "\t") + deep
    return "\n" + (match.group("cause") or match.group("node"))


_GO: Final = re.compile(r"(?<=\S)[ \t]+(goroutine [0-9\x01]+ \[[^\]\n]{1,80}\]:)([^\n]*)")
_GO_FRAME: Final = re.compile(
    r"(?<![ \t])[ \t]+(?=(?:panic|(?=[^\s(]{1,300}\.)[\w./\x01-]{1,300}(?:\(\*?\w+\)[\w.\x01]+)?)\([^\n]{0,300}?\)"
    r"[ \t]+[^\s()]{1,300}:[0-9\x01]+(?:[ \t]|\Z))"
)
_GO_PLACE: Final = re.compile(r"\)[ \t]+(?=[^\s()]+:[0-9\x01]+(?:[ \t]|\Z))")
_GO_END: Final = re.compile(r"(?<![ \t])[ \t]+(?=created by |exit status )")


def _go(match: re.Match[str]) -> str:
    frames = _GO_END.sub("\n", _GO_PLACE.sub(")\n\t", _GO_FRAME.sub("\n", match.group(2)[:4_096])))
    return f"\n{match.group(1)}{frames}"


_RUBY: Final = re.compile(r"(?<=\S)(?<!from)[ \t]+((?:from )?(?:[\w./\x01-]*\.rb|[\w.-]*\x01):[0-9\x01]+:in [`'][^'\n]{1,200}')")
_PHP: Final = re.compile(r"(?<=\S)[ \t]+(?=(?:Stack trace:|\[stacktrace\])[ \t]+#[0-9\x01]+ )")


_FILE: Final = re.compile(r"File \\?\"(?P<place>[^\"\n]{1,500})\\?\"\x01?, line [0-9\x01]+(?:, in (?P<where>[^\s]+))?")
_FILE_ALONE: Final = re.compile(r"\n[ \t|]+File \\?\"")
_PARTS: Final = re.compile(
    r"\+ Exception Group (?=Traceback \(most)"
    r"|(?=Traceback \(most recent call last\):|During handling of the above exc|The above exception was the d)"
    r"|\+-\+?-{3,}(?: \S{1,3} -{3,})?"
)
_GROUP: Final = re.compile(r"[ \t]\|(?=[ \t]|\Z)")
_BAR: Final = re.compile(r"(?m)^ *\|(?: |$)|^ *\+ Exception Group (?=Traceback)")
_EXCEPTIONS: Final = (
    re.compile(
        r"(?<!\S)(?:[\w\x01]+\.)*(?=\w)[\w\x01]*(?:Error|Exception|Warning|Exit|Interrupt|ExceptionGroup|Iteration|Timeout|Failure"
        r"|NotFound|DoesNotExist|Fault)(?=:[ \t]|:?[ \t]*\Z)"
    ),
    re.compile(r"(?<!\S)(?:[a-z_][\w\x01]*\.)+[A-Z]\w*(?=:[ \t]|[ \t]*\Z)"),
    re.compile(r"(?<!\S)[A-Z]\w+(?=:[ \t])"),
)
"""How the line of an exception begins, the surest first."""
_HEADLINE: Final = "Traceback (most recent call last):"
SEPARATOR: Final = "+-+----"
"""Stands where an exception group begins with its next member."""


def _python(text: str) -> str:
    """Python's tracebacks; groups lose their bars, members are parted by ``SEPARATOR``."""
    group = "Exception Group Traceback" in text
    if group and "\n" in text:
        text = _BAR.sub("", text)
    if "\n" in text and (_FILE_ALONE.search(text) or not _FILE.search(text)) and not _joined(text):
        return _SEPARATED.sub(f"\\1{SEPARATOR}", text) if group else text
    if group:
        text = _GROUP.sub(" ", text)
    out: list[str] = []
    at = 0
    for match in _PARTS.finditer(text):
        out += [*_part(text[at : match.start()])]
        at = match.end()
        if match.group().lstrip(" \t").startswith("+-"):
            out.append(SEPARATOR)
    out += _part(text[at:])
    return "\n".join(out)


_SEPARATED: Final = re.compile(r"(?m)^([ \t]*)\+-\+?-{3,}.*$")


def _joined(text: str) -> bool:
    """Whether a line holds both the headline and the first frame, as when only some line breaks were lost."""
    at = text.find(_HEADLINE)
    end = text.find("\n", at)
    return _FILE.search(text, at, end if end >= 0 else len(text)) is not None


def _part(text: str) -> list[str]:
    """The lines of what stands between two headlines."""
    body = text.strip()
    if not body:
        return []
    start = body.find(_HEADLINE)
    if start < 0:
        if not body.startswith(("During", "The above")):
            return [text.strip("\n")]
        return [body.replace("\n", " ")]
    body = body[start + len(_HEADLINE) :]
    frames = list(_FILE.finditer(body))
    if not frames:
        return [_HEADLINE, *([body.strip()] if body.strip() else [])]
    lines = [_HEADLINE]
    ends = [frame.start() for frame in frames[1:]]
    for frame, end in zip(frames, ends, strict=False):
        lines += ["  " + frame.group().strip(), "    " + body[frame.end() : end].strip().replace("\n", " ")]
    rest = body[frames[-1].end() :]
    found = next((match for pattern in _EXCEPTIONS if (match := pattern.search(rest.replace("\n", " ")))), None)
    lines.append("  " + frames[-1].group().strip())
    if found is None:
        return [*lines, rest.strip()] if rest.strip() else lines
    return [*lines, "    " + rest[: found.start()].strip().replace("\n", " "), _DETAIL.sub("\n  ", rest[found.start() :].strip())]
