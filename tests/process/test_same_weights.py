"""The same recipe and seed give the same weights, whatever else the machine is doing."""

import hashlib
import subprocess
import sys
import time

import pytest

from workbench.runs.checkpoints import checkpoint_folder
from workbench.runs.lifecycle import launch

PATIENCE_SECONDS = 900
BUSY = "while True: pass"


def weights_after(steps):
    """The digests of the weights that quick ends with, and what it was computed with."""
    run = launch.start(
        "playground/quick",
        {
            "training.length.count": steps,
            "run.devices": ["cpu"],
            "data.dataset.test_identities": 20,
        },
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while run.status().alive:
        assert time.monotonic() < deadline, run.log_file.read_text()
        time.sleep(0.5)
    status = run.status()
    assert status.state == "finished", status
    files = sorted(checkpoint_folder(run).glob("*.safetensors"))
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert set(digests) == {"raw.safetensors", "averaged.safetensors"}
    return digests, status.computed


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.process
def test_quick_alone_and_beside_two_busy_processes_ends_with_the_same_weights():
    alone = weights_after(40)
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(2)]
    try:
        beside = weights_after(40)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert beside == alone
    assert "measured" not in alone[1]
