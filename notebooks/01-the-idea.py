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
# # 1. The idea in ten minutes
#
# A lab owns a fixed amount of compute. What trains the next model cannot serve the present one, so
# every hour of every machine is either **built** with or **sold**. The lab with the best model has
# customers queueing and gives up revenue with each machine it trains on. A lab without them gives
# up little: its machines would stand idle. So the front of the field pays the most for the next
# step, and the question is whether that is enough to close leads. It may be; it need not.
#
# This notebook solves the smallest such game, looks at why its leads close, and then takes three
# of the reasons away. The others go deeper: [the one-shot contest](02-one-shot-contest.ipynb), [the
# lead ladder](03-the-lead-ladder.ipynb), [several equilibria](04-race-and-run.ipynb), [games of
# your own](05-your-own-game.ipynb), [what breaks the run](06-what-breaks-the-run.ipynb), [why
# secrets make it a race](07-why-secrets-make-it-a-race.ipynb), where prices answer to a shortage.
#
# ## The game
#
# Two labs with one unit of compute each stand on a ladder of capability. A lab that builds with the
# share $b$ succeeds at the hazard $\lambda\sqrt b$ a year, so it may try hard and fail. Success
# moves it up a rung. Total demand is $\psi$ times all compute, and goes to the labs by logit in
# their rungs; a lab earns the price times the smaller of what it serves and what is asked of it.
# Each maximises discounted revenue.
#
# We look for a *Markov-perfect equilibrium*: a share for each lab in each state of the ladder,
# which is a best response to the other's from every state on.

# %%
# %matplotlib inline
from dataclasses import replace

import leaderbored as lb
from leaderbored.figures.lead import lead_figure
from leaderbored.figures.race import race_figure

race = lb.Race(
    labs=[lb.Lab("A", compute=1), lb.Lab("B", compute=1)],
    market=lb.ScarceMarket(scarcity=0.8, switching=1.0),  # psi; and e^-1 of the customers per rung
    technology=lb.Technology(productivity=2.0, handicap=0.05),  # lambda; 5% slower per rung behind
    discount=0.2,  # a year
    rungs=10,  # longest lead that the model distinguishes
)
solution = lb.solve(race)
print(solution.status.message)
print(f"regret {solution.equilibria[0].regret:.0e}: the most that one lab could gain by deviating")

# %% [markdown]
# Read `status` first: if nothing converges there are no equilibria in the list, and it says what to
# change. `regret` is computed by another method than the solver's.
#
# ## Race or run?
#
# The verdict compares paces. The *pace ratio* $q(g)$ is the success hazard per unit of compute of a
# leader $g$ rungs ahead, over that of its chasers. Below one at every lead: a **run**, every lead
# tends to close. Above one at every lead: a **race**.

# %%
verdict = lb.verdict(solution)
print(verdict.headline)
print("Another verdict with twice the rungs?", "yes" if verdict.cap_sensitive else "no")
race_figure(solution, verdict)

# %% [markdown]
# ## Why leads close here
#
# Not because the leader is lazy or the laggard clever. Compare what is asked of each lab with what
# it has, lead by lead.

# %%
game, play = solution.markov, solution.equilibria[0]
ahead = [game.states.tolist().index([0, g]) for g in range(race.rungs + 1)]  # B is g rungs behind
demand, build = game.demand[:, ahead] / game.capacity[:, ahead], play.build[:, ahead]

print("lead   asked of leader   of laggard   leader builds   laggard builds")
for g in range(5):
    print(
        f"{g:>4} {demand[0, g]:>17.0%} {demand[1, g]:>12.0%} {build[0, g]:>15.0%} "
        f"{build[1, g]:>16.0%}"
    )
assert (demand[0, 1:] > 1).all() and (demand[1, 1:] < 1).all()

# %% [markdown]
# One rung is enough: the leader could sell more than all it has, the laggard less. The leader's
# machines cost it revenue when they train; the laggard's idle ones train for nothing. Demand that
# follows quality, capped by capacity, makes the headwind.
#
# ## What becomes of one lead
#
# An equilibrium is a law of motion, so a lead of three rungs has an expected course and a
# half-life.

# %%
path = lb.lead_path(solution, "A ahead by 3", years=6)
lead_figure(path)

# %% [markdown]
# ## It is no law of nature
#
# Change one assumption at a time. *Plenty*: there is compute for everybody, so that the leader has
# idle machines too. *Flywheel*: the leader's own model speeds up its work by a factor per rung of
# lead. *Handicap*: laggards work with much worse tools.

# %%
variants = {
    "as above": race,
    "plenty": replace(race, market=replace(race.market, scarcity=0.1)),
    "flywheel": replace(race, technology=replace(race.technology, flywheel=0.5)),
    "handicap": replace(race, technology=replace(race.technology, handicap=0.5)),
}
kinds = {}
for name, variant in variants.items():
    found = lb.verdict(lb.solve(variant))
    kinds[name] = found.kind
    print(f"{name:>10}: {found.headline}")
assert kinds["as above"] == "run" and "run" not in (kinds["flywheel"], kinds["handicap"])

# %% [markdown]
# The race that feeds on itself, in which better models build better models faster, and the run,
# in which success is a burden, are the same model at other numbers. That staying ahead can be less
# attractive than catching up is old: Vickers (1986) and Budd, Harris and Vickers (1993) ask whether
# duopolies drift apart or together, and Aghion, Harris, Howitt and Vickers (2001) let innovation be
# step by step. There, effort costs money. Here it costs the lab its own capacity to sell, and that
# cost rises with success.
#
# ## Exercise
#
# How short must compute be? Solve the game at scarcities from 0.1 to 2. Where does the lead change
# hands often? And what do tied labs do once demand exceeds all compute?

# %% [markdown]
# ## Solution
#
# The headwind exists in a range of scarcity only. With plenty of compute no lab is sold out. With
# demand beyond all compute, tied labs are sold out whatever their rank, so that a better model
# brings no revenue and nobody tries for one: leads close and then nothing moves. The verdict is a
# *standstill*, without any lead changes.

# %%
print("scarcity    verdict   lead changes a year   share that builds at the tie")
rates, tied = {}, {}
for scarcity in (0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 2.0):
    answer = lb.solve(replace(race, market=replace(race.market, scarcity=scarcity)))
    found = lb.verdict(answer, check_cap=False)
    rates[scarcity] = found.statistics.lead_changes_per_year or 0.0
    tied[scarcity] = float(answer.equilibria[0].build[0, 0])  # the first state is the tie
    print(f"{scarcity:>8} {found.kind:>10} {rates[scarcity]:>21.2f} {tied[scarcity]:>30.0%}")
assert max(rates, key=rates.get) == 0.7
assert tied[1.2] == tied[2.0] == rates[1.2] == 0
assert found.kind == "standstill"
