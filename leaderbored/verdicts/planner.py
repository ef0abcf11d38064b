r"""What a planner who decides for all labs would do, and what labs that decide apart lose by it.

The planner plays the same game with all shares and sales in one hand
(:mod:`leaderbored.solvers.planner`), and aims at the welfare of labs and customers together: the
first best. With the labs' profits as the aim it is a cartel. The answer carries a bound of what any
other policy could gain, by duality, from a second reading of the race's record. It is set beside
equilibria as in Besanko, Doraszelski and Kryukov, How efficient is dynamic competition? The case of
price as investment, American Economic Review 109, 2019: the loss is a share of what the first best
is worth over a market in which nobody is ever served. It is parted in two: with the shares of the
equilibrium and the best sales at each, a part of the loss is gone, that of sales; the rest is that
of building too much, too little, or by the wrong lab. What competition takes from what a cartel
would earn is the dissipation of rents as in Fudenberg and Tirole, American Economic Review 77,
1987.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import RefusedError
from leaderbored.kinds import offering
from leaderbored.race import Race, leads
from leaderbored.race.alike import Alike, Ordered
from leaderbored.shown import Shown
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.solvers.markov.apart import told_apart
from leaderbored.solvers.markov.in_roles import IN_ROLES
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.planner import Aim, Plan, Task, held, plan, task_of, worth
from leaderbored.solvers.planner.certificate import Bound, Policy, bound
from leaderbored.solvers.reductions import chain
from leaderbored.solvers.solution import Status, game_of
from leaderbored.text import at_most, percent
from leaderbored.verdicts.board import board_of
from leaderbored.verdicts.law import Law, stationary
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.profile import shares_by_lead
from leaderbored.verdicts.reading import kind_at
from leaderbored.verdicts.welfare import Welfare, by_the_year, present_values, sold_at, undefined
from leaderbored.verdicts.words import NOUNS

TOLERANCE = 1e-9
NOTHING = 1e-9  # relative size of a loss that is rounding
AIMS: tuple[Aim, ...] = ("welfare", "profits")
WORDS: dict[Aim, str] = {"welfare": "a planner", "profits": "a cartel"}
MANY = 4  # equilibria that a sentence can hold


@dataclass(frozen=True)
class Gap:
    """What labs that decide apart lose, in one equilibrium.

    Attributes
    ----------
    kind : str or None
        Of its verdict.
    value : float
        Of what is aimed at, from the tie on; money.
    loss : float or None
        Share of what the planner reaches from there that is lost; None if that is nothing.
    by_sales, by_building : float or None
        Its two parts: what would be won by the best sales at the same shares, and the rest.
    """

    kind: Kind | None
    value: float
    loss: float | None
    by_sales: float | None
    by_building: float | None


@dataclass(frozen=True, eq=False)
class Planner(Shown):
    """Say what a planner who decides for all labs would do, and what it would reach.

    Attributes
    ----------
    race : Race
    game : Markov
        What it was compiled to: N players, S states. Where there are many leaderboards alike labs
        are not told apart, and it has those on which they stand in order, as that of an
        :class:`leaderbored.Equilibrium`.
    aim : {"welfare", "profits"}
        Labs and customers together, or the labs alone: a cartel.
    advance : float
        What each frontier advance is worth to others besides, for ever; money/year.
    build, sold : (N, S) arrays
        Shares that build, and units sold.
    value : (S,) array
        Of what is aimed at, from each state on; money. The first state is the tie.
    kind : str or None
        Of the verdict on what it does, as of a :class:`leaderbored.Verdict`.
    welfare : Welfare
        What it comes to.
    law : Law
        Of the states under it, from a tie.
    regret : float
        Bound of what any other policy could gain from any state on, relative to the largest value.
    status : Status
    gaps : tuple of Gap
        One for each equilibrium that it is compared with.
    solution : Solution or None
        Whose equilibria these are.
    """

    race: Race
    game: Markov
    aim: Aim
    advance: float
    build: Array
    sold: Array
    value: Array
    kind: Kind | None
    welfare: Welfare
    law: Law
    regret: float
    status: Status
    gaps: tuple[Gap, ...] = ()
    solution: Solution | None = None

    @property
    def lead_distribution(self) -> tuple[float, ...]:
        """Share of time at leads 0, 1, ..., G."""
        lead = leads(board_of(self.race, self.game).states)[0]
        return tuple(np.bincount(lead, self.law.weight, self.race.rungs + 1).tolist())

    @property
    def by_lead(self) -> tuple[Array, Array]:
        """(G + 1,) mean share that the leader builds with, and that the others do, by compute.

        As of :func:`leaderbored.verdicts.profile.by_lead`; of leads at which it spends no time the
        mean of all their states.
        """
        copies = board_of(self.race, self.game).copies
        everywhere = replace(self.law, weight=self.law.weight + np.finfo(float).tiny * copies)
        return shares_by_lead(self.race, everywhere, self.build, self.game)

    @property
    def met(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(G + 1,) whether it spends time where there is a leader, and where there are others."""
        leader, others = shares_by_lead(self.race, self.law, self.build, self.game)
        return np.isfinite(leader), np.isfinite(others)

    @property
    def at_cap(self) -> float:
        """Share of time at the cap, where an advance of the frontier moves those behind, too."""
        return self.lead_distribution[-1]

    @property
    def headline(self) -> str:
        """What is lost, in a sentence.

        Examples
        --------
        >>> import leaderbored as lb
        >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(3, handicap=0.095), discount=0.1)
        >>> print(planner(lb.solve(race)).headline)
        The run loses 7.7% of what a cartel would earn.
        """
        reaches = {"welfare": "what a planner could reach", "profits": "what a cartel would earn"}
        if self.advance:
            reaches["profits"] = "what one who decides for all could reach"
        if not self.gaps:
            return f"{WORDS[self.aim].capitalize()} reaches {self.value[0]:.4g} from the tie."
        if len(self.gaps) > MANY:
            losses = sorted(gap.loss or 0.0 for gap in self.gaps)
            span = " to ".join(dict.fromkeys((share(losses[0]), share(losses[-1]))))
            return f"The {len(losses)} equilibria lose {span} of {reaches[self.aim]}."
        names = _one_by_one([_named(gap.kind) for gap in self.gaps])
        (first, lost), *rest = zip(names, [share(gap.loss) for gap in self.gaps], strict=True)
        told = [f"{first.capitalize()} loses {lost} of {reaches[self.aim]}"]
        return ", ".join([*told, *(f"{name} {lost}" for name, lost in rest)]) + "."


