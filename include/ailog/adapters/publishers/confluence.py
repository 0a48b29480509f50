"""Confluence through atlassian-python-api: Data Center by REST v1, Cloud by v2 for pages and v1 for attachments.

Only the library's plain verbs are used. Its ``update_page`` asks for the version number anew just before it writes, so that a change made
since the body was read would be overwritten in silence; it also skips changes of case alone and resets the width of the page. Its
``attach_content`` looks through the first page of attachments only, and replaces one by a request that Data Center does not know. Its own
waiting for 429, up to half an hour, is off: the outbox waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol

import requests

from ailog.domain.masking import mask_text
from ailog.domain.wording import head, one_line
from ailog.errors import AilogError, AuthFailed, PageConflict, PageRefused, PublishFailed, RateLimited
from ailog.ports import WikiFile, WikiPage
from ailog.settings import Confluence

_MAX_SAID: Final = 300
_MAX_WAIT: Final = 24 * 3600.0
_MAX_LISTED: Final = 1000
_REMEDIES: Final = {
    400: "; it does not take the text or the title of the page",
    410: "; this part of its interface was removed: for Cloud set cloud to true in the connection's extra",
    413: ": too large for it; lower confluence.rows, max_page_bytes or max_attachment_bytes, or raise its limit",
}
_NO_CHECK: Final = {"X-Atlassian-Token": "nocheck", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class ConfluenceConnection:
    """Where a Confluence is and how to log in: with ``username`` by Basic, without by Bearer. ``url`` holds the context path."""

    url: str
    secret: str = field(repr=False)
    username: str | None = None
    cloud: bool = False
    verify: bool = True
    ca_certs: str | None = None


class ConfluencePublisher:
    """Reads and writes pages of one space."""

    def __init__(self, settings: Confluence, connection: ConfluenceConnection) -> None:
        # The library loads all of Atlassian's products, which takes a second; whoever publishes nothing must not wait for it.
        from atlassian.confluence import ConfluenceServer  # noqa: PLC0415

        self._connection = connection
        self._settings = settings
        client: Any = ConfluenceServer
        self._client = client(
            connection.url,
            # As bytes: a name or password outside of Latin-1 is sent as UTF-8 instead of raising an error that holds it.
            username=connection.username.encode() if connection.username else None,
            password=connection.secret.encode() if connection.username else None,
            token=None if connection.username else connection.secret,
            timeout=settings.timeout_seconds,
            verify_ssl=(connection.ca_certs or True) if connection.verify else False,
            retry_with_header=False,
            backoff_and_retry=False,
        )
        self._dialect: _Dialect = (_Cloud if connection.cloud else _DataCenter)(self._call, settings.space)

    def by_id(self, page_id: str) -> WikiPage | None:
        """The page, or None when there is none that we may see."""
        return self._dialect.by_id(page_id)

    def by_title(self, title: str) -> WikiPage | None:
        """The page of this title in the space, or None."""
        return self._dialect.by_title(title)

    def create(self, title: str, parent_id: str | None, body: str) -> WikiPage:
        """Makes a page. Raises PageConflict when the title is taken."""
        try:
            return self._dialect.create(title, parent_id, body)
        except PageRefused as error:
            # Asked only now: the texts of such refusals differ between versions and languages.
            if self._dialect.by_title(title) is not None:
                raise PageConflict(f"the page {title!r} was made by somebody else meanwhile") from error
            raise

    def update(self, page: WikiPage, body: str, note: str, *, quiet: bool) -> WikiPage:
        """Replaces the body of exactly the version that ``page`` is. Raises PageConflict when it has another one by now."""
        return self._dialect.update(page, body, note, quiet=quiet)

    def files(self, page_id: str) -> dict[str, WikiFile]:
        """The attachments of a page by name."""
        found: dict[str, WikiFile] = {}
        while True:
            params = {"limit": 100, "start": len(found), "expand": "version"}
            answer = self._call("get", f"rest/api/content/{page_id}/child/attachment", "read the attachments", params=params)
            for item in _results(answer):
                told = [(item.get(place) or {}).get("comment") for place in ("metadata", "extensions")]
                name = _field(item, "title")
                found[name] = WikiFile(_field(item, "id"), name, str(next(filter(None, told), "")))
            if not (answer.get("_links") or {}).get("next") or not _results(answer) or len(found) >= _MAX_LISTED:
                return found

    def attach(self, page_id: str, name: str, media_type: str, data: bytes, comment: str, replaces: WikiFile | None) -> None:
        """Attaches a file, as a new version of ``replaces`` where that is given."""
        path = f"rest/api/content/{page_id}/child/attachment"
        verb = "put" if self._connection.cloud else "post"
        if replaces is not None and not self._connection.cloud:
            path = f"{path}/{replaces.file_id}/data"
        fields = {"comment": comment, "minorEdit": "true"}
        self._call(verb, path, f"attach {name}", data=fields, headers=_NO_CHECK, files={"file": (name, data, media_type)})

    def close(self) -> None:
        """Closes the connections to the server."""
        self._client.close()

    def _call(self, verb: str, path: str, doing: str, **request: Any) -> dict[str, Any]:
        with self._translated(doing):
            answer = getattr(self._client, verb)(path, **request)
        if not isinstance(answer, dict):
            raise PublishFailed(
                f"could not {doing}: Confluence answered with something that is no JSON (a login or maintenance page of something in front "
                f"of it?); it is tried again. If it stays so, check the address {self._connection.url}"
            )
        return answer

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except requests.HTTPError as error:
            raise self._refusal(error, doing) from error
        except requests.exceptions.SSLError as error:
            text = "the certificate is not trusted: name the authority's file as ca_certs in the connection's extra"
            raise PageRefused(f"could not {doing}: {text}") from error
        except requests.Timeout as error:
            raise PublishFailed(f"could not {doing}: no answer within {self._settings.timeout_seconds} s; it is tried again") from error
        except requests.ConnectionError as error:
            raise PublishFailed(f"could not {doing}: the connection failed or was cut; it is tried again") from error
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
            raise PageRefused(f"could not {doing}: the connection's address is no URL") from error
        except (requests.RequestException, OSError) as error:
            raise PublishFailed(f"could not {doing}: the request failed ({type(error).__name__}); it is tried again") from error

    def _refusal(self, error: requests.HTTPError, doing: str) -> AilogError:
        answer = error.response
        status = answer.status_code if answer is not None else 0
        said = self._safe(error)
        text = f"could not {doing}: Confluence answered {status}" + (f" ({said})" if said else "")
        if status in {401, 403, 407}:
            reason = (answer.headers.get("X-Authentication-Denied-Reason") or "") if answer is not None else ""
            captcha = "; log in once by hand, it asks for a CAPTCHA" if "CAPTCHA" in reason else ""
            return AuthFailed(
                f"{text}; check the token of the connection and the account's right to add pages and attachments in space "
                f"{self._settings.space}{captcha}"
            )
        wait = _retry_after(answer.headers.get("Retry-After")) if answer is not None else None
        if status == 409:
            return PageConflict(text)
        if status == 429:
            return RateLimited(f"{text}; it is tried again", retry_after=wait)
        if status in {408, 423, 425} or status >= 500:
            return PublishFailed(f"{text}; it is tried again", retry_after=wait)
        return PageRefused(f"{text}{_REMEDIES.get(status, '; check space, page ids and the rights of the account')}")

    def _safe(self, error: requests.HTTPError) -> str:
        """What the server said, shortened, with our secret and all that looks like one masked; nothing of a page of HTML."""
        text = one_line(error)
        if text[:200].lstrip().lower().startswith(("<!doctype", "<html", "<?xml")):
            return "a page of HTML"
        return head(mask_text(text.replace(self._connection.secret, "***")), _MAX_SAID)


class _Call(Protocol):
    def __call__(self, verb: str, path: str, doing: str, **request: Any) -> dict[str, Any]: ...


class _Dialect(Protocol):
    def by_id(self, page_id: str) -> WikiPage | None: ...

    def by_title(self, title: str) -> WikiPage | None: ...

    def create(self, title: str, parent_id: str | None, body: str) -> WikiPage: ...

    def update(self, page: WikiPage, body: str, note: str, *, quiet: bool) -> WikiPage: ...


class _DataCenter:
    """Pages by REST v1."""

    def __init__(self, call: _Call, space: str) -> None:
        self._call, self._space = call, space

    def by_id(self, page_id: str) -> WikiPage | None:
        params = {"expand": "body.storage,version"}
        found = _or_none(self._call, f"rest/api/content/{page_id}", f"read page {page_id}", params)
        # Without this a page in the trash would be written to.
        return _page(found) if found is not None and found.get("status", "current") == "current" else None

    def by_title(self, title: str) -> WikiPage | None:
        params = {"spaceKey": self._space, "title": title, "type": "page", "expand": "body.storage,version"}
        results = _results(self._call("get", "rest/api/content", f"look for the page {title!r}", params=params))
        return _page(results[0]) if results else None

    def create(self, title: str, parent_id: str | None, body: str) -> WikiPage:
        data: dict[str, Any] = {"type": "page", "title": title, "space": {"key": self._space}, "body": _storage(body)}
        if parent_id:
            data["ancestors"] = [{"id": parent_id}]
        return _page(
            self._call("post", "rest/api/content", f"make the page {title!r}", data=data, params={"expand": "body.storage,version"})
        )

    def update(self, page: WikiPage, body: str, note: str, *, quiet: bool) -> WikiPage:
        data = {
            "id": page.page_id,
            "type": "page",
            "title": page.title,
            "version": {"number": page.version + 1, "minorEdit": quiet, "message": note},
            "body": _storage(body),
        }
        params = {"expand": "body.storage,version"}
        return _page(self._call("put", f"rest/api/content/{page.page_id}", f"write the page {page.title!r}", data=data, params=params))


class _Cloud:
    """Pages by REST v2, which names a space by number and returns the body where it is asked for."""

    def __init__(self, call: _Call, space: str) -> None:
        self._call, self._space = call, space
        self._space_id = ""

    def by_id(self, page_id: str) -> WikiPage | None:
        found = _or_none(self._call, f"api/v2/pages/{page_id}", f"read page {page_id}", {"body-format": "storage"})
        return _page(found) if found is not None and found.get("status", "current") == "current" else None

    def by_title(self, title: str) -> WikiPage | None:
        params = {"space-id": self._space_number(), "title": title, "status": "current", "body-format": "storage"}
        results = _results(self._call("get", "api/v2/pages", f"look for the page {title!r}", params=params))
        return _page(results[0]) if results else None

    def create(self, title: str, parent_id: str | None, body: str) -> WikiPage:
        data = {"spaceId": self._space_number(), "status": "current", "title": title, "body": {"representation": "storage", "value": body}}
        if parent_id:
            data["parentId"] = parent_id
        return self._stored(self._call("post", "api/v2/pages", f"make the page {title!r}", data=data))

    def update(self, page: WikiPage, body: str, note: str, *, quiet: bool) -> WikiPage:  # noqa: ARG002 - v2 has no word for it
        data = {
            "id": page.page_id,
            "status": "current",
            "title": page.title,
            "version": {"number": page.version + 1, "message": note},
            "body": {"representation": "storage", "value": body},
        }
        return self._stored(self._call("put", f"api/v2/pages/{page.page_id}", f"write the page {page.title!r}", data=data))

    def _stored(self, answer: Mapping[str, Any]) -> WikiPage:
        """The page as it was stored; an answer without the body costs a second look."""
        if ((answer.get("body") or {}).get("storage") or {}).get("value") is not None:
            return _page(answer)
        found = self.by_id(_field(answer, "id"))
        if found is None:
            raise PublishFailed("a page that was just written cannot be read; it is tried again")
        return found

    def _space_number(self) -> str:
        if not self._space_id:
            results = _results(self._call("get", "api/v2/spaces", f"look for the space {self._space}", params={"keys": self._space}))
            if not results:
                raise PageRefused(f"there is no space {self._space!r} that the account may see: check confluence.space and its rights")
            self._space_id = _field(results[0], "id")
        return self._space_id


def _or_none(call: _Call, path: str, doing: str, params: Mapping[str, str]) -> dict[str, Any] | None:
    try:
        return call("get", path, doing, params=params)
    except PageRefused as error:
        cause = error.__cause__
        if isinstance(cause, requests.HTTPError) and cause.response is not None and cause.response.status_code == 404:
            return None
        raise


def _storage(body: str) -> dict[str, Any]:
    return {"storage": {"value": body, "representation": "storage"}}


def _page(answer: Mapping[str, Any]) -> WikiPage:
    body, version = (answer.get("body") or {}).get("storage") or {}, answer.get("version") or {}
    if not isinstance(body.get("value"), str) or not isinstance(version.get("number"), int):
        raise PublishFailed("Confluence answered without the page's text and version; it is tried again")
    return WikiPage(_field(answer, "id"), _field(answer, "title"), version["number"], body["value"])


def _field(answer: Mapping[str, Any], name: str) -> str:
    if name not in answer:
        raise PublishFailed(f"Confluence answered without {name!r}; it is tried again")
    return str(answer[name])


def _results(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    results = answer.get("results")
    if not isinstance(results, list):
        raise PublishFailed("Confluence answered a search without results; it is tried again")
    return results


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait of a Retry-After header, which holds seconds or a date; None when absent or unreadable."""
    if not value:
        return None
    try:
        wait = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        wait = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, wait), _MAX_WAIT) if wait == wait else None  # noqa: PLR0124 - "nan" is a float too
