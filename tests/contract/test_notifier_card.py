from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from tests.support.incident_rows import HOSTILE, incident
from tests.support.messages import changed, digest, hostile_incident, texts
from tests.support.teams_server import flaw

from ailog.adapters.notifiers.card import encode, to_card
from ailog.adapters.notifiers.render import escape_markdown, to_html, to_markdown
from ailog.domain.digest import build_alarm


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("max_bytes", [2_000, 6_000, 20_000, 28_000])
def test_a_card_of_any_text_fits_and_would_be_posted(name: str, max_bytes: int) -> None:
    rows = [hostile_incident(HOSTILE[name], i) for i in range(12)]
    settings = changed(top=10)
    payload = encode(digest(*rows, settings=settings).body, max_bytes)
    assert len(payload) <= max_bytes
    assert flaw(json.loads(payload)) == ""


def test_a_card_that_was_cut_says_how_much_is_missing() -> None:
    body = digest(*[incident(problem_key=f"A:b:c{i}", sample="x" * 390) for i in range(10)], settings=changed(top=10)).body
    whole = json.loads(encode(body, 28_000))
    assert texts(whole)[-1] != ""
    assert not any("Left out" in text or "Samples" in text for text in texts(whole))
    for max_bytes, said in ((11_500, "Samples were"), (8_000, "Left out to keep the message within its size: ")):
        cut = json.loads(encode(body, max_bytes))
        assert any(said in text for text in texts(cut)), max_bytes
    kept = sum("A:b:c" in text for text in texts(cut))
    assert any(f"{10 - kept} sections" in text for text in texts(cut))


def test_markdown_and_html_in_a_card_do_not_act() -> None:
    shown = "\n".join(texts(to_card({**digest(hostile_incident(HOSTILE["markdown"])).body})))
    assert "[click](" not in shown
    assert r"\[click\](https://evil.example/x)" in shown
    assert r"\*\*bold\*\*" in shown
    shown = "\n".join(texts(to_card(digest(hostile_incident(HOSTILE["html"])).body)))
    assert "<script" not in shown
    assert "&lt;script" in shown
    assert "{{DATE" not in "\n".join(texts(to_card(digest(hostile_incident(HOSTILE["card"])).body)))


def test_a_partial_run_is_said_at_the_top_of_a_card() -> None:
    body = digest(incident(), status="partial").body
    assert texts(to_card(body))[2].startswith("PARTIAL RUN")
    assert texts(json.loads(encode(body, 2_000)))[2].startswith("PARTIAL RUN")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("name", HOSTILE)
def test_html_of_any_text_holds_only_our_tags(name: str) -> None:
    text = HOSTILE[name]
    alarm = build_alarm(title=text, reason=text, remedy=text, facts={text: text}, settings=changed())[0]
    for message in (digest(hostile_incident(text), status="partial", error=text), alarm):
        parser = _Tags()
        parser.feed(to_html(message.body))
        assert parser.tags <= {"html", "head", "meta", "body", "h2", "h3", "p", "table", "tr", "td", "pre", "a", "span", "br"}
        assert parser.attributes <= {"lang", "charset", "name", "content", "style", "href", "colspan"}


def test_escaped_markdown_starts_neither_heading_nor_list() -> None:
    assert escape_markdown("# a\n- b\n+ c\n12. d\n> e\n| f |\n===") == "\\# a\n\\- b\n\\+ c\n12\\. d\n&gt; e\n\\| f \\|\n\\==="
    assert escape_markdown("pcb-sit-01-app 1.5 (x) a.b.C!") == "pcb-sit-01-app 1.5 (x) a.b.C!"


def test_a_sample_in_markdown_is_code_and_no_part_of_the_list_before_it() -> None:
    lines = to_markdown(digest(incident(sample=HOSTILE["markdown"])).body).split("\n")
    start = lines.index("Sample:")
    assert lines[start - 1] == lines[start + 1] == ""
    assert lines[start + 2].startswith("    [click](")
    assert all(line.startswith("    ") or not line for line in lines[start + 2 :])


@pytest.mark.parametrize(
    ("label", "value", "wide"),
    [
        ("Why", "270 events against a limit of 30", False),
        ("AUTH:login:token_expired in pcb-sit-01-app", "resolved", True),
        ("Same traces", "DATABASE:payments:connection_pool_exhausted 80", True),
    ],
)
def test_what_a_narrow_column_cannot_break_has_the_whole_width(label: str, value: str, wide: bool) -> None:
    body = {
        "title": "t",
        "subtitle": "",
        "warnings": [],
        "notes": [],
        "links": [],
        "sections": [{"heading": "h", "severity": None, "facts": [["First", "x"], [label, value]], "sample": None}],
    }
    elements = to_card(body)["attachments"][0]["content"]["body"][-1]["items"]
    facts = [fact["title"] for element in elements if element["type"] == "FactSet" for fact in element["facts"]]
    assert (label not in facts) is wide
    assert any(value.rsplit(maxsplit=1)[-1] in text for text in texts(to_card(body)))
    assert ('colspan="2"' in to_html(body)) is wide
