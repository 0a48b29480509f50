"""Reads format strings out of published packages: what a program says, with a placeholder where it puts a value.

Each reader yields texts in which ``⟦hint⟧`` stands for a value; the hint is the expression that the source puts there, where the
source tells it, and empty otherwise.
"""

from __future__ import annotations

import ast
import re
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PERCENT: Final = re.compile(
    r"%(?:\([\w.]+\))?(?:[0-9]+\$)?[-+ #0']*(?:\*|[0-9]+)?(?:\.(?:\*|[0-9]+))?(?:hh|h|ll|l|L|q|j|z|t|I64)?[a-zA-Z%]"
)
_BRACES: Final = re.compile(r"\$?\{(?:[\w.\[\]$-]*)(?:![rsa])?(?:[:,][^{}]{0,20})?\}")
_SAY: Final = frozenset(
    """error errorf warning warn warnf exception critical fatal fatalf info infof debug log fail failf abort panic panicf wrap wrapf new
    warningf verbosef printf err errorln format sprintf raise logf""".split()
)


def slots(text: str, hints: list[str] | None = None) -> str:
    """Placeholders of C, Go and Python (``%s``) and of braces (``{0}``, ``{}``) as ``⟦hint⟧``."""
    given = iter(hints or [])

    def percent(match: re.Match[str]) -> str:
        if match.group().endswith("%"):
            return "%"
        kind = "#" if match.group()[-1] in "duixXfgeop" else ""
        return f"⟦{kind}{_hint(next(given, ''))}⟧"

    return _BRACES.sub(lambda m: f"⟦{_hint(next(given, m.group().strip('${}')))}⟧", _PERCENT.sub(percent, text))


def _hint(text: str) -> str:
    return re.sub(r"[⟦⟧\n]", "", text)[:60]


def python(path: Path) -> Iterator[str]:
    """What Python sources raise and log."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        said: list[ast.expr] = []
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            said = node.exc.args
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SAY and node.args:
            said = node.args[:1]
            if isinstance(said[0], ast.Constant) and isinstance(said[0].value, str):
                yield slots(said[0].value, [ast.unparse(a) for a in node.args[1:]])
                continue
        for one in said:
            text = _python_text(one)
            if text:
                yield text


def _python_text(node: ast.expr) -> str:  # noqa: PLR0911 - one form of expression after the other
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else f"⟦{_hint(ast.unparse(v.value))}⟧" for v in node.values)  # type: ignore[attr-defined]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        left = _python_text(node.left)
        args = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return slots(left, [ast.unparse(a) for a in args]) if left else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _python_text(node.left), _python_text(node.right)
        if not left and not right:
            return ""
        return (left or f"⟦{_hint(ast.unparse(node.left))}⟧") + (right or f"⟦{_hint(ast.unparse(node.right))}⟧")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        left = _python_text(node.func.value)
        return slots(left, [ast.unparse(a) for a in [*node.args, *(k.value for k in node.keywords)]]) if left else ""
    if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name) and node.func.id in {"_", "gettext"}:
        return _python_text(node.args[0])
    return ""


_GO: Final = re.compile(r"\b(\w+)\(\s*(?:\w+, )?(\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`)((?:\s*\+\s*\"(?:[^\"\\\n]|\\.)*\")*)")


def go(path: Path) -> Iterator[str]:
    """What Go sources pass to functions that make errors and log."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for match in _GO.finditer(text):
        if match.group(1).lower() not in _SAY and not match.group(1).endswith(("Errorf", "Error", "f")):
            continue
        said = "".join(_unquoted(p) for p in re.findall(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`", match.group(2) + match.group(3)))
        yield slots(said, _arguments(text, match.end())).replace("⟦{", "⟦")


def _unquoted(literal: str) -> str:
    body = literal[1:-1]
    if literal[0] == "`":
        return body
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), body)


def _arguments(text: str, at: int) -> list[str]:
    """The arguments up to the bracket that closes the call."""
    depth, found, current = 0, [], ""
    for char in text[at : at + 400]:
        if char in "([{":
            depth += 1
        elif char in ")]}":
            if depth == 0:
                break
            depth -= 1
        if char == "," and depth == 0:
            found.append(current.strip())
            current = ""
        else:
            current += char
    return [*found, current.strip()][1:]


