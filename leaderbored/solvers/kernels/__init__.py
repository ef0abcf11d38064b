"""Many races of two labs at once: kernels that numba compiles to machine code.

Everything that a map needs of a point is done in machine code, with no Python in between: tables,
policy iteration, Newton's method, and the regret by a judge that shares nothing with these. Each
module names its twin, the part of the single solver that does the same for one race with numpy, and
tests compare the two. What a kernel does not take, or is not sure of, is left to the single solver.

Importing this package imports numba, which takes a while: import it where it is used.
"""