def _named(kind: Kind | None) -> str:
    return NOUNS[kind].removeprefix("a ") if kind else "equilibrium"


def _one_by_one(names: Sequence[str]) -> list[str]:
    """Names with their articles, so that those that are alike are told apart.

    Examples
    --------
    >>> _one_by_one(["run", "race", "run"])
    ['one run', 'the race', 'another run']
    """
    articles = [
        "the" if names.count(name) == 1 else "one" if names.index(name) == k else "another"
        for k, name in enumerate(names)
    ]
    return [f"{article} {name}" for article, name in zip(articles, names, strict=True)]


def share(loss: float | None) -> str:
    """A loss in words.

    Examples
    --------
    >>> share(0.1234), share(0.0), share(0.00001), share(0.9997), share(None)
    ('12%', 'nothing', 'under 0.1%', 'over 99%', 'nothing')
    """
    return "nothing" if loss is None or loss <= NOTHING else percent(loss, 2)


@unthreaded
def planner(game: Race | Solution, aim: Aim | None = None, advance: float = 0.0) -> Planner:
    """The best that can be done in a race by one who decides for all labs.

    Parameters
    ----------
    game : Race or Solution
        Of a race; equilibria of a solution are compared with it.
    aim : {"welfare", "profits"}, optional
        Labs and customers together, which is the default where customers' surplus is defined, as it
        is on a market that clears; or the labs' profits alone.
    advance : float, default 0
        What each frontier advance is worth to others besides, for ever, or what harm it does;
        money/year.

    Returns
    -------
    Planner

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If it has mechanisms with which labs sell or succeed otherwise than in a plain race, if
        money can be made to grow as fast as it is discounted, if the aim is welfare where
        customers' surplus is not defined, as where money grows, or if ``advance`` is not a number,
        or is given where money grows.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.2, switching=0.5),
    ...                lb.Technology(1, handicap=0.1), discount=0.2, rungs=6)
    >>> found = planner(lb.solve(race))
    >>> found.status.ok, found.regret < 1e-12
    (True, True)
    >>> print(found.headline)
    The race loses 3% of what a planner could reach.
    """
    race, solution = _asked(game)
    compiled = _compiled(race, solution)
    aim = _aimed(race, compiled, aim, advance)
    task = task_of(race, aim, advance, compiled)
    with np.errstate(all="ignore"):
        found = plan(task)
    choice = found.choice
    build, sold = choice.build[: len(race.labs)], choice.sold[: len(race.labs)]
    policy = Policy(build, sold, choice.unserved, aim, advance)
    judged = bound(race, policy, isinstance(compiled, Ordered))
    hazard = task.game.hazard(choice.build)
    law = stationary(System(task.game).transitions(hazard), race.discount)
    present = present_values(race, task.game, hazard, choice)
    return Planner(
        race=race,
        game=compiled,
        aim=aim,
        advance=advance,
        build=build,
        sold=sold,
        value=found.value,
        kind=kind_at(race, task.game, choice.build),
        welfare=by_the_year(race, task.game, law, choice, present),
        law=law,
        regret=judged.regret,
        status=_status(found, judged),
        gaps=_gaps(race, task, found, solution.equilibria if solution else ()),
        solution=solution,
    )


