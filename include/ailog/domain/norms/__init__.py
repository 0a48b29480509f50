"""What a series of counts usually is, window by window, and how unusual a count is against that.

``fit`` learns a norm for one local day from the days before it, ``walk`` judges the windows of a day one after the other, ``shift`` takes a
lasting change of level as normal, ``batches`` knows the slots of nightly jobs, ``budget`` turns a stated number of false alarms into a
limit, and ``history`` leads all of it over many days. All arrays have the series as their first axis; nothing here looks ahead.
"""

from __future__ import annotations
