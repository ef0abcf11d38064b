"""The tour: five settings that tell the story, each with what to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from leaderbored.evidence.account import account
from leaderbored.evidence.boards import SHIPPED
from leaderbored.explore.setting import FIVE, TWO
from leaderbored.views.formats.html import escaped


@dataclass(frozen=True)
class Step:
    """A step of the tour.

    Attributes
    ----------
    title : str
    said : str
        What to look at.
    numbers : dict of str to str
        The setting, and the sides of the map, as in an address.
    verdict : str
        What it shows; that of a solved race.
    """

    title: str
    said: str
    numbers: dict[str, str] = field(default_factory=dict)
    verdict: str = ""


PLAIN = {"game": TWO, "rungs": "12", "technology.handicap": "0"}
STEPS = (
    Step(
        "The race",
        "In the story that is usually told, the best model helps to build the next one. Give the "
        "leader such a flywheel, and computers enough: a small gap becomes a big gap, and a big "
        "gap one that nobody closes. See that the pace ratio is above 1 at every lead.",
        {**PLAIN, "technology.flywheel": "0.1", "x": "market.scarcity", "y": "technology.flywheel"},
        "race",
    ),
    Step(
        "The headwind",
        "Now let computers be short. The flywheel turns as before, but the leader's customers want "
        "the computers that would build its next model. It sells, laggards build, and leads close. "
        "On the map the border between a race and a run bends upwards: the shorter computers are, "
        "the stronger a flywheel this headwind holds against. Dots mark where expectations decide.",
        {
            **PLAIN,
            "market.scarcity": "0.9",
            "technology.flywheel": "0.1",
            "x": "market.scarcity",
            "y": "technology.flywheel",
        },
        "run",
    ),
    Step(
        "The asymptote",
        "Laggards with worse tools fall behind, but what they can copy grows with every rung. "
        "Leads then grow as long as they are small, and close when they are large: they persist, "
        "and stall where the pace ratio crosses 1. That is the invisible asymptote of a peloton.",
        {
            **PLAIN,
            "market.scarcity": "0.7",
            "technology.handicap": "0.4",
            "technology.drafting": "0.2",
            "x": "technology.handicap",
            "y": "technology.drafting",
        },
        "peloton",
    ),
    Step(
        "What breaks it",
        "A flywheel and a handicap together grow with the lead, and the headwind does not. Short "
        "of some lead the race limits itself; whoever gets past it is gone. Move the flywheel up "
        "a little, and it is a race; move it down, and it is a run. More computers break it, too: "
        "lower the scarcity.",
        {
            **PLAIN,
            "market.scarcity": "0.9",
            "technology.handicap": "0.05",
            "technology.flywheel": "0.1",
            "x": "technology.handicap",
            "y": "technology.flywheel",
        },
        "breakaway",
    ),
    Step(
        "Whether the record fits",
        "Five labs with the computers they had at the end of 2025, where prices clear the market. "
        "Pace and leapfrogging were tuned to leaderboards, and the game file says which figures "
        "were met and which were not. Set how often the lead changes hands here beside what was "
        "seen:",
        {"game": FIVE, "x": "market.scarcity", "y": "technology.handicap"},
        "run",
    ),
)


def record(names: Iterable[str] = SHIPPED) -> str:
    """What the record of each board says, in HTML.

    Examples
    --------
    >>> "The lead changed hands" in record(["arena"])
    True
    """
    found = [account(name) for name in names]
    return "".join(
        f"<p><strong>{escaped(each.board.title)}.</strong> {escaped(each.headline)}</p>"
        for each in found
    )
