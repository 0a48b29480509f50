"""Puts values into the marked places of messages: numbers, ids, addresses, times, paths, as programs print them."""

from __future__ import annotations

import base64
import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

PLACE: Final = re.compile("«([a-z]+)»")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FOLDERS: Final = ["var", "lib", "opt", "data", "tmp", "srv", "home", "logs", "app", "upload", "etc", "x7", "2024"]
_TLDS: Final = ["example", "example.org", "corp.example.com", "test"]
_TIMES: Final[list[Callable[[datetime], str]]] = [
    lambda t: t.isoformat(timespec="seconds") + "Z",
    lambda t: t.isoformat(timespec="milliseconds") + "Z",
    lambda t: t.isoformat(timespec="microseconds") + "+02:00",
    lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    lambda t: f"{t:%Y-%m-%d %H:%M:%S},{t.microsecond // 1000:03d}",
    lambda t: f"{t:%Y-%m-%d %H:%M:%S}.{t.microsecond:06d} UTC",
    lambda t: f"{t:%Y-%m-%dT%H:%M:%S}.{t.microsecond:06d}123Z",
    lambda t: f"{t:%Y/%m/%d %H:%M:%S}",
    lambda t: f"{t:%d/%b/%Y:%H:%M:%S} +0000",
    lambda t: f"{t:%a, %d %b %Y %H:%M:%S} GMT",
    lambda t: f"{t:%a %b %d %H:%M:%S} UTC {t:%Y}",
    lambda t: f"{t:%b} {t.day:2d} {t:%H:%M:%S}",
    lambda t: f"{t.month}/{t.day}/{t:%Y} {t.hour % 12 or 12}:{t:%M:%S} {t:%p}",
    lambda t: f"{t:%d.%m.%Y %H:%M:%S}",
    lambda t: f"{t:%Y%m%dT%H%M%SZ}",
    lambda t: f"{t:%H:%M:%S}.{t.microsecond // 1000:03d}",
    lambda t: f"{t:%Y-%m-%d}",
    lambda t: str(int(t.timestamp())),
    lambda t: str(int(t.timestamp() * 1000)),
    lambda t: f"{t.timestamp():.6f}",
]


def _word(random: Random, least: int = 3, most: int = 9) -> str:
    return "".join(random.choice(_LETTERS) for _ in range(random.randint(least, most)))


def _number(random: Random) -> str:
    return str(random.randint(0, 10 ** random.randint(1, 12)))


def _fraction(random: Random) -> str:
    return f"{random.uniform(0, 10 ** random.randint(0, 5)):.{random.randint(1, 6)}f}"


def _hex(random: Random) -> str:
    text = f"{random.getrandbits(48):012x}"
    return random.choice([text, text.upper()])


def _long_hex(random: Random) -> str:
    text = f"{random.getrandbits(512):0128x}"[: random.choice([16, 24, 32, 40, 64])]
    return text if any(c.isdigit() for c in text) else f"0{text[1:]}"


def _base64(random: Random) -> str:
    """22 characters and more of the alphabet for addresses; a digit and both cases are in it, as in nearly all of that length."""
    while True:
        text = base64.urlsafe_b64encode(random.randbytes(random.choice([16, 18, 24, 32]))).decode().rstrip("=").strip("-_")
        if re.search("[0-9]", text) and re.search("[a-z]", text) and re.search("[A-Z]", text):
            return text


def _id(random: Random) -> str:
    kind = random.randrange(7)
    if kind == 0:
        return str(uuid.UUID(int=random.getrandbits(128), version=4))
    if kind == 1:
        return str(uuid.UUID(int=random.getrandbits(128), version=4)).upper()
    if kind == 2:
        return uuid.UUID(int=random.getrandbits(128), version=4).hex
    if kind == 3:
        return _long_hex(random)
    if kind == 4:
        return "01" + "".join(random.choice(_CROCKFORD) for _ in range(24))
    if kind == 5:
        return _base64(random)
    return _number(random)


def _ip4(random: Random) -> str:
    return str(ipaddress.IPv4Address(random.getrandbits(32)))


def _ip6(random: Random) -> str:
    address = ipaddress.IPv6Address(0xFD00 << 112 | random.getrandbits(random.choice([16, 64, 112])))
    return random.choice([address.compressed, address.compressed, address.exploded])


def _ip(random: Random) -> str:
    return _ip6(random) if random.random() < 0.3 else _ip4(random)


def _address(random: Random) -> str:
    port = random.randint(1, 65_535)
    return f"[{_ip6(random)}]:{port}" if random.random() < 0.3 else f"{_ip4(random)}:{port}"


def _time(random: Random) -> str:
    at = datetime(2019, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(microseconds=random.randrange(3 * 10**14))
    return random.choice(_TIMES)(at)


def _path(random: Random) -> str:
    parts = [random.choice(_FOLDERS) if random.random() < 0.6 else _word(random) for _ in range(random.randint(2, 5))]
    name = _word(random) + random.choice([".log", ".csv", ".tar.gz", "-2.dat", "_v1.json", "", f".{random.randint(1, 99)}"])
    if random.random() < 0.2:
        return f"{random.choice('CDE')}:\\" + "\\".join([*parts, name])
    return "/" + "/".join([*parts, name])


def _url(random: Random) -> str:
    scheme = random.choice(["https", "http", "https", "amqp", "s3", "ws"])
    host = f"{_word(random)}.{random.choice(_TLDS)}" if random.random() < 0.8 else _ip4(random)
    port = f":{random.randint(80, 9999)}" if random.random() < 0.4 else ""
    query = random.choice(["", "", f"?id={_number(random)}", f"?q={_word(random)}&page={random.randint(1, 99)}", f"#{_word(random)}"])
    return f"{scheme}://{host}{port}/{_word(random)}/{random.choice([_word(random), _number(random)])}{query}"


def _mail(random: Random) -> str:
    name = random.choice(
        [_word(random), f"{_word(random)}.{_word(random)}", f"{_word(random)}+{_word(random)}", f"{_word(random)}{random.randint(1, 99)}"]
    )
    return f"{name}@{_word(random)}.{random.choice(_TLDS)}"


KINDS: Final[Mapping[str, Callable[[Random], str]]] = {
    "n": _number, "f": _fraction, "hex": _hex, "id": _id, "ip": _ip, "addr": _address, "time": _time, "path": _path, "url": _url, "mail": _mail,
}  # fmt: skip
"""What stands in a place, by the name in its mark."""


def fill(text: str, random: Random) -> str:
    """The text with a value in every place."""
    return PLACE.sub(lambda match: KINDS[match.group(1)](random), text)
