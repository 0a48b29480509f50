"""Takes a stack trace apart: what was said before it, the chain of exceptions, and the frame of our own code that is nearest.

Works on text whose written-out line breaks ``trace_delivery.unescaped`` has put back: cut anywhere, joined into one line, several causes,
suppressed exceptions. Knows the traces of the JVM, Python, Node.js, .NET, Go, Ruby and PHP. Time and memory are linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ailog.domain.trace_delivery import as_lines, unescape
from ailog.domain.trace_lines import SEPARATOR

MARKER: Final = re.compile(
    r"(?:\A|\n)[ \t]*(?:at [\w.$<>/\[\]@~ \x01-]+|Caused by: |goroutine \S+ \[|\.\.\. \S+ (?:more|common)|--- End of "
    r"|File \\?\"[^\"\n]+\\?\"\x01?, line |(?:from )?(?:[\w./\x01-]*\.rb|[\w.-]*\x01):[0-9\x01]+:in [`']"
    r"|(?:Stack trace:|\[stacktrace\])[ \t]*\n?[ \t]*#[0-9\x01]+ )"
    r"|Traceback \(most recent|---> [\w.+`]+(?:Exception|Error)\b|(?:\A|\n)panic: "
)
"""Finds out whether a text holds a trace on lines of its own."""
_HINTS: Final = ("at ", "Traceback", "Caused by", "goroutine", "--- End", "---> ", ":in ", "panic: ", "tack", "... ", "File ")
"""One of these is in every text that ``MARKER`` finds, or that is a trace in one line."""

_FRAME: Final = re.compile(r"\s*at (?:async |new |Object\.)?(?P<where>[^\n(]{1,300})(?:\((?P<place>[^()\n]{0,300})\)?)?")
_PY_FRAME: Final = re.compile(r'\s*File \\?"?(?P<place>[^"\n\\]*)\\?"?\x01?, line [^,\s]+(?:, in (?P<where>\S+))?')
_GO_FRAME: Final = re.compile(r"(?P<where>panic|(?=[^\s(]*\.)[\w./\x01-]+(?:\(\*?\w+\)[\w.\x01]+)?)\((?:[^()\n]*|\.\.\.)\)\s*\Z")
_RUBY_FRAME: Final = re.compile(
    r"\s*+(?:from (?=\S+:[0-9\x01]+:in ))?(?P<place>[\w./\x01-]*\.rb|[\w./\x01-]+):[0-9\x01]+:in [`'](?P<where>[^'\n]*)'(?:: (?P<said>.*))?"
)
_RUBY_SAID: Final = re.compile(r"\A(.*) \(((?:\w+::)*\w+)\)\Z")
_NOISE: Final = re.compile(
    r"\s*(?:Node\.js v|\.\.\. \S+ (?:more|common frames omitted)|--- End of |Caused by: a |\[CIRCULAR|\^+\s*\Z|~+\^*|-- ?End"
    r"|created by |exit status|goroutine \S+ \[|Stack trace:|\[stacktrace\]|#[0-9\x01]+ )"
)
_CAUSE: Final = re.compile(r"\s*(?:Caused by: |(?<=\s)cause: (?=[A-Z]\w*Error\b)|\[cause\]: |\[errors\]: \[\s*|Wrapped by: |Root cause: )")
_ANOTHER: Final = re.compile(r"(?:Exception in thread .{1,200}? )?(?:[\w$\x01]+\.)+[\w$\x01]*(?:Exception|Error)(?::|\Z)")
"""How the next trace of a text begins."""
_THREAD: Final = re.compile(r"Exception in thread (?:\"[^\"]*\"|\S+) ")
_NAMED: Final = re.compile(
    r"(?P<type>(?:[A-Za-z_$][\w$\x01]*[.+/])*[A-Za-z_$][\w$\x01`]*)(?: \((?:0x)?-?[0-9A-Fa-fx]{0,10}\x01\)| \[[\w-]+\])?"
    r"(?::\s*(?P<message>.*))?\Z",
    re.DOTALL,
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
MAX_FRAME: Final = 1_000
"""Characters of a line that may be a frame of Go."""


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


def with_lines(text: str) -> str:
    """The text with each frame and cause of its trace on a line of its own; a text without a trace as it is."""
    return as_lines(text) if any(map(text.__contains__, _HINTS)) else text


def has_trace(text: str) -> bool:
    """Whether the text holds frames or a chain of causes, on lines of their own."""
    return any(map(text.__contains__, _HINTS)) and MARKER.search(text) is not None


def dissect(text: str, in_app: Sequence[str] = ()) -> Trace:
    """Takes the text apart; a text without a trace comes back whole in ``head``.

    ``in_app`` holds prefixes of packages or paths that are ours; without them everything counts as ours that is no runtime,
    framework or installed library. Of several traces in one text the first counts.
    """
    lines = with_lines(unescape(text)).split("\n")[:MAX_LINES]
    if any(line.lstrip(" |+").startswith("Traceback (most recent") for line in lines) or any(map(_PY_FRAME.match, lines)):
        return _python(lines, in_app)
    return _stacked(lines, in_app)


@dataclass(slots=True)
class _Stack:
    """What is read of a trace that names its error before the frames."""

    head: list[str] = field(default_factory=list)
    causes: list[list[str]] = field(default_factory=list)
    frames: list[list[str]] = field(default_factory=lambda: [[]])
    open_text: list[str] | None = None
    ruby: bool = False

    def cause(self, said: str) -> None:
        self.causes.append([said])
        self.frames.append([])
        self.open_text = self.causes[-1]

    def frame(self, name: str) -> None:
        self.frames[-1].append(name)
        self.open_text = None

    def ruby_frame(self, frame: re.Match[str], line: str) -> None:
        """A frame, or the line of an error, which in Ruby begins with its frame."""
        said = _RUBY_SAID.sub(r"\2: \1", frame.group("said") or "")
        if said and not line.lstrip().startswith("from "):
            if any(self.frames):
                self.cause(said)
            else:
                self.head.append(said)
                self.open_text = self.head
            self.frames[-1].append(f"{frame.group('where')}\0{frame.group('place')}")
        else:
            self.frame(f"{frame.group('where')}\0{frame.group('place')}")


def _read(lines: list[str]) -> _Stack:
    """Head, frames, then causes; what stands inside a suppressed block is left out."""
    stack = _Stack()
    stack.open_text = stack.head
    suppressed = -1
    for line in lines:
        bare = line.lstrip()
        indent = len(line) - len(bare)
        if suppressed >= 0 and indent > suppressed:
            continue
        suppressed = -1
        if bare.startswith("Suppressed: "):
            suppressed, stack.open_text = indent - 1 if indent else 0, None
        elif cause := _CAUSE.match(line):
            stack.cause(line[cause.end() :])
        elif _NOISE.match(line):
            stack.open_text = None
        elif bare.startswith("at ") and (frame := _FRAME.match(line)):
            stack.frame(_frame_name(frame))
        elif (go := _GO_FRAME.match(line[:MAX_FRAME])) and (len(stack.head) > 1 or stack.open_text is None):
            stack.frame(go.group("where") + "\0")
        elif ruby := _RUBY_FRAME.match(line):
            stack.ruby_frame(ruby, line)
        elif stack.open_text is not None:
            stack.open_text.append(line)
        elif any(stack.frames) and _ANOTHER.match(line):
            break
    return stack


def _stacked(lines: list[str], in_app: Sequence[str]) -> Trace:
    """JVM, .NET, Node, Go, Ruby and PHP: the last cause that is not inside a suppressed block is the innermost."""
    stack = _read(lines)
    causes, frames = stack.causes, stack.frames
    said = _EXCERPT.sub("", "\n".join(stack.head))
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
    """Python: frames first, then the exception; in a chain the first exception is the innermost cause, in a group its first member."""
    head: list[str] = []
    found: list[str] = []
    group: list[str] = []
    frames: list[str] = []
    state = "head"
    for line in lines:
        text = line.lstrip(" |+-")
        if line.lstrip().startswith(SEPARATOR):
            if state == "member" and found:
                break
            group, found, state = found or group, [], "member"
        elif text.startswith("Traceback (most recent"):
            if found:
                break
            state = "frames" if state == "head" else state
        elif frame := _PY_FRAME.match(line):
            if found and group != found:
                break
            frames.append(f"{frame.group('where') or ''}\0{frame.group('place')}")
            state = "frames" if state == "head" else state
        elif state == "head":
            head.append(line)
        elif _CHAINED.match(text):
            break
        elif found or (line[:1] not in {" ", "\t", ""} and text):
            found.append(line)
    kind, message = split_exception("\n".join(found or group)) if found or group else ("", "")
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
