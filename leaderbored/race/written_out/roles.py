"""The race as one lab meets it whose rivals are alike, written out from its record.

At two leaderboards that differ by which of its alike rivals is where a lab faces the same, if these
do alike. So of such leaderboards one is kept: that on which rivals of a sort stand in order, the
furthest ahead first.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from leaderbored.race.written_out import WrittenOut
from leaderbored.race.written_out.board import Places

if TYPE_CHECKING:
    from leaderbored.race.race import Race


class Tagged(WrittenOut):
    """The states of a race without mechanisms that one lab tells apart, or one who decides for all.

    Parameters
    ----------
    race : Race
    lab : int, optional
        Which lab; by default none, and all alike labs stand in order.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> Tagged(race, 1).boards.tolist()  # A before C, and never the other way round
    [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 1]]
    >>> Tagged(race).boards.tolist()
    [[0, 0, 0], [0, 0, 1], [0, 1, 1]]
    """

    def __init__(self, race: Race, lab: int | None = None) -> None:
        self.race, self.labs, self.on = race, race.labs, race.mechanisms
        self.count, self.rungs, self.lab = len(race.labs), race.rungs, lab
        self.rivals: list[list[int]] = []
        for i, mine in enumerate(self.labs):
            alike = [group for group in self.rivals if self._alike(self.labs[group[0]], mine)]
            if i == lab:
                continue
            if alike:
                alike[0].append(i)
            else:
                self.rivals.append([i])
        self._power = (self.rungs + 1) ** np.arange(self.count, dtype=np.int64)[::-1]
        self.boards = self._told_apart()
        self._keys = self.boards @ self._power
        self.size = len(self.boards)
        self.copies, self._split = 1, np.zeros(self.size, dtype=np.int64)
        self._true = self._seen = np.arange(self.size)
        self.behind = self.seen = self.boards.T.astype(float)
        self.owned = np.repeat([[mine.compute] for mine in self.labs], self.size, axis=1)

    @staticmethod
    def _alike(a: object, b: object) -> bool:
        """Whether two labs are the same but for their names."""
        return {**vars(a), "name": ""} == {**vars(b), "name": ""}

    def _told_apart(self) -> Places:
        """(M, N) leaderboards on which rivals of a sort stand in order, in lexicographic order."""
        groups = [*([] if self.lab is None else [[self.lab]]), *self.rivals]
        parts = [self._with_front(groups, first) for first in range(len(groups))]
        every = np.concatenate(parts)
        return np.asarray(every[np.argsort(every @ self._power)])

    def _with_front(self, groups: list[list[int]], first: int) -> Places:
        """The same, not in order, of which a group is the first with a lab on the frontier."""
        every = np.zeros((1, self.count), dtype=np.int64)
        for k, group in enumerate(groups):
            behind = group[1:] if k == first else group  # the first of it is on the frontier
            rungs = range(1 if k < first else 0, self.rungs + 1)
            ways = np.array(list(combinations_with_replacement(rungs, len(behind))), dtype=np.int64)
            every = np.repeat(every, len(ways), axis=0)
            every[:, behind] = np.tile(ways, (len(every) // len(ways), 1))
        return every

    def _place(self, boards: Places) -> Places:
        """Positions of leaderboards (M, N), once rivals of a sort are put in order."""
        ordered = boards.copy()
        for group in self.rivals:
            ordered[:, group] = np.sort(boards[:, group], axis=1)
        return super()._place(ordered)
