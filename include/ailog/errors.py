"""Error families, named by what the caller should do about them.

Every error that the product raises on purpose belongs to one family. Adapters translate the errors of their libraries at the edge
(``raise ... from``); the orchestration maps families to retries once. A message says what failed, with which value, and what to do.
"""

from __future__ import annotations


class AilogError(Exception):
    """Root of all errors raised on purpose."""


class ConfigError(AilogError):
    """The configuration is wrong: nothing runs until it is mended."""


class TransientError(AilogError):
    """Worth another try later, unchanged."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds that the other side asked us to wait, when it did."""


class SourceUnavailable(TransientError):
    """A log source does not answer, or answers that it cannot now."""


class RateLimited(TransientError):
    """The other side asks for fewer or later requests."""


class StoreBusy(TransientError):
    """The database is locked, restarting or out of connections."""


class IncompleteFetch(TransientError):
    """Fewer records arrived than the source holds: never to be taken for a quiet window."""


class NotificationFailed(TransientError):
    """A message could not be handed over now."""


class PublishFailed(TransientError):
    """A page could not be read or written now."""


class PageConflict(PublishFailed):
    """Somebody changed the page since it was read: read it again."""


class PermanentError(AilogError):
    """Another try would fail in the same way: a person must act."""


class AuthFailed(PermanentError):
    """Credentials are missing, wrong or without the right that is needed."""


class SchemaMismatch(PermanentError):
    """The other side does not have the shape that we need: index, mapping, table, column."""


class MessageRefused(PermanentError):
    """A channel will never take this message."""


class PageRefused(PermanentError):
    """A page will not be taken as it is, or there is no place where it may be written."""


class SkippableError(AilogError):
    """Concerns one record; the window goes on without it."""


class BadRecord(SkippableError):
    """A record that cannot be taken as it came: set aside and counted."""
