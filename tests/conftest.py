"""Before any test: what the runner adds to the environment, and commands would read, goes."""

from __future__ import annotations

import os

# pytest-xdist gives its workers the size of a screen; a test that wants one says so itself.
for _name in ("COLUMNS", "LINES"):
    os.environ.pop(_name, None)
