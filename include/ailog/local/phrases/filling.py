"""Fills the places of format strings with values of all sorts, so that each string becomes a family with labelled values.

Reproducible: everything is drawn by a generator that is seeded with the text.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final

_NOUNS: Final = """
order user account payment invoice customer product item event message session report document image upload booking ticket train
route price basket cart review comment profile address shipment delivery warehouse stock ledger transfer wallet card loan policy claim
quote contract employee salary department project task job pipeline stage release asset tenant subscriber campaign coupon voucher
discount refund device sensor meter alarm camera vehicle trip driver rider station seat hotel room guest flight airport passenger
patient doctor visit drug lesson course student grade school book author shelf song album artist playlist movie channel episode
story post photo friend group chat feed search catalog inventory supplier vendor partner merchant store branch region country city
food meal recipe kitchen menu table waiter security verification notification preference consign assurance travel voucher statement
archive backup export import history audit metric log trace alert config setting feature flag token secret key cache queue index
""".split()
_PEOPLE: Final = """
alice bob carol dave erin frank grace heidi ivan judy mallory nina oscar peggy quentin rupert sybil trent victor wendy admin root
deploy postgres reporting jenkins nobody guest operator support webmaster backup monitor anna pavel jana tomas eva martin lucie app
""".split()
_LONE: Final = """
web api main core default primary master prod staging test dev internal public shared global common central east west north south
blue green alpha beta gamma delta edge gateway portal frontend backend worker scheduler proxy mobile desktop data reports docs static
media finance billing legal sales marketing ops analytics search identity accounts checkout fulfilment mail dns ldap vault
""".split()
_SUFFIXES: Final = (
    "service client manager handler repository controller factory provider item line entry detail info record request mapper".split()
)
_EXTENSIONS: Final = "yaml json conf log xml csv txt jar py so db pem properties tar.gz".split()
_FOLDERS: Final = "etc var opt srv home usr data app lib tmp mnt".split()


@dataclass(frozen=True)
class Filled:
    """A message and the words in it that are values."""

    text: str
    values: frozenset[str]


class Filler:
    """Values of many kinds. ``part`` 0 or 1 of two halves of the nouns, so that a test never meets a value that was trained on."""

    def __init__(self, part: int, others: list[str]) -> None:
        self._nouns = [n for i, n in enumerate(_NOUNS) if i % 2 == part]
        self._people = [n for i, n in enumerate(_PEOPLE) if i % 2 == part]
        self._lone = [n for i, n in enumerate(_LONE) if i % 2 == part]
        self._others = others

    def fill(self, text: str, variants: int = 4, seed: str = "") -> list[Filled]:
        """Several messages of one format string."""
        rng = random.Random(text + seed)
        parts = re.split(r"⟦([^⟧]*)⟧", text)
        constant = {w.lower() for w in re.findall(r"[A-Za-z][\w-]*", " ".join(parts[::2]))}
        kinds = [self._kind(rng, hint, parts[2 * i]) for i, hint in enumerate(parts[1::2])]
        out = []
        for _ in range(variants):
            built, words = parts[0], set()
            for i, kind in enumerate(kinds):
                for _try in range(8):
                    value = self._value(rng, kind)
                    if value.lower() not in constant:
                        break
                built += value + parts[2 * i + 2]
                words.add(value)
            out.append(Filled(built, frozenset(words)))
        return out

    @staticmethod
    def _kind(rng: random.Random, hint: str, before: str) -> str:
        near = (hint + " " + before[-14:]).lower()
        if hint.startswith("#") or re.search(
            r"\b(?:count|size|len|length|num|port|line|code|status|errno|offset|bytes|seconds|timeout|max|min|limit|version|n|i|pid)\b",
            near,
        ):
            return "number"
        for kind, pattern in (
            ("path", r"path|file|dir\b|folder"),
            ("url", r"\burl|uri|endpoint|link"),
            ("host", r"host|addr|peer|server|broker|domain|\bnode"),
            ("class", r"class|bean|\btype|__name__|interface|module|package"),
            ("person", r"user|login|owner|principal|role"),
            ("id", r"\bid\b|_id|uuid|hash|digest|token|key\b"),
            ("duration", r"duration|elapsed|interval|delay"),
        ):
            if re.search(pattern, near):
                return kind if rng.random() < 0.8 else "name"
        return rng.choices(
            ("name", "word", "other", "class", "number", "id", "path", "host", "person", "constant"), (30, 16, 18, 8, 8, 5, 4, 4, 4, 2)
        )[0]

    def _value(self, rng: random.Random, kind: str) -> str:  # noqa: C901, PLR0911 - one table of kinds
        noun = rng.choice(self._nouns)
        if rng.random() < 0.04:
            return rng.choice(("null", "null", "None", "nil"))
        if kind == "number":
            return str(rng.choice((rng.randrange(10), rng.randrange(100), rng.randrange(70_000), rng.randrange(10**9))))
        if kind == "duration":
            return rng.choice(("{}ms", "{}s", "{}.5s", "PT{}S", "{}")).format(rng.randrange(1, 9000))
        if kind == "path":
            path = "/" + "/".join([rng.choice(_FOLDERS), *rng.sample(self._nouns, rng.randrange(1, 3))])
            return path + (f".{rng.choice(_EXTENSIONS)}" if rng.random() < 0.7 else "")
        if kind == "url":
            return f"http{rng.choice(('', 's'))}://{noun}.{rng.choice(self._lone)}.example/{rng.choice(self._nouns)}/{rng.randrange(10**5)}"
        if kind == "host":
            return rng.choice(
                (
                    f"{noun}-{rng.randrange(9)}.{rng.choice(self._lone)}.example:{rng.randrange(1000, 9999)}",
                    f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}",
                    f"{noun}-{rng.randrange(20)}",
                    noun,
                    "localhost",
                )
            )
        if kind == "person":
            return rng.choice(
                (
                    rng.choice(self._people),
                    rng.choice(self._people),
                    f"svc_{noun}",
                    f"{rng.choice(self._people)}@{noun}.example",
                    rng.choice(self._lone),
                )
            )
        if kind == "id":
            return rng.choice(
                (
                    f"{rng.randrange(10**8)}",
                    f"{rng.getrandbits(64):016x}",
                    f"{noun}-{rng.randrange(10**6)}",
                    f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-{rng.getrandbits(16):04x}-{rng.getrandbits(16):04x}-{rng.getrandbits(48):012x}",
                )
            )
        if kind == "class":
            name = noun.title() + (rng.choice(_SUFFIXES).title() if rng.random() < 0.6 else "")
            return rng.choice((name, name, f"com.acme.{noun}.{name}", name[0].lower() + name[1:]))
        if kind == "constant":
            return f"{noun}_{rng.choice(_SUFFIXES)}".upper()
        if kind == "word":
            return rng.choice(self._nouns + self._lone + [n + "s" for n in self._nouns])
        if kind == "other":
            return rng.choice(self._others)
        styles = (
            noun,
            noun + "s",
            f"{noun}_{rng.choice(_SUFFIXES)}",
            f"{noun}-{rng.choice(_SUFFIXES[1:])}",
            f"{rng.choice(self._lone)}-{noun}s",
            f"{noun}{rng.choice(_SUFFIXES).title()}",
            noun.title(),
            rng.choice(self._lone),
            f"{noun}.{rng.choice(self._lone)}",
            f"{noun}_id",
        )
        return rng.choices(styles, (6, 6, 3, 3, 2, 3, 2, 4, 1, 1))[0]
