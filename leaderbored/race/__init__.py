"""The build-or-sell race: labs, markets, technology, and the game they make."""

from leaderbored.race.contest import Contender, Contest, Lap
from leaderbored.race.lab import Lab
from leaderbored.race.market import Market, RevenueLadder, ScarceMarket
from leaderbored.race.mechanisms import Mechanisms
from leaderbored.race.race import Race, count_states, landings, leads, signed_leads
from leaderbored.race.technology import Technology

__all__ = [
    "Contender",
    "Contest",
    "Lab",
    "Lap",
    "Market",
    "Mechanisms",
    "Race",
    "RevenueLadder",
    "ScarceMarket",
    "Technology",
    "count_states",
    "landings",
    "leads",
    "signed_leads",
]
