"""A day of real logs of a microservice system with injected faults, when the shared data set is at hand."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.support.pipeline import files_settings, interval, moment, rows, run, shared_data

from ailog.adapters.store.postgres import PostgresStore

DAY = interval("2023-01-29 00:00", 24 * 60)


@pytest.fixture
def analysed(store: PostgresStore) -> PostgresStore:
    settings = files_settings(shared_data("trainticket-2023-01-29/logs.ndjson.gz"))
    run(store, settings, DAY, now=moment("2023-01-30 00:05") + timedelta())
    return store


def test_the_ledger_accounts_for_every_error_of_the_day(analysed: PostgresStore) -> None:
    assert rows(analysed, "SELECT status, expected, fetched, staged, stored FROM ailog_peak.analysis_runs") == [
        ("complete", 1307, 1307, 1307, 1307)
    ]
    quarters = "SELECT count(*) FROM ailog_peak.namespace_error_counts WHERE namespace = 'train-ticket' AND count > 0"
    assert rows(analysed, quarters) == [(17,)]


def test_fingerprints_number_about_twenty_and_hold_no_value(analysed: PostgresStore) -> None:
    templates = [row[0] for row in rows(analysed, "SELECT template FROM ailog_peak.error_signatures")]
    assert 12 <= len(templates) <= 30
    values = re.compile(r"[0-9]{4}-[0-9]{2}|[0-9a-f]{8}-|\b[A-Z][0-9]{3,}|[0-9]{4,}")
    assert not [t for t in templates if values.search(t)], "no id, date or train number is left; the code 500 of a status may stay"


def test_the_injected_fault_of_contacts_is_an_incident_with_its_evidence(analysed: PostgresStore) -> None:
    found = rows(
        analysed,
        "SELECT opened_window, apps, sample, root_cause ->> 'app' FROM ailog_peak.incidents "
        "WHERE namespace = 'train-ticket' AND apps ? 'ts-contacts-service' ORDER BY opened_window LIMIT 1",
    )
    assert found, "no incident names ts-contacts-service"
    opened, apps, sample, origin = found[0]
    assert opened == moment("2023-01-29 08:30")
    assert apps["ts-contacts-service"] >= 19
    assert "No contacts according to contactsId" in sample
    assert origin == "ts-contacts-service"
