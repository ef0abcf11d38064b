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
# # 2. The one-shot contest
#
# Before the ladder, one rung of it. Each lab splits its compute once; whoever wins the next model
# gets a prize. This is a contest in the form of Tullock (1980), with one twist: what a lab pays for
# its effort is what that compute would have earned.
#
# $$u_i = p_i \min(K_i - B_i, D_i) + V P_i, \qquad P_i = \frac{t_i B_i^r}{\sum_j t_j B_j^r}$$
#
# $B_i$ of the compute $K_i$ builds, the rest sells at the price $p_i$ to customers who want $D_i$.
# The prize $V$ is what the next model is worth, $t_i$ a head start in finding it, and $r$ says how
# surely more compute wins.
#
# ## The headwind of the leader
#
# The leader's customers pay twice as much per unit of compute as the laggard's. Nothing else
# differs: the two are equally good at building.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.figures import draw
from leaderbored.figures.style import CHASER, LEADER, QUIET, label, style
from leaderbored.theory.r01_contest import V, p_1, p_2, r, t


def contest(price, head_start=1.0, decisiveness=1.0, **laggard):
    """A leader that sells at a price, a laggard that sells at one; both have plenty of compute."""
    labs = [
        lb.Contender("leader", 1, price=price, head_start=head_start),
        lb.Contender("laggard", 1, **laggard),
    ]
    return lb.Contest(labs, prize=1.0, decisiveness=decisiveness)


solution = lb.solve(contest(2.0))
found = solution.equilibria[0]
leader, laggard = (float(x[0]) for x in found.strategies.values())
odds = leader / laggard
print(f"leader builds with {leader:.4f}, laggard with {laggard:.4f}; regret {found.regret:.0e}")
print(f"what that building costs them in sales: {2 * leader:.4f} and {laggard:.4f}")
print(f"odds that the leader wins the contest: {odds:.2f} to 1")
assert np.isclose(2 * leader, laggard)  # each gives up the same revenue
draw(solution)

# %% [markdown]
# Each curve is a best response: what a lab builds, given the other. They cross once. Both labs give
# up the same *revenue* for the prize, but the leader gets half the compute for it, and so its odds
# are one to two. Success has made it a worse contestant.
#
# ## The closed form (R1)
#
# The result is derived by sympy from the payoffs whenever it is asked for:

# %%
result = lb.theory.result("R1")
closed = result.derive().closed
print(result.statement)
at = {V: 1, p_1: 2, p_2: 1, t: 1, r: 1}
assert abs(float(closed["build"].subs(at)) - leader) < 1e-9
sp.Eq(sp.Symbol("P_1"), closed["chance"])

# %% [markdown]
# With equal compute the leader is the favourite iff the head start is larger than the price ratio
# to the power $r$: flywheel against headwind. Below, lines are the closed form and dots are solved
# contests.

# %%
ratios = np.linspace(1, 4, 61)
with style():
    figure, axes = plt.subplots(figsize=(6.0, 3.6))
    axes.axhspan(0.5, 1, color=LEADER, alpha=0.09, linewidth=0)
    axes.axhspan(0, 0.5, color=CHASER, alpha=0.09, linewidth=0)
    for start, dash in ((1.0, "-"), (2.0, "--"), (3.0, ":")):
        chance = [float(closed["chance"].subs({p_1: x, p_2: 1, t: start, r: 1})) for x in ratios]
        axes.plot(ratios, chance, dash, color="#222222")
        label(
            axes,
            4,
            chance[-1],
            f"  head start {start:g}",
            "#222222",
            va="center",
            annotation_clip=False,
        )
        for price in (1.0, 2.0, 3.0, 4.0):
            build = lb.solve(contest(price, start)).equilibria[0].strategies
            impact = start * build["leader"][0]
            won = impact / (impact + build["laggard"][0])
            axes.plot(price, won, "o", color="#222222")
            assert abs(won - np.interp(price, ratios, chance)) < 1e-9
    label(axes, 1.04, 0.93, "the leader is the favourite: leads grow", LEADER)
    label(axes, 1.04, 0.04, "the laggard is: leads close", CHASER)
    axes.set(
        title="Headwind against head start",
        xlabel="leader's price over laggard's",
        ylabel="leader's chance to win the contest",
        xlim=(1, 4),
        ylim=(0, 1),
    )
plt.show()

# %% [markdown]
# ## Idle compute
#
# Prices are only half of the headwind. The other half is that the laggard may not find customers at
# all. Let prices be equal again and cut the laggard's demand:

# %%
print("laggard's demand   leader builds   laggard builds   leader's chance")
for demand in (0.9, 0.7, 0.5, 0.3):
    build = lb.solve(contest(1.0, demand=demand)).equilibria[0].strategies
    x, y = float(build["leader"][0]), float(build["laggard"][0])
    print(f"{demand:>16} {x:>15.3f} {y:>16.3f} {x / (x + y):>17.2f}")
assert np.isclose(y, 1 - demand)  # in the last row the laggard builds with what is idle, no more

# %% [markdown]
# Compute that nobody wants to rent builds for free, up to the kink where customers run out. A lab
# in trouble trains, not out of courage, but because it has nothing better to do with the machines.
#
# ## When is the leader sold out and the laggard idle? (R3)
#
# Two equal labs share total demand, $\psi$ times all compute, by logit with slope $\beta$ per rung.
# Leader sold out and laggard idle happens inside a window of scarcity, and only there:

# %%
window = lb.theory.derive("R3").closed
beta_, g_, psi_ = sp.symbols("beta g psi", positive=True)
leads = np.linspace(0.01, 3, 120)
low, high = (
    [float(window[end].subs({beta_: 1, g_: g})) for g in leads] for end in ("plenty", "famine")
)
with style():
    figure, axes = plt.subplots(figsize=(6.0, 3.6))
    axes.fill_between(leads, low, high, color=CHASER, alpha=0.13, linewidth=0)
    axes.plot(leads, low, color=CHASER)
    axes.plot(leads, high, color=LEADER)
    label(axes, 1.5, 1.15, "headwind: leader sold out, laggard idle", CHASER)
    label(axes, 0.06, 2.3, "famine: both sold out", LEADER)
    label(axes, 1.1, 0.22, "plenty: even the leader has machines to spare", QUIET)
    axes.set(
        title="The window of scarcity",
        xlabel="lead (rungs)",
        xlim=(0, 3),
        ylim=(0, 3),
        ylabel="scarcity ψ (demand over compute)",
    )
plt.show()

# %% [markdown]
# The window widens with the lead, so at given scarcity a lead may grow freely at first and meet the
# headwind later: an asymptote. Outside the window the argument of this notebook does not apply. In
# plenty building costs no lab anything; in famine it costs both the same, unless the better model
# also earns a better price.
#
# ## Exercise
#
# The leader's price is twice the laggard's, and contests are less decisive: $r = 1/2$. What head
# start does it need to be even? Is that more or less than at $r = 1$, and why? Check by solving.

# %% [markdown]
# ## Solution
#
# Less. Where compute decides little, having little of it to spare does little harm: the headwind
# works through compute, a head start does not.

# %%
for power in (1, sp.Rational(1, 2)):
    needed = closed["level_head_start"].subs({p_1: 2, p_2: 1, r: power})
    build = lb.solve(contest(2.0, float(needed), float(power))).equilibria[0].strategies
    x, y = (float(b[0]) ** float(power) for b in build.values())
    won = float(needed) * x / (float(needed) * x + y)
    print(f"r = {power}: head start {sp.simplify(needed)}, then the leader wins with {won:.3f}")
    assert abs(won - 0.5) < 1e-9
