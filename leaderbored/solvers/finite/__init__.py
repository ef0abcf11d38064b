"""Nash equilibria of finite games: one, or every one.

Of two players: every equilibrium by vertices, one by complementary pivoting. Of more: the pure
ones by enumeration, every one of a small game by interval boxes, one by following the logit
correspondence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget, Progress, StoppedError, unhurried
from leaderbored.solvers.finite.assess import assess
from leaderbored.solvers.finite.bimatrix import enumerate_equilibria
from leaderbored.solvers.finite.boxes import every_mixed
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.continua import Continua, continua
from leaderbored.solvers.finite.lemke_howson import lemke_howson
from leaderbored.solvers.finite.method import FiniteMethod, status
from leaderbored.solvers.finite.pairs import two_mixing
from leaderbored.solvers.finite.polytope import MOST
from leaderbored.solvers.finite.proof import proved
from leaderbored.solvers.finite.pure import Profile, degenerate, pooled, pure_equilibria
from leaderbored.solvers.finite.quantal import logit_path, without_traces
from leaderbored.solvers.finite.reduction import Undominated
from leaderbored.solvers.finite.refinements import refined
from leaderbored.solvers.finite.zero_sum import Opposed, only, solve_opposed, whole_set
from leaderbored.solvers.order import ordered
from leaderbored.solvers.solution import Census, Component, Found, StaticEquilibrium, Status

__all__ = ["FEW", "FiniteMethod", "as_table", "equilibria", "is_symmetric"]

ONE = Census("partial", "one equilibrium was asked for; there may be others", {}, None)
FEW = 24  # strategies of two players up to which every equilibrium takes a moment
MOMENT = 8  # profiles of more players up to which it does
SHOWN = 20  # of more players, if the time is up
ASSESSED = 200  # equilibria that are assessed whether or not there is time left
WORK = 12_000  # bases of games with opposed interests, of which one equilibrium tells much
APART = 1e-3  # of a probability: samples of a continuum that are nearer count as one


def equilibria(
    game: NormalForm,
    method: FiniteMethod | None,
    *,
    all: bool | None,
    budget: Budget,
    progress: Progress | None,
    exact: bool = False,
    start: Sequence[Array] | None = None,
) -> Found[StaticEquilibrium]:
    """What :func:`leaderbored.solve` returns of a finite game; see there for the arguments."""
    method = method or FiniteMethod()
    if start is not None:
        start = _checked(game, start)
    if method.symmetric and not is_symmetric(game):
        raise ValueError("symmetric: expected a game that is the same for all its players")
    if method.pure:
        found = _pure(game, method, all is False)
    elif method.symmetric:
        found = _symmetric(game, method, all is False, budget)
    elif all is False or start is not None:
        found = _one(game, method, start, budget)
    else:
        found = _every(game, method, budget, exact)
    if method.refine:
        found = refined(game, found)
    opposed = Opposed.of(game) if found.equilibria else None
    if opposed and opposed.constant and opposed.exact:
        found = replace(found, value=float(found.equilibria[0].payoffs[0]))
    return proved(game, found)


def _every(
    game: NormalForm, method: FiniteMethod, budget: Budget, exact: bool
) -> Found[StaticEquilibrium]:
    if len(game.shape) == 1:
        return _alone(game, method, exact)
    reduced = Undominated.of(game)
    if reduced.reason:
        return reduced.whole(_every(reduced.smaller, method, budget, exact))
    if len(game.shape) == 2:
        return _pair(game, method, budget, exact)
    if game.profiles <= method.profiles:
        known = _soon(game, method, budget)
        found = every_mixed(game, method.same, budget, known)
        return _listed(game, found.profiles, method, budget, (found.complete, found.reason))
    reason = f"{game.profiles:,} profiles: only the pure equilibria and one other were sought"
    return _some(game, method, budget, reason)


def _pair(
    game: NormalForm, method: FiniteMethod, budget: Budget, exact: bool
) -> Found[StaticEquilibrium]:
    """Two players: by one program if that proves all, or else by vertices if there is hope."""
    if sum(game.shape) <= FEW:
        return _two(game, method, budget, exact)
    if found := only(game, method, exact):
        return found
    some = whole_set(game)
    if sum(game.shape) <= MOST:
        found = _two(game, method, budget, exact, WORK if some else np.inf)
        if found.census.complete == "proved" or not some or budget.spent():
            return found
    reason = f"more than {MOST} strategies: only the pure equilibria and one other were sought"
    return _some(game, method, budget, some or reason)


def _soon(game: NormalForm, method: FiniteMethod, budget: Budget) -> list[Profile]:
    """What is known before the search: the pure equilibria, or where there are none, one by a path.

    So a search that is stopped has something to show. Of few profiles it takes a moment.
    """
    pure = [degenerate(game, pure) for pure in pure_equilibria(game)]
    if pure or game.profiles <= MOMENT:
        return pure
    return list(islice(_paths(game, method, None, budget), 1))


def as_table(game: NormalForm) -> NormalForm:
    """The game as a table of payoffs, which it is.

    Examples
    --------
    >>> as_table(NormalForm([[1, 2]])).shape
    (2,)
    """
    return game


def is_symmetric(game: NormalForm) -> bool:
    """Whether the players of a game could change places.

    Examples
    --------
    >>> is_symmetric(NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]))
    True
    >>> is_symmetric(NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]))
    False
    """
    first, count = game.payoffs[0], len(game.shape)
    if len(set(game.shape)) > 1:
        return False
    others = range(2, count)
    return all((first == np.swapaxes(first, 1, k)).all() for k in others) and all(
        (game.payoffs[k] == np.swapaxes(first, 0, k)).all() for k in range(1, count)
    )


def _alike(profile: Profile) -> bool:
    return all(np.abs(law - profile[0]).max() < 1e-9 for law in profile)


def _pure(game: NormalForm, method: FiniteMethod, one: bool) -> Found[StaticEquilibrium]:
    """All pure equilibria, or the first one; of alike players only, if asked for."""
    profiles = [degenerate(game, pure) for pure in pure_equilibria(game)]
    if method.symmetric:
        profiles = [profile for profile in profiles if _alike(profile)]
    kind = "symmetric pure" if method.symmetric else "pure"
    found = _listed(
        game,
        profiles[: 1 if one else None],
        method,
        Budget(None),
        (not one, f"only {kind} equilibria were asked for"),
    )
    if found.equilibria:
        return found
    message = f"there is no {kind} equilibrium"
    return Found([], Status("not converged", message, "ask for mixed ones"), found.census)


def _symmetric(
    game: NormalForm, method: FiniteMethod, one: bool, budget: Budget
) -> Found[StaticEquilibrium]:
    """Equilibria in which all do the same (there is one: Nash 1951, theorem 2)."""
    if one:  # even odds are the same for all, and so is all that the path from them passes
        if alike := list(_pure(game, method, True).equilibria):
            return Found(alike, status(alike, method), ONE)
        path = logit_path(game, budget=budget)
        profiles = [path] if path is not None and _alike(path) else []
        answers = [assess(game, profile, "logit") for profile in profiles]
        return Found(answers, status(answers, method, stopped=budget.spent()), ONE)
    found = _every(game, method, budget, False)
    kept = [e for e in found.equilibria if _alike([*e.strategies.values()])]
    spanned = len({e.component for e in found.equilibria}) < len(found.equilibria)
    census = replace(found.census, message=f"symmetric among: {found.census.message}")
    if spanned and len(game.shape) == 2:
        reason = "within a component of several extreme equilibria others may be symmetric"
        census = replace(census, complete="partial", message=reason)
    return Found(kept, status(kept, method), replace(census, index_sum=None))


def _two(
    game: NormalForm, method: FiniteMethod, budget: Budget, exact: bool, most: float = np.inf
) -> Found[StaticEquilibrium]:
    """Two players: the extreme equilibria, and the components they span."""
    quick = _quick(game, method, budget) if sum(game.shape) > FEW else []
    try:
        found = enumerate_equilibria(game, budget, most)
        components = found.components(budget) if found.complete else []
    except StoppedError:
        return _quickly(game, quick, method)
    several = np.bincount(found.component, minlength=1) > 1
    answers = list[StaticEquilibrium]()
    for pair, number in zip(found.pairs, found.component, strict=True):
        if len(answers) >= ASSESSED and budget.spent():
            break
        answers.append(
            assess(
                game,
                found.mixed(pair),
                "vertex enumeration",
                component=number if found.complete else None,
                index=found.index[number] if found.index else None,
                isolated=found.complete and not several[number],
                exact=found.exact(pair) if exact else None,
            )
        )
    if found.complete and len(answers) == len(found.pairs):
        message = (
            "both best-response polytopes were enumerated with exact pivots, and the indices "
            "of the components sum to one"
        )
        census = Census("proved", message, {"vertex enumeration": len(answers)}, sum(found.index))
        return Found(answers, status(answers, method), census, tuple(components))
    why = "" if budget.spent() else ", as it takes too much memory"
    message = f"the enumeration of vertices was stopped{why}; equilibria may be missing"
    engines = {"vertex enumeration": len(answers), "complementary pivoting": len(quick)}
    known = pooled(([*answer.strategies.values()] for answer in answers), method.same)
    for profile in quick:
        if known.add("complementary pivoting", profile):
            answers.append(assess(game, profile, "complementary pivoting"))
    census = Census("partial", message, engines, None)
    return Found(answers, status(answers, method, stopped=True), census)


def _quickly(
    game: NormalForm, quick: Sequence[Profile], method: FiniteMethod
) -> Found[StaticEquilibrium]:
    """What was known before an enumeration that was broken off."""
    with unhurried():
        answers = [assess(game, profile, "complementary pivoting") for profile in quick]
    message = "the enumeration of vertices was broken off; equilibria may be missing"
    census = Census("partial", message, {"complementary pivoting": len(answers)}, None)
    return Found(answers, status(answers, method, stopped=True), census)


def _quick(game: NormalForm, method: FiniteMethod, budget: Budget) -> list[Profile]:
    """The equilibria that take no time: the pure ones, and what pivoting leads to."""
    found = pooled(
        (degenerate(game, pure) for pure in pure_equilibria(game)[:ASSESSED]), method.same
    )
    opposed = Opposed.of(game)
    for profile in [solve_opposed(game, opposed)] if opposed else _pivoted(game, method, budget):
        if regret(game, profile).max() <= method.tolerance:
            found.add("complementary pivoting", profile)
    return [*found]


def _alone(game: NormalForm, method: FiniteMethod, exact: bool) -> Found[StaticEquilibrium]:
    """One player: the best strategies, and all mixtures of them."""
    (table,) = game.payoffs
    laws = [degenerate(game, [int(best)]) for best in np.flatnonzero(table == table.max())]
    answers = [
        assess(
            game,
            law,
            "comparison",
            component=0,
            index=1,
            isolated=len(laws) == 1,
            exact=[tuple(Fraction(int(weight)) for weight in law[0])] if exact else None,
        )
        for law in laws
    ]
    everything = (tuple(range(len(laws))), (0,))
    part = Component((everything,), tuple(law[0] for law in laws), (np.ones(1),), 1, len(laws) - 1)
    census = Census("proved", "the best strategies were picked", {"comparison": len(answers)}, 1)
    return Found(answers, status(answers, method), census, (part,))


def _some(
    game: NormalForm, method: FiniteMethod, budget: Budget, reason: str
) -> Found[StaticEquilibrium]:
    """A game too large for every equilibrium: the pure ones, and one by a path."""
    profiles = pooled((degenerate(game, pure) for pure in pure_equilibria(game)), method.same)
    pair = two_mixing(game, budget)
    for other in [pair] if pair else islice(_paths(game, method, None, budget), 1):
        profiles.add("path", other)
    return _listed(game, [*profiles], method, budget, (False, reason))


def _listed(
    game: NormalForm,
    profiles: Sequence[Profile],
    method: FiniteMethod,
    budget: Budget,
    census: tuple[bool, str],
) -> Found[StaticEquilibrium]:
    """Profiles of three or more players, the pure ones first."""
    complete, reason = census
    right = [laws for laws in profiles if regret(game, laws).max() <= method.tolerance]
    right = [_plain(game, laws, method.tolerance) for laws in right]
    profiles = ordered(right, lambda laws: [-_largest(laws), *(-laws[0])])
    found = None if complete else _sorted(game, profiles)
    answers, samples = list[StaticEquilibrium](), list[tuple[int, Array]]()
    for k, laws in enumerate(profiles):
        if len(answers) >= SHOWN and not complete and budget.spent():
            break
        alone = found is None or not found.dimension[found.part[k]]
        if found and not alone:
            sample = found.part[k], np.concatenate(laws)
            same = (other for part, other in samples if part == sample[0])
            if any(np.abs(sample[1] - other).max() < APART for other in same):
                continue
            samples.append(sample)
        kind = ("pure" if _largest(laws) > 1 - 1e-12 else "mixed") if alone else "samples"
        part = found.part[k] if found else None
        answers.append(assess(game, laws, kind, isolated=alone, component=part))
    sizes = found.dimension if found else ()
    parts = tuple(Component((), (), (), None, size, sampled=size > 0) for size in sizes)
    engine = {"interval boxes": len(answers)} if complete else {"found": len(answers)}
    made = Census("proved" if complete else "partial", reason, engine, None)
    stopped = not complete and budget.spent()
    return Found(answers, status(answers, method, stopped=stopped), made, parts)


def _plain(game: NormalForm, laws: Profile, tolerance: float) -> Profile:
    """The same without probabilities that rounding made, if that is an equilibrium, too."""
    plain = without_traces(laws)
    return plain if regret(game, plain).max() <= tolerance else laws


def _sorted(game: NormalForm, profiles: Sequence[Profile]) -> Continua | None:
    """Equilibria of three or more players by connected sets; None if all seem to be alone."""
    try:
        found = continua(game, profiles) if len(game.shape) > 2 else None
    except StoppedError:
        return None
    return found if found and any(found.dimension) else None


def _one(
    game: NormalForm, method: FiniteMethod, start: Profile | None, budget: Budget
) -> Found[StaticEquilibrium]:
    """One equilibrium: a pure one if there is one, or one in which two mix, or else by a path."""
    if start is None and (pure := pure_equilibria(game)):
        answer = assess(game, degenerate(game, pure[0]), "pure")
        return Found([answer], status([answer], method), ONE)
    if start is None and (pair := two_mixing(game, budget)):
        answer = assess(game, pair, "two players mixing")
        return Found([answer], status([answer], method), ONE)
    for profile in _paths(game, method, start, budget):
        answer = assess(game, profile, "complementary pivoting" if len(profile) == 2 else "logit")
        if answer.regret <= method.tolerance:
            return Found([answer], status([answer], method), ONE)
    return Found([], status([], method, stopped=budget.spent()), ONE)


def _paths(
    game: NormalForm, method: FiniteMethod, start: Profile | None, budget: Budget
) -> Iterator[Profile]:
    """Candidates, the quickest first."""
    if len(game.shape) == 2 and start is None:
        if opposed := Opposed.of(game):
            yield solve_opposed(game, opposed)
        yield from _pivoted(game, method, budget)
    found = logit_path(game, start=start, budget=budget)
    if found is not None:
        yield found


def _pivoted(game: NormalForm, method: FiniteMethod, budget: Budget) -> Iterator[Profile]:
    """Equilibria of two players at the ends of the paths that let one label go."""
    for label in range(min(sum(game.shape), method.labels)):
        found = lemke_howson(game, label, seed=label, budget=budget)
        if found is not None and regret(game, found).max() <= method.tolerance:
            yield found


def _checked(game: NormalForm, start: Sequence[Array]) -> Profile:
    laws = [np.asarray(law, dtype=float) for law in start]
    if tuple(law.shape for law in laws) != tuple((size,) for size in game.shape):
        raise ValueError(f"start: expected laws over {game.shape} strategies")
    if any((law < 0).any() or abs(law.sum() - 1) > 1e-9 for law in laws):
        raise ValueError("start: expected probabilities that sum to one")
    return laws


def _largest(laws: Profile) -> float:
    """One if pure, less if not."""
    return float(min(law.max() for law in laws))
