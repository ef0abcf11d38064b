"""How large games are: players, states or strategies, and what is solved for."""

from __future__ import annotations

import math

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.continuous import Continuous
from leaderbored.games.finite import FiniteGame
from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Markov
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.stochastic import MarkovGame
from leaderbored.race import Race, count_states
from leaderbored.race.contest import Contest, ContestArrays

Size = dict[str, int]
"""Counts by what is counted; ``unknowns`` are those of the equations or inequalities to solve."""


def of_race(game: Race) -> Size:
    """Labs and leaderboards; what mechanisms add is counted where they are compiled."""
    states = count_states(len(game.labs), game.rungs)
    return {"players": len(game.labs), "states": states, "unknowns": len(game.labs) * states}


def of_arrays(game: Markov) -> Size:
    """One value for each player and state."""
    players, states = game.scale.shape
    return {"players": players, "states": states, "unknowns": players * states}


def of_own(game: MarkovGame) -> Size:
    """Values and choices by state, of one player of those that are declared together."""
    each = sum(1 + len(p.choices) + bool(p.options) for p in game.players)
    return {"players": len(game.agents), "states": game.size, "unknowns": game.size * each}


def of_linear_quadratic(game: LinearQuadratic) -> Size:
    """The matrix of each player's costs, which is symmetric, by numbers of the state."""
    numbers = len(game.drift)
    each = numbers * (numbers + 1) // 2
    players = len(game.players)
    return {"players": players, "numbers of the state": numbers, "unknowns": players * each}


def of_table(game: NormalForm) -> Size:
    """The probability of each strategy."""
    profiles = math.prod(game.shape)
    return {"players": len(game.shape), "profiles": profiles, "unknowns": sum(game.shape)}


def of_formulas(game: FiniteGame) -> Size:
    """The probability of each strategy."""
    return of_table(game.table)


def of_types(game: Bayesian) -> Size:
    """The probability of each action of each type that occurs."""
    sizes = [len(own) for own in game.strategies]
    return {"players": len(game.players), "profiles": math.prod(sizes), "unknowns": sum(sizes)}


def of_real(game: Continuous) -> Size:
    """Each strategy of those players that are distinguished; beyond twelve, likes do alike."""
    unknowns = sum(len(group.player.strategies) for group in game.groups)
    players = sum(group.count for group in game.groups)
    return {"players": players, "distinguished": len(game.groups), "unknowns": unknowns}


def of_contest(game: Contest | ContestArrays) -> Size:
    """The compute with which each lab builds."""
    return {"players": len(game.names), "unknowns": len(game.names)}
