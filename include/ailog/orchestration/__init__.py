"""Wires the product together: connections to adapters, Airflow's context to windows, error families to retries.

The only room that imports Airflow, and it does so at the edge: ``composition``, ``steps``, ``pools``, ``timeouts`` and ``windows`` do not,
so that the command line runs the same steps.
"""

from __future__ import annotations
