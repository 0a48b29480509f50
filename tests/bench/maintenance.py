"""Maintenance: a copy of a large table out and in again, and a year that is rolled up and let go."""

from __future__ import annotations

from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "maintenance"


def measure(world: World) -> list[Figure]:
    """Backup and restore of fact rows by format, beside plain COPY into files; roll-up and retention of a year."""
    days = 26 if world.quick else 261
    figures: list[Figure] = []
    for form in ("csv", "parquet"):
        with world.database() as uris:
            say(f"maintenance: backup and restore, {form}")
            task = {"store": uris.app, "owner": uris.owner, "days": days, "form": form, "directory": str(world.data / f"backup-{form}")}
            filled = child("tests.bench.maintenance_run", {**task, "step": "fill"})
            taken = child("tests.bench.maintenance_run", {**task, "step": "backup"})
            restored = child("tests.bench.maintenance_run", {**task, "step": "restore"})
        name = f"{form}, {filled['rows']:,} fact rows"
        figures += [
            Figure(SECTION, f"{name}: backup", taken["seconds"], "s", taken["seconds"] / taken["plain"], "plain COPY to /dev/null"),
            Figure(SECTION, f"{name}: size", taken["bytes"] / 2**20, "MiB"),
            Figure(SECTION, f"{name}: backup, memory above an empty one", taken["grown_mb"], "MiB"),
            Figure(SECTION, f"{name}: restore with checksums", restored["seconds"], "s"),
            Figure(SECTION, f"{name}: restore, memory above the start", restored["grown_mb"], "MiB"),
        ]
    with world.database() as uris:
        say("maintenance: a year")
        task = {"store": uris.app, "owner": uris.owner, "days": 31 if world.quick else 365}
        filled = child("tests.bench.maintenance_run", {**task, "step": "fill"})
        found = child("tests.bench.maintenance_run", {**task, "step": "year"})
    name = f"{task['days']} days, {filled['rows']:,} fact rows"
    return [
        *figures,
        Figure(SECTION, f"{name}: roll-up", found["roll_up"], "s"),
        Figure(SECTION, f"{name}: retention, {found['months']} months", found["retention"], "s"),
        Figure(SECTION, f"{name}: the night after", found["again"], "s"),
    ]
