# ruff: noqa: F401, F811 - the fixtures of the command line are imported by name
"""A baseline from files: local times become UTC or are set aside, gaps stay gaps, what the product read itself is left alone."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from tests.integration.test_cli import Cli, cli, connected, deployment
from tests.support.pipeline import checksums, event, files_settings, moment, rows, write_ndjson

from ailog.adapters.sources import build
from ailog.adapters.store.postgres import PostgresStore
from ailog.domain.imported_counts import Correction, tidy
from ailog.errors import ConfigError
from ailog.local.postgres import Uris
from ailog.pipeline.baseline import collect_day
from ailog.settings import Scope

NOW = moment("2026-05-01 12:00")
NAMESPACE = "pcb-sit-01-app"
EVERYTHING = Scope()


def table(*lines: str) -> pd.DataFrame:
    return pd.DataFrame([line.split(",") for line in lines], columns=["window_start", "namespace", "count"])


def tidied(given: pd.DataFrame, timezone: str | None = None, shift: float | None = None) -> tuple[list[tuple[str, int]], dict[str, int]]:
    found = tidy(given, Correction(timezone, shift), now=NOW, scope=EVERYTHING, name="counts.csv")
    return [
        (f"{start:%m-%d %H:%M}", int(count)) for start, count in zip(found.counts["window_start"], found.counts["count"], strict=True)
    ], found.reasons()


def test_local_times_become_utc_and_those_of_a_clock_change_are_set_aside() -> None:
    given = table(
        *(f"{time},{NAMESPACE},{number}" for number, time in enumerate(
            ["2026-03-29 01:45", "2026-03-29 02:15", "2026-03-29 03:00", "2025-10-26 01:45", "2025-10-26 02:00", "2025-10-26 02:45", "2025-10-26 03:00"]
        ))
    )  # fmt: skip
    assert tidied(given, "Europe/Prague") == (
        [("10-25 23:45", 3), ("10-26 02:00", 6), ("03-29 00:45", 0), ("03-29 01:00", 2)],
        {"ambiguous_local_time": 2, "nonexistent_local_time": 1},
    )


def test_a_fixed_shift_is_taken_off_all_year_round() -> None:
    given = table(f"2026-01-10 01:00,{NAMESPACE},1", f"2026-04-10 01:00,{NAMESPACE},2")
    assert tidied(given, shift=1) == ([("01-10 00:00", 1), ("04-10 00:00", 2)], {})


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        (["yesterday,a,1", ",a,1"], {"bad_time": 2}),
        (["2026-01-01 00:00,a,-1", "2026-01-01 00:15,a,1.5", "2026-01-01 00:30,a,x", "2026-01-01 00:45,a,nan"], {"bad_count": 4}),
        (["2026-01-01 00:00,,1", "2026-01-01 00:00, ,1"], {"no_namespace": 2}),
        (["2026-01-01 00:07,a,1"], {"off_quarter_hour": 1}),
        (["2030-01-01 00:00,a,1", "1970-01-01 00:00,a,1"], {"not_over": 1, "implausible_time": 1}),
        (
            ["2026-01-01 00:00,a,1", "2026-01-01 00:00,a,1", "2026-01-02 00:00,a,1", "2026-01-02 00:00,a,2"],
            {"contradiction": 2, "repeated": 1},
        ),
    ],
)
def test_a_row_that_cannot_be_taken_is_set_aside_with_its_reason(lines: list[str], reasons: dict[str, int]) -> None:
    assert tidied(table(*lines), "UTC")[1] == reasons


@pytest.mark.parametrize(
    ("given", "timezone", "complaint"),
    [
        (table("2026-01-01 00:00,a,1"), None, "its times have no zone"),
        (table("2026-01-01T00:00:00Z,a,1"), "UTC", "carry their zone already"),
        (table("2026-01-01T00:00:00Z,a,1", "2026-01-01 00:15,a,1"), None, "some times have a zone and some have none"),
        (pd.DataFrame({"when": ["x"]}), "UTC", "there is no column window_start or timestamp; it has when"),
    ],
)
def test_nothing_is_guessed_of_a_table(given: pd.DataFrame, timezone: str | None, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        tidied(given, timezone)


def test_a_corrected_peak_gives_way_to_what_was_counted() -> None:
    given = pd.DataFrame(
        {"timestamp": ["2026-01-01T00:00:00Z"] * 2, "namespace": ["a", "b"], "error_count": ["12", "7"], "original_value": ["2884", None]}
    )
    found = tidy(given, Correction(), now=NOW, scope=EVERYTHING, name="peak_raw_data.csv")
    assert (found.counts["count"].tolist(), found.originals) == ([2884, 7], 1)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Twelve days of two namespaces in local time over a clock change, with windows missing, as the predecessor's table has them."""
    local = pd.date_range("2026-03-22", periods=12 * 96, freq="15min")
    frames = [
        pd.DataFrame({"timestamp": local.strftime("%Y-%m-%d %H:%M:%S"), "namespace": name, "error_count": 5 + local.hour, "is_peak": False})
        for name in (NAMESPACE, "pcb-sit-02-app")
    ]
    both = pd.concat(frames)
    path = tmp_path / "peak_raw_data.csv"
    both[~both["timestamp"].str.contains(" 04:")].to_csv(path, index=False)
    return path


