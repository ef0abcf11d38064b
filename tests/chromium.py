"""A headless Chromium, driven by its DevTools protocol over tornado's own client of web sockets."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tornado.websocket import websocket_connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FOUND = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


class Chromium:
    """A browser of its own, with pages that can be asked and clicked."""

    async def __aenter__(self) -> Chromium:
        self.home = Path(tempfile.mkdtemp(prefix="chromium"))
        port = "--remote-debugging-port=0"
        command = [str(FOUND), *FLAGS, port, f"--user-data-dir={self.home}", "about:blank"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for line in iter(self.process.stderr.readline, b""):
            if line.startswith(b"DevTools listening on "):
                self.socket = await websocket_connect(line.split()[-1].decode())
                break
        self.numbers, self.waiting, self.events = itertools.count(1), {}, []
        self.reading = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.reading.cancel()
        self.socket.close()
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        shutil.rmtree(self.home, ignore_errors=True)

    async def _read(self) -> None:
        while text := await self.socket.read_message():
            told = json.loads(text)
            if waiting := self.waiting.pop(told.get("id"), None):
                waiting.set_result(told)
            else:
                self.events.append(told)

    async def send(self, method: str, session: str | None = None, **params: Any) -> Any:
        number = next(self.numbers)
        answered = self.waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params}
        await self.socket.write_message(
            json.dumps(message | ({"sessionId": session} if session else {}))
        )
        told = await asyncio.wait_for(answered, 60)
        assert "error" not in told, told["error"]
        return told["result"]

    async def page(
        self, address: str, width: int = 1280, height: int = 900, dark: bool = False
    ) -> Page:
        context = (await self.send("Target.createBrowserContext"))["browserContextId"]
        made = await self.send("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.send("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        page = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            await page.send(f"{domain}.enable")
        await page.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await page.send("Emulation.setEmulatedMedia", features=[scheme])
        await page.send("Page.navigate", url=address)
        return page


class Page:
    """A page of its own context: no cookies and no memory are shared."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self.browser, self.session = browser, session

    async def send(self, method: str, **params: Any) -> Any:
        return await self.browser.send(method, self.session, **params)

    async def ask(self, expression: str) -> Any:
        """The value of an expression of JavaScript; of a promise what it comes to."""
        told = await self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, expression: str, seconds: float = 60.0) -> Any:
        """Its value once it is true."""
        for _ in range(int(seconds / 0.02)):
            if value := await self.ask(expression):
                return value
            await asyncio.sleep(0.02)
        raise AssertionError(f"never true: {expression}")

    async def picture(self, path: Path, whole: bool = True) -> None:
        told = await self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(told["data"]))

    def heard(self, method: str) -> list[Any]:
        """What happened of a kind."""
        return [
            event["params"]
            for event in self.browser.events
            if event.get("sessionId") == self.session and event["method"] == method
        ]
