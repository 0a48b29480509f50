from __future__ import annotations

import pytest

from ailog.domain.environment import environment_of, family_of


@pytest.mark.parametrize(
    ("namespace", "environment", "family"),
    [
        ("pcb-sit-01-app", "sit", "pcb-*-app"),
        ("pcb-sit-02-app", "sit", "pcb-*-app"),
        ("pcb-uat-01-app", "uat", "pcb-*-app"),
        ("pcb-fat-01-app", "fat", "pcb-*-app"),
        ("pcb-dev-01-app", "dev", "pcb-*-app"),
        ("prod-orders", "prod", "*-orders"),
        ("orders.production", "prod", "orders.*"),
        ("orders_sit2", "sit", "orders_*"),
        ("Orders-PROD", "prod", "Orders-*"),
        ("orders-staging", "staging", "orders-*"),
        ("train-ticket", "unknown", "train-ticket"),
        ("latest-device", "unknown", "latest-device"),  # "test" and "dev" inside words are no stage
        ("contest", "unknown", "contest"),
        ("", "unknown", ""),
    ],
)
def test_stage_and_family_are_read_from_whole_parts_of_the_name(namespace: str, environment: str, family: str) -> None:
    assert environment_of(namespace) == environment
    assert family_of(namespace) == family
