"""What an entry of the table of kinds holds, and what may be asked of a game."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from typing import Any

KNOWN: dict[str, Kind] = {}  # by name
"""Every kind that is known, the package's first."""


@dataclass(frozen=True)
class Verb:
    """What may be asked of a game.

    Parameters
    ----------
    name : str
        Of the function, or of the option of :func:`leaderbored.solve`.
    needs : str
        Which field of a kind must be filled in for an answer; every kind answers if empty.
    refusal : str
        What is said otherwise.
    option : bool
        Whether it is an option of :func:`leaderbored.solve`.
    """

    name: str
    needs: str = ""
    refusal: str = ""
    option: bool = False


RACE = "expected the solution of a race"
STRATEGIES = "expected a game with finitely many strategies"
VERBS = {
    verb.name: verb
    for verb in (
        Verb("solve"),
        Verb("all", option=True),
        Verb("limit", option=True),
        Verb("start", "options", "start: no option of", option=True),
        Verb("exact", "options", "exact: no option of", option=True),
        Verb("information", "options", "information: no option of", option=True),
        Verb("select", "options", "select: no option of", option=True),
        Verb("explain"),
        Verb("estimate"),
        Verb("trace", "line", "expected a Race or a MarkovGame"),
        Verb("sweep", "file", "expected a game whose numbers have names"),
        Verb("phase", "board", "expected a race"),
        Verb("uncertainty", "file", "expected a game whose numbers have names"),
        Verb("dynamics", "arena", "there are no dynamics of such games"),
        Verb("basin", "basin", RACE),
        Verb("correlated", "table", STRATEGIES),
        Verb("commitment", "table", STRATEGIES),
        Verb("rationalizable", "table", STRATEGIES),
        Verb("certify", "proof", "expected an equilibrium of a race"),
        Verb("verdict", "board", "the game is not a race; its leads are not defined"),
        Verb("sensitivity", "board", "expected a race"),
        Verb("effects", "board", "the game is not a race; its leads are not defined"),
        Verb("welfare", "board", RACE),
        Verb("planner", "board", "expected a race, or the solution of one"),
        Verb("lead_path", "board", RACE),
        Verb("impulse", "board", RACE),
        Verb("leaderboards", "board", RACE),
        Verb("lease_market", "board", f"{RACE} with a lease"),
        Verb("persuasion", "board", f"{RACE} with hype"),
        Verb("computers", "board", f"{RACE} in which compute accumulates"),
        Verb("scarcity_path", "board", "expected a race"),
        Verb("whiplash", "board", "expected a race"),
        Verb("figure", "figure", "such a game has no picture"),
        Verb("file", "file", "files hold no such games"),
    )
}


@dataclass(frozen=True)
class Limit:
    """Games of a kind of which a verb that it offers is refused.

    Parameters
    ----------
    verbs : tuple of str
    refusal : str
        What is said; ``{names}`` stands for those that the game has.
    path : str
        Attribute of the game, with dots: names, as ``"mechanisms.on"``, or one thing.
    names : tuple of str
        It is refused where one of these is among them, or any name if this is empty.
    absent : bool
        Whether it is refused where none of them is, instead.
    """

    verbs: tuple[str, ...]
    refusal: str
    path: str
    names: tuple[str, ...] = ()
    absent: bool = False

    def said(self, game: Any) -> str:
        """What is said of a game of the kind; empty if it is none of these."""
        found: Any = game
        for step in self.path.split("."):
            found = getattr(found, step)
        found = found if isinstance(found, tuple) else (str(found),)
        those = [name for name in found if not self.names or name in self.names]
        if bool(those) is self.absent:
            return ""
        return self.refusal.format(names=", ".join(those))


