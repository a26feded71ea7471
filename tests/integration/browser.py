"""A headless Chromium, driven over its DevTools protocol: opens pages, runs scripts in them, and records what the page
asks for and complains of. One command a time; the package is python3-websockets."""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import time

import websockets

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
START_SECONDS = 60
WAIT_SECONDS = 60
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1400",
    # What a page asks for from outside fails, whether or not there is a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)
# A page reports what its content policy refused; the browser's log names some of it only.
REPORT_VIOLATIONS = """
window.refused = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.refused.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
"""


class Page:
    """A tab. requests: addresses that it asked for; complaints: errors and warnings of its console and the browser's."""

    def __init__(self, connection):
        self.connection = connection
        self.session = None
        self.requests = []
        self.complaints = []
        self.last_id = 0

    async def command(self, method, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        await self.connection.send(json.dumps(message))
        while True:
            answer = json.loads(await asyncio.wait_for(self.connection.recv(), WAIT_SECONDS))
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.record(answer.get("method"), answer.get("params", {}))

    def record(self, event, values):
        if event == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif event == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{values['entry']['text']} {values['entry'].get('url', '')}")
        elif event == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(one.get("value", one.get("description"))) for one in values["args"]))
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(values["exceptionDetails"]))

    async def open(self, url):
        await self.command("Page.navigate", url=url)

    async def evaluate(self, script):
        """The value of the last expression; a promise is waited for."""
        done = await self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise AssertionError(f"{script}: {done['exceptionDetails']['exception'].get('description')}")
        return done["result"].get("value")

    async def until(self, script):
        """The value of the script once it is truthy."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            value = await self.evaluate(script)
            if value:
                return value
            assert time.monotonic() < end, f"not within {WAIT_SECONDS} s: {script}; {self.complaints}"
            await asyncio.sleep(0.1)

    async def click(self, selector):
        await self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    async def type_into(self, selector, text):
        await self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        await self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        await self.command("Input.insertText", text=text)

    async def refused(self):
        """What the page's content policy refused."""
        return await self.evaluate("window.refused")

    async def screenshot(self, path):
        shot = await self.command("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))


@contextlib.asynccontextmanager
async def opened_page(profile):
    """A page of a browser of its own, whose profile is a new folder."""
    with open(profile.with_suffix(".log"), "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        async with websockets.connect(await address_of(process, profile), max_size=None) as connection:
            page = Page(connection)
            target = await page.command("Target.createTarget", url="about:blank")
            attached = await page.command("Target.attachToTarget", targetId=target["targetId"], flatten=True)
            page.session = attached["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                await page.command(f"{domain}.enable")
            await page.command("Page.addScriptToEvaluateOnNewDocument", source=REPORT_VIOLATIONS)
            yield page
            page.session = None
            # It may be gone before it answers.
            with contextlib.suppress(websockets.ConnectionClosed):
                await page.command("Browser.close")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=START_SECONDS)
    finally:
        # What is left of it, after a failure: the whole group, for the browser is many processes.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def address_of(process, profile):
    """Of the DevTools, which the browser writes into its profile."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            port, path = (profile / "DevToolsActivePort").read_text(encoding="ascii").split()
            return f"ws://127.0.0.1:{port}{path}"
        await asyncio.sleep(0.1)
    log = profile.with_suffix(".log").read_text(encoding="utf-8")
    raise AssertionError(f"the browser did not start: {log[-2000:]}")
