"""The numbers that can be moved: what each is called, how far it goes, and its slider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leaderbored.explore.setting import MOST
from leaderbored.games.leaves import leaves
from leaderbored.games.places import unit_of
from leaderbored.race import Race, RevenueLadder
from leaderbored.race.mechanisms.lease import Lease
from leaderbored.views.formats.html import escaped

MARKETS = {
    "scarce": "prices are set",
    "clearing": "prices clear the market",
    "ladder": "revenue by lead alone",
}
IMITATION = "mechanisms.open_weights.imitation"
CAPS = {2: 20, 3: 8, 4: 5, 5: 4}  # rungs up to which the slider goes; else 3
LAB = re.compile(r"labs(?:\.(?P<name>[^.]+)|\[(?P<number>\d+)\])\.compute")

UNITS: dict[tuple[str, str], str] = {}  # that were looked up, by path and kind of market


@dataclass(frozen=True)
class Control:
    """A number with a slider.

    Attributes
    ----------
    path : str
        As ``--set`` names it.
    name, hint, group : str
        What a person calls it, what it does, and where it stands.
    low, high, step : float
        Ends of the slider and its steps.
    value : float
    unit : str
    """

    path: str
    name: str
    hint: str
    group: str
    low: float
    high: float
    step: float
    value: float
    unit: str


KNOWN: dict[str, tuple[str, str, str, float, float, float]] = {
    "market.scarcity": (
        "Scarcity",
        "Customers, over what all compute could serve.",
        "Market",
        0.1,
        1.3,
        0.01,
    ),
    "market.switching": (
        "Switching",
        "How readily customers move to the better model, for each rung of lead.",
        "Market",
        0.0,
        3.0,
        0.05,
    ),
    "market.worth": (
        "Worth",
        "What a model is worth to a customer, over going without.",
        "Market",
        0.0,
        4.0,
        0.05,
    ),
    "market.openness": (
        "Openness",
        "Part of a lead that open models follow at once.",
        "Market",
        0.0,
        1.0,
        0.01,
    ),
    IMITATION: (
        "Imitation",
        "How often open models draw everybody level with the frontier.",
        "Market",
        0.0,
        2.0,
        0.02,
    ),
    "mechanisms.lease.friction": (
        "Friction of leasing",
        "Lost between landlord and tenant for each unit of compute and year.",
        "Market",
        0.0,
        1.0,
        0.02,
    ),
    "technology.returns": (
        "Returns",
        "How the pace rises with compute: at 0.5 four times as much builds twice as fast.",
        "Technology",
        0.1,
        0.95,
        0.01,
    ),
    "technology.handicap": (
        "Handicap",
        "How much slower a lab builds for each rung that it is behind.",
        "Technology",
        0.0,
        0.5,
        0.005,
    ),
    "technology.flywheel": (
        "Flywheel",
        "How much faster a leader builds for each rung of its lead.",
        "Technology",
        0.0,
        0.5,
        0.005,
    ),
    "technology.drafting": (
        "Drafting",
        "Catching up that comes free, for each rung behind.",
        "Technology",
        0.0,
        1.0,
        0.01,
    ),
    "technology.leapfrog": (
        "Leapfrog",
        "Chance that a laggard's success takes it past the leader.",
        "Technology",
        0.0,
        1.0,
        0.01,
    ),
    "technology.productivity": (
        "Pace",
        "Successes a year of one unit of compute that builds.",
        "Technology",
        0.1,
        6.0,
        0.05,
    ),
    "discount": ("Impatience", "What next year is worth less.", "Technology", 0.02, 0.5, 0.01),
    "rungs": ("Longest lead told apart", "Longer leads count as this one.", "Labs", 2, 20, 1),
}


def controls(race: Race) -> list[Control]:
    """What can be moved in a race, in order.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> found = controls(Setting.of({}).race)
    >>> [control.name for control in found][:3], found[0].unit
    (['Compute of A', 'Compute of B', 'Longest lead told apart'], '')
    """
    numbers = {path: value for path, value in leaves(race).items() if type(value) is not bool}
    if race.market.kind != "clearing":
        numbers.setdefault(IMITATION, 0.0)
    found = [_control(race, path, value) for path, value in numbers.items()]
    order = ("Labs", "Market", "Technology")
    paths = [*KNOWN]
    known = [control for control in found if control is not None]
    return sorted(
        known,
        key=lambda c: (order.index(c.group), paths.index(c.path) if c.path in KNOWN else -1),
    )


def _control(race: Race, path: str, value: Any) -> Control | None:
    if not isinstance(value, int | float):
        return None
    if lab := LAB.fullmatch(path):
        name = lab["name"] or race.labs[int(lab["number"])].name
        spec = (f"Compute of {name}", "In any unit, common to all labs.", "Labs", 0.05, 4.0, 0.05)
    elif isinstance(race.market, RevenueLadder) and path.startswith("market.parameters."):
        name = path.rpartition(".")[2]
        spec = (f"{name}, of the revenue", str(race.market.revenue), "Market", 0.0, 4.0, 0.05)
    elif path in KNOWN:
        spec = KNOWN[path]
    else:
        return None
    name, hint, group, low, high, step = spec
    if path == "rungs":
        high = CAPS.get(len(race.labs), 3)
    unit = "" if LAB.fullmatch(path) else _unit(race, path)
    ends = min(low, float(value)), max(high, float(value))
    return Control(path, name, hint, group, *ends, step, float(value), unit)


def _unit(race: Race, path: str) -> str:
    """The unit of a number, which does not change with it."""
    key = path, race.market.kind
    if key not in UNITS:
        try:
            unit = unit_of(race, path)
        except (AttributeError, KeyError, TypeError):
            unit = ""
        UNITS[key] = "" if unit == "1" else unit
    return UNITS[key]


def panel(race: Race) -> str:
    """The sliders of a race, in HTML; how many labs, which market, and whether labs lease.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> made = panel(Setting.of({}).race)
    >>> made.count('type="range"'), 'name="market.scarcity"' in made
    (13, True)
    """
    found = controls(race)
    parts = {
        "Labs": _choice("labs", "How many labs", {str(n): str(n) for n in _counts(race)}, race),
        "Market": _choice("market", "Market", MARKETS, race) + _leasing(race),
        "Technology": "",
    }
    return "".join(
        f"<fieldset><legend>{group}</legend>{above}"
        + "".join(_slider(control) for control in found if control.group == group)
        + "</fieldset>"
        for group, above in parts.items()
    )


def _counts(race: Race) -> Iterator[int]:
    yield from range(2, max(MOST, len(race.labs)) + 1)


def _choice(what: str, name: str, known: dict[str, str], race: Race) -> str:
    now = str(len(race.labs)) if what == "labs" else race.market.kind
    options = "".join(
        f'<option value="{key}"{" selected" * (key == now)}>{escaped(told)}</option>'
        for key, told in known.items()
    )
    return f'<label class="choice">{name}<select data-change="{what}">{options}</select></label>'


def _leasing(race: Race) -> str:
    """Whether labs rent compute to each other; with the reason where they cannot."""
    on = race.mechanisms.lease is not None
    reasons = [f"{place} {reason}".strip() for place, reason in Lease(0.0).obstacles(race)]
    off = bool(reasons) and not on
    why = f'<small id="why-lease">Not here: {escaped("; ".join(reasons))}.</small>' if off else ""
    told = ' aria-describedby="why-lease"' if off else ""
    box = f'<input type="checkbox" data-change="lease"{" checked" * on}{" disabled" * off}{told}>'
    return f'<label class="check">{box} Labs lease compute to each other</label>{why}'


def _slider(control: Control) -> str:
    path, name = escaped(control.path), escaped(control.name)
    unit = f' <span class="unit">{escaped(control.unit)}</span>' if control.unit else ""
    return (
        f'<div class="slider"><label for="{path}">{name}</label>'
        f'<output for="{path}">{control.value:g}</output>{unit}'
        f'<input type="range" id="{path}" name="{path}" min="{control.low:g}" '
        f'max="{control.high:g}" step="{control.step:g}" value="{control.value:.12g}" '
        f'aria-describedby="about-{path}"><small id="about-{path}">{escaped(control.hint)}</small>'
        "</div>"
    )
