"""Rules for secrets: private keys, passwords in URLs, credentials in headers, tokens that show themselves, and values of telling keys.

Sources: JWT RFC 7519, Bearer RFC 6750, Basic RFC 7617, cookies RFC 6265, PEM RFC 7468; the forms of vendors' keys as their
documentation gives them.
"""

from __future__ import annotations

import re
from typing import Final

from ailog.domain.masking_rules import EDGE, MASK, MASKED, QUOTE, START, Group, rule

_PEM: Final = re.compile(
    r"-----BEGIN ([A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?)-----.*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)", re.DOTALL
)
_AFTER_HOST: Final = r"(?=[\w.\[\]:,%~-]*(?:[/?#](?![^\s\"'<>]{0,300}[^/\s]@)|[;)\]}>\s\\\"&|$]|'(?![A-Za-z0-9])|\Z))"
_URL_PASSWORD: Final = re.compile(
    r"(:\\?/\\?/[^\s/:\"'<>]{0,100}):(?![0-9]{1,5}[/?#])"
    rf"((?:(?!://)[^\s/\"'<>]){{1,300}}@{_AFTER_HOST}|(?:(?!://)[^\s\"<>]){{1,300}}@)"
)
"""A password up to the last @ before the host; only one with a slash or a quote in it reaches further."""
_URL_TOKEN: Final = re.compile(r"(://)(?=[^\s@]{0,200}[0-9])[A-Za-z0-9_.~%-]{20,200}@")
_ENCODED_URL: Final = re.compile(r"(%3A%2F%2F[^\s%&/]{0,100}%3A)[^\s&/]{1,300}?(%40)", re.IGNORECASE)
_ORACLE: Final = re.compile(r"(jdbc:oracle:\w{1,8}:[^\s/@]{1,100}/)[^\s@]{1,200}(@)")

_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}=*(?<!\.)")

_SCHEME: Final = re.compile(
    r"(?<![A-Za-z0-9])(bearer|basic|negotiate|ntlm|apikey|api-key)((?:[ :=]|%20|\\?[\"']){1,3})([A-Za-z0-9._~+/-]{8,}={0,3})", re.IGNORECASE
)
_HEADER: Final = re.compile(
    rf"(authorization{QUOTE}?[ \t]{{0,3}}(?:=>|[:=])[ \t]{{0,3}}\[?{QUOTE}?(?:[A-Za-z][\w-]{{1,20}}(?:[ ]{{1,3}}|%20))?)"
    r"([^\s\"',;&\\\])}]{4,})",
    re.IGNORECASE,
)
_COOKIES: Final = re.compile(
    rf"((?:set-)?cookie2?{QUOTE}?[ \t]{{0,3}}(?:=>|[:=])[ \t]{{0,3}}\[?{QUOTE}?)([\w.$%!#*~^|-]{{1,80}}=[^\s;,\"'\\\])}}]*"
    r"(?:;[ \t]?[\w.$%!#*~^|-]{1,80}(?:=[^\s;,\"'\\\])}]*)?)*)",
    re.IGNORECASE,
)
_COOKIE: Final = re.compile(
    r"(?<![\w.-])(?!(?:path|domain|expires|max-age|samesite|priority)=)([\w.$%!#*~^|-]{1,80})=[^;\s]+", re.IGNORECASE
)

