"""Takes out of a text the structure that varies from one event to the next while the problem is the same.

Clauses that a program adds when it has something to add (an attempt, a request's id, a hint, a link to its manual), statements
of any shape, types and documents as languages print them, amounts, settings that are empty, and what log frameworks write before
a message. Everything here is a pure function of one text that ``rough`` has been over.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from ailog.domain.lexicon import FILE_SUFFIXES
from ailog.domain.template_rough import VAR

SQL_MARK: Final = " \x02sql "

_LEVEL: Final = "(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|SEVERE|CRITICAL)"
_HEADS: Final = re.compile(
    rf"\A(?:\[[\w .:#/\x01-]{{1,60}}\]\s+{_LEVEL}\s+[\w.$\x01-]{{1,100}}\s+-\s+|{_LEVEL}\s+\[[\w.$\x01-]{{1,80}}\]\s+(?:-\s+)?"
    rf"|{_LEVEL}\s+\w+(?:\.[\w$]+){{1,12}}\s+-\s+"
    r"|[\[{](?:[A-Za-z_][\w.-]{0,40}=[^\s\]},=]{0,80}(?:,\s?|\s)?){1,8}[\]}]\s+"
    r"|(?:<\x01>)?(?:[A-Z][a-z]{2}\s+)?\x01(?:\s\x01)?\s+[\w.\x01-]{1,64}\s+(?=[A-Za-z][\w./-]{0,40}\[\x01\]:\s))"
)
"""Thread, level and logger; the context of a log line; the head of a syslog line."""
_AGAIN: Final = re.compile(r"\b([A-Za-z][\w ]{2,30}: )\1+|\A(?:(?i:error): )+(?=(?i:error): )")
"""A wrapper that says the same again."""
_MONTH: Final = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\s+\x01(?:,?\s+\x01)*|\x01 [AP]M\b")
_MONTHS: Final = (*"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), "\x01 AM", "\x01 PM")
_CURRENCIES: Final = tuple("EUR USD GBP CZK CHF JPY PLN HUF SEK NOK DKK CNY INR AUD CAD".split())
_MONEY_SIGN: Final = re.compile(r"[€$£¥]\s?\x01|\x01\s?[€£¥%]")
_MONEY: Final = re.compile(
    r"[€$£¥]\s?\x01|\b(?:EUR|USD|GBP|CZK|CHF|JPY|PLN|HUF|SEK|NOK|DKK|CNY|INR|AUD|CAD)\s\x01"
    r"|\x01\s?(?:(?:EUR|USD|GBP|CZK|CHF|JPY|PLN|HUF|SEK|NOK|DKK|CNY|INR|AUD|CAD)\b|[€£¥%](?![\w{]))"
)
_ASIDE: Final = re.compile(
    r"[,;]?\s*[(\[](?:attempt|retry|try)\s*#?\x01(?:\s*(?:of|/|out of)\s*\x01)?[)\]]"
    r"|[,;]\s*(?:attempt|retry|try)\s*#?\x01\s*(?:of|/|out of)\s*\x01(?=[\s,.;:]|\Z)"
    r"|[,;.]\s*(?:(?i:re-?trying)|(?:(?i:will) )?(?i:retry))\s+(?:again\s+)?(?:in|after)\s+\x01\s?[a-zµ\x01]{0,12}"
    r"|\s+\((?:reached\s+)?max(?:imum)?\s+retries:?\s*\x01\)"
    r"|\s*[\[(](?:(?i:request|correlation|trace|span|req|activity|operation|transaction|error|event|support|incident))"
    r"[ _-]?(?i:id|ref|reference)?\s*[:=]?\s*\x01[)\]]"
    r"|[,;]\s*(?:retrying|will retry)(?: later| again| soon)?(?=[.\s]*\Z)"
    r"|\s*\((?:possibly|maybe|probably|perhaps|hint:|note:|see|e\.g\.|for example)\s[^()\n]{0,300}\)"
    r"|[.,;]?\s*\(?(?:Did you mean|did you mean|Perhaps you meant|Maybe you meant)[^?\n]{0,200}[?.]\)?"
    r"|\s*\(?(?:For (?:further|more) (?:information|details|help),?|See(?: also)?|Visit|Read more(?: at)?|Background on this error at:?)"
    r"\s[^\n.()]{0,60}\x01\)?\.?(?=\s*\Z)"
)
"""What is told beside the fault, where a program has it to tell."""
_ASIDES: Final = ("ttempt", "etry", "try", "mean", "For ", "See ", "See\n", "Visit", "Read more", "Background")
"""One of these stands in an aside without brackets."""
_LINKS: Final = ("For ", "See", "Visit", "Read more", "Background")
_LINKED: Final = re.compile(r"\x01\)?\.?\s*\Z")
"""How a text ends that ends with a link."""
_TRIES: Final = ("try", "attempt", "retries", "you mean")
_TRIED: Final = re.compile(
    r"(?i)(?:attempt|try)\s*#?\x01|retries:?\s*\x01|try(?:ing)?\s+(?:again\s+)?(?:in|after)\s+\x01|retrying|will retry|you mean"
)
"""What asides without a word of their own behind a bracket say."""
_OPENED: Final = re.compile(
    r"(?i)[(\[](?:req|corr|trace|span|activity|oper|trans|error|event|supp|inc|poss|maybe|prob|perh|hint:|note:|see|e\.g|for )"
)
"""How an aside in brackets begins."""
_PLACES: Final = ("defined in", "declared in", "loaded from", "line ", "(code", " ON ")
_PLACE: Final = re.compile(
    r"\s(?:defined in|declared in|loaded from) (?:[a-z]{1,20} ){0,3}(?:\[[^\]\n]{1,300}\]|null\b)"
    r"|[;,]?\s*(?:at )?line \x01,?\s*(?:pos(?:ition)?|col(?:umn)?)\.? \x01;?(?=\s*\Z)"
    r"|(?<=')\s\(code [0-9]{1,7}\x01?(?: / \x01)?\)"
    r"|(?: ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|NO ACTION|RESTRICT|SET DEFAULT))+"
)
"""Where the thing is written down, beside what is wrong with it."""
_PHRASES: Final = (
    "Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|Not Acceptable|Request Timeout|Conflict|Gone"
    "|Payload Too Large|Request Entity Too Large|Unsupported Media Type|Unprocessable Entity|Unprocessable Content|Locked"
    "|Too Many Requests|Internal Server Error|Not Implemented|Bad Gateway|Service Unavailable|Gateway Timeout|Gateway Time-out"
)
_PHRASE: Final = re.compile(rf"(?<=[0-9]\x01) (?:{_PHRASES})(?=[:.,;)\]]|\Z)")
"""What a status of HTTP is called, behind its number."""
_NEAR: Final = re.compile(r"(?<=\bnear )(['\"])[^\x1e]{0,2000}\1(?= at (?:line|character|position)\b)")
_CLAUSE: Final = re.compile(r"'((?:field list|(?:where|on|order|having|group) (?:clause|statement)))'")
_VERB: Final = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|MERGE)(?= (?:statement|fails)\b)")
_LOOKUP: Final = re.compile(r"(\blookup \S{1,200}) on \x01")
_MODULES: Final = re.compile(r"\s*\([^()\n]{1,300} (?:is|are) in (?:unnamed )?module[^()\n]{0,300}\)")
_LOADED: Final = re.compile(r"(?<=[\w.)\]])[;,.:]\s*SQL \[ \x02sql [^\[\]]{0,40}\]")
_BRACKET_SQL: Final = re.compile(
    r"\[\s*(?i:select|insert|update|delete|merge|with|create|alter|drop|call|exec)\s(?:[^\[\]]|\[[^\[\]]{0,200}\]){0,3500}(?:\]|\Z)"
)
_LONE_SQL: Final = re.compile(r"\b(?:SELECT|select)\s+(?:\x01|\?|NULL|null)(?=\s*(?:[;:\])'\"]|\Z))")
_NOTHING: Final = re.compile(r"(?i)[(<](?:none|null|empty|unset|not set|unknown|nil|unresolved|unnamed|anonymous)[)>](?=\W|\Z)")
_BARE: Final = re.compile(r"=[,;)\]}\s]")
_UNSET: Final = re.compile(r"(?<=\w)=(?=[,;)\]}]|\s[\w.-]{1,40}=)")
_TEMPLATE: Final = re.compile(r"(?:\x01|(?<![\w/])/[\w.-]{0,60}/?)[\w/.-]{0,80}(?:[?&]?[\w.=-]{0,40}\{[\w.*:-]{1,40}\}[/\w.\x01-]{0,80})+")
_SIGN: Final = re.compile(r"(?<=[tT]oken )(?:'[^\s\w]'|\"[^\s\w]\"|[^\s\w\x01'\"(\[:,.])(?=[ ,])")
"""A sign that a parser stumbled over."""
_CRON: Final = re.compile(r"(?<!\S)(?:[*?\x01/,-]+ ){4,5}[*?\x01/,-]+(?!\S)")
"""When a schedule runs."""
_NAMED: Final = re.compile(r"(?:(?<=named )|(?<=called ))\[[^\[\]\n]{1,120}\]")
_PLACEHOLDER: Final = re.compile(r"\$\{[^{}\s]{1,80}\}")
_REQUIREMENT: Final = re.compile(
    r"(?<![\w.$])[A-Za-z][\w.-]{0,60}(?:\[[\w,-]{1,60}\])?(?:[=<>~!]=|===)\s?\x01[\w.*]{0,20}(?:,\s?(?:[=<>~!]=|[<>])\s?\x01[\w.*]{0,20})*"
)
_COMPARISONS: Final = ("==", "<=", ">=", "~=", "!=")
_CHAIN: Final = re.compile(
    r"(?:[\w.$\x01]{0,120}\[(?:\"[^\"\n]{1,80}\"|\x01)\]->){0,12}[\w.$\x01]{1,120}\[\"[^\"\n]{1,80}\"\](?:->[\w.$\x01]{1,120}\[(?:\"[^\"\n]{1,80}\"|\x01)\]){0,12}"
)
_JSON_PATH: Final = re.compile(r"(?<![\w$'\"`])\$(?:\.[\w-]{1,60}|\[(?:\x01|'[^'\n]{1,60}')\]){0,20}(?=[\s,;)]|\.?\Z)")
_GO_TYPE: Final = re.compile(
    r"(?<![\w\]])\*?(?:\[\x01?\]|map\[[\w.{} ]{1,30}\])+\*?(?:interface ?\{\}|struct ?\{\}|[A-Za-z_][\w.]{0,80})"
    r"|\b(?:<-)?chan(?:<-)? (?:int|string|struct ?\{\}|error|bool|[\w]+\.\w+)\b"
)
_GO_SIGN: Final = re.compile(r"\[\x01?\][*\[A-Za-z_]|map\[|chan")
_GO_VALUE: Final = re.compile(r"(?<![\w.])&?\*?(?:\w{1,40}\.)?[A-Z]\w{0,60}\{(?=[A-Z]\w{0,60}:)|(?<![\w.}])&?\{(?=[A-Z]\w{0,60}:)")
_GO_OPEN: Final = re.compile(r"\{[A-Z]")
_LOCALS: Final = re.compile(r"[\w.]{0,120}\.?<(?:locals|lambda|module|listcomp|genexpr)>(?:\.[\w.<>]{1,120})?")
_CONTAINER: Final = re.compile(
    r"\b(?:list|dict|set|tuple|frozenset|type|List|Dict|Set|Tuple|Optional|Union|Sequence|Mapping|Iterable|Literal|Annotated)"
    r"\[(?:[\w.,'\" |\x01]|\[[\w.,'\" |\x01]{0,80}\]){1,160}\]"
)
_RUBY: Final = re.compile(r"#[A-Z]?\w{0,20}<(?:[^<>\n]|<[^<>\n]{0,60}>){1,300}>|(?<=[\"'\x01]):[A-Z]\w{1,40}\b(?!:)")
_NAME_PARTS: Final = r"(?:CN|OU|O|L|ST|C|DC|UID|EMAILADDRESS|SERIALNUMBER)"
_DISTINGUISHED: Final = re.compile(rf"\b(?:{_NAME_PARTS}=[^,=\n]{{1,80}},\s?){{0,10}}{_NAME_PARTS}=[^\s,;)\]\"'=]{{1,80}}")
_ARRAY_CLASS: Final = re.compile(r"(?<=class )\[+(?:[BCDFIJSZ]\b|L[\w.$]{1,200};?)")
_QUERY: Final = re.compile(r"(?<![\w.=&-])[\w.-]{1,40}=[^\s&=,;()\[\]{}\"']{0,80}(?:&[\w.-]{1,40}=[^\s&=,;()\[\]{}\"']{0,80})+")
_ASKED: Final = re.compile(r"(?:\x01|(?<![\w/])/[\w.%~\x01-]{0,60})\?[\w.\[\]%-]{1,40}=[^\s\"'<>()\[\]{}|]{0,200}")
"""A path of one segment, or one taken out already, with a query behind it."""
_CALLED: Final = re.compile(
    r"(?<![\w.$])(?!(?:Err|Some|Ok)\()(?:[a-z_]\w{0,40}\.)?(?!\w{0,60}(?:Error|Exception|Failure)\()[A-Z][a-z]\w{0,60}\((?:\"[^\"\s]{0,200}\"|'[^'\s]{0,200}')\)"
)
"""A value as Python prints it: ``Decimal('1.0')``."""
_SUFFIX: Final = "(?:" + "|".join(sorted(FILE_SUFFIXES)) + ")"
_WINDOWS: Final = re.compile(rf"(?:\b[A-Za-z]:\\|\\\\[\w.-]{{1,60}}\\)[^\n:*?\"<>|,;]{{1,200}}?\.{_SUFFIX}\b")
_SPACED: Final = re.compile(rf"\x01(?: [A-Z(][\w()\x01-]{{0,40}}){{1,4}}\.{_SUFFIX}\b")
_KEY: Final = re.compile(r"(?<![\w.$/@%-])([A-Za-z][\w.\x01-]{0,80}?)\s?[=:](?=\s?[\w\x01\"'-])(?!//)")
_NUMBERED: Final = re.compile(r"([A-Za-z][A-Za-z_]{2,40}[-.])\x01\Z")
_MAX_KEYS: Final = 60
_NEIGHBOURS: Final = 8
_BRACES: Final = re.compile(r"[{}]")


def without_structure(text: str) -> str:
    """The text without what varies in its structure; a text that would be left without a word stays as it is."""
    found = _plain(text)
    return found if found == text or any(c.isalpha() for c in found) else text


def _plain(text: str) -> str:  # noqa: C901, PLR0912 - one list of rules, each behind the sign that it needs
    if (head := _HEADS.match(text)) is not None:
        text = text[head.end() :]
    if _may_repeat(text):
        text = _AGAIN.sub(lambda m: m.group(1) or "", text)
    if VAR in text:
        text = _MONTH.sub(VAR, text) if any(map(text.__contains__, _MONTHS)) else text
        text = _MONEY.sub(VAR, text) if _may_hold_money(text) else text
    if _may_hold_aside(text):
        text = _ASIDE.sub("", text)
    if any(map(text.__contains__, _PLACES)):
        text = _PLACE.sub("", text)
    if "near " in text:
        text = _NEAR.sub(VAR, text)
    if "'" in text:
        text = _CLAUSE.sub("\\1", text)
    if "lookup " in text:
        text = _LOOKUP.sub("\\1", text)
    if " statement" in text or " fails" in text:
        text = _VERB.sub(VAR, text)
    text = _PHRASE.sub("", text) if VAR + " " in text else text
    if "?" in text and "=" in text:
        text = _ASKED.sub(VAR, text)
    if "&" in text and "=" in text:
        text = _QUERY.sub(VAR, text)
    if "('" in text or '("' in text:
        text = _CALLED.sub(VAR, text)
    if "=" in text:
        text = _REQUIREMENT.sub(VAR, text) if any(map(text.__contains__, _COMPARISONS)) else text
        text = _DISTINGUISHED.sub(VAR, text)
        text = _UNSET.sub("=" + VAR, text) if _BARE.search(text) else text
    if "<" in text or "(" in text:
        text = _NOTHING.sub(VAR, _RUBY.sub(VAR, _LOCALS.sub(VAR, text)) if "<" in text else text)
    if "{" in text:
        text = _PLACEHOLDER.sub(VAR, text) if "${" in text else text
        text = _TEMPLATE.sub(VAR, _values(text))
    if "[" in text:
        text = _NAMED.sub(VAR, text) if "named [" in text or "called [" in text else text
        text = _brackets(text)
    if "$" in text:
        text = _JSON_PATH.sub(VAR, text)
    if "\\" in text:
        text = _WINDOWS.sub(VAR, text)
    if VAR in text and "." in text:
        text = _SPACED.sub(VAR, text)
    if "oken " in text:
        text = _SIGN.sub(VAR, text)
    if "*" in text:
        text = _CRON.sub(VAR, text)
    if " module" in text:
        text = _MODULES.sub("", text)
    return _LONE_SQL.sub(SQL_MARK, text) if "elect" in text or "ELECT" in text else text


def _may_repeat(text: str) -> bool:
    """Whether what stands before a colon may stand there twice."""
    parts = text.split(": ")
    return len(parts) > 2 and (text[:5].lower() == "error" or any(len(two) > 2 and one.endswith(two) for one, two in pairwise(parts)))


def _may_hold_money(text: str) -> bool:
    if any(map(text.__contains__, "€$£¥%")) and _MONEY_SIGN.search(text):
        return True
    return any(map(text.__contains__, _CURRENCIES))


def _may_hold_aside(text: str) -> bool:
    """Whether a sign of an aside is there; asides in brackets begin with one of few words, those with links end the text."""
    if "(" in text or "[" in text:
        if _OPENED.search(text):
            return True
    elif not any(map(text.__contains__, _ASIDES)):
        return False
    if any(map(text.__contains__, _LINKS)) and _LINKED.search(text):
        return True
    return any(map(text.lower().__contains__, _TRIES)) and _TRIED.search(text) is not None


def _brackets(text: str) -> str:
    text = _BRACKET_SQL.sub("[" + SQL_MARK + "]", text)
    text = _CONTAINER.sub(VAR, text)
    text = _GO_TYPE.sub(VAR, text) if _GO_SIGN.search(text) else text
    text = _ARRAY_CLASS.sub(VAR, text)
    return _CHAIN.sub(VAR, text) if '["' in text else text


def without_statement(text: str) -> str:
    """The text without the statement that a driver adds behind its message."""
    return _LOADED.sub("", text) if SQL_MARK in text else text


def keys_of(text: str) -> list[str]:
    """What is left to tell a text of values alone from another: its keys, or the name before a number; nothing where it has neither."""
    found = [re.sub("[0-9]+|\x01", "#", key) for key in _KEY.findall(text)]
    if found:
        once = [key for at, key in enumerate(found) if key not in found[max(0, at - _NEIGHBOURS) : at]]
        return [token for key in once[:_MAX_KEYS] for token in (key, "=", VAR)]
    name = _NUMBERED.match(text)
    return [name.group(1) + "#"] if name else []


def _values(text: str) -> str:
    """Structs as Go prints them, with the names of their fields."""
    out: list[str] = []
    at = 0
    for match in _GO_VALUE.finditer(text) if _GO_OPEN.search(text) else ():
        if match.start() < at:
            continue
        depth, end = 1, len(text)
        for brace in _BRACES.finditer(text, match.end()):
            depth += 1 if brace.group() == "{" else -1
            if not depth:
                end = brace.end()
                break
        out += [text[at : match.start()], VAR]
        at = end
    text = "".join([*out, text[at:]])
    return re.sub(r"(?<!\S)&+(?=\{)", "", text)


__all__ = ["SQL_MARK", "keys_of", "without_statement", "without_structure"]