def test_an_import_teaches_thresholds_and_is_marked_in_the_ledger(cli: Cli, connected: Uris, store: PostgresStore, export: Path) -> None:
    before = checksums(store)
    dry = cli.json("init", "--from-files", str(export), "--timezone", "Europe/Prague", "--dry-run")
    assert checksums(store) == before
    assert dry["imported"]["files"][str(export)]["rejected"] == {"nonexistent_local_time": 8}
    done = cli.json("init", "--from-files", str(export), "--timezone", "Europe/Prague")
    assert {**done["imported"], "dry_run": True} == dry["imported"]
    assert done["imported"]["rows"] == 2 * (12 * 92 - 4)
    trained = done["thresholds"]
    assert (trained["namespaces"], trained["windows_used"], trained["trained_to"]) == (2, 2 * (12 * 92 - 4), "2026-04-02T22:00:00+00:00")
    assert rows(
        store,
        "SELECT DISTINCT kind, verdict, r.status, s.source FROM ailog_peak.analysis_runs r JOIN ailog_peak.analysis_run_sources s USING (run_id)",
    ) == [("init", "baseline", "complete", "import")]
    assert rows(
        store,
        "SELECT count(*), count(DISTINCT window_start) FROM ailog_peak.peak_raw_data WHERE extract(hour FROM timestamp AT TIME ZONE 'Europe/Prague') = 4".replace(
            "DISTINCT window_start", "DISTINCT timestamp"
        ),
    ) == [(0, 0)], "a gap stays a gap"
    assert rows(store, "SELECT count(*) FROM ailog_peak.rejected_event WHERE reason = 'nonexistent_local_time' AND source = 'import'") == [
        (8,)
    ]
    once = checksums(store)
    again = cli.json("init", "--from-files", str(export), "--timezone", "Europe/Prague")
    assert again["thresholds"]["snapshot_id"] == trained["snapshot_id"]
    assert checksums(store) == once


def test_what_the_product_read_itself_is_left_alone_and_a_later_reading_takes_an_import_over(
    cli: Cli,
    connected: Uris,
    store: PostgresStore,
    tmp_path: Path,
) -> None:
    day = moment("2026-03-10 00:00")
    settings = files_settings(
        write_ndjson(tmp_path / "log.ndjson", [event(day + timedelta(hours=3, seconds=s), f"order {s} refused") for s in range(30)])
    )
    source = build(settings.active_sources[0], settings, None)
    collect_day(store, settings, [source], "2026-03-10", NOW, "test")
    path = tmp_path / "counts.parquet"
    stamps = pd.date_range("2026-03-10", periods=3 * 96, freq="15min", tz="UTC")
    pd.DataFrame({"window_start": stamps, "namespace": NAMESPACE, "count": 1000}).to_parquet(path)
    found = cli.json("init", "--from-files", str(path))["imported"]
    assert (found["windows"], found["kept_windows"], found["days"]) == (192, 96, ["2026-03-11", "2026-03-12"])
    assert rows(store, "SELECT max(count) FROM ailog_peak.namespace_error_counts WHERE window_start < '2026-03-11'") == [(30,)]
    # Imported totals know no kinds: the look-back for new kinds must not take their windows for read.
    known = rows(
        store,
        store.statement("detect/lookback"),
        {"day": moment("2026-03-13 00:00"), "days": 30, "last": moment("2026-03-13 00:00"), "windows": [moment("2026-03-13 00:00")]},
    )
    assert known[0][0] == 96
    with store.connection() as connection:
        connection.execute(
            "DELETE FROM ailog_peak.analysis_run_windows WHERE window_start >= '2026-03-11' AND window_start < '2026-03-11 00:15'"
        )
    collect_day(store, settings, [source], "2026-03-11", NOW, "test")
    assert rows(store, "SELECT DISTINCT count FROM ailog_peak.namespace_error_counts WHERE window_start::date = '2026-03-11'") == [(0,)]


