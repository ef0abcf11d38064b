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
# # 4. When race and run coexist
#
# Labs respond to what they expect of each other, and expectations may come true in several ways. If
# everybody expects the next years to be calm, being first is worth little and nobody hurries. If
# everybody expects a sprint, falling behind is a disaster and everybody sprints. This notebook
# finds all equilibria of one race, asks which of them learning labs would reach, and follows them
# as a parameter moves.

# %%
# %matplotlib inline
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

import leaderbored as lb
from leaderbored.figures.correspondence import correspondence_figure
from leaderbored.figures.style import COLOURS, MARKERS, QUIET, label, style

race = lb.Race(
    [lb.Lab("A", compute=1), lb.Lab("B", compute=1)],
    lb.ScarceMarket(scarcity=0.6),
    lb.Technology(productivity=3.0, returns=0.7, handicap=0.24),
    discount=0.2,
    rungs=10,
)
thrifty = lb.Method(search=lb.Search(starts=0))  # few starts, so that this page runs in seconds
solution = lb.solve(race, thrifty, all=True)
print(solution.status.message)
print(f"{solution.complete}: {solution.census.message}")

# %% [markdown]
# `complete` says what the list is worth. *Searched* is not *proved*: several engines looked, and
# the topological indices add up to one, as those of a complete list must, but no bound rules out a
# pair more. `proof` is about each equilibrium by itself: interval arithmetic shows that a true one
# lies within a tiny radius of the numbers.

# %%
verdicts = [lb.verdict(solution, k) for k in range(len(solution.equilibria))]
print("  value at tie   builds at tie   stable   index   proved   verdict")
for e, v in zip(solution.equilibria, verdicts, strict=True):
    where = ", ".join(f"{x:.1f}" for x in v.crossings)
    kind = f"{v.kind} ({where} rungs)" if where else v.kind
    print(
        f"{e.value[0, 0]:>14.4f} {e.build[0, 0]:>15.1%} {e.stable!s:>8} {e.index:>7} "
        f"{e.proof.holds!s:>8}   {kind}"
    )
calm, middle, sprint = solution.equilibria
assert [v.kind for v in (verdicts[0], verdicts[2])] == ["run", "peloton"]
assert sum(e.index for e in solution.equilibria) == 1
assert sprint.value[0, 0] < 0.6 * calm.value[0, 0] and middle.index == -1
assert not any(v.cap_sensitive for v in verdicts)  # twice the rungs: the same kinds

# %% [markdown]
# In the calm equilibrium tied labs build only with what is idle, and every lead closes. In the
# sprint tied labs build with all they have, earn nothing meanwhile, and short leads grow. Both labs
# would rather be calm, but neither can calm down alone. The one in between is a threshold that best
# responses lead away from: its index is minus one.

# %%
states = solution.markov.states.tolist()
leads = range(race.rungs + 1)
with style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6))
    names = ("calm", "in between", "sprint")
    for k, (name, e) in enumerate(zip(names, solution.equilibria, strict=True)):
        look = {"color": COLOURS[k], "marker": MARKERS[k], "linestyle": "--" if k == 1 else "-"}
        left.plot(leads, [e.build[0, states.index([0, g])] for g in leads], label=name, **look)
        right.plot(leads[1:-1], verdicts[k].pace_ratio, **look)
    left.set(
        title="What the leader builds", xlabel="lead (rungs)", ylabel="share of compute that builds"
    )
    right.axhline(1, color=QUIET, linewidth=1)
    label(right, 7, 2.4, "leads grow", QUIET, ha="right")
    label(right, 7, 0.12, "leads close", QUIET, ha="right")
    right.set(title="Pace ratio", xlabel="lead (rungs)", ylabel="q (log scale)", yscale="log")
    right.set_yticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
    right.minorticks_off()
    left.legend(frameon=False, fontsize=8.5)
plt.show()

# %% [markdown]
# ## Which one? Basins and history
#
# Let labs learn: each round every lab replies best to what the other did in the last. From random
# policies, where does that lead?

# %%
for name, basin in zip((*names, "nowhere"), lb.basin(solution, samples=40), strict=True):
    print(f"{name:>10}: {basin.share:.0%} of the starts")
histories = ("A ahead by 2", "A ahead by 2, busy")
for history in histories:
    motion = lb.dynamics(race, "best-response", history, laps=40)
    print(f"from '{history}': {motion.outcome}, A's lead then {motion.board.mean[-1]:.1f} rungs")

# %% [markdown]
# The percentages measure a set of policies with an arbitrary yardstick; they are no forecast. What
# matters is that both are reached, and by what: labs with an idle past stay calm, labs with a busy
# past keep sprinting, and the same lead of two rungs fades in one world and stays in the other.
#
# ## Along a parameter, round the folds
#
# How much worse may a laggard's tools be before calm is impossible? Curves of equilibria are
# followed by arclength, so that they may turn back. Besanko, Doraszelski, Kryukov and Satterthwaite
# (2010) traced the equilibria of a learning-by-doing duopoly in this way.

# %%
found = lb.trace(race, "technology.handicap", 0.19, 0.28, thrifty)
for low, high, count in found.counts():
    print(f"handicap {low:.4f} to {high:.4f}: {count} equilibria")
print(f"{found.census.complete}: {found.census.message}")
assert [count for *_, count in found.counts()] == [1, 3, 1]
correspondence_figure(found)

# %% [markdown]
# Read it like a hysteresis loop. Raise the handicap slowly in a calm field and nothing much happens
# until the fold; there the calm equilibrium meets the threshold and both vanish, and the field must
# jump. Lowering the handicap again does not bring it back at the same place. A snapshot of such a
# field, however precise, cannot tell from technology and demand alone whether it races.
#
# ## Exercise
#
# Patience matters too. Hold the handicap: at which of the discount rates 0.1, 0.2 and 0.4 do the
# idle and the busy history lead to different equilibria?

# %% [markdown]
# ## Solution
#
# At the middle one only. Patient labs end in the sprint and impatient ones in the calm, whatever
# their past; between them the past decides. That two histories end alike does not prove that there
# is one equilibrium; `lb.solve(..., all=True)` or a trace along `discount` would look for more.

# %%
split, ties = {}, {}
for discount in (0.1, 0.2, 0.4):
    patient = replace(race, discount=discount)
    ends = [lb.dynamics(patient, "best-response", history, laps=60) for history in histories]
    tie = ties[discount] = [float(motion.play["A"][-1, 0]) for motion in ends]
    worth = [float(motion.payoffs[-1, 0]) for motion in ends]
    split[discount] = not np.isclose(*worth, rtol=1e-3)
    print(
        f"discount {discount}: builds at the tie {tie[0]:.0%} and {tie[1]:.0%}, "
        f"worth {worth[0]:.2f} and {worth[1]:.2f}"
    )
    assert all(motion.outcome == "converges" for motion in ends)
assert split == {0.1: False, 0.2: True, 0.4: False}
assert np.allclose([ties[0.1], ties[0.4]], [[1.0, 1.0], [0.4, 0.4]])
