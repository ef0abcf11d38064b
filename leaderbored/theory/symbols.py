"""The letters of the theory, each with its assumptions."""

from __future__ import annotations

import sympy as sp

N = sp.Symbol("N", integer=True, positive=True)
rho, lam, theta, gamma = sp.symbols("rho lambda theta gamma", positive=True)
K, f, tau, eps = sp.symbols("K f tau epsilon", positive=True)
b, h_F, D = sp.symbols("b h_F D", positive=True)
r_1, r_2 = sp.symbols("r_1 r_2", positive=True)
