"""Read-only pages that Airflow serves behind its own login."""

from __future__ import annotations
