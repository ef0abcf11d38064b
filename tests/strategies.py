"""Random races over the whole box of parameters."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st

import leaderbored as lb
from benchmarks.soak import games
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError

# Without shrinking: a failing race is as good as a smaller one, and shrinking takes minutes.
relaxed = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False, width=64)


def off_or(high: float) -> st.SearchStrategy[float]:
    return st.just(0.0) | numbers(0, high)


@st.composite
def races(draw: st.DrawFn, labs: tuple[int, ...] = (2, 3), linear: bool = True) -> lb.Race:
    count = draw(st.sampled_from(labs))
    rungs = draw(st.integers(2, 12) if count == 2 else st.integers(1, 4 if count == 3 else 2))
    bounds = st.just((0.0, 1.0)) | st.tuples(numbers(0, 0.4), numbers(0.4, 1))
    members = [
        lb.Lab(
            name,
            10 ** draw(numbers(-1, 1)),
            draw(numbers(0.3, 3)),
            draw(numbers(0.3, 3)),
            draw(bounds),
        )
        for name in "ABCD"[:count]
    ]
    scarce = st.builds(lb.ScarceMarket, numbers(0.1, 1.8), numbers(0, 3), off_or(1))
    steps = st.lists(numbers(0, 0.8), min_size=rungs, max_size=rungs)
    table = steps.map(lambda s: lb.RevenueLadder(np.exp(np.cumsum([0.0, *s]))))
    power = numbers(1, 2).map(lambda g: lb.RevenueLadder("gamma**g", parameters={"gamma": g}))
    technology = lb.Technology(
        productivity=draw(numbers(0.1, 8)),
        returns=draw(numbers(0.15, 0.99) | st.just(1.0) if linear else numbers(0.15, 0.95)),
        flywheel=draw(off_or(0.4)),
        handicap=draw(off_or(0.8)),
        drafting=draw(off_or(0.6)),
        leapfrog=draw(st.sampled_from([0.0, 1.0]) | numbers(0, 1)),
    )
    return lb.Race(members, draw(scarce | table | power), technology, draw(numbers(0.02, 1)), rungs)


@st.composite
def anything(draw: st.DrawFn, kind: str = "race") -> dict[str, Any]:
    """A game file's contents, as the soak draws them: two to five labs, and every mechanism.

    Seeds are fixed in the suite and vary in the soak.
    """
    return games.KINDS[kind][1](np.random.default_rng(draw(st.integers(0, 2**32 - 1))))


@st.composite
def whole_box(draw: st.DrawFn, most: int = 60) -> lb.Race:
    """A race of the soak, of at most so many values, whose mechanisms go together."""
    contents = draw(anything())
    try:
        race = loads(games.text(contents))
    except GameFileError:
        assume(False)
    assume(len(race.labs) * len(race.markov().states) <= most)
    return race
