from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.confluence_server import HTML, ConfluenceServer, Trouble, publisher_of

from ailog import connections
from ailog.adapters.publishers.confluence import ConfluencePublisher
from ailog.domain.storage_format import find_region, new_body
from ailog.errors import AuthFailed, ConfigError, PageConflict, PageRefused, PublishFailed, RateLimited
from ailog.ports import PagePublisher


@pytest.fixture(params=[False, True], ids=["data center", "cloud"])
def server(request: pytest.FixtureRequest) -> Iterator[ConfluenceServer]:
    with ConfluenceServer(cloud=request.param) as one:
        yield one


@pytest.fixture
def publisher(server: ConfluenceServer) -> Iterator[ConfluencePublisher]:
    with publisher_of(server) as one:
        yield one


def test_a_page_is_made_found_and_changed(server: ConfluenceServer, publisher: PagePublisher) -> None:
    parent = publisher.create("Above & <below>", None, "<p>x</p>")
    made = publisher.create("Page", parent.page_id, new_body("<p>one</p>"))
    assert server.pages.get(made.page_id).parent_id == parent.page_id
    for found in (publisher.by_title("Page"), publisher.by_id(made.page_id)):
        assert found == made
    assert made.version == 1
    changed = publisher.update(made, made.body.replace("one", "two"), "why", quiet=True)
    assert (changed.version, changed.title) == (2, "Page")
    assert "two" in changed.body
    assert server.pages.get(made.page_id).newest.message == "why"


def test_what_is_not_there_is_none_and_not_an_error(publisher: PagePublisher) -> None:
    assert publisher.by_id("4711") is None
    assert publisher.by_title("nobody wrote this") is None


def test_an_update_of_an_older_version_conflicts_and_writes_nothing(server: ConfluenceServer, publisher: PagePublisher) -> None:
    read = publisher.create("Page", None, "<p>one</p>")
    server.pages.edit(read.page_id, "one", "one and mine")
    with pytest.raises(PageConflict):
        publisher.update(read, "<p>two</p>", "", quiet=True)
    assert "one and mine" in server.pages.get(read.page_id).newest.body


def test_an_edit_between_the_request_and_its_arrival_conflicts_too(server: ConfluenceServer, publisher: PagePublisher) -> None:
    read = publisher.create("Page", None, "<p>one</p>")
    server.script.append(Trouble("before", act=lambda: server.pages.edit(read.page_id, "one", "mine"), verb="PUT"))
    with pytest.raises(PageConflict):
        publisher.update(read, "<p>two</p>", "", quiet=True)
    assert server.pages.get(read.page_id).newest.body == "<p>mine</p>"


def test_a_title_that_was_taken_meanwhile_is_a_conflict(server: ConfluenceServer, publisher: PagePublisher) -> None:
    server.pages.create("OPS", "Page", None, "<p>theirs</p>")
    with pytest.raises(PageConflict):
        publisher.create("Page", None, "<p>ours</p>")


def test_a_file_is_attached_and_replaced_by_a_new_version(server: ConfluenceServer, publisher: PagePublisher) -> None:
    page = publisher.create("Page", None, "<p>x</p>")
    publisher.attach(page.page_id, "a b.csv", "text/csv", "ž;1\n".encode(), "sha256:1", None)
    first = publisher.files(page.page_id)["a b.csv"]
    assert first.comment == "sha256:1"
    publisher.attach(page.page_id, "a b.csv", "text/csv", b"2\n", "sha256:2", first)
    (file,) = server.pages.get(page.page_id).files.values()
    assert file.contents == ["ž;1\n".encode(), b"2\n"]
    assert publisher.files(page.page_id)["a b.csv"].comment == "sha256:2"


Act = Callable[[PagePublisher, str], Any]
ACTS: dict[str, Act] = {
    "read": lambda publisher, page_id: publisher.by_id(page_id),
    "find": lambda publisher, _: publisher.by_title("Page"),
    "make": lambda publisher, _: publisher.create("Other", None, "<p>x</p>"),
    "write": lambda publisher, page_id: publisher.update(publisher.by_id(page_id), "<p>y</p>", "", quiet=False),  # type: ignore[arg-type]
    "list": lambda publisher, page_id: publisher.files(page_id),
    "attach": lambda publisher, page_id: publisher.attach(page_id, "a.csv", "text/csv", b"1", "", None),
}
VERBS = {"make": "POST", "write": "PUT"}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("trouble", "family"),
    [
        (Trouble("reply", 401), AuthFailed),
        (Trouble("reply", 403), AuthFailed),
        (Trouble("reply", 400), PageRefused),
        (Trouble("reply", 413), PageRefused),
        (Trouble("reply", 410), PageRefused),
        (Trouble("reply", 409), PageConflict),
        (Trouble("reply", 429, headers={"Retry-After": "7"}), RateLimited),
        (Trouble("reply", 500), PublishFailed),
        (Trouble("reply", 502, "<html><body>bad gateway</body></html>"), PublishFailed),
        (Trouble("reply", 503, headers={"Retry-After": "Wed, 21 Oct 2150 07:28:00 GMT"}), PublishFailed),
        (HTML, PublishFailed),
        (Trouble("reply", 200, "[]"), PublishFailed),
        (Trouble("reply", 200, ""), PublishFailed),
        (Trouble("reset"), PublishFailed),
        (Trouble("lost"), PublishFailed),
    ],
    ids=lambda value: f"{value.kind} {value.status} {value.body[:5]}" if isinstance(value, Trouble) else "",
)
def test_every_answer_has_its_family(
    server: ConfluenceServer, publisher: PagePublisher, act: str, trouble: Trouble, family: type[Exception]
) -> None:
    page = publisher.create("Page", None, "<p>x</p>")
    verb = VERBS.get(act) or (("PUT" if server.cloud else "POST") if act == "attach" else "GET")
    server.script.append(Trouble(trouble.kind, trouble.status, trouble.body, trouble.headers, verb=verb))
    with pytest.raises(family) as caught:
        ACTS[act](publisher, page.page_id)
    assert server.token not in str(caught.value)
    assert "<html" not in str(caught.value).lower()
    if trouble.headers.get("Retry-After") == "7":
        assert caught.value.retry_after == 7.0  # type: ignore[attr-defined]


