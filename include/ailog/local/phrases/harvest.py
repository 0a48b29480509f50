"""Collects the format strings of a folder of downloaded packages into one file of lines ``{"eco", "package", "text"}``.

    python -m ailog.local.phrases.harvest FOLDER phrases.jsonl [ECOSYSTEM ...]

The folder holds, as the clients of the registries leave them: ``deb/x/<package>`` (unpacked), ``java/j/*.jar``, ``py/w/*.whl``,
``npm/x/<package>``, ``go/mod`` (a module cache).
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ailog.domain.lexicon import is_word
from ailog.local.phrases import sources

_SLOT: Final = re.compile(r"⟦[^⟧]*⟧")
_WORD: Final = re.compile(r"[A-Za-z][a-z]+(?:'[a-z]+)?\b")
_CODE: Final = re.compile(
    r"[{}]\s*$|^\s*[-<#/@*]|;\s*$|=>|\(\)\s*\{|&&|\|\||</|\\[0-9]|^\w+(?:\.\w+)+$|--\w|^[A-Z_]+$|\bSELECT\b|\bselect\b.*\bfrom\b|^Usage|^usage"
)
_ERRORS: Final = re.compile(
    r"(?:^|[._\[(])(?:e|er|err|error|ex|exc|exception|cause|reason|msg|message|why|stderr|output|errmsg|strerror)(?:[\].()]|$|\d)",
    re.IGNORECASE,
)


def usable(text: str) -> str:
    """The first line of a text that is a sentence, without what stands for another error; empty when it is none."""
    text = text.strip().split("\n", 1)[0].strip()
    if text.count(" ") < 2 or len(text) > 400:
        return ""
    text = re.sub(r"⟦([^⟧]*)⟧", lambda m: "\x00" if _ERRORS.search(m.group(1).removeprefix("#")) else m.group(), text)
    text = re.sub(r"[:,;(\s-]*[\"'\[(]?\x00[\"')\].]*\s*$", "", text)
    if "\x00" in text or not 12 <= len(text) <= 300 or _CODE.search(_SLOT.sub("x", text)):
        return ""
    bare = _SLOT.sub(" ", text)
    words = _WORD.findall(bare)
    small = [w for w in words if w.islower()]
    if (
        len(small) < 2
        or len(words) < 3
        or bare.count(" ") < 2
        or 2 * sum(is_word(w.lower()) for w in words) < len(words)
        or sum(map(len, words)) < 0.55 * len(bare.replace(" ", ""))
    ):
        return ""
    return re.sub(r"[ \t]+", " ", text)


def packages(folder: Path) -> Iterator[tuple[str, str, Iterator[str]]]:
    """(ecosystem, package, its texts) of everything in the folder."""
    for path in sorted((folder / "deb" / "x").glob("*")):
        yield "deb", path.name, _debian(path)
    for path in sorted((folder / "java" / "j").glob("*.jar")):
        yield "java", re.sub(r"-[0-9][^-]*(?:-\w+)*\.jar$", "", path.name), sources.java(path)
    for path in sorted((folder / "py" / "w").glob("*.whl")):
        if path.name.startswith("dotnetcore2"):
            yield from _dotnet(path, folder / "net")
            continue
        target = folder / "py" / "x" / path.stem
        if not target.exists():
            with zipfile.ZipFile(path) as wheel:
                wheel.extractall(target, [n for n in wheel.namelist() if n.endswith(".py") and "test" not in n])  # noqa: S202
        yield "py", path.name.split("-")[0].lower(), (t for f in sorted(target.rglob("*.py")) for t in sources.python(f))
    for path in sorted(p for p in (folder / "npm" / "x").glob("*") if p.is_dir()):
        files = [f for f in sorted(path.rglob("*")) if f.suffix in {".js", ".cjs", ".mjs", ".ts"} and f.stat().st_size < 8_000_000]
        yield "npm", path.name, (t for f in files if "/test" not in str(f) and f.is_file() for t in sources.javascript(f))
    for path in (
        sorted(Path("/usr/local/go/src").glob("[a-z]*"))
        + sorted((folder / "go" / "mod").glob("*/*/*"))
        + sorted((folder / "go" / "mod").glob("*/*@*"))
    ):
        if path.is_dir() and (
            ("@" in path.name) or path.parent.name == "src" or "@" in path.parent.name or any("@" in p.name for p in path.glob("*"))
        ):
            yield (
                "go",
                _module(path),
                (t for f in sorted(path.rglob("*.go")) if f.is_file() and not f.name.endswith("_test.go") for t in sources.go(f)),
            )


def _module(path: Path) -> str:
    return "go/std" if path.parent.name == "src" else "/".join(path.parts[-3:]).split("@")[0]


def _debian(path: Path) -> Iterator[str]:
    seen: set[str] = set()
    for file in sorted(path.rglob("*")):
        if file.is_symlink() or not file.is_file():
            continue
        if file.suffix == ".mo" and file.name not in seen:
            seen.add(file.name)
            yield from sources.catalogue(file)
        elif file.suffix == ".py":
            yield from sources.python(file)
        elif re.search(r"/(?:s?bin|lib|libexec|modules)/|\.so", str(file)) and (data := file.read_bytes())[:4] == b"\x7fELF":
            if b"Go build" in data or b"runtime.goexit" in data:
                continue
            yield from sources.binary(file)


def _dotnet(path: Path, target: Path) -> Iterator[tuple[str, str, Iterator[str]]]:
    with zipfile.ZipFile(path) as wheel:
        if not any(target.glob("**/*.dll")):
            wheel.extractall(target)  # noqa: S202
    for archive in target.rglob("*.tar*"):
        with tarfile.open(archive) as tar:
            tar.extractall(target / "t", filter="data")
    for file in sorted(target.rglob("*.dll")):
        yield "net", file.stem, sources.dotnet(file)


def main(arguments: Sequence[str]) -> int:
    """Writes the file and says how many texts each ecosystem gave."""
    folder, out, only = Path(arguments[0]), Path(arguments[1]), arguments[2:]
    counts: dict[str, int] = {}
    with out.open("w", encoding="utf-8") as file:
        for eco, package, texts in packages(folder):
            if only and eco not in only:
                continue
            seen: set[str] = set()
            for text in texts:
                kept = usable(text)
                if kept and kept not in seen:
                    seen.add(kept)
                    file.write(json.dumps({"eco": eco, "package": package, "text": kept}, ensure_ascii=False) + "\n")
            counts[eco] = counts.get(eco, 0) + len(seen)
    print(counts)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
