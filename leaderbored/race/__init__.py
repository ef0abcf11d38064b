"""The build-or-sell race: labs, markets, technology, and the game they make."""

from typing import TYPE_CHECKING

from leaderbored.late import names
from leaderbored.race.board import count_states, landings, leads, signed_leads
from leaderbored.race.lab import Lab
from leaderbored.race.ladder import RevenueLadder
from leaderbored.race.market import ClearingMarket, Market, ScarceMarket
from leaderbored.race.mechanisms import Mechanism, Mechanisms, register_mechanism
from leaderbored.race.race import Race
from leaderbored.race.technology import Technology

if TYPE_CHECKING:
    from leaderbored.race.contest import Contender, Contest, ContestArrays, Lap

__all__ = [
    "ClearingMarket",
    "Contender",
    "Contest",
    "ContestArrays",
    "Lab",
    "Lap",
    "Market",
    "Mechanism",
    "Mechanisms",
    "Race",
    "RevenueLadder",
    "ScarceMarket",
    "Technology",
    "count_states",
    "landings",
    "leads",
    "register_mechanism",
    "signed_leads",
]

__getattr__ = names(__name__, {"contest": ["Contender", "Contest", "ContestArrays", "Lap"]})
