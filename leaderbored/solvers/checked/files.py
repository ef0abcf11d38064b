"""Files of proofs: what is claimed of a race, in numbers that can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, ctx

from leaderbored.games.formats.gamefile import adapter_of
from leaderbored.games.markov import Markov
from leaderbored.solvers.checked.alone import Conditions, Jump
from leaderbored.solvers.checked.listing import Known, Listing
from leaderbored.solvers.checked.stage import Lab
from leaderbored.solvers.solution import Equilibrium, Solution
from leaderbored.text import at_most

if TYPE_CHECKING:
    from leaderbored.race import Race

FORMAT = "leaderbored proof 1"
TABLES = ("lower", "upper", "scale", "base", "price", "capacity", "demand")
BITS = 96  # of the centre of a ball
STEPS = 200_000  # of the sweeps of the check of a list: some minutes
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


def proof_of(solution: Solution[Any]) -> dict[str, Any]:
    """What is proved of a solved race, as a tree of plain data.

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
    return {
        "format": FORMAT,
        "race": _race().dump_python(solution.game, mode="json", exclude_none=True),
        "discount": float(game.discount),
        "returns": float(game.returns),
        "tables": {name: _plain(getattr(game, name)) for name in TABLES},
        "jumps": _jumps(game),
        "equilibria": [_claimed(one) for one in solution.equilibria],
        "complete": solution.complete,
    }


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
    if proof is None or not proof.holds or not np.isfinite(one.radius):
        reason = "a lab is indifferent" if proof and proof.holds else ""
        return said | {"reason": reason or (proof.reason if proof else "no proof was tried")}
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
        Most of Krawczyk's steps on the list, several thousand of which take a second.

    Raises
    ------
    ValueError
        If it is no such file.

    Examples
    --------
    >>> check({})
    Traceback (most recent call last):
    ...
    ValueError: expected a proof that leaderbored has written, format "leaderbored proof 1"
    """
    if not isinstance(proof, dict) or proof.get("format") != FORMAT:
        raise ValueError(f'expected a proof that leaderbored has written, format "{FORMAT}"')
    try:
        with ctx.workprec(BITS):
            return _checked(proof, steps)
    except (KeyError, TypeError, IndexError, AttributeError, OverflowError, ValueError) as error:
        raise ValueError(f"the file is damaged: {error}") from None


def _checked(proof: dict[str, Any], steps: int) -> Checked:
    labs = _labs(proof)
    jumps = [[[(int(t), float(p)) for t, p in row] for row in jump] for jump in proof["jumps"]]
    conditions = Conditions(labs, jumps, arb(proof["discount"]))
    claims: list[Claim] = [("the numbers are those of the race", _same(proof), "compiled anew")]
    known = []
    for k, one in enumerate(proof["equilibria"], 1):
        name = f"equilibrium {k} exists and is alone"
        if "alone" not in one:
            claims.append((name, None, f"not claimed: {one['reason']}"))
            continue
        values = [float(x) for row in one["value"] for x in row]
        holds = conditions.holds(values, float(one["alone"]), float(one["near"]))
        alone = at_most(one["alone"], least=True)
        within = f"within {at_most(one['near'])} of its values, with no other within {alone}"
        claims.append((name, holds, within if holds else f"Krawczyk's test fails {within}"))
        if holds:
            known.append(one)
    if proof["complete"] == "proved":
        claims.append(_list_checked(proof, conditions, jumps, known, steps))
    return Checked(tuple(claims))


def _list_checked(
    proof: dict[str, Any], conditions: Conditions, jumps: list[Jump], known: list[Any], steps: int
) -> Claim:
    name = "there are no others"
    place = _line(jumps)
    if place is None:
        return name, None, "not checked: only step-by-step races of two labs are swept"
    if len(known) < len(proof["equilibria"]):
        return name, None, "not checked: not all on the list are proved"
    near = [
        Known([[arb(float(row[s])) for s in place] for row in one["value"]], arb(one["alone"]))
        for one in known
    ]
    labs = [[row[s] for s in place] for row in conditions.labs]
    listing = Listing(labs, conditions.discount, near)
    complete = listing.complete(steps)
    if complete is None:
        return name, None, f"not checked: it takes more than {steps:,} steps"
    swept = f"{listing.boxes:,} boxes swept in {listing.steps:,} steps"
    return name, complete, swept if complete else f"a box is left over: {swept}"


def _same(proof: dict[str, Any]) -> bool:
    """Whether the numbers are those to which the race is compiled here."""
    race = _race().validate_python(proof["race"])
    if refusal(race):
        return False
    game = race.markov()
    return bool(
        all(_plain(getattr(game, name)) == proof["tables"][name] for name in TABLES)
        and _jumps(game) == proof["jumps"]
        and (game.discount, game.returns) == (proof["discount"], proof["returns"])
    )


def _labs(proof: dict[str, Any]) -> list[list[Lab]]:
    tables, returns = proof["tables"], proof["returns"]
    labs = []
    for i in range(len(proof["jumps"])):
        rows = [tables[name][i] for name in TABLES]
        labs.append(
            [Lab.of(dict(zip(TABLES, of, strict=True)), returns) for of in zip(*rows, strict=True)]
        )
    return labs


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
