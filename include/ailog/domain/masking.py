"""Takes secrets and personal data out of texts before anything is stored.

One RE2 pass over the column finds the few texts that could hold something; only the distinct ones among them are looked at in
Python. A mask keeps what a reader needs to tell two values apart (the last four characters of a card or account number, the
country of an IBAN) and nothing else, and it always holds ``**``, which the templates take for a value.

Sources: card numbers ISO/IEC 7812 (Luhn check, issuer ranges), IBAN ISO 13616 (mod 97), JWT RFC 7519, Bearer RFC 6750, Basic RFC 7617.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

MASK: Final = "***"

_SECRET_KEYS: Final = (
    "pass(?:word|wd|phrase|code)?|pwd|secret|credentials?|api[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|"  # noqa: S105 - names of keys
    "token|authorization|cookie|session[_-]?id|jsessionid|otp|cvv2?|cvc2?"
)

_CANDIDATE: Final = (
    r"@|[0-9](?:[ -]?[0-9]){11}|eyJ|(?i:bearer|basic)[ :]|[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4}|\+[ (]{0,2}[0-9]"
    rf"|(?i:{_SECRET_KEYS}|phone|msisdn|mobile|\btel\b)|-----BEGIN"
)
"""What a text must hold to be looked at; wider than the rules below, never narrower."""

_PEM: Final = re.compile(r"-----BEGIN ([A-Z ]{0,30}PRIVATE KEY)-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL)
_URL_PASSWORD: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}):([^\s/\"'<>]{1,200})@")
_SCHEME: Final = re.compile(
    r"\b(bearer|basic|negotiate|apikey)([ :]{1,3})(?=[A-Za-z0-9._~+/-]{0,2000}[0-9=._~+/-])([A-Za-z0-9._~+/-]{8,}=*)", re.IGNORECASE
)
_JWT: Final = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{3,}(?:\.[A-Za-z0-9_-]*)?")
_QUOTED_SECRET: Final = re.compile(
    rf"((?:{_SECRET_KEYS})[\w-]{{0,20}}\\?[\"']?\s{{0,3}}[:=]\s{{0,3}}\\?)([\"'])((?:(?!\2)[^\\]|\\.){{1,2000}}?)(\\?\2)",
    re.IGNORECASE | re.DOTALL,
)
_BARE_SECRET: Final = re.compile(rf"((?:{_SECRET_KEYS})[\w-]{{0,20}}[\"']?\s?=\s?)([^\s\"',;&<>(){{}}\[\]]{{1,2000}})", re.IGNORECASE)
_COLON_SECRET: Final = re.compile(
    rf"((?:{_SECRET_KEYS})[\w-]{{0,20}}[\"']?\s?:\s{{0,3}})([^\s\"',;&<>(){{}}\[\]]{{4,2000}})", re.IGNORECASE
)
_XML_SECRET: Final = re.compile(rf"(<(?:\w{{1,20}}:)?\w{{0,20}}(?:{_SECRET_KEYS})\w{{0,20}}>)([^<]{{1,500}})(</)", re.IGNORECASE)
_IBAN: Final = re.compile(r"\b[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)\b")
_EMAIL: Final = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2,24}\b")
_CARD: Final = re.compile(
    r"(?<![0-9A-Za-z.-])(?:[2-6][0-9]{12,18}|[2-6][0-9]{3}(?:[ -][0-9]{4}){2,3}(?:[ -][0-9]{1,4})?"
    r"|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?![0-9A-Za-z]|[.-][0-9])"
)
_PLUS_PHONE: Final = re.compile(r"(?<![0-9A-Za-z+.])\+[ ]?[(]?[1-9][0-9]{0,2}[)]?(?:[ ./-]?[(]?[0-9]{1,5}[)]?){2,6}(?![0-9A-Za-z])")
_KEY_PHONE: Final = re.compile(
    r"((?:phone|msisdn|mobile|tel)(?:[ _-]?(?:number|no))?[\"']?\s{0,2}[:=]\s{0,2}[\"']?)([0-9(][0-9 ()/-]{6,18}[0-9])", re.IGNORECASE
)
_NO_SECRET: Final = frozenset({"null", "none", "nil", "true", "false", "undefined", "empty", "missing", "expired", "invalid", "yes", "no"})


def mask(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The column with secrets and personal data replaced; same type and length, nulls stay null. Idempotent.

    Masked: card numbers that pass the Luhn check (last four digits kept), IBANs that pass theirs (country and last four kept),
    e-mail addresses (domain kept), JSON web tokens, bearer and basic credentials, private keys, passwords in URLs and in
    ``key=value``, ``key: value``, JSON and XML forms, and phone numbers that show themselves (leading ``+``, or a telling key).
    """
    if isinstance(column, pa.ChunkedArray):
        return pa.chunked_array([_mask_array(chunk) for chunk in column.chunks], type=column.type)
    return _mask_array(column)


