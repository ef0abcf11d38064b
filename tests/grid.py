"""Every kind of game, every verb and every face: what the grid of tests runs over.

A kind is a small game; each mechanism of a race is a kind of its own. A verb takes a kind and gives
a result; a face takes a result and shows it. ``REFUSALS`` is what the table of kinds says does not
go together, with words of the sentence that says so; every other cell must answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

import leaderbored as lb
from leaderbored.kinds import kind_of
from leaderbored.race.alike import Alike

LABS = [lb.Lab("A", 1), lb.Lab("B", 1.3)]
SCARCE, LADDER = lb.ScarceMarket(0.7), lb.RevenueLadder([1.0, 1.5, 1.8])
TECHNOLOGY = lb.Technology(2, 0.6, handicap=0.1)


def race(market: Any = SCARCE, **mechanisms: Any) -> lb.Race:
    return lb.Race(LABS, market, TECHNOLOGY, 0.3, 2, mechanisms=mechanisms)


def ladder(time: str) -> lb.MarkovGame:
    event = {"continuous": "hazard", "discrete": "chance"}[time]
    players = [
        lb.MarkovPlayer(
            name,
            f"(1 - b) * r[max({sign}gap, 0)]",
            {"b": (0, 1)},
            events=[lb.Event({"gap": f"gap {step} 1"}, **{event: "speed * sqrt(b)"})],
        )
        for name, sign, step in (("A", "", "+"), ("B", "-", "-"))
    ]
    discount = {"continuous": 0.3, "discrete": 0.8}[time]
    return lb.MarkovGame(
        players,
        discount,
        states={"gap": (-1, 1)},
        tables={"r": [1, 1.5]},
        parameters={"speed": 0.5},
        time=time,
    )


def directional() -> lb.MarkovGame:
    players = [
        lb.MarkovPlayer(
            name,
            "-x**2 / 2",
            {"x": (0, 3)},
            states={name: (0, 2)},
            end=f"{name} == 2",
            events=[lb.Event({name: f"{name} + 1"}, hazard="x")],
        )
        for name in "mn"
    ]
    return lb.MarkovGame(players, 0.5, ends="m == 2 or n == 2")


def in_roles() -> Alike:
    labs = [lb.Lab(name, 1) for name in "ABC"]
    return Alike(lb.Race(labs, SCARCE, TECHNOLOGY, 0.3, 1))


def duel(**more: Any) -> lb.LinearQuadratic:
    players = [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"]
    return lb.LinearQuadratic(-1.0, players, **more)


def cournot(*constraints: str) -> lb.Continuous:
    players = [lb.Player(name, {"q": (0, 5)}, "(a - sum(q)) * q - q") for name in "AB"]
    return lb.Continuous(players, {"a": 9.0}, constraints=constraints)


def nashpy_game() -> Any:
    import nashpy

    return nashpy.Game(np.array([[3, 0], [5, 1]]), np.array([[3, 5], [0, 1]]))


PRISONERS = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
MECHANISMS: dict[str, Any] = {
    "inputs": {"weight": 0.6, "migration": 0.1},
    "fungibility": {"loss": 0.3},
    "open_weights": {"imitation": 0.3},
    "inertia": {"lag": 0.4},
    "lease": {"friction": 0.1},
    "hype": {"effectiveness": 1.0},
    "spillover": {"share": 0.5},
    "jackpot": {"chance": 0.05, "prize": 5.0},
    "accumulate": {"rate": 0.1, "points": 3},
    "scarcity_path": {"years": [0, 1], "scarcity": [1.2, 0.7]},
    "training_delay": {"years": 0.5},
}
KINDS: dict[str, Callable[[], Any]] = {
    "race scarce": race,
    "race ladder": lambda: race(LADDER),
    "race clearing": lambda: race(lb.ClearingMarket(1.2)),
    **{f"race {name}": lambda name=name: race(**{name: MECHANISMS[name]}) for name in MECHANISMS},
    "race one rung": lambda: lb.Race(LABS, SCARCE, TECHNOLOGY, 0.3, 1),
    "race three labs": lambda: lb.Race([*LABS, lb.Lab("C", 0.8)], SCARCE, TECHNOLOGY, 0.3, 1),
    "race in roles": in_roles,
    "markov arrays": lambda: race().markov(),
    "markov continuous": lambda: ladder("continuous"),
    "markov discrete": lambda: ladder("discrete"),
    "markov directional": directional,
    "linear-quadratic": duel,
    "linear-quadratic horizon": lambda: duel(horizon=1.0),
    "normal form": lambda: lb.NormalForm(PRISONERS),
    "normal form three": lambda: lb.NormalForm(np.arange(24).reshape(3, 2, 2, 2) % 5),
    "finite": lambda: lb.FiniteGame(
        ["A", "B"], {"q": [0, 1, 2, 3]}, "(a - sum(q)) * q", {"a": 6.0}
    ),
    "bayesian": lambda: lb.Bayesian(
        ["A", "B"],
        {"v": [1, 2]},
        {"b": [0, 1]},
        "a * v - b * v - others(b) + b",
        parameters={"a": 2.0},
    ),
    "bayesian of many types": lambda: lb.Bayesian(
        ["A", "B"],
        {"v": [1, 2, 3, 4]},
        {"b": [0, 1, 2, 3]},
        "(a * v - b) * (b >= others(b))",
        parameters={"a": 2.0},
    ),
    "continuous": cournot,
    "continuous constrained": lambda: cournot("A.q + B.q <= 4"),
    "contest": lambda: lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1.5)], prize=1.0),
    "contest arrays": lambda: lb.Contest.of([1.0, 1.5], prize=1.0),
    "nashpy": nashpy_game,
}


class Cell:
    """A kind of game, made and solved once."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.game = KINDS[kind]()

    @cached_property
    def solution(self) -> Any:
        return lb.solve(self.game)

    @property
    def number(self) -> str:
        """Path of a number of the game that may move."""
        if self.kind.startswith("race"):
            return "technology.productivity"
        if self.kind.startswith("markov") or self.kind.startswith("linear"):
            return "discount"
        if KIND_OF[self.kind].name in ("normal-form", "nashpy"):
            return "payoffs.0.0.0" if self.kind != "normal form three" else "payoffs.0.0.0.0"
        return {"contest": "prize"}.get(self.kind, "parameters.a")


