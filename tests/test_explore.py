"""The explorer: its address is its command, its answers are those of the verbs, it is private."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import sys
import tomllib
from concurrent.futures import Future
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode

import chromium
import numpy as np
import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.explore import answers, charts, maps
from leaderbored.explore.apart import Apart
from leaderbored.explore.controls import controls, panel
from leaderbored.explore.server import HOST, application
from leaderbored.explore.setting import Setting, changed, names, opened, text_of
from leaderbored.explore.tour import STEPS
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load, load_all, loads, loads_all, starter
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.budget import StoppedError

NAMED = '<img src=x onerror="alert(1)">'
CHAINS = [
    [("labs", "4"), ("market", "scarce"), ("lease", "on")],
    [("market", "scarce"), ("lease", "on"), ("labs", "2"), ("lease", "off")],
    [("market", "ladder"), ("labs", "3")],
    [("market", "ladder"), ("market", "clearing")],
]


def repeated(command):
    """The race that a command solves."""
    words = shlex.split(command.rpartition("&& ")[2])
    assert words[:2] == ["leaderbored", "race"]
    path = starter("race") if words[2] == "two-labs.toml" else find(words[2])
    return load(path, words[4::2])


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("game", names()[:2])
def test_the_address_and_the_command_hold_the_setting(game, chain):
    setting = Setting.of({"game": game, "market.scarcity": "0.75", "discount": "0.25"})
    for change in chain:
        setting = setting.put(changed(setting.race, *change))
    again = Setting.of(dict(parse_qsl(setting.address)))
    assert again.race == setting.race == repeated(setting.command)
    assert opened(text_of(setting.race)).race == setting.race


def test_a_saved_file_says_what_is_thought_of_numbers_that_were_not_changed():
    thought = load_all(find("five-labs"))[1]
    setting = Setting.of({"game": "five-labs"})
    assert loads_all(setting.text) == (setting.race, thought)
    again = opened(setting.text)
    assert loads_all(Setting.of({"game": again.game}).text) == (setting.race, thought)
    moved = loads_all(Setting.of({"game": "five-labs", "market.scarcity": "0.75"}).text)[1]
    assert moved == {path: s for path, s in thought.items() if path != "market.scarcity"}
    other = loads_all(setting.put(changed(setting.race, "market", "scarce")).text)[1]
    assert thought.keys() - other.keys() == {"market.worth", "market.openness"}


def test_sliders_reach_what_they_show():
    start = Setting.of({})
    for market in ("scarce", "clearing", "ladder"):
        race = changed(start.race, "market", market)
        found = controls(race)
        assert all(control.low <= control.value <= control.high for control in found)
        for end in ("low", "high"):
            moved = {c.path: f"{getattr(c, end):g}" for c in found if c.path != "rungs"}
            again = Setting.of({**start.put(race).changes, **moved}).race
            ends = {c.path: getattr(c, end) for c in found if c.path != "rungs"}
            assert {c.path: c.value for c in controls(again) if c.path != "rungs"} == ends


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"discount": "-1", "labs.A.compute": "x"}, ("discount = -1", "labs[0].compute = 'x'")),
        ({"game": "../../etc/passwd"}, ("expected one of two-labs",)),
        ({"game": "opened.AAAA"}, ("expected an address as this page writes it",)),
        ({"technology.hanidcap": "0.1"}, ("handicap",)),
        ({"game": "given"}, ("expected one of",)),
        ({"x": "nowhere"}, ("expected one of",)),
    ],
)
def test_mistakes_are_sentences(asked, said):
    with pytest.raises(GameFileError) as found:
        maps.axes(Setting.of({k: v for k, v in asked.items() if k != "x"}).race, asked)
    assert all(text in str(found.value) for text in said)


class Tags(HTMLParser):
    """Elements and attributes of a piece of HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.names = set(), set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}