def _mask_array(column: pa.Array) -> pa.Array:
    hit = pc.fill_null(pc.match_substring_regex(column, _CANDIDATE), fill_value=False)
    if not pc.any(hit).as_py():
        return column
    candidates = column.filter(hit).dictionary_encode()
    texts = candidates.dictionary
    for gate, pattern, replace in _RULES:
        open_to = pc.match_substring_regex(texts, gate)
        if pc.any(open_to).as_py():
            changed = [pattern.sub(replace, text) for text in texts.filter(open_to).to_pylist()]
            texts = pc.replace_with_mask(texts, open_to, pa.array(changed, texts.type))
    return pc.replace_with_mask(column, hit, texts.take(candidates.indices))


def mask_text(text: str) -> str:
    """One text with the same rules; time is linear in its length."""
    for _, pattern, replace in _RULES:
        text = pattern.sub(replace, text)
    return text


def luhn(digits: str) -> bool:
    """Whether a run of decimal digits passes the Luhn check of ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def iban_valid(text: str) -> bool:
    """Whether a text without blanks passes the mod-97 check of ISO 13616."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def _card(match: re.Match[str]) -> str:
    digits = re.sub(r"[ -]", "", match.group())
    known = digits[0] in "456" or digits[:2] in {"34", "35", "36", "37", "38", "30"} or "2221" <= digits[:4] <= "2720"
    return "****" + digits[-4:] if known and 13 <= len(digits) <= 19 and luhn(digits) else match.group()


def _iban(match: re.Match[str]) -> str:
    found = match.group()
    # A blank-separated IBAN may be followed by a word of capitals: drop groups from the end until the check holds.
    groups = found.split(" ")
    for keep in range(len(groups), 0, -1):
        bare = "".join(groups[:keep])
        if len(bare) < 15:
            break
        if iban_valid(bare):
            rest = groups[keep:]
            return " ".join([f"{bare[:2]}****{bare[-4:]}", *rest])
    return found


def _email(match: re.Match[str]) -> str:
    return MASK + match.group()[match.group().index("@") :]


def _phone(match: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", match.group())
    return f"+***{digits[-2:]}" if 9 <= len(digits) <= 15 else match.group()


def _keyed_phone(match: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", match.group(2))
    return f"{match.group(1)}***{digits[-2:]}" if len(digits) >= 8 else match.group()


def _is_secret(value: str) -> bool:
    return not value.startswith(MASK) and value.lower() not in _NO_SECRET


def _bare(match: re.Match[str]) -> str:
    return match.group(1) + MASK if _is_secret(match.group(2)) else match.group()


def _colon(match: re.Match[str]) -> str:
    # "password: authentication failed" is prose; a secret after a colon shows a digit or a sign.
    value = match.group(2)
    return match.group(1) + MASK if _is_secret(value) and not value.rstrip(".:!?").isalpha() else match.group()


def _quoted(match: re.Match[str]) -> str:
    return f"{match.group(1)}{match.group(2)}{MASK}{match.group(4)}" if _is_secret(match.group(3)) else match.group()


def _xml(match: re.Match[str]) -> str:
    return f"{match.group(1)}{MASK}{match.group(3)}"


_KEYED: Final = rf"(?i:{_SECRET_KEYS})[\w-]{{0,20}}\W{{0,8}}"
_RULES: Final[tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    ("-----BEGIN", _PEM, r"-----\1 ***-----"),
    (r"://[^\s]*@", _URL_PASSWORD, r"\1:***@"),
    (r"(?i:bearer|basic|negotiate|apikey)[ :]", _SCHEME, r"\1\2***"),
    ("eyJ", _JWT, "eyJ***"),
    (rf"{_KEYED}[:=]", _QUOTED_SECRET, _quoted),
    (rf"{_KEYED}=", _BARE_SECRET, _bare),
    (rf"{_KEYED}:", _COLON_SECRET, _colon),
    (rf"(?i:{_SECRET_KEYS})\w{{0,20}}>", _XML_SECRET, _xml),
    ("@[A-Za-z0-9-]", _EMAIL, _email),
    ("[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4}", _IBAN, _iban),
    ("[2-6][0-9]{3}[ -]?[0-9]{2}", _CARD, _card),
    (r"\+[ ]?[(]?[1-9]", _PLUS_PHONE, _phone),
    ("(?i:phone|msisdn|mobile|tel)", _KEY_PHONE, _keyed_phone),
)
"""Gate, rule, replacement. The gate is RE2 over a column and wider than its rule, so that a rule only runs where it could do something."""
