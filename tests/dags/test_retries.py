"""The error families decide what Airflow tries again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ailog import errors

pytestmark = [pytest.mark.airflow, pytest.mark.usefixtures("airflow_home")]


def decide(error: BaseException) -> Any:
    from ailog.orchestration.retries import retry_policy

    return retry_policy().evaluate(exception=error, try_number=1, max_tries=3, context=None)


FAMILIES = {
    errors.ConfigError: "fail",
    errors.TransientError: "retry",
    errors.PermanentError: "fail",
}


@pytest.mark.parametrize("kind", [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, tuple(FAMILIES))])
def test_every_error_follows_its_family(kind: type[Exception]) -> None:
    expected = next(action for family, action in FAMILIES.items() if issubclass(kind, family))
    assert decide(kind("x")).action.value == expected


@pytest.mark.parametrize("error", [KeyError("x"), RuntimeError("x"), MemoryError()])
def test_what_belongs_to_no_family_follows_the_number_of_retries(error: BaseException) -> None:
    assert decide(error).action.value == "default"


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(45.0, timedelta(seconds=45)), (0.2, timedelta(seconds=1)), (86400.0, timedelta(minutes=10)), (None, None)],
)
def test_the_wait_that_the_other_side_asks_for_is_kept_within_reason(asked: float | None, waits: timedelta | None) -> None:
    decision = decide(errors.RateLimited("too many requests", retry_after=asked))
    assert (decision.action.value, decision.retry_delay) == ("retry", waits)


def test_the_policy_survives_the_serialisation_of_a_dag() -> None:
    from airflow.sdk import ExceptionRetryPolicy

    from ailog.orchestration.retries import retry_policy

    read = ExceptionRetryPolicy.deserialize(retry_policy().serialize())
    assert read.evaluate(errors.AuthFailed("x"), 1, 3).action.value == "fail"
