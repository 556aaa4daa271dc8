"""A real Chromium over a real server: what it loads, what it complains of, how it looks."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from workbench.paths import PACKAGE

ROOT = PACKAGE.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 300_000
# The server and the runs of a test must not look up any other machine; the log tells if they try.
OFFLINE = """
import runpy, socket, sys
known = socket.getaddrinfo
def only_loopback(host, *settings, **more):
    name = host.decode() if isinstance(host, bytes) else host
    if name not in ("127.0.0.1", "localhost", "::1", "", None):
        print("LOOKED UP", name, file=sys.stderr, flush=True)
        raise socket.gaierror(name)
    return known(host, *settings, **more)
socket.getaddrinfo = only_loopback
runpy.run_path(sys.argv[1], run_name="__main__")
"""
# Gradio closes its own stream when a page is left; a killed server is what a test is about.
HARMLESS = ("/gradio_api/queue/data", "/gradio_api/heartbeat")
LEAVING = ("AbortError: signal is aborted", "Unexpected error Connection errored out")
"""Gradio says one of these of its own stream when a page is left while it waits."""
GONE = ("status of 404", "status of 409")
"""The browser's own words on images of a run that is deleted while they are loaded."""
SERVER_GONE = ("net::ERR_", "network error", "Connection errored out", "TypeError: Failed to fetch")


class Server:
    """The page's server as a user starts it, in folders of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.process = None
        self.run = None

    @property
    def runs(self):
        return self.folder / "runs"

    def start(self):
        environment = os.environ | {
            "WORKBENCH_RUNS": str(self.runs),
            "WORKBENCH_DATASETS": str(self.folder / "datasets"),
            "WORKBENCH_PORT": str(self.port),
            "WORKBENCH_BROWSER": "0",
        }
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", OFFLINE, str(ROOT / "app.py")],
                env=environment,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 300
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.2)
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        assert "LOOKED UP" not in (self.folder / "server.log").read_text()

    def _answers(self):
        try:
            with urllib.request.urlopen(self.url, timeout=60) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture(scope="module")
def chromium():
    """Skips where there is no Chromium, unless WORKBENCH_REQUIRE_BROWSER=1 says there must be.

    Ends with its module: while Playwright is there, its event loop runs in this thread, and no test
    could start one.
    """
    if not Path(CHROMIUM).exists():
        message = f"no browser at {CHROMIUM}: install Debian's chromium"
        if os.environ.get("WORKBENCH_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page whose requests and complaints are written down."""

    def __init__(self, page, server):
        self.page, self.server = page, server
        self.outside, self.complaints = [], []
        page.on("request", self._on_request)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.set_default_timeout(PATIENCE_MS)

    def open(self, query=""):
        self.page.goto(self.server.url + query)
        self.page.wait_for_selector("#editor .wb-field", state="attached")
        return self.page

    def check(self, allowed=()):
        assert self.outside == []
        allowed = (*allowed, *LEAVING)
        found = [text for text in self.complaints if not any(part in text for part in allowed)]
        assert found == []

    def _on_request(self, request):
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.outside.append(request.url)

    def _on_console(self, message):
        if message.type != "error":
            return
        where = message.location.get("url", "")
        if not any(part in where for part in HARMLESS):
            self.complaints.append(f"{message.text} ({where})")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let fixtures know that their test has failed."""
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed
    return report


@pytest.fixture
def visit(chromium, request):
    """Opens watched pages: ``visit(server, width=…, dark=…)``; checks them all at the end."""
    opened = []

    def visit(server, width=1280, height=900, dark=False, allowed=(), **settings):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            **settings,
        )
        watched = Watched(context.new_page(), server)
        opened.append((context, watched, allowed))
        return watched

    yield visit
    failed = getattr(request.node, "failed", False)
    for context, watched, allowed in opened:
        if failed:  # what a person would have seen, for whoever has the log alone
            print(
                f"{watched.page.url}\n{watched.page.inner_text('body')[:4000]}\n{watched.complaints}"
            )
        watched.check(allowed)
        context.close()


@pytest.fixture
def shoot():
    """Writes a screenshot for a person to look at, into WORKBENCH_SCREENS or ``.screens/``."""
    folder = Path(os.environ.get("WORKBENCH_SCREENS") or ROOT / ".screens")
    folder.mkdir(parents=True, exist_ok=True)

    def shoot(page, name, whole=False):
        page.screenshot(path=str(folder / f"{name}.png"), full_page=whole)

    return shoot


@pytest.fixture
def server(tmp_path):
    """A server of one test's own."""
    made = Server(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def serving(folder, prepare):
    """A server over what ``prepare(folder, runs)`` makes; it returns the run to look at."""
    made = Server(folder)
    made.run = prepare(folder, made.runs)
    yield made.start()
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A server shared by a module, over runs written by hand."""
    from tests.ui import by_hand

    folder = tmp_path_factory.mktemp("prepared")
    made = Server(folder)
    before = {name: os.environ.get(name) for name in ("WORKBENCH_RUNS", "WORKBENCH_DATASETS")}
    os.environ["WORKBENCH_RUNS"] = str(made.runs)
    os.environ["WORKBENCH_DATASETS"] = str(folder / "datasets")
    try:
        first = by_hand.write_run(overrides={"run.name": "first try"})
        by_hand.embed(first, folder / "images")
        by_hand.embed(first, folder / "images", "raw")
        by_hand.write_run("playground/global", {"training.seed": "3"})
        by_hand.write_run(
            overrides={"training.optimizer.learning_rate": "0.003", "run.name": "double rate"},
            state="failed",
            until=210,
            error="The loss term triplet is not finite at step 210. Lower the learning rate.",
        )
        by_hand.write_run(overrides={"run.name": "night run"}, state="running", until=233)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    yield made.start()
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)