def _asked(game: Race | Solution) -> tuple[Race, Solution | None]:
    """The race, and its solution if it is given."""
    if isinstance(game, Solution):
        return game_of(game, "planner"), game
    offering(game, "planner")
    race = chain(game, "board").game
    if reason := offering(race, "planner").limit("planner", race):
        raise RefusedError(f"planner: {reason}")
    return race, None


def _compiled(race: Race, solution: Solution | None) -> Markov:
    """The race, on leaderboards that tell alike labs apart where the equilibria do.

    One who decides for all has no reason to: what is best is so after alike labs are exchanged.
    """
    if solution is not None and solution.equilibria:
        lumped = isinstance(game := solution.equilibria[0].game, Ordered)
        return game if lumped else race.markov()
    return Alike(race).ordered if IN_ROLES.accept(race) else race.markov()


def _aimed(race: Race, game: Markov, aim: Aim | None, advance: float) -> Aim:
    wrong = []
    why = undefined(race)
    if aim is None:
        aim = "profits" if why else "welfare"
    if aim not in AIMS:
        wrong.append(f"aim: {aim!r}, expected one of {', '.join(map(repr, AIMS))}")
    elif aim == "welfare" and why:
        wrong.append(f"aim: {why}; expected 'profits', with what an advance is worth as advance")
    if not np.isfinite(advance):
        wrong.append(f"advance: {advance}, expected a finite number")
    if race.growth != 1:
        wrong += _growing(race, game, advance)
    if wrong:
        raise RefusedError(f"planner: {'; '.join(wrong)}")
    return aim


def _growing(race: Race, game: Markov, advance: float) -> list[str]:
    """What is in the way where money grows."""
    wrong, decay = [], game.decay
    if advance != 0:
        wrong.append("advance: its value to others as money grows is not defined; expected 0")
    if not decay > 0:
        why = "labs together can make money grow as fast as it is discounted"
        wrong.append(f"discount: {why}; expected above {race.discount - decay:.4g}")
    return wrong


def _status(found: Plan, judged: Bound) -> Status:
    regret = judged.regret
    advice = "lower rungs, or choose numbers nearer to each other"
    if not found.rounds:
        return Status("not converged", "policy iteration did not settle", advice)
    if not regret <= TOLERANCE + judged.rounding:
        message = f"another policy may gain up to {at_most(regret)} of the largest value"
        return Status("imprecise", message, advice)
    return Status(
        "converged", f"no other policy gains more than {at_most(regret)} of the largest value"
    )


def _gaps(
    race: Race, task: Task, found: Plan, equilibria: Sequence[Equilibrium]
) -> tuple[Gap, ...]:
    """What each equilibrium loses, and by what."""
    lumped = isinstance(task.game, Ordered)
    return tuple(_gap(race, task, found, one if lumped else told_apart(one)) for one in equilibria)


def _gap(race: Race, task: Task, found: Plan, equilibrium: Equilibrium) -> Gap:
    system, build = System(task.game), equilibrium.build
    value = float(worth(system, task, sold_at(equilibrium))[0])
    better = float(worth(system, task, held(task.game, build, task.customers))[0])
    most = float(found.value[0])
    kind = kind_at(race, equilibrium.game, build)
    if not most > 0:
        return Gap(kind, value, None, None, None)
    by_sales, loss = (better - value) / most, (most - value) / most
    return Gap(kind, value, loss, by_sales, loss - by_sales)
