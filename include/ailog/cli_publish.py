"""The command that publishes Confluence pages, or shows what it would write."""

from __future__ import annotations

import difflib
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from ailog import cli_output as out
from ailog import settings
from ailog.cli_parser import Arguments, UsageError
from ailog.connections import from_environment
from ailog.domain.storage_format import comparable_lines
from ailog.errors import AilogError, ConfigError
from ailog.orchestration.steps import Steps
from ailog.pipeline.publish_pages import preview
from ailog.pipeline.want_pages import KINDS, newest_day, render_pages, want_pages

_STATE = {
    "page_key": "page",
    "status": "status",
    "as_of": "as of (UTC)",
    "written_at": "written",
    "written_version": "version",
    "attempts": "tries",
    "last_error": "last error",
}


def publish(arguments: Arguments) -> int:
    """Wants the pages of a day and delivers what is due; status 1 when one of them is not there afterwards."""
    work = Steps(settings.load(), from_environment)
    kinds = tuple(dict.fromkeys(arguments.pages or KINDS))
    day = arguments.date
    if day is not None and (day.hour or day.minute or day.second):
        raise UsageError(f"--date needs a whole UTC day, as in {day:%Y-%m-%d}")
    if arguments.dry_run:
        return _show(work, kinds, day, as_json=arguments.json)
    if not work.settings.confluence.enabled:
        raise ConfigError("Confluence is switched off: set confluence.enabled and confluence.space in analyzer.yaml")
    with closing(work.parts.store("pages")) as database:
        day = day or newest_day(database)
        wanted = want_pages(database, work.settings, None, work.clock(), day=day, kinds=kinds)
    done = work.publish_pages(kinds=kinds, at_once=True)
    with closing(work.parts.store("pages")) as database, database.connection("read the state of the pages") as connection:
        cursor = connection.execute(database.statement("pages/state"), {"limit": 50})
        names = [column.name for column in cursor.description or []]
        state = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if arguments.json:
        out.as_json({"day": f"{day:%Y-%m-%d}", "wanted": wanted, "published": done, "pages": state})
    else:
        out.say(f"{day:%Y-%m-%d}: {out.counts(done)}")
        out.table("pages", state, _STATE)
    return 1 if done["waiting"] or done["refused"] else 0


def _show(work: Steps, kinds: tuple[str, ...], day: datetime | None, *, as_json: bool) -> int:
    """Prints the difference to each page, or where there is none, or no Confluence to ask, the storage format. Writes nothing."""
    with closing(work.parts.store("pages")) as database:
        rendered = render_pages(database, work.settings, (day or newest_day(database)).astimezone(UTC), kinds)
    shown: list[dict[str, Any]] = []
    with closing(work.parts.publisher()) as wiki:
        for key, kind, _, page in rendered:
            found: dict[str, Any] = {"page": key, "title": page.title, "files": [file.name for file in page.attachments]}
            before = ""
            if work.settings.confluence.enabled:
                try:
                    before, _ = preview(wiki, work.settings, page.title, kind, page.region)
                except AilogError as error:
                    found["problem"] = str(error)
            sides = (comparable_lines(before), comparable_lines(page.region))
            found["text"] = "\n".join(difflib.unified_diff(*sides, "there now", "would be", lineterm="")) if before else page.region
            shown.append(found)
    if as_json:
        out.as_json(shown)
        return 0
    for found in shown:
        out.say(f"# {found['page']}: {found['title']}" + (f" ({found['problem']})" if "problem" in found else ""))
        out.say(found["text"].strip() or "nothing would change")
    return 0