@lru_cache
def cell(kind: str) -> Cell:
    return Cell(kind)


@dataclass(frozen=True)
class Verb:
    """What is asked of a game; ``name`` is that of the table of kinds, ``rules`` are public too."""

    name: str
    ask: Callable[[Cell], Any]
    rules: tuple[str, ...] = ()


def _moved(c: Cell) -> Any:
    low, high = (0.8, 0.85) if c.kind == "markov discrete" else (2.0, 2.2)
    few = lb.Method(search=lb.Search(starts=1)) if c.kind.startswith("race") else None
    return lb.trace(c.game, c.number, low, high, few)


def _swept(c: Cell) -> Any:
    values = (0.5, 0.6) if c.number == "discount" else (2.0, 2.5)
    return lb.sweep(c.game, {c.number: values})


def _drawn(c: Cell) -> Any:
    low, high = (0.5, 0.6) if c.number == "discount" else (2.0, 2.5)
    return lb.uncertainty(c.game, {c.number: (low, high)}, draws=6)


def _mapped(c: Cell) -> Any:
    over = {"technology.productivity": (2.0, 2.5), "discount": (0.3, 0.4)}
    return lb.phase(c.game, over, starts=0)


def _started(c: Cell) -> Any:
    first = c.solution.equilibria[0]
    if hasattr(first, "build"):
        start: Any = first.build
    elif hasattr(first, "policy"):
        start = np.vstack([np.atleast_2d(law.T) for law in first.policy.values()])
    else:
        start = [*getattr(first, "gains", getattr(first, "strategies", {})).values()]
    return lb.solve(c.game, start=start)


def _committed(c: Cell) -> Any:
    players = getattr(c.game, "players", ())
    leader = players[0] if KIND_OF[c.kind].name in ("normal-form", "finite") else None
    return lb.commitment(c.game, leader)


