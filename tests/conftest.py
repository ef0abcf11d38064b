"""Property tests draw the same games in every run: a failure is a change, not a draw."""

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")
