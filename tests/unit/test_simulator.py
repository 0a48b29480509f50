"""The simulator's promises: the same seed gives the same bytes, the injected truth is really in the documents, days have their rhythm."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest

from ailog.domain.events import WINDOW, floor_to_window
from ailog.local.simulator import NAMESPACES, Namespace, Scenario, bench_documents, demo_start
from ailog.local.simulator_incidents import Incident, Truth
from ailog.local.simulator_services import KINDS, SERVICES, family

Cells = dict[tuple[str, datetime], list[dict[str, Any]]]

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
SCENARIO = Scenario(seed=7, start=MONDAY - timedelta(days=3), weeks=1)


def field(document: dict[str, Any], dotted: str) -> Any:
    """A value by its dotted name, whether the document is flat or nested."""
    if dotted in document:
        return document[dotted]
    for part in dotted.split("."):
        document = document.get(part, {})
    return document or None


def moment(document: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(document["@timestamp"].rstrip("Z")[:26]).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    return [orjson.loads(line) for batch in SCENARIO.batches() for line in batch.lines]


@pytest.fixture(scope="module")
def live(documents: list[dict[str, Any]]) -> Cells:
    cells: Cells = defaultdict(list)
    for document in documents:
        if moment(document) >= SCENARIO.live_start:
            cells[field(document, "kubernetes.namespace"), floor_to_window(moment(document))].append(document)
    return cells


def truth(flag: str) -> Truth:
    (found,) = [one for one in SCENARIO.truth if one.flag == flag]
    return found


def cells_of(one: Truth, live: Cells) -> list[list[dict[str, Any]]]:
    return [live[namespace, window] for namespace in one.namespaces for window in one.windows]


def errors(cell: list[dict[str, Any]], exception: str | None = None) -> list[dict[str, Any]]:
    return [one for one in cell if one["level"] != "INFO" and (exception is None or field(one, "exception.type") == exception)]


def digest(scenario: Scenario) -> str:
    total = hashlib.sha256()
    for piece in scenario.ndjson():
        total.update(piece)
    return total.hexdigest()


def test_same_seed_gives_same_bytes_and_another_seed_others() -> None:
    small = replace(SCENARIO, live_windows=2, incidents=())
    assert digest(small) == digest(small)
    assert digest(small) != digest(replace(small, seed=8))


def test_documents_come_in_time_order_inside_the_scenario_and_none_leaves_its_window() -> None:
    last = 0
    for batch in SCENARIO.batches():
        assert (batch.times[1:] >= batch.times[:-1]).all()
        assert batch.times[0] >= last
        last = int(batch.times[-1])
    assert last < SCENARIO.end.timestamp() * 1e9


def test_every_document_has_the_fields_that_the_configuration_maps(documents: list[dict[str, Any]]) -> None:
    for document in documents[::7]:
        assert moment(document).tzinfo is UTC
        assert field(document, "kubernetes.namespace") in {namespace.name for namespace in NAMESPACES}
        assert field(document, "application.name")
        assert field(document, "application.version").count(".") == 2
        assert len(document["traceId"]) == 32
        assert len(document["spanId"]) == 16
        assert "<" not in document["message"], document["message"]
        if document["level"] != "INFO":
            assert field(document, "exception.type")
            assert document["message"] in document["stack_trace"]


def test_one_service_a_family_writes_dotted_keys_and_the_others_nest(documents: list[dict[str, Any]]) -> None:
    flat = {field(one, "application.name") for one in documents if "application.name" in one}
    assert flat == {"fx-rates", "fraud-scoring", "search-index"}


def test_times_have_nanoseconds_in_some_services_and_milliseconds_in_others(documents: list[dict[str, Any]]) -> None:
    assert {len(one["@timestamp"]) for one in documents} == {len("2026-11-02T08:00:00.000Z"), len("2026-11-02T08:00:00.000000000Z")}


def test_office_hours_are_busier_than_nights_and_workdays_than_weekends(documents: list[dict[str, Any]]) -> None:
    busy = [
        moment(one) for one in documents if field(one, "kubernetes.namespace") == "pcb-uat-01-app" and moment(one) < SCENARIO.live_start
    ]
    hours = Counter(at.hour for at in busy if at.weekday() < 5)
    assert hours[9] > 4 * hours[22]
    days = Counter(at.date() for at in busy)
    saturday = (MONDAY - timedelta(days=2)).date()
    assert days[MONDAY.date()] > 2 * days[saturday]


def test_rhythm_follows_the_local_hour_over_a_clock_change() -> None:
    summer = Scenario(seed=1, start=datetime(2026, 10, 23, tzinfo=UTC), weeks=1, live_windows=0, incidents=())
    means = summer.means()[:, 0].reshape(7, 24, 4)[:, :, 0]
    thursday_before = Scenario(seed=1, start=datetime(2026, 10, 22, tzinfo=UTC), weeks=1, live_windows=0, incidents=()).means()[24::96, 0][
        0
    ]
    monday = means[3]
    assert thursday_before == pytest.approx(monday[7])
    assert thursday_before != pytest.approx(monday[6])


def test_counts_spread_more_than_poisson() -> None:
    calm = Scenario(
        seed=3, start=MONDAY, namespaces=(Namespace("pcb-uat-01-app", 50, 0, dispersion=0.2),), weeks=8, live_windows=0, incidents=()
    )
    faults = calm._counts()[0][:, 0].reshape(-1, 7 * 96)
    noon = faults[:, 11 * 4 : 12 * 4]
    assert noon.var() > 3 * noon.mean()


def test_near_zero_namespaces_still_log_informative_records(documents: list[dict[str, Any]]) -> None:
    levels = Counter(one["level"] for one in documents if field(one, "kubernetes.namespace") == "pch-dev-01-app")
    assert levels["ERROR"] < levels["INFO"] / 2
    share = sum(one["level"] == "INFO" for one in documents) / len(documents)
    assert 0.2 < share < 0.5


def test_an_error_reaches_callers_later_in_its_trace_under_the_span_that_called(documents: list[dict[str, Any]]) -> None:
    callers = {service.name: service.caller for name in SERVICES for service in SERVICES[name] if service.name != "token-relay"}
    traces = defaultdict(list)
    for one in documents:
        if one["level"] != "INFO":
            traces[one["traceId"]].append(one)
    chains = [chain for chain in traces.values() if len(chain) > 1]
    assert len(chains) > 1000
    for chain in chains:
        for callee, caller in pairwise(chain):
            assert moment(callee) < moment(caller)
            assert callee["parentId"] == caller["spanId"]
            name = field(callee, "application.name")
            assert name == "token-relay" or callers[name] == field(caller, "application.name")


def test_the_edge_of_a_trace_has_no_parent(documents: list[dict[str, Any]]) -> None:
    assert not [one for one in documents if field(one, "application.name") == "banking-gateway" and "parentId" in one]


def test_spike_is_eight_to_ten_times_the_namespace(live: Cells) -> None:
    one = truth("spike")
    (cell,) = cells_of(one, live)
    usual = [len(errors(live[one.namespaces[0], one.windows[0] - step * WINDOW])) for step in (1, 2, 3)]
    assert 5 * max(usual) < len(errors(cell)) < 14 * min(usual)
    assert len({field(document, "exception.type") for document in errors(cell)}) > 8


def test_burst_falls_in_ten_seconds(live: Cells) -> None:
    one = truth("burst")
    (cell,) = cells_of(one, live)
    moments = sorted(moment(document) for document in errors(cell, one.exception))
    assert len(moments) >= 600
    within = max(sum(start <= at < start + timedelta(seconds=10) for at in moments) for start in moments[:20])
    assert within >= 600


def test_new_error_is_nowhere_before_its_first_window(documents: list[dict[str, Any]], live: Cells) -> None:
    one = truth("new")
    assert [len(errors(cell, one.exception)) for cell in cells_of(one, live)] == [14, 14]
    assert min(moment(document) for document in documents if field(document, "exception.type") == one.exception) >= one.windows[0]


def test_cross_namespace_fault_is_in_both_families_of_one_stage(live: Cells) -> None:
    one = truth("cross_namespace")
    assert {name.split("-")[1] for name in one.namespaces} == {"sit"}
    assert len({name.split("-")[0] for name in one.namespaces}) == 2
    assert all(len(errors(cell, one.exception)) >= 45 for cell in cells_of(one, live))


def test_cascade_starts_in_its_root_service_in_every_trace(live: Cells) -> None:
    one = truth("cascade")
    for cell in cells_of(one, live):
        traces = defaultdict(list)
        for document in errors(cell):
            traces[document["traceId"]].append(document)
        hit = [chain for chain in traces.values() if any(field(document, "exception.type") == one.exception for document in chain)]
        assert len(hit) >= 110
        assert {field(chain[0], "application.name") for chain in hit} == {one.root_service}
        full = [chain for chain in hit if len(chain) == 5]
        assert len(full) >= 110
        assert field(full[0][-1], "application.name") == "banking-gateway"


def test_silence_is_silent_in_its_windows_and_loud_before(live: Cells) -> None:
    one = truth("silence")
    assert all(cell == [] for cell in cells_of(one, live))
    assert len(live[one.namespaces[0], one.windows[0] - WINDOW]) >= 15


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": MONDAY + timedelta(minutes=1)}, "no quarter hour"),
        ({"namespaces": (Namespace("xyz-sit-01-app", 1, 1),)}, "no family 'xyz'"),
        ({"live_windows": 3}, "ends after the 3 live windows"),
        ({"incidents": (Incident("silence", ("pcb-prod-01-app",), 0),)}, "not part of the scenario"),
    ],
)
def test_a_wrong_scenario_is_refused_with_the_value(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SCENARIO, **change)


@pytest.mark.parametrize(
    "given",
    [
        {"flag": "spike", "namespaces": ("pcb-sit-01-app",), "window": 0},
        {"flag": "burst", "namespaces": ("pcb-sit-01-app",), "window": 0},
        {"flag": "silence", "namespaces": (), "window": 0},
        {"flag": "silence", "namespaces": ("pcb-sit-01-app",), "window": -1},
    ],
)
def test_an_incident_that_would_inject_nothing_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="incident"):
        Incident(**given)


def test_demo_starts_on_a_midnight_before_a_working_day() -> None:
    for offset in range(14):
        today = MONDAY + timedelta(days=offset, hours=5)
        start = demo_start(today, weeks=2)
        day = start + timedelta(weeks=2)
        assert day.weekday() < 5
        assert (start.hour, start.minute) == (0, 0)
        assert day + timedelta(days=1) <= today


def test_each_caller_is_a_service_of_the_family() -> None:
    for name, services in SERVICES.items():
        names = {service.name for service in services}
        assert len(services) == 13
        assert {service.caller for service in services} - names == {None}
        assert {kind.service for kind in KINDS[name]} == names
        assert len(family(name).informative) == len(services)


@pytest.mark.parametrize(("wide", "low", "high"), [(False, 1_000, 4_000), (True, 25_000, 30_000)])
def test_bench_documents_are_as_many_and_as_varied_as_asked(wide: bool, low: int, high: int) -> None:
    windows = [MONDAY, MONDAY + WINDOW]
    batches = list(bench_documents(30_000, wide=wide, windows=windows))
    texts = [orjson.loads(line) for batch in batches for line in batch.lines]
    assert len(texts) == 30_000
    assert low < len({one["message"] for one in texts}) <= high
    per_window = Counter(floor_to_window(moment(one)) for one in texts)
    assert per_window == {windows[0]: 15_000, windows[1]: 15_000}
    assert {one["level"] for one in texts} == {"ERROR"}