@dataclass(frozen=True)
class Kind:
    """A kind of game: places, each ``"module:name"``, and what is empty is not offered.

    Parameters
    ----------
    name : str
        How messages and pages call it.
    record : str
        The class of the game; those derived from it are of the same kind.
    becomes : str
        Name of the kind that it can be reduced to.
    reduction : str
        How: a :class:`leaderbored.solvers.reductions.Reduction`.
    shortcut : str
        A reduction to another kind that is tried before, of games that are large: its field
        ``asked`` says whether it is asked for, None if nothing is.
    within : str
        A reduction that its room applies when all equilibria are looked for.
    room : str
        What solves it: a function of the game, the method and the options of
        :func:`leaderbored.solve`, with a budget in place of the limit, that returns a
        :class:`leaderbored.solvers.solution.Found`.
    method : str
        The class of its methods, frozen and with a default for everything.
    options : tuple of str
        What :func:`leaderbored.solve` may be asked besides ``all``, ``limit`` and ``progress``.
    sweep_method : str
        The method in sweeps for one equilibrium, where it is not the default.
    dynamic : bool
        Whether it is played over time.
    arena : str
        The :class:`leaderbored.play.arena.Arena` of the game.
    line : str
        What follows equilibria along a number: a
        :class:`leaderbored.verdicts.correspondence.records.Line`.
    table : str
        The game as a table of payoffs: a function of it.
    proof, basin : str
        What proves an equilibrium, and what samples the starts that lead to each.
    board : str
        What reads leads off an equilibrium.
    values : str
        Names and values of the players in an equilibrium: a function of it and of the game.
    estimate : str
        Guesses the work: a function of the game, and of whether all equilibria are looked for.
    size : str
        The size of a game in words: a function of it.
    page, data, figure : str
        Of a solution: a page, plain data for JSON, a figure.
    drawable : str
        Why a game has no picture, empty if it has one: a function of it.
    file : str
        The word for it in game files, ``kind = "..."``; its records are then read and written by
        pydantic.
    formats : mapping of str to pair of str
        Other files by suffix: what reads them and what writes them, either may be empty.
    starter : str
        The commented file that ``leaderbored new`` writes: ``"package:path"``.
    limits : tuple of Limit
        Games of this kind to which verbs are refused.
    refusals : mapping of str to str
        What is said where a verb is not offered, if not the usual.

    Examples
    --------
    >>> Kind("auction", "my_auctions:Auction", becomes="normal-form",
    ...      reduction="my_auctions:TABLE").answers("dynamics")
    True
    """

    name: str
    record: str
    becomes: str = ""
    reduction: str = ""
    shortcut: str = ""
    within: str = ""
    room: str = ""
    method: str = ""
    options: tuple[str, ...] = ()
    sweep_method: str = ""
    dynamic: bool = False
    arena: str = ""
    line: str = ""
    table: str = ""
    proof: str = ""
    basin: str = ""
    board: str = ""
    values: str = ""
    estimate: str = ""
    size: str = ""
    page: str = ""
    data: str = ""
    figure: str = ""
    drawable: str = ""
    file: str = ""
    formats: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    starter: str = ""
    limits: tuple[Limit, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)

    def answers(self, verb: str) -> bool:
        """Whether it offers a verb, at least of some of its games.

        Examples
        --------
        >>> from leaderbored.kinds import kind_named
        >>> kind_named("contest").answers("verdict"), kind_named("race").answers("verdict")
        (False, True)
        """
        needs = VERBS[verb].needs
        if verb == "file":  # of the game as given
            return bool(self.file)
        if needs == "options":
            return any(verb in kind.options for kind in self.lineage)
        return not needs or self.has(needs)

    @property
    def lineage(self) -> tuple[Kind, ...]:
        """It, what it becomes, what that becomes, and so on.

        Examples
        --------
        >>> from leaderbored.kinds import kind_named
        >>> [kind.name for kind in kind_named("contest").lineage]
        ['contest', 'contest arrays']
        """
        return (self, *(KNOWN[self.becomes].lineage if self.becomes else ()))

    def has(self, part: str) -> bool:
        """Whether a field is filled in, here or in what it becomes."""
        return any(getattr(kind, part) for kind in self.lineage)

    def refusal(self, verb: str) -> str:
        """What is said where it does not; empty if it does.

        Examples
        --------
        >>> from leaderbored.kinds import kind_named
        >>> kind_named("contest").refusal("trace")
        'expected a Race or a MarkovGame'
        """
        if self.answers(verb):
            return ""
        return self.refusals.get(verb, VERBS[verb].refusal)

    def limit(self, verb: str, game: Any) -> str:
        """Why a verb that it offers is refused to a game of it; empty if it is not.

        Examples
        --------
        >>> import leaderbored as lb
        >>> from leaderbored.kinds import kind_named
        >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(3), 0.1, mechanisms={"lease": {"friction": 0.1}})
        >>> kind_named("race").limit("certify", race)
        'expected a race without lease; see its proof as solve gives it'
        """
        found = (one.said(game) for one in self.limits if verb in one.verbs)
        return next(filter(None, found), "")

    @property
    def places(self) -> dict[str, str]:
        """Every place that it names, by field."""
        apart = {"name", "becomes", "file", "starter"}
        found = {part.name: getattr(self, part.name) for part in fields(self)}
        named = {key: at for key, at in found.items() if isinstance(at, str) and key not in apart}
        for suffix, (reader, writer) in self.formats.items():
            named |= {f"reader of {suffix}": reader, f"writer of {suffix}": writer}
        return {key: place for key, place in named.items() if place}

    def get(self, part: str) -> Any:
        """What stands at the place of a field, imported; of what it becomes, if that is empty.

        Examples
        --------
        >>> from leaderbored.kinds import kind_named
        >>> kind_named("contest").get("method")().tolerance
        1e-10
        """
        return imported(next(filter(None, (getattr(kind, part) for kind in self.lineage))))


def imported(place: str) -> Any:
    """What stands at a place.

    Examples
    --------
    >>> imported("fractions:Fraction")(1, 2)
    Fraction(1, 2)
    """
    home, _, name = place.partition(":")
    return getattr(import_module(home), name)