_PASSWORD_KEYS: Final = (
    rf"passwords?|passwds?|passphrase|passcode|passwort|(?:{START}|(?-i:(?<=[a-z])(?=[A-Z])))(?:pass|pw|psw|otp|pin(?:code)?|cvv2?|cvc2?)"
    r"|pwd|heslo|kennwort|secret(?:s|key)?|credentials?|(?:api|access|private|account|signing|encryption|master|subscription|storage)"
    r"[ _.-]?key"
)
_TOKEN_KEYS: Final = (
    r"token|jsessionid|phpsessid|sess(?:ion)?[ _.-]?(?:id|key|token)|connect\.sid|set-cookie|cookies?|authorization|x-?auth|csrf|xsrf"
    rf"|{START}(?:session|sid|sig|jwt|auth|nonce)|signature|x-amz-credential"
)
_META: Final = (
    r"(?!s?[_.-]?(?:types?|counts?|length|len|size|expir\w*|ttl|timeout|age|attempts?|retries|policy|fields?|names?|urls?|uri|endpoint|path"
    r"|files?|encoder|provider|manager|services?|filter|store|domain|limit|usage|valid\w*|status|state|errors?|required|enabled|version|format"
    r"|algorithm|alg|issuer|scope|ref|class|mode|strength|changed|updated|created|at|index|pos(?:ition)?|line|column|kind)(?-i:(?![a-z])))"
)
"""What follows a key that speaks about a secret instead of holding it: ``token_type``, ``passwordLength``, ``secretName``."""
_KEY: Final = rf"(?:(?P<password>{_PASSWORD_KEYS})|(?P<token>{_TOKEN_KEYS}))(?-i:(?![a-z])){_META}[\w-]{{0,20}}"
_BARE: Final = (
    r"(?:[^\s,;&<>(){}\[\]\"'\\]|,(?!\s|\Z|\\{0,3}[\"']?[\w.-]{1,40}\\{0,3}[\"']?[=:])|;(?!\s|\Z|[\w .-]{1,40}=)"
    r"|&(?!quot;|[\w.%\[\]-]{1,40}=|\s|\Z)"
    r"|[)\]}](?![\s,;:.)\]}\"'<]|\Z)|[(\[{]|[\"'](?=[^\s,;:.)\]}>\\&<\"'])|\\(?![nrt\"'\\u])|>(?!\s|\Z|<)|<(?![/A-Za-z!?]))+"
)
"""A value without quotes up to its end; a sign that could end it belongs to it when what follows shows that it goes on."""
_KEYED: Final = re.compile(
    rf"(?P<head>{_KEY}{QUOTE}?\]?[ \t]{{0,3}}(?P<sep>=>|:=|->|:(?!//)|=(?!=)|%3D)[ \t]{{0,3}}\[?)"
    rf"(?:(?P<open>{QUOTE})(?P<quoted>(?:(?!(?P=open))(?:\\{{3}}[\"']|\\.|[^\n\\]))+)(?P<close>(?P=open)|(?=\n)|\Z)"
    rf"|(?P<braced>\{{[^{{}}\n]{{1,300}}\}})(?=;)|(?P<bare>{_BARE}))",
    re.IGNORECASE,
)
_CONNECTION: Final = re.compile(
    rf"(?P<head>(?:{_PASSWORD_KEYS})(?-i:(?![a-z]))[ ]?=[ ]?)(?P<value>[^;\n\"'{{}}]{{1,120}}?)"
    r"(?=;(?:[ ]?[A-Za-z][\w ]{0,30}=|[\"'\n]|\Z))",
    re.IGNORECASE,
)
"""In a connection string a value reaches to the semicolon, blanks and all."""
_SAID: Final = re.compile(
    rf"({START}(?:password|passwd|pwd|identified by)[ ]{{1,3}})(\\?[\"'])([^\s\"'\\]{{1,200}})(\\?[\"'])", re.IGNORECASE
)
_OPTION: Final = re.compile(
    rf"(--?(?:[\w-]{{0,30}}-)?(?:password|passwd|pass|secret|token|api-key|apikey)[ ]{{1,3}})({_BARE})", re.IGNORECASE
)
_CURL_USER: Final = re.compile(r"(\bcurl\b[^\n]{0,300}? (?:-u|--user)[ ]{1,3}[\"']?[^\s:\"']{1,100}:)([^\s\"']{1,200})")
_PAIR: Final = re.compile(
    rf"((?:key|name){QUOTE}?[ \t]{{0,3}}[:=][ \t]{{0,3}}(?P<a>{QUOTE})[\w.:-]{{0,60}}?"
    r"(?:password|passwd|pwd|secret|api[_-]?key|token|authorization)"
    rf"[\w.-]{{0,20}}(?P=a),?\s{{0,3}}{QUOTE}?value{QUOTE}?[ \t]{{0,3}}[:=][ \t]{{0,3}}(?P<b>{QUOTE}))((?:(?!(?P=b))[^\n]){{1,2000}})",
    re.IGNORECASE,
)
_XML: Final = re.compile(
    r"((?:<|&lt;)(?:\w{1,20}:)?\w{0,20}(?:password|passwd|passphrase|pwd|secret|api_?key|access_?key|private_?key|token|sessionid|cvv2?|cvc2?|otp|heslo)"
    r"\w{0,20}(?: [^<>]{0,300})?(?<!/)(?:>|&gt;)(?:<!\[CDATA\[)?)([^<&]{1,2000})(?=<|&lt;|\]\]>|&|\Z)",
    re.IGNORECASE,
)

