"""Every number and sentence of page and report against a second reading of the same shares."""

from __future__ import annotations

import json
import math
import re
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.linalg as sl
from independent_chain import Chain, kind_of, lead_of
from rich.console import Console

import leaderbored as lb
from leaderbored.views.data import report
from leaderbored.views.race import page

ODD = re.compile(r"\bnan\b|\binf\b|-0(\.0+)?( |%|$)|never years|None", re.MULTILINE)


def draw(seed: int) -> lb.Race:
    """A race anywhere in the box."""
    rng = np.random.default_rng(seed)
    count = int(rng.choice([2, 2, 2, 3, 4]))
    rungs = int(rng.integers(1, {2: 13, 3: 5, 4: 3}[count]))
    spread = rng.choice([0.0, 1.0, 4.6])

    def some(low: float, high: float, *special: float) -> float:
        whole = rng.uniform(low, high)
        return float(rng.choice([*special, whole, whole]) if special else whole)

    labs = []
    for name in "ABCD"[:count]:
        bounds = (0.0, 1.0)
        if rng.random() < 0.25:
            bounds = (some(0, 0.4, 0.0), some(0.4, 1, 1.0))
        labs.append(
            lb.Lab(
                name,
                float(np.exp(rng.uniform(0, spread))),
                some(0.5, 2, 1.0),
                some(0.5, 2, 1.0),
                bounds,
            )
        )
    shape = rng.integers(5)
    gamma = some(1, 2)
    steps = np.exp(np.cumsum([0.0, *rng.uniform(-0.1, 0.8, rungs)]))
    market = [
        lb.ScarceMarket(some(0.2, 4), some(0, 3, 0.0, 1.0), some(0, 1, 0.0)),
        lb.ScarceMarket(some(0.2, 1.2), some(0, 3, 1.0), some(0, 1, 0.0)),
        lb.RevenueLadder("gamma**g", parameters={"gamma": gamma}),
        lb.RevenueLadder("1+(gamma-1)*(1-exp(-g))", parameters={"gamma": gamma}),
        lb.RevenueLadder(steps.tolist()),
    ][shape]
    technology = lb.Technology(
        productivity=float(np.exp(rng.uniform(-2.5, 2.3))),
        returns=some(0.15, 1, 1.0, 0.5),
        flywheel=some(0, 0.3, 0.0, 0.0),
        handicap=some(0, 1, 0.0),
        drafting=some(0, 0.6, 0.0, 0.0, 0.0),
        leapfrog=some(0, 1, 0.0, 0.0, 1.0),
    )
    return lb.Race(labs, market, technology, float(np.exp(rng.uniform(-4.6, 0))), rungs)


def contradictions(race: lb.Race) -> tuple[str, list[str]]:
    """The verdict, and what the second reading does not find so."""
    solution = lb.solve(race, lb.Method(certify=False))
    if not solution.equilibria:
        return "no answer", []
    verdict = lb.verdict(solution, check_cap=False)
    out = report(solution, [verdict])
    json.dumps(out, allow_nan=False)
    console = Console(width=200)
    with console.capture() as shown:
        console.print(page(solution, solution.equilibria[0], verdict))
    wrong = [f"page: {odd.group()!r}" for odd in [ODD.search(shown.get())] if odd]
    found = out["equilibria"][0]
    chain = Chain(race, found["states"], list(found["build"].values()))
    wrong += [f"headline: {found['headline']}"] * bool(ODD.search(found["headline"]))
    return str(verdict.kind), wrong + list(_compared(chain, found))


def _compared(chain: Chain, found: dict[str, Any]) -> Any:
    weight, classes, chances = chain.law()
    ends, kinds = [], []
    for members, chance in zip(classes, chances, strict=True):
        leads = [lead_of(s) for s in members]
        held = len({leader for _, leader in leads}) == 1 and leads[0][1] >= 0
        kinds.append(chain.kind(members))
        ends.append((chance, kinds[-1], min(lead for lead, _ in leads), held))
    yield from _ends(ends, found["ends"])
    pace = chain.pace(weight)
    for g, (mine, theirs) in enumerate(zip(pace, found["pace_ratio"], strict=True), 1):
        if not _same(mine if math.isfinite(mine) else None, theirs):
            yield f"q({g}): {theirs}, expected {mine}"
    kind = kind_of(kinds)
    if kind != found["verdict"]:
        yield f"kind: {found['verdict']}, expected {kind}: {pace}, {ends}"
    distribution = [
        sum(w for s, w in weight.items() if lead_of(s)[0] == g) for g in range(chain.top + 1)
    ]
    facts = found["statistics"]
    if not np.allclose(distribution, facts["lead_distribution"], rtol=1e-6, atol=1e-12):
        yield f"lead_distribution: {facts['lead_distribution']}, expected {distribution}"
    yield from (f"unvisited: {g}" for g in found["unvisited"] if distribution[g] > 1e-12)
    yield from _sentence(found["headline"], kind, distribution, ends)
    if not any(e["moves"] for e in found["ends"]):
        told = {"lead_distribution", "time_in_lead", "value_by_lead", "not_checked"}
        yield from (
            f"{n}: {x} at rest" for n, x in facts.items() if n not in told and x is not None
        )
    else:
        yield from _means(chain, facts, weight, classes, ends)
        yield from _motion(chain, weight, classes, facts)


def _same(mine: float | None, theirs: float | None) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return math.isclose(mine, theirs, rel_tol=1e-5, abs_tol=1e-12)


