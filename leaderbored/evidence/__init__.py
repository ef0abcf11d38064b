"""The record: who led on public leaderboards, by how much and for how long, and what that shows."""

from leaderbored.evidence.boards import Board, Spell, board, boards
from leaderbored.evidence.hazards import Hazards, hazards
from leaderbored.evidence.null import Null, null
from leaderbored.evidence.scores import Scores, read_scores
from leaderbored.evidence.statistics import Survey, survey

__all__ = [
    "Board",
    "Hazards",
    "Null",
    "Scores",
    "Spell",
    "Survey",
    "board",
    "boards",
    "hazards",
    "null",
    "read_scores",
    "survey",
]
