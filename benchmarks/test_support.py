"""What benchmarks borrow from the tests, wherever they are started from: browser, server, runs."""

import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
_browser = import_module("tests.browser.conftest")
_runs = import_module("tests.ui.by_hand")

CHROMIUM, FLAGS, Server = _browser.CHROMIUM, _browser.FLAGS, _browser.Server
write_run = _runs.write_run
