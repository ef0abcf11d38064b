"""Games played once: bimatrix games and contests, beside libraries for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy.optimize

import leaderbored as lb
from benchmarks.contestants import Contestant, Work

Profile = np.ndarray  # the two players' laws, one after the other
SEED = 3


def matrices(size: int) -> np.ndarray:
    """Payoffs (2, m, m), normal: without ties, which some algorithms ask for."""
    return np.random.default_rng(SEED + size).normal(size=(2, size, size))


def quantecon(game: np.ndarray) -> Any:
    """The game as one of quantecon."""
    import quantecon.game_theory as theory

    return theory.NormalFormGame([theory.Player(game[0]), theory.Player(game[1].T)])


def pairs(found: Any) -> list[Profile]:
    """Profiles from pairs of laws."""
    return [np.concatenate([np.asarray(law, dtype=float) for law in pair]) for pair in found]


def gambit(game: np.ndarray, solve: Callable[[Any], Any]) -> list[Profile]:
    """Profiles that Gambit finds."""
    import pygambit

    made = pygambit.Game.from_arrays(*game)
    return [
        np.array([float(profile[s]) for player in made.players for s in player.strategies])
        for profile in solve(made).equilibria
    ]


def ours(game: np.ndarray, **options: Any) -> list[Profile]:
    """Profiles found here."""
    found = lb.solve(lb.NormalForm(game.tolist()), **options)
    return [np.concatenate(list(each.strategies.values())) for each in found.equilibria]


def all_of_quantecon(game: np.ndarray, name: str) -> list[Profile]:
    """All equilibria by one of quantecon's functions."""
    import quantecon.game_theory as theory

    return pairs(getattr(theory, name)(quantecon(game)))


def nashpys(game: np.ndarray, name: str) -> list[Profile]:
    """Equilibria by one of nashpy's."""
    import nashpy

    return pairs(getattr(nashpy.Game(*game), name)())


def enumerated(made: Any) -> Any:
    """Gambit's enumeration in floating-point numbers."""
    import pygambit

    return pygambit.nash.enummixed_solve(made, rational=False)


def complementary(made: Any) -> Any:
    """Gambit's first equilibrium by the linear complementarity program."""
    import pygambit

    return pygambit.nash.lcp_solve(made, rational=False, stop_after=1)


def one_of_quantecon(game: np.ndarray) -> list[Profile]:
    """An equilibrium by Lemke and Howson's algorithm."""
    import quantecon.game_theory as theory

    return pairs([theory.lemke_howson(quantecon(game))])


def one_of_nashpy(game: np.ndarray) -> list[Profile]:
    """The same by nashpy."""
    import nashpy

    return pairs([nashpy.Game(*game).lemke_howson(initial_dropped_label=0)])


def the_same(answer: list[Profile], reference: list[Profile]) -> str:
    """How many of the equilibria were found."""
    there = sum(any(np.abs(a - r).max() < 1e-6 for a in answer) for r in reference)
    more = len(answer) - there
    return f"{there} of {len(reference)}" + f", and {more} others" * bool(more)


def regret(game: np.ndarray, answer: list[Profile], _: Any = None) -> str:
    """The most that a player could gain."""
    x, y = np.split(answer[0], 2)
    gains = (game[0] @ y).max() - x @ game[0] @ y, (x @ game[1]).max() - x @ game[1] @ y
    return f"regret {max(*gains, 0.0):.0e}"


def all_equilibria(size: int) -> Work:
    """All equilibria of a bimatrix game."""
    game = matrices(size)
    return Work(
        f"All equilibria, {size} x {size} bimatrix",
        [
            Contestant("leaderbored: solve(all=True), regrets", partial(ours, game, all=True)),
            Contestant(
                "quantecon: support_enumeration",
                partial(all_of_quantecon, game, "support_enumeration"),
                "quantecon",
            ),
            Contestant(
                "quantecon: vertex_enumeration",
                partial(all_of_quantecon, game, "vertex_enumeration"),
                "quantecon",
            ),
            Contestant(
                "nashpy: support_enumeration",
                partial(nashpys, game, "support_enumeration"),
                "nashpy",
            ),
            Contestant(
                "nashpy: vertex_enumeration", partial(nashpys, game, "vertex_enumeration"), "nashpy"
            ),
            Contestant("pygambit: enummixed_solve", partial(gambit, game, enumerated), "pygambit"),
        ],
        the_same,
    )


def one_equilibrium(size: int) -> Work:
    """One equilibrium of a bimatrix game."""
    game = matrices(size)
    return Work(
        f"One equilibrium, {size} x {size} bimatrix",
        [
            Contestant("leaderbored: solve(all=False), regret", partial(ours, game, all=False)),
            Contestant("quantecon: lemke_howson", partial(one_of_quantecon, game), "quantecon"),
            Contestant("nashpy: lemke_howson", partial(one_of_nashpy, game), "nashpy"),
            Contestant("pygambit: lcp_solve", partial(gambit, game, complementary), "pygambit"),
        ],
        partial(regret, game),
    )


# --- contests


def contest(labs: int) -> lb.Contest:
    """Unequal labs that are all sold out, and all build."""
    prices = 1 + 0.4 * np.arange(labs) / labs**2
    contenders = [lb.Contender(f"{k}", 1.0, price=float(p)) for k, p in enumerate(prices)]
    return lb.Contest(contenders, prize=2.0)


def nashopt(game: lb.Contest) -> Callable[[], np.ndarray]:
    """How NashOpt solves it: payoffs that jax differentiates, and bounds."""

    def run() -> np.ndarray:
        import nashopt

        prices = np.array([each.price for each in game.labs])
        count = len(prices)

        def loss(i: int) -> Callable[[Any], Any]:
            return lambda x: prices[i] * x[i] - game.prize * x[i] / x.sum()

        made = nashopt.GNEP(
            [1] * count, [loss(i) for i in range(count)], lb=np.zeros(count), ub=np.ones(count)
        )
        return np.asarray(made.solve(np.full(count, 1 / count), verbose=0).x)

    return run


def first_order(game: lb.Contest) -> np.ndarray:
    """What a user would write: scipy.optimize.root on the first-order conditions."""
    prices = np.array([each.price for each in game.labs])

    def residual(x: np.ndarray) -> np.ndarray:
        return game.prize * (x.sum() - x) / x.sum() ** 2 - prices

    found = scipy.optimize.root(residual, np.full(len(prices), 1 / len(prices)), tol=1e-12)
    return np.asarray(found.x)


def contests(labs: int) -> Work:
    """The equilibrium of a contest."""
    game = contest(labs)

    def solved() -> np.ndarray:
        found = lb.solve(game).equilibria[0]
        return np.concatenate(list(found.strategies.values()))

    return Work(
        f"Contest of {labs} labs",
        [
            Contestant("leaderbored: solve, regret", solved),
            Contestant("user's loop: scipy.optimize.root", partial(first_order, game)),
            Contestant("nashopt: GNEP, compiled each time", nashopt(game), "nashopt"),
        ],
        lambda answer, reference: f"shares differ by {np.abs(answer - reference).max():.0e}",
    )
