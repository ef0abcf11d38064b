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
# # 7. Why secrets make it a race
#
# An essay of 2026, "Leaderbored: is it a race or a run?", has the idea of the [first
# lesson](01-the-idea.ipynb), and begins with a shortage: the leader has the best model, everybody
# wants it, and what it sells with it cannot build with. So far customers whom a leader could not
# serve were turned away, at a price that did not answer. Let it answer: where compute is short its
# price rises until nobody is turned away who would pay it. Then laggards sell, too, and it is no
# longer clear who gives up more by building.
#
# On `lb.ClearingMarket` two numbers matter. *Scarcity* $\psi$ is customers per unit of compute.
# *Openness* $\omega$ is the part of a lead that those who go without follow at once: at 0 what one
# lab can do is its secret until another can do it, at 1 open weights are as good as the best model
# but for a fixed distance. Two equal labs climb step by step, and nothing else sets them apart:
# there is no handicap, no flywheel and no free catch-up.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

import leaderbored as lb
from leaderbored.figures.gallery.openness import openness
from leaderbored.figures.named import name_lines
from leaderbored.figures.style import COLOURS, QUIET, style

SCARCITIES = (0.5, 1.0, 1.5, 3.0)


def solve(scarcity, share, rungs=16, discount=0.2, **technology):
    """Two equal labs where prices clear the market."""
    race = lb.Race(
        [lb.Lab(name, compute=1) for name in "AB"],
        lb.ClearingMarket(scarcity, openness=share),
        lb.Technology(productivity=1.0, **technology),
        discount=discount,
        rungs=rungs,
    )
    solution = lb.solve(race)
    assert solution.equilibria[0].regret < 1e-9
    return solution


def table(**technology):
    """Verdicts, and the pace of a leader one rung ahead over its chaser's."""
    print("openness   " + "".join(f"scarcity {scarcity:<9}" for scarcity in SCARCITIES))
    kinds, paces, speeds = {}, {}, {}
    for share in (0.0, 0.25, 0.5, 1.0):
        made = [
            lb.verdict(solve(scarcity, share, **technology), check_cap=False)
            for scarcity in SCARCITIES
        ]
        kinds[share] = [verdict.kind for verdict in made]
        paces[share] = [float(verdict.pace_ratio[0]) for verdict in made]
        speeds[share] = [verdict.statistics.advances_per_year for verdict in made]
        row = zip(kinds[share], paces[share], strict=True)
        print(f"{share:<11}" + "".join(f"{kind:<11}{pace:<7.3f}" for kind, pace in row))
    return kinds, paces, speeds


kinds, paces, speeds = table()
assert kinds[0.0][0] == "run" and kinds[0.0][-1] == "race"
assert set(kinds[0.5] + kinds[1.0]) == {"run"}
assert np.diff(paces[0.0]).min() > 0 > np.diff(paces[1.0]).max()
assert all(more >= less for more, less in zip(speeds[0.5], speeds[0.25], strict=True))

# %% [markdown]
# Read the rows. In the open, shortage makes a run ever stronger. With secrets it is the other way
# round: in plenty leads close, and in shortage they grow. One equilibrium was solved for at each
# place; `all=True` finds no other, which is no proof that there is none.
#
# ## Two reasons
#
# A lab builds up to where a success is worth what the compute would earn. With a hazard of the
# square root of compute that gives, exactly, for two equal labs
#
# $$q = \frac{D_L}{D_F} \cdot \frac{m_F}{m_L},$$
#
# $D$ being what a success is worth to leader and follower, and $m$ what one more unit of compute
# would earn each on the market. The second factor is the headwind. The first is new.

# %%
scarcities = np.geomspace(0.9, 6, 12)
shares = {0.0: "ω = 0", 0.5: "ω = 0.5"}
gains, earns = {}, {}
for share in shares:
    rows = []
    for scarcity in scarcities:
        solution = solve(scarcity, share, rungs=8)
        found = solution.equilibria[0]
        game, states = found.game, found.game.states.tolist()
        here, longer, tied = (states.index([0, g]) for g in (1, 2, 0))
        leader = found.value[0, longer] - found.value[0, here]
        chaser = found.value[1, tied] - found.value[1, here]
        worth = game.sales(found.build).margin[:, here]
        pace = (found.build[0, here] / found.build[1, here]) ** 0.5
        assert np.isclose(pace, leader / chaser * worth[1] / worth[0])
        rows.append((leader / chaser, worth[1] / worth[0]))
    gains[share], earns[share] = np.transpose(rows)

with style():
    figure, panels = plt.subplots(1, 2, figsize=(8.0, 3.3), sharey=True)
    titles = ("What a success is worth", "What compute earns")
    for axes, rows, title in zip(panels, (gains, earns), titles, strict=True):
        axes.axhline(1, color=QUIET, linewidth=1)
        for k, share in enumerate(shares):
            axes.plot(scarcities, rows[share], color=COLOURS[k], linestyle=("-", "--")[k])
        axes.set(title=title, xlabel="scarcity ψ", xscale="log", yscale="log")
        axes.set(xlim=(0.9, 6), ylim=(0.3, 3.3))
        axes.set_xticks([1, 2, 4], ["1", "2", "4"])
        axes.set_yticks([0.3, 0.5, 1, 2, 3], ["0.3", "0.5", "1", "2", "3"])
        axes.minorticks_off()
        lines = zip(shares.values(), COLOURS, strict=False)
        courses = [rows[share] for share in shares]
        name_lines(axes, [(n, scarcities, y, c) for (n, c), y in zip(lines, courses, strict=True)])
    panels[0].set_ylabel("leader over follower, $D_L / D_F$", parse_math=True)
    panels[1].set_ylabel("follower over leader, $m_F / m_L$", parse_math=True)
