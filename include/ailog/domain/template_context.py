"""Decides by place what a word in a skeleton is, and folds lists of values, so that their number does not count.

Works on tokens: a word may carry the colon behind it (``reason:``); the mark stands for a value; everything else is punctuation.
"""

from __future__ import annotations

import re
from typing import Final

from ailog.domain.lexicon import ERROR_NAME, FUNCTION_WORDS, GOVERNORS, OUTCOMES, UNITS
from ailog.domain.template_judge import judged
from ailog.domain.template_names import is_call, is_firm_word, is_name, is_program_name, is_value, tells_fault
from ailog.domain.template_rough import VAR
from ailog.domain.template_runs import settle_runs

_LISTED: Final = frozenset({"=", ",", ";", "&", "[", "("})
"""Without one of these there is neither a list nor a pair."""
FINE: Final = frozenset({"200", "201", "202", "204", "206", "301", "302", "304"})
"""Statuses that tell no fault."""
_ANSWERED: Final = frozenset({"returned", "responded", "answered", "replied", "received", "with", "response"})
_CALLED: Final = frozenset({"status", "response", "code"})
"""What a status is called where that stands behind it (``a 404 response``)."""
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_ENDS: Final = frozenset({VAR, *_CLOSERS.values()})
"""What a fold can end with."""
_COMMAS: Final = frozenset({",", ";"})
_JOINTS: Final = frozenset({"=", ",", ";", "&"})
_BETWEEN: Final = frozenset({",", ";", "-", ":", "|", "/", ".", "=", "+", "->", "=>", "&", ">"})
_DIGIT: Final = re.compile("[0-9]")
_TRUTH: Final = frozenset({"true", "false"})
_MAX_CLAUSE: Final = 24


def settle(items: list[str]) -> list[str]:
    """The tokens with names, values of keys, units and lists settled."""
    found = fold(_lists(judged(_closed(_places(items)))))
    for _ in range(3 if not _LISTED.isdisjoint(found) else 0):
        known, found = found, fold(_lists(_pairs(found)))
        if found == known:
            break
    if found and len(found[-1]) > 2 and found[-1].endswith(":"):
        found = [*found, VAR]  # a value that happens to be empty
    return settle_runs(_unrepeat(found))


def _places(given: list[str]) -> list[str]:
    out: list[str] = []
    items = [*given, "", "", "", ""]  # there is something behind each token
    for i, item in enumerate(given):
        if not items[i][0].isalpha():
            _put_sign(out, items, i)
            continue
        before = out[-1] if out else ""
        bare = item[-1] != ":"
        word = item if bare else item.rstrip(":")
        after = items[i + 1] if bare or len(item) == 1 else ":"
        lower = word.lower()
        if bare and before == VAR and lower in UNITS:
            if after == "(" and items[i + 2 : i + 4] == ["s", ")"]:
                items[i + 1 : i + 4] = [VAR, VAR, VAR]
            continue
        beyond = items[i + 2 if bare else i + 1]
        if lower in _TRUTH and sum(other[:1].isalpha() for other in items) > 1:
            out += [VAR] if bare else [VAR, ":"]
        elif (after == "(" and beyond == ")" and is_call(before.lower(), items[i + 3], first=not out)) or (
            is_program_name(items, i) and (not out or before.endswith(":"))
        ):
            out.append(VAR)
        elif _is_taken(word, lower, before, after, beyond, out):
            out += [VAR] if bare else [VAR, ":"]
        else:
            out.append(item)
    return out


def _is_taken(word: str, lower: str, before: str, after: str, beyond: str, out: list[str]) -> bool:
    if not word.isalpha() and before[-1:] == ":" and tells_fault(before) and _DIGIT.search(word):
        return False  # ``rough`` has left digits to codes alone
    earlier = out[-2] if len(out) > 1 else ""
    if is_value(word, lower, before, earlier, after, beyond):
        return True
    return not is_firm_word(word) and is_name(word, lower, before.lower().rstrip(":"), earlier.lower(), after, beyond, out)


def _put_sign(out: list[str], items: list[str], at: int) -> None:
    """Adds what is no word: a sign, the mark, a code."""
    item, before, after = items[at], out[-1] if out else "", items[at + 1]
    if before == VAR and item == "(" and after == ")":
        items[at + 1] = VAR
        out.append(VAR)
    elif item in FINE:
        out.append(VAR)
    elif (item == "]" and before == "[") or (item == "}" and before == "{"):
        out[-1] = VAR
    elif (
        item[0].isdigit()
        and before.lower() in _ANSWERED
        and item[-1] != ":"
        and after.islower()
        and "." not in item
        and not (after in GOVERNORS or after in _CALLED or after.endswith("ed"))
    ):
        out.append(VAR)
    else:
        out.append(VAR if item == "_" or (item == "-" and before in {":", "="}) else item)


