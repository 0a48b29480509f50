"""Which errors Airflow tries again: the error families, mapped once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryDecision, RetryRule

from ailog.errors import ConfigError, PermanentError, TransientError

_LONGEST_WAIT = timedelta(minutes=10)

RULES = [
    RetryRule(exception=ConfigError, action=RetryAction.FAIL, reason="the configuration must be mended first"),
    RetryRule(exception=PermanentError, action=RetryAction.FAIL, reason="another try would fail in the same way"),
    RetryRule(exception=TransientError, action=RetryAction.RETRY, reason="worth another try"),
]


class FamilyRetryPolicy(ExceptionRetryPolicy):
    """Fails at once what a person must mend, repeats what may pass, and waits as long as the other side asked.

    What belongs to no family (a killed worker, a defect) follows the task's own number of retries.
    """

    def evaluate(self, exception: BaseException, *args: Any, **kwargs: Any) -> RetryDecision:
        """The decision for one failure; see ``RetryPolicy.evaluate``."""
        if isinstance(exception, TransientError) and exception.retry_after:
            delay = min(timedelta(seconds=max(exception.retry_after, 1)), _LONGEST_WAIT)
            return RetryDecision.retry(delay=delay, reason=f"the other side asked for {exception.retry_after:g} s")
        return super().evaluate(exception, *args, **kwargs)


def retry_policy() -> FamilyRetryPolicy:
    """The policy of every task."""
    return FamilyRetryPolicy(rules=RULES, default=RetryAction.DEFAULT)
