"""Delivers wanted pages to the wiki. A wiki that fails costs nothing but time: the page waits, and only its newest content is kept.

A page is taken in a transaction of its own, so a publisher that is killed leaves a lease that ends. Its work is not done twice: the region
carries the hash of its content, so whoever comes next sees on the page itself what is there already.

Only the region between the anchors is replaced, in exactly the version of the page that was read. Where the anchors are gone, doubled or
moved nothing is written: the page is refused with the remedy, an alarm is raised, and it follows by itself when a person has mended it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ailog.domain.digest import build_alarm
from ailog.domain.storage_format import RegionLost, Unreadable, canonical_hash, find_region, is_blank, new_body, stamped
from ailog.domain.wording import clean, head, lasting, utc
from ailog.errors import AuthFailed, PageConflict, PageRefused, PermanentError, PublishFailed, RateLimited
from ailog.pipeline.want_pages import KINDS, want_pages
from ailog.ports import Clock, PagePublisher, Store, WikiPage
from ailog.settings import Confluence, Settings

LEASE: Final = timedelta(minutes=5)
"""How long a publisher may be silent before its page is due again."""
OUTSIDE: Final = "<h2>Notes</h2><p>Write here. What stands outside of the generated part stays as it is.</p>"
"""Below the region of a page that is made now; never written again."""

_MAX_DETAIL: Final = 500
_KINDS: Final = {"daily": ("daily", "day"), "errors": ("errors",), "peaks": ("peaks",)}
# What a defect or an answer of an unknown shape can raise; it must not keep the other pages back.
_DEFECTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
Sleep = Callable[[float], None]
Row = Mapping[str, Any]


class _Outcome(NamedTuple):
    counted: str
    detail: str = ""
    retry_after: float | None = None
    wiki_down: bool = False


def publish_pages(
    store: Store,
    publisher: PagePublisher,
    settings: Settings,
    clock: Clock,
    *,
    kinds: Collection[str] | None = None,
    at_once: bool = False,
    sleep: Sleep = time.sleep,
) -> dict[str, int]:
    """Delivers every page that is due, and wants those of finished days that changed since.

    A failure of the wiki is never raised; errors of the store are. A page that could not be delivered is tried again after a pause that
    doubles, or after what the wiki asked for; one that was refused every ``confluence.retry.refused_seconds``. ``at_once`` does not wait.

    Returns:
        Counts under ``written``, ``unchanged``, ``waiting`` (due again later) and ``refused`` (a person must act); empty when switched off.
    """
    if not settings.confluence.enabled:
        return {}
    _make_up(store, settings, clock())
    counts = Counter({"written": 0, "unchanged": 0, "waiting": 0, "refused": 0})
    wanted = sorted({one for kind in kinds for one in _KINDS[kind]}) if kinds is not None else None
    seen: list[str] = []
    while (row := _take(store, clock(), seen, wanted, at_once=at_once)) is not None:
        seen.append(row["page_key"])
        outcome = _attempt(store, publisher, settings, row, clock, sleep)
        if outcome.counted in {"waiting", "refused"}:
            _record_failure(store, settings, row, outcome, clock())
        counts[outcome.counted] += 1
        if outcome.wiki_down:
            break
    return dict(counts)


def _make_up(store: Store, settings: Settings, now: datetime) -> None:
    """Wants the pages of backfills that died between their commit and the wanting, and of days that changed after their backfill."""
    with store.connection("look for days whose pages are old") as connection:
        values = {"now": now, "days": settings.confluence.catch_up_days}
        days = [row[0].astimezone(UTC) for row in connection.execute(store.statement("pages/due_days"), values).fetchall()]
    for day in days:
        # The standing tables are as of now, whichever day it is: once is enough.
        want_pages(store, settings, None, now, day=day, kinds=KINDS if day == days[-1] else ("daily",))


def _take(store: Store, now: datetime, seen: list[str], kinds: list[str] | None, *, at_once: bool) -> dict[str, Any] | None:
    values = {"now": now, "lease_until": now + LEASE, "seen": seen, "kinds": kinds, "forced": at_once}
    with store.connection("take a page") as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(store.statement("pages/take_page"), values).fetchone()


def _attempt(store: Store, publisher: PagePublisher, settings: Settings, row: Row, clock: Clock, sleep: Sleep) -> _Outcome:
    try:
        page, wrote = _write(store, publisher, settings, row, sleep)
        _record_written(store, row, page, clock(), wrote=wrote)
        wrote = _attach(store, publisher, settings, row, page) or wrote
        with store.connection("record a page") as connection:
            connection.execute(store.statement("pages/record_done"), {"page_key": row["page_key"], "content_hash": row["content_hash"]})
    except PageConflict as error:
        return _Outcome("waiting", f"somebody kept changing the page: {error}")
    except AuthFailed as error:
        return _Outcome("refused", str(error), wiki_down=True)
    except PermanentError as error:
        return _Outcome("refused", str(error))
    except (PublishFailed, RateLimited) as error:
        return _Outcome("waiting", str(error), error.retry_after, wiki_down=True)
    except _DEFECTS as error:
        # Without the text: it is not known to be free of secrets.
        return _Outcome("waiting", f"publishing failed unexpectedly ({type(error).__name__})")
    return _Outcome("written" if wrote else "unchanged")


def _write(store: Store, publisher: PagePublisher, settings: Settings, row: Row, sleep: Sleep) -> tuple[WikiPage, bool]:
    """Brings the region up to date; returns the page as it is stored now, and whether it was written. Conflicts are read again."""
    retry = settings.confluence.retry
    for attempt in range(1, retry.conflicts + 1):
        try:
            page = _located(publisher, settings, row)
            if page is None:
                return _created(store, publisher, settings, row), True
            body = _body(page, row)
            if body is None:
                return page, False
            note = f"AI Log Analyzer: as of {utc(row['as_of'])}"
            loud = row["kind"] == "daily" and row["written_as_of"] != row["as_of"]
            return publisher.update(page, body, note, quiet=not loud), True
        except PageConflict:
            if attempt == retry.conflicts:
                raise
            sleep(0.25 * 2.0 ** (attempt - 1))
    raise AssertionError("the loop either returns or raises")


def _located(publisher: PagePublisher, settings: Settings, row: Row) -> WikiPage | None:
    """The page: where it was written last, else where the settings say, else by title."""
    configured = getattr(settings.confluence.page_ids, row["kind"], "")
    if configured:
        page = publisher.by_id(configured)
        if page is None:
            raise PageRefused(
                f"there is no page {configured} that the account may see: check confluence.page_ids.{row['kind']} and the account's rights"
            )
        return page
    if row["page_id"]:
        page = publisher.by_id(row["page_id"])
        if page is not None:
            return page
    return publisher.by_title(row["title"])


def _created(store: Store, publisher: PagePublisher, settings: Settings, row: Row) -> WikiPage:
    parent = settings.confluence.parent_id or None
    if row["kind"] == "day":
        with store.connection("look up the page above") as connection:
            found = connection.execute(store.statement("pages/page_id"), {"page_key": "daily"}).fetchone()
        parent = settings.confluence.page_ids.daily or (found[0] if found else None)
        if not parent:
            raise PageConflict("the page above the days is not there yet")
    return publisher.create(row["title"], parent, new_body(row["region"], OUTSIDE))


def _body(page: WikiPage, row: Row) -> str | None:
    """The page's whole new body, or None when its region says already what is wanted."""
    try:
        if is_blank(page.body):
            return new_body(row["region"], OUTSIDE)
        region = find_region(page.body)
    except RegionLost as error:
        raise PageRefused(f"the page {page.title!r} (id {page.page_id}) is left as it is: {error}") from error
    except Unreadable as error:
        raise PageRefused(f"the page {page.title!r} (id {page.page_id}) cannot be read: {error}; save it once in the editor") from error
    there = canonical_hash(region.inside)
    if there == canonical_hash(row["region"]):
        return None
    # The wiki rewrites what it stores, in ways that nobody lists. What counts is that it was ours and nobody touched it since.
    known = row["written_hash"] == row["region_hash"]
    if stamped(region.inside) == row["region_hash"] and (not known or row["seen_hash"] == there):
        return None
    return region.filled(row["region"])


