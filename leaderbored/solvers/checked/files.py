"""Files of proofs: what is claimed of a race, in numbers that can be checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, ctx
from pydantic import ValidationError

from leaderbored.games.formats.gamefile import adapter_of
from leaderbored.games.markov import Markov
from leaderbored.games.validation import mistakes_of
from leaderbored.race.board import count_states
from leaderbored.solvers.budget import StoppedError
from leaderbored.solvers.checked.alone import Conditions
from leaderbored.solvers.checked.bounding import bounded
from leaderbored.solvers.checked.cover import Cover, near
from leaderbored.solvers.checked.only import in_whole_numbers
from leaderbored.solvers.checked.reading import FORMAT, TABLES, Claimed, Jump, Proof, read, written
from leaderbored.solvers.checked.reply import rows_of
from leaderbored.solvers.checked.stage import Lab
from leaderbored.solvers.checked.standing import stands
from leaderbored.solvers.solution import Equilibrium, Solution
from leaderbored.text import at_most

if TYPE_CHECKING:
    from leaderbored.race import Race

BITS = 96  # of the centre of a ball
STEPS = 20_000_000  # of the sweeps that make or check a cover: a minute
SAFE = 1e-9  # part by which what is claimed is less than what was proved
ROUNDED = 4e-16  # of the largest value: what is claimed of the nearest zero is no less
OTHER = (
    "only races at set prices have such a file, with theta below one, in which all compute earns "
    "something, without growth and without mechanisms that change what a share earns or builds"
)
Claim = tuple[str, bool | None, str]


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    claims : tuple of Claim
        Each claim of the file, whether it holds, None where that was not found out, and why.

    Examples
    --------
    >>> Checked((("the list is complete", None, "it takes long"),)).fails
    False
    """

    claims: tuple[Claim, ...]

    @property
    def fails(self) -> bool:
        """Whether some claim was not confirmed that was tested to the end."""
        return any(holds is False for _, holds, _ in self.claims)

    @property
    def whole(self) -> bool:
        """Whether every claim holds."""
        return all(holds is True for _, holds, _ in self.claims)


def proof_of(solution: Solution[Any], steps: int = STEPS) -> dict[str, Any]:
    """What is proved of a solved race, as a tree of plain data.

    Parameters
    ----------
    solution : Solution
    steps : int
        Most steps in making the cover of a list that is proved, of which three hundred thousand
        take about a second.

    Raises
    ------
    ValueError
        If its stages are not plain, its money grows, or theta is one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=2)
    >>> proof = proof_of(lb.solve(race, all=True))
    >>> proof["equilibria"][0]["alone"] > 1e-6 > proof["equilibria"][0]["near"]
    True
    >>> check(proof).claims[1][:2]
    ('equilibrium 1 exists and is alone', True)
    """
    if reason := refusal(solution.game):
        raise ValueError(reason)
    game = solution.markov
    proof = {
        "format": FORMAT,
        "race": _race().dump_python(solution.game, mode="json", exclude_none=True),
        "discount": float(game.discount),
        "returns": float(game.returns),
        "tables": {name: _plain(getattr(game, name)) for name in TABLES},
        "jumps": _jumps(game),
        "equilibria": [_claimed(one) for one in solution.equilibria],
        "complete": solution.complete,
    }
    if solution.complete == "proved":
        with ctx.workprec(BITS):
            proof["cover"] = _written(read(proof), steps)
    return proof


def _written(proof: Proof, steps: int) -> dict[str, Any]:
    """A cover of all values, if there is one in so many steps."""
    if any(one.reason for one in proof.equilibria):
        return {"reason": "not all on the list are proved"}
    cover = _cover(proof.jumps, _conditions(proof), proof.equilibria)
    if isinstance(cover, str):
        return {"reason": cover}
    try:
        complete, nodes = cover.made(steps)
    except StoppedError:
        return {"reason": "the time was up before one was found"}
    return {"boxes": written(nodes)} if complete else {"reason": f"none in {steps:,} steps"}


