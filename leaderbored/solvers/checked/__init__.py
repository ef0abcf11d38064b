"""A second look at what is proved: files of proofs, written and checked by code of its own.

What is checked is read from the file and enclosed in balls of python-flint; nothing that found the
equilibria, or proved them, is used (:mod:`.stage`, :mod:`.alone`, :mod:`.listing`).
"""

from leaderbored.solvers.checked.files import Checked, check, proof_of

__all__ = ["Checked", "check", "proof_of"]
