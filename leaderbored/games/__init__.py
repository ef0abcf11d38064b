"""What a game is: data and expressions, no solving."""

from leaderbored.games.expression import ExpressionError
from leaderbored.games.linear_quadratic import Controller, LinearQuadratic
from leaderbored.games.markov import Markov
from leaderbored.games.normal_form import NormalForm

__all__ = ["Controller", "ExpressionError", "LinearQuadratic", "Markov", "NormalForm"]