def _ends(ends: list[Any], reported: list[dict[str, Any]]) -> Any:
    told = [(e["chance"], e["kind"], e["least"], e["leader"] is not None) for e in reported]
    for looks in {e[1:] for e in ends} | {e[1:] for e in told}:
        mine, theirs = (sum(e[0] for e in es if e[1:] == looks) for es in (ends, told))
        if not math.isclose(mine, theirs, rel_tol=1e-6, abs_tol=1e-9):
            yield f"ends: {told}, expected {ends}"


def _sentence(headline: str, kind: str | None, distribution: list[float], ends: list[Any]) -> Any:
    closes = "limits itself" in headline or "no lead grows" in headline
    if closes and (kind != "run" or distribution[0] == 1 or any(held for *_, held in ends)):
        yield f"no lead opens, or one never closes: {headline}"
    if ("every lead grows" in headline) != (kind == "race" and "no lead closes" not in headline):
        yield f"not every lead grows: {headline}"
    for word, claim in {
        "standstill": "a standstill",
        "escape": "an escape",
        "depends on the start": "It depends on",
    }.items():
        if headline.startswith(f"It is {claim}") or headline.startswith(claim):
            if kind != word:
                yield f"{kind}: {headline}"
        elif kind == word:
            yield f"{kind}: {headline}"
    if "stays there for ever" in headline:
        lead = int(headline.split("goes to ")[1].split(" ", maxsplit=1)[0])
        if distribution[lead] < 1 - 1e-9:
            yield f"rests elsewhere: {headline}"


def _means(
    chain: Chain, facts: dict[str, Any], weight: dict[Any, float], classes: Any, ends: list[Any]
) -> Any:
    advances, repeats, changes, neutral = chain.rhythm(weight, classes)
    changes = changes if changes > chain.never else 0.0
    forever = any(held or kind == "standstill" for _, kind, _, held in ends)
    escapes = any(kind == "escape" for _, kind, _, _ in ends)
    mine = {
        "mean_lead": None if escapes else sum(lead_of(s)[0] * w for s, w in weight.items()),
        "advances_per_year": advances,
        "lead_changes_per_year": changes,
        "repeat_win": repeats / advances if advances else None,
        "repeat_win_neutral": neutral / advances if advances else None,
        "mean_reign": None if forever or changes == 0 else 1 / changes,
    }
    for name, number in mine.items():
        if not _same(number, facts[name]):
            yield f"{name}: {facts[name]}, expected {number}"
    for i, lab in enumerate(chain.race.labs):
        share = sum(w for s, w in weight.items() if lead_of(s)[1] == i)
        if not _same(share, facts["time_in_lead"][lab.name]):
            yield f"time_in_lead of {lab.name}, expected {share}"


def _motion(
    chain: Chain, weight: dict[Any, float], classes: list[list[Any]], facts: dict[str, Any]
) -> Any:
    """Half-life and autocorrelation, by the matrix exponential of the generator."""
    members = [s for c in classes for s in c]
    index = {s: k for k, s in enumerate(members)}
    generator = chain.matrix(members)
    law = np.array([weight[s] for s in members])
    fastest = generator.sum(axis=1).max()
    if fastest == 0:
        return
    generator -= np.diag(generator.sum(axis=1))
    leading = np.array([[lead_of(s)[1] == i for i in range(chain.labs)] for s in members], float)
    share, rest = law @ leading, law @ (1 - leading)
    if fastest < 1e4 and share @ rest > 0:
        centred = leading * rest - (1 - leading) * share
        mine = (centred * law[:, None] * (sl.expm(generator) @ leading)).sum() / (share @ rest)
        theirs = facts["autocorrelation"]
        if theirs is not None and not math.isclose(mine, theirs, rel_tol=1e-6, abs_tol=1e-7):
            yield f"autocorrelation: {theirs}, expected {mine}"
    lead = np.array([lead_of(s)[0] for s in members])
    over = np.array([sum(law[lead == g]) for g in range(1, chain.top + 1)]).cumsum()
    if over[-1] == 0:
        return
    median = 1 + int(np.argmax(over >= (0.5 - 1e-12) * over[-1]))
    if median != facts["median_lead"]:
        yield f"median_lead: {facts['median_lead']}, expected {median}"
        return
    ahead = np.array(
        [
            [min(d for j, d in enumerate(s) if j != i) - s[i] for i in range(chain.labs)]
            for s in members
        ],
        float,
    )
    start = np.where(lead == median, law, 0.0)
    start /= start.sum()
    who = [lead_of(s)[1] for s in members]
    picked = np.zeros_like(ahead)
    for s in members:
        picked[index[s], who[index[s]]] = start[index[s]] if who[index[s]] >= 0 else 0.0

    def expected(years: float) -> float:
        return float((picked * (sl.expm(generator * years) @ ahead)).sum())

    half = facts["half_life"]
    if half is None:
        times = [10.0**k / fastest for k in range(-1, 5)]
        if "half_life" not in facts["not_checked"] and min(map(expected, times)) < 0.499 * median:
            yield "half_life: never, but it is halved"
    elif half * fastest < 1e6:
        if not math.isclose(expected(half), median / 2, rel_tol=1e-5):
            yield f"half_life: {half}, lead {expected(half)} of {median}"
        if any(expected(t * half) < 0.4999 * median for t in (0.1, 0.3, 0.6, 0.9)):
            yield f"half_life: {half}, halved before"


@pytest.mark.parametrize("batch", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_a_second_reading_contradicts_nothing(batch: int) -> None:
    seeds = range(8) if batch == 0 else range(100, 220)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kinds = {}
        for seed in seeds:
            kind, wrong = contradictions(draw(seed))
            assert not wrong, (seed, wrong)
            kinds[kind] = kinds.get(kind, 0) + 1
    assert len(kinds) > 1
