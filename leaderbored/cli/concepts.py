"""What else than Nash equilibria ``leaderbored solve`` finds of a finite game."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from leaderbored.cli.console import NOT_CONVERGED, Work, complain
from leaderbored.cli.options import insist, wrong
from leaderbored.cli.output import Pages

Concept = Literal["nash", "correlated", "coarse", "commitment", "rationalizable"]


@dataclass(frozen=True)
class Concepts:
    """What is to be found.

    Attributes
    ----------
    concept : str
    aim : str or None
        Of correlated equilibria.
    leader : str or None
        Of a commitment.
    """

    concept: Concept
    aim: str | None = None
    leader: str | None = None

    @property
    def other(self) -> bool:
        """Whether it is something else than Nash equilibria."""
        return self.concept != "nash"

    def check(self, given: Mapping[str, Any]) -> None:
        """Refuse options that go with Nash equilibria alone, and those of other concepts."""
        alone, which = f"expected without --concept {self.concept}", self.concept
        correlated = which in ("correlated", "coarse")
        expected = "expected with --concept"
        rows = [
            (self.other and value, name, "" if value is True else value, alone)
            for name, value in given.items()
        ]
        insist(
            "solve",
            *rows,
            (self.aim and not correlated, "--aim", self.aim, f"{expected} correlated or coarse"),
            (
                self.leader and which != "commitment",
                "--leader",
                self.leader,
                f"{expected} commitment",
            ),
        )


def answer_concept(game: Any, asked: Concepts, limit: float | None, to: Pages) -> int:
    """Find it and say it; the exit code."""
    from leaderbored.solvers.budget import Budget

    with Work(limit) as work, Budget(work.stop).running():
        found = work.within(lambda: _found(game, asked))
    if found is None:
        complain("stopped: the time was up and nothing was found")
        return work.finish(True) or NOT_CONVERGED
    return work.finish(to.say(found.data, found))


def _found(game: Any, asked: Concepts) -> Any:
    import leaderbored as lb

    concept = asked.concept
    try:
        if concept == "rationalizable":
            return lb.rationalizable(game)
        if concept == "commitment":
            return lb.commitment(game, asked.leader, exact=True)
        coarse = concept == "coarse"
        return lb.correlated(game, _aim(asked.aim), coarse=coarse, exact=True)
    except (TypeError, ValueError) as error:
        place, _, reason = str(error).partition(": ")
        option = {"aim": "--aim", "leader": "--leader"}.get(place, f"--concept {concept}")
        raise wrong("solve", option, "", reason) from None


def _aim(text: str | None) -> Any:
    """Welfare, a player, or weights: ``A=1,B=-2``."""
    if text is None:
        return "welfare"
    if "=" not in text:
        return text
    weights = {}
    for part in text.split(","):
        who, _, number = part.rpartition("=")
        try:
            weights[who.strip()] = float(number)
        except ValueError:
            raise ValueError(f"aim: {part!r}, expected weights such as A=1,B=-2") from None
    return weights
