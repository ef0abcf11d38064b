"""What a game is: data and expressions, no solving."""

from leaderbored.games.continuous import Continuous, Player
from leaderbored.games.expression import ExpressionError
from leaderbored.games.linear_quadratic import Controller, LinearQuadratic
from leaderbored.games.markov import Markov
from leaderbored.games.markov_game import Event, MarkovGame, MarkovPlayer
from leaderbored.games.normal_form import NormalForm

__all__ = [
    "Continuous",
    "Controller",
    "Event",
    "ExpressionError",
    "LinearQuadratic",
    "Markov",
    "MarkovGame",
    "MarkovPlayer",
    "NormalForm",
    "Player",
]
