"""Takes a stack trace apart: what was said before it, the chain of exceptions, and the frame of our own code that is nearest.

Works on text as shippers deliver it: real or escaped line breaks, cut anywhere, several causes, suppressed exceptions. Knows the
traces of the JVM, Python, Node.js, .NET and Go. Time and memory are linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_ESCAPED: Final = re.compile(
    r"(?:\\r)?\\n(?=(?:\\t|\s)*(?:at |File |Caused by|Suppressed|Traceback|\.\.\. |--->|\w[\w.]*(?:Error|Exception)))"
)
MARKER: Final = re.compile(
    r"(?:\A|\n)[ \t]*(?:at [\w.$<>/\[\]@~ \x01-]+|Caused by: |Traceback \(most recent|goroutine \S+ \[|\.\.\. \S+ (?:more|common)"
    r"|--- End of )"
    r"|---> [\w.+`]+(?:Exception|Error)\b|\\n(?:\\t|[ ]+)at |\\n +File \\?\"|(?:^|\n)panic: "
)
"""Finds out whether a text holds a trace at all."""

_JVM_FRAME: Final = re.compile(r"\s*at (?:[\w.@\x01-]+/{1,2})?([\w.$<>/\x01-]+)\(([^()]*)\)?")
_FRAME: Final = re.compile(r"\s*at (?:async |new |Object\.)?(?P<where>[^\n(]{1,300})(?:\((?P<place>[^()\n]{0,300})\)?)?")
_PY_FRAME: Final = re.compile(r'\s*File "?(?P<place>[^"\n]*)"?, line [^,\s]+(?:, in (?P<where>\S+))?')
_GO_FRAME: Final = re.compile(r"(?P<where>panic|[\w./\x01-]+\.(?:\(\*?[\w]+\)\.)?[\w.]+)\((?:[^()\n]*|\.\.\.)\)\s*\Z")
_NOISE: Final = re.compile(
    r"\s*(?:Node\.js v|\.\.\. \S+ (?:more|common frames omitted)|--- End of |Caused by: a |\[CIRCULAR|\^+\s*\Z|~+\^*|-- ?End"
    r"|created by |exit status|goroutine \S+ \[)"
)
_CAUSE: Final = re.compile(r"\s*(?:Caused by: |\[cause\]: |Wrapped by: |Root cause: )")
_THREAD: Final = re.compile(r"Exception in thread (?:\"[^\"]*\"|\S+) ")
_NAMED: Final = re.compile(
    r"(?P<type>(?:[A-Za-z_$][\w$\x01]*[.+/])*[A-Za-z_$][\w$\x01`]*)(?: \((?:0x)?\x01\)| \[[\w-]+\])?(?::\s*(?P<message>.*))?\Z", re.DOTALL
)
_CHAINED: Final = re.compile(r"(?:During handling of the above exception|The above exception was the direct cause)")
_LAMBDA: Final = re.compile(r"(?:\$\$Lambda|lambda\$|\$\$(?:Enhancer|FastClass|Spring)|\$\$|\$Proxy|\$[0-9\x01]|\x01).*")
_PLATFORM: Final = re.compile(
    r"(?:java|javax|jdk|sun|com\.sun|jakarta|kotlin|kotlinx|scala|akka|reactor|io\.netty|io\.micrometer|io\.lettuce|okhttp3|feign|"
    r"org\.(?:springframework|apache|hibernate|eclipse|jboss|postgresql|junit|slf4j|aspectj|quartz|h2|mockito|reactivestreams)"
    r"|com\.zaxxer|com\.mysql|"
    r"com\.fasterxml|com\.google|com\.netflix|com\.microsoft|oracle|System|Microsoft|Npgsql|MySql|StackExchange|runtime|net/http"
    r"|syscall|internal|"
    r"lambda_method|Promise|process|Module|Timeout|Array|new Promise|node|events)(?:[./:]|\Z)"
)
_LIBRARY: Final = re.compile(
    r"node_modules|site-packages|dist-packages|lib/python|node:|internal/|<frozen|<anonymous>|/usr/local/go/|pkg/mod|\A<|\Anative"
)

_EXCERPT: Final = re.compile(r"\A[^\n]*\x01[^\n]*\n(?:[^\n]*\n){0,4}?[ \t]*\^+[ \t]*\n")
"""The source line that Node.js prints before an uncaught error."""

MAX_LINES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Trace:
    """A text with its trace taken out.

    ``head`` is what stands before the first frame; ``cause_type`` and ``cause_message`` are of the innermost cause, empty when
    the head already is it; ``frame`` is the nearest frame of our own code (``Class.method``, no line), empty when there is none.
    """

    head: str
    cause_type: str
    cause_message: str
    frame: str


def has_trace(text: str) -> bool:
    """Whether the text holds frames or a chain of causes."""
    return MARKER.search(text) is not None


def dissect(text: str, in_app: Sequence[str] = ()) -> Trace:
    """Takes the text apart; a text without a trace comes back whole in ``head``.

    ``in_app`` holds prefixes of packages or paths that are ours; without them everything counts as ours that is no runtime,
    framework or installed library.
    """
    if "\\n" in text:
        text = _ESCAPED.sub("\n", text).replace("\\t", "\t")
    lines = text.split("\n")[:MAX_LINES]
    return _python(lines, in_app) if any(line.lstrip().startswith("Traceback (most recent") for line in lines) else _stacked(lines, in_app)


def _stacked(lines: list[str], in_app: Sequence[str]) -> Trace:
    """JVM, .NET, Node and Go: head, frames, then causes; the last cause that is not inside a suppressed block is the innermost."""
    head: list[str] = []
    causes: list[list[str]] = []
    frames: list[list[str]] = [[]]
    open_text: list[str] | None = head
    suppressed = -1
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if suppressed >= 0 and indent > suppressed:
            continue
        suppressed = -1
        if line.lstrip().startswith("Suppressed: "):
            suppressed, open_text = indent - 1 if indent else 0, None
        elif cause := _CAUSE.match(line):
            causes.append([line[cause.end() :]])
            frames.append([])
            open_text = causes[-1]
        elif _NOISE.match(line):
            open_text = None
        elif line.lstrip().startswith("at ") and (frame := _FRAME.match(line)):
            frames[-1].append(_frame_name(frame))
            open_text = None
        elif (go := _GO_FRAME.match(line)) and (len(head) > 1 or open_text is None):
            frames[-1].append(go.group("where") + "\0")
            open_text = None
        elif open_text is not None:
            open_text.append(line)
    said = _EXCERPT.sub("", "\n".join(head))
    first, *inner = re.split(r"\s*---> (?:\(Inner Exception #\S+\) )?", said.replace("<---", ""))
    # .NET writes its causes before the frames, the innermost last; its frames come innermost first.
    if inner:
        causes = [[text] for text in inner]
        frames = [frames[0]]
    if first.startswith("panic: "):
        return Trace(first.strip(), "", "", _own_frame(frames[0], in_app))
    if not causes:
        return Trace(_THREAD.sub("", first.strip(), count=1), "", "", _own_frame(frames[0], in_app))
    kind, message = split_exception("\n".join(causes[-1]))
    own = next(filter(None, (_own_frame(f, in_app) for f in reversed(frames))), "")
    return Trace(_THREAD.sub("", first.strip(), count=1), kind, message, own)


def _python(lines: list[str], in_app: Sequence[str]) -> Trace:
    """Python: frames first, then the exception; in a chain the first exception is the innermost cause."""
    head: list[str] = []
    found: list[list[str]] = []
    frames: list[str] = []
    state = "head"
    for line in lines:
        text = line.lstrip(" |+-")
        if text.startswith("Traceback (most recent"):
            if found:
                break
            state = "frames"
        elif state == "head":
            head.append(line)
        elif _CHAINED.match(text):
            break
        elif frame := _PY_FRAME.match(line):
            frames.append(f"{frame.group('where') or ''}\0{frame.group('place')}")
            state = "frames"
        elif state == "frames" and line[:1] not in {" ", "\t", ""} and text:
            found.append([line])
            state = "exception"
        elif state == "exception":
            found[-1].append(line)
    kind, message = split_exception("\n".join(found[0])) if found else ("", "")
    return Trace("\n".join(head).strip(), kind, message, _own_frame(frames[::-1], in_app))


_TAIL: Final = re.compile(
    r"\n\s*(?:DETAIL|HINT|LINE \S+|CONTEXT|STATEMENT|WHERE|POSITION|QUERY|\[SQL|\(Background on|\[parameters).*?.*", re.DOTALL
)
_DUMP: Final = re.compile(r"\s*\{\s*(?:\n.*)?\Z", re.DOTALL)


def split_exception(text: str) -> tuple[str, str]:
    """``package.Kind: message`` as (Kind, message); a text of another form as ("", text). Database detail lines are dropped."""
    text = _TAIL.sub("", text.strip())
    match = _NAMED.match(text)
    if not match or " " in match.group("type"):
        return "", text
    kind = re.split(r"[.+/$]", match.group("type"))[-1] or match.group("type")
    return kind, _DUMP.sub("", (match.group("message") or "").strip())


def _frame_name(match: re.Match[str]) -> str:
    return f"{match.group('where').strip()}\0{match.group('place') or ''}"


def _own_frame(frames: list[str], in_app: Sequence[str]) -> str:
    """The first frame of ours, as ``Class.method`` without line, lambda, proxy and anonymous parts."""
    for entry in frames:
        where, _, place = entry.partition("\0")
        bare = where.rsplit("/", 1)[-1] if "(" not in where and "." in where.rsplit("/", 1)[-1] else where
        if in_app:
            if any(bare.startswith(p) or where.startswith(p) or p in place for p in in_app):
                return _bare_frame(bare)
        elif not _PLATFORM.match(bare) and not _LIBRARY.search(place) and not _LIBRARY.search(where):
            return _bare_frame(bare)
    return ""


def _bare_frame(where: str) -> str:
    lambda_of = re.search(r"lambda\$(\w+?)\$", where)
    parts = [_LAMBDA.sub("", part.strip("(*)")) for part in re.split(r"[.:]", where)]
    name = ".".join(part for part in parts[-2:] if part)
    return f"{name}.{lambda_of.group(1)}" if lambda_of else name
