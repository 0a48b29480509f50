from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ailog.domain.problem import flow_of, problem_key


@pytest.mark.parametrize(
    ("app", "namespace", "expected"),
    [
        ("card-servicing-api-v1", "pcb-sit-01-app", "card_servicing"),
        ("ts-food-service", "train-ticket", "food"),
        ("bl-pcb-billing-v2", "pcb-dev-01-app", "pcb_billing"),
        ("service", "ns", "service"),
        ("", "train-ticket", "train_ticket"),
        ("", "pcb-sit-01-app", "pcb"),
        ("", "", "unknown"),
        ("Vault_Adapter.7", "x", "vault"),
        ("ledger-76f654fd45", "x", "ledger"),
    ],
)
def test_the_flow_is_the_telling_part_of_the_name(app: str, namespace: str, expected: str) -> None:
    assert flow_of(app, namespace) == expected


def test_stages_and_versions_share_a_flow() -> None:
    assert len({flow_of(f"card-opening-{s}-v{n}", "x") for s in ("dev", "sit", "uat") for n in (1, 2)}) == 1


def test_the_key_has_one_form() -> None:
    assert problem_key("network", "food", "connection_refused") == "NETWORK:food:connection_refused"
    assert problem_key("Network", "Food", "Connection Refused") == problem_key("network", "food", "connection_refused")


@pytest.mark.parametrize("parts", [("", "a", "b"), ("a", " ", "b"), ("a", "b", "--")])
def test_a_key_with_a_hole_is_refused(parts: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="has no letter or digit"):
        problem_key(*parts)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_name_gives_a_usable_key(app: str, namespace: str) -> None:
    assert re.fullmatch(r"UNKNOWN:[a-z0-9_]+:unclassified", problem_key("unknown", flow_of(app, namespace), "unclassified"))
