"""The labelled scenarios and the scorer that detectors are measured by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.bench import detection
from tests.bench.detection_events import KINDS, TRUTH_ERRORS, TRUTH_SD
from tests.bench.detection_scenarios import EXAM_SEEDS, SHIFT_NEUTRAL, STEP, Scenario, scenario
from tests.bench.detection_score import pooled, score
from tests.bench.detection_simple import RULES
from tests.bench.detection_styles import PROFILES, STYLES

START = pd.Timestamp("2026-03-02T00:00Z")
_WINDOWS = 10 * 96


@pytest.fixture(scope="module", params=sorted(STYLES))
def drawn(request: pytest.FixtureRequest) -> Scenario:
    """A whole scenario of each style."""
    return scenario(7, request.param)


def _at(window: int) -> pd.Timestamp:
    return START + window * STEP


def _event(
    start: int, end: int, kind: str = "burst", *, namespace: str = "a", truth: bool = True, lasting: bool = False
) -> dict[str, object]:
    until = min(end, start + 96) if lasting else end
    return {
        "namespace": namespace, "profile": "medium", "kind": kind, "start": _at(start), "end": _at(end), "hit_until": _at(min(end, start + 64)),
        "neutral_until": _at(until), "factor": 4.0, "peak_sd": 8.0, "peak_errors": 20.0, "expected_sd": 8.0, "lasting": lasting, "truth": truth,
    }  # fmt: skip


def _events(*events: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(events, columns=list(_event(0, 1)))


def _verdicts(*flags: int, namespace: str = "a", missing: tuple[int, ...] = ()) -> pd.DataFrame:
    windows = [window for window in range(_WINDOWS) if window not in missing]
    flagged = np.isin(windows, flags)
    return pd.DataFrame({"namespace": namespace, "window_start": [_at(window) for window in windows], "flagged": flagged})


def test_the_same_seed_gives_the_same_scenario_and_another_one_another() -> None:
    first, second, other = scenario(3, namespaces=6), scenario(3, namespaces=6), scenario(4, namespaces=6)
    for part in ("history", "live", "events", "means", "parameters"):
        pd.testing.assert_frame_equal(getattr(first, part), getattr(second, part))
    assert not first.history.equals(other.history)


def test_counts_are_whole_and_not_negative_and_name_each_window_once(drawn: Scenario) -> None:
    for part in (drawn.history, drawn.live):
        assert part["count"].dtype.kind == "i"
        assert part["count"].min() >= 0
        assert not part.duplicated(["namespace", "window_start"]).any()
        assert (part["window_start"] == part["window_start"].dt.floor("15min")).all()
    assert drawn.history["window_start"].max() < drawn.live["window_start"].min()


def test_windows_are_missing_but_most_were_read(drawn: Scenario) -> None:
    wanted = 36 * 6 * 7 * 96
    assert 0.85 * wanted < len(drawn.live) < wanted
    assert len(drawn.means) == wanted


def test_every_profile_and_every_kind_of_event_is_there(drawn: Scenario) -> None:
    assert set(drawn.profiles.values()) == set(PROFILES)
    assert set(drawn.events.loc[drawn.events["truth"], "kind"]) == set(KINDS)
    assert 350 < drawn.events["truth"].sum() < 550


def test_truth_is_never_under_three_deviations_nor_three_errors(drawn: Scenario) -> None:
    truth = drawn.events[drawn.events["truth"]]
    assert truth[["peak_sd", "expected_sd"]].min().min() > TRUTH_SD
    assert truth["peak_errors"].min() >= TRUTH_ERRORS
    for event in truth.sample(30, random_state=1).itertuples():
        live = drawn.live[(drawn.live["namespace"] == event.namespace) & drawn.live["window_start"].between(event.start, event.end - STEP)]
        assert len(live), "an event that nobody read is no truth"
        assert live["count"].max() >= TRUTH_ERRORS


def test_events_of_a_namespace_stay_apart_and_inside_the_live_part(drawn: Scenario) -> None:
    truth = drawn.events[drawn.events["truth"] & ~drawn.events["lasting"]]
    before = truth.groupby("namespace")["end"].shift()
    assert ((truth["start"] - before).dropna() >= pd.Timedelta(hours=6)).all()
    assert (truth["start"] >= drawn.live["window_start"].min()).all()
    assert (truth["end"] > truth["start"]).all()


def test_a_lasting_shift_is_excused_for_a_day_and_every_other_event_to_its_end(drawn: Scenario) -> None:
    shifts = drawn.events[drawn.events["lasting"]]
    assert (shifts["neutral_until"] <= shifts["start"] + SHIFT_NEUTRAL).all()
    others = drawn.events[~drawn.events["lasting"]]
    assert (others["neutral_until"] == others["end"]).all()


def test_the_rhythm_follows_local_time_over_the_clock_change() -> None:
    one = scenario(5, "exam", namespaces=24)
    means = one.means[one.means["namespace"].map(one.profiles).isin(["medium", "high", "busy"])]
    local = means["window_start"].dt.tz_convert(one.timezone)
    shift = (local.dt.tz_localize(None) - means["window_start"].dt.tz_localize(None)).dt.total_seconds()
    assert shift.nunique() == 2, "this seed has its clock change in the live part"
    hours = means.assign(hour=local.dt.hour, utc=means["window_start"].dt.hour, shift=shift)

    def moved(column: str) -> float:
        rhythm = hours.pivot_table(index=column, columns="shift", values="mean")
        return float((rhythm / rhythm.mean()).diff(axis=1).iloc[:, 1].abs().mean())

    assert moved("hour") < 0.5 * moved("utc")


@pytest.mark.parametrize("seed", range(8))
def test_a_clock_change_lies_in_every_scenario_and_the_live_part_starts_at_local_midnight(seed: int) -> None:
    one = scenario(seed, namespaces=2, history_weeks=4, live_weeks=6)
    first, last = one.means["window_start"].min().tz_convert(one.timezone), one.means["window_start"].max().tz_convert(one.timezone)
    assert (first.hour, first.minute) == (0, 0)
    assert (first - pd.Timedelta(days=8)).utcoffset() != last.utcoffset()


@pytest.mark.parametrize(
    ("flags", "hits", "false", "delay"),
    [
        ((10,), 1, 0, 0.0),
        ((13,), 1, 0, 3.0),
        ((17,), 1, 0, 7.0),  # the end is exclusive at 16, two windows of grace
        ((18,), 0, 1, None),
        ((9,), 0, 1, None),  # before the onset
        ((8, 10), 1, 0, 0.0),  # one alarm that runs into the event
        ((), 0, 0, None),
        ((10, 14), 1, 0, 0.0),
        ((50, 52, 54), 0, 1, None),  # two windows apart: one alarm
        ((50, 53), 0, 2, None),
        ((12, 50), 1, 1, 2.0),
    ],
)
def test_an_event_is_hit_late_or_missed_and_alarms_merge(flags: tuple[int, ...], hits: int, false: int, delay: float | None) -> None:
    found = score(_events(_event(10, 16)), _verdicts(*flags))
    assert (found.hits, found.false_alarms) == (hits, false)
    assert found.recall == hits
    assert found.precision == (hits / (hits + false) if hits + false else 1.0)
    assert found.delay == delay if delay is not None else np.isnan(found.delay)
    assert found.false_per_day == pytest.approx(false / 10)


def test_a_window_that_was_not_read_delays_nobody() -> None:
    assert score(_events(_event(10, 16)), _verdicts(13, missing=(10, 11))).delay == 1.0


def test_one_alarm_over_two_events_hits_both_and_fragments_hit_once() -> None:
    both = score(_events(_event(10, 12), _event(14, 16)), _verdicts(*range(11, 15)))
    assert (both.hits, both.false_alarms, len(both.alarms)) == (2, 0, 1)
    pieces = score(_events(_event(10, 40)), _verdicts(10, 20, 30))
    assert (pieces.hits, pieces.false_alarms, pieces.precision) == (1, 0, 1.0)


def test_an_alarm_on_what_is_not_truth_is_neither_hit_nor_false() -> None:
    found = score(_events(_event(10, 16, truth=False), _event(10, 16, namespace="b")), _verdicts(11))
    assert (found.hits, found.false_alarms, found.events) == (0, 0, 1)
    assert found.alarms["outcome"].tolist() == ["neutral"]


def test_flags_of_another_namespace_hit_nothing() -> None:
    found = score(_events(_event(10, 16)), pd.concat([_verdicts(), _verdicts(11, namespace="b")]))
    assert (found.hits, found.false_alarms) == (0, 1)


@pytest.mark.parametrize(
    ("flags", "false"),
    [
        (range(100, 200), 1),  # the day after the onset is excused, then its rest is false
        (range(100, 300), 2),  # once a day: 196-291, 292-299
        (range(100, 190), 0),
        ((100, 400, 410, 430), 1),  # 388-483 is one of its days
        ((100, 400, 500), 2),
    ],
)
def test_a_lasting_shift_is_reported_once_not_for_ever(flags: tuple[int, ...], false: int) -> None:
    found = score(_events(_event(100, _WINDOWS, "level_shift", lasting=True)), _verdicts(*flags))
    assert (found.hits, found.false_alarms) == (1, false)


def test_a_shift_found_too_late_is_missed() -> None:
    found = score(_events(_event(100, _WINDOWS, "level_shift", lasting=True)), _verdicts(170))
    assert (found.hits, found.false_alarms) == (0, 0)


def test_scores_of_scenarios_pool_and_break_down() -> None:
    one = score(_events(_event(10, 16), _event(50, 52, "spike")), _verdicts(12, 200))
    both = pooled([one, one])
    assert (both.events, both.hits, both.false_alarms, float(both.days.sum())) == (4, 2, 2, 20.0)
    kinds = both.by("kind")
    assert kinds["recall"].to_dict() == {"burst": 1.0, "spike": 0.0}
    assert both.by("size")["events"].to_dict() == {"x3-5": 4}
    assert one.false_by_profile({"a": "medium"}).to_dict() == {"medium": pytest.approx(0.1)}


def test_a_window_named_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="twice"):
        score(_events(_event(10, 16)), pd.concat([_verdicts(), _verdicts()]))


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_simple_rule_gives_one_verdict_per_live_row_whatever_the_history(name: str) -> None:
    one = scenario(2, namespaces=6, history_weeks=2, live_weeks=2)
    live = one.live.sample(frac=1, random_state=1)
    for history in (one.history, one.history.head(0), one.history[one.history["namespace"] != "ns-000"]):
        verdicts = RULES[name](history, live, one.timezone)
        assert verdicts[["namespace", "window_start"]].equals(live[["namespace", "window_start"]].reset_index(drop=True))
        assert verdicts["flagged"].dtype == bool
        if history.empty and not name.startswith("ratio"):
            assert not verdicts["flagged"].any()


def test_the_rules_rank_as_known_from_elsewhere() -> None:
    one = scenario(11)
    f1 = {name: score(one.events, rule(one.history, one.live, one.timezone)).f1 for name, rule in RULES.items()}
    assert f1["P93 per weekday"] < 0.3 < f1["3 x P93"] < f1["seasonal negative binomial"]


def test_exam_seeds_are_refused_without_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        detection.main(["--seeds", f"0,{EXAM_SEEDS[3]}", "--rules", "simple"])
    assert "--exam" in capsys.readouterr().err
