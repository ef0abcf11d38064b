"""Random formulas as text, with their values by Python's own arithmetic."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

Value = Callable[["Seat"], float]

ONE_TERM: dict[str, tuple[str, Callable[[float], float]]] = {
    "exp": ("exp", math.exp),
    "ln": ("ln", math.log),
    "log": ("log", math.log),
    "log1p": ("log1p", math.log1p),
    "sqrt": ("sqrt", math.sqrt),
    "tanh": ("tanh", math.tanh),
    "sin": ("sin", math.sin),
    "cos": ("cos", math.cos),
    "erf": ("erf", math.erf),
    "Phi": ("Phi", lambda x: (1 + math.erf(x / math.sqrt(2))) / 2),
    "phi": ("phi", lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi)),
    "gamma": ("gamma", math.gamma),
    "floor": ("floor", lambda x: float(math.floor(x))),
    "abs": ("abs", abs),
}


@dataclass
class Seat:
    """One of the players: what its bare names mean, and who the others are."""

    names: dict[str, float]
    others: list[Seat] = field(default_factory=list)

    @property
    def everybody(self) -> list[Seat]:
        return [self, *self.others]

    def with_names(self, **more: float) -> Seat:
        return Seat(self.names | more, [other.with_names(**more) for other in self.others])


class NearError(ArithmeticError):
    """A jump is so near that rounding decides."""


def formula(draw: random.Random, names: list[str], depth: int, kit: Kit) -> tuple[str, Value]:
    """A formula and its value."""
    if depth == 0 or draw.random() < 0.12:
        return _leaf(draw, names, kit)
    makers = [_binary, _binary, _binary, _binary, _function, _condition, _minus]
    makers += [_total] * kit.totals + [_expected] * bool(kit.laws)
    return draw.choice(makers)(draw, names, depth, kit)


@dataclass
class Kit:
    """What formulas may use: totals over players, laws, lists, definitions."""

    totals: bool = False
    laws: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    lists: dict[str, list[float]] = field(default_factory=dict)
    defined: dict[str, tuple[str, Value]] = field(default_factory=dict)
    dotted: dict[str, float] = field(default_factory=dict)


def _leaf(draw: random.Random, names: list[str], kit: Kit) -> tuple[str, Value]:
    sort = draw.random()
    if sort < 0.3:
        number = draw.choice([0, 1, 2, 3, 0.5, 0.25, 1.75, 10, 1e-3])
        text = draw.choice([repr(number), f"({number})"])
        return text, lambda seat: float(number)
    if sort < 0.4 and kit.lists:
        name = draw.choice(sorted(kit.lists))
        k = draw.randrange(len(kit.lists[name]))
        return f"{name}[{k}]", lambda seat: kit.lists[name][k]
    if sort < 0.5 and kit.defined:
        name = draw.choice(sorted(kit.defined))
        return name, kit.defined[name][1]
    if sort < 0.55 and kit.dotted:
        name = draw.choice(sorted(kit.dotted))
        return name, lambda seat: kit.dotted[name]
    if sort < 0.6:
        return draw.choice([("pi", lambda seat: math.pi), ("e", lambda seat: math.e)])
    name = draw.choice(names)
    return name, lambda seat: seat.names[name]


def _binary(draw: random.Random, names: list[str], depth: int, kit: Kit) -> tuple[str, Value]:
    left, a = formula(draw, names, depth - 1, kit)
    right, b = formula(draw, names, depth - 1, kit)
    sign = draw.choice("++--**/^")
    gap = draw.choice(["", " "])
    if sign == "^":
        exponent = draw.choice([2, 3, 0.5, -1])
        power = draw.choice(["^", "**"])
        return f"({left}){gap}{power}{gap}{exponent}", lambda seat: _power(a(seat), exponent)
    found: dict[str, Value] = {
        "+": lambda seat: a(seat) + b(seat),
        "-": lambda seat: a(seat) - b(seat),
        "*": lambda seat: a(seat) * b(seat),
        "/": lambda seat: a(seat) / b(seat),
    }
    shown = draw.choice([sign, sign, {"-": "\u2212", "*": "·"}.get(sign, sign)])
    return f"({left}){gap}{shown}{gap}({right})", found[sign]


def _minus(draw: random.Random, names: list[str], depth: int, kit: Kit) -> tuple[str, Value]:
    text, value = formula(draw, names, depth - 1, kit)
    return f"-({text})", lambda seat: -value(seat)


def _power(base: float, exponent: float) -> float:
    value = base**exponent
    if isinstance(value, complex):
        raise ValueError
    return value


def _function(draw: random.Random, names: list[str], depth: int, kit: Kit) -> tuple[str, Value]:
    if draw.random() < 0.25:
        parts = [formula(draw, names, depth - 1, kit) for _ in range(draw.choice([2, 2, 3]))]
        word, pick = draw.choice([("min", min), ("max", max)])
        text = f"{word}({', '.join(text for text, _ in parts)})"
        return text, lambda seat: pick(value(seat) for _, value in parts)
    word = draw.choice(sorted(ONE_TERM))
    text, value = formula(draw, names, depth - 1, kit)
    called, meant = ONE_TERM[word]

    def worth(seat: Seat) -> float:
        x = value(seat)
        if word == "floor" and abs(x - round(x)) < 1e-6:
            raise NearError
        return meant(x)

    return f"{called}({text})", worth


def _condition(draw: random.Random, names: list[str], depth: int, kit: Kit) -> tuple[str, Value]:
    (left, a), (right, b) = (formula(draw, names, depth - 1, kit) for _ in range(2))
    (yes, c), (no, d) = (formula(draw, names, depth - 1, kit) for _ in range(2))
    sign = draw.choice(["<", "<=", ">", ">=", "≤", "≥"])

    def holds(seat: Seat) -> bool:
        x, y = a(seat), b(seat)
        if abs(x - y) <= 1e-6 * (1 + abs(x)):
            raise NearError
        return x < y if sign in ("<", "<=", "≤") else x > y

    if draw.random() < 0.2:
        return f"(({left}) {sign} ({right}))", lambda seat: float(holds(seat))
    negated = draw.random() < 0.2
    condition = f"not ({left}) {sign} ({right})" if negated else f"({left}) {sign} ({right})"

    def worth(seat: Seat) -> float:
        both = c(seat), d(seat)  # numpy works out both, but takes one
        return both[0] if holds(seat) != negated else both[1]

    return f"(({yes}) if {condition} else ({no}))", worth


def _total(draw: random.Random, names: list[str], depth: int, kit: Kit) -> tuple[str, Value]:
    text, value = formula(draw, names, depth - 1, kit)
    word = draw.choice(["sum", "others", "mean", "prod", "max", "min"])
    over_others = word != "others" and draw.random() < 0.3
    if text.startswith("others("):  # alone it would say over whom the total goes
        text = f"0 + {text}"

    def worth(seat: Seat) -> float:
        everybody = seat.everybody
        chosen = []
        for k, player in enumerate(everybody):
            if k or not (over_others or word == "others"):
                rest = [other for j, other in enumerate(everybody) if j != k]
                chosen.append(value(Seat(player.names, [Seat(r.names) for r in rest])))
        return {
            "sum": sum,
            "others": sum,
            "mean": lambda found: sum(found) / len(found),
            "prod": math.prod,
            "max": max,
            "min": min,
        }[word](chosen)

    return f"{word}(others({text}))" if over_others else f"{word}({text})", worth


def _expected(draw: random.Random, names: list[str], depth: int, kit: Kit) -> tuple[str, Value]:
    name = draw.choice(sorted(kit.laws))
    text, value = formula(draw, [*names, name], depth - 1, kit)

    def worth(seat: Seat) -> float:
        return sum(p * value(seat.with_names(**{name: x})) for x, p in kit.laws[name])

    return f"E[{name}]({text})", worth
