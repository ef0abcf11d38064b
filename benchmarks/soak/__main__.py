"""The soak's command line: ``python -m benchmarks.soak --minutes M --seed S``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from . import faces, games
from .broken import broken
from .judge import faults

LIMIT = 5.0  # seconds that a command is given
OUTCOMES = ("answered", "stopped", "without answer", "refused")
BETTER = 1e-7  # of what a planner reaches: losses below that count
BROKEN = 0.35  # of the cases that are broken files
PAGES, FIGURES, NOTEBOOKS, APART, MOTION, ALL, PLANNER = (
    0.3,
    0.1,
    0.15,
    0.01,
    0.1,
    0.2,
    0.25,
)  # how often each face is asked


def main(words: list[str] | None = None) -> int:
    """Soak until time, or the number of cases, is up; 1 if there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, help="stop after so many cases")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--kinds", nargs="+", choices=[*games.KINDS, "broken"])
    parser.add_argument("--keep", type=Path, help="folder for the files of faults")
    given = parser.parse_args(words)
    keep = given.keep or Path(tempfile.mkdtemp(prefix=f"soak-{given.seed}-"))
    keep.mkdir(parents=True, exist_ok=True)
    print(f"soak with seed {given.seed}; files of faults are kept in {keep}", flush=True)
    end, counts = monotonic() + 60 * given.minutes, Counter[str]()
    last = given.first + given.cases if given.cases else sys.maxsize
    for number in range(given.first, last):
        if monotonic() >= end:
            break
        case = Case(given.seed, number, keep)
        if given.kinds and case.kind not in given.kinds:
            case.path.unlink()
            continue
        found = list(case.run())
        counts[case.kind] += 1
        counts[case.outcome] += 1
        for fault in dict.fromkeys(found):
            counts["faults"] += 1
            print(f"{number} {case.kind}: {fault} | {case.path}", flush=True)
        if not found:
            case.path.unlink()
    kinds = [*games.KINDS, "broken"]
    print(", ".join(f"{counts[kind]} {kind}" for kind in kinds if counts[kind]))
    print(", ".join(f"{counts[word]} {word}" for word in OUTCOMES))
    print(f"{counts['faults']} faults with seed {given.seed}")
    return 1 if counts["faults"] else 0


