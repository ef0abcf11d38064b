"""The equilibrium correspondence: all equilibria as one number of the game moves."""

from leaderbored.verdicts.correspondence.follow import trace
from leaderbored.verdicts.correspondence.records import Branch, Correspondence, Waypoint

__all__ = ["Branch", "Correspondence", "Waypoint", "trace"]
