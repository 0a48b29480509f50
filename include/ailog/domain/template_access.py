"""Records of requests that were served: the method and the form of the record count, the status only where the server failed.

A web server writes the same line for each request; that a client asked for what is not there is a value of the record like its size.
"""

from __future__ import annotations

import re
from typing import Final

from ailog.domain.template_rough import VAR

_REQUEST: Final = re.compile(
    r"\\?[\"']?(?<![\w-])(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND) [^\s\"]{1,2000} (?:HTTP/)?\x01\\?[\"']?(?=[\s,;|])"
)
"""A request line that ``rough`` has been over."""
_METHODS: Final = tuple(f"{method} " for method in "GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE PROPFIND".split())
_STATUS: Final = re.compile(
    r"(?i)([\s,;|]{1,3}(?:(?:http[ _-]?)?(?:status|code|rc)(?:[ _-]?code)?[\"']?\s?[:=]?\s?)?)([1-5][0-9]{2}(?![0-9])\x01?"
    r"|\x01(?=[\s,;|]|\Z))"
)
_MEASURE: Final = re.compile(
    r"(?i)\x01|\b(?:len|length|bytes|size|time|duration|took|elapsed|latency|request_time|rt|ms|s|sec|in|id|ref(?:erer)?"
    r"|user[_-]?agent|agent|ua)\b"
    r"|\"[^\"]{0,500}\"|'[^']{0,500}'|[-=:,;|\[\](){}.%/+]|\s"
)
"""What a record holds behind its status."""
_MAX_HEAD: Final = 200


def access_record(text: str) -> tuple[str, str, str] | None:
    """What stands before the request, its method, and the rest with its status as a value; None when the text is no such record.

    The text has been through ``rough``. It is a record when a status stands right behind the request line, a length or a duration
    behind that, and no prose: a message that says what went wrong keeps its status.
    """
    request = _REQUEST.search(text) if VAR in text and any(map(text.__contains__, _METHODS)) else None
    if request is None or request.start() > _MAX_HEAD:
        return None
    status = _STATUS.match(text, request.end())
    if status is None:
        return None
    rest = text[status.end() :]
    if VAR not in rest or _MEASURE.sub("", rest):
        return None
    kept = status.group(2) if status.group(2).startswith("5") else VAR
    return text[: request.start()], request.group(1), status.group(1) + kept + rest


__all__ = ["access_record"]
