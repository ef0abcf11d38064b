"""Verdicts in words: nouns, claims and paces, all of them bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from leaderbored.text import percent
from leaderbored.verdicts.ends import End
from leaderbored.verdicts.pace import Kind, Shape

OFTEN, SELDOM = 1e3, 1e-3  # times a year beyond which only so much is said
LONG = 1e3  # years beyond which only so much is said
STRETCHES = 5  # of leads that do alike, that a sentence can hold
MANY = 4  # places that a sentence can hold

NOUNS: dict[Kind | None, str] = {
    "run": "a run",
    "race": "a race",
    "neutral": "a neutral race",
    "peloton": "a peloton",
    "breakaway": "a breakaway",
    "mixed": "a mixed race",
    "standstill": "a standstill",
    "escape": "an escape",
    "depends on the start": "a matter of the start",
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
    "escape": "It is an escape: {}",
    "depends on the start": "It depends on the start: {}",
    None: "There is no verdict: {}",
}
EVEN: dict[Kind | None, str] = {
    "run": "It is a run: no lead grows",
    "race": "It is a race: no lead closes",
}
VERBS = {
    "closes": "close",
    "grows": "grow",
    "even": "keep even",
    "stands": "stand still",
}


def claim(shape: Shape, ends: Sequence[End]) -> str:
    """What a verdict claims.

    Parameters
    ----------
    shape : Shape
    ends : sequence of End
        Where play from a tie ends.

    Examples
    --------
    >>> claim(Shape("peloton", (2.0,), ("grows", "even", "closes"), (1, 2, 3)), [])
    'It is a peloton: leads persist but stall near 2.0 rungs'
    >>> claim(Shape("mixed", (1.5, 3.5), ("closes", "grows", "grows", "closes"), (1, 2, 3, 4)), [])
    'It is mixed: leads of 1 rung close, of 2 to 3 grow, of 4 close'
    """
    kind, crossings = shape.kind, shape.crossings
    if kind in ("standstill", "escape", "depends on the start"):
        return CLAIMS[kind].format(said(ends))
    if kind is None:
        why = "with a single rung no lead can grow" if shape.moves == () else "no lead ever opens"
        return CLAIMS[kind].format(why)
    if kind == "mixed":
        return CLAIMS[kind].format(_stretches(shape))
    if kind in EVEN and "even" in {shape.moves[g - 1] for g in shape.votes}:
        return EVEN[kind]
    return CLAIMS[kind].format(*(f"{crossing:.1f}" for crossing in crossings))


def said(found: Sequence[End], start: str = "a tie") -> str:
    """Where play comes to rest, or is caught, and how likely: the rest of a sentence.

    Parameters
    ----------
    found : sequence of End
    start : str, default "a tie"
        What play starts from.

    Examples
    --------
    >>> from dataclasses import replace
    >>> said([End(1.0, False, 2, 2, "A", kind="standstill", board=(0, 2), years=2.5)])
    'from a tie the lead goes to 2 rungs, in 2.5 years on average, and stays there for ever'
    >>> said([End(1.0, True, 6, 6, "A", kind="escape", board=(0, 6), years=2.5)])
    'from a tie A gets away for ever, by 6 rungs or more in 2.5 years on average'
    >>> tie = End(1.0, False, 0, 0, None, start=True, idle=True, kind="standstill", board=(0, 0))
    >>> said([tie])
    'at the tie nobody builds, and no lead ever opens'
    >>> said([End(1.0, False, 1, 1, "A", kind="standstill", board=(0, 1))], "a lead of 1 rung")
    'from a lead of 1 rung play ends with A ahead by 1 rung for ever'
    >>> said([End(0.75, True, 4, 6, "A", kind="run"), replace(tie, chance=0.25, start=False)])
    'from a tie play ends in a run that A leads for ever by 4 to 6 rungs (75%), or in a tie that
    stays (25%)'
    """
    first = found[0]
    if first.start and not first.moves and len(found) == 1:
        why = "nobody builds" if first.idle else "no lab ever succeeds"
        return f"at the tie {why}, and no lead ever opens"
    kinds, leads = {end.kind for end in found}, {end.most for end in found}
    years = _mean_years(found)
    took = f", in {lasting(years)} on average" if years else ""
    if kinds == {"escape"}:
        labs = _whose(found)
        who = first.leader if len(labs) == 1 else "one lab"
        more = f", by {_rungs(min(end.least for end in found))} or more{took[1:]}"
        return f"from {start} {who} gets away for ever{more}{_chances(labs, '')}"
    if kinds == {"standstill"} and len(leads) == 1 and first.most > 0 and start == "a tie":
        goes = f"goes to {_rungs(first.most)}{took and f'{took},'} and stays there for ever"
        return f"from {start} the lead {goes}{_chances(_whose(found))}"
    places = dict[str, float]()
    for end in found:
        places[place(end)] = places.get(place(end), 0.0) + end.chance
    if len(places) == 1:
        return f"from {start} play ends {next(iter(places))}"
    listed = [f"{place} ({percent(chance)})" for place, chance in [*places.items()][:MANY]]
    if len(places) > MANY:
        left = sum([*places.values()][MANY:])
        listed.append(f"in one of {len(places) - MANY} other places ({percent(left)})")
    return f"from {start} play ends {', or '.join(listed)}"


def place(end: End) -> str:
    """Where play ends, as one of several such places.

    Examples
    --------
    >>> place(End(1.0, True, 0, 6, None, kind="peloton")), place(End(1.0, True, 0, 1, None))
    ('in a peloton', 'where leads come and go')
    """
    if end.kind == "escape":
        return f"with {end.leader} getting away for ever"
    if end.static and end.leader is None:
        return "in a tie that stays"
    span = f"{end.least}" if end.least == end.most else f"{end.least} to {end.most}"
    rungs = f"by {span} rung{'s' * (end.most > 1)}"
    if end.static or (end.held and end.kind is None):
        return f"with {end.leader} ahead {rungs} for ever"
    if end.kind is None:
        return "where leads come and go" if end.most else "where nobody leads alone"
    return f"in {NOUNS[end.kind]}" + (f" that {end.leader} leads for ever {rungs}" * end.held)


def _mean_years(found: Sequence[End]) -> float:
    return sum(end.chance * end.years for end in found) / sum(end.chance for end in found)


def _whose(found: Sequence[End]) -> dict[str, float]:
    """The chance of each lab to be the one that leads for ever."""
    labs = dict[str, float]()
    for end in found:
        labs[str(end.leader)] = labs.get(str(end.leader), 0.0) + end.chance
    return labs


def _rungs(count: int) -> str:
    return f"{count} rung{'s' * (count > 1)}"


def _chances(labs: Mapping[str, float], owns: str = "'s") -> str:
    if not 1 < len(labs) <= MANY:
        return ""
    listed = (f"{lab}{owns} with a chance of {percent(chance)}" for lab, chance in labs.items())
    return f" ({', '.join(listed)})"


def lasting(years: float) -> str:
    """A time in a sentence, bounded.

    Examples
    --------
    >>> lasting(2.0), lasting(25.0), lasting(0.5), lasting(0.01), lasting(1e20)
    ('2.0 years', '25 years', '6 months', 'less than a month', 'over 1,000 years')
    """
    if years > LONG:
        return f"over {LONG:,.0f} years"
    if years >= 1:
        return f"{years:.{0 if years >= 10 else 1}f} years"
    months = round(12 * years)
    if months <= 1:
        return "a month" if months == 1 else "less than a month"
    return f"{months} months"


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


def _stretches(shape: Shape) -> str:
    """What the leads that vote do, from short to long."""
    parts = [
        (move, list(group)) for move, group in groupby(shape.votes, lambda g: shape.moves[g - 1])
    ]
    if len(parts) > STRETCHES:
        first, last = shape.crossings[0], shape.crossings[-1]
        return (
            f"leads turn between closing and growing {len(shape.crossings)} times, first at "
            f"{first:.1f} and last at {last:.1f} rungs"
        )
    told: list[str] = []
    for move, places in parts:
        low, high = places[0], places[-1]
        unit = "" if told else " rungs" if high > 1 else " rung"
        told.append(f"of {low}{f' to {high}' if high > low else ''}{unit} {VERBS[move]}")
    return f"leads {', '.join(told)}"
