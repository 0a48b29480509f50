"""AI Log Analyzer: finds, explains and reports incidents in the error logs of many Kubernetes namespaces."""

from __future__ import annotations

__version__ = "0.1.0"
