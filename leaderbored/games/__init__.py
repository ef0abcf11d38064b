"""What a game is: data and expressions, no solving."""

from leaderbored.games.continuous import Continuous, Player
from leaderbored.games.expression import ExpressionError
from leaderbored.games.markov import Markov
from leaderbored.games.markov_game import Event, MarkovGame, MarkovPlayer
from leaderbored.games.normal_form import NormalForm

__all__ = [
    "Continuous",
    "Event",
    "ExpressionError",
    "Markov",
    "MarkovGame",
    "MarkovPlayer",
    "NormalForm",
    "Player",
]
