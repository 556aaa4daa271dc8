"""Another program starts, follows and stops a run through the page's named endpoints."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.experiment.tiny import DRAWN
from workbench.paths import PACKAGE

pytestmark = [pytest.mark.process, pytest.mark.timeout(1200)]
ROOT = PACKAGE.parent
# Large enough for the four stripes of playground/quick.
TINY = DRAWN | {
    "data.dataset.image_height": 64,
    "data.height": 64,
    "data.width": 32,
    "training.length.count": 100_000,
    "training.evaluate.kind": "never",
}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def subprocess_is_silent(port):
    time.sleep(0.1)
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def address(tmp_path):
    port = free_port()
    with open(tmp_path / "server.log", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            env=os.environ | {"WORKBENCH_PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    while subprocess_is_silent(port):
        assert server.poll() is None, (tmp_path / "server.log").read_text()
    yield f"http://127.0.0.1:{port}/"
    server.terminate()
    server.wait(20)


CLIENT = """
import json, sys, time
from gradio_client import Client
client = Client(sys.argv[1], verbose=False)
call = lambda name, *values: client.predict(*values, api_name=name)
def wait(run, done, seconds=400):
    until = time.monotonic() + seconds
    while not done(status := call("/run_status", run)):
        assert time.monotonic() < until, status
        time.sleep(0.3)
    return status
run = call("/start_run", "playground/quick", sys.argv[2])
wait(run, lambda status: status["step"] >= 20)
call("/stop_run", run)
stopped = wait(run, lambda status: status["state"] == "stopped")
call("/resume_run", run)
went_on = wait(run, lambda status: status["step"] > stopped["step"] + 5)
call("/stop_run", run)
wait(run, lambda status: status["state"] == "stopped")
refusals = []
for values in (("/start_run", "playground/quick", '{"data.height": "many"}'),
               ("/start_run", "playground/quick", "[1"), ("/rank", run, 0)):
    try:
        call(*values)
    except Exception as error:
        refusals.append(str(error))
print(json.dumps({"run": run, "states": [stopped["state"], went_on["state"]],
                  "refusals": refusals}))
"""


def test_start_follow_stop_and_resume(address):
    # The port is taken at once; the first answer comes when Gradio is loaded.
    urllib.request.urlopen(address, timeout=120).close()
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, address, json.dumps(TINY)],
        capture_output=True,
        text=True,
        timeout=1100,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["states"] == ["stopped", "running"]
    height, damaged, ranking = told["refusals"]
    assert height.startswith("data.height = many: not a whole number")
    assert damaged.startswith("overrides: not JSON")
    assert "not embedded yet" in ranking


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"WORKBENCH_HOST": "0.0.0.0"}, "this machine only"),
        ({"WORKBENCH_PORT": "many"}, "not a port"),
    ],
)
def test_a_page_that_cannot_be_opened_says_why(settings, words):
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