_AWS: Final = re.compile(rf"{EDGE}(AKIA|ASIA|AROA|AIDA|AGPA|ABIA|ACCA)[A-Z0-9]{{12}}([A-Z0-9]{{4}})(?![A-Za-z0-9])")
_VENDOR: Final = re.compile(
    rf"{EDGE}(gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|AIza|[sr]k_(?:live|test)_|sk-(?:proj-|ant-)?|npm_|hvs\.|ya29\.|SG\.|dop_v1_|pypi-)"
    r"(?=[A-Za-z_.-]{0,200}[0-9])[A-Za-z0-9_.-]{16,}"
)

_PLAIN: Final = frozenset(
    "null none nil true false undefined empty missing expired invalid yes no wrong required incorrect mismatch rejected failed not is must "
    "cannot should was has and or unknown unset set given changed string bearer basic present absent denied n/a redacted hidden masked "
    "authentication incorrectly blank ok error optional bad disabled enabled sha256 sha512 sha1 md5 rs256 hs256 hmac".split()
)
"""Words that stand in the place of a secret and are none."""


def _random(value: str) -> bool:
    """Whether a value looks drawn: a digit, a sign inside, or capitals after small letters."""
    bare = value.rstrip(".:!?")
    return bool(re.search(r"[0-9=_~+/]|[^\W\d_][.-][^\W\d_]|[a-z][A-Z]", bare)) and bool(re.search(r"[0-9A-Za-z]", bare))