plt.show()
assert max(earns[0.0].max(), earns[0.5].max()) < 1 and np.diff(earns[0.0]).min() > 0
assert gains[0.0].min() > 2 and np.diff(gains[0.0]).min() > 0 > np.diff(gains[0.5]).max()

# %% [markdown]
# On the right is the essay's headwind: the leader's compute earns more, so building costs it more.
# It is there at any openness. But prices that clear wear it down in shortage, as the follower's
# compute sells at nearly the leader's price.
#
# On the left is what secrets change. A rung more is worth $1 - \omega$ of its worth to a leader who
# extends its lead, because its customers' alternative follows by $\omega$, and $\omega$ of it to a
# laggard who closes in, because what two labs can do anybody can. With secrets, who catches up wins
# no customer and breaks the leader's price; who pulls away is paid for it.
#
# ## The border
#
# If labs are impatient and everyone is sold out, this argument is exact (R24), and gives the
# openness above which a lead of $g$ closes. It never exceeds a half.

# %%
a, beta, g = 2.0, 1.0, 1
print("scarcity   closed form   found at a discount of 0.2   of 20")
for scarcity in (2.0, 3.0, 6.0):
    y = 1 / (2 * (scarcity - 1))
    A = a - 1 - np.log(y) - y
    exact = (A + beta * g - np.hypot(A, beta * g)) / (2 * beta * g)
    borders = []
    for discount in (0.2, 20.0):
        low, high = 0.0, 0.6
        while high - low > 1e-3:
            middle = (low + high) / 2
            solution = solve(scarcity, middle, rungs=4, discount=discount)
            closes = lb.verdict(solution, check_cap=False).pace_ratio[0] < 1
            low, high = (low, middle) if closes else (middle, high)
        borders.append(high)
    print(f"{scarcity:>8} {exact:>13.3f} {borders[0]:>28.3f} {borders[1]:>7.3f}")
    assert abs(borders[1] - exact) < 0.02 and 0.25 < borders[0] < 0.5

# %% [markdown]
# Patient labs need a little less openness for a run. Here is the whole map, with the pace of a
# leader one rung ahead and the speed of the frontier beside it. (`leaderbored figures openness`
# draws it on a finer grid.)

# %%
openness(points=13)

# %% [markdown]
# Openness is not paid for with a slower frontier, unless there is very much of it: at one half
# advances are at least as frequent as at one quarter. In a race the winner slows down by itself:
# its next rung is worth no more than the last, and what its compute earns meanwhile is. So the
# frontier has no speed of its own there, and the line breaks off.
#
# ## What else makes a run
#
# Let a laggard's success take the lead at once. Then closing in is worth a lead, whoever follows.

# %%
kinds, paces, _ = table(leapfrog=1.0)
assert set(kinds[0.0] + kinds[0.25] + kinds[0.5]) == {"run"} and kinds[1.0][-1] == "standstill"
assert paces[0.0][2] == min(paces[0.0])  # strongest in moderate shortage

# %% [markdown]
# With leapfrogging leads close throughout, with secrets too, where the run is strongest in moderate
# shortage. Where all is open and compute is short nobody builds any more: a standstill, as whoever
# gets ahead earns nothing by it.
#
# And which one are we in? The shipped file has five large labs at the end of 2025, on this market.
# Every other success of a laggard takes the lead there, which was tuned to how often leads change
# hands; its comments give the sources, and the figures that it misses.

# %%
race = lb.load("five-labs", ["rungs=3"])  # three, so that this page is quick
print(lb.verdict(lb.solve(race)).headline, "\n")
print("scarcity   openness   verdict   pace at lead 1   compute that sells")
found = {}
for scarcity in (0.6, 1.2, 3.0):
    for share in (0.1, 1.0):
        changes = [f"market.scarcity={scarcity}", f"market.openness={share}"]
        other = lb.load("five-labs", ["rungs=3", *changes])
        verdict = lb.verdict(lb.solve(other), check_cap=False)
        found[scarcity, share] = verdict.pace_ratio[0]
        print(
            f"{scarcity:>8} {share:>10}   {verdict.kind:<9} {verdict.pace_ratio[0]:>14.2f} "
            f"{verdict.statistics.sold:>20.0%}"
        )
        assert verdict.kind == "run"
assert all(found[scarcity, 0.1] > found[scarcity, 1.0] for scarcity in (0.6, 1.2, 3.0))
assert found[3.0, 0.1] > 0.95 and found[0.6, 0.1] < 0.75

# %% [markdown]
# It is a run, as the essay says, and because the leader sells more and builds less. But a shortage
# is not what makes it one. The five run most about where there is just enough compute, and hardly
# at all in famine, when all of them sell nearly all they may. And openness matters little as long
# as labs leapfrog. So two facts decide that one can look up: whether labs overtake each other or
# merely catch up, and, if they catch up, how soon the rest of the world has what the best lab has.
#
# ## Exercise
#
# Customers may be slow to see which model is better: let a rung be worth little, `switching=0.1`.
# In extreme famine, say at a scarcity of 50, R24 then puts the border at a half, and not for
# impatient labs alone. At what openness does a lead of one rung neither close nor grow?
#
# ## Solution

# %%
low, high = 0.3, 0.7
while high - low > 1e-3:
    middle = (low + high) / 2
    market = lb.ClearingMarket(50.0, switching=0.1, openness=middle)
    labs = [lb.Lab(name, compute=1) for name in "AB"]
    quiet = lb.Race(labs, market, lb.Technology(1.0), discount=0.2, rungs=4)
    closes = lb.verdict(lb.solve(quiet), check_cap=False).pace_ratio[0] < 1
    low, high = (low, middle) if closes else (middle, high)
print(f"openness {high:.3f}")
assert abs(high - 0.5) < 0.02
