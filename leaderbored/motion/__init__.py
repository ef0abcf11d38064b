"""What happens once the shares are chosen, and while they are: leaderboards that move."""

from leaderbored.motion.impulse import Impulse, impulse
from leaderbored.motion.lead import LeadPath, Passage, lead_path
from leaderbored.motion.leaderboards import Estimate, Leaderboards, leaderboards
from leaderbored.motion.motion import Board, Motion, dynamics
from leaderbored.motion.simulate import Path, simulate

__all__ = [
    "Board",
    "Estimate",
    "Impulse",
    "LeadPath",
    "Leaderboards",
    "Motion",
    "Passage",
    "Path",
    "dynamics",
    "impulse",
    "lead_path",
    "leaderboards",
    "simulate",
]
