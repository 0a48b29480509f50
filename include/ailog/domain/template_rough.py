"""The first step of a template: one RE2 pass over a column that takes out whatever shows its nature by its form.

Numbers, hexadecimal, addresses, paths and times become one mark; the few codes that say which fault it is are kept in front of
it. No look-around is used, so that RE2 can do it; the pass leaves few distinct strings for the second step.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

VAR: Final = "\x01"
"""Stands for a value."""

_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY: Final = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_CODE_KEYS: Final = (
    "status(?:[ _-]?code)?|http[ _-]?status(?:[ _-]?code)?|http[ _-]?code|http(?: error)?|errno|win ?error"
    "|(?:os |sql |vendor |ora |error |err[ _-]?)error|(?:error|err)[ _-]?(?:code|number|no)|reason(?: ?code)?|code"
    "|exit(?:ed|s)?(?: with)?(?: status| code)?|return(?:ed)? code|rc|sql[ _-]?code|signal|msg|hresult"
)
_PREFIXES: Final = (
    "ORA|TNS|PLS|RMAN|DPI|DPY|AADSTS|MSB|NETSDK|WFLY\\w{0,6}|JBAS|HHH|ISPN|AMQ|BEA|SQL|DB2|CPF|TS|KB|EJB|SRVE|CWW\\w{2}|DSRA|SQLCODE"
)
"""Products that number their messages."""

_TELLING = (
    # Codes that tell the fault; kept as group 1, followed by the mark.
    rf'(\b(?:(?i:{_CODE_KEYS})(?:["\']?[ ]?[=:(\[#]{{1,2}}[ ]?["\'\[(]?|[ ]["\'\[(]?)|(?i:error'
    rf'|err)["\']?[ ]?[=:(\[#]{{1,2}}[ ]?["\']?|[Ee]rr(?:or)?[ ])(?:-?[0-9]{{1,5}}\b|0x8[0-9A-Fa-f]{{7}}\b)(?: \([0-9A-Z]{{5}}\))?'
    rf"|\b(?i:returned|responded|answered|replied|response)(?: with)?(?: an?)?[: ]{{1,2}}[45][0-9]{{2}}\b"
    r'|\b(?i:sql[ _-]?state)["\']?[ ]?[=:(\[]{0,2}[ ]?["\']?[0-9A-Z]{5}\b|\[[45][0-9]{2}(?: [A-Z][A-Za-z ]{2,30})?\]'
    rf"|\b(?:{_PREFIXES})-?[0-9]{{2,8}}[A-Z]?\b|\berror, data [0-9][0-9a-f]{{2,3}}\b"
    r'|File \\?"[^"\n\\]+\\?"|\((?:file:///?|node:|webpack:|/|[A-Z]:\\|\./)[^()\s]+?:)'
)
_PROTOCOL = r'HTTP/[0-9.]+(?:(\\?"? [1-5][0-9]{2})\b)?'
_ADDRESSES = [
    r"\[[0-9A-Fa-f]*:[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*\](?::[0-9]+)?",
    r"[A-Za-z][A-Za-z0-9+.\-]{0,15}://[^\t\n\r \"'<>()\[\]{}|,;]*[^\t\n\r \"'<>()\[\]{}|,;.:!?]",
    r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
    r"\b(?:[0-9A-Fa-f]{2}[:\-]){5,}[0-9A-Fa-f]{2}\b",
]
_ZONE = r"(?: [A-Z]{3,5}\b)?(?: [+-][0-9]{4})?"
_NAMED_DATES = [
    rf"\b(?:{_DAY},? )?{_MONTH} [0-9]{{1,2}},?(?: [0-9]{{4}})?,? [0-9:.]{{4,}}[0-9](?: ?[AP]M)?(?: [A-Z]{{3,5}})?(?: [0-9]{{4}})?",
    rf"\b(?:{_DAY},? )?[0-9]{{1,2}}[ /-]{_MONTH}[ /-][0-9]{{2,4}}(?:[ :T][0-9:.]{{4,}}[0-9])?(?: ?[AP]M)?{_ZONE}",
]
_DATE = (
    r"\b[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[T _]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?)?"
    r"(?: ?(?:Z|UTC|GMT|CES?T|[+-][0-9]{2}:?[0-9]{2})\b)?Z?"
)
_NUMBERS = [
    _DATE,
    r"(?:/+[A-Za-z0-9_.%~+\-@]+){2,}/*(?:\?[^\t\n\r \"'<>()\[\]{}|]*[^\t\n\r \"'<>()\[\]{}|,;.:!?])?",
    r"\b(?:0[xX])?[A-Fa-f]{0,8}[0-9][0-9A-Fa-f]{3,}",
    r"(?:HTTP/)?[0-9]+(?:[.:,\-/][0-9]+)*",
]
SIMPLE: Final = "|".join([*_ADDRESSES, *_NUMBERS])
FULL: Final = "|".join([_TELLING, _PROTOCOL, *_ADDRESSES, *_NAMED_DATES, *_NUMBERS])
"""Group 1 and 2 are codes that tell the fault (and paths of frames); they stay beside the mark."""

SPECIAL: Final = (
    r"(?i:status|code|errno|err|error|(?:error|err)[ _-]?(?:number|no)|exit(?:s|ed)?(?: with)?|rc|signal|msg|hresult|http|reason)"
    r"[\"' ]{0,2}[=:(\[# ]{1,3}[\"'\[(]?-?(?:[014-9]|[23](?:[^0]|\z)|20[^0-46]|30[^124]|[23]0(?:[0-9][0-9]|\z))"
    r"|(?i:returned|responded|answered|replied|response)(?: with)?(?: an?)?[: ]{1,2}[45]"
    rf"|(?i:sql[ _-]?state)|HTTP/[0-9.]+\\?\"? [145]|error, data |\[[45][0-9]{{2}}[ \]]"
    rf"|\b(?:{_PREFIXES})-?[0-9]{{2}}|File \\?\"|\((?:file:|node:|webpack:|/"
    rf"|[A-Z]:\\|\./)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[ /-][0-9]"
)
"""What a text must hold for ``FULL`` to give another answer than ``SIMPLE``; wider than needed, never narrower."""


def rough(column: pa.Array) -> pa.Array:
    """The string column with values that show by form replaced by the mark. Same length, nulls kept.

    Most texts hold no code and no named month: a search finds the others, so that the large expression runs on few.
    """
    special = pc.fill_null(pc.match_substring_regex(column, SPECIAL), fill_value=False)
    plain = pc.replace_substring_regex(column, SIMPLE, VAR)
    if not pc.any(special).as_py():
        return plain
    return pc.replace_with_mask(plain, special, pc.replace_substring_regex(column.filter(special), FULL, "\\1" + VAR + "\\2"))
