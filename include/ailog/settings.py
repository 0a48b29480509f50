"""Typed settings: the one place that knows the names of connections, files and limits.

``load()`` reads ``analyzer.yaml`` and ``namespaces.yaml`` (from ``AILOG_CONFIG_DIR``, else ``include/config``), checks all of it and
raises one ``ConfigError`` that lists every mistake with file, line, value and what is allowed. Reading the files is cheap enough for
the parsing of a DAG; nothing here opens a connection.
"""

from __future__ import annotations

import hashlib
import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ailog.errors import ConfigError
from ailog.settings_calendar import CalendarSettings, Hygiene
from ailog.settings_confluence import Confluence as Confluence  # noqa: PLC0414 - handed on to those who import settings
from ailog.settings_late import Late
from ailog.settings_notify import Channel as Channel  # noqa: PLC0414
from ailog.settings_notify import Notify as Notify  # noqa: PLC0414
from ailog.settings_notify import SendRetry as SendRetry  # noqa: PLC0414
from ailog.settings_regression import Regression
from ailog.settings_retention import Retention, starved
from ailog.settings_watch import Watch

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
"""From mild to grave, so that positions compare."""

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds include/, sql/ and dags/."""

Fraction = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[int, Field(gt=0)]
Points = Annotated[float, Field(ge=0, le=100)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Connections(_Model):
    store: str = "ailog_postgres"
    store_owner: str = "ailog_postgres_owner"


class ElasticsearchSource(_Model):
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    kind: Literal["elasticsearch"]
    enabled: bool = True
    connection: str = "ailog_elasticsearch"
    indices: list[str] = Field(min_length=1)
    require_open: list[str] = []
    page_size: int = Field(10000, ge=1, le=10000)
    slices: int = Field(1, ge=1, le=16)
    keep_alive: str = Field("5m", pattern=r"^[0-9]+(s|m)$")
    timeout_seconds: float = Field(60, gt=0, le=600)
    retries: int = Field(4, ge=0, le=10)
    fields: dict[str, list[str]] = {}


class FilesSource(_Model):
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    kind: Literal["files"]
    enabled: bool = True
    paths: list[str] = Field(min_length=1)
    page_size: int = Field(10000, ge=1, le=100000)
    fields: dict[str, list[str]] = {}


SourceSettings = Annotated[ElasticsearchSource | FilesSource, Field(discriminator="kind")]


class Scope(_Model):
    include: list[str] = Field(["*"], min_length=1)
    exclude: list[str] = []

    def covers(self, namespace: str) -> bool:
        """Whether a namespace is analysed."""
        return any(fnmatchcase(namespace, p) for p in self.include) and not any(fnmatchcase(namespace, p) for p in self.exclude)


class Limits(_Model):
    max_events: Positive = 2_000_000
    message_characters: int = Field(16_000, ge=200, le=1_000_000)
    max_record_bytes: int = Field(1_000_000, ge=1000)
    max_rejected_rows: Positive = 10_000
    max_windows_per_run: int = Field(96, ge=1, le=960)
    lookback_hours: int = Field(72, ge=1, le=24 * 31)
    settle_seconds: int = Field(60, ge=0, le=900)


class Classification(_Model):
    rules: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    in_app: list[str] = []
    max_fingerprints_per_namespace: int = Field(2000, ge=10, le=20_000)


class Thresholds(_Model):
    percentile: Fraction = 0.93
    min_samples: Positive = 10
    default: float = Field(100, gt=0)
    weeks: int = Field(4, ge=1, le=52)
    init_days: int = Field(21, ge=1, le=366)
    hygiene: Hygiene = Hygiene()


class Budget(_Model):
    false_alarms: float = Field(1.0, gt=0, le=100)
    spend: Literal["worth", "all"] = "worth"


class Spike(_Model):
    min_count: Positive = 3
    min_count_without_norm: Positive = 20
    significance: Fraction = 1e-3
    limit: Literal["told", "required"] = "told"


class Burst(_Model):
    seconds: int = Field(10, ge=1, le=300)
    min_count: Positive = 100
    min_ratio: float = Field(8.0, gt=1)


class New(_Model):
    lookback_days: int = Field(30, ge=1, le=90)
    min_count: Positive = 3


class CrossNamespace(_Model):
    min_namespaces: int = Field(2, ge=2)
    min_count: Positive = 5


class Silence(_Model):
    min_expected: float = Field(30, gt=0)
    significance: Fraction = 1e-6
    history_days: int = Field(28, ge=7, le=90)
    min_history: int = Field(8, ge=2)


class FollowedProblems(_Model):
    top: int = Field(20, ge=0, le=200)
    min_windows: Positive = 20
    days: int = Field(14, ge=7, le=28)


class Detectors(_Model):
    problems: FollowedProblems = FollowedProblems()
    budget: Budget = Budget()
    spike: Spike = Spike()
    burst: Burst = Burst()
    new: New = New()
    cross_namespace: CrossNamespace = CrossNamespace()
    silence: Silence = Silence()
    regression: Regression = Regression()


class Propagation(_Model):
    skew_ms: float = Field(5, ge=0, le=60_000)
    max_traces: int = Field(300, ge=1, le=100_000)
    min_traces: int = Field(3, ge=1)


class Bands(_Model):
    critical: Points = 80
    high: Points = 60
    medium: Points = 40
    low: Points = 20

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.critical > self.high > self.medium > self.low > 0:
            raise ValueError("bands must fall: critical > high > medium > low > 0")
        return self


class Scoring(_Model):
    volume: Points = 30
    spike: Points = 25
    burst: Points = 20
    new: Points = 15
    regression: Points = 35
    cascade: Points = 20
    cross_namespace: Points = 15
    silence: Points = 40
    limit: Points = 5
    ratio: Points = 10
    bands: Bands = Bands()


class Incidents(_Model):
    quiet_minutes: int = Field(60, ge=15, le=24 * 60)
    continue_share: float = Field(0.5, gt=0, le=1)


class Report(_Model):
    directory: str = "reports"
    top: int = Field(20, ge=1, le=1000)
    base_url: str = ""


class Staging(_Model):
    keep_hours: int = Field(24, ge=1)


class AlertRule(_Model):
    min_score: Points = 40
    channels: list[Channel] = []


Priority = Literal["critical", "high", "normal", "low"]


class Namespace(_Model):
    priority: Priority = "normal"
    group: str = "other"
    alert: AlertRule = AlertRule()


class Namespaces(_Model):
    defaults: Namespace = Namespace()
    groups: dict[str, str] = {}
    namespaces: dict[str, Namespace] = {}

    def of(self, namespace: str) -> Namespace:
        """The entry of a namespace, or the defaults."""
        return self.namespaces.get(namespace, self.defaults)


class Settings(_Model):
    timezone: str = "UTC"
    connections: Connections = Connections()
    sources: list[SourceSettings] = Field(min_length=1)
    scope: Scope = Scope()
    levels: list[str] = Field(["ERROR", "FATAL", "CRITICAL"], min_length=1)
    fields: dict[str, list[str]]
    limits: Limits = Limits()
    late: Late = Late()
    classification: Classification
    thresholds: Thresholds = Thresholds()
    calendar: CalendarSettings = CalendarSettings()
    detectors: Detectors = Detectors()
    propagation: Propagation = Propagation()
    scoring: Scoring = Scoring()
    incidents: Incidents = Incidents()
    notify: Notify = Notify()
    report: Report = Report()
    confluence: Confluence = Confluence()
    staging: Staging = Staging()
    retention: Retention = Retention()
    watch: Watch = Watch()
    namespaces: Namespaces = Namespaces()

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; give a name such as Europe/Prague") from error
        return value

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [source.name for source in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"sources share the name {', '.join(twice)}; each needs its own")
        return self

    @model_validator(mode="after")
    def _history_is_kept(self) -> Self:
        why = starved(self.retention.raw_days, self.thresholds.weeks, self.detectors.silence.history_days)
        if why:
            raise ValueError(why)
        return self

    @property
    def active_sources(self) -> list[ElasticsearchSource | FilesSource]:
        """The sources that are switched on, in the order of the file."""
        return [source for source in self.sources if source.enabled]

    @property
    def config_hash(self) -> str:
        """Sixteen hexadecimal digits that change with any setting that can change a verdict (not with where messages go)."""
        decisive = self.model_dump_json(exclude={"notify", "report", "confluence", "connections", "staging", "retention", "watch"})
        return hashlib.sha256(decisive.encode()).hexdigest()[:16]


def config_directory() -> Path:
    """Where the configuration lies: ``AILOG_CONFIG_DIR``, else ``include/config``."""
    return Path(os.environ.get("AILOG_CONFIG_DIR") or PACKAGE_ROOT / "include" / "config")


def load(directory: Path | None = None) -> Settings:
    """Reads and checks both files.

    Raises:
        ConfigError: with one line per mistake: file, line, setting, value, what is allowed.
    """
    directory = directory or config_directory()
    mistakes: list[str] = []
    loaded: dict[str, Any] = {}
    models: dict[str, type[_Model]] = {"analyzer.yaml": Settings, "namespaces.yaml": Namespaces}
    for name, model in models.items():
        path = directory / name
        try:
            text = path.read_text(encoding="utf-8")
            data = yaml.safe_load(text) or {}
        except OSError as error:
            mistakes.append(f"{path}: cannot be read ({error.strerror}); set AILOG_CONFIG_DIR or restore the file")
            continue
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mistakes.append(f"{path}: is not YAML: {' '.join(str(error).split())}")
            continue
        try:
            if not isinstance(data, dict):
                mistakes.append(f"{path}:1: expected settings with names, found {type(data).__name__}")
                continue
            loaded[name] = model.model_validate(data)
        except ValidationError as error:
            mistakes.extend(_mistakes(path, text, error))
    if mistakes:
        raise ConfigError("the configuration has mistakes:\n" + "\n".join(f"  {mistake}" for mistake in mistakes))
    settings: Settings = loaded["analyzer.yaml"]
    return settings.model_copy(update={"namespaces": loaded["namespaces.yaml"]})


def _mistakes(path: Path, text: str, error: ValidationError) -> list[str]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found = []
    for item in error.errors():
        location = tuple(part for part in item["loc"] if part not in ("elasticsearch", "files"))
        line = _line(root, (*item["loc"], "kind") if item["type"].startswith("union_tag") else item["loc"])
        value = item.get("input")
        shown = f" (found {value!r})" if isinstance(value, str | int | float | bool) else ""
        setting = ".".join(str(part) for part in location) or "the file"
        found.append(f"{path}:{line}: {setting}: {item['msg']}{shown}")
    return found


def _line(node: yaml.Node | None, location: tuple[str | int, ...]) -> int:
    """The line of the deepest part of ``location`` that the file has."""
    line = 1
    for part in location:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    child, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is not None:
            node = child
    return line
