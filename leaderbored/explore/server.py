"""The server: on this machine alone, and without a memory of who asked what.

Pages that other sites show cannot ask it, as it answers to its own names alone and a policy forbids
frames; nor can the page ask anything of others.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tornado.ioloop import IOLoop
from tornado.routing import HostMatches
from tornado.web import Application, HTTPError, RequestHandler

from leaderbored.explore import answers, maps
from leaderbored.explore.apart import Apart
from leaderbored.explore.page import filled, frame, resource, split, step
from leaderbored.explore.setting import Setting, changed, opened, text_of
from leaderbored.games.problems import GameFileError
from leaderbored.games.record import RefusedError
from leaderbored.solvers.budget import StoppedError

HOST = "127.0.0.1"
NAMES = r"(127\.0\.0\.1|localhost)"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "toml": "application/toml; charset=utf-8",
    "png": "image/png",
}

FILES: dict[str, Callable[..., Any]] = {
    "setting.toml": text_of,
    "leads.csv": answers.table,
    "figure.png": answers.figure,
    "answer.json": answers.data,
    "map.csv": maps.table,
    "map.png": maps.figure,
}


class LateError(Exception):
    """Of work that was stopped; what stops it is no Exception, and the server would not see it."""


async def _in_time(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except (StoppedError, asyncio.CancelledError):
        late = "The time was up, or somebody moved on, before there was an answer."
        raise LateError(late) from None


class Handler(RequestHandler):
    """What all answers have in common: they are of a setting, and mistakes are sentences."""

    def initialize(self, given: str, mapping: Apart, others: Apart) -> None:
        """Know the file of the command line, and the workers."""
        self.given, self.mapping, self.others, self.gone = given, mapping, others, False
        self.stops: list[Callable[[], None]] = []

    def set_default_headers(self) -> None:
        """Forbid all that the page does not need."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def on_connection_close(self) -> None:
        """Stop work that nobody waits for."""
        self.gone = True
        for stop in self.stops:
            stop()

    def say(self, body: Any, kind: str = "json") -> None:
        """Answer."""
        self.set_header("Content-Type", TYPES[kind])
        self.finish(json.dumps(body, allow_nan=False) if isinstance(body, dict) else body)

    def asked(self) -> tuple[Setting, dict[str, str]]:
        """The setting and the view of the address."""
        given = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        numbers, view = split(given)
        return Setting.of(numbers, self.given), view

    async def soon(self, make: Callable[..., Any], *given: Any) -> Any:
        """What is quick, in a thread."""
        return await _in_time(IOLoop.current().run_in_executor(None, partial(make, *given)))

    async def later(self, workers: Apart, make: Callable[..., Any], *given: Any) -> Any:
        """What takes seconds, in a process of its own, as long as somebody waits."""
        future, stop = workers.begin(make, *given)
        self.stops.append(stop)
        return await _in_time(asyncio.wrap_future(future))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what is wrong in sentences."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        if isinstance(error, GameFileError):
            parts = [
                f"{m.place.removeprefix('--set ')}{f' = {m.value}' if m.value else ''}: "
                f"{m.expected}"
                for m in error.mistakes
            ]
            self.set_status(400)
            said = "; ".join(parts)
        elif isinstance(error, RefusedError):
            self.set_status(400)
            said = str(error)
        elif isinstance(error, LateError):
            self.set_status(503)
            said = str(error)
        elif isinstance(error, HTTPError):
            said = f"{self.request.path}: {error.reason or self._reason}"
        else:
            said = f"{type(error).__name__}: {error}. Please report this, with the address."
        self.say({"trouble": said})

    def log_exception(self, *told: Any) -> None:
        """Mistakes of a setting are said on the page, and not logged."""
        if not isinstance(told[1], GameFileError | RefusedError | LateError):
            super().log_exception(*told)


class Page(Handler):
    """The page itself, and its parts."""

    def get(self, name: str) -> None:
        """Send a part."""
        kind = name.rpartition(".")[2] if name else "html"
        self.say(resource(name) if name else frame(self.given), kind)


class Controls(Handler):
    """Sliders of a setting, after a change of labs, market or lease if one is asked for."""

    def get(self) -> None:
        """Send what a setting fills into the page."""
        what, to = self.get_query_argument("change", ""), self.get_query_argument("to", "")
        for name in ("change", "to"):
            self.request.query_arguments.pop(name, None)
        setting, view = self.asked()
        if what:
            setting = setting.put(changed(setting.race, what, to))
            known = {"x", "y"} & view.keys()
            view = {name: path for name, path in view.items() if name not in known}
        self.say(filled(setting, view))

    def post(self) -> None:
        """Open a file."""
        setting = opened(self.request.body.decode("utf-8-sig", "replace"))
        self.say(filled(setting, {}))


class Tour(Handler):
    """A step of the tour."""

    async def get(self, number: str) -> None:
        """Send it."""
        self.say(await self.soon(step, number))


class Answer(Handler):
    """What is shown at once."""

    async def get(self) -> None:
        """Solve in a thread; the map and every equilibrium are worked out elsewhere."""
        setting, _ = self.asked()
        found = await self.soon(answers.answer, setting.race, lambda: self.gone)
        self.say({**found, "command": setting.command})


class Every(Handler):
    """Every equilibrium."""

    async def get(self) -> None:
        """Look for all in a worker."""
        setting, _ = self.asked()
        self.say(await self.later(self.others, answers.equilibria, setting.race))


class Map(Handler):
    """The map."""

    async def get(self) -> None:
        """Draw it in a worker."""
        setting, view = self.asked()
        drawn = await self.later(self.mapping, maps.drawn, setting.race, view)
        self.say(vars(drawn))


class File(Handler):
    """Something to take away."""

    async def get(self, name: str) -> None:
        """Make a file in a worker."""
        setting, view = self.asked()
        race, make = setting.race, FILES[name]
        if make is text_of:
            made = setting.text
        elif name.startswith("map"):
            made = await self.later(self.mapping, make, race, view)
        else:
            made = await self.later(self.others, make, race)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.say(made, name.rpartition(".")[2])


def application(given: str, mapping: Apart, others: Apart) -> Application:
    """All that the server answers, to requests for its own names alone."""
    known = {"given": given, "mapping": mapping, "others": others}
    files = "|".join(map(re.escape, FILES))
    routes = [
        (r"/(|page\.css|page\.js)", Page, known),
        (r"/controls", Controls, known),
        (r"/tour/(\d+)", Tour, known),
        (r"/answer", Answer, known),
        (r"/equilibria", Every, known),
        (r"/map", Map, known),
        (rf"/({files})", File, known),
    ]
    return Application([(HostMatches(NAMES), routes)], log_function=lambda _: None)
