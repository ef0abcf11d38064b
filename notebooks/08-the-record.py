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
# # 8. The record
#
# The lessons so far are about a model. The claim they test, that leads limit themselves, is about
# the world: leaders of the public leaderboards came and went from 2023 to 2026. This lesson asks
# whether that needs labs that answer one another, or whether anything else would have looked the
# same. Two boards are shipped, as tables derived from public ones: the Arena's text leaderboard
# (LMArena, CC BY 4.0) and the Epoch Capabilities Index (Epoch AI, CC BY 4.0).

# %%
# %matplotlib inline
import numpy as np

import leaderbored as lb
from leaderbored.evidence.account import account
from leaderbored.evidence.backtest import backtest
from leaderbored.evidence.boards import board
from leaderbored.evidence.fit import fit
from leaderbored.evidence.forecast import only, seen
from leaderbored.evidence.hazards import hazards, pooled
from leaderbored.evidence.null import null
from leaderbored.evidence.predictions import predictions
from leaderbored.evidence.scores import Scores
from leaderbored.figures.timeline import timeline

arena, index = account("arena"), account("eci")
timeline([arena, index])

# %% [markdown]
# The lead changed hands eleven times on each board, but not at the same times, nor between the
# same labs: boards disagree about who is best.
#
# ## What independent labs would show
#
# Suppose that no lab answers another. Each keeps its own records, the sizes of its improvements
# and the waits between them, but in an order of chance. Whoever is behind has more to gain from
# its next record, so that leads shrink in this world, too, though nobody means them to.

# %%
index.table()

# %% [markdown]
# Nothing in the last table is unusual: neither how often the lead changed, nor how large it was,
# nor how fast it shrank. **A lead that shrinks is no evidence of a run.**
#
# ## Do longer leads protect?
#
# In a run every lead closes. One might expect long leads to be lost as soon as short ones. They
# are not: the hazard of losing the lead falls with its length, by more than half for each mean
# lead.

# %%
for found in (pooled(), hazards([board("arena"), board("eci")])):
    lead = found.by_lead
    boards = ", ".join(found.boards)
    print(f"{boards}: times {lead.at:.2f} ({lead.low:.2f} to {lead.high:.2f})")

# %% [markdown]
# ## The five labs beside the record
#
# The race of the five labs can be held against the index directly. Its equilibrium draws a
# thousand histories as long as the record, and the same is asked of each.

# %%
race = lb.load("five-labs")
solution = lb.solve(race)
scores = only(seen(board("eci")).renamed({"xAI": "SpaceX-xAI"}), [lab.name for lab in race.labs])
rung = float(board("eci").lead_at(board("eci").weeks()).mean())
beside = predictions(solution, scores, rung)
beside.plot()

# %% [markdown]
# The race has the number of lead changes right, and shuffled records hardly do. But it is too
# quick to forget: on the board who leads tends to lead a year later as well, short leads are lost
# and long ones kept, and those who were overtaken come back sooner.

# %%
assert beside.every[0].p_race < 0.05  # something does speak against the race
assert all(each.p_shuffled > 0.05 for each in beside.every)  # and nothing against shuffled records
backtest(solution, scores, rung).table()

# %% [markdown]
# As a forecast the race is best over one year, and beaten over three months and three years by
# labs that merely go on as before.
#
# ## Could another race have shown it?
#
# Two equal labs, at every pace, handicap and scarcity of a grid: yes, and most of those that fit
# are runs.

# %%
fit(board("eci")).table()

# %% [markdown]
# So the record allows a run, and does not ask for one. What would tell the two apart is what labs
# *do* when they lead and when they trail: how they split their compute. Of that only two labs'
# years are public.
#
# ## Exercise
#
# Draw a board on which the trailing lab does answer, and see whether the shuffle notices. Two
# labs improve by steps of equal size, the one behind three times as often as the one ahead, for
# eight years.
#
# ## Solution

# %%
random = np.random.default_rng(1)
day, standing, rows = 0.0, np.zeros(2), [(0, 0, 0.0), (0, 1, 0.5)]
standing[1] = 0.5
while day < 8 * 365:
    behind = int(standing.argmin())
    rates = np.where(np.arange(2) == behind, 3.0, 1.0) / 120
    day += random.exponential(1 / rates.sum())
    lab = int(random.random() < rates[1] / rates.sum())
    standing[lab] += 1.0
    rows.append((int(day), lab, standing[lab]))
when, who, height = map(np.array, zip(*rows, strict=True))
made = Scores("answers", ("A", "B"), np.datetime64("2018-01-01") + when, who, height)
found = null(made, draws=500)
print(dict(zip(found.names, found.p_values.round(3).tolist(), strict=True)))
assert found.p_values[1] < 0.05  # leads are shorter than independent labs would have them
