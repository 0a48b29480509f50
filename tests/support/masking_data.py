"""Secrets, personal data and their look-alikes, drawn from a seed and set into the log lines of many programs."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from ailog.domain.masking import iban_valid, luhn


class Sample(NamedTuple):
    """A text and what must not be seen in it after masking; of a look-alike, what must."""

    text: str
    parts: tuple[str, ...]


DIGITS = string.digits
ALNUM = string.ascii_letters + string.digits
PRINTABLE = ALNUM + "!#$%^*()-_=+.?~|:@"

NEIGHBOURS = (
    "{}", "[{}]", "({})", "<{}>", '"{}"', "'{}'", "`{}`", "{},", ",{},", "{};", "{}.", ": {}", "={}", "value={} ", "| {} |", "\t{}\t", "{}\n\tat a.B.c(B.java:12)",
    "\x1b[31m{}\x1b[0m", "\x1b[0;33m{}\x1b[0m", "«{}»", "číslo {} neplatné", "卡号{}被拒绝", "ошибка {}!", "→{}←", "\\n{}\\n", "\\t{}", "{}…", "[... cut ...]\n{}", "#{}#",
    "\u00a0{}\u00a0",
)  # fmt: skip
"""What may stand around a value."""

LINES = (
    "{}",
    "2026-03-10 08:15:02.113 ERROR [payment-api,4bf92f3577b34da6] c.a.p.PaymentService : Payment refused for {}",
    "java.lang.IllegalArgumentException: Invalid value {} at index 3\n\tat com.acme.pay.Check.run(Check.java:41)",
    "Caused by: org.springframework.web.client.HttpClientErrorException: 422 : {} was not accepted",
    "System.InvalidOperationException: Cannot book {} (HRESULT 0x80131509)\r\n   at Acme.Pay.Book() in /src/Pay.cs:line 90",
    "ValueError: could not store {}",
    "UnhandledPromiseRejectionWarning: Error: declined {} (/app/index.js:10:5)",
    'level=error ts=2026-03-10T08:15:02Z caller=pay.go:88 msg="refused" subject={}',
    "panic: runtime error: account {} not found [recovered]",
    '10.0.3.7 - - [10/Mar/2026:08:15:02 +0000] "POST /api/pay HTTP/1.1" 500 120 "-" "{}"',
    "ERROR:  duplicate key value violates unique constraint, DETAIL: Key (x)=({}) already exists.",
    "Message rejected: partition=3 offset=120934 value={}",
    "{} could not be processed after 3 retries",
    "Subject {} rejected, code 5",
)  # fmt: skip
"""Sentences of Java, .NET, Python, Node, Go, nginx, PostgreSQL and Kafka."""


def in_json(value: str) -> str:
    """As a JSON document."""
    return json.dumps({"reason": "refused", "value": value, "n": 5})


def _in_escaped_json(value: str) -> str:
    return "request body: " + json.dumps(in_json(value))


def _in_query(value: str) -> str:
    return f"GET https://api.example.com/v1/pay?ref={quote(value)}&step=2 returned 500"


def _in_form(value: str) -> str:
    return f"body: step=2&ref={quote_plus(value)}&x=1"


def _in_xml(value: str) -> str:
    return f'<soap:Body><ns2:ref type="x">{value}</ns2:ref></soap:Body>'


WRAPPED: tuple[Callable[[str], str], ...] = (in_json, _in_escaped_json, _in_query, _in_form, _in_xml)


def text_with(rng: random.Random, value: str) -> str:
    """A log line that holds a value, with neighbours."""
    if rng.random() < 0.25:
        value = rng.choice(WRAPPED)(value)
        return rng.choice(("{}", "call failed: {}", "\x1b[31m{}\x1b[0m")).replace("{}", value)
    return rng.choice(LINES).replace("{}", rng.choice(NEIGHBOURS).replace("{}", value))


def drawn(rng: random.Random, alphabet: str, length: int) -> str:
    """Characters of an alphabet."""
    return "".join(rng.choices(alphabet, k=length))


def secret(rng: random.Random, alphabet: str = ALNUM) -> str:
    """A drawn secret of 8 to 40 characters with at least one digit that neither begins nor ends with a sign."""
    middle = drawn(rng, alphabet, rng.randint(5, 37))
    return rng.choice(string.ascii_letters) + middle + rng.choice(DIGITS) + rng.choice(string.ascii_letters)


# Cards

SCHEMES: tuple[tuple[str, int], ...] = (
    ("4", 16), ("4", 13), ("4", 19), ("51", 16), ("53", 16), ("55", 16), ("2221", 16), ("2500", 16), ("2720", 16), ("34", 15), ("37", 15),
    ("300", 14), ("305", 14), ("36", 14), ("38", 14), ("6011", 16), ("644", 16), ("65", 16), ("622126", 16), ("3528", 16), ("3589", 16), ("62", 16),
    ("62", 19), ("81", 16), ("50", 16), ("5018", 13), ("56", 16), ("6304", 16), ("6759", 19), ("2200", 16), ("2204", 16), ("9792", 16), ("60", 16),
)  # fmt: skip
"""Prefixes and lengths of Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro, Mir, Troy and RuPay."""


def card(rng: random.Random) -> str:
    """A number of a scheme that passes the Luhn check."""
    prefix, size = rng.choice(SCHEMES)
    body = prefix + drawn(rng, DIGITS, size - len(prefix) - 1)
    return next(body + last for last in DIGITS if luhn(body + last))


def grouped(rng: random.Random, number: str) -> str:
    """A card number as people write it."""
    blank = rng.choice(("", "", " ", "-"))
    if not blank:
        return number
    sizes = {15: (4, 6, 5), 14: (4, 6, 4), 13: (4, 4, 5)}.get(len(number), (4, 4, 4, 4, 3))
    return blank.join(pieces(number, sizes))


def pieces(text: str, sizes: tuple[int, ...]) -> list[str]:
    """A text in pieces of given sizes."""
    found = []
    for size in sizes:
        found.append(text[:size])
        text = text[size:]
    return [piece for piece in found if piece]


def make_card(rng: random.Random) -> Sample:
    number = card(rng)
    shown = grouped(rng, number)
    return Sample(text_with(rng, shown), (number, shown, number[:6] if len(shown) == len(number) else shown[:7]))


# Accounts

_IBANS = ("DE18n", "CZ20n", "SK20n", "AT16n", "BE12n", "CH17m", "FR23m", "GB4a14n", "NL4a10n", "PL24n", "ES20n", "IT1a22n", "HU24n", "SE20n",
          "NO11n", "DK14n", "FI14n", "IE4a14n", "PT21n", "RO4a16m", "BG4a14n", "LU16m", "MT4a23m", "SA20m", "AE19n", "TR22n", "GR23n", "LT16n")  # fmt: skip


def iban(rng: random.Random) -> str:
    """A valid IBAN of one of 28 countries."""
    entry = rng.choice(_IBANS)
    country, rest, bban = entry[:2], entry[2:], ""
    while rest:
        count = rest[: len(rest) - len(rest.lstrip(DIGITS))]
        alphabet = {"n": DIGITS, "a": string.ascii_uppercase, "m": DIGITS + string.ascii_uppercase}[rest[len(count)]]
        bban += drawn(rng, alphabet, int(count))
        rest = rest[len(count) + 1 :]
    return next(found for n in range(2, 99) if iban_valid(found := f"{country}{n:02d}{bban}"))


def make_iban(rng: random.Random) -> Sample:
    number = iban(rng)
    shown = rng.choice((number, " ".join(pieces(number, (4,) * 9)), number, "-".join(pieces(number, (4,) * 9))))
    return Sample(text_with(rng, shown), (number, shown, shown[4:12]))


# People

_NAMES = (
    "ann",
    "jan.novak",
    "j_doe",
    "o'brien",
    "max.mustermann",
    "zoe-k",
    "petr.svoboda99",
    "müller",
    "žofie.nová",
    "иван",
    "b",
    "info.desk",
)
_DOMAINS = (
    "bank.example",
    "example.com",
    "mail.eu.example.org",
    "example.co.uk",
    "müller.example",
    "xn--bcher-kva.example",
    "example.museum",
    "a-b.example.net",
    "почта.рф",
)


def make_email(rng: random.Random) -> Sample:
    local = (
        rng.choice(_NAMES)
        + (f"{rng.randint(1, 9999)}" if rng.random() < 0.5 else "")
        + (f"+tag{rng.randint(1, 9)}" if rng.random() < 0.3 else "")
    )
    shown = f"{local}@{rng.choice(_DOMAINS)}"
    if rng.random() < 0.1:
        shown = rng.choice(("<{}>", '"Ann Lee" <{}>', "mailto:{}", "to={},", "[{}]", "Address[{}]")).format(shown)
    return Sample(text_with(rng, shown), (f"{local[-2:]}@", f"{quote(local[-2:])}%40", f"{local[-2:]}%40", f"{json.dumps(local)[-7:-1]}@"))


def make_phone(rng: random.Random) -> Sample:
    def national(*sizes: int) -> list[str]:
        return [str(rng.randint(2, 9)) + drawn(rng, DIGITS, size - 1) for size in sizes]

    blank = rng.choice((" ", "", "-", "."))
    code, sizes = rng.choice(
        (
            ("420", (3, 3, 3)),
            ("49", (3, 4, 4)),
            ("49", (2, 8)),
            ("1", (3, 3, 4)),
            ("44", (4, 6)),
            ("421", (3, 3, 3)),
            ("33", (1, 2, 2, 2, 2)),
            ("43", (3, 7)),
            ("48", (3, 3, 3)),
        )
    )
    groups = national(*sizes)
    if rng.random() < 0.5:
        if code == "1" and blank != "" and rng.random() < 0.5:
            return Sample(text_with(rng, f"+1 ({groups[0]}) {groups[1]}-{groups[2]}"), (f"{groups[1]}-{groups[2]}",))
        shown = f"+{code}{blank}{blank.join(groups)}"
        return Sample(text_with(rng, shown), (shown, blank.join(groups)))
    form = rng.choice(
        ("phone={}", '"phoneNumber":"{}"', "msisdn={}", "Tel.: {}", "tel: {}", "mobile: {}", "<phone>{}</phone>", "phone {}", 'telefon: "{}"', "mobilePhone='{}'", "00" + code + " {}")
    )  # fmt: skip
    shown = (" " if form.startswith("00") else blank).join(groups)
    if form == "00" + code + " {}" and len(groups) == 1:
        shown = groups[0]
    line = f"{rng.choice(('', 'SMS not sent, ', 'call failed: '))}{form.format(shown)}{rng.choice(('', ' rejected', ', code 5', ')'))}"
    return Sample(line, (shown,))


def birth_number(rng: random.Random) -> str:
    """Ten digits of a Czech birth number."""
    while True:
        month = rng.randint(1, 12) + rng.choice((0, 50))
        number = f"{rng.randint(0, 99):02d}{month:02d}{rng.randint(1, 28):02d}{rng.randint(0, 999):03d}"
        if int(number) % 11 < 10:
            return number + str(int(number) % 11)


def make_birth_number(rng: random.Random) -> Sample:
    number = birth_number(rng)
    if rng.random() < 0.5:
        shown = f"{number[:6]}/{number[6:]}"
        return Sample(text_with(rng, shown), (number[:6], number[:6] + "%2F"))
    shown = rng.choice((number, f"{number[:6]}/{number[6:]}"))
    form = rng.choice(
        (
            "rodné číslo {}",
            "rodneCislo={}",
            "RČ: {}",
            '"birthNumber":"{}"',
            "rc={}",
            "rodne_cislo: {}",
            "r.č. {}",
            '"birth_number": "{}"',
            "personalId={}",
            "<rodneCislo>{}</rodneCislo>",
        )
    )
    return Sample(f"klient nenalezen: {form.format(shown)}{rng.choice(('', ', kód 5', ' neplatné', ')'))}", (number[:6],))


def make_ssn(rng: random.Random) -> Sample:
    number = f"{rng.randint(1, 665):03d}-{rng.randint(1, 99):02d}-{rng.randint(1, 9999):04d}"
    shown = rng.choice((number, number, number.replace("-", ""), number.replace("-", " ")))
    form = rng.choice(
        (
            "ssn={}",
            '"ssn":"{}"',
            "SSN: {}",
            "social security number {}",
            "socialSecurityNumber='{}'",
            "<ssn>{}</ssn>",
            '"SSN": "{}"',
            "ssn {}",
            '{{\\"ssn\\":\\"{}\\"}}',
        )
    )
    return Sample(
        f"{rng.choice(('', 'lookup failed: ', 'Customer '))}{form.format(shown)}{rng.choice(('', ' not found', ', code 5'))}",
        (shown[:6], shown),
    )


# Secrets


def token_bytes(rng: random.Random, length: int) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(rng.randbytes(length)).decode().rstrip("=")


def jwt(rng: random.Random) -> str:
    """A signed token."""
    header = rng.choice(({"alg": "HS256", "typ": "JWT"}, {"typ": "JWT", "alg": "RS256"}, {"kid": "k1", "alg": "ES256"}))
    parts = [json.dumps(one, separators=(",", ":")).encode() for one in (header, {"sub": rng.randint(1, 10**9), "iss": "x"})]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), token_bytes(rng, 32)])


def make_jwt(rng: random.Random) -> Sample:
    token = jwt(rng)
    if rng.random() < 0.3:  # cut by a shipper
        token = token[: rng.randint(14, len(token))]
        return Sample(f"{rng.choice(('', 'token rejected: ', 'Bearer ', 'jwt='))}{token}{rng.choice(('', '...', '…'))}", (token[3:],))
    return Sample(text_with(rng, token), (token, token.split(".")[1], token.split(".")[2]))


def make_url_password(rng: random.Random) -> Sample:
    alphabet = rng.choice((ALNUM, ALNUM + "!$*-_.~+=,;", ALNUM + "@:#?%&^", ALNUM + "@/#?:"))
    word = secret(rng, alphabet)
    while word.split("/")[0].isdigit():
        word = secret(rng, alphabet)
    form = rng.choice(
        (
            "jdbc:postgresql://app:{}@db.example.com:5432/core", "amqp://guest:{}@mq:5672/%2F", "amqps://guest:{}@mq.example.com", "mongodb+srv://app:{}@c0.example.net/db?w=1",
            "redis://:{}@cache:6379/0", "rediss://default:{}@10.0.0.7:6380", "https://bot:{}@git.example.com/a.git", "ftp://u:{}@files/x.csv", "ldap://cn=app:{}@dir:389",
            "postgresql+psycopg://app:{}@db/core", "smtp://mailer:{}@mail:25", "mysql://root:{}@127.0.0.1:3306/x?ssl=1", "http://u:{}@[::1]:8080/a",
        )
    )  # fmt: skip
    line = rng.choice(
        (
            'could not connect to "{}"',
            "could not connect to {}: refused",
            "url={}, retry 3",
            "Failed: '{}'",
            "{}",
            "[{}]",
            '{{"url":"{}"}}',
            "dial {} failed",
            "<url>{}</url>",
        )
    )
    return Sample(line.format(form.format(word)), (word, word[2:-2]))


def make_credentials(rng: random.Random) -> Sample:
    kind = rng.choice(("Bearer", "Basic", "ApiKey", "bearer"))
    word = (
        base64.b64encode(f"{rng.choice(('app', 'svc-pay'))}:{secret(rng)}".encode()).decode()
        if kind == "Basic"
        else token_bytes(rng, rng.randint(12, 64))
    )
    form = rng.choice(
        (
            "Authorization: {}", "authorization={}", '"Authorization":"{}"', "'Authorization': '{}'", '{{\\"authorization\\":\\"{}\\"}}', "Authorization:[{}]", "-H 'Authorization: {}'",
            "Authorization=[{}]", "Proxy-Authorization: {}", "header {} refused", "sent {}, got 401", "map[Authorization:[{}] Host:[a]]", "> Authorization: {}\r\n> Accept: */*",
        )
    )  # fmt: skip
    return Sample(f"{rng.choice(('', '401 for '))}{form.format(f'{kind} {word}')}", (word, word[:-2]))


def make_aws(rng: random.Random) -> Sample:
    if rng.random() < 0.5:
        key = rng.choice(("AKIA", "ASIA")) + drawn(rng, string.ascii_uppercase + "234567", 16)
        return Sample(text_with(rng, key), (key, key[4:16]))
    word = drawn(rng, ALNUM + "/+", 40)
    form = rng.choice(
        (
            "aws_secret_access_key={}",
            "aws_secret_access_key = {}",
            '"SecretAccessKey": "{}"',
            "AWS_SECRET_ACCESS_KEY={}",
            "secretAccessKey: '{}'",
            "aws.secretKey={}",
            "secret_access_key: {}",
        )
    )
    return Sample(f"{rng.choice(('', 'profile: '))}{form.format(word)}{rng.choice(('', ' rejected', ', region=eu'))}", (word, word[4:-4]))


def make_vendor_token(rng: random.Random) -> Sample:
    token = rng.choice(
        ("ghp_" + drawn(rng, ALNUM, 35) + "1", "glpat-" + drawn(rng, ALNUM, 19) + "1", "xoxb-" + drawn(rng, DIGITS, 11) + "-" + drawn(rng, ALNUM, 24), "AIza" + drawn(rng, ALNUM + "_-", 34) + "1",
         "sk_live_" + drawn(rng, ALNUM, 23) + "1", "npm_" + drawn(rng, ALNUM, 35) + "1", "github_pat_" + drawn(rng, ALNUM + "_", 60) + "1")
    )  # fmt: skip
    return Sample(text_with(rng, token), (token, token[14:]))


def make_private_key(rng: random.Random) -> Sample:
    kind = rng.choice(
        ("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK")
    )
    lines = [base64.b64encode(rng.randbytes(48)).decode() for _ in range(rng.randint(2, 12))]
    newline = rng.choice(("\n", "\\n", "\r\n", "\\r\\n", "\\\\n", " "))
    block = newline.join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])
    if rng.random() < 0.2:
        block = block[: rng.randint(len(kind) + 20, len(block))]
        return Sample(f"cannot parse key: {block}", tuple(line[:12] for line in lines))
    form = rng.choice(("cannot parse key: {}", '{{"private_key":"{}","id":5}}', "key={} rejected", "{}", "PEM {}\nat x"))
    return Sample(form.format(block), tuple(line[:12] for line in lines))


_PASSWORD_FORMS = (
    "password={}", "password={}, retry=3", "user=app password={} host=db", "{{user=app, password={}, ttl=5}}", "User(name=app, password={})", "login?user=app&password={}&x=1",
    "DB_PASSWORD={}", "spring.datasource.password={}", "pwd={}", "client_secret={}", "api_key={}", "apiKey={}", "X-Api-Key: {}", "password: {}", "  password: {}\n  user: app",
    "secret_key={}", "passphrase={}", "userPassword={}", "--password={}", "--password {}", "access_token={}", "refresh_token={}&scope=x", "--api-key {}",
)  # fmt: skip
_QUOTED_PASSWORD_FORMS = (
    '"password":"{}"', '{{"user":"app","password":"{}","x":1}}', "'password': '{}'", '{{\\"password\\":\\"{}\\",\\"x\\":1}}', '{{\\\\\\"password\\\\\\":\\\\\\"{}\\\\\\"}}', "password='{}'",
    'password = "{}"', "<password>{}</password>", '<wsse:Password Type="x">{}</wsse:Password>', '<add key="DbPassword" value="{}" />', '"clientSecret" : "{}"', "\\u0022password\\u0022:\\u0022{}\\u0022",
    "&quot;password&quot;:&quot;{}&quot;", ':password=>"{}"', 'IDENTIFIED BY "{}"', "ALTER USER app PASSWORD '{}'", '"access_token":"{}"', '"passwords":["{}"]', "password: '{}'", 'secret="{}"',
)  # fmt: skip
_CONNECTION_FORMS = (
    "Server=db;Database=x;User Id=app;Password={};Encrypt=true", "Data Source=db;User ID=app;Password={};", "Server=db;Uid=app;Pwd={};Port=3306", "Password={};Server=db", "Host=db;Username=app;Password={}",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={}==;EndpointSuffix=x", "Endpoint=sb://a.example.net/;SharedAccessKeyName=Root;SharedAccessKey={}=", "jdbc:sqlserver://db:1433;user=sa;password={};encrypt=true",
    "jdbc:mysql://db/x?user=app&password={}&useSSL=true", "jdbc:oracle:thin:scott/{}@//db:1521/xe", "jdbc:oracle:thin:scott/{}@db.example.com:1521:xe",
)  # fmt: skip


def make_password(rng: random.Random) -> Sample:
    word = secret(rng, rng.choice((ALNUM, ALNUM, ALNUM + "!#$%^*-_+.?~|")))
    line = rng.choice(_PASSWORD_FORMS).format(word)
    return Sample(
        rng.choice(("{}", "login failed: {}", "2026-03-10 08:15:02 ERROR {}", "\x1b[31m{}\x1b[0m", "přihlášení: {}")).replace("{}", line),
        (word, word[2:-2]),
    )


def make_quoted_password(rng: random.Random) -> Sample:
    word = secret(rng, rng.choice((ALNUM, ALNUM + "!#$%^*()-_=+.?~|,;:@[]{}")))
    line = rng.choice(_QUOTED_PASSWORD_FORMS).format(word)
    return Sample(rng.choice(("{}", "bad request: {}", "body={} rejected", "\x1b[31m{}\x1b[0m")).replace("{}", line), (word, word[2:-2]))


def make_connection_string(rng: random.Random) -> Sample:
    word = secret(rng, rng.choice((ALNUM, ALNUM + "!#$%^*-_+.?~|")))
    line = rng.choice(_CONNECTION_FORMS).format(word)
    return Sample(rng.choice(("{}", "cannot open '{}'", 'connection string "{}" failed', "[{}]")).replace("{}", line), (word, word[2:-2]))


def make_cookie(rng: random.Random) -> Sample:
    word = rng.choice((drawn(rng, "0123456789ABCDEF", 32), token_bytes(rng, 24), "s%3A" + token_bytes(rng, 24)))
    form = rng.choice(
        (
            "Cookie: JSESSIONID={}; theme=dark", "Cookie: theme=dark; session={}", "Set-Cookie: sid={}; Path=/; HttpOnly; Secure", "/shop/cart;jsessionid={}?step=2", "PHPSESSID={}", "JSESSIONID={}",
            '"cookie":"connect.sid={}; a=b"', "ASP.NET_SessionId={}", "sessionid={}", '"sessionId":"{}"', "session_id: {}", "Cookie=[SESSION={}]", "map[Cookie:[a=b; auth={}]]", "XSRF-TOKEN={}", "'Cookie': 'sid={}'",
        )
    )  # fmt: skip
    return Sample(f"{rng.choice(('', '403 for '))}{form.format(word)}", (word, word[8:-2]))


SECRETS: dict[str, Callable[[random.Random], Sample]] = {
    "payment cards": make_card,
    "IBANs": make_iban,
    "e-mail addresses": make_email,
    "phone numbers": make_phone,
    "Czech birth numbers": make_birth_number,
    "US social security numbers": make_ssn,
    "JSON web tokens": make_jwt,
    "passwords in URLs": make_url_password,
    "authorization headers": make_credentials,
    "AWS keys": make_aws,
    "vendors' tokens": make_vendor_token,
    "private keys": make_private_key,
    "passwords, bare": make_password,
    "passwords, quoted": make_quoted_password,
    "connection strings": make_connection_string,
    "cookies and sessions": make_cookie,
}
"""Kind to maker."""


# Look-alikes


def _order(rng: random.Random) -> Sample:
    number = drawn(rng, "123456789", 1) + drawn(rng, DIGITS, rng.randint(12, 18))
    form = rng.choice(
        ("order {} failed", "orderId={} not booked", '{{"orderId":{},"n":5}}', "transaction {} rejected", "id: {}", "shipment [{}] lost")
    )
    return Sample(form.format(number), (number[-4:],))


def _order_no_card(rng: random.Random) -> Sample:
    number = drawn(rng, "123456789", 1) + drawn(rng, DIGITS, 15)
    while luhn(number):
        number = number[:-1] + rng.choice(DIGITS)
    form = rng.choice(("order {} failed", "orderId={} not booked", '{{"orderId":{},"n":5}}', "transaction {} rejected"))
    return Sample(form.format(number), (number,))


def _clock(rng: random.Random) -> Sample:
    now = rng.randint(1_600_000_000_000, 1_900_000_000_000)
    value = rng.choice((str(now), str(now // 1000), f"{now}{drawn(rng, DIGITS, 3)}", f"{now}{drawn(rng, DIGITS, 6)}"))
    return Sample(
        rng.choice(("ts={} lag", "expired at {}", '{{"timestamp":{}}}', "deadline {} passed", "CreateTime:{}")).format(value), (value,)
    )


def _hex(rng: random.Random) -> Sample:
    value = drawn(rng, "0123456789abcdef", rng.choice((16, 32, 40, 64)))
    if value.isdigit():
        value = "f" + value[1:]
    return Sample(
        rng.choice(("trace {}", "traceId={}", "commit {}", "sha256:{}", "00-{}-01", "image@sha256:{}", "etag {}")).format(value), (value,)
    )


def _uuid(rng: random.Random) -> Sample:
    value = "-".join(drawn(rng, "0123456789abcdef", n) for n in (8, 4, 4, 4, 12))
    return Sample(rng.choice(("id {}", "document {} not archived", "/api/v1/orders/{}/items", '{{"id":"{}"}}')).format(value), (value,))


def _code(rng: random.Random) -> Sample:
    n = rng.randint
    value = rng.choice(
        (
            f"com.acme.Order@{n(0, 2**32):x}", f"Foo@{n(0, 2**28):x}", f"org.springframework:spring-core:{n(1, 6)}.{n(0, 9)}.{n(0, 30)}", f"lodash@{n(1, 9)}.{n(0, 20)}.{n(0, 30)}",
            f"spring-boot@{n(1, 3)}.{n(0, 9)}.{n(0, 9)}.RELEASE", "git@github.com:acme/shop.git", f"ssh deploy@host{n(1, 9)}", f"root@db-{n(1, 9)}", "user@localhost", f"at com.acme.A.b(A.java:{n(1, 999)})",
            f"10.{n(0, 255)}.{n(0, 255)}.{n(0, 255)}:{n(1024, 65535)}", f"{n(100, 255)}.{n(100, 255)}.{n(100, 255)}.{n(100, 255)}", f"v{n(0, 9)}.{n(0, 99)}.{n(0, 99)}-rc.1", f"{n(1, 10**10)} bytes", f"partition-{n(0, 9)}@{n(0, 10**12)}",
            f"offset={n(0, 10**12)}", f"2026-03-{n(10, 28)}T08:{n(10, 59)}:02.{n(100, 999)}Z", f"2026-03-{n(10, 28)} 08:{n(10, 59)}:02,{n(100, 999)}", f"2026-03-10T08:15:02+0{n(0, 9)}00", f"0x{n(0, 2**64):016x}", f"line {n(1, 99)}, column {n(1, 99)}",
            f"{n(1, 99)}.{n(10**8, 10**9)}", f"[pool-{n(1, 9)}-thread-{n(1, 99)}]", f"@angular/core@{n(10, 19)}.0.{n(0, 9)}", f"http://host:8080/@scope/pkg/{n(1, 99)}", f"123456/{n(10, 99)}", f"4096 2048 {n(1000, 1099)} 512", f"HTTP/1.1 {n(400, 599)}",
            f"-{n(10**9, 10**10)}", f"1.{n(10, 99)}E+{n(10, 30)}", f"sun.misc.Launcher$AppClassLoader@{n(0, 2**28):x}", f"topic-{n(0, 9)}-{n(1000, 9999)}", f"ORA-{n(10000, 19999)}", f"k8s.io/api@v0.{n(1, 30)}.0",
        )
    )  # fmt: skip
    return Sample(rng.choice(("failed: {}", "{}", "cannot read {} now", '"{}"')).format(value), (value,))


def _prose(rng: random.Random) -> Sample:
    n = rng.randint(2, 5000)
    value = rng.choice(
        (
            f"passengers={n}", f"passed={n} failed=3", f"tokens={n}", f"max_tokens: {n}", f"token_type=Bearer {n}", f"passwordLength={n}", "password: authentication failed", "token expired", f"Unexpected token: 'FROM' {n}",
            f"unexpected token at position {n}", "basic authentication failed", "password=null", "token: null", "secretName=db-credentials", f"password_attempts={n}", "tokenizer=whitespace", "password=${DB_PASSWORD}", "passport service down",
            "bearer token is missing", "Basic auth is required", "compass: north", "authentication=failed", f"cookies={n}", f"session timeout={n}", f"key={n} not found", "primary key: order_pkey", f"duplicate key: {n}", "secretary=Jane", "pinned=true",
            f"spin: {n}ms", "mapping: none", f"shipping={n}", f"signal: killed {n}", "design=new", "Authorization: missing", "author=unknown", "the password 'is' wrong", "password is wrong", f"cookie: {n}", "keyspace=orders", "Keyword: SELECT", "asid=17", "resid: 5",
        )
    )  # fmt: skip
    return Sample(rng.choice(("{}", "call failed: {}", "{} for order 7")).format(value), (value,))


LOOK_ALIKES: dict[str, Callable[[random.Random], Sample]] = {
    "ids of 13 to 19 digits, last four kept": _order,
    "ids of 16 digits that fail the check": _order_no_card,
    "clocks of 10 to 19 digits": _clock,
    "hashes and trace ids": _hex,
    "UUIDs": _uuid,
    "code, versions, addresses, times, sizes": _code,
    "prose and counts beside telling words": _prose,
}
"""Kind to maker; the parts of a sample are what a reader must still see."""


BAITS: dict[str, str] = {
    "one letter": "a", "addresses cut short": "a@", "domains without an end": "a@b.", "digits": "4", "groups of four digits": "4111 ", "phone beginnings": "+1 ", "token=": "token=",
    "password:": "password: ", "quotes": '"password":"\\', "URLs": "http://a:b", "user info": "://a:b@", "JWT beginnings": "eyJ", "JWT parts": "eyJabcdefghij.", "PEM beginnings": "-----BEGIN PRIVATE KEY-----",
    "cookies": "cookie: a=b; ", "cookie names": "a=b;", "angles": "<password ", "XML": "<password>", "bearers": "bearer aaaaaaaa ", "percent signs": "%40", "percent letters": "%C3%A9", "backslashes": "\\", "escapes": "\\u017e",
    "IBAN beginnings": "DE89", "IBAN groups": "DE89 3704 ", "phone keys": "phone phone: (", "name and value": 'name="password" ', "commas": "password=a,", "semicolons": "Password=a b;", "curl": "curl -u a", "slashes": "/", "dots": ".",
    "blanks": " ", "colours": "\x1b[31m", "jdbc": "jdbc:oracle:thin:a/", "zeros": "00420 ", "birth numbers": "000101/", "keys in a row": "passwordtokensecret",
}  # fmt: skip
"""Pieces that, repeated, make an expression try every way."""


def samples(kind: str, count: int, seed: int = 7) -> list[Sample]:
    """Drawn texts of one kind, the same for the same seed."""
    rng = random.Random(f"{seed}:{kind}")
    make = SECRETS.get(kind) or LOOK_ALIKES[kind]
    return [make(rng) for _ in range(count)]


def seen(sample: Sample, masked: str) -> bool:
    """Whether any part of a secret is to be seen."""
    return any(part in masked for part in sample.parts if part)


def readable(sample: Sample, masked: str) -> bool:
    """Whether every part of a look-alike is to be seen."""
    return all(part in masked for part in sample.parts)