def test_names_are_data():
    """A lab may be called anything: nothing of it becomes an element."""
    race = lb.Race(
        [lb.Lab(NAMED, 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1), 0.5, 2
    )
    made = answers.answer(race)
    pieces = [panel(race), *made["shown"].values(), made["board"]["strip"]]
    for piece in pieces:
        found = Tags(piece)
        assert "img" not in found.tags and not any(name.startswith("on") for name in found.names)
    assert "&lt;img" in panel(race)
    with pytest.raises(GameFileError):
        changed(race, "market", NAMED)


def test_the_tour_shows_what_it_says():
    def kind(numbers):
        asked = {name: text for name, text in numbers.items() if name not in ("x", "y")}
        solution = lb.solve(Setting.of(asked).race, lb.Method(certify=False))
        return lb.verdict(solution, check_cap=False).kind

    for step in STEPS[:4]:
        assert kind(step.numbers) == step.verdict, step.title
    race, headwind, _, broken = (step.numbers for step in STEPS[:4])
    assert {k: v for k, v in headwind.items() if k != "market.scarcity"} == race
    assert kind({**broken, "technology.flywheel": "0.15"}) == "race"
    assert kind({**broken, "technology.flywheel": "0.05"}) == "run"
    assert kind({**broken, "market.scarcity": "0.8"}) == "race"


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tornado", None)
    assert main(["explore"]) == 1
    assert "pip install leaderbored[explore]" in capsys.readouterr().err


@asynccontextmanager
async def served(given=""):
    """The server, and its address."""
    sockets = bind_sockets(0, HOST)
    with Apart() as mapping, Apart() as others:
        server = HTTPServer(application(given, mapping, others))
        server.add_sockets(sockets)
        yield f"http://{HOST}:{sockets[0].getsockname()[1]}/"
        server.stop()
        await server.close_all_connections()


@pytest.mark.parametrize("top", [0.3, 0.6, 0.9])
def test_names_of_lines_stand_clear_of_their_points(top):
    humped = top * np.exp(-(((np.arange(21) - 6) / 5) ** 2))
    drawn = charts.builds(humped, np.full(21, np.nan))
    x, y = map(float, re.search(r'<text class="leader" x="([\d.]+)" y="([\d.]+)"', drawn).groups())
    dots = [tuple(map(float, each)) for each in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawn)]
    assert len(dots) == 20
    wide, high, radius = 20, 10, 4
    assert not [d for d in dots if abs(d[0] - x) < wide and y - high - radius < d[1] < y + radius]


