"""What one equation alone leaves of values, gains and hazards, in whole numbers."""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.checked.cells import X, Y, ahead, box
from leaderbored.solvers.checked.fixed import END, Fixed, empty, meet, minus, plus, times
from leaderbored.solvers.checked.reply import RANGE
from leaderbored.solvers.checked.response import (
    answers,
    at,
    driven,
    earning,
    needed,
    succeeding,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any

# Rows of what is known at a lead: both values; what the first lab gains by a success of its own,
# and the second loses by it; what the first loses by one of the second's, and that gains; hazards.
A, B, OWN, LOSS, LOST, GAIN, HA, HB = range(8)
KNOWN = 8


@compiled
def known(v: Array, k: int) -> Fixed:
    """The interval in a row."""
    return v[k, 0], v[k, 1]


@compiled
def begin(cell: Array, v: Array) -> None:
    """All that a cell says before anything is cut."""
    v[:, 0], v[:, 1] = -END, END
    v[A, 0], v[A, 1] = box(cell, X)
    v[B, 0], v[B, 1] = box(cell, X + 2)


@compiled
def consistent(rho: Fixed, pa: Array, pb: Array, cell: Array, v: Array, r: Array, t: Array) -> bool:
    """Cut ``v`` (8, 2) and x' within ``r`` (2, 2), in place; whether anything is left."""
    a, b, ra, rb = known(v, A), known(v, B), known(r, 0), known(r, 1)
    own = meet(meet(known(v, OWN), minus(box(cell, Y), a)), at(pa, RANGE))
    own = meet(own, ahead(cell, 0, a, b))
    loss = meet(known(v, LOSS), minus(box(cell, Y + 2), b))
    loss = meet(loss, ahead(cell, 1, a, b))
    lost = meet(known(v, LOST), minus(ra, a))
    gain = meet(meet(known(v, GAIN), minus(rb, b)), at(pb, RANGE))
    if empty(own) or empty(loss) or empty(lost) or empty(gain):
        return False
    # rho B = W_B(gain) + h_A loss, and what the second lab answers
    wa, ha = answers(pa, own, t)
    ha = meet(ha, known(v, HA))
    gain = earning(pb, minus(times(rho, b), times(ha, loss)), gain, t)
    if empty(ha) or empty(gain):
        return False
    wb, hb = answers(pb, gain, t)
    hb = meet(hb, known(v, HB))
    # rho A = W_A(own) + h_B lost
    wanted = minus(times(rho, a), wa)
    lost = needed(wanted, hb, lost)
    if empty(hb) or empty(lost):
        return False
    hb = driven(wanted, lost, hb)
    if empty(hb):
        return False
    gain = succeeding(pb, hb, gain, t)
    own = earning(pa, minus(times(rho, a), times(hb, lost)), own, t)
    if empty(own) or empty(gain):
        return False
    wanted = minus(times(rho, b), wb)
    loss = needed(wanted, ha, loss)
    if empty(loss):
        return False
    ha = driven(wanted, loss, ha)
    if empty(ha):
        return False
    own = succeeding(pa, ha, own, t)
    if empty(own):
        return False
    a = meet(meet(a, minus(ra, lost)), minus(box(cell, Y), own))
    b = meet(meet(b, minus(rb, gain)), minus(box(cell, Y + 2), loss))
    ra, rb = meet(ra, plus(a, lost)), meet(rb, plus(b, gain))
    if empty(a) or empty(b) or empty(ra) or empty(rb):
        return False
    v[A, 0], v[A, 1] = a
    v[B, 0], v[B, 1] = b
    v[OWN, 0], v[OWN, 1] = own
    v[LOSS, 0], v[LOSS, 1] = loss
    v[LOST, 0], v[LOST, 1] = lost
    v[GAIN, 0], v[GAIN, 1] = gain
    v[HA, 0], v[HA, 1] = ha
    v[HB, 0], v[HB, 1] = hb
    r[0, 0], r[0, 1] = ra
    r[1, 0], r[1, 1] = rb
    return True
