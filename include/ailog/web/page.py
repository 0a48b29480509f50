"""The page's HTML. Everything that comes from logs is escaped; there is no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

_STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #1b1f24; background: #fff }
h1 { font-size: 1.3rem } h2 { font-size: 1.05rem; margin-top: 1.8rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #d0d7de; overflow-wrap: anywhere }
td.number, th.number { text-align: right; white-space: nowrap }
.critical, .failed { color: #a40e26; font-weight: 600 } .high, .partial { color: #9a4b00; font-weight: 600 }
code { font-size: 12px; white-space: pre-wrap }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } th, td { border-color: #30363d }
  .critical, .failed { color: #ff8a8a } .high, .partial { color: #ffb86b } }
"""


def overview(found: Mapping[str, Any]) -> str:
    """The incidents and runs of a span: ``since``, ``until``, ``incidents``, ``windows`` and ``runs`` as the read side gives them."""
    windows = found["windows"]
    state = f"{windows['complete']} windows complete, {windows['partial']} partial, {windows['failed']} failed"
    return _document(
        f"<p>{_time(found['since'])} to {_time(found['until'])} UTC: {escape(state)}, "
        f"{windows['expected']:,} events expected, {windows['stored']:,} stored.</p>"
        f"<h2>Incidents</h2>{_incidents(found['incidents'])}<h2>Runs</h2>{_runs(found['runs'])}"
    )


def failure(text: str) -> str:
    """What is shown when the database cannot be read."""
    return _document(f"<p class='failed'>{escape(text)}</p>")


def _incidents(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "<p>None.</p>"
    cells = [
        f"<tr><td>{_time(row['opened_window'])}</td><td>{escape(row['namespace'])}</td>"
        f"<td class='{escape(row['severity'])}'>{escape(row['severity'])}</td><td class='number'>{row['score']:.0f}</td>"
        f"<td>{escape(row['status'])}</td><td class='number'>{row['event_count']:,}</td><td>{escape(', '.join(row['flags']))}</td>"
        f"<td>{escape(row['problem_key'])}<br>{escape(row['reason'])}<br><code>{escape(row['sample'][:300])}</code></td></tr>"
        for row in rows
    ]
    heads = "<th>Opened (UTC)</th><th>Namespace</th><th>Severity</th><th class='number'>Score</th><th>Status</th>"
    return f"<table><tr>{heads}<th class='number'>Events</th><th>Flags</th><th>Problem</th></tr>{''.join(cells)}</table>"


def _runs(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "<p>None.</p>"
    counts = ("windows", "expected", "fetched", "rejected", "stored", "incidents")
    cells = [
        f"<tr><td>{_time(row['window_from'])}</td><td>{escape(row['kind'])}</td>"
        f"<td class='{escape(row['status'])}'>{escape(row['status'])}</td>"
        + "".join(f"<td class='number'>{'' if row[name] is None else format(row[name], ',')}</td>" for name in counts)
        + f"<td>{escape(row['error'] or '')}</td></tr>"
        for row in rows
    ]
    heads = "".join(f"<th class='number'>{name.capitalize()}</th>" for name in counts)
    return f"<table><tr><th>From (UTC)</th><th>Kind</th><th>Status</th>{heads}<th>Error</th></tr>{''.join(cells)}</table>"


def _time(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _document(body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>AI Log Analyzer</title>"
        f"<style>{_STYLE}</style></head><body><h1>AI Log Analyzer</h1>{body}</body></html>"
    )
