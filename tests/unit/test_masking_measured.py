"""How much is found and how much is left readable, on drawn texts of many programs."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from tests.support.masking_data import BAITS, LOOK_ALIKES, SECRETS, readable, samples, seen

from ailog.domain.fingerprint import Miner, fingerprints
from ailog.domain.masking import mask, mask_text

COUNT = 1_000


def _masked(texts: list[str]) -> list[str]:
    return mask(pa.array(texts, pa.string())).to_pylist()


@pytest.mark.parametrize("kind", SECRETS)
def test_of_every_kind_of_secret_99_percent_are_found(kind: str) -> None:
    drawn = samples(kind, COUNT)
    missed = [s.text for s, m in zip(drawn, _masked([s.text for s in drawn]), strict=True) if seen(s, m)]
    assert len(missed) <= COUNT // 100, missed[:5]


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_look_alikes_stay_readable(kind: str) -> None:
    drawn = samples(kind, COUNT)
    lost = [(s.text, m) for s, m in zip(drawn, _masked([s.text for s in drawn]), strict=True) if not readable(s, m)]
    assert lost == []


@pytest.mark.parametrize("kind", [*SECRETS, *LOOK_ALIKES])
def test_a_masked_text_is_left_alone_and_a_text_is_masked_as_in_a_column(kind: str) -> None:
    texts = [s.text for s in samples(kind, 400, seed=11)]
    once = _masked(texts)
    assert _masked(once) == once
    assert [mask_text(text) for text in texts] == once


@pytest.mark.parametrize(
    "template",
    [
        "Payment for card {card} refused by issuer",
        "Payment of order {card} could not be booked",
        "Transfer to {iban} rejected: account closed",
        "Mail to {email} could not be sent: mailbox full",
        "SMS to {phone} not delivered by the gateway",
        "Token {jwt} rejected: wrong issuer",
        "Login of user app with password={password} failed",
        "Cannot connect to amqp://app:{password}@mq:5672/x: connection refused",
        "Access key {aws} does not exist",
        '{{"error":"refused","pan":"{card}","mail":"{email}"}}',
    ],
)
def test_one_problem_with_other_values_keeps_its_fingerprint(template: str) -> None:
    rng = random.Random(5)
    texts = [template.format(**_values(rng)) for _ in range(200)]
    masked = _masked(texts)
    assert not set(texts) & set(masked) or "order" in template, "all but order numbers that fail the check are masked"
    assert len(set(fingerprints(masked))) == 1
    assert len(set(Miner().encode_texts(pa.array(masked)).tolist())) == 1, "already at the first level"


def test_an_order_number_that_passes_the_check_by_chance_shares_the_fingerprint_of_the_others() -> None:
    rng = random.Random(9)
    texts = [f"Order 4{rng.randrange(10**14, 10**15)} could not be booked" for _ in range(300)]
    masked = _masked(texts)
    hidden = [m for t, m in zip(texts, masked, strict=True) if t != m]
    assert 10 <= len(hidden) <= 60
    assert all(m.startswith("Order ****") for m in hidden)
    assert len(set(fingerprints(masked))) == 1


def _values(rng: random.Random) -> dict[str, str]:
    from tests.support import masking_data as data

    return {
        "card": data.grouped(rng, data.card(rng)),
        "iban": data.iban(rng),
        "email": f"ann.lee{rng.randint(1, 10**6)}@{rng.choice(('bank.example', 'mail.example.org'))}",
        "phone": f"+{rng.choice(('420', '421'))} {rng.randint(200, 999)} {rng.randint(100, 999)} {rng.randint(100, 999)}",
        "jwt": data.jwt(rng),
        "password": data.secret(rng),
        "aws": rng.choice(("AKIA", "ASIA")) + data.drawn(rng, "ABCDEFGHIJKLMNOP234567", 16),
    }


@pytest.mark.parametrize("name", BAITS)
def test_a_string_made_to_hang_an_expression_is_masked_to_its_end(name: str) -> None:
    piece = BAITS[name]
    bait = piece * (100_000 // len(piece)) + "\n password=Xy12345678 end"
    masked = _masked([bait])[0]
    assert "Xy12345678" not in masked
    assert len(masked) <= 2 * len(bait)
