"""What a race may have on top, each off by default; see :mod:`.registry` and :mod:`.compose`."""

from leaderbored.race.mechanisms.accumulate import Accumulate
from leaderbored.race.mechanisms.compose import Mechanisms, leaderboard
from leaderbored.race.mechanisms.fungibility import Fungibility
from leaderbored.race.mechanisms.hype import Hype
from leaderbored.race.mechanisms.inertia import Inertia
from leaderbored.race.mechanisms.inputs import Inputs
from leaderbored.race.mechanisms.jackpot import Jackpot
from leaderbored.race.mechanisms.lease import Lease
from leaderbored.race.mechanisms.mechanism import Mechanism
from leaderbored.race.mechanisms.open_weights import OpenWeights
from leaderbored.race.mechanisms.registry import register_mechanism, registered, table
from leaderbored.race.mechanisms.schedule import Schedule
from leaderbored.race.mechanisms.spillover import Spillover
from leaderbored.race.mechanisms.training_delay import TrainingDelay

__all__ = [
    "Accumulate",
    "Fungibility",
    "Hype",
    "Inertia",
    "Inputs",
    "Jackpot",
    "Lease",
    "Mechanism",
    "Mechanisms",
    "OpenWeights",
    "Schedule",
    "Spillover",
    "TrainingDelay",
    "leaderboard",
    "register_mechanism",
    "registered",
    "table",
]