_JS: Final = re.compile(
    r"(?:\b(?:\w*Error|\w*Exception|invariant|assert|warn|error|fail|warning|debug|info|panic|throwError)\(\s*(?:[\w.]+,\s*)?|\bmessage:\s*)"
    r"((?:(?:`(?:[^`\\]|\\.)*`|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[\w.$]{1,40}(?:\([\w.$, ]{0,40}\))?)\s*\+?\s*)+)"
)
_JS_PART: Final = re.compile(r"`((?:[^`\\]|\\.)*)`|\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|([\w.$]+(?:\([\w.$, ]*\))?)")


def javascript(path: Path) -> Iterator[str]:
    """What JavaScript and TypeScript sources put into errors."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for match in _JS.finditer(text):
        out = ""
        for template, double, single, name in _JS_PART.findall(match.group(1)[:2_000]):
            if template:
                out += re.sub(r"\$\{((?:[^{}]|\{[^{}]*\})*)\}", lambda m: f"⟦{_hint(m.group(1))}⟧", _unquoted(f'"{template}"'))
            elif double or single:
                out += slots(_unquoted(f'"{double or single}"')) if "%" in double + single else _unquoted(f'"{double or single}"')
            elif name:
                out += f"⟦{_hint(name)}⟧"
        yield out


def java(path: Path) -> Iterator[str]:
    """String constants and concatenation recipes of the classes of a jar, and its bundles of messages."""
    with zipfile.ZipFile(path) as jar:
        for name in jar.namelist():
            if name.endswith(".class"):
                for text in _constants(jar.read(name)):
                    yield text.replace("\x01", "⟦⟧") if "\x01" in text else slots(text)
            elif name.endswith(".properties") and not re.search(r"_[a-z]{2}(?:_[A-Z]{2})?\.properties", name):
                for line in jar.read(name).decode("latin-1").replace("\\\n", "").splitlines():
                    _, sign, text = line.partition("=")
                    if sign and not line.startswith("#"):
                        yield slots(text.strip().replace("''", "'"))


def _constants(data: bytes) -> Iterator[str]:
    if data[:4] != b"\xca\xfe\xba\xbe":
        return
    count, at, index = struct.unpack_from(">H", data, 8)[0], 10, 1
    widths = {3: 5, 4: 5, 5: 9, 6: 9, 7: 3, 8: 3, 9: 5, 10: 5, 11: 5, 12: 5, 15: 4, 16: 3, 17: 5, 18: 5, 19: 3, 20: 3}
    while index < count:
        tag = data[at]
        if tag == 1:
            size = struct.unpack_from(">H", data, at + 1)[0]
            yield data[at + 3 : at + 3 + size].decode("utf-8", "replace")
            at += 3 + size
        else:
            at += widths[tag]
            index += tag in {5, 6}
        index += 1


def catalogue(path: Path) -> Iterator[str]:
    """The untranslated texts of a compiled message catalogue."""
    data = path.read_bytes()
    if len(data) < 28 or data[:4] not in {b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"}:
        return
    order = "<" if data[:4] == b"\xde\x12\x04\x95" else ">"
    count, table = struct.unpack_from(order + "II", data, 8)
    for number in range(count):
        size, at = struct.unpack_from(order + "II", data, table + 8 * number)
        for text in data[at : at + size].split(b"\0"):
            yield slots(text.decode("utf-8", "replace").split("\x04")[-1])


def binary(path: Path) -> Iterator[str]:
    """Printable texts of a program or library."""
    found = subprocess.run(["strings", "-n", "12", str(path)], capture_output=True, check=False, timeout=120)
    for line in found.stdout.decode("utf-8", "replace").splitlines():
        yield slots(line)


_RESOURCE: Final = re.compile(rb"[A-Z][\x20-\x7e]{14,400}")


def dotnet(path: Path) -> Iterator[str]:
    """The texts of the resources of a .NET library (length and UTF-8 behind a type code of one)."""
    data = path.read_bytes()
    for match in _RESOURCE.finditer(data):
        size = data[match.start() - 1]
        if 14 < size < 128 and len(match.group()) >= size:
            yield slots(match.group()[:size].decode())
        elif size < 4 and data[match.start() - 2] >= 128:
            full = (data[match.start() - 2] & 127) + 128 * size
            yield slots(match.group()[:full].decode())
