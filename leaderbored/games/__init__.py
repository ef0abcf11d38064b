"""What a game is: data and expressions, no solving."""

from typing import TYPE_CHECKING

from leaderbored.late import names

if TYPE_CHECKING:
    from leaderbored.games.bayesian import Bayesian
    from leaderbored.games.continuous import Continuous, Player
    from leaderbored.games.controllers import Controller
    from leaderbored.games.expression import ExpressionError
    from leaderbored.games.finite import FiniteGame
    from leaderbored.games.linear_quadratic import LinearQuadratic
    from leaderbored.games.markov import Markov
    from leaderbored.games.normal_form import NormalForm
    from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer

__all__ = [
    "Bayesian",
    "Continuous",
    "Controller",
    "Event",
    "ExpressionError",
    "FiniteGame",
    "LinearQuadratic",
    "Markov",
    "MarkovGame",
    "MarkovPlayer",
    "NormalForm",
    "Player",
]

__getattr__ = names(
    __name__,
    {
        "bayesian": ["Bayesian"],
        "continuous": ["Continuous", "Player"],
        "controllers": ["Controller"],
        "expression": ["ExpressionError"],
        "finite": ["FiniteGame"],
        "linear_quadratic": ["LinearQuadratic"],
        "markov": ["Markov"],
        "normal_form": ["NormalForm"],
        "stochastic": ["Event", "MarkovGame", "MarkovPlayer"],
    },
)
