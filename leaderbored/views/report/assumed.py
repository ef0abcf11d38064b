"""What each part of a game takes for granted, in a sentence, and who set it out first."""

from __future__ import annotations

NASH = "Nash, Annals of Mathematics 54, 1951"
ASSUMED = {  # by the class of the record
    "Race": (
        "Each lab splits its compute between building and selling, by who is how far behind and by "
        "nothing else that went before; all know where all stand and discount at one rate; leads "
        "longer than the last rung are not distinguished.",
        "Maskin and Tirole, Journal of Economic Theory 100, 2001 (Markov-perfect equilibrium); "
        "Aghion, Harris, Howitt and Vickers, Review of Economic Studies 68, 2001 (steps)",
    ),
    "Technology": (
        "Successes come without memory, at a rate that rises with building compute, with returns "
        "that do not increase; each is a rung, and a laggard's may leap to the frontier.",
        "Lee and Wilde, Quarterly Journal of Economics 94, 1980; Reinganum, Econometrica 50, 1982",
    ),
    "ScarceMarket": (
        "Customers choose by capability and brand, at prices that are set; those beyond what their "
        "lab sells go without. Compute beyond demand is idle.",
        "McFadden, in Frontiers in Econometrics, 1974 (logit shares)",
    ),
    "ClearingMarket": (
        "Customers choose by capability and price, or go without; labs set how much they sell, and "
        "prices are such that all of it finds a customer.",
        "Berry, RAND Journal of Economics 25, 1994; Kreps and Scheinkman, Bell Journal of "
        "Economics 14, 1983",
    ),
    "RevenueLadder": (
        "What a leader earns for each unit of compute depends on its lead alone, laggards earn as "
        "labs that are tied, and demand has no limit.",
        "Grossman and Helpman, Review of Economic Studies 58, 1991 (quality ladders)",
    ),
    "NormalForm": (
        "Each player chooses once, not knowing the choice of others, and knows all payoffs.",
        NASH,
    ),
    "FiniteGame": (
        "Each player chooses once, not knowing the choice of others, and knows all payoffs.",
        NASH,
    ),
    "Bayesian": (
        "Each player knows its own type and the law of all types, which is common knowledge.",
        "Harsanyi, Management Science 14, 1967",
    ),
    "Continuous": (
        "Each player chooses real numbers once, not knowing those of others; all know all payoffs.",
        "Debreu, Proceedings of the National Academy of Sciences 38, 1952",
    ),
    "Contest": (
        "Each lab builds once, and the chance to win rises with its share of what all build.",
        "Tullock, in Toward a Theory of the Rent-Seeking Society, 1980",
    ),
    "MarkovGame": (
        "Choices depend on the present state and on nothing else that went before.",
        "Shapley, Proceedings of the National Academy of Sciences 39, 1953; Maskin and Tirole, "
        "Journal of Economic Theory 100, 2001",
    ),
    "LinearQuadratic": (
        "The state moves linearly in state and controls, and costs are quadratic in them.",
        "Başar and Olsder, Dynamic Noncooperative Game Theory, 1999",
    ),
}
