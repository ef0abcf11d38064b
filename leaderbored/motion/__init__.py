"""What happens once the shares are chosen, and while they are: leaderboards that move."""

from leaderbored.motion.motion import Board, Motion, dynamics
from leaderbored.motion.simulate import Path, simulate

__all__ = ["Board", "Motion", "Path", "dynamics", "simulate"]
