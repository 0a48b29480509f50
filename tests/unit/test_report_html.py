"""The HTML report: well-formed, self-contained, escaped, and honest about what was not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.support import report_days as days
from tests.support.html_page import Page
from tests.support.incident_rows import HOSTILE, QUARTER

from ailog import settings as configuration
from ailog.domain import report_charts as charts
from ailog.domain.report import Facts
from ailog.domain.report_html import link_of
from ailog.domain.report_text import WIDTH, to_txt
from ailog.domain.report_trend import trend, trend_words
from ailog.pipeline.report_page import TEMPLATES, to_html
from ailog.settings import Settings

DAYS: dict[str, Callable[[], Facts]] = {
    "empty": days.empty_day,
    "quiet": days.quiet_day,
    "ordinary": days.ordinary_day,
    "terrible": days.terrible_day,
}
ZONE = ZoneInfo("Europe/Prague")


@pytest.fixture(scope="module")
def settings() -> Settings:
    return configuration.load()


def hostile_day(text: str) -> Facts:
    """A day in which every text is the same bad one."""
    cause = {
        "app": text, "message": text, "note": text, "confidence": "low", "example_trace": text, "path": [{"app": text}, {"app": text}],
    }  # fmt: skip
    bad = days.told(
        problem_key=text, namespace=text, environment=text, reason=text, sample=text, apps={text: 3}, root_cause=cause, known_issue_id=text,
        known_issue={"title": text, "ticket": f"javascript:{text}", "workaround": text}, opened_window=days.WINDOWS[3],
    )  # fmt: skip
    facts = days.facts_of({text: [5] * 96}, [bad], missing=[40])
    problem = {**facts.problems[0], "problem_key": text, "problem_total": 1}
    amendment = {
        "incident_id": bad["incident_id"], "change": "changed", "namespace": text, "problem_key": text, "words": text, "amendment_total": 1,
    }  # fmt: skip
    return replace(
        facts,
        problems=[problem],
        amendments=[amendment],
        categories=[{"category": text, "subcategory": text, "events": 5, "problems": 1, "estimated": True}],
        rejected=[{"source": text, "reason": text, "action": "quarantined", "records": 1}],
        versions={(text, text): [text]},
    )


@pytest.mark.parametrize("name", DAYS)
def test_a_page_is_well_formed_and_fetches_nothing(settings: Settings, name: str) -> None:
    text = to_html(DAYS[name](), settings)
    page = Page(text)
    assert page.wrong == []
    assert not page.tags() & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}
    assert [a for _, a in page.elements if "src" in a or any(key.startswith("on") for key in a)] == []
    outside = {a["href"] for _, a in page.elements if "href" in a and not a["href"].startswith("#")}
    assert outside <= {"https://tickets.example/OPS-12"}
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= {"#hatch", "#hatch-part"}
    assert "@import" not in text


def test_the_template_leaves_all_escaping_on() -> None:
    for path in TEMPLATES.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup|<script", text), path.name


@pytest.mark.parametrize("name", DAYS)
def test_the_same_facts_give_the_same_bytes(settings: Settings, name: str) -> None:
    assert to_html(DAYS[name](), settings) == to_html(DAYS[name](), settings)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_is_shown_as_text(settings: Settings, name: str) -> None:
    text = HOSTILE[name]
    shown = to_html(hostile_day(text), settings)
    page = Page(shown)
    assert page.wrong == []
    assert not page.tags() & {"script", "img"}
    assert not set(shown) & set("\x00\x1b\u202e\u2066\u2069\ud800")
    assert [a["href"] for _, a in page.elements if a.get("href", "#")[0] != "#"] == []
    assert len(shown) < 400_000
    lines = to_txt(hostile_day(text), settings).splitlines()
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize(
    ("ticket", "link"),
    [
        ("https://tickets.example/OPS-12", "https://tickets.example/OPS-12"),
        ("OPS-12", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ('https://x/" onmouseover="y', ""),
        (None, ""),
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(ticket: str | None, link: str) -> None:
    assert link_of(ticket) == link


def test_every_incident_is_in_the_table_and_the_gravest_in_detail(settings: Settings) -> None:
    facts = days.terrible_day()
    page = Page(to_html(facts, settings))
    assert all(incident["problem_key"] in page.words for incident in facts.incidents)
    articles = [a["id"] for tag, a in page.elements if tag == "article"]
    assert articles == [f"i-{incident['incident_id']}" for incident in facts.incidents[: settings.report.top]]
    assert "60 incidents (12 critical, 18 high, 30 medium)" in page.words


def test_what_is_wrong_comes_before_any_chart(settings: Settings) -> None:
    text = to_html(days.ordinary_day(), settings)
    order = ["CRITICAL", "INCOMPLETE", "DATABASE:payments:connection_pool_exhausted", "2026-01-31 09:15 CET", "5,120 events", "41 times its usual",
             "payments: HikariPool-1", "payments → orders → api-gateway", "KI-7", '<h2 id="quarters-h"']  # fmt: skip
    places = [text.index(word, text.index("<main>")) for word in order]
    assert places == sorted(places)


def test_a_gap_is_hatched_and_neither_zero_nor_bridged() -> None:
    gap = range(50, 54)
    day = charts.Day(days.facts_of({"a": [3] * 96}, missing=gap), ZONE)
    (plot,) = charts.plots(day)
    left, right = day.x(days.WINDOWS[50]), day.x(days.WINDOWS[54])
    (hatched,) = [rect for rect in plot.rects if rect.kind == "gap"]
    assert (hatched.x, round(hatched.x + hatched.width, 2), hatched.height) == (left, right, charts.HEIGHT)
    assert "not read" in hatched.title
    others = [rect for rect in plot.rects if rect.kind != "gap"]
    assert [rect for rect in others if rect.x < right - 0.1 and rect.x + rect.width > left + 0.1] == []
    assert len(plot.limits) == 2
    assert plot.words.startswith("at least 276 errors in 24 h")
    assert plot.limits[0].endswith(f"H{left:g}")
    assert plot.limits[1].startswith(f"M{right:g} ")


def test_a_zero_that_was_read_is_drawn_as_a_line_without_a_bar() -> None:
    (plot,) = charts.plots(charts.Day(days.facts_of({"a": [0] * 95 + [1]}), ZONE))
    assert [rect.kind for rect in plot.rects] == ["zero", "below"]


def test_a_window_read_in_part_is_told_as_a_lower_bound() -> None:
    day = charts.Day(days.facts_of({"a": [3] * 96}, partial=[10]), ZONE)
    (plot,) = charts.plots(day)
    (bar,) = [rect for rect in plot.rects if "part" in rect.kind]
    assert "at least 3 errors" in bar.title
    cells = dict(charts.heat(day))["a"]
    assert (cells[2].state, cells[2].text) == ("part", "≥12")
    assert (cells[3].state, cells[3].text) == ("full", "12")


def test_hours_that_were_not_read_hold_no_figure() -> None:
    cells = dict(charts.heat(charts.Day(days.facts_of({"a": [3] * 96}, missing=range(8, 12)), ZONE)))["a"]
    assert (cells[2].text, cells[2].state) == ("", "none")


def test_two_hundred_namespaces_fit_and_none_is_lost() -> None:
    facts = days.terrible_day()
    day = charts.Day(facts, ZONE)
    strips = charts.heat(day)
    assert len(strips) == charts.STRIPS + 1
    assert strips[-1][0] == "160 other namespaces"
    said = [int(re.sub(r"\D", "", cell.title.split(": ")[1].split(" error")[0])) for _, cells in strips for cell in cells]
    assert sum(said) == facts.errors
    assert len(charts.plots(day)) == charts.PLOTS


def test_a_day_that_nobody_read_is_not_called_quiet(settings: Settings) -> None:
    words = Page(to_html(replace(days.empty_day(), days=()), settings)).words
    assert "NOT KNOWN" in words
    assert "QUIET" not in words
    assert not re.search(r"\b0\s*errors", words)
    assert "QUIET" in Page(to_html(days.quiet_day(), settings)).words


def test_a_figure_names_its_period_and_both_clocks(settings: Settings) -> None:
    words = " ".join(Page(to_html(days.ordinary_day(), settings)).words.split())
    for said in ("UTC day 2026-01-31", "2026-01-31 00:00 to 2026-02-01 00:00 UTC", "local times are Europe/Prague", "windows of 15 minutes",
                 "2026-01-31 08:15 UTC", "2026-01-31 09:15:41 CET (2026-01-31T08:15:41Z)", "Errors per day, last 28 days"):  # fmt: skip
        assert said in words, said


def test_only_complete_days_have_a_bar_and_a_trend() -> None:
    rows = days.day_rows([100] * 20 + [None] * 3 + [100, 100, None, 100, 150])
    facts = replace(days.quiet_day(), days=rows)
    assert [rect.kind for rect in trend(facts)].count("gap") == 4
    assert "150 errors, 50% more than the mean of the 3 complete days" in trend_words(facts)
    few = replace(facts, days=days.day_rows([100] * 20 + [None] * 6 + [100, 150]))
    assert "too few to compare with" in trend_words(few)
    assert "there is no trend" in trend_words(replace(facts, days=days.day_rows([None] * 28)))


@pytest.mark.parametrize(
    ("value", "top", "short"),
    [(0, 5, "0"), (5, 5, "5"), (6, 10, "6"), (11, 20, "11"), (950, 1000, "950"), (1234, 2000, "1.2k"), (34_000, 50_000, "34k"),
     (2_600_000, 5_000_000, "2.6M"), (9_999_999, 10_000_000, "10M")],
)  # fmt: skip
def test_scales_end_on_round_figures(value: int, top: int, short: str) -> None:
    assert (charts.ceiling(value), charts.compact(value)) == (top, short)


def test_the_change_to_summer_time_keeps_both_clocks_apart() -> None:
    start = datetime(2026, 3, 29, tzinfo=UTC)
    facts = days.quiet_day()
    windows = [{**row, "window_start": start + i * QUARTER} for i, row in enumerate(facts.windows)]
    day = charts.Day(replace(facts, run={**facts.run, "window_to": start + timedelta(days=1)}, windows=windows), ZONE)
    ticks = [(tick.local, tick.utc) for tick in day.ticks()]
    assert ticks[:2] == [("03:00", "01:00"), ("06:00", "04:00")]
    assert len(charts.hours(day)) == 24


def test_incidents_are_marked_where_they_went_on() -> None:
    day = charts.Day(days.ordinary_day(), ZONE)
    plot = charts.plots(day)[0]
    (span,) = [rect for rect in plot.rects if rect.kind.startswith("span")]
    assert (span.kind, span.x, round(span.x + span.width, 2)) == ("span critical", day.x(days.WINDOWS[33]), day.x(days.WINDOWS[41]))
    assert plot.incidents[0]["when"] == "2026-01-31 09:15-11:15 CET"
    above: list[Any] = [rect for rect in plot.rects if rect.kind == "above"]
    assert above
    assert all(span.x <= rect.x <= span.x + span.width for rect in above)
