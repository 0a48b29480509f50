"""Habits of the whole tree: small modules, no places or names of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".sql", ".yaml", ".yml", ".toml", ".md", ".txt", ".sh", ".cfg", ".ini", ".json", ""}
FOLDERS = ("dags", "include", "plugins", "sql", "tests", ".ci", "bin")

PERSONAL_PATH = re.compile(r"(?<![\w.])/(?:home(?!/airflow)|root|Users|work|private)/[\w.-]+")
ADDRESS = re.compile(r"\bhttps?://([A-Za-z0-9.-]+)")
DOCUMENTATION_HOSTS = re.compile(
    r"(^|\.)(example(\.(com|org|net))?|invalid|test|local|localhost|internal|airflow\.apache\.org|elastic\.co|postgresql\.org|python\.org|pypi\.org"
    r"|github\.com|adaptivecards\.io|microsoft\.com|w3\.org|rfc-editor\.org|ietf\.org|apache\.org|logic\.azure\.com|office\.com|schema\.org)$|^[0-9.]+$|^[^.]+$"
)


def _files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    found = [ROOT / line for line in listed.splitlines()] or [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return sorted(path for path in found if path.is_file() and path.suffix in TEXT)


def _modules() -> list[Path]:
    return sorted(path for folder in ("include", "dags", "plugins") for path in (ROOT / folder).rglob("*.py"))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def test_no_module_is_longer_than_400_lines() -> None:
    assert {path.name: len(_lines(path)) for path in _modules() if len(_lines(path)) > 400} == {}


def test_no_file_names_a_place_of_one_machine() -> None:
    found = []
    for path in _files():
        if path == Path(__file__).resolve():
            continue
        found += [f"{path.relative_to(ROOT)}:{number}" for number, line in enumerate(_lines(path), start=1) if PERSONAL_PATH.search(line)]
    assert found == []


def test_no_file_of_the_product_names_a_real_host() -> None:
    found = []
    for path in _files():
        if path.relative_to(ROOT).parts[0] in {"include", "dags", "plugins", "sql"}:
            hosts = {host for line in _lines(path) for host in ADDRESS.findall(line)}
            found += [f"{path.relative_to(ROOT)}: {host}" for host in sorted(hosts) if not DOCUMENTATION_HOSTS.search(host.lower())]
    assert found == []


def test_every_statement_is_one_statement_with_bound_values() -> None:
    wrong = []
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        if path.parent.name in {"schema", "bootstrap"}:
            continue
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"'(?:[^']|'')*'", "''", text)
        if ";" in text.strip().rstrip(";") or re.search(r"%s(?!\w)|(?<!')\{\w+\}", text):
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


@pytest.mark.parametrize("path", [str(path.relative_to(ROOT)) for path in _modules()])
def test_a_module_says_what_it_is_for(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith("__init__.py") and not text.strip():
        return
    assert text.lstrip().startswith(('"""', 'r"""')), f"{path} has no docstring"
    assert "from __future__ import annotations" in text