def _pairs(items: list[str]) -> list[str]:
    """Drops lists of ``key = value`` and ``, key: value`` whose keys tell nothing: one value stands for the list."""
    if _JOINTS.isdisjoint(items):
        return items
    out: list[str] = []
    i = 0
    while i < len(items):
        if items[i] not in _JOINTS and items[i + 1 : i + 2] != ["="]:
            out.append(items[i])
            i += 1
            continue
        end, pairs = i, 0
        while (step := _pair_at(items, end, first=pairs == 0)) > end:
            end, pairs = step, pairs + 1
        opened = bool(out) and (out[-1] in {"{", "[", "("} or out[-1].endswith(":"))
        if pairs > 1 or (pairs == 1 and opened):
            if items[i] in {",", ";"} and out and out[-1] == VAR:
                pass
            else:
                out.append(VAR)
            i = end
        else:
            out.append(items[i])
            i += 1
    return out


def _pair_at(items: list[str], at: int, *, first: bool) -> int:
    """Where the pair that begins at ``at`` ends; ``at`` itself when none does."""
    start = at
    if at < len(items) and items[at] in {",", ";", "&"}:
        at += 1
    elif not first and at < len(items) and not items[at][0].isalpha():
        return start
    if at + 1 >= len(items) or not (items[at][0].isalpha() or items[at] == VAR) or tells_fault(items[at]):
        return start
    if items[at].endswith(":") and items[at + 1] == VAR and start != at:
        return at + 2
    if items[at].endswith(":") and items[at + 1] in {",", ";"} and start != at:
        return at + 1
    if at + 2 < len(items) and items[at + 1] == "=" and items[at + 2] == VAR:
        return at + 3
    return start


def _lists(items: list[str]) -> list[str]:
    """An enumeration of names (``a, b, c`` after a colon or in brackets; ``= [a b]``) is one value, however long."""
    if _COMMAS.isdisjoint(items) and not ("=" in items and "[" in items):
        return items
    out: list[str] = []
    i = 0
    while i < len(items):
        out.append(items[i])
        i += 1
        opener = out[-1]
        if opener in {"[", "("} or opener[-1] == ":":
            spaced = opener == "[" and len(out) > 1 and out[-2] == "="
            end = _list_end(items, i, spaced=spaced)
            if end > i and (spaced or _names(items[i:end])):
                out.append(VAR)
                i = end
    return out


def _list_end(items: list[str], at: int, *, spaced: bool) -> int:
    """Where the enumeration of single words that begins at ``at`` ends; ``at`` when there is none."""
    end, commas, expect = at, 0, True
    while end < len(items):
        item = items[end]
        if item in {",", ";"} and not expect:
            commas, expect = commas + 1, True
        elif item in {"and", "or"} and commas and end + 1 < len(items):
            expect = True
        elif (item == VAR or item[0].isalpha()) and not item.endswith(":") and (expect or spaced):
            lower = item.lower()
            if (lower in FUNCTION_WORDS and len(lower) > 1) or lower in OUTCOMES or ERROR_NAME.match(item) or _DIGIT.search(item):
                return at
            expect = False
        else:
            break
        end += 1
    closed = end == len(items) or items[end] in {"]", ")", "."}
    return end if closed and not expect and (commas or spaced) else at


def _names(part: list[str]) -> bool:
    words = [w for w in part if w not in {",", ";"}]
    return VAR in words or any(re.search(r"[a-z][A-Z]|[-_.]", w) for w in words)


def fold(items: list[str]) -> list[str]:
    """Brackets around values alone, and values joined by punctuation, are one value."""
    out: list[str] = []
    for item in items:
        out.append(item)
        while item in _ENDS and _shrink(out):
            pass
    return out


def _closed(items: list[str]) -> list[str]:
    """Braces around values alone are one value, so that a word before them has the same neighbour whatever they hold."""
    if "{" not in items:
        return items
    out: list[str] = []
    for item in items:
        out.append(item)
        if item == "}":
            _shrink(out)
    return out


def _shrink(out: list[str]) -> bool:
    last = out[-1]
    if last in {")", "]", "}", ">"} and len(out) >= 3:
        inner = 2
        while inner < len(out) and (out[-inner] == VAR or out[-inner] in _BETWEEN):
            inner += 1
        if inner > 2 and inner <= len(out) and _CLOSERS.get(out[-inner]) == last and VAR in out[-inner:]:
            del out[-inner:]
            out.append(VAR)
            return True
    if last != VAR:
        return False
    back = 2
    while back <= len(out) and out[-back] in _BETWEEN and back < 5:
        back += 1
    if back <= len(out) and out[-back] == VAR:
        del out[-back + 1 :]
        return True
    return False


def _unrepeat(items: list[str]) -> list[str]:
    """Drops a clause that repeats the one before it word for word (``x was using N; y was using N``), once values are gone."""
    if len(set(items)) == len(items):
        return items
    out: list[str] = []
    seen: set[str] = set()
    for item in items:
        out.append(item)
        if item not in seen:
            seen.add(item)
            continue
        for size in range(1, min(_MAX_CLAUSE, len(out) // 2) + 1):
            if out[-1 - size] == item and out[-size:] == out[-2 * size : -size] and _is_clause(out[-size:]):
                del out[-size:]
                break
    return out


def _is_clause(part: list[str]) -> bool:
    return part == [VAR] or (len(part) > 1 and any(t[0].isalpha() or t == VAR for t in part))