def _attach(store: Store, publisher: PagePublisher, settings: Settings, row: Row, page: WikiPage) -> bool:
    """Attaches the files whose content the wiki does not have; returns whether there was one."""
    with store.connection("read the files of a page") as connection:
        files = connection.execute(store.statement("pages/files"), {"page_key": row["page_key"]}).fetchall()
    if not files:
        return False
    attached = False
    there = publisher.files(page.page_id)
    for name, media_type, sha256, content in files:
        mark = f"sha256:{sha256}"
        if len(content) > settings.confluence.max_attachment_bytes:
            raise PageRefused(
                f"the page is written, but {name} has {len(content):,} bytes, more than confluence.max_attachment_bytes "
                f"({settings.confluence.max_attachment_bytes:,}): raise it"
            )
        if name not in there or mark not in there[name].comment:
            publisher.attach(page.page_id, name, media_type, bytes(content), f"AI Log Analyzer, {mark}", there.get(name))
            attached = True
        with store.connection("record a file") as connection:
            values = {"page_key": row["page_key"], "name": name, "sha256": sha256}
            connection.execute(store.statement("pages/delivered_file"), values)
    return attached


def _record_written(store: Store, row: Row, page: WikiPage, now: datetime, *, wrote: bool) -> None:
    try:
        seen = canonical_hash(find_region(page.body).inside)
    except (RegionLost, Unreadable):
        seen = None  # the wiki gave back something else than was written; the stamp on the page decides then
    values = {
        "page_key": row["page_key"],
        "page_id": page.page_id,
        "region_hash": row["region_hash"],
        "seen_hash": seen,
        "as_of": row["as_of"],
        "version": page.version,
        "wrote": wrote,
        "now": now,
    }
    with store.connection("record a page") as connection:
        connection.execute(store.statement("pages/record_written"), values)


