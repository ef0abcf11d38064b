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
# # 3. The lead ladder and its verdict
#
# Now contests follow one another. To see what drives the verdict, leave demand aside and say
# directly what a lead is worth: a lab that leads by $g$ rungs earns $r_g$ per unit of compute it
# sells, everybody else earns $r_0$. Laggards leapfrog: whoever succeeds from behind lands one rung
# above the front.
#
# ## Many labs, one ladder (R5)
#
# Then how far behind a laggard is does not matter, and with equal labs the whole game folds into
# one chain of Bellman equations. With $h(b) = \lambda\sqrt b$ and $u_g$ the value of a lead, net of
# what a laggard has,
#
# $$D\,u_g = \max_b\;(1 - b)\,r_g + h(b)\,(u_{g+1} - u_g), \qquad D = \rho + (N-1)\,h(b_0).$$
#
# Losing the lead acts like discounting. Below, the general solver treats three labs state by state,
# and the ladder is solved from its top down. They must agree, and do.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

import leaderbored as lb
from leaderbored.figures.style import COLOURS, MARKERS, QUIET, style
from leaderbored.theory.ladder import climb, compute_stage, money_stage, settle
from leaderbored.verdicts.profile import by_lead


def ladder(revenue, labs=2, rungs=12):
    """A race of equal labs that leapfrog; revenue in the leader's lead g, one for laggards."""
    return lb.Race(
        [lb.Lab(name, 1) for name in "ABC"[:labs]],
        lb.RevenueLadder(revenue, laggard=1.0),
        lb.Technology(productivity=1.0, leapfrog=1.0),
        discount=0.1,
        rungs=rungs,
    )


three = ladder("2 - 0.6**g", labs=3, rungs=6)
found = lb.solve(three).equilibria[0]
chain, _, _ = settle(three.market.ladder(6), labs=3, rho=0.1, lam=1.0, theta=0.5)
states = found.game.states.tolist()
leader = [found.build[0, states.index([0, g, g])] for g in range(7)]
print("leader builds, lead 0 to 6:", np.round(leader, 4), f"of {len(states)} states")
assert np.allclose(leader, chain, atol=1e-8)

# %% [markdown]
# ## Log-concavity (R6)
#
# Does a longer lead make the leader build less? Both sides of its trade-off grow with revenue: what
# it forgoes, and what another rung adds. The result is that *ratios* decide. Call the ladder
# log-concave if each rung multiplies revenue by no more than the one before. Then, in the symmetric
# equilibrium, leaders build less the longer their lead, for every concave hazard and any number of
# equal labs. Log-convex turns the inequality round, and a constant ratio is neutral.
#
# One caution: every ladder of a computer ends, and a top rung that leads nowhere bends it down. So
# the log-linear ladder is called a run, also with twice the rungs. The pace ratio tells: it is
# close to one until the cap comes into sight. Curves start at lead one, as with leapfrogging nobody
# is ever level.

# %%
ladders = {
    "saturating, 2 - 0.6^g": "2 - 0.6**g",
    "quadratic, (1 + 0.3 g)^2": "(1 + 0.3 * g)**2",
    "log-linear, 1.3^g": "1.3**g",
    "log-convex, exp(0.04 g^1.6)": "exp(0.04 * g**1.6)",
}
solutions = {name: lb.solve(ladder(revenue)) for name, revenue in ladders.items()}
verdicts = {name: lb.verdict(solution) for name, solution in solutions.items()}
for name, verdict in verdicts.items():
    depends = "depends" if verdict.cap_sensitive else "does not depend"
    print(f"{name:>28}: {verdict.kind}, which {depends} on the longest lead")
print(lb.theory.self_limits(ladder("2 - 0.6**g")).sentence)

with style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6))
    for k, (name, solution) in enumerate(solutions.items()):
        look = {"color": COLOURS[k], "marker": MARKERS[k]}
        left.plot(by_lead(solution, solution.equilibria[0])[0][:13], **look)
        right.plot(range(1, 12), verdicts[name].pace_ratio, label=name, **look)
    right.axhline(1, color=QUIET, linewidth=1)
    left.set(title="What leaders build", xlabel="lead (rungs)", ylabel="share of compute")
    right.set(title="Pace ratio", xlabel="lead (rungs)", ylabel="q (log scale)", yscale="log")
    right.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    right.legend(frameon=False, fontsize=8, loc="lower left")
