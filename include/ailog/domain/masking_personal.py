"""Rules for personal data: accounts, payment cards, e-mail addresses, phone numbers and numbers that states give to people.

Sources: card numbers ISO/IEC 7812 (Luhn check, issuer ranges), IBAN ISO 13616 (lengths of its registry, mod 97), phone numbers ITU-T
E.164, Czech birth numbers act 133/2000 (date, mod 11), US social security numbers as the SSA writes them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ailog.domain.masking_rules import EDGE, MASK, QUOTE, START, Group, Rule, rule

_BLANK: Final = "(?:[ \u00a0\u202f-]|%20|\\+)"
"""What may stand between groups of digits; + is a blank in a form."""

_IBAN_LENGTHS: Final = {
    entry[:2]: int(entry[2:])
    for entry in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 "
        "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 "
        "MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 "
        "SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
    ).split()
}
_IBAN_HEAD: Final = re.compile(rf"{EDGE}(?:{'|'.join(_IBAN_LENGTHS)})(?=[0-9]{{2}}{_BLANK}?[A-Z0-9]{{2}})", re.IGNORECASE)

_DIGITS: Final = re.compile(
    rf"(?=[0-9](?:{_BLANK}?[0-9]){{12}}){EDGE}(?<![0-9]\.)(?<![^A-Za-z]-)(?<![0-9a-f]{{8}}-)[0-9]{{2,19}}(?:{_BLANK}[0-9]{{2,13}}|(?:{_BLANK}[0-9]){{1}}(?![0-9]))*(?![0-9A-Za-z]|\.[0-9])"
)
_GROUP: Final = re.compile("[0-9]+")
_LAYOUTS: Final = frozenset(
    {
        (4, 4, 4, 4),
        (4, 6, 5),
        (4, 6, 4),
        (6, 13),
        (8, 8),
        (4, 4, 5),
        (4, 4, 4, 4, 1),
        (4, 4, 4, 4, 2),
        (4, 4, 4, 4, 3),
        (4, 4, 4, 1),
        (4, 4, 4, 2),
    }
    | {(4, 4, 4, 3), (5, 4, 5, 1), (5, 4, 5, 2), (5, 4, 5, 5), (4, 5, 6), (6, 6, 4), (6, 4, 4), (4, 4, 4)}
)
_CARD_KEY: Final = re.compile(
    rf"((?:{START}pan|card[ _-]?(?:number|num|no|nr)|cc[_-]?num(?:ber)?|{START}ccn|account[ _-]?number \(pan\))"
    rf"{QUOTE}?[ \t]{{0,3}}(?:[:=]|is)?[ \t]{{0,3}}{QUOTE}?)([0-9](?:{_BLANK}?[0-9]){{11,18}})(?![0-9])",
    re.IGNORECASE,
)

_ESCAPED: Final = r"\\{1,4}u(?!00[0-7])[0-9A-Fa-f]{4}"
"""A letter beyond ASCII as JSON escapes it."""
_PERCENT: Final = "%[89A-Fa-f][0-9A-Fa-f]"
"""A part of a letter beyond ASCII as a URL escapes it."""
_ENCLOSING: Final = "%(?:3[ACDEacde]|2[02FCfc]|5[BDbd])"
"""Signs that stand around an address, as a URL escapes them: : < = > blank " / , [ ]."""
_EMAIL: Final = re.compile(
    rf"(?:(?<=\\[nrt])|(?<![\w.%+\\-])|(?<=\\)(?![nrt\\])|(?<={_ENCLOSING}))"
    rf"(?:(?:(?:[\w%+-]|{_ESCAPED})(?:[\w.%+-]|{_ESCAPED}|[!#$&*^`{{|}}~'](?=[\w.%+\\-])){{0,255}}"
    rf"|\\?\"[^\"\s\\@]{{1,64}}(?: [^\"\s\\@]{{1,64}}){{0,3}}\\?\")@|(?:[\w.+-]|(?!%40|{_ENCLOSING})%[0-9A-Fa-f]{{2}}){{1,256}}%40)"
    rf"(?=((?:(?:[^\W_]|{_PERCENT}|{_ESCAPED})(?:[\w-]|{_PERCENT}|{_ESCAPED}){{0,180}}\.){{1,8}}"
    rf"(?:[^\W\d_]{{2,24}}|xn--[A-Za-z0-9-]{{2,59}}|(?:%[CDcd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|{_ESCAPED}){{2,24}})(?!\w)))"
)
_SERVICE_USERS: Final = frozenset({"git", "hg", "svn"})
_COLOUR: Final = re.compile(r"[0-9]{0,3}m")

