"""Wikis that pages are published in."""

from __future__ import annotations

from typing import NoReturn

from ailog.adapters.publishers.confluence import ConfluenceConnection, ConfluencePublisher
from ailog.errors import AuthFailed
from ailog.ports import PagePublisher, WikiFile, WikiPage
from ailog.settings import Confluence


def build(settings: Confluence, connection: ConfluenceConnection) -> PagePublisher:
    """The publisher of the configured wiki."""
    return ConfluencePublisher(settings, connection)


class UnusablePublisher:
    """A wiki whose connection is wrong: its pages wait until it is mended."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def by_id(self, _page_id: str) -> WikiPage | None:
        """Raises AuthFailed with the reason, as every method does."""
        self._fail()

    def by_title(self, _title: str) -> WikiPage | None:
        """Raises AuthFailed with the reason."""
        self._fail()

    def create(self, _title: str, _parent_id: str | None, _body: str) -> WikiPage:
        """Raises AuthFailed with the reason."""
        self._fail()

    def update(self, _page: WikiPage, _body: str, _note: str, *, quiet: bool) -> WikiPage:  # noqa: ARG002 - nothing is written
        """Raises AuthFailed with the reason."""
        self._fail()

    def files(self, _page_id: str) -> dict[str, WikiFile]:
        """Raises AuthFailed with the reason."""
        self._fail()

    def attach(self, *_: object) -> None:
        """Raises AuthFailed with the reason."""
        self._fail()

    def close(self) -> None:
        """Nothing is open."""

    def _fail(self) -> NoReturn:
        raise AuthFailed(self.reason)
