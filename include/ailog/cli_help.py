"""``ailog help``: help of a command, and where each script of the predecessor went."""

from __future__ import annotations

from typing import Final, NamedTuple

from ailog import cli_output as out
from ailog.cli_parser import COMMANDS, Arguments, UsageError, near, parser


class Way(NamedTuple):
    """What was called before, what is called now (``-`` where nothing need be), and what is different."""

    before: str
    now: str
    note: str


WAYS: Final = (
    Way("regular_phase", "ailog run", "the DAG regular_phase; what was missed is caught up"),
    Way("regular_phase --window 15", "ailog run --from 2026-01-31T08:00:00Z --to 2026-01-31T08:15:00Z", "windows are quarter hours"),
    Way("regular_phase --dry-run", "ailog run --dry-run", "reads and computes, sends nothing"),
    Way("regular_phase --output DIR", "ailog run", "report.directory in analyzer.yaml; every run writes its files"),
    Way("backfill --days 14", "ailog backfill --days 14", "the DAG daily_backfill with catchup"),
    Way("backfill --from D --to D", "ailog backfill --from 2026-01-01 --to 2026-01-15", "--to is not part of it"),
    Way("backfill --force", "ailog backfill --days 1 --force", "replaces rows; no counter grows"),
    Way("backfill --workers N", "ailog backfill", "one pass over a day is one task; Airflow's pools set what runs side by side"),
    Way("backfill --no-analysis", "ailog init --days 14", "counts without detection"),
    Way("init_phase --days 21", "ailog init --days 21", "the DAG init_phase; --from and --to as before"),
    Way(
        "calculate_peak_thresholds --weeks 4 --percentile 0.93", "ailog thresholds --weeks 4 --percentile 0.93", "the DAG weekly_thresholds"
    ),
    Way(
        "calculate_peak_thresholds --as-of D --dry-run --verbose",
        "ailog thresholds --as-of 2026-02-01 --dry-run --verbose",
        "a snapshot never changes",
    ),
    Way("peak_detection --show-thresholds", "ailog detect --show", "the same as 'ailog thresholds --show'"),
    Way("peak_detection --check VALUE NS DOW", "ailog detect --check 120 pcb-sit-01-app 0", "the same as 'ailog thresholds --check'"),
    Way(
        "run_data_maintenance --retention-days 90",
        "ailog maintenance",
        "the DAG maintenance; how long is under `retention` in analyzer.yaml",
    ),
    Way("run_data_maintenance --dry-run", "ailog maintenance --dry-run", "says what would go"),
    Way("run_db_migrations", "ailog migrate", "grants are part of it; 'ailog grant' repeats them alone"),
    Way(
        "fetch_unlimited --from --to --output",
        "ailog run --from 2026-01-31 --to 2026-02-01 --dry-run",
        "no limit to lift: pages are bounded, counts compared",
    ),
    Way("table_exporter --mode latest", "ailog export", "errors and peaks tables"),
    Way("table_exporter --mode daily", "ailog export --from 2026-01-31 --to 2026-02-01", "any span of days, a week as well"),
    Way("recent_incidents_publisher", "ailog publish --page daily", "only the generated part of the page is replaced"),
    Way("backfill_report_publisher --page-id", "ailog publish", "confluence.page_ids in analyzer.yaml"),
    Way(
        "migrate_registry --health",
        "ailog stats",
        "there is no registry file: problems and peaks are rows; 'ailog doctor' examines the rest",
    ),
    Way("migrate_registry --convert --cleanup", "ailog families migrate", "carries known fingerprints over to a new version"),
    Way("reset_and_rerun --days 20 --execute", "ailog backfill --days 20 --force", "nothing is dropped first: rows are replaced"),
    Way("generate_daily_report --from-db --date-from", "ailog show 2026-01-31", "--json for machines; files lie under report.directory"),
    Way("daily_report_generator --send-teams", "ailog summary", "the morning summary; once, and again when it changes"),
    Way(
        "analyze_incidents --mode 15min",
        "ailog incidents --from 2026-01-31T08:00:00Z --to 2026-01-31T08:15:00Z",
        "--mode daily, backfill: longer bounds",
    ),
    Way("analyze_incidents --triage", "ailog known suggest 3f9a0c5512d0be77", "known issues near a fingerprint"),
    Way("enrichment of stored incidents", "ailog enrich --days 1", "reads the days again: one way to a verdict, not two"),
    Way("pipeline FOLDER", "ailog run --from 2026-01-31 --to 2026-02-01 --file logs/app.ndjson.gz", "NDJSON, plain, gzip or zstd"),
    Way("pipeline --spike-threshold --ewma-alpha", "ailog validate", "limits are `detectors` in analyzer.yaml"),
    Way("install.sh", "ailog doctor", "compose, Docker image and the official chart; doctor says what is missing"),
)
"""Every entry point of the predecessor; each command of ours can be called as it stands."""


def help_(arguments: Arguments) -> int:
    """Prints the help of a command, of all, or ``ways``."""
    if arguments.topic == "predecessor":
        if arguments.json:
            out.as_json({"ways": [way._asdict() for way in WAYS]})
        else:
            out.table("from the predecessor's scripts", [way._asdict() for way in WAYS], {"before": "before", "now": "now", "note": "note"})
        return 0
    names = [command.name for command in COMMANDS]
    if arguments.topic is None:
        parser().print_help()
        return 0
    if arguments.topic not in names:
        raise UsageError(f"there is no help about {arguments.topic!r}{near(arguments.topic, [*names, 'predecessor'])}")
    parser().parse_args([arguments.topic, "--help"])
    return 0
