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
# # 6. What breaks the run
#
# A run rests on three legs: the leader is short of compute, selling and building draw on the *same*
# compute, and a better model does not by itself make building easier. Each can be kicked away. This
# notebook takes one race that is a run and adds one thing at a time, up to where the verdict turns.
#
# ## Leasing
#
# A laggard with idle machines trains because nobody else wants them. But the leader does. Let labs
# rent compute to each other at a rent that clears the market in every state, with a loss $\tau$ per
# unit on the way. Then idle compute has a price, and what it costs to build depends less on a
# lab's rank.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

import leaderbored as lb
from leaderbored.figures.style import COLOURS, MARKERS, QUIET, label, style
from leaderbored.theory.symbols import K, N, eps, lam, rho


def race(scarcity=0.9, mechanisms=None, rungs=8, **technology):
    """Two equal labs; each rung behind lowers the price by a factor of exp(-0.5)."""
    return lb.Race(
        [lb.Lab(name, compute=1) for name in "AB"],
        lb.ScarceMarket(scarcity, premium=0.5),
        lb.Technology(productivity=1.0, **technology),
        discount=0.2,
        rungs=rungs,
        mechanisms=mechanisms or {},
    )


plain = lb.verdict(lb.solve(race()))
print(plain.headline, "\n")
assert plain.kind == "run"

frictions = (1.0, 0.2, 0.0)
leased = {
    tau: lb.solve(race(rungs=12, mechanisms={"lease": {"friction": tau}})) for tau in frictions
}
print("friction   verdict   lead changes a year   rent at lead 3   of it rented by B to A")
for tau, solution in leased.items():
    verdict, market = lb.verdict(solution, check_cap=False), lb.lease_market(solution)
    state = solution.markov.states.tolist().index([0, 3])  # A leads by three
    print(
        f"{tau:>8} {verdict.kind:>9} {verdict.statistics.lead_changes_per_year:>21.3f} "
        f"{market.rent[state]:>16.3f} {market.rented[1, 0, state]:>24.2f}"
    )
    assert solution.equilibria[0].regret < 1e-9
last = lb.verdict(leased[0.0], check_cap=False)
turns = " and ".join(f"{x:.1f}" for x in last.crossings)
print(f"\nWithout friction leads turn from closing to growing, and back, at {turns} rungs.")
assert last.kind == "mixed"

# %% [markdown]
# With much friction nobody rents, and the race is the plain one. As friction falls the lead
# changes hands ever more rarely, and in the end leads grow over a stretch of rungs. That is what
# the closed form of the one-shot contest leads one to expect (R4): if leasing is free both labs
# give up the same price, and only a head start is left. On the ladder it is no race at every lead,
# though: what a rung is worth still differs between leader and laggard.
#
# ## Flywheel
#
# Let the leader's own model speed up its work, by $e^{\varphi}$ per rung of lead.

# %%
flywheels = (0.0, 0.2, 0.4, 0.6)
spun = {phi: lb.verdict(lb.solve(race(flywheel=phi)), check_cap=True) for phi in flywheels}
with style():
    figure, axes = plt.subplots(figsize=(6.0, 3.6))
    axes.axhline(1, color=QUIET, linewidth=1)
    for k, (phi, verdict) in enumerate(spun.items()):
        axes.plot(range(1, 8), verdict.pace_ratio, color=COLOURS[k], marker=MARKERS[k])
        label(
            axes,
            7,
            verdict.pace_ratio[-1],
            f"  φ = {phi:g}: {verdict.kind}",
            COLOURS[k],
            va="center",
            annotation_clip=False,
        )
    axes.set(
        title="Pace ratio with a flywheel",
        xlabel="lead (rungs)",
        yscale="log",
        ylabel="q (log scale)",
        xlim=(0.8, 7.1),
    )
    axes.set_yticks([0.03, 0.1, 0.3, 1, 3], ["0.03", "0.1", "0.3", "1", "3"])
    axes.minorticks_off()
plt.show()
for phi, verdict in spun.items():
    print(f"φ = {phi}: {verdict.kind}; another with twice the rungs: {verdict.cap_sensitive}")
longer = lb.verdict(lb.solve(race(flywheel=0.2, rungs=24)), check_cap=False)
print(f"φ = 0.2 and 24 rungs: {longer.headline}")
assert spun[0.2].kind == "run" and longer.kind == "breakaway" and longer.escape > 8

