"""Verdicts in words: nouns, claims and paces, all of them bounded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from leaderbored.verdicts.ends import End, said
from leaderbored.verdicts.pace import Kind, Move

OFTEN, SELDOM = 1e3, 1e-3  # times a year beyond which only so much is said
STRETCHES = 5  # of leads that do alike, that a sentence can hold

NOUNS: dict[Kind | None, str] = {
    "run": "a run",
    "race": "a race",
    "neutral": "a neutral race",
    "peloton": "a peloton",
    "breakaway": "a breakaway",
    "mixed": "a mixed race",
    "standstill": "a standstill",
    None: "no verdict",
}
CLAIMS: dict[Kind | None, str] = {
    "run": "It is a run: every lead limits itself",
    "race": "It is a race: every lead grows",
    "neutral": "It is neutral: leader and chasers keep the same pace",
    "peloton": "It is a peloton: leads persist but stall near {} rungs",
    "breakaway": "It is a breakaway: leads close unless one gets past {} rungs",
    "mixed": "It is mixed: {}",
    "standstill": "It is a standstill: {}",
    None: "There is no verdict: with a single rung no lead can grow",
}
EVEN: dict[Kind | None, str] = {
    "run": "It is a run: no lead grows",
    "race": "It is a race: no lead closes",
}
VERBS: dict[Move, str] = {
    "closes": "close",
    "grows": "grow",
    "even": "keep even",
    "stands": "stand still",
}


def claim(
    kind: Kind | None, crossings: Sequence[float], moves: Sequence[Move], ends: Sequence[End]
) -> str:
    """What a verdict claims.

    Parameters
    ----------
    kind : str or None
    crossings : sequence of float
        Leads, in rungs.
    moves : sequence of str
        What leads of 1, 2, ... rungs do.
    ends : sequence of End
        Where play from a tie ends.

    Examples
    --------
    >>> claim("peloton", [2.0], ["grows", "even", "closes"], [])
    'It is a peloton: leads persist but stall near 2.0 rungs'
    >>> claim("mixed", [1.5, 2.5], ["closes", "stands", "stands"], [])
    'It is mixed: leads of 1 rung close, of 2 to 3 stand still'
    """
    if kind == "standstill" and ends:
        return CLAIMS[kind].format(said(ends))
    if kind == "mixed":
        return CLAIMS[kind].format(_stretches(moves, crossings))
    if "even" in moves and kind in EVEN:
        return EVEN[kind]
    return CLAIMS[kind].format(*(f"{crossing:.1f}" for crossing in crossings))


def rhythm(rate: float | None) -> str:
    """How often the lead changes hands; nothing if that is not known.

    Examples
    --------
    >>> rhythm(0.0)
    'in the long run the lead never changes hands'
    """
    if rate is None:
        return ""
    if rate == 0:
        return "in the long run the lead never changes hands"
    return f"the lead changes hands {often(rate)}"


def often(rate: float) -> str:
    """How often something happens, bounded.

    Examples
    --------
    >>> often(2.0), often(0.25), often(1e-7)
    ('2.0 times a year', 'once in 4.0 years', 'less than once in 1,000 years')
    """
    if rate == 0:
        return "never"
    if rate < SELDOM:
        return f"less than once in {1 / SELDOM:,.0f} years"
    if rate < 0.5:
        return f"once in {1 / rate:,.{0 if rate < 0.1 else 1}f} years"
    return f"{rate:.1f} times a year" if rate <= OFTEN else f"over {OFTEN:,.0f} times a year"


def in_each(rates: Sequence[float]) -> str:
    """How often something happens in several equilibria, in one unit if that can be.

    Examples
    --------
    >>> in_each([0.2, 0.5]), in_each([0.2, 0.25]), in_each([0.0, 0.25])
    ('0.2 or 0.5 times a year', 'once in 5.0 or 4.0 years', 'never or once in 4.0 years')
    """
    if min(rates) >= 0.05 and 0.5 <= max(rates) <= OFTEN:
        return f"{either(list(dict.fromkeys(map(_round, rates))))} times a year"
    if min(rates) >= SELDOM and max(rates) < 0.5:
        return f"once in {either(list(dict.fromkeys(_round(1 / rate) for rate in rates)))} years"
    return either(list(dict.fromkeys(often(rate) for rate in rates)))


def _round(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def either(words: Sequence[str]) -> str:
    """A list with or before its last word.

    Examples
    --------
    >>> either(["a", "b", "c"])
    'a, b or c'
    """
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def choice(kinds: Sequence[Kind | None]) -> str:
    """Say: a run or a race, and only expectations decide."""
    nouns = [NOUNS[kind] for kind in dict.fromkeys(kinds)]
    if len(nouns) == 1:
        return f"{nouns[0].capitalize()} whatever is expected, but expectations decide how it plays"
    return f"{either(nouns).capitalize()}, and only expectations decide"


def _stretches(moves: Sequence[Move], crossings: Sequence[float]) -> str:
    """What leads do, from short to long."""
    parts = [(move, list(group)) for move, group in groupby(range(len(moves)), moves.__getitem__)]
    if len(parts) > STRETCHES:
        first, last = crossings[0], crossings[-1]
        return (
            f"leads turn between closing and growing {len(crossings)} times, first at {first:.1f} "
            f"and last at {last:.1f} rungs"
        )
    told: list[str] = []
    for move, places in parts:
        low, high = places[0] + 1, places[-1] + 1
        unit = "" if told else " rungs" if high > 1 else " rung"
        told.append(f"of {low}{f' to {high}' if high > low else ''}{unit} {VERBS[move]}")
    return f"leads {', '.join(told)}"