_OPEN: Final = "(?:[(]|%28)"
_SHUT: Final = "(?:[)]|%29)"
_PLUS_PHONE: Final = re.compile(
    rf"((?:(?<![0-9A-Za-z+.])|(?<=\\[nrt])|(?<=[0-9\[]m))\+|%2[Bb])[ ]?({_OPEN}?[1-9][0-9]{{0,2}}{_SHUT}?"
    rf"(?:(?:[ \u00a0./+-]|%20)?{_OPEN}?[0-9]{{1,12}}{_SHUT}?){{1,7}})(?![0-9A-Za-z])"
)
_ZERO_PHONE: Final = re.compile(
    r"(?<![0-9A-Za-z+./-])(?<![0-9] )00(?=1|2[07]|3[0-469]|4[013-9]|42[01]|35[1-9]|37[0-9]|38[0-9]|5[1-8]|6[0-6]|7|8[1246]|9[0-58])"
    r"([1-9][0-9]{0,2}(?:[ \u00a0/-][0-9]{1,9}){2,6})(?![0-9A-Za-z])"
)
_US_PHONE: Final = re.compile(r"(?<![0-9A-Za-z])\([2-9][0-9]{2}\)[ -]?[2-9][0-9]{2}-[0-9]{2}([0-9]{2})(?![0-9])")
_KEY_PHONE: Final = re.compile(
    rf"((?:phone|msisdn|mobil(?:e|ni|ní)?(?:[_ -]?telefon)?|telefon(?:ní|ni)?|handy|rufnummer|{START}(?:tel|fax|gsm))"
    r"(?:[ _-]?(?:number|num|no|nr|nummer|číslo|cislo|to|from))?\.?"
    rf"{QUOTE}?\s{{0,2}}(?:[:=>]|&gt;|is)?\s{{0,2}}\[?{QUOTE}?)"
    r"([0-9(](?:[0-9]|[ ()./-](?=[0-9(])|[)](?=[ -])){6,22}[0-9])(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_NATIONAL: Final = {"1": 10, "7": 10, "33": 9, "34": 9, "41": 9, "44": 10, "45": 8, "47": 8, "48": 9, "420": 9, "421": 9, "31": 9, "32": 9}
"""Digits after the country code where the plan fixes them, so that a number that follows is not taken for a part."""

_BIRTH_KEY: Final = re.compile(
    rf"((?:rodn[eéa]h?o?[ _-]?[cč][ií]sl[oa]|{START}(?:r\.?[cč]\.?|rc)|birth[ _-]?(?:number|no)|personal[ _-]?(?:id|number|no))"
    rf"{QUOTE}?[ \t]{{0,3}}(?:[:=>]|&gt;|is)?[ \t]{{0,3}}{QUOTE}?)([0-9]{{6}}(?:[ ]?/[ ]?|%2F)?[0-9]{{1,2}})([0-9]{{2}})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_BIRTH: Final = re.compile(rf"{EDGE}(?<!/)([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})(?:/|%2F)([0-9]{{3,4}})(?![0-9A-Za-z/]|[.-][0-9])")
_SSN: Final = re.compile(
    rf"((?:{START}ssn|social[ _-]?security(?:[ _-]?(?:number|no|num))?|tax[ _-]?id)[\w-]{{0,12}}{QUOTE}?[ \t]{{0,3}}(?:[:=>]|&gt;|is|\#)?"
    rf"[ \t]{{0,3}}{QUOTE}?)[0-9]{{3}}[ -]?[0-9]{{2}}[ -]?([0-9]{{4}})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def luhn(digits: str) -> bool:
    """Whether a run of decimal digits passes the Luhn check of ISO/IEC 7812-1."""
    return (sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))) % 10 == 0


_DOUBLED: Final = str.maketrans("0123456789", "0246813579")
"""The cross sum of twice a digit."""


def iban_valid(text: str) -> bool:
    """Whether a text without blanks passes the mod-97 check of ISO 13616."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


@lru_cache(maxsize=64)
def _iban_pattern(length: int) -> re.Pattern[str]:
    return re.compile(rf"[A-Z]{{2}}[0-9]{{2}}(?:{_BLANK}?[A-Z0-9]){{{length - 4}}}(?![A-Za-z0-9])", re.IGNORECASE)


def _ibans(text: str) -> str:
    """Every IBAN of a known country with its length and check; country and last four stay."""
    out: list[str] = []
    done = 0
    for head in _IBAN_HEAD.finditer(text):
        if head.start() < done:
            continue
        found = _iban_pattern(_IBAN_LENGTHS[head[0].upper()]).match(text, head.start())
        if not found:
            continue
        bare = re.sub(_BLANK, "", found[0])
        if iban_valid(bare):
            out += [text[done : head.start()], f"{bare[:2]}****{bare[-4:]}"]
            done = found.end()
    return "".join(out) + text[done:] if out else text


_SCHEMES: Final = (
    (4000, 4999, {13, 16, 19}),  # Visa
    (5100, 5599, {16}),  # Mastercard
    (2221, 2720, {16}),
    (3400, 3499, {15}),  # American Express
    (3700, 3799, {15}),
    (3000, 3059, range(14, 20)),  # Diners
    (3095, 3095, range(14, 20)),
    (3600, 3699, range(14, 20)),
    (3800, 3999, range(14, 20)),
    (3528, 3589, range(16, 20)),  # JCB
    (2200, 2204, range(16, 20)),  # Mir
    (5000, 5099, range(13, 20)),  # Maestro, Verve, RuPay
    (5600, 6999, range(13, 20)),  # Maestro, Discover, UnionPay, RuPay
    (8100, 8299, range(16, 20)),  # UnionPay, RuPay
    (8600, 8600, {16}),  # UzCard
    (9792, 9792, {16}),  # Troy
    (9860, 9860, {16}),  # Humo
)
"""First and last of the first four digits, and lengths, by scheme."""


def _scheme(digits: str) -> bool:
    """Whether a number has a prefix and a length of a card scheme."""
    four = int(digits[:4])
    return any(first <= four <= last and len(digits) in sizes for first, last, sizes in _SCHEMES)


def _cards(match: re.Match[str]) -> str:
    """The card numbers in a run of digit groups; numbers before and after them stay."""
    run = match[0]
    groups = [(g.start(), g.end()) for g in _GROUP.finditer(run) if run[max(g.start() - 1, 0)] != "%" or run[g.start() : g.end()] != "20"]
    groups = [(start + 2 if run[max(start - 1, 0)] == "%" else start, end) for start, end in groups]
    out: list[str] = []
    done = at = 0
    while at < len(groups):
        width = _card_width(run, groups, at)
        if width:
            out += [run[done : groups[at][0]], "****" + run[groups[at][0] : groups[at + width - 1][1]][-4:]]
            if not out[-1][4:].isdigit():
                out[-1] = "****" + re.sub("[^0-9]", "", run[groups[at][0] : groups[at + width - 1][1]].replace("%20", ""))[-4:]
            done = groups[at + width - 1][1]
        at += width or 1
    return "".join(out) + run[done:] if out else run


def _card_width(run: str, groups: list[tuple[int, int]], at: int) -> int:
    """Of how many groups the card is that begins at one; 0 when none does."""
    for width in (5, 4, 3, 2, 1):
        chosen = groups[at : at + width]
        if len(chosen) < width:
            continue
        if width > 1 and tuple(end - start for start, end in chosen) not in _LAYOUTS:
            continue
        digits = "".join(run[start:end] for start, end in chosen)
        if 13 <= len(digits) <= 19 and _scheme(digits) and luhn(digits):
            return width
    return 0


def _keyed_card(match: re.Match[str]) -> str:
    return f"{match[1]}****{re.sub('[^0-9]', '', match[2].replace('%20', ''))[-4:]}"


def _email(match: re.Match[str]) -> str:
    at = "%40" if match[0].endswith("%40") else "@"
    local, domain = match[0][: -len(at)], match[1]
    if domain.rsplit(".", 1)[0].replace(".", "").isdigit():
        return match[0]  # name@2.1.0.RELEASE
    if local in _SERVICE_USERS:
        return match[0]  # git@host:group/project names no person
    before = match.string[max(match.start() - 12, 0) : match.start()]
    colour = _COLOUR.match(local) if "\x1b[" in before and before[-1:] in {"[", ";"} else None
    return f"{colour[0] if colour else ''}{MASK}{at}"


def _plus_phone(match: re.Match[str]) -> str:
    found = match[2]
    digits = re.sub(r"%2[089]|[^0-9]", "", found)
    code = next((code for code in (digits[:3], digits[:2], digits[:1]) if code in _NATIONAL), None)
    wanted = len(code) + _NATIONAL[code] if code else 0
    if wanted and len(digits) > wanted and "(0)" not in found and "%" not in found:
        seen = 0
        for place, sign in enumerate(found):
            seen += sign.isdigit()
            if seen == wanted and not found[place + 1 : place + 2].isdigit():
                return f"{match[1]}{MASK}{digits[wanted - 2 : wanted]}{found[place + 1 :]}"
    return f"{match[1]}{MASK}{digits[-2:]}" if 8 <= len(digits) <= 15 else match[0]


def _zero_phone(match: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", match[1])
    return f"00{MASK}{digits[-2:]}" if 9 <= len(digits) <= 15 else match[0]


def _keyed_phone(match: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", match[2])
    return f"{match[1]}{MASK}{digits[-2:]}" if 8 <= len(digits) <= 15 else match[0]


def _birth(match: re.Match[str]) -> str:
    month, day, tail = int(match[2]), int(match[3]), match[4]
    month -= 50 if month > 50 else 0
    month -= 20 if month > 20 else 0
    whole = int(match[1] + match[2] + match[3] + tail)
    checks = len(tail) == 4 and (whole % 11 == 0 or (whole // 10 % 11 == 10 and whole % 10 == 0))
    return f"****/**{tail[-2:]}" if 1 <= month <= 12 and 1 <= day <= 31 and checks else match[0]


_RUN: Final = rf"[0-9](?:{_BLANK}?[0-9]){{12}}"
_WORD_GATE: Final = (
    r"(?i:phone|msisdn|mobil|tel|fax|gsm|handy|rufnummer|ssn|social|tax|rodn|birth|personal|pan|card[ _-]?n|cc[_-]?n"
    r"|[^a-z][rmntb]?r\.?[cč]|^r\.?[cč])"
    r"[A-Za-z\x{c0}-\x{17f}_ ().-]*[^\w\n]{0,12}(?:u002[27]|22|quot;|number)?[^\w\n]{0,6}[0-9](?:[ \x{a0}./()+%-]{0,3}[0-9]){7}"
)

PERSONAL_GROUPS: Final[tuple[Group, ...]] = (
    Group(r"@\S*\.|%40", (rule(r"@\S*\.|%40", _EMAIL, _email),)),
    Group(
        rf"{_WORD_GATE}|{_RUN}|[A-Z]{{2}}[0-9]{{2}}{_BLANK}?[A-Z0-9]{{2}}|(?i:iban)|[0-9]{{6}}(?:/|%2F)[0-9]{{3}}"
        r"|(?:\+|%2[Bb])[ ]?[(]?[1-9]"
        r"|00[1-9][0-9]{0,2}[ \x{a0}/-][0-9]|\([2-9][0-9]{2}\)[ -]?[2-9]",
        (
            Rule(rf"[A-Z]{{2}}[0-9]{{2}}{_BLANK}?[A-Z0-9]{{2}}|(?i:iban)", _ibans),
            rule("(?i:social|ssn|tax)", _SSN, rf"\1{MASK}-**-\2"),
            rule(r"(?i:rodn|r\.?[cč]|birth|personal)", _BIRTH_KEY, rf"\1{MASK}\3"),
            rule("[0-9]{6}(?:/|%2F)[0-9]{3}", _BIRTH, _birth),
            rule(r"(?:\+|%2[Bb])[ ]?[(]?[1-9]", _PLUS_PHONE, _plus_phone),
            rule("(?i:phone|msisdn|mobil|tel|fax|gsm|handy|rufnummer)", _KEY_PHONE, _keyed_phone),
            rule("(?i:pan|card|cc)", _CARD_KEY, _keyed_card),
            rule(_RUN, _DIGITS, _cards),
            rule(r"00[1-9][0-9]{0,2}[ \x{a0}/-][0-9]", _ZERO_PHONE, _zero_phone),
            rule(r"\([2-9][0-9]{2}\)[ -]?[2-9]", _US_PHONE, rf"{MASK}\1"),
        ),
    ),
)
