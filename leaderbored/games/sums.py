"""Totals over many players, each kept under one symbol.

Written out, a total over N players in the formulas of N players has N times N terms. Where names in
its term mean each player's own and nothing else, the total over all, as they play, is the same for
everybody; to one who decides it is that, less its own term as it plays, and its term as it decides.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leaderbored.games.meanings import Definition, Law, Scope, Share

if TYPE_CHECKING:
    from leaderbored.games.reader import Reader


class Sums:
    """The totals of one game that were met in its formulas.

    Parameters
    ----------
    shares : mapping of str to Share
        By name of who plays alike: what names mean to each of these as they play.
    decided : set of symbols
        What players decide: the symbols of totals are added.

    Attributes
    ----------
    made : dict of str to (symbol, dict of str to expression)
        By term: what stands for the total, and the term of each who has one.

    Examples
    --------
    >>> from sympy import symbols
    >>> from leaderbored.games.expression import read
    >>> x, y, own = symbols("x y own")
    >>> sums = Sums({"A": Share({"q": x}), "B": Share({"q": y}, count=3)}, {x, y, own})
    >>> mine = [Share({"q": own}, own=True, whose="A", sums=sums),
    ...         Share({"q": y}, count=3, whose="B", sums=sums)]
    >>> read("sum(q^2) - others(q^2)", {"q": own}, mine)
    own**2
    >>> sums.totals()[0][1]
    x**2 + 3*y**2
    """

    def __init__(self, shares: Mapping[str, Share], decided: set[Any]) -> None:
        self.shares, self.decided = shares, decided
        self.made: dict[str, tuple[Any, dict[str, Any]]] = {}

    @property
    def symbols(self) -> list[Any]:
        """What stands for the totals, in the order in which they were met."""
        return [symbol for symbol, _ in self.made.values()]

    def totals(self) -> list[tuple[Any, Any]]:
        """The same, each with the total that it stands for."""
        from sympy import Add

        return [
            (symbol, Add(*(self.shares[name].count * term for name, term in terms.items())))
            for symbol, terms in self.made.values()
        ]

    def total(
        self, reader: Reader, term: ast.expr, names: Collection[str], parts: Sequence[Share]
    ) -> dict[bool, Any] | None:
        """A total as one player knows it, by whether its own term is left out.

        Parameters
        ----------
        reader : Reader
            Of the player's formula.
        term : ast.expr
        names : collection of str
            What stands in the term.
        parts : sequence of Share
            Who has all of these.

        Returns
        -------
        dict of bool to expression, or None
            None where the total is to be written out.
        """
        if not self._plain(term, names, parts):
            return None
        key = ast.dump(term)
        if key not in self.made:
            from leaderbored.games.parameters import real

            having = {name: s for name, s in self.shares.items() if {*names} <= {*s.names}}
            scopes = {name: Scope.of(share.names) for name, share in having.items()}
            terms = {name: reader.inside(scope).whole(term) for name, scope in scopes.items()}
            self.made[key] = real(f"total{len(self.made)}"), terms
            self.decided.add(self.made[key][0])
        symbol, terms = self.made[key]
        mine = [part for part in parts if part.own]
        rest = symbol - sum(terms[part.whose] for part in mine)
        own = [reader.inside(Scope.of(part.names)).whole(term) for part in mine]
        return {True: rest, False: rest + sum(own)}

    def _plain(self, term: ast.expr, names: Collection[str], parts: Sequence[Share]) -> bool:
        """Whether the term means to each player what it means to it alone."""
        if any(isinstance(node, ast.Call) and _over_players(node) for node in ast.walk(term)):
            return False
        shares = self.shares
        meant = [(part.names[name], shares[part.whose].names) for part in parts for name in names]
        return all({*names} <= {*own} for _, own in meant) and not any(
            isinstance(what, Definition | Law) for what, _ in meant
        )


def _over_players(call: ast.Call) -> bool:
    """Whether a call may be a total, or an expectation, itself."""
    from leaderbored.games.syntax import name_of
    from leaderbored.games.words import TOTALS

    return isinstance(call.func, ast.Subscript) or name_of(call.func) in TOTALS
