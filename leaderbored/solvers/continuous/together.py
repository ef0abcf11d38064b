"""Formulas of continuous games compiled to numpy, those of players who are alike once for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leaderbored.games.compile import compile_rows
from leaderbored.games.meanings import Grid
from leaderbored.late import late

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")


class Named(NamedTuple):
    """A formula as a player has it who is like another: as that one's, with other names.

    Attributes
    ----------
    formula : expression
    names : mapping
        What symbols in it stand for, where not for themselves: others, or numbers.
    """

    formula: sympy.Expr
    names: Mapping[Any, Any] = MappingProxyType({})

    @property
    def symbols(self) -> set[Any]:
        """What the formula depends on, numbers among it."""
        return {self.names.get(symbol, symbol) for symbol in self.formula.free_symbols}


class Rows(NamedTuple):
    """Some formulas as one function of numpy arrays.

    Attributes
    ----------
    function : callable
        Of what stands at the places, and numbers.
    places : tuple of int
        Which of all values it takes, in its order.
    numbers : tuple of float
    tabled : bool
        Whether there are tables among the values.
    """

    function: Callable[..., list[Any]]
    places: tuple[int, ...]
    numbers: tuple[float, ...] = ()
    tabled: bool = False

    @classmethod
    def of(cls, formulas: Sequence[sympy.Expr], names: Sequence[Any]) -> Rows:
        """Formulas compiled together, in terms of what is in them of all names.

        Examples
        --------
        >>> x, y = sympy.symbols("x y")
        >>> Rows.of([x + y, x * y], [x, y])([2.0, 3.0], 1)
        [array([5.]), array([6.])]
        """
        used = _used(formulas, names)
        mine = [names[k] for k in used]
        return cls(compile_rows(formulas, mine), tuple(used), tabled=_tabled(mine))

    def __call__(self, given: Sequence[Any], count: int | None = None) -> list[Any]:
        """Values at so many points, given all values: numbers, tables, or arrays of that length.

        Numbers become arrays, for numpy joins conditions of one shape only; if no number of points
        is given, all are numbers.
        """
        values = [*(given[k] for k in self.places), *self.numbers]
        if count is not None:
            values = _filled(values, count)
        with np.errstate(all="ignore"):
            return self.function(*values)


def _filled(values: Sequence[Any], count: int) -> list[Any]:
    """The same with arrays of one length in place of numbers."""
    found, numbers = [*values], [k for k, value in enumerate(values) if np.ndim(value) == 0]
    rows = np.repeat(np.array([values[k] for k in numbers], dtype=float), count)
    for k, row in zip(numbers, rows.reshape(len(numbers), count), strict=True):
        found[k] = row
    return found


@dataclass(frozen=True)
class Each:
    """Several functions of the same values; those of players who are alike in one call.

    Attributes
    ----------
    parts : tuple of Rows
    alike : tuple of tuples of int
        The numbers of those that are one function, at other places, with other numbers.
    """

    parts: tuple[Rows, ...]
    alike: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, parts: Sequence[Sequence[Rows]]) -> Each:
        """Those of each player, in order.

        Examples
        --------
        >>> x, y = sympy.symbols("x y")
        >>> square = Rows.of([x**2], [x, y])
        >>> Each.of([[square], [square._replace(places=(1,))]])([2.0, 3.0], 1)
        [array([4.]), array([9.])]
        """
        every, alike = tuple(chain(*parts)), dict[int, list[int]]()
        for k, part in enumerate(every):
            alike.setdefault(-k if part.tabled else id(part.function), []).append(k)
        return cls(every, tuple(map(tuple, alike.values())))

    def __call__(self, given: Sequence[Any], count: int | None = None) -> list[Any]:
        """As of :class:`Rows`."""
        if count is None:
            return [value for part in self.parts for value in part(given)]
        found, filled = list[Any]([None] * len(self.parts)), _filled(given, count)
        for mine in self.alike:
            for k, value in zip(mine, self._at_once(mine, filled, count), strict=True):
                found[k] = value
        return found

    def _at_once(self, mine: Sequence[int], given: Sequence[Any], count: int) -> Any:
        """(P, count) values of P parts that are one function of one formula."""
        parts = [self.parts[k] for k in mine]
        if len(parts) == 1:
            return parts[0](given, count)
        each = zip(*(part.places for part in parts), strict=True)
        joined = [np.concatenate([given[place] for place in places]) for places in each]
        each = zip(*(part.numbers for part in parts), strict=True)
        joined += [np.repeat(np.array(numbers), count) for numbers in each]
        with np.errstate(all="ignore"):
            (value,) = parts[0].function(*joined)
        return np.broadcast_to(value, (len(parts) * count,)).reshape(len(parts), count)


@dataclass(frozen=True)
class Alike:
    """Players in order, by whose formulas theirs are.

    Attributes
    ----------
    first : tuple of int
        Of each the player whose formulas it has, itself maybe.
    names : tuple of dicts
        From what stands in that one's formulas to what stands in its own.
    bare : dict of int to expression
        The formula of each first one, with symbols for broken numbers and for places in tables.
    """

    first: tuple[int, ...]
    names: tuple[Mapping[Any, Any], ...]
    bare: Mapping[int, sympy.Expr]

    @classmethod
    def of(
        cls, payoffs: Sequence[sympy.Expr], own: Sequence[Sequence[Any]], numbers: bool = True
    ) -> Alike:
        """Players whose payoffs differ in whose they are, and in numbers such as costs.

        Parameters
        ----------
        payoffs : sequence of expressions
        own : sequence of sequences of symbols
            What each calls its own, in one order.
        numbers : bool
            Whether they may differ in numbers.

        Examples
        --------
        >>> a, b, p = sympy.symbols("a b p")
        >>> found = Alike.of([p * a - 0.5 * a**2, p * b - 0.7 * b**2], [[a], [b]])
        >>> found.first, found.names[1][a]
        ((0, 0), b)
        """
        first, names = list[int](), list[Mapping[Any, Any]]()
        bare, like = dict[int, Any](), dict[Any, list[int]]()
        for g, payoff in enumerate(payoffs):
            broken, plain = _numberless(payoff) if numbers else ([], payoff)
            key = (len(broken), len(own[g]), frozenset(plain.atoms(sympy.Number)))
            known = dict(zip(map(_number, range(len(broken))), broken, strict=True))
            for r in like.setdefault(key, []):
                pairs = dict(zip(own[r], own[g], strict=True))
                swap = pairs | {there: here for here, there in pairs.items()}
                if bare[r].xreplace(swap) == plain:
                    first.append(r)
                    names.append(swap | known)
                    break
            else:
                like[key].append(g)
                bare[g] = plain
                first.append(g)
                names.append(known)
        return cls(tuple(first), tuple(names), bare)

    def compiled(
        self, formulas: Mapping[int, Sequence[sympy.Expr]], names: Sequence[Any]
    ) -> list[list[Rows]]:
        """What is made of bare formulas, compiled once for all who are alike.

        Parameters
        ----------
        formulas : dict of int to sequence of expressions
            Of each first player.
        names : sequence of symbols
            All that has a value.

        Returns
        -------
        list of lists of Rows
            Of each player one for each formula.
        """
        at, made = {name: k for k, name in enumerate(names)}, dict[int, list[Any]]()
        for r, own in formulas.items():
            made[r] = [_one(formula, names) for formula in own]
        found = list[list[Rows]]()
        for r, mine in zip(self.first, self.names, strict=True):
            found.append([])
            for function, used, numbers in made[r]:
                places = tuple(at[mine.get(name, name)] for name in used)
                broken = tuple(float(mine[n]) for n in numbers)
                found[-1].append(Rows(function, places, broken, _tabled(used)))
        return found

    def differentiated(self, own: Sequence[Sequence[Any]]) -> dict[int, list[sympy.Expr]]:
        """Of each first player F: less the derivatives of its bare formula in what it decides."""
        return {
            r: [-_joined(sympy.diff(formula, x)) for x in own[r]]
            for r, formula in self.bare.items()
        }


def _joined(slope: sympy.Expr) -> sympy.Expr:
    """The same with powers joined: x**a / x has no value at zero."""
    if any(not power.exp.is_number for power in slope.atoms(sympy.Pow)):
        return sympy.powsimp(slope, combine="exp")
    return slope


def _tabled(names: Sequence[Any]) -> bool:
    """Whether any stands for a table."""
    return any(isinstance(name, Grid) for name in names)


def _used(formulas: Sequence[sympy.Expr], names: Sequence[Any]) -> list[int]:
    """The places of names, of symbols and tables, that are in formulas."""
    free = set[Any]().union(*(formula.free_symbols for formula in formulas))
    return [k for k, name in enumerate(names) if getattr(name, "symbol", name) in free]


def _one(formula: sympy.Expr, names: Sequence[Any]) -> tuple[Any, list[Any], list[Any]]:
    """A formula compiled in terms of what is in it: function, names, and symbols of numbers."""
    used = [names[k] for k in _used([formula], names)]
    broken = (s for s in formula.free_symbols if s.name.startswith(NUMBER))
    numbers = sorted(broken, key=lambda s: s.name)
    return compile_rows([formula], [*used, *numbers]), used, numbers


NUMBER = "number of a payoff "


def _number(k: int) -> sympy.Symbol:
    """Stands for the k-th number of a payoff, whosever it is."""
    return sympy.Symbol(f"{NUMBER}{k}", real=True)


def _numberless(payoff: sympy.Expr) -> tuple[list[sympy.Number], sympy.Expr]:
    """The broken numbers and the places of tables in a payoff, and it with what stands for them."""
    from sympy.core.function import AppliedUndef

    numbers, instead = list[sympy.Number](), dict[sympy.Expr, sympy.Expr]()
    for entry in sorted(payoff.atoms(AppliedUndef), key=str):
        if all(place.is_Integer for place in entry.args[1:]):
            first, numbers = len(numbers), [*numbers, *entry.args[1:]]
            instead[entry] = entry.func(entry.args[0], *map(_number, range(first, len(numbers))))
    for number in sorted(part for part in payoff.atoms(sympy.Number) if not part.is_Integer):
        instead[number] = _number(len(numbers))
        numbers.append(number)
    return numbers, payoff.xreplace(instead)
