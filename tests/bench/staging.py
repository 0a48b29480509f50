"""Staging as the pipeline writes and reads it, beside plain COPY of the same rows."""

from __future__ import annotations

from tests.bench.figures import Figure, child, say
from tests.bench.world import World

SECTION = "staging"


def measure(world: World) -> list[Figure]:
    """Rows a second of each way; the ratio is ours against it."""
    size = 100_000 if world.quick else 500_000
    paths = [str(path) for path in world.documents("staging").files(size)]
    with world.database() as uris:
        say(f"staging: {size:,} rows")
        task = {"store": uris.app, "owner": uris.owner, "paths": paths, "repeat": 3}
        found = child("tests.bench.staging_run", task)
    speed = {name: found["rows"] / seconds for name, seconds in found["seconds"].items()}
    write, read = speed["write"], speed["read"]
    return [
        Figure(SECTION, "write: ours, page by page", write, "rows/s"),
        Figure(
            SECTION, "write: COPY in binary by ADBC at once", speed["write_adbc"], "rows/s", write / speed["write_adbc"], "ours against it"
        ),
        Figure(SECTION, "write: COPY as text by psycopg", speed["write_text"], "rows/s", write / speed["write_text"], "ours against it"),
        Figure(SECTION, "read: ours, batches of one run", read, "rows/s"),
        Figure(SECTION, "read: ADBC, the whole table", speed["read_adbc"], "rows/s", read / speed["read_adbc"], "ours against it"),
        Figure(
            SECTION, "read: COPY in binary, bytes not decoded", speed["read_copy"], "rows/s", read / speed["read_copy"], "ours against it"
        ),
    ]
