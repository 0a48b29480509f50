"""Takes secrets and personal data out of texts before anything is stored.

One RE2 pass over the column finds the few texts that could hold something; only the distinct ones among them are looked at in
Python. A mask keeps what a reader needs to tell two values apart (the last four characters of a card or account number, the
country of an IBAN, the domain of an address) and nothing else. Its form tells the kind, and it always holds ``**``, which the
templates take for a value: the same problem has the same fingerprint whatever was masked, and an order number that passes for a card
by chance shares the fingerprint of those that do not.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ailog.domain.masking_personal import PERSONAL_GROUPS, iban_valid, luhn
from ailog.domain.masking_rules import MASK, Group, Rule
from ailog.domain.masking_secrets import SECRET_GROUPS

_GROUPS: Final[tuple[Group, ...]] = (*SECRET_GROUPS, *PERSONAL_GROUPS)
_CANDIDATE: Final = "|".join(f"(?:{group.gate})" for group in _GROUPS)
"""What a text must hold to be looked at: the gate of any group."""


def mask(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The column with secrets and personal data replaced; same type and length, nulls stay null. Idempotent.

    Masked, and what it looks like: card numbers of a scheme's prefix and length that pass the Luhn check or follow a telling key
    (``****1111``), IBANs of a known country that pass theirs (``DE****3000``), e-mail addresses (``***@domain``), phone numbers
    after ``+``, ``00`` or a telling key (``+***56``), Czech birth numbers with slash and check or key (``****/**34``), US social
    security numbers after a key (``***-**-1234``), JSON web tokens, cut ones too (``eyJ***``), private keys
    (``-----PRIVATE KEY ***-----``), AWS key ids (``AKIA****WXYZ``), tokens with a vendor's prefix (``ghp_***``), and ``***`` for
    bearer and basic credentials, passwords in URLs, cookies, and what a key such as ``password`` or ``token`` holds in
    ``key=value``, ``key: value``, JSON, XML, connection strings and command lines.

    Not masked: ``user@host`` without a domain's ending and ``git@host.org`` (they name no person), names of users in URLs.
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
    for group in _GROUPS:
        inside = pc.match_substring_regex(texts, group.gate)
        if pc.any(inside).as_py():
            texts = pc.replace_with_mask(texts, inside, _by_rules(texts.filter(inside), group.rules))
    return pc.replace_with_mask(column, hit, texts.take(candidates.indices))


def _by_rules(texts: pa.Array, rules: tuple[Rule, ...]) -> pa.Array:
    for rule in rules:
        open_to = pc.match_substring_regex(texts, rule.gate)
        if pc.any(open_to).as_py():
            changed = [rule.apply(text) for text in texts.filter(open_to).to_pylist()]
            texts = pc.replace_with_mask(texts, open_to, pa.array(changed, texts.type))
    return texts


def mask_text(text: str) -> str:
    """One text with the same rules; time is linear in its length."""
    for group in _GROUPS:
        for rule in group.rules:
            text = rule.apply(text)
    return text


__all__ = ["MASK", "iban_valid", "luhn", "mask", "mask_text"]
