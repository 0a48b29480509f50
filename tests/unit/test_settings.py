"""Every mistake in the configuration, in one message, with file, line, value and what is allowed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ailog import settings
from ailog.errors import ConfigError

SHIPPED = settings.PACKAGE_ROOT / "include" / "config"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in ("analyzer.yaml", "namespaces.yaml"):
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def change(directory: Path, old: str, new: str, name: str = "analyzer.yaml") -> int:
    """Replaces a text once; returns the line that it is on."""
    text = (directory / name).read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    (directory / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def mistakes(directory: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        settings.load(directory)
    return str(caught.value)


def test_the_shipped_configuration_is_valid_and_knows_twelve_namespaces() -> None:
    loaded = settings.load(SHIPPED)
    assert len(loaded.namespaces.namespaces) == 12
    assert loaded.namespaces.of("pcb-uat-01-app").priority == "high"


def test_a_namespace_in_no_file_gets_the_defaults() -> None:
    loaded = settings.load(SHIPPED)
    assert loaded.namespaces.of("train-ticket") == loaded.namespaces.defaults


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("percentile: 0.93", "percentile: 93", r"thresholds\.percentile: .*less than 1.*\(found 93\)"),
        ("page_size: 10000", "page_size: 0", r"sources\.0\.page_size: .*greater than or equal to 1.*\(found 0\)"),
        ("kind: elasticsearch", "kind: splunk", r"sources\.0: .*splunk.*'elasticsearch', 'files'"),
        ("channels: [file]", "channels: [file, pager]", r"notify\.channels\.1: .*'teams', 'email' or 'file'.*\(found 'pager'\)"),
        ("timezone: Europe/Prague", "timezone: Europe/Prag", r"timezone: .*Europe/Prag.*no time zone"),
        ("min_count: 3 ", "min_cuont: 3 ", r"detectors\.spike\.min_cuont: .*not permitted"),
        ("quiet_minutes: 60", "quiet_minutes: soon", r"incidents\.quiet_minutes: .*integer.*\(found 'soon'\)"),
    ],
)
def test_a_mistake_is_told_with_file_line_value_and_what_is_allowed(directory: Path, old: str, new: str, told: str) -> None:
    line = change(directory, old, new)
    assert re.search(rf"{re.escape(str(directory / 'analyzer.yaml'))}:{line}: {told}", mistakes(directory))


def test_all_mistakes_of_both_files_come_in_one_message(directory: Path) -> None:
    lines = [
        change(directory, "percentile: 0.93", "percentile: 93"),
        change(directory, "keep_hours: 24", "keep_hours: -1"),
        change(directory, "pcb-dev-01-app: {group: pcb, priority: low", "pcb-dev-01-app: {group: pcb, priority: urgent", "namespaces.yaml"),
    ]
    told = mistakes(directory)
    assert f"analyzer.yaml:{lines[0]}:" in told
    assert f"analyzer.yaml:{lines[1]}:" in told
    assert re.search(rf"namespaces\.yaml:{lines[2]}: .*'critical', 'high', 'normal' or 'low' \(found 'urgent'\)", told)


def test_a_missing_and_a_broken_file_are_both_named(directory: Path) -> None:
    (directory / "analyzer.yaml").unlink()
    (directory / "namespaces.yaml").write_text("defaults: [unclosed", encoding="utf-8")
    told = mistakes(directory)
    assert "analyzer.yaml: cannot be read" in told
    assert "namespaces.yaml: is not YAML" in told


@pytest.mark.parametrize("content", ["- a list", "just text"])
def test_a_file_that_holds_no_settings_is_named(directory: Path, content: str) -> None:
    (directory / "analyzer.yaml").write_text(content, encoding="utf-8")
    assert "analyzer.yaml:1: expected settings" in mistakes(directory)


def test_two_sources_of_one_name_are_refused(directory: Path) -> None:
    change(directory, "name: files", "name: elasticsearch")
    assert "sources share the name elasticsearch" in mistakes(directory)


def test_the_hash_changes_with_what_decides_and_not_with_where_messages_go(directory: Path) -> None:
    before = settings.load(directory).config_hash
    change(directory, "cooldown_minutes: 45", "cooldown_minutes: 50")
    assert settings.load(directory).config_hash == before
    change(directory, "false_alarms: 1.0", "false_alarms: 2.5")
    assert settings.load(directory).config_hash != before


def test_the_directory_comes_from_the_environment(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(directory, "percentile: 0.93", "percentile: 0.5")
    monkeypatch.setenv("AILOG_CONFIG_DIR", str(directory))
    assert settings.load().thresholds.percentile == 0.5
