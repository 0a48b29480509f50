"""Takes out of a text what programs print of themselves: records, methods with their types, objects, padding, detail lines."""

from __future__ import annotations

import re
from typing import Final

from ailog.domain.lexicon import ERROR_NAME
from ailog.domain.template_rough import VAR

_JAVA_METHOD: Final = re.compile(
    r"(?:\b(?:public|protected|private|static|final|abstract) )*"
    r"(?:\b(?:void|int|long|boolean|double|float|byte|char|short|\w{1,80}\.[\w.$]{1,200})(?:<[\w.$<>, ?]{0,200}>)?(?:\[\])* )?"
    r"(?:\b[A-Za-z_]\w*\.(?:[\w$]+\.){0,12}[A-Za-z_$][\w$]*|\b[A-Z]\w+#\w+)\([\w.$, <>\[\]?]{0,300}\)(?=\W|\Z)(?! (?:failed|for))"
)
"""A method with its types, as Java prints it."""
_PADDED: Final = re.compile(
    r"(?<![\w+/\x01])[A-Za-z0-9+/\x01]+={1,2}(?:(?=[\s),;\]]|\Z)|(?<===)(?=[\"']))|(?<=[\"'])[A-Za-z0-9+/\x01]+=(?=[\"'])"
)
"""Base64 with its padding."""
_PADDING: Final = re.compile(r"=(?:[\s),;\]\"']|\Z)")
_OBJECT: Final = re.compile(
    r"(?<![\w.$])(?:[a-z_]\w*\.){0,8}[A-Z]\w*[a-z]\w*[({\[](?=[A-Za-z_]\w*=)|(?<![\w.$}])\{(?=[\w.-]+=)"
    r"|(?<![\w.$])[A-Z]\w{0,80} ?\{(?= [A-Z]\w* = )|(?<![\w.$}])\{(?= \w+ = )"
)
"""How Java, Kotlin and Python print a record: ``Order(id=4, lines=[...])``."""
_TOLD: Final = re.compile(
    r"(?i)(?:code|status|state|reason|error|message|detail|cause|text|exception|failure)\s*=|=\s*(?-i:[A-Z]+_[A-Z_]+)\b"
)
_SIGNATURE: Final = re.compile(r"(?i)(\b(?:function|procedure|method|constructor|routine) )[\w.$\x01]+\([^()\n]{0,200}\)(?! on )")
_INSTANCE: Final = re.compile(r"<[^<>\n]{1,120} at [\x01\w]+>|<class '[^'\n]{1,200}'>|<[A-Z]\w+(?:: |\()[^<>\n]{1,120}>")
"""How Python and Ruby print an object."""
_GENERIC: Final = re.compile(r"(?<![\w.$])(?:[a-z_]\w*\.){0,8}[A-Z]\w{0,80}<(?:[\w.$, ?]|<[\w.$, ?]{0,120}>){1,200}>")
"""A type with its arguments: ``Map<String, Order>``."""
_ARRAY: Final = re.compile(r"\[+(?:L[\w.$]{1,200};|[BCDFIJSZ](?=@))(?:@[\x01\w]+)?")
"""An array as Java prints it."""
_ELEMENT: Final = re.compile(
    r"(?<![\w.$\x01-])(?!map\[)[A-Za-z_]\w{0,60}(?:\.\w{1,60}|\[\x01?\]){0,6}\[\x01?\](?:\.\w{1,60}|\[\x01?\]){0,6}(?![\w:])|\bmap\[\]"
)
"""A place in a document: ``orders[3].total``."""
_INDEXED: Final = re.compile(r"[\w\]]\[\x01?\]")
_KIND: Final = re.compile(
    r"([:=\[(,] ?|\b(?:type|to|from|for|of|by|with|in) )(?:class|interface) (?=(?:[a-z_][\w\x01]{0,60}\.){1,12}[A-Z$\[])"
)
_CALL: Final = re.compile(r"[\w.$\x01]\(")
"""What methods, signatures and plurals in brackets have in common."""
_PLURAL: Final = re.compile(r"(?<=[a-z])\(e?s\)")
_LONE: Final = re.compile(r"\n[ \t]*[\w.\[\]-]+[ \t]*(?=\n)")
"""A line that holds one word: the name of a field in a listing."""
_DETAIL: Final = re.compile(
    r"\n\s*(?:DETAIL|HINT|LINE \S+|CONTEXT|STATEMENT|WHERE|POSITION|QUERY|\[SQL|\(Background on|\[parameters"
    r"|(?:Detail|Hint|Where|Position): |[^\n]{0,100}\x01[^\n]{0,60} (?:DETAIL|HINT|CONTEXT|STATEMENT): ).*",
    re.DOTALL,
)
_BRACKETS: Final = re.compile(r"[\[{(\]})]")
_MAX_RECORD: Final = 1_000


def without_prints(text: str) -> str:
    """The text, that ``rough`` has been over, with printed things replaced by the mark and details of databases dropped."""
    if "\n" in text:
        text = _DETAIL.sub("", text)
        text = _LONE.sub("\n" + VAR, text)
    if "(" in text and _CALL.search(text):
        text = _JAVA_METHOD.sub(VAR, text) if "." in text or "#" in text else text
        text = _SIGNATURE.sub("\\1" + VAR, _PLURAL.sub("", text))
    if "=" in text:
        text = _records(text) if "{" in text or "(" in text or "[" in text else text
        text = _PADDED.sub(_pad, text) if _PADDING.search(text) else text
    if "<" in text:
        text = _GENERIC.sub(VAR, _INSTANCE.sub(VAR, text))
    if "[" in text:
        text = _ARRAY.sub(VAR, text)
        text = _ELEMENT.sub(VAR, text) if _INDEXED.search(text) else text
    return _KIND.sub("\\1", text) if "class " in text or "interface " in text else text


def _pad(match: re.Match[str]) -> str:
    return VAR if any(c in match.group() for c in "+/" + VAR) else match.group()


def _records(text: str) -> str:
    """The text with printed records that tell no fault replaced by the mark."""
    out: list[str] = []
    at = 0
    for match in _OBJECT.finditer(text):
        if match.start() < at:
            continue
        end = closing(text, match.end() - 1)
        if end - match.end() > _MAX_RECORD or _TOLD.search(text, match.end(), end) or ERROR_NAME.match(match.group()[:-1] or "-"):
            continue
        out += [text[at : match.start()], VAR]
        at = end
    return "".join([*out, text[at:]])


def closing(text: str, start: int) -> int:
    """Where the bracket at ``start`` closes; the end of the text if it does not."""
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        depth += 1 if match.group() in "[{(" else -1
        if depth <= 0:
            return match.end()
    return len(text)
