"""A second look at what is proved: files of proofs, written and checked by code of its own.

What is checked is read from the file (:mod:`.reading`) and enclosed in balls of python-flint
(:mod:`.stage`, :mod:`.alone`) and, where all values of a race are covered, in intervals of whole
numbers (:mod:`.fixed` to :mod:`.cover`); nothing that found the equilibria, or proved them, is
used.
"""

from leaderbored.solvers.checked.files import Checked, check, proof_of

__all__ = ["Checked", "check", "proof_of"]