def _scheme(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{MASK}" if _random(match[3]) else match[0]


def _header(match: re.Match[str]) -> str:
    return match[1] + MASK if MASKED not in match[2] and _random(match[2]) else match[0]


def _cookies(match: re.Match[str]) -> str:
    return match[1] + _COOKIE.sub(rf"\1={MASK}", match[2])


def _is_secret(value: str, *, token: bool) -> bool:
    bare = value.strip("([{<. \t").rstrip(".:!?,)]}>")
    if MASKED in value or not bare or bare.lower() in _PLAIN or value.startswith(("${", "{{", "%(", "%s", "$(", "#{", "*")):
        return False
    if bare.isdigit() and len(bare) < 3:
        return False  # "pass: 5"
    if not token:
        return True
    # Parsers speak of tokens too ("token: FROM", "token=5"): a drawn one is longer, or shows it.
    if bare.isdigit():
        return len(bare) >= 6
    return len(bare) >= 6 and (not bare.isalpha() or (len(bare) >= 8 and not bare.isupper()))


def _keyed(match: re.Match[str]) -> str:
    token = match["token"] is not None
    quoted = match["quoted"]
    if quoted is not None:
        return f"{match['head']}{match['open']}{MASK}{match['close']}" if _is_secret(quoted, token=token) else match[0]
    value = match["braced"] or match["bare"]
    if not _is_secret(value, token=token):
        return match[0]
    if match["sep"] == ":" and value.rstrip(".:!?").isalpha() and not _stands_alone(match):
        return match[0]  # "password: authentication failed" is prose
    # A comma may belong to a password; of a token, or after a colon, it begins the next field.
    rest = value[value.index(",") :] if "," in value and (token or match["sep"] == ":") else ""
    return match["head"] + MASK + rest


def _connection(match: re.Match[str]) -> str:
    return match["head"] + MASK if _is_secret(match["value"], token=False) else match[0]


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether nothing but the end of the line or of a structure follows, as in YAML."""
    after = match.string[match.end() : match.end() + 2]
    return after[:1] in {"", "\n", "\r", ",", "}", ")", "]", ";", '"', "'", "\\", "&", "<"} or match["head"].endswith(":")


def _xml(match: re.Match[str]) -> str:
    return match[1] + MASK if match[2].strip() and match[2].strip().lower() not in _PLAIN and MASKED not in match[2] else match[0]


def _said(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{MASK}{match[4]}" if _is_secret(match[3], token=False) else match[0]


def _option(match: re.Match[str]) -> str:
    return match[1] + MASK if _is_secret(match[2], token=True) else match[0]


_WORDS: Final = (
    "pass|pwd|psw|pw|otp|pin|cvv|cvc|heslo|kennwort|secret|credential|key|token|sess|sid|cookie|auth|csrf|xsrf|sig|jwt|nonce|phpsess"
)
_ASSIGNED: Final = rf"(?i:{_WORDS})[\w.\-\"'\\&;%\]#]*[ \t]*(?:[:=]|->|%3)"
_SCHEME_GATE: Final = r"(?i:bearer|basic|negotiate|ntlm|api-?key)[ :=%\"'\\]"
_SAID_GATE: Final = "(?i:password|passwd|pwd|identified by) +\\\\?[\"']"
_OPTION_GATE: Final = "-(?i:password|passwd|pass|secret|token|api-?key) "
_XML_GATE: Final = r"(?:<|&lt;)[\w:]*(?i:passw|passphrase|pwd|secret|key|token|sessionid|cvv|cvc|otp|heslo)[^<>\n]*(?:>|&gt;)"
_VENDOR_GATE: Final = (
    r"gh[pousr]_[A-Za-z0-9]{16}|github_pat_|glpat-|xox[abeoprs]-|AIza|[sr]k_(?:live|test)_|sk-[A-Za-z0-9_.-]{16}|npm_[A-Za-z0-9]{16}|hvs\.|ya29\."
    r"|SG\.[A-Za-z0-9_.-]{16}|dop_v1_|pypi-[A-Za-z0-9_.-]{16}|(?:AKIA|ASIA|AROA|AIDA|AGPA|ABIA|ACCA)[A-Z0-9]{16}"
)

SECRET_GROUPS: Final[tuple[Group, ...]] = (
    Group(
        r":\\?/\\?/\S*@|%3[Aa]%2[Ff]|jdbc:oracle|-----BEGIN|eyJ",
        (
            rule("-----BEGIN [A-Z0-9 ]*PRIVATE", _PEM, rf"-----\1 {MASK}-----"),
            rule(r":\\?/\\?/\S*@", _URL_PASSWORD, rf"\1:{MASK}@"),
            rule(r"://[A-Za-z0-9_.~%-]{20,}@", _URL_TOKEN, rf"\1{MASK}@"),
            rule("(?i:%3a%2f%2f)", _ENCODED_URL, rf"\1{MASK}\2"),
            rule("jdbc:oracle:", _ORACLE, rf"\1{MASK}\2"),
            rule("eyJ", _JWT, f"eyJ{MASK}"),
        ),
    ),
    Group(
        f"{_ASSIGNED}|{_SCHEME_GATE}|{_SAID_GATE}|{_OPTION_GATE}|{_XML_GATE}|{_VENDOR_GATE}|curl",
        (
            rule(_SCHEME_GATE, _SCHEME, _scheme),
            rule("(?i:authorization)", _HEADER, _header),
            rule("(?i:cookie)", _COOKIES, _cookies),
            rule("=[^\n]*;", _CONNECTION, _connection),
            rule(_ASSIGNED, _KEYED, _keyed),
            rule(_SAID_GATE, _SAID, _said),
            rule(_OPTION_GATE, _OPTION, _option),
            rule("curl", _CURL_USER, rf"\1{MASK}"),
            rule("(?i:value)", _PAIR, rf"\1{MASK}"),
            rule(_XML_GATE, _XML, _xml),
            rule(_VENDOR_GATE, _AWS, r"\1****\2"),
            rule(_VENDOR_GATE, _VENDOR, rf"\1{MASK}"),
        ),
    ),
)
