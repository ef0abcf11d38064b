"""Running the server until it is interrupted."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import Callable
from contextlib import suppress

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from leaderbored.explore import answers
from leaderbored.explore.apart import Apart
from leaderbored.explore.maps import warm
from leaderbored.explore.server import HOST, application
from leaderbored.explore.setting import Setting
from leaderbored.games.problems import GameFileError, Mistake


def serve(given: str, port: int, say: Callable[[str], bool], *, browser: bool = False) -> bool:
    """Serve the page on this machine until somebody interrupts it.

    Parameters
    ----------
    given : str
        The file of the command line, or nothing.
    port : int
        0 for any that is free.
    say : callable
        Says the address; returns whether it could.
    browser : bool, default False
        Open one.

    Returns
    -------
    bool
        Whether the address could be said.

    Raises
    ------
    GameFileError
        If the port is taken.
    """
    try:
        sockets = bind_sockets(port, HOST)
    except OSError as error:
        reason = f"{(error.strerror or 'cannot be had').lower()}; expected one that is free"
        raise GameFileError("explore", [Mistake("--port", str(port), reason)]) from None
    address = f"http://{HOST}:{sockets[0].getsockname()[1]}/"

    with Apart() as mapping, Apart() as others:

        async def run() -> None:
            server = HTTPServer(application(given, mapping, others), max_buffer_size=4 * 2**20)
            server.add_sockets(sockets)
            await asyncio.Event().wait()

        mapping.begin(warm)
        others.begin(answers.table, Setting.of({}).race)  # what takes long is to begin at all
        said = say(f"{address} shows the explorer; Ctrl-C ends it")
        if browser and said:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            asyncio.run(run())
    return said
