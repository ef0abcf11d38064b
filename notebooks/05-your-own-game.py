# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: -all
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5. Solve your own game
#
# The race is one game; `lb.solve` takes others. This notebook writes a table, formulas, a function,
# a Markov game, a linear-quadratic one and a file, and reads the same three things off the answers:
# `status`, the equilibria with their `regret`, and `complete`, which says whether there may be
# more.
#
# ## A table: build or sell, once
#
# Two labs. If both build, neither earns and the model is a coin toss; if one builds, it gets the
# model and the other the sales. Rows are A's choice, columns B's; the first matrix is A's payoff.
# With `exact=True` fractions stay fractions.

# %%
# %matplotlib inline
import math

import numpy as np

import leaderbored as lb
from leaderbored.figures import draw
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError

table = lb.NormalForm(
    [[[0, 7], [2, 6]], [[0, 2], [7, 6]]],
    players=["A", "B"],
    strategies=[["build", "sell"]] * 2,
    name="Build or sell, once",
)
solution = lb.solve(table, exact=True)
for e in solution.equilibria:
    print({who: [str(x) for x in mix] for who, mix in e.exact.items()}, "stable:", e.stable)
print(solution.complete, "- these are all")
draw(solution)

# %% [markdown]
# Two asymmetric equilibria and a mixed one: the game of Chicken. Which lab builds is a convention,
# and the mixture, which treats them alike, is the one that learning leaves.
#
# ## Formulas and functions: real strategies
#
# Three labs sell compute on one market (Cournot). Payoffs are formulas, in which `q` is a player's
# own strategy and `sum(q)` everybody's. Bounds may bind, and do here for the first.
#
# A payoff may also be any Python function of what everybody does. This is the patent race of Lee
# and Wilde (1980), where a firm spends $x$ a year until somebody succeeds, at hazards $\sqrt{x}$,
# and the future is discounted at $r = 0.1$:
#
# $$\Pi_i = \frac{\sqrt{x_i} - x_i}{r + \sum_j \sqrt{x_j}}$$

# %%
firms = [
    lb.Player(name, {"q": [0, capacity]}, "(10 - sum(q) - c) * q", parameters={"c": cost})
    for name, cost, capacity in (("first", 1, 1.5), ("second", 2, 4), ("third", 3, 4))
]
market = lb.solve(lb.Continuous(firms)).equilibria[0]
sold = [float(q[0]) for q in market.strategies.values()]
print("sold:", np.round(sold, 6), f"price: {10 - sum(sold):.2f}, regret {market.regret:.0e}")
# By hand: with 1.5 given, the others solve 2 q2 + q3 = 6.5 and q2 + 2 q3 = 5.5.
assert np.allclose(sold, [1.5, *np.linalg.solve([[2, 1], [1, 2]], [6.5, 5.5])])


def patent_race(who):
    """Payoff of one of two firms; ``play`` maps the firms' names to what they spend."""

    def payoff(play):
        own = math.sqrt(play[who])
        return (own - own**2) / (0.1 + sum(math.sqrt(x) for x in play.values()))

    return payoff


pair = [lb.Player(who, {"x": (0, 1)}, patent_race(who)) for who in ("A", "B")]
by_function = lb.solve(lb.Continuous(pair)).equilibria[0]
formula = "(sqrt(x) - x) / (0.1 + sum(sqrt(x)))"
by_formula = lb.solve(lb.Continuous([lb.Player("firm", {"x": (0, 1)}, formula, count=2)]))
spent = float(by_function.strategies["A"][0])
print(
    f"by function {spent:.6f}, by formula "
    f"{float(next(iter(by_formula.equilibria[0].strategies.values()))[0]):.6f}"
)

# %% [markdown]
# A formula is faster and its derivatives are exact; a function can do anything.
#
# ## Over time: a Markov game
#
# States, actions, payoffs and events of your own. Here a lab's state is the quality `w` of its
# model. It builds with `b` and sells with the rest, at a price that doubles for whoever is ahead.
# Quality decays by itself: nobody stays good without building.

# %%
lab = lb.MarkovPlayer(
    "lab",
    "(1 - b) * (1 + (w > others(w)))",
    {"b": (0, 1)},
    states={"w": (0, 4)},
    events=[lb.Event({"w": "max(w, others(w)) + 1"}, hazard="sqrt(b)")],
    count=2,
)
decay = lb.Event({"w": "w - 1"}, hazard="0.5")
solution = lb.solve(lb.MarkovGame([lab], discount=0.3, events=[decay]))
print(f"{solution.game.size} states, regret {solution.equilibria[0].regret:.0e}")
draw(solution)

# %% [markdown]
# Left: labs build hardest for the last step, since nobody can pass a lab at the top, and hardly at
# all once they are there. Right: the grey is where play spends its time, the arrows say where it
# drifts. That top is an artefact of the range 0 to 4: try a longer one.
#
# ## Linear-quadratic: all equilibria by algebra
#
# Two controllers push the same unstable state, $\dot x = 3x + u_1 + u_2$, and each pays
# $x^2 + u_i^2$. Feedback equilibria solve coupled quadratic equations. Of one state all are found:

# %%
both = [lb.Controller(name, control=1, control_cost=1, state_cost=1) for name in "AB"]
solution = lb.solve(lb.LinearQuadratic(3.0, both), all=True)
for e in solution.equilibria:
    a, b = (float(k[0, 0]) for k in e.gains.values())
    print(f"A pushes back with {a:.4f} x, B with {b:.4f} x; regret {e.regret:.0e}")
    assert a + b > 3  # or the state would explode
print(solution.complete)

# %% [markdown]
# Symmetric labs, asymmetric equilibria: if the other does all the work I need not. Iterating on
# best responses ends on one of these and does not tell you of the others.
#
# ## A file
#
# All of this fits in a text file, which `leaderbored solve FILE` reads too. Mistakes are listed all
# at once, with what was meant:

# %%
text = """
kind = "continuous"
[[players]]
name = "laggard"
strategy = { q = [0, 4] }
payoff = "(9 - sum(q)) * qq"
"""
try:
    loads(text)
except GameFileError as mistakes:
    print(mistakes)

# %% [markdown]
# ## Exercise
#
# In the patent race, does competition make each firm spend more or less? Solve it for two to five
# firms, and say how long everybody waits for the innovation.

# %% [markdown]
# ## Solution
#
# More, as Lee and Wilde found: a rival that may end the race tomorrow makes waiting expensive. More
# firms that each hurry bring the innovation forward.

# %%
spending = []
for firms in range(2, 6):
    player = lb.Player("firm", {"x": (0, 1)}, formula, count=firms)
    found = lb.solve(lb.Continuous([player])).equilibria[0]
    spending.append(float(next(iter(found.strategies.values()))[0]))
    wait = 1 / (firms * math.sqrt(spending[-1]))
    print(f"{firms} firms: each spends {spending[-1]:.4f} a year, mean wait {wait:.2f} years")
assert (np.diff(spending) > 0).all()
assert np.isclose(spending[0], spent, atol=1e-5)