def test_log_records_of_a_folder_are_collected_over_the_days_that_they_hold(
    cli: Cli, connected: Uris, store: PostgresStore, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for day in ("2026-03-02", "2026-03-04"):
        write_ndjson(folder / f"{day}.ndjson.gz", [event(moment(f"{day} 08:0{minute}"), f"order {minute} refused") for minute in range(9)])
    done = cli.json("init", "--from-files", str(folder))
    assert done["days"] == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert done["thresholds"]["trained_to"].startswith("2026-03-05")
    assert any("trained on 3 days: at least 12" in warning for warning in done["thresholds"]["warnings"])
    assert cli.json("init", "--from-files", str(folder))["days"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["--timezone", "UTC"], 2, "give --from-files"),
        (["--from-files", "counts.csv", "--timezone", "Mars/Base"], 2, "'Mars/Base' is no time zone"),
        (["--from-files", "counts.csv", "--days", "3"], 2, "leave --file and --days out"),
        (["--from-files", "nowhere"], 1, "there is no file or folder nowhere"),
        (["--from-files", "logs.ndjson", "--timezone", "UTC"], 2, "log records carry their own zone"),
        (["--from-files", "notes.doc"], 1, "holds nothing to import"),
    ],
)
def test_a_wrong_import_is_refused(
    cli: Cli,
    connected: Uris,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    complaint: str,
) -> None:
    from ailog.cli import main

    monkeypatch.chdir(tmp_path)
    for name in ("counts.csv", "logs.ndjson", "notes.doc"):
        Path(name).write_text(json.dumps({}), encoding="utf-8")
    try:
        ended: object = main(["init", *arguments])
    except SystemExit as told:
        ended = told.code
    assert (ended, complaint in capsys.readouterr().err) == (status, True)


def test_thresholds_are_checked_compared_and_listed_by_command(cli: Cli, connected: Uris, export: Path) -> None:
    cli.json("init", "--from-files", str(export), "--timezone", "Europe/Prague")
    found = cli.json("thresholds", "--check", "27", NAMESPACE, "tue")
    assert (found["passed"], found["limit"], found["rule"], found["samples"]) == (False, 27, "P93", 184)
    assert cli.json("thresholds", "--check", "101", "nobody", "0")["rule"] == "default"
    assert "28 errors in a window of pcb-sit-01-app on a Tuesday: passes 27 (P93, 184 samples)" in cli(
        "thresholds", "--check", "28", NAMESPACE, "1"
    )
    older = cli.json("thresholds", "--as-of", "2026-03-30", "--percentile", "0.5")
    assert older["in_use"] is False
    history = cli.json("thresholds", "--history")["snapshots"]
    assert [(row["in_use"], row["percentile_level"]) for row in history] == [(True, 0.93), (False, 0.5)]
    assert len(cli.json("thresholds", "--compare", older["snapshot_id"][:8])["changes"]) == 14
    assert (
        cli.json("thresholds", "--show", "--snapshot", older["snapshot_id"][:8], "--namespace", NAMESPACE)["caps"][0]["namespace"]
        == NAMESPACE
    )
    told = cli("thresholds", "--as-of", "2026-04-01", "--dry-run", "--verbose")
    assert "14 limits stayed" in told or "limits changed" in told
    assert "computed: snapshot -" in told
    assert cli.json("thresholds", "--compare", "--as-of", "2026-04-01")["snapshot_id"] is None
    assert len(cli.json("thresholds", "--history")["snapshots"]) == 2
    cli("thresholds", "--as-of", "2099-01-01", expected=1)
    assert "is not over yet" in cli.err