class Case:
    """A game, or a broken file; the same seed and number make the same."""

    def __init__(self, seed: int, number: int, keep: Path) -> None:
        self.random = np.random.default_rng([seed, number])
        self.game = games.draw(self.random)
        self.kind: str = self.game["kind"]
        self.outcome = "refused"
        self.path = keep / f"{seed}-{number}.toml"
        data = games.text(self.game).encode()
        if self.random.random() < BROKEN:
            self.kind, data = "broken", broken(games.text(self.game), self.random)
        self.path.write_bytes(data)

    def run(self) -> Iterator[str]:
        """Yield what is wrong, in the words of one line each."""
        before = set(self.path.parent.iterdir())
        if self.kind == "broken":
            told = faces.run(self._command("--json"), LIMIT)
            yield from self._ended(told)
        else:
            yield from self._whole()
        for left in set(self.path.parent.iterdir()) - before:
            yield f"{left.name} was left behind"
            left.unlink()

    def _ended(self, told: faces.Told) -> Iterator[str]:
        self.outcome = {0: "answered", 2: "refused"}.get(told.code or 0, "without answer")
        yield from faces.misdeeds(told, LIMIT)

    def _command(self, *options: str) -> list[str]:
        return ["solve", str(self.path), "--limit", f"{LIMIT:g}", *options]

    def _whole(self) -> Iterator[str]:
        dynamic = self.kind in ("race", "markov")
        one = ["--one"] if dynamic and self.random.random() > ALL else []
        chances = self.random.random(6)
        told = faces.run(self._command("--json", *one), LIMIT)
        yield from self._ended(told)
        if told.fall:
            return
        try:
            answer = faces.answer(told)
        except ValueError as error:
            yield f"no JSON: {error}"
            return
        if answer and answer["status"]["code"] == "stopped":
            self.outcome = "stopped"
        if told.code == 2 and not self._may_be_refused(told.err):
            yield f"refused: {told.err.strip().splitlines()[-1]}"
        if answer is None:
            return
        yield from faults(self.game, answer)
        yield from self._seen(answer, one, chances)

    def _seen(self, answer: dict[str, Any], one: list[str], chances: Any) -> Iterator[str]:
        """The other faces of the same answer."""
        if chances[0] < PAGES:
            told = faces.run(self._command(*one), LIMIT)
            yield from faces.misdeeds(told, LIMIT)
            if told.code == 0:
                yield from faces.page_misdeeds(told.out, answer, self._names())
        if chances[1] < FIGURES:
            suffix = str(self.random.choice([".png", ".svg", ".pdf"]))
            drawn = self.path.with_suffix(suffix)
            told = faces.run(self._command("--figure", str(drawn), *one), LIMIT)
            yield from faces.misdeeds(told, LIMIT)
            yield from faces.figure_misdeeds(drawn, told.code == 0)
            drawn.unlink(missing_ok=True)
        if chances[2] < NOTEBOOKS:
            yield from faces.notebook_misdeeds(self.path, LIMIT)
        if chances[3] < APART:
            told = faces.run_apart(self._command("--json", *one), LIMIT)
            yield from faces.misdeeds(told, LIMIT)

        if chances[4] < MOTION and self.kind != "linear-quadratic":
            yield from self._moved()
        if chances[5] < PLANNER and self.kind == "race":
            yield from self._planned()

    def _planned(self) -> Iterator[str]:
        """What is wrong with the best for all labs: no equilibrium may be worth more."""
        told = faces.run(["planner", str(self.path), "--limit", f"{LIMIT:g}", "--json"], LIMIT)
        yield from faces.misdeeds(told, LIMIT)
        why = told.err
        if told.code == 2 and not ("grow" in why or self._may_be_refused(why) or "race" in why):
            yield f"planner refused: {why.strip().splitlines()[-1]}"
        try:
            found = None if told.fall else faces.answer(told)
        except ValueError as error:
            yield f"no JSON of a planner: {error}"
            return
        if found is None or found["status"]["code"] != "converged":
            return
        for gap in found["gaps"]:
            if gap["loss"] is not None and min(gap["loss"], gap["by_sales"]) < -BETTER:
                yield f"an equilibrium is worth more than a planner reaches: {gap}"
        surplus = found["welfare"]["present"]["surplus"]
        if surplus and min(surplus) < -BETTER * max(map(abs, found["value"])):
            yield "customers lose by being served"

    def _moved(self) -> Iterator[str]:
        """What is wrong with how players are said to move."""
        words = ["dynamics", str(self.path), "--laps", "12", "--limit", f"{LIMIT:g}", "--json"]
        told = faces.run(words, LIMIT)
        yield from faces.misdeeds(told, LIMIT)
        if told.code == 2 and not self._may_be_refused(told.err):
            yield f"dynamics refused: {told.err.strip().splitlines()[-1]}"
        try:
            found = None if told.fall else faces.answer(told)
        except ValueError as error:
            yield f"no JSON of dynamics: {error}"
            return
        rests = found and found["outcome"] == "converges" and found["since"] is not None
        if found and rests and (found["regret"] or 0.0) > 1e-3:
            yield f"convergence to a regret of {found['regret']}"

    def _may_be_refused(self, why: str) -> bool:
        """Whether mechanisms are told not to go together, or not with this race."""
        return "mechanisms" in self.game and "mechanisms" in why and "expected" in why

    def _names(self) -> list[str]:
        named = self.game.get("labs") or self.game["players"]
        return [part if isinstance(part, str) else part["name"] for part in named]


if __name__ == "__main__":
    sys.exit(main())
