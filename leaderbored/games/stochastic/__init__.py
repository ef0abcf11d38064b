"""Markov games of one's own, in formulas or functions of states and actions."""

from leaderbored.games.stochastic.game import MarkovGame
from leaderbored.games.stochastic.players import Event, MarkovPlayer
from leaderbored.games.stochastic.symbols import Agent, Happening, MarkovSymbols

__all__ = ["Agent", "Event", "Happening", "MarkovGame", "MarkovPlayer", "MarkovSymbols"]