def test_the_server_answers_each_and_nobody_else(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    path.write_text(starter("race").read_text("utf-8"), "utf-8")
    asked = [{"rungs": "3", "market.scarcity": f"{0.5 + k / 10:g}"} for k in range(4)]

    async def go():
        async with served(str(path)) as address:
            client = AsyncHTTPClient()

            async def get(query, **more):
                return await client.fetch(f"{address}{query}", raise_error=False, **more)

            frame = await get("")
            foreign = await get("", headers={"Host": "example.org"})
            wrong = await get("answer?discount=-1")
            saved = await get("setting.toml?discount=0.3")
            text = path.read_text("utf-8").replace('"two labs"', '"mine"')
            posted = await get("controls", method="POST", body=text)
            told = await asyncio.gather(*(get(f"answer?{urlencode(each)}") for each in asked))
            return frame, foreign, wrong, saved, posted, told

    frame, foreign, wrong, saved, posted, told = asyncio.run(go())
    assert frame.code == 200 and "default-src 'none'" in frame.headers["Content-Security-Policy"]
    assert foreign.code == 404 and wrong.code == 400
    assert json.loads(wrong.body)["trouble"] == "discount = -1: expected greater than 0"
    assert tomllib.loads(saved.body.decode())["discount"] == 0.3
    address = dict(parse_qsl(json.loads(posted.body)["address"]))
    assert Setting.of(address).race.name == "mine"
    for each, answer in zip(asked, told, strict=True):
        changes = [word for path, text in each.items() for word in ("--set", f"{path}={text}")]
        found = json.loads(answer.body)
        assert main(["race", str(path), "--one", "--json", *changes]) == 0
        assert json.loads(capsys.readouterr().out)["equilibria"][0]["headline"] == found["headline"]


@pytest.mark.parametrize("what", ["answer", "equilibria"])
def test_what_was_stopped_is_answered_and_leaves_no_traceback(monkeypatch, caplog, what):
    def stopped(*_):
        raise StoppedError

    def begun(*_):
        future = Future()
        future.set_exception(StoppedError())
        return future, lambda: None

    monkeypatch.setattr(answers, "answer", stopped)
    monkeypatch.setattr(Apart, "begin", begun)

    async def go():
        async with served() as address:
            return await AsyncHTTPClient().fetch(
                f"{address}{what}?rungs=3", raise_error=False, request_timeout=5
            )

    told = asyncio.run(go())
    assert told.code == 503 and "time was up" in json.loads(told.body)["trouble"]
    assert "Traceback" not in caplog.text


@pytest.mark.slow
def test_the_map_is_of_the_verdicts():
    """Of a coarse map each point is what the verb says of the race there, and CSV holds it."""
    race = Setting.of({"rungs": "2", "market.scarcity": "0.7"}).race
    race = changed(changed(race, "market", "clearing"), "labs", "3")  # too many for kernels
    made = maps.drawn(race, {"points": "3"})
    assert made.points == 3 and made.next == 5
    header, *rows = maps.table(race, {"points": "3"}).splitlines()
    assert header.split(",")[:3] == ["market.scarcity", "technology.handicap", "verdict"]
    assert len(rows) == 9
    for row in rows:
        x, y, kind, *_ = row.split(",")
        there = Setting.of({}).put(race).race
        there = loads(text_of(there), [f"market.scarcity={x}", f"technology.handicap={y}"])
        assert lb.verdict(lb.solve(there), check_cap=False).kind == (kind or None)
        assert f"{kind or 'no verdict'}" in made.picture


@pytest.mark.slow
@pytest.mark.skipif(chromium.FOUND is None, reason="no Chromium on this machine")
def test_a_click_on_an_equilibrium_shows_it():
    """Of three equilibria each has its own sentence, charts and numbers in the page."""

    async def go():
        async with served() as address, chromium.Chromium() as browser:
            page = await browser.page(f"{address}?rungs=20")
            await page.until("document.querySelectorAll('#equilibria button').length === 3")
            seen = []
            for k in range(3):
                await page.ask(f"document.querySelectorAll('#equilibria button')[{k}].click()")
                seen.append(
                    [
                        await page.ask(f"document.getElementById('{part}').innerHTML")
                        for part in ("headline", "facts", "charts", "numbers")
                    ]
                )
            pressed = await page.ask(
                "[...document.querySelectorAll('#equilibria button')]"
                ".map(e => e.getAttribute('aria-pressed')).join()"
            )
            return seen, pressed, page.heard("Runtime.exceptionThrown")

    seen, pressed, broken = asyncio.run(asyncio.wait_for(go(), 150))
    assert pressed == "false,false,true" and not broken
    solution = lb.solve(Setting.of({"rungs": "20"}).race, all=True)
    for k, parts in enumerate(seen):
        told = lb.verdict(solution, k).statistics
        assert f"{answers.number(told.mean_lead)} rungs" in parts[1] and all(parts)
    assert len({tuple(parts[2:]) for parts in seen}) > 1


@pytest.mark.slow
@pytest.mark.skipif(chromium.FOUND is None, reason="no Chromium on this machine")
def test_in_a_browser(capsys):
    """A slider is moved, and the verdict is that of the command line; two do not disturb."""

    async def go():
        async with served() as address, chromium.Chromium() as browser:
            first = await browser.page(f"{address}?rungs=6", dark=True)
            second = await browser.page(f"{address}?rungs=3", width=390, height=800)
            for page in (first, second):
                await page.until("document.getElementById('command')?.textContent")
            calm = await second.ask("document.getElementById('command').textContent")
            move = (
                "(() => {const s = document.getElementsByName('technology.handicap')[0];"
                "s.value = 0.3; s.dispatchEvent(new Event('input', {bubbles: true}))})()"
            )
            await first.ask(move)
            await first.until("document.getElementById('command').textContent.includes('0.3')")
            said = await first.ask("document.getElementById('headline').textContent")
            command = await first.ask("document.getElementById('command').textContent")
            where = await first.ask("location.search")
            await first.until("document.getElementById('map-picture') !== null")
            before = await first.ask("document.getElementById('here').getAttribute('transform')")
            await first.ask("document.getElementById('map').focus()")
            for kind in ("keyDown", "keyUp"):
                await first.send("Input.dispatchKeyEvent", type=kind, key="ArrowRight")
            after = await first.ask("document.getElementById('here').getAttribute('transform')")
            wide = await second.ask("document.documentElement.scrollWidth")
            unnamed = await first.ask(
                "[...document.querySelectorAll('input, select, button')].filter(e => !e.hidden && "
                "!(e.labels?.length || e.textContent.trim() || e.ariaLabel)).length"
            )
            still = await second.ask("document.getElementById('command').textContent")
            asked = [
                each["request"]["url"]
                for page in (first, second)
                for each in page.heard("Network.requestWillBeSent")
            ]
            broken = first.heard("Runtime.exceptionThrown") + second.heard("Log.entryAdded")
            return (
                address,
                said,
                command,
                where,
                before,
                after,
                wide,
                unnamed,
                calm,
                still,
                asked,
                broken,
            )

    found = asyncio.run(asyncio.wait_for(go(), 150))
    address, said, command, where, before, after, wide, unnamed, calm, still, asked, broken = found
    assert "technology.handicap=0.3" in where and "technology.handicap=0.3" in command
    words = shlex.split(command.rpartition("&& ")[2])
    assert main(["race", str(starter("race")), *words[3:], "--one", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["equilibria"][0]["headline"] == said
    assert before != after and calm == still and wide == 390 and unnamed == 0
    assert all(url.startswith((address, "data:")) for url in asked) and not broken
    assert np.isfinite(len(asked))
