"""``python -m ailog`` is the command line."""

from __future__ import annotations

import sys

from ailog.cli import main

sys.exit(main())
