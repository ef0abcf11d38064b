"""False lists: files of proofs of random races, in which what is listed is made false.

Run with: python -m benchmarks.falsified [--races N] [--first K] [--seed S]

Races are those of :mod:`benchmarks.omissions`, with at most four rungs. The file of each list that
is proved must pass a check, and none of these may: one equilibrium left out, with the cover and
without; one of them twice; its values all moved by half as much again as it is alone, all made
larger by a millionth, or one of them moved by a millionth of the largest. Boxes of the cover are
left alone: where parts of a box overlap the cover may be one without some of them. It is no
benchmark: it takes about a second a race. The exit code is 1 if a false list was accepted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from time import process_time
from typing import Any

import numpy as np

import leaderbored as lb
from benchmarks.omissions import draw
from leaderbored.solvers.checked import check, proof_of
from leaderbored.solvers.complete import Transfer
from leaderbored.solvers.markov.search import Search

RUNGS = 4
STEPS = 300_000  # of a proof, of its cover and of a check: a few seconds
SLIGHTLY = 1e-6


def false(true: dict[str, Any], random: np.random.Generator) -> Iterator[tuple[str, Any]]:
    """Files in which something is not so, and what was done to each."""
    listed = true["equilibria"]
    for k, one in enumerate(listed):
        without = [other for other in listed if other is not one]
        value = np.array(one["value"])
        single, place = value.copy(), tuple(random.integers(0, value.shape))
        single[place] += SLIGHTLY * value.max()
        yield "left out", true | {"equilibria": without}
        yield "left out, no cover", true | {"equilibria": without, "cover": {}}
        yield "twice", true | {"equilibria": [*listed, one]}
        for done, other in (
            ("moved", value + 1.5 * one["alone"]),
            ("slightly larger", value * (1 + SLIGHTLY)),
            ("one value moved", single),
        ):
            changed = [*listed[:k], one | {"value": other.tolist()}, *listed[k + 1 :]]
            yield done, true | {"equilibria": changed}


def main() -> int:
    """Draw, prove, write, falsify, check and count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.falsified")
    for name, number in (("races", 20), ("first", 0), ("seed", 2)):
        parser.add_argument(f"--{name}", type=int, default=number)
    given = parser.parse_args()
    method, counts = lb.Method(search=Search(transfer=Transfer(STEPS))), Counter[str]()
    for number in range(given.first, given.first + given.races):
        random = np.random.default_rng([given.seed, number])
        race, start = draw(random), process_time()
        if race.rungs > RUNGS:
            continue
        counts["races"] += 1
        solution = lb.solve(race, method, all=True)
        true = json.loads(json.dumps(proof_of(solution, STEPS)))
        if not check(true, STEPS).whole or true["complete"] != "proved":
            counts["races without a proof that passes"] += 1
            continue
        made = 0
        for done, file in false(true, random):
            made += 1
            accepted = check(file, STEPS).whole
            counts["false files"] += 1
            counts["false files ACCEPTED"] += accepted
            if accepted:
                print(number, done, "ACCEPTED", flush=True)
        print(number, race.rungs, f"{made} files, {process_time() - start:.1f} s", flush=True)
    for name, count in counts.items():
        print(f"{count:6} {name}")
    return int(bool(counts["false files ACCEPTED"]))


if __name__ == "__main__":
    sys.exit(main())