# %% [markdown]
# A small flywheel is weaker than the headwind near the tie. But it grows with the lead and the
# headwind does not, so beyond some lead it is stronger: that is the point of escape. If the
# flywheel is small that point lies beyond the longest lead that the model distinguishes, and the
# verdict on eight rungs is a run. `cap_sensitive` says so: look at it before you rely on a run.
#
# ## Jackpot
#
# Suppose that a success may end the race and pays a prize (Reinganum 1983 has the case in which the
# first one does). The headwind weighs today's sales against today's ladder; a prize large enough
# dwarfs both, everybody builds, and whatever small advantage the leader has at building decides.
# Let it be 5% per rung. `lb.effects` solves the race again without each of its mechanisms.

# %%
turned = []
for prize in (20, 100, 200):
    game = race(handicap=0.05, mechanisms={"jackpot": {"chance": 0.02, "prize": prize}})
    solution = lb.solve(game)
    effect = lb.effects(solution)[0]
    turned.append(effect.after)
    print(f"prize {prize:>3}: {effect.sentence}")
assert turned[0] == "run" and turned[-1] == "race"

# %% [markdown]
# ## One elasticity
#
# So far compute sold at a given price. If instead the leader faces a demand curve of constant
# elasticity, selling more lowers its own price. By R13, with a linear hazard and rivals flat out,
# it sells everything at lead one iff the next rung multiplies revenue by no more than a bound. If
# labs reinvest what they earn and leads rotate fast, the same elasticity decides whether their
# shares of *compute* converge.

# %%
bound = lb.theory.derive("R13").closed["ratio"]
print("elasticity   sells everything up to r2/r1 =   compute shares")
for elasticity in (0.8, 1.0, 1.5, 3.0):
    most = float(bound.subs({N: 2, lam: 1.0, rho: 0.2, K: 1.0, eps: elasticity}))
    limit = f"{most:.2f}" if most > 1 else "never"  # a longer lead does not earn less
    fate = {-1: "converge", 0: "stay", 1: "diverge"}[int(np.sign(elasticity - 1))]
    print(f"{elasticity:>10} {limit:>30}   {fate}")
assert bound.subs(eps, 1) == 1

# %% [markdown]
# Leads in models and leads in compute are different things. Above one, what sends the leader to its
# customers, and so helps to close the gap in models, also widens the gap in machines.
#
# ## Scarcity that ends
#
# Machines are being built. Let demand over compute fall along a known path; labs then plan for the
# day when nobody is short. Policies depend on the date, and the equilibrium is found backward in
# time. Once even the leader has machines to spare, its headwind vanishes.

# %%
path = lb.scarcity_path(race(handicap=0.1), years=[0, 5], scarcity=[0.9, 0.1])
print(path.sentence, f"Regret {path.regret:.0e}.")
states = race().states().tolist()
with style():
    figure, axes = plt.subplots(figsize=(6.0, 3.4))
    for k, (who, state) in enumerate((("leader", [0, 2]), ("laggard", [2, 0]))):
        course = path.build[:, 0, states.index(state)]
        axes.plot(path.years, course, color=COLOURS[1 - k])
        label(
            axes,
            1.0,
            float(course[len(course) // 5]),
            who,
            COLOURS[1 - k],
            xytext=(0, 6 if k == 0 else -14),
            textcoords="offset points",
        )
    for date, kind in path.changes:
        axes.axvline(date, color=QUIET, linewidth=1, linestyle=":")
        label(axes, date, 1.02, kind, QUIET, ha="center", annotation_clip=False)
    axes.plot(path.years, path.scarcity, color=QUIET, linestyle="--")
    label(axes, 2.2, 0.58, "scarcity (demand over compute)", QUIET)
    axes.set(
        xlabel="years from now", ylabel="share that builds at lead 2", xlim=(0, 5), ylim=(0, 1)
    )
plt.show()
assert path.regret < 1e-4 and path.kinds[0] == "run" and path.becomes_race is not None

# %% [markdown]
# ## Exercise
#
# Even where leads close, they may do so in swings: compute moved to training today is a model only
# months later, so that labs answer the leaderboard of the past. `lb.whiplash(answer, delay)` closes
# a lead at `answer` times what it was `delay` years ago. At an answer of one a year, which delay
# turns a fading lead into a swinging one? Compare with R15, and see what a limit to the pace does.

# %% [markdown]
# ## Solution
#
# The boundary is a quarter turn, $\pi/2$ years: later answers arrive when the lead has already
# turned, and push the wrong way. The limit to the pace does not move the boundary, but keeps swings
# finite.

# %%
boundary = lb.whiplash(1.0, 1.0).boundary
print(f"boundary {boundary:.4f} years")
assert np.isclose(boundary, np.pi / 2)
for delay in (0.3, 1.2, 1.5, 1.7, 2.5):
    swing = lb.whiplash(1.0, delay, limit=1.0)
    print(f"delay {delay}: {swing.sentence}")
    assert (swing.growth < -1e-3) == (delay < boundary)
