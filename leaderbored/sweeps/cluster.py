"""Blocks of a sweep on other processes or machines, by a Dask scheduler.

A block that a worker took with it when it died goes to another one. Whoever works runs the same
versions: what is solved is the same wherever it was solved.
"""

from __future__ import annotations

import errno
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from importlib import import_module
from itertools import islice
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

from leaderbored.games.problems import GameFileError, Mistake

ADDRESS = re.compile(r"local:([1-9]\d{0,3})|tcp://[^\s/]+:\d{1,5}")
PATIENCE = 10.0  # seconds to wait for a scheduler, and then for a worker
AHEAD = 2  # blocks that each worker has before it
DECIDING = ("leaderbored", "numpy", "scipy", "numba", "distributed")  # packages
TURN = Lock()  # a process solves one block at a time: the limit on BLAS threads is its own

Work = Callable[[], bytes]


def mistaken(address: str) -> Mistake | None:
    """What is wrong with the address of a cluster, as far as can be told without asking for it.

    Examples
    --------
    >>> mistaken("local:2"), mistaken("local:0").expected
    (None, 'expected tcp://HOST:PORT of a Dask scheduler, or local:N to start N workers here')
    """
    if not ADDRESS.fullmatch(address):
        said = "expected tcp://HOST:PORT of a Dask scheduler, or local:N to start N workers here"
        return Mistake("--cluster", address, said)
    try:
        import_module("distributed")
    except ImportError:
        said = "expected the extra cluster: pip install 'leaderbored[cluster]'"
        return Mistake("--cluster", address, said)
    return None


class Cluster:
    """Workers that a scheduler knows.

    Attributes
    ----------
    address : str
    client : distributed.Client
    """

    def __init__(self, address: str, client: Any) -> None:
        self.address, self.client = address, client

    def solved(self, works: Mapping[int, Work]) -> Iterator[tuple[int, bytes]]:
        """What works return, by number, in the order in which they are ready.

        Raises
        ------
        ConnectionError
            If the scheduler is gone, or workers died of one and the same block.
        GameFileError
            If a worker runs other versions.
        """
        from distributed import KilledWorker

        try:
            yield from self._going(works)
        except KilledWorker as error:
            block = str(error.task).partition(" of ")[0]
            said = f"{block} was given up: every worker that had it died"
        except _losses():
            said = "the scheduler is gone"
        else:
            return
        said += "; finished blocks are on disk, and the sweep can be resumed"
        raise ConnectionError(errno.ECONNABORTED, said, self.address)

    def _going(self, works: Mapping[int, Work]) -> Iterator[tuple[int, bytes]]:
        from distributed import as_completed

        waiting, run, ours = iter(works.items()), uuid4().hex, versions()
        numbers: dict[str, int] = {}
        going = as_completed(loop=self.client.loop)
        while True:
            ahead = AHEAD * max(1, len(self.client.nthreads())) - len(numbers)
            for k, work in islice(waiting, max(0, ahead)):
                key = f"block {k:05} of {run}"
                numbers[key] = k
                going.add(self.client.submit(_on_worker, work, key=key, pure=False))
            if not numbers:
                return
            future = next(going)
            theirs, content = future.result()
            self._insist(ours, theirs)
            k = numbers.pop(future.key)
            future.release()
            yield k, content

    def check(self) -> None:
        """See that there are workers, and that they and the scheduler run what is run here."""
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise _refused(self.address, "the scheduler has no worker") from None
        told = self.client.get_versions(packages=DECIDING)
        for each in (told["scheduler"], *told["workers"].values()):
            self._insist(told["client"]["packages"], each["packages"])

    def _insist(self, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
        """See that the others run what is run here."""
        differ = [name for name in (*DECIDING, "python") if theirs.get(name) != ours[name]]
        if differ:
            found = ", ".join(f"{n} {theirs.get(n) or 'missing'}, not {ours[n]}" for n in differ)
            raise _refused(self.address, f"expected the same versions as here, found {found}")


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """The workers at an address, or as many of one's own as it says, while it lasts.

    Parameters
    ----------
    address : str
        ``tcp://HOST:PORT`` of a scheduler, or ``local:N`` for N processes that this one starts.

    Raises
    ------
    GameFileError
        If there is no such cluster, it has no worker, or other versions.
    """
    wrong = mistaken(address)
    if wrong is not None:
        raise GameFileError("sweep", [wrong])
    from distributed import Client

    with ExitStack() as stack:
        stack.enter_context(_quiet())
        many = ADDRESS.fullmatch(address)[1]  # type: ignore[index]
        at = _started(int(many), stack) if many else address
        try:
            client = Client(at, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError):
            raise _refused(address, "there is no scheduler, or none that can be reached") from None
        stack.callback(_close, client)
        cluster = Cluster(address, client)
        cluster.check()
        yield cluster


def versions() -> dict[str, str]:
    """What the last digit may depend on, and whether two processes understand each other.

    Examples
    --------
    >>> import numpy
    >>> versions()["numpy"] == numpy.__version__
    True
    """
    found = {name: str(import_module(name).__version__) for name in DECIDING}
    return {"python": ".".join(map(str, sys.version_info)), **found}


def _on_worker(work: Work) -> tuple[dict[str, str], bytes]:
    with TURN:
        return versions(), work()


def _started(many: int, stack: ExitStack) -> Any:
    """So many workers of one thread each, which nobody but this machine can reach."""
    from distributed import LocalCluster

    cluster = LocalCluster(
        n_workers=many,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    )
    stack.callback(_close, cluster)
    return cluster


def _close(opened: Any) -> None:
    """In a thread of its own: what interrupts this one must leave no process behind."""
    closing = Thread(target=opened.close)
    closing.start()
    closing.join()


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask tells of every lost worker at length; here a sentence is said, or nothing is lost."""
    log = logging.getLogger("distributed")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        log.setLevel(before)


def _losses() -> tuple[type[Exception], ...]:
    """What is raised when it was the scheduler that went."""
    from distributed.comm.core import CommClosedError

    return (CancelledError, CommClosedError, TimeoutError)


def _refused(address: str, said: str) -> GameFileError:
    return GameFileError("sweep", [Mistake("--cluster", address, said)])
