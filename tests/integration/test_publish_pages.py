"""Pages reach the wiki whatever it answers, once, and leave a person's text alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.support.confluence_server import HTML, ConfluenceServer, Trouble, confluence_settings, publisher_of
from tests.support.published_day import DAY, NOW, ONE_DAY, finished_day, known_issue

from ailog import settings as configuration
from ailog.adapters.publishers import UnusablePublisher
from ailog.adapters.publishers.confluence import ConfluencePublisher
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.storage_format import BEGIN, END, anchor, find_region, new_body, parse
from ailog.local.confluence_pages import StoredPage
from ailog.local.postgres import Uris
from ailog.pipeline.publish_pages import publish_pages
from ailog.pipeline.want_pages import render_pages, want_pages
from ailog.settings import Settings

DAILY, ERRORS, PEAKS = "AI Log Analyzer: daily report", "AI Log Analyzer: known errors", "AI Log Analyzer: known peaks"
OF_DAY = f"{DAILY} 2026-03-09"
TITLES = {DAILY, OF_DAY, ERRORS, PEAKS}
LATER = timedelta(hours=2)


both = pytest.mark.parametrize("server", [False, True], ids=["data center", "cloud"], indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[ConfluenceServer]:
    with ConfluenceServer(cloud=getattr(request, "param", False)) as one:
        yield one


@pytest.fixture
def publisher(server: ConfluenceServer) -> Iterator[ConfluencePublisher]:
    with publisher_of(server) as one:
        yield one


def settings(**changes: Any) -> Settings:
    loaded = configuration.load(configuration.PACKAGE_ROOT / "include" / "config")
    return loaded.model_copy(update={"confluence": confluence_settings(**changes), "timezone": "Europe/Prague"})


def publish(store: PostgresStore, publisher: Any, *, at: datetime = NOW, **changes: Any) -> dict[str, int]:
    return publish_pages(store, publisher, settings(**changes), lambda: at, sleep=lambda _: None)


def page(server: ConfluenceServer, title: str = DAILY) -> StoredPage:
    found = server.pages.titled("OPS", title)
    assert found is not None, title
    return found


def state(store: PostgresStore) -> dict[str, tuple[str, str | None]]:
    with store.connection() as connection:
        rows = connection.execute("SELECT page_key, status, last_error FROM ailog_peak.wanted_pages").fetchall()
    return {key: (status, error) for key, status, error in rows}


def alarms(store: PostgresStore) -> list[str]:
    with store.connection() as connection:
        return [str(row[0]) for row in connection.execute("SELECT body FROM ailog_peak.outbox WHERE kind = 'alarm'").fetchall()]


def versions(server: ConfluenceServer) -> dict[str, tuple[int, dict[str, int]]]:
    return {one.title: (one.newest.number, {name: len(file.contents) for name, file in one.files.items()}) for one in server.pages.all()}


@both
def test_a_finished_backfill_gets_its_pages(store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher) -> None:
    run_id = finished_day(store, incidents=4)
    known_issue(store)
    assert want_pages(store, settings(), run_id, NOW) == {"wanted": 4, "same": 0, "older": 0}
    assert publish(store, publisher) == {"written": 4, "unchanged": 0, "waiting": 0, "refused": 0}
    assert versions(server) == {
        DAILY: (1, {"problem_report_latest.csv": 1}),
        OF_DAY: (1, {"problem_report_2026-03-09.csv": 1}),
        ERRORS: (1, {"errors_table.csv": 1}),
        PEAKS: (1, {"peaks_table.csv": 1}),
    }
    assert page(server, OF_DAY).parent_id == page(server).page_id
    shown = page(server).newest.body
    for said in ("CRITICAL", "TIMEOUT:payments:read_timeout_exception", "KI-042", "OPS-1", "FINAL", "connection pool exhausted"):
        assert said in shown
    assert "ledger &lt;pool&gt; too small" in page(server, ERRORS).newest.body
    assert "<script>alert(1)</script>" in shown  # as text: in CDATA
    elements = list(parse(shown).below())
    assert not [node for node in elements if node.name == "script" or node.attributes.get("ac:name") == "html"]


@both
def test_nothing_is_written_when_nothing_changed(store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher) -> None:
    run_id = finished_day(store)
    want_pages(store, settings(), run_id, NOW)
    publish(store, publisher)
    before, writes = versions(server), len(server.written())
    assert want_pages(store, settings(), run_id, NOW + LATER) == {"wanted": 0, "same": 4, "older": 0}
    with store.connection() as connection:  # somebody lost the record of what was written
        connection.execute("UPDATE ailog_peak.wanted_pages SET status = 'waiting', written_hash = NULL, seen_hash = NULL, page_id = NULL")
    assert publish(store, publisher, at=NOW + LATER) == {"written": 0, "unchanged": 4, "waiting": 0, "refused": 0}
    assert (versions(server), len(server.written())) == (before, writes)


def test_a_new_day_moves_the_page_above_and_adds_one_below(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    for day in (DAY, DAY + ONE_DAY):
        want_pages(store, settings(), finished_day(store, day, incidents=day.day % 3), NOW)
        publish(store, publisher)
    assert {one.title for one in server.pages.all()} == {*TITLES, f"{DAILY} 2026-03-10"}
    assert "2026-03-10" in find_region(page(server).newest.body).inside
    assert page(server, OF_DAY).newest.number == 1
    assert page(server).newest.minor is False
    # An older day that is analysed again does not take the page back.
    before = page(server).newest.number
    found = want_pages(store, settings(), finished_day(store, DAY, incidents=3), NOW + LATER)
    assert found["older"] == 1
    publish(store, publisher, at=NOW + LATER)
    assert page(server).newest.number == before
    assert page(server, OF_DAY).newest.number == 2


def test_a_newer_version_replaces_one_that_was_never_delivered(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    server.script.extend([Trouble("reply", 503)] * 1)
    assert publish(store, publisher)["waiting"] == 1
    want_pages(store, settings(), finished_day(store, incidents=3), NOW + LATER)
    assert publish(store, publisher, at=NOW + LATER)["written"] == 4
    assert page(server, OF_DAY).newest.number == 1
    assert "3 incidents" in page(server, OF_DAY).newest.body


TROUBLES = {
    "409 twice": [Trouble("reply", 409, verb="PUT"), Trouble("reply", 409, verb="PUT")],
    "401": [Trouble("reply", 401)],
    "403 on writing": [Trouble("reply", 403, verb="PUT")],
    "413": [Trouble("reply", 413, verb="PUT")],
    "500": [Trouble("reply", 500)],
    "500 on writing": [Trouble("reply", 500, verb="PUT")],
    "HTML instead of JSON": [HTML],
    "HTML on writing": [Trouble("reply", 200, HTML.body, HTML.headers, verb="PUT")],
    "429": [Trouble("reply", 429, headers={"Retry-After": "60"})],
    "nothing": [Trouble("hang")],
    "a cut connection": [Trouble("reset")],
    "a cut connection on writing": [Trouble("reset", verb="PUT")],
    "the write done and its answer lost": [Trouble("lost", verb="PUT")],
    "the file attached and its answer lost": [Trouble("lost", verb="POST", path="attachment")],
    "413 for a file": [Trouble("reply", 413, verb="POST", path="attachment")],
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_the_wiki_answers_the_pages_follow_and_nothing_is_written_twice(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher, trouble: str
) -> None:
    run_id = finished_day(store, incidents=1)
    want_pages(store, settings(), run_id, NOW)
    publish(store, publisher)
    server.pages.edit(page(server).page_id, "<h2>Notes</h2>", "<h2>Notes</h2><p>Žluťoučký&nbsp;<b>note</b> of a person</p>")
    edited = page(server).newest.number
    want_pages(store, settings(), finished_day(store, incidents=4), NOW + LATER)
    server.script.extend(TROUBLES[trouble])
    first = publish(store, publisher, at=NOW + LATER)
    assert sum(first.values()) >= 1
    server.script.clear()
    for hours in (4, 6, 8):
        publish(store, publisher, at=NOW + timedelta(hours=hours))
    assert {key: status for key, (status, _) in state(store).items()} == dict.fromkeys(state(store), "written")
    assert page(server).newest.number == edited + 1
    assert {title: number for title, (number, _) in versions(server).items() if title != DAILY} == {OF_DAY: 2, ERRORS: 2, PEAKS: 2}
    assert all(count == 2 for _, files in versions(server).values() for count in files.values())
    assert "Žluťoučký&nbsp;<strong>note</strong> of a person" in page(server).newest.body
    assert publish(store, publisher, at=NOW + timedelta(hours=10)) == {"written": 0, "unchanged": 0, "waiting": 0, "refused": 0}


@both
def test_a_page_made_whose_answer_was_lost_is_found_and_not_made_twice(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store), NOW)
    server.script.append(Trouble("lost", verb="POST"))
    publish(store, publisher)
    publish(store, publisher, at=NOW + LATER)
    assert {title: number for title, (number, _) in versions(server).items()} == dict.fromkeys(TITLES, 1)


def test_a_wiki_that_is_away_for_long_raises_one_alarm(store: PostgresStore, database: Uris) -> None:
    want_pages(store, settings(), finished_day(store), NOW)
    with ConfluenceServer() as server, publisher_of(server, url="http://127.0.0.1:9") as nowhere:
        assert publish(store, nowhere) == {"written": 0, "unchanged": 0, "waiting": 1, "refused": 0}
        assert alarms(store) == []
        for hours in (3, 6, 9):
            publish(store, nowhere, at=NOW + timedelta(hours=hours))
    assert len(alarms(store)) == 1
    assert "the page follows by itself" in alarms(store)[0]


def test_a_wrong_login_raises_an_alarm_at_once_and_the_page_follows(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store), NOW)
    with publisher_of(server, secret="wrong-token-987654") as wrong:
        assert publish(store, wrong) == {"written": 0, "unchanged": 0, "waiting": 0, "refused": 1}
    assert len(alarms(store)) == 1
    assert "wrong-token" not in alarms(store)[0] + str(state(store))
    assert publish(store, publisher, at=NOW + LATER)["written"] == 4


def test_a_connection_that_is_not_set_keeps_the_pages(store: PostgresStore) -> None:
    want_pages(store, settings(), finished_day(store), NOW)
    assert publish(store, UnusablePublisher("the connection 'ailog_confluence' is not set"))["refused"] == 1
    assert "not set" in str(state(store))


HUMAN = "<p>Mine: caf&eacute; &amp; <strong>b</strong><br /> <em>x</em>   two  blanks \U0001f600</p>\n<ul><li>one</li></ul>"


@both
def test_a_persons_text_stays_byte_for_byte(store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    one = page(server)
    server.pages.update(one.page_id, 2, one.title, HUMAN + one.newest.body + HUMAN, author="a person")
    before = find_region(page(server).newest.body)
    want_pages(store, settings(), finished_day(store, incidents=2), NOW + LATER)
    publish(store, publisher, at=NOW + LATER)
    after = find_region(page(server).newest.body)
    assert (after.before, after.after) == (before.before, before.after)
    assert after.inside != before.inside


@both
def test_a_person_who_edits_while_we_write_loses_nothing(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    want_pages(store, settings(), finished_day(store, incidents=2), NOW + LATER)
    one = page(server)

    def edit(text: str) -> Callable[[], object]:
        return lambda: server.pages.edit(one.page_id, "<h2>Notes</h2>", f"<h2>Notes</h2><p>{text}</p>")

    path = one.page_id
    server.script.extend(
        [Trouble("before", act=edit("first"), verb="PUT", path=path), Trouble("before", act=edit("second"), verb="PUT", path=path)]
    )
    assert publish(store, publisher, at=NOW + LATER)["written"] == 4
    body = page(server).newest.body
    assert "<p>second</p><p>first</p>" in body
    assert "2 incidents" in body


def test_an_edit_between_reading_and_writing_is_kept(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    want_pages(store, settings(), finished_day(store, incidents=2), NOW + LATER)
    one = page(server).page_id

    def edit() -> object:
        return server.pages.edit(one, "<h2>Notes</h2>", "<h2>Notes</h2><p>in between</p>")

    server.script.append(Trouble("after", act=edit, verb="GET", path=one))
    assert publish(store, publisher, at=NOW + LATER)["written"] == 4
    assert "<p>in between</p>" in page(server).newest.body
    assert "2 incidents" in page(server).newest.body


def test_a_person_who_never_stops_editing_makes_the_page_wait(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    want_pages(store, settings(), finished_day(store, incidents=2), NOW + LATER)
    server.script.extend([Trouble("reply", 409, verb="PUT", path=page(server).page_id)] * 4)
    assert publish(store, publisher, at=NOW + LATER) == {"written": 3, "unchanged": 0, "waiting": 1, "refused": 0}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (BEGIN, "something-else", "no anchor 'ailog-begin'"),
        (END, "something-else", "no anchor 'ailog-end'"),
        ("<h2>Notes</h2>", f"<p>{anchor(BEGIN)}</p>", "2 anchors 'ailog-begin'"),
        ("<h2>Notes</h2>", f"<p>{anchor(END)}</p>", "2 anchors 'ailog-end'"),
    ],
)
def test_a_page_without_a_clear_place_is_left_alone_and_mended_by_hand(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher, old: str, new: str, said: str
) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    whole = page(server).newest.body
    server.pages.edit(page(server).page_id, old, new)
    broken = page(server).newest.body
    want_pages(store, settings(), finished_day(store, incidents=2), NOW + LATER)
    assert publish(store, publisher, at=NOW + LATER) == {"written": 3, "unchanged": 0, "waiting": 0, "refused": 1}
    assert page(server).newest.body == broken
    assert said in str(state(store)["daily"][1])
    assert len(alarms(store)) == 1
    server.pages.edit(page(server).page_id, broken, whole)
    assert publish(store, publisher, at=NOW + LATER + timedelta(minutes=61))["written"] == 1


def test_a_page_of_somebody_else_with_our_title_is_not_overwritten(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    theirs = server.pages.create("OPS", ERRORS, None, "<p>our wiki of errors</p>")
    want_pages(store, settings(), finished_day(store), NOW)
    assert publish(store, publisher)["refused"] == 1
    assert theirs.newest.body == "<p>our wiki of errors</p>"
    server.pages.update(theirs.page_id, 2, ERRORS, f"<p>ours</p><p>{anchor(BEGIN)}</p><p>{anchor(END)}</p><p>also ours</p>")
    assert publish(store, publisher, at=NOW + LATER)["written"] == 1
    assert theirs.newest.body.startswith("<p>ours</p>")
    assert theirs.newest.body.endswith("<p>also ours</p>")


def test_an_empty_page_that_was_made_by_hand_is_filled(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    empty = server.pages.create("OPS", "Somewhere", None, "<p> <br/>&nbsp;</p>")
    want_pages(store, settings(), finished_day(store), NOW)
    assert publish(store, publisher, page_ids={"errors": empty.page_id})["written"] == 4
    assert "Known issues" in empty.newest.body
    assert empty.title == "Somewhere"
    assert server.pages.titled("OPS", ERRORS) is None


def test_a_renamed_page_keeps_its_name_and_a_moved_region_its_place(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    one = page(server)
    cell = (
        f'<ac:layout><ac:layout-section ac:type="single"><ac:layout-cell>{one.newest.body}</ac:layout-cell></ac:layout-section></ac:layout>'
    )
    server.pages.update(one.page_id, 2, "Yesterday", cell, author="a person")
    want_pages(store, settings(), finished_day(store, incidents=2), NOW + LATER)
    assert publish(store, publisher, at=NOW + LATER)["written"] == 4
    assert one.title == "Yesterday"
    assert one.newest.body.startswith("<ac:layout>")
    assert "2 incidents" in one.newest.body


def test_a_deleted_page_is_made_again(store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    page(server, ERRORS).status = "trashed"
    want_pages(store, settings(), finished_day(store, incidents=2), NOW + LATER)
    assert publish(store, publisher, at=NOW + LATER)["written"] == 4
    assert page(server, ERRORS).newest.number == 1


def test_what_a_person_writes_into_the_generated_part_is_replaced(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store), NOW)
    publish(store, publisher)
    server.pages.edit(page(server).page_id, "<h2>Gravest incidents</h2>", "<h2>Gravest incidents</h2><p>lost</p>")
    with store.connection() as connection:
        connection.execute("UPDATE ailog_peak.wanted_pages SET status = 'waiting'")
    assert publish(store, publisher, at=NOW + LATER) == {"written": 1, "unchanged": 3, "waiting": 0, "refused": 0}
    assert "<p>lost</p>" not in page(server).newest.body


def test_a_backfill_that_died_before_it_wanted_its_pages_is_made_up_for(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    finished_day(store)
    assert publish(store, publisher)["written"] == 4
    assert publish(store, publisher, at=NOW + LATER)["written"] == 0


def test_a_day_that_changes_after_its_backfill_changes_its_page(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store, incidents=1), NOW)
    publish(store, publisher)
    finished_day(store, incidents=2, kind="manual", completed_at=NOW + timedelta(hours=1))
    assert publish(store, publisher, at=NOW + LATER)["written"] == 4
    assert "2 incidents" in page(server, OF_DAY).newest.body


def test_a_day_without_a_backfill_has_no_page(store: PostgresStore, publisher: ConfluencePublisher) -> None:
    finished_day(store, kind="regular", verdict="provisional")
    assert sum(publish(store, publisher).values()) == 0


@pytest.mark.parametrize("changes", [{"kind": "regular"}, {"status": "failed"}, {"status": "running", "completed_at": None}])
def test_other_runs_want_no_page(store: PostgresStore, changes: dict[str, Any]) -> None:
    assert want_pages(store, settings(), finished_day(store, **changes), NOW) == {}


def test_switched_off_nothing_happens(store: PostgresStore) -> None:
    off = configuration.load(configuration.PACKAGE_ROOT / "include" / "config")
    assert not off.confluence.enabled
    assert want_pages(store, off, finished_day(store), NOW) == {}
    assert publish_pages(store, UnusablePublisher("off"), off, lambda: NOW) == {}
    assert state(store) == {}


def test_the_same_rows_give_the_same_pages(store: PostgresStore) -> None:
    finished_day(store, incidents=9)
    assert render_pages(store, settings(), DAY) == render_pages(store, settings(), DAY)


def test_a_day_of_which_nothing_was_read_is_not_called_quiet(store: PostgresStore) -> None:
    shown = render_pages(store, settings(), DAY, {"daily"})[0].page.region
    assert "Nothing is known about this day" in shown
    assert "No incidents" not in shown


def test_many_rows_are_cut_and_counted_and_stand_in_the_csv(store: PostgresStore) -> None:
    finished_day(store, incidents=40)
    whole = render_pages(store, settings(rows={"incidents": 12, "errors": 7, "peaks": 5, "details": 2}), DAY)
    regions = {one.key: one.page.region for one in whole}
    assert "<strong>28 more</strong> in " in regions["daily"]
    assert "<strong>33 more</strong> in " in regions["errors"]
    assert "<strong>35 more</strong> in " in regions["peaks"]
    files = {file.name: file.data.count(b"\n") for one in whole for file in one.page.attachments}
    assert files["problem_report_2026-03-09.csv"] == 41
    assert files["errors_table.csv"] == 41
    small = render_pages(store, settings(max_page_bytes=20_000), DAY)
    assert all(len(one.page.region.encode()) <= 20_000 for one in small)


KILLED = """
import os, signal, sys
from tests.integration.test_publish_pages import settings, NOW
from ailog import connections
from ailog.adapters.publishers.confluence import ConfluencePublisher
from ailog.adapters.store.postgres import PostgresStore
from ailog.pipeline.publish_pages import publish_pages
uri, connection, fatal = sys.argv[1], sys.argv[2], int(sys.argv[3])
given = connections.confluence(connections.from_json("ailog_confluence", connection))
publisher = ConfluencePublisher(settings().confluence, given)
send, seen = publisher._client._session.send, 0
def counted(*args, **more):
    global seen
    seen += 1
    if seen == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    answer = send(*args, **more)
    if seen == -fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