def refusal(race: Race) -> str:
    """Why there is no file of a proof of a race; empty if there is.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, returns=1.0), discount=0.1, rungs=2)
    >>> "theta" in refusal(race)
    True
    """
    game = race.markov()
    plain = type(game) is Markov and game.speed is None and not game.grows and game.returns < 1
    earning = plain and bool((game.price * game.capacity)[game.movable].min(initial=1) > 0)
    return "" if earning and not race.mechanisms.coupled else OTHER


def _race() -> Any:
    """What reads and writes the record of a race."""
    return adapter_of("race")


def _plain(table: Any) -> list[list[float | None]]:
    """Rows of a table; infinity, which JSON does not know, is None."""
    return [[float(x) if np.isfinite(x) else None for x in row] for row in table]


def _jumps(game: Markov) -> list[Any]:
    made = []
    for jump in game.jump:
        ends = list(zip(jump.indptr[:-1], jump.indptr[1:], strict=True))
        made.append(
            [
                [[int(t), float(p)] for t, p in zip(jump.indices[a:b], jump.data[a:b], strict=True)]
                for a, b in ends
            ]
        )
    return made


def _claimed(one: Equilibrium) -> dict[str, Any]:
    """Values, and how near a true equilibrium is, and how far no other, in their units."""
    said: dict[str, Any] = {"value": one.value.tolist(), "share": one.build.tolist()}
    proof, scale = one.proof, float(np.abs(one.value).max())
    if not proof.holds or not np.isfinite(one.radius):
        return said | {"reason": "a lab is indifferent" if proof.holds else proof.reason}
    assert proof.unique is not None
    assert proof.radius is not None
    alone = (proof.unique - 2 * proof.radius) * (1 - SAFE)
    return said | {"alone": alone * scale, "near": 2 * max(proof.radius, ROUNDED) * scale}


def check(proof: dict[str, Any], steps: int = STEPS) -> Checked:
    """Check what a file of a proof claims, in balls and by code of its own.

    Parameters
    ----------
    proof : dict
        As :func:`proof_of` makes it.
    steps : int
        Most steps on the list, of which three hundred thousand take about a second.

    Raises
    ------
    ValueError
        If it is no such file.

    Examples
    --------
    >>> check({})
    Traceback (most recent call last):
    ...
    ValueError: expected a proof that leaderbored has written, format "leaderbored proof 3"
    """
    with ctx.workprec(BITS):
        return _checked(read(proof), steps)


def _checked(proof: Proof, steps: int) -> Checked:
    numbers = "the numbers are those of the race"
    if not _same(proof):
        return Checked(((numbers, False, "it is compiled to others, or has no such file"),))
    conditions, place = _conditions(proof), _line(proof.jumps)
    claims: list[Claim] = [(numbers, True, "compiled anew")]
    known: list[Claimed] = []
    for k, one in enumerate(proof.equilibria, 1):
        name = f"equilibrium {k} exists and is alone"
        if one.reason:
            claims.append((name, None, f"not claimed: {one.reason}"))
            continue
        holds = conditions.holds([x for row in one.value for x in row], one.alone, one.near)
        if not holds and place is not None:
            holds = stands(conditions, place, one.value, one.alone, one.near)
        alone = at_most(one.alone, least=True)
        within = f"within {at_most(one.near)} of its values, with no other within {alone}"
        if holds and any(not _apart(one, other) for other in known):
            claims.append((name, False, "it is one of those before"))
            continue
        claims.append((name, holds, within if holds else f"the test fails {within}"))
        if holds:
            known.append(one)
    if proof.complete == "proved":
        claims.append(_list_checked(proof, conditions, known, steps))
    return Checked(tuple(claims))


def _apart(one: Claimed, other: Claimed) -> bool:
    """Whether two equilibria are not the same: what is within ``near`` of them differs."""
    rows = zip(one.value, other.value, strict=True)
    gaps = (abs(arb(a) - arb(b)) for row in rows for a, b in zip(*row, strict=True))
    return any(gap > arb(one.near) + arb(other.near) for gap in gaps)


def _conditions(proof: Proof) -> Conditions:
    labs = []
    for i in range(len(proof.jumps)):
        rows = zip(*(proof.tables[name][i] for name in TABLES), strict=True)
        made = [Lab.of(dict(zip(TABLES, of, strict=True)), proof.returns) for of in rows]
        labs.append([replace(lab, free=False) for lab in made] if _settled(proof, i) else made)
    return Conditions(labs, proof.jumps, arb(proof.discount))


