"""A game over a grid of its numbers: solved point by point, a failure being one more finding."""

from leaderbored.sweeps.grid import Grid
from leaderbored.sweeps.point import Point, solve_point
from leaderbored.sweeps.stored import opened, sweep_to
from leaderbored.sweeps.sweep import sweep
from leaderbored.sweeps.uncertainty import Uncertainty, uncertainty

__all__ = [
    "Grid",
    "Point",
    "Uncertainty",
    "opened",
    "solve_point",
    "sweep",
    "sweep_to",
    "uncertainty",
]
