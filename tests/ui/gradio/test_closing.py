"""Ctrl-C on the page's server while a browser listens to it."""

import os
import signal
import subprocess
import sys
import urllib.request

import pytest


@pytest.mark.process
@pytest.mark.timeout(300)
def test_ctrl_c_with_a_tab_open_ends_quietly_with_130(tmp_path):
    places = {"WORKBENCH_RUNS": str(tmp_path / "runs"), "WORKBENCH_DATASETS": str(tmp_path)}
    environment = os.environ | places | {"WORKBENCH_BROWSER": "0"}
    environment.pop("WORKBENCH_PORT", None)
    with subprocess.Popen(
        [sys.executable, "-m", "workbench", "app"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as server:
        try:
            words = server.stdout.readline().split()
            (address,) = [word for word in words if word.startswith("http://")]
            # What Gradio's own script holds open as long as its page is.
            with urllib.request.urlopen(f"{address}gradio_api/heartbeat/tab", timeout=200) as tab:
                assert tab.status == 200
                server.send_signal(signal.SIGINT)
                _, errors = server.communicate(timeout=60)
        finally:
            server.kill()
    assert "Traceback" not in errors
    assert "Error" not in errors
    assert server.returncode == 130
