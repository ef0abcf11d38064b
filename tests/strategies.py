"""Random races over the whole box of parameters."""

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

import leaderbored as lb

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
        lb.Lab(name, draw(numbers(0.3, 3)), draw(numbers(0.5, 2)), draw(numbers(0.5, 2)),
               draw(bounds))
        for name in "ABCD"[:count]
    ]  # fmt: skip
    scarce = st.builds(lb.ScarceMarket, numbers(0.1, 1.8), numbers(0, 3), off_or(1))
    steps = st.lists(numbers(0, 0.8), min_size=rungs, max_size=rungs)
    table = steps.map(lambda s: lb.RevenueLadder(np.exp(np.cumsum([0.0, *s]))))
    power = numbers(1, 2).map(lambda g: lb.RevenueLadder("gamma**g", parameters={"gamma": g}))
    technology = lb.Technology(
        productivity=draw(numbers(0.1, 8)),
        returns=draw(numbers(0.1, 0.99) | st.just(1.0) if linear else numbers(0.1, 0.95)),
        flywheel=draw(off_or(0.4)),
        handicap=draw(off_or(0.8)),
        drafting=draw(off_or(0.6)),
        leapfrog=draw(st.sampled_from([0.0, 1.0]) | numbers(0, 1)),
    )
    return lb.Race(members, draw(scarce | table | power), technology, draw(numbers(0.02, 1)), rungs)
