"""Lays the HTML report out: one file with its style and drawings in it, no script and nothing to fetch."""

from __future__ import annotations

from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ailog.domain.report import Facts
from ailog.domain.report_html import page
from ailog.settings import PACKAGE_ROOT, Settings

TEMPLATES: Final = PACKAGE_ROOT / "include" / "ailog" / "templates"


def to_html(facts: Facts, settings: Settings) -> str:
    """The report as an HTML page; every text is escaped by the template engine, and the page's own policy forbids scripts."""
    text: str = _environment().get_template("problem_report.html").render(page(facts, settings))
    return text


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
