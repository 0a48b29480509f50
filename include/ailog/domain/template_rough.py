"""The first step of a template: one RE2 pass over a column that takes out whatever shows its nature by its form.

Numbers, hexadecimal, addresses, paths and times become one mark; the few codes that say which fault it is are kept in front of
it. No look-around is used, so that RE2 can do it; the pass leaves few distinct strings for the second step.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.template_digits import with_digits_alike

VAR: Final = "\x01"
"""Stands for a value."""

_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY: Final = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_CODE_KEYS: Final = (
    "(?:\\w+_)?errno|(?:(?-i:[a-z]+)_)?status(?:[ _-]?code)?|http[ _-]?status(?:[ _-]?code)?"
    "|http[ _-]?code|http(?: error)?|win ?error"
    "|(?:os |sql |vendor |ora |error |err[ _-]?)error|(?:error|err|\\w*exception)[ _:-]?(?:code(?:\\(s\\))?|number|num|no)"
    "|reason(?: ?code)?"
    "|(?:(?:response|reply|result|completion|comp|fault|failure|api|native|vendor|close|disconnect|termination|decline|abort"
    "|sub)[ _-]?)?code"
    "|(?:completion|finish)[ _-]?status|alert number|r[_ -]?code|abend(?: code)?|exit(?:ed|s)?(?: with)?(?:[ _-]?(?:status|code"
    "|value))?|cause(?: code)?"
    "|return(?:ed)? (?:code|result|error)|rc|sql[ _-]?code"
    "|signal|msg|hresult|ntstatus|mqrc"
)
_NO_FAULT: Final = (
    "(?i:(?:zip|postal|area|country|currency|promo|coupon|voucher|discount|product|item|bar|qr|pin|access|language|branch|bank"
    "|sort|tax|dialling"
    "|verification|activation|booking|order)[ _-]?code)"
)
"""Codes of things, not of faults."""
_PREFIXES: Final = (
    "ORA|TNS|PLS|RMAN|AH|CS|LNK|NU|IDX|DPI|DPY|AADSTS|MSB|NETSDK|WFLY\\w{0,6}|JBAS|HHH|ISPN|AMQ|BEA|SQL|DB[2]|CPF|TS|KB|EJB|SRVE"
    "|CWW\\w{2}|DSRA|SQLCODE"
)
"""Products that number their messages."""

_METHODS: Final = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
_PHRASES: Final = (
    "(?:Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|Not Acceptable|Proxy Authentication Required"
    "|Request Time-?[Oo]ut|Conflict|Gone|Length Required|Precondition Failed|Payload Too Large|Content Too Large|Request Entity Too Large"
    "|URI Too Long|Unsupported Media Type|Expectation Failed|Misdirected Request|Unprocessable (?:Entity|Content)|Locked|Failed Dependency"
    "|Upgrade Required|Too Many Requests|Internal Server Error|Not Implemented|Bad Gateway|Service (?:Temporarily )?Unavailable"
    "|Gateway Time-?[Oo]ut|HTTP Version Not Supported|Insufficient Storage|Client Error|Server Error)"
)
"""What follows a status of HTTP where it is told with its name."""

_TELLING = (
    # Codes that tell the fault; kept as group 1, followed by the mark.
    rf'(\b(?:(?i:{_CODE_KEYS})(?:["\']?[ ]?[=:(\[#]{{1,2}}[ ]?["\'\[(]?|[ ]["\'\[(]?)|(?i:error'
    rf'|err)["\']?[ ]?[=:(\[#]{{1,2}}[ ]?["\'%]{{0,2}}|[Ee]rr(?:or)?[ ])(?:-?[0-9]{{1,5}}\b|0x[0-9A-Fa-f]{{1,8}}\b)(?: \([0-9A-Z]{{5}}\))?'
    rf"|\b(?i:returned|responded|answered|replied|received|response|said|(?:failed|rejected|refused"
    rf"|aborted) with)(?: with)?(?: an?)?[: ]{{1,2}}[45][0-9]{{2}}(?:[ -][245]\.[0-9]{{1,3}}\.[0-9]{{1,3}})?\b"
    r"|[-=]> [45][0-9]{2}\b|\b(?:failed|failure|rejected|refused|completed|finished|ended|done): [45][0-9]{2}(?m:$)"
    r"|\b(?:call|request|response|server|gateway|reply|answer|upload|download|fetch|webhook|redirect|api|API|failed|refused"
    r"|rejected) \([45][0-9]{2}\b"
    r"|\b(?i:status(?: code)? (?:is|was|of)|response|reply|answer) [45][0-9]{2}\b"
    r"|\b(?:failed|refused|rejected|bounced|deferred) with [245]\.[0-9]{1,3}\.[0-9]{1,3}\b"
    r"|\b(?:error|fault|alarm) [A-Z]{1,4}-?[0-9]{2,6}\b|\A\[(?:E|ERR|F|W)-?[0-9]{3,6}\]"
    r"|\((?:HY[T0-9][0-9A-Z]{2}|IM[0-9]{3}|[02-5][0-9](?:[A-Z][0-9A-Z]{2}|[0-9][A-Z][0-9A-Z]|[0-9]{2}[A-Z]))\)"
    r"|\b(?i:expected (?:status )?(?:code )?[2][0-9]{2},? (?:but )?(?:got|was|received)(?: status)?) [1-5][0-9]{2}\b"
    r"|\b[A-Za-z][\w.]*Exception \((?:0x[0-9A-Fa-f]{8}|-?[0-9]{1,5})\b"
    r"|\b(?i:abend)(?: code)?[ =:]{1,2}[A-Z]{0,3}[0-9][0-9A-Z]{0,3}\b|\A[A-Z]{3,8}[0-9]{3,5}[EWISF]\b|\b(?:state"
    r"|code)[=:] ?'?[0-9]{2}[0-9A-Z]{3}\b"
    r"|\b(?i:err(?:or)?[ _-]?(?:code|number|no)|message[ _-]?id|fault[ _-]?code"
    r"|code)[\"']?[ ]?[=:]?[ ]?[\"']?[A-Z][A-Z_]{0,11}[-_]?[0-9]{2,7}[A-Z]?\b"
    r"|\b[2-5][0-9]{2}[ -][245]\.[0-9]{1,3}\.[0-9]{1,3}\b"
    r"|\b(?:system|generic|asio\.[a-z]{2,8}):[0-9]{1,5}\b"
    r"|\bSeverity: [0-9]{1,2}, State: [0-9]{1,3}\b|\b\w*(?:Http|HTTP|Rest|Api|API|Web|Feign|Response|Status)\w*(?:Exception"
    r"|Error)(?:\$\w+)?: [1-5][0-9]{2}\b"
    r'|\b(?i:sql[ _-]?state)["\']?[ ]?[=:(\[]{0,2}[ ]?["\']?[0-9A-Z]{5}\b(?:\] \[[0-9]{1,5}\b)?|\[[45][0-9]{2} [A-Z][A-Za-z ]{2,30}\]'
    r"|(?:: |- |\b(?i:status|response|error|failed|http) )\[[45][0-9]{2}\b"
    rf"|\b(?:{_PREFIXES})-?[0-9]{{2,8}}[A-Z]?\b|\berror, data [0-9][0-9a-f]{{2,3}}\b"
    r'|File \\?"[^"\n\\]+\\?"|\((?:file:///?|node:|webpack:|/|[A-Z]:\\|\./)[^()\s]+?:)'
)
_PROTOCOL = r'HTTP/[0-9.]+(?:(\\?"? [1-5][0-9]{2})\b)?'
_TOGETHER = (
    rf"(\b[45][0-9]{{2}})( {_PHRASES}\b| (?:{_METHODS}) [/h])|(\bERROR [0-9]{{4}})( \([0-9A-Z]{{5}}\))"
    rf"|(['\"] \(-?[0-9]{{1,3}})(\))(?m:$)|(\b{_NO_FAULT}[ =:\"'#(]{{1,3}})[0-9]+"
)
"""Codes with the words that tell the same behind them, and codes of things; the mark goes between."""
BARE_STATUS: Final = (
    rf"((?:\b(?:{_METHODS}) [^\s\"]+|[a-z]://[^\s\"'<>()\[\]{{}}|,;]+?)(?: HTTP/[0-9.]+)?)(?: (?:->|=>|-))?:?"
    r" ([45][0-9]{2}(?m:$| [0-9.]+ ?ms\b))"
)
NAMED_STATUS: Final = "\\1 status \\2"
_BARE_SIGN: Final = r"/[^\s\"]*:?(?: (?:->|=>|-):?)? [45][0-9]{2}(?m:$| [0-9.]+ ?ms\b)"
"""A status that nothing names, behind the request or the address, at the end or before the time that it took: what it is replaced by
before ``FULL`` is, and the sign that there may be one."""
_ADDRESSES = [
    r"\[[0-9A-Fa-f]*:[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*\](?::[0-9]+)?",
    r"[A-Za-z][A-Za-z0-9+.\-]{0,15}://[^\t\n\r \"'<>()\[\]{}|,;]*[^\t\n\r \"'<>()\[\]{}|,;.:!?]",
    r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    r"\b(?:[0-9A-Fa-f]{2}[:\-]){5,}[0-9A-Fa-f]{2}\b",
]
_ZONE = r"(?: [A-Z]{3,5}\b)?(?: [+-][0-9]{4})?"
_CLOCK = "[0-9]{1,2}:[0-9]{2}(?:[0-9:.]*[0-9])?"
_NAMED_DATES = [
    rf"\b(?:{_DAY},? )?{_MONTH} {{1,2}}[0-9]{{1,2}},?(?: [0-9]{{4}})?,? {_CLOCK}(?: ?[AP]M)?(?: [A-Z]{{3,5}})?(?: [0-9]{{4}})?",
    rf"\b(?:{_DAY},? )?[0-9]{{1,2}}[ /-]{_MONTH}[ /-][0-9]{{2,4}}(?:[ :T]{_CLOCK})?(?: ?[AP]M)?{_ZONE}",
]
_DATE = (
    r"\b[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[T _]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?)?"
    r"(?: ?(?:Z|UTC|GMT|CES?T|[+-][0-9]{2}:?[0-9]{2})\b)?Z?"
)
_NUMBERS = [
    _DATE,
    r"(?:/+[A-Za-z0-9_.%~+\-@]+){2,}/*(?:\?[^\t\n\r \"'<>()\[\]{}|]*[^\t\n\r \"'<>()\[\]{}|,;.:!?])?",
    r"\b(?:0[xX])?[A-Fa-f]{0,8}[0-9][0-9A-Fa-f]{3,}",
    r"(?:HTTP/)?[0-9]+(?:[.:,\-/][0-9]+)*(?: ?[AP]M\b)?",
]
SIMPLE: Final = "|".join([*_ADDRESSES, *_NUMBERS])
FULL: Final = "|".join([_TELLING, _PROTOCOL, _TOGETHER, *_ADDRESSES, *_NAMED_DATES, *_NUMBERS])
"""Group 1 and 2 are codes that tell the fault (and paths of frames); they stay beside the mark."""

REPLACEMENT: Final = "\\1\\3\\5\\7\\9" + VAR + "\\2\\4\\6\\8"
"""What stands for a match of ``FULL``."""

SPECIAL: Final = (
    r"(?i:status|code(?:\(s\))?|errno|err|error|(?:error|err|alert|exception)[ _:-]?(?:number|num|no)|exit(?:s|ed)?(?: with)?|rc|signal|msg"
    r"|hresult|ntstatus|mqrc|abend|http|reason|cause|value)"
    r"[\"' ]{0,2}[=:(\[# ]{1,3}[\"'\[(%]{0,2}-?(?:[014-9]|[23](?:[^0]|\z)|20[^0-46]|30[^124]|[23]0(?:[0-9][0-9]|\z))"
    r"|(?i:returned|responded|answered|replied|received|response|said|failed with|rejected with|refused with"
    r"|aborted with)(?: with)?(?: an?)?[: ]{1,2}[45]"
    r"|(?:failed|failure|rejected|refused|completed|finished|ended|done): [45]"
    r"|[a-zI] \([45][0-9]{2}\)|(?i:expected (?:status )?(?:code )?2[0-9])|Exception \([-0-9]|(?i:abend)"
    r"|\A[A-Z]{3,8}[0-9]{3,5}[EWISF]|(?:state|code)[=:] ?'?[0-9]"
    r"|(?i:code|number|err[ _-]?no|error[ _-]?no|id)[\"']?[ ]?[=:]?[ ]?[\"']?[A-Z][A-Z_]{0,11}[-_]?[0-9]"
    r"|[-=]> [45][0-9]|(?:\A|[^0-9])[45][0-9]{2} [A-Z]|[2-5][0-9]{2}[ -][245]\.[0-9]|ERROR [0-9]{4} \(|['\"] \(-?[0-9]{1,3}\)"
    r"|(?:system|generic|asio\.[a-z]{2,8}):[0-9]|Severity: [0-9]|(?:Exception|Error)(?:\$\w+)?: [1-5][0-9]{2}"
    rf"|(?i:sql[ _-]?state)|HTTP/[0-9.]+\\?\"? [145]|error, data |\[[45][0-9]{{2}}[ \]]"
    rf"|\b(?:{_PREFIXES})-?[0-9]{{2}}|File \\?\"|\((?:file:|node:|webpack:|/"
    rf"|[A-Z]:\\|\./)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[ /-] ?[0-9]"
    r"|(?i:status(?: code)? (?:is|was|of)|response|reply|answer|return(?:ed)? (?:result|error)) -?[0-9]|with [245]\.[0-9]"
    r"|(?:error|fault|alarm) [A-Z]{1,4}-?[0-9]|\A\[(?:E|ERR|F|W)-?[0-9]|\((?:HY|IM|[02-5][0-9])[0-9A-Z]{3}\)"
    rf"|{_BARE_SIGN}"
)
"""What a text must hold for ``FULL`` to give another answer than ``SIMPLE``; wider than needed, never narrower."""


_CODES: Final = "|".join([_TELLING, _PROTOCOL, _TOGETHER, _BARE_SIGN, *_NAMED_DATES])
"""What ``FULL`` finds beside what ``SIMPLE`` does: where none of it is, both give the same."""
_CODES_ALIKE: Final = re.sub(r"\[[0-9]+(?:-[0-9])?\]", "[0-9]", _CODES)
"""The same with all digits alike. Expressions here say a digit as ``[...]``, so that this can be made of them."""

_FEW: Final = 100
"""Texts up to which ``FULL`` takes less time than to find out for which of them it is needed."""


def rough(column: pa.Array) -> pa.Array:
    """The string column with values that show by form replaced by the mark. Same length, nulls kept."""
    return rough_coded(column).dictionary_decode()


def rough_coded(column: pa.Array) -> pa.DictionaryArray:
    """The same as a dictionary: few rough texts, in the order in which they come first, stand for many.

    No digit is left by ``SIMPLE``, and which digits they were does not matter to it, so it runs on texts whose digits are alike. The
    few texts that hold codes are looked at as they are.
    """
    texts = pc.fill_null(column, "") if column.null_count else column
    alike = with_digits_alike(texts).dictionary_encode()
    plain = pc.replace_substring_regex(alike.dictionary, SIMPLE, VAR)
    codes = alike.indices.to_numpy(zero_copy_only=False)
    telling = pc.match_substring_regex(alike.dictionary, _CODES_ALIKE).to_numpy(zero_copy_only=False)
    if telling.any():
        codes, plain = _with_codes(texts, codes, plain, telling)
    found, codes = _in_order(plain, codes)
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=_nulls(column)), found)


def _with_codes(
    texts: pa.Array, codes: npt.NDArray[np.int32], plain: pa.Array, telling: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """The numbers and rough texts after the texts with codes that tell the fault got rough texts of their own."""
    rows = np.flatnonzero(telling[codes])
    some = texts.take(pa.array(rows)).dictionary_encode()
    special = pc.match_substring_regex(some.dictionary, SPECIAL)
    if (pc.sum(special).as_py() or 0) > _FEW:
        special = pc.and_(special, pc.match_substring_regex(some.dictionary, _CODES))
    there = special.to_numpy(zero_copy_only=False)
    if not there.any():
        return codes, plain
    named = pc.replace_substring_regex(some.dictionary.filter(special), BARE_STATUS, NAMED_STATUS)
    full = pc.replace_substring_regex(named, FULL, REPLACEMENT)
    own = len(plain) + np.cumsum(there) - 1
    which = some.indices.to_numpy(zero_copy_only=False)
    mine = there[which]
    changed = codes.copy()
    changed[rows[mine]] = own[which[mine]]
    return changed, pa.concat_arrays([plain, full])


def _in_order(values: pa.Array, codes: npt.NDArray[np.int32]) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    """The distinct values that ``codes`` point to, in the order of their first row, and the codes of these."""
    coded = values.dictionary_encode()
    codes = coded.indices.to_numpy(zero_copy_only=False)[codes]
    first = np.full(len(coded.dictionary), len(codes))
    first[codes[::-1]] = np.arange(len(codes))[::-1]  # of several rows the last that is written stays: the first of the column
    used = np.flatnonzero(first < len(codes))
    used = used[np.argsort(first[used])]
    place = np.empty(len(first), np.int32)
    place[used] = np.arange(len(used))
    return coded.dictionary.take(pa.array(used)), place[codes]


def _nulls(column: pa.Array) -> npt.NDArray[np.bool_] | None:
    return pc.is_null(column).to_numpy(zero_copy_only=False) if column.null_count else None


__all__ = ["BARE_STATUS", "FULL", "NAMED_STATUS", "REPLACEMENT", "SIMPLE", "SPECIAL", "VAR", "rough", "rough_coded"]
