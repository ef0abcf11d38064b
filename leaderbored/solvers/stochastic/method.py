"""How a Markov game of one's own is solved: what may be asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MarkovMethod:
    """How to solve a Markov game of one's own.

    Parameters
    ----------
    starts : int
        Random policies to start from when every equilibrium is asked for, or none is found.
    seed : int
        Of these.
    tolerance : float
        Largest regret that counts as an equilibrium.
    same : float
        Relative distance of policies below which two equilibria are one.
    digits : int
        Of values, after the point: where what is played can only lead onwards, selections whose
        values agree in these are one.
    certified : int
        Most equilibria of such a game that are returned, with a certificate each.
    repliers : int
        Starts of best replies, where no solution of the conditions is an equilibrium.
    back : int
        Starts whose odds serve for paths of rising noise, back from the equilibria.
    approximate : float
        Largest regret of an epsilon-equilibrium that is shown where no equilibrium was found.
    slopes : int
        Choices of all agents in all states up to which stability is looked at.

    Examples
    --------
    >>> MarkovMethod().tolerance
    1e-09
    """

    starts: int = 16
    seed: int = 1
    tolerance: float = 1e-9
    same: float = 1e-7
    digits: int = 10
    certified: int = 50
    repliers: int = 3
    back: int = 4
    approximate: float = 0.01
    slopes: int = 1_500