publisher._client._session.send = counted
publish_pages(PostgresStore(uri), publisher, settings(), lambda: NOW)
"""


@pytest.mark.parametrize("fatal", [-2, -3, -5, 6, -7])
def test_a_publisher_killed_at_any_request_is_followed_by_one_that_writes_nothing_twice(
    store: PostgresStore, database: Uris, fatal: int
) -> None:
    with ConfluenceServer() as server, publisher_of(server) as publisher:
        want_pages(store, settings(), finished_day(store), NOW)
        root = str(configuration.PACKAGE_ROOT)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, f"{root}/include"])}
        died = subprocess.run(
            [sys.executable, "-c", KILLED, database.app, server.connection, str(fatal)], env=environment, timeout=120, check=False
        )
        assert died.returncode == -signal.SIGKILL
        publish(store, publisher, at=NOW + LATER)
        assert set(versions(server)) == TITLES
        assert all(number == 1 and set(files.values()) == {1} for number, files in versions(server).values())
        assert {status for status, _ in state(store).values()} == {"written"}


def test_a_page_in_hand_of_a_living_publisher_is_not_taken(
    store: PostgresStore, server: ConfluenceServer, publisher: ConfluencePublisher
) -> None:
    want_pages(store, settings(), finished_day(store), NOW)
    with store.connection() as connection:
        lease = {"until": NOW + timedelta(minutes=5)}
        connection.execute(
            "UPDATE ailog_peak.wanted_pages SET status = 'writing', next_attempt = %(until)s WHERE page_key = 'errors'", lease
        )
    assert publish(store, publisher)["written"] == 3
    assert publish(store, publisher, at=NOW + timedelta(minutes=6))["written"] == 1


def test_a_body_by_hand_is_what_new_body_makes() -> None:
    region = find_region(new_body("<p>x</p>", "<p>y</p>"))
    assert region.inside == "<p>x</p>"
    assert region.after.endswith(b"<p>y</p>")
