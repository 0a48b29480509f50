"""Runs every regular expression of the domain over bait that makes careless ones run for ever.

``python -m tests.support.patterns each|whole LENGTH SECONDS`` prints the expressions, or the messages, that took longer than SECONDS on
one bait of LENGTH characters.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pyarrow as pa

import ailog.domain
from ailog.domain.fingerprint import fingerprints
from ailog.domain.masking import mask

CALLS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
UNITS = {
    "letters": "a", "capitals": "A", "digits": "1", "blanks": " ", "lines": "\n", "tabs": "\t", "words": "a ", "numbers": "1 ", "dots": "a.", "dashes": "a-1",
    "underscores": "a_", "slashes": "/a", "backslashes": "\\n", "quotes": "'", "double quotes": '"', "quoted": "'a'", "open": "(", "closed": ")", "brackets": "[a", "braces": '{"a":',
    "tags": "<a>", "pairs": "a=1,", "colons": "a:", "json": '"a":"b",', "base64": "aZ9+/", "padding": "a=", "mails": "a@b.", "addresses": "1.2.3.4:", "groups": "1234 ",
    "frames": "\n\tat a.B.c(D.java:1)", "causes": "\nCaused by: a.B: c", "inner": " ---> a.BException: ", "python": '\n  File "a", line 1, in b', "times": "2024-01-01T00:00:00 ",
    "months": "Jan 1 ", "urls": "http://a/", "generics": "a<b,", "calls": "a.b(", "select": "SELECT a, ", "from": "from select , ", "xml": "</a><a b='", "marks": "\x01", "mark words": "a\x01.",
    "accents": "é", "names": "Ab", "dollars": "a$1", "lambdas": "lambda$a$", "escapes": "\x1b[", "stars": "*", "hex": "deadbeef", "mac": "aa:", "phones": "+1 2", "tokens": "eyJa.",
}  # fmt: skip
ENDS = ("", "!")


def modules() -> list[ModuleType]:
    """All modules of the domain."""
    return [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(ailog.domain.__path__, "ailog.domain.") if not found.ispkg
    ]


def compiled() -> dict[str, re.Pattern[Any]]:
    """Every expression that the modules hold or write down, by module and number or name."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for number, pattern in enumerate(_patterns(value)):
                found[f"{module.__name__}.{name}[{number}]"] = pattern
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            literal = _literal(node)
            if literal is not None:
                found[f"{module.__name__}:{node.lineno}"] = re.compile(literal)  # type: ignore[attr-defined]
    return found


def _literal(node: ast.AST) -> str | None:
    """The expression that a call such as ``re.search(r"...", text)`` writes down."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS):
        return None
    if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args):
        return None
    first = node.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _patterns(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, (list, tuple, set, frozenset)):
        for one in list(value)[:500]:
            yield from _patterns(one, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        yield from _patterns(tuple(value.values()), depth)
    elif depth < 4 and hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        yield from _patterns(tuple(getattr(value, name) for name in value.__dataclass_fields__), depth)


def _whole(bait: str) -> None:
    """What the product does with a message: takes out what is secret, and makes a fingerprint of the rest."""
    fingerprints(mask(pa.array([bait])).to_pylist())


def runs(length: int, *, whole: bool) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name and call of each thing to try: every expression on every bait, or the product's own way with every bait."""
    baits = {f"{kind}{end!r}": (unit * (length // len(unit) + 1))[:length] + end for kind, unit in UNITS.items() for end in ENDS}
    if whole:
        yield from ((f"a message of {kind}", partial(_whole, bait)) for kind, bait in baits.items())
        return
    for name, pattern in compiled().items():
        # An expression that names the end is matched where a word begins, not searched for.
        ends = str(pattern.pattern).endswith(("\\Z", "$"))
        for kind, bait in baits.items():
            text = bait if isinstance(pattern.pattern, str) else bait.encode()
            yield f"{name} on {kind}: {pattern.pattern[:120]!r}", partial(pattern.match, text) if ends else partial(_all, pattern, text)


def _all(pattern: re.Pattern[Any], text: Any) -> None:
    for _ in pattern.finditer(text):
        pass


def slow(length: int, seconds: float, *, whole: bool) -> list[str]:
    """What took longer, each told at once."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    found = []
    tried = 0
    for name, call in runs(length, whole=whole):
        tried += 1
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            call()
            signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeoutError:
            found.append(name)
            print(name, flush=True)
    print(f"{tried} tries, slow: {len(found)}")
    return found


if __name__ == "__main__":
    sys.exit(bool(slow(int(sys.argv[2]), float(sys.argv[3]), whole=sys.argv[1] == "whole")))