def _settled(proof: Proof, i: int) -> bool:
    """Whether a lab earns the most it ever can in all states, and only by building the least."""
    tables = (proof.tables[name][i] for name in ("price", "capacity", "lower", "demand"))
    most = set[Fraction]()
    for price, capacity, low, demand in zip(*tables, strict=True):
        left = Fraction(capacity or 0) * (1 - Fraction(low or 0))
        if demand is not None and Fraction(demand) < left:
            return False
        most.add(left * Fraction(price or 0))
    return len(most) == 1 and min(most) > 0


def _list_checked(proof: Proof, conditions: Conditions, known: list[Claimed], steps: int) -> Claim:
    name = "there are no others"
    if len(known) < len(proof.equilibria):
        return name, None, "not checked: not all on the list are proved"
    cover = _cover(proof.jumps, conditions, known)
    if isinstance(cover, str):
        if len(known) == 1 and bounded(conditions, known[0].value, known[0].alone):
            return name, True, "all values are bounded to where it is alone"
        return name, None, f"not checked: {cover}"
    if proof.cover:
        wrong = cover.checked(proof.cover, steps)
        done = f"{cover.swept:,} boxes swept in {int(cover.steps[0]):,} steps"
        return name, wrong if wrong is None else not wrong, wrong or done
    complete, _ = cover.made(steps)
    done = f"{cover.swept:,} boxes swept in {int(cover.steps[0]):,} steps"
    if complete is None:
        return name, None, f"not checked: it takes more than {steps:,} steps"
    return name, complete, done if complete else f"a box is left over: {done}"


def _cover(jumps: list[Jump], conditions: Conditions, known: list[Claimed]) -> Cover | str:
    """What makes and checks covers of a race; or why nothing does."""
    place = _line(jumps)
    if place is None:
        return "only step-by-step races of two labs are swept, and bounds do not suffice"
    labs = [[row[s] for s in place] for row in conditions.labs]
    rows = rows_of(labs, conditions.discount)
    if rows is None:
        return "its numbers are too large or too small for whole numbers of 44 bits"
    size = len(place)
    order = [k * size + s for k in range(2) for s in place]
    about = []
    for one in known:
        inverse = conditions.inverse([x for row in one.value for x in row])
        whole = None if inverse is None else in_whole_numbers(inverse * rows.rate, order)
        values = [[arb(row[s]) / rows.unit for s in place] for row in one.value]
        far, close = arb(one.alone) / rows.unit, arb(one.near) / rows.unit
        about.append(near(values, far, close, whole))
    return Cover(rows, about)


def _same(proof: Proof) -> bool:
    """Whether the numbers are those to which the race is compiled here."""
    try:
        race = _race().validate_python(proof.race)
    except ValidationError as error:
        mistake = mistakes_of(error, _race())[0]
        raise ValueError(f"the file is damaged: its race is none: {mistake}") from None
    states = len(proof.jumps[0])
    if count_states(len(race.labs), race.rungs) > states or refusal(race):
        return False
    game = race.markov()
    return bool(
        all(_plain(getattr(game, name)) == proof.tables[name] for name in TABLES)
        and [[[list(way) for way in ways] for ways in rows] for rows in proof.jumps] == _jumps(game)
        and (game.discount, game.returns) == (proof.discount, proof.returns)
    )


def _line(jumps: list[Jump]) -> list[int] | None:
    """States from where the second lab leads most to where the first does, if they are a line."""
    if len(jumps) != 2 or any(len(row) != 1 or row[0][1] != 1 for jump in jumps for row in jump):
        return None
    up, down = ([row[0][0] for row in jump] for jump in jumps)
    ends = [s for s, t in enumerate(down) if t == s]
    if len(ends) != 1:
        return None
    place = ends
    while up[place[-1]] != place[-1] and len(place) <= len(up):
        place.append(up[place[-1]])
    line = len(place) == len(up) and len(set(place)) == len(up) and len(place) % 2 == 1
    back = line and len(place) > 1 and all(down[b] == a for a, b in pairwise(place))
    return place if back else None
