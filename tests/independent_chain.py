"""A second reading of a solved race, from its file and its report alone.

Rates come from the formulas of the model, laws from elimination in plain loops over states that
remember who advanced last. Nothing of the package is used but the record of the race.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

NEVER = 1e-9  # of the discount rate
SEEN = 1e-12  # share of time


class Chain:
    """The leaderboard with the lab of the last advance, -1 before the first."""

    def __init__(self, race: Any, states: list[list[int]], build: list[list[float]]) -> None:
        self.race, self.labs = race, len(race.labs)
        self.top = race.rungs
        self.states = [tuple(s) for s in states]
        self.build = {s: [b[k] for b in build] for k, s in enumerate(self.states)}
        self.never = NEVER * race.discount
        hazards = {s: self.hazards(s) for s in self.states}
        self.hazard = {s: [x if x > self.never else 0.0 for x in h] for s, h in hazards.items()}
        self.start = (0,) * self.labs
        self.moves = {s: list(self.events(s)) for s in self.states}
        self._shut()

    def hazards(self, s: tuple[int, ...]) -> list[float]:
        t, out = self.race.technology, []
        lead, leader = lead_of(s)
        for i, lab in enumerate(self.race.labs):
            rate = t.productivity * lab.talent * (self.build[s][i] * lab.compute) ** t.returns
            if i == leader:
                rate *= math.exp(t.flywheel * lead)
            out.append(rate * math.exp(-t.handicap * s[i]) + t.drafting * s[i])
        return out

    def _shut(self) -> None:
        """Take away the ways out of sets that are left, all in all, less often than never."""
        seen = self._from(self.start)
        reach = {s: self._from(s) for s in seen}
        for s in sorted(seen):
            members = sorted(t for t in reach[s] if s in reach[t])
            if s != members[0] or len(members) == 1 or len(members) == len(reach[s]):
                continue
            inside = set(members)
            law = gth(self.matrix(members))
            out = sum(
                w * rate
                for w, t in zip(law, members, strict=True)
                for rate, after, _ in self.moves[t]
                if after not in inside
            )
            if out <= self.never:
                for t in members:
                    self.moves[t] = [m for m in self.moves[t] if m[1] in inside]

    def _from(self, start: tuple[int, ...]) -> set[tuple[int, ...]]:
        mine, queue = {start}, [start]
        while queue:
            for _, after, _ in self.moves[queue.pop()]:
                if after not in mine:
                    mine.add(after)
                    queue.append(after)
        return mine

    def outcomes(self, s: tuple[int, ...], i: int) -> list[tuple[float, tuple[int, ...], bool]]:
        """Chance, next leaderboard, and whether the frontier moved."""
        above = tuple(0 if j == i else min(d + 1, self.top) for j, d in enumerate(s))
        if s[i] == 0:
            return [(1.0, above, True)]
        closer = tuple(d - 1 if j == i else d for j, d in enumerate(s))
        chi = self.race.technology.leapfrog
        both = [(chi, above, True), (1 - chi, closer, False)]
        return [o for o in both if o[0] > 0]

    def events(self, s: tuple[int, ...]) -> Any:
        for i, rate in enumerate(self.hazard[s]):
            for chance, after, advanced in self.outcomes(s, i):
                if rate * chance > self.never:
                    yield rate * chance, after, i if advanced else None

    def closed(self, start: Any, follow: Any) -> list[list[Any]]:
        """Closed classes that can be reached, by reachability of every pair."""
        seen, queue = {start}, [start]
        while queue:
            for after in follow(queue.pop()):
                if after not in seen:
                    seen.add(after)
                    queue.append(after)
        reach = {}
        for s in seen:
            mine, queue = {s}, [s]
            while queue:
                for after in follow(queue.pop()):
                    if after not in mine:
                        mine.add(after)
                        queue.append(after)
            reach[s] = mine
        found = []
        for s in seen:
            if all(s in reach[t] for t in reach[s]) and not any(s in c for c in found):
                found.append(sorted(reach[s]))
        return found

    def law(self) -> tuple[dict[tuple[int, ...], float], list[list[Any]], list[float]]:
        """Long-run weights from a tie, the closed classes, and the chance of each."""
        classes = self.closed(self.start, lambda s: [after for _, after, _ in self.moves[s]])
        inside = {s: k for k, c in enumerate(classes) for s in c}
        if self.start in inside:
            chances = [float(inside[self.start] == k) for k in range(len(classes))]
        else:
            chances = self.absorbed(inside, len(classes))
        weight = dict.fromkeys(self.states, 0.0)
        for members, chance in zip(classes, chances, strict=True):
            for s, w in zip(members, gth(self.matrix(members)), strict=True):
                weight[s] += chance * w
        return weight, classes, chances

    def matrix(self, members: list[Any]) -> np.ndarray:
        index = {s: k for k, s in enumerate(members)}
        rates = np.zeros((len(members), len(members)))
        for s in members:
            for rate, after, _ in self.moves[s]:
                if after != s and after in index:
                    rates[index[s], index[after]] += rate
        return rates

    def absorbed(self, inside: dict[Any, int], count: int) -> list[float]:
        """Elimination of passing states one by one, the start last."""
        out = {s: {} for s in self.states if s not in inside}  # type: dict[Any, dict[Any, float]]
        for s, row in out.items():
            for rate, after, _ in self.moves[s]:
                key = inside.get(after, after)
                if key != s:
                    row[key] = row.get(key, 0.0) + rate
        for s in [s for s in out if s != self.start]:
            row = out.pop(s)
            total = sum(row.values())
            for other in out.values():
                if s in other:
                    rate = other.pop(s)
                    if total == 0:
                        continue
                    for key, part in row.items():
                        other[key] = other.get(key, 0.0) + rate * part / total
            for t, other in out.items():
                other.pop(t, None)
        row = out[self.start]
        total = sum(row.values())
        return [row.get(k, 0.0) / total for k in range(count)]

    def rhythm(self, weight: dict[tuple[int, ...], float], classes: list[list[Any]]) -> Any:
        """Advances, repeats and changes a year, neutral repeats; by states that remember."""
        shares = [lab.compute for lab in self.race.labs]
        shares = [k / sum(shares) for k in shares]
        totals = np.zeros(4)
        for members in classes:
            pairs = self._remembering(members)
            if not pairs:
                continue
            index = {p: k for k, p in enumerate(pairs)}
            rates = np.zeros((len(pairs), len(pairs)))
            for s, last in pairs:
                for rate, after, by in self.moves[s]:
                    to = (after, last if by is None else by)
                    if to != (s, last):
                        rates[index[s, last], index[to]] += rate
            law = gth(rates) * sum(weight[s] for s in members)
            for w, (s, last) in zip(law, pairs, strict=True):
                for rate, _, by in self.moves[s]:
                    if by is not None:
                        same = by == last
                        totals += w * rate * np.array([1, same, not same, shares[by]])
        return totals

    def _remembering(self, members: list[Any]) -> list[Any]:
        moving = [(s, after, by) for s in members for _, after, by in self.moves[s]]
        firsts = sorted({(after, by) for _, after, by in moving if by is not None})
        if not firsts:
            return []

        def follow(pair: Any) -> list[Any]:
            s, last = pair
            return [(after, last if by is None else by) for _, after, by in self.moves[s]]

        return self.closed(firsts[0], follow)[0]

    def pace(self, weight: dict[tuple[int, ...], float]) -> list[float]:
        """q(1), ..., q(G - 1); nan where nobody succeeds."""
        found = []
        for g in range(1, self.top):
            here = [s for s in self.states if lead_of(s)[0] == g]
            if sum(weight[s] for s in here) > SEEN:
                terms = [(weight[s], self.ratio(s)) for s in here]
            else:
                chain = [s for s in here if all(d in {0, g} for d in s)]
                terms = [(1.0, self.ratio(s)) for s in chain]
            terms = [(w, q) for w, q in terms if w > 0 and not math.isnan(q)]
            total = sum(w for w, _ in terms)
            found.append(sum(w * q for w, q in terms) / total if terms else math.nan)
        return found

    def kind(self, members: list[Any]) -> str | None:
        """What becomes of leads in a closed class."""
        found = [lead_of(s)[0] for s in members]
        held = len({lead_of(s)[1] for s in members}) == 1 and min(found) > 0
        least = self.top if len(members) == 1 else max(2, self.top - 2)
        if held and max(found) == self.top and min(found) >= least:
            return "escape"
        if len(members) == 1:
            return "standstill"
        law = dict(zip(members, gth(self.matrix(members)), strict=True))
        time = [sum(w for s, w in law.items() if lead_of(s)[0] == g) for g in range(self.top + 1)]
        least = (
            SEEN if any(x > SEEN for x in time[1 : self.top]) else SEEN * sum(time[1 : self.top])
        )
        seen = [g for g in range(1, self.top) if time[g] > least]
        votes = [g for g in seen if g <= self.top - 3] or seen
        pace = self.pace({s: law.get(s, 0.0) for s in self.states})
        line = ""
        for g in votes:
            q = pace[g - 1]
            if q > 0 and math.isfinite(q) and abs(math.log(q)) < 1e-9:
                continue
            line += "+" if q > 1 else "-"
        if not votes:
            return None
        line = "".join(w for w, _ in itertools.groupby(line))
        names = {"": "neutral", "-": "run", "+": "race", "+-": "peloton", "-+": "breakaway"}
        return names.get(line, "mixed")

    def ratio(self, s: tuple[int, ...]) -> float:
        leader = lead_of(s)[1]
        compute = [lab.compute for lab in self.race.labs]
        mine = self.hazard[s][leader] / compute[leader]
        rest = [j for j in range(self.labs) if j != leader]
        theirs = sum(self.hazard[s][j] for j in rest) / sum(compute[j] for j in rest)
        if theirs == 0:
            return math.inf if mine > 0 else math.nan
        return mine / theirs


def lead_of(s: tuple[int, ...]) -> tuple[int, int]:
    second = sorted(s)[1]
    return second, s.index(0) if second > 0 else -1


def gth(rates: np.ndarray) -> np.ndarray:
    """Stationary law without a subtraction."""
    a, n = rates.copy(), len(rates)
    for k in range(n - 1, 0, -1):
        total = a[k, :k].sum()
        a[:k, k] /= total
        for i in range(k):
            if a[i, k]:
                a[i, :k] += a[i, k] * a[k, :k]
    law = np.ones(n)
    for k in range(1, n):
        law[k] = law[:k] @ a[:k, k]
    return law / law.sum()


def kind_of(kinds: list[str | None]) -> str | None:
    """The verdict, from those of the classes in which play may end."""
    if len(set(kinds)) == 1 and (len(kinds) == 1 or kinds[0] in {"standstill", "escape"}):
        return kinds[0]
    return "depends on the start"
