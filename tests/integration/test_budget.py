"""The budget as it is spent, from what was told and what people said of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.pipeline import rows
from tests.support.telling import NAMESPACE, START, analyse, errors, told_settings, window_end

from ailog.adapters.store.postgres import PostgresStore
from ailog.cli import main
from ailog.local.postgres import Uris
from ailog.pipeline import incidents
from ailog.pipeline.spent import spent

OTHER = "pca-sit-01-app"


def test_what_was_told_is_counted_by_namespace_with_the_labels_of_people(
    store: PostgresStore, database: Uris, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = told_settings(tmp_path)
    analyse(store, settings, tmp_path, [*errors(0, 200), *errors(0, 200, kind=1, namespace=OTHER, app="mail")], range(1))
    until = window_end(3)
    before = spent(store, settings, until, 4)
    assert {row["namespace"]: (row["told"], row["precision"]) for row in before["namespaces"]} == {NAMESPACE: (1, None), OTHER: (1, None)}
    assert before["margin"]["snapshot_id"] is None
    assert (before["stated"]["false_alarms"], before["margin"]["solved"]) == (1.0, False)

    ((identity,),) = rows(store, "SELECT incident_id::text FROM ailog_peak.incidents WHERE namespace = %s", (OTHER,))
    incidents.say(store, "not-useful", identity, by="anna", note=None, now=until)
    after = spent(store, settings, until, 4)
    assert [(row["namespace"], row["not_useful"], row["precision"]) for row in after["namespaces"]] == [
        (OTHER, 1, 0.0),
        (NAMESPACE, 0, None),
    ]
    assert after["total"]["precision"] == 0.0
    assert after["namespaces"][0]["weeks"] == pytest.approx(1 / 672)
    assert spent(store, settings, START, 4)["total"]["told"] == 0, "what opened after the span is not of it"
    assert spent(store, settings, until, 4, NAMESPACE)["total"]["namespaces"] == 1
    assert spent(store, settings, until + timedelta(weeks=5), 4)["namespaces"] == []

    monkeypatch.setenv("AIRFLOW_CONN_AILOG_POSTGRES", database.app)
    assert main(["budget", "--weeks", "52"]) == 0
    printed = capsys.readouterr().out
    assert "stated: at most 1 false alarm per namespace and week" in printed
    assert "no thresholds were trained yet" in printed
    assert main(["budget", "--weeks", "52", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["not_useful"] == 1
