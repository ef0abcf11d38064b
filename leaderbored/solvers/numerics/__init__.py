"""Numerical methods that know no game: linear systems, complementarity, brackets, paths."""
