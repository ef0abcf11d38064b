"""What happens once the shares are chosen: leaderboards that move."""

from leaderbored.dynamics.simulate import Path, simulate

__all__ = ["Path", "simulate"]
