"""Property tests draw the same games in every run: a failure is a change, not a draw."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks, which are not installed

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
