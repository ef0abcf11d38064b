r"""Replies on a piece that is known, in balls or in power series in balls.

With a lower cost c of a unit of share up to the share that uses idle compute, and a higher one
beyond, the reply to a gain x is at most five pieces:

=========  ==============================================================================
low        the least share: x < 0, or not worth its cost there
spare      c > 0: :math:`(\theta\, scale\, x / c)^{1 / (1 - \theta)}`, below idle compute
idle       all idle compute, and not more
inner      the same at the higher cost, above idle compute
high       the largest share
=========  ==============================================================================

Whoever asks for a piece gets the reply on it, if all gains in a ball have their reply there.
Where one may not, the reply may stand on a kink, and :class:`UnprovedError` says so.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from flint import arb, arb_series

from leaderbored.solvers.numerics.krawczyk import UnprovedError

ZERO = "the gain of {} may be zero there"


class Reply(NamedTuple):
    """A share, and its effort."""

    share: Any
    effort: Any


class Numbers(Protocol):
    """Numbers of a player in a state, in balls or power series."""

    @property
    def scale(self) -> Any:
        """Hazard at an effort of one."""

    @property
    def low(self) -> Any:
        """Least share."""

    @property
    def high(self) -> Any:
        """Largest share."""

    @property
    def idle(self) -> Any:
        """Share that uses idle compute: between the bounds, or the very object of one of them."""


def idle_share(demand: Any, capacity: Any, low: Any, high: Any, where: str) -> Any:
    """Share that uses idle compute: certainly between the bounds, or certainly that of a bound.

    Examples
    --------
    >>> idle_share(arb(1), arb(2), low := arb(0), high := arb(1), "A")
    0.500000000000000
    >>> idle_share(arb(3), arb(2), low, high, "A") is low
    True

    Raises
    ------
    UnprovedError
        If neither is certain.
    """
    if demand is None:
        return low
    idle = 1 - demand / capacity
    if head(idle) < head(low) or head(idle) == head(low):
        return low
    if head(idle) > head(high):
        return high
    if not (head(idle) > head(low) and head(idle) < head(high)):
        raise UnprovedError(f"idle compute of {where} may come or go there")
    return idle


def reply_on(
    kind: str, gain: Any, here: Numbers, costs: tuple[Any, Any], *, theta: Any, where: str
) -> Reply:
    """The reply on a piece, for certain.

    Parameters
    ----------
    kind : str
        The piece; or ``"stays"``, of who cannot move.
    gain : ball or series
    here : Numbers
    costs : pair
        Of a unit of share, up to idle compute and beyond; of theta one there is no inner piece.
    theta : ball or series
    where : str
        What the player and the state are called.

    Raises
    ------
    UnprovedError

    Examples
    --------
    >>> from typing import NamedTuple
    >>> class Here(NamedTuple):
    ...     scale = low = idle = high = arb(0)
    >>> reply_on("stays", arb(1), Here(), (arb(0), arb(1)), theta=arb(0.5), where="A").share
    0
    """
    spare, dear = costs
    rises, full = here.idle is not here.low, here.idle is here.high
    if kind == "stays":
        return _at(here.low, theta)
    if kind == "low":
        return _lowest(gain, here, spare if rises else dear, theta, where)
    if not head(gain) > 0:
        raise UnprovedError(ZERO.format(where))
    if kind in ("spare", "inner"):
        below, above = (here.low, here.idle) if kind == "spare" else (here.idle, here.high)
        share = _root(spare if kind == "spare" else dear, gain, here, theta)
        certain = share is not None and head(share) > head(below) and head(share) < head(above)
    elif kind == "idle":
        share = here.idle
        certain = full or _side(dear, gain, here, theta, share) < 0
        certain = certain and (not rises or _side(spare, gain, here, theta, share) > 0)
    else:
        share = here.high
        certain = _side(spare if full else dear, gain, here, theta, share) > 0
    if not certain:
        raise UnprovedError(f"the reply of {where} may stand on a kink there")
    return _at(share, theta)


def _at(share: Any, theta: Any) -> Reply:
    return Reply(share, power(share, theta))


def _lowest(gain: Any, here: Numbers, cost: Any, theta: Any, where: str) -> Reply:
    """The least share; that of zero also as the end of an inner piece, where a gain may be zero."""
    top = head(gain).upper()
    if head(gain) < 0 or (
        not nothing(cost) and (top <= 0 or _side(cost, top, here, theta, here.low) < 0)
    ):
        return _at(here.low, theta)
    if nothing(cost) or not nothing(here.low) or not head(theta) >= 0.5 or head(theta) == 1:
        raise UnprovedError(ZERO.format(where))
    most = _at(_root(cost, top, here, theta), theta)
    if not head(most.share) < head(here.idle if here.idle is not here.low else here.high):
        raise UnprovedError(ZERO.format(where))
    return Reply(
        *(
            _rising(end, gain, top, rate)
            for end, rate in zip(most, (1 / (1 - theta), theta / (1 - theta)), strict=True)
        )
    )


def _rising(end: Any, gain: Any, top: Any, rate: Any) -> Any:
    """A power of the part of a gain above zero, with exponent one or more, up to where it ends."""
    value = arb(0).union(head(end).upper())
    moves = [end[1]] if isinstance(end, arb_series) else []
    if isinstance(gain, arb_series):
        moves.append(rate * head(end) / top * gain[1])
    slope = sum((arb(0).union(move) for move in moves), arb(0))
    return arb_series([value, slope]) if moves else value


def _root(cost: Any, gain: Any, here: Numbers, theta: Any) -> Any | None:
    """The share whose last unit is worth its cost; None where building is free or linear."""
    if nothing(cost) or head(theta) == 1:
        return None
    return power(theta * here.scale * gain / cost, 1 / (1 - theta))


def _side(cost: Any, gain: Any, here: Numbers, theta: Any, edge: Any) -> int:
    """1 if the reply to a gain above zero is certainly above a share, -1 if below, else 0."""
    if nothing(cost):
        return 1
    if head(theta) == 1:
        ratio = head(here.scale * gain / cost)
        return int(bool(ratio > 1)) - int(bool(ratio < 1))
    share = head(_root(cost, gain, here, theta))
    return int(bool(share > head(edge))) - int(bool(share < head(edge)))


def head(term: Any) -> Any:
    """The value of a term: of a power series where it begins."""
    return term[0] if isinstance(term, arb_series) else term


def nothing(term: Any) -> bool:
    """Whether a term is zero, whatever moves."""
    return isinstance(term, arb) and bool(term.is_zero())


def power(base: Any, exponent: Any) -> Any:
    """A power; of a base of zero nothing."""
    if nothing(base):
        return arb(0)
    if isinstance(base, arb) and isinstance(exponent, arb):
        return base**exponent
    return (exponent * base.log()).exp()