plt.show()

# %% [markdown]
# ## The neutral ladder in closed form (R7)
#
# At a constant ratio $\gamma$ all labs build the same share at every rung, and for
# $h = \lambda\sqrt b$ it is the square of a root of a quadratic. Against a ladder so long that its
# top is not felt:

# %%
closed = lb.theory.derive("R7").closed["build"]
values = {"N": 2, "gamma": 1.3, "lambda": 1.0, "rho": 0.1}
exact = float(closed.subs({s: values[str(s)] for s in closed.free_symbols}))
long, _, _ = settle(1.3 ** np.arange(60.0), labs=2, rho=0.1, lam=1.0, theta=0.5)
print(f"closed form {exact:.10f}; solved, leads 0 and 5: {long[0]:.10f}, {long[5]:.10f}")
assert np.isclose(long[0], exact, atol=1e-9)

# %% [markdown]
# ## A test for outsiders (R8)
#
# Shares are hard to observe; who wins is not. In a neutral race of equal labs the last winner wins
# again with probability one in $N$. In a run less often, in a race more.

# %%
print("                     ladder   repeat-win   if neutral   mean lead")
for name, verdict in verdicts.items():
    s = verdict.statistics
    print(f"{name:>27} {s.repeat_win:>12.3f} {s.repeat_win_neutral:>12.3f} {s.mean_lead:>11.2f}")
repeat = [verdict.statistics.repeat_win for verdict in verdicts.values()]
assert repeat[0] < repeat[1] < repeat[2] < 0.5 < repeat[3]

# %% [markdown]
# ## What the theorem does not say
#
# Log-concavity is sufficient. A ladder may bulge somewhere and still make every leader build less,
# because all revenue above a rung counts, not the next two rungs:

# %%
bulge = np.array([1, 1.5, 1.9, 2.42])
print("ratios:", np.round(bulge[1:] / bulge[:-1], 4))  # they fall, then rise
solution = lb.solve(ladder(bulge.tolist(), rungs=3))
shares = by_lead(solution, solution.equilibria[0])[0]
print("leader builds:", np.round(shares, 3), "->", lb.verdict(solution, check_cap=False).kind)
print(lb.theory.self_limits(solution.game).sentence)
assert bulge[2] ** 2 < bulge[1] * bulge[3] and (np.diff(shares[1:]) < 0).all()

# %% [markdown]
# ## Exercise
#
# In most of the literature effort costs money: Budd, Harris and Vickers (1993) or Aghion, Harris,
# Howitt and Vickers (2001). Then the leader's flow is $r_g - x + h(x)(u_{g+1} - u_g)$, and what it
# forgoes by building does not rise with its lead. Take the quadratic ladder from above and compare
# what leaders do when building costs compute with what they do when it costs money, at the same
# $D$. (`climb(revenue, rate, lam, theta, stage)` takes `compute_stage` or `money_stage`.)

# %% [markdown]
# ## Solution
#
# The quadratic ladder is convex, yet log-concave. With compute, leaders build less and less. With
# money they build more and more, since the shift argument that replaces rescaling asks for
# *concave* revenue. Between concave and log-concave lie the ladders on which it is the single
# budget of compute that makes leads limit themselves.

# %%
g = np.arange(60.0)
quadratic = (1 + 0.3 * g) ** 2
with_compute, _ = climb(quadratic, np.array(1.5), 1.0, 0.5, compute_stage)
with_money, _ = climb(quadratic, np.array(1.5), 1.0, 0.5, money_stage)
print("share of compute, leads 0 to 5:", np.round(with_compute[:6], 3))
print("money spent,      leads 0 to 5:", np.round(with_money[:6], 3))
assert (np.diff(with_compute[:30]) < 0).all() and (np.diff(with_money[:30]) > 0).all()