def _record_failure(store: Store, settings: Settings, row: Row, outcome: _Outcome, now: datetime) -> None:
    """Puts the page back and, when a person must act or it has waited for long, raises an alarm; told once for every content."""
    retry = settings.confluence.retry
    detail = head(clean(outcome.detail), _MAX_DETAIL)
    waited = now - row["wanted_at"]
    values = {
        "page_key": row["page_key"],
        "attempt": row["attempts"],
        "status": outcome.counted,
        "next_attempt": now + _pause(row["attempts"], outcome, settings.confluence),
        "detail": detail,
    }
    refused = outcome.counted == "refused"
    with store.connection("record a page that was not taken") as connection:
        connection.execute(store.statement("pages/record_failure"), values)
        if not refused and waited < timedelta(minutes=retry.alarm_after_minutes):
            return
        wiki = outcome.wiki_down
        messages = build_alarm(
            title="Confluence takes no pages" if wiki else f"the page {row['title']!r} is not published",
            reason=detail,
            remedy="mend what the message names; the page follows by itself, or at once with 'ailog publish'",
            facts={"Page": row["title"], **({} if refused else {"Waiting for": lasting(waited)})},
            settings=settings,
            subject_key=f"{'confluence' if wiki else row['page_key']}|{row['content_hash']}",
        )
        for message in messages:
            alarm = {
                "message_id": message.message_id,
                "channel": message.channel,
                "subject": message.subject,
                "body": Jsonb(dict(message.body)),
                "cooldown_minutes": settings.notify.cooldown_minutes,
            }
            connection.execute(store.statement("alarms/raise_alarm"), alarm)


def _pause(attempts: int, outcome: _Outcome, settings: Confluence) -> timedelta:
    retry = settings.retry
    if outcome.counted == "refused":
        return timedelta(seconds=retry.refused_seconds)
    doubled = min(retry.max_seconds, retry.first_seconds * 2.0 ** min(attempts - 1, 30))
    return timedelta(seconds=max(doubled, outcome.retry_after or 0.0))


def preview(publisher: PagePublisher, settings: Settings, title: str, kind: str, region: str) -> tuple[str, str]:
    """What is in the region of a page now, and what would be: for a dry run. The first is empty when there is no page yet."""
    row = {"kind": kind, "page_id": None, "title": title}
    page = _located(publisher, settings, row)
    if page is None or is_blank(page.body):
        return "", region
    try:
        return find_region(page.body).inside, region
    except (RegionLost, Unreadable) as error:
        raise PageRefused(f"the page {page.title!r} (id {page.page_id}) would be left as it is: {error}") from error
