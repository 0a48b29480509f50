"""AI Log Analyzer: finds, explains and reports incidents in the error logs of many Kubernetes namespaces."""

__version__ = "0.1.0"