def test_the_library_does_not_sleep_through_a_retry_after(server: ConfluenceServer, publisher: PagePublisher) -> None:
    server.script.append(Trouble("reply", 429, headers={"Retry-After": "1700"}))
    with pytest.raises(RateLimited):
        publisher.by_id("1")
    assert len(server.requests) == 1


def test_a_server_that_hangs_is_left_after_the_timeout(server: ConfluenceServer, publisher: PagePublisher) -> None:
    server.script.append(Trouble("hang"))
    with pytest.raises(PublishFailed, match="no answer within 1 s"):
        publisher.by_id("1")


def test_nothing_that_listens_is_transient(server: ConfluenceServer) -> None:
    with publisher_of(server, url="http://127.0.0.1:9") as publisher, pytest.raises(PublishFailed):
        publisher.by_title("Page")


@pytest.mark.parametrize("body", ["<p>open", "<p>&bogus;</p><x:y/>", "<p>\x01</p>", "<!DOCTYPE html><p/>"])
def test_malformed_storage_format_is_refused(publisher: PagePublisher, body: str) -> None:
    with pytest.raises(PageRefused):
        publisher.create("Broken", None, body)


def test_a_page_above_the_limit_is_refused_with_the_remedy() -> None:
    small = ConfluenceServer(max_page_bytes=1000)
    with small as server, publisher_of(server) as publisher, pytest.raises(PageRefused, match="max_page_bytes"):
        publisher.create("Large", None, "<p>" + "x" * 2000 + "</p>")


def test_a_space_that_is_not_there_is_said(server: ConfluenceServer) -> None:
    with publisher_of(server, space="NOPE") as publisher, pytest.raises(PageRefused, match=r"NOPE|space"):
        publisher.create("Page", None, "<p>x</p>")


@pytest.mark.parametrize("token", ["wrong-token-1234567", "another:odd/one=="])
def test_a_wrong_token_is_permanent_and_shows_nowhere(server: ConfluenceServer, token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with publisher_of(server, secret=token) as publisher:
        server.script.append(Trouble("reply", 401, f'{{"message": "token {token} is unknown"}}'))
        for _ in range(2):
            with pytest.raises(AuthFailed) as caught:
                publisher.by_id("1")
            assert token not in str(caught.value)
        assert token not in repr(publisher.__dict__["_connection"])
    ours = [record.getMessage() for record in caplog.records if "HTTP: Response text" not in record.getMessage()]
    assert not [line for line in ours if token in line]


def test_a_body_comes_back_a_little_changed_and_its_region_is_still_found(publisher: PagePublisher) -> None:
    body = new_body("<p><b>bold</b> – dash</p>\n\n<table><tbody>\n<tr><td>1</td></tr></tbody></table>", "<p>mine</p>")
    stored = publisher.create("Page", None, body).body
    assert stored != body
    assert "<strong>bold</strong> &ndash; dash" in find_region(stored).inside


def connection(**given: Any) -> connections.Connection:
    return connections.Connection("ailog_confluence", "http", **given)


@pytest.mark.parametrize(
    ("given", "url", "cloud", "username"),
    [
        ({"host": "wiki.example.org", "password": "t"}, "https://wiki.example.org", False, None),
        ({"host": "https://wiki.example.org:8443", "schema": "confluence", "password": "t"}, "https://wiki.example.org:8443/confluence", False, None),
        ({"host": "https://wiki.example.org/confluence/", "password": "t"}, "https://wiki.example.org/confluence", False, None),
        ({"host": "wiki.example.org", "login": "me", "password": "p"}, "https://wiki.example.org", False, "me"),
        ({"host": "acme.example.org", "login": "me@example.org", "password": "t", "extra": {"cloud": "true"}}, "https://acme.example.org/wiki", True, "me@example.org"),
    ],
)  # fmt: skip
def test_a_connection_is_read(given: dict[str, Any], url: str, cloud: bool, username: str | None) -> None:
    read = connections.confluence(connection(**given))
    assert (read.url, read.cloud, read.username) == (url, cloud, username)
    assert "secret" not in repr(read)


@pytest.mark.parametrize(
    "given",
    [
        {"host": "wiki.example.org"},
        {"host": "", "password": "t"},
        {"host": "wiki.example.org", "password": "zzz two parts"},
        {"host": "wiki.example.org", "password": "zzz-nový"},
        {"host": "acme.example.org", "password": "zzz", "extra": {"cloud": True}},
    ],
)
def test_a_connection_that_cannot_work_says_so_without_its_secret(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        connections.confluence(connection(**given))
    assert "zzz" not in str(caught.value)
