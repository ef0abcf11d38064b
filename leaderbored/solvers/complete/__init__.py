r"""Proof that the list of equilibria of a step-by-step race of two labs is complete.

The equations at a lead g tie the labs' values at g + 1 and at g to those at g - 1. The set of all
values at two neighbouring leads that the game beyond them allows is a surface of two dimensions. It
is covered by cells, affine functions with bounds on their error, from the longest lead down to the
tie (:mod:`.cells`, :mod:`.sweep`), and as well from the other end up. Cells over the same square of
a grid that are much alike become one, so that their number does not grow. What fits at the tie on
both sides, and satisfies the equations there, is all that an equilibrium can be; the boxes it lies
in are swept again, and cut in two where they do not shrink, until each is empty or lies within the
neighbourhood in which a proved equilibrium is the only one
(:mod:`leaderbored.solvers.markov.proof`). A box that does neither holds what the list has missed,
or shows that the proof fell short.

Every operation is rounded outwards (:mod:`.intervals`), and what is cut off never holds a
solution: the proof is of the compiled game with its numbers as the computer holds them. How grids
are chosen, cells merged and boxes cut is tuning.
"""

from leaderbored.solvers.complete.outcome import Outcome
from leaderbored.solvers.complete.settings import Transfer

__all__ = ["Outcome", "Transfer"]
