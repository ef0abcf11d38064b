"""The page: its frame in HTML, and what a setting fills into it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from leaderbored import __version__
from leaderbored.explore.controls import controls, panel
from leaderbored.explore.maps import axes
from leaderbored.explore.setting import GIVEN, OPENED, Numbers, Setting, names
from leaderbored.explore.tour import STEPS, record
from leaderbored.views.formats.html import escaped
from leaderbored.views.formats.style import STYLE

VIEW = ("x", "y", "points", "step")  # of an address: the map, and the step of the tour


@cache
def resource(name: str) -> str:
    """A part of the page.

    Examples
    --------
    >>> resource("page.js").startswith("//")
    True
    """
    text = files("leaderbored.explore").joinpath(name).read_text("utf-8")
    return f"{STYLE}{text}" if name.endswith(".css") else text


def frame(given: str = "") -> str:
    """The page, before anything is asked.

    Parameters
    ----------
    given : str, optional
        The file of the command line.

    Examples
    --------
    >>> "five-labs" in frame(), "http:" in frame()
    (True, False)
    """
    games = [*([(GIVEN, given)] if given else []), *((name, name) for name in names())]
    options = "".join(f'<option value="{key}">{escaped(told)}</option>' for key, told in games)
    steps = "".join(
        f'<li><button data-step="{k}">{escaped(step.title)}</button></li>'
        for k, step in enumerate(STEPS, 1)
    )
    values = {"GAMES": options, "STEPS": steps, "VERSION": __version__}
    return Template(resource("page.html")).substitute(values)


def split(asked: Numbers) -> tuple[dict[str, str], dict[str, str]]:
    """What an address says of the setting, and of the view.

    Examples
    --------
    >>> split({"discount": "0.2", "x": "market.scarcity"})
    ({'discount': '0.2'}, {'x': 'market.scarcity'})
    """
    setting = {name: text for name, text in asked.items() if name not in VIEW}
    return setting, {name: text for name, text in asked.items() if name in VIEW}


def filled(setting: Setting, view: Numbers) -> dict[str, Any]:
    """What a setting fills into the page: sliders, sides of the map, and its address.

    Examples
    --------
    >>> made = filled(Setting.of({"discount": "0.2"}), {})
    >>> made["address"], made["x"]
    ('game=two-labs&discount=0.2', 'market.scarcity')
    """
    x, y = axes(setting.race, view)
    sides = [control for control in controls(setting.race) if control.path != "rungs"]
    options = "".join(
        f'<option value="{escaped(side.path)}">{escaped(side.name)}</option>' for side in sides
    )
    return {
        "address": setting.address,
        "game": setting.game if not setting.game.startswith(OPENED) else "",
        "controls": panel(setting.race),
        "sides": options,
        "x": x.path,
        "y": y.path,
    }


def step(number: str) -> dict[str, Any]:
    """A step of the tour.

    Examples
    --------
    >>> step("1")["title"], step("9")
    ('The race', {})
    """
    if not (number.isdigit() and 1 <= int(number) <= len(STEPS)):
        return {}
    at = STEPS[int(number) - 1]
    told = {"title": at.title, "said": at.said, "numbers": at.numbers, "of": len(STEPS)}
    return {**told, "record": record() if int(number) == len(STEPS) else ""}
