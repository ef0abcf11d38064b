"""The writeup: every number and every figure of the paper, computed afresh, and its pages."""

from leaderbored.writeup.build import Made, paper, ready, shown, typeset
from leaderbored.writeup.latex import latex
from leaderbored.writeup.numbers import GROUPS

__all__ = ["GROUPS", "Made", "latex", "paper", "ready", "shown", "typeset"]
