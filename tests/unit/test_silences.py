from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.support.incident_rows import OPENED, incident

from ailog.domain.silences import Silence, hiding, problems

SILENCE = Silence(1, "TIMEOUT:*", "pcb-*", frozenset(), "high", "anna", "load test", OPENED, OPENED + timedelta(hours=4))
LATER = OPENED + timedelta(hours=1)

CASES: list[tuple[str, Silence, dict[str, Any], timedelta, bool]] = [
    ("problem and namespace match", SILENCE, {}, timedelta(hours=1), True),
    ("another problem", SILENCE, {"problem_key": "MEMORY:a:b"}, timedelta(hours=1), False),
    ("another namespace", SILENCE, {"namespace": "pca-sit-01-app"}, timedelta(hours=1), False),
    ("graver than it was made for", SILENCE, {"severity": "critical"}, timedelta(hours=1), False),
    ("as grave", SILENCE, {"severity": "high"}, timedelta(hours=1), True),
    ("made for the gravest", replace(SILENCE, up_to="critical"), {"severity": "critical"}, timedelta(hours=1), True),
    ("in its first moment", SILENCE, {}, timedelta(), True),
    ("expired to the moment", SILENCE, {}, timedelta(hours=4), False),
    ("a moment before", SILENCE, {}, timedelta(hours=4, seconds=-1), True),
    ("not begun", SILENCE, {}, timedelta(seconds=-1), False),
    ("its only fingerprint", replace(SILENCE, fingerprints=frozenset({"00112233aabbccdd"})), {}, timedelta(hours=1), True),
    (
        "a fingerprint among others that are not meant",
        replace(SILENCE, fingerprints=frozenset({"00112233aabbccdd"})),
        {"fingerprints": ["00112233aabbccdd", "ffff000011112222"]},
        timedelta(hours=1),
        False,
    ),
    (
        "no fingerprint at all",
        replace(SILENCE, fingerprints=frozenset({"00112233aabbccdd"})),
        {"fingerprints": []},
        timedelta(hours=1),
        False,
    ),
    ("a set of characters matches", replace(SILENCE, namespace="pcb-[x]"), {"namespace": "pcb-x"}, timedelta(hours=1), True),
]


@pytest.mark.parametrize(("silence", "row", "after", "hidden"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_silence_hides_what_it_names_and_nothing_else(silence: Silence, row: dict[str, Any], after: timedelta, hidden: bool) -> None:
    assert silence.hides(incident(**row), OPENED + after) is hidden


def test_of_several_silences_the_one_that_lasts_longest_is_named() -> None:
    longer = replace(SILENCE, silence_id=2, expires_at=SILENCE.expires_at + timedelta(hours=1))
    assert hiding([SILENCE, longer], incident(), LATER) is longer
    assert hiding([SILENCE, longer], incident(severity="critical"), LATER) is None


ASKED = {
    "problem_key": "TIMEOUT:*",
    "namespace": "*",
    "fingerprints": [],
    "up_to": "high",
    "owner": "anna",
    "reason": "load test",
    "expires_at": LATER,
}
WRONG = [
    ("everything", {"problem_key": "*"}, "would hide everything"),
    ("no reason", {"reason": "  "}, "must know why"),
    ("no owner", {"owner": ""}, "whom to ask"),
    ("over already", {"expires_at": OPENED}, "over already"),
    ("too long", {"expires_at": OPENED + timedelta(days=31)}, "longer than 30 d (notify.silence_max_days)"),
]


@pytest.mark.parametrize(("changes", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_silence_needs_an_aim_a_reason_an_owner_and_an_end(changes: dict[str, Any], said: str) -> None:
    assert problems(ASKED, OPENED, timedelta(days=30)) == []
    (wrong,) = problems({**ASKED, **changes}, OPENED, timedelta(days=30))
    assert said in wrong