VERBS: dict[str, Verb] = {
    "solve": Verb("solve", lambda c: c.solution),
    "all": Verb("all", lambda c: lb.solve(c.game, all=True)),
    "one": Verb("solve", lambda c: lb.solve(c.game, all=False)),
    "limit": Verb("limit", lambda c: lb.solve(c.game, limit=0.0)),
    "start": Verb("start", _started),
    "open loop": Verb("information", lambda c: lb.solve(c.game, information="open-loop")),
    "exact": Verb("exact", lambda c: lb.solve(c.game, exact=True)),
    "select history": Verb(
        "select", lambda c: lb.solve(c.game, select="from history"), ("History",)
    ),
    "select risk": Verb("select", lambda c: lb.solve(c.game, select="risk"), ("Risk",)),
    "trace": Verb("trace", _moved),
    "dynamics": Verb("dynamics", lambda c: lb.dynamics(c.game, laps=3)),
    "sweep": Verb("sweep", _swept),
    "uncertainty": Verb("uncertainty", _drawn),
    "phase": Verb("phase", _mapped),
    "certify": Verb("certify", lambda c: lb.certify(c.solution.equilibria[0])),
    "sensitivity": Verb("sensitivity", lambda c: lb.sensitivity(c.game, limit=0)),
    "explain": Verb("explain", lambda c: lb.explain(c.game)),
    "estimate": Verb("estimate", lambda c: lb.estimate(c.game)),
    "correlated": Verb("correlated", lambda c: lb.correlated(c.game)),
    "commitment": Verb("commitment", _committed),
    "rationalizable": Verb("rationalizable", lambda c: lb.rationalizable(c.game)),
    "basin": Verb("basin", lambda c: lb.basin(c.solution, samples=3)),
    "verdict": Verb("verdict", lambda c: lb.verdict(c.solution, check_cap=False)),
    "effects": Verb("effects", lambda c: lb.effects(c.solution)),
    "welfare": Verb("welfare", lambda c: lb.welfare(c.solution)),
    "planner": Verb("planner", lambda c: lb.planner(c.solution)),
    "lead path": Verb("lead_path", lambda c: lb.lead_path(c.solution, points=5)),
    "impulse": Verb("impulse", lambda c: lb.impulse(c.solution, points=5)),
    "leaderboards": Verb("leaderboards", lambda c: lb.leaderboards(c.solution, 2.0, 3)),
    "lease market": Verb("lease_market", lambda c: lb.lease_market(c.solution)),
    "persuasion": Verb("persuasion", lambda c: lb.persuasion(c.solution)),
    "computers": Verb("computers", lambda c: lb.computers(c.solution)),
    "whiplash": Verb("whiplash", lambda c: lb.whiplash(c.solution, 0.5)),
    "scarcity path": Verb(
        "scarcity_path", lambda c: lb.scarcity_path(c.game, (0, 1), (1.0, 0.7), steps=4)
    ),
}


@lru_cache
def asked(kind: str, verb: str) -> Any:
    """The result of a cell, asked for once."""
    return VERBS[verb].ask(cell(kind))


NOT_VERBS = {
    "load",  # of a file
    "compare",  # of several games
    "Bayesian",
    "ClearingMarket",
    "Commitment",
    "Contender",
    "Contest",
    "Continuous",
    "Controller",
    "Correlated",
    "Correspondence",
    "Event",
    "FiniteGame",
    "FiniteMethod",
    "Kind",
    "Lab",
    "LinearQuadratic",
    "Markov",
    "MarkovGame",
    "MarkovPlayer",
    "Mechanism",
    "Mechanisms",
    "Method",
    "Motion",
    "NormalForm",
    "Player",
    "PolicyIteration",
    "Proof",
    "Race",
    "Rationalizable",
    "RevenueLadder",
    "ScarceMarket",
    "Search",
    "Solution",
    "Technology",
    "Verdict",
    "register_kind",
    "register_mechanism",
    "theory",
}

APART = ("scarcity_path", "training_delay")  # which leave the race as it is
KIND_OF = {name: kind_of(make()) for name, make in KINDS.items()}


def _refusals() -> Iterator[tuple[tuple[str, str], str]]:
    """What does not go together, with words of the sentence that says so: as the table says."""
    for name, kind in KIND_OF.items():
        for verb, asks in VERBS.items():
            words = kind.refusal(asks.name) or kind.limit(asks.name, cell(name).game)
            if words:
                yield (name, verb), words


REFUSALS = dict(_refusals())
